"""The queued engine: nudges cross a real broker, vanish when nobody takes them, and cost nothing when it is down."""

import uuid
from collections.abc import Iterator

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from coordinator.scheduling import queued
from coordinator.scheduling.queued import QueuedRunner
from tests.conftest import need
from tests.coordinator.installation import free_port

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue of this test's own on the broker."""
    name = f"lantoa_test_{uuid.uuid4().hex[:12]}"
    try:
        with Connection(RABBIT, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError as error:
        need("RabbitMQ", str(error))
    monkeypatch.setattr(queued, "QUEUE", name)
    yield name
    with Connection(RABBIT) as connection, connection.channel() as channel:
        channel.queue_delete(name)
        channel.exchange_delete(name)


def _message(queue: str) -> dict[str, object] | None:
    with Connection(RABBIT) as connection, connection.channel() as channel:
        found = channel.basic_get(queue, no_ack=True)
        return None if found is None else {"body": found.body, **found.properties}


@pytest.mark.rabbitmq
def test_a_nudge_is_kept_by_the_broker_for_a_minute_and_carries_no_data(queue: str) -> None:
    app = queued.celery_app(RABBIT)
    QueuedRunner(app).nudge("deliver", "BT-2026-11-24-001")
    message = _message(queue)
    assert message is not None
    assert message["expiration"] == "60000"
    assert message["delivery_mode"] == 2  # on disk
    assert "BT-2026-11-24-001" not in str(message)
    assert _message(queue) is None
    app.close()


@pytest.mark.rabbitmq
def test_the_queue_is_a_quorum_queue(queue: str) -> None:
    app = queued.celery_app(RABBIT)
    (made,) = app.conf.task_queues
    assert made.queue_arguments == {"x-queue-type": "quorum"}
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    app.close()


@pytest.mark.parametrize("kind", ["deliver", "look"])
def test_a_broker_that_is_down_costs_the_caller_nothing(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    app = queued.celery_app(f"amqp://guest:guest@127.0.0.1:{free_port()}//")
    QueuedRunner(app).nudge(kind)
    # Nor does it wait: the caller is a person's request, and one try is all that is made.
    assert app.conf.broker_transport_options["max_retries"] == 0
    assert app.conf.task_publish_retry is False
    assert f"no broker for {kind}" in caplog.text
    app.close()
