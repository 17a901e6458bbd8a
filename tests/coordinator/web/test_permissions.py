"""The permission table: every route and every role, as documented and as answered."""

from pathlib import Path

from coordinator.db import Database
from tests.coordinator.web.permissions import (
    CALLERS,
    answers_to_all,
    documented_permissions,
    every_method,
    prepared_application,
)


def test_every_route_answers_each_role_as_the_table_says(sqlite: Database, tmp_path: Path) -> None:
    outside, keys = prepared_application(sqlite, tmp_path)
    table = documented_permissions()
    known = {(method, route.rule.rule) for method, route in every_method(outside)}
    assert set(table) == known, {"not in the table": known - set(table), "no such route": set(table) - known}
    wrong = {
        (method, route.rule.rule): dict(zip(CALLERS, found, strict=True))
        for method, route in every_method(outside)
        if (found := answers_to_all(outside, keys, method, route)) != table[method, route.rule.rule]
    }
    assert wrong == {}
