"""The number of SQL statements of a desk page does not grow with the number of rows or figures."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks import city, pages
from campaigns.bulletins.bulletins import Bulletin
from campaigns.republications.republications import Republication
from campaigns.search import results
from coordinator.db import Database
from coordinator.jobs.search import rebuild_index
from tests.conftest import Kept


def asked(database: Database, folder: Path, bulletins: int, sites: int, copies: int) -> dict[str, int]:
    """Return the number of statements of each page with a city of this size."""
    with database.write() as session:
        city.fill(session, bulletins, sites, copies)
    rebuild_index(database)
    client = pages.client_of(pages.app_on(database, folder), database)
    found = {}
    for path in pages.PAGES:
        pages.spent(client, path, time.perf_counter)  # fills the caches, and checks that this page answers
        found[path] = pages.statements(database, client, path)
    with database.read() as session:  # one with copies in both, whose partners are looked up once
        code = session.execute(
            sa.select(Bulletin.code).where(
                Bulletin.id == sa.select(sa.func.min(Republication.bulletin_id)).scalar_subquery()
            )
        ).scalar_one()
    copied = f"/desk/bulletins/{code}"
    pages.spent(client, copied, time.perf_counter)
    found["a bulletin"] = pages.statements(database, client, copied)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    return tmp_path


def test_every_page_takes_as_many_statements_with_a_hamlet_as_with_a_town(
    kept_sqlite: Kept, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A search with more hits than are ranked needs two more statements: here both have more.
    monkeypatch.setattr(results, "MOST_RANKED", 1)
    with kept_sqlite.fresh(folder / "hamlet.db") as database:
        hamlet = asked(database, folder, 40, 16, 60)
    with kept_sqlite.fresh(folder / "town.db") as database:
        town = asked(database, folder, 120, 24, 300)
    assert town == hamlet
    assert max(town.values()) <= 60
