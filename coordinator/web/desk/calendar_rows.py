"""The calendar's days as the templates draw them, made of ``agenda.events`` alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.lunar import lunar_of
from campaigns.planning.holidays import Holiday, holiday_on
from campaigns.publishing import agenda
from campaigns.publishing.agenda import Event
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.series import Standing
from campaigns.reporting.reach import Sent, sent_of
from coordinator.web import formats
from coordinator.web.desk.elsewhere import addresses, calendar_of
from coordinator.web.look import language
from coordinator.web.saying import _

MOST_IN_A_CELL = 3  # of the month; the day's own page has them all
MOST_UNTIMED = 8
WAITING = (State.APPROVED, State.SUBMITTED, State.DRAFT)  # in the order of what is nearest to going out


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with what the page adds to it, ready to be written out: a month has up to a thousand.

    ``standing``: the kind and the state that its pill shows. ``note``: where it went, or why a day is left out.
    ``act``: the button at its end, words and address. ``stand``: how a cell draws it, ``miss``, ``ask`` while a person
    has to do something, else nothing.
    """

    event: Event
    at: datetime
    title: str
    shade: int
    href: str
    standing: tuple[str, Enum | None]
    note: str
    act: tuple[str, str] | None
    stand: str


@dataclass(frozen=True)
class Day:
    """One day with its entries, its lunar day and its holiday."""

    date: date
    entries: tuple[Entry, ...]
    lunar: str
    holiday: Holiday | None
    today: bool
    off: bool

    @property
    def rest(self) -> bool:
        """Whether offices are closed: a Sunday, or a public holiday."""
        return self.date.weekday() == 6 or (self.holiday is not None and self.holiday.rest)

    @property
    def feast(self) -> str:
        """The holiday's name."""
        if self.holiday is None:
            return ""
        name = self.holiday.name(language())
        return str(_("%(name)s (dự kiến)", name=name)) if self.holiday.expected else name

    @property
    def slots(self) -> list[dict[str, object]]:
        """The entries as a cell of the month draws them, the first few."""
        return [_slot(entry) for entry in self.entries[: self.shown]]

    @property
    def shown(self) -> int:
        """How many have room; a line that says "and one more" would take the room of that one."""
        return len(self.entries) if len(self.entries) <= MOST_IN_A_CELL + 1 else MOST_IN_A_CELL

    @property
    def more(self) -> tuple[str, str] | None:
        """How many have no room, and where they are."""
        left = len(self.entries) - self.shown
        where = calendar_of(self.date, "day")
        return (formats.number(left, language()), where) if left else None


@dataclass(frozen=True)
class Untimed:
    """A bulletin without a release time."""

    code: str
    title: str
    shade: int
    state: State
    writer: str


def days(
    session: Session,
    first: date,
    last: date,
    shades: Mapping[str, int],
    *,
    month: date | None = None,
    may_look: bool = False,
    may_move: bool = False,
    now: datetime,
) -> list[Day]:
    """Every day from ``first`` to ``last``; those outside of ``month`` are marked off. ``may_look``: places of series
    get a button; ``may_move``: releases that are still ahead do."""
    found: dict[date, list[Entry]] = {}
    events = agenda.events(session, first, last, now=now)
    sent = _sent_words(sent_of(session, [event.bulletin_id for event in events if event.bulletin_id is not None]))
    leads, moves = hrefs(), addresses("bulletins.release", "code", back="calendar")
    look, move = str(_("Xem chỗ này")), str(_("Chuyển giờ…"))
    for event in events:
        place, href = event.place, leads(event)
        if place is not None:
            standing: tuple[str, Enum | None] = ("place", place.standing)
            note, act = place.reason or event.series or "", (look, href) if may_look else None
        else:
            standing = ("bulletin", event.state)
            note = " · ".join(one for one in (event.series, sent(event)) if one)
            act = (move, moves(event.bulletin)) if may_move and event.movable else None
        missed = place is not None and place.standing is Standing.MISSED
        stand = "miss" if missed else "ask" if place is not None else ""
        shade = shades.get(event.topic_code, 6)
        entry = Entry(event, event.at, event.title, shade, href, standing, note, act, stand)
        found.setdefault(city_day(event.at), []).append(entry)
    today = city_day(now)
    return [
        Day(
            date=day,
            entries=tuple(found.get(day, ())),
            lunar=lunar_of(day).short,
            holiday=holiday_on(day),
            today=day == today,
            off=month is not None and day.month != month.month,
        )
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1))
    ]


def _sent_words(sent: Mapping[int, Sent]) -> Callable[[Event], str]:
    """How far a release went, in words; each of the few different sentences is put together once."""
    said: dict[tuple[bool, Sent], str] = {}

    def words(event: Event) -> str:
        one = sent.get(event.bulletin_id or 0)
        if one is None or not one.channels:
            return ""
        if (event.out, one) not in said:
            number = {name: formats.number(getattr(one, name), language()) for name in ("channels", "delivered")}
            said[event.out, one] = str(
                _("%(got)s / %(all)s nơi đã nhận", got=number["delivered"], all=number["channels"])
                if event.out
                else _("gửi tới %(count)s nơi", count=number["channels"])
            )
        return said[event.out, one]

    return words


def standings(days: Sequence[Day]) -> set[tuple[str, Enum | None]]:
    """Every kind and state that a pill is needed for."""
    return {entry.standing for day in days for entry in day.entries}


def hrefs() -> Callable[[Event], str]:
    """What says the page of an event: a bulletin's, or that of a series' day."""
    bulletin, place = addresses("bulletins.show", "code"), addresses("calendar.place", "public", "day")

    def href(event: Event) -> str:
        if event.place is not None:
            return place(event.place.series, event.place.day.isoformat())
        return bulletin(event.bulletin)

    return href


def _slot(entry: Entry) -> dict[str, object]:
    event = entry.event
    missed = entry.stand == "miss"
    return {
        "at": formats.time_of_day(event.at),
        "title": _("Thiếu: %(title)s", title=event.title) if missed else event.title,
        "href": entry.href,
        "shade": entry.shade,
        "stand": entry.stand,
    }


def untimed(session: Session, shades: Mapping[str, int]) -> tuple[Sequence[Untimed], int]:
    """What has no time, nearest to going out first, and how many there are in all."""
    order = sa.case(*((Bulletin.state == state, place) for place, state in enumerate(WAITING)), else_=len(WAITING))
    query = (
        sa.select(Bulletin, Revision.title, sa.func.count().over())
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        # Found first: a condition on the joined rows would read every text there is.
        .where(Bulletin.id.in_(sa.select(Bulletin.id).where(Bulletin.state.in_(WAITING))))
        .order_by(order, Bulletin.edited_at.desc(), Bulletin.id.desc())
        .limit(MOST_UNTIMED)
    )
    rows = session.execute(query).all()
    found = [
        Untimed(bulletin.code, title, shades[bulletin.topic.code], bulletin.state, bulletin.writer_name)
        for bulletin, title, _all in rows
    ]
    return found, int(rows[0][2]) if rows else 0
