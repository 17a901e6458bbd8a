"""A department at work while something breaks: what goes out to endpoints that remember is counted afterwards."""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, until

SECRET = "a secret key for the tests of faults, long enough"
PATIENCE = 300.0  # seconds for what should take a few: the machine may be busy
BOT = f"12345678:{'x' * 35}"

ASK = """
import contextlib, json, sqlite3, sys
with contextlib.closing(sqlite3.connect(sys.argv[1], timeout=30)) as database:
    print(json.dumps(database.execute(sys.argv[2]).fetchall()))
"""


class FakeTelegram:
    """A Telegram server on loopback. What it was sent it posts, as often as it was sent it: there is no key to know a
    repeat by."""

    def __init__(self, server: HostileServer) -> None:
        self.base = server.url("").rstrip("/")
        self.got: list[str] = []
        server.ways[f"/bot{BOT}/sendMessage"] = self._take

    def _take(self, call: Call) -> None:
        self.got.append(call.body.decode())
        call.answer(b'{"ok": true, "result": {"message_id": 1}}', Content_Type="application/json")

    def times(self, code: str) -> int:
        """How often a bulletin was posted."""
        return sum(f"/bulletins/{code}" in text for text in list(self.got))


class Workload:
    """An installation with three webhooks and one Telegram channel, and what has gone out."""

    def __init__(self, here: Installation, staff: Staff, server: HostileServer, moment: float) -> None:
        self.here, self.staff = here, staff
        self.inbox, self.chats = Inbox(server, moment), FakeTelegram(server)
        self.paths = ("/hook/1", "/hook/2", "/hook/3")
        self.within: int | None = None  # whose view of the file system has the database
        self.codes: list[str] = []
        self.slowest = 0.0  # seconds that publishing took to be answered, at most

    def opens(self) -> None:
        """Set the channels up."""
        for path in self.paths:
            self.staff.webhook(self.inbox.open(path))
        settings = {"chat": "@so_thong_tin", "bot_token": BOT, "api_base": self.chats.base}
        self.staff.post("admin", "/channels", {"kind": "telegram", "name": "Telegram", "settings": settings})

    def publish(self, many: int = 1) -> None:
        """So many bulletins, each known to be out when the next is written."""
        for _ in range(many):
            began = time.monotonic()
            self.codes.append(self.staff.publish(f"Bản tin số {len(self.codes) + 1}"))
            self.slowest = max(self.slowest, time.monotonic() - began)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a question to the database gives."""
        if self.within is not None:
            return self._asked_within(query)
        engine = sa.create_engine(self._url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query))]
        finally:
            engine.dispose()

    def do(self, statement: str) -> None:
        """A statement that changes something."""
        if self.within is not None:
            self._asked_within(statement)
            return
        engine = sa.create_engine(self._url)
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(statement))
        finally:
            engine.dispose()

    def _asked_within(self, statement: str) -> list[tuple[Any, ...]]:
        """The same where only the process ``within`` sees the file: SQLite takes any other way to it for another."""
        entered = ["nsenter", f"--target={self.within}", "--mount", "--user", "--preserve-credentials"]
        command = [*entered, sys.executable, "-c", ASK, str(self.here.folder / "lantoa.db"), statement]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return [tuple(row) for row in json.loads(done.stdout)]

    @property
    def _url(self) -> str:
        named = self.here.environment.get("LANTOA_TEST_DIRECT") or self.here.environment.get("LANTOA_DATABASE_URL")
        return named or f"sqlite:///{self.here.folder / 'lantoa.db'}"

    def leases_run_out(self) -> None:
        """Expire the leases of killed workers, since a test does not wait that long."""
        self.do("UPDATE deliveries SET lease_until = due_at WHERE lease_until IS NOT NULL")

    def states(self) -> Counter[str]:
        """How many deliveries stand how."""
        return Counter(str(row[0]) for row in self.rows("SELECT state FROM deliveries"))

    def settled(self) -> bool:
        """Whether nothing is left to be done, except by a person."""
        return not {"due", "sending", "retrying"} & set(self.states())

    def counted(self) -> "FaultCounts":
        """What arrived against what was answered as published."""
        until("all is settled", self.settled, PATIENCE)
        ids = defaultdict(set)
        for path, code, ident in self.inbox.got:
            ids[path, code].add(ident)
        unknown = self.rows("SELECT b.code FROM deliveries d JOIN bulletins b ON b.id = d.bulletin_id "
                            "JOIN channels c ON c.id = d.channel_id WHERE d.state = 'unknown' "
                            "AND c.kind = 'telegram'")  # fmt: skip
        left = {str(row[0]) for row in unknown}
        lost = sum((path, code) not in ids for path in self.paths for code in self.codes)
        lost += sum(not self.chats.times(code) for code in self.codes if code not in left)
        return FaultCounts(
            bulletins=len(self.codes),
            lost=lost,
            repeats=len(self.inbox.got) - len(ids),
            doubled=sum(len(known) > 1 for known in ids.values())
            + sum(self.chats.times(code) > 1 for code in self.codes),
            left=len(left),
        )


@dataclass(frozen=True)
class FaultCounts:
    """What came of a fault. ``repeats``: messages that came again under the key they had; ``doubled``: under another,
    or at a channel that has none; ``left``: deliveries that a person has to decide on."""

    bulletins: int
    lost: int
    repeats: int
    doubled: int
    left: int

    def noted(self, fault: str, seen: str) -> None:
        """Write a line of the table in docs/explanation/reliability.md, where ``LANTOA_TEST_FAULTS`` names a file."""
        if name := os.environ.get("LANTOA_TEST_FAULTS"):
            with Path(name).open("a", encoding="utf-8") as file:
                file.write(
                    f"| {fault} | {self.bulletins} | {self.lost} | {self.repeats} | {self.doubled} | {self.left} "
                    f"| {seen} |\n"
                )


@contextmanager
def running_workload(
    folder: Path, *, moment: float = 0.0, before: tuple[str, ...] = (), **settings: str
) -> Iterator[Workload]:
    """An installation with its tables and keys; its processes are the test's to start, its channels to open."""
    with HostileServer() as server, Installation(folder, before=before, **settings) as here:
        staff = Staff(here.base, here.prepared("writer", "approver", "admin"), PATIENCE + outage())
        yield Workload(here, staff, server, moment)


def outage() -> float:
    """For how many seconds what can be out for as long as one likes is out: ``LANTOA_TEST_OUTAGE``."""
    return float(os.environ.get("LANTOA_TEST_OUTAGE", "8"))
