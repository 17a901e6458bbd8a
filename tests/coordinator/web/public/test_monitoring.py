"""``/healthz``, ``/readyz``, ``/metrics``, ``/robots.txt`` and the news sitemap."""

from datetime import timedelta
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
import sqlalchemy as sa
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from campaigns.channels import accounts
from campaigns.channels.accounts import AccountCheck
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import AccountQuota, PlatformAccount
from campaigns.core import incidents, leases
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.discovery.site_sources import sync_sources
from campaigns.reporting import monitoring
from campaigns.reporting.monitoring import UNSETTLED_FOR, KeptCount
from coordinator.jobs import view_buffer_writer
from tests import factories
from tests.coordinator.web.application import BASE, RunningApplication

# Every metric of ``/metrics`` against rows of the test, on both kinds of database.


GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "watch-it.md"
HOOK = {"url": "https://nhan.example/"}


def metric_values(outside: RunningApplication) -> dict[tuple[str, ...], float]:
    """Return each sample under its name and the values of its labels."""
    families = text_string_to_metric_families(outside.get("/metrics").text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def delivered_to(outside: RunningApplication, kind: str = "webhook") -> int:
    """Return the id of a delivery that is due at a channel of a kind."""
    with outside.database.write() as session:
        factories.channel(session, kind, settings=HOOK)
    outside.publish()
    with outside.database.read() as session:
        return session.execute(sa.select(sa.func.max(Delivery.id))).scalar_one()


def tried(outside: RunningApplication, delivery: int, outcome: AttemptOutcome, seconds: float) -> None:
    """Add an attempt of this duration."""
    now = outside.office.now()
    with outside.database.write() as session:
        ended = now + timedelta(seconds=seconds)
        session.add(Attempt(delivery_id=delivery, at=now, ended_at=ended, outcome=outcome, status=200))


def change(outside: RunningApplication, delivery: int, **values: object) -> None:
    with outside.database.write() as session:
        session.execute(sa.update(Delivery).where(Delivery.id == delivery).values(**values))


def test_lateness_is_that_of_the_oldest_delivery_that_could_be_sent(outside_both: RunningApplication) -> None:
    outside = outside_both
    assert metric_values(outside)["lantoa_due_lag_seconds",] == 0
    delivered_to(outside)
    outside.clock.forward(seconds=89)
    found = metric_values(outside)
    assert found["lantoa_due_lag_seconds",] == 90
    assert found["lantoa_deliveries", "due"] == 1
    assert (found["lantoa_work_due", "deliveries"], found["lantoa_work_late_seconds", "deliveries"]) == (1, 90)
    with outside.database.write() as session:
        channel = session.execute(sa.select(Channel)).scalar_one()
        channel.state = ChannelState.PAUSED
    found = metric_values(outside)
    assert found["lantoa_due_lag_seconds",] == 0  # held back by a person on purpose
    assert found["lantoa_channels", "paused"] == 1


def test_a_delivery_behind_one_that_a_person_must_settle_is_not_late(outside_both: RunningApplication) -> None:
    outside = outside_both
    first = delivered_to(outside)
    change(outside, first, state=DeliveryState.UNKNOWN, due_at=None)
    with outside.database.read() as session:
        code = session.get_one(Delivery, first).bulletin.code
    outside.correct(code, "Tên mới", "Lời mới.")
    outside.clock.forward(seconds=300)
    found = metric_values(outside)
    assert found["lantoa_deliveries", "unknown"] == 1
    assert found["lantoa_due_lag_seconds",] == 0


def test_leases_are_held_until_they_run_out(outside_both: RunningApplication) -> None:
    outside = outside_both
    delivery = delivered_to(outside)
    change(outside, delivery, lease_until=outside.office.now() + timedelta(seconds=60), state=DeliveryState.SENDING)
    found = metric_values(outside)
    assert (found["lantoa_work_held", "deliveries"], found["lantoa_work_leases_expired", "deliveries"]) == (1, 0)
    assert found["lantoa_work_due", "deliveries"] == 0
    outside.clock.forward(seconds=61)
    found = metric_values(outside)
    assert (found["lantoa_work_held", "deliveries"], found["lantoa_work_leases_expired", "deliveries"]) == (0, 1)
    assert found["lantoa_work_due", "deliveries"] == 1


def test_lists_to_look_at_and_pages_to_check_are_work_too(outside_both: RunningApplication) -> None:
    outside = outside_both
    with outside.database.write() as session:
        site = factories.site(
            session, url="https://trang.example/", feeds=["https://trang.example/rss.xml"], now=outside.office.now()
        )
        sync_sources(session, site, now=outside.office.now())
        record_sighting(
            session, site, "https://trang.example/tin.html", SightingMethod.DISCOVERED, "feed", now=outside.office.now()
        )
    outside.clock.forward(seconds=600)
    found = metric_values(outside)
    assert (found["lantoa_work_due", "sources"], found["lantoa_work_late_seconds", "sources"]) == (1, 600)
    assert found["lantoa_work_due", "pages"] == 1
    assert found["lantoa_sources", "watched"] == 1


def test_tries_are_counted_by_kind_and_outcome_and_their_seconds_fall_into_buckets(
    outside_both: RunningApplication,
) -> None:
    outside = outside_both
    delivery = delivered_to(outside)
    for outcome, seconds in (
        (AttemptOutcome.DELIVERED, 0.05),
        (AttemptOutcome.DELIVERED, 0.1),
        (AttemptOutcome.FAILED, 2.0),
        (AttemptOutcome.UNKNOWN, 75.0),
        (AttemptOutcome.BY_PERSON, 3.0),
    ):
        tried(outside, delivery, outcome, seconds)
    found = metric_values(outside)
    assert found["lantoa_attempts_total", "webhook", "delivered"] == 2
    assert found["lantoa_attempts_total", "webhook", "failed"] == 1
    assert found["lantoa_attempts_total", "webhook", "by_person"] == 1
    within = {key[2]: value for key, value in found.items() if key[0] == "lantoa_attempt_seconds_bucket"}
    assert within == {
        "0.1": 2, "0.25": 2, "0.5": 2, "1.0": 2, "2.5": 3, "5.0": 3, "10.0": 3, "30.0": 3, "60.0": 3, "+Inf": 4,
    }  # fmt: skip
    assert found["lantoa_attempt_seconds_sum", "webhook"] == 77.15  # manual deliveries are excluded
    assert found["lantoa_attempt_seconds_count", "webhook"] == 4


def test_what_was_counted_once_is_not_read_again_and_the_sum_stays_true(outside_both: RunningApplication) -> None:
    outside = outside_both
    delivery = delivered_to(outside)
    for number in range(1, 6):
        tried(outside, delivery, AttemptOutcome.FAILED, 1.0)
        assert metric_values(outside)["lantoa_attempts_total", "webhook", "failed"] == number
        with outside.database.write() as session:
            monitoring.keep_counts(session, now=outside.office.now())
        assert metric_values(outside)["lantoa_attempts_total", "webhook", "failed"] == number
        outside.clock.forward(seconds=UNSETTLED_FOR.total_seconds() / 2)
    with outside.database.write() as session:
        (kept,) = session.scalars(sa.select(KeptCount).where(KeptCount.log == "attempts"))
        assert 1 <= kept.rows < 5, "the newest are not kept yet"
        session.execute(sa.delete(KeptCount))
    assert metric_values(outside)["lantoa_attempts_total", "webhook", "failed"] == 5 - kept.rows


def test_reads_of_feeds_are_counted_by_answer(outside_both: RunningApplication) -> None:
    outside = outside_both
    outside.publish()
    _, key = outside.partner("Báo Một")
    tag = outside.get(f"/feeds/{key}/rss.xml").headers["ETag"]
    outside.get(f"/feeds/{key}/rss.xml", 304, If_None_Match=tag)
    tag = outside.get("/feeds/atom.xml").headers["ETag"]
    for _ in range(2):
        outside.get("/feeds/atom.xml", 304, If_None_Match=tag)
    view_buffer_writer.flush_feed_reads(outside.office)
    found = metric_values(outside)
    assert found["lantoa_partner_feed_reads_total", "rss.xml", "200"] == 1
    assert found["lantoa_partner_feed_reads_total", "rss.xml", "304"] == 1
    assert found["lantoa_public_feed_reads_total", "atom.xml", "200"] == 1
    assert found["lantoa_public_feed_reads_total", "atom.xml", "304"] == 2
    with outside.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(FeedFetch)).scalar_one() == 2


def test_channels_at_rest_and_the_scarcest_quota_are_reported(outside_both: RunningApplication) -> None:
    outside = outside_both
    with outside.database.write() as session:
        for opened, left in ((0, 40), (2, 7)):
            channel = factories.channel(session, "zalo", settings={})
            channel.opened = opened
            facts = accounts.account_to_json(PlatformAccount(quotas=(AccountQuota("tin trong ngày", 100, left),)))
            session.add(AccountCheck(channel_id=channel.id, facts=facts))
    found = metric_values(outside)
    assert found["lantoa_channels_resting", "zalo"] == 1
    assert found["lantoa_quota_left", "zalo", "tin trong ngày"] == 7


def test_the_clock_and_the_processes_are_seen_while_they_sign(outside_both: RunningApplication) -> None:
    outside = outside_both
    assert metric_values(outside)["lantoa_clock_lead_seconds",] == float("-inf")
    with outside.database.write() as session:
        now = outside.office.now()
        assert leases.acquire_lease(session, "clock", "may-1:1", timedelta(seconds=15), now=now)
        for part, ident in (("web", "a"), ("web", "b"), ("work", "c")):
            leases.record_heartbeat(session, part, ident, "may-1:1", now=now)
    found = metric_values(outside)
    assert found["lantoa_clock_lead_seconds",] == 15
    assert [found["lantoa_processes", part] for part in ("web", "clock", "work")] == [2, 0, 1]
    outside.clock.forward(seconds=61)
    found = metric_values(outside)
    assert found["lantoa_clock_lead_seconds",] == -46
    assert [found["lantoa_processes", part] for part in ("web", "clock", "work")] == [0, 0, 0]


def test_what_waits_for_a_person_and_for_sums_and_the_space_on_the_disk_are_reported(
    outside_both: RunningApplication,
) -> None:
    outside = outside_both
    outside.submit(outside.draft("Chờ duyệt"))
    delivered_to(outside)
    with outside.database.write() as session:
        session.execute(sa.update(Channel).values(state=ChannelState.NEEDS_AUTHORISATION))
    found = metric_values(outside)
    assert found["lantoa_waiting", "bulletins"] == 1
    assert found["lantoa_waiting", "channels"] == 1
    with outside.database.write() as session:
        for name in ("zalo-1", "zalo-2"):
            incidents.begin_incident(session, "channel_unauthorised", name, now=outside.office.now())
    assert metric_values(outside)["lantoa_alarms", "channel_unauthorised"] == 2
    assert found["lantoa_tally_changes",] >= 0
    assert 0 < found["lantoa_disk_free_bytes",] < found["lantoa_disk_bytes",]


def test_the_guide_names_every_figure_and_no_other(outside: RunningApplication) -> None:
    delivered_to(outside)
    families = {metric.name for metric in text_string_to_metric_families(outside.get("/metrics").text)}
    guide = GUIDE.read_text("utf-8")
    rows = {line.split("`")[1] for line in guide.splitlines() if line.startswith("| `lantoa_")}
    assert {name.partition("{")[0].removesuffix("_total") for name in rows} == families


MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def lead(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        assert leases.acquire_lease(session, "clock", "test", timedelta(minutes=1), now=outside.office.now())


def live(outside: RunningApplication, *parts: str) -> None:
    with outside.database.write() as session:
        for part in parts:
            leases.record_heartbeat(session, part, "test", "here:1", now=outside.office.now())


def titles(outside: RunningApplication) -> list[str]:
    root = etree.fromstring(outside.get("/sitemap-news.xml").data)
    return [item.findtext(f"{NEWS}news/{NEWS}title") for item in root.findall(f"{MAP}url")]


def test_alive_is_reported_without_asking_anything(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(outside.database, "read", broken)
    assert outside.get("/healthz").text == "ok\n"


def test_ready_needs_a_clock_a_worker_and_deliveries_in_time(outside: RunningApplication) -> None:
    assert outside.get("/readyz", 503).text == "no clock is running\nno worker is running\n"
    lead(outside)
    assert outside.get("/readyz", 503).text == "no clock is running\nno worker is running\n", "it only holds the lead"
    live(outside, "clock", "work")
    assert outside.get("/readyz").text == "ready\n"
    with outside.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    outside.publish()
    outside.clock.forward(minutes=6)
    lead(outside)
    live(outside, "clock", "work")
    assert outside.get("/readyz", 503).text == "deliveries are more than five minutes late\n"


def test_not_ready_without_a_database_is_reported_and_no_error_page(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(outside.database, "read", broken)
    assert outside.get("/readyz", 503).text == "the database does not answer\n"


def test_metrics_are_for_the_staffs_network_and_are_read_by_prometheus(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    outside.publish()
    for stranger in ("203.0.113.9", "10.0.0.1", "::2"):
        answer = outside.client.get("/metrics", environ_overrides={"REMOTE_ADDR": stranger})
        assert answer.status_code == 404
        assert "lantoa_" not in answer.text
    # Without a proxy a header proves nothing.
    forged = outside.client.get(
        "/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert forged.status_code == 404
    text = outside.get("/metrics").text
    found = {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["lantoa_deliveries", ("due",)] == 1
    assert found["lantoa_channels", ("active",)] == 1
    assert "lantoa_due_lag_seconds" in {name for name, _ in found}


def test_crawlers_are_let_to_the_bulletins_and_kept_from_the_desk(outside: RunningApplication) -> None:
    answer = outside.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    parser = RobotFileParser()
    parser.parse(answer.text.splitlines())
    assert parser.can_fetch("Googlebot", f"{BASE}/bulletins/BT-2026-11-24-001")
    assert parser.can_fetch("Googlebot", f"{BASE}/feeds/rss.xml")
    assert not parser.can_fetch("Googlebot", f"{BASE}/desk/bulletins")
    assert not parser.can_fetch("Googlebot", f"{BASE}/api/v1/bulletins")
    assert parser.site_maps() == [f"{BASE}/sitemap.xml", f"{BASE}/sitemap-news.xml"]


def test_the_news_sitemap_has_the_last_two_days_newest_first(outside: RunningApplication) -> None:
    outside.publish("Tin cũ")
    outside.clock.forward(hours=47)
    code = outside.publish("Tin mới & nóng")
    outside.publish("Tin sẽ thu hồi")
    outside.recall(outside.publish("Tin đã thu hồi"))
    outside.schedule("Tin hẹn giờ")
    outside.draft("Tin nháp")
    assert titles(outside) == ["Tin sẽ thu hồi", "Tin mới & nóng", "Tin cũ"]
    outside.clock.forward(hours=1)
    assert titles(outside) == ["Tin hẹn giờ", "Tin sẽ thu hồi", "Tin mới & nóng"]
    answer = outside.get("/sitemap-news.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    first = etree.fromstring(answer.data).findall(f"{MAP}url")[2]
    assert first.findtext(f"{MAP}loc") == f"{BASE}/bulletins/{code}"
    assert first.findtext(f"{NEWS}news/{NEWS}publication_date") == "2026-11-26T09:00:01+07:00"
    assert first.findtext(f"{NEWS}news/{NEWS}publication/{NEWS}language") == "vi"
