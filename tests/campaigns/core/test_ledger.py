"""Due work is claimed once, settled under its fence, and claimed again after a worker's crash."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.core.base import Base
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source, SourceKind
from coordinator.db import Database
from tests.factories import NOW, site

LEASE = timedelta(seconds=60)


def _sources(database: Database, count: int) -> None:
    with database.write() as session:
        owner = site(session)
        for number in range(count):
            url = f"{owner.url}{number}.xml"
            session.add(Source(site_id=owner.id, kind=SourceKind.FEED, url=url, due_at=NOW - timedelta(seconds=number)))


def test_oldest_due_comes_first_and_what_is_ahead_is_left(database: Database) -> None:
    _sources(database, 3)
    with database.write() as session:
        assert ledger.claim(session, Source, 9, LEASE, now=NOW - timedelta(seconds=10)) == []
        claims = ledger.claim(session, Source, 2, LEASE, now=NOW)
        urls = [session.get_one(Source, claim.id).url for claim in claims]
    assert sorted(url[-5:] for url in urls) == ["1.xml", "2.xml"]
    assert {claim.attempt for claim in claims} == {1}


def test_a_leased_row_is_not_claimed_again_until_its_lease_runs_out(database: Database) -> None:
    _sources(database, 1)
    with database.write() as session:
        (first,) = ledger.claim(session, Source, 9, LEASE, now=NOW)
    with database.write() as session:
        assert ledger.claim(session, Source, 9, LEASE, now=NOW + LEASE / 2) == []
        (second,) = ledger.claim(session, Source, 9, LEASE, now=NOW + LEASE)
    assert not first.reclaimed
    assert second.reclaimed
    assert (second.fence, second.attempt) == (first.fence + 1, 2)


def test_what_is_due_is_named_and_what_is_leased_or_ahead_is_not(database: Database) -> None:
    tables = {"looks": Source, "again": Source, "pages": Page}

    def due(later: timedelta = timedelta(0)) -> list[str]:
        with database.read() as session:
            return sorted(ledger.names_of_due(session, tables, now=NOW + later))

    assert due() == []
    _sources(database, 1)
    assert due(-timedelta(seconds=1)) == []
    assert due() == ["again", "looks"]
    with database.write() as session:
        (taken,) = ledger.claim(session, Source, 9, LEASE, now=NOW)
    assert due(LEASE / 2) == []
    assert due(LEASE) == ["again", "looks"]
    with database.write() as session:
        ledger.check_claim(session, Source, taken)
        (again,) = ledger.claim(session, Source, 9, LEASE, now=NOW + LEASE)
        with pytest.raises(ledger.StaleFence):
            ledger.check_claim(session, Source, taken)
        ledger.settle(session, Source, again, {"due_at": None})
    assert due(LEASE * 2) == []


def test_an_outcome_under_an_old_fence_is_refused_and_changes_nothing(database: Database) -> None:
    _sources(database, 1)
    with database.write() as session:
        (old,) = ledger.claim(session, Source, 9, LEASE, now=NOW)
    with database.write() as session:
        (new,) = ledger.claim(session, Source, 9, LEASE, now=NOW + LEASE)
    with pytest.raises(ledger.StaleFence), database.write() as session:
        ledger.settle(session, Source, old, {"due_at": None, "error": "late"})
    with database.write() as session:
        ledger.settle(session, Source, new, {"due_at": None, "error": "right"})
    with database.read() as session:
        row = session.execute(sa.select(Source)).scalar_one()
        assert (row.error, row.due_at, row.lease_until) == ("right", None, None)


def test_many_claimers_at_once_share_the_rows_without_overlap(database: Database) -> None:
    _sources(database, 60)
    taken: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with database.write() as session:
                claims = ledger.claim(session, Source, 7, LEASE, now=NOW)
            if not claims:
                return
            with lock:
                taken.extend(claim.id for claim in claims)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.read() as session:
        session.execute(sa.text("UPDATE topics SET name = 'x'"))


def test_read_then_write_by_many_threads_loses_no_update(database: Database) -> None:
    _sources(database, 1)

    def add_one() -> None:
        for _ in range(20):
            with database.write() as session:
                row = session.execute(sa.select(Source).with_for_update()).scalar_one()
                row.failures += 1

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.execute(sa.select(Source.failures)).scalar_one() == 80


def test_work_claimed_by_a_clock_that_was_hours_ahead_is_given_back(database: Database) -> None:
    _sources(database, 2)
    with database.write() as session:
        (bad,) = ledger.claim(session, Source, 1, LEASE, now=NOW + timedelta(hours=3))
        (good,) = ledger.claim(session, Source, 1, LEASE, now=NOW)
        assert good.id != bad.id
        assert ledger.end_overlong_leases(session, now=NOW) == 1
        (again,) = ledger.claim(session, Source, 9, LEASE, now=NOW)
        assert (again.id, again.reclaimed, again.fence) == (bad.id, True, bad.fence + 1)
        with pytest.raises(ledger.StaleFence):
            ledger.settle(session, Source, bad, {"due_at": None})


def test_every_table_with_due_work_is_a_kind(database: Database) -> None:
    names = {kind.__tablename__ for kind in ledger.work_item_classes()}
    assert names == {name for name, table in Base.metadata.tables.items() if "lease_until" in table.columns}
    assert {"deliveries", "sources", "pages", "personal_mails"} <= names
