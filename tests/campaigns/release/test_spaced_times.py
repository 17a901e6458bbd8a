"""Times for several bulletins at once, and the warnings about a plan of them."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import CITY
from campaigns.release import release_warnings, series, workflow
from campaigns.release.release_warnings import ReleaseWarningKind
from campaigns.release.series import SeriesContent
from campaigns.release.slots_and_quiet_hours import ReleaseHabits
from campaigns.release.spaced_times import Spacing, spaced_times
from coordinator.db import Database
from tests import factories
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

HABITS = ReleaseHabits()  # quiet from 22:00 until 06:00


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def at(day: int, clock: str, month: int = 12) -> datetime:
    hours, minutes = clock.split(":")
    return datetime(2026, month, day, int(hours), int(minutes), tzinfo=CITY)


@pytest.mark.parametrize(
    ("spacing", "step", "start", "expected"),
    [
        (Spacing.SAME, 60, at(1, "08:00"), [at(1, "08:00")] * 4),
        (
            Spacing.DAILY,
            60,
            at(30, "08:00"),
            [at(30, "08:00"), at(31, "08:00"), at(2, "08:00", 1), at(3, "08:00", 1)],
        ),
        (Spacing.EVERY, 120, at(1, "19:00"), [at(1, "19:00"), at(1, "21:00"), at(2, "06:00"), at(2, "08:00")]),
        (Spacing.EVERY, 240, at(1, "20:30"), [at(1, "20:30"), at(2, "06:00"), at(2, "10:00"), at(2, "14:00")]),
    ],
)
def test_times_follow_one_another_within_the_hours_of_release(
    spacing: Spacing, step: int, start: datetime, expected: list[datetime]
) -> None:
    expected = [moment.replace(year=2027) if moment.month == 1 else moment for moment in expected]
    assert spaced_times(start, 4, spacing, HABITS, step=step, skips_holidays=True) == expected


def test_a_plan_is_warned_of_its_own_bulletins_of_others_and_of_a_series_day(session: Session) -> None:
    channel = factories.channel(session, "zalo")
    first, second, third, other = (factories.approved(session, title=f"Tin {name}") for name in "ABCD")
    start = at(1, "08:00")
    workflow.publish(session, APPROVER, other.code, DELIVERY_MODES, at=at(1, "09:05"), now=NOW)
    # ``second`` is moved: nobody is warned of the time that it gives up.
    workflow.publish(session, APPROVER, second.code, DELIVERY_MODES, at=at(1, "12:00"), now=NOW)
    wanted = SeriesContent("Tin {ngày}", "dich-benh", None, frozenset(range(7)), 480, False)
    begun = series.begin_series(
        session, WRITER, name="Điểm tin", starts_on=date(2026, 11, 25), ends_on=None, wanted=wanted, now=NOW
    )
    series.fill_day(session, WRITER, begun.public, date(2026, 11, 30), third.code, now=NOW)
    plan = [(first, start), (second, start + timedelta(minutes=10)), (third, start + timedelta(hours=1))]
    found = release_warnings.warnings_for_all(session, plan)
    assert [(warning.kind, warning.code) for warning in found[first.id]] == [(ReleaseWarningKind.CLOSE, second.code)]
    assert [(warning.kind, warning.code) for warning in found[second.id]] == [(ReleaseWarningKind.CLOSE, first.code)]
    assert [(warning.kind, warning.code, warning.day) for warning in found[third.id]] == [
        (ReleaseWarningKind.LATE, "", date(2026, 11, 30)), (ReleaseWarningKind.CLOSE, other.code, None),
    ]  # fmt: skip
    assert found[third.id][1].channels == 1
    assert channel.code
    alone = release_warnings.warnings_for(session, first, at(1, "12:05"))
    assert [warning.code for warning in alone] == [second.code]
