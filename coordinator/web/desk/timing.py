"""Giving a bulletin its time: what speaks against it is told first, and whatever was done can be undone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import request, url_for

from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.holidays import holiday_on
from campaigns.publishing import concerns, slots
from campaigns.publishing.bulletins import State, find_bulletin
from campaigns.publishing.concerns import Concern, Kind
from campaigns.publishing.workflow import Seen
from coordinator.jobs import acts
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import actor, front

NONE = "none"  # how a form says that there was no release time when it was opened


@dataclass(frozen=True)
class Warned:
    """One thing that speaks against a time, in words; ``key`` is sent back by whoever goes on all the same."""

    key: str
    words: str


@dataclass(frozen=True)
class Timed:
    """What became of an attempt: done, with the address that undoes it, or only warned of."""

    warned: tuple[Warned, ...] = ()
    undo: str = ""


def warnings(code: str, at: datetime, heeded: Collection[str] = ()) -> tuple[Warned, ...]:
    """What speaks against a time and has not been read yet."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        found = concerns.concerns(session, bulletin, at)
        how = slots.habits(session)
    # Read for this moment: whoever changes the time is told again.
    keyed = [(f"{one.key}@{stamp(at)}", one) for one in found]
    return tuple(Warned(key, words_of(one, how)) for key, one in keyed if key not in heeded)


def words_of(concern: Concern, how: slots.Habits) -> str:
    """A concern as a sentence."""
    if concern.kind is Kind.QUIET:
        first, last = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (how.quiet_from, how.quiet_until))
        return str(_("Giờ này nằm trong giờ yên lặng, từ %(first)s đến %(last)s.", first=first, last=last))
    if concern.kind is Kind.HOLIDAY and concern.day is not None:
        holiday = holiday_on(concern.day)
        name = holiday.name(language()) if holiday is not None else ""
        said = _("%(day)s là ngày nghỉ lễ: %(name)s.", day=formats.day(concern.day), name=name)
        if holiday is not None and holiday.expected:
            said = _("%(day)s dự kiến là ngày nghỉ lễ: %(name)s.", day=formats.day(concern.day), name=name)
        return str(said)
    assert concern.at is not None  # noqa: S101  # a neighbour has its time
    return str(
        _(
            "Cách “%(title)s” (%(at)s) chưa tới %(gap)s phút, trên %(count)s kênh chung.",
            title=concern.title,
            at=formats.time_of_day(concern.at),
            gap=how.gap,
            count=formats.number(concern.channels, language()),
        )
    )


def set_time(code: str, at: datetime, seen: Seen | None, heeded: Collection[str]) -> Timed:
    """Schedule or move, unless something speaks against it that was not read yet.

    Raises ``Invalid`` for a time gone by, ``Conflict``, ``NotFound``, ``Forbidden`` as ``workflow.publish``.
    """
    # A moment ago is "now" to the domain; somebody who chose a time meant one that is still ahead.
    if at <= front().place.now():
        raise Invalid([FieldError("at", "past", "the release time is in the past")])
    warned = warnings(code, at, heeded)
    if warned:
        return Timed(warned)
    before = seen if seen is not None else seen_now(code)
    acts.publish(front(), actor(), code, at, seen=before)
    return Timed(undo=undo_url(code, at, before))


def undo_url(code: str, at: datetime, before: Seen) -> str:
    """Where to POST so that the time is again what it was."""
    return url_for("calendar.undo", code=code, to=stamp(before.release_at), seen=stamp(at))


def seen_now(code: str) -> Seen:
    """The release time as it stands, for a caller that showed none."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        return Seen(bulletin.release_at if bulletin.state is State.SCHEDULED else None)


def stamp(moment: datetime | None) -> str:
    """A moment to the microsecond, for a hidden field; ``none`` where there is none."""
    return moment.astimezone(UTC).isoformat() if moment is not None else NONE


def read_stamp(sent: str) -> Seen | None:
    """What ``stamp`` wrote; None for anything else."""
    if sent == NONE:
        return Seen(None)
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return None
    return Seen(moment) if moment.tzinfo is not None else None


def sent_seen() -> Seen | None:
    """The release time that stood on the sent form."""
    return read_stamp(request.form.get("seen", ""))


def sent_heeded() -> frozenset[str]:
    """The warnings that the reader has read."""
    return frozenset(request.form.getlist("heeded"))


def suggestions(code: str, day: date | None = None) -> list[datetime]:
    """The next free slots for a bulletin."""
    place = front().place
    with place.database.read() as session:
        return concerns.suggested(session, find_bulletin(session, code), now=place.now(), day=day)
