"""Daily reads of a platform's data about an account, which also keep access tokens from expiring."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from campaigns.channels import accounts
from campaigns.channels import channels as channel_rows
from campaigns.channels.accounts import AccountCheck
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import ChannelNeed, SupportsAccount, TransportError
from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.core.ledger import Claim
from coordinator.channels import registry
from coordinator.jobs.channels.adapters import adapter_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.sending import Outcome, SendKind

log = logging.getLogger(__name__)

AFTER_FAILURE = timedelta(hours=1)  # the figures are a day old at most, so that nothing is urgent


@dataclass(frozen=True)
class AccountTask:
    """One account to read."""

    channel_id: int
    channel: str
    kind: str
    settings: dict[str, Any]


class AccountKind(SendKind[AccountTask]):
    """Reads of accounts. A read may be repeated after any outcome."""

    table = AccountCheck

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Claim accounts that can be read; new accounts get their first read here."""
        kinds = [kind for kind, row in registry.KINDS.items() if row.capabilities.account]
        accounts.schedule_reads(session, kinds, now=now)
        return ledger.claim(session, AccountCheck, limit, context.intervals.lease, accounts.is_readable(), now=now)

    def compose(self, context: JobContext, taken: Claim) -> AccountTask | None:
        """Read the account's row."""
        with context.database.read() as session:
            row = session.get(AccountCheck, taken.id)
            if row is None:
                return None
            channel = row.channel
            return AccountTask(channel.id, channel.code, channel.kind, dict(channel.settings))

    def send(self, context: JobContext, taken: Claim, task: AccountTask) -> Outcome:
        """Read the account once."""
        try:
            adapter = adapter_of(context, task.channel_id, task.channel, task.kind, task.settings)
        except Invalid as invalid:
            raise TransportError(str(invalid), permanent=True) from invalid
        if not isinstance(adapter, SupportsAccount):
            raise TransportError(f"a channel of kind {task.kind} tells nothing", permanent=True)
        account = adapter.account()
        now = context.now()
        values = {
            "facts": accounts.account_to_json(account),
            "read_at": now,
            "error": "",
            "attempt": 0,
            "due_at": now + accounts.READ_EVERY,
        }
        return Outcome(values, report=partial(log.info, "read the account of %s", task.channel))

    def failed(self, context: JobContext, taken: Claim, task: AccountTask, error: TransportError) -> Outcome:
        """Read again in an hour, or at the next day's read; the channel shows a lost authorisation."""
        now = context.now()

        def also(session: Session) -> None:
            if error.needs is not ChannelNeed.AUTHORISATION:
                return
            channel = session.get_one(Channel, task.channel_id)
            # A paused channel stays paused; the error recurs when it is resumed.
            if channel.state in {ChannelState.ACTIVE, ChannelState.FAILING}:
                channel.last_error = str(error)[:2000]
                channel_rows.set_state(
                    session, channel, ChannelState.NEEDS_AUTHORISATION, str(error)[:500], now=now
                )  # fmt: skip

        wait = accounts.READ_EVERY if error.permanent else AFTER_FAILURE
        values = {"due_at": now + wait, "error": str(error)[:2000]}
        report = partial(log.warning, "account %d could not be read: %s", task.channel_id, error)
        return Outcome(values, also, report)
