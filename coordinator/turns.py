"""Turns to ask a host, kept in the database that all processes of an installation share."""

import logging
import os
import socket
from datetime import timedelta
from secrets import token_hex
from threading import get_ident

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.clock import utc_now
from campaigns.tracking import hosts
from coordinator.db import Database
from coordinator.http.errors import DoorError, DoorErrorKind

log = logging.getLogger(__name__)


class DatabaseTurns:
    """``coordinator.http.pacing.Turns`` over ``host_turns``: one short transaction to take a turn, one to end it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = f"{socket.gethostname()[:40]}:{os.getpid()}:{token_hex(4)}"

    def _holder(self) -> str:
        return f"{self._process}:{get_ident()}"[:80]

    def take(self, place: str, lease: float, pause: float | None) -> float | None:
        """Take the turn for ``lease`` seconds at most; None when it is ours, else the seconds until it may be.

        Raises ``DoorError`` of kind ``BUSY`` when the database does not answer: nobody knows whose turn it is then.
        """
        leave = timedelta(seconds=pause) if pause is not None else None
        try:
            with self._database.write() as session:
                wait = hosts.take_turn(
                    session, place[:300], self._holder(), timedelta(seconds=lease), leave, now=utc_now()
                )
        except SQLAlchemyError as error:
            message = f"{place}: the database cannot say whose turn it is"
            raise DoorError(message, kind=DoorErrorKind.BUSY, retry_after=5.0) from error
        return wait.total_seconds() if wait is not None else None

    def give_back(self, place: str) -> None:
        """End our turn. When that fails it runs out by itself."""
        try:
            with self._database.write() as session:
                hosts.give_back(session, place[:300], self._holder(), now=utc_now())
        except SQLAlchemyError as error:
            log.warning("the turn of %s was not given back and will run out: %s", place, error)
