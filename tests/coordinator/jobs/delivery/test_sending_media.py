"""Channels get the video of a bulletin: uploaded once, asked for later, posted once, and never in the way of texts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins import drafts, media
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.library.video_addresses import video_addresses
from campaigns.bulletins.media import MediaItem, MediaKind
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.channels.memory.transport import ProcessKilled
from coordinator.demo.loopback_services import SandboxServer
from coordinator.jobs import sending
from coordinator.jobs.bulletins import pictures
from tests import drawn_pictures, factories, sample_media
from tests.coordinator.channels.facebook.sandbox_videos import PAGE, SandboxVideos
from tests.coordinator.channels.mastodon.sandbox_uploads import SandboxUploads
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import APPROVER, DELIVERY_MODES, WRITER


def filmed(stage: JobHarness, title: str = "Lịch tiêm", **facts: Any) -> str:
    """A bulletin with a video and its poster, out; its code. ``facts``: of the video, in place of those it has."""
    poster = pictures.store_picture(stage.context, WRITER, drawn_pictures.jpeg(drawn_pictures.photograph(1)), "bia.jpg")
    body = sample_media.video()
    digest, key = stage.context.store.keep(body)
    given = {"sha256": digest, "length": len(body), "seconds": 3.0, **facts}
    item = MediaItem(ident="", kind=MediaKind.VIDEO, mime="video/mp4", width=320, height=240, **given)
    now = stage.context.now()
    with stage.database.write() as session:
        row = media.add_media(session, WRITER, item, key=key, name="phim", now=now)
        kept = media.kept_items(session, [row.ident, poster.ident])
        whole = media.MediaItem(
            **{
                **vars(kept[row.ident]),
                "alt": "Y tá tiêm",
                "text": sample_media.TRANSCRIPT,
                "poster": kept[poster.ident],
            }
        )
        text = BulletinText(title, "Miễn phí.", "<p>Bài.</p>", "Bài.", media=(whole,))
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    return code


@pytest.fixture
def server(stage: JobHarness) -> Iterator[SandboxUploads]:
    """An account on a server that processes what is uploaded while it is asked."""
    sample_media.need_ffmpeg()
    sandbox = SandboxUploads(looks=2)
    with SandboxServer(sandbox.app) as base:
        plain, secrets = registry.check_settings(
            "mastodon", {"server_url": base, "account": "so", "access_token": "ma-truy-cap"}
        )
        with stage.database.write() as session:
            factories.channel(
                session, "mastodon", settings=plain, encrypted_secrets=stage.context.encryption.encrypt(secrets),
                now=stage.context.now(),
            )  # fmt: skip
        yield sandbox


def delivery_of(stage: JobHarness, code: str) -> Delivery:
    (delivery,) = stage.deliveries(code)
    return delivery


def test_an_upload_is_kept_with_the_delivery_and_asked_for_until_it_can_be_posted(
    stage: JobHarness, server: SandboxUploads
) -> None:
    code = filmed(stage)
    stage.drain()
    waiting = delivery_of(stage, code)
    assert (waiting.state, waiting.token, waiting.lease_until) == (DeliveryState.SENDING, "upload:77", None)
    assert server.posts == []
    for _ in range(5):
        stage.later(seconds=10)
    done = delivery_of(stage, code)
    assert (done.state, done.token, done.remote_id) == (DeliveryState.DELIVERED, None, "1")
    assert [post["media_ids"] for post in server.posts] == [["77"]]
    assert len(server.uploads) == 1
    assert [attempt.outcome.value for attempt in done.attempts] == ["accepted", "delivered"]


def test_a_recall_while_the_server_processes_the_video_posts_nothing(stage: JobHarness, server: SandboxUploads) -> None:
    server.looks = None
    code = filmed(stage)
    stage.drain()
    stage.recall(code)
    for _ in range(5):
        stage.later(seconds=10)
    assert server.posts == []
    assert stage.states(code) == ["cancelled", "skipped"]


def test_a_video_that_is_never_processed_leaves_the_text_with_its_poster_and_the_delivery_says_so(
    stage: JobHarness, server: SandboxUploads
) -> None:
    server.looks = None
    server.pictures_at_once = True
    code = filmed(stage)
    for _ in range(20):
        stage.later(minutes=1)
    done = delivery_of(stage, code)
    assert done.state is DeliveryState.DELIVERED
    assert "without its video: the channel never said that it had processed it" in done.attempts[-1].error
    (post,) = server.posts
    assert post["media_ids"] == ["5"], "the poster"


def test_a_video_that_the_channel_does_not_take_leaves_the_text_with_its_poster_and_the_delivery_says_so(
    stage: JobHarness, server: SandboxUploads
) -> None:
    server.pictures_at_once = True
    code = filmed(stage, length=99_000_001)
    stage.drain()
    done = delivery_of(stage, code)
    assert done.state is DeliveryState.DELIVERED
    assert "without its video: too large by 1 bytes" in done.attempts[-1].error
    assert [post["media_ids"] for post in server.posts] == [["5"]]


def test_a_worker_that_ends_after_the_upload_may_upload_again_and_posts_once(
    stage: JobHarness, server: SandboxUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = filmed(stage)
    settle = sending.settle

    def killed(*_given: Any) -> None:
        monkeypatch.setattr(sending, "settle", settle)
        raise ProcessKilled

    monkeypatch.setattr(sending, "settle", killed)
    with pytest.raises(ProcessKilled):
        stage.drain()
    assert (len(server.uploads), server.posts) == (1, [])
    for _ in range(12):
        stage.later(minutes=1)
    assert delivery_of(stage, code).state is DeliveryState.DELIVERED
    assert (len(server.uploads), len(server.posts)) == (2, 1)


def test_a_lease_lasts_as_long_as_an_upload_may_take(
    stage: JobHarness, server: SandboxUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = []

    def look() -> None:
        with stage.database.read() as session:
            leases.append(session.execute(sa.select(Delivery.lease_until)).scalar_one() - stage.context.now())

    server.on_upload = look
    filmed(stage, length=50_000_000)
    stage.drain()
    # At 250,000 bytes a second.
    assert leases == [stage.context.intervals.lease + timedelta(seconds=200)]


def test_while_another_large_file_is_sent_a_video_waits_without_a_try_and_texts_go_on(
    stage: JobHarness, server: SandboxUploads
) -> None:
    code = filmed(stage, length=50_000_000)
    with stage.context.uploads:
        text = stage.publish()
        for _ in range(3):
            stage.later(seconds=6)
        waiting = delivery_of(stage, code)
        assert (waiting.state, waiting.attempt, waiting.attempts) == (DeliveryState.DUE, 0, [])
        assert delivery_of(stage, text).state is DeliveryState.DELIVERED
        assert server.uploads == []
    for _ in range(8):
        stage.later(seconds=10)
    assert delivery_of(stage, code).state is DeliveryState.DELIVERED
    assert len(server.uploads) == 1


def test_the_address_of_a_video_that_a_channel_has_posted_is_kept_with_the_bulletin(stage: JobHarness) -> None:
    sample_media.need_ffmpeg()
    with SandboxServer(SandboxVideos().app) as base:
        plain, secrets = registry.check_settings(
            "facebook", {"page_id": PAGE, "api_base": base, "page_token": "ma-trang"}
        )
        with stage.database.write() as session:
            factories.channel(
                session, "facebook", settings=plain, encrypted_secrets=stage.context.encryption.encrypt(secrets),
                now=stage.context.now(),
            )  # fmt: skip
        code = filmed(stage)
        stage.drain()
    assert delivery_of(stage, code).state is DeliveryState.DELIVERED
    with stage.database.read() as session:
        kept = video_addresses(session, find_bulletin(session, code).id)
        assert [row.url for row in kept] == ["https://www.facebook.com/so/videos/102938475601"]
