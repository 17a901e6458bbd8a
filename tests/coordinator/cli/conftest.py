"""The command line as others use it: its words, its streams and its exit status.

Commands run in the process of the tests, which has everything imported; a process of its own takes two seconds to
start. `test_doctor_processes`, `test_serve` and `test_processes` start real ones.
"""

import logging
import os
import shutil
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from coordinator.cli.main import main
from coordinator.config import Settings
from coordinator.db import Database

LANTOA = Path(sys.executable).parent / "lantoa"  # for tests that need a process


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


# The mail server of some tests runs in this process, too, and its log is none of the command's.
logging.getLogger("mail.log").propagate = False


def _log_levels() -> list[tuple[logging.Logger, int]]:
    """The loggers that have a level of their own, and it: commands set some, and a process would end with them."""
    known = [logging.root, *logging.root.manager.loggerDict.values()]
    return [(logger, logger.level) for logger in known if isinstance(logger, logging.Logger) and logger.level]


class Machine:
    """A machine with an installation in ``data``; commands run in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.settings: dict[str, str] = {}

    def __call__(self, *words: str | Path, stdin: str = "", **settings: str) -> Done:
        """Run ``lantoa`` with these words; ``settings`` are for this run only."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        environment = kept | {"LANTOA_DATA_DIR": str(self.data), "LC_ALL": "C.UTF-8"} | self.settings
        environment |= {f"LANTOA_{name.upper()}": value for name, value in settings.items()}
        handlers, levels = logging.root.handlers[:], _log_levels()
        umask = os.umask(0o022)
        with (
            chdir(self.folder),
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["lantoa", *map(str, words)]),
            CliRunner().isolation(input=stdin) as (out, err, _),
        ):
            try:
                main()
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            finally:
                os.umask(umask)
                logging.root.handlers[:] = handlers
                for logger, _ in _log_levels():
                    logger.setLevel(logging.NOTSET)
                for logger, level in levels:
                    logger.setLevel(level)
            sys.stdout.flush()
            sys.stderr.flush()
            written, complaints = out.getvalue().decode(), err.getvalue().decode()
        assert "Traceback" not in complaints, complaints
        return Done(status, written, complaints)

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
        """The installation's database, to look behind the command line; to be disposed of by the caller."""
        return Database.from_settings(Settings(data_dir=self.data))


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine on which nothing was ever run."""
    return Machine(tmp_path)


@pytest.fixture
def lantoa(tmp_path: Path, sqlite_template: Path) -> Machine:
    """A machine with an upgraded, empty database."""
    machine = Machine(tmp_path)
    machine.data.mkdir(mode=0o700)
    shutil.copy(sqlite_template, machine.data / "lantoa.db")
    (machine.data / "lantoa.db").chmod(0o600)
    return machine
