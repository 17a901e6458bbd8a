"""No page of the desk asks the database more often because there is more in it: not for a line, nor for a figure."""

from pathlib import Path

import pytest

from benchmarks import city, pages
from coordinator.db import Database
from coordinator.jobs.indexing import rebuild
from tests.conftest import Kept


def asked(database: Database, folder: Path, bulletins: int, sites: int, copies: int) -> dict[str, int]:
    """How many statements each page takes with a city of this size."""
    with database.write() as session:
        city.fill(session, bulletins, sites, copies)
    rebuild(database)
    client = pages.client_of(pages.app_on(database, folder), database)
    found = {}
    for path in pages.PAGES:
        pages.spent(client, path)  # whatever is only done once, and that it is this page that answers
        found[path] = pages.statements(database, client, path)
    newest = f"/desk/bulletins/BT-2026-11-24-{bulletins:06d}"
    pages.spent(client, newest)
    found["a bulletin"] = pages.statements(database, client, newest)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    return tmp_path


def test_every_page_takes_as_many_statements_with_a_hamlet_as_with_a_town(kept_sqlite: Kept, folder: Path) -> None:
    with kept_sqlite.fresh(folder / "hamlet.db") as database:
        hamlet = asked(database, folder, 40, 16, 60)
    with kept_sqlite.fresh(folder / "town.db") as database:
        town = asked(database, folder, 120, 24, 300)
    assert town == hamlet
    assert max(town.values()) <= 60
