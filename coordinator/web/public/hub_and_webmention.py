"""The WebSub hub and the Webmention receiver: requests are stored at once and verified later."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import looks_like_code
from campaigns.bulletins.visibility import find_released
from campaigns.core.errors import Invalid, NotFound
from campaigns.delivery import websub_subscriptions
from campaigns.delivery.websub_subscriptions import TooManySubscriptions
from campaigns.discovery import webmentions
from campaigns.discovery.sightings import SightingMethod
from campaigns.discovery.webmentions import WEBMENTION, SenderBlocked, TooManyWebmentions
from campaigns.partners.directory import site_of
from campaigns.republications.address_claims import claim_address
from coordinator.discovery.webmention import InvalidMention, parse_request
from coordinator.feeds import websub
from coordinator.feeds.websub import SubscriptionMode
from coordinator.jobs.delivery.feed_serving import topic_query
from coordinator.web.auth.security import app_context

blueprint = Blueprint("hub", __name__)


def _text_response(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")


@blueprint.post("/hub")
def hub() -> ResponseReturnValue:
    """A subscription or unsubscription: 202; the callback is then asked to confirm."""
    context = app_context().job_context
    try:
        subscription = websub.read_request(request.form, lambda topic: topic_query(context, topic) is not None)
    except Invalid as invalid:
        return _text_response("; ".join(f"{error.field} {error.message}" for error in invalid.errors), 400)
    try:
        with context.database.write() as session:
            websub_subscriptions.request_subscription(
                session,
                topic=subscription.topic,
                encrypted_topic=context.encryption.encrypt({"topic": subscription.topic}),
                callback=subscription.callback,
                subscribe=subscription.mode is SubscriptionMode.SUBSCRIBE,
                lease_seconds=subscription.lease_seconds,
                encrypted_secret=context.encryption.encrypt({"secret": subscription.secret})
                if subscription.secret
                else None,
                challenge=websub.new_challenge(),
                now=context.now(),
            )
    except TooManySubscriptions as error:
        response = _text_response(f"hub.callback: {error}", 429)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    app_context().runner.nudge("websub")
    return _text_response("accepted; the callback will be asked", 202)


def _bulletin_code(address: str) -> str | None:
    """The code of the bulletin whose page an address is, or None."""
    prefix = app_context().job_context.addresses.bulletin("")
    code = address.removeprefix(prefix).partition("#")[0]
    return code if address.startswith(prefix) and looks_like_code(code) else None


@blueprint.post("/webmention")
def webmention() -> ResponseReturnValue:
    """A page claims to link to a bulletin: 202, and it is read later. On a registered site it becomes a candidate;
    elsewhere it is a mention, shown and never counted. A sender that staff have blocked gets 403."""
    context = app_context().job_context
    try:
        mention = parse_request(request.form, lambda target: _bulletin_code(target) is not None)
    except InvalidMention as error:
        return _text_response(str(error), 400)
    now = context.now()
    with context.database.write() as session:
        try:
            released = find_released(session, _bulletin_code(mention.target) or "", now=now)
        except NotFound:
            return _text_response("target: there is no such bulletin", 400)
        try:
            webmentions.check_sender(session, mention.source)
            site = site_of(session, mention.source)
            if site is None:
                webmentions.record_webmention(session, released.bulletin, mention.source, now=now)
            else:
                webmentions.check_site(session, site.id, now=now)
        except SenderBlocked:
            return _text_response("source: this sender is not listened to", 403)
        except TooManyWebmentions as error:
            response = _text_response(f"source: {error}", 429)
            if error.retry_after is not None:
                response.headers["Retry-After"] = str(error.retry_after)
            return response
        if site is None:
            app_context().runner.nudge("webmention")
            return _text_response("accepted; the page will be read, and shown if it links; it does not count", 202)
        how = SightingMethod.ANNOUNCED
        claim_address(session, "webmention", released.bulletin, site, mention.source, how, WEBMENTION, now=now)
    app_context().runner.nudge("page_check")
    return _text_response("accepted; the page will be read", 202)
