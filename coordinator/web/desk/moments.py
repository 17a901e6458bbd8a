"""A day and a time of the city as two fields of a form, made one moment."""

import re
from datetime import UTC, date, datetime, time, timedelta

from flask import request

from campaigns.core.clock import CITY
from campaigns.core.errors import FieldError, Invalid
from coordinator.web.desk import inputs
from coordinator.web.formats import city_time


def sent_moment() -> datetime:
    """The moment in the fields ``day`` and ``time``, in UTC. Raises ``Invalid`` naming each that cannot be read."""
    errors: list[FieldError] = []
    day = inputs.day("day", errors, required=True)
    clock = sent_time("time", errors)
    if errors or day is None or clock is None:
        raise Invalid(errors)
    return datetime.combine(day, clock, CITY).astimezone(UTC)


def asked_moment() -> datetime:
    """The moment in the query values ``day`` and ``time`` of an address, in UTC. Raises ``Invalid`` as above."""
    try:
        day = date.fromisoformat(request.args.get("day", "").strip())
    except ValueError:
        raise Invalid([FieldError("day", "day", "expected a day such as 24/11/2026")]) from None
    clock = _time(request.args.get("time", "").strip())
    if clock is None:
        raise Invalid([FieldError("time", "time", "expected a time such as 14:00")])
    return datetime.combine(day, clock, CITY).astimezone(UTC)


def sent_time(name: str, errors: list[FieldError]) -> time | None:
    """The time of day in a field, or None and what is wrong with it."""
    typed = request.form.get(name, "").strip()
    clock = _time(typed)
    if clock is None and re.fullmatch(r"24(?:[:hg.]?(?:00)?)?", typed.lower().replace(" ", "")):
        errors.append(FieldError(name, "midnight", "24:00 is 00:00 of the next day; choose that day and 00:00"))
    elif clock is None:
        errors.append(FieldError(name, "time", "expected a time such as 14:00"))
    return clock


def _time(typed: str) -> time | None:
    """``14:00`` as time fields send it, or ``14h``, ``14h30`` as people type it."""
    found = re.fullmatch(r"(\d{1,2})(?:[:hg.](\d{2})?)?(?::\d{2})?", typed.lower().replace(" ", ""))
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def fields_of(moment: datetime) -> tuple[str, str]:
    """The two fields' values for a moment: ``2026-11-24``, ``14:00``."""
    local = city_time(moment)
    return local.date().isoformat(), f"{local:%H:%M}"


def next_hour(now: datetime) -> datetime:
    """The full hour after the coming half: something sensible to begin with."""
    soon = city_time(now) + timedelta(minutes=90)
    return soon.replace(minute=0, second=0, microsecond=0)
