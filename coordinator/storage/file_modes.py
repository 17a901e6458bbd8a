"""The modes of the files in the data folder: only the account that runs the program reads them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def create_private_files() -> None:
    """Let this process and its children create folders with mode 0700 and files with 0600, whatever umask it was
    started with: the database with its log, the secret key, kept pages, backups and reports."""
    os.umask(OTHERS)


def open_to_others(folder: Path) -> list[Path]:
    """Return what other accounts of the machine may open: ``folder`` itself, what is directly in it, and the folders of
    kept pages. Empty where the system has no such modes."""
    if os.name != "posix":
        return []
    return [path for path in _kept_paths(folder) if stat.S_IMODE(path.stat().st_mode) & OTHERS]


def _kept_paths(folder: Path) -> Iterator[Path]:
    if not folder.exists():
        return
    yield folder
    yield from sorted(path for path in folder.iterdir() if not path.is_symlink())
    yield from sorted(path for path in (folder / "pages").glob("*") if path.is_dir())
