"""How far the check of a register has come, for whoever looks at its page: a few small writes a second at most."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.base import rows_changed
from campaigns.partners.register_runs import RegisterRun
from coordinator.jobs.workplace import Workplace

READING: Final = timedelta(minutes=5)  # a claim: longer than the largest file takes to be read on a slow machine
EVERY: Final = 0.4  # seconds between two times it is told: a page asks every two
NOT_BEGUN: Final[Mapping[str, Any]] = {"rows": 0, "reached": 0}


class Checking:
    """One check under way. Each time it is told the claim is renewed too, so that a file called off meanwhile is read
    no further: ``StaleFence``."""

    def __init__(self, place: Workplace, taken: ledger.Claim) -> None:
        self._place = place
        self._taken = taken
        self._rows = 0
        self._next = 0.0

    def opened(self, rows: int) -> None:
        """The file is open and has so many rows."""
        self._rows = rows
        self._tell(rows=rows)

    def reached(self, checked: int) -> None:
        """So many of them are checked; told unless something was told just now."""
        if monotonic() >= self._next:
            self._tell(reached=checked)

    def read(self) -> None:
        """All of them are, and what they come to is about to be compared with the directory."""
        self._tell(reached=self._rows)

    def _tell(self, **values: int) -> None:
        with self._place.database.write() as session:
            renew(session, self._taken, self._place.now() + READING, **values)
        self._next = monotonic() + EVERY


def renew(session: Session, taken: ledger.Claim, until: datetime, **values: int) -> None:
    """Hold a run for longer, and write with it what else there is to say of it. Raises ``StaleFence`` when it was
    called off or is another's by now."""
    mine = sa.update(RegisterRun).where(RegisterRun.id == taken.id, RegisterRun.fence == taken.fence)
    if rows_changed(session.execute(mine.values(lease_until=until, **values))) != 1:
        raise ledger.StaleFence(f"import {taken.id} was called off or taken up by another worker", row=taken.id)
