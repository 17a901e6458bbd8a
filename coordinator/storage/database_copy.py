"""A copy of the data folder that SQLite's online backup keeps up to date, every few minutes, while the product runs.

A folder holds the newest copies of the database, named by their time, the kept pages and the secret key: with the
newest copy as ``lantoa.db`` it is a data folder.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.core.errors import CampaignError
from coordinator.config import SECRET_KEY_FILE
from coordinator.storage.leftovers import locked_part, remove_leftovers

KEPT_COPIES = 3
OVERDUE_AFTER = timedelta(minutes=10)  # two copies were missed
_COPIES, _TIME = "lantoa-*.db", "lantoa-%Y%m%dT%H%M%S.db"
_PART = ".lantoa-copy-"


class BadCopy(CampaignError):
    """A folder holds no copy, or a damaged one."""

    code = "bad_copy"


@dataclass(frozen=True)
class DatabaseCopy:
    """Where the database is, and where it is copied to. ``keys``: the secret keys, the current one first."""

    database: Path
    data_dir: Path
    folder: Path
    keys: Sequence[str]

    def make(self, now: datetime) -> Path:
        """Copy the database, the pages that are not there yet, and the key; returns the new copy. Writers do not wait.
        All but the newest copies are removed. Raises ``OSError`` or ``sqlite3.Error``; the former copies stay then.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        remove_leftovers(self.folder, _PART)
        made = self.folder / now.astimezone(UTC).strftime(_TIME)
        with locked_part(self.folder, _PART) as (file, part):
            with (
                closing(sqlite3.connect(self.database, timeout=30)) as source,
                closing(sqlite3.connect(part)) as target,
            ):
                source.backup(target)
            os.fsync(file.fileno())
            part.replace(made)
        copy_pages(self.data_dir / "pages", self.folder / "pages")
        _write_key(self.folder / SECRET_KEY_FILE, self.keys)
        for former in sorted(self.folder.glob(_COPIES))[:-KEPT_COPIES]:
            former.unlink()
        return made

    def age(self, now: datetime) -> timedelta | None:
        """How old the newest copy is; None where there is none."""
        newest = newest_copy(self.folder)
        return now - datetime.fromtimestamp(newest.stat().st_mtime, UTC) if newest is not None else None


def newest_copy(folder: Path) -> Path | None:
    """The newest copy in a folder."""
    return max(folder.glob(_COPIES), default=None)


def copy_pages(source: Path, target: Path, progress: Callable[[int], object] = lambda _count: None) -> tuple[int, int]:
    """Copy the kept pages that are not in ``target`` yet, and return how many there are and how many were copied. Their
    names are made of their hash, so that one that is there is the same. ``progress``: called with 1 for each page."""
    known = {page.name for page in target.glob("??/*.gz")}
    pages = new = 0
    for page in sorted(source.glob("??/*.gz")):
        pages += 1
        progress(1)
        if page.name in known:
            continue
        place = target / page.parent.name / page.name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = place.with_name(f"{place.name}.part")
        shutil.copyfile(page, part)
        part.chmod(0o600)
        part.replace(place)
        new += 1
    return pages, new


def restore_copy(folder: Path, database: Path, data_dir: Path) -> Path:
    """Fill an empty data folder from the newest copy and return that copy. Raises ``BadCopy`` when there is none, it is
    damaged, or the data folder has a database; nothing is changed then."""
    newest = newest_copy(folder)
    if newest is None:
        raise BadCopy(f"{folder} holds no copy of a database")
    if database.exists():
        raise BadCopy(f"there is a database already: {database}")
    checked = sqlite3.connect(f"file:{newest}?immutable=1", uri=True)
    try:
        found = checked.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadCopy(f"{newest} is damaged: {error}") from error
    finally:
        checked.close()
    if found != "ok":
        raise BadCopy(f"{newest} is damaged: {found}")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_pages(folder / "pages", data_dir / "pages")
    _write_key(data_dir / SECRET_KEY_FILE, (folder / SECRET_KEY_FILE).read_text().split())
    part = database.with_name(f"{database.name}.part")
    shutil.copyfile(newest, part)
    part.chmod(0o600)
    part.replace(database)
    return newest


def _write_key(file: Path, keys: Sequence[str]) -> None:
    text = "".join(f"{key}\n" for key in keys)
    if file.exists() and file.read_text() == text:
        return
    part = file.with_name(f"{file.name}.{time.time_ns()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
    part.replace(file)
