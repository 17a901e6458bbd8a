"""What a page costs the index of fingerprints at 1,000, 10,000 and 100,000 bulletins."""

import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from benchmarks import worlds
from benchmarks.measure import Line
from benchmarks.texts import bulletin, vocabulary
from campaigns.tracking.fingerprints import fingerprint, looked_up, tokenize
from campaigns.tracking.prepared import bulletin_text
from campaigns.tracking.prints import Print, sharing
from coordinator.db import Database

SIZES = (1_000, 10_000, 100_000)
ASKED, ROUNDS = 300, 5
LENGTH = 200  # words; shorter than real ones, so that 100,000 are made in a minute


def _text(number: int, words: list[str]) -> str:
    return bulletin_text(*bulletin(number, words, LENGTH))


def _grow(database: Database, first: int, last: int) -> None:
    words = vocabulary()
    for start in range(first, last, 2000):
        with database.write() as session:
            worlds.fill(session, start + 1, min(2000, last - start), 10)
            rows = []
            for number in range(start + 1, min(start + 2000, last) + 1):
                hashes = {int(one) for one in fingerprint(_text(number, words))}
                rows += [{"h": one, "bulletin_id": number} for one in hashes]
            session.execute(sa.insert(Print), rows)


def _ask(database: Database, last: int) -> float:
    """Pages looked up per second: the best of some rounds, each with other pages. What else the machine has to do makes
    a round slower, never faster. In CPU time where the database is in this process, by the clock where it is not."""
    words = vocabulary()
    clock = time.process_time if database.on_sqlite else time.perf_counter
    best = 0.0
    with database.read() as session:
        for around in range(ROUNDS + 1):
            asked = [
                looked_up(tokenize(_text(1 + (7 * number + around) * last // (7 * ASKED + 7), words)).words)
                for number in range(ASKED)
            ]
            began = clock()
            found = sum(bool(sharing(session, hashes)) for hashes in asked)
            took = clock() - began
            assert found == ASKED
            if around:  # the first round fills caches
                best = max(best, ASKED / took)
    return best


def _measure(database: Database, name: str, sizes: tuple[int, ...]) -> list[Line]:
    rates, before = {}, 0
    for size in sizes:
        _grow(database, before, size)
        if not database.on_sqlite:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE bulletin_fp"))  # as its own tender does in time
        rates[size] = _ask(database, size)
        before = size
    least, most = sizes[0], sizes[-1]
    lines = [Line(f"{name}: pages looked up at {size:,} bulletins", rates[size], "per s") for size in sizes]
    grown = Line(
        f"{name}: cost of a page, {most:,} against {least:,}",
        1e6 / rates[most],
        "us",
        1e6 / rates[least],
        "at first",
        "ratio <= 2.5",
    )
    return [*lines, grown]


def run() -> list[Line]:
    """SQLite, and PostgreSQL where there is one, to 100,000."""
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        lines = _measure(database, "SQLite", SIZES)
        database.dispose()
    with worlds.postgresql() as other:
        if other is not None:
            lines += _measure(other, "PostgreSQL", SIZES)
    return lines
