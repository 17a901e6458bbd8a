"""Partners: the list, one partner's page, and its own data; sites, papers, keys and the register are its children."""

from functools import lru_cache

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import add_company, change_company, find_company
from campaigns.partners.duplicates import proposals
from campaigns.people.staff import May
from coordinator.feeds.formats import FORMATS
from coordinator.web.desk import (
    agreements,
    claims,
    editors,
    inputs,
    licences,
    listing,
    merging,
    once,
    partner_report,
    register_import,
    scans,
    sites,
)
from coordinator.web.desk.life_words import why_words
from coordinator.web.desk.partner_rows import partner_lines, partner_page
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("partners", __name__, url_prefix="/desk/partners")
for child in (sites, licences, agreements, scans, register_import, claims, editors, partner_report, merging):
    blueprint.register_blueprint(child.blueprint)

SORTS = ("name", "sites", "confirmed", "attributed", "gone", "delivered")
_by_name = lru_cache(maxsize=65_536)(fold)  # the same names are put in order again for every reader
STANDINGS = ("valid", "ending", "ended", "none")


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """Every partner, found by name, tax code, address or licence number, with or without accents."""
    place = front().place
    with place.database.read() as session:
        lines = partner_lines(session, place.now())
        alike = len(proposals(session)) if actor().may(May.CONFIGURE) else 0
    counts = {
        "all": len(lines),
        "ending": sum(one.licence == "ending" for one in lines),
        "ended": sum(one.licence == "ended" for one in lines),
        "none": sum(one.licence is None for one in lines),
        "failing": sum(bool(one.failing) for one in lines),
    }
    wanted = fold(request.args.get("q", "").strip())
    standing = request.args.get("licence", "")
    found = [
        one
        for one in lines
        if (not wanted or wanted in one.words)
        and (standing not in STANDINGS or (one.licence or "none") == standing)
        and (request.args.get("failing") != "1" or one.failing)
    ]
    column, descending = listing.order(SORTS, "-confirmed")
    found.sort(key=lambda one: _by_name(one.name))
    if column != "name":
        found.sort(key=lambda one: one.sites if column == "sites" else getattr(one.row, column), reverse=descending)
    elif descending:
        found.reverse()
    return render_template(
        "partners/index.html",
        part=listing.cut(found),
        counts=counts,
        alike=alike,
        filtered=len(found) != len(lines),
        may_configure=actor().may(May.CONFIGURE),
    )


@blueprint.get("/<code>")
@staff()
def page(code: str) -> ResponseReturnValue:
    """One partner."""
    place = front().place
    with place.database.read() as session:
        told = partner_page(session, code, place.now())
        people = editors.editor_lines(session, find_company(session, code), place.now())
    secret = once.take(request.path)
    addresses = [place.addresses.feed(name, secret.text) for name in FORMATS] if secret else []
    return render_template(
        "partners/page.html",
        told=told,
        editors=people,
        secret=secret,
        addresses=addresses,
        portal=f"{place.addresses.base}{url_for('portal.enter')}",
        why=why_words,
        may_configure=actor().may(May.CONFIGURE),
    )


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new() -> ResponseReturnValue:
    """Add a partner."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        place = front().place
        try:
            with place.database.write() as session:
                row = add_company(
                    session,
                    actor().id,
                    code=inputs.optional("code"),
                    name=inputs.text("name"),
                    tax_code=inputs.optional("tax_code"),
                    contact=inputs.text("contact"),
                    now=place.now(),
                )
                code, name = row.code, row.name
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã thêm đối tác %(name)s. Việc tiếp theo: khai trang và giấy phép.", name=name))
            return redirect(url_for("partners.page", code=code), 303)
    values = {name: request.form.get(name, "") for name in ("code", "name", "tax_code", "contact")}
    shown = render_template("partners/form.html", values=values, errors=errors, partner=None)
    return (shown, 422) if errors else shown


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def edit(code: str) -> ResponseReturnValue:
    """Change a partner's name, tax code or contact; its code stays, because others use it."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                row = find_company(session, code)
                change_company(
                    session,
                    actor().id,
                    row,
                    name=inputs.text("name"),
                    tax_code=inputs.text("tax_code"),
                    contact=inputs.text("contact"),
                    now=place.now(),
                )
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu."))
            return redirect(url_for("partners.page", code=code), 303)
    with place.database.read() as session:
        row = find_company(session, code)
        partner = {"code": row.code, "name": row.name, "tax_code": row.tax_code or "", "contact": row.contact}
    values = {name: request.form.get(name, partner[name]) for name in ("name", "tax_code", "contact")}
    shown = render_template("partners/form.html", values=values, errors=errors, partner=partner)
    return (shown, 422) if errors else shown
