"""Decisions on copies, and undoing them."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.core.intervals import NORMAL
from campaigns.core.ledger import Claim
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.matcher import FP_VERSION, RULE_VERSION, Match, MatchVerdict
from campaigns.people.staff import Actor
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution, AttributionVerdict
from campaigns.republications.evidence import verification
from campaigns.republications.evidence.judgement import Judgement, JudgementOutcome, OutcomeDecision
from campaigns.republications.evidence.uploads import EvidenceUploadKind, StoredFile, confirm_by_upload
from campaigns.republications.evidence.verification import PageDetails, update_copy
from campaigns.republications.republications import (
    EvidenceLevel,
    Republication,
    RepublicationStatus,
    claim_copy,
    find_republication,
)
from campaigns.republications.review import decisions
from campaigns.republications.review.decisions import decide, undo_decision, version_token
from coordinator.db import Database
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ANALYST, APPROVER, NOW, WRITER, published, site

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def row(session: Session) -> Republication:
    """A copy in review, without an attribution by the machine."""
    return make_republication(
        session, published(session), site(session), status=RepublicationStatus.REVIEW, attribution=Attribution.NONE
    )


def standing(row: Republication) -> tuple[object, ...]:
    return (
        row.status, row.decided_by, row.decided_at, row.decision_note, row.confirmed_at, row.attribution,
        row.attribution_said,
    )  # fmt: skip


@pytest.mark.parametrize(("reason", "confirm"), [("because", True), ("not_there", True), ("seen", False)])
def test_only_the_usual_reasons_of_that_conclusion_are_taken(
    session: Session, row: Republication, reason: str, confirm: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        decide(session, ANALYST, row, confirm=confirm, note="Một.", reason=reason, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [("reason", "unknown_reason")]
    assert row.status is RepublicationStatus.REVIEW


@pytest.mark.parametrize("confirm", [True, False])
def test_taking_back_brings_exactly_what_stood_before(session: Session, row: Republication, confirm: bool) -> None:
    by_person = Attribution.NAMED_ONLY if confirm else None
    before = standing(row)
    first = decide(session, ANALYST, row, confirm=confirm, note="Một.", attribution=by_person, now=NOW)
    between = standing(row)
    second = decide(session, APPROVER, row, confirm=not confirm, note="Hai.", now=LATER)
    assert standing(row) not in {before, between}
    with pytest.raises(Conflict) as overtaken:
        undo_decision(session, ANALYST, row, first.public, now=LATER)
    assert overtaken.value.code == "decided_since"
    assert overtaken.value.params["who"] == "Quốc Bảo"
    undo_decision(session, ANALYST, row, second.public, now=LATER)
    assert standing(row) == between
    undo_decision(session, ANALYST, row, first.public, now=LATER)
    assert standing(row) == before
    with pytest.raises(Conflict) as again:
        undo_decision(session, ANALYST, row, first.public, now=LATER)
    assert again.value.code == "undone_before"
    assert [decision.undone_by for decision in decisions.decisions_of(session, row)] == [ANALYST.id, ANALYST.id]
    session.commit()
    acts = [entry.act.rpartition(".")[2] for entry in journal.history(session, "republication", row.public)]
    words = ["confirmed", "rejected"] if confirm else ["rejected", "confirmed"]
    assert acts == [*words, "undone", "undone"]


def test_a_decision_made_from_an_old_page_is_refused(session: Session, row: Republication) -> None:
    version = version_token(row)
    decide(session, APPROVER, row, confirm=True, note="Đúng.", seen_version=version, now=NOW)
    with pytest.raises(Conflict) as overtaken:
        decide(session, ANALYST, row, confirm=False, note="Sai.", seen_version=version, now=LATER)
    assert overtaken.value.code == "decided_since"
    assert row.status is RepublicationStatus.CONFIRMED


def test_a_decision_of_another_copy_is_none_of_this_ones(session: Session, row: Republication) -> None:
    other = make_republication(session, published(session), site(session), status=RepublicationStatus.REVIEW)
    made = decide(session, ANALYST, other, confirm=True, note="Đúng.", now=NOW)
    with pytest.raises(NotFound):
        undo_decision(session, ANALYST, row, made.public, now=NOW)


def test_who_may_not_review_neither_decides_nor_takes_back(session: Session, row: Republication) -> None:
    made = decide(session, ANALYST, row, confirm=True, note="Đúng.", now=NOW)
    with pytest.raises(Forbidden):
        decide(session, WRITER, row, confirm=False, note="Sai.", now=NOW)
    with pytest.raises(Forbidden):
        undo_decision(session, WRITER, row, made.public, now=NOW)


@pytest.mark.parametrize("attribution", [Attribution.LINKED_AT_END, Attribution.NAMED_ONLY])
def test_what_a_machine_saw_of_the_source_is_not_a_persons_to_say(session: Session, attribution: Attribution) -> None:
    row = make_republication(
        session, published(session), site(session), status=RepublicationStatus.REVIEW, attribution=attribution
    )
    with pytest.raises(Invalid):
        decide(session, ANALYST, row, confirm=True, note="x", attribution=Attribution.LINKED_ELSEWHERE, now=NOW)
    assert row.status is RepublicationStatus.REVIEW


@pytest.mark.parametrize("seen", list(Attribution))
def test_a_later_look_keeps_what_a_person_entered_until_it_sees_us_named(
    session: Session, row: Republication, seen: Attribution
) -> None:
    decide(session, ANALYST, row, confirm=True, note="Trên ảnh.", attribution=Attribution.LINKED_ELSEWHERE, now=NOW)
    match = MatchVerdict(
        bulletin=str(row.bulletin_id), revision=1, match=Match.FULL, share=0.9, longest_run=80, title_kept=True,
        passages=(), pairs=(), reasons=(), rule_version=RULE_VERSION, fp_version=FP_VERSION,
    )  # fmt: skip
    judgement = Judgement(
        match, AttributionVerdict(seen), None, row.canonical_url, OutcomeDecision(JudgementOutcome.REVIEW, ())
    )
    update_copy(session, row, PageDetails("Tiêu đề"), judgement, now=LATER)
    assert row.attribution is (seen if seen in NAMES_US else Attribution.LINKED_ELSEWHERE)
    assert row.counter_image is None


@pytest.mark.parametrize(("counters", "held"), [(frozenset(), False), (None, None)])
def test_whether_the_counter_image_is_there_is_known_only_where_it_was_looked_for(
    session: Session, row: Republication, counters: frozenset[str] | None, held: bool | None
) -> None:
    match = MatchVerdict(
        bulletin=str(row.bulletin_id), revision=1, match=Match.FULL, share=0.9, longest_run=80, title_kept=True,
        passages=(), pairs=(), reasons=(), rule_version=RULE_VERSION, fp_version=FP_VERSION,
    )  # fmt: skip
    verdict = AttributionVerdict(Attribution.NONE)
    judgement = Judgement(match, verdict, None, row.canonical_url, OutcomeDecision(JudgementOutcome.REVIEW, ()))
    update_copy(session, row, PageDetails("Tiêu đề", counters=counters), judgement, now=LATER)
    assert row.counter_image is held
    update_copy(session, row, PageDetails("x", counters=frozenset({row.bulletin.counter_token})), judgement, now=LATER)
    assert row.counter_image is True


def test_the_last_act_is_ones_own_newest_that_still_stands(session: Session, row: Republication) -> None:
    other = make_republication(session, published(session), site(session), status=RepublicationStatus.REVIEW)
    first = decide(session, ANALYST, row, confirm=True, note="Một.", now=NOW)
    second = decide(session, ANALYST, other, confirm=False, note="Hai.", now=LATER)
    assert decisions.latest_undoable(session, ANALYST.id, since=NOW) == [second]
    assert decisions.latest_undoable(session, APPROVER.id, since=NOW) == []
    decide(session, APPROVER, other, confirm=True, note="Ba.", now=LATER + timedelta(minutes=1))
    assert decisions.latest_undoable(session, ANALYST.id, since=NOW) == [first]
    assert decisions.latest_undoable(session, ANALYST.id, since=LATER) == []


def test_of_two_at_the_same_moment_one_decides_and_the_other_is_informed(database: Database) -> None:
    with database.write() as session:
        row = make_republication(session, published(session), site(session), status=RepublicationStatus.REVIEW)
        public, version = row.public, version_token(row)
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def work(actor: Actor, confirm: bool) -> None:
        ready.wait(30)
        try:
            with database.write() as session:
                row = find_republication(session, public)
                decide(session, actor, row, confirm=confirm, note="Cùng lúc.", seen_version=version, now=NOW)
            outcomes.append("decided")
        except Conflict as late:
            outcomes.append(late.code)

    both = [threading.Thread(target=work, args=thread) for thread in ((ANALYST, True), (APPROVER, False))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    assert sorted(outcomes) == ["decided", "decided_since"]
    with database.read() as session:
        assert len(decisions.decisions_of(session, find_republication(session, public))) == 1


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_one_who_concludes_on_several_waits_for_another_and_neither_for_ever(database: Database) -> None:
    with database.write() as session:
        bulletin = published(session)
        first, second = (
            make_republication(
                session,
                bulletin,
                site(session, url=f"https://trang{number}.example/"),
                status=RepublicationStatus.REVIEW,
            ).public
            for number in range(2)
        )

    def several() -> None:
        with database.write() as session:
            for row in decisions.lock_public_copies(session, [second, first]):
                decide(session, ANALYST, row, confirm=True, note="Cả hai đúng.", now=LATER)

    other = threading.Thread(target=several)
    with database.write() as session:
        (row,) = decisions.lock_public_copies(session, [second])
        other.start()
        _until_somebody_waits(database)
        decide(session, APPROVER, row, confirm=False, note="Sai.", now=NOW)
    other.join()
    with database.read() as session:
        assert {find_republication(session, ident).status for ident in (first, second)} == {
            RepublicationStatus.CONFIRMED
        }


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_what_a_person_is_concluding_is_not_written_over_by_a_look_at_the_same_moment(database: Database) -> None:
    with database.write() as session:
        ident = make_republication(
            session, published(session), site(session), status=RepublicationStatus.CANDIDATE
        ).public

    def look() -> None:
        with database.write() as session:
            page = find_republication(session, ident).page
            taken = Claim(page.id, page.fence, 1, False)
            verification.record_failure(
                session, page, taken, "it is a picture", NORMAL,
                unreadable=UnreadableReason.NOT_TEXT, now=LATER,
            )  # fmt: skip

    machine = threading.Thread(target=look)
    with database.write() as session:
        decide(session, ANALYST, find_republication(session, ident), confirm=False, note="Sai.", now=NOW)
        machine.start()
        _until_somebody_waits(database)
    machine.join()
    with database.read() as session:
        row = find_republication(session, ident)
        assert (row.status, row.decided_by) == (RepublicationStatus.REJECTED, ANALYST.id)


def _until_somebody_waits(database: Database) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(6000):
        with database.read() as session:
            if session.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    pytest.fail("nobody waits")


def test_what_was_only_reported_stands_by_a_persons_word_until_that_is_taken_back(session: Session) -> None:
    claimed = make_republication(
        session, published(session), site(session), status=RepublicationStatus.CANDIDATE, match=Match.NONE, read=False,
        attribution=Attribution.NONE,
    )  # fmt: skip
    made = decide(session, ANALYST, claimed, confirm=True, note="Đã đọc trên trang.", now=NOW)
    assert claimed.level is EvidenceLevel.PERSON
    undo_decision(session, ANALYST, claimed, made.public, now=LATER)
    assert claimed.level is EvidenceLevel.REPORTED
    decide(session, ANALYST, claimed, confirm=False, note="Không có.", now=LATER)
    assert claimed.level is EvidenceLevel.REPORTED


def test_a_vouched_copy_goes_back_to_how_it_was_known_before(session: Session) -> None:
    """A page seen only by a person was not reported; one that a partner reported was."""
    bulletin = published(session)
    where = site(session, url="https://pholang.example/")
    known, new = "https://pholang.example/da-bao", "https://pholang.example/chua-ai-biet"
    page, _new = record_sighting(
        session, where, known, SightingMethod.REPORTED, "key:pholang", bulletin=bulletin, now=NOW
    )
    claim_copy(session, "key:pholang", bulletin, page, EvidenceLevel.REPORTED, day=city_day(NOW), now=NOW)
    levels = {}
    for number, url in enumerate((known, new)):
        kept = StoredFile(EvidenceUploadKind.PNG, "640x480", 9, "0" * 64, "00/00.gz", str(number) * 64)
        exhibit = confirm_by_upload(session, ANALYST, bulletin.code, url, NOW, "Thấy đủ bài.", kept, now=LATER)
        row = exhibit.republication
        made = decisions.latest_decision(session, row)
        assert made is not None
        assert (row.status, row.level) == (RepublicationStatus.CONFIRMED, EvidenceLevel.PERSON)
        undo_decision(session, ANALYST, row, made.public, now=LATER)
        assert row.status is not RepublicationStatus.CONFIRMED
        levels[url] = row.level
    assert levels == {known: EvidenceLevel.REPORTED, new: EvidenceLevel.PERSON}
