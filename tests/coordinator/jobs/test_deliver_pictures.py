"""Channels that carry a bulletin's picture get its bytes, read when it is sent."""

import json
from pathlib import Path

from campaigns.publishing import drafting, workflow
from campaigns.publishing.bulletins import find_bulletin
from campaigns.publishing.drafting import Text
from campaigns.publishing.dressing import Cover, Dress
from campaigns.publishing.outbox import DeliveryState
from coordinator.channels import registry
from coordinator.jobs import picturing
from tests import factories
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.scene import Scene
from tests.factories import APPROVER, NATURES, WRITER

PICTURE = Path(__file__).parents[3] / "docs" / "screens" / "today.png"


def illustrated(stage: Scene) -> str:
    """A bulletin with a picture, out."""
    shown = picturing.take(stage.place, WRITER, PICTURE.read_bytes(), "anh.png")
    now = stage.place.now()
    with stage.database.write() as session:
        text = Text("Lịch tiêm", "Miễn phí.", "<p>Bài.</p>", "Bài.", Dress(Cover(shown.ident, "Trạm y tế")))
        code = drafting.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        seal = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, seal, NATURES, now=now)
        return workflow.publish(session, APPROVER, code, NATURES, now=now).code


def account(stage: Scene, server: HostileServer) -> str:
    """An account on a server that takes everything."""
    server.text("/api/v2/instance", "{}")
    server.text("/api/v2/media", '{"id": "5"}')
    server.text("/api/v1/statuses", '{"id": "9", "url": "https://mxh.example/9"}')
    base = server.url("/").rstrip("/")
    plain, secrets = registry.check_settings(
        "mastodon", {"server_url": base, "account": "so", "access_token": "ma-truy-cap"}
    )
    with stage.database.write() as session:
        sealed = stage.place.seal.close(secrets)
        return factories.channel(session, "mastodon", settings=plain, sealed=sealed, now=stage.place.now()).code


def test_the_whole_picture_goes_along_with_what_it_shows(stage: Scene, server: HostileServer) -> None:
    channel = account(stage, server)
    code = illustrated(stage)
    stage.drain()
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
    upload = next(call for call in server.calls if call.path == "/api/v2/media")
    assert b"\x89PNG" in upload.body
    assert "Trạm y tế".encode() in upload.body
    posted = next(call for call in server.calls if call.path == "/api/v1/statuses")
    assert json.loads(posted.body)["media_ids"] == ["5"]


def test_while_the_picture_cannot_be_read_nothing_is_sent_and_nothing_is_in_doubt(
    stage: Scene, server: HostileServer, tmp_path: Path
) -> None:
    channel = account(stage, server)
    code = illustrated(stage)
    kept, away = tmp_path / "pages", tmp_path / "away"
    kept.rename(away)
    stage.drain()
    (one,) = stage.deliveries(code, channel)
    assert (one.state, one.look_first) == (DeliveryState.RETRYING, False)
    assert "the picture cannot be read" in one.attempts[-1].error
    assert server.calls == []
    away.rename(kept)
    stage.later(minutes=1)
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
