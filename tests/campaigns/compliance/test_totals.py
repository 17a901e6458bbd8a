"""Totals of findings against a count by hand, over whatever was proposed and done."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import acting
from campaigns.compliance.findings import Finding, Outcome, Standing
from campaigns.compliance.totals import findings_totals
from campaigns.core.clock import city_day, parse_period
from tests import factories
from tests.campaigns.compliance.cases import proposed
from tests.factories import ANALYST, NOW


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_what_a_count_by_hand_gives(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    later = NOW + timedelta(days=120)
    for _number in range(30):
        site = factories.site(session)
        row = proposed(
            session, chance.choice(["R1", "R8", "R9", "R13"]), site, at=NOW + timedelta(days=chance.randint(-60, 90))
        )
        if (how := chance.choice(["", "dismiss", "confirm", "confirm", "confirm"])) == "":
            continue
        acting.conclude(session, ANALYST, row.public, row.turn, confirm=how == "confirm", note="x", now=later)
        if how == "confirm" and (what := chance.choice(["", "remind", "mend", "hand", "decide"])):
            if what == "remind":
                acting.remind(session, ANALYST, row.public, row.turn, "1", city_day(NOW), "", now=later)
            elif what == "mend":
                acting.mended(session, ANALYST, row.public, row.turn, "x", now=later)
            else:
                acting.hand_over(session, ANALYST, row.public, row.turn, "x", now=later)
            if what == "decide":
                amount = chance.choice([None, 15_000_000])
                acting.decided(session, ANALYST, row.public, row.turn, "1", city_day(NOW), amount, "", now=later)
    period = parse_period("2026-Q4")
    rows = [one for one in session.execute(sa.select(Finding)).scalars() if one.day in period]
    told = findings_totals(session, period)
    assert [one.code for one in told.rules] == sorted({one.code for one in rows}, key=lambda code: int(code[1:]))
    for figures in [*told.rules, told.total]:
        own = [one for one in rows if figures.code in {"", one.code}]
        assert figures.proposed == len(own)
        by_hand = [sum(one.standing is standing for one in own) for standing in Standing]
        assert [figures.undecided, figures.confirmed, figures.dismissed] == by_hand
        outcomes = [sum(one.outcome is outcome for one in own) for outcome in Outcome]
        assert [figures.reminded, figures.mended, figures.handed, figures.decided] == outcomes
        assert figures.amount == sum(one.amount or 0 for one in own)
    assert told.partners == len({one.company_id for one in rows if one.standing is Standing.CONFIRMED})


def test_an_empty_period_is_zero_all_through(session: Session) -> None:
    proposed(session)
    told = findings_totals(session, parse_period("2025"))
    assert (list(told.rules), told.total.proposed, told.total.amount, told.partners) == ([], 0, 0, 0)
