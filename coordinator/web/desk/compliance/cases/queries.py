"""What the pages of cases show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import (
    Case,
    CaseDecision,
    CaseFile,
    CaseOrigin,
    DecisionForm,
    SubjectKind,
    decisions_in_force,
    files_of,
    versions_of,
)
from campaigns.compliance.cases.listing import CaseFilter, case_list
from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ListPage
from coordinator.exports.tables import CellValue, Column, Table
from coordinator.translation import speaking
from coordinator.web.desk.core.journal_labels import act_label
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.text.actors import actor_names
from coordinator.web.kit.text.state_labels import value_label

MOST_ROWS = 100_000  # rows of a file


@dataclass(frozen=True)
class DecisionRow:
    """A version of a decision, as it is shown."""

    public: str
    version: int
    form: DecisionForm
    number: str
    authority: str
    on: date
    amount: int | None
    paid_on: date | None
    note: str
    shared: bool
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_reason: str


@dataclass(frozen=True)
class CaseRow:
    """A case, as it is shown. ``partner``: the code of a known partner; ``finding``: of the finding it comes from."""

    public: str
    turn: int
    kind: SubjectKind
    name: str
    partner: str
    tax_code: str
    mark: str
    site: str
    account_url: str
    origin: CaseOrigin
    what: str
    fault: str
    fault_on: date
    basis: str
    finding: str
    entered_at: datetime
    entered_by: str
    withdrawn_at: datetime | None
    withdrawn_reason: str
    decisions: Sequence[DecisionRow]


@dataclass(frozen=True)
class HistoryRow:
    """An act on a case."""

    what: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class CaseView:
    """The page of one case. ``past``: versions of decisions that are no longer in force."""

    case: CaseRow
    past: Sequence[DecisionRow]
    files: Sequence[CaseFile]
    removed: Sequence[CaseFile]
    history: Sequence[HistoryRow]


def list_cases(session: Session, filters: CaseFilter, sort: str, *, descending: bool, total: int) -> ListPage[CaseRow]:
    """Return one page of the list."""
    page = case_list(filters, sort, descending=descending).page(session, page_number(), total=total)
    return page.with_rows(_rows(session, [row for (row,) in page.rows]))


def _rows(session: Session, cases: Sequence[Case]) -> list[CaseRow]:
    decisions = decisions_in_force(session, [case.id for case in cases])
    return [case_row(case, decisions[case.id]) for case in cases]


def case_row(case: Case, decisions: Sequence[CaseDecision]) -> CaseRow:
    """Return a case with some of its decisions."""
    company, site = case.company, case.site
    return from_attributes(
        CaseRow,
        case,
        kind=case.subject_kind,
        partner=company.code if company is not None else "",
        tax_code=(company.tax_code or "") if company is not None else case.tax_code,
        site=site.host if site is not None else "",
        finding=case.finding.public if case.finding is not None else "",
        decisions=[decision_row(row) for row in decisions],
    )


def decision_row(row: CaseDecision) -> DecisionRow:
    """Return a version of a decision."""
    return from_attributes(DecisionRow, row, on=row.on_day)


def case_view(session: Session, case: Case) -> CaseView:
    """Return the page of one case."""
    versions = versions_of(session, case)
    in_force = sorted((row for row in versions if row.ended_at is None), key=lambda row: (row.on_day, row.public))
    acts = journal.history(session, "case", case.public)
    names = actor_names(session, {entry.actor for entry in acts})
    return CaseView(
        case_row(case, in_force),
        [decision_row(row) for row in versions if row.ended_at is not None],
        files_of(session, case),
        files_of(session, case, removed=True),
        [HistoryRow(act_label(entry.act), names.get(entry.actor, entry.actor), entry.at) for entry in acts],
    )


def cases_table(session: Session, filters: CaseFilter, sort: str, *, descending: bool) -> Table:
    """Return every row of the list for a file: one for each decision that fits, one for a case without any."""
    cases = [row for (row,) in case_list(filters, sort, descending=descending).rows(session, MOST_ROWS)]
    columns = (
        Column("case", "Mã vụ việc"), Column("kind", "Loại đối tượng"), Column("name", "Tổ chức, cá nhân"),
        Column("tax_code", "Mã số thuế"), Column("place", "Trang, tài khoản"), Column("origin", "Phát hiện qua"),
        Column("fault", "Lỗi vi phạm"), Column("fault_on", "Ngày vi phạm", "date"), Column("what", "Nội dung"),
        Column("basis", "Căn cứ pháp lý"), Column("form", "Hình thức xử lý"), Column("number", "Số quyết định"),
        Column("authority", "Cơ quan quyết định"), Column("on", "Ngày quyết định", "date"),
        Column("amount", "Số tiền (đồng)", "number"), Column("paid_on", "Ngày nộp phạt", "date"),
    )  # fmt: skip
    rows: list[tuple[CellValue, ...]] = []
    with speaking("vi"):
        for row in _rows(session, cases):
            about = (
                row.public, value_label("subject_kind", row.kind), row.name, row.tax_code,
                row.site or row.account_url, value_label("case_origin", row.origin), row.fault, row.fault_on,
                row.what, row.basis,
            )  # fmt: skip
            fitting = [decision for decision in row.decisions if _fits(decision, filters)]
            for decision in fitting:
                form = value_label("decision_form", decision.form)
                rows.append(
                    (*about, form, decision.number, decision.authority, decision.on, decision.amount, decision.paid_on)
                )
            if not fitting:
                rows.append((*about, "", "", "", None, None, None))
    return Table("Vụ việc và quyết định xử lý", columns, rows)


def _fits(row: DecisionRow, filters: CaseFilter) -> bool:
    """Whether a decision fits what the filter asks of decisions, as ``CaseFilter.decision_conditions``."""
    paid = None if row.amount is None else row.paid_on is not None
    return (
        filters.form in {None, row.form}
        and filters.paid in {None, paid}
        and (filters.first is None or row.on >= filters.first)
        and (filters.last is None or row.on <= filters.last)
    )
