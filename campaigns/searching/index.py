"""The index of words as everything else sees it: one port, and a way of it for each kind of database.

A row's key tells the kind and the number of what it is about, so that the newest of a kind are the highest keys.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.searching.asking import Asked
from campaigns.searching.words import VERSION, Indexed, indexed

_SPAN = 1 << 40  # far more rows than any table has
WHOLE = 0  # the key of the row that says the index was made whole, and by which recipe


class Kind(Enum):
    """What can be found, with its place in the keys."""

    BULLETIN = 1
    SITE = 2
    COMPANY = 3
    LICENCE = 4
    COPY = 5

    @property
    def code(self) -> str:
        """Its name in addresses."""
        return self.name.lower()

    @property
    def first(self) -> int:
        """The key below every key of this kind."""
        return self.value * _SPAN

    @property
    def last(self) -> int:
        """The key above every key of this kind."""
        return self.first + _SPAN - 1


class Tier(Enum):
    """How well a hit fits, the best first."""

    EXACT_HEAD = 0  # every word as it was typed, in the headline
    EXACT = 1  # every word as it was typed
    FOLDED_HEAD = 2  # every word with marks or without, in the headline
    FOLDED = 3  # every word with marks or without
    BEGUN = 4  # the last word is the beginning of one


@dataclass(frozen=True)
class Row:
    """What is kept under one key. ``mark``: a digest of the words and of the recipe, for telling whether the row is
    still what its subject says."""

    key: int
    words: Indexed
    mark: str


def row_of(kind: Kind, number: int, head: str, body: str) -> Row:
    """The row about one subject."""
    words = indexed(head, body)
    whole = "\n".join((VERSION, words.exact_head, words.exact_body, words.folded_head, words.folded_body))
    return Row(key_of(kind, number), words, blake2b(whole.encode(), digest_size=12).hexdigest())


class WordIndex(Protocol):
    """Where words are kept and found."""

    @property
    def table(self) -> sa.FromClause:
        """What is selected from."""
        ...

    @property
    def key(self) -> sa.ColumnElement[int]:
        """The column of keys."""
        ...

    @property
    def mark(self) -> sa.ColumnElement[str]:
        """The column of digests."""
        ...

    @property
    def in_one_pass(self) -> bool:
        """Whether hits are told into tiers as they are found, rather than looked for tier by tier in the order of their
        keys: where the database cannot be kept from walking every key in search of a tier that has nothing."""
        ...

    def put(self, session: Session, rows: Iterable[Row]) -> None:
        """Keep these rows, which come in the order of their keys, in place of what stood under them."""
        ...

    def drop(self, session: Session, keys: Collection[int]) -> None:
        """Keep nothing under these keys."""
        ...

    def found(self, asked: Asked) -> sa.ColumnElement[bool]:
        """Every row that fits in any tier."""
        ...

    def tiers(self, asked: Asked) -> Mapping[Tier, sa.ColumnElement[bool]]:
        """The rows of each tier, none of them in two."""
        ...

    def sound(self, session: Session) -> str | None:
        """What the database finds wrong with its own index; None if nothing."""
        ...


def key_of(kind: Kind, number: int) -> int:
    """The key of the row about this subject."""
    return kind.first + number


def whole_mark(session: Session, index: WordIndex) -> str | None:
    """The recipe the index was last made whole by, None if it never was."""
    query: sa.Select[Any] = sa.select(index.mark).select_from(index.table).where(index.key == WHOLE)
    found: str | None = session.execute(query).scalar_one_or_none()
    return found


def note_whole(session: Session, index: WordIndex) -> None:
    """Write down that the index holds everything, by today's recipe."""
    index.put(session, [Row(WHOLE, Indexed("", "", "", ""), VERSION)])
