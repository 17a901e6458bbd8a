"""Registration of version 1 of the API under ``/api/v1``."""

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound, default_exceptions

from campaigns.core.errors import CampaignError
from coordinator.api import auth, call_limits
from coordinator.api.documentation import reference_page
from coordinator.api.documentation.openapi import blueprint
from coordinator.api.problems import RequestRefused, problem_for
from coordinator.api.request_parsing import refuse_precondition, refuse_unknown_body, refuse_unknown_query
from coordinator.storage.blobs import StoreError

__all__ = ["problem_for", "register"]

_HANDLED: tuple[type[Exception], ...] = (
    RequestRefused, CampaignError, HTTPException, HTTPError, DataError, IntegrityError, OperationalError, StoreError,
)  # fmt: skip


def register(app: APIFlask) -> None:
    """Add the API, its document and its pages. ``app.extensions["lantoa"]`` must hold an ``AppContext`` by the first
    request.

    Every error under ``/api/`` is answered as a problem. Unexpected ones are logged by the application; an application
    with its own handler for them calls ``problem_for``.
    """
    api = blueprint()
    api.before_request(_readable)
    api.before_request(auth.authenticate)
    api.before_request(auth.authorise)
    api.before_request(_conditions)
    api.after_request(call_limits.add_headers)
    pages = reference_page.docs_pages()
    for kind in _HANDLED:
        api.register_error_handler(kind, problem_for)
        pages.register_error_handler(kind, problem_for)
    for code in default_exceptions:
        # Registered by code as well: an application's handler for a code takes precedence over one for the whole class.
        api.register_error_handler(code, problem_for)
        pages.register_error_handler(code, problem_for)
    app.extensions["lantoa.api_calls"] = call_limits.CallCounter()
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.add_url_rule("/api/", "api_docs.versions", _versions, strict_slashes=False)
    app.before_request(_unrouted)


def _versions() -> ResponseReturnValue:
    """Say where the API is."""
    base = current_app.extensions["lantoa"].settings.base_url
    return jsonify({"versions": [{"version": "v1", "url": f"{base}/api/v1", "openapi": f"{base}/api/v1/openapi.json"}]})


def _unrouted() -> ResponseReturnValue | None:
    """Answer an unknown path or method under the prefix, which belongs to no blueprint."""
    if request.routing_exception is None or not request.path.startswith("/api/"):
        return None
    return problem_for(request.routing_exception)


def _conditions() -> None:
    refuse_precondition()
    view = current_app.view_functions.get(request.endpoint or "")
    refuse_unknown_query(view)
    refuse_unknown_body(view)


def _readable() -> None:
    # PostgreSQL refuses NUL in texts, so no code contains it.
    if "\x00" in request.path:
        raise NotFound
