"""A target's milestones as one cell of a form holds them: ``31/10: 4.000; 30/11: 8.000``."""

import re
from collections.abc import Sequence
from datetime import date

from campaigns.core.errors import FieldError
from campaigns.planning.milestones import Milestone, MilestoneInput
from coordinator.web import formats
from coordinator.web.desk import inputs

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")


def written(milestones: Sequence[Milestone]) -> str:
    """As it is read back, in every language alike: "4,000" would come back as four."""
    return "; ".join(f"{formats.day(one.due_on)}: {formats.number(one.figure, 'vi', 2)}" for one in milestones)


def read(
    typed: str, field: str, first: date | None, last: date | None, errors: list[FieldError]
) -> tuple[MilestoneInput, ...]:
    """What was typed, in its order. A day without a year is the one between ``first`` and ``last``, the campaign's
    days; what cannot be read is an error at ``field`` (``milestones``)."""
    found = []
    for part in re.split(r"[;\n]", typed):
        if not part.strip():
            continue
        day_typed, _, figure_typed = part.partition(":")
        day, figure = _day(day_typed.strip(), first, last), inputs.figure(figure_typed)
        if day is None or figure is None:
            message = f"{part.strip()!r} is no milestone; expected one such as 31/10/2026: 4000"
            errors.append(FieldError(field, "milestones", message))
        else:
            found.append(MilestoneInput(day, figure))
    return tuple(found)


def _day(typed: str, first: date | None, last: date | None) -> date | None:
    shape = _DAY.fullmatch(typed)
    try:
        if shape is None:
            return date.fromisoformat(typed)
        day, month = int(shape[1]), int(shape[2])
        if shape[3]:
            return date(int(shape[3]), month, day)
        if first is None or last is None:
            return None
        years = [date(year, month, day) for year in range(first.year, last.year + 1)]
    except ValueError:
        return None
    # Outside the campaign the first year's is taken, and refused where it is judged.
    return next((one for one in years if first <= one <= last), years[0] if years else None)
