"""Licences of partners: added under a number, changed under the same (a renewal, one more domain)."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.partners.directory import SiteKind, find_company
from campaigns.partners.licences import LicenceContent, LicenceStanding, add_licence, change_licence, find_licence
from campaigns.partners.normalisation import licence_number
from campaigns.people.office import issuers
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms.content_form import ContentForm, form_of
from coordinator.web.kit.forms.field_types import EnumField, TextField
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("licences", __name__)


# The number is fixed once it is added.
LicenceForm = form_of(
    LicenceStanding, number=TextField(required=True), kind=EnumField(SiteKind, default=SiteKind.AGGREGATOR)
)


@blueprint.route("/<code>/licences/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Add a licence."""
    context = app_context().job_context
    with context.database.read() as session:
        company = find_company(session, code)
        owner = (company.code, company.name)
        form = LicenceForm.of_request({"domains": [site.host for site in company.sites]})
    if request.method == "POST" and form.validate():
        number = licence_number(form["number"].data)
        try:
            with context.database.write() as session:
                company, content = find_company(session, code), form.content(LicenceContent)
                add_licence(session, current_actor().id, company, number, content, now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã thêm giấy phép số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=code, _anchor="giay-phep"), 303)
    return _render_form(form, owner, None, None)


@blueprint.route("/_licences", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def edit() -> ResponseReturnValue:
    """Change a licence; ``?number=`` names it, because numbers have slashes."""
    context = app_context().job_context
    number = request.args.get("number", "")
    with context.database.read() as session:
        row = find_licence(session, number)
        owner = (row.company.code, row.company.name)
        form = LicenceForm.of_request(row)
        came = (row.created_at, row.came_by)
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                row, content = find_licence(session, number), form.content(LicenceStanding)
                change_licence(session, current_actor().id, row, content, now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu giấy phép số %(number)s.", number=number))
            return redirect(url_for("partners.page", code=owner[0], _anchor="giay-phep"), 303)
    return _render_form(form, owner, number, came)


def _render_form(
    form: ContentForm, owner: tuple[str, str], number: str | None, came: tuple[datetime, str | None] | None
) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        known = issuers(session)
    page = render_template(
        "desk/partners/licence_form.html", form=form, owner=owner, number=number, came=came, issuers=known
    )
    return page, form.status
