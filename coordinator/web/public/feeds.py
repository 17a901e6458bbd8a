"""The public feeds, and a partner's own feeds under its key, every read of which is logged."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.bulletins.visibility import Released
from campaigns.core.errors import Invalid
from campaigns.delivery.feed_fetches import record_fetch
from coordinator.feeds import opml
from coordinator.feeds.formats import FORMATS
from coordinator.feeds.websub import link_header
from coordinator.jobs.delivery import feed_serving
from coordinator.jobs.delivery.feed_serving import FeedState
from coordinator.jobs.view_buffers import EmptyFeedRead, FeedReader
from coordinator.web.auth.security import app_context
from coordinator.web.kit.compression import set_body

blueprint = Blueprint("feeds", __name__)

# A shared cache may keep a public feed for a minute: a recall must not wait longer than that.
PUBLIC_CACHE_CONTROL = "public, max-age=60, must-revalidate"
# Every read of a partner's own feed is logged, so every read has to reach this product.
PRIVATE_CACHE_CONTROL = "private, no-cache"
SECOND = timedelta(seconds=1)


@blueprint.errorhandler(Invalid)
def bad_query(invalid: Invalid) -> ResponseReturnValue:
    """The errors of the query in one line: a feed is read by a program, whose administrator reads its log."""
    message = "; ".join(f"{error.field}: {error.message}" for error in invalid.errors)
    return Response(f"{message}\n", 422, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")


@blueprint.get("/feeds/<name>")
def public_feed(name: str) -> ResponseReturnValue:
    """A feed of all released bulletins."""
    response, _, _ = _feed_response(name, None)
    app_context().job_context.feed_responses.count(name, response.status_code)
    return response


@blueprint.get("/feeds/opml.xml")
def public_list() -> ResponseReturnValue:
    """The list of the public feeds."""
    response, _ = _list_response(None)
    return response


@blueprint.get("/feeds/<key>/opml.xml")
def partner_list(key: str) -> ResponseReturnValue:
    """The list of a partner's own feeds; the read is logged."""
    response, reader = _list_response(key)
    assert reader is not None, "list_feeds refuses an unknown key"  # noqa: S101  # a bug, not input
    context = app_context().job_context
    context.feed_reads.add(EmptyFeedRead(reader, "opml.xml", response.status_code, context.now()))
    return response


@blueprint.get("/feeds/<key>/<name>")
def partner_feed(key: str, name: str) -> ResponseReturnValue:
    """A feed of a partner's topics; the read is logged, and settles the deliveries that it proves."""
    response, state, bulletins = _feed_response(name, key)
    reader = state.reader
    assert reader is not None, "read_state refuses an unknown key"  # noqa: S101  # a bug, not input
    context = app_context().job_context
    if not bulletins or request.method != "GET":
        context.feed_reads.add(EmptyFeedRead(reader, name, response.status_code, context.now()))
        return response
    with context.database.write() as session:
        record_fetch(
            session,
            key_id=reader.key_id,
            company_id=reader.company_id,
            feed=name,
            status=response.status_code,
            carried=bulletins,
            delivery_modes=context.delivery_modes,
            now=context.now(),
        )
    return response


def _feed_response(name: str, key: str | None) -> tuple[Response, FeedState, tuple[Released, ...]]:
    """The response, the state of the feed, and the bulletins in the response; none are rendered for a 304."""
    context = app_context().job_context
    query = feed_serving.parse_query(name, key, request.args)
    now = context.now()
    with context.database.read() as session:
        state = feed_serving.read_state(context, session, query, now)
        response = Response(content_type=FORMATS[name].media_type)
        response.headers["Cache-Control"] = PUBLIC_CACHE_CONTROL if key is None else PRIVATE_CACHE_CONTROL
        response.vary.add("Accept-Encoding")
        response.set_etag(state.etag, weak=True)  # weak: it stands for the plain and the compressed form
        if state.changed_at is not None:
            response.last_modified = state.changed_at
        response.make_conditional(request)
        if response.status_code != 200:
            return response, state, ()
        feed = feed_serving.render_feed(context, session, state, now)
    if state.changed_at is not None:
        response.last_modified = last_modified(state.changed_at, now)
    response.headers["Link"] = link_header(
        self_url=query.address(context), hub_url=feed_serving.hub_address(context), next_url=feed.next_url
    )
    set_body(response, feed.body)
    return response, state, feed.bulletins


def _list_response(key: str | None) -> tuple[Response, FeedReader | None]:
    context = app_context().job_context
    with context.database.read() as session:
        body, reader = feed_serving.list_feeds(context, session, key, context.now())
    response = Response(body, content_type=opml.MEDIA_TYPE)
    response.headers["Cache-Control"] = PUBLIC_CACHE_CONTROL if key is None else PRIVATE_CACHE_CONTROL
    response.add_etag()
    response.make_conditional(request)
    return response, reader


def last_modified(changed_at: datetime, now: datetime) -> datetime:
    """The value of ``Last-Modified``: whole seconds, one less during the second of the change itself.

    The feed may change again within that second, and a reader that compares dates only would not notice. RFC 9110,
    8.8.2.2 calls such a date weak for this reason; the earlier second costs at most one more full response.
    """
    second = changed_at.replace(microsecond=0)
    return second - SECOND if now - second < SECOND else second
