"""A process signs that it is there, so that the others, and whoever watches them, can count them."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from secrets import token_hex

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core import presence
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

EVERY = 20.0  # seconds: three times within what one signature is good for


class Signing:
    """Signs in a thread of its own from ``start`` to ``stop``. ``parts``: what this process does; ``watch``: what it
    looks at whenever it has signed, since nobody else would."""

    def __init__(self, place: Workplace, *parts: str, watch: Callable[[], None] | None = None) -> None:
        self._place, self._parts, self._watch = place, parts, watch
        self._ident = token_hex(8)
        self._holder = f"{socket.gethostname()[:60]}:{os.getpid()}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sign_on_and_on, name="signing", daemon=True)

    def start(self) -> None:
        """Begin to sign."""
        self._thread.start()

    def stop(self) -> None:
        """Sign off. A database that is away is told nothing: the signature runs out by itself."""
        self._stopped.set()
        self._thread.join()
        try:
            with self._place.database.write() as session:
                for part in self._parts:
                    presence.sign_off(session, part, self._ident)
        except SQLAlchemyError as error:
            log.warning("could not sign off: %s", error)

    def _sign_on_and_on(self) -> None:
        while True:
            try:
                with self._place.database.write() as session:
                    for part in self._parts:
                        presence.sign(session, part, self._ident, self._holder, now=self._place.now())
                if self._watch is not None:
                    self._watch()
            except (SQLAlchemyError, OSError) as error:
                log.warning("could not sign: %s", error)
            if self._stopped.wait(EVERY):
                return
