"""Mails to a partner's editors about findings that wait for their answer, queued in the transaction of the act."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding
from campaigns.partners.editors import editors_of
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from coordinator.jobs.context import AppContext

MAIL_WORK_KIND = "personal_mail"  # the kind of work that sends the mails


def queue_finding_mail(app: AppContext, writing: Session, finding: Finding, by: str) -> int:
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


def queue_batch_mail(app: AppContext, writing: Session, findings: Iterable[Finding], by: str) -> None:
    """Queue one mail to each editor of each partner, whatever the number of its findings: the mail names the one that
    is to be answered first and says how many others wait."""
    first: dict[int, Finding] = {}
    for row in findings:
        known = first.get(row.company_id)
        if known is None or (row.reply_by is not None and (known.reply_by is None or row.reply_by < known.reply_by)):
            first[row.company_id] = row
    for row in first.values():
        queue_finding_mail(app, writing, row, by)
