"""A backup of each of the last five releases, made with that release: ``lantoa-<version>.zip``; and the sums of all
released migrations.

``python -m tests.releases`` writes both for the present version; the recipe is in ``CONTRIBUTING.md``.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import coordinator.migrations
from packaging.version import Version

from tests.coordinator.installation import Installation, Staff, until

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
    """Write the backup of an office, made by the program's own commands: a day of the demo with copies, kept pages and
    secrets, then a bulletin whose deliveries wait, since nobody of the demo answers any more. Everything is sealed with
    a key that was made for it and is in the file. ``folder``: for the office's data; one that is there already has the
    day of the demo in it."""
    with Installation(folder) as here:
        if not folder.exists():
            here.did("demo", "--once", "--port", str(here.port), "--data", str(folder))
        process = here.serve()
        until("serve answers", here.alive)
        Staff(here.base, here.keys("writer", "approver")).publish("Tin phát trước khi nâng cấp")
        assert here.end(process) == 0
        here.did("backup", str(file))
