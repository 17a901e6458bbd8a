"""A front page that was kept when a site was looked at, shown as ``kept`` shows the pages of copies: without rights."""

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from campaigns.compliance.inspections import KeptFront
from coordinator.web.desk.kept import AROUND, inert
from coordinator.web.desk.stored import body_of, to_be_saved
from coordinator.web.headers import INERT
from coordinator.web.security import front, staff

blueprint = Blueprint("kept", __name__, url_prefix="/_pages")


def _kept(public: str) -> KeptFront:
    """The page with this name, or 404."""
    with front().place.database.read() as session:
        row = session.execute(sa.select(KeptFront).where(KeptFront.public == public)).scalar_one_or_none()
        if row is None:
            abort(404)
        assert row.site.id  # noqa: S101  # read while the session is open
        return row


@blueprint.get("/<public>")
@staff()
def viewer(public: str) -> ResponseReturnValue:
    """A kept page in its box, with where and when it was fetched."""
    page = render_template("compliance/kept.html", one=_kept(public))
    return page, {"Content-Security-Policy": AROUND}


@blueprint.get("/<public>.html")
@staff()
def box(public: str) -> ResponseReturnValue:
    """What the box shows."""
    one = _kept(public)
    page = inert(body_of(one.body_key), one.content_type)
    return Response(page, content_type="text/html; charset=utf-8", headers=INERT)


@blueprint.get("/<public>.txt")
@staff()
def source(public: str) -> ResponseReturnValue:
    """A kept page as it came, byte for byte, so that its hash can be checked; as letters, never as a page."""
    return to_be_saved(body_of(_kept(public).body_key), "text/plain; charset=utf-8", f"{public}.txt")
