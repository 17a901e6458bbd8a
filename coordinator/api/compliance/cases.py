"""Cases and decisions in the API: the list with its totals, entering, changing, deciding, withdrawing. For staff keys.

Names of persons are in the answers, as on the desk's pages; open data has none.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from annotated_types import MaxLen
from apiflask import APIBlueprint
from flask import Response
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.amounts import parse_amount
from campaigns.compliance.cases.cases import (
    LONGEST_FAULT,
    LONGEST_NOTE,
    LONGEST_WHAT,
    Case,
    CaseDecision,
    CaseFile,
    CaseOrigin,
    DecisionForm,
    SubjectKind,
    decisions_in_force,
    files_of,
    find_case,
    find_decision,
    find_file,
)
from campaigns.compliance.cases.content import CaseContent, DecisionContent, case_content_of, decision_content_of
from campaigns.compliance.cases.listing import CaseFilter, CaseStanding, case_list, case_totals
from campaigns.core.contents import Day, from_attributes
from campaigns.core.errors import Invalid, NotFound
from campaigns.partners.agreements import ScanKind
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, RequestBody, ResponseBody, Time, row_of
from coordinator.api.files import FILE, file_field, kept_file, uploaded_form, with_upload
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import DaysQuery, ListPage, PageQuery
from coordinator.api.request_parsing import changed, fields_named, with_body, with_changes, with_query
from coordinator.imports.files.upload_inspection import MAX_SCAN_BYTES
from coordinator.jobs.compliance.case_files import file_evidence

bp = APIBlueprint("cases", __name__, tag="Cases")


def _amount(value: Any) -> Any:
    """A number of đồng, or a text as people write it."""
    if value is None or type(value) is int:
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("amount", "expected a whole number of đồng, 15000000 or '15.000.000'")
    try:
        return parse_amount(value)
    except Invalid as invalid:
        (error,) = invalid.errors
        raise PydanticCustomError("invalid", "{message}", {"message": error.message}) from None


Amount = Annotated[
    int | None,
    BeforeValidator(_amount),
    WithJsonSchema({"type": ["integer", "string", "null"], "maxLength": fields.MAX_TEXT, "pattern": r"^[^\x00]*$"}),
]


class CaseQuery(DaysQuery, PageQuery):
    """Filters of the list of cases. ``from`` and ``to``: the first and last day of the decision."""

    standing: CaseStanding | None = None
    form: DecisionForm | None = None
    kind: SubjectKind | None = None
    origin: CaseOrigin | None = None
    partner: fields.Code | None = None
    fault: fields.ShortText | None = None
    paid: bool | None = None
    q: fields.ShortText | None = None


class DecisionBody(ContentBody, DecisionContent):
    """A decision. ``amount``: đồng, as a number or as people write it; ``paid_on``: null while it is not paid."""

    form: DecisionForm = Field()  # needed here, as in ``NewCase``
    on: Day = Field()
    amount: Amount = None


# The fields of a decision at their place in the body of a new case.
DECISION_FIELDS: Final = {name: f"decision.{name}" for name in DecisionBody.model_fields}


class NewCase(ContentBody, CaseContent):
    """A case. An organisation is a known ``partner``, or has its ``name`` and ``tax_code``; a person has a ``name``,
    and a ``mark`` to tell namesakes apart. ``site``: code, host or address of a registered site."""

    # Needed here. A content may lack them, so that all errors of a form or a sheet are told at once.
    subject_kind: SubjectKind = Field()
    origin: CaseOrigin = Field()
    what: Annotated[str, MaxLen(LONGEST_WHAT)] = Field()
    fault: Annotated[str, MaxLen(LONGEST_FAULT)] = Field()
    fault_on: Day = Field()
    decision: DecisionBody | None = None


class CaseChange(ContentBody, CaseContent):
    """Absent fields stay unchanged. ``turn``: refuse with 409 unless the case is at it."""

    turn: fields.Count


class DecisionChange(ContentBody, DecisionContent):
    """Absent fields stay unchanged; ``amount`` and ``paid_on`` may be null. ``reason``: needed unless only ``paid_on``
    changes."""

    amount: Amount = None
    reason: Annotated[str, MaxLen(LONGEST_NOTE)] = ""
    turn: fields.Count


class WithdrawalBody(RequestBody):
    """Why it is withdrawn."""

    reason: Annotated[fields.ComposedText, Field(max_length=LONGEST_NOTE)]


class CaseDecisionRow(ResponseBody):
    """A decision in force. ``shared``: its document counts at another case of the same partner."""

    id: str
    form: DecisionForm
    number: str
    authority: str
    on: fields.Day
    amount: int | None
    paid_on: fields.Day | None
    note: str
    shared: bool
    version: int


class CaseRow(ResponseBody):
    """A case with its decisions in force. ``finding``: of the finding that it comes from."""

    id: str
    turn: int
    subject_kind: SubjectKind
    partner: str | None
    name: str
    tax_code: str
    mark: str
    site: str | None
    account_url: str
    origin: CaseOrigin
    what: str
    fault: str
    fault_on: fields.Day
    basis: str
    finding: str | None
    entered_at: Time
    withdrawn_at: Time | None
    decisions: list[CaseDecisionRow]


FILE_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": file_field("PDF, JPEG or PNG", MAX_SCAN_BYTES)},
}


class FileBody(RequestBody):
    """A form with nothing but the file."""


class CaseFileRow(ResponseBody):
    """A file of evidence. ``size`` in bytes; ``sha256``: of the stored file."""

    id: str
    name: str
    kind: ScanKind
    size: int
    sha256: str
    added_at: Time
    added_by: str


class CaseFileList(ResponseBody):
    """The files of a case."""

    items: list[CaseFileRow]


class CaseTotalsRow(ResponseBody):
    """The totals of the whole list. ``decided``: its cases with a decision; ``amount`` and ``paid`` in đồng."""

    cases: int
    decided: int
    organisations: int
    persons: int
    decisions: int
    amount: int
    paid: int


class CaseList(ListPage):
    """One page of cases, with the totals of all pages."""

    items: list[CaseRow]
    totals: CaseTotalsRow


@bp.get("/cases")
@for_staff(Permission.READ)
@with_query(CaseQuery)
@bp.output(CaseList)
def cases(query: CaseQuery) -> Response:
    """Cases, the last entered first, and the totals of all that fit the filters."""
    filters = query.filters(CaseFilter)
    with app_context().job_context.database.read() as session:
        filters.check_codes(session)
        page, listing = paging.cursor_page(session, case_list(filters), query)
        rows = [case for (case,) in page]
        decisions = decisions_in_force(session, [case.id for case in rows])
        totals = CaseTotalsRow(**vars(case_totals(session, filters)))
        items = [case_row(case, decisions[case.id]) for case in rows]
        return row_response(CaseList(items=items, totals=totals, **listing))


@bp.post("/cases")
@for_staff(Permission.REVIEW)
@with_body(NewCase)
@bp.output(CaseRow, 201)
def enter_case(body: NewCase) -> Response:
    """Enter a case by hand, with its decision when it is known."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        given = from_attributes(CaseContent, body)
        decision = from_attributes(DecisionContent, body.decision) if body.decision is not None else None
        with context.database.write() as session:
            with fields_named(DECISION_FIELDS):
                case = workflow.enter_case(session, actor, given, decision, now=context.now())
            row = case_row(case, decisions_in_force(session, [case.id])[case.id])
            keep(session, row, 201, location=f"/api/v1/cases/{case.public}")

    return run_once(apply)


@bp.get("/cases/<ident>")
@for_staff(Permission.READ)
@bp.output(CaseRow)
def case(ident: str) -> Response:
    """One case, also a withdrawn one."""
    with app_context().job_context.database.read() as session:
        row = find_case(session, ident)
        return row_response(case_row(row, decisions_in_force(session, [row.id])[row.id]))


@bp.patch("/cases/<ident>")
@for_staff(Permission.REVIEW)
@with_changes(CaseChange)
@bp.output(CaseRow)
def change_case(ident: str, changes: Mapping[str, Any]) -> Response:
    """Change what was entered about a case."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = find_case(session, ident, lock=True)
        body = changed(CaseChange, case_content_of(row), changes, turn=row.turn)
        workflow.change_case(session, actor, ident, body.turn, from_attributes(CaseContent, body), now=context.now())
        return row_response(case_row(row, decisions_in_force(session, [row.id])[row.id]))


@bp.post("/cases/<ident>/decisions")
@for_staff(Permission.REVIEW)
@with_body(DecisionBody)
@bp.output(CaseRow, 201)
def decide(ident: str, body: DecisionBody) -> Response:
    """Record a decision on a case entered by hand; answers the case."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_case(session, ident, lock=True)
            given = from_attributes(DecisionContent, body)
            workflow.record_case_decision(session, actor, ident, row.turn, given, now=context.now())
            answer = case_row(row, decisions_in_force(session, [row.id])[row.id])
            keep(session, answer, 201, location=f"/api/v1/cases/{ident}")

    return run_once(apply)


@bp.patch("/cases/<ident>/decisions/<decision>")
@for_staff(Permission.REVIEW)
@with_changes(DecisionChange)
@bp.output(CaseRow)
def correct_decision(ident: str, decision: str, changes: Mapping[str, Any]) -> Response:
    """Correct a decision, or record that its fine was paid; the version before it is kept."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = find_case(session, ident, lock=True)
        current = _decision_of(row, find_decision(session, decision))
        body = changed(DecisionChange, decision_content_of(current), changes, turn=row.turn, reason="")
        given = from_attributes(DecisionContent, body)
        workflow.correct_decision(session, actor, decision, body.turn, given, body.reason, now=context.now())
        return row_response(case_row(row, decisions_in_force(session, [row.id])[row.id]))


@bp.post("/cases/<ident>/decisions/<decision>/withdraw")
@for_staff(Permission.REVIEW)
@with_body(WithdrawalBody)
@bp.output(CaseRow)
def withdraw_decision(ident: str, decision: str, body: WithdrawalBody) -> Response:
    """Withdraw a decision that was recorded by mistake; answers the case."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_case(session, ident, lock=True)
            _decision_of(row, find_decision(session, decision))
            workflow.withdraw_decision(session, actor, decision, row.turn, body.reason, now=context.now())
            keep(session, case_row(row, decisions_in_force(session, [row.id])[row.id]))

    return run_once(apply)


@bp.post("/cases/<ident>/withdraw")
@for_staff(Permission.REVIEW)
@with_body(WithdrawalBody)
@bp.output(CaseRow)
def withdraw_case(ident: str, body: WithdrawalBody) -> Response:
    """Withdraw a case that was entered by mistake, with its decisions; it stays readable."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_case(session, ident, lock=True)
            workflow.withdraw_case(session, actor, ident, row.turn, body.reason, now=context.now())
            keep(session, case_row(row, []))

    return run_once(apply)


@bp.get("/cases/<ident>/files")
@for_staff(Permission.READ)
@bp.output(CaseFileList)
def case_files(ident: str) -> Response:
    """The files of evidence of a case, oldest first."""
    with app_context().job_context.database.read() as session:
        rows = files_of(session, find_case(session, ident))
        return row_response(CaseFileList(items=[_file_row(row) for row in rows]))


@bp.post("/cases/<ident>/files")
@for_staff(Permission.REVIEW)
@with_upload("CaseFileForm")
@bp.output(CaseFileRow, 201)
def add_case_file(ident: str) -> Response:
    """Add a file of evidence; the same file again is the one that is there."""
    actor = caller().actor
    _body, name, content = uploaded_form(FileBody)

    def apply(keep: ReplyKeeper) -> None:
        def answer(session: Session, file: CaseFile) -> None:
            keep(session, _file_row(file), 201, location=f"/api/v1/cases/{ident}/files/{file.public}")

        file_evidence(app_context().job_context, actor, ident, name, content, answer)

    return run_once(apply)


@bp.get("/cases/<ident>/files/<file>")
@for_staff(Permission.READ)
@bp.doc(extensions={FILE: True})
def case_file(ident: str, file: str) -> Response:
    """One file of evidence, as a download."""
    with app_context().job_context.database.read() as session:
        row = _file_of(session, ident, file)
        key, kind, name = row.body_key, row.kind, row.name
    return kept_file(key, kind.media_type, name, file)


@bp.post("/cases/<ident>/files/<file>/remove")
@for_staff(Permission.REVIEW)
@bp.output(CaseFileRow)
def remove_case_file(ident: str, file: str) -> Response:
    """Remove a file of evidence; its record stays."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            _file_of(session, ident, file)
            keep(session, _file_row(workflow.remove_file(session, actor, file, now=context.now())))

    return run_once(apply)


def _file_of(session: Session, ident: str, file: str) -> CaseFile:
    row = find_file(session, file)
    if row.case.public != ident:
        raise NotFound(f"there is no file {file} of {ident}", file=file)
    return row


def _file_row(row: CaseFile) -> CaseFileRow:
    return CaseFileRow(
        id=row.public, name=row.name, kind=row.kind, size=row.size, sha256=row.body_hash, added_at=row.at,
        added_by=row.actor_name,
    )  # fmt: skip


def _decision_of(row: Case, decision: CaseDecision) -> CaseDecision:
    if decision.case_id != row.id:
        raise NotFound(f"there is no decision {decision.public} on {row.public}", decision=decision.public)
    return decision


def case_row(row: Case, decisions: Sequence[CaseDecision]) -> CaseRow:
    """The answer for a case."""
    company = row.company
    return row_of(
        CaseRow,
        row,
        id=row.public,
        partner=company.code if company is not None else None,
        tax_code=(company.tax_code or "") if company is not None else row.tax_code,
        site=row.site.code if row.site is not None else None,
        finding=row.finding.public if row.finding is not None else None,
        decisions=[row_of(CaseDecisionRow, one, id=one.public, on=one.on_day) for one in decisions],
    )
