"""The id of the request at work: in ``X-Request-Id`` of its answer, in a problem's body, in every line of the log."""

import re
import uuid

from flask import Flask, Response, request

from coordinator.logs import request_id

HEADER = "X-Request-Id"
_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def current() -> str:
    """The id of the request that this thread answers; '' outside of requests."""
    return request_id.get()


def configure(app: Flask) -> None:
    """Give every request an id: the caller's own where it sent a plain one, else a new one. Called before anything else
    is registered, so that nothing is answered or logged without it."""

    @app.before_request
    def _() -> None:
        given = request.headers.get(HEADER, "")
        request_id.set(given if _FORM.fullmatch(given) else uuid.uuid4().hex)

    @app.after_request
    def _(response: Response) -> Response:
        response.headers[HEADER] = current()
        return response

    @app.teardown_request
    def _(_error: BaseException | None) -> None:
        request_id.set("")
