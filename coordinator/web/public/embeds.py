"""Bulletins within the pages of others: frames of one bulletin and of the latest ones, oEmbed, and how to use them.

Only the two frames may be framed by other sites; they run no script and set no cookie.
"""

from urllib.parse import unquote, urlencode, urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.archive import newest_in_archive
from campaigns.bulletins.visibility import PUBLIC, find_released, last_change
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import unaccepted_value
from campaigns.planning.campaigns import all_topics
from campaigns.reporting.open_data import TABLES
from coordinator.feeds import oembed
from coordinator.feeds.item import FeedItem, players_html
from coordinator.jobs.context import JobContext
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.security_headers import framable_policy, policy_with_own_frames
from coordinator.web.kit.text.error_messages import field_sentence
from coordinator.web.public.front import CACHE_CONTROL, conditional_page, feed_items, fill, public_office

blueprint = Blueprint("embeds", __name__)

DEFAULT_COUNT, MOST_COUNT = 5, 20  # bulletins of the frame of the latest ones
FRAME_CACHE_CONTROL = "public, max-age=60, must-revalidate"  # as public feeds: a recall must not wait longer
WIDGET_HEIGHT = 420  # pixels of the frame of five bulletins


def embed_url(context: JobContext, code: str) -> str:
    """Return the address of the frame of one bulletin."""
    return f"{context.addresses.bulletin(code)}/embed"


def oembed_url(context: JobContext, code: str, form: str) -> str:
    """Return the address of the oEmbed answer about one bulletin; ``form``: ``json`` or ``xml``."""
    return f"{context.addresses.base}/oembed?{urlencode({'url': context.addresses.bulletin(code), 'format': form})}"


def _find_item(session: Session, code: str) -> FeedItem:
    context = app_context().job_context
    (item,) = feed_items(context, session, [find_released(session, code, now=context.now())])
    return item


@blueprint.get("/bulletins/<code>/embed")
def embed(code: str) -> ResponseReturnValue:
    """One bulletin as a frame that plays its videos and audio; after a recall 410 with the notice."""
    context = app_context().job_context
    with context.database.read() as session:
        item = _find_item(session, code)
    pictures, files = [], []
    if not item.recalled:
        pictures = [item.preview.url] if item.preview is not None else []
        files = [medium.url for medium in item.files]
    headers = {"Cache-Control": CACHE_CONTROL, "Content-Security-Policy": framable_policy(pictures, files)}
    page = render_template("public/embed.html", item=item, players=players_html(item))
    return page, 410 if item.recalled else 200, headers


@blueprint.get("/oembed")
def answer() -> ResponseReturnValue:
    """The oEmbed answer about the bulletin at ``url``: 404 for any other address and for a recalled one, 501 for a
    format other than JSON and XML, 400 without an address and for a limit that is no number."""
    form = request.args.get("format", "json").strip().lower() or "json"
    if form not in {"json", "xml"}:
        return _refusal(501, "format: expected json or xml")
    context = app_context().job_context
    try:
        width, height = _limit("maxwidth"), _limit("maxheight")
        code = _code_at(context, request.args.get("url", "").strip())
    except Invalid as invalid:
        return _refusal(400, "; ".join(f"{error.field}: {error.message}" for error in invalid.errors))
    item = None
    if code is not None:
        try:
            with context.database.read() as session:
                item = _find_item(session, code)
        except NotFound:
            item = None
    if code is None or item is None or item.recalled:
        return _refusal(404, "url: there is no such bulletin")
    found = oembed.answer(item, embed_url(context, code), width=width, height=height)
    body = oembed.render_json(found) if form == "json" else oembed.render_xml(found)
    response = Response(body, content_type=oembed.JSON_TYPE if form == "json" else oembed.XML_TYPE)
    response.headers["Cache-Control"] = FRAME_CACHE_CONTROL
    return response


def _refusal(status: int, message: str) -> Response:
    return Response(f"{message}\n", status, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")


def _limit(name: str) -> int | None:
    typed = request.args.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and int(typed[:6]) > 0 and len(typed) <= 6):
        raise Invalid([FieldError(name, "number", f"{typed[:40]!r} is no number of pixels")])
    return int(typed)


def _code_at(context: JobContext, url: str) -> str | None:
    """Return the code of the bulletin whose page has this address, also under a former base; None for another address.

    Raises ``Invalid`` without an address.
    """
    if not url:
        raise Invalid([FieldError("url", "required", "expected ?url= with the address of a bulletin")])
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    for base in context.addresses.all_bases:
        prefix = urlsplit(base)
        path = f"{prefix.path}/bulletins/"
        if parts.netloc.lower() == prefix.netloc.lower() and parts.path.startswith(path):
            code = unquote(parts.path.removeprefix(path)).removesuffix("/")
            return code if code and "/" not in code and "\0" not in code else None
    return None


@blueprint.get("/widget")
def widget() -> ResponseReturnValue:
    """The latest bulletins as a frame: ``topic`` (a code), ``count`` (1–20). 422 names what is wrong, in the frame."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        topics = {topic.code: topic.name for topic in all_topics(session)}
        try:
            topic, count = _widget_choice(topics)
        except Invalid as invalid:
            wrong = [(error.field, field_sentence(error)) for error in invalid.errors]
            page = render_template("public/widget.html", wrong=wrong, items=[], topic=None)
            headers = {"Cache-Control": "no-store", "Content-Security-Policy": framable_policy([])}
            return page, 422, headers
        changed_at = last_change(session, PUBLIC, topic=topic, now=now)
        name = public_office(session).name
        response = conditional_page([name, topics], changed_at, now=now, cache_control=FRAME_CACHE_CONTROL)
        response.headers["Content-Security-Policy"] = framable_policy([])
        if response.status_code != 200:
            return response
        rows = newest_in_archive(session, count, topic=topic, with_recalled=False, now=now)
        items = feed_items(context, session, rows)
    page = render_template(
        "public/widget.html", wrong=[], items=items, topic=topics[topic] if topic is not None else None
    )
    return fill(response, page)


def _widget_choice(topics: dict[str, str]) -> tuple[str | None, int]:
    """Return the topic (None = every) and the count of this address. Raises ``Invalid`` naming every wrong value."""
    errors = []
    topic, typed = request.args.get("topic", "").strip() or None, request.args.get("count", "").strip()
    if topic is not None and topic not in topics:
        errors.append(unaccepted_value("topic", topic, topics))
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0 if typed else DEFAULT_COUNT
    if not 1 <= count <= MOST_COUNT:
        errors.append(unaccepted_value("count", typed, [f"1–{MOST_COUNT}"]))
    if errors:
        raise Invalid(errors)
    return topic, count


@blueprint.get("/republishing")
def republishing() -> ResponseReturnValue:
    """How to republish, name the source, frame the latest bulletins, and become a partner."""
    context = app_context().job_context
    with context.database.read() as session:
        topics = {topic.code: topic.name for topic in all_topics(session)}
    wrong = []
    try:
        topic, count = _widget_choice(topics)
    except Invalid as invalid:
        wrong = [(error.field, field_sentence(error)) for error in invalid.errors]
        topic, count = None, DEFAULT_COUNT
    query = {name: value for name, value in (("topic", topic), ("count", count)) if value not in (None, DEFAULT_COUNT)}
    path = f"/widget?{urlencode(query)}" if query else "/widget"
    title = _("Bản tin mới")
    page = render_template(
        "public/republishing.html", topics=topics, topic=topic, count=count, most=MOST_COUNT, widget_path=path,
        code=oembed.frame_html(f"{context.addresses.base}{path}", title, "100%", WIDGET_HEIGHT), wrong=wrong,
        base=context.addresses.base, tables=sorted(TABLES),
    )  # fmt: skip
    headers = {"Cache-Control": CACHE_CONTROL, "Content-Security-Policy": policy_with_own_frames()}
    return page, 422 if wrong else 200, headers


@blueprint.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How the public pages can be read, and whom to tell what cannot."""
    return render_template("public/accessibility.html"), 200, {"Cache-Control": CACHE_CONTROL}
