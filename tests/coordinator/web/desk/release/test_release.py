"""Release at the desk: now, at a time, at a changed time, cancelled; correction and recall of published bulletins."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.channels.transport import DeliveryAct
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from campaigns.reporting import tallies
from coordinator.web.kit.text.error_messages import FIELD_ERROR_MESSAGES
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW

TYPED = {"title": "Đã sửa", "lead": "", "body_html": "Đến 6 tuổi.", "body_as": "text", "note": "Sửa tuổi."}


@pytest.fixture
def approver(desk: Desk) -> Desk:
    """A desk with the approver signed in; there is one account of the department and one channel of a partner."""
    with desk.database.write() as session:
        factories.channel(session, "zalo")
        factories.channel(session, company=factories.company(session))
    desk.sign_in(Role.APPROVER)
    return desk


def approved(desk: Desk) -> str:
    with desk.database.write() as session:
        return factories.approved(session).code


def published(desk: Desk, *, delivered: bool = True) -> str:
    with desk.database.write() as session:
        code = factories.published(session, body="Đến 5 tuổi.").code
        if delivered:
            session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
        return code


def row(desk: Desk, code: str) -> Bulletin:
    with desk.database.read() as session:
        return find_bulletin(session, code)


def url(code: str, act: str) -> str:
    return f"/desk/bulletins/{code}/{act}"


def test_a_release_is_timed_moved_and_made_at_once(approver: Desk) -> None:
    code = approved(approver)
    page = Page(approver.get(url(code, "release")))
    assert page.heading == "Phát hành bản tin"
    assert page.words("#hen li")[0] == "Gửi tới 1 kênh đối tác, 1 tài khoản"
    assert (page.value("day"), page.value("time")) == ("24/11/2026", "11:00")
    approver.post(url(code, "release"), {"do": "at", "day": "2026-11-25", "time": "08:00"})
    bulletin = row(approver, code)
    assert (bulletin.state, bulletin.release_at) == (BulletinState.SCHEDULED, datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    page = Page(approver.get(url(code, "release")))
    assert page.heading == "Chuyển giờ phát"
    assert (page.value("day"), page.value("time")) == ("25/11/2026", "08:00")
    answer = approver.post(url(code, "release") + "?back=calendar", {"do": "at", "day": "26/11/2026", "time": "9:30"})
    assert answer.location == "/desk/calendar?from=2026-11-26"
    assert row(approver, code).release_at == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
    approver.post(url(code, "release"), {"do": "now"})
    assert row(approver, code).state is BulletinState.PUBLISHED


def test_a_time_gone_by_is_refused_and_the_old_one_stays(approver: Desk) -> None:
    code = approved(approver)
    approver.post(url(code, "release"), {"do": "at", "day": "2026-11-25", "time": "08:00"})
    answer = approver.post(url(code, "release"), {"do": "at", "day": "2026-11-24", "time": "09:59"})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"time": "Giờ phát hành phải sau lúc này"}
    assert row(approver, code).release_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_taking_a_release_back_makes_it_a_draft_with_a_note(approver: Desk) -> None:
    code = approved(approver)
    approver.post(url(code, "release"), {"do": "at", "day": "2026-11-25", "time": "08:00"})
    answer = approver.post(url(code, "take-back"), {"note": ""})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"note": "Ghi rõ lý do để người khác hiểu"}
    assert approver.post(url(code, "take-back"), {"note": "Chờ số liệu."}).status_code == 303
    bulletin = row(approver, code)
    assert (bulletin.state, bulletin.release_at, bulletin.return_note) == (BulletinState.DRAFT, None, "Chờ số liệu.")
    with approver.database.read() as session:
        assert session.execute(sa.select(Delivery)).first() is None


def test_what_does_not_wait_for_release_leads_back(approver: Desk) -> None:
    code = published(approver)
    answer = approver.client.get(url(code, "release"))
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{code}")
    answer = approver.post(url(code, "release"), {"do": "now"})
    assert answer.location == f"/desk/bulletins/{code}"
    assert "đã chuyển sang trạng thái khác" in approver.get(answer.location or "")


def test_an_approvers_correction_goes_out_at_once_to_those_who_had_the_old_text(approver: Desk) -> None:
    code = published(approver)
    page = Page(approver.get(url(code, "correct")))
    assert page.value("body_html") == "Đến 5 tuổi."
    assert page.has("Đính chính sẽ tới 1 kênh đối tác, 1 tài khoản đã nhận bản cũ")
    assert page.has("Có hiệu lực ngay khi bấm")
    answer = approver.post(url(code, "correct"), TYPED | {"expected": page.value("expected")})
    assert answer.status_code == 303
    assert row(approver, code).released == 2
    with approver.database.read() as session:
        acts = session.execute(sa.select(Delivery.act).where(Delivery.revision == 2)).scalars().all()
    assert acts == [DeliveryAct.CORRECT, DeliveryAct.CORRECT]


def test_a_writers_correction_waits_for_approval(approver: Desk) -> None:
    code = published(approver)
    approver.sign_in(Role.WRITER)
    page = Page(approver.get(url(code, "correct")))
    assert page.has("Chờ một người duyệt rồi mới ra ngoài")
    approver.post(url(code, "correct"), TYPED | {"expected": "1"})
    bulletin = row(approver, code)
    assert (bulletin.released, bulletin.pending) == (1, 2)
    page = Page(approver.get(url(code, "correct")))
    assert page.has("Đã có bản đính chính chờ duyệt (phiên bản 2)")
    assert page.value("body_html") == "Đến 6 tuổi."


def test_a_correction_needs_a_note_and_a_change(approver: Desk) -> None:
    code = published(approver)
    answer = approver.post(url(code, "correct"), TYPED | {"note": "", "title": "", "expected": "1"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {"title": "Nhập tiêu đề bản tin", "note": "Ghi rõ lý do để người khác hiểu"}
    assert page.value("body_html") == "Đến 6 tuổi."
    with approver.database.read() as session:
        same = find_bulletin(session, code).revision(1)
    sent = {"title": same.title, "lead": same.lead, "body_html": "Đến 5 tuổi.", "body_as": "text", "note": "x"}
    answer = approver.post(url(code, "correct"), sent | {"expected": "1"})
    assert answer.status_code == 409
    assert "giống hệt bản đang phát" in Page(answer.text).errors()["form"]


def test_two_corrections_at_once_show_both_and_lose_nothing(approver: Desk) -> None:
    code = published(approver)
    with approver.database.write() as session:
        workflow.correct(
            session, APPROVER, code, factories.text("Của người kia", "Đến 7 tuổi."), "Sửa.", DELIVERY_MODES, now=NOW
        )
    answer = approver.post(url(code, "correct"), TYPED | {"expected": "1"})
    assert answer.status_code == 409
    page = Page(answer.text)
    assert page.value("title") == "Đã sửa"
    assert page.value("note") == "Sửa tuổi."
    assert page.value("expected") == "2"
    assert page.has("7")
    assert row(approver, code).released == 2
    assert approver.post(url(code, "correct"), TYPED | {"expected": "2"}).status_code == 303
    with approver.database.read() as session:
        bulletin = find_bulletin(session, code)
        channels = sa.select(Delivery.channel_id).where(Delivery.bulletin_id == bulletin.id)
        sent = session.execute(channels).scalars().all()
        assert sum(tallies.delivery_states(session, bulletin).values()) == len(set(sent)) < len(sent)
    assert row(approver, code).released == 3


def test_a_recall_says_its_consequence_needs_a_reason_and_tells_everybody(approver: Desk) -> None:
    code = published(approver)
    page = Page(approver.get(url(code, "recall")))
    assert page.words("#thu-hoi li")[1] == "Báo 1 kênh đối tác, 1 tài khoản đã nhận, cả nơi đang tạm dừng"
    assert page.words("#thu-hoi button") == ["Thu hồi, báo 1 kênh đối tác, 1 tài khoản"]
    answer = approver.post(url(code, "recall"), {"reason": " "})
    assert answer.status_code == 422
    assert list(Page(answer.text).errors()) == ["reason"]
    answer = approver.post(url(code, "recall"), {"reason": "Sai số liệu."})
    assert answer.status_code == 303
    assert row(approver, code).state is BulletinState.RECALLED
    with approver.database.read() as session:
        recalls = session.execute(sa.select(Delivery).where(Delivery.act == DeliveryAct.RECALL)).scalars().all()
    assert len(recalls) == 2
    page = Page(approver.get(f"/desk/bulletins/{code}"))
    assert page.has("Sai số liệu.")
    assert page.words(".head .button") == []
    assert approver.client.get(f"/bulletins/{code}").status_code == 410


def test_what_is_not_out_cannot_be_corrected_or_recalled(approver: Desk) -> None:
    code = approved(approver)
    for act in ("correct", "recall"):
        answer = approver.client.get(url(code, act))
        assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{code}")
    approver.post(url(code, "release"), {"do": "at", "day": "2026-11-25", "time": "08:00"})
    approver.office.clock.moment = BEGINNING + timedelta(days=1)
    assert approver.client.get(url(code, "correct")).status_code == 200


@pytest.mark.parametrize(("role", "correct"), [(Role.WRITER, 303), (Role.ANALYST, 403), (Role.ADMIN, 303)])
def test_other_roles_may_not_release_or_recall_even_by_force(approver: Desk, role: Role, correct: int) -> None:
    waiting, out = approved(approver), published(approver)
    approver.sign_in(role)
    assert approver.post(url(waiting, "release"), {"do": "now"}).status_code == 403
    assert approver.post(url(waiting, "take-back"), {"note": "x"}).status_code == 403
    assert approver.post(url(out, "recall"), {"reason": "x"}).status_code == 403
    assert approver.post(url(out, "correct"), TYPED | {"expected": "1"}).status_code == correct
    assert (row(approver, waiting).state, row(approver, out).state) == (BulletinState.APPROVED, BulletinState.PUBLISHED)
    assert row(approver, out).released == 1


@pytest.mark.parametrize("typed", ["24:00", "24h", "24h00"])
def test_midnight_at_the_end_of_a_day_is_asked_about_rather_than_guessed(desk: Desk, typed: str) -> None:
    desk.sign_in(Role.APPROVER)
    with desk.database.write() as session:
        code = factories.approved(session).code
    answer = desk.post(f"/desk/bulletins/{code}/release", {"do": "at", "day": "2026-11-25", "time": typed})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"time": FIELD_ERROR_MESSAGES["midnight"]}
