"""Server time of the desk's pages with a whole city in the database, against a page with nothing on it.

The yardstick is the search's page before anything was asked, in an empty installation: the frame, the menus, the counts
beside them, and no rows.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks import city, worlds
from benchmarks.measure import Line
from campaigns.core.pace import NORMAL
from campaigns.people.staff import Role
from campaigns.publishing.addresses import Addresses
from coordinator.app import create_app
from coordinator.channels import registry
from coordinator.config import Settings, secret_key
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.indexing import rebuild
from coordinator.jobs.workplace import Front, Workplace
from coordinator.keeping import PageStore
from coordinator.sealing import Seal

EMPTY = "/desk/search"
ROUNDS = 15
PAGES = (
    "/", "/desk/bulletins", "/desk/bulletins?q=tiem", "/desk/bulletins?page=150", "/desk/calendar", "/desk/deliveries",
    "/desk/republications", "/desk/republications?status=all&page=300", "/desk/republications/rep_00000007",
    "/desk/removals", "/desk/progress/", "/desk/partners", "/desk/partners/cong-ty-7", "/desk/channels/",
    "/desk/reports", "/desk/search?q=tiem+chung", "/desk/search?q=v%C3%A0&kind=copy&topic=dich-benh", "/desk/account",
    "/desk/admin/", "/desk/admin/people", "/desk/admin/keys", "/desk/admin/topics", "/desk/admin/campaigns",
    "/desk/admin/journal/",
)  # fmt: skip


class Standing(Workplace):
    """A workplace on the day that the city is made for."""

    def now(self) -> Any:
        """That moment."""
        return worlds.NOW


class _Nobody:
    """A runner that has nothing to do."""

    def nudge(self, kind: str, key: str = "") -> None:
        """Nothing."""


def app_on(database: Database, folder: Path) -> Flask:
    """The whole application on a database."""
    settings = Settings(data_dir=folder, base_url="http://localhost:8800")
    place = Standing(
        database=database,
        door=Door(user_agent="bench"),
        seal=Seal(secret_key(settings)),
        store=PageStore(folder / "pages"),
        natures=registry.natures(),
        addresses=Addresses(settings.base_url),
        pace=NORMAL,
    )
    return create_app(Front(place, _Nobody(), settings))


def client_of(app: Flask) -> FlaskClient:
    """Somebody who may see every page."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session["fs_uniquifier"] = f"uniq-{Role.ADMIN.value}"
        session["_fresh"] = True
    return client


def took(client: FlaskClient, path: str) -> float:
    """Milliseconds of this process's CPU time for one answer, the median of rounds."""
    found = []
    for number in range(ROUNDS + 1):
        began = time.process_time()
        answer = client.get(path, follow_redirects=True)
        if number:
            found.append((time.process_time() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status)
    return statistics.median(found)


def statements(database: Database, client: FlaskClient, path: str) -> int:
    """How many statements an answer takes."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        client.get(path, follow_redirects=True)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)
    return len(seen)


def measured(folder: Path) -> Iterator[tuple[str, float, int]]:
    """Page, milliseconds, statements; the empty page first."""
    bare = worlds.sqlite(folder, "bare.db")
    with bare.write() as session:
        city.people(session)
    rebuild(bare)
    yield EMPTY, took(client_of(app_on(bare, folder)), EMPTY), 0
    whole = worlds.sqlite(folder, "city.db")
    with whole.write() as session:
        city.fill(session)
    rebuild(whole)
    with whole.write() as session:
        city.analyse(session)
    client = client_of(app_on(whole, folder))
    for path in PAGES:
        yield path, took(client, path), statements(whole, client, path)
    bare.dispose()
    whole.dispose()


def run() -> list[Line]:
    """On SQLite, in one process, one request after the other."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder))
        _, empty, _ = next(found)
        for path, spent, count in found:
            lines.append(Line(path, spent, "ms", empty, "empty page", "ratio <= 8"))
            lines.append(Line(f"{path}: statements", count, ""))
    return lines
