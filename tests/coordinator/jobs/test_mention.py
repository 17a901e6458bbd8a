"""Pages of strangers that say they link to a bulletin: read once, believed when they do, and never counted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking import mentions
from campaigns.tracking.mentions import Mention, MentionState, TooMany
from campaigns.tracking.republications import Republication
from campaigns.tracking.sightings import Page
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.scene import Scene
from tests.factories import ADMIN


@pytest.fixture
def code(scene: Scene) -> str:
    return scene.publish()


def told(scene: Scene, code: str, source: str) -> None:
    with scene.database.write() as session:
        mentions.note(session, find_bulletin(session, code), source, now=scene.place.now())


def the(scene: Scene) -> Mention:
    with scene.database.read() as session:
        return session.execute(sa.select(Mention)).scalar_one()


def shown(scene: Scene, code: str) -> list[str]:
    with scene.database.read() as session:
        return [one.source for one in mentions.linking(session, find_bulletin(session, code))]


def link(code: str) -> str:
    return f'<html><title>Blog của tôi</title><a href="https://tin.example/bulletins/{code}">x</a></html>'


def test_a_page_that_links_is_shown_with_its_title_and_counts_nothing(
    scene: Scene, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    told(scene, code, source)
    assert shown(scene, code) == []
    assert scene.drain("mention") == 1
    assert (the(scene).state, the(scene).title, the(scene).due_at) == (MentionState.LINKED, "Blog của tôi", None)
    assert shown(scene, code) == [source]
    with scene.database.read() as session:
        assert session.execute(sa.select(Republication)).first() is None
        assert session.execute(sa.select(Page)).first() is None


def test_a_page_that_does_not_link_is_not_shown_and_one_that_stops_is_taken_off(
    scene: Scene, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", "<p>https://tin.example/</p>", Content_Type="text/html")
    told(scene, code, source)
    scene.drain("mention")
    assert (the(scene).state, shown(scene, code)) == (MentionState.ABSENT, [])
    server.text("/blog", link(code), Content_Type="text/html")
    scene.clock.forward(minutes=2)
    told(scene, code, source)
    scene.drain("mention")
    assert shown(scene, code) == [source]
    server.text("/blog", "", "410 Gone")
    scene.clock.forward(minutes=2)
    told(scene, code, source)
    scene.drain("mention")
    assert shown(scene, code) == []


def test_the_same_again_within_a_minute_asks_nobody(scene: Scene, code: str, server: HostileServer) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    for _ in range(5):
        told(scene, code, source)
        scene.drain("mention")
    assert len(server.calls) == 1


def test_a_page_that_cannot_be_read_is_tried_three_times(scene: Scene, code: str, server: HostileServer) -> None:
    told(scene, code, server.text("/blog", "", "500 Internal Server Error"))
    assert scene.drain("mention") == 1
    for _ in range(5):
        scene.later("mention", hours=1)
    assert (the(scene).state, the(scene).due_at) == (MentionState.UNREAD, None)
    assert "500" in the(scene).error
    assert len(server.calls) == 3


def test_what_a_blocked_sender_sent_is_shown_no_more_and_not_read(
    scene: Scene, code: str, server: HostileServer
) -> None:
    source = server.text("/blog", link(code), Content_Type="text/html")
    told(scene, code, source)
    scene.drain("mention")
    with scene.database.write() as session:
        row = mentions.add_block(session, ADMIN.id, "127.0.0.1", "Thư rác", now=scene.place.now())
        public = row.public
    assert shown(scene, code) == []
    scene.clock.forward(minutes=2)
    told(scene, code, source)
    scene.drain("mention")
    assert len(server.calls) == 1
    with scene.database.write() as session:
        assert mentions.remove_block(session, ADMIN.id, public, now=scene.place.now()) == "127.0.0.1"
    assert scene.journal_holds()


def test_one_host_fills_neither_a_bulletin_nor_an_hour(scene: Scene, code: str) -> None:
    other = scene.publish(title="Bản tin khác")
    for number in range(mentions.MOST_OF_A_HOST):
        told(scene, code, f"https://blog.example/{number}")
    with pytest.raises(TooMany, match="enough"):
        told(scene, code, "https://blog.example/more")
    for number in range(mentions.MOST_AN_HOUR - mentions.MOST_OF_A_HOST):
        told(scene, other, f"https://blog.example/{number}")
    with pytest.raises(TooMany, match="in an hour") as caught:
        told(scene, other, "https://blog.example/more")
    assert caught.value.retry_after == 3600
    told(scene, other, "https://khac.example/")
    scene.clock.moment += timedelta(hours=1)
    told(scene, other, "https://blog.example/more")
