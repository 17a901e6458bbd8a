"""A partner's own push: the channel by which it is told of bulletins at an address of its choosing.

A partner sets the address and the secret of channels that are its own, and nothing else: what it receives stays as the
department has it. The coordinator checks the address and seals the secret before it comes here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.publishing.channels import Channel, ChannelState, new_channel
from campaigns.publishing.release import Audience

TRIED_EVERY = timedelta(seconds=10)  # a test is a request to somebody's server; more often helps nobody


def own_pushes(session: Session, company_id: int, kind: str) -> Sequence[Channel]:
    """The partner's channels of this kind that are in use."""
    query = sa.select(Channel).where(
        Channel.company_id == company_id, Channel.kind == kind, Channel.state != ChannelState.RETIRED
    )
    return session.execute(query.order_by(Channel.id)).scalars().all()


def find_own(session: Session, company_id: int, kind: str, code: str) -> Channel:
    """One of them, locked until the caller commits: two tabs change it one after the other. Raises ``NotFound``, in the
    same words for one of another."""
    query = sa.select(Channel).where(
        Channel.code == code, Channel.company_id == company_id, Channel.kind == kind,
        Channel.state != ChannelState.RETIRED,
    )  # fmt: skip
    row = session.execute(query.with_for_update(of=Channel)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no channel {code}", channel=code)
    return row


def set_up(
    session: Session, actor: Actor, company: Company, kind: str, audience: Audience, *, settings: Mapping[str, Any],
    sealed: str, now: datetime,
) -> Channel:  # fmt: skip
    """The partner's first push. It receives the topics that the partner reads otherwise, and no more.

    Raises ``Conflict`` when there is one already, or when the department has stopped all the partner reads by.
    """
    if own_pushes(session, company.id, kind):
        raise Conflict("there is a push already", code="push_there", partner=company.code)
    if audience.topics is not None and not audience.topics:
        raise Conflict("this partner receives nothing at present", code="push_stopped", partner=company.code)
    topics = sorted(audience.topics) if audience.topics is not None else None
    return new_channel(
        session, actor.id, code=None, kind=kind, name=f"Webhook {company.name}"[:200], company=company, topics=topics,
        settings=settings, sealed=sealed, now=now,
    )  # fmt: skip


def move(session: Session, actor: Actor, channel: Channel, settings: Mapping[str, Any], *, now: datetime) -> bool:
    """Send to another address from now on; whether it is another. What failed at the former one is tried at this one;
    a channel that the department paused stays so."""
    if dict(settings) == channel.settings:
        return False
    channel.settings = dict(settings)
    channel.start_afresh()
    channel.last_error = ""
    if channel.state is ChannelState.FAILING:
        channel.state = ChannelState.ACTIVE
    session.flush()
    details = {"settings": sorted(settings), "secrets": False}
    journal.record(session, actor.id, "channel.changed", "channel", channel.code, details, now=now)
    return True


def renew(session: Session, actor: Actor, channel: Channel, sealed: str, *, now: datetime) -> None:
    """Keep another set of secrets."""
    channel.sealed = sealed
    session.flush()
    journal.record(session, actor.id, "channel.changed", "channel", channel.code, {"secrets": True}, now=now)


def note_test(
    session: Session, actor: Actor, channel: Channel, *, status: int | None, detail: str, now: datetime
) -> None:
    """Write down that a test was sent and what was answered; ``status`` None without an answer."""
    details = {"status": status, "detail": detail[:500]}
    journal.record(session, actor.id, "channel.tested", "channel", channel.code, details, now=now)


def tried(session: Session, channel: Channel, most: int = 10) -> Sequence[journal.Entry]:
    """The tests of a channel, the newest first."""
    query = sa.select(journal.Entry).where(
        journal.Entry.subject_kind == "channel", journal.Entry.subject == channel.code,
        journal.Entry.act == "channel.tested",
    )  # fmt: skip
    return session.execute(query.order_by(journal.Entry.seq.desc()).limit(most)).scalars().all()


def require_pause(session: Session, channel: Channel, *, now: datetime) -> None:
    """Raise ``Conflict`` while the last test is only a moment ago."""
    last = next(iter(tried(session, channel, 1)), None)
    if last is not None and now - last.at < TRIED_EVERY:
        raise Conflict("a test was sent just now", code="test_just_now", channel=channel.code)
