"""``lantoa serve`` from outside: killed again and again under load it loses nothing and repeats nothing unmarked."""

import itertools
import random
import sqlite3
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, until

pytestmark = pytest.mark.minutes

KILLS = 4
ENOUGH = 6  # bulletins that were published for any reader; on a slow machine it takes a while longer
PATHS = ("/hook/1", "/hook/2", "/hook/3")


def _publish_on_and_on(
    staff: Staff, name: str, stop: threading.Event, answered: list[str], troubles: list[str]
) -> None:
    for number in itertools.count(1):
        if stop.is_set():
            return
        try:
            answered.append(staff.publish(f"Bản tin {name} số {number}"))
        except AssertionError as trouble:
            troubles.append(str(trouble))
            return


def test_killed_again_and_again_while_publishing_it_loses_nothing_and_repeats_only_with_the_same_id(
    tmp_path: Path,
) -> None:
    dice = random.Random(174)
    with HostileServer() as server, Installation(tmp_path / "data") as here:
        inbox = Inbox(server, moment=0.15)
        here.did("db", "upgrade")
        staff = Staff(here.base, here.keys("writer", "approver", "admin"))
        process = here.serve()
        until("serve answers", here.alive)
        for path in PATHS:
            staff.webhook(inbox.open(path))
        answered: list[str] = []
        troubles: list[str] = []
        stop = threading.Event()
        publishers = [
            threading.Thread(target=_publish_on_and_on, args=(staff, name, stop, answered, troubles)) for name in "AB"
        ]
        for publisher in publishers:
            publisher.start()
        for number in range(KILLS):
            # Every fourth is killed while it starts, wherever it has got to by then; the others at work.
            if number % 4 != 3:
                before = staff.answered
                until("it is at work", lambda before=before: staff.answered > before)  # type: ignore[misc]
            time.sleep(dice.uniform(0.0, 0.5))
            process.kill()
            process.wait()
            process = here.serve()
        until("enough came of it", lambda: len(answered) >= ENOUGH or bool(troubles))
        stop.set()
        for publisher in publishers:
            publisher.join()
        assert troubles == []
        assert len(answered) >= ENOUGH, here.log
        wanted = {(path, code) for path in PATHS for code in answered}
        until("everything answered has arrived", lambda: all(inbox.has(*entry) for entry in wanted))
        until(
            "everything that arrived is known to have arrived",
            lambda: all(
                row["state"] == "delivered"
                for code in answered
                for row in staff.get("admin", f"/bulletins/{code}/deliveries")["items"]
            ),
        )
        assert here.end(process) == 0
        ids = defaultdict(set)
        for path, code, ident in inbox.got:
            ids[path, code].add(ident)
        assert {entry: len(known) for entry, known in ids.items() if len(known) != 1} == {}
        # A kill can cut off one exchange with each channel; all others are not repeated.
        assert len(inbox.got) - len(ids) <= KILLS * len(PATHS)
        assert here.run("journal", "verify").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "lantoa.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        held = dict(database.execute("SELECT code, state FROM bulletins"))
    database.close()
    assert {code: held.get(code) for code in answered} == dict.fromkeys(answered, "published")


def test_a_second_process_on_sqlite_is_refused_and_does_not_disturb_the_first(tmp_path: Path) -> None:
    with Installation(tmp_path / "data") as here:
        first = here.serve(TZ="Mars/Phobos")  # a zone of the machine that is none keeps nothing from starting
        until("serve answers", here.alive)
        for command in (("serve", "--port", "0"), ("work",)):
            second = here.run(*command)
            assert second.returncode == 2, command
            assert "another lantoa process is running" in second.stderr
        assert here.alive()
        assert here.end(first) == 0
