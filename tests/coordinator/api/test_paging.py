"""Ranges of days of the lists."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.mark.parametrize("path", ["/cases", "/findings", "/republications"])
def test_a_range_of_days_that_ends_before_it_begins_is_named(world: ApiHarness, path: str) -> None:
    refused = world.caller("analyst").get(f"{path}?from=2026-12-31&to=2026-10-01")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.get_json()["errors"]] == ["to"]
    assert world.caller("analyst").get(f"{path}?from=2026-10-01&to=2026-10-01").status_code == 200
