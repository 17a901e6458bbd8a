"""Writing: new bulletins and new revisions. Texts arrive cleaned (``coordinator.imports.text``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import media, pictures, placeholders
from campaigns.bulletins.bulletins import (
    Bulletin,
    BulletinState,
    Filing,
    Revision,
    new_counter_token,
    next_code,
    plain_text_hash,
    text_hash,
)
from campaigns.bulletins.media import MediaItem
from campaigns.bulletins.presentation import Presentation, from_json, presentation_errors, to_json
from campaigns.bulletins.text_checks import LONGEST_LEAD, LONGEST_TITLE
from campaigns.channels.channels import Channel
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Campaign, Topic, find_topic


@dataclass(frozen=True)
class BulletinText:
    """A text to be saved: ``body_html`` is sanitised, ``body_text`` derived from it. ``presentation``: cover and
    variants for channels; None keeps those of the revision before. ``lost_pictures``: addresses of foreign pictures
    that could not be fetched and were left out. ``media``: pictures, video, audio and documents with their words; None
    keeps those of the revision before."""

    title: str
    lead: str
    body_html: str
    body_text: str
    presentation: Presentation | None = None
    lost_pictures: tuple[str, ...] = ()
    media: tuple[MediaItem, ...] | None = None


def text_of(revision: Revision) -> BulletinText:
    """The text of a stored revision, to be saved again or changed: its body without the words of its media."""
    items = media.from_json(revision.media)
    return BulletinText(
        revision.title, revision.lead, revision.body_html, media.without_media(revision.body_text, items),
        from_json(revision.presentation), media=items,
    )  # fmt: skip


def text_errors(text: BulletinText) -> list[FieldError]:
    """All errors that prevent saving."""
    errors = []
    if not text.title.strip():
        errors.append(FieldError("title", "required", "a bulletin needs a title"))
    elif len(text.title.strip()) > LONGEST_TITLE:
        errors.append(FieldError("title", "too_long", f"a title has at most {LONGEST_TITLE} characters"))
    if len(text.lead.strip()) > LONGEST_LEAD:
        errors.append(FieldError("lead", "too_long", f"a lead has at most {LONGEST_LEAD} characters"))
    if text.presentation is not None:
        errors += presentation_errors(text.presentation, LONGEST_TITLE, LONGEST_LEAD)
    errors += media.media_errors(text.media or ())
    return errors


def readiness_errors(text: BulletinText | Revision) -> list[FieldError]:
    """All errors that prevent submission: missing parts, media without their words, and placeholders that are not
    filled in. A text whose media are words enough needs no body."""
    items = media.from_json(text.media) if isinstance(text, Revision) else text.media or ()
    errors = media.alternative_errors(items)
    if not text.title.strip():
        errors.append(FieldError("title", "required", "a bulletin needs a title"))
    if not media.with_media(text.body_text, items).strip():
        errors.append(FieldError("body_html", "required", "a bulletin needs a body"))
    return errors + [
        FieldError(field, "placeholder_left", f"still to be filled in: {', '.join(left)}", ", ".join(left))
        for field, left in _unfilled(text).items()
    ]


def _unfilled(text: BulletinText | Revision) -> dict[str, list[str]]:
    """The placeholders left in a text by the form field in which they stand."""
    presentation = from_json(text.presentation) if isinstance(text, Revision) else text.presentation or Presentation()
    body = [*placeholders.placeholders_in(text.body_text), *placeholders.in_tags(text.body_html)]
    places = {
        "title": placeholders.placeholders_in(text.title),
        "lead": placeholders.placeholders_in(text.lead),
        "body_html": list(dict.fromkeys(body)),
    }
    if presentation.cover is not None:
        places["cover_alt"] = placeholders.placeholders_in(presentation.cover.alt)
    for code, variant in presentation.variants.items():
        for name in ("title", "lead", "text"):
            places[f"variants.{code}.{name}"] = placeholders.placeholders_in(getattr(variant, name))
    return {field: found for field, found in places.items() if found}


def create(
    session: Session,
    actor: Actor,
    text: BulletinText,
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
    actor.require(Permission.WRITE)
    errors = text_errors(text)
    check_references(session, text, errors)
    found_topic, found_campaign = check_filing(session, topic, campaign, source_url, channels, errors)
    if errors or found_topic is None:
        raise Invalid(errors)
    acquire_until_commit(session, AdvisoryLock.CODES)
    bulletin = Bulletin(
        code=next_code(session, now),
        state=BulletinState.DRAFT,
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
    details = {
        "topic": topic, "hash": revision.hash, "plain_hash": plain_text_hash(revision.body_text),
        "title": revision.title,
    }  # fmt: skip
    journal.record(session, actor.id, "bulletin.written", "bulletin", bulletin.code, details, now=now)
    return bulletin


def check_filing(
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


def stored_presentation(text: BulletinText, before: Revision | None) -> dict[str, Any] | None:
    """The presentation of a text as it is stored: its own, or that of the revision before."""
    if text.presentation is not None:
        return to_json(text.presentation)
    return before.presentation if before is not None else None


def stored_media(text: BulletinText, before: Revision | None) -> list[dict[str, Any]] | None:
    """The media of a text as they are stored: its own, or those of the revision before."""
    if text.media is not None:
        return media.to_json(text.media)
    return before.media if before is not None else None


def check_references(session: Session, text: BulletinText, errors: list[FieldError]) -> None:
    """Add an error for every medium, picture and channel of a text that does not exist."""
    errors += media.reference_errors(session, text.media or ())
    if text.presentation is None:
        return
    cover = text.presentation.cover
    if cover is not None and not pictures.pictures_by_ident(session, [cover.picture]):
        errors.append(FieldError("cover", "unknown_picture", "there is no such picture"))
    codes = [code for code, variant in text.presentation.variants.items() if variant]
    known = set(session.execute(sa.select(Channel.code).where(Channel.code.in_(codes))).scalars()) if codes else set()
    errors += [
        FieldError(f"variants.{code}.title", "unknown_channel", f"there is no channel {code!r}")
        for code in codes
        if code not in known
    ]


def filing_of(bulletin: Bulletin) -> Filing:
    """Where a bulletin's next revision goes and where it is from."""
    campaign = bulletin.campaign.code if bulletin.campaign is not None else None
    return Filing(bulletin.topic.code, campaign, bulletin.source_url, bulletin.wanted_channels)


def add_revision(
    session: Session, actor: Actor, bulletin: Bulletin, text: BulletinText, *, note: str, now: datetime
) -> Revision:
    """Append the next revision, with the bulletin's present filing. The caller has checked the text and the state."""
    filing = filing_of(bulletin)
    title, lead = " ".join(text.title.split()), text.lead.strip()
    before = bulletin.revision(bulletin.latest) if bulletin.latest else None
    presentation, kept_media = stored_presentation(text, before), stored_media(text, before)
    items = media.from_json(kept_media)
    revision = Revision(
        bulletin_id=bulletin.id,
        number=bulletin.latest + 1,
        title=title,
        lead=lead,
        body_html=text.body_html,
        body_text=media.with_media(text.body_text, items),
        presentation=presentation,
        media=kept_media,
        topic_code=filing.topic,
        campaign_code=filing.campaign,
        source_url=filing.source_url,
        wanted_channels=list(filing.channels) if filing.channels is not None else None,
        hash=text_hash(title, lead, text.body_html, presentation, media=kept_media, filing=filing, note=note),
        lost_pictures=list(text.lost_pictures),
        author=actor.id,
        author_name=actor.name,
        note=note,
        created_at=now,
    )
    session.add(revision)
    session.flush()
    cover = (presentation or {}).get("cover")
    covers = media.picture_alts(items) | ({cover["picture"]: cover["alt"]} if cover else {})
    in_body = pictures.alt_texts(text.body_html)
    alts = dict.fromkeys(pictures.idents_in(text.body_html), "") | in_body
    # The cover's description first: it is the one that a form asks for.
    pictures.record_uses(session, revision, alts | {ident: alt or alts.get(ident, "") for ident, alt in covers.items()})
    media.record_media_uses(session, revision, items)
    bulletin.latest = revision.number
    bulletin.edited_at = now
    bulletin.search = fold(f"{bulletin.code} {title} {lead}")
    session.flush()
    return revision


def is_out(bulletin: Bulletin, now: datetime) -> bool:
    """Whether the bulletin is out: published, or scheduled with its release time reached. An imported one is not: it
    was published before the product was in use, and is neither corrected nor recalled here."""
    if bulletin.reported_on is not None:
        return False
    due = bulletin.state is BulletinState.SCHEDULED and bulletin.release_at is not None and bulletin.release_at <= now
    return due or bulletin.state is BulletinState.PUBLISHED
