"""Rechecks: marks, quarter ends and outdated texts, for any start, host and delay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.intervals import FAST, NORMAL, Intervals
from campaigns.republications.evidence.verification import WatchedPage, next_look, quarter_end_looks

moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
hosts = st.text("abcdefghij.-0123456789:", min_size=1, max_size=30)
paces = st.sampled_from([NORMAL, FAST])
late = st.timedeltas(timedelta(0), timedelta(days=40))


def looks(host: str, since: datetime, pace: Intervals, delays: list[timedelta]) -> list[datetime]:
    """All checks, each delayed as listed."""
    made = [since]
    while (due := next_look(WatchedPage(host, since, len(made)), pace, now=made[-1])) is not None:
        assert due > made[-1]
        made.append(due + (delays.pop() if delays else timedelta(0)))
    return made[1:]


@given(hosts, moments, paces)
def test_in_time_every_mark_and_every_quarters_end_has_its_look(host: str, since: datetime, pace: Intervals) -> None:
    marks = [since + wait for wait in pace.rechecks]
    slots = list(quarter_end_looks(WatchedPage(host, since, 1), pace))
    assert sorted({*marks, *slots}) == looks(host, since, pace, [])


@given(hosts, moments, paces, st.lists(late, max_size=8))
def test_the_schedule_ends_however_late_the_looks_are(
    host: str, since: datetime, pace: Intervals, delays: list[timedelta]
) -> None:
    made = looks(host, since, pace, delays)
    assert len(made) <= len(pace.rechecks) + 2
    assert len(made) >= len(pace.rechecks)


@given(hosts, moments, paces)
def test_quarters_looks_lie_in_the_last_two_days_of_each_quarter_until_the_marks_are_used_up(
    host: str, since: datetime, pace: Intervals
) -> None:
    slots = list(quarter_end_looks(WatchedPage(host, since, 1), pace))
    for slot in slots:
        left = quarter_of(city_day(slot)).end - slot
        assert timedelta(hours=2) <= left <= timedelta(hours=48)
    quarters = [quarter_of(city_day(slot)).label for slot in slots]
    assert len(set(quarters)) == len(quarters)
    first, last = quarter_of(city_day(since)), quarter_of(city_day(since + pace.rechecks[-1]))
    assert set(quarters) <= {first.label, last.label}
    if first.end - since > timedelta(hours=48):
        assert first.label in quarters
    assert last.label in quarters or since > last.end - timedelta(hours=48)


def test_hosts_are_spread_over_the_two_days_and_one_host_keeps_its_time() -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    times = [next(quarter_end_looks(WatchedPage(f"trang{number}.example", since, 1), NORMAL)) for number in range(1000)]
    hours = [int((time - min(times)) / timedelta(hours=6)) for time in times]
    busiest = max(hours.count(hour) for hour in set(hours))
    assert busiest < 2 * 1000 / (46 / 6)
    other = next(quarter_end_looks(WatchedPage("trang7.example", since + timedelta(days=3), 1), NORMAL))
    assert other == times[7]


@given(hosts, moments, paces, late)
def test_what_is_behind_is_looked_at_for_ever_and_most_in_the_first_day(
    host: str, since: datetime, pace: Intervals, gone_by: timedelta
) -> None:
    behind = since + timedelta(days=1)
    now = behind + gone_by
    due = next_look(WatchedPage(host, since, 99, behind), pace, now=now)
    assert due is not None
    assert due - now == (pace.rechecks[0] if gone_by < pace.rechecks[1] else pace.rechecks[1])


def test_a_copy_first_seen_on_new_years_eve_is_looked_at_for_the_quarter_after_its_marks() -> None:
    since = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # 23:30 in the city
    made = looks("trang.example", since, NORMAL, [])
    assert len(made) == 5
    assert quarter_of(city_day(made[-1])).label == "2027-Q1"
    assert city_day(made[-1]).month == 3
