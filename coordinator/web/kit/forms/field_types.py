"""The field types of the desk's forms. Each reads one input as ``data`` and shows what was typed again after an error.

``required`` marks the input; an empty text is reported by the domain, an empty day or choice by the field, because
there is no value to give to the domain.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, Generic, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from campaigns.core.clock import CITY
from campaigns.core.errors import FieldError
from campaigns.search.autocomplete import PickableKind
from coordinator.imports.text.characters import remove_controls
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import autocomplete, datetimes, fields
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.text import formats

Choice = TypeVar("Choice", bound=Enum)


class InputField(Field):
    """What the fields here share. ``input_type``: the type of the HTML input."""

    input_type = "text"
    raw_data: list[str] | None = None
    process_errors: list[str]

    def __init__(self, *args: Any, required: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.flags.required = required

    @property
    def typed(self) -> str:
        """The submitted text, stripped; '' when absent."""
        return self.raw_data[0].strip() if self.raw_data else ""

    def error(self, code: str, message: str) -> ValidationError:
        """Return an error at this field, to be raised while the input is read or validated."""
        return ValidationError(*fields.field_error_messages([FieldError(self.name, code, message)]).values())

    @property
    def value(self) -> Any:
        """``data`` of a field that has passed ``validate`` and so is not None."""
        return self.data

    def raise_first(self, errors: Sequence[FieldError]) -> None:
        """Raise the first of the errors that a parser found."""
        if errors:
            raise self.error(errors[0].code, errors[0].message)


class TextField(InputField):
    """Text, stripped; '' when absent."""

    data: str

    def process_data(self, value: object) -> None:
        """Take the stored text, or a stored value as text."""
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the submitted text."""
        del valuelist
        self.data = self.typed

    def _value(self) -> str:
        return self.data


class OptionalTextField(InputField):
    """Text, stripped; None when empty or absent."""

    data: str | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the submitted text."""
        del valuelist
        self.data = self.typed or None

    def _value(self) -> str:
        return self.data or ""


class CleanTextField(TextField):
    """Text, stripped and without characters that may not be stored; lines end with ``\\n``."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the submitted text."""
        self.data = remove_controls("".join(valuelist[:1]).replace("\r\n", "\n")).strip()


class LinesField(InputField):
    """The lines of a textarea without empty ones. ``semicolons``: a semicolon may replace a line break."""

    data: list[str]

    def __init__(self, *args: Any, semicolons: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.breaks = r"[;\n]" if semicolons else r"\n"

    def process_data(self, value: Iterable[str] | None) -> None:
        """Take the stored lines."""
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the submitted lines."""
        del valuelist
        parts = re.split(self.breaks, "\n".join(self.typed.splitlines()))
        self.data = [part.strip() for part in parts if part.strip()]

    def _value(self) -> str:
        return "\n".join(self.data) if self.raw_data is None else self.typed


class CleanLinesField(LinesField):
    """The same without characters that may not be stored."""

    @property
    def typed(self) -> str:
        """The submitted text."""
        return remove_controls(super().typed)


class DateField(InputField):
    """A day as people type it (``24/11/2026``), or as programs write it (``2026-11-24``); None when empty."""

    input_type = "date"
    data: date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted day."""
        del valuelist
        errors: list[FieldError] = []
        self.data = fields.parse_day(self.typed, self.name, errors)
        self.raise_first(errors)
        if self.data is None and self.flags.required:
            raise self.error("required", "a day is needed")

    def _value(self) -> str:
        return self.data.isoformat() if self.data is not None else self.typed


class TimeField(InputField):
    """A time of day, ``14:00`` or ``14h30``; None with an error."""

    data: time | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted time."""
        del valuelist
        errors: list[FieldError] = []
        self.data = datetimes.parse_form_time(self.typed, self.name, errors)
        self.raise_first(errors)

    def _value(self) -> str:
        return f"{self.data:%H:%M}" if self.data is not None else self.typed


class NumberField(InputField):
    """A number as written in Vietnamese (``12.500``, ``98,5``); None when empty. ``code``: the error of other texts."""

    data: float | None

    def __init__(self, *args: Any, code: str = "figure", **options: Any) -> None:
        super().__init__(*args, **options)
        self.code = code

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted number."""
        del valuelist
        self.data = fields.parse_number(self.typed)
        if self.data is None and (self.typed or self.flags.required):
            raise self.error(self.code, f"{self.typed!r} is not a number")

    def _value(self) -> str:
        # The same format in every language: "12,500" would be read as twelve and a half.
        return self.typed if self.raw_data is not None or self.data is None else formats.number(self.data, "vi", 2)


class WholeNumberField(NumberField):
    """A whole number; None when empty."""

    data: int | None

    def __init__(self, *args: Any, code: str = "whole", **options: Any) -> None:
        super().__init__(*args, code=code, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted number."""
        super().process_formdata(valuelist)
        if self.data is not None and self.data != int(self.data):
            self.data = None
            raise self.error(self.code, f"{self.typed!r} is not a whole number")
        self.data = int(self.data) if self.data is not None else None


class PercentField(NumberField):
    """A share, as a percentage: 98,5 is 0.985."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted percentage."""
        super().process_formdata(valuelist)
        self.data = self.data / 100 if self.data is not None else None

    def _value(self) -> str:
        if self.raw_data is not None or self.data is None:
            return self.typed
        return formats.number(round(self.data * 100, 4), "vi", 2)


class EnumField(InputField, Generic[Choice]):
    """One member of an enum. None with an error for any other value."""

    data: Choice | None

    def __init__(self, members: type[Choice], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = members

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted value."""
        del valuelist
        self.data = {member.value: member for member in self.members}.get(self.typed)
        if self.data is None:
            raise self.error(
                "required", f"{self.typed!r} is none of {', '.join(member.value for member in self.members)}"
            )

    def choose(self, member: Choice) -> None:
        """Take this member, whatever was submitted."""
        self.data, self.process_errors = member, []

    def _value(self) -> str:
        return self.data.value if self.data is not None else self.typed


class OneOfField(TextField):
    """One of a few values; the first one when another is sent."""

    def __init__(self, values: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.values = values

    def process_data(self, value: object) -> None:
        """Take the stored value."""
        self.data = next((known for known in self.values if known == value), self.values[0])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted value."""
        self.process_data("".join(valuelist[:1]))


class FlagField(InputField):
    """A box: whether it was ticked. A browser omits an unchecked box; a hidden input may send 0."""

    data: bool

    def process_data(self, value: object) -> None:
        """Take the stored value."""
        self.data = bool(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the box."""
        self.data = any(value not in {"", "0"} for value in valuelist)


class ManyField(InputField):
    """The values of the ticked boxes of a group, in their order on the page."""

    data: list[str]

    def process_data(self, value: Iterable[str] | None) -> None:
        """Take the stored values."""
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the boxes."""
        self.data = list(valuelist)


class VersionField(InputField):
    """The version that the form was opened at, in a hidden input; 0 for an invalid one."""

    data: int

    def process_data(self, value: int | None) -> None:
        """Take the stored version."""
        self.data = value or 0

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the version."""
        del valuelist
        self.data = fields.parse_version(self.typed)

    def _value(self) -> str:
        return str(self.data)


class TokenField(InputField):
    """The token of a form that acts once, in a hidden input; a new one for a form to be shown. ``make`` makes it."""

    data: str

    def __init__(self, *args: Any, make: Callable[[], str] = fields.new_token, **options: Any) -> None:
        super().__init__(*args, **options)
        self.make = make

    def process_data(self, value: str | None) -> None:
        """Take the given token, or make one."""
        self.data = value or self.make()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the token."""
        del valuelist
        self.data = remove_controls(self.typed)[: fields.MAX_TOKEN_LENGTH] or self.data

    def _value(self) -> str:
        return self.data


class PickField(InputField):
    """One row of many by autocomplete; ``data`` is its code, '' for none, an error where it is ``required``. ``pick``:
    what ``ui.picker`` shows."""

    data: str
    pick: autocomplete.PickField

    def __init__(self, thing: PickableKind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.thing = thing

    def process(
        self, formdata: MultiDict[str, str] | None, data: Any = unset_value, extra_filters: object = None
    ) -> None:
        """Look the row up: by the submitted inputs, or by the stored code."""
        del extra_filters
        stored = "" if data is unset_value else data or ""
        values: Mapping[str, str] = formdata if formdata is not None else {self.name: stored}
        with app_context().job_context.database.read() as session:
            self.pick = autocomplete.single_field(session, self.thing, self.name, values)
        self.data = self.pick.code
        self.process_errors = [self.pick.error] if self.pick.error else []
        if self.flags.required and formdata is not None and not self.data and not self.pick.error:
            self.process_errors = [str(self.error("required", "one is to be chosen"))]


class PickManyField(InputField):
    """Several rows of many by autocomplete; ``data`` has their codes. ``pick``: what ``ui.pickers`` shows.

    ``means``: the input and value that go with choosing single rows, such as ``("audience", "chosen")``. Under another
    choice ``data`` is empty and a text that is still in the input does not count.
    """

    data: list[str]
    pick: autocomplete.PickListField

    def __init__(self, thing: PickableKind, means: tuple[str, str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.thing = thing
        self.means = means

    def process(
        self, formdata: MultiDict[str, str] | None, data: Any = unset_value, extra_filters: object = None
    ) -> None:
        """Look the rows up: by the submitted inputs, or by the stored codes."""
        del extra_filters
        stored = () if data is unset_value else data or ()
        with app_context().job_context.database.read() as session:
            self.pick = (
                autocomplete.stored_field(session, self.thing, self.name, stored)
                if formdata is None
                else autocomplete.multiple_field(session, self.thing, self.name, formdata)
            )
        self.data = list(self.pick.codes)
        if formdata is not None and not self.pick.more and formdata.get(self.means[0]) != self.means[1]:
            self.pick = autocomplete.PickListField(self.thing, self.name, self.pick.chosen)
            self.data = []
        self.process_errors = [self.pick.error] if self.pick.error else []

    @property
    def unsettled(self) -> bool:
        """Whether the page is to be shown again for this field, with nothing saved: the button that adds a row was
        pressed, or the text means no single row.
        """
        return self.pick.more or bool(self.pick.error)


class RowsField(FieldList):
    """The rows of a table, each a form: ``targets.0.quota``. ``most``: rows read from one submission."""

    def __init__(self, row: type[PageForm], most: int, **options: Any) -> None:
        super().__init__(FormField(row, separator="."), separator=".", **options)
        self.most = most

    def drop_trailing(self, is_blank: Callable[[Any], bool]) -> None:
        """Drop the blank rows at the end; others keep their position."""
        while self.entries and is_blank(self.entries[-1].form):
            self.pop_entry()

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        for name in formdata:
            found = re.fullmatch(rf"{re.escape(prefix)}\.([0-9]{{1,4}})\.\w+", name)
            if found is not None and int(found[1]) < self.most:
                yield int(found[1])


class MomentForm(PageForm):
    """The inputs ``day`` and ``time``: one moment, typed in the city's zone. An error of ``at`` stands at ``time``."""

    error_names = {"at": "time"}

    day = DateField(required=True)
    time = TimeField(required=True)

    @staticmethod
    def values_of(moment: datetime) -> dict[str, object]:
        """Return the values of the inputs for a moment."""
        local = formats.city_time(moment)
        return {"day": local.date(), "time": local.time()}

    @property
    def moment(self) -> datetime:
        """The moment in UTC, of a form without errors."""
        return datetime.combine(self.day.value, self.time.value, CITY).astimezone(UTC)
