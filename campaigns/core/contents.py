"""Contents: what a person, an import or a program enters about one thing, as one frozen data class of its feature.

Forms, and bodies and rows of the API, follow from its fields, so that a field is described once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, fields
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR
from campaigns.core.errors import FieldError

Day = Annotated[date, Ge(date(FIRST_YEAR, 1, 1)), Le(date(LAST_YEAR, 12, 31))]
Code = Annotated[str, MaxLen(100)]
Line = Annotated[str, MaxLen(500)]
Paragraph = Annotated[str, MaxLen(5000)]


class AnyContent(Protocol):
    """A data class."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Content = TypeVar("Content", bound=AnyContent)


def from_attributes(kind: type[Content], source: object, /, **others: Any) -> Content:
    """The object of this data class from whatever has its fields as attributes: a row, a body, a larger content.
    ``others``: the fields that it has not, or not so."""
    same = {field.name: getattr(source, field.name) for field in fields(kind) if field.name not in others}
    return kind(**same, **others)


def differences(before: AnyContent, after: AnyContent) -> dict[str, Any]:
    """The fields of the later content that are not as they were, with their values. A list is compared item by item,
    whether it was read as a tuple or not."""
    values = {field.name: (getattr(before, field.name), getattr(after, field.name)) for field in fields(after)}
    return {name: now for name, (was, now) in values.items() if _as_list(now) != _as_list(was)}


def without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These values but for some: what the journal says of a content whose other fields are private."""
    return {name: value for name, value in values.items() if name not in names}


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def limit_errors(content: AnyContent) -> list[FieldError]:
    """The values beyond the limits that the fields' types state: ``too_long`` for a text or a list, ``range`` for a
    number, ``year`` for a day. An item of a list is named by its place: ``domains.0``."""
    types = field_types(type(content))
    return [error for name, kind in types.items() for error in _beyond(name, kind, getattr(content, name))]


@cache
def field_types(kind: type[AnyContent]) -> Mapping[str, Any]:
    """The type of each field of a content with its limits, in the order of the fields."""
    types = get_type_hints(kind, include_extras=True)
    return {field.name: types[field.name] for field in fields(kind)}


def without_none(kind: Any) -> Any:
    """The type of the values that are there, of a type that may be None."""
    parts = [part for part in get_args(kind) if part is not type(None)]
    return parts[0] if isinstance(kind, UnionType) or get_origin(kind) is Union else kind


def _beyond(name: str, kind: Any, value: Any) -> Iterator[FieldError]:
    if value is None:
        return
    kind = without_none(kind)
    plain, limits = get_args(kind)[0] if get_origin(kind) is Annotated else kind, getattr(kind, "__metadata__", ())
    for limit in limits:
        if isinstance(limit, MaxLen) and len(value) > limit.max_length:
            what = "characters" if isinstance(value, str) else "items"
            yield FieldError(name, "too_long", f"at most {limit.max_length} {what}")
        elif (isinstance(limit, Ge) and value < limit.ge) or (isinstance(limit, Le) and value > limit.le):
            what = f"at least {limit.ge}" if isinstance(limit, Ge) else f"at most {limit.le}"
            yield FieldError(name, "year" if isinstance(value, date) else "range", f"expected {what}")
    if get_origin(plain) is Sequence:
        for place, item in enumerate(value):
            yield from _beyond(f"{name}.{place}", get_args(plain)[0], item)
