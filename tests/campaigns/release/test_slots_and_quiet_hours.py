"""Slots, quiet hours and release warnings."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import BulletinState
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.planning.holidays import is_public_holiday
from campaigns.release import slots_and_quiet_hours, workflow
from campaigns.release.slots_and_quiet_hours import ReleaseHabits, minute_of, moment_of
from campaigns.release.workflow import SeenReleaseTime
from tests import factories
from tests.factories import ANALYST, APPROVER, DELIVERY_MODES, NOW

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("first", "last", "minute", "quiet"),
    [
        (1320, 360, 1320, True),
        (1320, 360, 359, True),
        (1320, 360, 360, False),
        (1320, 360, 720, False),
        (720, 780, 720, True),
        (720, 780, 780, False),
        (0, 0, 0, False),
        (600, 600, 600, False),
    ],
)
def test_quiet_hours_begin_at_their_minute_end_before_theirs_and_may_span_midnight(
    first: int, last: int, minute: int, quiet: bool
) -> None:
    assert ReleaseHabits(first, last).quiet(moment_of(date(2026, 11, 24), minute)) is quiet


@given(
    weekly=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 1439)), min_size=1, max_size=8),
    taken=st.lists(MOMENTS, max_size=6),
    after=MOMENTS,
    habits=st.builds(ReleaseHabits, st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 240)),
)
def test_what_is_suggested_is_a_slot_ahead_and_clear_of_everything(
    weekly: set[tuple[int, int]], taken: list[datetime], after: datetime, habits: ReleaseHabits
) -> None:
    found = slots_and_quiet_hours.next_free_times(weekly, taken, habits, after=after)
    assert found == sorted(found)
    for at in found:
        day = city_day(at)
        assert (day.weekday(), minute_of(at)) in weekly
        assert at > after
        assert not habits.quiet(at)
        assert not is_public_holiday(day)
        assert all(abs(at - other) >= timedelta(minutes=max(habits.gap, 1)) for other in taken)


def test_habits_and_slots_are_checked_and_written_down(session: Session) -> None:
    channel = factories.channel(session)
    for wanted in (ReleaseHabits(1440, 0), ReleaseHabits(0, -1), ReleaseHabits(0, 0, 241)):
        with pytest.raises(Invalid):
            slots_and_quiet_hours.save_release_habits(session, APPROVER, wanted, now=NOW)
    with pytest.raises(Invalid):
        slots_and_quiet_hours.set_slots(session, APPROVER, channel, [(7, 0)], now=NOW)
    with pytest.raises(Forbidden):
        slots_and_quiet_hours.set_slots(session, ANALYST, channel, [(1, 0)], now=NOW)
    slots_and_quiet_hours.save_release_habits(session, APPROVER, ReleaseHabits(60, 120, 5), now=NOW)
    assert slots_and_quiet_hours.release_habits(session) == ReleaseHabits(60, 120, 5)
    slots_and_quiet_hours.set_slots(session, APPROVER, channel, [(1, 600), (1, 600), (0, 30)], now=NOW)
    assert [(slot.weekday, slot.minute) for slot in slots_and_quiet_hours.slots_of(session)] == [(0, 30), (1, 600)]


def test_a_time_is_taken_away_only_from_its_present_holder(session: Session) -> None:
    code = factories.approved(session).code
    at = NOW + timedelta(hours=2)
    with pytest.raises(Conflict):
        workflow.clear_release_time(session, APPROVER, code, seen=SeenReleaseTime(None), now=NOW)
    workflow.publish(session, APPROVER, code, DELIVERY_MODES, at=at, now=NOW)
    with pytest.raises(Conflict):
        workflow.clear_release_time(session, APPROVER, code, seen=SeenReleaseTime(NOW), now=NOW)
    with pytest.raises(Conflict):
        workflow.clear_release_time(session, APPROVER, code, seen=SeenReleaseTime(at), now=at)
    bulletin = workflow.clear_release_time(session, APPROVER, code, seen=SeenReleaseTime(at), now=NOW)
    assert (bulletin.state, bulletin.release_at) == (BulletinState.APPROVED, None)
    with pytest.raises(Conflict):
        workflow.clear_release_time(session, APPROVER, code, seen=SeenReleaseTime(at), now=NOW)
