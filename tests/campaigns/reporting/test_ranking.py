"""Recognition: the same as counting by hand, fair to the small, and equal for the equal."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.reporting.ranking import Merit, lower_bound, merits, placed, recognition
from campaigns.reporting.score import LEAST_COPIES
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Status
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.campaigns.reporting.worlds import world

PERIOD = parse_period("2026-11")


@pytest.mark.parametrize("seed", range(6))
def test_merits_are_what_counting_by_hand_gives(session: Session, seed: int) -> None:
    made = world(session, seed)
    owners = {site.id: site.company_id for site in made.sites}
    mine = [one for one in made.copies if one.counted_on in PERIOD and one.status is Status.CONFIRMED]
    confirmed = Counter(owners[one.site_id] for one in mine)
    proper = Counter(
        owners[one.site_id] for one in mine if one.match is Match.FULL and one.attribution is Attribution.LINKED_AT_END
    )
    codes = {one.id: one.code for one in made.companies}
    assert {one.code: (one.confirmed, one.proper) for one in merits(session, PERIOD)} == {
        codes[number]: (count, proper[number]) for number, count in confirmed.items()
    }


def test_who_has_too_few_copies_or_no_proper_one_has_no_place(session: Session) -> None:
    bulletin = factories.published(session)
    few, enough, careless = (factories.site(session) for _ in range(3))
    for number in range(LEAST_COPIES):
        if number:
            copy(session, bulletin, few)
        copy(session, bulletin, enough, match=Match.PARTIAL if number else Match.FULL)
        copy(session, bulletin, careless, attribution=Attribution.NAMED_ONLY)
    told = recognition(session, PERIOD)
    assert [one.merit.code for one in told.by_number] == [enough.company.code]
    assert [one.merit.code for one in told.by_share] == [enough.company.code]
    assert [one.code for one in told.few] == [few.company.code]


def test_an_empty_period_has_empty_lists(session: Session) -> None:
    told = recognition(session, parse_period("2020"))
    assert (told.by_number, told.by_share, told.few) == ((), (), ())


def test_equal_figures_share_a_place_and_the_next_is_left_out() -> None:
    these = [Merit(name, name, 20, good) for name, good in (("a", 9), ("b", 12), ("c", 9), ("d", 3))]
    assert [(one.place, one.merit.code) for one in placed(these, lambda one: one.proper)] == [
        (1, "b"), (2, "a"), (2, "c"), (4, "d"),
    ]  # fmt: skip


def test_a_share_of_few_does_not_stand_above_one_of_many() -> None:
    lucky, steady = Merit("a", "a", 10, 9), Merit("b", "b", 100, 95)
    assert (lucky.bound, steady.bound) == (0.596, 0.888)
    assert Merit("c", "c", 0, 0).bound == 0.0


@given(st.integers(1, 400), st.data())
def test_the_bound_is_the_smaller_share_that_the_sample_would_not_surprise(of: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, of))
    low = lower_bound(good, of)
    assert 0.0 <= low <= good / of
    # Wilson's interval is the shares p with |good/of - p| <= z sqrt(p (1 - p) / of): at its lower end both are equal.
    if good:
        assert good / of - low == pytest.approx(1.96 * sqrt(low * (1 - low) / of), abs=1e-9)
    assert lower_bound(good * 10, of * 10) >= low
