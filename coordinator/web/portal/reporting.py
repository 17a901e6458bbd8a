"""Reporting a copy: an address is pasted, its page is read at once by the usual job, and the verdict is told."""

import contextlib
import ipaddress
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Invalid
from campaigns.partners.directory import Company
from campaigns.publishing import release
from campaigns.tracking import reported
from campaigns.tracking.reported import find_report, look_again, report_page
from coordinator.web.desk import inputs
from coordinator.web.look import say_done, say_trouble
from coordinator.web.portal import bulletin_rows, report_rows
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front

blueprint = Blueprint("reporting", __name__, url_prefix="/report")

OFFERED = 50  # of the newest bulletins, to choose from; older ones are recognised or typed


@blueprint.route("", methods=["GET", "POST"])
@partner
def new() -> ResponseReturnValue:
    """Take an address; the page that follows shows what is found there."""
    who, place = visitor(), front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                made = report_page(
                    session, who.actor, who.company_id, inputs.text("url"), inputs.text("bulletin"), now=place.now()
                )
                ident, asked = made.row.public, made.asked
        except CampaignError as error:
            errors = inputs.said(error)
            if isinstance(error, Invalid) and any(one.code == "not_your_site" for one in error.errors):
                errors["url"] = _not_yours(inputs.text("url"))
        else:
            if asked:
                front().runner.nudge("check")
            return redirect(url_for("portal.reporting.show", ident=ident), 303)
    with place.database.read() as session:
        sites = [(one.name, one.url) for one in session.get_one(Company, who.company_id).sites]
        offered = _offered(session)
        latest = report_rows.lines(place, session, who.company_id)
    given = request.form if request.method == "POST" else request.args
    values = {name: given.get(name, "")[: reported.LONGEST] for name in ("url", "bulletin")}
    shown = render_template(
        "portal/report.html", who=who, errors=errors, values=values, sites=sites, offered=offered, latest=latest
    )
    return (shown, 422) if errors else shown


@blueprint.get("/<ident>")
@partner
def show(ident: str) -> ResponseReturnValue:
    """The verdict, or that it is on its way: the page asks again by itself, and has a link for who has no script."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        one = report_rows.shown(place, session, who.company_id, ident)
    return render_template("portal/reported.html", who=who, one=one)


@blueprint.post("/<ident>/again")
@partner
def again(ident: str) -> ResponseReturnValue:
    """Have the page read once more, after something was put right there."""
    who, place = visitor(), front().place
    with place.database.write() as session:
        asked = look_again(session, find_report(session, who.company_id, ident), now=place.now())
    if asked:
        front().runner.nudge("check")
        say_done(_("Máy đang xem lại trang."))
    else:
        say_trouble(_("Máy vừa xem trang này chưa đầy một phút trước; kết quả dưới đây còn mới."))
    return redirect(url_for("portal.reporting.show", ident=ident), 303)


def _offered(session: Session) -> list[tuple[str, str]]:
    place = front().place
    who = bulletin_rows.audience(place, session, visitor().company_id)
    newest = release.newest(session, who, limit=OFFERED, with_recalled=False, now=place.now())
    return [(one.bulletin.code, f"{one.bulletin.code} – {one.revision.title}") for one in newest]


def _not_yours(url: str) -> str:
    """Where an address lies that is on none of the partner's sites, as far as that is nobody's secret."""
    host = ""
    with contextlib.suppress(ValueError):
        host = (urlsplit(url).hostname or "").lower()
    if not host or not url.startswith(("http://", "https://")):
        return str(_("Nhập địa chỉ đầy đủ của bài, bắt đầu bằng http:// hoặc https://"))
    inner = host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
    with contextlib.suppress(ValueError):
        inner = inner or not ipaddress.ip_address(host).is_global
    if inner:
        return str(_("Đây là địa chỉ nội bộ, người đọc bên ngoài không mở được. Mời báo địa chỉ công khai của bài."))
    return str(
        _("%(host)s không phải trang của bạn trong danh bạ của Sở. Trang mới thì báo người liên hệ ở Sở.", host=host)
    )
