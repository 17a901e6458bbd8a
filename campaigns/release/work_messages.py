"""Messages to staff about bulletins: to approvers when a text waits for them, to its writers when it is returned. Each
stands at the bell of the person's pages; who chose it gets a mail as well, or a message in a browser.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.people.mail_outbox import MailKind, queue_mail
from campaigns.people.powers.account_messages import AccountEvent, add_message
from campaigns.people.push.push_outbox import queue_push
from campaigns.people.staff import Person
from campaigns.release.second_person import free_approvers


def tell_approvers(session: Session, code: str, barred: Mapping[str, datetime], *, by: str, now: datetime) -> None:
    """Tell every approver that a text or a correction waits, but those who may not approve it."""
    _tell(session, free_approvers(session, barred), AccountEvent.TO_APPROVE, code, by=by, now=now)


def tell_writers(session: Session, code: str, authors: Collection[str], *, by: str, now: datetime) -> None:
    """Tell those who wrote a text that it was returned. A program that wrote with a key has nobody to tell."""
    query = sa.select(Person).where(Person.active, Person.email.in_(authors))
    _tell(session, session.execute(query).scalars(), AccountEvent.RETURNED, code, by=by, now=now)


def tell_of_comment(session: Session, code: str, others: Collection[str], *, by: str, now: datetime) -> None:
    """Tell those who wrote a text, or commented on it before, of a comment. It is not mailed."""
    query = sa.select(Person).where(Person.active, Person.email.in_(others), Person.email != by)
    for person in session.execute(query).scalars():
        add_message(session, person.id, AccountEvent.COMMENTED, by=by, more=code, now=now)


def wants_mail(person: Person, what: AccountEvent) -> bool:
    """Whether this person chose a mail about such an event."""
    return person.mail_to_approve if what is AccountEvent.TO_APPROVE else person.mail_returned


def wants_push(person: Person, what: AccountEvent) -> bool:
    """Whether this person chose a message in their browsers about such an event."""
    return person.push_to_approve if what is AccountEvent.TO_APPROVE else person.push_returned


def still_so(bulletin: Bulletin, what: AccountEvent) -> bool:
    """Whether what a message about a bulletin says is still so: it waits for approval, or was returned."""
    if what is AccountEvent.TO_APPROVE:
        return bulletin.state is BulletinState.SUBMITTED or bulletin.pending is not None
    return bool(bulletin.return_note)


def _tell(session: Session, people: Iterable[Person], what: AccountEvent, code: str, *, by: str, now: datetime) -> None:
    for person in people:
        if person.email == by:
            continue
        add_message(session, person.id, what, by=by, more=code, now=now)
        if wants_mail(person, what):
            queue_mail(session, MailKind.NOTICE, person.email, by=by, what=what.value, more=code, now=now)
        if wants_push(person, what):
            queue_push(session, person.id, what.value, by=by, more=code, now=now)
