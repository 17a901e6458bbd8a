"""Kept pages of copies: the evidence bundle as a file, and a page as fetched, shown without any rights.

A kept page is foreign content. Its frame runs, sends and loads nothing: only plain elements are left, the frame is
sandboxed, and the content security policy denies everything. Removing elements also prevents what no policy covers,
such as early connections.
"""

import tempfile
from dataclasses import dataclass
from datetime import datetime

import nh3
from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from campaigns.republications.republications import find_republication
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.http.charsets import decode
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.republications.evidence_export import evidence_dossier
from coordinator.web.kit.files import download_response, stored_body
from coordinator.web.kit.security_headers import CONTENT_SECURITY_POLICY, UNTRUSTED_CONTENT_HEADERS

blueprint = Blueprint("kept", __name__)

# A link in the frame leads nowhere: the frame shows kept pages only.
AROUND = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
IN_MEMORY = 16_000_000  # bytes of the evidence bundle in memory; a larger one is built on disk


def _name_set(text: str) -> set[str]:
    return set(text.split())


_CLEANER = nh3.Cleaner(
    tags=_name_set(
        "h1 h2 h3 h4 h5 h6 p div article section main header footer nav aside blockquote pre hr br ul ol li dl dt dd "
        "table caption thead tbody tfoot tr th td figure figcaption a b strong i em u s small sub sup mark q cite abbr "
        "del ins code time img span"
    ),
    clean_content_tags=_name_set("script style title template iframe object embed svg math audio video canvas select"),
    attributes={"a": {"href"}, "img": {"alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow",
)


@dataclass(frozen=True)
class KeptPage:
    """One kept page with the labels around its frame. ``number`` counts from 1."""

    id: str
    number: int
    site: str
    url: str
    at: datetime
    body_hash: str
    key: str
    content_type: str


def _find_kept_page(ident: str, number: int) -> KeptPage:
    """Return the page kept with one evidence, or 404."""
    with app_context().job_context.database.read() as session:
        row = find_republication(session, ident)
        evidence = row.evidence[number - 1] if 1 <= number <= len(row.evidence) else None
        if evidence is None or evidence.body_key is None:
            abort(404)
        return KeptPage(
            row.public,
            number,
            row.site.name,
            evidence.final_url,
            evidence.at,
            evidence.body_hash,
            evidence.body_key,
            evidence.content_type,
        )


def inert(body: bytes, content_type: str) -> str:
    """Return a foreign page as plain elements: no script, style, form, frame, picture or address
    that a browser loads.
    """
    inside = _CLEANER.clean(limit_html(decode(body, content_type)))
    return f'<!doctype html><html><head><meta charset="utf-8"><title></title></head><body>{inside}</body></html>'


@blueprint.get("/<ident>/pages/<int:number>")
@staff_required()
def viewer(ident: str, number: int) -> ResponseReturnValue:
    """Show a kept page in its frame, with its address and the time of the fetch."""
    page = render_template("desk/republications/kept_page.html", snapshot=_find_kept_page(ident, number))
    return page, {"Content-Security-Policy": AROUND}


@blueprint.get("/<ident>/pages/<int:number>.html")
@staff_required()
def box(ident: str, number: int) -> ResponseReturnValue:
    """Return the content of the frame."""
    kept_page = _find_kept_page(ident, number)
    page = inert(stored_body(kept_page.key), kept_page.content_type)
    return Response(page, content_type="text/html; charset=utf-8", headers=UNTRUSTED_CONTENT_HEADERS)


@blueprint.get("/<ident>/pages/<int:number>.txt")
@staff_required()
def source(ident: str, number: int) -> ResponseReturnValue:
    """Return a kept page byte for byte as plain text, so that its hash can be verified."""
    body = stored_body(_find_kept_page(ident, number).key)
    return download_response(body, "text/plain; charset=utf-8", f"{ident}-{number}.txt")


@blueprint.get("/<ident>/evidence.zip")
@staff_required()
def download(ident: str) -> ResponseReturnValue:
    """Return the evidence bundle, which lists what it lacks. While the storage is unavailable, shows a page that says
    so.
    """
    context = app_context().job_context
    with context.database.read() as session:
        made = evidence_dossier(session, find_republication(session, ident), now=context.now())
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed when the response is sent
    try:
        made.write(out, context.store)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    answer = send_file(out, mimetype="application/zip", as_attachment=True, download_name=f"{ident}.zip", etag=False)
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(out.close)
    return answer
