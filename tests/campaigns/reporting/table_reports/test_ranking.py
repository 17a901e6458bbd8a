"""The ranking equals a count by hand, is fair to small partners, and gives equal places to equal figures."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.matching.matcher import Match
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES
from campaigns.reporting.table_reports.ranking import (
    PartnerMerit,
    lower_bound,
    partner_merits,
    rank_partners,
    ranked_by,
)
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import RepublicationStatus
from tests import factories
from tests.campaigns.reporting.random_data import make_random_data
from tests.campaigns.reporting.sample_republications import make_republication

pytestmark = pytest.mark.long

PERIOD = parse_period("2026-11")


@pytest.mark.parametrize("seed", range(6))
def test_merits_are_what_counting_by_hand_gives(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    owners = {site.id: site.company_id for site in made.sites}
    mine = [
        republication
        for republication in made.copies
        if republication.counted_on in PERIOD and republication.status is RepublicationStatus.CONFIRMED
    ]
    confirmed = Counter(owners[republication.site_id] for republication in mine)
    proper = Counter(
        owners[republication.site_id]
        for republication in mine
        if republication.match is Match.FULL and republication.attribution is Attribution.LINKED_AT_END
    )
    unseen = Counter(
        owners[republication.site_id] for republication in mine if republication.attribution is Attribution.NOT_SEEN
    )
    codes = {company.id: company.code for company in made.companies}
    merits = partner_merits(session, PERIOD)
    assert {merit.code: (merit.confirmed, merit.proper, merit.source_seen) for merit in merits} == {
        codes[number]: (count, proper[number], count - unseen[number]) for number, count in confirmed.items()
    }


def test_who_has_too_few_copies_or_no_proper_one_has_no_place(session: Session) -> None:
    bulletin = factories.published(session)
    few, enough, careless = (factories.site(session) for _ in range(3))
    for number in range(LEAST_COPIES):
        if number:
            make_republication(session, bulletin, few)
        make_republication(session, bulletin, enough, match=Match.PARTIAL if number else Match.FULL)
        make_republication(session, bulletin, careless, attribution=Attribution.NAMED_ONLY)
    ranking = rank_partners(session, PERIOD)
    assert [partner.merit.code for partner in ranking.by_number] == [enough.company.code]
    assert [partner.merit.code for partner in ranking.by_share] == [enough.company.code]
    assert {merit.code for merit in ranking.unranked} == {few.company.code, careless.company.code}


def test_an_empty_period_has_empty_lists(session: Session) -> None:
    ranking = rank_partners(session, parse_period("2020"))
    assert (ranking.by_number, ranking.by_share, ranking.unranked) == ((), (), ())


def test_equal_figures_share_a_place_and_the_next_is_left_out() -> None:
    these = [PartnerMerit(name, name, 20, good, 20) for name, good in (("a", 9), ("b", 12), ("c", 9), ("d", 3))]
    assert [(partner.place, partner.merit.code) for partner in ranked_by(these, lambda merit: merit.proper)] == [
        (1, "b"), (2, "a"), (2, "c"), (4, "d"),
    ]  # fmt: skip


def test_a_share_of_few_does_not_stand_above_one_of_many() -> None:
    lucky, steady = PartnerMerit("a", "a", 10, 9, 10), PartnerMerit("b", "b", 100, 95, 100)
    assert (lucky.bound, steady.bound) == (0.596, 0.888)
    assert PartnerMerit("c", "c", 0, 0, 0).bound == 0.0


@given(st.integers(1, 400), st.data())
def test_the_bound_is_the_smaller_share_that_the_sample_would_not_surprise(of: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, of))
    low = lower_bound(good, of)
    assert 0.0 <= low <= good / of
    # Wilson's interval is the shares p with |good/of - p| <= z sqrt(p (1 - p) / of): at its lower end both are equal.
    if good:
        assert good / of - low == pytest.approx(1.96 * sqrt(low * (1 - low) / of), abs=1e-9)
    assert lower_bound(good * 10, of * 10) >= low
