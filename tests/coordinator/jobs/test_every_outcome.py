"""Every state of a delivery and every outcome of a try can come about, and is told in Vietnamese."""

import pytest

from campaigns.publishing.outbox import DeliveryState, Outcome
from coordinator.channels.memory import Fault
from coordinator.jobs import acts
from coordinator.web.desk.delivery_trouble import Facts, trouble_of
from coordinator.web.wording import STATES
from tests.coordinator.jobs.scene import Memories, Scene
from tests.factories import APPROVER

# Why a delivery stands as it does, by every code that the product writes, and a few of the words it is told in.
REASONS = {
    (DeliveryState.CANCELLED, "overtaken"): "đính chính",
    (DeliveryState.CANCELLED, "recalled"): "thu hồi",
    (DeliveryState.SKIPPED, "never_received"): "chưa nhận bản tin",
    (DeliveryState.SKIPPED, "channel_retired"): "đã thôi dùng",
    (DeliveryState.DEAD, "refused"): "từ chối",
    (DeliveryState.DEAD, "settings"): "Thiết lập",
    (DeliveryState.DEAD, "endpoint_gone"): "không còn nữa",
    (DeliveryState.DEAD, "tries_used_up"): "hết số lần",
    (DeliveryState.DEAD, "not_sent"): "không đăng",
    (DeliveryState.DUE, "late"): "quá 12 giờ",
    (DeliveryState.DUE, "day_passed"): "ngày đã qua",
    (DeliveryState.RETRYING, "needs_authorisation"): "hết quyền",
}


def test_every_state_and_every_outcome_comes_about(scene: Scene, memories: Memories) -> None:
    states, outcomes = set[DeliveryState](), set[Outcome]()

    def note(code: str) -> None:
        for one in scene.deliveries(code):
            states.add(one.state)
            outcomes.update(tried.outcome for tried in one.attempts)

    def published(fault: Fault | None = None) -> str:
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
    acts.resolve_delivery(scene.front, APPROVER, posted.public, arrived=True)
    note(code)
    published()
    published(Fault.REFUSED)
    overtaken = published(Fault.BROKEN)
    scene.correct(overtaken)
    note(overtaken)
    recalled = published(Fault.REFUSED)
    scene.recall(recalled)
    note(recalled)
    gone = scene.channel()
    memories[gone].faults.append(Fault.GONE)
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
    published(Fault.LOST_AFTER)
    assert states == set(DeliveryState)
    # A receiver's own fetch is no try of ours; tests/coordinator/web/public/test_partner_feeds.py has it.
    assert outcomes == set(Outcome) - {Outcome.FETCHED}


def test_all_of_them_have_words() -> None:
    assert set(STATES["delivery"]) == {state.value for state in DeliveryState}
    assert set(STATES["attempt"]) == {outcome.value for outcome in Outcome}


@pytest.mark.parametrize(("state", "reason"), REASONS)
def test_every_reason_is_told(state: DeliveryState, reason: str) -> None:
    told = trouble_of(Facts(state, reason=reason))
    assert told is not None
    assert REASONS[state, reason] in told.words
