"""Channels with pictures get the bytes, which are read at the time of sending."""

import json
from pathlib import Path

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.presentation import Cover, Presentation
from campaigns.delivery.outbox import DeliveryState
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.jobs.bulletins import pictures
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

PICTURE = Path(__file__).parents[4] / "docs" / "screens" / "today.png"


def illustrated(stage: JobHarness) -> str:
    """A bulletin with a picture, out."""
    shown = pictures.store_picture(stage.context, WRITER, PICTURE.read_bytes(), "anh.png")
    now = stage.context.now()
    with stage.database.write() as session:
        text = BulletinText(
            "Lịch tiêm", "Miễn phí.", "<p>Bài.</p>", "Bài.", Presentation(Cover(shown.ident, "Trạm y tế"))
        )
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, DELIVERY_MODES, now=now)
        return workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now).code


def account(stage: JobHarness, server: HostileServer) -> str:
    """An account on a server that takes everything."""
    server.text("/api/v2/instance", "{}")
    server.text("/api/v2/media", '{"id": "5"}')
    server.text("/api/v1/statuses", '{"id": "9", "url": "https://mxh.example/9"}')
    base = server.url("/").rstrip("/")
    plain, secrets = registry.check_settings(
        "mastodon", {"server_url": base, "account": "so", "access_token": "ma-truy-cap"}
    )
    with stage.database.write() as session:
        encrypted_secrets = stage.context.encryption.encrypt(secrets)
        return factories.channel(
            session, "mastodon", settings=plain, encrypted_secrets=encrypted_secrets, now=stage.context.now()
        ).code


def test_the_whole_picture_goes_along_with_what_it_shows(stage: JobHarness, server: HostileServer) -> None:
    channel = account(stage, server)
    code = illustrated(stage)
    stage.drain()
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
    upload = next(call for call in server.calls if call.path == "/api/v2/media")
    assert b"\x89PNG" in upload.body
    assert "Trạm y tế".encode() in upload.body
    posted = next(call for call in server.calls if call.path == "/api/v1/statuses")
    assert json.loads(posted.body)["media_ids"] == ["5"]


def test_while_the_picture_cannot_be_read_nothing_is_sent_and_nothing_is_in_doubt(
    stage: JobHarness, server: HostileServer, tmp_path: Path
) -> None:
    channel = account(stage, server)
    code = illustrated(stage)
    kept, away = tmp_path / "pages", tmp_path / "away"
    kept.rename(away)
    stage.drain()
    (delivery,) = stage.deliveries(code, channel)
    assert (delivery.state, delivery.look_first) == (DeliveryState.RETRYING, False)
    assert "the picture cannot be read" in delivery.attempts[-1].error
    assert server.calls == []
    away.rename(kept)
    stage.later(minutes=1)
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
