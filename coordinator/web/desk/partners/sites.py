"""Sites of partners, and the sources (feeds, sitemaps, listings) by which new pages are discovered."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.core.contents import differences, from_attributes
from campaigns.core.errors import CampaignError
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import make_due, sync_sources
from campaigns.partners.directory import (
    SOURCE_LISTS,
    SiteContent,
    SiteKind,
    SiteStanding,
    add_site,
    change_site,
    find_company,
    find_site,
    site_version_tag,
)
from campaigns.people.staff import Permission
from campaigns.republications.attribution.template_pages import site_template
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms.content_form import ContentForm, form_of
from coordinator.web.kit.forms.field_types import EnumField, OptionalTextField, TextField
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("sites", __name__)


@dataclass(frozen=True)
class SiteOwner:
    """The partner a form belongs to."""

    code: str
    name: str


# ``version_tag``: the version that it was opened at. Without a code it is made from the host.
SiteForm = form_of(
    SiteStanding, version_tag=TextField(), kind=EnumField(SiteKind, default=SiteKind.AGGREGATOR),
    code=OptionalTextField(),
)  # fmt: skip


@blueprint.route("/<code>/sites/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Add a site; its checks begin at once."""
    context = app_context().job_context
    form = SiteForm.of_request()
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                now = context.now()
                company, content, given = find_company(session, code), form.content(SiteContent), form["code"].data
                site = add_site(session, current_actor().id, company, content, code=given, now=now)
                sync_sources(session, site, now=now)
                name = site.name
        except CampaignError as error:
            form.add_errors(error)
        else:
            app_context().runner.nudge("source_check")
            flash_done(_("Đã thêm trang %(name)s. Hệ thống xem trang này từ bây giờ.", name=name))
            return redirect(url_for("partners.page", code=code), 303)
    with context.database.read() as session:
        company = find_company(session, code)
        owner = SiteOwner(company.code, company.name)
    return render_template("desk/partners/site_form.html", form=form, owner=owner, site=None), form.status


@blueprint.route("/_sites/<site_code>", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def edit(site_code: str) -> ResponseReturnValue:
    """Change a site, or stop its checks."""
    context = app_context().job_context
    with context.database.read() as session:
        site = find_site(session, site_code)
        owner = SiteOwner(site.company.code, site.company.name)
        stored = from_attributes(SiteStanding, site)
        known: dict[str, Any] = {
            "code": site.code,
            "host": site.host,
            "name": site.name,
            "version_tag": site_version_tag(site),
        }
        known |= {"created_at": site.created_at, "came_by": site.came_by}
        survey, offers = surveys.survey_of(session, site), surveys.open_offers(session, site)
        template = site_template(session, site.id)
    form = SiteForm.of_request(stored)
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                now = context.now()
                row = find_site(session, site_code)
                change_site(
                    session, current_actor().id, row, form.content(SiteStanding), version_tag=form["version_tag"].data,
                    now=now,
                )  # fmt: skip
                sync_sources(session, row, now=now)
        except CampaignError as error:
            differs = _changed_fields(form, stored)
            # Submitted twice, nothing differs: the stored values are those of the form.
            if error.code != "site_moved" or differs:
                form.add_errors(error)
            if error.code == "site_moved":
                form.add_messages(differs)
        if not form.messages:
            app_context().runner.nudge("source_check", site_code)
            flash_done(_("Đã lưu trang %(name)s.", name=form["name"].data))
            return redirect(url_for("partners.page", code=owner.code), 303)
    page = render_template(
        "desk/partners/site_form.html",
        form=form,
        owner=owner,
        site=known,
        survey=survey,
        offers=offers,
        template=template,
    )
    return page, form.status


def _changed_fields(form: ContentForm, stored: SiteStanding) -> dict[str, str]:
    """The stored value of each field that differs from the form."""
    differing = differences(form.content(SiteStanding), stored)
    found = {}
    for name in ("name", "url", *SOURCE_LISTS):
        if name in differing:
            now = differing[name] if name in SOURCE_LISTS else [differing[name]]
            found[name] = _("Đang có: %(value)s", value=" · ".join(now) or _("không có gì"))
    if "kind" in differing:
        found["kind"] = _("Đang có: %(value)s", value=value_label("site", stored.kind))
    if "active" in differing:
        found["active-1"] = _("Đang có: được theo dõi") if stored.active else _("Đang có: ngừng theo dõi")
    if "needs_browser" in differing:
        found["needs_browser-1"] = _("Đang có: cần trình duyệt") if stored.needs_browser else _("Đang có: không cần")
    return found


@blueprint.post("/_sites/<site_code>/look")
@staff_required(Permission.CONFIGURE)
def look(site_code: str) -> ResponseReturnValue:
    """Queue a check of a site's sources."""
    context = app_context().job_context
    with context.database.write() as session:
        site = find_site(session, site_code)
        partner, name, host = site.company.code, site.name, site.host
        count = make_due(session, [site.id], now=context.now())
        if count:
            journal.record(
                session, current_actor().id, "site.looked", "site", site.code, {"sources": count}, now=context.now()
            )
    if count:
        app_context().runner.nudge("source_check", site_code)
        flash_done(_("Đang xem lại %(name)s: %(count)s nguồn. Kết quả hiện ở đây sau ít giây.", name=name, count=count))
    else:
        flash_trouble(
            _("%(host)s chưa có nguồn nào để xem: hãy khai nguồn tin, sơ đồ trang hoặc chuyên mục.", host=host)
        )
    return redirect(url_for("partners.page", code=partner, _anchor="trang"), 303)


@blueprint.post("/_sites/<site_code>/survey")
@staff_required(Permission.CONFIGURE)
def survey(site_code: str) -> ResponseReturnValue:
    """Queue a survey of a site's sources."""
    context = app_context().job_context
    with context.database.write() as session:
        surveys.request_survey(session, find_site(session, site_code), now=context.now())
    app_context().runner.nudge("source_discovery", site_code)
    return redirect(url_for("partners.sites.edit", site_code=site_code, _anchor="nguon-co-san"), 303)


@blueprint.post("/_sites/<site_code>/take")
@staff_required(Permission.CONFIGURE)
def take(site_code: str) -> ResponseReturnValue:
    """Watch the selected sources among those found."""
    context = app_context().job_context
    chosen = set(request.form.getlist("offer"))
    with context.database.write() as session:
        now = context.now()
        site = find_site(session, site_code, for_update=True)
        taken = [source for source in surveys.open_offers(session, site) if source.url in chosen]
        surveys.use_offers(session, current_actor().id, site, taken, now=now)
        name, partner = site.name, site.company.code
    if not taken:
        flash_trouble(_("Chưa chọn nguồn nào."))
        return redirect(url_for("partners.sites.edit", site_code=site_code, _anchor="nguon-co-san"), 303)
    app_context().runner.nudge("source_check", site_code)
    flash_done(_("Từ bây giờ xem thêm %(count)s nguồn của %(name)s.", count=len(taken), name=name))
    return redirect(url_for("partners.page", code=partner, _anchor="trang"), 303)
