"""Advisory locks that serialise numbering, releases and sums until the transaction commits.

A transaction acquires its lock once, before it locks rows that another holder of the same lock may have locked.
"""

from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

LOCK_NAMESPACE = 0x4C616E54  # the first half of each lock's key, which keeps it apart from the locks of other programs
SITE_NAMESPACE = LOCK_NAMESPACE + 1  # the same for the locks of sites, whose second half is the site's primary key


class AdvisoryLock(Enum):
    """The work that one transaction does at a time."""

    CODES = 1  # two concurrent drafts would get the same number
    RELEASES = 2  # releases commit in the order that readers' cursors follow
    FINGERPRINTS = 3  # every reader of a page indexes new texts; two at once would write the same rows
    CHANGE_LOG = 4  # moving a bulletin to another campaign or topic, and noting changes of its figures
    ROLLUP = 5  # adding noted changes to the sums
    HISTORY = 6  # two imports of history would both find that a total is not there yet
    POWERS = 7  # two people who confirm their own roles at once would both be the first
    SAMPLE = 8  # two presses at once would add two sample partners
    PICTURES = 9  # the same file twice at once would become two pictures
    PUSH_KEY = 10  # two first subscriptions at once would make two keys
    EVIDENCE_SEALS = 11  # two upgrades at once would seal the same evidence twice


def acquire_until_commit(session: Session, lock: AdvisoryLock) -> None:
    """Wait for the lock and hold it until the caller commits or rolls back.

    On SQLite there is only one writer, so that nothing is locked.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_NAMESPACE, lock.value)))


def acquire_site_until_commit(session: Session, site_id: int) -> None:
    """Wait for the lock of a site and hold it until the caller commits or rolls back; several in the order of their
    keys. On SQLite nothing is locked."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(SITE_NAMESPACE, site_id)))
