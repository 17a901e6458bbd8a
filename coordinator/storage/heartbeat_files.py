"""The heartbeats of this machine's processes as files in the data folder, so that ``lantoa alive`` asks no database and
imports little: containers and supervisors call it every minute."""

import contextlib
import os
import socket
import time
import tomllib
from pathlib import Path

FOLDER = "alive"  # in the data folder
SILENCE = 60.0  # seconds without a heartbeat after which a process counts as stopped
FORGOTTEN_AFTER = 86_400.0  # seconds after which the file of a process that was killed is removed


def data_folder() -> Path:
    """Return the data folder as ``Settings.data_dir`` names it, without reading the other settings."""
    if given := os.environ.get("LANTOA_DATA_DIR"):
        return Path(given)
    with contextlib.suppress(FileNotFoundError):
        return Path(tomllib.loads(Path("lantoa.toml").read_text("utf-8")).get("data_dir", "var"))
    return Path("var")


def record(data_dir: Path, part: str) -> None:
    """Record that this process works as ``part`` (``web``, ``clock``, ``work``, ``render``). Raises ``OSError``."""
    path = _path(data_dir, part)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    now = time.time()
    os.utime(path, (now, now))  # by this machine's clock, also where the folder is on another one
    for other in path.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process has removed it
            if now - other.stat().st_mtime > FORGOTTEN_AFTER:
                other.unlink()


def remove(data_dir: Path, part: str) -> None:
    """Record that this process stops. Raises ``OSError``."""
    _path(data_dir, part).unlink(missing_ok=True)


def live_processes(data_dir: Path, part: str) -> list[str]:
    """Return the processes of this machine that work as ``part``, as ``machine:number``."""
    found = []
    for path in sorted((data_dir / FOLDER).glob(f"{part}_{_machine()}_*")):
        with contextlib.suppress(FileNotFoundError):  # it has just ended
            if time.time() - path.stat().st_mtime < SILENCE:
                found.append(f"{_machine()}:{path.name.rpartition('_')[2]}")
    return found


def _path(data_dir: Path, part: str) -> Path:
    return data_dir / FOLDER / f"{part}_{_machine()}_{os.getpid()}"


def _machine() -> str:
    return socket.gethostname()[:60]
