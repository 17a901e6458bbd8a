"""Messages to browsers of staff: what waits for approval, what was returned, and each morning what waits for them."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.channels.transport import TransportError
from campaigns.core.clock import CITY, city_day, day_start
from campaigns.core.errors import NotFound
from campaigns.core.ledger import Claim
from campaigns.people.powers.account_messages import AccountEvent
from campaigns.people.push.push_outbox import LATEST, PushMessage, queue_push
from campaigns.people.push.subscriptions import PushSubscription, keep_push_key, push_key
from campaigns.people.staff import SYSTEM_ACTOR, Person
from campaigns.release.work_messages import still_so, wants_push
from coordinator.channels.http_calls import send_request, status_error
from coordinator.encryption import DecryptionError
from coordinator.jobs import sending
from coordinator.jobs.context import JobContext
from coordinator.jobs.people import task_mail
from coordinator.jobs.people.task_mail import FROM_HOUR, TASKS
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields
from coordinator.mail import message_texts
from coordinator.push import web_push
from coordinator.push.web_push import PushRequest, PushTarget
from coordinator.translation import supported

log = logging.getLogger(__name__)

TEST = "test"  # ``what`` of a message that a person sends to their own browser
GONE = frozenset({404, 410})  # RFC 8030 §7.3: the subscription has ended
LONGEST_TITLE = 120  # characters of a bulletin's title in a message


@dataclass(frozen=True)
class PushTask:
    """One message and its browser."""

    subscription: int
    request: PushRequest


class PushKind(SendKind[PushTask]):
    """Messages to browsers. They may be repeated: one of the same topic replaces the other."""

    table = PushMessage

    def is_available(self, context: JobContext) -> bool:
        """Whether messages can be encrypted here."""
        return web_push.is_installed()

    def compose(self, context: JobContext, taken: Claim) -> PushTask | Outcome | None:
        """Write and encrypt the message. One that is too old or no longer so is not sent."""
        now = context.now()
        with context.database.read() as session:
            row = session.get(PushMessage, taken.id)
            key = push_key(session)
            if row is None:
                return None
            if key is None:
                return Outcome({"due_at": None, "last_error": "there is no key to sign with"})
            if now - row.asked_at > LATEST:
                return Outcome({"due_at": None, "last_error": "too late to be of use"})
            subscription = session.get_one(PushSubscription, row.subscription_id)
            person = session.get_one(Person, subscription.person_id)
            text = _text(context, session, row, person, now) if person.active else None
            if text is None:
                return Outcome({"due_at": None, "last_error": ""})
            try:
                target = PushTarget(**context.encryption.decrypt(subscription.encrypted_target))
                private = context.encryption.decrypt(key.encrypted_private)["private"]
            except DecryptionError as error:
                return Outcome({"due_at": None, "last_error": str(error)})
            request = web_push.push_request(
                target, text, private_key=private, public_key=key.public, contact=context.addresses.base,
                topic=f"{row.what}:{row.more}", ttl=LATEST - (now - row.asked_at), now=now,
            )  # fmt: skip
            return PushTask(subscription.id, request)

    def send(self, context: JobContext, taken: Claim, task: PushTask) -> Outcome:
        """Post the message. A browser that is gone is forgotten."""
        answer = send_request(
            context.http_client, "POST", task.request.url, body=task.request.body, headers=task.request.headers,
            repeatable=True,
        )  # fmt: skip
        now = context.now()
        fields = partial(event_fields, work="push", row=taken.id, attempt=taken.attempt)
        mine = PushSubscription.id == task.subscription
        if answer.status in GONE:
            report = partial(log.info, "push %d: the browser is gone", taken.id, extra=fields("gone"))
            values = {"due_at": None, "last_error": f"answered {answer.status}"}
            return Outcome(
                values, also=lambda session: _run(session, sa.delete(PushSubscription).where(mine)), report=report
            )
        if not answer.ok:
            raise status_error(answer, repeatable=True)
        arrived = sa.update(PushSubscription).where(mine).values(last_success_at=now, last_error="")
        return Outcome(
            {"due_at": None, "sent_at": now, "last_error": ""},
            also=lambda session: _run(session, arrived),
            report=partial(log.info, "push %d sent", taken.id, extra=fields("sent")),
        )

    def failed(self, context: JobContext, taken: Claim, task: PushTask, error: TransportError) -> Outcome:
        """Retry on the usual schedule, and not before the service asks, unless the refusal is permanent."""
        due = None if error.permanent else sending.next_try_at(context, taken)
        if due is not None and error.retry_after is not None:
            due = max(due, context.now() + timedelta(seconds=error.retry_after))
        noted = (
            sa.update(PushSubscription)
            .where(PushSubscription.id == task.subscription)
            .values(last_error=str(error)[:300])
        )
        fields = event_fields("retrying" if due else "dead", work="push", row=taken.id, attempt=taken.attempt)
        return Outcome(
            {"due_at": due, "last_error": str(error)[:2000]},
            also=lambda session: _run(session, noted),
            report=partial(log.warning, "push %d: %s", taken.id, error, extra=fields),
        )


def _run(session: Session, statement: sa.Delete | sa.Update) -> None:
    session.execute(statement)


def public_key(context: JobContext) -> str:
    """The public key that browsers subscribe with; the pair is made at the first call."""
    with context.database.read() as session:
        if (made := push_key(session)) is not None:
            return made.public
    private, public = web_push.new_key_pair()
    with context.database.write() as session:
        return keep_push_key(
            session, public, context.encryption.encrypt({"private": private}), now=context.now()
        ).public


def queue_task_pushes(context: JobContext) -> int:
    """Queue the day's messages once it is seven o'clock in the city, and return the number of people. Called again on
    the same day it queues none."""
    now = context.now()
    if now.astimezone(CITY).hour < FROM_HOUR or not web_push.is_installed():
        return 0
    with context.database.write() as session:
        today = sa.exists().where(
            PushMessage.subscription_id == PushSubscription.id,
            PushMessage.what == TASKS,
            PushMessage.asked_at >= day_start(city_day(now)),
        )
        wanting = (
            sa.select(Person.id)
            .join(PushSubscription, PushSubscription.person_id == Person.id)
            .where(Person.active, Person.push_tasks, sa.not_(today))
            .distinct()
        )
        people = session.execute(wanting).scalars().all()
        for person_id in people:
            queue_push(session, person_id, TASKS, by=SYSTEM_ACTOR.id, now=now)
    return len(people)


def _text(context: JobContext, session: Session, row: PushMessage, person: Person, now: datetime) -> bytes | None:
    """Write the message: a line, a second one, and where it leads. None where it is no longer so or no longer wanted.
    Of a bulletin it has the title alone."""
    locale = supported(person.locale or context.locale)
    if row.what == TEST:
        return _json(*message_texts.push_texts(TEST, locale), "/desk/account#bao", TEST)
    if row.what == TASKS:
        counts = task_mail.waiting_counts(context, session, person, now) if person.push_tasks else {}
        if not counts:
            return None
        title, _none = message_texts.push_texts(TASKS, locale)
        return _json(title, message_texts.task_lines(counts, locale), "/desk", TASKS)
    what = AccountEvent(row.what)
    try:
        bulletin = find_bulletin(session, row.more)
    except NotFound:
        return None
    if not still_so(bulletin, what) or not wants_push(person, what):
        return None
    title = bulletin.revision(bulletin.pending or bulletin.latest).title
    path = f"/desk/bulletins/{bulletin.code}{'/approve' if what is AccountEvent.TO_APPROVE else ''}"
    line, _none = message_texts.push_texts(row.what, locale, code=bulletin.code)
    return _json(line, title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…", path, bulletin.code)


def _json(title: str, body: str, path: str, tag: str) -> bytes:
    text = {"title": title, "body": body, "url": path, "tag": tag}
    return json.dumps(text, ensure_ascii=False, separators=(",", ":")).encode()
