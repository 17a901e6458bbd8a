"""Version 1 under ``/api/v1``: what the composition root calls to have it in its application."""

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound, default_exceptions

from campaigns.core.errors import CampaignError
from coordinator.api import auth, docs
from coordinator.api.document import blueprint
from coordinator.api.problems import Refused, problem_for
from coordinator.keeping.blobs import StoreError

__all__ = ["problem_for", "register"]

_HANDLED: tuple[type[Exception], ...] = (
    Refused, CampaignError, HTTPException, HTTPError, DataError, IntegrityError, OperationalError, StoreError,
)  # fmt: skip


def register(app: APIFlask) -> None:
    """Add the API, its document and its pages. ``app.extensions["lantoa"]`` must hold a ``Front`` by the first request.

    Every error under ``/api/`` is answered as a problem; unforeseen ones are logged by the application as elsewhere,
    and an application with a handler of its own for them asks ``problem_for``.
    """
    api = blueprint()
    api.before_request(_readable)
    api.before_request(auth.authenticate)
    pages = docs.pages()
    for kind in _HANDLED:
        api.register_error_handler(kind, problem_for)
        pages.register_error_handler(kind, problem_for)
    for code in default_exceptions:
        # By code as well: an application's own page for a code would come before our answer for the whole class.
        api.register_error_handler(code, problem_for)
        pages.register_error_handler(code, problem_for)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.before_request(_unrouted)


def _unrouted() -> ResponseReturnValue | None:
    """A path or method that is none of the API's belongs to no blueprint, whose handlers would not see it."""
    if request.routing_exception is None or not request.path.startswith("/api/"):
        return None
    return problem_for(request.routing_exception)


def _readable() -> None:
    # PostgreSQL refuses a NUL in any text, so no row can have one in its code.
    if "\x00" in request.path:
        raise NotFound
