"""Who may be the second person of a text: whose words were read by somebody else, and when a review falls away."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import Conflict, Forbidden
from campaigns.people.keys import add_key
from campaigns.people.powers.confirmation import confirm_key
from campaigns.people.staff import Actor, Role, add_person
from campaigns.release import urgent_releases, workflow
from campaigns.release.single_signature_releases import ReviewOutcome
from campaigns.release.urgent_releases import awaiting_review, unreviewed_by_bulletin
from tests import factories
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

SECOND = Actor("thu@so.example", "Minh Thư", Role.APPROVER)
THIRD = Actor("hai@so.example", "Hải", Role.APPROVER)


def correct(session: Session, actor: Actor, bulletin: Bulletin, title: str) -> None:
    workflow.correct(session, actor, bulletin.code, factories.text(title), "Sửa", DELIVERY_MODES, now=NOW)


def approve(session: Session, actor: Actor, bulletin: Bulletin) -> None:
    waiting = bulletin.revision(bulletin.pending or bulletin.latest)
    workflow.approve(session, actor, bulletin.code, waiting.hash, DELIVERY_MODES, now=NOW)


def refused(session: Session, actor: Actor, bulletin: Bulletin) -> bool:
    """Whether the actor may not approve what waits; nothing is approved otherwise."""
    with session.begin_nested() as point:
        try:
            approve(session, actor, bulletin)
        except Forbidden:
            return True
        finally:
            point.rollback()
    return False


def review(session: Session, actor: Actor, bulletin: Bulletin, outcome: ReviewOutcome = ReviewOutcome.IN_ORDER) -> None:
    urgent_releases.review_urgent(session, actor, bulletin.code, outcome, "đã xem", now=NOW)


def test_who_corrected_alone_may_not_approve_the_next_small_change(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    correct(session, WRITER, bulletin, "Một mình sửa nhỏ")
    assert refused(session, APPROVER, bulletin)
    assert not refused(session, SECOND, bulletin)


def test_a_review_that_finds_the_text_in_order_frees_its_author(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    review(session, SECOND, bulletin)
    correct(session, WRITER, bulletin, "Một mình sửa nhỏ")
    assert not refused(session, APPROVER, bulletin)


def test_an_objection_frees_nobody(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    review(session, SECOND, bulletin, ReviewOutcome.OBJECTION)
    correct(session, WRITER, bulletin, "Một mình sửa nhỏ")
    assert refused(session, APPROVER, bulletin)


def test_a_correction_that_a_second_person_approved_frees_all_before(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    correct(session, WRITER, bulletin, "Sửa thêm")
    approve(session, SECOND, bulletin)
    correct(session, WRITER, bulletin, "Sửa nữa")
    assert not refused(session, APPROVER, bulletin)


@pytest.mark.parametrize("alone", [1, 3])
def test_corrections_that_one_person_repeats_stay_that_person_s(session: Session, alone: int) -> None:
    bulletin = factories.published(session)
    for number in range(alone):
        correct(session, APPROVER, bulletin, f"Một mình sửa lần {number}")
    correct(session, WRITER, bulletin, "Sửa nhỏ")
    workflow.return_for_changes(session, SECOND, bulletin.code, "Chưa được", now=NOW)
    correct(session, WRITER, bulletin, "Sửa nhỏ nữa")
    assert refused(session, APPROVER, bulletin)


def test_two_who_correct_alone_by_turns_do_not_review_each_other_s(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Người thứ nhất")
    correct(session, SECOND, bulletin, "Người thứ hai")
    for actor in (APPROVER, SECOND):
        with pytest.raises(Forbidden):
            review(session, actor, bulletin)
    review(session, THIRD, bulletin)
    assert awaiting_review(session) == []


def test_a_text_released_urgently_by_its_author_is_not_read_by_the_approval_it_had_before(session: Session) -> None:
    bulletin = factories.draft(session, writer=APPROVER)
    workflow.submit(session, APPROVER, bulletin.code, now=NOW)
    approve(session, SECOND, bulletin)
    workflow.return_for_changes(session, SECOND, bulletin.code, "Tôi lại thấy sai", now=NOW)
    named = bulletin.revision(1).hash
    urgent_releases.publish_urgent(session, APPROVER, bulletin.code, named, "Gấp", DELIVERY_MODES, now=NOW)
    correct(session, WRITER, bulletin, "Sửa nhỏ")
    assert refused(session, APPROVER, bulletin)


def test_a_key_of_who_corrected_alone_does_not_approve_either(session: Session) -> None:
    for actor, role in ((APPROVER, Role.APPROVER), (SECOND, Role.ADMIN)):
        add_person(
            session, "cli", email=actor.id, name=actor.name, role=role, password_hash="x", uniquifier=actor.id, now=NOW
        )
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    made = add_key(session, APPROVER.id, name="máy", role=Role.APPROVER, now=NOW)
    confirm_key(session, Actor(SECOND.id, SECOND.name, Role.ADMIN), made.row.public, now=NOW)
    correct(session, WRITER, bulletin, "Sửa nhỏ")
    assert refused(session, made.row.actor, bulletin)
    with pytest.raises(Forbidden):
        review(session, made.row.actor, bulletin)


# Drafts: an edit that was taken back.


def test_an_approver_whose_edit_was_taken_back_may_approve_the_text_as_it_was(session: Session) -> None:
    bulletin = factories.draft(session, title="Bản của Hằng", body="Đúng")
    workflow.revise(session, APPROVER, bulletin.code, factories.text("Bản của Bảo", "Khác"), now=NOW)
    assert APPROVER.id in workflow.barred_from_approval(session, bulletin)
    workflow.revise(session, WRITER, bulletin.code, factories.text("Bản của Hằng", "Đúng"), now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert not refused(session, APPROVER, bulletin)
    assert refused(session, Actor(WRITER.id, WRITER.name, Role.APPROVER), bulletin)


def test_who_takes_an_earlier_text_up_again_is_one_of_its_authors(session: Session) -> None:
    bulletin = factories.draft(session, title="Bản cũ", body="Cũ")
    workflow.revise(session, WRITER, bulletin.code, factories.text("Bản mới", "Mới"), now=NOW)
    workflow.revise(session, APPROVER, bulletin.code, factories.text("Bản cũ", "Cũ"), now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert refused(session, APPROVER, bulletin)


def test_one_changed_word_is_no_earlier_text(session: Session) -> None:
    bulletin = factories.draft(session, title="Bản của Hằng", body="Đúng")
    workflow.revise(session, APPROVER, bulletin.code, factories.text("Bản của Bảo", "Khác"), now=NOW)
    workflow.revise(session, WRITER, bulletin.code, factories.text("Bản của Hằng", "Đúng."), now=NOW)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    assert refused(session, APPROVER, bulletin)


# When a text with one signature waits no more.


def test_a_row_ends_when_the_bulletin_is_corrected_again_by_two_people(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    correct(session, WRITER, bulletin, "Sửa thêm")
    assert [row[0].revision for row in awaiting_review(session)] == [2]  # what readers still see
    approve(session, SECOND, bulletin)
    assert awaiting_review(session) == []
    assert unreviewed_by_bulletin(session, [bulletin.id]) == {bulletin.id: False}
    with pytest.raises(Conflict) as over:
        review(session, THIRD, bulletin)
    assert over.value.code == "nothing_to_review"


def test_a_second_correction_alone_takes_the_place_of_the_first(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    correct(session, APPROVER, bulletin, "Một mình sửa lần nữa")
    [(waiting, _code, title)] = awaiting_review(session)
    assert (waiting.revision, title) == (3, "Một mình sửa lần nữa")
    review(session, SECOND, bulletin)
    assert awaiting_review(session) == []


def test_a_row_ends_when_the_bulletin_is_recalled(session: Session) -> None:
    bulletin = factories.published(session)
    correct(session, APPROVER, bulletin, "Một mình sửa")
    workflow.recall(session, SECOND, bulletin.code, "Sai", DELIVERY_MODES, now=NOW + timedelta(hours=1))
    assert awaiting_review(session) == []
    with pytest.raises(Conflict):
        review(session, SECOND, bulletin)
