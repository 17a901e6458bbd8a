"""The findings in a briefing equal a count by hand, now and as of every earlier time."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding, FindingStatus
from campaigns.core.clock import city_day, parse_period
from campaigns.reporting.briefings.figures import FindingRow, FindingsTotals, findings_totals
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import TallyScope
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.conftest import seeds
from tests.factories import ANALYST, NOW

pytestmark = pytest.mark.long

QUARTER = parse_period("2026-Q4")


def by_hand(session: Session) -> list[tuple[str, int, int, int]]:
    """Code, proposed, confirmed, dismissed, from the rows as they stand."""
    rows = [finding for finding in session.execute(sa.select(Finding)).scalars() if finding.day in QUARTER]
    lines = []
    for code in sorted({finding.code for finding in rows}, key=lambda code: int(code[1:])):
        own = [finding for finding in rows if finding.code == code]
        standing = [
            sum(finding.standing is wanted for finding in own)
            for wanted in (FindingStatus.CONFIRMED, FindingStatus.DISMISSED)
        ]
        lines.append((code, len(own), standing[0], standing[1]))
    return lines


def total_rows(totals: FindingsTotals) -> list[tuple[str, int, int, int]]:
    def figures(row: FindingRow) -> tuple[str, int, int, int]:
        return row.code, row.proposed, row.confirmed, row.dismissed

    return [figures(row) for row in totals.lines]


@pytest.mark.parametrize("seed", seeds(4))
def test_each_moment_is_reported_as_it_stood_whatever_was_done_since(session: Session, seed: int) -> None:
    chance, now = random.Random(seed), NOW + timedelta(days=100)
    stood = []
    for _ in range(60):
        now += timedelta(minutes=chance.randint(1, 500))
        rows = list(session.execute(sa.select(Finding)).scalars())
        row = chance.choice(rows) if rows and chance.random() < 0.75 else None
        if row is None:
            when = NOW + timedelta(days=chance.randint(-60, 90))
            made = proposed(session, chance.choice(["R1", "R8", "R9", "R13"]), factories.site(session), at=when)
            made.proposed_at = now
        elif row.standing is FindingStatus.PROPOSED:
            finding_workflow.conclude_finding(
                session, ANALYST, row.public, row.turn, confirm=chance.random() < 0.7, note="x", now=now
            )
        elif finding_workflow.last_undoable(session, row) is not None and chance.random() < 0.5:
            finding_workflow.undo_last_act(session, ANALYST, row.public, row.turn, now=now)
        elif row.standing is FindingStatus.CONFIRMED and not row.closed:
            match chance.choice(["remind", "mend", "hand"]):
                case "remind":
                    finding_workflow.record_letter(
                        session, ANALYST, row.public, row.turn, "1", city_day(now), "", now=now
                    )
                case "mend":
                    finding_workflow.record_mended(session, ANALYST, row.public, row.turn, "x", now=now)
                case _:
                    finding_workflow.hand_to_inspection(session, ANALYST, row.public, row.turn, "x", now=now)
        session.flush()
        stood.append((now, by_hand(session)))
    assert total_rows(findings_totals(session, TallyScope(QUARTER))) == stood[-1][1]
    for moment, lines in stood:
        assert total_rows(findings_totals(session, TallyScope(QUARTER, as_of=AsOf(moment)))) == lines, moment


def test_an_empty_period_has_no_line(session: Session) -> None:
    proposed(session)
    assert findings_totals(session, TallyScope(parse_period("2025"))).lines == ()
