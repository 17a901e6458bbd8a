"""Write the backup of the present version beside those of former releases, and remove what is older than five."""

import tempfile
from pathlib import Path

from campaigns import __version__
from tests.releases import FOLDER, kept_releases, write_release

with tempfile.TemporaryDirectory() as folder:
    write_release(FOLDER / f"lantoa-{__version__}.zip", Path(folder))
for former in set(FOLDER.glob("lantoa-*.zip")) - set(kept_releases()):
    former.unlink()
