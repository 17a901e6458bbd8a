"""Mails with reports and their files.

A mail server only answers whether it accepts a mail. The beginning of a send is committed before it, so that a mail
whose worker ended meanwhile is *unknown* and not sent again without a person's decision.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from campaigns.channels.transport import TransportError
from campaigns.core.ledger import Claim
from campaigns.people.office import office_name
from campaigns.people.staff import find_by_email
from campaigns.reporting.schedules.report_mail import ReportFile, ReportMail, ReportMailState
from coordinator.jobs import sending
from coordinator.jobs.channels.adapters import OutgoingMailServer
from coordinator.jobs.context import JobContext
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields
from coordinator.mail.report_message import ReportAttachment, ReportMessage, build_message

log = logging.getLogger(__name__)

# A report is not mailed later than this, as after a long failure of the mail server; its page still has it.
LATEST = timedelta(days=7)
MOST_ATTACHED = 8_000_000  # bytes of files in one mail; a third more when encoded, and many servers accept 10 to 25 MB


class ReportMailKind(SendKind[EmailMessage]):
    """Mails with reports."""

    table = ReportMail

    def is_available(self, context: JobContext) -> bool:
        """Whether there is a mail server."""
        return context.mail is not None

    def compose(self, context: JobContext, taken: Claim) -> EmailMessage | Outcome | None:
        """Compose the mail, unless it may have been sent already or its receiver was removed."""
        if context.mail is None:
            return None
        with context.database.read() as session:
            row = session.get(ReportMail, taken.id)
            if row is None:
                return None
            state = _state_without_sending(context, row)
            if state is not None:
                return _ended(taken, state)
            message, keys = _message(context, session, row, context.mail.sender)
        return build_message(_with_files(context, message, keys))

    def send(self, context: JobContext, taken: Claim, message: EmailMessage) -> Outcome:
        """Send the mail."""
        sending.begin(context, ReportMail, taken)
        OutgoingMailServer(context.mail).hand_in(message)
        return _ended(taken, ReportMailState.SENT, sent_at=context.now(), last_error="")

    def failed(self, context: JobContext, taken: Claim, message: EmailMessage, error: TransportError) -> Outcome:
        """Return the outcome of an error: unknown where the connection broke, dead after a permanent refusal, else a
        retry."""
        if error.outcome_unknown:
            return _ended(taken, ReportMailState.UNKNOWN, last_error=str(error)[:2000])
        if error.permanent:
            return _ended(taken, ReportMailState.DEAD, last_error=str(error)[:2000])
        return _retry_later(context, taken, str(error))

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome | None:
        """Return the outcome of a program error: unknown once the send had begun, else a retry."""
        with context.database.read() as session:
            row = session.get(ReportMail, taken.id)
            if row is None:
                return None
            begun = row.begun
        why = sending.crash_message(error)
        if begun:
            return _ended(taken, ReportMailState.UNKNOWN, last_error=why[:2000])
        return _retry_later(context, taken, why)


def _state_without_sending(context: JobContext, row: ReportMail) -> ReportMailState | None:
    if row.begun:
        return ReportMailState.UNKNOWN
    if row.receiver is not None and row.receiver.left_at is not None:
        return ReportMailState.DROPPED
    made_at = row.run.made_at
    return ReportMailState.DROPPED if made_at is not None and context.now() - made_at > LATEST else None


def _message(context: JobContext, session: Session, row: ReportMail, sender: str) -> tuple[ReportMessage, list[str]]:
    """Return the mail without the bytes of its files, and the key of each attached file."""
    report, receiver = row.run, row.receiver
    outside = receiver is not None and find_by_email(session, row.address) is None
    files = [ReportAttachment(file.name, file.media_type, None, file_address(context, file)) for file in report.files]
    attached = sum(file.length for file in report.files) <= MOST_ATTACHED
    message = ReportMessage(
        to=row.address,
        sender=sender,
        title=report.title,
        office=office_name(session),
        lines=tuple(report.summary),
        page=f"{context.addresses.base}{report.page}",
        files=files,
        leave_url=unsubscribe_address(context, receiver.public) if outside and receiver is not None else "",
        ident=row.public,
        at=context.now(),
    )
    return message, [file.key for file in report.files] if attached else []


def _with_files(context: JobContext, message: ReportMessage, keys: list[str]) -> ReportMessage:
    """Return the mail with the bytes of its files, read outside any transaction."""
    if not keys:
        return message
    files = [replace(file, body=context.store.read(key)) for file, key in zip(message.files, keys, strict=True)]
    return replace(message, files=files)


def file_address(context: JobContext, file: ReportFile) -> str:
    """Return the address of a file, valid as long as the history is kept."""
    return f"{context.addresses.base}/sent/{file.public}.{context.encryption.sign(f'sent {file.public}')}"


def unsubscribe_address(context: JobContext, receiver: str) -> str:
    """Return the address where a receiver unsubscribes from a report."""
    return (
        f"{context.addresses.base}/unsubscribe/report/{receiver}.{context.encryption.sign(f'leave report {receiver}')}"
    )


def _retry_later(context: JobContext, taken: Claim, why: str) -> Outcome:
    due = sending.next_try_at(context, taken)
    if due is None:
        return _ended(taken, ReportMailState.DEAD, last_error=why[:2000])
    return Outcome({"due_at": due, "last_error": why[:2000]}, report=_report(taken, "retrying"))


def _ended(taken: Claim, state: ReportMailState, **values: Any) -> Outcome:
    return Outcome({"state": state, "due_at": None, **values}, report=_report(taken, state.value))


def _report(taken: Claim, event: str) -> Any:
    fields = event_fields(event, work="report_mail", row=taken.id, attempt=taken.attempt)
    return partial(log.info, "letter %d: %s", taken.id, event, extra=fields)
