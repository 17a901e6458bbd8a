"""Two worker processes and one host: no concurrent requests, both take part, and other hosts do not wait."""

import itertools
import threading
import time
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa

from campaigns.core.clock import utc_now
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.partners.directory import Site
from coordinator.db import Database
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.jobs.discovery.host_locks import DatabaseHostLocks
from tests import factories
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.installation import Installation, own_postgresql, until

SECRET = "a secret key for the tests of processes, long enough"
PAGES = 16


class Crowded(HostileServer):
    """A server that takes its time and notes how many ask it at once, and who."""

    def __init__(self, moment: float) -> None:
        super().__init__()
        self.moment, self.most, self.agents = moment, 0, set[str]()
        self._inside, self._lock = 0, threading.Lock()

    def __enter__(self) -> Self:
        self.ways["/robots.txt"] = lambda call: call.answer(b"", "404 Not Found")
        return super().__enter__()

    def serves(self, path: str, body: str = "<p>Trang tin</p>") -> str:
        def answer(call: Call) -> None:
            with self._lock:
                self._inside += 1
                self.most = max(self.most, self._inside)
                self.agents.add(call.headers["user-agent"])
            time.sleep(self.moment)
            with self._lock:
                self._inside -= 1
            call.answer(body.encode(), Content_Type="text/html")

        self.ways[path] = answer
        return self.url(path)


@pytest.mark.postgresql
def test_two_processes_ask_one_host_one_at_a_time_for_looks_checks_and_redirects(tmp_path: Path) -> None:
    with (
        own_postgresql() as url,
        Crowded(0.08) as busy,
        Crowded(0.0) as other,
        Installation(tmp_path / "data", database_url=url, secret_key=SECRET) as here,
    ):
        here.prepared()
        database = Database(url)
        for name in ("mot", "hai"):
            here.start("work", LANTOA_BASE_URL=f"http://{name}.example")
        until("both processes look for work", lambda: here.log.count("looking every second") == 2)
        with database.write() as session:
            now = utc_now()
            owner = factories.company(session)
            sites: dict[str, Site] = {}
            for name, server in (("busy", busy), ("other", other)):
                feed = server.serves(f"/{name}.xml", "<rss version='2.0'><channel></channel></rss>")
                sites[name] = factories.site(session, owner, server.url("/"), feeds=[feed], now=now)
                sync_sources(session, sites[name], now=now)
            for number in range(PAGES):
                record_sighting(
                    session,
                    sites["busy"],
                    busy.serves(f"/tin/{number}.html"),
                    SightingMethod.DISCOVERED,
                    "feed",
                    now=now,
                )
                # Pages of the other site that lead to the busy one: what is claimed apart meets at one host after all.
                target = busy.serves(f"/dich/{number}.html")
                page = other.redirect(f"/tin/{number}.html", target)
                record_sighting(session, sites["other"], page, SightingMethod.DISCOVERED, "feed", now=now)

        more = itertools.count()

        def done() -> bool:
            with database.read() as session:
                left = sa.select(sa.func.count()).select_from(Page).where(Page.checked_at.is_(None))
                looked = sa.select(sa.func.count()).select_from(Source).where(Source.looked_at.is_(None))
                return not session.execute(left).scalar_one() and not session.execute(looked).scalar_one()

        def both() -> bool:
            """Which of the two comes first to a page is chance: there is one more until each had one."""
            if len(busy.agents) < 2 and done():
                number = next(more)
                with database.write() as session:
                    page = busy.serves(f"/them/{number}.html")
                    record_sighting(
                        session, session.merge(sites["busy"]), page, SightingMethod.DISCOVERED, "feed", now=utc_now()
                    )
            return len(busy.agents) == 2

        until("every page and list is read", done)
        until("both processes have asked the busy host", both)
        until("every page and list is read", done)
        database.dispose()
        assert busy.most == 1, here.log


@pytest.mark.postgresql
def test_a_host_in_somebodys_hands_is_waited_for_and_others_are_not(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    mine, theirs = DatabaseHostLocks(database), DatabaseHostLocks(database)
    try:
        assert mine.take("a.example", 50, 2.0) is None
        assert theirs.take("a.example", 50, 2.0) == 0
        assert theirs.take("b.example", 50, 2.0) is None
        mine.give_back("a.example")
        wait = theirs.take("a.example", 50, 2.0)
        assert wait is not None
        assert 0 < wait <= 2
        assert theirs.take("a.example", 50, None) is None
    finally:
        with database.write() as session:
            session.execute(sa.text("DELETE FROM host_locks"))
        database.dispose()


@pytest.mark.postgresql
def test_without_a_database_nobody_knows_whose_turn_it_is(postgresql_url: str) -> None:
    gone = sa.make_url(postgresql_url).set(database="there_is_no_such_database").render_as_string(hide_password=False)
    turns = DatabaseHostLocks(Database(gone))
    with pytest.raises(RequestError) as exception_info:
        turns.take("a.example", 50, 2.0)
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.BUSY, False)
    turns.give_back("a.example")
