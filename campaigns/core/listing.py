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

PAGE_SIZE = 50  # rows on a page

Row = TypeVar("Row")
Other = TypeVar("Other")
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class _Argument:
    """How a field stands in an address. ``kind``: its type without None. ``values``: the accepted texts with their
    values, None for free text and days.
    """

    name: str
    kind: type
    values: Mapping[str, Any] | None
    longest: int | None
    tab: bool
    where: Callable[[Any], sa.ColumnElement[bool]] | None
    default: Any

    def parse(self, typed: str) -> Any:
        """Return the value of a text; the default, which matches all rows, where it cannot be parsed."""
        text = typed.strip()[: self.longest]
        if self.values is not None:
            return self.values.get(text, self.default)
        if self.kind is str:
            return text or self.default
        try:
            return date.fromisoformat(text)
        except ValueError:
            return self.default

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
) -> Any:
    """A field of a filter that differs from the usual.

    ``name``: its name in the address, where that is not the field's; ``values``: the accepted texts, where they are not
    an enum's values or ``1`` for True; ``longest``: characters that are used; ``tab``: it is a tab of the list, which
    does not narrow it; ``where``: the condition for a value other than the default.
    """
    known = {"name": name, "values": values, "longest": longest, "tab": tab, "where": where}
    return field(default=default, metadata=known)


@dataclass(frozen=True)
class ListFilter:
    """Base of the filters of lists: frozen dataclasses with a default for every field, which matches all rows.

    A field is a ``str``, a ``bool``, or a ``date`` or enum ``| None``. A code is ``str | None``: an empty field of a
    page is None, but a program that gives an empty code is answered with nothing.
    """

    @classmethod
    def from_args(cls, args: Mapping[str, str], only: Collection[str] = ()) -> Self:
        """The filter of an address or form; ``only``: the fields that are read, all by default."""
        return cls(
            **{
                name: known.parse(args.get(known.name, ""))
                for name, known in cls._arguments().items()
                if not only or name in only
            }
        )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all fields in an address."""
        return tuple(known.name for known in cls._arguments().values())

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
        values = {str(member.value): member for member in kind}
    elif values is None and kind is bool:
        values = {"1": True}
    name = given.get("name") or known.name
    return _Argument(
        name, kind, values, given.get("longest"), given.get("tab", False), given.get("where"), known.default
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
            here = sa.tuple_(*self.key)
            last = sa.tuple_(*(sa.literal(value, part.type) for value, part in zip(position, self.key, strict=True)))
            newest = getattr(self.order[0], "modifier", None) is operators.desc_op
            query = query.where(here < last if newest else here > last)
        return session.execute(query).all()

    def _ordered(self) -> sa.Select[*Columns]:
        return self.select.where(*self.conditions).order_by(*self.order)
