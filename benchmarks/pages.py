"""Server time of the desk's pages with a whole city in the database, against a page with nothing on it.

The yardstick is the search's page before anything was asked, in an empty installation: the frame, the menus, the counts
beside them, and no rows.
"""

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
from campaigns.people import sign_ins
from campaigns.people.sign_ins import Way
from campaigns.people.staff import Person, Role
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
from coordinator.serving import settle
from coordinator.web.sign_ins import TOKEN

EMPTY = "/desk/search"
ROUNDS = 15
PAGES = (
    "/", "/desk/bulletins", "/desk/bulletins?q=tiem", "/desk/bulletins?page=150", "/desk/calendar", "/desk/deliveries",
    "/desk/republications", "/desk/republications?status=all&page=300", "/desk/republications/rep_00000007",
    "/desk/republications?topic=dich-benh", "/desk/republications?status=all&q=tiem+chung",
    "/desk/republications?status=all&q=v%C3%A0&page=9", "/desk/republications/_review",
    "/desk/republications/_review?doubt=reported_short&page=3", "/desk/removals", "/desk/progress/",
    "/desk/progress/partner", "/desk/progress/day", "/desk/partners/", "/desk/partners/cong-ty-7", "/desk/channels/",
    "/desk/reports/", "/desk/search?q=tiem+chung", "/desk/search?q=v%C3%A0&kind=copy&topic=dich-benh", "/desk/account",
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
    app = create_app(Front(place, _Nobody(), settings))
    settle()  # as every process does that serves
    return app


def client_of(app: Flask, database: Database) -> FlaskClient:
    """Somebody who may see every page, signed in."""
    mark = f"uniq-{Role.ADMIN.value}"
    with database.write() as writing:
        person = writing.execute(sa.select(Person).where(Person.fs_uniquifier == mark)).scalar_one()
        token = sign_ins.begin(writing, person, way=Way.PASSWORD, device="", now=worlds.NOW).token
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session["fs_uniquifier"] = mark
        session["_fresh"] = True
        session["fs_paa"] = time.time()
        session[TOKEN] = token
    return client


def spent(client: FlaskClient, path: str) -> float:
    """Milliseconds of this process's CPU time for one answer."""
    began = time.process_time()
    answer = client.get(path, follow_redirects=True)
    took = (time.process_time() - began) * 1000
    # A page that sends somewhere else, as to the signing in, is not the page that was asked for.
    there = answer.request.path.rstrip("/")
    assert (answer.status_code, there) == (200, path.partition("?")[0].rstrip("/")), (path, answer.status)
    return took


def took(bare: FlaskClient, whole: FlaskClient, path: str) -> tuple[float, float]:
    """The empty page and this one, in turns, so that a machine that is slow for a while is so for both: the least of
    each, since whatever else the machine does only adds."""
    rounds = [(spent(bare, EMPTY), spent(whole, path)) for _ in range(ROUNDS + 1)][1:]  # the first fills caches
    return min(one for one, _ in rounds), min(other for _, other in rounds)


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


def measured(folder: Path) -> Iterator[tuple[str, float, float, int]]:
    """Page, milliseconds of the empty page and of this, statements."""
    bare = worlds.sqlite(folder, "bare.db")
    with bare.write() as session:
        city.people(session)
    rebuild(bare)
    whole = worlds.sqlite(folder, "city.db")
    with whole.write() as session:
        city.fill(session)
    rebuild(whole)
    city.analyse(whole)
    nobody, somebody = client_of(app_on(bare, folder), bare), client_of(app_on(whole, folder), whole)
    for path in PAGES:
        yield path, *took(nobody, somebody, path), statements(whole, somebody, path)
    bare.dispose()
    whole.dispose()


def run() -> list[Line]:
    """On SQLite, in one process, one request after the other."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for path, empty, spent_here, count in measured(Path(folder)):
            lines.append(Line(path, spent_here, "ms", empty, "empty page", "ratio <= 8"))
            lines.append(Line(f"{path}: statements", count, ""))
    return lines
