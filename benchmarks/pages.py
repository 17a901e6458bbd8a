"""The time of the desk's and the public pages at the size that is kept (``city``), against a page with nothing on it.

The page to compare with is the search's page before anything was asked, in an empty installation: the layout, the
menus, the counts beside them, and no rows. Of the size 3 % is measured, so that all benchmarks end within a
quarter of an hour; ``LANTOA_BENCH_CITY=1`` measures the whole.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks import city, worlds
from benchmarks.measure import Line
from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.intervals import NORMAL
from campaigns.people import sessions
from campaigns.people.sessions import SignInMethod
from campaigns.people.staff import Person, Role
from coordinator.app import create_app
from coordinator.channels import registry
from coordinator.config import Settings, make_secret_key, secret_key
from coordinator.db import Database
from coordinator.encryption import Encryption
from coordinator.http.client import HttpClient
from coordinator.jobs.context import AppContext, JobContext
from coordinator.jobs.search import rebuild_index
from coordinator.storage.pages import PageStore
from coordinator.web.auth.sessions import SESSION_TOKEN_KEY

EMPTY = "/desk/search"
SHARE = float(os.environ.get("LANTOA_BENCH_CITY", "0.03"))
ROUNDS = 5
PAGES = (
    "/", "/bulletins", "/bulletins?q=tiem+chung", "/bulletins?topic=dich-benh&page=100", "/sitemap.xml", "/widget",
    "/desk", "/desk/bulletins", "/desk/bulletins?q=tiem", "/desk/bulletins?page=150", "/desk/calendar",
    "/desk/deliveries", "/desk/deliveries?view=all", "/desk/deliveries?view=all&page=150",
    "/desk/deliveries?view=all&state=delivered", "/desk/deliveries?view=all&topic=dich-benh",
    "/desk/deliveries?view=all&channel=kenh-1", "/desk/deliveries?view=all&partner=cong-ty-1",
    "/desk/deliveries?view=all&from=2026-11-01&to=2026-11-24",
    "/desk/republications", "/desk/republications?status=all&page=300", "/desk/republications/rep_00000007",
    "/desk/republications?topic=dich-benh", "/desk/republications?status=all&q=tiem+chung",
    "/desk/republications?status=all&q=v%C3%A0&page=9", "/desk/republications/_review",
    "/desk/republications/_review?doubt=reported_short&page=3", "/desk/removals", "/desk/progress/",
    "/desk/progress/partner", "/desk/progress/site", "/desk/progress/day", "/desk/progress/timing",
    "/desk/progress/scenario", "/desk/partners/", "/desk/partners/cong-ty-7", "/desk/channels/",
    "/desk/reports/", "/desk/search?q=tiem+chung", "/desk/search?q=v%C3%A0&kind=copy&topic=dich-benh", "/desk/account",
    "/desk/admin/", "/desk/admin/people", "/desk/admin/keys", "/desk/admin/topics", "/desk/admin/campaigns",
    "/desk/admin/journal/",
)  # fmt: skip


class Standing(JobContext):
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
    make_secret_key(settings)
    place = Standing(
        database=database,
        http_client=HttpClient(user_agent="bench"),
        encryption=Encryption(secret_key(settings)),
        store=PageStore(folder / "pages"),
        delivery_modes=registry.delivery_modes(),
        addresses=PublicAddresses(settings.base_url),
        intervals=NORMAL,
    )
    app = create_app(AppContext(place, _Nobody(), settings))
    return app


def client_of(app: Flask, database: Database) -> FlaskClient:
    """Somebody who may see every page, signed in."""
    mark = f"uniq-{Role.ADMIN.value}"
    with database.write() as writing:
        person = writing.execute(sa.select(Person).where(Person.fs_uniquifier == mark)).scalar_one()
        token = sessions.begin_sign_in(writing, person, way=SignInMethod.PASSWORD, device="", now=worlds.NOW).token
    client = app.test_client()
    with client.session_transaction("/login") as session:
        session["_user_id"] = session["fs_uniquifier"] = mark
        session["_fresh"] = True
        session["fs_paa"] = time.time()
        session[SESSION_TOKEN_KEY] = token
    return client


def spent(client: FlaskClient, path: str, clock: Callable[[], float]) -> float:
    """Milliseconds for one answer by this clock."""
    began = clock()
    answer = client.get(path, follow_redirects=True)
    took = (clock() - began) * 1000
    # A page that sends somewhere else, as to the signing in, is not the page that was asked for.
    there = answer.request.path.rstrip("/")
    assert (answer.status_code, there) == (200, path.partition("?")[0].rstrip("/")), (path, answer.status)
    return took


def took(bare: FlaskClient, whole: FlaskClient, path: str, clock: Callable[[], float]) -> tuple[float, float]:
    """The empty page and this one, in turns, so that a machine that is slow for a while is so for both: the least of
    each, since whatever else the machine does only adds."""
    rounds = [(spent(bare, EMPTY, clock), spent(whole, path, clock)) for _ in range(ROUNDS + 1)][1:]  # the first fills
    return min(value for value, _ in rounds), min(other for _, other in rounds)


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


def measured(folder: Path, bare: Database, whole: Database) -> Iterator[tuple[str, float, float, int]]:
    """Page, milliseconds of the empty page and of this, statements. On SQLite CPU time of this process, which does all
    of the work; on PostgreSQL the time that passes, since the server works beside it."""
    for database in (bare, whole):
        rebuild_index(database)  # empty; rows that are added write their words
    with bare.write() as session:
        city.people(session)
    with whole.write() as session:
        sizes = (city.BULLETINS, city.SITES, city.COPIES)
        city.fill(session, *(max(1, int(SHARE * size)) for size in sizes))
    city.analyse(whole)
    clock = time.process_time if whole.on_sqlite else time.perf_counter
    nobody, somebody = client_of(app_on(bare, folder), bare), client_of(app_on(whole, folder), whole)
    for path in PAGES:
        yield path, *took(nobody, somebody, path, clock), statements(whole, somebody, path)


def run() -> Iterator[Line]:
    """On each kind of database, in one process, one request after the other. ``LANTOA_BENCH_DATABASE=sqlite`` or
    ``postgresql`` measures on one of them."""
    chosen = worlds.chosen_databases()
    with tempfile.TemporaryDirectory() as given, ExitStack() as done:
        folder = Path(given)
        pairs: list[tuple[str, Database | None, Database | None]] = []
        if "sqlite" in chosen:
            bare, whole = worlds.sqlite(folder, "bare.db"), worlds.sqlite(folder, "city.db")
            done.callback(bare.dispose)
            done.callback(whole.dispose)
            pairs.append(("SQLite", bare, whole))
        if "postgresql" in chosen:
            made = [done.enter_context(worlds.postgresql(name)) for name in ("_bare", "_city")]
            pairs.append(("PostgreSQL", *made))
        for kind, empty, full in pairs:
            if empty is None or full is None:
                continue
            for path, nothing, here, count in measured(folder, empty, full):
                yield Line(f"{kind} {path}, {count} statements", here, "ms", nothing, "empty page", "<= 300 ms")
