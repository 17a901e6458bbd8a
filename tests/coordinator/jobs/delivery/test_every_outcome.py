"""Every state of a delivery and every outcome of a try occurs, and has a message in Vietnamese."""

import pytest

from campaigns.delivery.outbox import AttemptOutcome, DeliveryState
from coordinator.channels.memory.transport import SendFault
from coordinator.jobs.release import commands
from coordinator.web.desk.delivery.problems import DeliveryFacts, find_problem
from coordinator.web.kit.text.state_labels import STATE_LABELS
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels
from tests.factories import APPROVER

# Every reason code that the product writes, and some words of its message.
REASONS = {
    (DeliveryState.CANCELLED, "overtaken"): "đính chính",
    (DeliveryState.CANCELLED, "recalled"): "thu hồi",
    (DeliveryState.SKIPPED, "never_received"): "chưa nhận bản tin",
    (DeliveryState.SKIPPED, "channel_retired"): "đã ngừng sử dụng",
    (DeliveryState.DEAD, "refused"): "từ chối",
    (DeliveryState.DEAD, "settings"): "Thiết lập",
    (DeliveryState.DEAD, "endpoint_gone"): "không còn nữa",
    (DeliveryState.DEAD, "tries_used_up"): "hết số lần",
    (DeliveryState.DEAD, "not_sent"): "không đăng",
    (DeliveryState.DUE, "late"): "quá 12 giờ",
    (DeliveryState.DUE, "day_passed"): "ngày đã qua",
    (DeliveryState.RETRYING, "needs_authorisation"): "hết quyền",
}


def test_every_state_and_every_outcome_comes_about(scene: JobHarness, memories: MemoryChannels) -> None:
    states, outcomes = set[DeliveryState](), set[AttemptOutcome]()

    def note(code: str) -> None:
        for delivery in scene.deliveries(code):
            states.add(delivery.state)
            outcomes.update(tried.outcome for tried in delivery.attempts)

    def published(fault: SendFault | None = None) -> str:
        channel = scene.channel()
        memories[channel].faults.extend([fault] if fault else [])
        code = scene.publish(channels=[channel])
        scene.drain()
        note(code)
        return code

    by_hand = scene.channel("manual")
    code = scene.publish(channels=[by_hand])
    note(code)
    (posted,) = scene.deliveries(code)
    commands.resolve_delivery(scene.app_context, APPROVER, posted.public, arrived=True)
    note(code)
    published()
    published(SendFault.REFUSED)
    overtaken = published(SendFault.BROKEN)
    scene.correct(overtaken)
    note(overtaken)
    recalled = published(SendFault.REFUSED)
    scene.recall(recalled)
    note(recalled)
    gone = scene.channel()
    memories[gone].faults.append(SendFault.GONE)
    first, second = scene.publish(channels=[gone]), scene.publish(channels=[gone])
    scene.later(seconds=1)
    note(first)
    note(second)
    slow = scene.channel()
    memories[slow].polls_needed = 3
    code = scene.publish(channels=[slow])
    scene.drain()
    note(code)
    memories.can(lookup=False)
    published(SendFault.LOST_AFTER)
    assert states == set(DeliveryState)
    # A receiver's own fetch is no try of ours; tests/coordinator/web/public/test_partner_feeds.py has it.
    assert outcomes == set(AttemptOutcome) - {AttemptOutcome.FETCHED}


def test_all_of_them_have_words() -> None:
    assert set(STATE_LABELS["delivery"]) == {state.value for state in DeliveryState}
    assert set(STATE_LABELS["attempt"]) == {outcome.value for outcome in AttemptOutcome}


@pytest.mark.parametrize(("state", "reason"), REASONS)
def test_every_reason_is_reported(state: DeliveryState, reason: str) -> None:
    problem = find_problem(DeliveryFacts(state, reason=reason))
    assert problem is not None
    assert REASONS[state, reason] in problem.words
