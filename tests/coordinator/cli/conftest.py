"""The command line as others use it: a process, its streams and its exit status."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from coordinator.db import Database

LANTOA = Path(sys.executable).parent / "lantoa"


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


class Machine:
    """A machine with an installation in ``data``; commands run in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.settings: dict[str, str] = {}

    def __call__(self, *words: str | Path, stdin: str = "", within: int = 120, **settings: str) -> Done:
        """Run ``lantoa`` with these words, ``within`` so many seconds; ``settings`` are for this run only."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        environment = kept | {"LANTOA_DATA_DIR": str(self.data), "LC_ALL": "C.UTF-8"} | self.settings
        environment |= {f"LANTOA_{name.upper()}": value for name, value in settings.items()}
        done = subprocess.run(
            [str(LANTOA), *map(str, words)],
            input=stdin,
            env=environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=within,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def well(self, *words: str | Path, stdin: str = "", **settings: str) -> str:
        """Standard output of a command that succeeds and has nothing to complain of."""
        done = self(*words, stdin=stdin, **settings)
        assert (done.status, done.err) == (0, ""), done
        return done.out

    def refused(self, *words: str | Path, stdin: str = "", **settings: str) -> str:
        """The one line on stderr of a command that ends with 2 and says nothing on stdout."""
        done = self(*words, stdin=stdin, **settings)
        assert (done.status, done.out, len(done.complaints)) == (2, "", 1), done
        return done.complaints[0]

    @property
    def database(self) -> Database:
        """The installation's database, to look behind the command line."""
        return Database(f"sqlite:///{self.data / 'lantoa.db'}")


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine on which nothing was ever run."""
    return Machine(tmp_path)


@pytest.fixture
def lantoa(tmp_path: Path, sqlite_template: Path) -> Machine:
    """A machine with an upgraded, empty database."""
    machine = Machine(tmp_path)
    machine.data.mkdir()
    shutil.copy(sqlite_template, machine.data / "lantoa.db")
    return machine
