"""Series: occurrences, changes from a day on, exceptions for single days, and the bulletins that fill them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import CITY, city_day
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.planning.campaigns import Topic
from campaigns.planning.holidays import is_public_holiday
from campaigns.release import series, workflow
from campaigns.release.series import Series, SeriesContent, SeriesDay, SeriesDayStatus, SeriesRule
from campaigns.release.slots_and_quiet_hours import moment_of
from tests import factories
from tests.factories import ANALYST, APPROVER, DELIVERY_MODES, NOW, WRITER

TODAY = city_day(NOW)  # Tuesday, 24 November 2026, a holiday; the time is 08:00
ALL = frozenset(range(7))


def wanted(**more: object) -> SeriesContent:
    given_: dict[str, object] = {
        "title": "Điểm tin sáng {ngày}",
        "topic": "dich-benh",
        "channels": None,
        "weekdays": ALL,
        "minute": 390,
        "skips_holidays": False,
    }
    return SeriesContent(**{**given_, **more})  # type: ignore[arg-type]


def begin(
    session: Session,
    first: date = TODAY,
    last: date | None = None,
    made_at: datetime = NOW - timedelta(days=30),
    **more: object,
) -> str:
    made = series.begin_series(
        session, WRITER, name="Điểm tin sáng", starts_on=first, ends_on=last, wanted=wanted(**more), now=made_at
    )
    return made.public


def days(session: Session, public: str, first: date, last: date, now: datetime = NOW) -> list[series.Occurrence]:
    return series.list_occurrences(session, first, last, only=public, now=now)


def standings(places: Iterable[series.Occurrence]) -> list[str]:
    return [place.standing.value for place in places]


def test_a_series_has_a_place_on_each_of_its_days_with_its_time_and_title(session: Session) -> None:
    public = begin(session, weekdays=frozenset({1, 3}), title="Tin {thứ} {ngày}")
    found = days(session, public, TODAY, TODAY + timedelta(days=6))
    assert [(place.title, place.at) for place in found] == [
        ("Tin Thứ Ba 24/11/2026", datetime(2026, 11, 24, 6, 30, tzinfo=CITY)),
        ("Tin Thứ Năm 26/11/2026", datetime(2026, 11, 26, 6, 30, tzinfo=CITY)),
    ]
    assert standings(found) == ["missed", "empty"]


def test_a_time_that_passed_before_the_series_existed_is_not_missed(session: Session) -> None:
    first = TODAY - timedelta(days=3)
    public = begin(session, first=first, made_at=NOW)
    assert series.missed_occurrences(session, 7, now=NOW) == []
    assert [place.day for place in days(session, public, first, TODAY + timedelta(days=1))] == [
        TODAY + timedelta(days=1)
    ]
    late = begin(session, made_at=NOW, minute=23 * 60)
    assert standings(days(session, late, TODAY, TODAY)) == ["empty"], "its time is still ahead on the day it is made"
    tomorrow = NOW + timedelta(days=1)
    assert [place.day for place in series.missed_occurrences(session, 7, now=tomorrow)] == [
        TODAY, TODAY + timedelta(days=1),
    ]  # fmt: skip


def test_what_was_done_about_a_day_before_the_series_stays(session: Session) -> None:
    public = begin(session, first=TODAY - timedelta(days=2), made_at=NOW)
    out = factories.published(session)
    series.fill_day(session, WRITER, public, TODAY, out.code, now=NOW)
    series.skip_day(session, WRITER, public, TODAY - timedelta(days=1), "Nghỉ", now=NOW)
    assert standings(days(session, public, TODAY - timedelta(days=2), TODAY)) == ["skipped", "met"]


def test_holidays_are_left_out_where_the_series_says_so(session: Session) -> None:
    public = begin(session, first=date(2026, 12, 28), skips_holidays=True)
    found = days(session, public, date(2026, 12, 30), date(2027, 1, 3))
    assert [place.day.day for place in found] == [30, 31, 2, 3]


def test_a_change_from_a_day_on_leaves_the_days_before_it(session: Session) -> None:
    public = begin(session)
    later = TODAY + timedelta(days=3)
    series.change_series_from(
        session, WRITER, public, later, name="Tin sáng", ends_on=None, wanted=wanted(minute=420), now=NOW
    )
    found = days(session, public, later - timedelta(days=1), later)
    assert [place.at.strftime("%H:%M") for place in found] == ["06:30", "07:00"]
    earlier = TODAY + timedelta(days=1)
    series.change_series_from(
        session, WRITER, public, earlier, name="Tin sáng", ends_on=later, wanted=wanted(minute=480), now=NOW
    )
    found = days(session, public, TODAY, later + timedelta(days=2))
    assert [place.at.strftime("%H:%M") for place in found] == ["06:30", "08:00", "08:00", "08:00"]


def test_a_change_from_the_same_day_takes_the_place_of_the_one_before(session: Session) -> None:
    public = begin(session)
    for minute in (400, 410):
        series.change_series_from(
            session, WRITER, public, TODAY, name="Tin", ends_on=None, wanted=wanted(minute=minute), now=NOW
        )
    assert [place.at.minute for place in days(session, public, TODAY, TODAY)] == [50]


def test_a_day_that_has_its_bulletin_stays_whatever_the_rule_becomes(session: Session) -> None:
    public = begin(session)
    thursday = TODAY + timedelta(days=2)
    bulletin = factories.approved(session)
    series.fill_day(session, WRITER, public, thursday, bulletin.code, now=NOW)
    series.change_series_from(
        session, WRITER, public, TODAY, name="Tin", ends_on=None, wanted=wanted(weekdays=frozenset({6})), now=NOW
    )
    assert [place.day for place in days(session, public, TODAY, TODAY + timedelta(days=6))] == [
        thursday,
        TODAY + timedelta(days=5),
    ]


def test_a_bulletin_goes_its_way_through_its_place(session: Session) -> None:
    public = begin(session)
    day = TODAY + timedelta(days=1)
    bulletin = factories.approved(session)
    series.fill_day(session, WRITER, public, day, bulletin.code, now=NOW)
    assert standings(days(session, public, day, day)) == ["writing"]
    at = moment_of(day, 400)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=NOW)
    assert standings(days(session, public, day, day)) == ["timed"]
    assert standings(days(session, public, day, day, now=at + timedelta(minutes=1))) == ["met"]


def test_what_comes_out_later_is_made_up_and_missing_until_then(session: Session) -> None:
    public = begin(session)
    bulletin = factories.approved(session)
    series.fill_day(session, WRITER, public, TODAY, bulletin.code, now=NOW)
    tomorrow = moment_of(TODAY + timedelta(days=1), 390)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=tomorrow, now=NOW)
    assert standings(days(session, public, TODAY, TODAY)) == ["missed"]
    assert standings(days(session, public, TODAY, TODAY, now=tomorrow)) == ["made_up"]


def test_a_missed_day_is_reported_until_it_is_filled_or_left_out_with_a_reason(session: Session) -> None:
    public = begin(session, first=TODAY - timedelta(days=3))
    assert [place.day for place in series.missed_occurrences(session, 2, now=NOW)] == [
        TODAY - timedelta(days=n) for n in (2, 1, 0)
    ]
    series.skip_day(session, WRITER, public, TODAY, "Mất điện", now=NOW)
    out = factories.published(session)
    series.fill_day(session, WRITER, public, TODAY - timedelta(days=1), out.code, now=NOW)
    assert [place.day for place in series.missed_occurrences(session, 2, now=NOW)] == [TODAY - timedelta(days=2)]
    assert standings(days(session, public, TODAY - timedelta(days=1), TODAY)) == ["made_up", "skipped"]
    series.restore_day(session, WRITER, public, TODAY, now=NOW)
    assert standings(days(session, public, TODAY, TODAY)) == ["missed"]


def test_one_day_alone_is_changed_and_put_back(session: Session) -> None:
    public = begin(session)
    day = TODAY + timedelta(days=1)
    series.change_day(session, WRITER, public, day, minute=600, title="Riêng {ngày}", now=NOW)
    first, second = days(session, public, day, day + timedelta(days=1))
    assert (first.title, first.at.hour, second.at.hour) == ("Riêng 25/11/2026", 10, 6)
    series.restore_day(session, WRITER, public, day, now=NOW)
    assert days(session, public, day, day)[0].title == "Điểm tin sáng 25/11/2026"


def test_a_place_takes_one_bulletin_and_a_bulletin_one_place(session: Session) -> None:
    public = begin(session)
    first, other = factories.draft(session), factories.draft(session)
    day, next_day = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    series.fill_day(session, WRITER, public, day, first.code, now=NOW)
    series.fill_day(session, WRITER, public, day, first.code, now=NOW)  # repeating it changes nothing
    for other_day, code in ((day, other.code), (next_day, first.code)):
        with pytest.raises(Conflict):
            series.fill_day(session, WRITER, public, other_day, code, now=NOW)
    with pytest.raises(Conflict):
        series.skip_day(session, WRITER, public, day, "Không cần", now=NOW)
    series.empty_day(session, WRITER, public, day, now=NOW)
    series.fill_day(session, WRITER, public, day, other.code, now=NOW)
    assert series.series_day_of(session, other) == (public, day)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "Tin {giờ}"}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"topic": "khong-co"}, "topic"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"minute": 1440}, "time"),
        ({"channels": ()}, "reach"),
        ({"channels": ("khong-co",)}, "channels.0"),
    ],
)
def test_what_a_series_cannot_be_is_named_by_its_field(session: Session, bad: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(session, **bad)
    assert [error.field for error in refused.value.errors] == [field]


def test_days_on_which_nothing_is_due_have_no_place(session: Session) -> None:
    public = begin(session, weekdays=frozenset({0}), last=TODAY + timedelta(days=20))
    for day in (TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=27)):
        with pytest.raises(NotFound):
            series.skip_day(session, WRITER, public, day, "Bỏ", now=NOW)
    with pytest.raises(Invalid):
        series.skip_day(session, WRITER, public, TODAY + timedelta(days=6), " ", now=NOW)
    with pytest.raises(Invalid):
        series.end_series(session, WRITER, public, TODAY - timedelta(days=9), now=NOW)


def test_readers_change_nothing_and_every_act_is_in_the_journal(session: Session) -> None:
    public = begin(session)
    day = TODAY + timedelta(days=1)
    for act in (
        lambda: series.skip_day(session, ANALYST, public, day, "Bỏ", now=NOW),
        lambda: series.end_series(session, ANALYST, public, day, now=NOW),
        lambda: series.restore_day(session, ANALYST, public, day, now=NOW),
        lambda: series.change_day(session, ANALYST, public, day, minute=1, title="x", now=NOW),
    ):
        with pytest.raises(Forbidden):
            act()
    series.skip_day(session, WRITER, public, day, "Bỏ", now=NOW)
    series.end_series(session, WRITER, public, day, now=NOW)
    session.commit()
    acts = [entry.act for entry in journal.history(session, "series", public)]
    assert acts == ["series.begun", "series.day_skipped", "series.ended"]
    assert journal.verify(session) is None


@given(
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    minute=st.integers(0, 1439),
    skips=st.booleans(),
    starts=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    length=st.none() | st.integers(0, 400),
    at=st.dates(date(2025, 12, 1), date(2028, 6, 1)),
)
def test_places_are_the_days_that_the_rule_names_one_by_one(
    weekdays: set[int], minute: int, skips: bool, starts: date, length: int | None, at: date
) -> None:
    ends = starts + timedelta(days=length) if length is not None else None
    rule = SeriesRule(
        starts_on=starts, title="Tin", weekdays=sum(1 << day for day in weekdays), minute=minute, skips_holidays=skips
    )
    rule.topic = factories_topic()
    row = Series(public="ser_x", name="Tin", starts_on=starts, ends_on=ends, rules=[rule])
    row.created_at = moment_of(date(2025, 1, 1), 0)
    last = at + timedelta(days=40)
    found = [place.day for place in series.occurrences_of(row, {}, at, last, now=NOW)]
    days = [at + timedelta(days=step) for step in range(41)]
    assert found == [
        day
        for day in days
        if starts <= day
        and (ends is None or day <= ends)
        and day.weekday() in weekdays
        and not (skips and is_public_holiday(day))
    ]


def factories_topic() -> Topic:
    return Topic(code="dich-benh", name="Dịch bệnh")


def test_a_standing_needs_no_database() -> None:
    at = moment_of(TODAY, 600)
    assert series.day_status(at, None, NOW) is SeriesDayStatus.EMPTY
    assert series.day_status(at, SeriesDay(skipped=True), at) is SeriesDayStatus.SKIPPED
