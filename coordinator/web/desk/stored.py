"""Kept bodies for pages of the desk: read from the store, and sent so that nothing of them acts in a browser."""

from flask import Response, abort

from coordinator.exports.attaching import attachment_of
from coordinator.keeping.blobs import Damaged
from coordinator.web.headers import INERT
from coordinator.web.security import front


def body_of(key: str) -> bytes:
    """A kept body; 404 where it is no longer there or is not what its name says. Called outside any session: the store
    may be on another machine."""
    try:
        return front().place.store.read(key)
    except (FileNotFoundError, Damaged):
        abort(404)


def to_be_saved(body: bytes, content_type: str, name: str) -> Response:
    """A body as a file to be saved under ``name``, without any rights where a browser opens it after all."""
    headers = {**INERT, "Content-Disposition": attachment_of(name)}
    return Response(body, content_type=content_type, headers=headers)
