"""What a worker and the embedded process weigh with 100,000 bulletins, while they index them, and after feeds."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import worlds
from benchmarks.measure import Line

BULLETINS, WORDS = 100_000, 480
INDEXING = 20  # seconds in which fingerprints are made, before a process is weighed


def _weights(pid: int) -> tuple[float, float]:
    """Resident now and at most, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    now, most = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
    assert now is not None
    assert most is not None
    return int(now[1]) / 1000, int(most[1]) / 1000


def run() -> list[Line]:
    """Resident memory of ``lantoa serve`` and of ``lantoa work``, in MB; nothing where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder), "lantoa.db")
        for start in range(0, BULLETINS, 2000):
            with database.write() as session:
                worlds.fill(session, start + 1, 2000, WORDS)
        database.dispose()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "LANTOA_DATA_DIR": folder, "LANTOA_BASE_URL": f"http://localhost:{port}"}
        with _running(environment, "work") as worker:
            time.sleep(INDEXING)
            weighed = [("lantoa work", *_weights(worker.pid))]
        with _running(environment, "serve", "--port", str(port)) as server:
            _until_it_answers(port)
            for name in ("rss.xml", "atom.xml", "feed.json", "ninjs.json"):
                for after in ("", "?after=", "?limit=200"):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/feeds/{name}{after}", timeout=20).read()
            time.sleep(INDEXING)
            weighed.append(("embedded process", *_weights(server.pid)))
    return [
        Line(f"{name} with {BULLETINS:,} bulletins: {what}", size, "MB", 250.0, "allowed", "ratio <= 1")
        for name, now, most in weighed
        for what, size in (("now", now), ("most", most))
    ]


@contextmanager
def _running(environment: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the product's, told to stop at the end and waited for."""
    line = [sys.executable, "-c", "from coordinator.cli import main; main()", *command]
    with subprocess.Popen(line, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _until_it_answers(port: int) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the server did not answer")
