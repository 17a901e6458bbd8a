"""The heartbeats of a process, one for each loop that works in it, by which the running parts are counted."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import token_hex

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core import leases
from coordinator.jobs.context import JobContext
from coordinator.storage import heartbeat_files

log = logging.getLogger(__name__)

HEARTBEAT_INTERVAL = 10.0  # seconds: three times within the validity of one heartbeat
LOOP_SILENCE = 15.0  # seconds: workers are nudged every five, and clocks tick every second


class LifeSign:
    """When a loop last worked, and when it last went round; renewed by the loop itself. ``silence``: seconds without
    that after which the loop is treated as stopped."""

    def __init__(self, silence: float = LOOP_SILENCE) -> None:
        self._silence = silence
        self._worked_at = self._turned_at = time.monotonic()

    def renew(self) -> None:
        """Record that the loop works."""
        self._worked_at = self._turned_at = time.monotonic()

    def turn(self) -> None:
        """Record that the loop went round but could not work: the database or the broker does not answer. Starting the
        process anew would not help."""
        self._turned_at = time.monotonic()

    def is_recent(self) -> bool:
        """Whether the loop works."""
        return time.monotonic() - self._worked_at <= self._silence

    def is_turning(self) -> bool:
        """Whether the loop goes round, with or without success."""
        return time.monotonic() - self._turned_at <= self._silence


def notify_supervisor(state: str) -> None:
    """Send a state such as ``WATCHDOG=1`` to systemd, where it asks for that (``sd_notify(3)``); else do nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address  # an abstract socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), name)
    except OSError as error:
        log.warning("could not notify the supervisor: %s", error)


class Heartbeat:
    """Writes the heartbeats in its own thread from ``start`` to ``stop``. ``signs``: the parts of this process, each
    with the sign of its loop; None where asking the process is the better test. A part whose sign is old gets no
    heartbeat, so that it counts as stopped within a minute. ``data_dir``: where the same is said in files, for who
    supervises this machine's processes. ``watch``: called after every heartbeat.

    While every loop goes round, systemd's watchdog is told so; it starts a process anew whose loop hangs.
    """

    def __init__(
        self,
        context: JobContext,
        signs: Mapping[str, LifeSign | None],
        data_dir: Path,
        watch: Callable[[], None] | None = None,
    ) -> None:
        self._context, self._signs, self._data_dir, self._watch = context, signs, data_dir, watch
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
            for part in self._signs:
                heartbeat_files.remove(self._data_dir, part)
            with self._context.database.write() as session:
                for part in self._signs:
                    leases.remove_heartbeat(session, part, self._ident)
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not remove the heartbeat: %s", error)

    def _beat(self) -> None:
        while True:
            if all(sign is None or sign.is_turning() for sign in self._signs.values()):
                notify_supervisor("WATCHDOG=1")
            try:
                parts = [part for part, sign in self._signs.items() if sign is None or sign.is_recent()]
                with self._context.database.write() as session:
                    for part in parts:
                        leases.record_heartbeat(session, part, self._ident, self._holder, now=self._context.now())
                for part in parts:
                    heartbeat_files.record(self._data_dir, part)
                if self._watch is not None:
                    self._watch()
            except (SQLAlchemyError, OSError) as error:
                log.warning("could not write the heartbeat: %s", error)
            if self._stopped.wait(HEARTBEAT_INTERVAL):
                return
