"""After hours of downtime: no burst of messages, and late deliveries wait for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.core.clock import city_day
from campaigns.core.intervals import FAST
from campaigns.planning.campaigns import find_topic
from campaigns.release import series as series_acts
from campaigns.release import workflow
from campaigns.release.series import Series, SeriesRule
from campaigns.reporting import pending_work
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
    plain = _scheduled(scene, hours=3)
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


def test_who_lets_a_channel_go_on_has_seen_what_waits_and_is_not_asked_again(
    scene: JobHarness, memories: MemoryChannels
) -> None:
    channel, series = scene.channel(), _series(scene)
    scene.pause(channel)
    days = [_scheduled(scene, series, days=number, hours=2) for number in range(3)]
    assert scene.later(days=2, hours=5) == 0
    scene.resume(channel)
    scene.later(seconds=1)
    assert [scene.states(code) for code in days] == [["delivered"]] * 3


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
