"""Totals of findings for a period, by rule and in sum: what a briefing tells, each figure a condition of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding, Outcome, Standing
from campaigns.compliance.rules import Rule, order_of
from campaigns.core.clock import Period


@dataclass(frozen=True)
class RuleTotals:
    """One rule's findings about days of a period, as they stand now. ``code``: '' for all rules together, where
    ``title`` is '' too. The states are parts of ``proposed``: open suspicions, confirmed, dismissed; the outcomes are
    parts of ``confirmed``: the last of each finding, none for those without one. ``amount``: đồng, of decisions."""

    code: str
    title: str
    proposed: int
    undecided: int
    confirmed: int
    dismissed: int
    reminded: int
    mended: int
    handed: int
    decided: int
    amount: int


@dataclass(frozen=True)
class FindingsTotals:
    """The rules with at least one finding, in their order, and all of them together. ``partners``: companies with a
    confirmed one."""

    period: Period
    rules: Sequence[RuleTotals]
    total: RuleTotals
    partners: int


def findings_totals(session: Session, period: Period) -> FindingsTotals:
    """Count the findings about days of a period: the day something happened, not the day it was noticed. Two
    statements; an empty period gives zeros."""
    figures: tuple[Any, ...] = (
        sa.func.count(),
        *(_of(Finding.standing == one) for one in (Standing.PROPOSED, Standing.CONFIRMED, Standing.DISMISSED)),
        *(_of(Finding.outcome == one) for one in (Outcome.REMINDED, Outcome.MENDED, Outcome.HANDED, Outcome.DECIDED)),
        sa.func.coalesce(sa.func.sum(Finding.amount), 0),
    )
    newest = sa.select(Rule.code, sa.func.max(Rule.version).label("version")).group_by(Rule.code).subquery()
    about = (Finding.day >= period.first, Finding.day <= period.last)
    query = (
        sa.select(Finding.code, Rule.title, *figures)
        .join(newest, newest.c.code == Finding.code)
        .join(Rule, sa.and_(Rule.code == newest.c.code, Rule.version == newest.c.version))
        .where(*about)
        .group_by(Finding.code, Rule.title)
    )
    rules = [RuleTotals(code, title, *map(int, rest)) for code, title, *rest in session.execute(query)]
    rules.sort(key=lambda one: order_of(one.code))
    partners = sa.select(sa.func.count(sa.distinct(Finding.company_id))).where(
        *about, Finding.standing == Standing.CONFIRMED
    )
    names = [name for name in RuleTotals.__dataclass_fields__ if name not in {"code", "title"}]
    total = RuleTotals("", "", *(sum(getattr(one, name) for one in rules) for name in names))
    return FindingsTotals(period, rules, total, session.execute(partners).scalar_one())


def _of(condition: sa.ColumnElement[bool]) -> Any:
    return sa.func.count().filter(condition)
