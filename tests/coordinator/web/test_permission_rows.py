"""The permission table has a row for every route; what its rows say is compared in ``test_permissions``."""

import re
from pathlib import Path

from coordinator.db import Database
from tests.coordinator.web.application import open_application
from tests.coordinator.web.permissions import PAGE, every_method


def test_every_method_of_every_route_has_a_row_and_no_row_is_of_a_route_that_is_gone(
    sqlite: Database, tmp_path: Path
) -> None:
    table = PAGE.read_text("utf-8").partition("\n## ")[0]
    rows = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`", table, re.MULTILINE))
    outside = open_application(sqlite, tmp_path)
    assert rows == {f"{method} {route.rule.rule}" for method, route in every_method(outside)}
