"""Write the backup of the present version beside those of former releases, remove what is older than five, and note the
migrations that are released now."""

import tempfile
from pathlib import Path

from campaigns import __version__
from tests.releases import FOLDER, MIGRATIONS, kept_releases, migration_lines, write_release

with tempfile.TemporaryDirectory() as folder:
    write_release(FOLDER / f"lantoa-{__version__}.zip", Path(folder) / "data")
for former in set(FOLDER.glob("lantoa-*.zip")) - set(kept_releases()):
    former.unlink()
MIGRATIONS.write_text("".join(f"{line}\n" for line in migration_lines()))
