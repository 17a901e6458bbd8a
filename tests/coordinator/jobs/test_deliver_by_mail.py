"""Bulletins that go out by mail, from the ledger to a real mail server, and the link by which they are stopped."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from campaigns.publishing.outbox import DeliveryState
from coordinator.mail.smtp import MailServer
from tests.coordinator.jobs.scene import Scene
from tests.coordinator.mail.postbox import Postbox, postbox

SETTINGS = {"address": "toasoan@bao.example"}


@pytest.fixture
def box(stage: Scene) -> Iterator[Postbox]:
    """The mail server that the office has set up."""
    with postbox() as opened:
        server = MailServer.of(f"smtp://127.0.0.1:{opened.port}", "", "Sở <tin@so.example>")
        stage.place = replace(stage.place, mail=server)
        yield opened


def test_a_bulletin_its_correction_and_its_recall_are_letters_that_answer_one_another(
    stage: Scene, box: Postbox
) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    code = stage.publish(title="Lịch tiêm tuần này")
    stage.drain()
    stage.correct(code)
    stage.later(seconds=1)
    stage.recall(code)
    stage.later(seconds=1)
    first, second, third = box.letters
    assert [one["Subject"] for one in box.letters] == [
        "Lịch tiêm tuần này", "Đính chính: Đã sửa lịch tiêm", f"Thu hồi bản tin {code}"
    ]  # fmt: skip
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert [one.remote_id for one in stage.deliveries(code, channel)] == [one["Message-ID"] for one in box.letters]
    mark = stage.place.seal.mark(f"leave {channel}")
    assert first["List-Unsubscribe"].strip() == f"<https://tin.example/unsubscribe/{channel}.{mark}>"


def test_a_letter_in_doubt_is_left_to_a_person_and_one_refused_for_now_is_tried_again(
    stage: Scene, box: Postbox
) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    box.refuses.append("451 ban")
    code = stage.publish()
    stage.drain()
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.RETRYING]
    box.breaks = 1
    stage.later(minutes=5)
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.UNKNOWN]
    stage.later(hours=12)
    assert len(box.letters) == 1


def test_without_a_mail_server_deliveries_wait_until_there_is_one(stage: Scene) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    code = stage.publish()
    stage.drain()
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.RETRYING]
    with postbox() as box:
        server = MailServer.of(f"smtp://127.0.0.1:{box.port}", "", "Sở <tin@so.example>")
        stage.place = replace(stage.place, mail=server)
        stage.resume(channel)
        stage.later(seconds=1)
        assert len(box.letters) == 1
    assert [one.state for one in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
