"""One delivery with its whole story, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.publishing import readings
from campaigns.publishing.outbox import HELD, OPEN, Attempt, DeliveryState, Outcome, find_delivery, last_delivered
from campaigns.publishing.readings import CountRead, Told
from campaigns.publishing.transport import Act
from coordinator.channels import registry
from coordinator.jobs.workplace import Workplace
from coordinator.web.desk.delivery_rows import facts_of
from coordinator.web.desk.delivery_trouble import Facts, Trouble, answer_of, trouble_of
from coordinator.web.desk.receipt_words import told_by


@dataclass(frozen=True)
class Try:
    """One attempt. ``words``: what the other side did, in a sentence, '' where there is none; ``error``: its own."""

    at: datetime
    seconds: float | None
    outcome: Outcome
    status: int | None
    words: str
    error: str


@dataclass(frozen=True)
class ByHand:
    """What somebody copies to post it: plain text, and where to post it."""

    title: str
    lead: str
    text: str
    link: str
    kit: str
    page_url: str | None
    instructions: str


@dataclass(frozen=True)
class Story:
    """Everything the page tells. ``before_url``: where the earlier text of the bulletin stands at this channel;
    ``held``: it came too late to go by itself; ``lease_until``: when it is taken up again should whoever sends it now
    have ended."""

    id: str
    key: str
    bulletin: str
    title: str
    revision: int
    channel: str
    channel_code: str
    kind: str
    act: Act
    state: DeliveryState
    note: str
    created_at: datetime
    due_at: datetime | None
    next_at: datetime | None
    lease_until: datetime | None
    settled_at: datetime | None
    release_at: datetime | None
    url: str | None
    remote_id: str | None
    before_url: str | None
    tries: tuple[Try, ...]
    trouble: Trouble | None
    by_hand: ByHand | None
    idempotent: bool
    lookup: bool
    manual: bool
    readings: Sequence[tuple[datetime, str, Mapping[Told, int]]]
    read_next: datetime | None
    read_error: str
    held: bool

    @property
    def may_retry(self) -> bool:
        """Whether it can be tried again now."""
        return self.state in {DeliveryState.DEAD, DeliveryState.RETRYING}

    @property
    def may_settle(self) -> bool:
        """Whether somebody has to say what became of it."""
        return self.state is DeliveryState.UNKNOWN or self.by_hand is not None or self.held


def story(session: Session, place: Workplace, ident: str, locale: str) -> Story:
    """Read one delivery. Raises ``NotFound``."""
    row = find_delivery(session, ident)
    bulletin, channel = row.bulletin, row.channel
    revision = bulletin.revision(row.revision)
    now = place.now()
    capabilities = registry.kind_of(channel.kind).capabilities
    last = row.attempts[-1] if row.attempts else None
    facts = facts_of(row, channel, bulletin.release_at, last, place.natures, now)
    waits_by_hand = facts.manual and row.state is DeliveryState.DUE and row.due_at is None and facts.released
    before = last_delivered(session, row)
    asking = session.query(CountRead).filter_by(delivery_id=row.id).one_or_none()
    return Story(
        id=row.public,
        key=row.key,
        bulletin=bulletin.code,
        title=revision.title,
        revision=row.revision,
        channel=channel.name,
        channel_code=channel.code,
        kind=kind_name(channel.kind, locale),
        act=row.act,
        state=row.state,
        note=row.note,
        created_at=row.created_at,
        due_at=row.due_at,
        next_at=row.due_at if row.state in OPEN else None,
        lease_until=row.lease_until if row.state is DeliveryState.SENDING else None,
        settled_at=row.settled_at,
        release_at=bulletin.release_at,
        url=row.url,
        remote_id=row.remote_id,
        before_url=before.url if before is not None else None,
        tries=tuple(
            Try(
                one.at,
                (one.ended_at - one.at).total_seconds() if one.ended_at is not None else None,
                one.outcome,
                one.status,
                _words(one),
                one.error,
            )
            for one in row.attempts
        ),
        trouble=trouble_of(facts),
        by_hand=_by_hand(place, channel.settings, bulletin.code, revision.title, revision.lead, revision.body_text)
        if waits_by_hand
        else None,
        idempotent=capabilities.idempotent,
        lookup=capabilities.lookup,
        manual=facts.manual,
        readings=readings.of_delivery(session, row.id),
        read_next=asking.due_at if asking is not None else None,
        read_error=asking.error if asking is not None else "",
        held=row.state is DeliveryState.DUE and row.reason in HELD,
    )


# How a delivery stood after a try that came to this; of other tries there is nothing in the way to tell.
_AFTER = {
    Outcome.FAILED: DeliveryState.RETRYING,
    Outcome.UNKNOWN: DeliveryState.UNKNOWN,
    Outcome.REFUSED: DeliveryState.DEAD,
}


def _words(one: Attempt) -> str:
    if (after := _AFTER.get(one.outcome)) is None:
        return told_by(one.error)
    return answer_of(Facts(after, "refused" if one.outcome is Outcome.REFUSED else "", one.status, one.error))


def _by_hand(place: Workplace, settings: Mapping[str, Any], code: str, title: str, lead: str, text: str) -> ByHand:
    return ByHand(
        title=title,
        lead=lead,
        text=text,
        link=place.addresses.bulletin(code),
        kit=place.addresses.republish(code),
        page_url=settings.get("page_url"),
        instructions=settings.get("instructions") or "",
    )


def kind_name(kind: str, locale: str) -> str:
    """The name of a kind of channel in the reader's language."""
    row = registry.kind_of(kind)
    return row.label_en if locale.startswith("en") else row.label_vi
