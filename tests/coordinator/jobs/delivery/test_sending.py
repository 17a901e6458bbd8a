"""Deliveries: the effects of every outcome of a try."""

from datetime import timedelta

import pytest

from campaigns.channels.channels import ChannelState
from campaigns.channels.health import FAILING_AFTER
from campaigns.channels.transport import DeliveryAct
from campaigns.delivery.outbox import AttemptOutcome
from campaigns.release import workflow
from coordinator.channels.memory.transport import SendFault
from coordinator.jobs import job_loop
from coordinator.jobs.release import commands
from coordinator.jobs.work_kinds import WORK_KINDS
from tests import factories
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels
from tests.factories import APPROVER


def test_a_published_bulletin_arrives_once_at_every_channel(scene: JobHarness, memories: MemoryChannels) -> None:
    first, second = scene.channel(), scene.channel()
    code = scene.publish()
    assert scene.drain() == 2
    for channel in (first, second):
        (delivery,) = scene.deliveries(code, channel)
        assert (delivery.state.value, delivery.attempt, delivery.lease_until, delivery.due_at) == (
            "delivered",
            1,
            None,
            None,
        )
        assert delivery.url == f"https://memory.example/{channel}/{channel}-1"
        assert [tried.outcome for tried in delivery.attempts] == [AttemptOutcome.DELIVERED]
        assert memories[channel].calls == [("send", delivery.key)]
    assert scene.later(days=1) == 0


@pytest.mark.parametrize(
    ("fault", "state", "reason", "outcome"),
    [
        (SendFault.REFUSED, "dead", "refused", AttemptOutcome.REFUSED),
        (SendFault.BUSY, "retrying", "", AttemptOutcome.FAILED),
        (SendFault.BROKEN, "retrying", "", AttemptOutcome.FAILED),
        (SendFault.LOST, "retrying", "", AttemptOutcome.FAILED),
        (SendFault.UNAUTHORISED, "retrying", "needs_authorisation", AttemptOutcome.FAILED),
        (SendFault.GONE, "dead", "endpoint_gone", AttemptOutcome.REFUSED),
    ],
)
def test_each_way_of_failing_leaves_its_mark(
    scene: JobHarness, memories: MemoryChannels, fault: SendFault, state: str, reason: str, outcome: AttemptOutcome
) -> None:
    channel = scene.channel()
    memories[channel].faults.append(fault)
    code = scene.publish()
    scene.drain()
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, delivery.reason, [tried.outcome for tried in delivery.attempts]) == (
        state,
        reason,
        [outcome],
    )
    assert delivery.attempts[0].error
    assert delivery.lease_until is None


def test_patience_that_was_asked_for_is_kept_to(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.BUSY)
    code = scene.publish()
    scene.drain()
    assert scene.later(seconds=59) == 0
    assert scene.later(seconds=1) == 1
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, len(delivery.attempts)) == ("delivered", 2)


def test_tries_are_used_up_in_the_end_and_a_person_can_begin_again_with_the_same_key(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    tries = len(scene.context.intervals.retries) + 1
    memories[channel].faults.extend([SendFault.BROKEN] * tries)
    code = scene.publish()
    scene.drain()
    for _ in range(tries - 1):
        assert scene.later(minutes=1) == 1
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, delivery.reason, len(delivery.attempts)) == ("dead", "tries_used_up", tries)
    assert scene.later(days=30) == 0
    commands.retry_delivery(scene.app_context, APPROVER, delivery.public)
    assert "delivery" in scene.runner.kinds
    scene.drain()
    assert scene.states(code) == ["delivered"]
    assert {key for _, key in memories[channel].calls} == {delivery.key}


def test_a_channel_that_fails_again_and_again_is_shown_as_failing_until_something_arrives(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.extend([SendFault.BROKEN] * FAILING_AFTER)
    scene.publish()
    scene.publish()
    while memories[channel].faults:
        scene.later(minutes=5)
    assert scene.channel_row(channel).state is ChannelState.FAILING
    scene.later(minutes=5)
    row = scene.channel_row(channel)
    assert (row.state, row.failures, row.last_error) == (ChannelState.ACTIVE, 0, "")
    assert scene.journal_holds()


def test_without_authorisation_everything_waits_and_goes_on_by_itself_once_granted(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.UNAUTHORISED)
    first, second = scene.publish(), scene.publish()
    scene.drain()
    assert scene.channel_row(channel).state is ChannelState.NEEDS_AUTHORISATION
    assert scene.later(hours=20) == 0
    scene.resume(channel)
    scene.drain()
    assert scene.states(first) == scene.states(second) == ["delivered"]


def test_an_endpoint_that_ended_gets_nothing_more(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.GONE)
    first, second = scene.publish(), scene.publish()
    scene.drain()
    assert scene.channel_row(channel).state is ChannelState.RETIRED
    assert scene.states(first) == ["dead"]
    assert scene.later(days=1) == 0
    assert len(memories[channel].calls) == 1
    third = scene.publish()
    assert scene.drain() == 0
    assert (scene.states(second), scene.states(third)) == (["skipped"], [])


def test_a_lost_answer_is_looked_up_before_anything_is_repeated(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.LOST_AFTER)
    code = scene.publish()
    scene.drain()
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, delivery.look_first) == ("retrying", True)
    scene.later(minutes=1)
    assert scene.states(code) == ["delivered"]
    assert [name for name, _ in memories[channel].calls] == ["send", "find"]
    assert len(memories[channel].posts) == 1


def test_what_a_look_up_does_not_find_is_sent_once_more(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.LOST)
    code = scene.publish()
    scene.drain()
    scene.later(minutes=1)
    assert scene.states(code) == ["delivered"]
    assert [name for name, _ in memories[channel].calls] == ["send", "find", "send"]
    assert len(memories[channel].posts) == 1


def test_the_look_up_is_not_forgotten_when_another_failure_comes_in_between(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.extend([SendFault.LOST, SendFault.BROKEN])
    code = scene.publish()
    scene.drain()
    scene.later(minutes=1)
    scene.later(minutes=1)
    assert scene.states(code) == ["delivered"]
    assert [name for name, _ in memories[channel].calls] == ["send", "find", "send", "find", "send"]


def test_where_nothing_can_be_looked_up_or_repeated_a_person_decides(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    memories.can(lookup=False)
    channel = scene.channel()
    memories[channel].faults.append(SendFault.LOST_AFTER)
    code = scene.publish()
    scene.drain()
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, [tried.outcome for tried in delivery.attempts]) == (
        "unknown",
        [AttemptOutcome.UNKNOWN],
    )
    assert scene.later(days=3) == 0
    commands.resolve_delivery(scene.app_context, APPROVER, delivery.public, arrived=False, again=True)
    scene.drain()
    assert scene.states(code) == ["delivered"]
    assert len(memories[channel].posts) == 2  # the person's decision, not the program's


def test_a_channel_that_works_in_the_background_is_asked_until_it_is_done(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].polls_needed = 3
    code = scene.publish()
    scene.drain()
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, delivery.token) == ("sending", f"token-{delivery.key}")
    for _ in range(3):
        scene.later(seconds=10)
    (delivery,) = scene.deliveries(code)
    assert (delivery.state.value, delivery.polls, delivery.token) == ("delivered", 3, None)
    assert [tried.outcome for tried in delivery.attempts] == [AttemptOutcome.ACCEPTED, AttemptOutcome.DELIVERED]


def test_a_channel_that_never_says_what_became_of_it_leaves_an_unknown(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].polls_needed = 1000
    code = scene.publish()
    scene.drain()
    for _ in range(len(scene.context.intervals.polls) + 1):
        scene.later(minutes=1)
    assert scene.states(code) == ["unknown"]
    assert [name for name, _ in memories[channel].calls].count("send") == 1


def test_a_correction_overtakes_what_has_not_begun_and_is_the_first_text_there(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.BROKEN)
    code = scene.publish()
    scene.drain()
    scene.correct(code)
    scene.later(minutes=1)
    assert scene.states(code) == ["cancelled", "delivered"]
    (shown,) = memories[channel].visible_messages()
    assert (shown.act, shown.revision) == (DeliveryAct.PUBLISH, 2)


def test_a_correction_replaces_the_text_that_is_there(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    code = scene.publish()
    scene.drain()
    scene.correct(code)
    scene.later(seconds=1)
    first, second = scene.deliveries(code)
    (post,) = memories[channel].posts.values()
    assert (post.message.act, post.message.revision, post.message.remote_id) == (
        DeliveryAct.CORRECT,
        2,
        first.remote_id,
    )
    assert (second.remote_id, second.url) == (first.remote_id, first.url)
    assert post.message.note == "Sửa ngày"


def test_a_recall_takes_down_what_arrived_and_is_not_sent_to_those_who_never_had_it(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    had, never, waits = scene.channel(), scene.channel(), scene.channel()
    memories[never].faults.append(SendFault.REFUSED)
    scene.pause(waits)
    code = scene.publish()
    scene.drain()
    scene.recall(code)
    scene.later(seconds=1)
    assert [delivery.state.value for delivery in scene.deliveries(code, had)] == ["delivered", "delivered"]
    assert [delivery.state.value for delivery in scene.deliveries(code, never)] == ["dead"]
    assert [delivery.state.value for delivery in scene.deliveries(code, waits)] == ["cancelled"]
    assert memories[had].visible_messages() == []
    assert len(memories[never].calls) == 1
    assert memories[waits].calls == []


def test_a_try_under_way_that_fails_after_the_recall_is_not_made_again(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    code = scene.publish()
    (taken,) = WORK_KINDS["delivery"].claim(scene.context, 1)
    scene.recall(code)
    memories[channel].faults.append(SendFault.BROKEN)
    job_loop.carry_out(scene.context, "delivery", taken)
    for _ in range(3):
        scene.later(minutes=5)
    assert memories[channel].posts == {}
    assert scene.states(code) == ["cancelled", "skipped"]


def test_a_try_under_way_that_fails_after_a_correction_does_not_bring_the_old_text(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    code = scene.publish()
    (taken,) = WORK_KINDS["delivery"].claim(scene.context, 1)
    scene.correct(code)
    memories[channel].faults.append(SendFault.BROKEN)
    job_loop.carry_out(scene.context, "delivery", taken)
    for _ in range(3):
        scene.later(minutes=5)
    assert [post.message.revision for post in memories[channel].posts.values()] == [2]
    assert scene.states(code) == ["cancelled", "delivered"]


def test_what_may_have_arrived_before_a_recall_is_looked_for_and_taken_down(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.LOST_AFTER)
    code = scene.publish()
    scene.drain()
    scene.recall(code)
    for _ in range(3):
        scene.later(minutes=5)
    assert memories[channel].visible_messages() == []
    assert len(memories[channel].posts) == 1
    assert scene.states(code) == ["delivered", "delivered"]


def test_what_may_have_arrived_and_did_not_is_not_sent_after_a_recall(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.LOST)
    code = scene.publish()
    scene.drain()
    scene.recall(code)
    for _ in range(3):
        scene.later(minutes=5)
    assert memories[channel].posts == {}
    assert scene.states(code) == ["cancelled", "skipped"]


def test_a_paused_channel_gets_nothing_and_then_what_waited_in_order(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    scene.pause(channel)
    first, second = scene.publish(), scene.publish()
    assert scene.drain() == 0
    scene.resume(channel)
    scene.later(seconds=1)
    assert [key for _, key in memories[channel].calls] == [scene.deliveries(text)[0].key for text in (first, second)]


def test_nothing_is_sent_before_its_time(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    at = scene.context.now() + timedelta(minutes=30)
    with scene.database.write() as session:
        code = factories.approved(session, now=scene.context.now()).code
        workflow.publish(session, APPROVER, code, scene.context.delivery_modes, at=at, now=scene.context.now())
    assert scene.later(minutes=29, seconds=59) == 0
    assert scene.later(seconds=1) == 1
    assert scene.states(code) == ["delivered"]
    assert len(memories[channel].calls) == 1
