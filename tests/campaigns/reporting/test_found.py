"""What a briefing says of findings: as a count by hand gives, now and as of every earlier moment."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import acting
from campaigns.compliance.findings import Finding, Outcome, Standing
from campaigns.core.clock import city_day, parse_period
from campaigns.reporting.found import FindingLine, FindingsTotals, findings_of
from campaigns.reporting.history import AsOf
from campaigns.reporting.tallies import Scope
from tests import factories
from tests.campaigns.compliance.cases import proposed
from tests.factories import ANALYST, NOW

QUARTER = parse_period("2026-Q4")


def by_hand(session: Session) -> list[tuple[str, int, int, int, int, int]]:
    """Code, proposed, confirmed, dismissed, mended, handed on, from the rows as they stand."""
    rows = [one for one in session.execute(sa.select(Finding)).scalars() if one.day in QUARTER]
    lines = []
    for code in sorted({one.code for one in rows}, key=lambda code: int(code[1:])):
        own = [one for one in rows if one.code == code]
        standing = [sum(one.standing is wanted for one in own) for wanted in (Standing.CONFIRMED, Standing.DISMISSED)]
        mended = sum(one.outcome is Outcome.MENDED for one in own)
        handed = sum(one.outcome in {Outcome.HANDED, Outcome.DECIDED} for one in own)
        lines.append((code, len(own), standing[0], standing[1], mended, handed))
    return lines


def told(totals: FindingsTotals) -> list[tuple[str, int, int, int, int, int]]:
    def figures(one: FindingLine) -> tuple[str, int, int, int, int, int]:
        return one.code, one.proposed, one.confirmed, one.dismissed, one.mended, one.handed_on

    return [figures(one) for one in totals.lines]


@pytest.mark.parametrize("seed", range(4))
def test_each_moment_is_told_as_it_stood_whatever_was_done_since(session: Session, seed: int) -> None:
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
        elif row.standing is Standing.PROPOSED:
            acting.conclude(session, ANALYST, row.public, row.turn, confirm=chance.random() < 0.7, note="x", now=now)
        elif acting.last_undoable(session, row) is not None and chance.random() < 0.5:
            acting.undo(session, ANALYST, row.public, row.turn, now=now)
        elif row.standing is Standing.CONFIRMED and not row.closed:
            match chance.choice(["remind", "mend", "hand"]):
                case "remind":
                    acting.remind(session, ANALYST, row.public, row.turn, "1", city_day(NOW), "", now=now)
                case "mend":
                    acting.mended(session, ANALYST, row.public, row.turn, "x", now=now)
                case _:
                    acting.hand_over(session, ANALYST, row.public, row.turn, "x", now=now)
        session.flush()
        stood.append((now, by_hand(session)))
    assert told(findings_of(session, Scope(QUARTER))) == stood[-1][1]
    for moment, lines in stood:
        assert told(findings_of(session, Scope(QUARTER, as_of=AsOf(moment)))) == lines, moment


def test_an_empty_period_has_no_line(session: Session) -> None:
    proposed(session)
    assert findings_of(session, Scope(parse_period("2025"))).lines == ()
