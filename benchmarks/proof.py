"""``lantoa tallies verify`` and ``lantoa journal verify`` with as many copies as are wanted: how long they take, the
most memory of the process, and the longest write of others meanwhile.

Of the kept size 2 % is measured, and a fifth of that for the comparison; ``LANTOA_BENCH_CITY=0.1`` measures a tenth.
Every copy has two looks with the text of a page, and an entry of the journal for each; the page is stored once.
"""

import gzip
import hashlib
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import city, worlds
from benchmarks.corpus.bulletins import make
from benchmarks.measure import Line
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core import journal
from campaigns.matching.matcher import RULE_VERSION
from campaigns.partners.directory import Site
from campaigns.people.staff import Person
from campaigns.republications.evidence.evidence_seals import evidence_hash, record_look
from campaigns.republications.evidence.judgement import CONFIRMED_REASON
from campaigns.republications.republications import Evidence, Republication, counted_as
from coordinator.db import Database

SHARE = float(os.environ.get("LANTOA_BENCH_CITY", "0.02"))
PAUSE = 0.05  # seconds between two writes
_STEP = 2_000  # looks in one transaction
COMMANDS = (("tallies", "verify"), ("tallies", "verify", "--without-files"), ("journal", "verify"))


class _Looks:
    """The two looks at each copy; a page of some 50 kB is stored for both."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._texts = [make(f"world{number}", 400).text for number in range(1, 200)]
        self._around = random.Random(50).randbytes(6_000).hex().encode() * 4
        self._made = 0

    def __call__(self, evidence: dict[str, Any]) -> list[dict[str, Any]]:
        self._made += 1
        text = f"{self._texts[self._made % len(self._texts)]} {self._made}"
        body = self._around[: 20_000 + self._made % 20_000] + text.encode()
        digest = hashlib.sha256(body).hexdigest()
        path = self._store / digest[:2] / f"{digest}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(body, 1, mtime=0))
        reasons = evidence["reasons"] or [f"{CONFIRMED_REASON}: our text"]
        kept = {
            "page_text": text, "body_hash": digest, "body_key": f"{digest[:2]}/{path.name}", "reasons": reasons,
            "rule_version": RULE_VERSION, "headers": [["Content-Type", "text/html; charset=utf-8"]],
        }  # fmt: skip
        return [{**evidence, **kept}] * 2


def _fill(database: Database, folder: Path, share: float) -> int:
    """Returns the number of rows of evidence."""
    bulletins, sites, copies = (int(share * size) for size in (city.BULLETINS, city.SITES, city.COPIES))
    with database.write() as session:
        city.fill(session, bulletins, sites, copies, _Looks(folder / "pages"))
    with database.write() as session:
        for person in session.scalars(sa.select(Person)):
            journal.record(session, "bench", "person.added", "person", person.email, now=worlds.NOW)
    city.analyse(database)
    after: int | None = 0
    while after is not None:
        after = _journal_bulletins(database, after)
    last, looks, known = 0, 0, set[int]()
    while True:
        with database.write() as session:
            query = sa.select(Evidence, Republication).join(Evidence.republication).where(Evidence.id > last)
            rows = session.execute(query.order_by(Evidence.id).limit(_STEP)).all()
            for made, copy in rows:
                if copy.id in known:
                    record_look(session, journal.SYSTEM, copy, made, now=made.at)
                    continue
                known.add(copy.id)
                details = {
                    **counted_as(copy), "url": copy.canonical_url, "match": made.match, "share": made.share,
                    "attribution": made.attribution, "page": made.body_hash,
                    "evidence": evidence_hash(copy.public, made),
                }  # fmt: skip
                act = f"republication.{copy.status.value}"
                journal.record(session, journal.SYSTEM, act, "republication", copy.public, details, now=made.at)
            if not rows:
                break
            last, looks = rows[-1][0].id, looks + len(rows)
    city.analyse(database)
    return looks


def _journal_bulletins(database: Database, after: int) -> int | None:
    with database.write() as session:
        query = sa.select(Bulletin.id, Bulletin.code, Revision.hash, Revision.author).join(
            Revision, Revision.bulletin_id == Bulletin.id
        )
        rows = session.execute(query.where(Bulletin.id > after).order_by(Bulletin.id).limit(_STEP)).all()
        for row in rows:
            named = {"revision": 1, "hash": row.hash}
            for act in ("bulletin.written", "bulletin.published"):
                journal.record(session, row.author, act, "bulletin", row.code, named, now=worlds.NOW)
    return rows[-1].id if rows else None


class _Writing:
    """Writes an entry of the journal every now and then; ``longest``: the seconds that the longest took."""

    def __init__(self, database: Database) -> None:
        self.longest = 0.0
        self._database, self._over = database, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        while not self._over.wait(PAUSE):
            began = time.perf_counter()
            with self._database.write() as session:
                journal.record(session, "bench", "site.changed", "site", "trang-1", now=worlds.NOW)
                session.execute(sa.update(Site).where(Site.id == 1).values(name=f"Trang {began}"))
            self.longest = max(self.longest, time.perf_counter() - began)

    def __enter__(self) -> "_Writing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _ran(words: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of processor time, and the most memory in MB. Raises ``RuntimeError`` when the
    check fails."""
    program = str(Path(sys.executable).with_name("lantoa"))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LANTOA_")}
    began, most = time.perf_counter(), 0.0
    child = os.posix_spawn(program, [program, *words], plain | environment)
    # The most that the kernel says at the end is at least this process's own, since the child begins as its copy.
    while not (done := os.wait4(child, os.WNOHANG))[0]:
        if found := re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
            most = int(found[1]) / 1000
        time.sleep(PAUSE)
    _, status, used = done
    if status:
        raise RuntimeError(f"lantoa {' '.join(words)}: {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, most


def _measured(kind: str, folder: Path, database: Database, share: float) -> Iterator[Line]:
    looks = _fill(database, folder, share)
    environment = {
        "LANTOA_DATA_DIR": str(folder), "LANTOA_DATABASE_URL": database.url, "LANTOA_SECRET_KEY": worlds.KEY,
    }  # fmt: skip
    for words in COMMANDS:
        with _Writing(database) as writing:
            seconds, processor, memory = _ran(words, environment)
        name = f"{kind}, {looks:,} looks, {' '.join(words)}"
        yield Line(name, seconds, "s")
        yield Line(f"{name}: processor time of the process", processor, "s")
        yield Line(f"{name}: memory", memory, "MB", aim="<= 300 MB")
        yield Line(f"{name}: longest write of others", writing.longest * 1000, "ms", aim="<= 1,000 ms")


def run() -> Iterator[Line]:
    """By the clock, at two sizes on each kind of database, or on that which ``LANTOA_BENCH_DATABASE`` names."""
    for share in (SHARE / 5, SHARE):
        for kind, folder, database in worlds.databases("proof"):
            yield from _measured(kind, folder, database, share)
