"""One claimed delivery, read and composed: what is to be sent, or why nothing is."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.people.office import the_office
from campaigns.publishing import lateness, outbox, pictures, series
from campaigns.publishing.dressing import Dress, of_json
from campaigns.publishing.formatting import compose
from campaigns.publishing.outbox import Attempt, Delivery
from campaigns.publishing.transport import Act, Capabilities, CoverFile, Message
from coordinator.channels import registry
from coordinator.imports.cleaning import clean_html
from coordinator.imports.plaintext import text_to_html
from coordinator.jobs.illustrating import PREVIEW
from coordinator.jobs.workplace import Workplace


@dataclass(frozen=True)
class Task:
    """One claimed delivery, ready to be sent, with nothing of the session left in it."""

    claim: ledger.Claim
    delivery: str
    channel_id: int
    channel: str
    kind: str
    message: Message
    token: str | None
    polls: int
    look_first: bool
    void: str  # why it must not be sent, again or at all; empty = it may be
    cover: CoverFile | None  # the picture that goes along, its bytes not yet read
    cover_key: str  # where they are kept
    begun: bool  # whoever had it before had begun to send
    began_at: datetime  # when the first try began: a look-up goes back to here


@dataclass(frozen=True)
class Unsent:
    """Nothing goes out. ``skipped``: there is nothing to send after all; else a person is to say whether it still
    goes."""

    reason: str
    skipped: bool


def load(place: Workplace, taken: ledger.Claim) -> Task | Unsent | None:
    """Read and compose. None when the delivery is no longer there."""
    with place.database.read() as session:
        delivery = session.get(Delivery, taken.id)
        if delivery is None:
            return None
        before = outbox.last_delivered(session, delivery)
        act_now = delivery.act
        if before is None and act_now is Act.CORRECT:
            act_now = Act.PUBLISH  # the old text never arrived, so the new one is the first
        if before is None and act_now is Act.RECALL and not _in_doubt(session, delivery):
            return Unsent("never_received", skipped=True)
        why = _held(place, session, taken, delivery, act_now)
        return Unsent(why, skipped=False) if why else _compose(place, session, taken, delivery, before, act_now)


def _held(place: Workplace, session: Session, taken: ledger.Claim, delivery: Delivery, act_now: Act) -> str:
    """Why it came too late to go by itself; "" = it goes. What may be there already, or is being worked on at the
    channel, is asked about however late it is."""
    if delivery.token is not None or delivery.look_first or taken.reclaimed or outbox.void(delivery):
        return ""
    bulletin = delivery.bulletin
    known = (delivery.created_at, bulletin.release_at, delivery.asked_at)
    filled = series.place_of(session, bulletin)
    return lateness.held(
        act_now,
        registry.kind_of(delivery.channel.kind).capabilities,
        max(moment for moment in known if moment is not None),
        tried=taken.attempt > 1,
        series_day=filled[1] if filled is not None else None,
        now=place.now(),
    )


def _in_doubt(session: Session, delivery: Delivery) -> bool:
    """Whether the receiver may have a text whose answer was lost: elsewhere that was looked up or settled before."""
    kind = registry.kind_of(delivery.channel.kind)
    return kind.capabilities.idempotent and outbox.may_have_arrived(session, delivery)


def _compose(
    place: Workplace,
    session: Session,
    taken: ledger.Claim,
    delivery: Delivery,
    before: Delivery | None,
    act_now: Act,
) -> Task:
    bulletin, channel = delivery.bulletin, delivery.channel
    revision = bulletin.revision(delivery.revision)
    capabilities: Capabilities = registry.kind_of(channel.kind).capabilities
    first = session.execute(
        sa.select(sa.func.min(Attempt.at)).where(Attempt.delivery_id == delivery.id)
    ).scalar_one_or_none()
    dress = of_json(revision.dress)
    own = dress.for_channel(channel.code)
    message = compose(
        key=delivery.key,
        act=act_now,
        code=bulletin.code,
        revision=revision.number,
        title=own.title or revision.title,
        lead=own.lead or revision.lead,
        # Words of its own are plain; as HTML they are the same paragraphs, cleaned like every text.
        body_html=clean_html(text_to_html(own.text)).html if own.text else revision.body_html,
        body_text=own.text or revision.body_text,
        topic=bulletin.topic.code,
        author=the_office(session).name,
        addresses=place.addresses,
        released_at=bulletin.release_at or place.now(),
        note=delivery.note,
        remote_id=before.remote_id if before is not None else None,
        remote_url=before.url if before is not None else None,
        capabilities=capabilities,
        cover_url=place.addresses.picture(dress.cover.picture, ratio=PREVIEW) if dress.cover is not None else None,
    )
    if capabilities.mailed:
        token = f"{channel.code}.{place.seal.mark(f'leave {channel.code}')}"
        message = replace(message, leave_url=place.addresses.leave(token))
    cover, cover_key = _cover(session, dress) if capabilities.carries_cover else (None, "")
    return Task(
        claim=taken,
        delivery=delivery.public,
        channel_id=channel.id,
        channel=channel.code,
        kind=channel.kind,
        message=message,
        token=delivery.token,
        polls=delivery.polls,
        look_first=delivery.look_first,
        void=outbox.void(delivery),
        cover=cover,
        cover_key=cover_key,
        begun=delivery.begun,
        began_at=first or delivery.due_at or place.now(),
    )


def _cover(session: Session, dress: Dress) -> tuple[CoverFile | None, str]:
    """The whole lead picture without its bytes, and where they are kept."""
    picture = pictures.by_ident(session, [dress.cover.picture]).get(dress.cover.picture) if dress.cover else None
    if dress.cover is None or picture is None:
        return None, ""
    return CoverFile(picture.ident, picture.mime, dress.cover.alt, b""), picture.key
