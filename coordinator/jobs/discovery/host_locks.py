"""Locks on hosts in the database that all processes of an installation share."""

import logging
import os
import socket
from datetime import timedelta
from secrets import token_hex
from threading import get_ident

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.clock import utc_now
from campaigns.discovery import host_locks
from coordinator.db import Database
from coordinator.http.errors import RequestError, RequestErrorKind

log = logging.getLogger(__name__)


class DatabaseHostLocks:
    """``coordinator.http.pacing.HostLocks`` over ``host_locks``: one short transaction to lock, one to unlock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = f"{socket.gethostname()[:40]}:{os.getpid()}:{token_hex(4)}"

    def _holder(self) -> str:
        return f"{self._process}:{get_ident()}"[:80]

    def take(self, place: str, lease: float, pause: float | None) -> float | None:
        """Lock a host for ``lease`` seconds at most; None if locked, else the seconds until the next attempt.

        Raises ``RequestError`` of kind ``BUSY`` if the database does not answer.
        """
        leave = timedelta(seconds=pause) if pause is not None else None
        try:
            with self._database.write() as session:
                wait = host_locks.acquire_lock(
                    session, place[:300], self._holder(), timedelta(seconds=lease), leave, now=utc_now()
                )
        except SQLAlchemyError as error:
            message = f"{place}: the database cannot say whose turn it is"
            raise RequestError(message, kind=RequestErrorKind.BUSY, retry_after=5.0) from error
        return wait.total_seconds() if wait is not None else None

    def give_back(self, place: str) -> None:
        """Unlock a host. If this fails, the lock expires."""
        try:
            with self._database.write() as session:
                host_locks.release_lock(session, place[:300], self._holder(), now=utc_now())
        except SQLAlchemyError as error:
            log.warning("the turn of %s was not given back and will run out: %s", place, error)
