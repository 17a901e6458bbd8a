"""Republication pages: the list, a copy with its evidence, a decision, a report by staff."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Invalid
from campaigns.matching.matcher import Match
from campaigns.people.staff import Permission
from campaigns.reporting import republication_filter
from campaigns.reporting.pending_work import in_review_count
from campaigns.reporting.republication_filter import CopyFigure, DelayClass, RepublicationFilter
from campaigns.reporting.table_reports.social_totals import network_choices
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.lifecycle import outdated_copies
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.page_reports import claim_page
from campaigns.republications.republications import RepublicationLife, RepublicationStatus, find_republication
from campaigns.republications.review import decisions
from campaigns.republications.review.corrections import CARRYING_MATCHES
from campaigns.republications.review.review_reasons import ReviewReason
from campaigns.republications.social.posts import PICTURE_ATTRIBUTIONS, is_social_report
from campaigns.search.autocomplete import PickableKind
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.republications import (
    kept_pages,
    queries,
    review,
    social_posts,
    uploaded_evidence,
)
from coordinator.web.desk.republications.comparison import found_pictures, second_opinion
from coordinator.web.desk.republications.evidence_page import copy_view
from coordinator.web.desk.republications.labels import copy_figure_name, delay_class_name, review_reason_name
from coordinator.web.desk.republications.queries import list_query, neighbours_in, queue_neighbours
from coordinator.web.desk.republications.uploaded_evidence import picture_attributions
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.forms.field_types import PickField, TextField
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.links import bulletin_url, partner_url
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("republications", __name__, url_prefix="/desk/republications")
blueprint.register_blueprint(uploaded_evidence.blueprint)
blueprint.register_blueprint(second_opinion.blueprint)
blueprint.register_blueprint(found_pictures.blueprint)
blueprint.register_blueprint(kept_pages.blueprint)
blueprint.register_blueprint(review.blueprint)
blueprint.register_blueprint(social_posts.blueprint)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the list; without a tab it opens on the review queue if there is anything in it."""
    with app_context().job_context.database.read() as session:
        site = autocomplete.single_field(session, PickableKind.SITE, "site", request.args)
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(site, partner)) is not None:
            return moved
        days = requested_days(request.args)
        chosen = days.settled(autocomplete.resolved_query(site, partner))
        filters = requested_filter(RepublicationFilter, chosen)
        filters.check_codes(session)
        matches = republication_filter.text_matches(session, filters)
        counts = queries.counts_by_status(session, filters, matches)
        if "status" not in request.args and (
            counts[RepublicationStatus.REVIEW]
            if RepublicationStatus.REVIEW in counts
            else queries.has_waiting(session, filters, matches)
        ):
            filters = replace(filters, status=RepublicationStatus.REVIEW)
        part = queries.list_republications(session, filters, matches, counts, page_number())
        choices = queries.filter_choices(session)
        waiting = in_review_count(session)
    page = render_template(
        "desk/republications/index.html",
        part=part,
        filters=filters,
        list_query=queries.list_query(filters),
        days=days,
        counts=counts,
        choices=choices,
        site=site,
        partner=partner,
        lives=[(life.value, value_label("life", life)) for life in RepublicationLife],
        attributions=[(attribution.value, value_label("attribution", attribution)) for attribution in Attribution],
        matches=[(match.value, value_label("match", match)) for match in Match if match in CARRYING_MATCHES],
        figures=[(figure.value, copy_figure_name(figure)) for figure in CopyFigure],
        delays=[(delay.value, delay_class_name(delay)) for delay in DelayClass],
        statuses=[
            RepublicationStatus.REVIEW,
            RepublicationStatus.CONFIRMED,
            RepublicationStatus.REJECTED,
            RepublicationStatus.CANDIDATE,
            RepublicationStatus.DUPLICATE,
        ],
        doubts=[(reason.value, review_reason_name(reason)) for reason in ReviewReason],
        networks=network_choices(filters.network),
        counts_waiting=waiting,
        may_review=current_actor().may(Permission.REVIEW),
    )
    return page, days.status


@blueprint.get("/<ident>")
@staff_required()
def show(ident: str) -> ResponseReturnValue:
    """Show one copy with its evidence."""
    return _render_page(ident)


def _list_come_from() -> RepublicationFilter | None:
    """Return the filter of the list that the reader came from, which always says its tab; None for another way here.
    Raises ``Invalid``.
    """
    return requested_filter(RepublicationFilter) if "status" in request.args else None


TYPED = ("note", "attribution", "correction", "correction_note")


def _render_page(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        view = copy_view(session, ident, now=context.now(), listed=_list_come_from())
    # Nothing is preselected for a page that was not read, or for a decision already made.
    read = view.compared or view.pictures or view.played
    usual = "confirm" if view.status is RepublicationStatus.REVIEW and read else ""
    page = render_template(
        "desk/republications/show.html",
        copy=view,
        errors=errors or {},
        typed={"do": fields.text("do") or usual} | {name: fields.text(name) for name in TYPED},
        on_picture=picture_attributions(),
        may_review=current_actor().may(Permission.REVIEW),
        bulletin_page=bulletin_url(view.bulletin),
        partner_page=partner_url(view.partner.company_code),
    )
    return page, status


@blueprint.post("/<ident>/decide")
@staff_required(Permission.REVIEW)
def decide(ident: str) -> ResponseReturnValue:
    """Confirm or reject, with a note; then go to the next in the list that the reader came from, else in the queue."""
    choice = fields.text("do")
    if choice not in {"confirm", "second", "reject"}:
        return _render_page(ident, {"do": _("Chọn một kết luận")}, 422)
    context, listed = app_context().job_context, _list_come_from()
    try:
        with context.database.write() as session:
            row = find_republication(session, ident)
            waited = row.status is RepublicationStatus.REVIEW
            said = {way.value: way for way in PICTURE_ATTRIBUTIONS}.get(fields.text("attribution"))
            made = decisions.decide(
                session, current_actor(), row, confirm=choice in {"confirm", "second"}, note=fields.text("note"),
                attribution=said if choice != "reject" else None,
                second_posting=choice == "second", seen_version=request.form.get("version_token", ""),
                now=context.now(),
            )  # fmt: skip
            undo = url_for("republications.review.undo", decision=made.public, back="copy")
            queue = neighbours_in(session, listed, row) if listed is not None else queue_neighbours(session, row)
            site = row.site.name
    except Invalid as invalid:
        return _render_page(ident, fields.error_messages(invalid), 422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("republications.show", ident=ident, **list_query(listed)), 303)
    done = _("Đã xác nhận bài trên %(site)s.", site=site)
    flash_done(done if choice != "reject" else _("Đã loại bài trên %(site)s.", site=site), undo=undo)
    following = (queue.next or queue.previous) if waited else None
    return redirect(url_for("republications.show", ident=following or ident, **list_query(listed)), 303)


@blueprint.post("/<ident>/correction")
@staff_required(Permission.REVIEW)
def say_correction(ident: str) -> ResponseReturnValue:
    """Record what a person says of a copy after a correction: it follows, has the old text, or is not affected."""
    said = {state.value: state for state in CorrectionState}.get(fields.text("correction"), CorrectionState.UNCLEAR)
    context, note = app_context().job_context, fields.text("correction_note")
    try:
        with context.database.write() as session:
            row = find_republication(session, ident)
            outdated_copies.say_correction(session, current_actor(), row, said, note, now=context.now())
    except Invalid as invalid:
        messages = fields.error_messages(invalid)
        return _render_page(ident, {f"correction_{field}": text for field, text in messages.items()}, 422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("republications.show", ident=ident), 303)
    flash_done(_("Đã ghi kết luận sau đính chính."))
    return redirect(url_for("republications.show", ident=ident), 303)


@blueprint.post("/<ident>/addresses")
@staff_required(Permission.REVIEW)
def addresses_seen(ident: str) -> ResponseReturnValue:
    """Record that a person has looked at the other addresses of a copy."""
    context, note = app_context().job_context, fields.text("addresses_note")
    try:
        with context.database.write() as session:
            row = find_republication(session, ident)
            counted_copy.record_addresses_seen(session, current_actor(), row, note, now=context.now())
    except Invalid as invalid:
        messages = fields.error_messages(invalid)
        return _render_page(ident, {f"addresses_{field}": text for field, text in messages.items()}, 422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("republications.show", ident=ident), 303)
    flash_done(_("Đã ghi là đã xem các địa chỉ của bài này."))
    return redirect(url_for("republications.show", ident=ident), 303)


class ReportForm(PageForm):
    """The page of a partner, and the bulletin that it carries."""

    bulletin = PickField(PickableKind.BULLETIN, required=True)
    url = TextField(required=True)


@blueprint.route("/_report", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def report() -> ResponseReturnValue:
    """Report a copy that was not discovered: a claim, checked like any other."""
    context = app_context().job_context
    form = ReportForm.of_request({name: request.args.get(name, "").strip() for name in ("bulletin", "url")})
    if request.method == "GET" or not form.validate():
        return render_template("desk/republications/report.html", form=form), form.status
    try:
        with context.database.write() as session:
            copy = claim_page(session, current_actor().id, form.bulletin.data, form.url.data, now=context.now())
            ident, seen_by_people = copy.public, is_social_report(copy)
    except Invalid as invalid:
        form.add_messages(_error_messages(invalid))
        return render_template("desk/republications/report.html", form=form), form.status
    app_context().runner.nudge("page_check", ident)
    flash_done(
        _("Đã ghi nhận. Máy không đọc mạng xã hội; người khác xác nhận kèm ảnh chụp.")
        if seen_by_people
        else _("Đã ghi nhận. Máy sẽ tải trang về và so với bản tin.")
    )
    return redirect(url_for("republications.show", ident=ident), 303)


def _error_messages(invalid: Invalid) -> dict[str, str]:
    words = {
        "unknown_bulletin": _("Không có bản tin nào đã phát hành mang mã này."),
        "unknown_site": _("Địa chỉ này không thuộc trang nào trong danh bạ. Thêm trang ở mục Đối tác trước."),
    }
    return {
        error.field: words.get(error.code) or fields.field_error_messages([error])[error.field]
        for error in invalid.errors
    }
