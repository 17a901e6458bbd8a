"""Lists in pages: ``limit`` and ``cursor`` in, ``items`` and ``next`` out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from coordinator.api.auth import front
from coordinator.api.fields import Body, Exact, Shown
from coordinator.sealing import SealError

MOST = 200
USUAL = 50

Row = TypeVar("Row")


class PageQuery(Body):
    """Every list's own part of the query."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="how many at most")] = USUAL
    cursor: Annotated[Exact | None, Field(description="where to go on, from the page before")] = None


class Listing(Shown):
    """One page of a list; a subclass adds ``items``.

    ``next``: the address of the next page, null on the last one; ``next_cursor``: the cursor in it.
    """

    next: str | None = None
    next_cursor: str | None = None


def position(query: PageQuery) -> dict[str, str] | None:
    """Where a page begins, as ``cut`` wrote it; None at the beginning. Raises ``Invalid`` for a cursor not of here."""
    if query.cursor is None:
        return None
    try:
        opened = front().place.seal.open(query.cursor)
    except SealError:
        opened = {}
    # Sealed, so that no primary key is shown; bound to its list, so that no other list's position is mistaken for it.
    if opened.pop("list", None) != request.path or not opened:
        raise Invalid([FieldError("cursor", "cursor", "this is not a cursor of this list")])
    return opened


def cut(
    rows: Sequence[Row], query: PageQuery, where: Callable[[Row], Mapping[str, str]]
) -> tuple[Sequence[Row], dict[str, str | None]]:
    """One page of ``rows``, of which one more than ``limit`` was read if there is one, and the fields of ``Listing``.

    ``where`` tells the position of a row; the next page begins after the last row of this one.
    """
    if len(rows) <= query.limit:
        return rows, {"next": None, "next_cursor": None}
    page = rows[: query.limit]
    cursor = front().place.seal.close({"list": request.path, **where(page[-1])})
    asked = request.args.to_dict() | {"cursor": cursor}
    return page, {"next": f"{request.base_url}?{urlencode(asked)}", "next_cursor": cursor}


def by_id(
    session: Session, wanted: sa.Select[Any], column: Any, query: PageQuery, *, newest: bool = False
) -> tuple[Sequence[Any], dict[str, str | None]]:
    """One page of the rows that ``wanted`` selects, in the order of their ids (``column``), and the fields of
    ``Listing``. ``newest``: those added last come first."""
    if (last := after_id(query)) is not None:
        wanted = wanted.where(column < last if newest else column > last)
    wanted = wanted.order_by(column.desc() if newest else column).limit(query.limit + 1)
    rows = session.execute(wanted).scalars().all()
    return cut(rows, query, lambda row: {"id": str(row.id)})


def after_id(query: PageQuery) -> int | None:
    """The position of a list that is ordered by its rows' ids alone."""
    where = position(query)
    return int(where["id"]) if where is not None else None
