"""Date and time fields: a date and a time of the city combined to UTC, and date ranges in addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import request

from campaigns.core.clock import CITY, read_day
from campaigns.core.errors import FieldError, Invalid
from coordinator.web.kit.forms import fields
from coordinator.web.kit.text.formats import city_time

FROM_FIELD, TO_FIELD = "from", "to"


@dataclass(frozen=True)
class DayField:
    """One field. ``value``: a valid date, else the text as typed. ``error``: a sentence, "" for none."""

    name: str
    value: str
    error: str


@dataclass(frozen=True)
class DayRange:
    """The first and last day, both included; None = open on that side. An invalid range is ignored: ``errors`` says so,
    and the page answers 422.
    """

    first: date | None
    last: date | None
    boxes: tuple[DayField, DayField]

    @property
    def errors(self) -> bool:
        """Whether the requested range has errors."""
        return any(box.error for box in self.boxes)

    @property
    def status(self) -> int:
        """Return the HTTP status of the page."""
        return 422 if self.errors else 200

    def settled(self, args: Mapping[str, str]) -> dict[str, str]:
        """Return the address's values with the valid days, for code that reads them from there."""
        rest = {name: value for name, value in args.items() if name not in {FROM_FIELD, TO_FIELD}}
        days = {FROM_FIELD: self.first, TO_FIELD: self.last}
        return rest | {name: day.isoformat() for name, day in days.items() if day is not None}


def requested_days(args: Mapping[str, str]) -> DayRange:
    """Return the range of an address: ``from`` and ``to``, as people write days or as addresses do."""
    errors: list[FieldError] = []
    typed = {name: args.get(name, "").strip()[:40] for name in (FROM_FIELD, TO_FIELD)}
    days = {name: fields.parse_day(text, name, errors) for name, text in typed.items()}
    first, last = days[FROM_FIELD], days[TO_FIELD]
    if first is not None and last is not None and last < first:
        errors.append(FieldError(TO_FIELD, "before_start", f"{last} is before {first}"))
    sentences = fields.field_error_messages(errors)
    if errors:
        first = last = None

    def box(name: str) -> DayField:
        day = days[name]
        shown = day.isoformat() if day is not None else typed[name]
        return DayField(name, shown, sentences.get(name, ""))

    return DayRange(first, last, (box(FROM_FIELD), box(TO_FIELD)))


def form_datetime() -> datetime:
    """Return the time in the fields ``day`` and ``time``, in UTC. Raises ``Invalid`` naming each bad field."""
    errors: list[FieldError] = []
    day = fields.day("day", errors, required=True)
    clock = form_time("time", errors)
    if errors or day is None or clock is None:
        raise Invalid(errors)
    return datetime.combine(day, clock, CITY).astimezone(UTC)


def query_datetime() -> datetime:
    """Return the time in the query values ``day`` and ``time``, in UTC. Raises ``Invalid`` as above."""
    try:
        day = read_day(request.args.get("day", "").strip())
    except ValueError:
        raise Invalid([FieldError("day", "day", "expected a day such as 24/11/2026")]) from None
    clock = parse_time(request.args.get("time", "").strip())
    if clock is None:
        raise Invalid([FieldError("time", "time", "expected a time such as 14:00")])
    return datetime.combine(day, clock, CITY).astimezone(UTC)


def form_time(name: str, errors: list[FieldError]) -> time | None:
    """Return the time of day in a field, or None and the error."""
    return parse_form_time(fields.text(name), name, errors)


def parse_form_time(typed: str, name: str, errors: list[FieldError]) -> time | None:
    """Parse a time of day; None and the error for any other text."""
    clock = parse_time(typed)
    if clock is None and re.fullmatch(r"24(?:[:hg.]?(?:00)?)?", typed.lower().replace(" ", "")):
        errors.append(FieldError(name, "midnight", "24:00 is 00:00 of the next day; choose that day and 00:00"))
    elif clock is None:
        errors.append(FieldError(name, "time", "expected a time such as 14:00"))
    return clock


def parse_time(typed: str) -> time | None:
    """Parse ``14:00`` as time inputs send it, or ``14h``, ``14h30`` as people type it."""
    found = re.fullmatch(r"(\d{1,2})(?:[:hg.](\d{2})?)?(?::\d{2})?", typed.lower().replace(" ", ""))
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def datetime_fields(moment: datetime) -> tuple[str, str]:
    """Return the values of the two fields for a time: ``2026-11-24``, ``14:00``."""
    local = city_time(moment)
    return local.date().isoformat(), f"{local:%H:%M}"


def typed_moment(moment: datetime) -> str:
    """Return ``24/11/2026 14:00``, a time in the city as one field has it."""
    local = city_time(moment)
    return f"{local:%d/%m/%Y %H:%M}"


def parse_moment(typed: str) -> datetime:
    """Return the time that ``typed_moment`` gives, or ``2026-11-24T14:00`` of an address, in the city's zone. Raises
    ``ValueError``.
    """
    day, _separator, clock = typed.strip().replace("T", " ").partition(" ")
    hour = parse_time(clock.strip())
    if hour is None:
        raise ValueError(f"{clock!r} is no time of day")
    return datetime.combine(read_day(day), hour, CITY)


def next_hour(now: datetime) -> datetime:
    """Return the first full hour at least half an hour ahead, as a default."""
    soon = city_time(now) + timedelta(minutes=90)
    return soon.replace(minute=0, second=0, microsecond=0)
