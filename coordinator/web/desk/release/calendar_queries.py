"""The days of the calendar as the templates draw them: the entries of ``release_calendar`` with their holidays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.core.clock import city_day
from campaigns.planning.holidays import Holiday, holiday_on
from campaigns.planning.lunar_calendar import lunar_of
from campaigns.release import release_calendar
from campaigns.release.release_calendar import ReleaseCalendarEvent
from campaigns.release.series import SeriesDayStatus
from campaigns.reporting.reach import SentCount, sent_of
from coordinator.jobs.release.holiday_names import expected_holiday_name
from coordinator.translation import _, language
from coordinator.web.kit.links import calendar_url, url_builder
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import value_label

MOST_IN_A_CELL = 3  # in a cell of the month; the page of the day lists all
MOST_UNTIMED = 8
# Of more bulletins than this no entry says how many have it: a month of fifty a day has half a million deliveries.
MOST_SENT = 400
WAITING = (
    BulletinState.APPROVED,
    BulletinState.SUBMITTED,
    BulletinState.DRAFT,
)  # in the order of progress towards release


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event prepared for display; a month has up to a thousand.

    ``standing``: kind and state of its pill. ``note``: where it was sent, or why a day is left out. ``act``: label and
    address of its button. ``stand``: the style of the cell, as ``event_stand``.
    """

    event: ReleaseCalendarEvent
    at: datetime
    title: str
    shade: int
    href: str
    standing: tuple[str, Enum | None]
    note: str
    act: tuple[str, str] | None
    stand: str


@dataclass(frozen=True)
class CalendarDay:
    """One day with its entries, its lunar day and its holiday. ``narrow``: the filter of the calendar."""

    date: date
    entries: tuple[CalendarEntry, ...]
    lunar: str
    holiday: Holiday | None
    today: bool
    off: bool
    narrow: Mapping[str, str]

    @property
    def rest(self) -> bool:
        """Whether offices are closed: a Sunday or a public holiday."""
        return self.date.weekday() == 6 or (self.holiday is not None and self.holiday.rest)

    @property
    def feast(self) -> str:
        """Return the holiday's name."""
        if self.holiday is None:
            return ""
        return expected_holiday_name(self.holiday)

    @property
    def slots(self) -> list[dict[str, object]]:
        """Return the first entries, for a cell of the month."""
        return [_slot(entry) for entry in self.entries[: self.displayed_count]]

    @property
    def count(self) -> str:
        """Return the number of entries, '' for none: on a phone it stands in the cell for them."""
        return formats.number(len(self.entries), language()) if self.entries else ""

    @property
    def href(self) -> str:
        """Return the address of the day's page."""
        return calendar_url(self.date, "day", self.narrow)

    @property
    def displayed_count(self) -> int:
        """Return how many entries the cell shows; a single entry beyond the limit is shown as well."""
        return len(self.entries) if len(self.entries) <= MOST_IN_A_CELL + 1 else MOST_IN_A_CELL

    @property
    def more(self) -> tuple[str, str] | None:
        """Return the label and address for the entries that the cell does not show."""
        left = len(self.entries) - self.displayed_count
        return (formats.number(left, language()), self.href) if left else None


@dataclass(frozen=True)
class UntimedBulletin:
    """A bulletin without a release time."""

    code: str
    title: str
    shade: int
    state: BulletinState
    writer: str


def calendar_days(
    session: Session,
    first: date,
    last: date,
    shades: Mapping[str, int],
    *,
    month: date | None = None,
    topic: str | None = None,
    channel: str | None = None,
    may_look: bool = False,
    may_move: bool = False,
    now: datetime,
) -> list[CalendarDay]:
    """Return every day from ``first`` to ``last``; days outside of ``month`` are marked. ``topic`` and ``channel``:
    only what has the topic, and only bulletins that go to the channel. ``may_look``: series days get a button;
    ``may_move``: upcoming releases can be moved.
    """
    found: dict[date, list[CalendarEntry]] = {}
    every = release_calendar.calendar_events(session, first, last, now=now)
    events = release_calendar.narrow_events(session, every, topic, channel)
    bulletins = [event.bulletin_id for event in events if event.bulletin_id is not None]
    sent = _sent_words(sent_of(session, bulletins) if len(bulletins) <= MOST_SENT else {})
    leads, moves = entry_url_builder(), url_builder("bulletins.release", "code", back="calendar")
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
        stand = event_stand(event)
        shade = shades.get(event.topic_code, 6)
        entry = CalendarEntry(event, event.at, event.title, shade, href, standing, note, act, stand)
        found.setdefault(city_day(event.at), []).append(entry)
    today = city_day(now)
    narrow = {name: code for name, code in (("topic", topic), ("channel", channel)) if code}
    return [
        CalendarDay(
            date=day,
            entries=tuple(found.get(day, ())),
            lunar=lunar_of(day).short,
            holiday=holiday_on(day),
            today=day == today,
            off=month is not None and day.month != month.month,
            narrow=narrow,
        )
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1))
    ]


def _sent_words(sent: Mapping[int, SentCount]) -> Callable[[ReleaseCalendarEvent], str]:
    """Return how far a release was delivered, as a sentence; each different sentence is built once."""
    values: dict[tuple[bool, SentCount], str] = {}

    def words(event: ReleaseCalendarEvent) -> str:
        count = sent.get(event.bulletin_id or 0)
        if count is None or not count.channels:
            return ""
        if (event.out, count) not in values:
            number = {name: formats.number(getattr(count, name), language()) for name in ("channels", "delivered")}
            values[event.out, count] = str(
                _("%(got)s / %(all)s nơi đã nhận", got=number["delivered"], all=number["channels"])
                if event.out
                else _("gửi tới %(count)s nơi", count=number["channels"])
            )
        return values[event.out, count]

    return words


def event_stand(event: ReleaseCalendarEvent) -> str:
    """Return the style of an event: ``miss`` and ``ask`` for a day of a series without a release, ``out``, ``timed`` or
    ``recalled`` for a bulletin."""
    if event.place is not None:
        return "miss" if event.place.standing is SeriesDayStatus.MISSED else "ask"
    if event.state is BulletinState.RECALLED:
        return "recalled"
    return "out" if event.out else "timed"


def pill_states(days: Sequence[CalendarDay]) -> set[tuple[str, Enum | None]]:
    """Return every kind and state that the pills need."""
    return {entry.standing for day in days for entry in day.entries}


def entry_url_builder() -> Callable[[ReleaseCalendarEvent], str]:
    """Return a function that gives the page of an event: the bulletin's or the series day's."""
    bulletin, place = url_builder("bulletins.show", "code"), url_builder("calendar.place", "public", "day")

    def href(event: ReleaseCalendarEvent) -> str:
        if event.place is not None:
            return place(event.place.series, event.place.day.isoformat())
        return bulletin(event.bulletin)

    return href


def _slot(entry: CalendarEntry) -> dict[str, object]:
    event = entry.event
    missed = entry.stand == "miss"
    return {
        "at": formats.time_of_day(event.at),
        "title": _("Thiếu: %(title)s", title=event.title) if missed else event.title,
        "href": entry.href,
        "shade": entry.shade,
        "stand": entry.stand,
        "says": value_label(*entry.standing),
    }


def untimed_bulletins(session: Session, shades: Mapping[str, int]) -> tuple[Sequence[UntimedBulletin], int]:
    """Return bulletins without a release time, closest to release first, and their total number."""
    order = sa.case(*((Bulletin.state == state, place) for place, state in enumerate(WAITING)), else_=len(WAITING))
    query = (
        # Number of rows of the list, for its pages.
        sa.select(Bulletin, Revision.title, sa.func.count().over())
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        # The ids are selected first: a condition on the joined rows would read every text.
        .where(Bulletin.id.in_(sa.select(Bulletin.id).where(Bulletin.state.in_(WAITING))))
        .order_by(order, Bulletin.edited_at.desc(), Bulletin.id.desc())
        .limit(MOST_UNTIMED)
    )
    rows = session.execute(query).all()
    found = [
        UntimedBulletin(bulletin.code, title, shades[bulletin.topic.code], bulletin.state, bulletin.writer_name)
        for bulletin, title, _all in rows
    ]
    return found, int(rows[0][2]) if rows else 0
