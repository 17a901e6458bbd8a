"""Who may be the second person of a text: nobody who wrote any of what a second person has not read yet.

A second person has read a released text when they approved it, or when they found one that was released with a single
signature in order. What was written since the last such text counts, whether it was released or not. Every rule that
asks for a second person asks here: approval of a bulletin or a correction, and the review of a single signature.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Approval, Bulletin, Revision
from campaigns.bulletins.templates import template_authors
from campaigns.people.powers.identities import people_behind, share_a_person
from campaigns.people.staff import Person, Role
from campaigns.release.single_signature_releases import ReviewOutcome, UrgentRelease


def unread_authors(session: Session, bulletin: Bulletin) -> dict[str, datetime]:
    """The ids of all who wrote a revision since the last text that a second person read -> when they wrote the first
    of them."""
    found: dict[str, datetime] = {}
    for row in _unread_revisions(session, {bulletin.id: bulletin.latest})[bulletin.id].revisions:
        found.setdefault(row.author, row.created_at)
    return found


def barred_from_approval(session: Session, bulletin: Bulletin) -> dict[str, datetime]:
    """The ids of all who may not approve a bulletin's newest text -> since when, as ``barred_by_bulletin``."""
    return barred_by_bulletin(session, {bulletin.id: bulletin.latest})[bulletin.id]


def free_approvers(session: Session, barred: Mapping[str, datetime]) -> list[Person]:
    """The approvers behind whose accounts stands nobody of the ``barred``, by name: those who may approve the text."""
    query = sa.select(Person).where(Person.active, Person.role == Role.APPROVER, Person.unconfirmed_since.is_(None))
    approvers = session.execute(query.order_by(Person.name, Person.id)).scalars().all()
    behind = people_behind(session, [*((person.email, None) for person in approvers), *barred.items()])
    involved = frozenset[str]().union(*(behind[wrote] for wrote in barred.items()))
    return [person for person in approvers if not behind[person.email, None] & involved]


def text_without(session: Session, bulletin: Bulletin, actor: str) -> Revision | None:
    """The newest earlier text that the actor could approve, among those since the last that a second person read; None
    where the actor had a part in all of them."""
    unread = _unread_revisions(session, {bulletin.id: bulletin.latest})[bulletin.id].revisions
    for row in reversed(unread[:-1]):
        barred = barred_by_bulletin(session, {bulletin.id: row.number})[bulletin.id]
        if not share_a_person(session, actor, barred):
            return bulletin.revision(row.number)
    return None


def barred_by_bulletin(session: Session, texts: Mapping[int, int]) -> dict[int, dict[str, datetime]]:
    """By the primary keys of bulletins, for one revision of each: the ids of all who may not be its second person ->
    since when. At most two statements, however many bulletins.

    These are the authors of the revision and of those that led to it since a second person read one; where none did,
    the authors of the template that the bulletin was begun from, too. A revision equal to an earlier one in everything
    that readers and receivers get has none of the words written in between: their authors are free, who took it up
    again is not.
    """
    found: dict[int, dict[str, datetime]] = {}
    unread = _unread_revisions(session, texts) if texts else {}
    for bulletin, text in unread.items():
        newest = text.revisions[-1]
        first = next(row.number for row in text.revisions if row.hash == newest.hash)
        barred = found.setdefault(bulletin, {})
        for row in text.revisions:
            if row.number <= first or row is newest:
                barred.setdefault(row.author, row.created_at)
    never_read = [bulletin for bulletin, text in unread.items() if text.never_read]
    for bulletin, authors in (template_authors(session, never_read) if never_read else {}).items():
        barred = found[bulletin]
        for author, at in authors.items():
            barred[author] = min(at, barred.get(author, at))
    return found


@dataclass(frozen=True)
class _Unread:
    """Revisions of one bulletin in their order, the last of them in question; ``never_read``: none before was read."""

    revisions: list[sa.Row[int, int, str, str, datetime, bool]]
    never_read: bool


def _unread_revisions(session: Session, texts: Mapping[int, int]) -> dict[int, _Unread]:
    """The revisions of each bulletin up to the one named, after the last before it that a second person read."""
    approved = sa.exists().where(Approval.bulletin_id == Revision.bulletin_id, Approval.revision == Revision.number)
    alone = sa.exists().where(
        UrgentRelease.bulletin_id == Revision.bulletin_id, UrgentRelease.revision == Revision.number
    )
    in_order = alone.where(UrgentRelease.outcome == ReviewOutcome.IN_ORDER)
    # A scheduled revision has no ``released_at`` until the tick writes it; readers saw it from its release time on.
    # Counting its author bars one person more, for a moment.
    # An approval that was taken back before the text was released with a single signature does not count.
    read = sa.and_(Revision.released_at.is_not(None), sa.or_(in_order, sa.and_(approved, sa.not_(alone))))
    query = (
        sa.select(Revision.bulletin_id, Revision.number, Revision.hash, Revision.author, Revision.created_at, read)
        .where(Revision.bulletin_id.in_(list(texts)))
        .order_by(Revision.bulletin_id, Revision.number)
    )
    found: dict[int, _Unread] = {}
    for bulletin, rows in itertools.groupby(session.execute(query), key=lambda row: row.bulletin_id):
        until = [row for row in rows if row.number <= texts[bulletin]]
        last_read = max((row.number for row in until[:-1] if row[5]), default=None)
        found[bulletin] = _Unread([row for row in until if row.number > (last_read or 0)], last_read is None)
    return found
