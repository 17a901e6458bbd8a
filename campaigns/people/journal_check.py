"""The check of the journal, with what only the staff register can tell: that its beginning was removed."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.journal import ChainBreak, JournalEntry
from campaigns.people.personal_data.erasure import ERASED
from campaigns.people.staff import Person


def verify_journal(session: Session) -> ChainBreak | None:
    """Check the chain and its seals, and that the addition of every member of staff is in it, or the erasure of one: a
    journal that was emptied and begun anew is whole in itself. None when it holds, else the first break.
    """
    if (broken := journal.verify(session)) is not None:
        return broken
    added = sa.select(JournalEntry.seq).where(
        JournalEntry.subject_kind == "person",
        JournalEntry.act.in_(("person.added", ERASED)),
        JournalEntry.subject == Person.email,
    )
    query = sa.select(Person.email).where(~added.exists()).order_by(Person.id)
    missing = session.execute(query).scalars().all()
    if not missing:
        return None
    return ChainBreak(1, f"entries were removed: nothing says who added {missing[0]} ({len(missing)} members of staff)")
