"""The replay of lost deliveries to a channel, under the original keys, and never as a second post."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import ChannelState, find_channel, set_state
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.core.journal import JournalEntry
from campaigns.delivery import manual_actions
from campaigns.delivery.manual_actions import Replay
from coordinator.channels import registry
from coordinator.channels.memory.transport import SendFault
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels, Receiver
from tests.factories import ADMIN, WRITER


def _replay(scene: JobHarness, channel: str, *, back: float = 24, until: float = 0, actor: object = ADMIN) -> Replay:
    """Send again what was settled from so many hours ago until so many hours ago."""
    now = scene.context.now()
    since, end = now - timedelta(hours=back), now - timedelta(hours=until) + timedelta(seconds=1)
    with scene.database.write() as session:
        row = find_channel(session, channel)
        can = registry.channel_kind(row.kind).capabilities
        replay = manual_actions.preview_replay(session, row, can, since, end)
        done = manual_actions.replay_deliveries(session, actor, row, can, since, end, now=now)  # type: ignore[arg-type]
        assert done == replay
        return done


def test_a_receiver_that_lost_everything_gets_it_again_with_the_same_ids_and_bodies(
    scene: JobHarness, receiver: Receiver
) -> None:
    channel, other = scene.channel(receiver=receiver), scene.channel()
    early = scene.publish()
    scene.drain()
    scene.clock.forward(hours=30)
    codes = [scene.publish() for _ in range(3)]
    scene.drain()
    while scene.later(seconds=1):
        pass
    before = {ident: body for ident, _event, body in receiver.got}
    first = len(receiver.got)
    replay = _replay(scene, channel)
    assert (len(replay.deliveries), replay.arrived, replay.dead, replay.stale) == (3, 3, 0, 0)
    while scene.later(seconds=1):
        pass
    again = receiver.got[first:]
    assert [event["data"]["code"] for _ident, event, _body in again] == codes
    assert all(before[ident] == body for ident, _event, body in again)
    assert [scene.states(code) for code in codes] == [["delivered"] * 2] * 3
    assert early not in [event["data"]["code"] for _ident, event, _body in again]
    assert other != channel
    with scene.database.read() as session:
        entry = session.execute(sa.select(JournalEntry).where(JournalEntry.act == "channel.replayed")).scalar_one()
    assert (entry.subject, json.loads(entry.details)["deliveries"]) == (channel, 3)
    assert scene.journal_holds()


def test_a_channel_that_can_be_asked_is_asked_and_only_what_is_gone_is_posted_again(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    kept, lost = scene.publish(), scene.publish()
    scene.drain()
    scene.later(seconds=1)
    posts = memories[channel].posts
    posts.pop(next(key for key, post in posts.items() if post.message.code == lost))
    calls = len(memories[channel].calls)
    _replay(scene, channel)
    while scene.later(seconds=1):
        pass
    assert [name for name, _key in memories[channel].calls[calls:]] == ["find", "find", "send"]
    assert (scene.states(kept), scene.states(lost)) == (["delivered"], ["delivered"])
    assert len(memories[channel].posts) == 2


def test_what_was_given_up_goes_again_too_and_what_a_person_dropped_does_not(
    scene: JobHarness, receiver: Receiver
) -> None:
    channel = scene.channel(receiver=receiver)
    receiver.then("400 Bad Request")
    code = scene.publish()
    scene.drain()
    assert scene.states(code) == ["dead"]
    replay = _replay(scene, channel)
    assert (replay.arrived, replay.dead) == (0, 1)
    scene.later(seconds=1)
    assert scene.states(code) == ["delivered"]


def test_a_text_that_was_corrected_is_left_out_and_its_correction_goes(scene: JobHarness, receiver: Receiver) -> None:
    channel = scene.channel(receiver=receiver)
    code, gone = scene.publish(), scene.publish()
    while scene.later(seconds=1):
        pass
    scene.correct(code)
    scene.recall(gone)
    while scene.later(seconds=1):
        pass
    first = len(receiver.got)
    replay = _replay(scene, channel)
    assert (len(replay.deliveries), replay.stale) == (2, 2)
    while scene.later(seconds=1):
        pass
    types = [(event["type"], event["data"]["code"]) for _ident, event, _body in receiver.got[first:]]
    assert sorted(types) == sorted([("bulletin.corrected", code), ("bulletin.recalled", gone)])


def test_a_recall_reaches_what_had_arrived_and_is_just_being_sent_again(scene: JobHarness, receiver: Receiver) -> None:
    channel = scene.channel(receiver=receiver)
    code = scene.publish()
    scene.drain()
    _replay(scene, channel)
    scene.recall(code)
    while scene.later(seconds=1):
        pass
    assert scene.states(code) == ["cancelled", "delivered"]
    assert receiver.got[-1][1]["type"] == "bulletin.recalled"


def test_a_correction_of_what_is_just_being_sent_again_replaces_it(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    code = scene.publish()
    scene.drain()
    _replay(scene, channel)
    scene.correct(code)
    while scene.later(seconds=1):
        pass
    (shown,) = memories[channel].visible_messages()
    assert (shown.revision, len(memories[channel].posts)) == (2, 1)


@pytest.mark.parametrize("kind", ["telegram", "email", "manual"])
def test_kinds_that_would_post_twice_are_refused(stage: JobHarness, kind: str) -> None:
    channel = stage.channel(kind)
    with pytest.raises(Conflict) as refused:
        _replay(stage, channel)
    assert refused.value.code == "replay_once"


def test_who_fetches_by_itself_needs_no_replay_and_a_retired_channel_gets_none(stage: JobHarness) -> None:
    fetched, retired = stage.channel("feed"), stage.channel("webhook")
    with stage.database.write() as session:
        set_state(session, find_channel(session, retired), ChannelState.RETIRED, "gone", now=stage.context.now())
    for channel, code in ((fetched, "replay_pulled"), (retired, "channel_retired")):
        with pytest.raises(Conflict) as refused:
            _replay(stage, channel)
        assert refused.value.code == code


def test_a_span_that_ends_before_it_begins_and_roles_that_may_not_are_refused(stage: JobHarness) -> None:
    channel = stage.channel("webhook")
    with pytest.raises(Invalid):
        _replay(stage, channel, back=1, until=2)
    with pytest.raises(Forbidden):
        _replay(stage, channel, actor=WRITER)


def test_a_replay_that_fails_leaves_the_text_known_as_delivered(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    code = scene.publish()
    scene.drain()
    memories[channel].posts.clear()
    memories[channel].faults.append(SendFault.REFUSED)
    _replay(scene, channel)
    scene.later(seconds=1)
    assert scene.states(code) == ["dead"]
    scene.recall(code)
    scene.later(seconds=1)
    recall = scene.deliveries(code, channel)[-1]
    assert ("send", recall.key) in memories[channel].calls  # not taken for something that never arrived
