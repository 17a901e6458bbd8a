"""Mail to staff and partners, where a mail server is configured. Changes to a person's access and questions to a
partner are mailed to those concerned; the mail is queued in the transaction of the change.
"""

from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding
from campaigns.partners.editors import Editor, editors_of
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from campaigns.people.staff import Person
from coordinator.jobs.context import AppContext

MAIL_WORK_KIND = "personal_mail"  # the kind of work that sends the mails


def queue_notice(app: AppContext, writing: Session, person: Person, what: str, more: str = "", *, by: str = "") -> None:
    """Queue a mail to ``person``. ``what``: a key of ``coordinator.mail.message_texts``; ``by``: the actor."""
    if app.job_context.mail is not None:
        now = app.job_context.now()
        mail_outbox.queue_mail(
            writing, MailKind.NOTICE, person.email, by=by or person.email, what=what, more=more, now=now
        )


def queue_one_time_link(app: AppContext, writing: Session, person: Person, by: str) -> None:
    """Queue a mail with a one-time link to a person."""
    mail_outbox.queue_mail(writing, MailKind.LINK, person.email, by=by, now=app.job_context.now())


def queue_editor_link(app: AppContext, writing: Session, editor: Editor, by: str) -> None:
    """Queue a mail with a one-time link into the portal to a partner's editor."""
    mail_outbox.queue_mail(writing, MailKind.EDITOR, editor.email, by=by, more=editor.public, now=app.job_context.now())


def queue_finding_notices(app: AppContext, writing: Session, finding: Finding, by: str) -> int:
    """Queue mails to a partner's editors about a finding that waits for their answer; return their number."""
    if app.job_context.mail is None:
        return 0
    editors = [editor for editor in editors_of(writing, finding.company) if editor.may_enter]
    for editor in editors:
        now = app.job_context.now()
        mail_outbox.queue_mail(
            writing, MailKind.FINDING, editor.email, by=by, what=finding.public, more=editor.public, now=now
        )
    return len(editors)
