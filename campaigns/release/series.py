"""Series: recurring bulletins with dated rules and exceptions for single days, and what staff do to them.

Each rule is valid from its first day until the next rule's. A row of a single day changes its time or title, leaves it
out with a reason, or names the bulletin that fills it. Staff begin a series, change it from a day on, end it, and leave
out, change, fill or empty single days.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.bulletins.placeholders import ALLOWED, fill, unknown_in
from campaigns.bulletins.text_checks import LONGEST_TITLE
from campaigns.channels.channels import Channel
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Topic, find_topic
from campaigns.planning.holidays import is_public_holiday
from campaigns.release.slots_and_quiet_hours import MINUTES_A_DAY, moment_of

LONGEST_NAME = 120  # characters


class Series(Base):
    """One recurring bulletin. Without ``ends_on`` it has no end."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    rules: Mapped[list["SeriesRule"]] = relationship(
        back_populates="series", order_by="SeriesRule.starts_on", cascade="all, delete-orphan"
    )

    def rule_on(self, day: dt.date) -> "SeriesRule | None":
        """The rule valid on a day; None before the first day and after the last."""
        if day < self.starts_on or (self.ends_on is not None and day > self.ends_on):
            return None
        good = [rule for rule in self.rules if rule.starts_on <= day]
        return good[-1] if good else None


class SeriesRule(Base):
    """Days, time and title of a series from ``starts_on`` on. ``weekdays``: a bit mask, Monday the lowest bit;
    ``minute``: of the city's day; ``title``: may contain placeholders (``bulletins/placeholders.py``);
    ``wanted_channels``: None for all entitled channels."""

    __tablename__ = "series_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("series.id", ondelete="CASCADE"))
    starts_on: Mapped[dt.date]
    title: Mapped[str] = mapped_column(sa.String(300))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    wanted_channels: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    weekdays: Mapped[int]
    minute: Mapped[int]
    skips_holidays: Mapped[bool]

    series: Mapped[Series] = relationship(back_populates="rules")
    topic: Mapped[Topic] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.UniqueConstraint("series_id", "starts_on"),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )

    def falls_on(self, day: dt.date) -> bool:
        """Whether this rule makes a bulletin due on a day."""
        return bool(self.weekdays >> day.weekday() & 1) and not (self.skips_holidays and is_public_holiday(day))


class SeriesDay(Base):
    """The exception for one day of a series. ``minute`` and ``title`` override the rule's."""

    __tablename__ = "series_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("series.id", ondelete="CASCADE"))
    day: Mapped[dt.date]
    skipped: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    minute: Mapped[int | None]
    title: Mapped[str | None] = mapped_column(sa.String(300))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), unique=True)

    bulletin: Mapped[Bulletin | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("series_id", "day"),
        sa.CheckConstraint("minute IS NULL OR minute BETWEEN 0 AND 1439", name="minute"),
        # For the days of all series within a span.
        sa.Index("ix_series_days_day", "day"),
    )


class SeriesDayStatus(Enum):
    """Status of one day of a series."""

    EMPTY = "empty"  # not started, and its time is ahead
    WRITING = "writing"  # a bulletin is assigned to it, without a release time yet
    TIMED = "timed"  # that bulletin is scheduled for this day
    MET = "met"  # published on its day
    MADE_UP = "made_up"  # published on a later day
    SKIPPED = "skipped"  # left out on purpose, with a reason
    MISSED = "missed"  # its time has passed and nothing is published


@dataclass(frozen=True)
class Occurrence:
    """One day of a series on the calendar: the moment it is due, its title, and the bulletin that fills it."""

    series: str
    name: str
    day: dt.date
    at: dt.datetime
    title: str
    topic: str
    topic_code: str
    channels: tuple[str, ...] | None
    standing: SeriesDayStatus
    bulletin: str | None
    reason: str

    @property
    def key(self) -> str:
        """A stable identifier: ``ser_…/2026-11-24``."""
        return f"{self.series}/{self.day.isoformat()}"


def day_status(at: dt.datetime, own: SeriesDay | None, now: dt.datetime) -> SeriesDayStatus:
    """The status of a day at ``now``."""
    if own is not None and own.skipped:
        return SeriesDayStatus.SKIPPED
    bulletin = own.bulletin if own is not None else None
    if bulletin is not None and bulletin.release_at is not None:
        on_time = city_day(bulletin.release_at) <= city_day(at)
        if bulletin.release_at <= now:
            return SeriesDayStatus.MET if on_time else SeriesDayStatus.MADE_UP
        if on_time:
            return SeriesDayStatus.TIMED
    if at <= now:
        return SeriesDayStatus.MISSED
    return SeriesDayStatus.WRITING if bulletin is not None else SeriesDayStatus.EMPTY


def occurrences_of(
    series: Series, own: Mapping[dt.date, SeriesDay], first: dt.date, last: dt.date, *, now: dt.datetime
) -> Iterator[Occurrence]:
    """The occurrences of a series from ``first`` to ``last``. A day with a bulletin or left out stays an occurrence
    when its rule changes. A time that had passed before the series was made was never due, unless something was done
    about that day."""
    for step in range((last - first).days + 1):
        day = first + dt.timedelta(days=step)
        rule, special = series.rule_on(day), own.get(day)
        if rule is None or not (rule.falls_on(day) or special is not None):
            continue
        minute = special.minute if special is not None and special.minute is not None else rule.minute
        at = moment_of(day, minute)
        if special is None and at <= series.created_at:
            continue
        pattern = special.title if special is not None and special.title else rule.title
        yield Occurrence(
            series=series.public,
            name=series.name,
            day=day,
            at=at,
            title=fill(pattern, day),
            topic=rule.topic.name,
            topic_code=rule.topic.code,
            channels=tuple(rule.wanted_channels) if rule.wanted_channels is not None else None,
            standing=day_status(at, special, now),
            bulletin=special.bulletin.code if special is not None and special.bulletin is not None else None,
            reason=special.reason if special is not None else "",
        )


def list_occurrences(
    session: Session, first: dt.date, last: dt.date, *, only: str | None = None, now: dt.datetime
) -> list[Occurrence]:
    """The occurrences of all series (or of ``only`` one, by its public id) on these days, ordered by time.

    Uses three queries, whatever the number of series and days.
    """
    query = (
        sa.select(Series)
        .options(sa.orm.selectinload(Series.rules))
        .where(Series.starts_on <= last, sa.or_(Series.ends_on.is_(None), Series.ends_on >= first))
        .order_by(Series.id)
    )
    if only is not None:
        query = query.where(Series.public == only)
    found = session.execute(query).scalars().all()
    if not found:
        return []
    own: dict[int, dict[dt.date, SeriesDay]] = {}
    days = (
        sa.select(SeriesDay)
        .options(sa.orm.joinedload(SeriesDay.bulletin).lazyload(Bulletin.topic))
        .where(SeriesDay.day >= first, SeriesDay.day <= last, SeriesDay.series_id.in_([series.id for series in found]))
    )
    for row in session.execute(days).scalars():
        own.setdefault(row.series_id, {})[row.day] = row
    occurrences = [
        place for series in found for place in occurrences_of(series, own.get(series.id, {}), first, last, now=now)
    ]
    return sorted(occurrences, key=lambda place: (place.at, place.series))


def missed_occurrences(session: Session, span: int, *, now: dt.datetime) -> list[Occurrence]:
    """The occurrences of the last ``span`` days, today included, whose time has passed and that nothing fills."""
    today = city_day(now)
    occurrences = list_occurrences(session, today - dt.timedelta(days=span), today, now=now)
    return [place for place in occurrences if place.standing is SeriesDayStatus.MISSED]


def find_series(session: Session, public: str) -> Series:
    """The series with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Series).where(Series.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no series {public}", series=public)
    return row


def find_occurrence(session: Session, public: str, day: dt.date, *, now: dt.datetime) -> Occurrence:
    """One occurrence of a series. Raises ``NotFound`` when nothing is due on that day."""
    found = list_occurrences(session, day, day, only=public, now=now)
    if not found:
        raise NotFound(f"series {public} has nothing on {day}", series=public, day=day)
    return found[0]


def series_day_of(session: Session, bulletin: Bulletin) -> tuple[str, dt.date] | None:
    """The series and the day that a bulletin fills; None for most bulletins."""
    query = (
        sa.select(Series.public, SeriesDay.day)
        .join(SeriesDay, SeriesDay.series_id == Series.id)
        .where(SeriesDay.bulletin_id == bulletin.id)
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row is not None else None


FILLABLE_STATUSES = (
    BulletinState.DRAFT,
    BulletinState.SUBMITTED,
    BulletinState.APPROVED,
    BulletinState.SCHEDULED,
    BulletinState.PUBLISHED,
)


@dataclass(frozen=True)
class SeriesContent:
    """The rule of a series from some day on, as entered. ``weekdays``: 0 is Monday."""

    title: str
    topic: str
    channels: Sequence[str] | None
    weekdays: frozenset[int]
    minute: int
    skips_holidays: bool


def begin_series(
    session: Session,
    actor: Actor,
    *,
    name: str,
    starts_on: date,
    ends_on: date | None,
    wanted: SeriesContent,
    now: datetime,
) -> Series:
    """Begin a series. Raises ``Invalid`` naming every bad field, ``Forbidden``."""
    actor.require(Permission.WRITE)
    topic, errors = _check_input(session, wanted)
    errors += _check_name(name)
    if not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        errors.append(FieldError("starts_on", "day", f"{starts_on} is not a day to plan for"))
    errors += _check_end(starts_on, ends_on)
    if errors or topic is None:
        raise Invalid(errors)
    series = Series(
        public=public_id("ser"), name=name.strip(), starts_on=starts_on, ends_on=ends_on, created_at=now, rules=[]
    )
    series.rules.append(_rule_from_input(wanted, topic, starts_on))
    session.add(series)
    session.flush()
    details = {"name": series.name, "from": starts_on, "until": ends_on, **_rule_details(wanted)}
    journal.record(session, actor.id, "series.begun", "series", series.public, details, now=now)
    return series


def change_series_from(
    session: Session,
    actor: Actor,
    public: str,
    day: date,
    *,
    name: str,
    ends_on: date | None,
    wanted: SeriesContent,
    now: datetime,
) -> Series:
    """Apply another rule from a day on. Earlier days, and days that have a bulletin or a reason, keep theirs.

    Raises ``Invalid``, ``NotFound``, ``Forbidden``.
    """
    actor.require(Permission.WRITE)
    series = find_series(session, public)
    topic, errors = _check_input(session, wanted)
    errors += _check_name(name) + _check_end(series.starts_on, ends_on)
    if day < series.starts_on:
        errors.append(FieldError("from", "before_start", f"{day} is before the series begins, {series.starts_on}"))
    if ends_on is not None and day > ends_on:
        errors.append(FieldError("ends_on", "before_start", f"{ends_on} is before the change, {day}"))
    if errors or topic is None:
        raise Invalid(errors)
    # The change applies to all following days, so rules planned for later days are removed. They are deleted before the
    # insert, because one of them may begin on the same day.
    series.rules = [rule for rule in series.rules if rule.starts_on < day]
    session.flush()
    series.rules.append(_rule_from_input(wanted, topic, day))
    series.name, series.ends_on = name.strip(), ends_on
    session.flush()
    details = {"name": series.name, "from": day, "until": ends_on, **_rule_details(wanted)}
    journal.record(session, actor.id, "series.changed", "series", public, details, now=now)
    return series


def end_series(session: Session, actor: Actor, public: str, last: date, *, now: datetime) -> None:
    """Set the last day of a series. Raises ``Invalid`` for a day before the first, ``NotFound``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    series = find_series(session, public)
    if last < series.starts_on - timedelta(days=1):
        raise Invalid([FieldError("last", "before_start", f"{last} is before the series begins, {series.starts_on}")])
    series.ends_on = last
    session.flush()
    journal.record(session, actor.id, "series.ended", "series", public, {"last": last}, now=now)


def skip_day(session: Session, actor: Actor, public: str, day: date, reason: str, *, now: datetime) -> None:
    """Leave a day out, before or after its time. Raises ``Invalid`` without a reason, ``Conflict`` when a bulletin
    fills it."""
    actor.require(Permission.WRITE)
    if not reason.strip():
        raise Invalid([FieldError("why", "required", "say why the day is left out")])
    own = _day_row(session, public, day)
    if own.bulletin_id is not None:
        raise Conflict(f"a bulletin fills {public} on {day}", code="place_filled", series=public, day=day)
    own.skipped, own.reason = True, reason.strip()[:300]
    session.flush()
    details = {"day": day, "reason": own.reason}
    journal.record(session, actor.id, "series.day_skipped", "series", public, details, now=now)


def restore_day(session: Session, actor: Actor, public: str, day: date, *, now: datetime) -> None:
    """Make a day due again by its rule: its reason, time and title are cleared, its bulletin is kept. A day that is due
    by its rule stays so."""
    actor.require(Permission.WRITE)
    own = _day_row(session, public, day)
    if own in session.new:
        session.expunge(own)
        return
    own.skipped, own.reason, own.minute, own.title = False, "", None, None
    if own.bulletin_id is None:
        session.delete(own)
    session.flush()
    journal.record(session, actor.id, "series.day_restored", "series", public, {"day": day}, now=now)


def change_day(
    session: Session, actor: Actor, public: str, day: date, *, minute: int, title: str, now: datetime
) -> None:
    """Set another time or title for one day. Raises ``Invalid``, ``NotFound``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    errors = _check_title(title)
    if not 0 <= minute < MINUTES_A_DAY:
        errors.append(FieldError("time", "time", "expected a time such as 06:30"))
    if errors:
        raise Invalid(errors)
    own = _day_row(session, public, day)
    own.skipped, own.reason, own.minute, own.title = False, "", minute, title.strip()
    session.flush()
    details = {"day": day, "minute": minute, "title": own.title}
    journal.record(session, actor.id, "series.day_changed", "series", public, details, now=now)


def fill_day(session: Session, actor: Actor, public: str, day: date, code: str, *, now: datetime) -> None:
    """Assign a bulletin to a day. Raises ``Conflict`` when another bulletin fills it, or this one fills another day or
    was recalled; ``NotFound``."""
    actor.require(Permission.WRITE)
    bulletin = find_bulletin(session, code)
    own = _day_row(session, public, day)
    if own.bulletin_id == bulletin.id:
        return
    elsewhere = session.execute(sa.select(SeriesDay.day).where(SeriesDay.bulletin_id == bulletin.id)).first()
    if own.bulletin_id is not None or elsewhere is not None or bulletin.state not in FILLABLE_STATUSES:
        raise Conflict(f"{code} cannot fill {public} on {day}", code="place_filled", series=public, day=day)
    own.bulletin_id, own.skipped, own.reason = bulletin.id, False, ""
    session.flush()
    details = {"day": day, "bulletin": code}
    journal.record(session, actor.id, "series.day_filled", "series", public, details, now=now)


def empty_day(session: Session, actor: Actor, public: str, day: date, *, now: datetime) -> None:
    """Remove the bulletin from this day; the bulletin itself does not change."""
    actor.require(Permission.WRITE)
    own = _day_row(session, public, day)
    code = own.bulletin.code if own.bulletin is not None else None
    own.bulletin_id = None
    session.flush()
    details = {"day": day, "bulletin": code}
    journal.record(session, actor.id, "series.day_emptied", "series", public, details, now=now)


def _day_row(session: Session, public: str, day: date) -> SeriesDay:
    """The row of a day, created if missing. Raises ``NotFound`` for a day on which nothing is due."""
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


def _rule_from_input(wanted: SeriesContent, topic: Topic, starts_on: date) -> SeriesRule:
    return SeriesRule(
        starts_on=starts_on,
        title=wanted.title.strip(),
        topic=topic,
        wanted_channels=list(wanted.channels) if wanted.channels is not None else None,
        weekdays=sum(1 << day for day in wanted.weekdays),
        minute=wanted.minute,
        skips_holidays=wanted.skips_holidays,
    )


def _rule_details(wanted: SeriesContent) -> dict[str, object]:
    return {
        "title": wanted.title,
        "topic": wanted.topic,
        "weekdays": sorted(wanted.weekdays),
        "minute": wanted.minute,
        "skips_holidays": wanted.skips_holidays,
        "channels": list(wanted.channels) if wanted.channels is not None else None,
    }


def _check_input(session: Session, wanted: SeriesContent) -> tuple[Topic | None, list[FieldError]]:
    errors = _check_title(wanted.title)
    topic = find_topic(session, wanted.topic)
    if topic is None:
        errors.append(FieldError("topic", "unknown_topic", f"there is no topic {wanted.topic!r}"))
    elif topic.retired_at is not None:
        errors.append(FieldError("topic", "retired_topic", f"nothing new is written on the topic {wanted.topic!r}"))
    if not wanted.weekdays or not wanted.weekdays <= set(range(7)):
        errors.append(FieldError("weekdays", "none_chosen_day", "choose at least one day of the week"))
    if not 0 <= wanted.minute < MINUTES_A_DAY:
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
    if len(name.strip()) > LONGEST_NAME:
        return [FieldError("name", "too_long", f"a name has at most {LONGEST_NAME} characters")]
    return []


def _check_title(title: str) -> list[FieldError]:
    if not title.strip():
        return [FieldError("title", "required", "a title is needed")]
    if len(title.strip()) > LONGEST_TITLE:
        return [FieldError("title", "too_long", f"a title has at most {LONGEST_TITLE} characters")]
    if unknown := unknown_in(title):
        return [FieldError("title", "placeholder", f"{unknown[0]} is none of {ALLOWED}")]
    return []


def _check_end(starts_on: date, ends_on: date | None) -> list[FieldError]:
    if ends_on is not None and ends_on < starts_on:
        return [FieldError("ends_on", "before_start", f"{ends_on} is before the start, {starts_on}")]
    return []
