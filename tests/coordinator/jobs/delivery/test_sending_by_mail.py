"""Bulletins by mail, from the ledger to a real mail server, and the link to unsubscribe."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from campaigns.delivery.outbox import DeliveryState
from coordinator.mail.smtp import MailServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.mail.recording_server import RecordingMailServer, recording_mail_server

SETTINGS = {"address": "toasoan@bao.example"}


@pytest.fixture
def box(stage: JobHarness) -> Iterator[RecordingMailServer]:
    """The mail server that the office has set up."""
    with recording_mail_server() as opened:
        server = MailServer.from_address(f"smtp://127.0.0.1:{opened.port}", "", "Sở <tin@so.example>")
        stage.context = replace(stage.context, mail=server)
        yield opened


def test_a_bulletin_its_correction_and_its_recall_are_letters_that_answer_one_another(
    stage: JobHarness, box: RecordingMailServer
) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    code = stage.publish(title="Lịch tiêm tuần này")
    stage.drain()
    stage.correct(code)
    stage.later(seconds=1)
    stage.recall(code)
    stage.later(seconds=1)
    first, second, third = box.letters
    assert [message["Subject"] for message in box.letters] == [
        "Lịch tiêm tuần này", "Đính chính: Đã sửa lịch tiêm", f"Thu hồi bản tin {code}"
    ]  # fmt: skip
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert [delivery.remote_id for delivery in stage.deliveries(code, channel)] == [
        message["Message-ID"] for message in box.letters
    ]
    mark = stage.context.encryption.sign(f"leave {channel}")
    assert first["List-Unsubscribe"].strip() == f"<https://tin.example/unsubscribe/{channel}.{mark}>"


def test_a_letter_in_doubt_is_left_to_a_person_and_one_refused_for_now_is_tried_again(
    stage: JobHarness, box: RecordingMailServer
) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    box.refuses.append("451 ban")
    code = stage.publish()
    stage.drain()
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.RETRYING]
    box.breaks = 1
    stage.later(minutes=5)
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.UNKNOWN]
    stage.later(hours=12)
    assert len(box.letters) == 1


def test_without_a_mail_server_deliveries_wait_until_there_is_one(stage: JobHarness) -> None:
    channel = stage.channel("email", settings=SETTINGS)
    code = stage.publish()
    stage.drain()
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.RETRYING]
    with recording_mail_server() as box:
        server = MailServer.from_address(f"smtp://127.0.0.1:{box.port}", "", "Sở <tin@so.example>")
        stage.context = replace(stage.context, mail=server)
        stage.resume(channel)
        stage.later(seconds=1)
        assert len(box.letters) == 1
    assert [delivery.state for delivery in stage.deliveries(code, channel)] == [DeliveryState.DELIVERED]
