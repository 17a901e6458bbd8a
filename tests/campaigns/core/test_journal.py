"""The journal records every act in order and detects tampering."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.journal import GENESIS, ChainBreak, JournalEntry, WrongKey, canonical_line, record, verify
from campaigns.planning.campaigns import Topic
from coordinator.db import Database
from coordinator.encryption import JournalKeys, KeyRing
from tests.factories import NOW
from tests.shared_caches import SECRET_KEY


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
        (["UPDATE journal SET seal = '' WHERE seq = 2"], 2),
        (["UPDATE journal SET seal = (SELECT seal FROM journal WHERE seq = 1) WHERE seq = 4"], 4),
        (["UPDATE journal SET at = '2020-01-01' WHERE seq = 2"], 2),
        # The last entries are removed and the head is set back to what it was.
        (["DELETE FROM journal WHERE seq > 3",
          "UPDATE journal_head SET seq = 3, hash = (SELECT hash FROM journal WHERE seq = 3)"], 3),
        (["DELETE FROM journal WHERE seq > 3", "UPDATE journal_head SET seq = 3, hash = (SELECT hash FROM journal "
          "WHERE seq = 3), seal = (SELECT seal FROM journal WHERE seq = 3)"], 3),
        (["UPDATE journal_head SET seal = ''"], 5),
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


def test_a_chain_that_was_made_anew_without_the_key_is_named(database: Database) -> None:
    _filled(database)
    with database.write() as session:
        session.execute(sa.text("UPDATE journal SET actor = 'binh@so.example' WHERE seq = 3"))
        previous = GENESIS
        for entry in session.scalars(sa.select(JournalEntry).order_by(JournalEntry.seq)).all():
            entry.previous = previous
            previous = entry.hash = hashlib.sha256(canonical_line(entry).encode()).hexdigest()
        session.execute(sa.text("UPDATE journal_head SET hash = :hash"), {"hash": previous})
    with database.read() as session:
        assert verify(session) == ChainBreak(3, "its seal does not fit")


def test_a_journal_that_was_cut_continues_with_an_entry_that_says_so(database: Database) -> None:
    _filled(database)
    with database.write() as session:
        session.execute(sa.text("DELETE FROM journal WHERE seq > 3"))
        session.execute(sa.text("UPDATE journal_head SET seq = 3, hash = (SELECT hash FROM journal WHERE seq = 3)"))
    _filled(database, 2)
    with database.read() as session:
        broken = verify(session)
        acts = session.scalars(sa.text("SELECT act FROM journal ORDER BY seq")).all()
    assert acts == ["thing.done"] * 3 + ["journal.head_changed"] + ["thing.done"] * 2
    assert broken is not None
    assert broken.seq == 4


def test_a_time_that_is_none_is_named(sqlite: Database) -> None:
    _filled(sqlite)
    with sqlite.write() as session:
        session.execute(sa.text("UPDATE journal SET at = 'hôm qua' WHERE seq = 2"))
    with sqlite.read() as session:
        assert verify(session) == ChainBreak(2, "its time is no time: 'hôm qua'")


def test_another_key_writes_nothing_and_proves_nothing(database: Database) -> None:
    _filled(database)
    other = Database(_url(database), seals=_keys("another key " * 4))
    with pytest.raises(WrongKey), other.write() as session:
        record(session, "a", "thing.done", "thing", "t", now=NOW)
    with other.read() as session:
        assert verify(session) == ChainBreak(1, "it is sealed with a secret key that is not at hand")
    other.dispose()


def test_entries_under_a_former_key_are_proven_by_those_after_it(database: Database) -> None:
    _filled(database, 3)
    changed = Database(_url(database), seals=_keys("the new key " * 4, SECRET_KEY))
    _filled(changed, 2)
    without_former = Database(_url(database), seals=_keys("the new key " * 4))
    for opened in (changed, without_former):
        with opened.read() as session:
            assert verify(session) is None
    with changed.write() as session:
        session.execute(sa.text("UPDATE journal SET details = '{}' WHERE seq = 2"))
    with without_former.read() as session:
        broken = verify(session)
    assert broken is not None
    assert broken.seq == 2
    changed.dispose()
    without_former.dispose()


def _keys(*keys: str) -> JournalKeys:
    return JournalKeys(KeyRing(lambda: keys))


def _url(database: Database) -> str:
    return database.url if database.on_sqlite else database.engine.url.render_as_string(hide_password=False)


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
