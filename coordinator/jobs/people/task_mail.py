"""The morning's mail: what waits for a person, once a day, to those who chose it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core.clock import CITY, city_day, day_start
from campaigns.people.mail_outbox import MailKind, PersonalMail, queue_mail
from campaigns.people.staff import SYSTEM_ACTOR, Permission, Person
from campaigns.reporting.pending_work import pending_counts
from coordinator.jobs.context import JobContext
from coordinator.mail import message_texts

TASKS = "tasks"  # ``what`` of such a mail
FROM_HOUR = 7  # of the city's day


@dataclass(frozen=True)
class MailText:
    """Subject and text of a mail."""

    subject: str
    text: str


def queue_task_mails(context: JobContext) -> int:
    """Queue the day's mails once it is seven o'clock in the city, and return their number. Called again on the same day
    it queues none."""
    now = context.now()
    if now.astimezone(CITY).hour < FROM_HOUR:
        return 0
    with context.database.write() as session:
        had = sa.select(PersonalMail.address).where(
            PersonalMail.kind == MailKind.NOTICE,
            PersonalMail.what == TASKS,
            PersonalMail.asked_at >= day_start(city_day(now)),
        )
        wanting = sa.select(Person.email).where(Person.active, Person.mail_tasks, Person.email.not_in(had))
        addresses = session.execute(wanting).scalars().all()
        for address in addresses:
            queue_mail(session, MailKind.NOTICE, address, by=SYSTEM_ACTOR.id, what=TASKS, now=now)
    return len(addresses)


def compose(context: JobContext, session: Session, person: Person, locale: str, now: datetime) -> MailText | None:
    """Compose the mail; None for a person whom nothing waits for, or who no longer wants it."""
    counts = waiting_counts(context, session, person, now) if person.mail_tasks else {}
    if not counts:
        return None
    return MailText(
        *message_texts.task_texts(counts, locale, name=person.name, base=context.addresses.base),
    )


def waiting_counts(context: JobContext, session: Session, person: Person, now: datetime) -> Mapping[str, int]:
    """Count what waits, of each kind only what this person may do; kinds without any are omitted."""
    numbers = pending_counts(session, context.delivery_modes, now=now)
    actor = person.actor
    returned = sa.select(sa.func.count()).where(
        Bulletin.writer == person.email, Bulletin.state == BulletinState.DRAFT, Bulletin.return_note != ""
    )
    rows = (
        ("bulletins", numbers.bulletins, (Permission.APPROVE,)),
        ("returned", session.execute(returned).scalar_one(), (Permission.WRITE,)),
        ("deliveries", numbers.deliveries, (Permission.APPROVE, Permission.REVIEW, Permission.CONFIGURE)),
        ("republications", numbers.republications, (Permission.REVIEW,)),
        ("questions", numbers.questions, (Permission.ANSWER,)),
        ("channels", numbers.channels, (Permission.CONFIGURE,)),
    )
    return {key: count for key, count, needs in rows if count and any(actor.may(act) for act in needs)}
