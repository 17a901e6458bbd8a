"""The hub and a small independent subscriber: verification, signed distribution, retries, and the end."""

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.delivery import websub_subscriptions
from campaigns.delivery.websub_subscriptions import SubscriptionState, WebsubSubscription
from coordinator.db import Database
from coordinator.jobs.work_kinds import WORK_KINDS
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.web.application import shared_application

TOPIC = "https://tin.example/feeds/atom.xml"


class Subscriber:
    """A callback after the WebSub Recommendation, written from its text and not from ours."""

    def __init__(self, server: HostileServer, path: str = "/callback") -> None:
        self.url = server.url(f"{path}?mine=1")
        self.secret = "một bí mật"
        self.wants = True  # whether it confirms what it is asked
        self.asked: list[dict[str, str]] = []
        self.received: list[tuple[str, bool, bytes]] = []  # content type, whether the signature was right, the feed
        self.answers: deque[str] = deque()
        self.meanwhile: deque[Callable[[], object]] = deque()  # what happens while it thinks about its next answer
        server.ways[path] = self._answer

    def _answer(self, call: Call) -> None:
        if self.meanwhile:
            self.meanwhile.popleft()()
        if call.method == "GET":
            fields = {name: values[0] for name, values in parse_qs(urlsplit(call.path).query).items()}
            self.asked.append(fields)
            if self.wants and fields["hub.topic"] == TOPIC:
                call.answer(fields["hub.challenge"].encode())
            else:
                call.answer(b"", "404 Not Found")
            return
        method, _, given = call.headers.get("x-hub-signature", "=").partition("=")
        right = method == "sha256" and hmac.compare_digest(
            given, hmac.new(self.secret.encode(), call.body, hashlib.sha256).hexdigest()
        )
        self.received.append((call.headers["content-type"], right, call.body))
        call.answer(b"", self.answers.popleft() if self.answers else "204 No Content")


class Hub:
    """Our hub, asked over HTTP as subscribers do."""

    def __init__(self, scene: JobHarness) -> None:
        self.scene = scene
        self.client: FlaskClient = shared_application(scene.app_context).test_client()

    def ask(self, subscriber: Subscriber, mode: str = "subscribe", **more: str) -> int:
        form = {"hub.mode": mode, "hub.callback": subscriber.url, "hub.topic": TOPIC, "hub.secret": subscriber.secret}
        return self.client.post("/hub", data={**form, **more}).status_code

    def row(self) -> WebsubSubscription | None:
        with self.scene.database.read() as session:
            return session.execute(sa.select(WebsubSubscription)).scalar_one_or_none()

    def publish(self) -> str:
        """A bulletin goes out, and the subscribers are due."""
        code = self.scene.publish()
        with self.scene.database.write() as session:
            websub_subscriptions.announce_change(session, now=self.scene.context.now())
        return code


@pytest.fixture
def hub(tmp_path: Path, sqlite: Database) -> Hub:
    return Hub(JobHarness(sqlite, tmp_path))


@pytest.fixture
def subscriber(server: HostileServer) -> Subscriber:
    return Subscriber(server)


def subscribed(hub: Hub, subscriber: Subscriber) -> None:
    assert hub.ask(subscriber) == 202
    hub.scene.drain("websub")


def test_a_subscriber_is_asked_and_then_notified_with_a_right_signature(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    (asked,) = subscriber.asked
    assert (asked["hub.mode"], asked["hub.topic"], asked["mine"]) == ("subscribe", TOPIC, "1")
    assert int(asked["hub.lease_seconds"]) >= 300
    row = hub.row()
    assert row is not None
    assert (row.state, row.due_at) == (SubscriptionState.ACTIVE, None)
    assert subscriber.received == []
    code = hub.publish()
    hub.scene.later("websub", seconds=1)
    ((kind, right, body),) = subscriber.received
    assert (kind.partition(";")[0], right) == ("application/atom+xml", True)
    assert f"/bulletins/{code}".encode() in body
    assert hub.scene.later("websub", days=1) == 0


def test_the_secret_is_not_readable_in_the_database(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    row = hub.row()
    assert row is not None
    assert row.encrypted_secret is not None
    assert subscriber.secret not in row.encrypted_secret


def test_a_callback_that_did_not_ask_is_never_notified(hub: Hub, subscriber: Subscriber) -> None:
    subscriber.wants = False
    subscribed(hub, subscriber)
    assert hub.row() is None
    hub.publish()
    assert hub.scene.later("websub", seconds=1) == 0
    assert subscriber.received == []


def test_a_callback_that_does_not_answer_is_asked_three_times(hub: Hub, subscriber: Subscriber) -> None:
    server_down = "http://127.0.0.1:9/callback"
    subscriber.url = server_down
    assert hub.ask(subscriber) == 202
    tries = [hub.scene.later("websub", minutes=1) for _ in range(5)]
    assert tries == [1, 1, 1, 0, 0]
    assert hub.row() is None


def test_410_ends_the_subscription(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    subscriber.answers.append("410 Gone")
    hub.publish()
    hub.scene.later("websub", seconds=1)
    assert hub.row() is None


@pytest.mark.parametrize("status", ["500 Internal Server Error", "302 Found", "404 Not Found", "429 Too Many Requests"])
def test_any_other_answer_is_tried_again_and_the_subscription_lives_on(
    hub: Hub, subscriber: Subscriber, status: str
) -> None:
    subscribed(hub, subscriber)
    subscriber.answers.extend([status, status])
    hub.publish()
    for _ in range(3):
        hub.scene.later("websub", minutes=1)
    assert len(subscriber.received) == 3
    row = hub.row()
    assert row is not None
    assert (row.due_at, row.attempt, row.last_error) == (None, 0, "")


def test_tries_come_to_an_end_and_the_next_change_is_sent_again(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    tries = len(hub.scene.context.intervals.retries) + 1
    subscriber.answers.extend(["500 Internal Server Error"] * tries)
    hub.publish()
    for _ in range(tries):
        assert hub.scene.later("websub", minutes=1) == 1
    assert hub.scene.later("websub", days=1) == 0
    hub.publish()
    hub.scene.later("websub", minutes=1)
    assert len(subscriber.received) == tries + 1


def test_unsubscribing_is_asked_back_and_then_ends_it(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    assert hub.ask(subscriber, "unsubscribe") == 202
    hub.scene.drain("websub")
    assert subscriber.asked[-1]["hub.mode"] == "unsubscribe"
    assert "hub.lease_seconds" not in subscriber.asked[-1]
    assert hub.row() is None


def test_a_stranger_cannot_unsubscribe_somebody_and_makes_them_miss_nothing(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    subscriber.wants = False
    assert hub.ask(subscriber, "unsubscribe") == 202
    code = hub.publish()  # while the question is under way
    for _ in range(3):
        hub.scene.later("websub", minutes=1)
    row = hub.row()
    assert row is not None
    assert row.state is SubscriptionState.ACTIVE
    assert any(f"/bulletins/{code}".encode() in body for _, _, body in subscriber.received)


def test_a_renewal_keeps_what_was_announced_while_it_was_verified(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    assert hub.ask(subscriber) == 202
    code = hub.publish()
    hub.scene.later("websub", seconds=1)
    hub.scene.later("websub", seconds=1)
    assert len(subscriber.asked) == 2
    assert any(f"/bulletins/{code}".encode() in body for _, _, body in subscriber.received)


def test_a_change_made_while_one_is_being_sent_is_sent_too(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    hub.publish()
    codes: list[str] = []
    subscriber.meanwhile.append(lambda: codes.append(hub.publish()))
    hub.scene.later("websub", seconds=1)
    hub.scene.later("websub", seconds=1)
    assert len(subscriber.received) == 2
    assert f"/bulletins/{codes[0]}".encode() in subscriber.received[-1][2]
    assert hub.scene.later("websub", days=1) == 0


def test_a_change_made_during_the_last_try_begins_the_tries_anew(hub: Hub, subscriber: Subscriber) -> None:
    subscribed(hub, subscriber)
    tries = len(hub.scene.context.intervals.retries) + 1
    subscriber.answers.extend(["500 Internal Server Error"] * tries)
    hub.publish()
    for _ in range(tries - 1):
        hub.scene.later("websub", minutes=1)
    subscriber.meanwhile.append(hub.publish)
    hub.scene.later("websub", minutes=1)
    hub.scene.later("websub", minutes=1)
    assert len(subscriber.received) == tries + 1


def test_the_answer_to_one_request_is_not_taken_for_another(hub: Hub, subscriber: Subscriber) -> None:
    subscriber.meanwhile.append(lambda: hub.ask(subscriber, "unsubscribe"))  # a stranger, while the callback is asked
    assert hub.ask(subscriber) == 202
    (taken,) = WORK_KINDS["websub"].claim(hub.scene.context, 1)
    WORK_KINDS["websub"].run(hub.scene.context, taken)
    row = hub.row()
    assert row is not None
    assert row.state is SubscriptionState.ENDING
    hub.scene.later("websub", seconds=1)
    assert [asked["hub.mode"] for asked in subscriber.asked] == ["subscribe", "unsubscribe"]


def test_an_expired_subscription_is_not_notified(hub: Hub, subscriber: Subscriber) -> None:
    assert hub.ask(subscriber, **{"hub.lease_seconds": "300"}) == 202
    hub.scene.drain("websub")
    hub.scene.clock.forward(seconds=301)
    hub.publish()
    assert hub.scene.later("websub", seconds=1) == 0
    assert (subscriber.received, hub.row()) == ([], None)


@pytest.mark.parametrize(
    "form",
    [
        {"hub.topic": "https://la.example/feeds/atom.xml"},
        {"hub.topic": "https://tin.example/feeds/atom.xml?limit=7&x=1"},
        {"hub.mode": "publish"},
        {"hub.callback": "ftp://la.example/"},
        {"hub.secret": "x" * 200},
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(hub: Hub, subscriber: Subscriber, form: dict[str, str]) -> None:
    assert hub.ask(subscriber, **form) == 400
    assert hub.row() is None
