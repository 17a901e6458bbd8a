"""Who gets a bulletin and who does not, and why: asked of the same predicates that write and send deliveries.

``outbox.refusal`` decides whether a delivery is written, the channel's state whether it waits, a partner's key whether
a feed can be read. A licence or an agreement bars nothing by itself: what is wrong there is told beside the answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.vietnamese import fold
from campaigns.partners.agreements import Agreement
from campaigns.partners.licences import Licence
from campaigns.people.keys import Key
from campaigns.planning.campaigns import all_topics
from campaigns.publishing import outbox
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import ChannelNature, Natures, Refusal

_Owned = TypeVar("_Owned", Licence, Agreement, Key)


class Answer(Enum):
    """Whether a channel gets the bulletin."""

    YES = "yes"
    LATER = "later"  # its delivery waits until somebody has dealt with the channel
    NO = "no"


class Hindrance(Enum):
    """Why a channel that would get it has to wait."""

    PAUSED = "paused"
    NEEDS_AUTHORISATION = "needs_authorisation"
    NO_KEY = "no_key"  # a feed that nobody has a key to
    KEY_ENDED = "key_ended"  # every key to it has run out or was revoked


class Doubt(Enum):
    """What is not in order in the partner's papers; told, never a bar."""

    NO_LICENCE = "no_licence"
    LICENCE_ENDED = "licence_ended"
    LICENCE_SCOPE = "licence_scope"  # no licence in force names the topic
    NO_AGREEMENT = "no_agreement"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_TOPICS = "agreement_topics"  # no agreement in force names the topic


@dataclass(frozen=True)
class Receiver:
    """One channel's answer. ``owner``: the partner's name, None for an account of ours; ``at``: when it is due there,
    None when the receiver fetches or a person posts, or when it gets nothing."""

    channel: str
    name: str
    kind: str
    nature: ChannelNature
    owner: str | None
    owner_code: str | None
    answer: Answer
    refusal: Refusal | None
    hindrance: Hindrance | None
    doubts: tuple[Doubt, ...]
    at: datetime | None


def dry_run(
    session: Session, bulletin: Bulletin, natures: Natures, *, at: datetime | None, now: datetime
) -> list[Receiver]:
    """Every channel with its answer, were the bulletin released at ``at`` (None = now): ours first, then by partner.

    Five queries, however many channels there are. Writes nothing.
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
    # A question, not a list of numbers: a city has more partners than a statement takes values.
    owners = sa.select(Channel.company_id).where(Channel.company_id.is_not(None))
    licences = _by_company(session.execute(sa.select(Licence).where(Licence.company_id.in_(owners))).scalars())
    agreements = _by_company(session.execute(sa.select(Agreement).where(Agreement.company_id.in_(owners))).scalars())
    names = {fold(word): one.code for one in all_topics(session) for word in (one.code, one.name)}
    keys = _by_company(session.execute(sa.select(Key).where(Key.company_id.in_(owners))).scalars())
    found = []
    for channel in channels:
        refusal = outbox.refusal(channel, bulletin)
        nature = natures.of(channel.kind)
        owner = channel.company_id
        hindrance = _hindrance(channel, nature, keys.get(owner, []) if owner is not None else [], moment)
        doubts: tuple[Doubt, ...] = ()
        if owner is not None and refusal is None:
            topic = bulletin.topic.code
            doubts = (
                *_licence_doubts(licences.get(owner, []), topic, names, day),
                *_agreement_doubts(agreements.get(owner, []), topic, day),
            )
        answer = Answer.NO if refusal is not None else Answer.LATER if hindrance is not None else Answer.YES
        found.append(
            Receiver(
                channel=channel.code,
                name=channel.name,
                kind=channel.kind,
                nature=nature,
                owner=channel.company.name if channel.company is not None else None,
                owner_code=channel.company.code if channel.company is not None else None,
                answer=answer,
                refusal=refusal,
                hindrance=hindrance if refusal is None else None,
                doubts=doubts,
                at=moment if answer is Answer.YES and nature is ChannelNature.PUSHED else None,
            )
        )
    return found


def _hindrance(channel: Channel, nature: ChannelNature, keys: Iterable[Key], moment: datetime) -> Hindrance | None:
    if channel.state is ChannelState.PAUSED:
        return Hindrance.PAUSED
    if channel.state is ChannelState.NEEDS_AUTHORISATION:
        return Hindrance.NEEDS_AUTHORISATION
    if nature is ChannelNature.PULLED and channel.company_id is not None:
        owned = list(keys)
        if not owned:
            return Hindrance.NO_KEY
        if not any(key.lives(moment) for key in owned):
            return Hindrance.KEY_ENDED
    return None


def _licence_doubts(licences: Iterable[Licence], topic: str, names: Mapping[str, str], day: date) -> list[Doubt]:
    owned = list(licences)
    good = [one for one in owned if one.issued_on <= day and (one.expires_on is None or day <= one.expires_on)]
    if not owned:
        return [Doubt.NO_LICENCE]
    if not good:
        return [Doubt.LICENCE_ENDED]
    # A scope is in the licence's own words: only those that are topics of ours can be compared with one.
    named = [{names[word] for word in map(fold, one.scope) if word in names} for one in good]
    return [] if any(not scope or topic in scope for scope in named) else [Doubt.LICENCE_SCOPE]


def _agreement_doubts(agreements: Iterable[Agreement], topic: str, day: date) -> list[Doubt]:
    owned = list(agreements)
    good = [one for one in owned if one.holds_on(day)]
    if not owned:
        return [Doubt.NO_AGREEMENT]
    if not good:
        return [Doubt.AGREEMENT_ENDED]
    return [] if any(not one.topics or topic in one.topics for one in good) else [Doubt.AGREEMENT_TOPICS]


def _by_company(rows: Iterable[_Owned]) -> Mapping[int, list[_Owned]]:
    found: dict[int, list[_Owned]] = {}
    for row in rows:
        if row.company_id is not None:
            found.setdefault(row.company_id, []).append(row)
    return found
