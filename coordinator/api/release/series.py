"""Series in the API: recurring bulletins with their rule, and single days of them."""

from datetime import date, timedelta
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, selectinload

from campaigns.bulletins.text_checks import LONGEST_TITLE
from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery
from campaigns.people.staff import Permission
from campaigns.release import series as series_rows
from campaigns.release.series import (
    LONGEST_NAME,
    Occurrence,
    Series,
    SeriesContent,
    SeriesDayStatus,
    SeriesRule,
    find_series,
)
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.paging import DaysQuery, ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.channels.settings import matching

bp = APIBlueprint("series", __name__, tag="Series")

MOST_DAYS = 400  # of one list of days

_TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"
TimeOfDay = Annotated[
    str,
    matching(_TIME_OF_DAY, "a time of day, 06:30"),
    Field(json_schema_extra={"pattern": f"^{_TIME_OF_DAY}$"}),
]
Weekdays = Annotated[list[Annotated[int, Field(ge=1, le=7, strict=True)]], Field(min_length=1, max_length=7)]


class NewSeries(RequestBody):
    """A series. ``title``: may contain ``{ngày}`` and ``{thứ}``; ``time``: of the city's day, ``06:30``; ``weekdays``:
    1 is Monday, 7 Sunday; ``channels``: null for all that are entitled."""

    name: Annotated[fields.ComposedText, Field(max_length=LONGEST_NAME)]
    starts_on: fields.Day
    ends_on: fields.Day | None = None
    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)]
    topic: fields.Code
    channels: fields.Codes | None = None
    weekdays: Weekdays
    time: TimeOfDay
    skips_holidays: fields.StrictBool = False


class SeriesChange(RequestBody):
    """The rule from a day on. Absent fields keep the value of that day; ``ends_on: null`` means no end date."""

    starting: Annotated[fields.Day, Field(alias="from")]
    name: Annotated[fields.ComposedText, Field(max_length=LONGEST_NAME)] | None = None
    ends_on: fields.Day | None = None
    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)] | None = None
    topic: fields.Code | None = None
    channels: fields.Codes | None = None
    weekdays: Weekdays | None = None
    time: TimeOfDay | None = None
    skips_holidays: fields.StrictBool | None = None


class EndBody(RequestBody):
    """The last day of the series."""

    last: fields.Day


class SkipBody(RequestBody):
    """Why a day is left out."""

    why: fields.ShortText


class FillBody(RequestBody):
    """The bulletin of a day."""

    bulletin: fields.Code


class DayChange(RequestBody):
    """Another time and title for one day."""

    time: TimeOfDay
    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)]


class RuleRow(ResponseBody):
    """The rule of a series from ``from`` on, until the next one."""

    starting: Annotated[fields.Day, Field(alias="from")]
    title: str
    topic: str
    channels: list[str] | None = None
    weekdays: list[int]
    time: str
    skips_holidays: bool


class SeriesRow(ResponseBody):
    """A series with its rules, the earliest first."""

    id: str
    name: str
    starts_on: fields.Day
    ends_on: fields.Day | None = None
    created_at: Time
    rules: list[RuleRow]


class SeriesList(ListPage):
    """One page of series."""

    items: list[SeriesRow]


class DayRow(ResponseBody):
    """One day of a series on which a bulletin is due."""

    day: fields.Day
    at: Time
    title: str
    topic: str
    channels: list[str] | None = None
    state: SeriesDayStatus
    bulletin: str | None = None
    reason: str


class DayList(ResponseBody):
    """Days of a series, in order."""

    items: list[DayRow]


@bp.get("/series")
@for_staff(Permission.READ)
@with_query(PageQuery)
@bp.output(SeriesList)
def all_series(query: PageQuery) -> Response:
    """Series of bulletins that are due every day or week, newest first."""
    with app_context().job_context.database.read() as session:
        select = sa.select(Series).options(selectinload(Series.rules).joinedload(SeriesRule.topic))
        page, listing = paging.cursor_page(session, ListQuery(Series, select, (), (Series.id.desc(),)), query)
        return row_response(SeriesList(items=[series_row(row) for (row,) in page], **listing))


@bp.post("/series")
@for_staff(Permission.WRITE)
@with_body(NewSeries)
@bp.output(SeriesRow, 201)
def begin(body: NewSeries) -> Response:
    """Begin a series: a bulletin is then due on its weekdays at its time."""
    actor = caller().actor
    wanted = SeriesContent(
        body.title, body.topic, body.channels, frozenset(day - 1 for day in body.weekdays), _minute(body.time),
        body.skips_holidays,
    )  # fmt: skip

    def act(session: Session) -> SeriesRow:
        row = series_rows.begin_series(
            session, actor, name=body.name, starts_on=body.starts_on, ends_on=body.ends_on, wanted=wanted,
            now=app_context().job_context.now(),
        )  # fmt: skip
        return series_row(row)

    return run_act(act, 201, location=lambda row: f"/api/v1/series/{row.id}")


@bp.get("/series/<ident>")
@for_staff(Permission.READ)
@bp.output(SeriesRow)
def one(ident: str) -> Response:
    """One series with its rules of days and times, and its first and last day."""
    with app_context().job_context.database.read() as session:
        return row_response(series_row(find_series(session, ident)))


@bp.patch("/series/<ident>")
@for_staff(Permission.WRITE)
@with_body(SeriesChange)
@bp.output(SeriesRow)
def change(ident: str, body: SeriesChange) -> Response:
    """Apply another rule from a day on; earlier days keep theirs."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = find_series(session, ident)
        rule = row.rule_on(max(body.starting, row.starts_on)) or row.rules[-1]
        given = body.model_fields_set
        wanted = SeriesContent(
            body.title if body.title is not None else rule.title,
            body.topic if body.topic is not None else rule.topic.code,
            body.channels if "channels" in given else rule.wanted_channels,
            frozenset(day - 1 for day in body.weekdays) if body.weekdays is not None else _weekdays(rule),
            _minute(body.time) if body.time is not None else rule.minute,
            body.skips_holidays if body.skips_holidays is not None else rule.skips_holidays,
        )
        changed = series_rows.change_series_from(
            session,
            actor,
            ident,
            body.starting,
            name=body.name if body.name is not None else row.name,
            ends_on=body.ends_on if "ends_on" in given else row.ends_on,
            wanted=wanted,
            now=context.now(),
        )
        return row_response(series_row(changed))


@bp.post("/series/<ident>/end")
@for_staff(Permission.WRITE)
@with_body(EndBody)
@bp.output(SeriesRow)
def end(ident: str, body: EndBody) -> Response:
    """Set the last day of a series; no bulletin is due after it."""
    actor = caller().actor

    def act(session: Session) -> SeriesRow:
        series_rows.end_series(session, actor, ident, body.last, now=app_context().job_context.now())
        return series_row(find_series(session, ident))

    return run_act(act)


@bp.get("/series/<ident>/days")
@for_staff(Permission.READ)
@with_query(DaysQuery)
@bp.output(DayList)
def days(ident: str, query: DaysQuery) -> Response:
    """The days on which a bulletin is due, and how each stands; 30 days from today by default."""
    context = app_context().job_context
    now = context.now()
    first = query.first or city_day(now)
    last = query.last or first + timedelta(days=30)
    if last < first:
        raise Invalid([FieldError("to", "before_start", f"{last} is before {first}")])
    if (last - first).days >= MOST_DAYS:
        raise Invalid([FieldError("to", "too_long", f"expected at most {MOST_DAYS} days")])
    with context.database.read() as session:
        find_series(session, ident)
        found = series_rows.list_occurrences(session, first, last, only=ident, now=now)
        return row_response(DayList(items=[_day_row(place) for place in found]))


@bp.get("/series/<ident>/days/<day>")
@for_staff(Permission.READ)
@bp.output(DayRow)
def day(ident: str, day: str) -> Response:
    """One day of a series: the bulletin that fills it, or how the day stands."""
    context = app_context().job_context
    with context.database.read() as session:
        return row_response(_day_row(series_rows.find_occurrence(session, ident, _day(day), now=context.now())))


@bp.post("/series/<ident>/days/<day>/skip")
@for_staff(Permission.WRITE)
@with_body(SkipBody)
@bp.output(DayRow)
def skip(ident: str, day: str, body: SkipBody) -> Response:
    """Leave a day out, with a reason."""
    actor = caller().actor
    now, on = app_context().job_context.now(), _day(day)

    def act(session: Session) -> DayRow:
        series_rows.skip_day(session, actor, ident, on, body.why, now=now)
        return _day_row(series_rows.find_occurrence(session, ident, on, now=now))

    return run_act(act)


@bp.post("/series/<ident>/days/<day>/restore")
@for_staff(Permission.WRITE)
@bp.output(SeriesRow)
def restore(ident: str, day: str) -> Response:
    """Make a day due again by its rule."""
    actor = caller().actor
    now, on = app_context().job_context.now(), _day(day)

    def act(session: Session) -> SeriesRow:
        series_rows.restore_day(session, actor, ident, on, now=now)
        return series_row(find_series(session, ident))

    return run_act(act)


@bp.post("/series/<ident>/days/<day>/change")
@for_staff(Permission.WRITE)
@with_body(DayChange)
@bp.output(DayRow)
def change_day(ident: str, day: str, body: DayChange) -> Response:
    """Set another time and title for one day."""
    actor = caller().actor
    now, on = app_context().job_context.now(), _day(day)

    def act(session: Session) -> DayRow:
        minute = _minute(body.time)
        series_rows.change_day(session, actor, ident, on, minute=minute, title=body.title, now=now)
        return _day_row(series_rows.find_occurrence(session, ident, on, now=now))

    return run_act(act)


@bp.post("/series/<ident>/days/<day>/fill")
@for_staff(Permission.WRITE)
@with_body(FillBody)
@bp.output(DayRow)
def fill(ident: str, day: str, body: FillBody) -> Response:
    """Assign a bulletin to a day of a series, which it then fills."""
    actor = caller().actor
    now, on = app_context().job_context.now(), _day(day)

    def act(session: Session) -> DayRow:
        series_rows.fill_day(session, actor, ident, on, body.bulletin, now=now)
        return _day_row(series_rows.find_occurrence(session, ident, on, now=now))

    return run_act(act)


@bp.post("/series/<ident>/days/<day>/empty")
@for_staff(Permission.WRITE)
@bp.output(SeriesRow)
def empty(ident: str, day: str) -> Response:
    """Take the bulletin out of a day."""
    actor = caller().actor
    now, on = app_context().job_context.now(), _day(day)

    def act(session: Session) -> SeriesRow:
        series_rows.empty_day(session, actor, ident, on, now=now)
        return series_row(find_series(session, ident))

    return run_act(act)


def _day(text: str) -> date:
    """The day in an address. Raises ``NotFound``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"there is no day {text[:40]!r}; expected one such as 2026-11-24", day=text[:40]) from None


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _weekdays(rule: SeriesRule) -> frozenset[int]:
    return frozenset(day for day in range(7) if rule.weekdays >> day & 1)


def series_row(row: Series) -> SeriesRow:
    """The row of a series; requires its session to be open."""
    return row_of(
        SeriesRow,
        row,
        id=row.public,
        rules=[
            RuleRow(
                starting=rule.starts_on,
                title=rule.title,
                topic=rule.topic.code,
                channels=rule.wanted_channels,
                weekdays=sorted(day + 1 for day in _weekdays(rule)),
                time=f"{rule.minute // 60:02d}:{rule.minute % 60:02d}",
                skips_holidays=rule.skips_holidays,
            )
            for rule in sorted(row.rules, key=lambda rule: rule.starts_on)
        ],
    )


def _day_row(place: Occurrence) -> DayRow:
    return row_of(
        DayRow,
        place,
        topic=place.topic_code,
        channels=list(place.channels) if place.channels is not None else None,
        state=place.standing,
    )
