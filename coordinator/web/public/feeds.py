"""The feeds: public ones, and a partner's own under its key, every read of which is logged."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.publishing.fetches import record_fetch
from coordinator.feeds.conditional import Asked, FeedReply
from coordinator.jobs import serving
from coordinator.jobs.reads import QuietRead
from coordinator.jobs.serving import Served
from coordinator.web.security import front

blueprint = Blueprint("feeds", __name__)


@blueprint.errorhandler(Invalid)
def bad_query(invalid: Invalid) -> ResponseReturnValue:
    """What was wrong with the question, in one line: whoever reads feeds is a program, and its keeper reads logs."""
    words = "; ".join(f"{one.field}: {one.message}" for one in invalid.errors)
    return Response(f"{words}\n", 422, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")


@blueprint.get("/feeds/<name>")
def public_feed(name: str) -> ResponseReturnValue:
    """What everybody may read."""
    served = _serve(name, None)
    front().place.replies.note(name, served.reply.status)
    return _reply(served.reply)


@blueprint.get("/feeds/<key>/<name>")
def partner_feed(key: str, name: str) -> ResponseReturnValue:
    """A partner's topics; the read is logged, and settles the deliveries that it proves."""
    served = _serve(name, key)
    reader = served.reader
    assert reader is not None, "serving refuses a key that is none"  # noqa: S101  # a bug, not input
    place = front().place
    carried = served.carried if request.method == "GET" else ()
    if not carried:
        place.reads.add(QuietRead(reader, name, served.reply.status, place.now()))
        return _reply(served.reply)
    with place.database.write() as session:
        record_fetch(
            session,
            key_id=reader.key_id,
            company_id=reader.company_id,
            feed=name,
            status=served.reply.status,
            carried=carried,
            natures=place.natures,
            now=place.now(),
        )
    return _reply(served.reply)


def _serve(name: str, key: str | None) -> Served:
    place = front().place
    asked = Asked(
        request.headers.get("If-None-Match"),
        request.headers.get("If-Modified-Since"),
        request.headers.get("Accept-Encoding"),
    )
    return serving.answer(place, serving.read_query(name, key, request.args), asked)


def _reply(reply: FeedReply) -> Response:
    return Response(reply.body, reply.status, list(reply.headers))
