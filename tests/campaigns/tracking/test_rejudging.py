"""What becomes of a copy whose kept page is judged otherwise by later rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.tracking.judging import Outcome
from campaigns.tracking.rejudging import status_after
from campaigns.tracking.republications import Status

CONFIRMED, REVIEW, NOTHING = Outcome.CONFIRMED, Outcome.REVIEW, Outcome.NOTHING


@pytest.mark.parametrize(
    ("status", "before", "after", "wanted"),
    [
        (Status.REVIEW, REVIEW, CONFIRMED, Status.CONFIRMED),
        (Status.REVIEW, REVIEW, NOTHING, Status.REJECTED),
        (Status.REVIEW, REVIEW, Outcome.TEASER, Status.REJECTED),
        (Status.CONFIRMED, CONFIRMED, REVIEW, Status.REVIEW),  # it was our mistake: a person says so, or not
        (Status.CONFIRMED, CONFIRMED, NOTHING, Status.REVIEW),
        (Status.REJECTED, REVIEW, CONFIRMED, Status.REVIEW),  # it is no longer there: a person counts it, or not
        (Status.REJECTED, REVIEW, NOTHING, Status.REJECTED),
        (Status.CANDIDATE, CONFIRMED, REVIEW, Status.REVIEW),
    ],
)
def test_a_status_follows_the_new_verdict(status: Status, before: Outcome, after: Outcome, wanted: Status) -> None:
    assert status_after(status, before, after, by_person=False, borne_out=False, second=False) is wanted


def test_a_counted_copy_stays_counted_while_any_of_its_pages_bears_it_out() -> None:
    for after in Outcome:
        assert (
            status_after(Status.CONFIRMED, CONFIRMED, after, by_person=False, borne_out=True, second=False)
            is Status.CONFIRMED
        )


def test_a_second_address_of_the_site_waits_as_it_does_when_it_is_fetched() -> None:
    assert (
        status_after(Status.REVIEW, REVIEW, CONFIRMED, by_person=False, borne_out=False, second=True)
        is Status.CANDIDATE
    )


@given(st.sampled_from(Status), st.sampled_from(Outcome), st.sampled_from(Outcome), st.booleans(), st.booleans())
def test_a_persons_word_stands_whatever_the_rules_say(
    status: Status, before: Outcome, after: Outcome, borne_out: bool, second: bool
) -> None:
    assert status_after(status, before, after, by_person=True, borne_out=borne_out, second=second) is status


@given(st.sampled_from(Status), st.sampled_from(Outcome), st.booleans())
def test_the_same_verdict_changes_nothing_that_its_pages_bear_out(
    status: Status, outcome: Outcome, second: bool
) -> None:
    assert status_after(status, outcome, outcome, by_person=False, borne_out=True, second=second) is status
