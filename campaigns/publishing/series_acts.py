"""What staff do to series: begin one, change it from a day on, end it; leave a day out, change it alone, fill it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import public_id
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Topic, find_topic
from campaigns.publishing.bulletins import find_bulletin
from campaigns.publishing.channels import Channel
from campaigns.publishing.series import FILLABLE, NAMES, PLACEHOLDER, Series, SeriesDay, SeriesRule, find_series
from campaigns.publishing.slots import DAY


@dataclass(frozen=True)
class Wanted:
    """What a series should be from some day on. ``weekdays``: 0 is Monday."""

    title: str
    topic: str
    channels: Sequence[str] | None
    weekdays: frozenset[int]
    minute: int
    skips_holidays: bool


def begin(
    session: Session,
    actor: Actor,
    *,
    name: str,
    starts_on: date,
    ends_on: date | None,
    wanted: Wanted,
    now: datetime,
) -> Series:
    """Begin a series. Raises ``Invalid`` naming every bad field, ``Forbidden``."""
    actor.require(May.WRITE)
    topic, errors = _check(session, wanted)
    errors += _check_name(name)
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        errors.append(FieldError("starts_on", "day", f"{starts_on} is not a day to plan for"))
    errors += _check_end(starts_on, ends_on)
    if errors or topic is None:
        raise Invalid(errors)
    series = Series(
        public=public_id("ser"), name=name.strip(), starts_on=starts_on, ends_on=ends_on, created_at=now, rules=[]
    )
    series.rules.append(_rule(wanted, topic, starts_on))
    session.add(series)
    session.flush()
    details = {"name": series.name, "from": starts_on, "until": ends_on, **_told(wanted)}
    journal.record(session, actor.id, "series.begun", "series", series.public, details, now=now)
    return series


def change_from(
    session: Session,
    actor: Actor,
    public: str,
    day: date,
    *,
    name: str,
    ends_on: date | None,
    wanted: Wanted,
    now: datetime,
) -> Series:
    """From a day on another rule; days before it stay as they were, and so do days that have a bulletin or a reason.

    Raises ``Invalid``, ``NotFound``, ``Forbidden``.
    """
    actor.require(May.WRITE)
    series = find_series(session, public)
    topic, errors = _check(session, wanted)
    errors += _check_name(name) + _check_end(series.starts_on, ends_on)
    if day < series.starts_on:
        errors.append(FieldError("from", "before_start", f"{day} is before the series begins, {series.starts_on}"))
    if ends_on is not None and day > ends_on:
        errors.append(FieldError("ends_on", "before_start", f"{ends_on} is before the change, {day}"))
    if errors or topic is None:
        raise Invalid(errors)
    # Later rules are what was planned before this change; the change is for all that follows. The delete comes first,
    # because a rule that begins on the same day may take its place.
    series.rules = [rule for rule in series.rules if rule.starts_on < day]
    session.flush()
    series.rules.append(_rule(wanted, topic, day))
    series.name, series.ends_on = name.strip(), ends_on
    session.flush()
    details = {"name": series.name, "from": day, "until": ends_on, **_told(wanted)}
    journal.record(session, actor.id, "series.changed", "series", public, details, now=now)
    return series


def end(session: Session, actor: Actor, public: str, last: date, *, now: datetime) -> None:
    """Let a day be the last one. Raises ``Invalid`` for one before the first, ``NotFound``, ``Forbidden``."""
    actor.require(May.WRITE)
    series = find_series(session, public)
    if last < series.starts_on - timedelta(days=1):
        raise Invalid([FieldError("last", "before_start", f"{last} is before the series begins, {series.starts_on}")])
    series.ends_on = last
    session.flush()
    journal.record(session, actor.id, "series.ended", "series", public, {"last": last}, now=now)


def skip(session: Session, actor: Actor, public: str, day: date, reason: str, *, now: datetime) -> None:
    """Leave a day out, before or after the fact. Raises ``Invalid`` without a reason, ``Conflict`` when a bulletin
    fills it."""
    actor.require(May.WRITE)
    if not reason.strip():
        raise Invalid([FieldError("why", "required", "say why the day is left out")])
    own = _own(session, public, day)
    if own.bulletin_id is not None:
        raise Conflict(f"a bulletin fills {public} on {day}", code="place_filled", series=public, day=day)
    own.skipped, own.reason = True, reason.strip()[:300]
    session.flush()
    details = {"day": day, "reason": own.reason}
    journal.record(session, actor.id, "series.day_skipped", "series", public, details, now=now)


def restore(session: Session, actor: Actor, public: str, day: date, *, now: datetime) -> None:
    """Let a day be due again, as its rule says; what was special about it is gone. Its bulletin stays."""
    actor.require(May.WRITE)
    own = _own(session, public, day)
    own.skipped, own.reason, own.minute, own.title = False, "", None, None
    if own.bulletin_id is None:
        session.delete(own)
    session.flush()
    journal.record(session, actor.id, "series.day_restored", "series", public, {"day": day}, now=now)


def change_day(
    session: Session, actor: Actor, public: str, day: date, *, minute: int, title: str, now: datetime
) -> None:
    """Another time or title for one day alone. Raises ``Invalid``, ``NotFound``, ``Forbidden``."""
    actor.require(May.WRITE)
    errors = _check_title(title)
    if not 0 <= minute < DAY:
        errors.append(FieldError("time", "time", "expected a time such as 06:30"))
    if errors:
        raise Invalid(errors)
    own = _own(session, public, day)
    own.skipped, own.reason, own.minute, own.title = False, "", minute, title.strip()
    session.flush()
    details = {"day": day, "minute": minute, "title": own.title}
    journal.record(session, actor.id, "series.day_changed", "series", public, details, now=now)


def fill(session: Session, actor: Actor, public: str, day: date, code: str, *, now: datetime) -> None:
    """Let a bulletin be the one of this day. Raises ``Conflict`` when another fills it, when this one fills another day
    or was recalled, ``NotFound``."""
    actor.require(May.WRITE)
    bulletin = find_bulletin(session, code)
    own = _own(session, public, day)
    if own.bulletin_id == bulletin.id:
        return
    elsewhere = session.execute(sa.select(SeriesDay.day).where(SeriesDay.bulletin_id == bulletin.id)).first()
    if own.bulletin_id is not None or elsewhere is not None or bulletin.state not in FILLABLE:
        raise Conflict(f"{code} cannot fill {public} on {day}", code="place_filled", series=public, day=day)
    own.bulletin_id, own.skipped, own.reason = bulletin.id, False, ""
    session.flush()
    details = {"day": day, "bulletin": code}
    journal.record(session, actor.id, "series.day_filled", "series", public, details, now=now)


def empty(session: Session, actor: Actor, public: str, day: date, *, now: datetime) -> None:
    """Take the bulletin out of this day again; the bulletin itself stays as it is."""
    actor.require(May.WRITE)
    own = _own(session, public, day)
    code = own.bulletin.code if own.bulletin is not None else None
    own.bulletin_id = None
    session.flush()
    details = {"day": day, "bulletin": code}
    journal.record(session, actor.id, "series.day_emptied", "series", public, details, now=now)


def _own(session: Session, public: str, day: date) -> SeriesDay:
    """The row of a day, made when it has none. Raises ``NotFound`` for a day on which nothing is due."""
    series = find_series(session, public)
    found = session.execute(
        sa.select(SeriesDay).where(SeriesDay.series_id == series.id, SeriesDay.day == day).with_for_update()
    ).scalar_one_or_none()
    if found is not None:
        return found
    rule = series.rule_on(day)
    if rule is None or not rule.falls_on(day):
        raise NotFound(f"series {public} has nothing on {day}", series=public, day=day)
    row = SeriesDay(series_id=series.id, day=day, skipped=False, reason="")
    session.add(row)
    return row


def _rule(wanted: Wanted, topic: Topic, starts_on: date) -> SeriesRule:
    return SeriesRule(
        starts_on=starts_on,
        title=wanted.title.strip(),
        topic=topic,
        wanted_channels=list(wanted.channels) if wanted.channels is not None else None,
        weekdays=sum(1 << day for day in wanted.weekdays),
        minute=wanted.minute,
        skips_holidays=wanted.skips_holidays,
    )


def _told(wanted: Wanted) -> dict[str, object]:
    return {
        "title": wanted.title,
        "topic": wanted.topic,
        "weekdays": sorted(wanted.weekdays),
        "minute": wanted.minute,
        "skips_holidays": wanted.skips_holidays,
        "channels": list(wanted.channels) if wanted.channels is not None else None,
    }


def _check(session: Session, wanted: Wanted) -> tuple[Topic | None, list[FieldError]]:
    errors = _check_title(wanted.title)
    topic = find_topic(session, wanted.topic)
    if topic is None:
        errors.append(FieldError("topic", "unknown_topic", f"there is no topic {wanted.topic!r}"))
    elif topic.retired_at is not None:
        errors.append(FieldError("topic", "retired_topic", f"nothing new is written on the topic {wanted.topic!r}"))
    if not wanted.weekdays or not wanted.weekdays <= set(range(7)):
        errors.append(FieldError("weekdays", "none_chosen_day", "choose at least one day of the week"))
    if not 0 <= wanted.minute < DAY:
        errors.append(FieldError("time", "time", "expected a time such as 06:30"))
    if wanted.channels is not None:
        if not wanted.channels:
            errors.append(FieldError("reach", "none_chosen", "choose at least one channel, or all of them"))
        known = set(session.execute(sa.select(Channel.code).where(Channel.code.in_(list(wanted.channels)))).scalars())
        errors += [
            FieldError(f"channels.{place}", "unknown_channel", f"there is no channel {code!r}")
            for place, code in enumerate(wanted.channels)
            if code not in known
        ]
    return topic, errors


def _check_name(name: str) -> list[FieldError]:
    if not name.strip():
        return [FieldError("name", "required", "a series needs a name")]
    if len(name.strip()) > 120:
        return [FieldError("name", "too_long", "a name has at most 120 characters")]
    return []


def _check_title(title: str) -> list[FieldError]:
    if not title.strip():
        return [FieldError("title", "required", "a title is needed")]
    if len(title.strip()) > 300:
        return [FieldError("title", "too_long", "a title has at most 300 characters")]
    unknown = [found for found in PLACEHOLDER.findall(title) if found.strip().lower() not in NAMES]
    if unknown:
        return [FieldError("title", "placeholder", f"{{{unknown[0]}}} is none of {{ngày}} and {{thứ}}")]
    return []


def _check_end(starts_on: date, ends_on: date | None) -> list[FieldError]:
    if ends_on is not None and ends_on < starts_on:
        return [FieldError("ends_on", "before_start", f"{ends_on} is before the start, {starts_on}")]
    return []
