"""The release calendar as a list of days: what is out, what is timed, and what has no time yet."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.people.staff import May
from campaigns.publishing.bulletins import Bulletin, Revision, State
from coordinator.web.desk import river
from coordinator.web.desk.bulletin_list import topic_shades
from coordinator.web.desk.river import Release
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("calendar", __name__, url_prefix="/desk/calendar")

WEEKS = 2  # on one page, from a Monday
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 1, 1)  # outside of which a day in the address is a slip


@dataclass(frozen=True)
class Entry:
    """One bulletin on its day, as ``ui.agenda`` draws it. ``movable``: it can be given another time."""

    release: Release
    shade: int
    movable: bool


@dataclass(frozen=True)
class Day:
    """One day with its releases."""

    date: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Untimed:
    """An approved bulletin without a time."""

    code: str
    title: str
    shade: int
    state: State
    writer: str


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """Two weeks, day by day; days without a bulletin are left out, today is not."""
    place, who = front().place, actor()
    now = place.now()
    today = city_day(now)
    first = _monday(request.args.get("from", ""), today)
    last = first + timedelta(days=7 * WEEKS - 1)
    with place.database.read() as session:
        days = _days(session, first, last, now=now)
        untimed = _untimed(session)
    out = sum(entry.release.out for day in days for entry in day.entries)
    return render_template(
        "calendar/index.html",
        days=[day for day in days if day.entries or day.date == today],
        untimed=untimed,
        first=first,
        last=last,
        today=today,
        out=out,
        timed=sum(len(day.entries) for day in days) - out,
        before=first - timedelta(weeks=WEEKS),
        after=first + timedelta(weeks=WEEKS),
        may_write=who.may(May.WRITE),
        may_approve=who.may(May.APPROVE),
    )


def _monday(asked: str, today: date) -> date:
    """The Monday of the week asked for; of this week when the address names no day."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    if not EARLIEST <= day <= LATEST:
        day = today
    return day - timedelta(days=day.weekday())


def _days(session: Session, first: date, last: date, *, now: datetime) -> list[Day]:
    shades = topic_shades(session)
    found: dict[date, list[Entry]] = {}
    for one in river.releases(session, first, last, now=now):
        movable = one.state is State.SCHEDULED and not one.out
        found.setdefault(city_day(one.at), []).append(Entry(one, shades[one.topic_code], movable))
    return [Day(day, tuple(found.get(day, ()))) for day in (first + timedelta(days=step) for step in range(7 * WEEKS))]


def _untimed(session: Session) -> list[Untimed]:
    shades = topic_shades(session)
    query = (
        sa.select(Bulletin, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.state == State.APPROVED)
        .order_by(Bulletin.edited_at, Bulletin.id)
    )
    return [
        Untimed(bulletin.code, title, shades[bulletin.topic.code], bulletin.state, bulletin.writer_name)
        for bulletin, title in session.execute(query)
    ]
