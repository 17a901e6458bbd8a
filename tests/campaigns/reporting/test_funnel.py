"""The funnel says what counting by hand says."""

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.reporting import tallies
from campaigns.reporting.funnel import Funnel, funnel_and_shares
from campaigns.reporting.tallies import Scope
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Life, Republication, Status
from tests import factories
from tests.campaigns.reporting.copies import copy, many

NOVEMBER = parse_period("2026-11")


def by_hand(rows: list[Republication]) -> Funnel:
    inside = [row for row in rows if row.counted_on in NOVEMBER]
    confirmed = [row for row in inside if row.status is Status.CONFIRMED]
    fetched = [row for row in inside if row.evidence or row in confirmed]
    return Funnel(
        found=len(inside),
        fetched=len(fetched),
        matched=sum(row in confirmed or row.match in {Match.FULL, Match.PARTIAL} for row in fetched),
        confirmed=len(confirmed),
        attributed=sum(row.attribution is Attribution.LINKED_AT_END for row in confirmed),
        live=sum(row.life is not Life.GONE for row in confirmed),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_step_equals_counting_by_hand(session: Session, seed: int) -> None:
    rows = many(session, seed)
    counted = funnel_and_shares(session, Scope(NOVEMBER))[0]
    assert counted == by_hand(rows)
    assert counted.found >= counted.fetched >= counted.matched >= counted.confirmed > 0


def test_it_agrees_with_the_tallies(session: Session) -> None:
    many(session, 4)
    scope = Scope(NOVEMBER, topic_id=1)
    line, (counted, shares) = tallies.totals(session, scope), funnel_and_shares(session, scope)
    assert shares == tallies.attribution_shares(session, scope)
    assert (counted.found, counted.confirmed, counted.attributed) == (line.found, line.confirmed, line.attributed)
    assert counted.live == line.confirmed - line.gone


def test_a_persons_word_stands_in_for_a_fetch(session: Session) -> None:
    copy(session, factories.published(session), factories.site(session), match=Match.NONE, read=False)
    assert funnel_and_shares(session, Scope(NOVEMBER))[0] == Funnel(1, 1, 1, 1, 1, 1)


def test_nothing_is_six_zeros(session: Session) -> None:
    assert funnel_and_shares(session, Scope(NOVEMBER))[0] == Funnel(0, 0, 0, 0, 0, 0)
