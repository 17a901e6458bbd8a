"""The portal's pages: sign-in, the company's sites and copies, its answers, and the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.compliance import finding_workflow
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, NotFound
from campaigns.messages import notice_readers
from campaigns.reporting.partner_claims import claim_counts, latest_claims
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.review import partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.correction_labels import answer_kind_name
from coordinator.web.portal import (  # fmt: skip
    bulletins,
    feeds,
    findings,
    manual,
    notices,
    overview,
    page_reports,
    questions,
    republications,
    results,
    sign_in,
    webhook,
)
from coordinator.web.portal.republications import OwnCopyFilter
from coordinator.web.portal.sign_in import current_visitor, partner_required


def waiting_counts() -> Mapping[str, int]:
    """Return the counts by endpoint for the present visitor; nothing before sign-in."""
    if "visitor" not in g:
        return {}
    context = app_context().job_context
    with context.database.read() as session:
        notices = notice_readers.partner_notices(session, current_visitor().company_id, now=context.now())
        asked, _late, _by = finding_workflow.unanswered_of(
            session, current_visitor().company_id, city_day(context.now())
        )
    return {"portal.notices.index": sum(notice.open for notice in notices), "portal.findings.index": asked}


# The navigation of the portal. A feature of the portal adds one line here.


@dataclass(frozen=True)
class NavigationLink:
    """One navigation link. ``here``: the present page is it, or is below it. ``waits``: number of items that wait for
    this partner; ``says``: for what.
    """

    endpoint: str
    words: str
    here: bool
    waits: int = 0
    says: str = ""


def navigation_links() -> list[NavigationLink]:
    """Return the links in order, each with its endpoint, its label, and the endpoints below it."""
    at, waits = request.endpoint or "", waiting_counts()
    return [
        NavigationLink(endpoint, words, at == endpoint or at in below, waits.get(endpoint, 0), _waiting_label(endpoint))
        for endpoint, words, below in (
            ("portal.home", _("Tổng quan"), ()),
            ("portal.notices.index", _("Thông báo"), ("portal.notices.show",)),
            ("portal.bulletins.index", _("Bản tin"), ("portal.bulletins.show", "portal.bulletins.download")),
            ("portal.reporting.new", _("Báo bài đã đăng"), ("portal.reporting.show",)),
            ("portal.findings.index", _("Điều Sở hỏi"), ("portal.findings.show", "portal.findings.reply")),
            ("portal.copies", _("Bài trên trang của đơn vị"), ("portal.copy", "portal.answer")),
            ("portal.removals", _("Phải gỡ hoặc thay"), ()),
            ("portal.results.show", _("Kết quả"), ()),
            ("portal.claims", _("Bài đã báo"), ()),
            ("portal.feeds.index", _("Nguồn tin, khóa"), ()),
            ("portal.push.index", _("Webhook"), ("portal.push.address",)),
            (
                "portal.questions.index",
                _("Hỏi Sở"),
                ("portal.questions.show", "portal.questions.new", "portal.questions.add", "portal.questions.shared"),
            ),
        )
    ]


def _waiting_label(endpoint: str) -> str:
    return _("chờ đơn vị trả lời") if endpoint == "portal.findings.index" else _("chờ đơn vị đọc hoặc xác nhận")


blueprint = Blueprint("portal", __name__, url_prefix=sign_in.PORTAL_PATH)
for child in (sign_in, bulletins, page_reports, feeds, webhook, notices, questions, findings, results, manual):
    blueprint.register_blueprint(child.blueprint)


@blueprint.context_processor
def navigation() -> dict[str, Any]:
    """Return the values of the portal's layout."""
    return {"portal_ways": navigation_links}


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
    """Show the most urgent corrections, and the state of each site."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        return render_template(
            "portal/overview.html",
            visitor=visitor,
            sites=republications.site_rows(session, visitor.company_id),
            behind=republications.outdated_copies(session, visitor.company_id, now=context.now()),
            mend=republications.copy_rows(session, visitor.company_id, OwnCopyFilter(mend=True), 1, now=context.now()),
            claims=claim_counts(session, visitor.company_id),
            owed=overview.obligation_rows(session, visitor.company_id, now=context.now()),
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
