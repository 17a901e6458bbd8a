"""What was kept of a copy, at the desk: the file for an inspector, and a page as it was, shown without any rights.

A kept page is somebody else's. It is shown in a box of its own that runs nothing, sends nothing and loads nothing: only
plain elements of it are left, the frame is sandboxed, and the answer's policy allows nothing at all. Any one of the
three would do; the first also stops what no policy covers, such as connections opened ahead of need.
"""

import tempfile
from dataclasses import dataclass
from datetime import datetime

import nh3
from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from campaigns.tracking.republications import find_republication
from coordinator.discovery.taming import tamed
from coordinator.http.charsets import decode
from coordinator.web.desk.evidence_bundle import dossier
from coordinator.web.desk.stored import body_of, to_be_saved
from coordinator.web.headers import INERT, POLICY
from coordinator.web.security import front, staff

blueprint = Blueprint("kept", __name__)

# A link in the box leads nowhere: what the box may show is ours alone.
AROUND = f"{POLICY}; frame-src 'self'"
IN_MEMORY = 16_000_000  # bytes of the file for an inspector; a larger one is put together on disk


def _names(text: str) -> set[str]:
    return set(text.split())


_CLEANER = nh3.Cleaner(
    tags=_names(
        "h1 h2 h3 h4 h5 h6 p div article section main header footer nav aside blockquote pre hr br ul ol li dl dt dd "
        "table caption thead tbody tfoot tr th td figure figcaption a b strong i em u s small sub sup mark q cite abbr "
        "del ins code time img span"
    ),
    clean_content_tags=_names("script style title template iframe object embed svg math audio video canvas select"),
    attributes={"a": {"href"}, "img": {"alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow",
)


@dataclass(frozen=True)
class KeptPage:
    """One kept page with what its frame says around it. ``number`` counts from 1."""

    id: str
    number: int
    site: str
    url: str
    at: datetime
    body_hash: str
    key: str
    content_type: str


def _kept(ident: str, number: int) -> KeptPage:
    """The page kept with one evidence, or 404."""
    with front().place.database.read() as session:
        row = find_republication(session, ident)
        one = row.evidence[number - 1] if 1 <= number <= len(row.evidence) else None
        if one is None or one.body_key is None:
            abort(404)
        return KeptPage(
            row.public, number, row.site.name, one.final_url, one.at, one.body_hash, one.body_key, one.content_type
        )


def inert(body: bytes, content_type: str) -> str:
    """A page of others as plain elements: no script, style, form, frame, picture or address that a browser loads."""
    inside = _CLEANER.clean(tamed(decode(body, content_type)))
    return f'<!doctype html><html><head><meta charset="utf-8"><title></title></head><body>{inside}</body></html>'


@blueprint.get("/<ident>/pages/<int:number>")
@staff()
def viewer(ident: str, number: int) -> ResponseReturnValue:
    """A kept page in its box, with where and when it was fetched."""
    page = render_template("republications/kept.html", one=_kept(ident, number))
    return page, {"Content-Security-Policy": AROUND}


@blueprint.get("/<ident>/pages/<int:number>.html")
@staff()
def box(ident: str, number: int) -> ResponseReturnValue:
    """What the box shows."""
    one = _kept(ident, number)
    page = inert(body_of(one.key), one.content_type)
    return Response(page, content_type="text/html; charset=utf-8", headers=INERT)


@blueprint.get("/<ident>/pages/<int:number>.txt")
@staff()
def source(ident: str, number: int) -> ResponseReturnValue:
    """A kept page as it came, byte for byte, so that its hash can be checked; as letters, never as a page."""
    body = body_of(_kept(ident, number).key)
    return to_be_saved(body, "text/plain; charset=utf-8", f"{ident}-{number}.txt")


@blueprint.get("/<ident>/evidence.zip")
@staff()
def download(ident: str) -> ResponseReturnValue:
    """The file for an inspector; what is missing from it, it says itself. While the store is out of reach there is
    none, and a page that says so."""
    place = front().place
    with place.database.read() as session:
        made = dossier(session, find_republication(session, ident), now=place.now())
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when the answer is sent
    try:
        made.write(out, place.store)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name=f"{ident}.zip", etag=False)
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(out.close)
    return answer
