"""A worker dies at each of five points of a delivery; nothing is lost, and nothing is posted twice blindly."""

from collections.abc import Callable

import pytest

from campaigns.core import ledger
from campaigns.publishing.outbox import Delivery
from campaigns.publishing.transport import Message, Receipt
from coordinator.channels.memory import Fault, Killed, MemoryTransport
from coordinator.jobs import deliver, running
from tests.coordinator.jobs.scene import Memories, Scene

KINDS = {
    "repeatable": {"idempotent": True, "lookup": False},
    "found": {"idempotent": False, "lookup": True},
    "neither": {"idempotent": False, "lookup": False},
}


def _dies(scene: Scene) -> None:
    (taken,) = deliver.claim(scene.place, 8)
    with pytest.raises(Killed):
        running.carry_out(scene.place, "deliver", taken)


def before_the_claim_is_committed(scene: Scene, transport: MemoryTransport) -> None:
    def claim() -> None:
        with scene.database.write() as session:
            assert ledger.claim(session, Delivery, 8, scene.place.pace.lease, now=scene.place.now())
            raise Killed

    with pytest.raises(Killed):
        claim()


def after_the_claim(scene: Scene, transport: MemoryTransport) -> None:
    assert len(deliver.claim(scene.place, 8)) == 1


def while_sending(scene: Scene, transport: MemoryTransport) -> None:
    whole = transport.send

    def send(message: Message) -> Receipt:
        transport.send = whole  # type: ignore[method-assign]  # the process that comes back is another one
        raise Killed

    transport.send = send  # type: ignore[method-assign]  # dies before anything got there
    _dies(scene)


def after_sending(scene: Scene, transport: MemoryTransport) -> None:
    transport.faults.append(Fault.KILLED_AFTER)
    _dies(scene)


def after_settling(scene: Scene, transport: MemoryTransport) -> None:
    scene.drain()


# For each point and kind of channel: how many posts there are in the end, and how the delivery stands.
EXPECTED = {
    before_the_claim_is_committed: dict.fromkeys(KINDS, (1, "delivered")),
    after_the_claim: dict.fromkeys(KINDS, (1, "delivered")),  # nothing of it had begun
    while_sending: {"repeatable": (1, "delivered"), "found": (1, "delivered"), "neither": (0, "unknown")},
    after_sending: {"repeatable": (1, "delivered"), "found": (1, "delivered"), "neither": (1, "unknown")},
    after_settling: dict.fromkeys(KINDS, (1, "delivered")),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", EXPECTED, ids=lambda point: point.__name__)
def test_a_worker_dies(
    scene: Scene, memories: Memories, point: Callable[[Scene, MemoryTransport], None], kind: str
) -> None:
    memories.can(**KINDS[kind])
    channel = scene.channel()
    code = scene.publish()
    point(scene, memories[channel])
    lease = scene.place.pace.lease.total_seconds()
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
    scene: Scene, memories: Memories
) -> None:
    memories.can(idempotent=True)
    channel = scene.channel()
    code = scene.publish()
    (slow,) = deliver.claim(scene.place, 8)
    scene.later(seconds=scene.place.pace.lease.total_seconds())
    memories[channel].faults.append(Fault.REFUSED)  # what the slow one gets to hear in the end
    running.carry_out(scene.place, "deliver", slow)
    (one,) = scene.deliveries(code)
    assert (one.state.value, len(one.attempts), len(memories[channel].posts)) == ("delivered", 1, 1)


def test_a_worker_that_lost_its_claim_before_it_began_sends_nothing(scene: Scene, memories: Memories) -> None:
    memories.can(idempotent=False, lookup=False)
    channel = scene.channel()
    code = scene.publish()
    (slow,) = deliver.claim(scene.place, 8)
    scene.later(seconds=scene.place.pace.lease.total_seconds())
    running.carry_out(scene.place, "deliver", slow)
    assert (len(memories[channel].calls), scene.states(code)) == (1, ["delivered"])
    assert not scene.deliveries(code)[0].begun


def test_a_question_about_an_accepted_message_is_simply_asked_again(scene: Scene, memories: Memories) -> None:
    channel = scene.channel()
    memories[channel].polls_needed = 2
    code = scene.publish()
    scene.drain()
    scene.clock.forward(seconds=5)
    assert len(deliver.claim(scene.place, 8)) == 1  # dies before it has asked
    for _ in range(3):
        scene.later(minutes=1)
    assert scene.states(code) == ["delivered"]
    assert [name for name, _ in memories[channel].calls].count("send") == 1


def test_a_program_error_is_a_try_whose_outcome_nobody_knows(
    scene: Scene, memories: Memories, caplog: pytest.LogCaptureFixture
) -> None:
    channel, other = scene.channel(), scene.channel()

    def send(message: Message) -> Receipt:
        raise ZeroDivisionError("a bug")

    memories[channel].send = send  # type: ignore[method-assign]  # a bug in one adapter
    code = scene.publish()
    scene.drain()
    (one,) = scene.deliveries(code, channel)
    assert (one.state.value, one.look_first, one.attempts[0].error) == (
        "retrying", True, "the program failed: a bug",
    )  # fmt: skip
    assert [row.state.value for row in scene.deliveries(code, other)] == ["delivered"]
    assert any(record.exc_info for record in caplog.records)
