"""Bulletins for a partner: the list, one bulletin with its copy kit, and the kit as one file."""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import pictures, visibility
from campaigns.bulletins.bulletins import Bulletin, BulletinFilter
from campaigns.bulletins.media import SUFFIXES, is_media_public, media_by_ident
from campaigns.bulletins.visibility import Audience, Released
from campaigns.core.contents import from_attributes
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListPage, page_of
from campaigns.partners.directory import Company, Site
from campaigns.people.office import current_office
from campaigns.planning.campaigns import all_topics
from campaigns.reporting.tallies import partner_copies_by_bulletin
from campaigns.republications.republications import Republication
from campaigns.search.released import find_released
from coordinator.exports.copy_kit import MAX_FILE_BYTES, CopyKit, KitFile, write_copy_kit
from coordinator.feeds.item import FeedItem, body_with_media
from coordinator.jobs.bulletins.pictures import pictures_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery.feed_serving import feed_item
from coordinator.web.auth.security import app_context
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.security_headers import policy_with_media
from coordinator.web.portal.sign_in import current_visitor, partner_required
from coordinator.web.public.bulletins import bulletin_pictures, kit_html

PAGE_SIZE = 30


@dataclass(frozen=True)
class BulletinRow:
    """One bulletin in the list. ``copies``: number of the partner's pages known to carry it."""

    code: str
    title: str
    lead: str
    topic: str
    released_at: datetime
    corrected_at: datetime | None
    recalled_at: datetime | None
    copies: int


def partner_audience(context: JobContext, session: Session, company_id: int) -> Audience:
    """Return what this partner may read, as its feeds have it."""
    return visibility.audience_of(session, session.get_one(Company, company_id), sorted(context.delivery_modes.pulled))


def readable_topics(session: Session, audience: Audience) -> list[tuple[str, str]]:
    """Return the topics it may choose from."""
    return [
        (topic.code, topic.name)
        for topic in all_topics(session)
        if audience.topics is None or topic.code in audience.topics
    ]


def bulletin_rows(
    context: JobContext, session: Session, company_id: int, filters: BulletinFilter, number: int
) -> ListPage[BulletinRow]:
    """Return one page of the partner's bulletins: last changed first, or by relevance for a search."""
    now, audience = context.now(), partner_audience(context, session, company_id)
    if filters.q:
        found = find_released(session, audience, filters.q, topic=filters.topic, now=now)
        page = page_of(lambda most, skip: found[skip : skip + most], len(found), number, PAGE_SIZE)
    else:
        listed = visibility.released_list(audience, topic=filters.topic, now=now).page(session, number, size=PAGE_SIZE)
        page = listed.with_rows([Released(bulletin, revision) for bulletin, revision in listed.rows])
    copies = partner_copies_by_bulletin(session, company_id, [released.bulletin.id for released in page.rows])
    return page.with_rows([_bulletin_row(released, copies) for released in page.rows])


def _bulletin_row(released: Released, copies: Mapping[int, int]) -> BulletinRow:
    bulletin, revision = released.bulletin, released.revision
    return BulletinRow(
        bulletin.code,
        revision.title,
        revision.lead,
        bulletin.topic.name,
        released.released_at,
        revision.released_at if revision.number > 1 and revision.note else None,
        bulletin.recalled_at,
        copies.get(bulletin.id, 0),
    )


@dataclass(frozen=True)
class BulletinView:
    """One bulletin with its copy kit. ``copies``: the partner's own pages that carry it, by id."""

    item: FeedItem
    office: str
    copies: Sequence[tuple[str, str]]


def bulletin_view(context: JobContext, session: Session, company_id: int, code: str) -> BulletinView:
    """Return a bulletin that this partner may read, or a recalled one, whose notice is shown.

    Raises ``NotFound`` with the same message whether it is unpublished, not for this partner, or unknown.
    """
    audience = partner_audience(context, session, company_id)
    row = session.execute(
        visibility.select_released(audience, now=context.now()).where(Bulletin.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    found = Released(row[0], row[1])
    office = current_office(session)
    own = sa.select(Site.id).where(Site.company_id == company_id)
    copies = session.execute(
        sa.select(Republication.public, Republication.url)
        .where(Republication.bulletin_id == found.bulletin.id, Republication.site_id.in_(own))
        .order_by(Republication.id)
    )
    item = feed_item(context, found, office, pictures_of(session, [found]))
    return BulletinView(item, office.name, [(copy[0], copy[1]) for copy in copies])


blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")

log = logging.getLogger(__name__)

MAX_BYTES_IN_MEMORY = 8_000_000  # bytes of a file in memory; a larger one uses a temporary file


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show what this partner may read, filtered by words and topic."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        topics = readable_topics(session, partner_audience(context, session, visitor.company_id))
        filters = requested_filter(BulletinFilter, only=("q", "topic"), choices={"topic": dict(topics)})
        part = bulletin_rows(context, session, visitor.company_id, filters, page_number())
    return render_template("portal/bulletins.html", visitor=visitor, part=part, filters=filters, topics=topics)


@blueprint.get("/<code>")
@partner_required
def show(code: str) -> ResponseReturnValue:
    """Show one bulletin with its copy kit; after a recall 410 with instructions."""
    visitor, found = current_visitor(), _find_bulletin(code)
    if found.item.recalled:
        return render_template("portal/bulletin_recalled.html", visitor=visitor, bulletin=found, item=found.item), 410
    shown = bulletin_pictures(found.item)
    page = render_template(
        "portal/bulletin.html",
        visitor=visitor,
        bulletin=found,
        item=found.item,
        html=kit_html(found.item),
        text=_plain_text(found),
        pictures=shown,
    )
    # Pictures may be on another host, as on the public page.
    return page, 200, {"Content-Security-Policy": policy_with_media(picture.url for picture in shown)}


@blueprint.get("/<code>.zip")
@partner_required
def download(code: str) -> ResponseReturnValue:
    """Return the kit as one file: HTML, text, Word, pictures. None after a recall."""
    visitor, found = current_visitor(), _find_bulletin(code)
    if found.item.recalled:
        return render_template("portal/bulletin_recalled.html", visitor=visitor, bulletin=found, item=found.item), 410
    item = found.item
    kit = from_attributes(
        CopyKit, item, html=kit_html(item), text=_plain_text(found), author=found.office, files=_kit_files(found),
        body_html=body_with_media(item, item.cover.url if item.cover is not None else ""),
    )  # fmt: skip
    out = tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY)  # noqa: SIM115  # closed when the answer is sent
    try:
        write_copy_kit(out, kit)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    answer: Response = send_file(
        out, mimetype="application/zip", as_attachment=True, download_name=f"{kit.name}.zip", etag=False
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.call_on_close(out.close)
    return answer


def _find_bulletin(code: str) -> BulletinView:
    context = app_context().job_context
    with context.database.read() as session:
        return bulletin_view(context, session, current_visitor().company_id, code)


def _plain_text(found: BulletinView) -> str:
    return render_template("public/bulletin.txt", item=found.item, office=found.office)


def _kit_files(found: BulletinView) -> list[KitFile]:
    """Return the bulletin's stored pictures and media with their bytes; external pictures are not fetched during a
    request."""
    context, item = app_context().job_context, found.item
    shown = [KitFile(picture.alt, picture.url) for picture in bulletin_pictures(item)]
    for medium in item.files:
        shown.append(KitFile(medium.alt, medium.url, kind=medium.kind))
        if medium.captions_url:
            shown.append(KitFile(medium.alt, medium.captions_url, kind="captions"))
    with context.database.read() as session:
        stored = _stored_files(session, [file.url for file in shown], context.now())
    packed, left = [], MAX_FILE_BYTES
    for file in shown:
        key, suffix, length = stored.get(file.url, ("", "jpg", 0))
        content = None
        if key and length <= left:
            try:
                content = context.store.read(key)
            except FileNotFoundError:
                log.error("file %s of %s is not kept any more", key, item.code)
            else:
                left -= len(content)
        packed.append(replace(file, suffix=suffix, content=content))
    return packed


def _stored_files(session: Session, urls: Sequence[str], now: datetime) -> dict[str, tuple[str, str, int]]:
    """Return key, suffix and bytes of the kept pictures and media that anybody may have at these addresses."""
    named = {url: PurePosixPath(urlsplit(url).path).stem for url in urls}
    found = {
        ident: (row.key, row.suffix, row.length)
        for ident, row in pictures.pictures_by_ident(session, named.values()).items()
        if pictures.is_public(session, row, now=now)
    }
    found |= {
        ident: (row.key, SUFFIXES[row.mime], row.length)
        for ident, row in media_by_ident(session, named.values()).items()
        if is_media_public(session, row, now=now)
    }
    return {url: found[ident] for url, ident in named.items() if ident in found}
