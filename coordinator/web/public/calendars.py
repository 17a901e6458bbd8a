"""The release calendar for calendar programs, which cannot sign in: behind a key in its address."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.people import calendar_keys
from coordinator.feeds.ics import MEDIA_TYPE
from coordinator.jobs import calendars
from coordinator.web.security import front

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/calendars/<key>.ics")
def release_calendar(key: str) -> ResponseReturnValue:
    """The file, with a validator: most reads find that nothing changed."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        found = calendars.serve(place, session, key, now)
    with place.database.write() as session:
        calendar_keys.note_reading(session, found.key_id, now=now)
    reply = Response(found.body, content_type=MEDIA_TYPE)
    # Nothing outside may keep it: it tells of bulletins before their release.
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.headers["Content-Disposition"] = 'inline; filename="lich-phat-hanh.ics"'
    reply.headers["X-Robots-Tag"] = "noindex"
    reply.add_etag()
    return reply.make_conditional(request)
