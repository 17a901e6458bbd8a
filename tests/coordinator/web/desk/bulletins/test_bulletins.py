"""Bulletins at the desk: the list, the page of one, and the comparison of two revisions."""

import pytest
import sqlalchemy as sa

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.channels.channels import Channel, ChannelState
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.jobs.release import commands
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER

LIST = "/desk/bulletins"


def titles(page: Page) -> list[str]:
    return page.words("table.ledger tbody th a")


def make(desk: Desk, **more: object) -> str:
    with desk.database.write() as session:
        return factories.draft(session, **more).code  # type: ignore[arg-type]  # passed on as given


def submit(desk: Desk, code: str) -> None:
    with desk.database.write() as session:
        workflow.submit(session, WRITER, code, now=NOW)


def test_an_empty_list_says_what_it_is_and_what_to_do_first(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    page = Page(desk.get(LIST))
    assert page.has("Chưa có bản tin nào.")
    assert page.link("Soạn bản đầu tiên") == "/desk/bulletins/new"
    desk.sign_in(Role.ANALYST)
    assert not Page(desk.get(LIST)).has("Soạn bản đầu tiên")


def test_marks_or_none_the_words_typed_find_a_bulletin(desk: Desk) -> None:
    make(desk, title="Phun hóa chất diệt muỗi ở phường Đống Đa")
    make(desk, title="Chợ phiên nông sản")
    desk.sign_in(Role.ANALYST)
    for typed in ("Đống Đa", "dong da", "muỗi phun", "HOÁ chất"):
        assert titles(Page(desk.get(f"{LIST}?q={typed}"))) == ["Phun hóa chất diệt muỗi ở phường Đống Đa"], typed
    page = Page(desk.get(f"{LIST}?q=100%"))
    assert titles(page) == []
    assert page.has("Không có bản tin nào khớp")


def test_what_waits_for_approval_holds_corrections_too(desk: Desk) -> None:
    submitted, _draft = make(desk, title="Chờ duyệt"), make(desk, title="Nháp")
    submit(desk, submitted)
    with desk.database.write() as session:
        out = factories.published(session, title="Đang phát")
        workflow.correct(session, WRITER, out.code, factories.text("Sửa lại"), "sai ngày", DELIVERY_MODES, now=NOW)
    desk.sign_in(Role.APPROVER)
    assert sorted(titles(Page(desk.get(f"{LIST}?state=submitted")))) == ["Chờ duyệt", "Sửa lại"]
    assert titles(Page(desk.get(f"{LIST}?state=draft"))) == ["Nháp"]


def test_filters_narrow_by_topic_campaign_and_writer(desk: Desk) -> None:
    make(desk, title="Sởi", topic="dich-benh")
    make(desk, title="Chợ", topic="kinh-te-xa-hoi", writer=APPROVER)
    desk.sign_in(Role.WRITER)
    assert titles(Page(desk.get(f"{LIST}?topic=kinh-te-xa-hoi"))) == ["Chợ"]
    assert titles(Page(desk.get(f"{LIST}?mine=1"))) == ["Sởi"]
    assert len(titles(Page(desk.get(f"{LIST}?state=&topic=")))) == 2


def test_columns_sort_and_untimed_ones_come_last_by_release(desk: Desk) -> None:
    make(desk, title="A nháp")
    with desk.database.write() as session:
        factories.published(session, title="C phát")
        factories.published(session, title="B phát")
    desk.sign_in(Role.ANALYST)
    assert titles(Page(desk.get(f"{LIST}?sort=title"))) == ["A nháp", "B phát", "C phát"]
    assert titles(Page(desk.get(f"{LIST}?sort=-title"))) == ["C phát", "B phát", "A nháp"]
    assert titles(Page(desk.get(f"{LIST}?sort=released"))) == ["C phát", "B phát", "A nháp"]
    assert titles(Page(desk.get(f"{LIST}?sort=-released"))) == ["B phát", "C phát", "A nháp"]
    assert len(titles(Page(desk.get(f"{LIST}?sort=password")))) == 3


def test_a_long_list_has_pages_that_keep_the_filter(desk: Desk) -> None:
    with desk.database.write() as session:
        for _ in range(53):
            factories.draft(session)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"{LIST}?state=draft"))
    assert len(titles(page)) == 50
    assert page.has("1–50 trong 53")
    after = Page(desk.get(page.link("Sau")))
    assert len(titles(after)) == 3
    assert "state=draft" in after.link("Trước")


def test_how_far_each_went_stands_beside_it(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session)
        factories.channel(session)
        bulletin = factories.published(session, title="Đi xa")
        first, second = session.execute(sa.select(Delivery)).scalars()
        first.state, second.state = DeliveryState.DELIVERED, DeliveryState.UNKNOWN
        make_republication(session, bulletin, factories.site(session))
    desk.sign_in(Role.ANALYST)
    (row,) = Page(desk.get(LIST)).rows("Bản tin")
    assert row[1] == "Đã phát hành 1 chưa rõ"
    assert row[-2:] == ["1 / 2", "1"]


def test_a_bulletins_page_tells_its_story_and_where_it_went(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session, "zalo")
        factories.channel(session, company=factories.company(session))
        bulletin = factories.published(session, title="Lịch tiêm", body="Đoạn một.\n\nĐoạn hai.")
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
        revision_hash = bulletin.revision(1).hash
        make_republication(session, bulletin, factories.site(session, url="https://nhip.example/"))
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"{LIST}/{bulletin.code}"))
    assert page.heading == "Lịch tiêm"
    assert page.words(".prose p")[1:] == ["Đoạn một.", "Đoạn hai."]
    assert page.pairs()["Người viết"] == WRITER.name
    assert page.pairs()["Dấu vân tay văn bản"].replace(" ", "") == revision_hash[:16]
    assert page.words(".timeline b") == [
        "Soạn bản đầu", "Gửi duyệt phiên bản 1", "Duyệt phiên bản 1", "Phát hành phiên bản 1",
    ]  # fmt: skip
    assert page.has("Ai đã nhận?")
    assert page.has("Đã tới 2 nơi")
    assert page.has("2 trên 2 nơi đã nhận")
    assert page.has("1 lượt đã xác nhận")
    assert page.has("https://nhip.example/")


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.WRITER, {"draft": {"Sửa", "Gửi duyệt"}, "submitted": {"Sửa"}, "approved": {"Sửa"},
                       "published": {"Đính chính…"}}),
        (Role.APPROVER, {"draft": {"Sửa", "Gửi duyệt", "Phát gấp…"}, "submitted": {"Sửa", "Đọc và duyệt", "Phát gấp…"},
                         "approved": {"Sửa", "Phát hành…"}, "published": {"Đính chính…", "Thu hồi…"}}),
        (Role.ANALYST, {"draft": set(), "submitted": set(), "approved": set(), "published": set()}),
        (Role.ADMIN, {"draft": {"Sửa", "Gửi duyệt"}, "submitted": {"Sửa"}, "approved": {"Sửa"},
                      "published": {"Đính chính…"}}),
    ],
)  # fmt: skip
def test_only_what_the_role_may_do_now_is_offered(desk: Desk, role: Role, offered: dict[str, set[str]]) -> None:
    codes = {"draft": make(desk), "submitted": make(desk)}
    submit(desk, codes["submitted"])
    with desk.database.write() as session:
        codes["approved"] = factories.approved(session).code
        codes["published"] = factories.published(session).code
    desk.sign_in(role)
    for state, code in codes.items():
        page = Page(desk.get(f"{LIST}/{code}"))
        assert set(page.words(".head .button")) == offered[state], state


def test_who_wrote_it_sees_why_they_cannot_approve_it(desk: Desk) -> None:
    code = make(desk, writer=APPROVER)
    with desk.database.write() as session:
        workflow.submit(session, APPROVER, code, now=NOW)
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get(f"{LIST}/{code}"))
    assert page.has("Bạn đã viết bản tin này nên không duyệt được; cần người duyệt khác.")
    assert "Đọc và duyệt" not in page.words(".head .button")


def test_a_scheduled_one_whose_time_has_come_is_shown_as_out(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.approved(session)
        at = desk.office.clock.moment
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=NOW)
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get(f"{LIST}/{bulletin.code}"))
    assert page.words(".head .pill") == ["Đã phát hành"]
    assert "Đính chính…" in page.words(".head .button")


def test_an_unknown_code_is_not_found_and_a_stranger_signs_in(desk: Desk) -> None:
    assert desk.client.get(f"{LIST}/BT-2026-11-24-001").status_code == 302
    desk.sign_in(Role.ANALYST)
    for path in ("", "/edit", "/approve", "/compare"):
        expected = {"/edit": 403, "/approve": 403}.get(path, 404)
        assert desk.client.get(f"{LIST}/BT-2026-11-24-001{path}").status_code == expected
    desk.sign_in(Role.APPROVER)
    for path in ("", "/edit", "/approve", "/compare", "/release", "/correct", "/recall"):
        assert desk.client.get(f"{LIST}/BT-2026-11-24-001{path}").status_code == 404


def test_two_texts_are_compared_word_by_word(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session, title="Nhiều điểm bán", body="Từ 27/11 đến 25/12.")
        workflow.revise(
            session, WRITER, bulletin.code, factories.text("Mười hai điểm bán", "Từ 27/11 đến 31/12."), now=NOW
        )
        workflow.revise(session, WRITER, bulletin.code, factories.text("Mười hai điểm", "Từ 27/11 đến 31/12."), now=NOW)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"{LIST}/{bulletin.code}/compare"))
    assert page.heading == "Phiên bản 3 so với phiên bản 2"
    assert page.words("del") == ["bán"]
    page = Page(desk.get(f"{LIST}/{bulletin.code}/compare?from=1&to=2"))
    assert page.words("del") == ["Nhiều", "25/12"]
    assert page.words("ins") == ["Mười hai", "31/12"]
    assert page.has("2 chỗ thay đổi")
    assert not page.has("Mã nguồn")
    assert Page(desk.get(f"{LIST}/{bulletin.code}/compare?from=9&to=x")).heading == "Phiên bản 3 so với phiên bản 2"


def test_a_changed_link_is_shown_though_no_word_changed(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session, body="Xem ở đây.")
        before = bulletin.revision(1)
        linked = drafts.BulletinText(
            before.title, before.lead, '<p>Xem <a href="https://doc.example/">ở đây</a>.</p>', before.body_text
        )
        workflow.revise(session, WRITER, bulletin.code, linked, now=NOW)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"{LIST}/{bulletin.code}/compare"))
    assert page.has("Chữ không đổi; đường dẫn, ảnh hoặc định dạng có đổi")
    assert any("https://doc.example/" in words for words in page.words("ins"))


def test_words_of_a_text_are_shown_not_obeyed(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session, title="<script>alert(1)</script>")
        workflow.revise(session, WRITER, bulletin.code, factories.text("<img src=x onerror=alert(1)>"), now=NOW)
        assert find_bulletin(session, bulletin.code).latest == 2
    desk.sign_in(Role.ANALYST)
    for path in (LIST, f"{LIST}/{bulletin.code}", f"{LIST}/{bulletin.code}/compare"):
        html = desk.get(path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_a_draft_is_shown_as_our_accounts_will_show_it_with_what_is_cut(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session, "zalo").name = "Zalo thành phố"
        factories.channel(session, "manual").name = "Fanpage"
        factories.channel(session, company=factories.company(session)).name = "Kênh đối tác"
        code = factories.draft(session, title="dài " * 50).code
    desk.sign_in(Role.WRITER)
    page = Page(desk.get(f"{LIST}/{code}"))
    assert page.words(".panes label") == [
        "Trang công khai", "Zalo thành phố – có điều nên xem", "Fanpage – đạt", "Nguồn tin", "Thư", "Chữ thuần",
    ]  # fmt: skip
    assert page.words(".pane .text-title")[1].endswith("…")
    assert len(page.words(".pane .text-title")[1]) <= 140
    assert page.has("Tiêu đề dài 199 ký tự, kênh chỉ nhận 140: sẽ bị cắt")


def test_zalo_shows_lists_and_tables_as_lines_and_counts_its_own_limits(desk: Desk) -> None:
    html = (
        "<ul><li>Một</li><li>Hai</li></ul><table><tr><th>Quận</th><th>Ngày</th></tr><tr><td>Ba Đình</td>"
        "<td>24/11</td></tr></table><p><img src='http://localhost:8800/a.jpg' alt='Ảnh'></p>"
        + "".join(f"<p>Đoạn {number}.</p>" for number in range(20))
        + "<p><a href='https://phim.example/tiem.mp4'>Xem phim</a></p>"
    )
    with desk.database.write() as session:
        settings = {"app_id": "1", "oa_id": "2", "author": "Sở", "cover_url": "https://a.example/b.png"}
        factories.channel(session, "zalo", settings={**settings, "title_length": 60}).name = "Zalo thành phố"
        text = commands.make_text("Lịch tiêm nhắc", "Miễn phí.", body_html=html)
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=NOW).code
    desk.sign_in(Role.WRITER)
    whole = desk.get(f"{LIST}/{code}")
    page = Page(whole)
    zalo = page.words(".pane .body p")
    assert zalo[zalo.index("• Một") :][:4] == ["• Một", "• Hai", "Quận | Ngày", "Ba Đình | 24/11"]
    # A long text is shown to its end, with the video there.
    assert {"Đoạn 19.", "[Video] Xem phim"} <= set(zalo)
    with desk.database.write() as session:
        bare = session.execute(sa.select(Channel).where(Channel.kind == "zalo")).scalar_one()
        bare.settings = {**bare.settings, "pictures_in_text": False}
    lines = Page(desk.get(f"{LIST}/{code}")).words(".pane .body p")
    assert "Xem phim: https://phim.example/tiem.mp4" in lines
    assert "[Video] Xem phim" not in lines
    # The text itself, and the public page, feeds and mails keep lists and tables.
    assert whole.count("<ul><li>Một</li><li>Hai</li></ul><table>") == 4
    assert "- Một\n- Hai" in whole
    assert page.has("Zalo thành phố bỏ 1 ảnh trong bài")
    editor = Page(desk.get(f"{LIST}/{code}/edit"))
    assert "Zalo thành phố: 14 / 60 ký tự" in editor.words("#title-c span")
    assert "Zalo thành phố: 9 / 250 ký tự" in editor.words("#lead-c span")


def test_a_writer_sees_the_accounts_that_post_before_those_at_rest(desk: Desk) -> None:
    with desk.database.write() as session:
        for name in ("Khai nhầm", "Trang thử"):
            wrong = factories.channel(session, "manual")
            wrong.name, wrong.state = name, ChannelState.PAUSED
        factories.channel(session, "zalo").name = "Zalo thành phố"
    desk.sign_in(Role.WRITER)
    labels = Page(desk.get(f"{LIST}/new")).words(".panes label")
    assert [label.split(" – ")[0] for label in labels][1:4] == ["Zalo thành phố", "Khai nhầm", "Trang thử"]


def test_the_way_back_names_a_bulletin_by_its_title_cut_where_it_is_long(desk: Desk) -> None:
    title = "Lịch tiêm nhắc vắc-xin sởi cho trẻ tại ba mươi phường, xã trong tuần này"
    code = make(desk, title=title)
    desk.sign_in(Role.WRITER)
    for path in ("", "/edit", "/receivers"):
        page = Page(desk.get(f"{LIST}/{code}{path}"))
        crumbs = page.words(".crumbs li")
        assert crumbs[0] == "Bản tin"
        assert crumbs[1].endswith("…")
        assert title.startswith(crumbs[1].removesuffix("…"))
        assert 40 <= len(crumbs[1]) <= 48
        assert page.has(code)  # the code has its place below the heading
