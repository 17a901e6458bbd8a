"""Pages of lists in addresses: the requested page and order, and the range of a page as text."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request

from campaigns.core.listing import PAGE_SIZE, ListPage, page_of
from coordinator.translation import _, language
from coordinator.web.kit.text import formats

T = TypeVar("T")


def range_label(page: ListPage[object]) -> str:
    """Return ``51–100 trong 1.250``, or ``51–100, còn nữa`` where the total was not counted."""
    if not page.total:
        return str(_("Không có dòng nào"))
    first, last, total = (formats.number(number, language()) for number in (page.first, page.last, page.total))
    if not page.counted:
        return str(_("%(first)s–%(last)s, còn nữa", first=first, last=last))
    return str(_("%(first)s–%(last)s trong %(total)s", first=first, last=last, total=total))


def page_number() -> int:
    """Return ``?page=`` as a number from 1; 1 for an invalid one."""
    asked = request.args.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1


def paginate(rows: Sequence[T], size: int = PAGE_SIZE) -> ListPage[T]:
    """Return the requested page of rows in memory; beyond the end, the last page."""
    return page_of(lambda most, skip: rows[skip : skip + most], len(rows), page_number(), size)


def sort_order(allowed: Sequence[str], usual: str) -> tuple[str, bool]:
    """Return ``?sort=`` as (column, descending); ``usual`` (``-confirmed``) when it names none of ``allowed``."""
    asked = request.args.get("sort") or usual
    if asked.removeprefix("-") not in allowed:
        asked = usual
    return asked.removeprefix("-"), asked.startswith("-")
