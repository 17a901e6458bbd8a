"""The noted head: the newest checkpoint of the journal in a file beside the secret key, outside the database."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from campaigns.core.checkpoints import Checkpoint, NoCheckpoint

NOTED_HEAD_FILE = "journal.head"


@dataclass(frozen=True)
class Noted:
    """What the file says. ``set_back``: how many times the journal of this data folder was set back by a restore, or by
    ``lantoa journal accept``. The journal itself cannot tell: what is set back has lost the entries of it."""

    checkpoint: Checkpoint
    set_back: int = 0


class NotedHead:
    """The file ``journal.head`` of a data folder (mode 0600): a checkpoint, and a line ``set back N times``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NOTED_HEAD_FILE

    def read(self) -> Noted | None:
        """What is noted; None where nothing is yet. Raises ``NoCheckpoint`` for a file that was not written here,
        ``OSError`` for one that cannot be read."""
        try:
            lines = self.path.read_bytes().decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return None
        words = lines[1].split() if len(lines) == 2 else []
        if len(words) != 4 or not words[2].isdecimal():
            raise NoCheckpoint("expected a checkpoint and a line with a counter")
        return Noted(Checkpoint.parse(lines[0]), int(words[2]))

    def write(self, noted: Noted) -> None:
        """Replace the file at once, on disk before it returns. Raises ``OSError``."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(f"{noted.checkpoint}\nset back {noted.set_back} times\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self.path)
        except BaseException:
            os.unlink(draft)
            raise
