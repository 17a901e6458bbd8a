"""The page, the data for the browser's calendar and the calendar file show the same times, whatever is planned."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from campaigns.core.clock import CITY, city_day
from campaigns.people import keys
from campaigns.people.staff import Role
from campaigns.release import series as series_acts
from campaigns.release import workflow
from campaigns.release.series import SeriesContent
from coordinator.db import Database
from coordinator.web.desk.release.calendar import CalendarView, view_days
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

TODAY = city_day(BEGINNING)
Moments = set[tuple[str, datetime]]


def on_the_page(desk: Desk, view: str, day: str) -> Moments:
    """Return title and time of each entry of a page's lists, in UTC."""
    page = Page(desk.get(f"/desk/calendar?view={view}&from={day}"))
    found = set()
    for entry in page.tree.css(".agenda > li"):
        at = entry.css_first("time").attributes["datetime"] or ""
        found.add((entry.css_first("a.strong").text().strip(), datetime.fromisoformat(at).astimezone(UTC)))
    return found


def in_the_data(desk: Desk, first: str, after: str) -> Moments:
    item = desk.client.get(f"/desk/calendar/events.json?start={first}&end={after}").json
    return {(item["title"], datetime.fromisoformat(item["start"]).astimezone(UTC)) for item in item["events"]}


def in_the_file(desk: Desk, key: str) -> Moments:
    calendar = Calendar.from_ical(desk.client.get(f"/calendars/{key}.ics").data)
    found = set()
    for component in calendar.walk("VEVENT"):
        if isinstance(component["DTSTART"].dt, datetime):
            found.add((str(component["SUMMARY"]).removeprefix("Thiếu: "), component["DTSTART"].dt.astimezone(UTC)))
    return found


RELEASES = st.lists(st.integers(-20 * 1440, 40 * 1440), max_size=6)
SERIES = st.lists(
    st.tuples(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.booleans(), st.integers(-25, 20)),
    max_size=2,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(releases=RELEASES, series=SERIES, shown=st.integers(-15, 30))
def test_every_view_lists_the_same_moments(
    desk: Desk, sqlite: Database, releases: list[int], series: list[tuple[set[int], int, bool, int]], shown: int
) -> None:
    with sqlite.write() as session:
        key = keys.add_calendar_key(session, APPROVER, name="điện thoại", now=BEGINNING).text
        for minutes in releases:
            at = BEGINNING + timedelta(minutes=minutes)
            when = min(at, BEGINNING) - timedelta(hours=1)
            bulletin = factories.approved(session, now=when)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=when)
        for number, (weekdays, minute, skips, starts) in enumerate(series):
            wanted = SeriesContent(f"Loạt {number} {{ngày}}", "dich-benh", None, frozenset(weekdays), minute, skips)
            series_acts.begin_series(
                session, WRITER, name=f"Loạt {number}", starts_on=TODAY + timedelta(days=starts), ends_on=None,
                wanted=wanted, now=BEGINNING,
            )  # fmt: skip
    desk.sign_in(Role.ANALYST)
    chosen = TODAY + timedelta(days=shown)
    everything = in_the_file(desk, key)
    for view in CalendarView:
        first, last = view_days(view, chosen)
        if view is CalendarView.MONTH:  # the lists contain the days of the month itself
            first, last = chosen.replace(day=1), (chosen.replace(day=1) + timedelta(days=32)).replace(day=1)
            last -= timedelta(days=1)
        page = on_the_page(desk, view.value, chosen.isoformat())
        assert page == in_the_data(desk, first.isoformat(), (last + timedelta(days=1)).isoformat())
        begins = datetime.combine(first, time(), CITY)
        ends = datetime.combine(last + timedelta(days=1), time(), CITY)
        # The file contains one past month.
        kept = datetime.combine(TODAY - timedelta(days=31), time(), CITY)
        assert {entry for entry in page if entry[1] >= kept} == {
            entry for entry in everything if begins <= entry[1] < ends
        }


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start=x&end=y",
        "start=2026-11-01",
        "start=2026-11-02&end=2026-11-01",
        "start=2026-01-01&end=2027-01-01",
        "start=0001-01-01&end=0001-01-01",
        "start=9999-12-31&end=9999-12-31",
    ],
)
def test_a_span_that_is_none_is_refused(desk: Desk, query: str) -> None:
    desk.sign_in(Role.ANALYST)
    desk.get(f"/desk/calendar/events.json?{query}", 422)
