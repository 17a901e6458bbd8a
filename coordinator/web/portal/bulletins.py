"""Bulletins for a partner: the list, one bulletin with its copy kit, and the kit as one file."""

import logging
import tempfile

from flask import Blueprint, Response, render_template, request, send_file
from flask.typing import ResponseReturnValue

from campaigns.publishing import pictures as kept
from coordinator.exports.copykit import MOST_BYTES, Kit, KitPicture, write_kit
from coordinator.web.desk.listing import page_number
from coordinator.web.headers import policy_with_pictures
from coordinator.web.portal import bulletin_rows
from coordinator.web.portal.bulletin_rows import Asked, BulletinShown
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.public.pages import kit_html, pictures
from coordinator.web.security import front

blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")

log = logging.getLogger(__name__)

IN_MEMORY = 8_000_000  # bytes of a file that is being made; more lies in a temporary file


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """What this partner may have now, found by words and topic."""
    who, place, asked = visitor(), front().place, Asked.of(request.args)
    with place.database.read() as session:
        part = bulletin_rows.lines(place, session, who.company_id, asked, page_number())
        topics = bulletin_rows.topics(session, bulletin_rows.audience(place, session, who.company_id))
    return render_template("portal/bulletins.html", who=who, part=part, asked=asked, topics=topics)


@blueprint.get("/<code>")
@partner
def show(code: str) -> ResponseReturnValue:
    """One bulletin with its copy kit; after a recall 410 with what to do."""
    who, found = visitor(), _found(code)
    if found.item.recalled:
        return render_template("portal/bulletin_recalled.html", who=who, one=found, item=found.item), 410
    shown = pictures(found.item)
    page = render_template(
        "portal/bulletin.html", who=who, one=found, item=found.item, html=kit_html(found.item), text=_text(found),
        pictures=shown,
    )  # fmt: skip
    # Its own pictures may lie elsewhere, as on the public page.
    return page, 200, {"Content-Security-Policy": policy_with_pictures(one.url for one in shown)}


@blueprint.get("/<code>.zip")
@partner
def download(code: str) -> ResponseReturnValue:
    """The kit as one file: HTML, text, Word, pictures. None after a recall."""
    who, found = visitor(), _found(code)
    if found.item.recalled:
        return render_template("portal/bulletin_recalled.html", who=who, one=found, item=found.item), 410
    item = found.item
    kit = Kit(
        code=item.code, title=item.title, lead=item.lead, body_html=item.body_html, html=kit_html(item),
        text=_text(found), author=found.office, url=item.url, changed_at=item.changed_at, pictures=_packed(found),
    )  # fmt: skip
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # closed when the answer is sent
    try:
        write_kit(out, kit)
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


def _found(code: str) -> BulletinShown:
    place = front().place
    with place.database.read() as session:
        return bulletin_rows.shown(place, session, visitor().company_id, code)


def _text(found: BulletinShown) -> str:
    return render_template("public/bulletin.txt", item=found.item, office=found.office)


def _packed(found: BulletinShown) -> list[KitPicture]:
    """The bulletin's pictures with their bytes: ours alone, for nobody fetches from elsewhere while a reader waits."""
    place = front().place
    shown = pictures(found.item)
    named = {one.url: idents[0] for one in shown if (idents := kept.named_in(one.url))}
    with place.database.read() as session:
        rows = {
            ident: (row.key, row.suffix, row.length)
            for ident, row in kept.by_ident(session, named.values()).items()
            if kept.seen_outside(session, row, now=place.now())
        }
    packed, left = [], MOST_BYTES
    for one in shown:
        key, suffix, length = rows.get(named.get(one.url, ""), ("", "jpg", 0))
        content = None
        if key and length <= left:
            try:
                content = place.store.read(key)
            except FileNotFoundError:
                log.error("picture %s of %s is not kept any more", key, found.item.code)
            else:
                left -= len(content)
        packed.append(KitPicture(one.alt, one.url, suffix, content))
    return packed
