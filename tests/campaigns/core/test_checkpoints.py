"""A checkpoint that left the machine shows whether the journal still contains what it named."""

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, find_checkpoints, make_checkpoint, verify_against
from campaigns.core.journal import GENESIS, SEALS, JournalEntry, canonical_line, record, verify
from coordinator.db import Database
from coordinator.encryption import JournalKeys, KeyRing
from tests.factories import NOW
from tests.shared_caches import SECRET_KEY


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


# Rewrites of a journal of six entries, as the entries that remain in their order; None for one in place of another.
REWRITES: dict[str, list[int | None]] = {
    "an entry edited": [1, 2, None, 4, 5, 6],
    "an entry removed": [1, 2, 4, 5, 6],
    "two entries swapped": [1, 3, 2, 4, 5, 6],
    "the end cut off": [1, 2, 3],
    "an entry put in": [1, 2, None, 3, 4, 5, 6],
    "all removed": [],
    "all made anew": [None] * 6,
    "all made anew, and longer": [None] * 9,
}
OTHER_KEY = "m" * 43


def _rewrite(session: Session, left: list[int | None], hand: str) -> None:
    """Leave these entries. ``by hand``: the rows as they were, with new numbers; ``chained``: with fitting hashes and
    the old seals; ``with the key``: and with seals under the secret key, or under another that took its place."""
    keys = {"with the key": SECRET_KEY, "with another key in its place": OTHER_KEY}
    seals = JournalKeys(KeyRing(lambda: (keys[hand],))) if hand in keys else None
    old = [dict(row) for row in session.execute(sa.text("SELECT * FROM journal ORDER BY seq")).mappings()]
    session.execute(sa.text("DELETE FROM journal"))
    previous = GENESIS
    for seq, number in enumerate(left, 1):
        row = old[number - 1 if number else 0] | {"seq": seq}
        if number is None:
            row["actor"] = "nobody@so.example"
        if hand != "by hand":
            entry = JournalEntry(**row | {"previous": previous, "at": NOW})
            digest = hashlib.sha256(canonical_line(entry).encode()).hexdigest()
            row |= {"previous": previous, "hash": digest, "seal": seals.seal(digest) if seals else row["seal"]}
        insert = f"INSERT INTO journal ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
        session.execute(sa.text(insert), row)
        previous = row["hash"]
    seal = seals.seal(f"journal head {len(left)} {previous}") if seals else ""
    session.execute(
        sa.text("UPDATE journal_head SET seq = :seq, hash = :hash, seal = :seal"),
        {"seq": len(left), "hash": previous, "seal": seal},
    )


@pytest.mark.parametrize("hand", ["by hand", "chained", "with the key", "with another key in its place"])
def test_an_earlier_checkpoint_shows_every_rewrite(database: Database, hand: str) -> None:
    """Without the key the chain itself shows it. With the key, or another in its place, a rewritten journal is whole,
    but does not contain the checkpoint."""
    _record(database, "a", "b", "c", "d", "e", "f")
    kept = _checkpoint(database)
    has_key = "key" in hand
    for rewrite, left in REWRITES.items():
        with database.write() as session:
            before = session.begin_nested()
            _rewrite(session, left, hand)
            if hand == "with another key in its place":
                session.info[SEALS] = JournalKeys(KeyRing(lambda: (OTHER_KEY,)))
            session.expire_all()
            by_chain, by_checkpoint = verify(session), verify_against(session, kept)
            before.rollback()
        # An emptied journal is a break beside people only (``journal_check``), unless a checkpoint is at hand.
        assert (by_chain is None) == (has_key or not left), rewrite
        assert (by_chain or by_checkpoint) is not None, rewrite
        assert by_checkpoint is not None or not has_key, rewrite


@pytest.mark.parametrize("spaces", ["\n", "", "  \n\t"])
def test_a_line_that_a_page_wrapped_is_found_in_its_text(database: Database, spaces: str) -> None:
    _record(database, "a")
    made = _checkpoint(database)
    text = f"Mốc: {str(made).replace(' ', spaces)}."
    for cut in (60, 90, 150):
        assert list(find_checkpoints(f"{text[:cut]}\n{text[cut:]} và {made}")) == [made, made]
    with pytest.raises(NoCheckpoint):
        list(find_checkpoints(f"{made} {str(made)[:100]}"))


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


@pytest.mark.parametrize(
    ("number", "at"),
    [("9" * 30, "2026-11-24T08:00:00+07:00"), ("1", "0001-01-01T00:00:00+23:59"), ("1", "9999-12-31T23:59:59-23:59")],
)
def test_a_number_or_a_time_that_no_journal_has_is_no_checkpoint(number: str, at: str) -> None:
    with pytest.raises(NoCheckpoint, match="number or time"):
        Checkpoint.parse(f"lantoa-journal-1 {number} {'0' * 64} {at} deadbeef.{'0' * 64}")
