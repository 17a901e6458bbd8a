"""Series: bulletins that are due again and again. A series has rules, each good from a day until the next one's; a day
of its own says what is different on that day, that it is left out and why, or which bulletin fills it."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.core.errors import NotFound
from campaigns.planning.campaigns import Topic
from campaigns.planning.holidays import rests
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.slots import moment_of


class Series(Base):
    """One recurring bulletin. Without ``ends_on`` it goes on."""

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
        """The rule good for a day; None before the first and after the end."""
        if day < self.starts_on or (self.ends_on is not None and day > self.ends_on):
            return None
        good = [rule for rule in self.rules if rule.starts_on <= day]
        return good[-1] if good else None


class SeriesRule(Base):
    """When and what. ``weekdays``: a bit for each day, Monday the lowest; ``minute``: of the city's day; ``title``:
    with ``{ngày}`` and ``{thứ}`` in it; ``wanted_channels``: None = all that are entitled."""

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
        """Whether a bulletin is due on a day by this rule."""
        return bool(self.weekdays >> day.weekday() & 1) and not (self.skips_holidays and rests(day))


class SeriesDay(Base):
    """What is special about one day of a series. ``minute`` and ``title`` take the place of the rule's."""

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
        # What a span of days shows.
        sa.Index("ix_series_days_day", "day"),
    )


class Standing(Enum):
    """How one day of a series stands."""

    EMPTY = "empty"  # nobody has begun to write it, and its time is ahead
    WRITING = "writing"  # a bulletin is chosen for it, without a time yet
    TIMED = "timed"  # that bulletin has its time, on the day itself
    MET = "met"  # it went out on its day
    MADE_UP = "made_up"  # it went out on a later day
    SKIPPED = "skipped"  # left out on purpose, with a reason
    MISSED = "missed"  # its time has passed and nothing is out


@dataclass(frozen=True)
class Place:
    """One day of a series on the calendar: the moment it is due, its title, and the bulletin that fills it."""

    series: str
    name: str
    day: dt.date
    at: dt.datetime
    title: str
    topic: str
    topic_code: str
    channels: tuple[str, ...] | None
    standing: Standing
    bulletin: str | None
    reason: str

    @property
    def key(self) -> str:
        """A name for it that never changes: ``ser_…/2026-11-24``."""
        return f"{self.series}/{self.day.isoformat()}"


WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAMES = {"ngày": "day", "ngay": "day", "thứ": "weekday", "thu": "weekday"}


def title_on(pattern: str, day: dt.date) -> str:
    """A title with its day: ``Điểm tin sáng {ngày}`` → ``Điểm tin sáng 24/11/2026``."""
    said = {"day": f"{day:%d/%m/%Y}", "weekday": WEEKDAYS[day.weekday()]}
    return PLACEHOLDER.sub(lambda found: said[NAMES[found[1].strip().lower()]], pattern)


def standing(at: dt.datetime, own: SeriesDay | None, now: dt.datetime) -> Standing:
    """How a day stands at ``now``."""
    if own is not None and own.skipped:
        return Standing.SKIPPED
    bulletin = own.bulletin if own is not None else None
    if bulletin is not None and bulletin.release_at is not None:
        on_time = city_day(bulletin.release_at) <= city_day(at)
        if bulletin.release_at <= now:
            return Standing.MET if on_time else Standing.MADE_UP
        if on_time:
            return Standing.TIMED
    if at <= now:
        return Standing.MISSED
    return Standing.WRITING if bulletin is not None else Standing.EMPTY


def places_of(
    series: Series, own: Mapping[dt.date, SeriesDay], first: dt.date, last: dt.date, *, now: dt.datetime
) -> Iterator[Place]:
    """The places of a series from ``first`` to ``last``. A day that was chosen for a bulletin, or left out, stays one
    whatever its rule became."""
    for step in range((last - first).days + 1):
        day = first + dt.timedelta(days=step)
        rule, special = series.rule_on(day), own.get(day)
        if rule is None or not (rule.falls_on(day) or special is not None):
            continue
        minute = special.minute if special is not None and special.minute is not None else rule.minute
        at = moment_of(day, minute)
        pattern = special.title if special is not None and special.title else rule.title
        yield Place(
            series=series.public,
            name=series.name,
            day=day,
            at=at,
            title=title_on(pattern, day),
            topic=rule.topic.name,
            topic_code=rule.topic.code,
            channels=tuple(rule.wanted_channels) if rule.wanted_channels is not None else None,
            standing=standing(at, special, now),
            bulletin=special.bulletin.code if special is not None and special.bulletin is not None else None,
            reason=special.reason if special is not None else "",
        )


def places(
    session: Session, first: dt.date, last: dt.date, *, only: str | None = None, now: dt.datetime
) -> list[Place]:
    """Every place of every series (or of ``only`` one, by its public id) on these days, in the order of time.

    Three queries, however many series and days there are.
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
        .where(SeriesDay.day >= first, SeriesDay.day <= last, SeriesDay.series_id.in_([one.id for one in found]))
    )
    for row in session.execute(days).scalars():
        own.setdefault(row.series_id, {})[row.day] = row
    every = [place for one in found for place in places_of(one, own.get(one.id, {}), first, last, now=now)]
    return sorted(every, key=lambda place: (place.at, place.series))


def missed(session: Session, span: int, *, now: dt.datetime) -> list[Place]:
    """The places of the last ``span`` days, today included, that nothing fills although their time has passed."""
    today = city_day(now)
    every = places(session, today - dt.timedelta(days=span), today, now=now)
    return [place for place in every if place.standing is Standing.MISSED]


def find_series(session: Session, public: str) -> Series:
    """The series with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Series).where(Series.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no series {public}", series=public)
    return row


def find_place(session: Session, public: str, day: dt.date, *, now: dt.datetime) -> Place:
    """One day of a series. Raises ``NotFound`` when nothing is due on it."""
    found = places(session, day, day, only=public, now=now)
    if not found:
        raise NotFound(f"series {public} has nothing on {day}", series=public, day=day)
    return found[0]


def place_of(session: Session, bulletin: Bulletin) -> tuple[str, dt.date] | None:
    """The series and the day that a bulletin fills; None for most bulletins."""
    query = (
        sa.select(Series.public, SeriesDay.day)
        .join(SeriesDay, SeriesDay.series_id == Series.id)
        .where(SeriesDay.bulletin_id == bulletin.id)
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row is not None else None


FILLABLE = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.SCHEDULED, State.PUBLISHED)
