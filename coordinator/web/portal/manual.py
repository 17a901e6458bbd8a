"""The guides for partners' editors and technicians, with search, in the portal."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from coordinator.translation import language
from coordinator.web.manual import guides, search
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("manual", __name__, url_prefix="/help")

SHOWN = {
    "vi": ("vi/lam-viec-trong-cong", "vi/phan-mem-lay-tin", "vi/vao-cong-bang-khoa"),
    "en": ("how-to/work-in-the-portal", "reference/webhooks", "how-to/let-a-partner-answer"),
}  # the guides that partners may read; links to others are shown as words


def address(name: str) -> str | None:
    """Return the address of a guide in the portal; None for a guide that partners do not read."""
    path, _hash, anchor = name.partition("#")
    if path.startswith("screens/"):
        return url_for("portal.manual.screen", name=path.removeprefix("screens/"))
    if not any(path in names for names in SHOWN.values()):
        return None
    return url_for("portal.manual.page", name=path, _anchor=anchor or None)


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """The guides in the visitor's language; with ``q`` the sections that have its words."""
    q = request.args.get("q", "").strip()[: search.LONGEST_QUERY]
    shown = [found for name in SHOWN[language()] if (found := guides.guide(name)) is not None]
    hits = search.find(shown, q) if q else ()
    return render_template(
        "portal/manual.html", visitor=current_visitor(), q=q, hits=hits, shown=shown, address=address
    )


@blueprint.get("/screens/<name>")
@partner_required
def screen(name: str) -> ResponseReturnValue:
    """A picture of the guides."""
    path = guides.picture(name) if name == "portal.png" else None
    if path is None:
        abort(404)
    return Response(path.read_bytes(), mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})


@blueprint.get("/<path:name>")
@partner_required
def page(name: str) -> ResponseReturnValue:
    """One guide."""
    shown = guides.guide(name) if address(name) is not None else None
    if shown is None:
        abort(404)
    return render_template(
        "portal/manual_page.html",
        visitor=current_visitor(),
        guide=shown,
        text=guides.html(shown, address),
        address=address,
    )
