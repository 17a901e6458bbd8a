"""Accounts: once a day, what a platform tells about an account itself. It also keeps access from growing too old."""

import logging
from datetime import timedelta

from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.publishing import accounts
from campaigns.publishing import channels as channel_rows
from campaigns.publishing.accounts import AccountRead
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.transport import Accounts, Needs, TransportError
from coordinator.channels import registry
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

SOON = timedelta(hours=1)  # after a failure; the numbers are a day old at most, so that nothing is urgent


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` accounts that are to be read; those that were added since come in here."""
    kinds = [kind for kind, row in registry.KINDS.items() if row.capabilities.account]
    with place.database.write() as session:
        now = place.now()
        accounts.follow(session, kinds, now=now)
        return ledger.claim(session, AccountRead, limit, place.pace.lease, accounts.readable(), now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Read one account. Raises ``StaleFence`` when another worker has it by now."""
    with place.database.read() as session:
        row = session.get(AccountRead, taken.id)
        if row is None:
            return
        channel = row.channel
        ident, code, kind, settings = channel.id, channel.code, channel.kind, dict(channel.settings)
    try:
        adapter = adapter_of(place, ident, code, kind, settings)
        if not isinstance(adapter, Accounts):
            _failed(place, taken, ident, TransportError(f"a channel of kind {kind} tells nothing", permanent=True))
            return
        told = adapter.account()
    except Invalid as invalid:
        _failed(place, taken, ident, TransportError(str(invalid), permanent=True))
        return
    except TransportError as error:
        _failed(place, taken, ident, error)
        return
    now = place.now()
    with place.database.write() as session:
        values = {"facts": accounts.as_json(told), "read_at": now, "error": "", "attempt": 0}
        ledger.settle(session, AccountRead, taken, {**values, "due_at": now + accounts.EVERY})
    log.info("read the account of %s", code)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """The job itself failed: read again in an hour."""
    with place.database.read() as session:
        row = session.get(AccountRead, taken.id)
        ident = row.channel_id if row is not None else None
    if ident is not None:
        _failed(place, taken, ident, TransportError(f"the program failed: {error}"))


def _failed(place: Workplace, taken: ledger.Claim, channel_id: int, error: TransportError) -> None:
    now = place.now()
    wait = accounts.EVERY if error.permanent else SOON
    with place.database.write() as session:
        if error.needs is Needs.AUTHORISATION:
            channel = session.get_one(Channel, channel_id)
            # One that a person paused stays paused, and says why when it goes on.
            if channel.state in {ChannelState.ACTIVE, ChannelState.FAILING}:
                channel.last_error = str(error)[:2000]
                channel_rows.set_state(
                    session, channel, ChannelState.NEEDS_AUTHORISATION, str(error)[:500], now=now
                )  # fmt: skip
        ledger.settle(session, AccountRead, taken, {"due_at": now + wait, "error": str(error)[:2000]})
    log.warning("account %d could not be read: %s", channel_id, error)
