"""A partner's webhook: the channel that pushes bulletins to an address that the partner sets.

A partner sets only the address of its own channels, their secret, and whether the text comes along: the department
decides which bulletins it receives. The coordinator checks the settings and encrypts the secret first.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState, create_channel
from campaigns.core import journal
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor

TESTED_EVERY = timedelta(seconds=10)  # a test is a request to a partner's server


def partner_webhooks(session: Session, company_id: int, kind: str) -> Sequence[Channel]:
    """Return the partner's channels of this kind that are in use."""
    query = sa.select(Channel).where(
        Channel.company_id == company_id, Channel.kind == kind, Channel.state != ChannelState.RETIRED
    )
    return session.execute(query.order_by(Channel.id)).scalars().all()


def find_partner_webhook(session: Session, company_id: int, kind: str, code: str) -> Channel:
    """Return one of them, locked until the caller commits, so that concurrent changes are serialised. Raises
    ``NotFound``, with the same message for another partner's."""
    query = sa.select(Channel).where(
        Channel.code == code, Channel.company_id == company_id, Channel.kind == kind,
        Channel.state != ChannelState.RETIRED,
    )  # fmt: skip
    row = session.execute(query.with_for_update(of=Channel)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no channel {code}", channel=code)
    return row


def create_webhook(
    session: Session, actor: Actor, company: Company, kind: str, topics: Collection[str] | None, *,
    settings: Mapping[str, Any], encrypted_secrets: str, now: datetime,
) -> Channel:  # fmt: skip
    """Create the partner's first webhook. ``topics``: those of the partner's other channels, None for all.

    Raises ``Conflict`` when there is one already, or when the department has stopped all of the partner's channels.
    """
    if partner_webhooks(session, company.id, kind):
        raise Conflict("there is a push already", code="push_there", partner=company.code)
    if topics is not None and not topics:
        raise Conflict("this partner receives nothing at present", code="push_stopped", partner=company.code)
    return create_channel(
        session, actor.id, code=None, kind=kind, name=f"Webhook {company.name}"[:200], company=company,
        topics=sorted(topics) if topics is not None else None,
        settings=settings, encrypted_secrets=encrypted_secrets, now=now,
    )  # fmt: skip


def change_settings(
    session: Session, actor: Actor, channel: Channel, settings: Mapping[str, Any], *, now: datetime
) -> frozenset[str]:
    """Change the settings; returns the names of those that changed. Failed deliveries are tried at a new address
    (``url``); a channel that the department paused stays paused."""
    changed = frozenset(name for name, value in settings.items() if channel.settings.get(name) != value)
    if not changed:
        return changed
    channel.settings = dict(settings)
    if "url" in changed:
        channel.start_afresh()
        channel.last_error = ""
        if channel.state is ChannelState.FAILING:
            channel.state = ChannelState.ACTIVE
    session.flush()
    details = {"settings": sorted(settings), "secrets": False}
    journal.record(session, actor.id, "channel.changed", "channel", channel.code, details, now=now)
    return changed


def change_secrets(session: Session, actor: Actor, channel: Channel, encrypted_secrets: str, *, now: datetime) -> None:
    """Store another set of secrets."""
    channel.encrypted_secrets = encrypted_secrets
    session.flush()
    journal.record(session, actor.id, "channel.changed", "channel", channel.code, {"secrets": True}, now=now)


def record_test(
    session: Session, actor: Actor, channel: Channel, *, status: int | None, detail: str, now: datetime
) -> None:
    """Record a test and its answer; ``status`` is None without an answer."""
    details = {"status": status, "detail": detail[:500]}
    journal.record(session, actor.id, "channel.tested", "channel", channel.code, details, now=now)


def recent_tests(session: Session, channel: Channel, most: int = 10) -> Sequence[journal.JournalEntry]:
    """Return the tests of a channel, the newest first."""
    query = sa.select(journal.JournalEntry).where(
        journal.JournalEntry.subject_kind == "channel", journal.JournalEntry.subject == channel.code,
        journal.JournalEntry.act == "channel.tested",
    )  # fmt: skip
    return session.execute(query.order_by(journal.JournalEntry.seq.desc()).limit(most)).scalars().all()


def require_test_pause(session: Session, channel: Channel, *, now: datetime) -> None:
    """Raise ``Conflict`` while the last test is more recent than ``TESTED_EVERY``."""
    last = next(iter(recent_tests(session, channel, 1)), None)
    if last is not None and now - last.at < TESTED_EVERY:
        raise Conflict("a test was sent just now", code="test_just_now", channel=channel.code)
