"""How bulletins look in the API: the bodies that make them and the rows that show them."""

from datetime import datetime
from html import escape
from typing import Annotated

from pydantic import Field

from campaigns.core.errors import FieldError, Invalid
from campaigns.publishing.addresses import Addresses
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.drafting import Text, is_out
from coordinator.api import fields
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.paging import Listing, PageQuery
from coordinator.imports.plaintext import text_to_html
from coordinator.jobs import acts


class Image(Body):
    """A picture that stands below the text, by its public address. ``caption`` is shown under it."""

    url: fields.WebAddress
    alt: fields.Line = ""
    caption: fields.Line = ""


class NewBulletin(Body):
    """A draft. One of ``body_html`` and ``body_text`` is needed.

    ``channels``: codes of channels; without it the bulletin goes to all that are entitled.
    """

    title: fields.Words
    lead: fields.Words = ""
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code
    campaign: fields.Code | None = None
    source_url: Annotated[fields.Exact | None, Field(max_length=1000)] = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    channels: fields.Codes | None = None


class BulletinChange(Body):
    """What is left out stays; null empties ``campaign``, ``source_url`` and ``channels``.

    ``revision``: the number this change was made from; if somebody saved since, the answer is 409.
    """

    title: fields.Words | None = None
    lead: fields.Words | None = None
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    topic: fields.Code | None = None
    campaign: fields.Code | None = None
    source_url: Annotated[fields.Exact | None, Field(max_length=1000)] = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    channels: fields.Codes | None = None
    revision: fields.Count | None = None


class Correction(Body):
    """Another text of what is out, and what was corrected in it."""

    title: fields.Words | None = None
    lead: fields.Words | None = None
    body_html: fields.Markup | None = None
    body_text: fields.Markup | None = None
    images: Annotated[list[Image], Field(max_length=50)] = []
    note: fields.Paragraph
    revision: fields.Count | None = None


class Approved(Body):
    """The hash of the text that was read."""

    revision_hash: fields.Code


class Returned(Body):
    """What has to change."""

    note: fields.Paragraph


class Release(Body):
    """When; at once without it."""

    at: fields.Moment | None = None


class Recall(Body):
    """Why."""

    reason: fields.Paragraph


class BulletinQuery(PageQuery):
    """``q`` is searched in code, title and lead, with or without accents."""

    state: State | None = None
    topic: fields.Code | None = None
    campaign: fields.Code | None = None
    q: Annotated[fields.Words | None, Field(max_length=200)] = None


class BulletinRow(Shown):
    """A bulletin with the text that waits or, once it is out, that is out.

    ``revision_hash`` is what an approval names. A partner's key sees no field of the desk (``writer`` and below).
    """

    code: str
    state: State
    revision: int
    revision_hash: str
    title: str
    lead: str
    body_html: str
    body_text: str
    topic: str
    campaign: str | None = None
    url: str
    source_url: str | None = None
    release_at: Time | None = None
    changed_at: Time | None = None
    recalled_at: Time | None = None
    recall_reason: str = ""
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


class BulletinList(Listing):
    """One page of bulletins."""

    items: list[BulletinRow]


def shown_number(bulletin: Bulletin) -> int:
    """The revision people work with: a correction that waits, else what is out or planned, else the newest."""
    return bulletin.pending or bulletin.released or bulletin.latest


def for_staff(bulletin: Bulletin, revision: Revision, addresses: Addresses, now: datetime) -> BulletinRow:
    """A bulletin as the desk sees it."""
    row = _row(bulletin, revision, addresses, now)
    row.writer, row.author = bulletin.writer_name, revision.author_name
    row.channels = bulletin.wanted_channels
    row.approved, row.released = bulletin.approved, bulletin.released
    row.pending, row.latest = bulletin.pending, bulletin.latest
    row.return_note = bulletin.return_note
    row.created_at, row.edited_at, row.submitted_at = bulletin.created_at, bulletin.edited_at, bulletin.submitted_at
    return row


def for_partner(bulletin: Bulletin, revision: Revision, addresses: Addresses, now: datetime) -> BulletinRow:
    """A released bulletin as a partner sees it; of a recalled one only the notice is left."""
    row = _row(bulletin, revision, addresses, now)
    if row.state is State.RECALLED:
        row.lead = row.body_html = row.body_text = ""
    return row


def _row(bulletin: Bulletin, revision: Revision, addresses: Addresses, now: datetime) -> BulletinRow:
    # Readers see it from its release time on, whether or not the tick that writes the state has run.
    state = State.PUBLISHED if is_out(bulletin, now) else bulletin.state
    return BulletinRow(
        code=bulletin.code,
        state=state,
        revision=revision.number,
        revision_hash=revision.hash,
        title=revision.title,
        lead=revision.lead,
        body_html=revision.body_html,
        body_text=revision.body_text,
        topic=bulletin.topic.code,
        campaign=bulletin.campaign.code if bulletin.campaign is not None else None,
        url=addresses.bulletin(bulletin.code),
        source_url=bulletin.source_url,
        release_at=bulletin.release_at,
        changed_at=bulletin.changed_at,
        recalled_at=bulletin.recalled_at,
        recall_reason=bulletin.recall_reason,
    )


def new_text(body: NewBulletin) -> Text:
    """The text of a new draft. Raises ``Invalid`` without a body or with two."""
    if (body.body_html is None) == (body.body_text is None):
        message = "give the body as body_html or as body_text, one of them"
        raise Invalid([FieldError("body_html", "one_body", message)])
    return acts.make_text(body.title, body.lead, body_html=_markup(body.body_html, body.body_text, body.images))


def changed_text(change: BulletinChange | Correction, before: Revision) -> Text:
    """The text that a change makes of the one before. Raises ``Invalid`` for two bodies."""
    if change.body_html is not None and change.body_text is not None:
        message = "give the body as body_html or as body_text, not both"
        raise Invalid([FieldError("body_html", "one_body", message)])
    title = change.title if change.title is not None else before.title
    lead = change.lead if change.lead is not None else before.lead
    if change.body_html is None and change.body_text is None and not change.images:
        return Text(title, lead, before.body_html, before.body_text)
    html = before.body_html if change.body_html is None and change.body_text is None else change.body_html
    return acts.make_text(title, lead, body_html=_markup(html, change.body_text, change.images))


def _markup(html: str | None, text: str | None, images: list[Image]) -> str:
    """The body as HTML with the pictures as figures below; what comes of it is cleaned like any other."""
    body = html if html is not None else text_to_html(text or "")
    for image in images:
        caption = f"<figcaption>{escape(image.caption)}</figcaption>" if image.caption else ""
        body += f'<figure><img src="{escape(image.url)}" alt="{escape(image.alt)}">{caption}</figure>'
    return body
