"""Cases, their files and the decisions on them.

A decision is never overwritten: a correction ends its version in force and adds the next, so that figures of an earlier
moment are read from the same table. Each version states the subject and the fault of its case as they were known.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.compliance.findings import Finding
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import NotFound
from campaigns.partners.agreements import LONGEST_NAME as LONGEST_FILE_NAME
from campaigns.partners.agreements import ScanKind
from campaigns.partners.directory import Company, Site

LONGEST_SUBJECT = 300  # characters
LONGEST_MARK = 200
LONGEST_FAULT = 200
LONGEST_ADDRESS = 500
LONGEST_BASIS = 500
LONGEST_WHAT = 4000
LONGEST_NUMBER = 80
LONGEST_AUTHORITY = 200
LONGEST_NOTE = 2000


class SubjectKind(Enum):
    """Whom a case is about."""

    ORGANISATION = "organisation"
    PERSON = "person"  # the name is personal data: it is kept out of open data and of the journal


class CaseOrigin(Enum):
    """How a case came up."""

    RULE = "rule"
    INSPECTION = "inspection"
    COMPLAINT = "complaint"


class DecisionForm(Enum):
    """What came of a case."""

    REMINDER = "reminder"  # an official letter (công văn)
    MENDED = "mended"  # the subject has corrected the fault
    HANDED = "handed"  # handed to the inspection authority
    FINE = "fine"  # a decision on an administrative fine, with its amount
    OTHER = "other"  # a decision without a fine: a warning (cảnh cáo), a suspended licence


# Forms that are a numbered document of an authority; one document is entered once.
DOCUMENT_FORMS = frozenset({DecisionForm.FINE, DecisionForm.OTHER})


class Case(Base):
    """One case. ``finding_id``: of the finding whose outcome it holds; None for one entered by hand.

    ``company_id``: the organisation, when it is a known partner; else ``subject_name`` and ``tax_code`` say who it is.
    ``mark`` tells persons of one name apart (year of birth, place). ``subject_key``: equal for entries of one subject.
    ``fault``: the fault in a few words, by which cases are counted; ``fault_key``: equal for spellings of one fault.
    ``fingerprint``: equal for an entry made twice. ``folded``: the text that is searched. ``turn``: grows with each
    act, so that a form made before another act is refused. ``came_by``: the public id of the import that entered it, if
    one did.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    finding_id: Mapped[int | None] = mapped_column(sa.ForeignKey("findings.id"), unique=True)
    subject_kind: Mapped[SubjectKind] = mapped_column(by_value(SubjectKind, "subject_kind"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    subject_name: Mapped[str] = mapped_column(sa.String(LONGEST_SUBJECT))
    tax_code: Mapped[str] = mapped_column(sa.String(20))
    mark: Mapped[str] = mapped_column(sa.String(LONGEST_MARK))
    subject_key: Mapped[str] = mapped_column(sa.String(600))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    account_url: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS))
    origin: Mapped[CaseOrigin] = mapped_column(by_value(CaseOrigin, "case_origin"))
    what: Mapped[str] = mapped_column(sa.Text)
    fault: Mapped[str] = mapped_column(sa.String(LONGEST_FAULT))
    fault_key: Mapped[str] = mapped_column(sa.String(LONGEST_FAULT), index=True)
    fault_on: Mapped[dt.date]
    basis: Mapped[str] = mapped_column(sa.String(LONGEST_BASIS))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    folded: Mapped[str] = mapped_column(sa.Text)
    entered_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str] = mapped_column(sa.String(200))
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(200))
    withdrawn_reason: Mapped[str] = mapped_column(sa.Text, default="")
    turn: Mapped[int] = mapped_column(default=0)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))

    finding: Mapped[Finding | None] = relationship()
    company: Mapped[Company | None] = relationship()
    site: Mapped[Site | None] = relationship()

    __table_args__ = (
        # The same entry is made once, also when two people make it at once.
        sa.Index(
            "uq_cases_fingerprint",
            "fingerprint",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        # For the list of cases.
        sa.Index("ix_cases_entered_at", "entered_at"),
    )

    @property
    def name(self) -> str:
        """The subject's name: of a known partner the one of today."""
        return self.company.name if self.company is not None else self.subject_name


class CaseDecision(Base):
    """One version of a decision; ``ended_at``: None for the version in force.

    ``on_day``: the day of the decision, by which it is counted. ``amount``: đồng, of a fine; ``paid_on``: when it was
    paid. ``shared``: the document already stands at another finding of its company, where it is counted with its
    amount. ``document_key``: equal for one document of one authority in a year; None unless it counts as a document.
    ``subject_kind`` to ``fault_on``: of its case, as they were known.
    """

    __tablename__ = "case_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30))
    version: Mapped[int]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    form: Mapped[DecisionForm] = mapped_column(by_value(DecisionForm, "decision_form"))
    number: Mapped[str] = mapped_column(sa.String(LONGEST_NUMBER))
    authority: Mapped[str] = mapped_column(sa.String(LONGEST_AUTHORITY))
    on_day: Mapped[dt.date]
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    paid_on: Mapped[dt.date | None]
    note: Mapped[str] = mapped_column(sa.Text)
    shared: Mapped[bool] = mapped_column(default=False)
    document_key: Mapped[str | None] = mapped_column(sa.String(300))
    subject_kind: Mapped[SubjectKind] = mapped_column(by_value(SubjectKind, "subject_kind"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    subject_key: Mapped[str] = mapped_column(sa.String(600))
    fault: Mapped[str] = mapped_column(sa.String(LONGEST_FAULT))
    fault_key: Mapped[str] = mapped_column(sa.String(LONGEST_FAULT))
    fault_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.String(200))
    ended_reason: Mapped[str] = mapped_column(sa.Text, default="")

    case: Mapped[Case] = relationship(innerjoin=True)

    __table_args__ = (
        sa.UniqueConstraint("public", "version"),
        sa.Index(
            "uq_case_decisions_in_force",
            "public",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "uq_case_decisions_document_key",
            "document_key",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        # For the figures of a period.
        sa.Index("ix_case_decisions_on_day", "on_day"),
    )


IN_FORCE = CaseDecision.ended_at.is_(None)


class CaseFile(Base):
    """One file of evidence; fields as of ``AgreementScan``. ``removed_at`` set: no longer shown."""

    __tablename__ = "case_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_FILE_NAME))
    kind: Mapped[ScanKind] = mapped_column(by_value(ScanKind, "scan_kind"))
    measure: Mapped[str] = mapped_column(sa.String(20))
    size: Mapped[int]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    original_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    removed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    removed_by: Mapped[str | None] = mapped_column(sa.String(200))

    case: Mapped[Case] = relationship(innerjoin=True)

    __table_args__ = (
        sa.Index(
            "uq_case_files_shown",
            "case_id",
            "original_hash",
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )


def find_case(session: Session, public: str, *, lock: bool = False) -> Case:
    """The case with this public id, also a withdrawn one. Raises ``NotFound``."""
    query = sa.select(Case).where(Case.public == public)
    if lock:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no case {public}", case=public)
    return row


def find_decision(session: Session, public: str) -> CaseDecision:
    """The version in force of a decision. Raises ``NotFound``, also for a withdrawn one."""
    row = session.execute(sa.select(CaseDecision).where(CaseDecision.public == public, IN_FORCE)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no decision {public}", decision=public)
    return row


def decisions_in_force(session: Session, case_ids: Sequence[int]) -> dict[int, list[CaseDecision]]:
    """The decisions in force of each case, by the day of the decision."""
    query = (
        sa.select(CaseDecision)
        .where(CaseDecision.case_id.in_(case_ids), IN_FORCE)
        .order_by(CaseDecision.on_day, CaseDecision.public)
    )
    found: dict[int, list[CaseDecision]] = {ident: [] for ident in case_ids}
    for row in session.execute(query).scalars():
        found[row.case_id].append(row)
    return found


def versions_of(session: Session, case: Case) -> Sequence[CaseDecision]:
    """Every version of every decision on a case, in the order they were recorded."""
    query = sa.select(CaseDecision).where(CaseDecision.case_id == case.id).order_by(CaseDecision.id)
    return session.execute(query).scalars().all()


def finding_decisions(session: Session, finding: Finding) -> list[CaseDecision]:
    """The decisions in force on a finding, in the order they were recorded first."""
    query = (
        sa.select(CaseDecision)
        .join(Case, Case.id == CaseDecision.case_id)
        .where(Case.finding_id == finding.id, IN_FORCE)
        .order_by(CaseDecision.id)
    )
    return list(session.execute(query).scalars())


def find_file(session: Session, public: str) -> CaseFile:
    """The file with this public id. Raises ``NotFound``, also for one that was removed."""
    query = sa.select(CaseFile).where(CaseFile.public == public, CaseFile.removed_at.is_(None))
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no file {public}", file=public)
    return row


def files_of(session: Session, case: Case, *, removed: bool = False) -> list[CaseFile]:
    """The files of a case, oldest first; those that were removed when ``removed``."""
    gone = CaseFile.removed_at.is_not(None) if removed else CaseFile.removed_at.is_(None)
    query = sa.select(CaseFile).where(CaseFile.case_id == case.id, gone).order_by(CaseFile.id)
    return list(session.execute(query).scalars())
