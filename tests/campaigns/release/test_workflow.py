"""The workflow of a bulletin from draft to recall: permissions and the effects of each transition."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.channels.transport import DeliveryAct
from campaigns.core.errors import CampaignError, Conflict, Forbidden, Invalid
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Actor, Role
from campaigns.release import workflow
from tests.factories import ANALYST, APPROVER, DELIVERY_MODES, NOW, WRITER, approved, channel, draft, published, text

HOUR = timedelta(hours=1)


def _deliveries(session: Session, bulletin: Bulletin) -> list[tuple[DeliveryAct, int, DeliveryState]]:
    rows = session.execute(sa.select(Delivery).where(Delivery.bulletin_id == bulletin.id).order_by(Delivery.id))
    return [(row.act, row.revision, row.state) for row in rows.scalars()]


def test_codes_count_within_the_city_s_day(session: Session) -> None:
    assert [draft(session).code for _ in range(2)] == ["BT-2026-11-24-001", "BT-2026-11-24-002"]
    evening = NOW + timedelta(hours=16)  # past midnight in the city
    assert draft(session, now=evening).code == "BT-2026-11-25-001"


def test_two_people_take_a_bulletin_out(session: Session) -> None:
    channel(session)
    bulletin = published(session)
    assert bulletin.state is BulletinState.PUBLISHED
    assert _deliveries(session, bulletin) == [(DeliveryAct.PUBLISH, 1, DeliveryState.DUE)]
    session.commit()
    acts = session.execute(
        sa.select(JournalEntry.act).where(JournalEntry.subject == bulletin.code).order_by(JournalEntry.seq)
    ).scalars()
    assert list(acts) == ["bulletin.written", "bulletin.submitted", "bulletin.approved", "bulletin.published"]


def test_nobody_approves_what_they_wrote(session: Session) -> None:
    both = Actor("hai@so.example", "Hai Vai", Role.APPROVER)
    bulletin = draft(session, writer=both)
    workflow.submit(session, both, bulletin.code, now=NOW)
    with pytest.raises(Forbidden) as refused:
        workflow.approve(session, both, bulletin.code, bulletin.revision(1).hash, DELIVERY_MODES, now=NOW)
    assert refused.value.code == "own_bulletin"
    assert bulletin.state is BulletinState.SUBMITTED


def test_an_approval_names_the_text_it_approves(session: Session) -> None:
    bulletin = draft(session)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    seen = bulletin.revision(1).hash
    workflow.revise(session, WRITER, bulletin.code, text(body="Một văn bản khác hẳn."), now=NOW)
    assert bulletin.state is BulletinState.DRAFT
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    with pytest.raises(Conflict) as refused:
        workflow.approve(session, APPROVER, bulletin.code, seen, DELIVERY_MODES, now=NOW)
    assert refused.value.code == "text_changed"


def test_another_text_voids_an_approval_and_a_schedule(session: Session) -> None:
    channel(session)
    bulletin = approved(session)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + HOUR, now=NOW)
    assert len(_deliveries(session, bulletin)) == 1
    workflow.revise(session, WRITER, bulletin.code, text(body="Sửa lại trước giờ phát."), now=NOW)
    assert (bulletin.state, bulletin.approved, bulletin.release_at) == (BulletinState.DRAFT, None, None)
    assert _deliveries(session, bulletin) == []
    with pytest.raises(Conflict):
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=NOW)


def test_saving_the_same_text_again_adds_no_revision(session: Session) -> None:
    bulletin = draft(session, title="Giữ nguyên", body="Không đổi.")
    same = text("Giữ nguyên", "Không đổi.")
    workflow.revise(session, WRITER, bulletin.code, same, now=NOW)
    assert bulletin.latest == 1


def test_two_writers_of_one_draft_do_not_overwrite_each_other(session: Session) -> None:
    bulletin = draft(session)
    workflow.revise(session, WRITER, bulletin.code, text(body="Người thứ nhất."), expected=1, now=NOW)
    with pytest.raises(Conflict) as refused:
        workflow.revise(session, WRITER, bulletin.code, text(body="Người thứ hai."), expected=1, now=NOW)
    assert refused.value.code == "text_changed"
    assert bulletin.revision(bulletin.latest).body_text == "Người thứ nhất."


def test_the_past_cannot_be_scheduled(session: Session) -> None:
    bulletin = approved(session)
    with pytest.raises(Invalid) as refused:
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW - HOUR, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [("at", "past")]
    assert bulletin.state is BulletinState.APPROVED


def test_a_schedule_can_be_moved_until_it_has_come(session: Session) -> None:
    channel(session)
    bulletin = approved(session)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + HOUR, now=NOW)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + 2 * HOUR, now=NOW)
    due = session.execute(sa.select(Delivery.due_at).where(Delivery.bulletin_id == bulletin.id)).scalars().all()
    assert due == [NOW + 2 * HOUR]
    with pytest.raises(Conflict):
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + 9 * HOUR, now=NOW + 3 * HOUR)


def test_what_has_come_due_is_written_down_as_published_once(session: Session) -> None:
    bulletin = approved(session)
    workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + HOUR, now=NOW)
    assert workflow.release_due(session, now=NOW) == []
    assert workflow.release_due(session, now=NOW + HOUR) == [bulletin.code]
    assert workflow.release_due(session, now=NOW + HOUR) == []
    assert bulletin.revision(1).released_at == NOW + HOUR


def test_an_approver_s_correction_goes_to_those_who_had_the_old_text(session: Session) -> None:
    reached, waiting = channel(session), channel(session)
    bulletin = published(session)
    first = session.execute(sa.select(Delivery).where(Delivery.channel_id == reached.id)).scalar_one()
    first.state, first.due_at = DeliveryState.DELIVERED, None
    session.flush()
    workflow.correct(
        session, APPROVER, bulletin.code, text(body="Đã sửa giờ."), "Sửa giờ mở cửa", DELIVERY_MODES, now=NOW + HOUR
    )
    assert (bulletin.released, bulletin.state) == (2, BulletinState.PUBLISHED)
    assert _deliveries(session, bulletin) == [
        (DeliveryAct.PUBLISH, 1, DeliveryState.DELIVERED),
        (DeliveryAct.PUBLISH, 1, DeliveryState.CANCELLED),
        (DeliveryAct.CORRECT, 2, DeliveryState.DUE),
        (DeliveryAct.CORRECT, 2, DeliveryState.DUE),
    ]
    assert waiting.id is not None


def test_a_writer_s_correction_waits_for_another_person(session: Session) -> None:
    bulletin = published(session)
    workflow.correct(
        session, WRITER, bulletin.code, text(body="Đã sửa."), "Sửa số liệu", DELIVERY_MODES, now=NOW + HOUR
    )
    assert (bulletin.released, bulletin.pending) == (1, 2)
    workflow.approve(session, APPROVER, bulletin.code, bulletin.revision(2).hash, DELIVERY_MODES, now=NOW + HOUR)
    assert (bulletin.released, bulletin.pending) == (2, None)


def test_a_correction_that_changes_nothing_is_refused(session: Session) -> None:
    bulletin = published(session, title="Tin", body="Nội dung.")
    with pytest.raises(Conflict) as refused:
        workflow.correct(
            session, APPROVER, bulletin.code, text("Tin", "Nội dung."), "x", DELIVERY_MODES, now=NOW + HOUR
        )
    assert refused.value.code == "nothing_changed"


def test_a_recall_notifies_those_who_had_it_and_cancels_the_rest(session: Session) -> None:
    had, had_not = channel(session), channel(session)
    bulletin = published(session)
    first = session.execute(sa.select(Delivery).where(Delivery.channel_id == had.id)).scalar_one()
    first.state, first.due_at = DeliveryState.DELIVERED, None
    session.flush()
    workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", DELIVERY_MODES, now=NOW + HOUR)
    assert bulletin.state is BulletinState.RECALLED
    recalls = session.execute(sa.select(Delivery.channel_id).where(Delivery.act == DeliveryAct.RECALL)).scalars().all()
    assert recalls == [had.id]
    assert had_not.id not in recalls


@pytest.mark.parametrize(("actor", "act"), [(WRITER, "approve"), (ANALYST, "write"), (WRITER, "recall")])
def test_a_role_does_only_what_it_may(session: Session, actor: Actor, act: str) -> None:
    code = published(session).code
    acts = {
        "approve": lambda: workflow.approve(session, actor, code, "x", DELIVERY_MODES, now=NOW),
        "write": lambda: draft(session, writer=actor),
        "recall": lambda: workflow.recall(session, actor, code, "vì sao", DELIVERY_MODES, now=NOW),
    }
    with pytest.raises(Forbidden):
        acts[act]()


@pytest.mark.parametrize("state", ["draft", "submitted", "approved", "published", "recalled"])
def test_only_a_draft_can_be_submitted(session: Session, state: str) -> None:
    bulletin = {"draft": draft, "approved": approved}.get(state, published)(session)
    if state == "submitted":
        bulletin = draft(session)
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
    if state == "recalled":
        workflow.recall(session, APPROVER, bulletin.code, "x", DELIVERY_MODES, now=NOW)
    if state == "draft":
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
        return
    with pytest.raises(CampaignError):
        workflow.submit(session, WRITER, bulletin.code, now=NOW)


def test_a_bulletin_without_a_title_or_with_an_unknown_topic_is_refused_naming_both(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        drafts.create(session, WRITER, text(title=" "), topic="khong-co", channels=["kenh-la"], now=NOW)
    assert {error.field for error in refused.value.errors} == {"title", "topic", "channels.0"}
    assert session.execute(sa.select(sa.func.count()).select_from(Bulletin)).scalar_one() == 0
    assert session.execute(sa.select(sa.func.count()).select_from(Revision)).scalar_one() == 0


def test_a_returned_bulletin_goes_back_to_its_writer_with_the_note(session: Session) -> None:
    bulletin = draft(session)
    workflow.submit(session, WRITER, bulletin.code, now=NOW)
    with pytest.raises(Invalid):
        workflow.return_for_changes(session, APPROVER, bulletin.code, " ", now=NOW)
    workflow.return_for_changes(session, APPROVER, bulletin.code, "Thiếu giờ mở cửa", now=NOW)
    assert (bulletin.state, bulletin.return_note) == (BulletinState.DRAFT, "Thiếu giờ mở cửa")
