"""The recipients of a bulletin, with reasons, by the same predicates that write and send deliveries.

``outbox.refusal_reason`` decides whether a delivery is written, the channel's state whether it waits, a partner's key
whether a feed can be read. A licence or an agreement blocks nothing; a doubt about it is shown with the answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.clock import city_day
from campaigns.core.vietnamese import fold
from campaigns.delivery import outbox
from campaigns.delivery.outbox import DeliveryMode, DeliveryModes, RefusalReason
from campaigns.partners.agreements import Agreement
from campaigns.partners.licences import Licence
from campaigns.people.keys import AccessKey
from campaigns.planning.campaigns import all_topics

_OwnedRow = TypeVar("_OwnedRow", Licence, Agreement, AccessKey)


class RecipientAnswer(Enum):
    """Whether a channel gets the bulletin."""

    YES = "yes"
    LATER = "later"  # its delivery waits until a person has fixed the channel
    NO = "no"


class RecipientHindrance(Enum):
    """Why the delivery of a receiving channel waits."""

    PAUSED = "paused"
    NEEDS_AUTHORISATION = "needs_authorisation"
    NO_KEY = "no_key"  # a feed without a key
    KEY_ENDED = "key_ended"  # every key of the feed has expired or was revoked


class PartnerDoubt(Enum):
    """A doubt about the partner's documents, which is shown and blocks nothing."""

    NO_LICENCE = "no_licence"
    LICENCE_ENDED = "licence_ended"
    LICENCE_SCOPE = "licence_scope"  # no licence in force names the topic
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_TOPICS = "agreement_topics"  # no agreement in force names the topic


@dataclass(frozen=True)
class Recipient:
    """The answer for one channel. ``owner``: the partner's name, None for an official account; ``at``: when the
    delivery is due, None when the receiver fetches, a person posts, or it gets nothing."""

    channel: str
    name: str
    kind: str
    settings: Mapping[str, Any]
    nature: DeliveryMode
    owner: str | None
    owner_code: str | None
    answer: RecipientAnswer
    refusal: RefusalReason | None
    hindrance: RecipientHindrance | None
    doubts: tuple[PartnerDoubt, ...]
    at: datetime | None


def dry_run(
    session: Session, bulletin: Bulletin, delivery_modes: DeliveryModes, *, at: datetime | None, now: datetime
) -> list[Recipient]:
    """Return every channel with its answer for a release at ``at`` (None = now): ours first, then by partner.

    Uses five queries for any number of channels. Writes nothing.
    """
    channels = (
        session.execute(
            sa.select(Channel)
            .options(sa.orm.joinedload(Channel.company))
            .order_by(Channel.company_id.is_not(None), Channel.name, Channel.id)
        )
        .scalars()
        .all()
    )
    moment = at or now
    day = city_day(moment)
    # A subquery, not a list of ids: a city may have more partners than a statement takes parameters.
    owners = sa.select(Channel.company_id).where(Channel.company_id.is_not(None))
    licences = _by_company(session.execute(sa.select(Licence).where(Licence.company_id.in_(owners))).scalars())
    agreements = _by_company(session.execute(sa.select(Agreement).where(Agreement.company_id.in_(owners))).scalars())
    names = {fold(word): topic.code for topic in all_topics(session) for word in (topic.code, topic.name)}
    keys = _by_company(session.execute(sa.select(AccessKey).where(AccessKey.company_id.in_(owners))).scalars())
    found = []
    for channel in channels:
        refusal = outbox.refusal_reason(channel, bulletin)
        nature = delivery_modes.mode_of(channel.kind)
        owner = channel.company_id
        hindrance = _hindrance(channel, nature, keys.get(owner, []) if owner is not None else [], moment)
        doubts: tuple[PartnerDoubt, ...] = ()
        if owner is not None and refusal is None:
            topic = bulletin.topic.code
            doubts = (
                *_licence_doubts(licences.get(owner, []), topic, names, day),
                *_agreement_doubts(agreements.get(owner, []), topic, day),
            )
        answer = (
            RecipientAnswer.NO
            if refusal is not None
            else RecipientAnswer.LATER
            if hindrance is not None
            else RecipientAnswer.YES
        )
        found.append(
            Recipient(
                channel=channel.code,
                name=channel.name,
                kind=channel.kind,
                settings=channel.settings,
                nature=nature,
                owner=channel.company.name if channel.company is not None else None,
                owner_code=channel.company.code if channel.company is not None else None,
                answer=answer,
                refusal=refusal,
                hindrance=hindrance if refusal is None else None,
                doubts=doubts,
                at=moment if answer is RecipientAnswer.YES and nature is DeliveryMode.PUSHED else None,
            )
        )
    return found


def _hindrance(
    channel: Channel, nature: DeliveryMode, keys: Iterable[AccessKey], moment: datetime
) -> RecipientHindrance | None:
    if channel.state is ChannelState.PAUSED:
        return RecipientHindrance.PAUSED
    if channel.state is ChannelState.NEEDS_AUTHORISATION:
        return RecipientHindrance.NEEDS_AUTHORISATION
    if nature is DeliveryMode.PULLED and channel.company_id is not None:
        owned = list(keys)
        if not owned:
            return RecipientHindrance.NO_KEY
        if not any(key.lives(moment) for key in owned):
            return RecipientHindrance.KEY_ENDED
    return None


def _licence_doubts(licences: Iterable[Licence], topic: str, names: Mapping[str, str], day: date) -> list[PartnerDoubt]:
    owned = list(licences)
    good = [
        licence
        for licence in owned
        if licence.issued_on <= day and (licence.expires_on is None or day <= licence.expires_on)
    ]
    if not owned:
        return [PartnerDoubt.NO_LICENCE]
    if not good:
        return [PartnerDoubt.LICENCE_ENDED]
    # A scope is free text of the licence: only scopes that are our topics can be compared.
    named = [{names[word] for word in map(fold, licence.scope) if word in names} for licence in good]
    return [] if any(not scope or topic in scope for scope in named) else [PartnerDoubt.LICENCE_SCOPE]


def _agreement_doubts(agreements: Iterable[Agreement], topic: str, day: date) -> list[PartnerDoubt]:
    owned = list(agreements)
    good = [agreement for agreement in owned if agreement.holds_on(day)]
    if not owned:
        return [PartnerDoubt.NO_AGREEMENT]
    if not good:
        return [PartnerDoubt.AGREEMENT_ENDED]
    return (
        []
        if any(not agreement.topics or topic in agreement.topics for agreement in good)
        else [PartnerDoubt.AGREEMENT_TOPICS]
    )


def _by_company(rows: Iterable[_OwnedRow]) -> Mapping[int, list[_OwnedRow]]:
    found: dict[int, list[_OwnedRow]] = {}
    for row in rows:
        if row.company_id is not None:
            found.setdefault(row.company_id, []).append(row)
    return found
