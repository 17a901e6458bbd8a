"""One page of a long list: which part is shown, and the addresses of its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _

PAGE = 50  # rows on a page of the desk

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """The rows of one page, the sentence that says which they are, and the numbers of the pages beside it.

    ``counted``: else ``total`` is only what is known to be there, and more may be.
    """

    rows: Sequence[T]
    total: int
    number: int
    size: int = PAGE
    counted: bool = True

    @property
    def shown(self) -> str:
        """``51–100 trong 1.250``, or ``51–100, còn nữa`` where nobody counted."""
        if not self.total:
            return str(_("Không có dòng nào"))
        first = (self.number - 1) * self.size + 1
        last = first + len(self.rows) - 1
        if not self.counted:
            span = {"first": formats.number(first, language()), "last": formats.number(last, language())}
            return str(_("%(first)s–%(last)s, còn nữa", **span))
        return str(
            _(
                "%(first)s–%(last)s trong %(total)s",
                first=formats.number(first, language()),
                last=formats.number(last, language()),
                total=formats.number(self.total, language()),
            )
        )

    @property
    def previous(self) -> int | None:
        """The page before, None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, None on the last."""
        return self.number + 1 if self.number * self.size < self.total else None


def page_number() -> int:
    """``?page=`` as a number from 1; 1 for anything that is none."""
    asked = request.args.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1


def cut(rows: Sequence[T], size: int = PAGE) -> Part[T]:
    """The asked-for page of rows that are all at hand; beyond the end, the last page."""
    number = min(page_number(), max(-(-len(rows) // size), 1))
    return Part(rows[(number - 1) * size : number * size], len(rows), number, size)


def order(allowed: Sequence[str], usual: str) -> tuple[str, bool]:
    """``?sort=`` as (column, descending); ``usual`` (``-confirmed``) when it names none of ``allowed``."""
    asked = request.args.get("sort") or usual
    if asked.removeprefix("-") not in allowed:
        asked = usual
    return asked.removeprefix("-"), asked.startswith("-")
