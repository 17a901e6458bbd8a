"""Webhooks of platforms: each event is verified, counted by name and day, and answered at once.

The person who caused an event is neither read nor stored.
"""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from campaigns.channels import accounts
from campaigns.channels.channels import ChannelState, find_channel
from campaigns.core.clock import city_day
from campaigns.people.used_tokens import use_token
from coordinator.channels.zalo.events import (
    MAX_AGE,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    EventFault,
    InvalidEvent,
    is_address_check,
    read_event,
)
from coordinator.channels.zalo.settings import ZaloSettings
from coordinator.web.auth.security import app_context

blueprint = Blueprint("platform_events", __name__)
log = logging.getLogger(__name__)

FAULT_STATUS = {
    EventFault.FORM: HTTPStatus.BAD_REQUEST,
    EventFault.SIGNATURE: HTTPStatus.UNAUTHORIZED,
    EventFault.AGE: HTTPStatus.GONE,
}


@blueprint.post("/events/zalo/<code>")
def zalo(code: str) -> ResponseReturnValue:
    """One event of one account: 200 for every event that is signed and recent, whatever its name, repeated or not. 400,
    401, 410 or 413 otherwise; 404 for an account that accepts no events.

    Zalo's console saves an address only after its unsigned empty check was answered 200. The address is entered there
    before the keys are entered here, so that the check gets 200 whatever the code; it is neither stored nor counted.
    """
    context = app_context().job_context
    body, signature = request.get_data(cache=False), request.headers.get(SIGNATURE_HEADER, "")
    if is_address_check(body, signature):
        return _text_response("ok", HTTPStatus.OK)
    with context.database.read() as session:
        channel = find_channel(session, code)
        channel_id, encrypted_secrets, values = channel.id, channel.encrypted_secrets, dict(channel.settings)
        accepts = channel.kind == "zalo" and channel.state is not ChannelState.RETIRED
    secret = context.encryption.decrypt(encrypted_secrets).get("webhook_secret") if accepts else None
    if secret is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        settings = ZaloSettings.model_validate(values)
        event = read_event(
            body,
            signature,
            request.headers.get(TIMESTAMP_HEADER, ""),
            app_id=settings.app_id,
            oa_id=settings.oa_id,
            secret=secret,
            now=context.now(),
        )
    except InvalidEvent as error:
        log.warning("an event for %s is not taken: %s", code, error.fault.value)
        return _text_response(error.fault.value, FAULT_STATUS[error.fault])
    except ValidationError:
        abort(HTTPStatus.NOT_FOUND)  # the stored settings are invalid, so the event cannot be verified
    if event.ours:
        with context.database.write() as session:
            # A repeated event has the same mark; after this time it is refused for its age.
            if use_token(session, f"zalo:{channel_id}:{event.mark}", until=event.at + MAX_AGE):
                accounts.count_event(session, channel_id, event.name, day=city_day(event.at))
    return _text_response("ok", HTTPStatus.OK)


def _text_response(text: str, status: HTTPStatus) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
