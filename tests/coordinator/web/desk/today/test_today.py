"""The day's page: first steps, tasks, waiting bulletins, today's releases, the campaign, copies and silent partners."""

from datetime import date, timedelta

import sqlalchemy as sa

from campaigns.channels.channels import ChannelState
from campaigns.core import incidents
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.partners.directory import Site
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent
from campaigns.release import workflow
from campaigns.republications.republications import NO_DAY, RepublicationStatus
from campaigns.republications.sample_partner import sample_site
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW, WRITER, planned

TODAY = date(2026, 11, 24)


def tasks(page: Page, sheet: str = "can") -> dict[str, str]:
    """Return title and button of each task of a sheet."""
    found = {}
    for node in page.tree.css(f"[aria-labelledby={sheet}] li.task"):
        button = node.css_first(".button")
        own = button.text(deep=False).strip() if button is not None else ""
        found[" ".join(node.css("h3")[0].text().split())] = own
    return found


def steps(page: Page) -> list[tuple[str, str]]:
    """Return title and state of each step of the first day."""
    nodes = page.tree.css("ol.steps > li")
    return [(node.css("h3")[0].text().strip(), node.attributes.get("class") or "") for node in nodes]


def test_a_new_installation_is_led_from_step_to_step_each_ticked_by_the_database(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get("/desk"))
    assert page.heading == "Ngày đầu tiên"
    assert steps(page) == [
        ("Lập kế hoạch và chỉ tiêu", "here"), ("Chọn chuyên đề", "done"), ("Soạn bản tin đầu tiên", ""),
        ("Mời người thứ hai để duyệt", ""), ("Nối tài khoản chính thức", ""), ("Thêm đối tác đầu tiên", ""),
        ("Thấy lượt lan tỏa đầu tiên", "auto"),
    ]  # fmt: skip
    with desk.database.write() as session:
        wanted = TargetContent("republications", 12_500, None, None)
        planned(session, date(2026, 10, 1), date(2026, 12, 31), wanted, topics=[], name="Kế hoạch")
        owner = factories.site(session).company
        factories.channel(session, "feed", company=owner)
    page = Page(desk.get("/desk/first-day/"))
    assert [state for _title, state in steps(page)] == ["done", "done", "here", "", "done", "done", "auto"]
    assert page.has("174-KH/UBND, 01/10/2026–31/12/2026, 12.500 lượt lan tỏa.")
    with desk.database.write() as session:
        code = factories.draft(session).code
    assert Page(desk.get("/desk/first-day/")).has("Còn là bản nháp")
    with desk.database.write() as session:
        workflow.submit(session, WRITER, code, now=NOW)
    page = Page(desk.get("/desk/first-day/"))
    assert steps(page)[3] == ("Mời người thứ hai để duyệt", "here")
    with desk.database.write() as session:
        bulletin = factories.published(session)
        make_republication(session, bulletin, session.execute(sa.select(Site)).scalar_one())
    page = Page(desk.get("/desk/first-day/"))
    assert {state for _title, state in steps(page)} == {"done"}
    assert page.has("Lượt lan tỏa đầu tiên đã được đếm")
    assert not page.has("Mẫu")
    assert not Page(desk.get("/desk")).has("Ngày đầu tiên")


def test_the_first_day_stays_on_the_day_until_all_is_done_or_an_administrator_puts_it_away(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.draft(session)
    desk.sign_in(Role.WRITER)
    assert not Page(desk.get("/desk")).has("ngay-dau")
    assert desk.post("/desk/admin/guide", {"shown": "0"}).status_code == 403
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get("/desk"))
    assert page.heading == "Hôm nay"
    assert page.has("1 / 7")
    for _press in range(2):
        assert desk.post("/desk/admin/guide", {"shown": "0"}).headers["Location"] == "/desk"
    assert not Page(desk.get("/desk")).has("1 / 7")
    assert Page(desk.get("/desk/first-day/")).has("Đang cất khỏi trang Hôm nay.")
    desk.post("/desk/admin/guide", {"shown": "1"})
    assert Page(desk.get("/desk")).has("1 / 7")
    with desk.database.read() as session:
        acts = session.execute(
            sa.select(JournalEntry.act).where(JournalEntry.subject_kind == "office").order_by(JournalEntry.seq)
        )
        assert list(acts.scalars()) == ["office.guide_hidden", "office.guide_shown"]


def test_a_first_day_that_was_put_away_leaves_the_ordinary_day(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    desk.post("/desk/admin/guide", {"shown": "0"})
    assert Page(desk.get("/desk")).heading == "Hôm nay"


def test_steps_are_buttons_only_for_those_who_may_take_them(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/first-day/"))
    assert not page.has("/desk/bulletins/new")
    assert not page.has("/desk/first-day/sample")
    for path in ("/desk/first-day/sample", "/desk/first-day/sample/remove"):
        assert desk.post(path).status_code == 403


def test_the_sample_partner_is_marked_on_every_page_and_goes_at_one_press(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    for _press in range(2):
        assert desk.post("/desk/first-day/sample").headers["Location"] == "/desk/first-day/"
    with desk.database.write() as session:
        bulletin = factories.published(session)
        site = sample_site(session)
        assert site is not None
        copy = make_republication(session, bulletin, site, counted_on=NO_DAY).public
        delivery = session.execute(sa.select(Delivery.public).limit(1)).scalar_one()
        code, partner, address = bulletin.code, site.company.code, site.url.removeprefix(desk.office.addresses.base)
    everywhere = [
        "/desk", "/desk/partners/", f"/desk/partners/{partner}", "/desk/partners/_sites", "/desk/channels/",
        "/desk/channels/nguon-tin-mau", "/desk/deliveries", f"/desk/deliveries/{delivery}", "/desk/first-day/",
        "/desk/republications?status=confirmed", f"/desk/republications/{copy}", f"/desk/bulletins/{code}",
        address,
    ]  # fmt: skip
    for path in everywhere:
        pills = Page(desk.client.get(path, follow_redirects=True).text).words(".pill")
        assert "Mẫu" in pills, path
    day = Page(desk.get("/desk/first-day/"))
    assert day.has("Lượt lan tỏa đầu tiên đã được đếm")
    assert Page(desk.get(f"/desk/republications/{copy}")).has("không tính vào số liệu dù kết luận thế nào")
    assert Page(desk.get("/desk/progress/")).words(".pill").count("Mẫu") == 0
    assert desk.post("/desk/first-day/sample/remove").status_code == 303
    assert desk.client.get(address).status_code == 404
    assert not Page(desk.get("/desk/partners/")).has("Đang dùng thử với")
    assert not Page(desk.get("/desk/first-day/")).has("Lượt lan tỏa đầu tiên đã được đếm")


def test_deliveries_in_trouble_are_reported_with_the_one_act_that_helps(desk: Desk) -> None:
    with desk.database.write() as session:
        for name in ("Báo A", "Báo B"):
            factories.channel(session).name = name
        bulletin = factories.published(session)
        unknown, dead = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
        unknown.state, dead.state, dead.reason = DeliveryState.UNKNOWN, DeliveryState.DEAD, "tries_used_up"
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get("/desk"))
    assert tasks(page) == {
        f"Chưa rõ {bulletin.code} đã lên Báo A hay chưa": "Kết luận…",
        f"Báo B không nhận được {bulletin.code}": "Thử lại ngay",
    }
    assert page.pairs()["Cần xử lý"] == "2"
    desk.sign_in(Role.WRITER)
    assert set(tasks(Page(desk.get("/desk"))).values()) == {"", "Xem"}


def test_a_post_without_its_pictures_is_a_writers_task_until_it_is_corrected_or_three_days_old(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session, "zalo").name = "Zalo thành phố"
        bulletin = factories.published(session)
        delivery = session.execute(sa.select(Delivery)).scalar_one()
        delivery.state, delivery.settled_at, delivery.without_pictures = DeliveryState.DELIVERED, NOW, True
        code = bulletin.code
    title = f"{code} lên Zalo thành phố với ảnh bìa mặc định"
    for role, shown in ((Role.WRITER, {title: "Xem"}), (Role.APPROVER, {title: "Xem"}), (Role.ANALYST, {})):
        desk.sign_in(role)
        assert tasks(Page(desk.get("/desk"))) == shown
    with desk.database.write() as session:
        workflow.correct(session, APPROVER, code, factories.text("Đã sửa"), "Ảnh khác", DELIVERY_MODES, now=NOW)
    desk.sign_in(Role.WRITER)
    assert title not in tasks(Page(desk.get("/desk")))
    with desk.database.write() as session:
        session.execute(sa.delete(Delivery).where(Delivery.revision > 1))
        session.execute(sa.update(Delivery).values(settled_at=NOW - timedelta(days=4)))
    assert title not in tasks(Page(desk.get("/desk")))


def test_pressing_try_again_on_the_day_does_it(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session)
        factories.published(session)
        session.execute(sa.update(Delivery).values(state=DeliveryState.DEAD, reason="refused"))
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get("/desk"))
    form = page.tree.css("[aria-labelledby=can] form")[0]
    desk.post(form.attributes["action"] or "")
    with desk.database.read() as session:
        assert session.execute(sa.select(Delivery.state)).scalar_one() is DeliveryState.RETRYING


def test_a_channel_without_authorisation_is_reported_once_with_what_it_holds(desk: Desk) -> None:
    with desk.database.write() as session:
        channel = factories.channel(session, "zalo")
        channel.name, channel.state = "Zalo thành phố", ChannelState.NEEDS_AUTHORISATION
        factories.published(session)
        factories.published(session)
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get("/desk"))
    assert tasks(page) == {"Zalo thành phố cần cấp quyền lại": "Cấp quyền lại"}
    assert page.has("2 lượt phát đang đợi")
    desk.sign_in(Role.WRITER)
    assert tasks(Page(desk.get("/desk"))) == {"Zalo thành phố cần cấp quyền lại": ""}


def test_texts_wait_for_those_who_may_approve_them_and_not_for_their_writers(desk: Desk) -> None:
    with desk.database.write() as session:
        for title, actor in (("Của người viết", WRITER), ("Của người duyệt", APPROVER)):
            bulletin = factories.draft(session, title=title, writer=actor)
            workflow.submit(session, actor, bulletin.code, now=NOW)
        out = factories.published(session, title="Đang phát")
        workflow.correct(session, WRITER, out.code, factories.text("Đính chính lại"), "x", DELIVERY_MODES, now=NOW)
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get("/desk"))
    assert tasks(page, "cho") == {
        "Của người viết": "Đọc và duyệt", "Đính chính lại": "Đọc và duyệt",
    }  # fmt: skip
    assert tasks(page, "cho-nguoi-khac") == {"Của người duyệt": ""}
    assert page.pairs()["Chờ tôi duyệt"] == "2"
    desk.sign_in(Role.WRITER)
    page = Page(desk.get("/desk"))
    assert set(tasks(page, "cho").values()) == {""}
    assert page.pairs()["Chờ duyệt"] == "3"


def test_a_text_that_waits_for_another_stands_under_no_heading_that_says_mine(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session, writer=APPROVER)
        workflow.submit(session, APPROVER, bulletin.code, now=NOW)
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get("/desk"))
    assert page.pairs()["Chờ tôi duyệt"] == "0"
    assert page.tree.css_first("#cho") is None
    assert page.has("1 bản chờ người khác duyệt")


def test_what_was_returned_or_has_no_time_is_somebodys_task(desk: Desk) -> None:
    with desk.database.write() as session:
        bulletin = factories.draft(session, title="Chợ phiên")
        workflow.submit(session, WRITER, bulletin.code, now=NOW)
        workflow.return_for_changes(session, APPROVER, bulletin.code, "Thêm địa chỉ.", now=NOW)
        factories.approved(session)
    desk.sign_in(Role.WRITER)
    assert tasks(Page(desk.get("/desk"))) == {"Trả lại để sửa: Chợ phiên": "Sửa"}
    desk.sign_in(Role.APPROVER)
    assert tasks(Page(desk.get("/desk"))) == {"1 bản tin đã duyệt, chưa có giờ phát": "Xếp giờ"}
    desk.sign_in(Role.ANALYST)
    assert Page(desk.get("/desk")).has("Không có gì cần xử lý.")


def test_the_list_of_the_day_holds_the_citys_day_and_now_stands_between_past_and_future(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session)
        for title, at in (
            ("Hôm qua", BEGINNING - timedelta(hours=10, minutes=1)),
            ("Nửa đêm", BEGINNING - timedelta(hours=10)),
            ("Sáng nay", BEGINNING - timedelta(hours=2)),
            ("Chiều nay", BEGINNING + timedelta(hours=4)),
            ("Ngày mai", BEGINNING + timedelta(hours=14)),
        ):
            bulletin = factories.approved(session, title=title, now=at - timedelta(minutes=5))
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=at - timedelta(minutes=5))
        workflow.release_due(session, now=BEGINNING)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk"))
    assert page.words("ol.day .what > a, ol.day li.now .what") == ["Nửa đêm", "Sáng nay", "Bây giờ", "Chiều nay"]
    assert page.words("ol.day time") == ["00:00", "08:00", "10:00", "14:00"]
    assert page.words("ol.day li.next .what > a") == ["Chiều nay"]
    assert page.pairs()["Bản tin đã phát hành"] == "2 / 3 hôm nay"
    assert page.has("Kế tiếp lúc 14:00")


def plan(desk: Desk, *targets: TargetContent) -> None:
    with desk.database.write() as session:
        planned(session, date(2026, 1, 1), date(2026, 12, 31), *targets, code="kh174")


def test_the_campaigns_quarter_stands_beside_with_its_target_and_last_days(desk: Desk) -> None:
    plan(
        desk,
        TargetContent("republications", 40, period="2026-Q3"),
        TargetContent("republications", 10, period="2026-Q4"),
        TargetContent("republications", 100),
        TargetContent("republications", 5, topic="dich-benh", period="2026-11"),
    )
    with desk.database.write() as session:
        bulletin, site = factories.published(session), factories.site(session)
        for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 11, 17), TODAY):
            make_republication(session, bulletin, site, counted_on=day)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk"))
    assert page.words("[aria-labelledby=quy] h2") == ["Quý IV/2026"]
    assert page.words("[aria-labelledby=quy] .tally") == ["3 / 10 lượt"]
    rows = page.rows("Số lượt đã xác nhận mỗi ngày")
    assert len(rows) == 30
    assert rows[-1] == ["24/11/2026", "1"]
    assert rows[-8] == ["17/11/2026", "1"]
    assert page.pairs()["Lượt lan tỏa hôm nay"] == "1"
    assert page.has("Thứ Ba tuần trước, cả ngày: 1")


def test_a_campaign_without_such_a_target_shows_its_count_alone(desk: Desk) -> None:
    plan(desk)
    with desk.database.write() as session:
        make_republication(session, factories.published(session), factories.site(session), counted_on=TODAY)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk"))
    assert page.words("[aria-labelledby=quy] .tally") == ["1 lượt"]
    assert page.has("chưa có chỉ tiêu lượt lan tỏa")


def test_copies_just_seen_and_partners_that_are_silent(desk: Desk) -> None:
    with desk.database.write() as session:
        loud, quiet = factories.company(session, "Công ty To"), factories.company(session, "Công ty Im")
        factories.channel(session, company=loud)
        factories.channel(session, company=quiet)
        bulletin = factories.published(session, title="Lịch tiêm")
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
        make_republication(session, bulletin, factories.site(session, loud, "https://to.example/"), counted_on=TODAY)
        make_republication(
            session, bulletin, factories.site(session, url="https://khac.example/"), status=RepublicationStatus.REJECTED
        )
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk"))
    assert page.words("[aria-labelledby=moi] .strong") == ["https://to.example/"]
    assert page.rows("Đối tác im lặng lâu nhất") == [["Công ty Im", "chưa lần nào"]]


def test_a_stranger_sees_nothing_of_the_day(desk: Desk) -> None:
    for path in ("/desk", "/desk/search?q=a", "/desk/calendar"):
        assert desk.client.get(path).status_code == 302
    assert "Lịch phát hành" not in desk.client.get("/desk/khong-co").text
    desk.sign_in(Role.WRITER)
    for path, status in (("/desk/khong-co", 404), ("/desk/bulletins/BT-1", 404), ("/desk/bulletins?state=x", 422)):
        answer = desk.client.get(path)
        assert (answer.status_code, "Lịch phát hành" in answer.text) == (status, True), path  # the menu stays


def test_what_is_wrong_with_the_installation_stands_first_and_is_gone_when_it_is_over(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.draft(session)
        now = BEGINNING - timedelta(minutes=7)
        incidents.begin_incident(session, "deliveries_late", details={"minutes": 6}, now=now)
        incidents.begin_incident(session, "disk_nearly_full", "may-1", {"free_mb": 1234}, now=now)
        incidents.begin_incident(session, "no_clock", now=now)
        incidents.begin_incident(session, "sites_failing", details={"failing": 12, "watched": 30}, now=now)
        incidents.begin_incident(
            session, "deliveries_dead", details={"count": 1}, now=now
        )  # the delivery itself shows it
        incidents.begin_incident(session, "something_new", "x", now=now)
    desk.sign_in(Role.WRITER)
    page = Page(desk.get("/desk"))
    assert list(tasks(page))[:5] == [
        "Lượt phát đang trễ, lâu nhất 6 phút", "Đĩa dữ liệu của máy may-1 sắp đầy",
        "Đồng hồ không chạy: không có gì tự phát hành", "12 nguồn cùng không đọc được", "something_new x",
    ]  # fmt: skip
    assert page.has("Còn 1.234 MB")
    with desk.database.write() as session:
        for alarm in incidents.ongoing_incidents(session):
            incidents.end_incident(session, alarm.code, alarm.subject, now=BEGINNING)
    assert not Page(desk.get("/desk")).has("Đồng hồ không chạy")


def test_a_task_is_handed_on_or_skipped_with_a_reason_and_taken_back(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.draft(session)
        incidents.begin_incident(session, "sites_failing", details={"failing": 12, "watched": 30}, now=BEGINNING)
        incidents.begin_incident(session, "deliveries_late", details={"minutes": 6}, now=BEGINNING)
    desk.sign_in(Role.APPROVER)
    title = "12 nguồn cùng không đọc được"
    link = Page(desk.get("/desk")).tree.css_first(f'a[aria-label="Bỏ qua, giao… {title}"]')
    assert link is not None
    address = link.attributes["href"] or ""
    assert Page(desk.get(address)).heading == title
    empty = desk.post(address, {"do": "skip", "note": ""})
    assert (empty.status_code, Page(empty.text).errors()) == (422, {"note": "Ghi rõ lý do để người khác hiểu"})
    nobody = desk.post(address, {"do": "hand", "to": "khong@so.example"})
    assert (nobody.status_code, Page(nobody.text).errors()) == (422, {"to": "Chọn một mục trong danh sách"})
    long = desk.post(address, {"do": "hand", "to": WRITER.id, "word": "x" * 501})
    assert Page(long.text).errors() == {"word": "Mục này quá dài"}
    assert desk.post(address, {"do": "hand", "to": WRITER.id, "word": "Nhờ gọi Viettel"}).status_code == 303
    page = Page(desk.get("/desk"))
    assert page.has(f"giao cho {WRITER.name}")
    assert page.has("Nhờ gọi Viettel")
    assert desk.post(address, {"do": "skip", "note": "Đường truyền đang sửa"}).status_code == 303
    page = Page(desk.get("/desk"))
    assert title not in list(tasks(page))[:1]
    assert page.has("Đã bỏ qua (1)")
    assert page.has("Đường truyền đang sửa")
    desk.post(address, {"do": "reopen"})
    assert not Page(desk.get("/desk")).has("Đã bỏ qua")
    assert desk.post(address, {"do": "reopen"}).status_code == 303
    assert Page(desk.get("/desk")).has("không có gì để lấy lại")
    with desk.database.write() as session:
        incidents.end_incident(session, "sites_failing", now=BEGINNING)
    assert desk.client.get(address).location == "/desk"
