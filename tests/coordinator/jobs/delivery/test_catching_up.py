"""After hours of downtime: no burst of messages, and late deliveries wait for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.channels import channels
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict
from campaigns.core.intervals import FAST
from campaigns.delivery import backlog
from campaigns.delivery.backlog import Backlog, BacklogDecision
from campaigns.planning.campaigns import find_topic
from campaigns.release import series as series_acts
from campaigns.release import workflow
from campaigns.release.series import Series, SeriesRule
from campaigns.reporting import pending_work
from coordinator.channels.memory.transport import SendFault
from coordinator.jobs.release import commands
from coordinator.jobs.release.release_tick import release_due
from coordinator.mail.smtp import MailServer
from tests import factories
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels, Receiver
from tests.coordinator.mail.recording_server import recording_mail_server
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

MAILED = {"address": "toasoan@bao.example"}


def _waiting(scene: JobHarness) -> int:
    with scene.database.read() as session:
        return pending_work.pending_counts(session, scene.context.delivery_modes, now=scene.context.now()).deliveries


def _scheduled(scene: JobHarness, series: str = "", **span: float) -> str:
    """A bulletin that is to go out after this time; of the day of a series, if one is named."""
    now = scene.context.now()
    at = now + timedelta(**span)
    with scene.database.write() as session:
        code = factories.approved(session, now=now).code
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=at, now=now)
        if series:
            series_acts.fill_day(session, WRITER, series, city_day(at), code, now=now)
    return code


def _series(scene: JobHarness) -> str:
    """A series with a bulletin every day at ten."""
    with scene.database.write() as session:
        topic, today = find_topic(session, "dich-benh"), city_day(scene.context.now())
        assert topic is not None
        series = Series(public="ser_x", name="Điểm tin", starts_on=today, created_at=scene.context.now())
        series.rules.append(
            SeriesRule(
                starts_on=today, title="Điểm tin {ngày}", topic=topic, wanted_channels=None, weekdays=127, minute=600,
                skips_holidays=False,
            )
        )  # fmt: skip
        session.add(series)
    return "ser_x"


def test_a_backlog_goes_evenly_by_the_rate_of_each_channel_and_not_at_a_stroke(
    scene: JobHarness, receiver: Receiver
) -> None:
    scene.context = replace(scene.context, intervals=replace(FAST, rate_factor=1))
    scene.channel(receiver=receiver)
    codes = [_scheduled(scene, hours=1) for _ in range(30)]
    scene.clock.forward(hours=5)  # nobody was there
    assert sorted(release_due(scene.context)) == sorted(codes)
    scene.drain()
    assert len(receiver.got) == 1
    for _ in range(20):  # ten seconds, at two a second
        scene.later(seconds=0.5)
    assert len(receiver.got) == 21
    on_time = scene.publish()
    for _ in range(20):
        scene.later(seconds=0.5)
    assert [scene.states(code) for code in [*codes, on_time]] == [["delivered"]] * 31
    assert len(set(receiver.ids)) == len(receiver.ids) == 31


@pytest.mark.parametrize(("hours", "state"), [(11, "delivered"), (13, "due")])
def test_letters_go_out_late_but_not_a_day_late_unless_somebody_says_so(
    stage: JobHarness, hours: int, state: str
) -> None:
    with recording_mail_server() as box:
        server = MailServer.from_address(f"smtp://127.0.0.1:{box.port}", "", "Sở <tin@so.example>")
        stage.context = replace(stage.context, mail=server)
        _channel, other = stage.channel("email", settings=MAILED), stage.channel("email", settings=MAILED)
        code = _scheduled(stage, hours=1)
        stage.later(hours=1 + hours)
        release_due(stage.context)
        assert stage.states(code) == [state, state]
        if state == "delivered":
            assert _waiting(stage) == 0
            return
        first, second = stage.deliveries(code)
        assert (first.due_at, first.reason, first.attempt, first.attempts) == (None, "late", 0, [])
        assert _waiting(stage) == 2
        assert stage.later(days=1) == 0
        commands.resolve_delivery(stage.app_context, APPROVER, first.public, arrived=False, again=True)
        commands.resolve_delivery(stage.app_context, APPROVER, second.public, arrived=False)
        stage.later(seconds=1)
        assert sorted(stage.states(code)) == ["dead", "delivered"]
        assert len(box.letters) == 1
        # What arrived is corrected without asking, however late.
        stage.correct(code)
        stage.later(days=2)
        assert len(box.letters) == 2
        # To the other address the corrected text is the first, and two days old: that is asked about as well.
        assert (stage.deliveries(code, other)[-1].reason, _waiting(stage)) == ("late", 1)


def test_of_a_series_only_todays_goes_by_itself_and_the_days_before_ask(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel, series = scene.channel(), _series(scene)
    days = [_scheduled(scene, series, days=number, hours=2) for number in range(3)]
    plain = _scheduled(scene, days=2, hours=3)
    scene.clock.forward(days=2, hours=5)
    assert len(release_due(scene.context)) == 4
    scene.drain()
    assert [scene.states(code) for code in days] == [["due"], ["due"], ["delivered"]]
    assert scene.states(plain) == ["delivered"]
    (held,) = scene.deliveries(days[0])
    assert (held.reason, held.due_at) == ("day_passed", None)
    assert _waiting(scene) == 2
    assert len(memories[channel].calls) == 2
    commands.resolve_delivery(scene.app_context, APPROVER, held.public, arrived=False, again=True)
    scene.later(seconds=1)
    assert scene.states(days[0]) == ["delivered"]


def _decide(scene: JobHarness, channel: str, decision: BacklogDecision) -> int:
    with scene.database.write() as session:
        row = channels.find_channel(session, channel)
        return backlog.decide_backlog(session, APPROVER, row, decision, now=scene.context.now())


def _backlog(scene: JobHarness) -> list[Backlog]:
    with scene.database.read() as session:
        return list(backlog.backlogs(session).values())


@pytest.mark.parametrize(
    ("decision", "state"), [(BacklogDecision.SEND, "delivered"), (BacklogDecision.CANCEL, "cancelled")]
)
def test_a_channel_that_goes_on_sends_what_is_fresh_and_asks_once_about_the_rest(
    scene: JobHarness, memories: MemoryChannels, decision: BacklogDecision, state: str
) -> None:
    channel, series = scene.channel(), _series(scene)
    scene.pause(channel)
    first = scene.context.now() + timedelta(hours=2)
    days = [_scheduled(scene, series, days=number, hours=2) for number in range(3)]
    assert scene.later(days=2, hours=5) == 0
    scene.resume(channel)
    assert _backlog(scene) == [Backlog(2, first)]
    scene.later(seconds=1)
    assert [scene.states(code) for code in days] == [["due"], ["due"], ["delivered"]]
    assert _waiting(scene) == 2
    assert _decide(scene, channel, decision) == 2
    scene.later(seconds=1)
    assert [scene.states(code) for code in days] == [[state], [state], ["delivered"]]
    assert _backlog(scene) == []
    assert _waiting(scene) == 0
    with pytest.raises(Conflict):
        _decide(scene, channel, decision)
    assert len(memories[channel].calls) == (3 if state == "delivered" else 1)


def test_after_a_standstill_of_the_whole_product_old_deliveries_ask_and_are_counted_at_once(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    scene.channel()
    codes = [scene.publish() for _ in range(5)]
    scene.clock.forward(days=84)
    fresh = scene.publish()
    scene.drain()
    assert [scene.states(code) for code in codes] == [["due"]] * 5
    assert scene.states(fresh) == ["delivered"]
    assert [row.count for row in _backlog(scene)] == [5]


def test_a_delivery_that_may_have_arrived_is_looked_up_and_asks_only_if_it_is_not_there(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    memories[channel].faults.extend([SendFault.LOST, SendFault.LOST_AFTER])
    codes = [scene.publish(), scene.publish()]
    scene.drain()
    scene.pause(channel)
    scene.clock.forward(days=20)
    scene.resume(channel)
    scene.later(seconds=1)
    assert sorted(scene.states(code)[0] for code in codes) == ["delivered", "due"]
    assert _decide(scene, channel, BacklogDecision.SEND) == 1
    scene.later(seconds=1)
    assert [scene.states(code) for code in codes] == [["delivered"]] * 2
    assert len(memories[channel].posts) == 2


def test_a_correction_of_what_was_held_replaces_it_and_asks_as_well(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel = scene.channel()
    scene.pause(channel)
    code = scene.publish()
    scene.clock.forward(days=3)
    scene.resume(channel)
    scene.correct(code)
    scene.later(seconds=1)
    assert scene.states(code) == ["cancelled", "delivered"]  # the correction is of now, and the first text they get
    assert _backlog(scene) == []


def test_a_recall_takes_along_what_was_held(scene: JobHarness, memories: MemoryChannels) -> None:
    scene.channel()
    series = _series(scene)
    code = _scheduled(scene, series, hours=2)
    scene.later(days=1, hours=5)
    release_due(scene.context)
    assert scene.states(code) == ["due"]
    scene.recall(code)
    scene.later(seconds=1)
    assert scene.states(code) == ["cancelled"]
    assert _waiting(scene) == 0
