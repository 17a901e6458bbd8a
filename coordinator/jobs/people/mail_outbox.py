"""Mails to staff and editors, with their one-time links."""

import logging
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.channels.transport import TransportError
from campaigns.compliance.finding_workflow import unanswered_besides
from campaigns.compliance.findings import find_finding
from campaigns.core import ledger
from campaigns.core.clock import CITY
from campaigns.core.errors import NotFound
from campaigns.core.ledger import Claim
from campaigns.partners import editor_access
from campaigns.partners.editors import editor_by_id
from campaigns.people.invitations import LinkPurpose, link_for_mail
from campaigns.people.mail_outbox import LATEST, RESET_LINK_LASTS, TOO_LATE, MailKind, PersonalMail
from campaigns.people.office import office_name
from campaigns.people.powers.account_messages import WORK_EVENTS, AccountEvent
from campaigns.people.staff import Person, find_by_email
from campaigns.release.work_messages import still_so, wants_mail
from coordinator.jobs import sending
from coordinator.jobs.channels.adapters import OutgoingMailServer
from coordinator.jobs.context import JobContext
from coordinator.jobs.people import task_mail
from coordinator.jobs.people.task_mail import TASKS, MailText
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields
from coordinator.mail import message_texts
from coordinator.mail.smtp import MailMessage
from coordinator.translation import supported

log = logging.getLogger(__name__)

FORM = "%H:%M %d/%m/%Y"


_WORK_NOTICES = frozenset(event.value for event in WORK_EVENTS)


class PersonalMailKind(SendKind[MailMessage]):
    """Mails of the outbox. They may be repeated: each try makes a new link, which replaces the previous one."""

    table = PersonalMail

    def is_available(self, context: JobContext) -> bool:
        """Whether there is a mail server."""
        return context.mail is not None

    def compose(self, context: JobContext, taken: Claim) -> MailMessage | Outcome | None:
        """Compose the mail and commit its link. A mail that is too old or has no recipient is not sent."""
        now = context.now()
        with context.database.write() as session:
            if context.mail is None or not ledger.still_holds(session, PersonalMail, taken):
                return None
            mail = session.get_one(PersonalMail, taken.id)
            if now - mail.asked_at > LATEST:
                return Outcome({"due_at": None, "last_error": TOO_LATE})
            text = _compose(context, session, mail, now)
            if text is None:
                return Outcome({"due_at": None, "last_error": ""})
            return MailMessage(mail.address, text.subject, text.text, f"letter-{taken.id}-{taken.fence}", now)

    def send(self, context: JobContext, taken: Claim, message: MailMessage) -> Outcome:
        """Send the mail."""
        OutgoingMailServer(context.mail).send(message)
        fields = event_fields("sent", work="personal_mail", row=taken.id, attempt=taken.attempt)
        report = partial(log.info, "letter %d sent", taken.id, extra=fields)
        return Outcome({"due_at": None, "sent_at": context.now(), "last_error": ""}, report=report)

    def failed(self, context: JobContext, taken: Claim, message: MailMessage, error: TransportError) -> Outcome:
        """Retry on the usual schedule, unless the refusal is permanent."""
        return _failure(context, taken, str(error), again=not error.permanent)

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome:
        """Retry on the usual schedule."""
        return _failure(context, taken, sending.crash_message(error), again=True)


def _failure(context: JobContext, taken: Claim, why: str, *, again: bool) -> Outcome:
    due = sending.next_try_at(context, taken) if again else None
    state = "retrying" if due is not None else "dead"
    fields = event_fields(state, work="personal_mail", row=taken.id, attempt=taken.attempt)
    report = partial(log.warning, "letter %d: %s", taken.id, why, extra=fields)
    return Outcome({"due_at": due, "last_error": why[:2000]}, report=report)


def _compose(context: JobContext, session: Session, mail: PersonalMail, now: datetime) -> MailText | None:
    if mail.kind is MailKind.EDITOR:
        return _compose_editor_mail(context, session, mail, now)
    if mail.kind is MailKind.FINDING:
        return _compose_finding_mail(context, session, mail)
    person = find_by_email(session, mail.address)
    # Whoever is refused a role is switched off by it, and told all the same.
    if person is None or not (person.active or mail.what == AccountEvent.ROLE_REFUSED.value):
        return None
    locale = supported(person.locale or context.locale)
    if mail.kind is MailKind.ALARM:
        details = {"name": person.name, "at": _deadline_words(mail.asked_at), "base": context.addresses.base}
        return MailText(*message_texts.alarm_texts(mail.what, locale, about=mail.more, **details))
    if mail.kind is MailKind.NOTICE and mail.what == TASKS:
        return task_mail.compose(context, session, person, locale, now)
    if mail.kind is MailKind.NOTICE and mail.what in _WORK_NOTICES:
        return _compose_work_mail(context, session, mail, person, locale)
    if mail.kind is MailKind.NOTICE:
        details = {"name": person.name, "at": _deadline_words(mail.asked_at), "base": context.addresses.base}
        return MailText(*message_texts.notification_texts(mail.what, locale, mail.more, **details))
    return MailText(*_compose_link_mail(context, session, mail, person, locale, now))


def _compose_work_mail(
    context: JobContext, session: Session, mail: PersonalMail, person: Person, locale: str
) -> MailText | None:
    """Compose a mail about a bulletin; nothing once what it says is no longer so, or who chose it has changed their
    mind."""
    what = AccountEvent(mail.what)
    try:
        bulletin = find_bulletin(session, mail.more)
    except NotFound:
        return None
    if not still_so(bulletin, what) or not wants_mail(person, what):
        return None
    path = f"/desk/bulletins/{bulletin.code}"
    return MailText(
        *message_texts.work_texts(
            mail.what,
            locale,
            name=person.name,
            by=_requester_name(session, mail),
            code=bulletin.code,
            title=bulletin.revision(bulletin.pending or bulletin.latest).title,
            note=bulletin.return_note,
            at=_deadline_words(mail.asked_at),
            link=f"{context.addresses.base}{path}{'/approve' if what is AccountEvent.TO_APPROVE else ''}",
            base=context.addresses.base,
        )
    )


def _compose_link_mail(
    context: JobContext, session: Session, mail: PersonalMail, person: Person, locale: str, now: datetime
) -> tuple[str, str]:
    forgotten = mail.kind is MailKind.FORGOTTEN
    made = link_for_mail(
        session, person.email if forgotten else mail.asked_by, person,
        lasts=RESET_LINK_LASTS if forgotten else None, now=now,
    )  # fmt: skip
    kind = "invitation" if made.row.purpose is LinkPurpose.INVITATION else "password"
    return message_texts.link_texts(
        kind,
        locale,
        name=person.name,
        by=_requester_name(session, mail),
        link=f"{context.addresses.base}/join/{made.secret}",
        until=_deadline_words(made.row.expires_at),
        base=context.addresses.base,
    )


def _compose_editor_mail(context: JobContext, session: Session, mail: PersonalMail, now: datetime) -> MailText | None:
    """Compose a mail with a link to the portal, for an editor with access."""
    editor = editor_by_id(session, mail.more)
    if editor is None or not editor.may_enter:
        return None
    again = editor_access.has_entered(session, editor)
    made = editor_access.editor_link_for_mail(session, mail.asked_by, editor, now=now)
    return MailText(
        *message_texts.link_texts(
            "editor_again" if again else "editor",
            supported(context.locale),
            name=editor.name,
            by=_requester_name(session, mail),
            office=office_name(session),
            partner=editor.company.name,
            link=f"{context.addresses.base}/portal/join/{made.secret}",
            until=_deadline_words(made.row.expires_at),
            base=context.addresses.base,
        )
    )


def _compose_finding_mail(context: JobContext, session: Session, mail: PersonalMail) -> MailText | None:
    """Compose a mail that asks a partner's editor to answer a finding; nothing once it is hidden or closed."""
    editor = editor_by_id(session, mail.more)
    if editor is None or not editor.may_enter:
        return None
    try:
        row = find_finding(session, mail.what, editor.company_id)
    except NotFound:
        return None
    if row.closed:
        return None
    return MailText(
        *message_texts.finding_texts(
            supported(context.locale),
            row.reply_by.strftime("%d/%m/%Y") if row.reply_by is not None else "",
            unanswered_besides(session, row),
            name=editor.name,
            office=office_name(session),
            partner=editor.company.name,
            site=row.site.name,
            rule=row.rule.title,
            link=f"{context.addresses.base}/portal/findings/{row.public}",
            base=context.addresses.base,
        )
    )


def _requester_name(session: Session, mail: PersonalMail) -> str:
    """Return the name of the person who requested the mail, or else the id."""
    by = find_by_email(session, mail.asked_by)
    return by.name if by is not None else mail.asked_by


def _deadline_words(moment: datetime) -> str:
    return moment.astimezone(CITY).strftime(FORM)
