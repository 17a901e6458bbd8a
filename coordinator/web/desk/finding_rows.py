"""Findings as the desk's list shows them: which ones, in which order, and what each waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding, Outcome, Standing, overdue
from campaigns.compliance.rules import Rule, Severity
from campaigns.core.clock import city_day
from campaigns.partners.directory import Company, Site, numbered
from coordinator.web.desk.listing import PAGE, Part, page_number
from coordinator.web.finding_words import fault_sentence


class Waits(Enum):
    """What an open finding may wait for."""

    REPLY = "reply"  # the partner has answered and nobody has read it
    OVERDUE = "overdue"  # it has not answered by its day
    MENDED = "mended"  # the page was seen to be in order since


@dataclass(frozen=True)
class Asked:
    """The filters; empty = any. ``first`` and ``last``: days of the city that findings are about, both included."""

    standing: Standing | None = None
    outcome: Outcome | None = None
    rule: str = ""
    severity: Severity | None = None
    partner: str = ""
    waits: Waits | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Asked":
        """From an address; what cannot be understood is no filter."""
        return cls(
            standing={one.value: one for one in Standing}.get(args.get("standing", "")),
            outcome={one.value: one for one in Outcome}.get(args.get("outcome", "")),
            rule=args.get("rule", "").strip()[:8],
            severity={one.value: one for one in Severity}.get(args.get("severity", "")),
            partner=args.get("partner", "").strip()[:80],
            waits={one.value: one for one in Waits}.get(args.get("waits", "")),
            first=_day(args.get("from", "")),
            last=_day(args.get("to", "")),
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter of the form is set; the tab is none."""
        return replace(self, standing=None) != Asked()


@dataclass(frozen=True)
class FindingLine:
    """One line. ``waits``: what it waits for beside a decision, None for nothing; ``reply_by``: None once it is no
    matter any more."""

    public: str
    code: str
    title: str
    severity: Severity
    sentence: str
    site: str
    company: str
    company_code: str
    standing: Standing
    outcome: Outcome | None
    day: date
    proposed_at: datetime
    waits: Waits | None
    reply_by: date | None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _conditions(asked: Asked, today: date) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if asked.outcome is not None:
        where.append(Finding.outcome == asked.outcome)
    if asked.rule:
        where.append(Finding.code == asked.rule)
    if asked.severity is not None:
        where.append(Finding.rule_id.in_(sa.select(Rule.id).where(Rule.severity == asked.severity)))
    if asked.partner:
        where.append(Finding.company_id == numbered(asked.partner))
    if asked.first is not None:
        where.append(Finding.day >= asked.first)
    if asked.last is not None:
        where.append(Finding.day <= asked.last)
    if asked.waits is not None:
        where.append(_waiting(asked.waits, today))
    return where


def _waiting(waits: Waits, today: date) -> sa.ColumnElement[bool]:
    match waits:
        case Waits.REPLY:
            return sa.and_(Finding.waits_since.is_not(None), Finding.closed_at.is_(None))
        case Waits.OVERDUE:
            return overdue(today)
        case Waits.MENDED:
            return sa.and_(Finding.mended_seen_at.is_not(None), Finding.closed_at.is_(None))


def by_standing(session: Session, asked: Asked, *, now: datetime) -> dict[Standing, int]:
    """How many there are in each standing, with the other filters as they are."""
    query = (
        sa.select(Finding.standing, sa.func.count())
        .where(*_conditions(asked, city_day(now)))
        .group_by(Finding.standing)
    )
    counts = {row[0]: int(row[1]) for row in session.execute(query)}
    return {one: counts.get(one, 0) for one in Standing}


def lines(session: Session, asked: Asked, total: int, *, now: datetime) -> Part[FindingLine]:
    """One page of the list: what waits for a decision the longest first, else the newest first."""
    today = city_day(now)
    where = _conditions(asked, today)
    if asked.standing is not None:
        where.append(Finding.standing == asked.standing)
    number = min(page_number(), max(-(-total // PAGE), 1))
    waiting = asked.standing is Standing.PROPOSED
    order = (Finding.proposed_at, Finding.id) if waiting else (Finding.proposed_at.desc(), Finding.id.desc())
    columns: tuple[Any, ...] = (
        Finding, Rule.title, Rule.severity, Site.name, Company.name, Company.code, overdue(today).label("late"),
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Rule, Rule.id == Finding.rule_id)
        .join(Site, Site.id == Finding.site_id)
        .join(Company, Company.id == Finding.company_id)
        .where(*where)
        .order_by(*order)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    return Part([_line(*row) for row in session.execute(query)], total, number)


def _line(
    row: Finding, title: str, severity: Severity, site: str, company: str, company_code: str, late: bool
) -> FindingLine:
    waits = None
    if not row.closed:
        if row.waits_since is not None:
            waits = Waits.REPLY
        elif row.mended_seen_at is not None:
            waits = Waits.MENDED
        elif late:
            waits = Waits.OVERDUE
    return FindingLine(
        public=row.public,
        code=row.code,
        title=title,
        severity=severity,
        sentence=fault_sentence(row.fault, row.facts),
        site=site,
        company=company,
        company_code=company_code,
        standing=row.standing,
        outcome=row.outcome,
        day=row.day,
        proposed_at=row.proposed_at,
        waits=waits,
        reply_by=None if row.closed or row.shown_at is None else row.reply_by,
    )
