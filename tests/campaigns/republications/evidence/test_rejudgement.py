"""The status of a copy whose stored page is judged differently by later rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.republications.evidence.judgement import JudgementOutcome
from campaigns.republications.evidence.rejudgement import status_after
from campaigns.republications.republications import RepublicationStatus

CONFIRMED, REVIEW, NOTHING = JudgementOutcome.CONFIRMED, JudgementOutcome.REVIEW, JudgementOutcome.NOTHING


@pytest.mark.parametrize(
    ("status", "before", "after", "wanted"),
    [
        (RepublicationStatus.REVIEW, REVIEW, CONFIRMED, RepublicationStatus.CONFIRMED),
        (RepublicationStatus.REVIEW, REVIEW, NOTHING, RepublicationStatus.REJECTED),
        (RepublicationStatus.REVIEW, REVIEW, JudgementOutcome.TEASER, RepublicationStatus.REJECTED),
        (
            RepublicationStatus.CONFIRMED,
            CONFIRMED,
            REVIEW,
            RepublicationStatus.REVIEW,
        ),  # our mistake: a person decides
        (RepublicationStatus.CONFIRMED, CONFIRMED, NOTHING, RepublicationStatus.REVIEW),
        (
            RepublicationStatus.REJECTED,
            REVIEW,
            CONFIRMED,
            RepublicationStatus.REVIEW,
        ),  # removed since: a person decides
        (RepublicationStatus.REJECTED, REVIEW, NOTHING, RepublicationStatus.REJECTED),
        (RepublicationStatus.CANDIDATE, CONFIRMED, REVIEW, RepublicationStatus.REVIEW),
    ],
)
def test_a_status_follows_the_new_verdict(
    status: RepublicationStatus, before: JudgementOutcome, after: JudgementOutcome, wanted: RepublicationStatus
) -> None:
    assert status_after(status, before, after, by_person=False, borne_out=False) is wanted


def test_a_counted_copy_stays_counted_while_any_of_its_pages_bears_it_out() -> None:
    for after in JudgementOutcome:
        assert (
            status_after(RepublicationStatus.CONFIRMED, CONFIRMED, after, by_person=False, borne_out=True)
            is RepublicationStatus.CONFIRMED
        )


@given(
    st.sampled_from(RepublicationStatus),
    st.sampled_from(JudgementOutcome),
    st.sampled_from(JudgementOutcome),
    st.booleans(),
)
def test_a_persons_word_stands_whatever_the_rules_say(
    status: RepublicationStatus, before: JudgementOutcome, after: JudgementOutcome, borne_out: bool
) -> None:
    assert status_after(status, before, after, by_person=True, borne_out=borne_out) is status


@given(st.sampled_from(RepublicationStatus), st.sampled_from(JudgementOutcome))
def test_the_same_verdict_changes_nothing_that_its_pages_bear_out(
    status: RepublicationStatus, outcome: JudgementOutcome
) -> None:
    assert status_after(status, outcome, outcome, by_person=False, borne_out=True) is status
