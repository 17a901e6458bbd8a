"""Lines that acts stand in which must follow one another until they commit: numbering, and the moments of release.

Stood in before rows are locked that others of the line may hold, once in a transaction.
"""

from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

KEY = 0x4C616E54  # the first half of each lock's key, so that no other program's locks are met


class Line(Enum):
    """What is done one after the other."""

    CODES = 1  # two drafts at once would get the same number
    RELEASES = 2  # what readers' cursors go by is committed in its own order
    PRINTS = 3  # every page that is read has new texts indexed; two at once would write the same rows
    SUMS = 4  # filing a bulletin anew, and whoever notes meanwhile what it spread (reporting/noting.py)
    ADDING = 5  # changes are added to the sums by one at a time


def stand_in(session: Session, line: Line) -> None:
    """Wait for those before this one, and keep those after it waiting until the caller commits or rolls back.

    On SQLite whoever writes is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(KEY, line.value)))
