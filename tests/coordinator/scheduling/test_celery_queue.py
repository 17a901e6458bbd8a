"""The queued engine: nudges cross a real broker, vanish when nobody takes them, and cost nothing when it is down."""

import uuid
from collections.abc import Iterator

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from coordinator.config import SettingsError
from coordinator.scheduling import celery_queue
from coordinator.scheduling.celery_queue import CeleryRunner
from tests.conftest import need
from tests.coordinator.faults.tcp_proxy import TcpProxy
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import free_port, until

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue of this test's own on the broker."""
    name = f"lantoa_test_{uuid.uuid4().hex[:12]}"
    try:
        with Connection(RABBIT, connect_timeout=20) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError as error:
        need("RabbitMQ", str(error))
    monkeypatch.setattr(celery_queue, "QUEUE", name)
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
    app = celery_queue.celery_app(RABBIT)
    runner = CeleryRunner(app)
    runner.nudge("delivery", "BT-2026-11-24-001")
    until("it is sent", runner.idle)
    message = _message(queue)
    assert message is not None
    assert message["expiration"] == "60000"
    assert message["delivery_mode"] == 2  # on disk
    assert "BT-2026-11-24-001" not in str(message)
    assert _message(queue) is None
    app.close()


@pytest.mark.rabbitmq
def test_a_queue_of_another_kind_keeps_a_worker_from_starting_and_the_sender_goes_on(queue: str) -> None:
    with Connection(RABBIT) as connection, connection.channel() as channel:
        channel.queue_declare(queue, durable=True, auto_delete=False)
    app = celery_queue.celery_app(RABBIT)
    with pytest.raises(SettingsError, match=r"x-queue-type.*delete_queue"):
        celery_queue.run_worker(app)
    runner = CeleryRunner(app)
    runner.nudge("delivery")
    until("it was tried", runner.idle)
    with Connection(RABBIT) as connection, connection.channel() as channel:
        channel.queue_delete(queue)
    runner.nudge("delivery")
    until("the next one is sent", runner.idle)
    assert _message(queue) is not None
    app.close()


@pytest.mark.rabbitmq
def test_the_queue_is_a_quorum_queue(queue: str) -> None:
    app = celery_queue.celery_app(RABBIT)
    (made,) = app.conf.task_queues
    assert made.queue_arguments == {"x-queue-type": "quorum"}
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    app.close()


@pytest.mark.parametrize("kind", ["delivery", "source_check"])
def test_a_broker_that_is_down_costs_the_caller_nothing(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    app = celery_queue.celery_app(f"amqp://guest:guest@127.0.0.1:{free_port()}//")
    runner = CeleryRunner(app)
    runner.nudge(kind)
    until("it is given up", runner.idle)
    # Nor does the sender wait: one try is all that is made.
    assert app.conf.broker_transport_options["max_retries"] == 0
    assert app.conf.task_publish_retry is False
    assert f"no nudge for {kind}" in caplog.text
    app.close()


def test_a_broker_that_takes_the_connection_and_says_nothing_costs_the_caller_nothing() -> None:
    with HostileServer() as server:  # it waits for a line of HTTP that does not come
        app = celery_queue.celery_app(f"amqp://guest:guest@127.0.0.1:{server.port}//")
        runner = CeleryRunner(app)
        for _ in range(3):
            runner.nudge("delivery")  # a test that hangs here has failed
        assert not runner.idle()
        until("it is given up", runner.idle)
        app.close()


@pytest.mark.rabbitmq
def test_a_frozen_broker_is_given_up_and_reached_again_when_it_thaws(
    queue: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_queue, "CONFIRMED_WITHIN", 0.5)
    with TcpProxy(5672) as cable:
        app = celery_queue.celery_app(RABBIT.replace("5672", str(cable.port)))
        runner = CeleryRunner(app)
        runner.nudge("delivery")
        until("it is sent", runner.idle)
        assert _message(queue) is not None
        cable.hold()
        runner.nudge("delivery")
        until("it is given up", runner.idle)
        assert "no nudge for deliver" in caplog.text
        cable.reset()
        cable.mend()
        while _message(queue) is not None:
            pass  # what was on its way when the broker froze may have come through since: a nudge may be doubled
        runner.nudge("source_check")
        until("it is sent again", runner.idle)
        message = _message(queue)
        assert message is not None
        assert "source_check" in str(message["body"])
        app.close()
