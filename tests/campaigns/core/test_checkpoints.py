"""A checkpoint that left the machine shows whether the journal still contains what it named."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, make_checkpoint, verify_against
from campaigns.core.journal import record, verify
from coordinator.db import Database
from tests.factories import NOW


def _record(database: Database, *subjects: str) -> None:
    with database.write() as session:
        for subject in subjects:
            record(session, "an@so.example", "thing.done", "thing", subject, now=NOW)


def _checkpoint(database: Database) -> Checkpoint:
    with database.read() as session:
        return make_checkpoint(session, now=NOW + timedelta(minutes=1))


def test_a_line_is_read_as_it_was_written(database: Database) -> None:
    _record(database, "a", "b")
    made = _checkpoint(database)
    assert Checkpoint.parse(f"  {made}\n") == made
    _record(database, "c")
    with database.read() as session:
        assert verify_against(session, Checkpoint.parse(str(made))) is None
        assert verify_against(session, _checkpoint(database)) is None


def test_the_checkpoint_of_an_empty_journal_is_in_every_journal(database: Database) -> None:
    empty = _checkpoint(database)
    _record(database, "a")
    with database.read() as session:
        assert verify_against(session, empty) is None


def test_a_database_that_was_set_back_is_whole_and_lacks_the_entry(database: Database) -> None:
    """What no seal can show: every row is genuine, and the last ones never happened."""
    _record(database, "a", "b")
    with database.read() as session:
        head = session.execute(sa.text("SELECT seq, hash, seal FROM journal_head")).one()
    _record(database, "c", "d")
    later = _checkpoint(database)
    with database.write() as session:
        session.execute(sa.text("DELETE FROM journal WHERE seq > 2"))
        session.execute(sa.text("UPDATE journal_head SET seq = :seq, hash = :hash, seal = :seal"), head._mapping)
    with database.read() as session:
        assert verify(session) is None
        broken = verify_against(session, later)
    assert broken is not None
    assert broken.seq == 4
    assert "ends at 2" in broken.why
    _record(database, "e", "f", "g")
    with database.read() as session:
        assert verify(session) is None
        broken = verify_against(session, later)
    assert broken is not None
    assert "another entry" in broken.why


@pytest.mark.parametrize(
    "line",
    ["", "x", "lantoa-journal-1 3", "lantoa-journal-1 x h 2026-11-24T07:00:00+07:00 s",
     "lantoa-journal-1 -1 h 2026-11-24T07:00:00+07:00 s", "lantoa-journal-1 3 h hôm s",
     "lantoa-journal-1 3 h 2026-11-24T07:00:00 s", "lantoa-journal-2 3 h 2026-11-24T07:00:00+07:00 s"],
)  # fmt: skip
def test_a_text_that_is_no_checkpoint_is_refused(line: str) -> None:
    with pytest.raises(NoCheckpoint):
        Checkpoint.parse(line)


def test_a_line_that_was_changed_is_refused(database: Database) -> None:
    _record(database, "a", "b")
    made = _checkpoint(database)
    changed = (
        str(made).replace(" 2 ", " 1 "),
        str(made).replace(made.hash, made.hash[::-1]),
        str(made).replace("T0", "T1"),
        str(made)[:-1],
    )
    for line in changed:
        assert line != str(made)
        with database.read() as session, pytest.raises(NoCheckpoint):
            verify_against(session, Checkpoint.parse(line))
