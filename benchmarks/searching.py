"""Finding words among 10,000 bulletins, 1,200 sites and 200,000 copies, on both databases.

Against a hundredth of that, and against reading every text for the words, as one would without an index.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import city, worlds
from benchmarks.measure import Line
from campaigns.publishing.bulletins import Revision
from campaigns.searching import rebuilding
from campaigns.searching.asking import ask
from campaigns.searching.finding import find
from campaigns.searching.index import Kind
from campaigns.tracking.republications import Republication
from coordinator.db import Database
from coordinator.jobs.indexing import rebuild

# What is typed in an office.
TYPED = {
    "two words without marks": "tiem chung",
    "a phrase": '"thành phố"',
    "one licence's number": "417/GP-TTĐT",
    "an address": "https://trang7.example/tin/bai-viet-1207.html",
    "the beginning of a word": "tha",
    "the commonest word": "và",
}
ROUNDS = 15


def _took(database: Database, act: Callable[[Session], object]) -> float:
    """Milliseconds, the median of rounds after one that fills caches."""
    found = []
    with database.read() as session:
        for number in range(ROUNDS + 1):
            began = time.perf_counter()
            act(session)
            if number:
                found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def _everything(typed: str) -> Callable[[Session], object]:
    asked = ask(typed)
    return lambda session: [find(session, kind, asked, most=5) for kind in Kind]


def _read_all(session: Session) -> object:
    """The words as a part of every text: what the database does where there is no index."""
    texts = Revision.title + " " + Revision.lead + " " + Revision.body_text
    heads = Republication.headline + " " + Republication.canonical_url
    return [
        session.execute(sa.select(sa.func.count()).where(text.contains("tiêm"), text.contains("chủng"))).scalar_one()
        for text in (texts, heads)
    ]


def _filled(database: Database, share: int) -> float:
    """Fill and index; seconds the index took."""
    with database.write() as session:
        city.fill(session, city.BULLETINS // share, city.SITES // share, city.COPIES // share)
    began = time.perf_counter()
    rebuild(database)
    took = time.perf_counter() - began
    city.analyse(database)
    return took


def _measure(small: Database, whole: Database, name: str) -> list[Line]:
    _filled(small, 100)
    took = _filled(whole, 1)
    with whole.read() as session:
        wrong = sum(1 for _ in rebuilding.differences(session))
        subjects = rebuilding.subjects(session)
    assert not wrong, wrong
    scan = _took(whole, _read_all)
    lines = [Line(f"{name}: everything indexed", subjects / took, "per s")]
    for words, typed in TYPED.items():
        found = _took(whole, _everything(typed))
        lines.append(
            Line(f"{name}: {words}", found, "ms", _took(small, _everything(typed)), "at a hundredth", "ratio <= 10")
        )
        lines.append(Line(f"{name}: {words}", found, "ms", scan, "every text read", "ratio <= 0.2"))
    return lines


def run() -> list[Line]:
    """SQLite always, PostgreSQL where there is one."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        small, whole = worlds.sqlite(Path(folder), "small.db"), worlds.sqlite(Path(folder), "whole.db")
        lines += _measure(small, whole, "SQLite")
        small.dispose()
        whole.dispose()
    with worlds.postgresql("_small") as small_one, worlds.postgresql() as whole_one:
        if small_one is not None and whole_one is not None:
            lines += _measure(small_one, whole_one, "PostgreSQL")
    return lines
