"""The permission table: every route of the map and every role, as documented and as answered."""

from pathlib import Path

from coordinator.db import Database
from tests.coordinator.web.permissions import WHO, asked, prepared, row, written


def test_every_route_answers_each_role_as_the_table_says(sqlite: Database, tmp_path: Path) -> None:
    outside, keys = prepared(sqlite, tmp_path)
    table = written()
    known = {(method, route.rule.rule) for method, route in asked(outside)}
    assert set(table) == known, {"not in the table": known - set(table), "no such route": set(table) - known}
    wrong = {
        (method, route.rule.rule): dict(zip(WHO, found, strict=True))
        for method, route in asked(outside)
        if (found := row(outside, keys, method, route)) != table[method, route.rule.rule]
    }
    assert wrong == {}
