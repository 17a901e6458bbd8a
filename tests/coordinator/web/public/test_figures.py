"""Every figure of ``/metrics`` against rows that a test has planted, on both kinds of database."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from campaigns.core import leading, presence, spells
from campaigns.publishing import accounts
from campaigns.publishing.accounts import AccountRead
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.fetches import FeedFetch
from campaigns.publishing.outbox import Attempt, Delivery, DeliveryState, Outcome
from campaigns.publishing.transport import Account, Quota
from campaigns.reporting.monitoring import UNSETTLED_FOR, Figures
from campaigns.tracking.sightings import How, see
from campaigns.tracking.watching import watch
from coordinator.jobs import counting
from tests import factories
from tests.coordinator.web.public.outside import Outside

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "watch-it.md"
HOOK = {"url": "https://nhan.example/"}


def told(outside: Outside) -> dict[tuple[str, ...], float]:
    """Each sample under its name and the values of its labels."""
    families = text_string_to_metric_families(outside.get("/metrics").text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def delivered_to(outside: Outside, kind: str = "webhook") -> int:
    """A bulletin that is due at a channel of a kind; the delivery's id."""
    with outside.database.write() as session:
        factories.channel(session, kind, settings=HOOK)
    outside.publish()
    with outside.database.read() as session:
        return session.execute(sa.select(sa.func.max(Delivery.id))).scalar_one()


def tried(outside: Outside, delivery: int, outcome: Outcome, seconds: float) -> None:
    """A try that took so long."""
    now = outside.office.now()
    with outside.database.write() as session:
        ended = now + timedelta(seconds=seconds)
        session.add(Attempt(delivery_id=delivery, at=now, ended_at=ended, outcome=outcome, status=200))


def change(outside: Outside, delivery: int, **values: object) -> None:
    with outside.database.write() as session:
        session.execute(sa.update(Delivery).where(Delivery.id == delivery).values(**values))


def test_lateness_is_that_of_the_oldest_delivery_that_could_be_sent(outside_both: Outside) -> None:
    outside = outside_both
    assert told(outside)["lantoa_due_lag_seconds",] == 0
    delivered_to(outside)
    outside.clock.forward(seconds=89)
    found = told(outside)
    assert found["lantoa_due_lag_seconds",] == 90
    assert found["lantoa_deliveries", "due"] == 1
    assert (found["lantoa_work_due", "deliveries"], found["lantoa_work_late_seconds", "deliveries"]) == (1, 90)
    with outside.database.write() as session:
        channel = session.execute(sa.select(Channel)).scalar_one()
        channel.state = ChannelState.PAUSED
    found = told(outside)
    assert found["lantoa_due_lag_seconds",] == 0  # a person holds it back, and knows
    assert found["lantoa_channels", "paused"] == 1


def test_a_delivery_behind_one_that_a_person_must_settle_is_not_late(outside_both: Outside) -> None:
    outside = outside_both
    first = delivered_to(outside)
    change(outside, first, state=DeliveryState.UNKNOWN, due_at=None)
    with outside.database.read() as session:
        code = session.get_one(Delivery, first).bulletin.code
    outside.correct(code, "Tên mới", "Lời mới.")
    outside.clock.forward(seconds=300)
    found = told(outside)
    assert found["lantoa_deliveries", "unknown"] == 1
    assert found["lantoa_due_lag_seconds",] == 0


def test_leases_are_held_until_they_run_out(outside_both: Outside) -> None:
    outside = outside_both
    delivery = delivered_to(outside)
    change(outside, delivery, lease_until=outside.office.now() + timedelta(seconds=60), state=DeliveryState.SENDING)
    found = told(outside)
    assert (found["lantoa_work_held", "deliveries"], found["lantoa_work_leases_expired", "deliveries"]) == (1, 0)
    assert found["lantoa_work_due", "deliveries"] == 0
    outside.clock.forward(seconds=61)
    found = told(outside)
    assert (found["lantoa_work_held", "deliveries"], found["lantoa_work_leases_expired", "deliveries"]) == (0, 1)
    assert found["lantoa_work_due", "deliveries"] == 1


def test_lists_to_look_at_and_pages_to_check_are_work_too(outside_both: Outside) -> None:
    outside = outside_both
    with outside.database.write() as session:
        site = factories.site(
            session, url="https://trang.example/", feeds=["https://trang.example/rss.xml"], now=outside.office.now()
        )
        watch(session, site, now=outside.office.now())
        see(session, site, "https://trang.example/tin.html", How.DISCOVERED, "feed", now=outside.office.now())
    outside.clock.forward(seconds=600)
    found = told(outside)
    assert (found["lantoa_work_due", "sources"], found["lantoa_work_late_seconds", "sources"]) == (1, 600)
    assert found["lantoa_work_due", "pages"] == 1
    assert found["lantoa_sources", "watched"] == 1


def test_tries_are_counted_by_kind_and_outcome_and_their_seconds_fall_into_buckets(outside_both: Outside) -> None:
    outside = outside_both
    delivery = delivered_to(outside)
    for outcome, seconds in (
        (Outcome.DELIVERED, 0.05),
        (Outcome.DELIVERED, 0.1),
        (Outcome.FAILED, 2.0),
        (Outcome.UNKNOWN, 75.0),
        (Outcome.BY_PERSON, 3.0),
    ):
        tried(outside, delivery, outcome, seconds)
    found = told(outside)
    assert found["lantoa_attempts_total", "webhook", "delivered"] == 2
    assert found["lantoa_attempts_total", "webhook", "failed"] == 1
    assert found["lantoa_attempts_total", "webhook", "by_person"] == 1
    within = {key[2]: value for key, value in found.items() if key[0] == "lantoa_attempt_seconds_bucket"}
    assert within == {
        "0.1": 2, "0.25": 2, "0.5": 2, "1.0": 2, "2.5": 3, "5.0": 3, "10.0": 3, "30.0": 3, "60.0": 3, "+Inf": 4,
    }  # fmt: skip
    assert found["lantoa_attempt_seconds_sum", "webhook"] == 77.15  # what a person did by hand is not in it
    assert found["lantoa_attempt_seconds_count", "webhook"] == 4


def test_what_was_counted_once_is_not_read_again_and_the_sum_stays_true(outside_both: Outside) -> None:
    outside, figures = outside_both, Figures()
    delivery = delivered_to(outside)

    def counted(by: Figures) -> int:
        with outside.database.read() as session:
            return by.attempts(session, now=outside.office.now())[0]["webhook", "failed"]

    for number in range(1, 5):
        tried(outside, delivery, Outcome.FAILED, 1.0)
        assert counted(figures) == number
        outside.clock.forward(seconds=UNSETTLED_FOR.total_seconds() / 2)
    assert figures._attempts.upto > 0
    assert counted(Figures()) == 4  # another process, which has never asked, says the same


def test_reads_of_feeds_are_counted_by_answer(outside_both: Outside) -> None:
    outside = outside_both
    outside.publish()
    _, key = outside.partner("Báo Một")
    tag = outside.get(f"/feeds/{key}/rss.xml").headers["ETag"]
    outside.get(f"/feeds/{key}/rss.xml", 304, If_None_Match=tag)
    tag = outside.get("/feeds/atom.xml").headers["ETag"]
    for _ in range(2):
        outside.get("/feeds/atom.xml", 304, If_None_Match=tag)
    counting.note_reads(outside.office)
    found = told(outside)
    assert found["lantoa_partner_feed_reads_total", "rss.xml", "200"] == 1
    assert found["lantoa_partner_feed_reads_total", "rss.xml", "304"] == 1
    assert found["lantoa_public_feed_reads_total", "atom.xml", "200"] == 1
    assert found["lantoa_public_feed_reads_total", "atom.xml", "304"] == 2
    assert found["lantoa_feed_cache_bytes",] > 0
    assert found["lantoa_feed_cache_lookups_total", "no"] > 0
    with outside.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(FeedFetch)).scalar_one() == 2


def test_channels_at_rest_and_the_scarcest_quota_are_told(outside_both: Outside) -> None:
    outside = outside_both
    with outside.database.write() as session:
        for opened, left in ((0, 40), (2, 7)):
            channel = factories.channel(session, "zalo", settings={})
            channel.opened = opened
            facts = accounts.as_json(Account(quotas=(Quota("tin trong ngày", 100, left),)))
            session.add(AccountRead(channel_id=channel.id, facts=facts))
    found = told(outside)
    assert found["lantoa_channels_resting", "zalo"] == 1
    assert found["lantoa_quota_left", "zalo", "tin trong ngày"] == 7


def test_the_clock_and_the_processes_are_seen_while_they_sign(outside_both: Outside) -> None:
    outside = outside_both
    assert told(outside)["lantoa_clock_lead_seconds",] == float("-inf")
    with outside.database.write() as session:
        now = outside.office.now()
        assert leading.lead(session, "clock", "may-1:1", timedelta(seconds=15), now=now)
        for part, ident in (("web", "a"), ("web", "b"), ("work", "c")):
            presence.sign(session, part, ident, "may-1:1", now=now)
    found = told(outside)
    assert found["lantoa_clock_lead_seconds",] == 15
    assert [found["lantoa_processes", part] for part in ("web", "clock", "work")] == [2, 0, 1]
    outside.clock.forward(seconds=61)
    found = told(outside)
    assert found["lantoa_clock_lead_seconds",] == -46
    assert [found["lantoa_processes", part] for part in ("web", "clock", "work")] == [0, 0, 0]


def test_what_waits_for_a_person_and_for_sums_and_the_room_on_the_disk_are_told(outside_both: Outside) -> None:
    outside = outside_both
    outside.submit(outside.draft("Chờ duyệt"))
    delivered_to(outside)
    with outside.database.write() as session:
        session.execute(sa.update(Channel).values(state=ChannelState.NEEDS_AUTHORISATION))
    found = told(outside)
    assert found["lantoa_waiting", "bulletins"] == 1
    assert found["lantoa_waiting", "channels"] == 1
    with outside.database.write() as session:
        for name in ("zalo-1", "zalo-2"):
            spells.begin(session, "channel_unauthorised", name, now=outside.office.now())
    assert told(outside)["lantoa_alarms", "channel_unauthorised"] == 2
    assert found["lantoa_tally_changes",] >= 0
    assert 0 < found["lantoa_disk_free_bytes",] < found["lantoa_disk_bytes",]


def test_the_guide_names_every_figure_and_no_other(outside: Outside) -> None:
    delivered_to(outside)
    families = {one.name for one in text_string_to_metric_families(outside.get("/metrics").text)}
    guide = GUIDE.read_text("utf-8")
    rows = {line.split("`")[1] for line in guide.splitlines() if line.startswith("| `lantoa_")}
    assert {name.partition("{")[0].removesuffix("_total") for name in rows} == families
