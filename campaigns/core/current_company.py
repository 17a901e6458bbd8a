"""Which partner an id stands for today: the id itself, or the partner it was merged into.

A writer may have read the id of a partner before it was merged with another and write a row under it afterwards. Every
function that inserts a row with a ``company_id`` asks here first. The merge itself is ``partners/partner_merge.py``;
this module is in ``core`` because keys, which may be a partner's, lie below ``partners``.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import in_batches

_COMPANIES = sa.table("companies", sa.column("id", sa.Integer), sa.column("merged_into_id", sa.Integer))


def lock_current_company(session: Session, company_id: int) -> int:
    """The id under which rows of a partner are to be written, locked against a merge until the caller commits."""
    return lock_current_companies(session, [company_id])[company_id]


def lock_current_companies(session: Session, company_ids: Iterable[int]) -> dict[int, int]:
    """The same for several partners: given id -> current id.

    On PostgreSQL the rows are locked ``FOR KEY SHARE``, as a foreign key does: writers do not wait for each other, a
    merge (``FOR UPDATE``) waits for the writers before it, and those after it wait for its commit and then read
    ``merged_into_id``. On SQLite a writer is alone from the beginning of its transaction.
    """
    current = {company_id: company_id for company_id in company_ids}
    to_lock = set(current)
    while to_lock:
        merged: dict[int, int] = {}
        for some in in_batches(sorted(to_lock)):
            query = sa.select(_COMPANIES).where(_COMPANIES.c.id.in_(some)).order_by(_COMPANIES.c.id)
            locked = session.execute(query.with_for_update(read=True, key_share=True))
            merged.update((row.id, row.merged_into_id) for row in locked if row.merged_into_id is not None)
        current = {given: merged.get(now, now) for given, now in current.items()}
        to_lock = set(merged.values())
    return current
