"""Pages that claim a link to a bulletin: read once, verified, and never counted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.discovery import webmentions
from campaigns.discovery.sightings import Page
from campaigns.discovery.webmentions import TooManyWebmentions, Webmention, WebmentionState
from campaigns.republications.republications import Republication
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import ADMIN


@pytest.fixture
def code(scene: JobHarness) -> str:
    return scene.publish()


def send_webmention(scene: JobHarness, code: str, source: str) -> None:
    with scene.database.write() as session:
        webmentions.record_webmention(session, find_bulletin(session, code), source, now=scene.context.now())


def the(scene: JobHarness) -> Webmention:
    with scene.database.read() as session:
        return session.execute(sa.select(Webmention)).scalar_one()


def shown(scene: JobHarness, code: str) -> list[str]:
    with scene.database.read() as session:
        return [webmention.source for webmention in webmentions.linking_pages(session, find_bulletin(session, code))]


def link(code: str) -> str:
    return f'<html><title>Blog của tôi</title><a href="https://tin.example/bulletins/{code}">x</a></html>'


def test_a_page_that_links_is_shown_with_its_title_and_counts_nothing(
    scene: JobHarness, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    send_webmention(scene, code, source)
    assert shown(scene, code) == []
    assert scene.drain("webmention") == 1
    assert (the(scene).state, the(scene).title, the(scene).due_at) == (WebmentionState.LINKED, "Blog của tôi", None)
    assert shown(scene, code) == [source]
    with scene.database.read() as session:
        assert session.execute(sa.select(Republication)).first() is None
        assert session.execute(sa.select(Page)).first() is None


def test_a_page_that_does_not_link_is_not_shown_and_one_that_stops_is_taken_off(
    scene: JobHarness, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", "<p>https://tin.example/</p>", Content_Type="text/html")
    send_webmention(scene, code, source)
    scene.drain("webmention")
    assert (the(scene).state, shown(scene, code)) == (WebmentionState.ABSENT, [])
    server.text("/blog", link(code), Content_Type="text/html")
    scene.clock.forward(minutes=2)
    send_webmention(scene, code, source)
    scene.drain("webmention")
    assert shown(scene, code) == [source]
    server.text("/blog", "", "410 Gone")
    scene.clock.forward(minutes=2)
    send_webmention(scene, code, source)
    scene.drain("webmention")
    assert shown(scene, code) == []


def test_the_same_again_within_a_minute_asks_nobody(scene: JobHarness, code: str, server: HostileServer) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    for _ in range(5):
        send_webmention(scene, code, source)
        scene.drain("webmention")
    assert len(server.calls) == 1


def test_a_page_that_cannot_be_read_is_tried_three_times(scene: JobHarness, code: str, server: HostileServer) -> None:
    send_webmention(scene, code, server.text("/blog", "", "500 Internal Server Error"))
    assert scene.drain("webmention") == 1
    for _ in range(5):
        scene.later("webmention", hours=1)
    assert (the(scene).state, the(scene).due_at) == (WebmentionState.UNREAD, None)
    assert "500" in the(scene).error
    assert len(server.calls) == 3


def test_what_a_blocked_sender_sent_is_shown_no_more_and_not_read(
    scene: JobHarness, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    send_webmention(scene, code, source)
    scene.drain("webmention")
    with scene.database.write() as session:
        row = webmentions.add_block(session, ADMIN.id, "127.0.0.1", "Thư rác", now=scene.context.now())
        public = row.public
    assert shown(scene, code) == []
    scene.clock.forward(minutes=2)
    send_webmention(scene, code, source)
    scene.drain("webmention")
    assert len(server.calls) == 1
    with scene.database.write() as session:
        assert webmentions.remove_block(session, ADMIN.id, public, now=scene.context.now()) == "127.0.0.1"
    assert scene.journal_holds()


def test_one_host_fills_neither_a_bulletin_nor_an_hour(scene: JobHarness, code: str) -> None:
    other = scene.publish(title="Bản tin khác")
    for number in range(webmentions.MOST_OF_A_HOST):
        send_webmention(scene, code, f"https://blog.example/{number}")
    with pytest.raises(TooManyWebmentions, match="enough"):
        send_webmention(scene, code, "https://blog.example/more")
    for number in range(webmentions.MOST_AN_HOUR - webmentions.MOST_OF_A_HOST):
        send_webmention(scene, other, f"https://blog.example/{number}")
    with pytest.raises(TooManyWebmentions, match="in an hour") as exception_info:
        send_webmention(scene, other, "https://blog.example/more")
    assert exception_info.value.retry_after == 3600
    send_webmention(scene, other, "https://khac.example/")
    scene.clock.moment += timedelta(hours=1)
    send_webmention(scene, other, "https://blog.example/more")
