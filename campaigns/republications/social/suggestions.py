"""What a post is about, suggested: its bulletin from its first words, its day and the name or the text of its picture,
and its day and time from that text."""

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

MOST_READ_LINES = 80  # of the text in a picture
_WINDOW = 4  # lines of a picture that a title may stand on

_CODE = re.compile(r"BT-\d{4}-\d{2}-\d{2}-\d{3,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# As networks write the day and the time of a post, folded: "24 thang 11 luc 08:30", "08:30 24/11/2026".
_CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
_MOMENTS = (
    re.compile(rf"\b(?P<day>\d{{1,2}}) thang (?P<month>\d{{1,2}})(?:,? (?:nam )?(?P<year>20\d\d))?(?: luc {_CLOCK})?"),
    re.compile(rf"\b{_CLOCK},? (?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>20\d\d)\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>20\d\d),?(?: {_CLOCK})?"),
)


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


def words_in_picture(known: Sequence[KnownBulletin], text: str, day: dt.date | None) -> str:
    """The lines of the text in a picture that name a bulletin best, with more than half of its title; "" where none do,
    or two bulletins are named alike."""
    lines = text.splitlines()[:MOST_READ_LINES]
    if code := _CODE.search(text):
        return next((line for line in lines if code[0] in line), "")
    possible = [bulletin for bulletin in known if day is None or bulletin.released_on <= day]
    best, words = ENOUGH, ""
    for first in range(len(lines)):
        for last in range(first + 1, min(first + _WINDOW, len(lines)) + 1):
            part = " ".join(lines[first:last])
            found = words_of(part)
            bulletin = _most_similar(possible, found)
            score = 0.0 if bulletin is None else len(bulletin.words & found) / len(bulletin.words | found)
            if score > best:
                best, words = score, part
    return words


def moment_in_picture(text: str, today: dt.date) -> tuple[dt.date, dt.time | None] | None:
    """The day, and the time where it is there, that a network shows beside a post: the first in the text that is not
    ahead; a day without a year is the last such day. None where there is none."""
    folded = fold(" ".join(text.splitlines()[:MOST_READ_LINES]))
    found = sorted((match for form in _MOMENTS for match in form.finditer(folded)), key=lambda match: match.start())
    for match in found:
        for year in [int(match["year"])] if match["year"] else [today.year, today.year - 1]:
            try:
                day = dt.date(year, int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            if day <= today:
                return day, dt.time(int(match["hour"]), int(match["minute"])) if match["hour"] else None
    return None


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
