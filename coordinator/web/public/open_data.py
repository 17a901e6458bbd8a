"""Open data: each table as CSV, for readers with a key, or for everybody while the office has made them public."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import NotFound
from campaigns.reporting.open_data import TABLES
from coordinator.jobs.reporting import open_data
from coordinator.web.auth.security import app_context

blueprint = Blueprint("open_tables", __name__)

CACHE_SECONDS = 300  # seconds for which a shared cache may keep a public table


@blueprint.get("/open-data/<name>.csv")
def table(name: str) -> ResponseReturnValue:
    """A table, without a key or with one in ``Authorization: Bearer``."""
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer":
        return _table_response(name, None)
    return _table_response(name, authorization.token)


@blueprint.get("/open-data/<key>/<name>.csv")
def keyed(key: str, name: str) -> ResponseReturnValue:
    """The same for programs that can only be configured with an address."""
    return _table_response(name, key)


def _table_response(name: str, key: str | None) -> Response:
    context = app_context().job_context
    if name not in TABLES or not open_data.may_read(context, key):
        raise NotFound("there is no such table")  # the same message for an unknown table and a wrong key
    response = Response(open_data.stream(context, name), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store" if key is not None else f"public, max-age={CACHE_SECONDS}"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
