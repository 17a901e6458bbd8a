"""What platforms tell by themselves: checked, counted by name and day, and answered at once.

Who caused an event is neither kept nor looked at.
"""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from campaigns.core.clock import city_day
from campaigns.people.spent import spend
from campaigns.publishing import platform_events
from campaigns.publishing.channels import ChannelState, find_channel
from coordinator.channels.zalo_events import HEADER, OLDEST, BadEvent, Fault, read_event
from coordinator.channels.zalo_settings import ZaloSettings
from coordinator.web.security import front

blueprint = Blueprint("platform_events", __name__)
log = logging.getLogger(__name__)

STATUS = {Fault.FORM: HTTPStatus.BAD_REQUEST, Fault.SIGNATURE: HTTPStatus.UNAUTHORIZED, Fault.AGE: HTTPStatus.GONE}


@blueprint.post("/events/zalo/<code>")
def zalo(code: str) -> ResponseReturnValue:
    """One event of one account: 200 for every one that is signed and fresh, whatever its name and however often it
    comes. 400, 401, 410 and 413 for what is not; 404 where no events are taken."""
    place = front().place
    with place.database.read() as session:
        channel = find_channel(session, code)
        ident, sealed, values = channel.id, channel.sealed, dict(channel.settings)
        takes = channel.kind == "zalo" and channel.state is not ChannelState.RETIRED
    secret = place.seal.open(sealed).get("webhook_secret") if takes else None
    if secret is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        settings = ZaloSettings.model_validate(values)
        event = read_event(
            request.get_data(cache=False),
            request.headers.get(HEADER, ""),
            app_id=settings.app_id,
            oa_id=settings.oa_id,
            secret=secret,
            now=place.now(),
        )
    except BadEvent as bad:
        log.warning("an event for %s is not taken: %s", code, bad.fault.value)
        return _words(bad.fault.value, STATUS[bad.fault])
    except ValidationError:
        abort(HTTPStatus.NOT_FOUND)  # its settings are no longer right, so that nothing is known of it
    if event.ours:
        with place.database.write() as session:
            # Sent again it is the same event; past its time it would be refused for its age.
            if spend(session, f"zalo:{ident}:{event.mark}", until=event.at + OLDEST):
                platform_events.note(session, ident, event.name, day=city_day(event.at))
    return _words("ok", HTTPStatus.OK)


def _words(text: str, status: HTTPStatus) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
