"""The journal's end is noted outside the database: going back is noticed, and goes on only knowingly."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.core import incidents, journal
from campaigns.core.checkpoints import NoCheckpoint
from coordinator.db import Database
from coordinator.jobs import incident_watch
from coordinator.jobs.core.noted_head import accept_set_back, check_noted, note_head
from coordinator.storage.noted_head import NotedHead
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import NOW


def record(database: Database, *subjects: str) -> None:
    with database.write() as session:
        for subject in subjects:
            journal.record(session, "an@so.example", "topic.changed", "topic", subject, now=NOW)


def head(database: Database) -> dict[str, object]:
    with database.read() as session:
        return dict(session.execute(sa.text("SELECT seq, hash, seal FROM journal_head")).one()._mapping)


def set_back(database: Database, to: dict[str, object]) -> None:
    """The two tables that are enough."""
    with database.write() as session:
        session.execute(sa.text("DELETE FROM journal WHERE seq > :seq"), to)
        session.execute(sa.text("UPDATE journal_head SET seq = :seq, hash = :hash, seal = :seal"), to)


@pytest.fixture
def noted_head(tmp_path: Path) -> NotedHead:
    return NotedHead(tmp_path / "data")


def test_the_end_is_noted_for_this_account_alone_and_renewed(database: Database, noted_head: NotedHead) -> None:
    assert check_noted(database, noted_head) is None
    assert note_head(database, noted_head, now=NOW) is None
    assert noted_head.read() is None  # an empty journal has no end
    for count in (2, 3):
        record(database, "a") if count == 3 else record(database, "a", "b")
        assert note_head(database, noted_head, now=NOW) is None
        noted = noted_head.read()
        assert noted is not None
        assert (noted.checkpoint.seq, noted.set_back) == (count, 0)
    assert stat.S_IMODE(noted_head.path.stat().st_mode) == 0o600
    assert [path.name for path in noted_head.path.parent.iterdir()] == ["journal.head"]


def test_a_journal_that_was_set_back_is_noticed_also_when_it_has_grown_beyond_it(
    database: Database, noted_head: NotedHead
) -> None:
    record(database, "a", "b")
    earlier = head(database)
    record(database, "c", "d")
    note_head(database, noted_head, now=NOW)
    before = noted_head.path.read_bytes()
    set_back(database, earlier)
    for grown, why in ((), "is gone; the journal ends at 2"), (("e", "f", "g"), "it is another entry than at"):
        record(database, *grown)
        broken = note_head(database, noted_head, now=NOW)
        assert broken is not None
        assert (broken.seq, why in broken.why, str(noted_head.path) in broken.why) == (4, True, True)
    assert noted_head.path.read_bytes() == before


def test_an_end_that_another_process_noted_meanwhile_is_not_replaced_by_an_earlier_one(
    database: Database, noted_head: NotedHead
) -> None:
    record(database, "a")
    other = NotedHead(noted_head.path.parent)

    class Slow(NotedHead):
        reads = 0

        def read(self):  # type: ignore[no-untyped-def]
            self.reads += 1
            if self.reads == 2:  # between the look at the journal and the note
                record(database, "b")
                note_head(database, other, now=NOW)
            return super().read()

    assert note_head(database, Slow(noted_head.path.parent), now=NOW) is None
    noted = noted_head.read()
    assert noted is not None
    assert noted.checkpoint.seq == 2


def test_going_on_is_recorded_and_counted_though_going_back_again_loses_the_record(
    database: Database, noted_head: NotedHead
) -> None:
    record(database, "a")
    earlier = head(database)
    record(database, "b")
    assert accept_set_back(database, noted_head, "cli", now=NOW) is None  # notes it
    for times in (1, 2):
        set_back(database, earlier)
        back = accept_set_back(database, noted_head, "cli", now=NOW)
        assert back is not None
        assert (back.last, back.times) == (1, times)
        assert check_noted(database, noted_head) is None
        with database.read() as session:
            assert journal.verify(session) is None
            (entry,) = journal.history(session, "journal", "1")
        assert (entry.act, entry.actor) == ("journal.set_back", "cli")
        noted = noted_head.read()
        assert noted is not None
        assert (noted.checkpoint.seq, noted.set_back) == (2, times)


@pytest.mark.parametrize("text", ["", "x", "lantoa-journal-1 3 abc\nset back 0 times\n", "x\nset back -1 times\n"])
def test_a_file_that_was_not_written_here_is_a_fault_and_is_not_replaced(
    sqlite: Database, noted_head: NotedHead, text: str
) -> None:
    record(sqlite, "a")
    note_head(sqlite, noted_head, now=NOW)
    noted_head.path.write_text(text)
    with pytest.raises(NoCheckpoint):
        noted_head.read()
    broken = note_head(sqlite, noted_head, now=NOW)
    assert broken is not None
    assert "cannot be compared" in broken.why
    assert noted_head.path.read_text() == text
    assert accept_set_back(sqlite, noted_head, "cli", now=NOW) is not None
    assert check_noted(sqlite, noted_head) is None


def test_the_clock_notes_the_end_and_raises_an_alarm_when_it_is_gone(stage: JobHarness, noted_head: NotedHead) -> None:
    context = replace(stage.context, noted_head=noted_head)
    record(stage.database, "a")
    earlier = head(stage.database)
    record(stage.database, "b")
    incident_watch.watch_work(context)
    noted = noted_head.read()
    assert noted is not None
    assert noted.checkpoint.seq >= 2
    set_back(stage.database, earlier)

    def going_on() -> list[str]:
        with stage.database.read() as session:
            codes = [incident.code for incident in incidents.ongoing_incidents(session)]
        return [code for code in codes if code == "journal_set_back"]

    incident_watch.watch_work(context)
    assert going_on() == ["journal_set_back"]
    accept_set_back(stage.database, noted_head, "cli", now=NOW)
    incident_watch.watch_work(context)
    assert going_on() == []
