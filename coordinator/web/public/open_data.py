"""Open data outside: each table as CSV, for who has a key, or for everybody while the office has opened them."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import NotFound
from campaigns.reporting.open_tables import TABLES
from coordinator.jobs import opening
from coordinator.web.security import front

blueprint = Blueprint("open_tables", __name__)

KEPT = 300  # seconds that a cache outside may keep a table that anybody may read


@blueprint.get("/open-data/<name>.csv")
def table(name: str) -> ResponseReturnValue:
    """A table, without a key or with one in ``Authorization: Bearer``."""
    given = request.authorization
    return _answer(name, given.token if given is not None and given.type == "bearer" else None)


@blueprint.get("/open-data/<key>/<name>.csv")
def keyed(key: str, name: str) -> ResponseReturnValue:
    """The same for programs that can only be given an address."""
    return _answer(name, key)


def _answer(name: str, key: str | None) -> Response:
    place = front().place
    if name not in TABLES or not opening.may_read(place, key):
        raise NotFound("there is no such table")  # in the same words, whichever of the two is not so
    answer = Response(opening.stream(place, name), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "private, no-store" if key is not None else f"public, max-age={KEPT}"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
