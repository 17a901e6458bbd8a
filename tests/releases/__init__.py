"""A backup of each of the last five releases, made with that release: ``lantoa-<version>.zip``. None so far: nothing is
released yet.

``python -m tests.releases`` writes the one of the present version; the recipe is in ``CONTRIBUTING.md``.
"""

from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from coordinator import schema
from coordinator.db import Database
from coordinator.storage import backup
from tests import factories
from tests.coordinator.storage.test_backup import KEYS, full_house

FOLDER = Path(__file__).parent
KEPT = 5


def kept_releases() -> Sequence[Path]:
    """The backups of the last five releases, the oldest first."""
    files = FOLDER.glob("lantoa-*.zip")
    return sorted(files, key=lambda file: Version(file.stem.removeprefix("lantoa-")))[-KEPT:]


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
