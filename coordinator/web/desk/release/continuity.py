"""Continuity of series: one year month by month, and how many due bulletins were published."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListFilter
from campaigns.planning.holidays import LAST_YEAR
from campaigns.release import series
from campaigns.release.series import Occurrence, Series, SeriesDayStatus
from coordinator.translation import _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.kit.lists.requested_filter import requested_filter

FIRST_YEAR = 2021

# Where several series are shown, a day has its worst state.
WORST = (
    SeriesDayStatus.MISSED,
    SeriesDayStatus.MADE_UP,
    SeriesDayStatus.EMPTY,
    SeriesDayStatus.WRITING,
    SeriesDayStatus.TIMED,
    SeriesDayStatus.SKIPPED,
    SeriesDayStatus.MET,
)
DUE_STATES = (
    SeriesDayStatus.MET,
    SeriesDayStatus.MADE_UP,
    SeriesDayStatus.MISSED,
)  # the outcomes of days whose time has passed


@dataclass(frozen=True)
class ContinuityMonth:
    """One month of the table: the number of occurrences by outcome."""

    name: str
    due: int
    met: int
    made_up: int
    missed: int
    skipped: int
    ahead: int


@dataclass(frozen=True)
class ContinuityYear:
    """The year of one series, or of all. ``due``: occurrences whose time has passed, without those left out."""

    due: int
    met: int
    made_up: int
    missed: tuple[Occurrence, ...]
    skipped: int
    ahead: int
    longest: int  # days met in a row; days left out are skipped
    months: tuple[ContinuityMonth, ...]


@dataclass(frozen=True)
class SeriesFilter(ListFilter):
    """Filter of the page. ``series``: a public id; all series without one."""

    series: str | None = None


@staff_required()
def page() -> ResponseReturnValue:
    """Show one year of all series or of one."""
    context = app_context().job_context
    now = context.now()
    year = _requested_year(now)
    with context.database.read() as session:
        every = [(row.public, row.name) for row in session.execute(sa.select(Series).order_by(Series.id)).scalars()]
        only = requested_filter(SeriesFilter, beside=("year",), choices={"series": dict(every)}).series
        continuity_year = year_of_series(session, year, only, now)
    return render_template(
        "desk/release/continuity.html",
        year=year,
        continuity=continuity_year,
        every=every,
        chosen=only or "",
        before=year - 1 if year > FIRST_YEAR else None,
        after=year + 1 if year < min(LAST_YEAR, city_day(now).year + 1) else None,
    )


def _requested_year(now: datetime) -> int:
    sent = request.args.get("year", "").strip()
    if not sent:
        return city_day(now).year
    if sent.isascii() and sent.isdigit() and len(sent) == 4 and FIRST_YEAR <= int(sent) <= LAST_YEAR:
        return int(sent)
    expected = f"{FIRST_YEAR}–{LAST_YEAR}"
    raise Invalid([FieldError("year", "filter_value", f"{sent[:80]!r} is no year; expected {expected}", expected)])


def year_of_series(session: Session, year: int, only: str | None, now: datetime) -> ContinuityYear:
    """Return the figures of a year."""
    places = series.list_occurrences(session, date(year, 1, 1), date(year, 12, 31), only=only, now=now)
    counts = Counter(place.standing for place in places)
    by_month = [[place.standing for place in places if place.day.month == month] for month in range(1, 13)]
    return ContinuityYear(
        due=sum(counts[status] for status in DUE_STATES),
        met=counts[SeriesDayStatus.MET],
        made_up=counts[SeriesDayStatus.MADE_UP],
        missed=tuple(place for place in places if place.standing is SeriesDayStatus.MISSED),
        skipped=counts[SeriesDayStatus.SKIPPED],
        ahead=sum(count for status, count in counts.items() if status not in {*DUE_STATES, SeriesDayStatus.SKIPPED}),
        longest=_longest(places),
        months=tuple(_month_counts(number, found) for number, found in enumerate(by_month, start=1)),
    )


def _month_counts(number: int, found: list[SeriesDayStatus]) -> ContinuityMonth:
    count = Counter(found)
    due = sum(count[status] for status in DUE_STATES)
    return ContinuityMonth(
        name=str(_("Tháng %(month)s", month=number)),
        due=due,
        met=count[SeriesDayStatus.MET],
        made_up=count[SeriesDayStatus.MADE_UP],
        missed=count[SeriesDayStatus.MISSED],
        skipped=count[SeriesDayStatus.SKIPPED],
        ahead=len(found) - due - count[SeriesDayStatus.SKIPPED],
    )


def worst_by_day(places: list[Occurrence]) -> dict[date, SeriesDayStatus]:
    """Return the state of each day: the worst of its occurrences."""
    found: dict[date, SeriesDayStatus] = {}
    for place in places:
        before = found.get(place.day)
        if before is None or WORST.index(place.standing) < WORST.index(before):
            found[place.day] = place.standing
    return found


def _longest(places: list[Occurrence]) -> int:
    best = run = 0
    for _day, how in sorted(worst_by_day(places).items()):
        if how is SeriesDayStatus.MET:
            run += 1
            best = max(best, run)
        elif how in {SeriesDayStatus.MISSED, SeriesDayStatus.MADE_UP}:
            run = 0
    return best
