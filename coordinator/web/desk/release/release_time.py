"""Setting a bulletin's release time: warnings are shown before the change, and each change can be undone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.holidays import holiday_on
from campaigns.release import release_warnings, slots_and_quiet_hours
from campaigns.release.release_warnings import ReleaseWarning, ReleaseWarningKind
from campaigns.release.workflow import SeenReleaseTime
from coordinator.jobs.release import commands
from coordinator.jobs.release.holiday_names import holiday_name
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor
from coordinator.web.kit.forms import datetimes
from coordinator.web.kit.text import formats

_NOT_NOW = (ReleaseWarningKind.HOLIDAY.value, ReleaseWarningKind.LATE.value)
NO_TIME = "none"  # the form's value for a bulletin that had no release time when the form was opened


@dataclass(frozen=True)
class TimeWarning:
    """A warning about a release time; ``key`` is sent back to confirm that it was read."""

    key: str
    words: str


@dataclass(frozen=True)
class TimeChange:
    """The result of a change: done, with the address that undoes it, or only warned."""

    warned: tuple[TimeWarning, ...] = ()
    undo: str = ""


def unread_warnings(
    session: Session, bulletin: Bulletin, at: datetime | None, heeded: Collection[str] = ()
) -> tuple[TimeWarning, ...]:
    """Return the warnings about a time, None = now, that the reader has not confirmed."""
    found = release_warnings.warnings_for(session, bulletin, at or app_context().job_context.now())
    how = slots_and_quiet_hours.release_habits(session)
    return tuple(warning for warning in time_warnings(found, at, how) if warning.key not in heeded)


def time_warnings(
    found: Iterable[ReleaseWarning], at: datetime | None, how: slots_and_quiet_hours.ReleaseHabits
) -> list[TimeWarning]:
    """Return warnings about a time, None = now, with their keys and sentences. They are confirmed for one time only:
    another time is warned about again.
    """
    moment = stamp(at) if at is not None else "now"
    return [TimeWarning(f"{warning.key}@{moment}", warning_message(warning, how)) for warning in found]


def warning_message(concern: ReleaseWarning, how: slots_and_quiet_hours.ReleaseHabits) -> str:
    """Return a warning as a sentence."""
    if concern.kind is ReleaseWarningKind.QUIET:
        first, last = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (how.quiet_from, how.quiet_until))
        return str(_("Giờ này nằm trong khung giờ không phát, từ %(first)s đến %(last)s.", first=first, last=last))
    if concern.kind is ReleaseWarningKind.HOLIDAY and concern.day is not None:
        holiday = holiday_on(concern.day)
        name = holiday_name(holiday) if holiday is not None else ""
        text = _("%(day)s là ngày nghỉ lễ: %(name)s.", day=formats.day(concern.day), name=name)
        if holiday is not None and holiday.expected:
            text = _("%(day)s dự kiến là ngày nghỉ lễ: %(name)s.", day=formats.day(concern.day), name=name)
        return str(text)
    if concern.kind is ReleaseWarningKind.LATE and concern.day is not None:
        return str(_("Muộn hơn ngày của loạt “%(name)s”: %(day)s.", name=concern.title, day=formats.day(concern.day)))
    assert concern.at is not None  # noqa: S101  # a warning about a neighbour has its time
    return str(
        _(
            "Cách “%(title)s” (%(at)s) chưa tới %(gap)s phút, trên %(count)s kênh chung.",
            title=concern.title,
            at=formats.time_of_day(concern.at),
            gap=how.gap,
            count=formats.number(concern.channels, language()),
        )
    )


def set_time(code: str, at: datetime, seen: SeenReleaseTime | None, heeded: Collection[str]) -> TimeChange:
    """Schedule or move the bulletin unless there are unconfirmed warnings.

    Raises ``Invalid`` for a time in the past, ``Conflict``, ``NotFound``, ``Forbidden`` as ``workflow.publish``.
    """
    # ``workflow.publish`` treats a time just past as "now"; a person who chose a time meant a future one.
    if at <= app_context().job_context.now():
        raise Invalid([FieldError("at", "past", "the release time is in the past")])
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        warned = unread_warnings(session, bulletin, at, heeded)
        # A form that did not show a release time, such as a drag on the calendar, changes the present one.
        before = seen or SeenReleaseTime(bulletin.release_at if bulletin.state is BulletinState.SCHEDULED else None)
    if warned:
        return TimeChange(warned)
    commands.publish(app_context(), current_actor(), code, at, seen=before)
    return TimeChange(undo=undo_url(code, at, before))


def warnings_now(code: str) -> tuple[TimeWarning, ...]:
    """Return the warnings about a release at this moment that the submitted form does not confirm; none for a bulletin
    that waits for neither approval nor release. A holiday is not one, since who releases now is at work, nor is a
    series day that has passed, since now is the earliest moment left."""
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        if bulletin.state not in {BulletinState.SUBMITTED, BulletinState.APPROVED, BulletinState.SCHEDULED}:
            return ()
        warned = unread_warnings(session, bulletin, None, form_heeded_warnings())
        return tuple(warning for warning in warned if not warning.key.startswith(_NOT_NOW))


def usual_time(session: Session, now: datetime) -> datetime:
    """Return the next full hour outside the quiet hours, as a default."""
    return slots_and_quiet_hours.release_habits(session).open_hour(datetimes.next_hour(now))


def undo_url(code: str, at: datetime, before: SeenReleaseTime) -> str:
    """Return the address to POST to in order to restore the former time."""
    return url_for("calendar.undo", code=code, to=stamp(before.release_at), seen=stamp(at))


def stamp(moment: datetime | None) -> str:
    """Return a time to the microsecond for a hidden field; ``none`` for None."""
    return moment.astimezone(UTC).isoformat() if moment is not None else NO_TIME


def parse_stamp(sent: str) -> SeenReleaseTime | None:
    """Parse what ``stamp`` wrote; None for any other value."""
    if sent == NO_TIME:
        return SeenReleaseTime(None)
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return None
    return SeenReleaseTime(moment) if moment.tzinfo is not None else None


def form_seen_time() -> SeenReleaseTime | None:
    """Return the release time shown on the submitted form."""
    return parse_stamp(request.form.get("seen", ""))


def form_heeded_warnings() -> frozenset[str]:
    """Return the keys of the warnings that the reader confirmed."""
    return frozenset(request.form.getlist("heeded"))


def suggested_times(code: str, day: date | None = None) -> list[datetime]:
    """Return the next free slots for a bulletin."""
    context = app_context().job_context
    with context.database.read() as session:
        return release_warnings.suggested_times(session, find_bulletin(session, code), now=context.now(), day=day)
