"""Bulletins in the API: drafts and revisions are written, bulletins are listed and read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins import visibility
from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.bulletins import Bulletin, BulletinFilter, BulletinState, Revision, find_bulletin
from campaigns.bulletins.drafts import BulletinText, is_out, text_of
from campaigns.bulletins.media import from_json
from campaigns.bulletins.text_checks import LONGEST_LEAD, LONGEST_TITLE
from campaigns.bulletins.visibility import Audience
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Campaign
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.bulletins.media import (
    BulletinMedium,
    MediumUse,
    MediumUses,
    media_of_text,
    medium_values,
)
from coordinator.api.fields import RequestBody, ResponseBody, Time
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.channels import registry
from coordinator.imports.text.plain_text import text_to_html
from coordinator.jobs.release import commands


class Image(RequestBody):
    """A picture below the text, by its public address. ``caption`` is shown under it."""

    url: fields.WebAddress
    alt: fields.ShortText = ""
    caption: fields.ShortText = ""


class NewBulletin(RequestBody):
    """A draft. Exactly one of ``body_html`` and ``body_text`` is required, none where ``media`` are the message.

    ``channels``: codes of channels; without it the bulletin goes to all entitled channels.
    """

    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)]
    lead: Annotated[fields.ComposedText, Field(max_length=LONGEST_LEAD)] = ""
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code
    campaign: fields.Code | None = None
    source_url: Annotated[fields.ExactText | None, Field(max_length=1000)] = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    channels: fields.Codes | None = None
    media: MediumUses = []


class BulletinChange(RequestBody):
    """Absent fields stay unchanged; null clears ``campaign``, ``source_url`` and ``channels``.

    ``revision``: the number of the revision that was changed; the answer is 409 if a newer one exists.
    """

    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)] | None = None
    lead: Annotated[fields.ComposedText, Field(max_length=LONGEST_LEAD)] | None = None
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code | None = None
    campaign: fields.Code | None = None
    source_url: Annotated[fields.ExactText | None, Field(max_length=1000)] = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    channels: fields.Codes | None = None
    media: MediumUses | None = None
    revision: fields.Count | None = None


class CorrectionBody(RequestBody):
    """The new text of a published bulletin, and a note on what was corrected."""

    title: Annotated[fields.ComposedText, Field(max_length=LONGEST_TITLE)] | None = None
    lead: Annotated[fields.ComposedText, Field(max_length=LONGEST_LEAD)] | None = None
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    media: MediumUses | None = None
    note: fields.Paragraph
    revision: fields.Count | None = None


class ApprovalBody(RequestBody):
    """The hash of the text that was read and is approved."""

    revision_hash: fields.Code


class ReturnBody(RequestBody):
    """A note on what has to change."""

    note: fields.Paragraph


class ReleaseBody(RequestBody):
    """The release time; without it the bulletin is released at once."""

    at: fields.Moment | None = None


class RecallBody(RequestBody):
    """The reason of the recall."""

    reason: fields.Paragraph


class BulletinQuery(PageQuery):
    """Filters of a list. ``q`` is searched in code, title and lead, with or without accents."""

    state: BulletinState | None = None
    topic: fields.Code | None = None
    campaign: fields.Code | None = None
    q: Annotated[fields.ComposedText | None, Field(max_length=200)] = None


class BulletinRow(ResponseBody):
    """A bulletin with its pending text or, once it is published, its published text.

    ``revision_hash`` is the hash that an approval names. ``lost_pictures``: addresses of pictures that could not be
    fetched when this revision was saved, and are not in it. Staff fields (``lost_pictures`` and below) are absent for a
    partner's key. ``reported_on``: the day of one that was published before the product was in use, and imported.
    """

    code: str
    state: BulletinState
    revision: int
    revision_hash: str
    title: str
    lead: str
    body_html: str
    body_text: str
    media: list[BulletinMedium] = []
    topic: str
    campaign: str | None = None
    url: str
    source_url: str | None = None
    release_at: Time | None = None
    reported_on: date | None = None
    changed_at: Time | None = None
    recalled_at: Time | None = None
    recall_reason: str = ""
    lost_pictures: list[str] | None = None
    writer: str | None = None
    author: str | None = None
    channels: list[str] | None = None
    approved: int | None = None
    released: int | None = None
    pending: int | None = None
    latest: int | None = None
    return_note: str | None = None
    created_at: Time | None = None
    edited_at: Time | None = None
    submitted_at: Time | None = None


class BulletinList(ListPage):
    """One page of bulletins."""

    items: list[BulletinRow]


def shown_revision_number(bulletin: Bulletin) -> int:
    """The number of the current revision: a pending correction, else the published or scheduled one, else the
    newest."""
    return bulletin.pending or bulletin.released or bulletin.latest


def staff_row(bulletin: Bulletin, revision: Revision, addresses: PublicAddresses, now: datetime) -> BulletinRow:
    """The row of a bulletin for staff."""
    row = _row(bulletin, revision, addresses, now)
    row.writer, row.author = bulletin.writer_name, revision.author_name
    row.channels, row.lost_pictures = bulletin.wanted_channels, list(revision.lost_pictures)
    row.approved, row.released = bulletin.approved, bulletin.released
    row.pending, row.latest = bulletin.pending, bulletin.latest
    row.return_note = bulletin.return_note
    row.created_at, row.edited_at, row.submitted_at = bulletin.created_at, bulletin.edited_at, bulletin.submitted_at
    return row


def partner_row(bulletin: Bulletin, revision: Revision, addresses: PublicAddresses, now: datetime) -> BulletinRow:
    """The row of a released bulletin for a partner; a recalled one is reduced to its notice."""
    row = _row(bulletin, revision, addresses, now)
    if row.state is BulletinState.RECALLED:
        row.lead = row.body_html = row.body_text = ""
        row.media = []
    return row


def _row(bulletin: Bulletin, revision: Revision, addresses: PublicAddresses, now: datetime) -> BulletinRow:
    # Readers see it from its release time on, even before the tick writes the state.
    state = BulletinState.PUBLISHED if is_out(bulletin, now) else bulletin.state
    return BulletinRow(
        code=bulletin.code,
        state=state,
        revision=revision.number,
        revision_hash=revision.hash,
        title=revision.title,
        lead=revision.lead,
        body_html=revision.body_html,
        body_text=revision.body_text,
        media=[BulletinMedium(**medium_values(item, addresses)) for item in from_json(revision.media)],
        topic=bulletin.topic.code,
        campaign=bulletin.campaign.code if bulletin.campaign is not None else None,
        url=bulletin.source_url if bulletin.reported_on and bulletin.source_url else addresses.bulletin(bulletin.code),
        source_url=bulletin.source_url,
        release_at=bulletin.release_at,
        reported_on=bulletin.reported_on,
        changed_at=bulletin.changed_at,
        recalled_at=bulletin.recalled_at,
        recall_reason=bulletin.recall_reason,
    )


def new_text(body: NewBulletin) -> BulletinText:
    """The text of a new draft. Raises ``Invalid`` unless exactly one body is given."""
    given = [one for one in (body.body_html, body.body_text) if one is not None]
    if len(given) > 1 or not (given or body.media):
        message = "give the body as body_html or as body_text, one of them"
        raise Invalid([FieldError("body_html", "one_body", message)])
    text = commands.make_text(body.title, body.lead, body_html=_markup(body.body_html, body.body_text, body.images))
    return _with_media(text, body.media)


def _with_media(text: BulletinText, uses: Sequence[MediumUse] | None) -> BulletinText:
    if uses is None:
        return text
    with app_context().job_context.database.read() as session:
        return replace(text, media=media_of_text(session, uses))


def changed_text(change: BulletinChange | CorrectionBody, before: Revision) -> BulletinText:
    """The text after a change of the text ``before``. Raises ``Invalid`` for two bodies."""
    if change.body_html is not None and change.body_text is not None:
        message = "give the body as body_html or as body_text, not both"
        raise Invalid([FieldError("body_html", "one_body", message)])
    title = change.title if change.title is not None else before.title
    lead = change.lead if change.lead is not None else before.lead
    if change.body_html is None and change.body_text is None and not change.images:
        kept = text_of(before)
        return _with_media(replace(kept, title=title, lead=lead, presentation=None), change.media)
    html = before.body_html if change.body_html is None and change.body_text is None else change.body_html
    text = commands.make_text(title, lead, body_html=_markup(html, change.body_text, change.images))
    return _with_media(text, change.media)


def _markup(html: str | None, text: str | None, images: list[Image]) -> str:
    """The body as HTML with the pictures as figures below. The result is not sanitised yet."""
    body = html if html is not None else text_to_html(text or "")
    for image in images:
        caption = f"<figcaption>{escape(image.caption)}</figcaption>" if image.caption else ""
        body += f'<figure><img src="{escape(image.url)}" alt="{escape(image.alt)}">{caption}</figure>'
    return body


bp = APIBlueprint("bulletins", __name__, tag="Bulletins")

# The published, else the scheduled, else the newest revision: ``shown_revision_number`` in SQL.
_SHOWN = sa.func.coalesce(Bulletin.pending, Bulletin.released, Bulletin.latest)


@bp.get("/bulletins")
@for_staff(Permission.READ, partners=True)
@with_query(BulletinQuery)
@bp.output(BulletinList)
def bulletins(query: BulletinQuery) -> Response:
    """Bulletins, newest first.

    Staff see every bulletin; a partner's key sees released bulletins of the topics it is entitled to.
    """
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        if caller().is_partner:
            listed, show = _partner_list(session, query, now), partner_row
        else:
            listed, show = _staff_list(session, query, now), staff_row
        with_campaign = replace(listed, select=listed.select.options(joinedload(Bulletin.campaign)))
        page, listing = paging.cursor_page(session, with_campaign, query)
        items = [show(bulletin, revision, context.addresses, now) for bulletin, revision in page]
    return row_response(BulletinList(items=items, **listing))


@bp.post("/bulletins")
@for_staff(Permission.WRITE)
@with_body(NewBulletin)
@bp.output(BulletinRow, 201)
def write(body: NewBulletin) -> Response:
    """Create a draft with its first revision. Nobody outside sees it before it is approved and released."""
    actor = caller().actor
    text = new_text(body)

    def apply(keep: ReplyKeeper) -> None:
        commands.create(
            app_context(),
            actor,
            text,
            topic=body.topic,
            campaign=body.campaign,
            source_url=body.source_url,
            channels=body.channels,
            also=keep_bulletin(keep, 201),
        )

    return run_once(apply)


@bp.get("/bulletins/<code>")
@for_staff(Permission.READ, partners=True)
@bp.output(BulletinRow)
def bulletin(code: str) -> Response:
    """One bulletin.

    A partner's key finds it from its release on, with the published text.
    """
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        if caller().is_partner:
            found = session.execute(
                visibility.select_released(entitlement(session), now=now).where(Bulletin.code == code)
            ).one_or_none()
            if found is None:
                raise NotFound(f"there is no bulletin {code}", bulletin=code)
            return row_response(partner_row(found[0], found[1], context.addresses, now))
        return row_response(bulletin_row(find_bulletin(session, code), now))


@bp.patch("/bulletins/<code>")
@for_staff(Permission.WRITE)
@with_body(BulletinChange)
@bp.output(BulletinRow)
def revise(code: str, body: BulletinChange) -> Response:
    """Save another revision of an unpublished bulletin.

    An approval or schedule is cancelled; the bulletin becomes a draft again.
    """
    actor = caller().actor
    with app_context().job_context.database.read() as session:
        found = find_bulletin(session, code)
        before = found.revision(found.latest)
        text = changed_text(body, before)
    cleared = {name for name in ("campaign", "source_url", "channels") if name in body.model_fields_set}

    keep = ReplyKeeper.unkept()
    commands.revise(
        app_context(),
        actor,
        code,
        text,
        topic=body.topic,
        campaign=body.campaign,
        source_url=body.source_url,
        channels=body.channels,
        cleared=cleared,
        # Without ``revision`` the change applies to the text just read and must not overwrite a newer one.
        expected=body.revision if body.revision is not None else before.number,
        also=keep_bulletin(keep),
    )
    return keep.response()


def bulletin_row(found: Bulletin, now: datetime) -> BulletinRow:
    """The row of a bulletin for staff; requires its session to be open."""
    revision = found.revision(shown_revision_number(found))
    return staff_row(found, revision, app_context().job_context.addresses, now)


def keep_bulletin(keep: ReplyKeeper, status: int = 200) -> commands.InSameTransaction:
    """The ``also`` of an act on a bulletin: it stores the bulletin's row as the answer."""

    def also(session: Session, found: Bulletin) -> None:
        session.flush()
        location = f"/api/v1/bulletins/{found.code}" if status == 201 else ""
        keep(session, bulletin_row(found, app_context().job_context.now()), status, location=location)

    return also


def entitlement(session: Session) -> Audience:
    """What the calling partner is entitled to read."""
    pulled = [name for name, kind in registry.KINDS.items() if kind.capabilities.pulled]
    company = session.get_one(Company, caller().partner_id)
    return visibility.audience_of(session, company, pulled)


def _staff_list(session: Session, query: BulletinQuery, now: datetime) -> ListQuery[Bulletin, Revision]:
    filters = query.filters(BulletinFilter)
    filters.check_codes(session)
    shown = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == _SHOWN)
    select = sa.select(Bulletin, Revision).join(Revision, shown)
    return ListQuery(Bulletin, select, [*filters.conditions(), *_in_state(filters.state, now)], (Bulletin.id.desc(),))


def _partner_list(session: Session, query: BulletinQuery, now: datetime) -> ListQuery[Bulletin, Revision]:
    # The topic alone: a partner does not learn whether a campaign exists.
    BulletinFilter(topic=query.topic).check_codes(session)
    conditions = _in_state(query.state, now)
    for word in fold(query.q or "").split():
        # The searched column holds the newest text, which may be an unpublished correction.
        newest_is_out = Bulletin.latest == Bulletin.released
        conditions.append(
            sa.or_(
                sa.and_(newest_is_out, Bulletin.search.contains(word, autoescape=True)),
                sa.func.lower(Bulletin.code).contains(word, autoescape=True),
            )
        )
    if query.campaign is not None:
        # EXISTS keeps the order of ``changed_at``, as for the topic.
        conditions.append(Bulletin.campaign.has(Campaign.code == query.campaign))
    return visibility.released_list(entitlement(session), conditions, topic=query.topic, now=now)


def _in_state(state: BulletinState | None, now: datetime) -> list[sa.ColumnElement[bool]]:
    due = sa.and_(Bulletin.state == BulletinState.SCHEDULED, Bulletin.release_at <= now)
    if state is BulletinState.PUBLISHED:
        return [sa.or_(Bulletin.state == BulletinState.PUBLISHED, due)]
    return [] if state is None else [Bulletin.state == state, sa.not_(due)]
