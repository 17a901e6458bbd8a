"""Sites of partners: where bulletins are republished, and the lists their new pages are found in."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.partners.directory import SiteKind, add_site, change_site, find_company, find_site, seal_of_site
from campaigns.people.staff import May
from campaigns.tracking import surveys
from campaigns.tracking.watching import SourceKind, look_now, watch
from coordinator.web.desk import inputs
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.wording import name_for

blueprint = Blueprint("sites", __name__)

LISTS = ("feeds", "sitemaps", "listings", "searches")


@dataclass(frozen=True)
class Owner:
    """The partner a form belongs to."""

    code: str
    name: str


@blueprint.route("/<code>/sites/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new(code: str) -> ResponseReturnValue:
    """Register a site; it is looked at from now on."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                now = place.now()
                site = add_site(
                    session,
                    actor().id,
                    find_company(session, code),
                    code=inputs.optional("code"),
                    name=inputs.text("name"),
                    url=inputs.text("url"),
                    kind=_kind(),
                    now=now,
                    **_lists(),
                )
                watch(session, site, now=now)
                name = site.name
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            front().runner.nudge("look")
            say_done(_("Đã thêm trang %(name)s. Hệ thống xem trang này từ bây giờ.", name=name))
            return redirect(url_for("partners.page", code=code), 303)
    with place.database.read() as session:
        company = find_company(session, code)
        owner = Owner(company.code, company.name)
    values = {name: request.form.get(name, "") for name in ("code", "name", "url", *LISTS)}
    values["kind"] = request.form.get("kind", SiteKind.AGGREGATOR.value)
    shown = render_template("partners/site.html", values=values, errors=errors, owner=owner, site=None, kinds=SiteKind)
    return (shown, 422) if errors else shown


@blueprint.route("/_sites/<site_code>", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def edit(site_code: str) -> ResponseReturnValue:
    """Change a site, or stop looking at it."""
    place = front().place
    errors: dict[str, str] = {}
    with place.database.read() as session:
        site = find_site(session, site_code)
        owner = Owner(site.company.code, site.company.name)
        stored: dict[str, Any] = {
            "name": site.name,
            "url": site.url,
            "kind": site.kind.value,
            "active": site.active,
            **{name: "\n".join(getattr(site, name)) for name in LISTS},
        }
        known: dict[str, Any] = {"code": site.code, "host": site.host, "name": site.name, "seal": seal_of_site(site)}
        known |= {"created_at": site.created_at, "came_by": site.came_by}
        survey, offers = surveys.survey_of(session, site), surveys.offers(session, site)
    if request.method == "POST":
        try:
            with place.database.write() as session:
                now = place.now()
                row = find_site(session, site_code)
                active = "active" in request.form
                change_site(
                    session,
                    actor().id,
                    row,
                    name=inputs.text("name"),
                    url=inputs.text("url"),
                    kind=_kind(),
                    active=active,
                    seal=inputs.text("seal"),
                    now=now,
                    **_lists(),
                )
                watch(session, row, now=now)
        except CampaignError as error:
            errors = inputs.said(error)
            if error.code == "site_moved":
                # Pressed twice, nothing differs: what was asked for is what stands.
                errors = errors | differs if (differs := _differing(stored)) else {}
        if not errors:
            front().runner.nudge("look", site_code)
            say_done(_("Đã lưu trang %(name)s.", name=inputs.text("name")))
            return redirect(url_for("partners.page", code=owner.code), 303)
        stored |= {name: request.form.get(name, "") for name in ("name", "url", "kind", *LISTS)}
        stored["active"] = "active" in request.form
    shown = render_template(
        "partners/site.html",
        values=stored,
        errors=errors,
        owner=owner,
        site=known,
        kinds=SiteKind,
        survey=survey,
        offers=offers,
    )
    return (shown, 422) if errors else shown


def _differing(stored: dict[str, Any]) -> dict[str, str]:
    """For each field of the form that says something else than what is stored, what is stored."""
    found = {}
    for name in ("name", "url", *LISTS):
        typed = inputs.lines(name) if name in LISTS else [inputs.text(name)]
        now = stored[name].splitlines()
        if typed != now:
            found[name] = _("Đang có: %(value)s", value=" · ".join(now) or _("không có gì"))
    if inputs.text("kind") != stored["kind"]:
        found["kind"] = _("Đang có: %(value)s", value=name_for("site", stored["kind"], language()))
    if ("active" in request.form) != stored["active"]:
        found["active-1"] = _("Đang có: được theo dõi") if stored["active"] else _("Đang có: thôi theo dõi")
    return found


@blueprint.post("/_sites/<site_code>/look")
@staff(May.CONFIGURE)
def look(site_code: str) -> ResponseReturnValue:
    """Look at a site's lists again now, without waiting for their turn."""
    place = front().place
    with place.database.write() as session:
        site = find_site(session, site_code)
        partner, name, host = site.company.code, site.name, site.host
        count = look_now(session, [site.id], now=place.now())
        if count:
            journal.record(session, actor().id, "site.looked", "site", site.code, {"sources": count}, now=place.now())
    if count:
        front().runner.nudge("look", site_code)
        say_done(_("Đang xem lại %(name)s: %(count)s nguồn. Kết quả hiện ở đây sau ít giây.", name=name, count=count))
    else:
        say_trouble(_("%(host)s chưa có nguồn nào để xem: hãy khai nguồn tin, sơ đồ trang hoặc chuyên mục.", host=host))
    return redirect(url_for("partners.page", code=partner, _anchor="trang"), 303)


@blueprint.post("/_sites/<site_code>/survey")
@staff(May.CONFIGURE)
def survey(site_code: str) -> ResponseReturnValue:
    """Look for the sources that a site has."""
    place = front().place
    with place.database.write() as session:
        surveys.ask(session, find_site(session, site_code), now=place.now())
    front().runner.nudge("survey", site_code)
    return redirect(url_for("partners.sites.edit", site_code=site_code, _anchor="nguon-co-san"), 303)


@blueprint.post("/_sites/<site_code>/take")
@staff(May.CONFIGURE)
def take(site_code: str) -> ResponseReturnValue:
    """Watch the offered sources that were chosen."""
    place = front().place
    chosen = set(request.form.getlist("offer"))
    with place.database.write() as session:
        now = place.now()
        site = find_site(session, site_code, for_update=True)
        lists = {_LIST_OF[kind]: list(getattr(site, _LIST_OF[kind])) for kind in SourceKind}
        taken = [one for one in surveys.offers(session, site) if one.url in chosen]
        for one in taken:
            lists[_LIST_OF[SourceKind(one.kind)]].append(one.url)
        if taken:
            change_site(
                session,
                actor().id,
                site,
                feeds=lists["feeds"],
                sitemaps=lists["sitemaps"],
                listings=lists["listings"],
                searches=lists["searches"],
                now=now,
            )
            watch(session, site, now=now)
        name, partner = site.name, site.company.code
    if not taken:
        say_trouble(_("Chưa chọn nguồn nào."))
        return redirect(url_for("partners.sites.edit", site_code=site_code, _anchor="nguon-co-san"), 303)
    front().runner.nudge("look", site_code)
    say_done(_("Từ bây giờ xem thêm %(count)s nguồn của %(name)s.", count=len(taken), name=name))
    return redirect(url_for("partners.page", code=partner, _anchor="trang"), 303)


_LIST_OF = {
    SourceKind.FEED: "feeds",
    SourceKind.SITEMAP: "sitemaps",
    SourceKind.LISTING: "listings",
    SourceKind.SEARCH: "searches",
}


def _lists() -> dict[str, list[str]]:
    return {name: inputs.lines(name) for name in LISTS}


def _kind() -> SiteKind:
    chosen = inputs.text("kind")
    known = {one.value: one for one in SiteKind}
    if chosen not in known:
        raise Invalid([FieldError("kind", "required", f"{chosen!r} is none of {', '.join(known)}")])
    return known[chosen]
