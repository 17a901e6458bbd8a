"""The days that a list is asked for, from its address: both boxes as they were filled in, and what is wrong in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from campaigns.core.errors import FieldError
from coordinator.web.desk import inputs

FIRST, LAST = "from", "to"


@dataclass(frozen=True)
class Box:
    """One box. ``value`` as it is shown again: a day that was understood as date fields want it, else what was typed,
    in a box of text, since a date field would show nothing of it. ``error``: a sentence, "" for none."""

    name: str
    value: str
    type: str
    error: str


@dataclass(frozen=True)
class DaySpan:
    """The first and the last day, both included; None = open on that side. Days that cannot be meant are none, and the
    list is then as if no days were asked for: ``errors`` says so, and the page answers 422."""

    first: date | None
    last: date | None
    boxes: tuple[Box, Box]

    @property
    def errors(self) -> bool:
        """Whether anything is wrong with what was asked."""
        return any(box.error for box in self.boxes)

    @property
    def status(self) -> int:
        """How a page that shows it answers."""
        return 422 if self.errors else 200

    def settled(self, args: Mapping[str, str]) -> dict[str, str]:
        """The address's values with the days that hold, for whoever reads them from there."""
        rest = {name: value for name, value in args.items() if name not in {FIRST, LAST}}
        days = {FIRST: self.first, LAST: self.last}
        return rest | {name: day.isoformat() for name, day in days.items() if day is not None}


def asked_days(args: Mapping[str, str]) -> DaySpan:
    """What an address asks for: ``from`` and ``to``, each as a date field sends it or as people write it."""
    errors: list[FieldError] = []
    typed = {name: args.get(name, "").strip()[:40] for name in (FIRST, LAST)}
    days = {name: inputs.read_day(text, name, errors) for name, text in typed.items()}
    first, last = days[FIRST], days[LAST]
    if first is not None and last is not None and last < first:
        errors.append(FieldError(LAST, "before_start", f"{last} is before {first}"))
    sentences = inputs.said_of(errors)
    if errors:
        first = last = None

    def box(name: str) -> Box:
        day = days[name]
        shown = day.isoformat() if day is not None else typed[name]
        return Box(name, shown, "text" if typed[name] and day is None else "date", sentences.get(name, ""))

    return DaySpan(first, last, (box(FIRST), box(LAST)))
