"""Findings: what a rule suspects of a copy or a site, with the proof, what a person decided, and what came of it.

One finding of a rule is open a copy or site, and the database itself sees to that. The proof is copied into the row:
whatever becomes of the page, the finding tells which page it was, when, and by which hash it can be checked.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.compliance.faults import LONGEST
from campaigns.compliance.inspections import KeptFront
from campaigns.compliance.rules import Rule
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company, Site
from campaigns.tracking.republications import Evidence, Republication


class Standing(Enum):
    """How a finding stands."""

    PROPOSED = "proposed"  # a rule suspects
    CONFIRMED = "confirmed"  # a person has concluded that it is so
    DISMISSED = "dismissed"  # a person has concluded that it is not, or not worth pursuing


class Outcome(Enum):
    """What came of a confirmed finding, the last of it."""

    REMINDED = "reminded"  # a letter went to the partner
    MENDED = "mended"  # put right; closed
    HANDED = "handed"  # to the inspection
    DECIDED = "decided"  # the inspection has decided, with number, day and amount; closed


class Finding(Base):
    """One finding. ``subject``: ``rep:<id>`` or ``site:<id>``; ``code`` and ``version``: the rule of its day, for ever.

    ``day``: the day of the city it is about. ``fault``, ``facts``, ``mark``: of its ``faults.Fault``. ``page_*`` and
    ``excerpt``: the proof; ``evidence_id`` or ``kept_id`` lead to the page as it is kept. ``last_seen_at``: when it was
    last seen to be so; ``mended_seen_at``: when the page was seen to be in order since. ``shown_at``: since when its
    partner may see it; ``reply_by``: until when it is asked to answer; ``waits_since``: its first word that nobody has
    dealt with. ``closed_at``: nothing more is to be done. ``turn``: grows with each act on it, so that a form made from
    an earlier one is refused. ``letter_number``, ``letter_on``: of the last reminder; ``decision_*`` and ``amount``
    (đồng): as the inspection's decision says.
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
    excerpt: Mapped[str] = mapped_column(sa.String(LONGEST), default="")
    evidence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("evidence.id"))
    kept_id: Mapped[int | None] = mapped_column(sa.ForeignKey("kept_fronts.id"))
    page_url: Mapped[str] = mapped_column(sa.String(2000))
    page_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    page_hash: Mapped[str] = mapped_column(sa.String(64))
    proposed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    mended_seen_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    standing: Mapped[Standing] = mapped_column(by_value(Standing, "finding_standing"))
    outcome: Mapped[Outcome | None] = mapped_column(by_value(Outcome, "finding_outcome"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    shown_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    reply_by: Mapped[dt.date | None]
    waits_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    letter_number: Mapped[str] = mapped_column(sa.String(80), default="")
    letter_on: Mapped[dt.date | None]
    decision_number: Mapped[str] = mapped_column(sa.String(80), default="")
    decision_on: Mapped[dt.date | None]
    amount: Mapped[int | None] = mapped_column(sa.BigInteger)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    turn: Mapped[int] = mapped_column(default=0)

    rule: Mapped[Rule] = relationship(innerjoin=True)
    company: Mapped[Company] = relationship(innerjoin=True)
    site: Mapped[Site] = relationship(innerjoin=True)
    republication: Mapped[Republication | None] = relationship()
    evidence: Mapped[Evidence | None] = relationship()
    kept: Mapped[KeptFront | None] = relationship()

    __table_args__ = (
        sa.Index(
            "uq_findings_open",
            "rule_id",
            "subject",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        # What was said of one subject before, whenever a rule would propose again.
        sa.Index("ix_findings_subject_code", "subject", "code"),
        # The list in its order, of one standing and of all.
        sa.Index("ix_findings_standing_proposed_at", "standing", "proposed_at"),
        sa.Index("ix_findings_proposed_at", "proposed_at"),
        sa.Index("ix_findings_company_id_shown_at", "company_id", "shown_at"),
    )

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self.closed_at is not None


class Happened(Enum):
    """What a step tells."""

    PROPOSED = "proposed"
    SEEN_AGAIN = "seen_again"  # after it was seen to be in order
    SEEN_MENDED = "seen_mended"
    SHOWN = "shown"  # to the partner, with a day to answer by
    REPLIED = "replied"  # by the partner
    READ = "read"  # somebody has dealt with the reply
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    REMINDED = "reminded"
    MENDED = "mended"
    HANDED = "handed"
    DECIDED = "decided"
    UNDONE = "undone"


class Step(Base):
    """One thing that happened to a finding; never edited. ``ours``: by the department or the product, not the partner.
    ``before``: the columns that it changed as they were, so that it can be taken back; None for what cannot be.
    ``undoes_id``: the step that this one took back."""

    __tablename__ = "finding_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("findings.id"), index=True)
    happened: Mapped[Happened] = mapped_column(by_value(Happened, "happened"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    ours: Mapped[bool]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("finding_steps.id"))
    form: Mapped[str | None] = mapped_column(sa.String(40), unique=True)


def find_finding(session: Session, public: str, company_id: int | None = None, *, lock: bool = False) -> Finding:
    """The finding with this name; with ``company_id`` only that partner's own, and only one that it was shown.

    Raises ``NotFound`` in the same words for one of another, one not shown and none.
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


def steps_of(session: Session, finding: Finding) -> Sequence[Step]:
    """Everything that happened to a finding, oldest first."""
    query = sa.select(Step).where(Step.finding_id == finding.id).order_by(Step.id)
    return session.execute(query).scalars().all()


@dataclass(frozen=True)
class Waiting:
    """How many open findings wait for a person's decision, how many replies for a reader, and how many partners have
    not answered by their day."""

    proposed: int
    replied: int
    overdue: int


def waiting(session: Session, day: dt.date) -> Waiting:
    """Count what waits, on a day of the city."""
    figures = (Finding.standing == Standing.PROPOSED, Finding.waits_since.is_not(None), overdue(day))
    query = sa.select(*(sa.func.count(sa.case((one, 1))) for one in figures)).where(Finding.closed_at.is_(None))
    return Waiting(*map(int, session.execute(query).one()))


def overdue(day: dt.date) -> sa.ColumnElement[bool]:
    """Which findings a partner has not answered by its day."""
    answered = sa.exists().where(Step.finding_id == Finding.id, Step.happened == Happened.REPLIED)
    return sa.and_(Finding.closed_at.is_(None), Finding.reply_by < day, Finding.shown_at.is_not(None), ~answered)
