"""A channel that does not answer is not called for a while, then probed with one delivery; others are unaffected."""

from datetime import timedelta

from campaigns.channels.channels import ChannelState
from campaigns.channels.health import OPENS_AFTER
from coordinator.channels.memory.transport import SendFault
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels, Receiver


def _silence(scene: JobHarness, memories: MemoryChannels, channel: str) -> list[str]:
    """Ten bulletins whose first try fails, so that the breaker opens; their codes."""
    memories[channel].faults.extend([SendFault.BROKEN] * OPENS_AFTER)
    codes = [scene.publish() for _ in range(OPENS_AFTER)]
    while memories[channel].faults:
        scene.later(seconds=0.01)
    return codes


def test_ten_silences_in_a_row_open_it_one_probe_closes_it_and_everything_arrives_once(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel, well = scene.channel(), scene.channel()
    _silence(scene, memories, channel)
    row = scene.channel_row(channel)
    assert (row.silent, row.opened, row.open_until) == (
        OPENS_AFTER,
        1,
        scene.context.now() + scene.context.intervals.rest,
    )
    assert row.state is ChannelState.FAILING
    waiting = [scene.publish() for _ in range(3)]
    calls = len(memories[channel].calls)
    scene.later(seconds=4.9)
    assert len(memories[channel].calls) == calls
    assert len(memories[well].posts) == OPENS_AFTER + 3
    for code in waiting:
        (held,) = scene.deliveries(code, channel)
        assert (held.attempt, held.attempts) == (0, [])
    assert scene.later(seconds=1) > 0
    row = scene.channel_row(channel)
    assert (row.silent, row.opened, row.open_until, row.state) == (0, 0, None, ChannelState.ACTIVE)
    assert len(memories[channel].posts) == OPENS_AFTER + 3
    assert scene.journal_holds()


def test_a_probe_that_fails_opens_it_again_for_twice_as_long_and_is_the_only_one(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    _silence(scene, memories, channel)
    memories[channel].faults.extend([SendFault.BROKEN, SendFault.LOST])
    for rest in (10, 20):
        calls = len(memories[channel].calls)
        row = scene.channel_row(channel)
        assert row.open_until is not None
        scene.clock.moment = row.open_until
        assert scene.drain() == 1
        assert len(memories[channel].calls) == calls + 1
        again = scene.channel_row(channel).open_until
        assert again is not None
        assert again - scene.context.now() == timedelta(seconds=rest)


def test_refusals_of_texts_and_lost_access_do_not_open_it(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.extend(
        [SendFault.BROKEN] * 9 + [SendFault.REFUSED] + [SendFault.BROKEN] * 9 + [SendFault.BUSY]
    )
    for _ in range(20):
        scene.publish()
    while memories[channel].faults:
        scene.later(seconds=0.01)
        assert scene.channel_row(channel).opened == 0
    memories[channel].faults.append(SendFault.UNAUTHORISED)
    scene.publish()
    scene.later(minutes=2)
    assert (scene.channel_row(channel).opened, scene.channel_row(channel).silent) == (0, 0)


def test_a_recall_waits_for_the_rest_as_well_and_is_the_probe(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    first = scene.publish()
    scene.drain()
    _silence(scene, memories, channel)
    scene.recall(first)
    calls = len(memories[channel].calls)
    assert scene.later(seconds=1) == 0
    memories[channel].faults.append(SendFault.BROKEN)
    assert scene.later(seconds=4) == 1
    recall = scene.deliveries(first, channel)[-1]
    assert memories[channel].calls[calls:] == [("send", recall.key)]


def test_a_person_who_lets_it_go_on_has_it_called_at_once(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    _silence(scene, memories, channel)
    code = scene.publish()
    scene.resume(channel)
    row = scene.channel_row(channel)
    assert (row.state, row.opened, row.open_until) == (ChannelState.ACTIVE, 0, None)
    scene.drain()
    assert scene.states(code) == ["delivered"]


def test_a_real_endpoint_that_is_down_is_called_once_a_rest(stage: JobHarness, receiver: Receiver) -> None:
    channel = stage.channel(receiver=receiver)
    codes = [stage.publish() for _ in range(12)]
    receiver.then(*["503 Service Unavailable"] * 11)
    while stage.channel_row(channel).opened == 0:
        stage.later(seconds=0.01)
    assert len(receiver.got) == 10
    stage.later(seconds=5)  # the probe: the eleventh 503
    assert len(receiver.got) == 11
    assert stage.later(seconds=9) == 0
    stage.later(seconds=1)
    for _ in range(40):
        stage.later(seconds=1)
    assert [stage.states(code) for code in codes] == [["delivered"]] * 12
    assert len(set(receiver.ids)) == 12
