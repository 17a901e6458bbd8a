"""How much room there is where a folder lies."""

import shutil
from pathlib import Path


def room(folder: Path) -> tuple[int, int]:
    """Bytes free and in all on the disk of ``folder``, which need not be there yet: it will lie on the disk of the
    nearest one above it that is. Raises ``OSError`` where the disk cannot be asked."""
    nearest = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
    found = shutil.disk_usage(nearest)
    return found.free, found.total
