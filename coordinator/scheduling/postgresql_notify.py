"""Nudges through PostgreSQL's NOTIFY: each reaches every worker process. For several processes without a broker."""

import logging
import threading
from collections.abc import Callable

import psycopg
import sqlalchemy as sa

from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.scheduling.nudges import QueuedRunner

log = logging.getLogger(__name__)

CHANNEL = "lantoa_work"
CONNECTED_WITHIN = 5  # seconds
PAUSE = 2.0  # seconds between tries to connect


def _connect(url: str) -> psycopg.Connection:
    """Return a connection outside SQLAlchemy's pool: a listening one is held for as long as the process lives."""
    parts = sa.make_url(url)
    given = parts.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(
        given, autocommit=True, connect_timeout=CONNECTED_WITHIN, keepalives_idle=20, keepalives_interval=5,
        keepalives_count=3,
    )  # fmt: skip


class NotifyRunner(QueuedRunner):
    """Sends nudges to every listening worker process."""

    def __init__(self, url: str) -> None:
        super().__init__((psycopg.Error, OSError))
        self._url = url
        self._connection: psycopg.Connection | None = None

    def send(self, kind: str) -> None:
        """Notify the listeners of a kind of work."""
        if self._connection is None:
            self._connection = _connect(self._url)
        self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, kind))

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Listener:
    """Calls ``on_nudge`` with the kind of every nudge, in its own thread from ``start`` to ``stop``."""

    def __init__(self, url: str, on_nudge: Callable[[str], None]) -> None:
        self._url, self._on_nudge = url, on_nudge
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        connected = True
        while not self._stopped.is_set():
            try:
                with _connect(self._url) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    if not connected:
                        log.warning("the database can be listened to again")
                    connected = True
                    self._listen(connection)
            except (psycopg.Error, OSError) as error:
                if connected:
                    log.warning("no nudges from the database: %s", str(error).strip() or type(error).__name__)
                connected = False
                self._stopped.wait(PAUSE)

    def _listen(self, connection: psycopg.Connection) -> None:
        while not self._stopped.is_set():
            for notice in connection.notifies(timeout=1.0):
                if notice.payload in WORK_KINDS:  # a newer release may know more
                    self._on_nudge(notice.payload)
