"""Outsiders before a real application."""

from pathlib import Path

import pytest

from coordinator.db import Database
from tests.coordinator.web.public.outside import Outside, open_outside


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> Outside:
    """The application on SQLite, for what does not depend on the kind of database."""
    return open_outside(sqlite, tmp_path)


@pytest.fixture
def outside_both(database: Database, tmp_path: Path) -> Outside:
    """The application on each kind of database."""
    return open_outside(database, tmp_path)
