"""Review reasons and corrections: the SQL conditions agree with reading the rows one by one."""

import itertools
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.matching.matcher import Match
from campaigns.people.staff import Actor
from campaigns.reporting import pending_work
from campaigns.reporting.pending_work import in_review_count
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review import partner_answers
from campaigns.republications.review.corrections import Correction, corrections_of, needs_correction
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from campaigns.republications.review.review_reasons import ReviewReason, review_queue, review_reasons_of
from coordinator.db import Database
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ANALYST, NOW, published, site

PARTNER = Actor("key:abc", "Công ty Thử", None)
REASONS = (
    [],
    ["front_page: on the front page"],
    ["page_unreadable: 503"],
    ["review: an excerpt"],
    ["other_figures: another day's"],
    ["linked_other: another of ours"],
    ["social_post: only people see it"],
    ["picture_review: a picture like ours"],
)


def every_kind(session: Session) -> list[Republication]:
    """Copies of every combination of what the conditions read; a few hundred rows."""
    bulletin, place = published(session), site(session)
    kinds = itertools.product(
        (RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW, RepublicationStatus.REJECTED),
        (Match.FULL, Match.PICTURE, Match.EXCERPT, Match.NONE),
        (Attribution.LINKED_AT_END, Attribution.NAMED_OTHER_SOURCE, Attribution.NONE),
        (RepublicationLife.LIVE, RepublicationLife.GONE),
        (None, False),
        range(len(REASONS)),
    )
    made = []
    for number, (status, match, attribution, life, image, reason) in enumerate(kinds):
        row = make_republication(
            session, bulletin, place, status=status, match=match, attribution=attribution, life=life, read=False
        )
        row.counter_image, row.reasons = image, REASONS[reason]
        row.checked_at = NOW if number % 5 else None
        row.stale = number % 7 == 0
        row.missing_since = NOW if number % 11 == 0 else None
        for how in list(SightingMethod)[: number % 4]:
            session.add(Sighting(page_id=row.page_id, how=how, source="x", bulletin_id=bulletin.id, at=NOW))
        made.append(row)
    session.flush()
    return made


def by_hand(row: Republication, ways: set[SightingMethod], disagrees: bool) -> Iterator[ReviewReason]:
    """The same rules in Python."""
    looked, carried = row.checked_at is not None, row.match in {Match.FULL, Match.PARTIAL, Match.PICTURE}
    if disagrees:
        yield ReviewReason.PARTNER_DISAGREES
    if row.looks_disagree:
        yield ReviewReason.LOOKS_DISAGREE
    absent = row.match is Match.NONE or row.life is RepublicationLife.GONE or row.missing_since is not None
    if looked and absent and SightingMethod.COUNTED_IMAGE in ways:
        yield ReviewReason.IMAGE_NOT_FOUND
    if (
        looked
        and not carried
        and row.life is not RepublicationLife.GONE
        and ways & {SightingMethod.REPORTED, SightingMethod.ANNOUNCED}
    ):
        yield ReviewReason.REPORTED_SHORT
    is_text = carried and row.match is not Match.PICTURE
    if is_text and row.life is not RepublicationLife.GONE and row.counter_image is False:
        yield ReviewReason.IMAGE_STRIPPED
    if carried and row.attribution is Attribution.NAMED_OTHER_SOURCE:
        yield ReviewReason.OTHER_SOURCE
    codes = {reason.partition(":")[0] for reason in row.reasons}
    if carried and row.attribution is Attribution.NONE and "linked_other" not in codes:
        yield ReviewReason.NO_SOURCE
    if any(reason.startswith("front_page:") for reason in row.reasons):
        yield ReviewReason.FRONT_PAGE
    if "other_figures" in codes:
        yield ReviewReason.OTHER_FIGURES
    if "linked_other" in codes:
        yield ReviewReason.OTHER_BULLETIN
    if "picture_review" in codes:
        yield ReviewReason.PICTURE
    if row.match is Match.EXCERPT and "other_figures" not in codes:
        yield ReviewReason.EXCERPT
    if any(reason.startswith("page_unreadable:") for reason in row.reasons):
        yield ReviewReason.UNREADABLE
    if "social_post" in codes:
        yield ReviewReason.SOCIAL_POST


def test_every_doubt_is_found_as_by_hand_and_counted_where_it_stands(session: Session) -> None:
    made = every_kind(session)
    disagree = {row.id for row in made[::13]}
    for row in made[::13]:
        partner_answers.record_answer(session, PARTNER, row, PartnerAnswerKind.DISAGREE, "Không đúng.", now=NOW)
    for row in made[::17]:
        partner_answers.record_answer(session, PARTNER, row, PartnerAnswerKind.NOTE, "Sẽ sửa.", now=NOW)
    for row in made[::19]:
        row.looks_disagree = True
    session.flush()
    ways: dict[int, set[SightingMethod]] = {}
    for page, how in session.execute(sa.select(Sighting.page_id, Sighting.how)):
        ways.setdefault(page, set()).add(how)
    found = review_reasons_of(session, [row.id for row in made])
    expected = {row.id: tuple(by_hand(row, ways.get(row.page_id, set()), row.id in disagree)) for row in made}
    assert found == expected
    assert {doubt for entry in expected.values() for doubt in entry} == set(ReviewReason)
    for doubt, counted in pending_work.review_reasons_by_status(session).items():
        for status in RepublicationStatus:
            assert counted.get(status, 0) == sum(doubt in expected[row.id] and row.status is status for row in made), (
                doubt,
                status,
            )
    waiting = {
        row.id for row in made if row.status is RepublicationStatus.REVIEW or row.id in disagree or row.looks_disagree
    }
    queued = [item for part in review_queue(Republication.id) for item in session.execute(part).scalars()]
    assert sorted(queued) == sorted(waiting)
    assert in_review_count(session) == len(waiting)
    total, each = pending_work.review_queue_counts(session)
    assert total == len(waiting)
    assert each == {doubt: sum(doubt in expected[number] for number in waiting) for doubt in ReviewReason}


@pytest.mark.long
def test_on_sqlite_the_queue_and_its_doubts_are_counted_without_reading_a_row(sqlite: Database) -> None:
    asked: list[tuple[str, object]] = []
    with sqlite.write() as session:
        every_kind(session)
    sqlite.update_statistics()
    with sqlite.read() as session:
        session.connection()
        sa.event.listen(sqlite.engine, "before_cursor_execute", lambda *entry: asked.append((entry[2], entry[3])))
        pending_work.review_queue_counts(session)
        (statement, values) = asked[0]
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert "SCAN republications USING COVERING INDEX ix_republications_in_review" in plan


def test_what_needs_mending_is_asked_as_it_is_shown(session: Session) -> None:
    made = every_kind(session)
    asked = set(session.execute(sa.select(Republication.id).where(needs_correction())).scalars())
    numbers = {row.id for row in made if row.status is not RepublicationStatus.REJECTED and corrections_of(row)}
    assert asked == numbers
    assert 0 < len(numbers) < len(made)


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [
        (Attribution.LINKED_AT_END, ()),
        (Attribution.LINKED_ELSEWHERE, (Correction.NOT_AT_END,)),
        (Attribution.HOME_PAGE_ONLY, (Correction.HOME_PAGE_ONLY,)),
        (Attribution.URL_TEXT_ONLY, (Correction.URL_TEXT_ONLY,)),
        (Attribution.NAMED_ONLY, (Correction.NAMED_ONLY,)),
        (Attribution.NAMED_OTHER_SOURCE, (Correction.OTHER_SOURCE,)),
        (Attribution.NONE, (Correction.NO_SOURCE,)),
    ],
)
def test_each_way_of_naming_us_has_its_own_mending(
    session: Session, attribution: Attribution, expected: tuple[Correction, ...]
) -> None:
    row = make_republication(session, published(session), site(session), attribution=attribution)
    row.checked_at = NOW
    assert corrections_of(row) == expected


def test_a_withdrawn_text_is_only_to_be_taken_down_and_an_old_one_also_improved(session: Session) -> None:
    row = make_republication(session, published(session), site(session), attribution=Attribution.NONE)
    row.checked_at, row.stale = NOW, True
    assert corrections_of(row) == (Correction.OLD_TEXT, Correction.NO_SOURCE)
    row.bulletin.recalled_at = NOW
    assert corrections_of(row) == (Correction.RECALLED,)
    row.life = RepublicationLife.GONE
    assert corrections_of(row) == ()


def test_an_answer_waits_until_a_person_has_dealt_with_it_and_a_mending_waits_for_nobody(session: Session) -> None:
    row = make_republication(session, published(session), site(session))
    for answer_kind in PartnerAnswerKind:
        partner_answers.record_answer(session, PARTNER, row, answer_kind, "Lời.", now=NOW)
    assert partner_answers.waiting_counts(session) == {PartnerAnswerKind.DISAGREE: 1, PartnerAnswerKind.NOTE: 1}
    assert partner_answers.settle_answers(session, row, ANALYST, now=NOW) == 2
    assert partner_answers.waiting_counts(session) == {}
    assert partner_answers.settle_answers(session, row, ANALYST, now=NOW) == 0
