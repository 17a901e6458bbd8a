"""The bulletin that a post is about, suggested from its first words, its day and the name of its picture."""

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.visibility import PUBLIC, select_released
from campaigns.core.vietnamese import fold

# Posts about a bulletin appear within weeks of it; of older ones a person chooses.
DAYS_BEFORE = 60
MOST_COMPARED = 1000  # newest bulletins

# The part of a title's words that a post must have, and by how much the best must exceed the next.
ENOUGH = 0.5
AHEAD = 0.03  # one word of a long title

_CODE = re.compile(r"BT-\d{4}-\d{2}-\d{2}-\d{3,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class KnownBulletin:
    """A released bulletin that posts may be about. ``words``: the folded words of its title and lead."""

    ident: int
    code: str
    title: str
    released_on: dt.date
    words: frozenset[str]


def released_bulletins(session: Session, since: dt.date, *, now: dt.datetime) -> list[KnownBulletin]:
    """The released bulletins from ``DAYS_BEFORE`` days before a day on, the newest first."""
    query = (
        select_released(PUBLIC, now=now)
        .where(Bulletin.released_on >= since - dt.timedelta(days=DAYS_BEFORE))
        .with_only_columns(Bulletin.id, Bulletin.code, Revision.title, Bulletin.released_on)
        .order_by(Bulletin.release_at.desc(), Bulletin.id.desc())
        .limit(MOST_COMPARED)
    )
    return [
        KnownBulletin(ident, code, title, day, words_of(title))
        for ident, code, title, day in session.execute(query)
        if day is not None
    ]


def words_of(text: str) -> frozenset[str]:
    """The folded words of a text."""
    return frozenset(_WORD.findall(fold(text)))


def suggest_bulletin(
    known: Sequence[KnownBulletin], words: str, file_name: str, day: dt.date | None
) -> KnownBulletin | None:
    """The bulletin whose title most of the words of a post name; None where none does, or two do.

    A code in the words or in the name of the picture is that bulletin. The name of the picture is compared where the
    words name none. Bulletins released after ``day`` are left out.
    """
    if code := _CODE.search(f"{words} {file_name}"):
        return next((bulletin for bulletin in known if bulletin.code == code[0].upper()), None)
    possible = [bulletin for bulletin in known if day is None or bulletin.released_on <= day]
    return _most_similar(possible, words_of(words)) or _most_similar(possible, words_of(file_name.rpartition(".")[0]))


def _most_similar(known: Sequence[KnownBulletin], words: Collection[str]) -> KnownBulletin | None:
    if not words:
        return None
    # A post may have only the beginning of a long title, and a title may be only a part of a long post.
    scored = sorted(((_similarity(bulletin.words, words), bulletin) for bulletin in known), key=lambda pair: -pair[0])
    if not scored or scored[0][0] < ENOUGH:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < AHEAD:
        return None
    return scored[0][1]


def _similarity(title: frozenset[str], words: Collection[str]) -> float:
    shared = len(title.intersection(words))
    if shared < min(3, len(title)):
        return 0.0
    return shared / min(len(title), max(len(words), 4))
