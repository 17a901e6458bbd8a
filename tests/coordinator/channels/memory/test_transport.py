"""The channel in memory does what tests of its users rely on."""

from datetime import timedelta

import pytest

from campaigns.channels.transport import Capabilities, ChannelNeed, DeliveryAct, TransportError
from coordinator.channels.memory.transport import MemoryTransport, ProcessKilled, SendFault
from tests.coordinator.channels.fakes import Clock, message


def fail(channel: MemoryTransport, fault: SendFault) -> TransportError:
    channel.faults.append(fault)
    with pytest.raises(TransportError) as failed:
        channel.send(message())
    return failed.value


def test_posts_are_made_replaced_and_withdrawn() -> None:
    channel = MemoryTransport()
    receipt = channel.send(message())
    channel.send(message(DeliveryAct.CORRECT, key="k2", title="Mới", remote_id=receipt.remote_id))
    assert [post.title for post in channel.visible_messages()] == ["Mới"]
    channel.send(message(DeliveryAct.RECALL, key="k3", remote_id=receipt.remote_id))
    assert channel.visible_messages() == []
    assert [call for call, _ in channel.calls] == ["send"] * 3


def test_what_was_never_posted_cannot_be_changed() -> None:
    with pytest.raises(TransportError) as refused:
        MemoryTransport().send(message(DeliveryAct.RECALL, remote_id="memory-9"))
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        (SendFault.REFUSED, False),
        (SendFault.BUSY, False),
        (SendFault.BROKEN, False),
        (SendFault.LOST, False),
        (SendFault.LOST_AFTER, True),
        (SendFault.UNAUTHORISED, False),
        (SendFault.GONE, False),
    ],
)
def test_each_fault_fails_one_call_and_only_some_arrive(fault: SendFault, arrived: bool) -> None:
    channel = MemoryTransport()
    error = fail(channel, fault)
    assert error.permanent == (fault in {SendFault.REFUSED, SendFault.GONE})
    assert error.outcome_unknown == (fault in {SendFault.LOST, SendFault.LOST_AFTER})
    assert (error.retry_after is not None) == (fault is SendFault.BUSY)
    assert (error.needs is ChannelNeed.RETIREMENT) == (fault is SendFault.GONE)
    assert (error.needs is ChannelNeed.AUTHORISATION) == (fault is SendFault.UNAUTHORISED)
    assert bool(channel.posts) == arrived
    channel.send(message())
    assert len(channel.posts) == 1 + arrived


def test_a_killed_process_is_nothing_an_error_handler_catches() -> None:
    channel = MemoryTransport()
    channel.faults.append(SendFault.KILLED_AFTER)
    with pytest.raises(ProcessKilled):
        channel.send(message())
    assert not issubclass(ProcessKilled, Exception)
    assert len(channel.posts) == 1


def test_a_lost_post_can_be_looked_up_by_its_key_and_time() -> None:
    clock = Clock()
    channel = MemoryTransport(now=clock)
    fail(channel, SendFault.LOST_AFTER)
    found = channel.find(message(), clock())
    assert found is not None
    assert found.remote_id in channel.posts
    assert channel.find(message(key="other"), clock()) is None
    assert channel.find(message(), clock() + timedelta(minutes=2)) is None


def test_an_idempotent_one_makes_no_second_post_for_a_repeated_key() -> None:
    channel = MemoryTransport()
    channel.capabilities = Capabilities(idempotent=True)
    assert channel.send(message()) == channel.send(message())
    assert len(channel.posts) == 1
    channel.send(message(key="other"))
    assert len(channel.posts) == 2


def test_an_asynchronous_one_is_done_after_the_wanted_number_of_looks() -> None:
    channel = MemoryTransport()
    channel.polls_needed = 2
    token = channel.send(message()).token
    assert token is not None
    assert [channel.poll(token).done for _ in range(2)] == [False, True]
    with pytest.raises(TransportError):
        channel.poll("never given")


def test_counts_follow_the_post() -> None:
    channel = MemoryTransport()
    assert channel.counts(channel.send(message())).views == 1
    assert channel.test().detail
