"""Licences of partners: entered under their number, changed under the same (a renewal, a domain more)."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import SiteKind, find_company
from campaigns.partners.licences import add_licence, change_licence, find_licence
from campaigns.partners.spelling import licence_number
from campaigns.people.letterheads import issuers
from campaigns.people.staff import May
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("licences", __name__)

FIELDS = ("number", "kind", "issuer", "issued_on", "expires_on", "domains", "scope")


@blueprint.route("/<code>/licences/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Enter a licence."""
    place = front().place
    errors: dict[str, str] = {}
    with place.database.read() as session:
        company = find_company(session, code)
        owner = (company.code, company.name)
        hosts = [site.host for site in company.sites]
    if request.method == "POST":
        try:
            given = _given()
            with place.database.write() as session:
                add_licence(
                    session,
                    actor().id,
                    find_company(session, code),
                    number=licence_number(inputs.text("number")),
                    now=place.now(),
                    **given,  # type: ignore[arg-type]  # checked by name in _given
                )
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã thêm giấy phép số %(number)s.", number=licence_number(inputs.text("number"))))
            return redirect(url_for("partners.page", code=code, _anchor="giay-phep"), 303)
    values = {name: request.form.get(name, "") for name in FIELDS}
    values["kind"] = values["kind"] or SiteKind.AGGREGATOR.value
    if request.method == "GET":
        values["domains"] = "\n".join(hosts)
    return _shown(values, errors, owner, None, None)


@blueprint.route("/_licences", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def edit() -> ResponseReturnValue:
    """Change what a licence says; ``?number=`` names it, because numbers have slashes."""
    place = front().place
    number = request.args.get("number", "")
    errors: dict[str, str] = {}
    with place.database.read() as session:
        row = find_licence(session, number)
        owner = (row.company.code, row.company.name)
        values = {
            "number": row.number,
            "kind": row.kind.value,
            "issuer": row.issuer,
            "issued_on": row.issued_on.isoformat(),
            "expires_on": row.expires_on.isoformat() if row.expires_on else "",
            "domains": "\n".join(row.domains),
            "scope": "\n".join(row.scope),
        }
        came = (row.created_at, row.came_by)
    if request.method == "POST":
        try:
            given = _given()
            with place.database.write() as session:
                change_licence(session, actor().id, find_licence(session, number), now=place.now(), **given)  # type: ignore[arg-type]  # checked by name in _given
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu giấy phép số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=owner[0], _anchor="giay-phep"), 303)
        values |= {name: request.form.get(name, "") for name in FIELDS if name != "number"}
    return _shown(values, errors, owner, number, came)


def _given() -> dict[str, object]:
    """What the form says, as the domain takes it. Raises ``Invalid`` for days that are none."""
    errors: list[FieldError] = []
    kinds = {one.value: one for one in SiteKind}
    kind = kinds.get(inputs.text("kind"))
    if kind is None:
        errors.append(FieldError("kind", "required", "choose what it is a licence for"))
    issued_on = inputs.day("issued_on", errors, required=True)
    expires_on = inputs.day("expires_on", errors)
    if errors:
        raise Invalid(errors)
    return {
        "kind": kind,
        "issuer": inputs.text("issuer"),
        "issued_on": issued_on,
        "expires_on": expires_on,
        "domains": inputs.lines("domains"),
        "scope": inputs.lines("scope"),
    }


def _shown(
    values: dict[str, str],
    errors: dict[str, str],
    owner: tuple[str, str],
    number: str | None,
    came: tuple[datetime, str | None] | None,
) -> ResponseReturnValue:
    with front().place.database.read() as session:
        known = issuers(session)
    page = render_template(
        "partners/licence.html",
        values=values, errors=errors, owner=owner, number=number, came=came, kinds=SiteKind, issuers=known,
    )  # fmt: skip
    return (page, 422) if errors else page
