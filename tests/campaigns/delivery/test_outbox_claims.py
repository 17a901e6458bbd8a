"""Claims within the limits of channels, by one and by many workers, on both databases."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.rate_limits import RateLimit
from campaigns.channels.transport import DeliveryAct
from campaigns.core import ledger
from campaigns.core.clock import utc_now
from campaigns.delivery import outbox_claims
from campaigns.delivery.outbox import Delivery, DeliveryModes, DeliveryState
from campaigns.release import workflow
from coordinator.db import Database
from tests.conftest import Kept
from tests.factories import APPROVER, DELIVERY_MODES, NOW, channel, published

LEASE = timedelta(seconds=60)


def _claim(session: Session, limit: int = 50, later: timedelta = timedelta(0), **more: DeliveryModes) -> list[Delivery]:
    delivery_modes = more.get("delivery_modes", DELIVERY_MODES)
    claims = outbox_claims.claim_deliveries(session, limit, LEASE, delivery_modes, now=NOW + later)
    session.expire_all()
    return [session.get_one(Delivery, claim.id) for claim in claims]


def _arrive(session: Session, *rows: Delivery) -> None:
    for row in rows:
        row.state, row.lease_until, row.due_at = DeliveryState.DELIVERED, None, None
    session.flush()


def test_so_many_may_be_on_their_way_as_were_allowed_each_of_another_bulletin(session: Session) -> None:
    one = channel(session)
    one.at_once = 3
    bulletins = [published(session).id for _ in range(5)]
    first = _claim(session)
    assert [row.bulletin_id for row in first] == bulletins[:3]
    assert _claim(session) == []
    _arrive(session, first[1])
    later = timedelta(seconds=1)  # releases at the same time differ by a microsecond
    assert [row.bulletin_id for row in _claim(session, later=later)] == bulletins[3:4]


def test_of_one_bulletin_the_older_text_goes_first_however_many_may_be_on_their_way(session: Session) -> None:
    one = channel(session)
    one.at_once = 8
    bulletin = published(session)
    (sent,) = _claim(session)
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW)
    later = timedelta(seconds=1)
    assert _claim(session, later=later) == []
    _arrive(session, sent)
    assert [row.act for row in _claim(session, later=later)] == [DeliveryAct.RECALL]


def test_a_recall_goes_before_everything_that_waits_longer(session: Session) -> None:
    channel(session)
    bulletin = published(session)
    _arrive(session, *_claim(session))
    others = [published(session) for _ in range(3)]
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW + timedelta(seconds=1))
    (row,) = _claim(session, later=timedelta(seconds=2))
    assert (row.act, row.bulletin_id) == (DeliveryAct.RECALL, bulletin.id)
    _arrive(session, row)
    (row,) = _claim(session, later=timedelta(seconds=2))
    assert row.bulletin_id == others[0].id


def test_a_resting_channel_is_left_alone_and_then_gets_one_probe_which_is_the_recall_if_there_is_one(
    session: Session,
) -> None:
    one, well = channel(session), channel(session)
    bulletin = published(session)
    _arrive(session, *_claim(session))
    one.at_once, one.opened, one.open_until = 4, 1, NOW + timedelta(seconds=60)
    other = published(session)
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW + timedelta(seconds=1))
    resting = _claim(session, later=timedelta(seconds=59))
    assert {row.channel_id for row in resting} == {well.id}
    probe = _claim(session, later=timedelta(seconds=60))
    assert [(row.channel_id, row.act) for row in probe if row.channel_id == one.id] == [(one.id, DeliveryAct.RECALL)]
    assert not [row for row in _claim(session, later=timedelta(seconds=61)) if row.channel_id == one.id]
    assert other.id  # it waits, with no try used up
    waiting = session.execute(
        sa.select(Delivery).where(Delivery.channel_id == one.id, Delivery.bulletin_id == other.id)
    )
    assert waiting.scalar_one().attempt == 0


def test_a_probe_whose_worker_died_is_taken_up_again(session: Session) -> None:
    one = channel(session)
    published(session)
    one.opened, one.open_until = 1, NOW
    (probe,) = _claim(session)
    assert _claim(session, later=LEASE - timedelta(seconds=1)) == []
    assert [row.id for row in _claim(session, later=LEASE)] == [probe.id]


def test_a_channel_without_tokens_waits_for_the_next_one(session: Session) -> None:
    channel(session)
    delivery_modes = DeliveryModes(limits={"webhook": RateLimit(rate=60, burst=2)})
    for _ in range(5):
        published(session)
    at = timedelta(seconds=1)
    for _ in range(2):
        _arrive(session, *_claim(session, later=at, delivery_modes=delivery_modes))
    assert _claim(session, later=at, delivery_modes=delivery_modes) == []
    assert _claim(session, later=timedelta(seconds=1.9), delivery_modes=delivery_modes) == []
    assert len(_claim(session, later=timedelta(seconds=2), delivery_modes=delivery_modes)) == 1


def test_a_channels_own_limits_take_the_place_of_its_kinds(session: Session) -> None:
    one = channel(session)
    delivery_modes = DeliveryModes(limits={"webhook": RateLimit(rate=60, burst=2)})
    assert outbox_claims.effective_limit(delivery_modes, "webhook", None, None, None) == RateLimit(60, 2, 1)
    assert outbox_claims.effective_limit(delivery_modes, "webhook", 5, 9, 4, rate_factor=10) == RateLimit(50, 9, 4)
    assert outbox_claims.effective_limit(delivery_modes, one.kind, 5, None, None) == RateLimit(5, 2, 1)
    assert outbox_claims.effective_limit(delivery_modes, "fax", None, None, None) == RateLimit()


def test_one_channel_with_much_to_do_holds_up_none_with_little(session: Session) -> None:
    channel(session)
    for _ in range(20):
        published(session)
    late = channel(session)
    published(session)
    got = [row.channel_id for row in _claim(session, limit=2, later=timedelta(seconds=1))]
    assert late.id in got


def test_channels_that_did_not_answer_come_last_and_few_at_a_time(session: Session) -> None:
    channels = [channel(session) for _ in range(6)]
    for one in channels[:4]:
        one.silent = 1
    published(session)

    def claim(limit: int, silent_limit: int | None) -> list[int]:
        taken = outbox_claims.claim_deliveries(
            session, limit, LEASE, DELIVERY_MODES, silent_limit=silent_limit, now=NOW
        )
        session.expire_all()
        return [session.get_one(Delivery, claim.id).channel_id for claim in taken]

    numbers = [one.id for one in channels]
    assert sorted(claim(3, 1)) == sorted([*numbers[4:], numbers[0]])  # those that answer, and one of the others
    assert claim(3, 1) == []  # it has not come back yet
    assert claim(3, 2) == [numbers[1]]
    assert claim(1, None) == [numbers[2]]  # no share was named


def test_a_long_backlog_in_front_that_may_not_go_hides_nobody(session: Session) -> None:
    slow = channel(session)
    for _ in range(2 * outbox_claims.NEAR):
        published(session)
    other = channel(session)
    published(session)
    later = timedelta(seconds=1)
    assert [row.channel_id for row in _claim(session, 1, later)] == [slow.id]
    assert [row.channel_id for row in _claim(session, 1, later)] == [other.id]


def test_a_token_or_a_rest_from_a_clock_that_was_ahead_is_not_waited_for(session: Session) -> None:
    ahead, resting, usual = (channel(session) for _ in range(3))
    ahead.free_at = resting.open_until = NOW + timedelta(hours=3)
    resting.opened = 1
    usual.free_at = NOW + timedelta(seconds=30)
    published(session)
    assert _claim(session) == []
    assert outbox_claims.clamp_future_waits(session, now=NOW) == 2
    assert {row.channel_id for row in _claim(session)} == {ahead.id, resting.id}


def test_what_a_channel_holds_does_not_count_as_late(session: Session) -> None:
    one = channel(session)
    published(session)
    assert outbox_claims.longest_due_since(session, now=NOW) == NOW
    for change in ({"state": ChannelState.PAUSED}, {"opened": 1}, {"free_at": NOW + LEASE}):
        for name, value in change.items():
            before = getattr(one, name)
            setattr(one, name, value)
            session.flush()
            assert outbox_claims.longest_due_since(session, now=NOW) is None
            setattr(one, name, before)


# One host with many endpoints.


def _at(session: Session, host: str, count: int) -> list[int]:
    """So many channels with one host; their keys."""
    return [channel(session, settings={"url": f"https://{host}/nhan/{number}"}).id for number in range(count)]


def test_of_many_endpoints_of_one_host_one_is_sent_to_and_the_others_stay_due_and_hold_up_nobody(
    session: Session,
) -> None:
    slow = _at(session, "cham.example", 40)
    good = [ident for number in range(7) for ident in _at(session, f"tot{number}.example", 1)]
    published(session)
    first = _claim(session, limit=8)
    assert {row.channel_id for row in first} == {slow[0], *good}
    assert _claim(session, limit=8) == []
    waiting = session.execute(sa.select(Delivery).where(Delivery.state == DeliveryState.DUE)).scalars().all()
    assert {(row.attempt, row.lease_until) for row in waiting} == {(0, None)}
    assert outbox_claims.longest_due_since(session, now=NOW) is None  # a slow host is no lack of workers
    _arrive(session, *(row for row in first if row.channel_id == slow[0]))
    assert [row.channel_id for row in _claim(session, limit=8)] == [slow[1]]


def test_a_host_is_free_again_when_the_worker_that_called_it_has_died(session: Session) -> None:
    _at(session, "cham.example", 2)
    published(session)
    (sent,) = _claim(session)
    assert _claim(session, later=LEASE - timedelta(seconds=1)) == []
    assert [row.id for row in _claim(session, later=LEASE)] == [sent.id]


def test_a_recall_comes_first_among_all_endpoints_of_its_host(session: Session) -> None:
    _at(session, "cham.example", 3)
    bulletin = published(session)
    for _ in range(3):
        _arrive(session, *_claim(session))
    for _ in range(3):
        published(session)
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW + timedelta(seconds=1))
    for _ in range(3):
        (row,) = _claim(session, later=timedelta(seconds=2))
        assert row.act is DeliveryAct.RECALL
        _arrive(session, row)


def test_several_at_once_are_for_a_host_with_one_channel_and_other_ports_are_other_hosts(session: Session) -> None:
    _at(session, "cham.example:8443", 1)
    shared = _at(session, "cham.example", 2)
    alone = _at(session, "rieng.example", 1)
    for ident in (*shared, *alone):
        session.get_one(Channel, ident).at_once = 3
    for _ in range(4):
        published(session)
    counted = Counter(row.channel_id for row in _claim(session))
    assert (counted[alone[0]], sum(counted[ident] for ident in shared), counted.total()) == (3, 1, 5)
    session.get_one(Channel, shared[1]).state = ChannelState.RETIRED
    assert Counter(row.channel_id for row in _claim(session)) == Counter({shared[0]: 2})


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({"url": "https://A.example/x"}, "a.example:443"),
        ({"site_url": "http://a.example:8080"}, "a.example:8080"),
        ({"server_url": "https://[2001:db8::1]/"}, "2001:db8::1:443"),
        ({"api_base": "https://openapi.example", "cover_url": "https://b.example/bia.jpg"}, "openapi.example:443"),
        ({"address": "tin@a.example"}, None),
        ({}, None),
    ],
)
def test_the_host_of_a_channel_follows_its_settings(
    session: Session, settings: dict[str, str], host: str | None
) -> None:
    one = channel(session, settings={"url": "https://cu.example/"})
    one.settings = settings
    session.flush()
    assert session.execute(sa.select(Channel.host).where(Channel.id == one.id)).scalar_one() == host


def _workers(count: int, act: Callable[[], None]) -> None:
    """Run the same in so many threads; what one raises is raised."""
    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(act) for _ in range(count)]:
            future.result()


def _prepare(database: Database, channels: int, bulletins: int, at_once: int | None = None) -> None:
    now = utc_now()
    with database.write() as session:
        for _ in range(channels):
            made = channel(session, now=now)
            made.at_once = at_once
        for _ in range(bulletins):
            published(session, now=now)


def _done(database: Database) -> bool:
    with database.read() as session:
        return session.execute(sa.select(sa.func.count()).where(Delivery.due_at.is_not(None))).scalar_one() == 0


def test_four_workers_together_keep_the_rate_of_every_channel(database: Database) -> None:
    rate, burst, count = 1200, 3, 25  # twenty a second
    _prepare(database, 2, count)
    delivery_modes = DeliveryModes(limits={"webhook": RateLimit(rate=rate, burst=burst)})
    sent: list[tuple[int, float]] = []
    ends = time.monotonic() + 60

    def work() -> None:
        while not _done(database):
            assert time.monotonic() < ends
            with database.write() as session:
                session.connection()
                now = utc_now()
                claims = outbox_claims.claim_deliveries(session, 8, LEASE, delivery_modes, now=now)
                found = sa.select(Delivery.channel_id).where(Delivery.id.in_([claim.id for claim in claims]))
                sent.extend((ident, now.timestamp()) for ident in session.execute(found).scalars())
            with database.write() as session:
                for taken in claims:
                    ledger.settle(session, Delivery, taken, {"due_at": None, "state": DeliveryState.DELIVERED})

    _workers(4, work)
    assert len(sent) == 2 * count
    for ident in {number for number, _at in sent}:
        times = sorted(at for number, at in sent if number == ident)
        for window in (0.1, 0.5, 1.0):
            for number, first in enumerate(times):
                within = sum(at - first < window for at in times[number:])
                assert within <= burst + rate * window / 60 + 1e-3


@pytest.mark.parametrize("at_once", [1, 3])
def test_four_workers_together_never_have_more_on_their_way_than_may_be(database: Database, at_once: int) -> None:
    _prepare(database, 2, 12, at_once)
    lock, in_hand, most, taken = threading.Lock(), Counter[int](), Counter[int](), Counter[int]()
    bulletins: dict[int, Counter[int]] = {}
    ends = time.monotonic() + 60

    def work() -> None:
        while not _done(database):
            assert time.monotonic() < ends
            with database.write() as session:
                claims = outbox_claims.claim_deliveries(session, 8, LEASE, DELIVERY_MODES, now=utc_now())
                found = sa.select(Delivery).where(Delivery.id.in_([claim.id for claim in claims]))
                rows = [(row.id, row.channel_id, row.bulletin_id) for row in session.execute(found).scalars()]
            with lock:
                for ident, where, what in rows:
                    taken[ident] += 1
                    in_hand[where] += 1
                    most[where] = max(most[where], in_hand[where])
                    bulletins.setdefault(where, Counter())[what] += 1
            for claim in claims:
                where = next(where for ident, where, _what in rows if ident == claim.id)
                with lock:
                    in_hand[where] -= 1
                with database.write() as session:
                    ledger.settle(session, Delivery, claim, {"due_at": None, "state": DeliveryState.DELIVERED})

    _workers(4, work)
    assert set(taken.values()) == {1}
    assert len(taken) == 24
    assert max(most.values()) <= at_once


def test_two_claims_at_once_share_what_there_is_instead_of_one_getting_nothing(database: Database) -> None:
    _prepare(database, 12, 1)
    now, start = utc_now(), threading.Barrier(2)
    got: list[int] = []

    def work() -> None:
        start.wait(10)
        with database.write() as session:
            got.append(
                len(outbox_claims.claim_deliveries(session, 6, LEASE, DELIVERY_MODES, now=now + timedelta(seconds=1)))
            )

    _workers(2, work)
    assert got == [6, 6]
    with database.read() as session:
        assert session.execute(sa.select(sa.func.count(Channel.id))).scalar_one() == 12


def test_two_claims_at_once_that_see_different_first_deliveries_of_a_host_lease_one(database: Database) -> None:
    with database.write() as session:
        _, first = _at(session, "a.example", 2)
        published(session)
    with database.write() as session:
        late = session.execute(sa.select(Delivery).where(Delivery.channel_id == first)).scalar_one()
        late.due_at = NOW + timedelta(seconds=2)
        late.act = DeliveryAct.RECALL
    other: list[ledger.Claim] = []

    def claim_earlier() -> None:
        with database.write() as session:
            at = NOW + timedelta(seconds=1)
            other.extend(outbox_claims.claim_deliveries(session, 8, LEASE, DELIVERY_MODES, now=at))

    racing = threading.Thread(target=claim_earlier)
    with database.write() as session:
        at = NOW + timedelta(seconds=3)
        (taken,) = outbox_claims.claim_deliveries(session, 8, LEASE, DELIVERY_MODES, now=at)
        assert session.get_one(Delivery, taken.id).channel_id == first
        racing.start()
        racing.join(timeout=0.5)
    racing.join()
    assert other == []


@pytest.fixture
def postgresql(kept_postgresql: Kept, tmp_path: Path) -> Iterator[Database]:
    with kept_postgresql.fresh(tmp_path / "none") as made:
        yield made


def _channels_read(session: Session) -> int:
    """How many rows of channels this connection has read since PostgreSQL last added them up."""
    counted = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'channels'"
    return session.execute(sa.text(counted)).scalar_one()


@pytest.mark.postgresql
def test_a_claim_reads_no_more_when_more_is_due_though_statistics_are_of_before_the_release(
    postgresql: Database,
) -> None:
    settled = sa.update(Delivery).values(due_at=None, lease_until=None, state=DeliveryState.DELIVERED)
    with postgresql.write() as session:
        channels = [channel(session).id for _ in range(600)]
        published(session)
        session.execute(settled)
    with postgresql.write() as session:
        session.execute(sa.text("ANALYZE"))
    read = []
    for due in (60, 600):
        with postgresql.write() as session:
            published(session)
            session.execute(settled.where(Delivery.channel_id.not_in(channels[:due])))
        with postgresql.write() as session:
            before = _channels_read(session)
            assert len(_claim(session, 4, timedelta(seconds=1))) == 4
            read.append(_channels_read(session) - before)
            session.execute(settled)
    few, many = read
    assert many < few * 1.5
