"""The release calendar for calendar programs, which cannot sign in: its address contains a key."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.people import keys
from coordinator.feeds.ics import MEDIA_TYPE
from coordinator.jobs.release import calendar_ics
from coordinator.web.auth.security import app_context

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/calendars/<key>.ics")
def release_calendar(key: str) -> ResponseReturnValue:
    """The file, with an ETag: most reads find it unchanged."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        file = calendar_ics.calendar_file(context, session, key, now)
    if file.use_is_due:
        with context.database.write() as session:
            keys.note_use(session, file.key_id, now=now)
    response = Response(file.body, content_type=MEDIA_TYPE)
    # No shared cache may keep it: it names bulletins before their release.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'inline; filename="lich-phat-hanh.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)
