"""The heartbeat of a process, by which the running processes are counted."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from secrets import token_hex

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core import heartbeat
from coordinator.jobs.context import JobContext

log = logging.getLogger(__name__)

HEARTBEAT_INTERVAL = 20.0  # seconds: three times within the validity of one heartbeat


class Heartbeat:
    """Writes the heartbeat in its own thread from ``start`` to ``stop``. ``parts``: the parts of this process;
    ``watch``: called after every heartbeat."""

    def __init__(self, context: JobContext, *parts: str, watch: Callable[[], None] | None = None) -> None:
        self._context, self._parts, self._watch = context, parts, watch
        self._ident = token_hex(8)
        self._holder = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and remove the heartbeat. When the database does not answer, it expires."""
        self._stopped.set()
        self._thread.join()
        try:
            with self._context.database.write() as session:
                for part in self._parts:
                    heartbeat.remove_heartbeat(session, part, self._ident)
        except SQLAlchemyError as error:
            log.warning("could not remove the heartbeat: %s", error)

    def _beat(self) -> None:
        while True:
            try:
                with self._context.database.write() as session:
                    for part in self._parts:
                        heartbeat.record_heartbeat(session, part, self._ident, self._holder, now=self._context.now())
                if self._watch is not None:
                    self._watch()
            except (SQLAlchemyError, OSError) as error:
                log.warning("could not write the heartbeat: %s", error)
            if self._stopped.wait(HEARTBEAT_INTERVAL):
                return
