"""Findings: the suspicion of a rule about a copy or a site, with its proof, the decision of a person and the outcome.

At most one finding of a rule is open per copy or site; a unique index enforces it. The proof is copied into the row, so
that the page, the time and the hash stay known whatever happens to the stored page.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.compliance.inspections import PageSnapshot
from campaigns.compliance.rule_parameters import LONGEST_EXCERPT
from campaigns.compliance.rules import Rule
from campaigns.core.base import Base, BigKey, UTCDateTime, by_value
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company, Site
from campaigns.republications.republications import Evidence, Republication


class FindingStatus(Enum):
    """Status of a finding."""

    PROPOSED = "proposed"  # by a rule
    CONFIRMED = "confirmed"  # by a person
    DISMISSED = "dismissed"  # by a person: not so, or not worth pursuing


class FindingOutcome(Enum):
    """The last outcome of a confirmed finding."""

    REMINDED = "reminded"  # an official letter (công văn) was sent to the partner
    MENDED = "mended"  # corrected by the partner; closed
    HANDED = "handed"  # handed to the inspection authority
    DECIDED = "decided"  # the inspection authority has decided, with number, day and amount; closed


class Finding(Base):
    """One finding. ``subject``: ``rep:<id>`` or ``site:<id>``; ``code`` and ``version``: the rule version it was judged
    by.

    ``day``: the city's day it is about. ``fault``, ``facts``, ``mark``: from the ``Fault``. ``page_*`` and ``excerpt``:
    the proof; ``evidence_id`` or ``snapshot_id`` refer to the stored page. ``last_seen_at``: when the fault was last
    seen; ``mended_seen_at``: when the page was seen in order since. ``shown_at``: since when its partner may see it;
    ``reply_by``: the last day for a reply; ``waits_since``: the first reply not yet read. ``closed_at``: when it was
    closed. ``turn``: grows with each act, so that a form made before another act is refused. The letters and decisions
    behind its outcome are those of its case (``campaigns.compliance.cases``).
    """

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("compliance_rules.id"))
    code: Mapped[str] = mapped_column(sa.String(8))
    version: Mapped[int]
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    republication_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(40))
    day: Mapped[dt.date]
    fault: Mapped[str] = mapped_column(sa.String(40))
    mark: Mapped[str] = mapped_column(sa.String(300))
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    excerpt: Mapped[str] = mapped_column(sa.String(LONGEST_EXCERPT), default="")
    evidence_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("evidence.id"))
    snapshot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("page_snapshots.id"))
    page_url: Mapped[str] = mapped_column(sa.String(2000))
    page_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    page_hash: Mapped[str] = mapped_column(sa.String(64))
    proposed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    mended_seen_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    standing: Mapped[FindingStatus] = mapped_column(by_value(FindingStatus, "finding_standing"))
    outcome: Mapped[FindingOutcome | None] = mapped_column(by_value(FindingOutcome, "finding_outcome"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    shown_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    reply_by: Mapped[dt.date | None]
    waits_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    turn: Mapped[int] = mapped_column(default=0)

    rule: Mapped[Rule] = relationship(innerjoin=True)
    company: Mapped[Company] = relationship(innerjoin=True)
    site: Mapped[Site] = relationship(innerjoin=True)
    republication: Mapped[Republication | None] = relationship()
    evidence: Mapped[Evidence | None] = relationship()
    snapshot: Mapped[PageSnapshot | None] = relationship()

    __table_args__ = (
        sa.Index(
            "uq_findings_open",
            "rule_id",
            "subject",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        # For earlier findings of a rule on one subject, before another is proposed.
        sa.Index("ix_findings_subject_code", "subject", "code"),
        # For the list of findings, of one status and of all.
        sa.Index("ix_findings_standing_proposed_at", "standing", "proposed_at"),
        sa.Index("ix_findings_proposed_at", "proposed_at"),
        sa.Index("ix_findings_company_id_shown_at", "company_id", "shown_at"),
    )

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self.closed_at is not None


class StepKind(Enum):
    """What happened in a step."""

    PROPOSED = "proposed"
    SEEN_AGAIN = "seen_again"  # the fault, after the page was in order
    SEEN_MENDED = "seen_mended"
    SHOWN = "shown"  # to the partner, with a day to reply by
    REPLIED = "replied"  # by the partner
    READ = "read"  # the reply was read
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    REMINDED = "reminded"
    MENDED = "mended"
    HANDED = "handed"
    DECIDED = "decided"
    UNDONE = "undone"


class FindingStep(Base):
    """One step of a finding's history; append-only. ``ours``: by the department or the product, not the partner.
    ``before``: former values of the columns it changed, for undoing; None for a step that cannot be undone.
    ``undoes_id``: the step that this one undid. ``batch``: shared by the steps of findings decided together."""

    __tablename__ = "finding_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("findings.id"), index=True)
    happened: Mapped[StepKind] = mapped_column(by_value(StepKind, "happened"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    ours: Mapped[bool]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("finding_steps.id"))
    form: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    batch: Mapped[str | None] = mapped_column(sa.String(30), index=True)


def find_finding(session: Session, public: str, company_id: int | None = None, *, lock: bool = False) -> Finding:
    """The finding with this public id; with ``company_id`` only that partner's own, and only if shown to it.

    Raises the same ``NotFound`` for another partner's finding, one not shown and one that does not exist.
    """
    query = sa.select(Finding).where(Finding.public == public)
    if company_id is not None:
        query = query.where(Finding.company_id == company_id, Finding.shown_at.is_not(None))
    if lock:
        query = query.with_for_update(of=Finding).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no finding {public}", finding=public)
    return row


def steps_of(session: Session, finding: Finding) -> Sequence[FindingStep]:
    """All steps of a finding, oldest first."""
    query = sa.select(FindingStep).where(FindingStep.finding_id == finding.id).order_by(FindingStep.id)
    return session.execute(query).scalars().all()


@dataclass(frozen=True)
class WaitingFindings:
    """Open findings: how many wait for a decision, how many replies wait to be read, how many replies are overdue."""

    proposed: int
    replied: int
    overdue: int


def count_waiting_findings(session: Session, day: dt.date) -> WaitingFindings:
    """Count the waiting findings on a day of the city."""
    figures = (Finding.standing == FindingStatus.PROPOSED, Finding.waits_since.is_not(None), is_overdue(day))
    query = sa.select(*(sa.func.count(sa.case((condition, 1))) for condition in figures)).where(
        Finding.closed_at.is_(None)
    )
    return WaitingFindings(*map(int, session.execute(query).one()))


def is_overdue(day: dt.date) -> sa.ColumnElement[bool]:
    """The condition of findings whose reply is overdue on a day."""
    answered = sa.exists().where(FindingStep.finding_id == Finding.id, FindingStep.happened == StepKind.REPLIED)
    return sa.and_(Finding.closed_at.is_(None), Finding.reply_by < day, Finding.shown_at.is_not(None), ~answered)
