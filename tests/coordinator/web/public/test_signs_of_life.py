"""``/healthz``, ``/readyz``, ``/metrics``, ``/robots.txt`` and the news sitemap."""

from datetime import timedelta
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from campaigns.core import leading
from tests import factories
from tests.coordinator.web.public.outside import BASE, Outside

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def lead(outside: Outside) -> None:
    with outside.database.write() as session:
        assert leading.lead(session, "clock", "test", timedelta(minutes=1), now=outside.office.now())


def titles(outside: Outside) -> list[str]:
    root = etree.fromstring(outside.get("/sitemap-news.xml").data)
    return [one.findtext(f"{NEWS}news/{NEWS}title") for one in root.findall(f"{MAP}url")]


def test_alive_is_said_without_asking_anything(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(outside.database, "read", broken)
    assert outside.get("/healthz").text == "ok\n"


def test_ready_needs_a_clock_and_deliveries_in_time(outside: Outside) -> None:
    assert outside.get("/readyz", 503).text == "no clock is running\n"
    lead(outside)
    assert outside.get("/readyz").text == "ready\n"
    with outside.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    outside.publish()
    outside.clock.forward(minutes=6)
    lead(outside)
    assert outside.get("/readyz", 503).text == "deliveries are more than five minutes late\n"


def test_not_ready_without_a_database_is_said_and_no_error_page(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(outside.database, "read", broken)
    assert outside.get("/readyz", 503).text == "the database does not answer\n"


def test_metrics_are_for_the_staffs_network_and_are_read_by_prometheus(outside: Outside) -> None:
    with outside.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    outside.publish()
    for stranger in ("203.0.113.9", "10.0.0.1", "::2"):
        answer = outside.client.get("/metrics", environ_overrides={"REMOTE_ADDR": stranger})
        assert answer.status_code == 404
        assert "lantoa_" not in answer.text
    # Behind no proxy a header proves nothing.
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


def test_crawlers_are_let_to_the_bulletins_and_kept_from_the_desk(outside: Outside) -> None:
    answer = outside.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    parser = RobotFileParser()
    parser.parse(answer.text.splitlines())
    assert parser.can_fetch("Googlebot", f"{BASE}/bulletins/BT-2026-11-24-001")
    assert parser.can_fetch("Googlebot", f"{BASE}/feeds/rss.xml")
    assert not parser.can_fetch("Googlebot", f"{BASE}/desk/bulletins")
    assert not parser.can_fetch("Googlebot", f"{BASE}/api/v1/bulletins")
    assert parser.site_maps() == [f"{BASE}/sitemap-news.xml"]


def test_the_news_sitemap_has_the_last_two_days_newest_first(outside: Outside) -> None:
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
