"""The index made anew from the rows, and compared with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import IN_USE
from campaigns.searching import texts
from campaigns.searching.choosing import index_of
from campaigns.searching.index import WHOLE, Kind, note_whole, whole_mark
from campaigns.searching.words import VERSION

BATCH = 500  # rows a transaction: writers wait for one of these, never for the whole


class Wrong(Enum):
    """How the index differs from the rows."""

    MISSING = "missing"  # something that is there cannot be found
    STALE = "stale"  # it is found by words that it no longer has
    EXTRA = "extra"  # something that is not there is found
    BROKEN = "broken"  # the database finds its own index damaged


@dataclass(frozen=True)
class Difference:
    """One difference. ``kind`` and ``number``: of the subject; None for the index as a whole."""

    wrong: Wrong
    kind: Kind | None
    number: int
    words: str = ""


def is_whole(session: Session) -> bool:
    """Whether the index was made whole by today's recipe; since then every write has kept it in step."""
    return whole_mark(session, index_of(session)) == VERSION


def subjects(session: Session) -> int:
    """How many things can be found."""
    every = {kind: sa.select(sa.func.count()).select_from(texts.NUMBERS[kind].class_) for kind in Kind}
    every[Kind.COMPANY] = every[Kind.COMPANY].where(IN_USE)  # as the index has them
    return sum(session.execute(sa.select(*(query.scalar_subquery() for query in every.values()))).one())


def some_more(session: Session, kind: Kind, after: int) -> int | None:
    """Index the next subjects of a kind; the number of the last of them, None when there are none left.

    What lies between two of them in the index and belongs to nobody is dropped.
    """
    index = index_of(session)
    rows = texts.some_after(session, kind, after, BATCH, held=True)
    until = rows[-1].key if rows else kind.last
    between = sa.select(index.key).select_from(index.table).where(index.key > kind.first + after, index.key <= until)
    kept = set(session.connection().execute(between).scalars())
    index.drop(session, kept - {row.key for row in rows})
    index.put(session, rows)
    return until - kind.first if rows else None


def finish(session: Session) -> None:
    """Write down that everything is in the index."""
    note_whole(session, index_of(session))


def differences(session: Session) -> Iterator[Difference]:
    """Everything in which the index differs from the rows, in the order of the kinds. Reads all of both."""
    for kind in Kind:
        after = kind.first
        for rows in texts.every(session, kind):
            yield from _compare(session, kind, after, rows[-1].key, {row.key: row.mark for row in rows})
            after = rows[-1].key
        yield from _compare(session, kind, after, kind.last, {})
    if not is_whole(session):
        yield Difference(Wrong.MISSING, None, WHOLE, "the index was never made whole by this program's recipe")


def soundness(session: Session) -> Difference | None:
    """What the database finds wrong with its own index. Needs a writing session."""
    words = index_of(session).sound(session)
    return Difference(Wrong.BROKEN, None, WHOLE, words) if words else None


def _compare(session: Session, kind: Kind, after: int, until: int, wanted: dict[int, str]) -> Iterator[Difference]:
    index = index_of(session)
    query = sa.select(index.key, index.mark).select_from(index.table).where(index.key > after, index.key <= until)
    there = {row[0]: row[1] for row in session.connection().execute(query)}
    for key in sorted(wanted.keys() | there.keys()):
        if key not in there:
            yield Difference(Wrong.MISSING, kind, key - kind.first)
        elif key not in wanted:
            yield Difference(Wrong.EXTRA, kind, key - kind.first)
        elif there[key] != wanted[key]:
            yield Difference(Wrong.STALE, kind, key - kind.first)
