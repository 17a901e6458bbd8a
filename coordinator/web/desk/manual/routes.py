"""The manual on the desk: contents with search, one guide a page, all guides of a language on one page for printing."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from coordinator.translation import language
from coordinator.web.auth.security import staff_required
from coordinator.web.manual import guides, search

blueprint = Blueprint("manual", __name__, url_prefix="/desk/help")


def address(name: str) -> str | None:
    """Return the address of a guide, or of a picture, on the desk."""
    path, _hash, anchor = name.partition("#")
    if path.startswith("screens/"):
        return url_for("manual.screen", name=path.removeprefix("screens/"))
    if path == guides.CONTENTS[language()]:
        return url_for("manual.index")
    return url_for("manual.page", name=path, _anchor=anchor or None)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """The contents in the reader's language; with ``q`` the sections that have its words."""
    q = request.args.get("q", "").strip()[: search.LONGEST_QUERY]
    hits = search.find(guides.guides(language()), q) if q else ()
    return render_template(
        "desk/manual/index.html",
        q=q,
        hits=hits,
        address=address,
        text=guides.html(guides.contents(language()), address),
    )


@blueprint.get("/all")
@staff_required()
def everything() -> ResponseReturnValue:
    """Every guide of the reader's language on one page."""
    shown = [found for found in guides.guides(language()) if found.name.startswith(("vi/", "tutorial/", "how-to/"))]
    names = {found.name for found in shown}

    def on_this_page(name: str) -> str | None:
        path, _hash, anchor = name.partition("#")
        return f"#{_part_id(path)}{f'--{anchor}' if anchor else ''}" if path in names else address(name)

    parts = [
        (
            _part_id(found.name),
            found.title,
            guides.html(found, on_this_page, level=1, prefix=f"{_part_id(found.name)}--"),
        )
        for found in shown
    ]
    return render_template("desk/manual/everything.html", parts=parts)


@blueprint.get("/screens/<name>")
@staff_required()
def screen(name: str) -> ResponseReturnValue:
    """A picture of the guides."""
    path = guides.picture(name)
    if path is None:
        abort(404)
    return Response(path.read_bytes(), mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})


@blueprint.get("/<path:name>")
@staff_required()
def page(name: str) -> ResponseReturnValue:
    """One guide."""
    if name == guides.CONTENTS[language()]:
        return redirect(url_for("manual.index"))
    shown = guides.guide(name)
    if shown is None:
        abort(404)
    return render_template(
        "desk/manual/page.html", guide=shown, text=guides.html(shown, address), other=shown.other, address=address
    )


def _part_id(name: str) -> str:
    return name.replace("/", "-")
