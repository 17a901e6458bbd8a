"""Bulletins' pictures: for everybody once the text that shows them is out, before that for staff alone."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from campaigns.core.errors import NotFound
from campaigns.people.staff import May
from campaigns.publishing.pictures import find_picture, seen_outside
from coordinator.web.security import actor, front

blueprint = Blueprint("pictures", __name__)

CACHE = "public, no-cache"  # as the pages that show them: asked about each time, so a recall holds at once


@blueprint.get("/pictures/<ident>.<suffix>")
@blueprint.get("/pictures/<ident>-<ratio>.jpg", defaults={"suffix": "jpg"})
def picture(ident: str, suffix: str, ratio: str | None = None) -> ResponseReturnValue:
    """The picture, or its crop to a ratio (``16x9``, ``4x3``, ``1x1``). 404 in the same words for one that does not
    exist and for one that is not out."""
    place = front().place
    with place.database.read() as session:
        row = find_picture(session, ident)
        outside = seen_outside(session, row, now=place.now())
        # Who asks matters only for what is not out: a reader's answer hangs on no cookie.
        if not outside and not (current_user.is_authenticated and actor().may(May.READ)):
            raise NotFound("there is no such picture", picture=ident[:40])
        if ratio is None and suffix != row.suffix:
            raise NotFound("there is no such picture", picture=ident[:40])
        found = row.cuts.get(ratio) if ratio is not None else {"key": row.key}
        mime = row.mime if ratio is None else "image/jpeg"
    if found is None:
        raise NotFound("there is no such picture", picture=ident[:40])
    etag = f"{ident}-{ratio or 'whole'}"
    answer = Response(status=304) if etag in request.if_none_match else None
    if answer is None:
        try:
            answer = Response(place.store.read(found["key"]), content_type=mime)
        except FileNotFoundError:
            abort(404)
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = CACHE if outside else "private, no-store"
    return answer
