"""The filter of lists of findings."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

import sqlalchemy as sa

from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, is_overdue
from campaigns.compliance.rules import Rule, RuleSeverity
from campaigns.core.listing import ListFilter, argument
from campaigns.partners.directory import Company, current_company_id


class WaitingFor(Enum):
    """What an open finding may wait for."""

    REPLY = "reply"  # the partner has answered and nobody has read it
    OVERDUE = "overdue"  # the partner has not answered by the deadline
    MENDED = "mended"  # the page was seen in order since


@dataclass(frozen=True)
class FindingFilter(ListFilter):
    """Filter of the list. ``first`` and ``last``: days of the city that findings are about, both included."""

    standing: FindingStatus | None = argument(tab=True, where=lambda standing: Finding.standing == standing)
    outcome: FindingOutcome | None = argument(where=lambda outcome: Finding.outcome == outcome)
    rule: str | None = argument(longest=8, where=lambda code: Finding.code == code, of=Rule)
    severity: RuleSeverity | None = argument(
        where=lambda severity: Finding.rule_id.in_(sa.select(Rule.id).where(Rule.severity == severity))
    )
    partner: str | None = argument(
        longest=80, where=lambda code: Finding.company_id == current_company_id(code), of=Company
    )
    waits: WaitingFor | None = None
    first: date | None = argument(name="from", where=lambda day: Finding.day >= day)
    last: date | None = argument(name="to", where=lambda day: Finding.day <= day)

    def conditions_on(self, today: date, *, tab: bool = True) -> list[sa.ColumnElement[bool]]:
        """Return the conditions with that of ``waits``, which depends on the day."""
        waiting = [] if self.waits is None else [waiting_condition(self.waits, today)]
        return [*self.conditions(tab=tab), *waiting]


def waiting_condition(waits: WaitingFor, today: date) -> sa.ColumnElement[bool]:
    """The condition of open findings that wait for something on a day."""
    match waits:
        case WaitingFor.REPLY:
            return sa.and_(Finding.waits_since.is_not(None), Finding.closed_at.is_(None))
        case WaitingFor.OVERDUE:
            return is_overdue(today)
        case WaitingFor.MENDED:
            return sa.and_(Finding.mended_seen_at.is_not(None), Finding.closed_at.is_(None))
