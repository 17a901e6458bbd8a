"""The journal's end, noted outside the database: asked by every verification and each minute, and renewed while the
journal contains it.

Who can write the database alone cannot set the journal back to before the noted entry unseen. What was written since
the last note, a minute at most while a clock runs, is not covered, nor is a data folder that the same person can write.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from campaigns.core import journal
from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, make_checkpoint, verify_against
from campaigns.core.journal import ChainBreak
from coordinator.db import Database
from coordinator.storage.noted_head import Noted, NotedHead

log = logging.getLogger(__name__)

SET_BACK = "journal.set_back"
REMEDY = "if it was restored by hand: lantoa journal accept"


def check_noted(database: Database, noted_head: NotedHead | None) -> ChainBreak | None:
    """Whether the journal contains the noted entry; None too where nothing is noted yet."""
    if noted_head is None:
        return None
    try:
        # Before the session: one that began earlier would not see an entry that another process has noted meanwhile.
        noted = noted_head.read()
        with database.read() as session:
            broken = verify_against(session, noted.checkpoint) if noted is not None else None
    except (NoCheckpoint, OSError) as error:
        return ChainBreak(0, f"{noted_head.path} cannot be compared: {error}; {REMEDY}")
    return ChainBreak(broken.seq, f"{broken.why}, as {noted_head.path} says; {REMEDY}") if broken is not None else None


def note_head(database: Database, noted_head: NotedHead, *, now: datetime) -> ChainBreak | None:
    """Compare the journal with what is noted, and note its end when it holds. A folder that cannot be written is logged
    and stops nothing."""
    if (broken := check_noted(database, noted_head)) is not None:
        return broken
    with database.read() as session:
        end = make_checkpoint(session, now=now)
    try:
        noted = noted_head.read()
        if end.seq > (noted.checkpoint.seq if noted is not None else 0):
            noted_head.write(Noted(end, noted.set_back if noted is not None else 0))
    except (NoCheckpoint, OSError) as error:
        log.error("the journal's end was not noted in %s: %s", noted_head.path, error)
    return None


@dataclass(frozen=True)
class SetBack:
    """A journal that was set back and goes on. ``noted``: what had been noted, None for a file that cannot be read;
    ``last``: the entry that it was set back to; ``times``: how many times this folder's journal was by now."""

    noted: Checkpoint | None
    last: int
    times: int

    def __str__(self) -> str:
        """Return a sentence."""
        was = f"entry {self.noted.seq} was noted" if self.noted is not None else "what was noted cannot be read"
        return f"the journal goes back to entry {self.last}: {was}; recorded as {SET_BACK}, number {self.times}"


def accept_set_back(database: Database, noted_head: NotedHead, actor: str, *, now: datetime) -> SetBack | None:
    """Record in the journal that it was set back, and note its present end; None where it was not, and its end is
    noted. Raises ``OSError`` when the file cannot be read or written."""
    if note_head(database, noted_head, now=now) is None:
        return None
    try:
        noted = noted_head.read()
    except NoCheckpoint:
        noted = None
    with database.write() as session:
        last, _ = journal.last_entry_of(session)
        back = SetBack(noted.checkpoint if noted else None, last, (noted.set_back if noted else 0) + 1)
        details = {"noted": str(back.noted or ""), "times": back.times}
        journal.record(session, actor, SET_BACK, "journal", str(last), details, now=now)
    with database.read() as session:
        noted_head.write(Noted(make_checkpoint(session, now=now), back.times))
    return back
