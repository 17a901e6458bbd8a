"""The WebSub hub and the Webmention receiver: claims by machines, noted now and verified later."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid, NotFound
from campaigns.partners.directory import site_of
from campaigns.publishing import subscriptions
from campaigns.publishing.bulletins import looks_like_code
from campaigns.publishing.release import find_released
from campaigns.publishing.subscriptions import Full
from campaigns.tracking import mentions
from campaigns.tracking.mentions import WEBMENTION, Blocked, TooMany
from campaigns.tracking.republications import Level, claim_copy
from campaigns.tracking.sightings import How, see
from coordinator.discovery.webmention import BadMention, check_request
from coordinator.feeds import websub
from coordinator.feeds.websub import Mode
from coordinator.jobs.serving import query_of
from coordinator.web.security import front

blueprint = Blueprint("hub", __name__)


def _words(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")


@blueprint.post("/hub")
def hub() -> ResponseReturnValue:
    """A subscription or unsubscription: 202, and the callback is asked whether it meant it."""
    place = front().place
    try:
        wish = websub.read_request(request.form, lambda topic: query_of(place, topic) is not None)
    except Invalid as invalid:
        return _words("; ".join(f"{one.field} {one.message}" for one in invalid.errors), 400)
    try:
        with place.database.write() as session:
            subscriptions.ask(
                session,
                topic=wish.topic,
                sealed_topic=place.seal.close({"topic": wish.topic}),
                callback=wish.callback,
                subscribe=wish.mode is Mode.SUBSCRIBE,
                lease_seconds=wish.lease_seconds,
                sealed_secret=place.seal.close({"secret": wish.secret}) if wish.secret else None,
                challenge=websub.new_challenge(),
                now=place.now(),
            )
    except Full as full:
        reply = _words(f"hub.callback: {full}", 429)
        if full.retry_after is not None:
            reply.headers["Retry-After"] = str(full.retry_after)
        return reply
    front().runner.nudge("tell")
    return _words("accepted; the callback will be asked", 202)


def _code_of(address: str) -> str | None:
    """The code of the bulletin whose page an address is, or None."""
    prefix = front().place.addresses.bulletin("")
    code = address.removeprefix(prefix).partition("#")[0]
    return code if address.startswith(prefix) and looks_like_code(code) else None


@blueprint.post("/webmention")
def webmention() -> ResponseReturnValue:
    """A page says that it links to a bulletin: 202, and it will be read. On a registered site it becomes a candidate;
    elsewhere it is a mention, shown and never counted. A sender that staff have blocked gets 403."""
    place = front().place
    try:
        mention = check_request(request.form, lambda target: _code_of(target) is not None)
    except BadMention as bad:
        return _words(str(bad), 400)
    now = place.now()
    with place.database.write() as session:
        try:
            released = find_released(session, _code_of(mention.target) or "", now=now)
        except NotFound:
            return _words("target: there is no such bulletin", 400)
        try:
            mentions.check_sender(session, mention.source)
            site = site_of(session, mention.source)
            if site is None:
                mentions.note(session, released.bulletin, mention.source, now=now)
            else:
                mentions.check_site(session, site.id, now=now)
        except Blocked:
            return _words("source: this sender is not listened to", 403)
        except TooMany as many:
            reply = _words(f"source: {many}", 429)
            if many.retry_after is not None:
                reply.headers["Retry-After"] = str(many.retry_after)
            return reply
        if site is None:
            front().runner.nudge("mention")
            return _words("accepted; the page will be read, and shown if it links; it does not count", 202)
        page, _ = see(session, site, mention.source, How.ANNOUNCED, WEBMENTION, bulletin=released.bulletin, now=now)
        claim_copy(session, "webmention", released.bulletin, page, Level.ANNOUNCED, day=city_day(now), now=now)
    front().runner.nudge("check")
    return _words("accepted; the page will be read", 202)
