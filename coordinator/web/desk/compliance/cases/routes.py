"""Cases and decisions: the list with its totals, entering and changing them, evidence, withdrawals."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance.cases import content, workflow
from campaigns.compliance.cases.cases import (
    Case,
    CaseOrigin,
    DecisionForm,
    SubjectKind,
    find_case,
    find_decision,
    find_file,
)
from campaigns.compliance.cases.listing import SORTS, CaseFilter, CaseStanding, case_totals, fault_choices
from campaigns.core.errors import CampaignError, Conflict, Invalid, NotFound
from campaigns.partners.agreements import StoredScan
from campaigns.people.staff import Permission
from campaigns.search.autocomplete import PickableKind
from coordinator.imports.files.pdf import MAX_SCAN_PAGES
from coordinator.imports.files.upload_inspection import MAX_SCAN_BYTES
from coordinator.jobs.compliance.case_files import file_evidence, stored_file
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.compliance.cases import queries
from coordinator.web.desk.compliance.cases.forms import CaseFormPage, DecisionFormPage
from coordinator.web.desk.core.table_imports import CASES_PAGES, import_blueprint
from coordinator.web.kit.files import download_response, stored_body, upload_error_messages
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.lists.downloads import csv_attachment
from coordinator.web.kit.lists.pagination import sort_order
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("cases", __name__, url_prefix="/_cases")
blueprint.register_blueprint(import_blueprint(CASES_PAGES))


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the list and its totals."""
    with app_context().job_context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        days = requested_days(request.args)
        filters = requested_filter(CaseFilter, days.settled(autocomplete.resolved_query(partner)))
        filters.check_codes(session)
        sort, descending = sort_order(list(SORTS), "-entered")
        totals = case_totals(session, filters)
        part = queries.list_cases(session, filters, sort, descending=descending, total=totals.cases)
        faults = fault_choices(session)
    page = render_template(
        "desk/compliance/cases/index.html",
        part=part,
        totals=totals,
        filters=filters,
        days=days,
        partner=partner,
        standings=[(standing, standing_label(standing)) for standing in CaseStanding],
        forms=_choices("decision_form", DecisionForm),
        kinds=_choices("subject_kind", SubjectKind),
        origins=_choices("case_origin", CaseOrigin),
        faults=faults,
        may_review=current_actor().may(Permission.REVIEW),
    )
    return page, days.status


@blueprint.get("/list.csv")
@staff_required()
def download_list() -> ResponseReturnValue:
    """Return every row of the list as CSV, with the names of persons: for staff only."""
    asked: dict[str, Any] = request.args.to_dict()
    days = requested_days(request.args)
    if days.errors:
        return redirect(url_for("compliance.cases.index", **asked), 303)  # that page shows the errors of the filters
    with app_context().job_context.database.read() as session:
        filters = requested_filter(CaseFilter, days.settled(request.args))
        filters.check_codes(session)
        sort, descending = sort_order(list(SORTS), "-entered")
        return csv_attachment(queries.cases_table(session, filters, sort, descending=descending), "vu-viec")


def standing_label(standing: CaseStanding) -> str:
    """Return the label of a tab of the list."""
    return str(
        {
            CaseStanding.OPEN: _("Chưa có quyết định"),
            CaseStanding.DECIDED: _("Đã xử lý"),
            CaseStanding.WITHDRAWN: _("Đã rút"),
        }[standing]
    )


def _choices(kind: str, members: Any) -> list[tuple[str, str]]:
    return [(member.value, value_label(kind, member)) for member in members]


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def new() -> ResponseReturnValue:
    """Enter a case, with its decision and a file of evidence when they are there."""
    context = app_context().job_context
    form = CaseFormPage.of_request({"subject_kind": SubjectKind.ORGANISATION, "origin": CaseOrigin.INSPECTION})
    if request.method == "POST":
        valid = form.validate()
        kept: StoredScan | None = None
        try:
            name, body = _upload()
            kept = stored_file(context, name, body) if body else None
        except Invalid as invalid:
            form.add_messages(_file_messages(invalid))
            valid = False
        try:
            with context.database.write() as session:
                case = workflow.enter_case(session, current_actor(), form.case, form.given_decision, now=context.now())
                if kept is not None:
                    workflow.add_file(session, current_actor(), case.public, kept, now=context.now())
                if not valid:
                    raise Invalid([])  # all errors are shown at once; nothing is written
                public = case.public
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã ghi vụ việc."))
            return redirect(url_for("compliance.cases.show", public=public), 303)
    return _render_form(form, None)


@blueprint.route("/<public>/edit", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def edit(public: str) -> ResponseReturnValue:
    """Change what was entered about a case."""
    context = app_context().job_context
    with context.database.read() as session:
        case = find_case(session, public)
        stored = content.case_content_of(case)
        form = CaseFormPage.of_request({**asdict(stored), "turn": case.turn})
    if request.method == "POST":
        valid = form.validate()
        try:
            with context.database.write() as session:
                workflow.change_case(session, current_actor(), public, form.turn.data, form.case, now=context.now())
                if not valid:
                    raise Invalid([])
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã sửa vụ việc."))
            return redirect(url_for("compliance.cases.show", public=public), 303)
    return _render_form(form, public)


def _render_form(form: CaseFormPage, public: str | None) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        faults = fault_choices(session)
    page = render_template(
        "desk/compliance/cases/form.html",
        form=form,
        public=public,
        faults=faults,
        kinds=_choices("subject_kind", SubjectKind),
        origins=_choices("case_origin", CaseOrigin),
        forms=[("", _("Chưa có")), *_choices("decision_form", DecisionForm)],
        largest=MAX_SCAN_BYTES,
    )
    return page, form.status


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show one case."""
    return _render_case(public)


def _render_case(public: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        view = queries.case_view(session, find_case(session, public))
        page = render_template(
            "desk/compliance/cases/show.html",
            view=view,
            case=view.case,
            errors=errors or {},
            may_review=current_actor().may(Permission.REVIEW),
            most=workflow.MOST_FILES,
            largest=MAX_SCAN_BYTES,
            typed={name: fields.text(name) for name in ("reason", "paid_on")},
        )
    return page, status


@blueprint.route("/<public>/decision", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def decide(public: str) -> ResponseReturnValue:
    """Record a decision on a case."""
    with app_context().job_context.database.read() as session:
        case = queries.case_row(find_case(session, public), [])
    form = DecisionFormPage.of_request({"turn": case.turn})

    def apply(session: Session) -> object:
        return workflow.record_case_decision(
            session, current_actor(), public, form.turn.data, form.decision, now=app_context().job_context.now()
        )

    return _decision_page(case, form, None, apply, _("Đã ghi quyết định."))


@blueprint.route("/_decisions/<public>", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def correct(public: str) -> ResponseReturnValue:
    """Correct a decision; the version before it is kept."""
    with app_context().job_context.database.read() as session:
        row = find_decision(session, public)
        stored = content.decision_content_of(row)
        case = queries.case_row(row.case, [row])
    form = DecisionFormPage.of_request({**asdict(stored), "form": row.form.value, "turn": case.turn})

    def apply(session: Session) -> object:
        return workflow.correct_decision(
            session, current_actor(), public, form.turn.data, form.decision, form.reason.data,
            now=app_context().job_context.now(),
        )  # fmt: skip

    return _decision_page(case, form, public, apply, _("Đã sửa quyết định. Bản trước vẫn còn ở trang vụ việc."))


def _decision_page(
    case: queries.CaseRow, form: DecisionFormPage, public: str | None, apply: Callable[[Session], object], done: str
) -> ResponseReturnValue:
    if request.method == "POST":
        valid = form.validate()
        try:
            with app_context().job_context.database.write() as session:
                apply(session)
                if not valid:
                    raise Invalid([])
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(done)
            return redirect(url_for("compliance.cases.show", public=case.public), 303)
    page = render_template(
        "desk/compliance/cases/decision.html",
        case=case,
        form=form,
        public=public,
        forms=[("", _("Chọn một")), *_choices("decision_form", DecisionForm)],
    )
    return page, form.status


@blueprint.post("/_decisions/<public>/paid")
@staff_required(Permission.REVIEW)
def pay(public: str) -> ResponseReturnValue:
    """Record the day on which a fine was paid."""

    def apply(session: Session) -> None:
        row = find_decision(session, public)
        errors: list[Any] = []
        paid_on = fields.day("paid_on", errors, required=True)
        if errors:
            raise Invalid(errors)
        given = replace(content.decision_content_of(row), paid_on=paid_on)
        workflow.correct_decision(
            session, current_actor(), public, fields.form_version("turn"), given, now=app_context().job_context.now()
        )

    return _act(_case_of(public), apply, _("Đã ghi ngày nộp phạt."))


@blueprint.post("/_decisions/<public>/withdraw")
@staff_required(Permission.REVIEW)
def withdraw_decision(public: str) -> ResponseReturnValue:
    """Withdraw a decision that was recorded by mistake."""

    def apply(session: Session) -> None:
        workflow.withdraw_decision(
            session, current_actor(), public, fields.form_version("turn"), fields.clean_text("reason"),
            now=app_context().job_context.now(),
        )  # fmt: skip

    return _act(_case_of(public), apply, _("Đã rút quyết định."))


@blueprint.post("/<public>/withdraw")
@staff_required(Permission.REVIEW)
def withdraw(public: str) -> ResponseReturnValue:
    """Withdraw a case that was entered by mistake."""

    def apply(session: Session) -> None:
        workflow.withdraw_case(
            session, current_actor(), public, fields.form_version("turn"), fields.clean_text("reason"),
            now=app_context().job_context.now(),
        )  # fmt: skip

    return _act(public, apply, _("Đã rút vụ việc."))


def _case_of(decision: str) -> str:
    with app_context().job_context.database.read() as session:
        case: Case = find_decision(session, decision).case
        return case.public


def _act(public: str, apply: Callable[[Session], None], done: str) -> ResponseReturnValue:
    try:
        with app_context().job_context.database.write() as session:
            apply(session)
    except NotFound:
        raise
    except Conflict as conflict:
        return _render_case(public, fields.error_messages(conflict), 409)
    except CampaignError as error:
        return _render_case(public, fields.error_messages(error), 422)
    flash_done(done)
    return redirect(url_for("compliance.cases.show", public=public), 303)


@blueprint.post("/<public>/files")
@staff_required(Permission.REVIEW)
def add_file(public: str) -> ResponseReturnValue:
    """Add a file of evidence; the same file twice is one."""
    name, body = _upload()
    try:
        filed, new_file = file_evidence(app_context().job_context, current_actor(), public, name, body)
    except Invalid as invalid:
        return _render_case(public, _file_messages(invalid), 422)
    except Conflict as conflict:
        return _render_case(public, fields.error_messages(conflict), 409)
    flash_done(_("Đã thêm %(name)s.", name=filed) if new_file else _("Vụ việc đã có tệp này: %(name)s.", name=filed))
    return redirect(url_for("compliance.cases.show", public=public, _anchor="bang-chung"), 303)


@blueprint.get("/_files/<public>")
@staff_required()
def download_file(public: str) -> Response:
    """Return a file of evidence as a download."""
    with app_context().job_context.database.read() as session:
        row = find_file(session, public)
        key, kind, name = row.body_key, row.kind, row.name
    return download_response(stored_body(key), kind.media_type, name)


@blueprint.post("/_files/<public>/remove")
@staff_required(Permission.REVIEW)
def remove_file(public: str) -> ResponseReturnValue:
    """Remove a file of evidence; its record stays."""
    with app_context().job_context.database.read() as session:
        case = find_file(session, public).case.public

    def apply(session: Session) -> None:
        workflow.remove_file(session, current_actor(), public, now=app_context().job_context.now())

    return _act(case, apply, _("Đã bỏ tệp. Tên, mã băm và người thêm vẫn còn."))


def _upload() -> tuple[str, bytes]:
    """The name and the content of the uploaded file, cut one byte beyond the limit."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return "", b""
    with upload.stream as stream:  # a large upload is a temporary file until it is closed
        return upload.filename, stream.read(MAX_SCAN_BYTES + 1)


def _file_messages(invalid: Invalid) -> dict[str, str]:
    words = upload_error_messages(MAX_SCAN_BYTES, MAX_SCAN_PAGES) | {
        "unknown_type": _("Chỉ nhận tệp PDF, ảnh JPEG và PNG, xét theo nội dung chứ không theo tên tệp."),
    }
    return {
        error.field: words.get(error.code) or fields.field_error_messages([error])[error.field]
        for error in invalid.errors
    }
