"""Partner pages: the list, one partner, and its form; sites, documents, editors and the register
are child blueprints.
"""

from functools import lru_cache

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.errors import CampaignError
from campaigns.core.vietnamese import sort_key
from campaigns.discovery import surveys
from campaigns.partners.directory import CompanyContent, add_company, change_company, find_company
from campaigns.partners.similar_partners import duplicate_proposals
from campaigns.people.staff import Permission
from campaigns.republications.sample_partner import sample_site
from coordinator.feeds.formats import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.core.table_imports import REGISTER_PAGES, import_blueprint
from coordinator.web.desk.partners import (
    agreement_scans,
    agreements,
    editors,
    licences,
    merge,
    partner_report,
    site_list,
    sites,
)
from coordinator.web.desk.partners.queries import PartnerFilter, list_partners, partner_view
from coordinator.web.desk.republications.labels import removal_signs_label
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms.content_form import form_of
from coordinator.web.kit.forms.field_types import OptionalTextField
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("partners", __name__, url_prefix="/desk/partners")
for child in (
    site_list.blueprint,
    sites.blueprint,
    licences.blueprint,
    agreements.blueprint,
    agreement_scans.blueprint,
    import_blueprint(REGISTER_PAGES),
    partner_report.claims_blueprint,
    editors.blueprint,
    partner_report.blueprint,
    merge.blueprint,
):
    blueprint.register_blueprint(child)

SORTS = ("name", "sites", "confirmed", "attributed", "gone", "delivered")
_by_name = lru_cache(maxsize=65_536)(sort_key)  # the same names are sorted for every reader


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show every partner; the search covers name, tax code, address and licence number, ignoring diacritics."""
    context = app_context().job_context
    with context.database.read() as session:
        lines = list_partners(session, context.now())
        bare_sites = surveys.count_lacking(session)
        site = sample_site(session)
        sample = {"code": site.company.code, "name": site.company.name} if site is not None else None
        alike = len(duplicate_proposals(session)) if current_actor().may(Permission.CONFIGURE) else 0
    counts = {
        "all": len(lines),
        "ending": sum(row.licence == "ending" for row in lines),
        "ended": sum(row.licence == "ended" for row in lines),
        "none": sum(row.licence is None for row in lines),
        "failing": sum(bool(row.failing) for row in lines),
    }
    found = requested_filter(PartnerFilter).matching(lines)
    column, descending = pagination.sort_order(SORTS, "-confirmed")
    found.sort(key=lambda row: _by_name(row.name))
    if column != "name":
        found.sort(key=lambda row: row.sites if column == "sites" else getattr(row.row, column), reverse=descending)
    elif descending:
        found.reverse()
    return render_template(
        "desk/partners/index.html",
        part=pagination.paginate(found),
        counts=counts,
        alike=alike,
        bare_sites=bare_sites,
        sample=sample,
        quarter=quarter_of(city_day(context.now())),
        filtered=len(found) != len(lines),
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


@blueprint.get("/<code>")
@staff_required()
def page(code: str) -> ResponseReturnValue:
    """Show one partner."""
    context = app_context().job_context
    with context.database.read() as session:
        view = partner_view(session, code, context.now())
        people = editors.list_editors(session, find_company(session, code), context.now())
    secret = one_time_secret.take(request.path)
    addresses = [context.addresses.feed(name, secret.text) for name in FORMATS] if secret else []
    return render_template(
        "desk/partners/show.html",
        partner=view,
        editors=people,
        secret=secret,
        addresses=addresses,
        portal=f"{context.addresses.base}{url_for('portal.enter')}",
        why=removal_signs_label,
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


# The code is left empty to be made from the name, and fixed afterwards.
CompanyForm = form_of(CompanyContent, code=OptionalTextField())


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def new() -> ResponseReturnValue:
    """Add a partner."""
    form = CompanyForm.of_request()
    if request.method == "POST":
        context = app_context().job_context
        try:
            with context.database.write() as session:
                content, given = form.content(CompanyContent), form["code"].data
                row = add_company(session, current_actor().id, content, code=given, now=context.now())
                code, name = row.code, row.name
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã thêm đối tác %(name)s. Việc tiếp theo: khai trang và giấy phép.", name=name))
            return redirect(url_for("partners.page", code=code), 303)
    return render_template("desk/partners/form.html", form=form, partner=None), form.status


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def edit(code: str) -> ResponseReturnValue:
    """Change a partner's name, tax code or contact; its code stays, because others use it."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_company(session, code)
        form, partner = CompanyForm.of_request(row), {"code": row.code, "name": row.name}
    if request.method == "POST":
        try:
            with context.database.write() as session:
                row, content = find_company(session, code), form.content(CompanyContent)
                change_company(session, current_actor().id, row, content, now=context.now())
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lưu."))
            return redirect(url_for("partners.page", code=code), 303)
    return render_template("desk/partners/form.html", form=form, partner=partner), form.status
