"""Checkpoints of the journal: one line that names its end, signed, to be kept outside the machine.

Its holder can later check whether everything up to it is unchanged: a journal that was cut, set back to an older
copy or written anew does not contain the entry that the line names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.core.journal import SEALS, ChainBreak, JournalEntry, JournalSeals, SealState

_FORM = "lantoa-journal-1"
_LAST_NUMBER = 2**63 - 1  # of a database
# A line whose spaces were lost or multiplied on the way: by a page that wraps it, by a field that joins lines. A hash
# has 64 digits and a time begins with four, so that the parts are distinguished without spaces.
_WRAPPED = re.compile(
    rf"{_FORM}(\d+?)([0-9a-f]{{64}})(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d)([0-9a-f]{{8}}\.[0-9a-f]{{64}})"
)


class NoCheckpoint(ValueError):
    """A text is no checkpoint, or one that was changed; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """The end of the journal at ``at``: entry ``seq`` with its ``hash``, 0 of an empty one; ``seal`` covers all."""

    seq: int
    hash: str
    at: datetime
    seal: str

    @property
    def sealed_text(self) -> str:
        """The text under the seal."""
        return f"{_FORM} {self.seq} {self.hash} {self.at.astimezone(CITY).isoformat(timespec='seconds')}"

    def __str__(self) -> str:
        """Return the line: form, number, hash, time, seal."""
        return f"{self.sealed_text} {self.seal}"

    @classmethod
    def parse(cls, line: str) -> "Checkpoint":
        """Read a line, also one that was wrapped. Raises ``NoCheckpoint``."""
        parts = line.split()
        if wrapped := _WRAPPED.fullmatch("".join(parts)):
            parts = [_FORM, *wrapped.groups()]
        if len(parts) != 5 or parts[0] != _FORM:
            raise NoCheckpoint(f"expected a line that begins with {_FORM}")
        try:
            seq, at = int(parts[1]), datetime.fromisoformat(parts[3])
            at.astimezone(CITY)
        except (ValueError, OverflowError):
            raise NoCheckpoint("its number or time cannot be read") from None
        if not 0 <= seq <= _LAST_NUMBER or at.tzinfo is None:
            raise NoCheckpoint("its number or time cannot be read")
        return cls(seq, parts[2], at, parts[4])


def find_checkpoints(text: str) -> Iterator[Checkpoint]:
    """Return the checkpoints in a text: a report's JSON, a letter, what was copied from a printed page. Raises
    ``NoCheckpoint`` when one of them cannot be read."""
    for rest in "".join(text.split()).split(_FORM)[1:]:
        found = _WRAPPED.match(_FORM + rest)
        if found is None:
            raise NoCheckpoint(f"{_FORM} {rest[:60]}… cannot be read")
        yield Checkpoint.parse(found[0])


def make_checkpoint(session: Session, *, now: datetime) -> Checkpoint:
    """Return the checkpoint of this moment. The session needs seals."""
    seals: JournalSeals = session.info[SEALS]
    seq, last = journal.last_entry_of(session)
    unsealed = Checkpoint(seq, last, now, "")
    return Checkpoint(seq, last, now, seals.seal(unsealed.sealed_text))


def verify_against(session: Session, checkpoint: Checkpoint) -> ChainBreak | None:
    """Check that the journal contains the entry of a checkpoint; the chain itself is checked by ``journal.verify``.

    Raises ``NoCheckpoint`` for a line that this installation did not sign. A line under a key that is no longer at
    hand is compared all the same: its hash says enough.
    """
    seals: JournalSeals = session.info[SEALS]
    if seals.check(checkpoint.sealed_text, checkpoint.seal) is SealState.BROKEN:
        raise NoCheckpoint("its seal does not fit: it was changed, or is of another installation")
    if checkpoint.seq == 0:
        return None
    query = sa.select(JournalEntry.hash).where(JournalEntry.seq == checkpoint.seq)
    found = session.execute(query).scalar_one_or_none()
    day = checkpoint.at.astimezone(CITY)
    if found is None:
        last, _ = journal.last_entry_of(session)
        return ChainBreak(
            checkpoint.seq, f"it was there on {day:%Y-%m-%d %H:%M} and is gone; the journal ends at {last}"
        )
    if found != checkpoint.hash:
        return ChainBreak(checkpoint.seq, f"it is another entry than at {day:%Y-%m-%d %H:%M}")
    return None
