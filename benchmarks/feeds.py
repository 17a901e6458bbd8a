"""Feeds per second, whole and unchanged, against the same server's empty reply, over one real connection each."""

import http.client
import tempfile
import threading
from pathlib import Path

from benchmarks import worlds
from benchmarks.measure import Line, rate
from coordinator import composing
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.jobs.workplace import Front
from coordinator.scheduling.runner import Silent
from coordinator.serving import WebServer

CLIENTS = 4
EACH = 25


class Caller:
    """A few clients that keep their connections and ask one path again and again."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._path, self._headers = path, headers
        self._connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(CLIENTS)]
        self.status = 0

    def __call__(self) -> int:
        threads = [threading.Thread(target=self._ask, args=(one,)) for one in self._connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return CLIENTS * EACH

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        for _ in range(EACH):
            connection.request("GET", self._path, headers=self._headers)
            answer = connection.getresponse()
            answer.read()
            self.status = answer.status


def run() -> list[Line]:
    """RSS of the 50 newest of 1,000 bulletins."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read(data_dir=Path(folder))
        database = worlds.sqlite(Path(folder), "lantoa.db")
        with database.write() as session:
            worlds.fill(session, 1, 1000)
        app = create_app(Front(composing.workplace(settings, database), Silent(), settings))
        server = WebServer(app, "127.0.0.1", 0, 16)
        server.start()
        empty = rate(Caller(server.port, "/healthz", {}))
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/feeds/rss.xml")
        first = connection.getresponse()
        first.read()
        etag = first.getheader("ETag") or ""
        whole = Caller(server.port, "/feeds/rss.xml", {"Accept-Encoding": "gzip"})
        got = rate(whole)
        same = Caller(server.port, "/feeds/rss.xml", {"If-None-Match": etag})
        unchanged = rate(same)
        assert (whole.status, same.status) == (200, 304), (whole.status, same.status)
        server.stop()
        database.dispose()
    return [
        Line("feed, whole, gzip", got, "per s", empty, "empty reply"),
        Line("feed, 304", unchanged, "per s", empty, "empty reply", "ratio >= 0.5"),
    ]
