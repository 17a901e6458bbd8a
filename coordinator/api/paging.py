"""Paging of lists: the query has ``limit`` and ``cursor``, the answer has ``items`` and ``next``."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any, TypeVar, TypeVarTuple
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListFilter, ListQuery
from coordinator.api.auth import app_context
from coordinator.api.fields import Day, ExactText, RequestBody, ResponseBody
from coordinator.encryption import DecryptionError

LARGEST_PAGE = 200
DEFAULT_PAGE = 50

Filter = TypeVar("Filter", bound=ListFilter)
Columns = TypeVarTuple("Columns")


class PageQuery(RequestBody):
    """The paging parameters of every list."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="how many at most")] = DEFAULT_PAGE
    cursor: Annotated[
        ExactText | None, Field(description="where to go on, from the page before; empty: from the beginning")
    ] = None

    def filters(self, kind: type[Filter]) -> Filter:
        """The list's filter with the values of this query; those that the filter does not have are left out."""
        names = {known.name for known in fields(kind)}
        return kind(**{name: value for name, value in self if name in names and value is not None})


class DaysQuery(RequestBody):
    """A range of days, both included."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None

    @field_validator("last")
    @classmethod
    def _in_order(cls, last: date | None, others: ValidationInfo) -> date | None:
        first = others.data.get("first")
        if first is not None and last is not None and last < first:
            raise PydanticCustomError("before_start", "expected a day not before `from`")
        return last


class ListPage(ResponseBody):
    """One page of a list; a subclass adds ``items``.

    ``next``: the address of the next page, null on the last one; ``next_cursor``: the cursor in it.
    """

    next: str | None = None
    next_cursor: str | None = None


def cursor_page(
    session: Session, listing: ListQuery[*Columns], query: PageQuery
) -> tuple[Sequence[sa.Row[*Columns]], dict[str, str | None]]:
    """One page of the list, and the fields of ``ListPage``. Each row begins with the listed row, whose columns of the
    order are the position. Raises ``Invalid`` for a foreign cursor.
    """
    rows = listing.after(session, _position(query, listing), query.limit + 1)
    if len(rows) <= query.limit:
        return rows, {"next": None, "next_cursor": None}
    page = rows[: query.limit]
    row = next(iter(page[-1]))
    last = {column.key: _written(getattr(row, column.key)) for column in listing.key}
    cursor = app_context().job_context.encryption.encrypt({"list": request.path, **last})
    asked = request.args.to_dict() | {"cursor": cursor}
    return page, {"next": f"{request.base_url}?{urlencode(asked)}", "next_cursor": cursor}


def _position(query: PageQuery, listing: ListQuery[*Columns]) -> list[Any] | None:
    if not query.cursor:  # an empty one is the beginning, as in the feeds' ``after``
        return None
    try:
        opened = app_context().job_context.encryption.decrypt(query.cursor)
    except DecryptionError:
        opened = {}
    # Encrypted, so that no primary key is exposed; bound to its list, so that a cursor of another list is refused.
    names = [column.key for column in listing.key]
    if opened.pop("list", None) != request.path or set(opened) != set(names):
        raise Invalid([FieldError("cursor", "cursor", "this is not a cursor of this list")])
    return [int(opened[name]) if opened[name].isdecimal() else datetime.fromisoformat(opened[name]) for name in names]


def _written(value: int | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
