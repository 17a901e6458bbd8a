"""The permission table is what the application answers: every route, every role, own objects and others'."""

from pathlib import Path

from coordinator.db import Database
from tests.coordinator.web.permissions import PAGE, permissions_page, prepared_application


def test_the_page_says_what_the_application_answers(sqlite: Database, tmp_path: Path) -> None:
    written = PAGE.read_text("utf-8").splitlines()
    found = permissions_page(prepared_application(sqlite, tmp_path)).splitlines()
    stale = {"to be added": [line for line in found if line not in written],
             "to be removed": [line for line in written if line not in found]}  # fmt: skip
    assert found == written, f"run python -m tests.coordinator.web.permissions: {stale}"
