"""Deliveries to real endpoints on loopback: every kind of response, and the same id and body on every retry."""

import time
from email.utils import formatdate
from pathlib import Path

import pytest

from campaigns.channels.channels import ChannelState
from campaigns.core.errors import Conflict
from campaigns.delivery.outbox import AttemptOutcome
from coordinator.http.client import HttpClient
from coordinator.jobs.release import commands
from coordinator.jobs.work_kinds import WORK_KINDS
from tests.coordinator.hostile_server import WAYS
from tests.coordinator.jobs.harness import JobHarness, Receiver
from tests.factories import APPROVER


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
def test_every_2xx_is_received(stage: JobHarness, receiver: Receiver, status: str) -> None:
    stage.channel(receiver=receiver)
    receiver.then(status)
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.attempts[0].status) == ("delivered", int(status[:3]))
    ((ident, event, body),) = receiver.got
    assert (ident, event["type"], event["data"]["code"]) == (delivery.key, "bulletin.published", code)
    assert event["data"]["url"] == f"https://tin.example/bulletins/{code}"
    assert len(body) < 20_000


@pytest.mark.parametrize(
    ("status", "state", "outcome"),
    [
        ("302 Found", "retrying", AttemptOutcome.FAILED),
        ("307 Temporary Redirect", "retrying", AttemptOutcome.FAILED),
        ("400 Bad Request", "dead", AttemptOutcome.REFUSED),
        ("401 Unauthorized", "dead", AttemptOutcome.REFUSED),
        ("403 Forbidden", "dead", AttemptOutcome.REFUSED),
        ("404 Not Found", "dead", AttemptOutcome.REFUSED),
        ("408 Request Timeout", "retrying", AttemptOutcome.FAILED),
        ("425 Too Early", "retrying", AttemptOutcome.FAILED),
        ("500 Internal Server Error", "retrying", AttemptOutcome.FAILED),
        ("503 Service Unavailable", "retrying", AttemptOutcome.FAILED),
    ],
)
def test_every_other_status_is_a_failure(
    stage: JobHarness, receiver: Receiver, status: str, state: str, outcome: AttemptOutcome
) -> None:
    stage.channel(receiver=receiver)
    receiver.then(status, Location=receiver.url.replace("/hook", "/elsewhere"))
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.attempts[0].outcome, delivery.attempts[0].status) == (
        state,
        outcome,
        int(status[:3]),
    )
    assert len(receiver.got) == 1


def test_a_redirect_is_never_followed(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then("308 Permanent Redirect", Location=receiver.url.replace("/hook", "/"))
    stage.publish()
    stage.drain()
    assert [call.path for call in receiver.server.calls] == ["/hook"]


def test_410_ends_the_endpoint(stage: JobHarness, receiver: Receiver) -> None:
    channel = stage.channel(receiver=receiver)
    receiver.then("410 Gone")
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.reason) == ("dead", "endpoint_gone")
    assert stage.channel_row(channel).state is ChannelState.RETIRED
    stage.publish()
    assert stage.later(days=1) == 0
    assert len(receiver.got) == 1


def test_retry_after_is_honoured_in_seconds_and_as_a_date(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then("429 Too Many Requests", Retry_After=90)
    receiver.then("429 Too Many Requests", Retry_After=formatdate(time.time() + 600, usegmt=True))
    code = stage.publish()
    stage.drain()
    assert stage.later(seconds=89) == 0
    assert stage.later(seconds=1) == 1
    assert stage.later(seconds=590) == 0
    assert stage.later(seconds=11) == 1
    assert stage.states(code) == ["delivered"]
    assert len(set(receiver.ids)) == 1


def test_a_hostile_retry_after_parks_nothing_for_longer_than_a_day(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then("503 Service Unavailable", Retry_After="9" * 30)
    code = stage.publish()
    stage.drain()
    assert stage.later(hours=24) == 1
    assert stage.states(code) == ["delivered"]


def test_5xx_then_ok_is_one_message_with_the_same_id_and_body(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then("500 Internal Server Error", "502 Bad Gateway")
    code = stage.publish()
    stage.drain()
    stage.later(minutes=1)
    stage.later(minutes=1)
    (delivery,) = stage.deliveries(code)
    assert [tried.status for tried in delivery.attempts] == [500, 502, 200]
    assert delivery.state.value == "delivered"
    assert receiver.ids == [delivery.key] * 3
    assert len({body for _, _, body in receiver.got}) == 1


@pytest.mark.parametrize(
    "way", ["/silence", "/drip-headers", "/drip-body", "/half", "/half-chunk", "/hang-up", "/reset", "/nonsense"]
)
def test_an_answer_that_does_not_come_whole_is_tried_again_with_the_same_id(
    stage: JobHarness, receiver: Receiver, way: str
) -> None:
    stage.channel(receiver=receiver)
    receiver.then(WAYS[way])
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.attempts[0].outcome, delivery.attempts[0].status) == (
        "retrying",
        AttemptOutcome.FAILED,
        None,
    )
    assert delivery.attempts[0].error
    stage.later(minutes=1)
    assert stage.states(code) == ["delivered"]
    assert receiver.ids == [delivery.key] * 2


def test_a_private_address_is_never_called(stage: JobHarness, receiver: Receiver, tmp_path: Path) -> None:
    guarded = JobHarness(stage.database, tmp_path, HttpClient(user_agent="LanToa-tests"))
    guarded.channel(receiver=receiver)
    code = guarded.publish()
    guarded.drain()
    (delivery,) = guarded.deliveries(code)
    assert (delivery.state.value, delivery.reason) == ("dead", "refused")
    assert receiver.server.calls == []


def test_a_channel_whose_settings_are_no_longer_right_is_refused_and_nothing_is_sent(
    stage: JobHarness, receiver: Receiver
) -> None:
    stage.channel("webhook", settings={"url": "ftp://old.example/hook"})
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.reason) == ("dead", "settings")
    assert "settings.url" in delivery.attempts[0].error
    assert stage.later(days=1) == 0


def test_a_correction_and_a_recall_go_to_those_who_had_the_text(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    code = stage.publish()
    stage.drain()
    stage.correct(code)
    stage.later(seconds=1)
    stage.recall(code)
    stage.later(seconds=1)
    assert [event["type"] for _, event, _ in receiver.got] == [
        "bulletin.published", "bulletin.corrected", "bulletin.recalled",
    ]  # fmt: skip
    assert len(set(receiver.ids)) == 3
    assert receiver.got[1][1]["data"]["revision"] == 2
    assert receiver.got[2][1]["data"]["note"] == "Số liệu sai"


def test_a_recall_reaches_an_endpoint_whose_answer_was_lost(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then(WAYS["/half"])
    code = stage.publish()
    stage.drain()
    stage.recall(code)
    for _ in range(3):
        stage.later(minutes=5)
    assert [event["type"] for _, event, _ in receiver.got] == ["bulletin.published", "bulletin.recalled"]
    assert stage.states(code) == ["cancelled", "delivered"]


def test_a_recall_reaches_an_endpoint_whose_message_was_in_hand_when_the_worker_died(
    stage: JobHarness, receiver: Receiver
) -> None:
    stage.channel(receiver=receiver)
    code = stage.publish()
    WORK_KINDS["delivery"].claim(stage.context, 1)  # and nobody ever comes back
    stage.recall(code)
    for _ in range(3):
        stage.later(minutes=5)
    assert [event["type"] for _, event, _ in receiver.got] == ["bulletin.recalled"]
    assert stage.states(code) == ["cancelled", "delivered"]


def test_a_recalled_text_cannot_be_sent_again_by_hand(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then("400 Bad Request")
    code = stage.publish()
    stage.drain()
    stage.recall(code)
    (delivery,) = stage.deliveries(code)
    with pytest.raises(Conflict) as refused:
        commands.retry_delivery(stage.app_context, APPROVER, delivery.public)
    assert refused.value.code == "delivery_recalled"


def test_where_the_copy_stands_is_noted_when_the_receiver_says_so(stage: JobHarness, receiver: Receiver) -> None:
    stage.channel(receiver=receiver)
    receiver.then(lambda call: call.answer(b'{"url": "https://trang.example/bai-1.html", "id": "77"}'))
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.url, delivery.remote_id) == ("https://trang.example/bai-1.html", "77")


def test_a_slow_endpoint_holds_up_no_other(stage: JobHarness, receiver: Receiver) -> None:
    slow = Receiver(receiver.server, "/slow")
    stage.channel(receiver=slow)
    stage.channel(receiver=receiver)
    slow.then(WAYS["/silence"])
    code = stage.publish()
    stage.drain()
    assert sorted(stage.states(code)) == ["delivered", "retrying"]
