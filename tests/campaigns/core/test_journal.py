"""The journal records every act in order and detects tampering."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.journal import record, verify
from campaigns.planning.campaigns import Topic
from coordinator.db import Database
from tests.factories import NOW


def _filled(database: Database, entries: int = 5) -> None:
    with database.write() as session:
        for number in range(entries):
            record(session, "an@so.example", "thing.done", "thing", f"t{number}", {"n": number, "chữ": "hòa"}, now=NOW)


def test_an_empty_journal_is_whole(database: Database) -> None:
    with database.read() as session:
        assert verify(session) is None


def test_numbers_run_from_one_without_gaps(database: Database) -> None:
    _filled(database)
    with database.read() as session:
        numbers = session.execute(sa.text("SELECT seq FROM journal ORDER BY seq")).scalars().all()
        assert numbers == [1, 2, 3, 4, 5]
        assert verify(session) is None


@pytest.mark.parametrize(
    ("tamper", "seq"),
    [
        (["UPDATE journal SET actor = 'x' WHERE seq = 3"], 3),
        (["UPDATE journal SET details = '{}' WHERE seq = 1"], 1),
        (["DELETE FROM journal WHERE seq = 2"], 2),
        (["DELETE FROM journal WHERE seq = 5"], 5),
        (["DELETE FROM journal WHERE seq = 1"], 1),
        (["UPDATE journal SET seq = 99 WHERE seq = 2", "UPDATE journal SET seq = 2 WHERE seq = 3",
          "UPDATE journal SET seq = 3 WHERE seq = 99"], 2),
        (["UPDATE journal_head SET hash = 'x'"], 5),
    ],
)  # fmt: skip
def test_an_edited_removed_swapped_or_cut_off_entry_is_named(database: Database, tamper: list[str], seq: int) -> None:
    _filled(database)
    with database.write() as session:
        for statement in tamper:
            session.execute(sa.text(statement))
    with database.read() as session:
        broken = verify(session)
    assert broken is not None
    assert broken.seq == seq


def test_writers_at_once_leave_no_gap_and_no_break(database: Database) -> None:
    def write() -> None:
        for _ in range(10):
            with database.write() as session:
                record(session, "a", "thing.done", "thing", "t", now=NOW)

    _together(write, 4)
    with database.read() as session:
        assert verify(session) is None
        assert session.execute(sa.text("SELECT count(*) FROM journal")).scalar_one() == 40


def test_what_is_undone_was_not_done(database: Database) -> None:
    def write_entry(session: Session, name: str) -> None:
        record(session, "a", "thing.done", "thing", name, now=NOW)

    with database.writers() as session:
        write_entry(session, "before a rollback")
        session.rollback()
        write_entry(session, "in a session that is closed")
    with database.writers() as session:
        session.commit()
    with database.write() as session:
        write_entry(session, "first")
        with session.begin_nested():
            write_entry(session, "in a savepoint that stays")
        with suppress(KeyError), session.begin_nested():
            with session.begin_nested():
                write_entry(session, "in a savepoint of one that is undone")
            raise KeyError
        with suppress(IntegrityError), session.begin_nested():
            write_entry(session, "in a savepoint whose rows were refused")
            session.add_all([Topic(code="dich-benh", name="a"), Topic(code="dich-benh", name="b")])
        write_entry(session, "last")
    with database.read() as session:
        names = session.execute(sa.text("SELECT subject FROM journal ORDER BY seq")).scalars().all()
        assert names == ["first", "in a savepoint that stays", "last"]
        assert verify(session) is None


def _together(act: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
