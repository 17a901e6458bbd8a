"""Slots, quiet hours, and what speaks against a time, without a page around them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.planning.holidays import rests
from campaigns.publishing import slots, workflow
from campaigns.publishing.bulletins import State
from campaigns.publishing.slots import Habits, minute_of, moment_of
from campaigns.publishing.workflow import Seen
from tests import factories
from tests.factories import ANALYST, APPROVER, NATURES, NOW

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
    assert Habits(first, last).quiet(moment_of(date(2026, 11, 24), minute)) is quiet


@given(
    weekly=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 1439)), min_size=1, max_size=8),
    taken=st.lists(MOMENTS, max_size=6),
    after=MOMENTS,
    habits=st.builds(Habits, st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 240)),
)
def test_what_is_suggested_is_a_slot_ahead_and_clear_of_everything(
    weekly: set[tuple[int, int]], taken: list[datetime], after: datetime, habits: Habits
) -> None:
    found = slots.next_free(weekly, taken, habits, after=after)
    assert found == sorted(found)
    for at in found:
        day = city_day(at)
        assert (day.weekday(), minute_of(at)) in weekly
        assert at > after
        assert not habits.quiet(at)
        assert not rests(day)
        assert all(abs(at - other) >= timedelta(minutes=max(habits.gap, 1)) for other in taken)


def test_habits_and_slots_are_checked_and_written_down(session: Session) -> None:
    channel = factories.channel(session)
    for wanted in (Habits(1440, 0), Habits(0, -1), Habits(0, 0, 241)):
        with pytest.raises(Invalid):
            slots.save_habits(session, APPROVER, wanted, now=NOW)
    with pytest.raises(Invalid):
        slots.set_slots(session, APPROVER, channel, [(7, 0)], now=NOW)
    with pytest.raises(Forbidden):
        slots.set_slots(session, ANALYST, channel, [(1, 0)], now=NOW)
    slots.save_habits(session, APPROVER, Habits(60, 120, 5), now=NOW)
    assert slots.habits(session) == Habits(60, 120, 5)
    slots.set_slots(session, APPROVER, channel, [(1, 600), (1, 600), (0, 30)], now=NOW)
    assert [(one.weekday, one.minute) for one in slots.slots_of(session)] == [(0, 30), (1, 600)]


def test_a_time_is_taken_away_only_from_whoever_still_has_it(session: Session) -> None:
    code = factories.approved(session).code
    at = NOW + timedelta(hours=2)
    with pytest.raises(Conflict):
        workflow.clear_time(session, APPROVER, code, seen=Seen(None), now=NOW)
    workflow.publish(session, APPROVER, code, NATURES, at=at, now=NOW)
    with pytest.raises(Conflict):
        workflow.clear_time(session, APPROVER, code, seen=Seen(NOW), now=NOW)
    with pytest.raises(Conflict):
        workflow.clear_time(session, APPROVER, code, seen=Seen(at), now=at)
    bulletin = workflow.clear_time(session, APPROVER, code, seen=Seen(at), now=NOW)
    assert (bulletin.state, bulletin.release_at) == (State.APPROVED, None)
    with pytest.raises(Conflict):
        workflow.clear_time(session, APPROVER, code, seen=Seen(at), now=NOW)
