"""Feeds per second, whole and unchanged: against the same server's empty reply, against WordPress's own feed of as many
posts, and against nginx with the same bytes in a file."""

import gzip
import http.client
import multiprocessing
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from benchmarks import worlds
from benchmarks.corpus.bulletins import make
from benchmarks.measure import Line, rate
from coordinator import composition
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.context import AppContext, NullRunner
from coordinator.wsgi_server import WebServer
from tests.coordinator.installation import free_port, until
from tests.peers import wordpress

CLIENTS = 4
EACH = 25
TEN = 10  # posts in WordPress's feed, as it comes
NGINX = """daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1; events {{ worker_connections 64; }}
http {{ access_log off; types {{ application/rss+xml xml; }} gzip_static on; keepalive_requests 1000000;
client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""


class Caller:
    """A few clients that keep their connections and ask one path again and again."""

    def __init__(self, port: int, path: str, headers: dict[str, str], each: int = EACH) -> None:
        self._path, self._headers, self._each = path, headers, each
        self._connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(CLIENTS)]
        self.status = 0

    def __call__(self) -> int:
        threads = [threading.Thread(target=self._ask, args=(connection,)) for connection in self._connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return CLIENTS * self._each

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        for _ in range(self._each):
            connection.request("GET", self._path, headers=self._headers)
            answer = connection.getresponse()
            answer.read()
            self.status = answer.status


def _got(port: int, path: str) -> tuple[bytes, str]:
    """A body and its entity tag."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body, answer.getheader("ETag") or ""


def run() -> Iterator[Line]:
    """RSS of the 50 newest of 1,000 bulletins, beside nginx, and of ten beside WordPress, where there are such."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        database = worlds.sqlite(folder, "lantoa.db")
        with database.write() as session:
            worlds.fill(session, 1, 1000)
        database.dispose()
        with _ours(folder) as port:
            empty = rate(Caller(port, "/healthz", {}))
            body, etag = _got(port, "/feeds/rss.xml")
            whole = Caller(port, "/feeds/rss.xml", {"Accept-Encoding": "gzip"})
            got = rate(whole)
            same = Caller(port, "/feeds/rss.xml", {"If-None-Match": etag})
            unchanged = rate(same)
            assert (whole.status, same.status) == (200, 304), (whole.status, same.status)
            yield Line("feed, whole, gzip", got, "per s", empty, "empty reply", "ratio >= 0.01")
            yield Line("feed, 304", unchanged, "per s", empty, "empty reply", "ratio >= 0.1")
            yield from _beside_nginx(folder, got, body)
            yield from _beside_wordpress(port)


@contextmanager
def _ours(folder: Path) -> Iterator[int]:
    """Our web server in a process of its own, as readers meet it; yields its port."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(timeout=30)


def _serve(folder: Path, connection: Connection) -> None:
    settings = Settings.read(data_dir=folder)
    context = composition.job_context(settings, Database.from_settings(settings))
    server = WebServer(create_app(AppContext(context, NullRunner(), settings)), "127.0.0.1", 0, 16)
    server.start()
    connection.send(server.port)
    connection.recv()
    server.stop()
    context.database.dispose()


def _beside_nginx(folder: Path, ours: float, body: bytes) -> Iterator[Line]:
    path = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        return
    with _nginx(path, folder / "nginx", body) as port:
        theirs = Caller(port, "/rss.xml", {"Accept-Encoding": "gzip"})
        yield Line("feed, whole, gzip", ours, "per s", rate(theirs), "nginx, same bytes")
        assert theirs.status == 200, theirs.status


@contextmanager
def _nginx(path: str, folder: Path, body: bytes) -> Iterator[int]:
    (folder / "www").mkdir(parents=True)
    (folder / "www" / "rss.xml").write_bytes(body)
    (folder / "www" / "rss.xml.gz").write_bytes(gzip.compress(body, 6))
    for each in (folder, folder.parent, folder / "www"):
        each.chmod(0o755)  # its worker is another user where we are root
    port = free_port()
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port), "utf-8")
    server = subprocess.Popen([path, "-c", str(folder / "conf"), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        until("nginx answers", lambda: _answers(port))
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        return bool(_got(port, "/rss.xml")[0])
    except OSError:
        return False


def _beside_wordpress(port: int) -> Iterator[Line]:
    try:
        site = wordpress.running()
        with site as peer:
            for number in range(TEN):
                bulletin = make(f"wordpress{number}", 400)
                peer.publish(bulletin.title, "".join(f"<p>{line}</p>" for line in (bulletin.lead, *bulletin.lines)))
            theirs = Caller(int(peer.url.rpartition(":")[2]), "/?feed=rss2", {}, each=3)
            slow = rate(theirs, rounds=1)
            assert theirs.status == 200, theirs.status
            fast = rate(Caller(port, f"/feeds/rss.xml?limit={TEN}", {}))
    except pytest.skip.Exception:
        return  # there is none on this machine
    yield Line("feed of ten, whole", fast, "per s", slow, "WordPress's own feed", "ratio >= 1")
