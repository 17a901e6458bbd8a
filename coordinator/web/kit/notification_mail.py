"""Mail to staff and partners, where a mail server is configured. Changes to a person's access and questions to a
partner are mailed to those concerned; the mail is queued in the transaction of the change.
"""

from sqlalchemy.orm import Session

from campaigns.partners.editors import Editor
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from campaigns.people.staff import Person
from coordinator.jobs.context import AppContext

MAIL_WORK_KIND = "personal_mail"  # the kind of work that sends the mails


def queue_notification(
    app: AppContext, writing: Session, person: Person, what: str, more: str = "", *, by: str = ""
) -> None:
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
