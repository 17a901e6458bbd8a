"""A backup of each of the last five releases, made with that release: ``lantoa-<version>.zip``; and the sums of all
released migrations.

``python -m tests.releases`` writes both for the present version; the recipe is in ``CONTRIBUTING.md``.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import coordinator.migrations
from packaging.version import Version

from coordinator import schema
from coordinator.db import Database
from coordinator.storage import backup
from tests import factories
from tests.coordinator.storage.test_backup import KEYS, full_house

FOLDER = Path(__file__).parent
MIGRATIONS = FOLDER / "migrations.sha256"
KEPT = 5


def kept_releases() -> Sequence[Path]:
    """The backups of the last five releases, the oldest first."""
    files = FOLDER.glob("lantoa-*.zip")
    return sorted(files, key=lambda file: Version(file.stem.removeprefix("lantoa-")))[-KEPT:]


def migration_lines() -> Sequence[str]:
    """A line for each migration, as ``sha256sum`` writes it."""
    files = sorted((Path(coordinator.migrations.__path__[0]) / "versions").glob("m*.py"))
    return [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in files]


def write_release(file: Path, folder: Path) -> None:
    """Write the backup of an office with copies, kept pages, secrets, and deliveries that wait. ``folder``: for the
    office's data, empty."""
    database = Database(f"sqlite:///{folder / 'lantoa.db'}")
    schema.upgrade(database)
    house = full_house(database, folder)
    with database.write() as session:
        factories.published(session, now=house.context.now())  # its deliveries wait
    backup.backup(database, folder, file, keys=KEYS)
    database.dispose()
