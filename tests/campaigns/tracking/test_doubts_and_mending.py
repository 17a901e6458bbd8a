"""Doubts and what to mend: the conditions in SQL say what reading the rows one by one says."""

import itertools
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.people.staff import Actor
from campaigns.reporting import disputes
from campaigns.reporting.waiting import in_review
from campaigns.tracking import answers
from campaigns.tracking.answers import Said
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.doubts import Doubt, doubts_of, queue
from campaigns.tracking.matching import Match
from campaigns.tracking.mending import Mend, needs_mending, to_mend
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.sightings import How, Sighting
from coordinator.db import Database
from tests.campaigns.reporting.copies import copy
from tests.factories import ANALYST, NOW, published, site

PARTNER = Actor("key:abc", "Công ty Thử", None)
REASONS = ([], ["front_page: on the front page"], ["page_unreadable: 503"], ["review: an excerpt"])


def every_kind(session: Session) -> list[Republication]:
    """Copies of every combination of what the conditions look at; a few hundred rows."""
    bulletin, place = published(session), site(session)
    kinds = itertools.product(
        (Status.CONFIRMED, Status.REVIEW, Status.REJECTED),
        (Match.FULL, Match.EXCERPT, Match.NONE),
        (Attribution.LINKED_AT_END, Attribution.NAMED_OTHER_SOURCE, Attribution.NONE),
        (Life.LIVE, Life.GONE),
        (None, False),
        range(4),
    )
    made = []
    for number, (status, match, attribution, life, image, reason) in enumerate(kinds):
        row = copy(session, bulletin, place, status=status, match=match, attribution=attribution, life=life, read=False)
        row.counter_image, row.reasons = image, REASONS[reason]
        row.checked_at = NOW if number % 5 else None
        row.stale = number % 7 == 0
        row.missing_since = NOW if number % 11 == 0 else None
        for how in list(How)[: number % 4]:
            session.add(Sighting(page_id=row.page_id, how=how, source="x", bulletin_id=bulletin.id, at=NOW))
        made.append(row)
    session.flush()
    return made


def by_hand(row: Republication, ways: set[How], disagrees: bool) -> Iterator[Doubt]:
    """The same rules, read in Python."""
    looked, carried = row.checked_at is not None, row.match in {Match.FULL, Match.PARTIAL}
    if disagrees:
        yield Doubt.PARTNER_DISAGREES
    absent = row.match is Match.NONE or row.life is Life.GONE or row.missing_since is not None
    if looked and absent and How.COUNTED_IMAGE in ways:
        yield Doubt.IMAGE_NOT_FOUND
    if looked and not carried and row.life is not Life.GONE and ways & {How.REPORTED, How.ANNOUNCED}:
        yield Doubt.REPORTED_SHORT
    if carried and row.life is not Life.GONE and row.counter_image is False:
        yield Doubt.IMAGE_STRIPPED
    if carried and row.attribution is Attribution.NAMED_OTHER_SOURCE:
        yield Doubt.OTHER_SOURCE
    if carried and row.attribution is Attribution.NONE:
        yield Doubt.NO_SOURCE
    if any(one.startswith("front_page:") for one in row.reasons):
        yield Doubt.FRONT_PAGE
    if row.match is Match.EXCERPT:
        yield Doubt.EXCERPT
    if any(one.startswith("page_unreadable:") for one in row.reasons):
        yield Doubt.UNREADABLE


def test_every_doubt_is_found_as_by_hand_and_counted_where_it_stands(session: Session) -> None:
    made = every_kind(session)
    disagree = {row.id for row in made[::13]}
    for row in made[::13]:
        answers.give(session, PARTNER, row, Said.DISAGREE, "Không đúng.", now=NOW)
    for row in made[::17]:
        answers.give(session, PARTNER, row, Said.NOTE, "Sẽ sửa.", now=NOW)
    ways: dict[int, set[How]] = {}
    for page, how in session.execute(sa.select(Sighting.page_id, Sighting.how)):
        ways.setdefault(page, set()).add(how)
    found = doubts_of(session, [row.id for row in made])
    expected = {row.id: tuple(by_hand(row, ways.get(row.page_id, set()), row.id in disagree)) for row in made}
    assert found == expected
    assert {doubt for one in expected.values() for doubt in one} == set(Doubt)
    for doubt, counted in disputes.by_status(session).items():
        for status in Status:
            assert counted.get(status, 0) == sum(doubt in expected[row.id] and row.status is status for row in made), (
                doubt,
                status,
            )
    waiting = {row.id for row in made if row.status is Status.REVIEW or row.id in disagree}
    queued = [one for part in queue(Republication.id) for one in session.execute(part).scalars()]
    assert sorted(queued) == sorted(waiting)
    assert in_review(session) == len(waiting)
    total, each = disputes.in_queue(session)
    assert total == len(waiting)
    assert each == {doubt: sum(doubt in expected[one] for one in waiting) for doubt in Doubt}


def test_on_sqlite_the_queue_and_its_doubts_are_counted_without_reading_a_row(sqlite: Database) -> None:
    asked: list[tuple[str, object]] = []
    with sqlite.write() as session:
        every_kind(session)
    sqlite.learn()
    with sqlite.read() as session:
        session.connection()
        sa.event.listen(sqlite.engine, "before_cursor_execute", lambda *one: asked.append((one[2], one[3])))
        disputes.in_queue(session)
        (statement, values) = asked[0]
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert "SCAN republications USING COVERING INDEX ix_republications_in_review" in plan


def test_what_needs_mending_is_asked_as_it_is_told(session: Session) -> None:
    made = every_kind(session)
    asked = set(session.execute(sa.select(Republication.id).where(needs_mending())).scalars())
    told = {row.id for row in made if row.status is not Status.REJECTED and to_mend(row)}
    assert asked == told
    assert 0 < len(told) < len(made)


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [
        (Attribution.LINKED_AT_END, ()),
        (Attribution.LINKED_ELSEWHERE, (Mend.NOT_AT_END,)),
        (Attribution.HOME_PAGE_ONLY, (Mend.HOME_PAGE_ONLY,)),
        (Attribution.URL_TEXT_ONLY, (Mend.URL_TEXT_ONLY,)),
        (Attribution.NAMED_ONLY, (Mend.NAMED_ONLY,)),
        (Attribution.NAMED_OTHER_SOURCE, (Mend.OTHER_SOURCE,)),
        (Attribution.NONE, (Mend.NO_SOURCE,)),
    ],
)
def test_each_way_of_naming_us_has_its_own_mending(
    session: Session, attribution: Attribution, expected: tuple[Mend, ...]
) -> None:
    row = copy(session, published(session), site(session), attribution=attribution)
    row.checked_at = NOW
    assert to_mend(row) == expected


def test_a_withdrawn_text_is_only_to_be_taken_down_and_an_old_one_also_improved(session: Session) -> None:
    row = copy(session, published(session), site(session), attribution=Attribution.NONE)
    row.checked_at, row.stale = NOW, True
    assert to_mend(row) == (Mend.OLD_TEXT, Mend.NO_SOURCE)
    row.bulletin.recalled_at = NOW
    assert to_mend(row) == (Mend.RECALLED,)
    row.life = Life.GONE
    assert to_mend(row) == ()


def test_an_answer_waits_until_a_person_has_dealt_with_it_and_a_mending_waits_for_nobody(session: Session) -> None:
    row = copy(session, published(session), site(session))
    for said in Said:
        answers.give(session, PARTNER, row, said, "Lời.", now=NOW)
    assert answers.waiting(session) == {Said.DISAGREE: 1, Said.NOTE: 1}
    assert answers.settle(session, row, ANALYST, now=NOW) == 2
    assert answers.waiting(session) == {}
    assert answers.settle(session, row, ANALYST, now=NOW) == 0
