"""Approval at the desk: the exact text, its changes, the consequences, and the decision."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.channels.channels import ChannelState
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role, add_person
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER


@pytest.fixture
def approver(desk: Desk) -> Desk:
    """A desk with the approver signed in; the department has one account, a partner has two channels, one of them
    paused."""
    with desk.database.write() as session:
        factories.channel(session, "zalo")
        owner = factories.company(session)
        factories.channel(session, company=owner)
        factories.channel(session, company=owner).state = ChannelState.PAUSED
    desk.sign_in(Role.APPROVER)
    return desk


def submitted(desk: Desk, **more: object) -> str:
    with desk.database.write() as session:
        code = factories.draft(session, **more).code  # type: ignore[arg-type]  # passed on as given
        workflow.submit(session, WRITER, code, now=NOW)
    return code


def row(desk: Desk, code: str) -> Bulletin:
    with desk.database.read() as session:
        return find_bulletin(session, code)


def address(code: str) -> str:
    return f"/desk/bulletins/{code}/approve"


def test_the_page_shows_the_text_and_says_what_follows_before_the_button(approver: Desk) -> None:
    code = submitted(approver, title="Chợ phiên", body="Mở cửa từ 7:00.")
    page = Page(approver.get(address(code)))
    assert page.heading == "Duyệt bản tin"
    assert page.has("Mở cửa từ 7:00.")
    assert page.words("#quyet li") == [
        "Gửi tới 2 kênh đối tác, 1 tài khoản; 1 nơi đang tạm dừng hoặc cần cấp quyền lại, sẽ nhận sau",
        "Hiện trên trang công khai và mọi nguồn tin từ giờ phát, không sớm hơn",
        "Chỉ đúng phiên bản 1; sửa một chữ là phải duyệt lại",
    ]
    with approver.database.read() as session:
        revision_hash = find_bulletin(session, code).revision(1).hash
    assert page.value("revision_hash") == revision_hash
    assert page.words("#quyet .checksum")[0].startswith(
        f"Dấu vân tay văn bản phiên bản 1: {revision_hash[:4]} {revision_hash[4:8]}"
    )


def test_after_a_return_the_changes_come_first(approver: Desk) -> None:
    code = submitted(approver, title="Nhiều điểm bán", body="Đến 25/12.")
    with approver.database.write() as session:
        workflow.return_for_changes(session, APPROVER, code, "Ghi rõ số điểm.", now=NOW)
        workflow.revise(session, WRITER, code, factories.text("Chín điểm bán", "Đến 25/12."), now=NOW)
        workflow.revise(session, WRITER, code, factories.text("Mười điểm bán", "Đến 31/12."), now=NOW)
        workflow.submit(session, WRITER, code, now=NOW)
    page = Page(approver.get(address(code)))
    assert page.has("So với phiên bản 1.")
    assert page.words("del") == ["Nhiều", "25/12"]
    assert page.words("ins") == ["Mười", "31/12"]
    assert page.words(".panes label") == ["Chỗ thay đổi (2)", "Toàn văn"]
    assert page.has("“Ghi rõ số điểm.”")


def test_approving_alone_sends_nothing_yet(approver: Desk) -> None:
    code = submitted(approver)
    revision_hash = Page(approver.get(address(code))).value("revision_hash")
    answer = approver.post(address(code), {"do": "approve", "revision_hash": revision_hash})
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{code}")
    assert row(approver, code).state is BulletinState.APPROVED
    with approver.database.read() as session:
        assert session.execute(sa.select(Delivery)).first() is None


def test_approving_and_publishing_writes_a_delivery_a_channel_and_wakes_the_workers(approver: Desk) -> None:
    code = submitted(approver)
    revision_hash = Page(approver.get(address(code))).value("revision_hash")
    approver.post(address(code), {"do": "now", "revision_hash": revision_hash})
    assert row(approver, code).state is BulletinState.PUBLISHED
    assert "delivery" in approver.runner.kinds
    with approver.database.read() as session:
        assert len(session.execute(sa.select(Delivery)).all()) == 3


def test_publishing_now_in_the_quiet_hours_is_warned_about_first_and_the_default_time_is_outside(
    approver: Desk,
) -> None:
    code = submitted(approver)
    approver.office.clock.moment = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # 02:30 in the city
    page = Page(approver.get(address(code)))
    assert (page.value("day"), page.value("time")) == ("25/11/2026", "06:00")
    sent = {"do": "now", "revision_hash": page.value("revision_hash")}
    warned = approver.post(address(code), sent)
    assert warned.status_code == 409
    assert "Giờ này nằm trong khung giờ không phát" in warned.text
    assert "Vẫn duyệt và phát ngay" in warned.text
    assert "Vẫn duyệt" not in approver.post(address(code), sent | {"revision_hash": "0" * 64}).text
    assert row(approver, code).state is BulletinState.SUBMITTED
    approver.post(address(code), {"do": "approve", "revision_hash": page.value("revision_hash")})
    release = f"/desk/bulletins/{code}/release"
    assert Page(approver.get(release)).value("time") == "06:00"
    warned = approver.post(release, {"do": "now"})
    assert (warned.status_code, "Vẫn phát ngay" in warned.text) == (409, True)
    assert row(approver, code).state is BulletinState.APPROVED
    approver.post(release, {"do": "now", "heeded": Page(warned.text).value("heeded")})
    assert row(approver, code).state is BulletinState.PUBLISHED


def test_approving_for_a_time_means_the_citys_clock(approver: Desk) -> None:
    code = submitted(approver)
    revision_hash = Page(approver.get(address(code))).value("revision_hash")
    sent = {"do": "at", "revision_hash": revision_hash, "day": "2026-11-25", "time": "14h"}
    answer = approver.post(address(code), sent)
    assert answer.status_code == 303
    bulletin = row(approver, code)
    assert bulletin.state is BulletinState.SCHEDULED
    assert bulletin.release_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert "Đã duyệt, sẽ phát lúc 14:00, 25/11/2026." in approver.get(answer.location or "")


@pytest.mark.parametrize(
    ("day", "time", "errors"),
    [
        ("2026-11-24", "09:59", {"time": "Giờ phát hành phải sau lúc này"}),
        ("2026-11-24", "10:00", {"time": "Giờ phát hành phải sau lúc này"}),
        ("24/11/2026", "25:00", {"time": "Nhập giờ theo mẫu 14:00"}),
        ("", "14:00", {"day": "Mục này không được để trống"}),
        ("31/11/2026", "", {"day": "Nhập ngày theo mẫu 24/11/2026", "time": "Nhập giờ theo mẫu 14:00"}),
    ],
)
def test_a_time_that_cannot_be_is_refused_before_anything_is_approved(
    approver: Desk, day: str, time: str, errors: dict[str, str]
) -> None:
    code = submitted(approver)
    revision_hash = Page(approver.get(address(code))).value("revision_hash")
    answer = approver.post(address(code), {"do": "at", "revision_hash": revision_hash, "day": day, "time": time})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == errors
    assert page.value("time") == time
    assert row(approver, code).state is BulletinState.SUBMITTED


def test_another_text_since_the_page_was_opened_is_read_again_first(approver: Desk) -> None:
    code = submitted(approver, title="Bản cũ")
    revision_hash = Page(approver.get(address(code))).value("revision_hash")
    with approver.database.write() as session:
        workflow.revise(session, WRITER, code, factories.text("Bản mới"), now=NOW)
        workflow.submit(session, WRITER, code, now=NOW)
    answer = approver.post(address(code), {"do": "now", "revision_hash": revision_hash})
    assert answer.status_code == 409
    page = Page(answer.text)
    assert page.has("Văn bản đã đổi sau khi bạn mở.")
    assert page.has("Đó là phiên bản 2, ở dưới đây")
    assert page.value("revision_hash") != revision_hash
    assert row(approver, code).state is BulletinState.SUBMITTED


def test_nobody_approves_their_own(approver: Desk) -> None:
    with approver.database.write() as session:
        bulletin = factories.draft(session, writer=APPROVER)
        workflow.submit(session, APPROVER, bulletin.code, now=NOW)
        revision_hash = bulletin.revision(1).hash
    page = Page(approver.get(address(bulletin.code)))
    assert page.has("Bạn đã viết bản tin này nên không duyệt được; cần người duyệt khác.")
    assert page.has("Ngoài bạn, cơ quan chưa có ai duyệt được bản này.")
    assert page.tree.css_first("#quyet") is None
    answer = approver.post(address(bulletin.code), {"do": "now", "revision_hash": revision_hash})
    assert answer.status_code == 403
    assert row(approver, bulletin.code).state is BulletinState.SUBMITTED


def edited_by_the_approver(desk: Desk) -> str:
    """A text of the writer that the approver, who is signed in, changed and submitted."""
    code = submitted(desk, title="Bản của Hằng")
    with desk.database.write() as session:
        workflow.revise(session, APPROVER, code, factories.text("Bản của Bảo"), now=NOW)
        workflow.submit(session, APPROVER, code, now=NOW)
    return code


def test_an_approver_is_told_before_saving_that_another_has_to_approve_then(approver: Desk) -> None:
    code = submitted(approver)
    page = Page(approver.get(f"/desk/bulletins/{code}/edit"))
    assert page.has("Lưu một chữ khác thì bạn thành người sửa, không duyệt được nữa.")
    assert page.has("Ngoài bạn, cơ quan chưa có ai duyệt được bản này.")
    assert page.has("Lưu thì bạn không duyệt được bản này nữa; cần người duyệt khác.")
    with approver.database.write() as session:
        add_person(
            session, "cli", email="thu@so.example", name="Minh Thư", role=Role.APPROVER, password_hash="x",
            uniquifier="thu", now=NOW,
        )  # fmt: skip
    assert Page(approver.get(f"/desk/bulletins/{code}/edit")).has("Khi đó duyệt được: Minh Thư.")
    approver.sign_in(Role.WRITER)  # who may not approve anyway is told nothing of it
    assert not Page(approver.get(f"/desk/bulletins/{code}/edit")).has("không duyệt được")


def test_in_an_office_of_two_asking_the_colleague_back_is_one_press_each(approver: Desk) -> None:
    code = edited_by_the_approver(approver)
    page = Page(approver.get(address(code)))
    assert page.has("Bạn đã sửa bản tin này nên không duyệt được; cần người duyệt khác.")
    [press] = [form for form in page.tree.css("form") if (form.attributes["action"] or "").endswith("/ask-back")]
    assert press.css_first("button").text(strip=True).startswith(f"Hỏi lại {WRITER.name}")
    approver.post(f"/desk/bulletins/{code}/ask-back", {"revision": "1"})
    assert row(approver, code).state is BulletinState.DRAFT
    approver.sign_in(Role.WRITER)
    assert "Trả lại để sửa" in approver.get("/desk")
    for path in (f"/desk/bulletins/{code}", f"/desk/bulletins/{code}/edit"):
        page = Page(approver.get(path))
        assert page.has("Nhờ bạn gửi duyệt lại phiên bản 1; phần tôi sửa sau đó xin bỏ.")
        assert any("Lấy lại phiên bản 1 của tôi" in words for words in page.words("form button"))
    approver.post(f"/desk/bulletins/{code}/resubmit", {"revision": "1", "expected": "2"})
    again = row(approver, code)
    assert (again.state, again.latest) == (BulletinState.SUBMITTED, 3)
    approver.sign_in(Role.APPROVER)
    with approver.database.read() as session:
        bulletin = find_bulletin(session, code)
        assert bulletin.revision(3).hash == bulletin.revision(1).hash
        named = bulletin.revision(3).hash
    assert approver.post(address(code), {"do": "approve", "revision_hash": named}).status_code == 303
    assert row(approver, code).state is BulletinState.APPROVED


def test_the_one_who_changed_a_text_does_not_take_it_up_again_alone(approver: Desk) -> None:
    code = edited_by_the_approver(approver)
    approver.post(f"/desk/bulletins/{code}/ask-back", {"revision": "1"})
    approver.post(f"/desk/bulletins/{code}/resubmit", {"revision": "1", "expected": "2"})
    with approver.database.read() as session:
        named = find_bulletin(session, code).revision(3).hash
    assert approver.post(address(code), {"do": "now", "revision_hash": named}).status_code == 403
    assert row(approver, code).state is BulletinState.SUBMITTED


def test_asking_back_names_a_text_that_is_not_the_asker_s(approver: Desk) -> None:
    code = edited_by_the_approver(approver)
    for number in ("2", "0", "9", "x"):
        approver.post(f"/desk/bulletins/{code}/ask-back", {"revision": number})
    assert row(approver, code).state is BulletinState.SUBMITTED
    approver.sign_in(Role.WRITER)
    assert approver.post(f"/desk/bulletins/{code}/ask-back", {"revision": "1"}).status_code == 403


def test_returning_needs_a_note_which_the_writer_reads(approver: Desk) -> None:
    code = submitted(approver)
    answer = approver.post(address(code), {"do": "return", "note": "  "})
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"note": "Ghi rõ lý do để người khác hiểu"}
    answer = approver.post(address(code), {"do": "return", "note": "Thêm số điện thoại."})
    assert answer.status_code == 303
    assert row(approver, code).state is BulletinState.DRAFT
    approver.sign_in(Role.WRITER)
    assert "“Thêm số điện thoại.”" in approver.get(f"/desk/bulletins/{code}/edit")
    assert "Trả lại để sửa" in approver.get("/desk")


def test_a_correction_is_approved_with_its_consequence_and_goes_out_at_once(approver: Desk) -> None:
    with approver.database.write() as session:
        bulletin = factories.published(session, body="Đến 5 tuổi.")
        first, second, _third = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
        first.state, second.state = DeliveryState.DELIVERED, DeliveryState.UNKNOWN
        title = bulletin.revision(1).title
        workflow.correct(
            session, WRITER, bulletin.code, factories.text(title, "Đến 6 tuổi."), "Sửa tuổi.", DELIVERY_MODES, now=NOW
        )
    page = Page(approver.get(address(bulletin.code)))
    assert page.heading == "Duyệt đính chính"
    assert (page.words("del"), page.words("ins")) == (["5"], ["6"])
    assert page.has("Sửa tuổi.")
    assert page.words("#quyet li")[0] == "Đính chính sẽ tới 1 kênh đối tác, 1 tài khoản đã nhận bản cũ"
    approver.post(address(bulletin.code), {"do": "approve", "revision_hash": page.value("revision_hash")})
    bulletin = row(approver, bulletin.code)
    assert (bulletin.state, bulletin.released, bulletin.pending) == (BulletinState.PUBLISHED, 2, None)


def test_what_no_longer_waits_leads_back_to_its_page(approver: Desk) -> None:
    with approver.database.write() as session:
        code = factories.approved(session).code
    answer = approver.client.get(address(code))
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{code}")
    assert "không còn chờ duyệt" in approver.get(answer.location or "")


@pytest.mark.parametrize("role", [Role.WRITER, Role.ANALYST, Role.ADMIN])
def test_other_roles_may_not_approve_even_by_force(approver: Desk, role: Role) -> None:
    code = submitted(approver)
    with approver.database.read() as session:
        revision_hash = find_bulletin(session, code).revision(1).hash
    approver.sign_in(role)
    assert approver.client.get(address(code)).status_code == 403
    assert approver.post(address(code), {"do": "now", "revision_hash": revision_hash}).status_code == 403
    assert row(approver, code).state is BulletinState.SUBMITTED


def test_writer_and_approver_comment_on_the_text_until_one_resolves_it(approver: Desk) -> None:
    code = submitted(approver)
    place = f"/desk/bulletins/{code}/comments"
    assert approver.post(f"{place}?page=approve", {"comment": "Giờ mở cửa\r\n<b>lấy ở đâu</b>?"}).location == (
        f"{address(code)}#y-kien"
    )
    page = Page(approver.get(address(code)))
    assert page.has("1 ý kiến chưa xong")
    assert page.has("<b>lấy ở đâu</b>?")  # words, not markup
    # What is refused comes back as it was typed.
    long = "dài " * 501
    refused = approver.post(place, {"comment": long})
    assert refused.status_code == 422
    assert Page(refused.text).has("Ý kiến dài nhất 2.000 ký tự")
    assert long.strip() in refused.text
    assert approver.post(place, {"comment": " \n"}).status_code == 422
    approver.sign_in(Role.ANALYST)
    assert approver.post(place, {"comment": "Tôi chỉ đọc"}).status_code == 403
    assert "Ý kiến của bạn" not in approver.get(f"/desk/bulletins/{code}")
    approver.sign_in(Role.WRITER)
    shown = approver.get(f"/desk/bulletins/{code}")
    public = re.search(r"/comments/(cmt_\w+)/resolve", shown)
    assert public is not None
    assert Page(approver.get("/desk/messages")).has(f"{APPROVER.name} góp ý về bản tin {code}.")
    other = submitted(approver)
    assert approver.post(f"/desk/bulletins/{other}/comments/{public[1]}/resolve").status_code == 404
    for _ in range(2):  # a double press
        assert approver.post(f"{place}/{public[1]}/resolve").status_code == 303
    page = Page(approver.get(f"/desk/bulletins/{code}"))
    assert not page.has("ý kiến chưa xong")
    assert page.has("Góp ý về phiên bản 1")
    with approver.database.read() as session:
        acts = session.execute(sa.select(JournalEntry.act).where(JournalEntry.subject == code)).scalars().all()
        assert acts[-2:] == ["bulletin.commented", "bulletin.comment_resolved"]
        assert find_bulletin(session, code).state is BulletinState.SUBMITTED
