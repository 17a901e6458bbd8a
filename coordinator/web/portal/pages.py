"""The portal's pages: sign-in, the company's sites and copies, its answers, and the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.errors import CampaignError, NotFound
from campaigns.reporting.partner_claims import claim_counts, latest_claims
from campaigns.reporting.table_reports.obligations import Obligation, ObligationKind, obligations_of
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.review import partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.security_headers import policy_with_media
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.correction_labels import answer_kind_name
from coordinator.web.portal import (  # fmt: skip
    bulletins,
    bulletins_to_carry,
    feeds,
    findings,
    manual,
    notices,
    overview,
    page_reports,
    partner_report,
    questions,
    republications,
    sign_in,
    webhook,
)
from coordinator.web.portal.republications import OwnCopyFilter
from coordinator.web.portal.sign_in import current_visitor, partner_required


def waiting_obligations() -> list[Obligation]:
    """Return what the present visitor has to do; nothing before sign-in. Read once a request."""
    if "visitor" not in g:
        return []
    if "portal_obligations" not in g:
        context = app_context().job_context
        with context.database.read() as session:
            g.portal_obligations = obligations_of(session, current_visitor().company_id, now=context.now())
    found: list[Obligation] = g.portal_obligations
    return found


# The navigation of the portal: five tabs, each with its pages. A feature of the portal adds one line here.


@dataclass(frozen=True)
class PortalPage:
    """A page of a tab, by endpoint; ``below``: beginnings of the endpoints that belong to it. ``waits``: the number of
    items that wait for this partner there."""

    endpoint: str
    words: str
    below: tuple[str, ...] = ()
    waits: int = 0
    here: bool = False


@dataclass(frozen=True)
class PortalTab:
    """A tab: ``short`` stands at the bottom of phones; ``here``: the present page is one of its pages."""

    words: str
    short: str
    icon: str
    pages: tuple[PortalPage, ...]
    here: bool = False

    @property
    def waits(self) -> int:
        """The number of items that wait on all of its pages."""
        return sum(page.waits for page in self.pages)


def navigation_tabs() -> list[PortalTab]:
    """Return the tabs in order, with their pages and what waits there."""
    count = dict.fromkeys(ObligationKind, 0)
    for obligation in waiting_obligations():
        count[obligation.what] += obligation.count
    stale = count[ObligationKind.RECALLED] + count[ObligationKind.OLD_TEXT]
    unread = count[ObligationKind.CONFIRM] + count[ObligationKind.READ]
    tabs = (
        PortalTab(_("Bản tin để đăng"), _("Để đăng"), "doc", (
            PortalPage("portal.home", _("Mới nhất")),
            PortalPage("portal.bulletins.index", _("Mọi bản tin"), ("portal.bulletins.",)),
        )),
        PortalTab(_("Bài của đơn vị"), _("Bài"), "spread", (
            PortalPage("portal.copies", _("Bài đăng lại"), ("portal.copy", "portal.answer")),
            PortalPage("portal.reporting.new", _("Báo bài đã đăng"), ("portal.reporting.",)),
            PortalPage("portal.claims", _("Bài đã báo")),
            PortalPage("portal.quarter", _("Quý này")),
            PortalPage("portal.results.show", _("Kết quả theo kỳ")),
        )),
        PortalTab(_("Việc cần làm"), _("Việc"), "todo", (
            PortalPage("portal.tasks", _("Tất cả việc")),
            PortalPage("portal.removals", _("Phải gỡ hoặc thay"), (), stale),
            PortalPage("portal.notices.index", _("Thông báo"), ("portal.notices.",), unread),
            PortalPage("portal.findings.index", _("Điều Sở hỏi"), ("portal.findings.",), count[ObligationKind.FINDING]),
        )),
        PortalTab(_("Nguồn tin và kết nối"), _("Kết nối"), "plug", (
            PortalPage("portal.feeds.index", _("Nguồn tin và khóa"), ("portal.feeds.",)),
            PortalPage("portal.push.index", _("Webhook"), ("portal.push.",)),
        )),
        PortalTab(_("Hỏi Sở"), _("Hỏi Sở"), "talk", (
            PortalPage("portal.questions.index", _("Câu hỏi của đơn vị"), ("portal.questions.",)),
        )),
    )  # fmt: skip
    return [_marked(tab, request.endpoint or "") for tab in tabs]


def _marked(tab: PortalTab, endpoint: str) -> PortalTab:
    """Return a tab whose pages know whether the present one is theirs."""
    pages = tuple(
        replace(page, here=endpoint == page.endpoint or endpoint.startswith(page.below)) for page in tab.pages
    )
    return replace(tab, pages=pages, here=any(page.here for page in pages))


blueprint = Blueprint("portal", __name__, url_prefix=sign_in.PORTAL_PATH)
for child in (sign_in, bulletins, page_reports, feeds, webhook, notices, questions, findings, partner_report, manual):
    blueprint.register_blueprint(child.blueprint)


@blueprint.context_processor
def navigation() -> dict[str, Any]:
    """Return the values of the portal's layout."""
    return {"portal_tabs": navigation_tabs}


@blueprint.route("/enter", methods=["GET", "POST"])
def enter() -> ResponseReturnValue:
    """Sign in with a partner's key in a form, never in an address. The error does not say which part of the key was
    wrong.
    """
    if request.method == "GET":
        return render_template("portal/sign_in.html", errors={})
    if not sign_in.begin_key_visit(request.form.get("key", "")):
        errors = {"key": _("Khóa này không dùng được: sai, đã hết hạn, hoặc không phải khóa của đối tác.")}
        return render_template("portal/sign_in.html", errors=errors), 422
    return redirect(sign_in.address_after_sign_in(), 303)


@blueprint.post("/leave")
@partner_required
def leave() -> ResponseReturnValue:
    """Sign out."""
    sign_in.end_visit()
    flash_done(_("Đã rời cổng đối tác."))
    return redirect(url_for("portal.enter"), 303)


@blueprint.get("")
@partner_required
def home() -> ResponseReturnValue:
    """Show the newest day's bulletins with the keys that copy them, and what has to be replaced."""
    visitor, context = current_visitor(), app_context().job_context
    now, ident = context.now(), visitor.company_id
    today = city_day(now)
    with context.database.read() as session:
        audience = bulletins.partner_audience(context, session, ident)
        carried = bulletins_to_carry.day_to_carry(context, session, ident, audience, now=now)
        days = republications.counted_days(session, ident)
        review = sum(site.review for site in republications.site_rows(session, ident))
        period = quarter_of(days[1] if days is not None else today)
        page = render_template(
            "portal/home.html",
            visitor=visitor,
            carried=carried,
            day_name=bulletins_to_carry.day_name(carried.day, today) if carried.day is not None else "",
            is_today=carried.day == today,
            behind=republications.outdated_copies(session, ident, now=now),
            figures=bulletins_to_carry.quarter_figures(session, ident, period, review),
            papers=bulletins_to_carry.papers(session, ident, today),
            sites=republications.site_rows(session, ident),
        )
    pictures = [row.item.preview.url for row in carried.rows if row.item.preview is not None]
    return page, 200, {"Content-Security-Policy": policy_with_media(pictures)}


@blueprint.get("/tasks")
@partner_required
def tasks() -> ResponseReturnValue:
    """Show all obligations, the most urgent first, and the copies that should be corrected."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        return render_template(
            "portal/tasks.html",
            visitor=visitor,
            owed=overview.obligation_rows(session, visitor.company_id, now=context.now()),
            behind=republications.outdated_copies(session, visitor.company_id, now=context.now()),
            mend=republications.copy_rows(session, visitor.company_id, OwnCopyFilter(mend=True), 1, now=context.now()),
        )


@blueprint.get("/quarter")
@partner_required
def quarter() -> ResponseReturnValue:
    """Show this quarter's figures beside the last one's, what would improve them, and the state of each site."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        return render_template(
            "portal/quarter.html",
            visitor=visitor,
            sites=republications.site_rows(session, visitor.company_id),
            claims=claim_counts(session, visitor.company_id),
            mend=republications.copy_rows(session, visitor.company_id, OwnCopyFilter(mend=True), 1, now=context.now()),
            quarters=overview.quarter_scores(session, visitor.company_id, now=context.now()),
        )


@blueprint.get("/copies")
@partner_required
def copies() -> ResponseReturnValue:
    """Show the company's copies, by status or only those to correct."""
    visitor, context, wanted = current_visitor(), app_context().job_context, requested_filter(OwnCopyFilter)
    with context.database.read() as session:
        part = republications.copy_rows(session, visitor.company_id, wanted, page_number(), now=context.now())
    statuses = [
        RepublicationStatus.CONFIRMED,
        RepublicationStatus.REVIEW,
        RepublicationStatus.CANDIDATE,
        RepublicationStatus.REJECTED,
        RepublicationStatus.DUPLICATE,
    ]
    return render_template("portal/republications.html", visitor=visitor, part=part, wanted=wanted, statuses=statuses)


@blueprint.get("/copies/<ident>")
@partner_required
def copy(ident: str) -> ResponseReturnValue:
    """Show one copy: its state, requested corrections, answers."""
    return _render_copy(ident)


def _render_copy(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        view = republications.copy_view(context, session, visitor.company_id, ident)
    typed = {name: fields.text(name) for name in ("finding", "text", "answer")}
    page = render_template(
        "portal/republication.html",
        visitor=visitor,
        copy=view,
        errors=errors or {},
        typed=typed,
        longest=partner_answers.LONGEST_ANSWER,
    )
    return page, status


@blueprint.post("/copies/<ident>/answer")
@partner_required
def answer(ident: str) -> ResponseReturnValue:
    """Answer a requested correction: done, disputed, or an explanation."""
    visitor, context = current_visitor(), app_context().job_context
    answer_kind = {answer_kind.value: answer_kind for answer_kind in PartnerAnswerKind}.get(fields.text("answer"))
    if answer_kind is None:
        return _render_copy(ident, {"text": _("Chọn một câu trả lời")}, 422)
    try:
        with context.database.write() as session:
            row = republications.find_own_copy(session, visitor.company_id, ident, now=context.now())
            partner_answers.record_answer(
                session, visitor.actor, row, answer_kind, fields.text("text"), fields.text("finding"), now=context.now()
            )
    except NotFound:
        raise
    except CampaignError as error:
        messages = fields.error_messages(error)
        return _render_copy(ident, {"text": next(iter(messages.values()))}, 422)
    if answer_kind is PartnerAnswerKind.MENDED:
        app_context().runner.nudge("page_check")
        flash_done(_("Đã ghi nhận. Máy xem lại trang ngay; kết quả hiện ở đây sau ít phút."))
    else:
        flash_done(_("Đã gửi: %(answer)s. Cán bộ của Sở sẽ xem.", answer=answer_kind_name(answer_kind).lower()))
    return redirect(url_for("portal.copy", ident=ident), 303)


@blueprint.get("/removals")
@partner_required
def removals() -> ResponseReturnValue:
    """Show recalled or corrected texts that are still on the company's pages."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        found = republications.outdated_copies(session, visitor.company_id, now=context.now())
    return render_template("portal/removals.html", visitor=visitor, behind=found)


@blueprint.get("/claims")
@partner_required
def claims() -> ResponseReturnValue:
    """Show what the company reported with its keys, and the results."""
    visitor = current_visitor()
    with app_context().job_context.database.read() as session:
        made = claim_counts(session, visitor.company_id)
        latest = latest_claims(session, visitor.company_id)
    return render_template("portal/claims.html", visitor=visitor, made=made, latest=latest)
