"""Due work is claimed once, settled under its fence, and claimed again after a worker's crash."""

import random
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.channels.transport import DeliveryAct
from campaigns.core import ledger
from campaigns.core.base import Base
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage, begin_import, file_of
from campaigns.delivery.outbox import AttemptOutcome, Delivery, DeliveryState
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source, SourceKind
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind, PersonalMail
from coordinator.db import Database
from tests.factories import NOW, channel, published, site

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


def _leased(database: Database, limit: int, at: datetime, kind: Any = Source) -> list[ledger.Claim]:
    with database.write() as session:
        return ledger.claim(session, kind, limit, LEASE, now=at)


def test_work_that_ends_its_process_twice_is_given_up_and_a_person_starts_it_again(database: Database) -> None:
    _sources(database, 1)
    assert len(_leased(database, 9, NOW)) == 1
    (second,) = _leased(database, 9, NOW + LEASE)
    assert second.reclaimed
    assert _leased(database, 9, NOW + 2 * LEASE) == []
    with database.write() as session:
        (row,) = ledger.given_up_work(session)
        assert (row.work, row.lost, row.subject[-5:]) == ("sources", 2, "0.xml")
        session.execute(sa.update(Source).values(due_at=NOW))  # a tick that makes sources due is no person
    assert _leased(database, 9, NOW + 3 * LEASE) == []
    with pytest.raises(ledger.StaleFence), database.write() as session:
        ledger.settle(session, Source, second, {"due_at": None})
    with database.write() as session:
        ledger.restart_work(session, "quan@so.example", row.id, now=NOW + 3 * LEASE)
        assert ledger.given_up_count(session) == 0
    assert len(_leased(database, 9, NOW + 3 * LEASE)) == 1
    assert _leased(database, 9, NOW + 4 * LEASE) == []  # a third end needs no fourth
    with database.write() as session:
        (row,) = ledger.given_up_work(session)
        ledger.leave_undone(session, "quan@so.example", row.id, now=NOW)
        assert ledger.given_up_count(session) == 0
        session.execute(sa.update(Source).values(due_at=NOW))
    assert _leased(database, 9, NOW + 5 * LEASE) == []
    with database.write() as session:
        session.execute(sa.delete(Source))
        assert ledger.forget_given_up(session) == 1


def test_what_is_settled_is_suspect_no_more(database: Database) -> None:
    _sources(database, 1)
    at = NOW
    for _ in range(5):
        _leased(database, 9, at)
        (again,) = _leased(database, 9, at + LEASE)
        with database.write() as session:
            ledger.settle(session, Source, again, {"due_at": NOW})
        at += 3 * LEASE
    with database.read() as session:
        assert ledger.given_up_count(session) == 0


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))])
def test_of_many_rows_at_work_only_the_poisonous_ones_are_given_up_whatever_the_order(
    database: Database, seed: int
) -> None:
    """Simulates workers that lease a few rows and die with all of them when one is poisonous, over several kinds."""
    dice = random.Random(seed)
    _sources(database, 24)
    with database.write() as session:
        for number in range(12):
            mail_outbox.queue_mail(session, MailKind.NOTICE, f"a{number}@so.example", by="x", what="signed_in", now=NOW)
        everything = [(Source, ident) for ident in session.execute(sa.select(Source.id)).scalars()]
        everything += [(PersonalMail, ident) for ident in session.execute(sa.select(PersonalMail.id)).scalars()]
        everything.sort(key=lambda row: (row[0].__tablename__, row[1]))
        # No two are due at the same moment: their order would be another one in each database.
        for seconds, (kind, ident) in enumerate(dice.sample(everything, len(everything))):
            due = NOW - timedelta(seconds=seconds)
            session.execute(sa.update(kind).where(kind.id == ident).values(due_at=due))
    poisonous = set(dice.sample(everything, 3))
    ends = Counter[tuple[Any, int]]()
    at = NOW
    for _ in range(300):
        at += LEASE / 4
        taken = [(kind, one) for kind in (Source, PersonalMail) for one in _leased(database, 5, at, kind)]
        dice.shuffle(taken)
        for kind, one in taken:
            if (kind, one.id) in poisonous:
                ends[kind, one.id] += 1
                break  # the process is gone, with what it had not settled
            with database.write() as session:
                ledger.settle(session, kind, one, {"due_at": None})
        if not taken:
            at += LEASE
    with database.read() as session:
        given_up = {(row.work, row.row_id) for row in ledger.given_up_work(session)}
    assert given_up == {(kind.__tablename__, ident) for kind, ident in poisonous}
    assert max(ends.values()) <= 2


def test_an_import_that_ends_its_process_twice_has_failed_and_keeps_no_file(database: Database) -> None:
    with database.write() as session:
        run = begin_import(session, ImportKind.REGISTER, "x", "a.xlsx", [b"x"], now=NOW).id
    for number in range(3):
        claims = _leased(database, 1, NOW + number * LEASE, ImportRun)
        assert len(claims) == (1 if number < 2 else 0)
    with database.read() as session:
        row = session.get_one(ImportRun, run)
        assert (row.stage, row.failure_code, row.due_at) == (ImportStage.FAILED, "ended_process", None)
        assert file_of(session, run) == b""
        assert ledger.given_up_count(session) == 0  # its own page says so


def test_a_delivery_whose_sender_ended_twice_is_unknown_and_a_person_decides(database: Database) -> None:
    with database.write() as session:
        bulletin, to = published(session), channel(session)
        session.execute(sa.delete(Delivery))
        row = Delivery(
            public="dlv1", bulletin_id=bulletin.id, channel_id=to.id, revision=1, act=DeliveryAct.PUBLISH,
            created_at=NOW, due_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        ident = row.id
    for number in range(3):
        claims = _leased(database, 1, NOW + number * LEASE, Delivery)
        assert len(claims) == (1 if number < 2 else 0)
    with database.read() as session:
        row = session.get_one(Delivery, ident)
        assert (row.state, row.due_at, row.begun) == (DeliveryState.UNKNOWN, None, False)
        assert [attempt.outcome for attempt in row.attempts] == [AttemptOutcome.UNKNOWN]


def test_a_lease_that_is_extended_keeps_others_out_for_longer_and_is_never_made_shorter(database: Database) -> None:
    _sources(database, 1)
    with database.write() as session:
        (taken,) = ledger.claim(session, Source, 9, LEASE, now=NOW)
        ledger.extend(session, Source, taken, NOW + 2 * LEASE)
        ledger.extend(session, Source, taken, NOW + LEASE / 2)
    assert _leased(database, 9, NOW + LEASE) == []
    (again,) = _leased(database, 9, NOW + 2 * LEASE)
    assert again.reclaimed
    with pytest.raises(ledger.StaleFence), database.write() as session:
        ledger.extend(session, Source, taken, NOW + 9 * LEASE)
