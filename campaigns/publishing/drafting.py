"""Writing: a new bulletin, another revision. What is saved here is cleaned text; cleaning is done at the door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.lines import Line, stand_in
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Campaign, Topic, find_topic
from campaigns.publishing import outbox, pictures
from campaigns.publishing.bulletins import (
    Bulletin,
    Revision,
    State,
    find_bulletin,
    new_counter_token,
    next_code,
    text_hash,
)
from campaigns.publishing.channels import Channel
from campaigns.publishing.dressing import Dress, check_dress, to_json

LONGEST_TITLE = 300
LONGEST_LEAD = 2000


@dataclass(frozen=True)
class Text:
    """A text to be saved: ``body_html`` is sanitised, ``body_text`` derived from it. ``dress``: its cover and its words
    for channels; None leaves those of the text before it."""

    title: str
    lead: str
    body_html: str
    body_text: str
    dress: Dress | None = None


def check_text(text: Text) -> list[FieldError]:
    """Everything that keeps a text from being saved."""
    errors = []
    if not text.title.strip():
        errors.append(FieldError("title", "required", "a bulletin needs a title"))
    elif len(text.title.strip()) > LONGEST_TITLE:
        errors.append(FieldError("title", "too_long", f"a title has at most {LONGEST_TITLE} characters"))
    if len(text.lead.strip()) > LONGEST_LEAD:
        errors.append(FieldError("lead", "too_long", f"a lead has at most {LONGEST_LEAD} characters"))
    if text.dress is not None:
        errors += check_dress(text.dress, LONGEST_TITLE, LONGEST_LEAD)
    return errors


def check_ready(text: Text | Revision) -> list[FieldError]:
    """What a text still lacks before it can be submitted."""
    errors = []
    if not text.title.strip():
        errors.append(FieldError("title", "required", "a bulletin needs a title"))
    if not text.body_text.strip():
        errors.append(FieldError("body_html", "required", "a bulletin needs a body"))
    return errors


def create(
    session: Session,
    actor: Actor,
    text: Text,
    *,
    topic: str,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    now: datetime,
) -> Bulletin:
    """Save a new draft and return it with revision 1.

    Raises ``Invalid`` naming every bad field (an unknown topic, campaign or channel included), ``Forbidden``.
    """
    actor.require(May.WRITE)
    errors = check_text(text)
    check_worn(session, text, errors)
    found_topic, found_campaign = _check_places(session, topic, campaign, source_url, channels, errors)
    if errors or found_topic is None:
        raise Invalid(errors)
    stand_in(session, Line.CODES)
    bulletin = Bulletin(
        code=next_code(session, now),
        state=State.DRAFT,
        topic=found_topic,
        campaign=found_campaign,
        writer=actor.id,
        writer_name=actor.name,
        source_url=source_url,
        wanted_channels=list(channels) if channels is not None else None,
        counter_token=new_counter_token(),
        latest=0,
        created_at=now,
        edited_at=now,
        recall_reason="",
        return_note="",
    )
    session.add(bulletin)
    session.flush()
    revision = add_revision(session, actor, bulletin, text, note="", now=now)
    details = {"topic": topic, "hash": revision.hash, "title": revision.title}
    journal.record(session, actor.id, "bulletin.written", "bulletin", bulletin.code, details, now=now)
    return bulletin


def _check_places(
    session: Session,
    topic: str,
    campaign: str | None,
    source_url: str | None,
    channels: Sequence[str] | None,
    errors: list[FieldError],
    kept: str | None = None,
) -> tuple[Topic | None, Campaign | None]:
    found_topic = find_topic(session, topic)
    if found_topic is None:
        errors.append(FieldError("topic", "unknown_topic", f"there is no topic {topic!r}"))
    elif found_topic.retired_at is not None and topic != kept:
        errors.append(FieldError("topic", "retired_topic", f"nothing new is written on the topic {topic!r}"))
    found_campaign = None
    if campaign is not None:
        found_campaign = session.execute(sa.select(Campaign).where(Campaign.code == campaign)).scalar_one_or_none()
        if found_campaign is None:
            errors.append(FieldError("campaign", "unknown_campaign", f"there is no campaign {campaign!r}"))
    if source_url is not None and not source_url.startswith(("http://", "https://")):
        errors.append(FieldError("source_url", "url", f"{source_url!r} is not an http or https address"))
    if channels is not None:
        known = set(session.execute(sa.select(Channel.code).where(Channel.code.in_(list(channels)))).scalars())
        for position, code in enumerate(channels):
            if code not in known:
                errors.append(FieldError(f"channels.{position}", "unknown_channel", f"there is no channel {code!r}"))
    return found_topic, found_campaign


def worn(text: Text, before: Revision | None) -> dict[str, Any] | None:
    """What a text will wear, as it is stored: its own dress, or that of the text before it."""
    if text.dress is not None:
        return to_json(text.dress)
    return before.dress if before is not None else None


def check_worn(session: Session, text: Text, errors: list[FieldError]) -> None:
    """Pictures and channels that a dress names have to exist."""
    if text.dress is None:
        return
    cover = text.dress.cover
    if cover is not None and not pictures.by_ident(session, [cover.picture]):
        errors.append(FieldError("cover", "unknown_picture", "there is no such picture"))
    codes = [code for code, variant in text.dress.variants.items() if variant]
    known = set(session.execute(sa.select(Channel.code).where(Channel.code.in_(codes))).scalars()) if codes else set()
    errors += [
        FieldError(f"variants.{code}.title", "unknown_channel", f"there is no channel {code!r}")
        for code in codes
        if code not in known
    ]


def add_revision(
    session: Session, actor: Actor, bulletin: Bulletin, text: Text, *, note: str, now: datetime
) -> Revision:
    """Append the next revision. The caller has checked the text and the state."""
    title, lead = " ".join(text.title.split()), text.lead.strip()
    dress = worn(text, bulletin.revision(bulletin.latest) if bulletin.latest else None)
    revision = Revision(
        bulletin_id=bulletin.id,
        number=bulletin.latest + 1,
        title=title,
        lead=lead,
        body_html=text.body_html,
        body_text=text.body_text,
        dress=dress,
        hash=text_hash(title, lead, text.body_html, dress),
        author=actor.id,
        author_name=actor.name,
        note=note,
        created_at=now,
    )
    session.add(revision)
    session.flush()
    cover = (dress or {}).get("cover")
    pictures.note_uses(session, revision, [*pictures.named_in(text.body_html), *([cover["picture"]] if cover else [])])
    bulletin.latest = revision.number
    bulletin.edited_at = now
    bulletin.search = fold(f"{bulletin.code} {title} {lead}")
    session.flush()
    return revision


def revise(
    session: Session,
    actor: Actor,
    code: str,
    text: Text,
    *,
    topic: str | None = None,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    cleared: Collection[str] = (),
    expected: int | None = None,
    now: datetime,
) -> Bulletin:
    """Save another text of a bulletin that is not out yet. Any approval is void, any schedule is cancelled.

    None leaves a place as it was; ``cleared`` names those to be emptied (``campaign``, ``source_url``, ``channels``).
    ``expected`` is the revision the writer started from: if somebody saved since, ``Conflict`` (code ``text_changed``)
    and nothing is overwritten. Saving the same text again adds no revision. Raises ``Invalid``, ``Forbidden``.
    """
    actor.require(May.WRITE)
    bulletin = find_bulletin(session, code, for_update=True)
    if is_out(bulletin, now) or bulletin.state is State.RECALLED:
        raise Conflict(f"{code} is out; correct it instead", code="already_published", bulletin=code)
    if expected is not None and expected != bulletin.latest:
        raise Conflict(
            f"{code} was changed by somebody else: it is at revision {bulletin.latest}",
            code="text_changed",
            bulletin=code,
            revision=bulletin.latest,
        )
    errors = check_text(text)
    check_worn(session, text, errors)
    found_topic, found_campaign = _check_places(
        session, topic or bulletin.topic.code, campaign, source_url, channels, errors, kept=bulletin.topic.code
    )
    if errors or found_topic is None:
        raise Invalid(errors)
    before = bulletin.revision(bulletin.latest)
    places_before = (bulletin.topic_id, bulletin.campaign_id, bulletin.source_url, bulletin.wanted_channels)
    bulletin.topic = found_topic
    if campaign is not None or "campaign" in cleared:
        bulletin.campaign = found_campaign
    if source_url is not None or "source_url" in cleared:
        bulletin.source_url = source_url
    if channels is not None or "channels" in cleared:
        bulletin.wanted_channels = list(channels) if channels is not None else None
    session.flush()
    same_places = places_before == (
        bulletin.topic_id,
        bulletin.campaign_id,
        bulletin.source_url,
        bulletin.wanted_channels,
    )
    title, lead = " ".join(text.title.split()), text.lead.strip()
    same_text = before.hash == text_hash(title, lead, text.body_html, worn(text, before))
    if same_text and same_places:
        return bulletin
    revision = before if same_text else add_revision(session, actor, bulletin, text, note="", now=now)
    unplan(session, bulletin, now=now)
    details = {"revision": revision.number, "hash": revision.hash, "title": revision.title}
    journal.record(session, actor.id, "bulletin.revised", "bulletin", code, details, now=now)
    return bulletin


def unplan(session: Session, bulletin: Bulletin, *, now: datetime) -> None:
    """Back to a draft: approval void, release time gone, deliveries that have not begun cancelled."""
    if bulletin.state is State.SCHEDULED:
        outbox.drop_unbegun(session, bulletin)
    bulletin.state = State.DRAFT
    bulletin.approved = bulletin.released = None
    bulletin.release_at = bulletin.changed_at = bulletin.released_on = None
    bulletin.edited_at = now
    session.flush()


def is_out(bulletin: Bulletin, now: datetime) -> bool:
    """Whether outsiders see it, or saw it: published, or scheduled and its time has come."""
    due = bulletin.state is State.SCHEDULED and bulletin.release_at is not None and bulletin.release_at <= now
    return due or bulletin.state is State.PUBLISHED
