"""Bulletins' pictures and media files: public once a text that shows them is released, before that for staff only."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from campaigns.bulletins.media import SUFFIXES, find_media, is_media_public
from campaigns.bulletins.pictures import find_picture, is_public
from campaigns.core.errors import NotFound
from campaigns.people.staff import Permission
from coordinator.web.auth.security import app_context, current_actor

blueprint = Blueprint("pictures", __name__)

CACHE_CONTROL = (
    "public, no-cache"  # as the pages that show them: revalidated each time, so a recall takes effect at once
)


@blueprint.get("/pictures/<ident>.<suffix>")
@blueprint.get("/pictures/<ident>-<ratio>.jpg", defaults={"suffix": "jpg"})
def picture(ident: str, suffix: str, ratio: str | None = None) -> ResponseReturnValue:
    """The picture, or its crop to a ratio (``16x9``, ``4x3``, ``1x1``). 404 in the same words for one that does not
    exist and for one that is not released."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_picture(session, ident)
        public = is_public(session, row, now=context.now())
        # The session matters only for what is not released: the response to a reader depends on no cookie.
        if not public and not (current_user.is_authenticated and current_actor().may(Permission.READ)):
            raise NotFound("there is no such picture", picture=ident[:40])
        if ratio is None and suffix != row.suffix:
            raise NotFound("there is no such picture", picture=ident[:40])
        stored = row.cuts.get(ratio) if ratio is not None else {"key": row.key}
        media_type = row.mime if ratio is None else "image/jpeg"
    if stored is None:
        raise NotFound("there is no such picture", picture=ident[:40])
    response = Response(content_type=media_type)
    response.headers["Cache-Control"] = CACHE_CONTROL if public else "private, no-store"
    response.set_etag(f"{ident}-{ratio or 'whole'}")
    response.make_conditional(request)
    if response.status_code == 200:
        try:
            response.data = context.store.read(stored["key"])
        except FileNotFoundError:
            abort(404)
    return response


@blueprint.get("/media/<ident>.<suffix>")
def media(ident: str, suffix: str) -> ResponseReturnValue:
    """A video, audio, document or captions file, or the asked range of its bytes. 404 in the same words for one that
    does not exist and for one that is not released; 410 after a recall."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        row = find_media(session, ident)
        public = is_media_public(session, row, now=now)
        staff = not public and current_user.is_authenticated and current_actor().may(Permission.READ)
        if not public and not staff and is_media_public(session, row, now=now, with_recalled=True):
            abort(410)
        if (not public and not staff) or suffix != SUFFIXES[row.mime]:
            raise NotFound("there is no such file", media=ident[:40])
        key, media_type, digest, length = row.key, row.mime, row.sha256, row.length
    try:
        response = Response(context.store.read(key), content_type=media_type)
    except FileNotFoundError:
        abort(404)
    response.headers["Cache-Control"] = CACHE_CONTROL if public else "private, no-store"
    response.set_etag(digest)
    return response.make_conditional(request, accept_ranges=True, complete_length=length)
