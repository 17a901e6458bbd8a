"""Engagement figures of channels: read an hour, a day, a week and a month after a delivery, never added to others."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import ChannelNeed, PostCounts, Receipt, TransportError
from campaigns.delivery.engagement import EngagementCheck, EngagementMetric, EngagementReading
from coordinator.channels.memory.transport import MemoryTransport
from coordinator.jobs import job_loop
from coordinator.jobs.delivery import engagement
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels


def numbers(scene: JobHarness) -> Sequence[EngagementReading]:
    with scene.database.read() as session:
        return session.execute(sa.select(EngagementReading).order_by(EngagementReading.id)).scalars().all()


def asking(scene: JobHarness) -> EngagementCheck:
    with scene.database.read() as session:
        return session.execute(sa.select(EngagementCheck).order_by(EngagementCheck.id.desc()).limit(1)).scalar_one()


def read(scene: JobHarness) -> int:
    return job_loop.drain(scene.context, "engagement", 8)


def fails(memories: MemoryChannels, channel: str, error: TransportError, monkeypatch: pytest.MonkeyPatch) -> None:
    def counts(_self: MemoryTransport, _receipt: Receipt) -> PostCounts:
        raise error

    monkeypatch.setattr(MemoryTransport, "counts", counts)


def test_a_delivery_is_asked_about_four_times_and_each_answer_is_kept_with_its_day(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    scene.channel()
    scene.publish()
    scene.drain()
    waits = scene.context.intervals.rechecks
    delivered = scene.context.now()
    assert read(scene) == 0
    for step in range(4):
        scene.clock.moment = delivered + waits[step]
        assert read(scene) == 1
        assert read(scene) == 0
    scene.clock.forward(days=400)
    assert read(scene) == 0
    rows = numbers(scene)
    assert [row.at - delivered for row in rows if row.metric is EngagementMetric.VIEWS] == list(waits[:4])
    assert {(row.metric, row.value, row.source) for row in rows} == {
        (EngagementMetric.VIEWS, 1, "memory"),
        (EngagementMetric.SHARES, 1, "memory"),
    }


def test_steps_that_went_by_are_one_reading(scene: JobHarness, memories: MemoryChannels) -> None:
    scene.channel()
    scene.publish()
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[2]
    assert read(scene) == 1
    assert read(scene) == 0
    assert asking(scene).due_at is not None
    assert len([row for row in numbers(scene) if row.metric is EngagementMetric.VIEWS]) == 1


def test_after_a_correction_the_post_is_asked_about_once_and_after_a_recall_not_at_all(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    scene.channel()
    code = scene.publish()
    scene.drain()
    scene.correct(code)
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[0]
    assert read(scene) == 1
    scene.recall(code)
    scene.drain()
    scene.clock.forward(days=400)
    assert read(scene) == 0


def test_a_channel_that_tells_nothing_is_not_asked(scene: JobHarness, memories: MemoryChannels) -> None:
    memories.can(counts=False)
    scene.channel()
    scene.publish()
    scene.drain()
    with scene.database.read() as session:
        assert session.execute(sa.select(EngagementCheck)).first() is None


def test_a_failure_that_may_pass_is_tried_again_and_changes_no_delivery(
    scene: JobHarness, memories: MemoryChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = scene.channel()
    code = scene.publish()
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[0]
    with monkeypatch.context() as broken:
        fails(memories, channel, TransportError("busy", retry_after=60.0, status=429), broken)
        assert read(scene) == 1
    row = asking(scene)
    assert (row.error, row.ended, row.reads) == ("busy", "", 0)
    assert row.due_at is not None
    assert row.due_at - scene.context.now() >= timedelta(seconds=60)
    (delivery,) = scene.deliveries(code)
    assert delivery.state.value == "delivered"
    scene.clock.moment = row.due_at
    assert read(scene) == 1
    assert asking(scene).error == ""
    assert numbers(scene)


def test_a_refusal_for_good_ends_the_questions_and_says_why(
    scene: JobHarness, memories: MemoryChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = scene.channel()
    scene.publish()
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[0]
    fails(memories, channel, TransportError("no such post", permanent=True), monkeypatch)
    assert read(scene) == 1
    row = asking(scene)
    assert (row.due_at, row.ended, row.error) == (None, "refused", "no such post")


def test_tries_that_are_used_up_leave_the_step_for_the_next(
    scene: JobHarness, memories: MemoryChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = scene.channel()
    scene.publish()
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[0]
    monkeypatch.setattr(engagement.retry_policy, "LONGEST_RETRY_AFTER", timedelta(0))
    fails(memories, channel, TransportError("down"), monkeypatch)
    for _ in range(len(scene.context.intervals.retries) + 1):
        row = asking(scene)
        assert row.due_at is not None
        scene.clock.moment = max(scene.clock.moment, row.due_at)
        if row.reads:
            break
        read(scene)
    assert asking(scene).reads == 1


def test_a_lost_authorisation_is_shown_at_the_channel_and_the_question_waits(
    scene: JobHarness, memories: MemoryChannels, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = scene.channel()
    scene.publish()
    scene.drain()
    scene.clock.moment += scene.context.intervals.rechecks[0]
    with monkeypatch.context() as broken:
        fails(memories, channel, TransportError("grant it again", needs=ChannelNeed.AUTHORISATION), broken)
        read(scene)
    with scene.database.write() as session:
        row = session.execute(sa.select(EngagementCheck)).scalar_one().delivery.channel
        assert row.state is ChannelState.NEEDS_AUTHORISATION
    assert read(scene) == 0
    with scene.database.write() as session:
        session.execute(sa.select(EngagementCheck)).scalar_one().delivery.channel.state = ChannelState.ACTIVE
    assert read(scene) == 1
    assert numbers(scene)
