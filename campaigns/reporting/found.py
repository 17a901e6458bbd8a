"""What a briefing says of findings: by rule, as they stand or as they stood at an earlier moment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.compliance.findings import Finding, Happened, Outcome, Standing, Step
from campaigns.compliance.rules import Rule, order_of
from campaigns.reporting.tallies import Scope


@dataclass(frozen=True)
class FindingLine:
    """One rule's findings in a period: how many were proposed, confirmed, dismissed, put right, handed on."""

    code: str
    name: str
    proposed: int
    confirmed: int
    dismissed: int
    mended: int
    handed_on: int


@dataclass(frozen=True)
class FindingsTotals:
    """What a briefing says of findings; empty while no person has concluded anything."""

    lines: tuple[FindingLine, ...] = ()


@dataclass(frozen=True)
class _Stood:
    code: str
    standing: Standing
    outcome: Outcome | None


def findings_of(session: Session, scope: Scope) -> FindingsTotals:
    """The findings about days of the scope's period, whatever campaign it names: a partner answers for its pages.

    As of a moment each stands as the acts until then left it; what was proposed later is left out.
    """
    query = sa.select(Finding.id, Finding.code, Finding.standing, Finding.outcome).where(
        Finding.day.between(scope.period.first, scope.period.last)
    )
    if scope.as_of is not None:
        query = query.where(Finding.proposed_at <= scope.as_of.moment)
    found = {ident: _Stood(code, standing, outcome) for ident, code, standing, outcome in session.execute(query)}
    if scope.as_of is not None:
        found = _earlier(session, found, scope.as_of.moment)
    counts: dict[str, Counter[str]] = {}
    for one in found.values():
        line = counts.setdefault(one.code, Counter())
        line.update(("proposed", one.standing.value) if one.standing is not Standing.PROPOSED else ("proposed",))
        if one.outcome is not None:
            line[one.outcome.value] += 1
    titles = _titles(session)
    return FindingsTotals(
        tuple(
            FindingLine(
                code=code,
                name=titles[code],
                proposed=line["proposed"],
                confirmed=line[Standing.CONFIRMED.value],
                dismissed=line[Standing.DISMISSED.value],
                mended=line[Outcome.MENDED.value],
                handed_on=line[Outcome.HANDED.value] + line[Outcome.DECIDED.value],
            )
            for code, line in sorted(counts.items(), key=lambda one: order_of(one[0]))
        )
    )


_CONCLUDED = {Happened.CONFIRMED: Standing.CONFIRMED, Happened.DISMISSED: Standing.DISMISSED}
_CAME_OF_IT = {Happened(one.value): one for one in Outcome}


def _earlier(session: Session, found: Mapping[int, _Stood], moment: datetime) -> dict[int, _Stood]:
    """How these stood then: what was done to each until that moment, from the proposal on."""
    stood = {ident: _Stood(one.code, Standing.PROPOSED, None) for ident, one in found.items()}
    undone = aliased(Step)
    query = (
        sa.select(Step.finding_id, Step.happened, undone.before)
        .outerjoin(undone, undone.id == Step.undoes_id)
        .where(Step.finding_id.in_(found), Step.at <= moment)
        .order_by(Step.id)
    )
    for ident, happened, before in session.execute(query):
        one = stood[ident]
        if happened in _CONCLUDED:
            stood[ident] = replace(one, standing=_CONCLUDED[happened])
        elif happened in _CAME_OF_IT:
            stood[ident] = replace(one, outcome=_CAME_OF_IT[happened])
        elif happened is Happened.UNDONE and before:
            outcome = Outcome(before["outcome"]) if before["outcome"] is not None else None
            stood[ident] = replace(one, standing=Standing(before["standing"]), outcome=outcome)
    return stood


def _titles(session: Session) -> dict[str, str]:
    """The newest title of each rule."""
    return {row.code: row.title for row in session.execute(sa.select(Rule.code, Rule.title).order_by(Rule.version))}
