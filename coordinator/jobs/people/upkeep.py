"""Deletion of expired rows: kept replies, failed attempts, used tokens, mails and alarms."""

from campaigns.people import alarms, idempotency, mail_outbox, throttling, used_tokens
from coordinator.jobs.context import JobContext


def tidy(context: JobContext) -> None:
    """Delete expired rows."""
    now = context.now()
    with context.database.write() as session:
        idempotency.forget_replies(session, now=now)
        throttling.forget_attempts(session, now=now)
        used_tokens.forget_used_tokens(session, now=now)
        mail_outbox.forget_mails(session, now=now)
        alarms.forget_alarms(session, now=now)
