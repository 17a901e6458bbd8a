"""A worker is killed at each of five points of a delivery; nothing is lost, and nothing is posted twice blindly."""

from collections.abc import Callable

import pytest

from campaigns.channels.transport import Message, Receipt
from campaigns.core import ledger
from campaigns.delivery.outbox import Delivery
from coordinator.channels.memory.transport import MemoryTransport, ProcessKilled, SendFault
from coordinator.jobs import job_loop
from coordinator.jobs.work_kinds import WORK_KINDS
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels

KINDS = {
    "repeatable": {"idempotent": True, "lookup": False},
    "found": {"idempotent": False, "lookup": True},
    "neither": {"idempotent": False, "lookup": False},
}


def _dies(scene: JobHarness) -> None:
    (taken,) = WORK_KINDS["delivery"].claim(scene.context, 8)
    with pytest.raises(ProcessKilled):
        job_loop.carry_out(scene.context, "delivery", taken)


def before_the_claim_is_committed(scene: JobHarness, transport: MemoryTransport) -> None:
    def claim() -> None:
        with scene.database.write() as session:
            assert ledger.claim(session, Delivery, 8, scene.context.intervals.lease, now=scene.context.now())
            raise ProcessKilled

    with pytest.raises(ProcessKilled):
        claim()


def after_the_claim(scene: JobHarness, transport: MemoryTransport) -> None:
    assert len(WORK_KINDS["delivery"].claim(scene.context, 8)) == 1


def while_sending(scene: JobHarness, transport: MemoryTransport) -> None:
    whole = transport.send

    def send(message: Message) -> Receipt:
        transport.send = whole  # type: ignore[method-assign]  # the process that comes back is another one
        raise ProcessKilled

    transport.send = send  # type: ignore[method-assign]  # dies before anything got there
    _dies(scene)


def after_sending(scene: JobHarness, transport: MemoryTransport) -> None:
    transport.faults.append(SendFault.KILLED_AFTER)
    _dies(scene)


def after_settling(scene: JobHarness, transport: MemoryTransport) -> None:
    scene.drain()


# For each point and kind of channel: how many posts there are in the end, and how the delivery stands.
EXPECTED = {
    before_the_claim_is_committed: dict.fromkeys(KINDS, (1, "delivered")),
    after_the_claim: dict.fromkeys(KINDS, (1, "delivered")),  # nothing of it had begun
    while_sending: {"repeatable": (1, "delivered"), "found": (1, "delivered"), "neither": (0, "unknown")},
    after_sending: {"repeatable": (1, "delivered"), "found": (1, "delivered"), "neither": (1, "unknown")},
    after_settling: dict.fromkeys(KINDS, (1, "delivered")),
}


@pytest.mark.promise("Deliver")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", EXPECTED, ids=lambda point: point.__name__)
def test_a_worker_dies(
    scene: JobHarness, memories: MemoryChannels, point: Callable[[JobHarness, MemoryTransport], None], kind: str
) -> None:
    memories.can(**KINDS[kind])
    channel = scene.channel()
    code = scene.publish()
    point(scene, memories[channel])
    lease = scene.context.intervals.lease.total_seconds()
    if point is not before_the_claim_is_committed:
        assert scene.later(seconds=lease - 1) == 0  # it might still be alive
        scene.later(seconds=1)
    else:
        scene.drain()
    posts, state = EXPECTED[point][kind]
    assert (len(memories[channel].posts), scene.states(code)) == (posts, [state])
    assert {key for _, key in memories[channel].calls} <= {scene.deliveries(code)[0].key}
    assert scene.later(days=3) == 0


def test_a_worker_that_was_only_slow_does_not_write_over_the_one_that_took_its_place(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    memories.can(idempotent=True)
    channel = scene.channel()
    code = scene.publish()
    (slow,) = WORK_KINDS["delivery"].claim(scene.context, 8)
    scene.later(seconds=scene.context.intervals.lease.total_seconds())
    memories[channel].faults.append(SendFault.REFUSED)  # what the slow one gets to hear in the end
    job_loop.carry_out(scene.context, "delivery", slow)
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, len(delivery.attempts), len(memories[channel].posts)) == ("delivered", 1, 1)


def test_a_worker_that_lost_its_claim_before_it_began_sends_nothing(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    memories.can(idempotent=False, lookup=False)
    channel = scene.channel()
    code = scene.publish()
    (slow,) = WORK_KINDS["delivery"].claim(scene.context, 8)
    scene.later(seconds=scene.context.intervals.lease.total_seconds())
    job_loop.carry_out(scene.context, "delivery", slow)
    assert (len(memories[channel].calls), scene.states(code)) == (1, ["delivered"])
    assert not scene.deliveries(code)[0].begun


def test_a_question_about_an_accepted_message_is_simply_asked_again(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].polls_needed = 2
    code = scene.publish()
    scene.drain()
    scene.clock.forward(seconds=5)
    assert len(WORK_KINDS["delivery"].claim(scene.context, 8)) == 1  # dies before it has asked
    for _ in range(3):
        scene.later(minutes=1)
    assert scene.states(code) == ["delivered"]
    assert [name for name, _ in memories[channel].calls].count("send") == 1


def test_a_program_error_is_a_try_whose_outcome_nobody_knows(
    scene: JobHarness, memories: MemoryChannels, caplog: pytest.LogCaptureFixture
) -> None:
    channel, other = scene.channel(), scene.channel()

    def send(message: Message) -> Receipt:
        raise ZeroDivisionError("a bug")

    memories[channel].send = send  # type: ignore[method-assign]  # a bug in one adapter
    code = scene.publish()
    scene.drain()
    (delivery,) = scene.deliveries(code, channel)
    assert (delivery.state.value, delivery.look_first, delivery.attempts[0].error) == (
        "retrying", True, "the program failed: a bug",
    )  # fmt: skip
    assert [row.state.value for row in scene.deliveries(code, other)] == ["delivered"]
    assert any(record.exc_info for record in caplog.records)
