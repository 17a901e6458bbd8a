"""Lists: typed filters read from an address, and the count, the pages and the rows of a filtered, ordered statement.

A list is a ``ListFilter`` (what was asked for), whose conditions go into a ``ListQuery`` (which rows, in which order),
which gives a ``ListPage`` for a page, all rows for a file, and the rows after a position for a cursor.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Generic, Self, TypeVar, TypeVarTuple, Union, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import operators

from campaigns.core.base import Base
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, read_day
from campaigns.core.errors import FieldError, Invalid

PAGE_SIZE = 50  # rows on a page
ALL = "all"  # in place of a tab's value, where the list opens on another tab

Row = TypeVar("Row")
Other = TypeVar("Other")
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class _Argument:
    """How a field stands in an address. ``kind``: its type without None. ``values``: the accepted texts with their
    values, None for free text and days. ``of``: the mapped class with the rows that it names by code.
    """

    name: str
    kind: type
    values: Mapping[str, Any] | None
    longest: int | None
    tab: bool
    where: Callable[[Any], sa.ColumnElement[bool]] | None
    of: type[Base] | None
    default: Any

    def parse(self, typed: str) -> Any:
        """Return the value of a text; the default for an empty one. Raises ``Invalid`` for a text that is no value."""
        text = typed.strip()[: self.longest]
        if not text:
            return self.default
        if self.values is not None:
            if text not in self.values:
                raise Invalid([unaccepted_value(self.name, text, self.values)])
            return self.values[text]
        if self.kind is str:
            return text
        try:
            day = read_day(text)
        except ValueError:
            error = FieldError(self.name, "day", f"{text[:80]!r} is not a day; expected one such as 2026-11-24")
            raise Invalid([error]) from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Invalid([FieldError(self.name, "year", f"expected a year between {FIRST_YEAR} and {LAST_YEAR}")])
        return day

    def text(self, value: Any) -> str:
        """Return the text that is parsed as this value."""
        if self.values is not None:
            return next(text for text, known in self.values.items() if known == value)
        return value.isoformat() if isinstance(value, date) else str(value)


def argument(
    default: Any = None,
    *,
    name: str = "",
    values: Mapping[str, Any] | None = None,
    longest: int | None = None,
    tab: bool = False,
    where: Callable[[Any], sa.ColumnElement[bool]] | None = None,
    of: type[Base] | None = None,
) -> Any:
    """A field of a filter that differs from the usual.

    ``name``: its name in the address, where that is not the field's; ``values``: the accepted texts, where they are not
    an enum's values or ``1`` for True; ``longest``: characters that are used; ``tab``: it is a tab of the list, which
    does not narrow it, and an enum's tab also accepts ``all``; ``where``: the condition for a value other than the
    default; ``of``: the mapped class whose rows it names by their ``code``, for ``check_codes``.
    """
    known = {"name": name, "values": values, "longest": longest, "tab": tab, "where": where, "of": of}
    return field(default=default, metadata=known)


def unaccepted_value(name: str, text: str, values: Collection[str]) -> FieldError:
    """The error of a filter whose text is none of the accepted ones."""
    expected = ", ".join(values)
    return FieldError(name, "filter_value", f"{text[:80]!r} is no value of this filter; expected {expected}", expected)


def unknown_code(
    session: Session, name: str, kind: type[Base], code: str, visible: Collection[sa.ColumnElement[bool]] = ()
) -> list[FieldError]:
    """The error of a filter by a code that no row of a mapped class has; empty for a known one. ``visible``: what else
    must hold for a row that the reader may know of.
    """
    known: Any = kind  # a mapped class with a ``code``
    if session.execute(sa.select(known.id).where(known.code == code, *visible).limit(1)).first() is not None:
        return []
    return [FieldError(name, "unknown_code", f"there is no {name} {code[:80]!r}")]


@dataclass(frozen=True)
class ListFilter:
    """Base of the filters of lists: frozen dataclasses with a default for every field, which matches all rows.

    A field is a ``str``, a ``bool``, or a ``date`` or enum ``| None``. A code is ``str | None``: an empty field of a
    page is None, but a program that gives an empty code is answered with nothing.
    """

    @classmethod
    def from_args(cls, args: Mapping[str, str], only: Collection[str] = ()) -> Self:
        """The filter of an address or form; ``only``: the fields that are read, all by default.

        Two fields may share a name, with different values. Raises ``Invalid`` naming every field without a valid value,
        and a ``last`` day before the ``first``.
        """
        values: dict[str, Any] = {}
        errors: dict[str, FieldError] = {}
        read: set[str] = set()
        for name, known in cls._arguments().items():
            if only and name not in only:
                continue
            try:
                values[name] = known.parse(args.get(known.name, ""))
                read.add(known.name)
            except Invalid as invalid:
                values[name] = known.default
                (error,) = invalid.errors
                if (other := errors.get(known.name)) is not None:
                    error = unaccepted_value(known.name, args[known.name], (other.expected, error.expected))
                errors[known.name] = error
        wrong = [error for name, error in errors.items() if name not in read]
        first, last = values.get("first"), values.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            wrong.append(FieldError(cls._arguments()["last"].name, "before_start", f"{last} is before {first}"))
        if wrong:
            raise Invalid(wrong)
        return cls(**values)

    @classmethod
    def names(cls, only: Collection[str] = ()) -> tuple[str, ...]:
        """The names in an address of all fields, or of those in ``only``."""
        return tuple(known.name for name, known in cls._arguments().items() if not only or name in only)

    def to_args(self) -> dict[str, Any]:
        """The values of an address that gives this filter."""
        return {
            known.name: known.text(getattr(self, name))
            for name, known in self._arguments().items()
            if getattr(self, name) != known.default
        }

    @property
    def narrowed(self) -> bool:
        """Whether any field is set that is not a tab."""
        return any(getattr(self, name) != known.default for name, known in self._arguments().items() if not known.tab)

    def conditions(self, *, tab: bool = True) -> list[sa.ColumnElement[bool]]:
        """The conditions of the fields that are set; ``tab``: of the tab too, which the counts of the tabs leave out.
        What depends on the moment or the reader is added by the list.
        """
        return [
            known.where(getattr(self, name))
            for name, known in self._arguments().items()
            if known.where is not None and getattr(self, name) != known.default and (tab or not known.tab)
        ]

    def check_codes(
        self, session: Session, visible: Mapping[str, Collection[sa.ColumnElement[bool]]] | None = None
    ) -> None:
        """Raise ``Invalid`` naming every field whose code no row has. ``visible``: by field, what else must hold for a
        row that the reader may know of.
        """
        errors: list[FieldError] = []
        for name, known in self._arguments().items():
            code = getattr(self, name)
            if known.of is not None and code != known.default:
                errors += unknown_code(session, known.name, known.of, code, (visible or {}).get(name, ()))
        if errors:
            raise Invalid(errors)

    @classmethod
    def _arguments(cls) -> Mapping[str, _Argument]:
        return _read_arguments(cls)  # type: ignore[arg-type]  # mypy looks for the hash of an instance


@cache
def _read_arguments(kind: type[ListFilter]) -> Mapping[str, _Argument]:
    hints = get_type_hints(kind)
    return {known.name: _argument(known, hints[known.name]) for known in fields(kind)}


def _argument(known: Field[Any], hint: Any) -> _Argument:
    options = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    (kind,) = (option for option in options if option is not type(None))
    given = known.metadata
    values = given.get("values")
    if values is None and issubclass(kind, Enum):
        values = {str(member.value): member for member in kind} | ({ALL: None} if given.get("tab") else {})
    elif values is None and kind is bool:
        values = {"1": True}
    name = given.get("name") or known.name
    return _Argument(
        name,
        kind,
        values,
        given.get("longest"),
        given.get("tab", False),
        given.get("where"),
        given.get("of"),
        known.default,
    )


@dataclass(frozen=True)
class ListPage(Generic[Row]):
    """The rows of one page. ``total``: the number of all rows; a lower bound where they were not ``counted``."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int = PAGE_SIZE
    counted: bool = True

    @property
    def first(self) -> int:
        """The position of its first row in the list, from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The position of its last row."""
        return self.first + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        """The number of the page before, None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The number of the page after, None on the last."""
        return self.number + 1 if self.number * self.size < self.total else None

    def with_rows(self, rows: Sequence[Other]) -> "ListPage[Other]":
        """The same page with its rows as they are shown."""
        return ListPage(rows, self.total, self.number, self.size, self.counted)


def page_of(read: Callable[[int, int], Sequence[Row]], total: int, number: int, size: int = PAGE_SIZE) -> ListPage[Row]:
    """Page ``number`` of a list of ``total`` rows; beyond the end, the last one. ``read``: the rows, at most so many
    after so many.
    """
    number = max(1, min(number, -(-total // size)))
    return ListPage(read(size, (number - 1) * size), total, number, size)


@dataclass(frozen=True)
class ListQuery(Generic[*Columns]):
    """A filtered, ordered list. ``select``: its columns, neither filtered nor ordered. ``table``: the mapped class with
    one row for each of the list; the conditions need no other table joined, so that counting joins none.
    """

    table: type[Base]
    select: sa.Select[*Columns]
    conditions: Sequence[sa.ColumnElement[bool]]
    order: Sequence[sa.ColumnElement[Any] | InstrumentedAttribute[Any]]

    def count(self, session: Session) -> int:
        """The number of rows."""
        # Number of rows of a filtered list, for its pages; not a figure of a report.
        query = sa.select(sa.func.count()).select_from(self.table).where(*self.conditions)
        return session.execute(query).scalar_one()

    def page(
        self, session: Session, number: int, *, total: int | None = None, size: int = PAGE_SIZE
    ) -> ListPage[sa.Row[*Columns]]:
        """Page ``number``; beyond the end, the last one. ``total``: the number of rows, where it is known."""
        if total is None:
            total = self.count(session)
        return page_of(lambda most, skip: self.rows(session, most, skip), total, number, size)

    def uncounted_page(self, session: Session, number: int, size: int = PAGE_SIZE) -> ListPage[sa.Row[*Columns]]:
        """Page ``number`` of a list that is too long to count: only whether another page follows is known. Beyond the
        end the list is counted, and the last page returned.
        """
        skip = (number - 1) * size
        found = self.rows(session, size + 1, skip)
        if not found and number > 1:
            return self.page(session, number, size=size)
        return ListPage(found[:size], skip + len(found), number, size, counted=len(found) <= size)

    def rows(self, session: Session, most: int, skip: int = 0) -> Sequence[sa.Row[*Columns]]:
        """The rows, at most ``most`` after the first ``skip``: those of a page, or of a file."""
        return session.execute(self._ordered().limit(most).offset(skip)).all()

    @property
    def key(self) -> Sequence[Any]:
        """The columns of the order, for a list whose order is columns of its table that identify a row."""
        return [getattr(part, "element", part) for part in self.order]

    def after(self, session: Session, position: Sequence[Any] | None, most: int) -> Sequence[sa.Row[*Columns]]:
        """The rows after a position (values of ``key``), at most ``most``; None is the beginning. All columns of the
        order have one direction.
        """
        query = self._ordered().limit(most)
        if position is not None:
            query = query.where(self._beyond(position, forward=True))
        return session.execute(query).all()

    def before(self, session: Session, position: Sequence[Any], most: int) -> Sequence[sa.Row[*Columns]]:
        """The rows before a position, at most ``most``, the nearest first; otherwise as ``after``."""
        backward = [column.asc() if self._descending else column.desc() for column in self.key]
        query = self.select.where(*self.conditions, self._beyond(position, forward=False)).order_by(*backward)
        return session.execute(query.limit(most)).all()

    @property
    def _descending(self) -> bool:
        return getattr(self.order[0], "modifier", None) is operators.desc_op

    def _beyond(self, position: Sequence[Any], *, forward: bool) -> sa.ColumnElement[bool]:
        here = sa.tuple_(*self.key)
        there = sa.tuple_(*(sa.literal(value, part.type) for value, part in zip(position, self.key, strict=True)))
        return here < there if self._descending == forward else here > there

    def _ordered(self) -> sa.Select[*Columns]:
        return self.select.where(*self.conditions).order_by(*self.order)
