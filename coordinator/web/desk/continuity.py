"""Continuity: a year of a series, day by day, and how many of those that were due are out."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.planning.holiday_table import LAST_YEAR
from campaigns.publishing import series
from campaigns.publishing.series import Place, Series, Standing
from coordinator.exports.charts import Frame, Kind, YearOfDays, responsive, year_of_days
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import front, staff

FIRST_YEAR = 2021
BROAD = Frame(960, "wide")  # as wide as the sheet, so that letters keep their size

# Of several series the worst of a day is the day's: a year is whole only if each of them is.
WORST = (
    Standing.MISSED, Standing.MADE_UP, Standing.EMPTY, Standing.WRITING, Standing.TIMED, Standing.SKIPPED, Standing.MET,
)  # fmt: skip
DUE = (Standing.MET, Standing.MADE_UP, Standing.MISSED)  # what a count of days that came is made of


@dataclass(frozen=True)
class Month:
    """One month of the table: how many places stood each way."""

    name: str
    due: int
    met: int
    made_up: int
    missed: int
    skipped: int
    ahead: int


@dataclass(frozen=True)
class Year:
    """The year of one series, or of all. ``due``: places whose time has passed, those left out not counted."""

    due: int
    met: int
    made_up: int
    missed: tuple[Place, ...]
    skipped: int
    ahead: int
    longest: int  # days met one after the other, those left out passed over
    months: tuple[Month, ...]
    drawing: Markup


@staff()
def page() -> ResponseReturnValue:
    """One year, of all series or of one."""
    place = front().place
    now = place.now()
    year = _asked(now)
    with place.database.read() as session:
        every = [(row.public, row.name) for row in session.execute(sa.select(Series).order_by(Series.id)).scalars()]
        chosen = request.args.get("series", "")
        only = chosen if chosen in {public for public, _name in every} else None
        told = read(session, year, only, now)
    return render_template(
        "calendar/continuity.html",
        year=year,
        told=told,
        every=every,
        chosen=only or "",
        before=year - 1 if year > FIRST_YEAR else None,
        after=year + 1 if year < min(LAST_YEAR, city_day(now).year + 1) else None,
    )


def _asked(now: datetime) -> int:
    sent = request.args.get("year", "")
    if sent.isascii() and sent.isdigit() and len(sent) == 4 and FIRST_YEAR <= int(sent) <= LAST_YEAR:
        return int(sent)
    return city_day(now).year


def read(session: Session, year: int, only: str | None, now: datetime) -> Year:
    """The figures and the drawing of a year."""
    places = series.places(session, date(year, 1, 1), date(year, 12, 31), only=only, now=now)
    counts = Counter(place.standing for place in places)
    by_month = [[place.standing for place in places if place.day.month == month] for month in range(1, 13)]
    return Year(
        due=sum(counts[one] for one in DUE),
        met=counts[Standing.MET],
        made_up=counts[Standing.MADE_UP],
        missed=tuple(place for place in places if place.standing is Standing.MISSED),
        skipped=counts[Standing.SKIPPED],
        ahead=sum(count for one, count in counts.items() if one not in {*DUE, Standing.SKIPPED}),
        longest=_longest(places),
        months=tuple(_month(number, found) for number, found in enumerate(by_month, start=1)),
        drawing=_drawing(places, year, counts, now),
    )


def _month(number: int, found: list[Standing]) -> Month:
    count = Counter(found)
    due = sum(count[one] for one in DUE)
    return Month(
        name=str(_("Tháng %(month)s", month=number)),
        due=due,
        met=count[Standing.MET],
        made_up=count[Standing.MADE_UP],
        missed=count[Standing.MISSED],
        skipped=count[Standing.SKIPPED],
        ahead=len(found) - due - count[Standing.SKIPPED],
    )


def worst_by_day(places: list[Place]) -> dict[date, Standing]:
    """How each day stood: as the worst of its places."""
    found: dict[date, Standing] = {}
    for place in places:
        before = found.get(place.day)
        if before is None or WORST.index(place.standing) < WORST.index(before):
            found[place.day] = place.standing
    return found


def _longest(places: list[Place]) -> int:
    best = run = 0
    for _day, how in sorted(worst_by_day(places).items()):
        if how is Standing.MET:
            run += 1
            best = max(best, run)
        elif how in {Standing.MISSED, Standing.MADE_UP}:
            run = 0
    return best


def _drawing(places: list[Place], year: int, counts: Counter[Standing], now: datetime) -> Markup:
    kinds = {
        Standing.MET.value: Kind("h4", str(_("đã phát đúng ngày"))),
        Standing.MADE_UP.value: Kind("h2", str(_("phát bù")), "/"),
        Standing.MISSED.value: Kind("h0", str(_("thiếu")), "x"),
        Standing.SKIPPED.value: Kind("h0", str(_("bỏ, có lý do")), "-"),
        "ahead": Kind("hx", str(_("chưa tới"))),
    }
    days = {
        day: how.value if how.value in kinds else "ahead" for day, how in sorted(worst_by_day(places).items())
    }  # fmt: skip
    figure = YearOfDays(
        key="nam",
        title=str(_("Năm %(year)s từng ngày", year=year)),
        description=str(
            _(
                "%(met)s ngày đúng hạn, %(made_up)s phát bù, %(missed)s thiếu, %(skipped)s bỏ có lý do.",
                met=counts[Standing.MET],
                made_up=counts[Standing.MADE_UP],
                missed=counts[Standing.MISSED],
                skipped=counts[Standing.SKIPPED],
            )
        ),
        year=year,
        days=days,
        kinds=kinds,
        months=tuple(str(_("T%(month)s", month=month)) for month in range(1, 13)),
        today=city_day(now) if city_day(now).year == year else None,
    )
    return responsive(year_of_days, figure, BROAD, "en" if language() == "en" else "vi")
