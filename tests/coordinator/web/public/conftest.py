"""Anonymous clients of a real application."""

from pathlib import Path

import pytest

from coordinator.db import Database
from tests.coordinator.web.application import RunningApplication, open_application


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    """The application on SQLite, for what does not depend on the kind of database."""
    return open_application(sqlite, tmp_path)


@pytest.fixture
def outside_both(database: Database, tmp_path: Path) -> RunningApplication:
    """The application on each kind of database."""
    return open_application(database, tmp_path)
