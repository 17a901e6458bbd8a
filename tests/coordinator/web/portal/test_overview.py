"""The portal shows open tasks with their deadlines and the partner's figures, and names no other partner."""

from datetime import date, timedelta

from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES, LEAST_PARTNERS
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import find_republication
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.test_notices import company, out
from tests.factories import NOW


def test_what_is_open_is_reported_with_its_time_and_where_it_is_done(portal: Portal) -> None:
    out(portal, NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=date(2026, 11, 30)))
    with portal.desk.database.write() as session:
        row = find_republication(session, portal.mine)
        row.stale, row.stale_since, row.bulletin.recalled_at = True, NOW, NOW
    portal.enter()
    page = portal.page("/tasks")
    assert page.words(".task h3") == [
        "Gỡ 1 bài của bản tin đã thu hồi",
        "Đọc 1 thông báo mới",
    ]
    assert page.has("Hạn gần nhất: 08:00, 25/11/2026.")
    assert page.has("Hạn gần nhất: hết ngày 30/11/2026.")
    portal.desk.office.clock.moment += timedelta(hours=23)
    portal.desk.client.delete_cookie("lantoa")
    portal.enter()
    assert portal.page("/tasks").has("Quá hạn 1, sớm nhất từ 08:00, 25/11/2026.")


def test_nothing_open_is_stated(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        find_republication(session, portal.mine).attribution = Attribution.LINKED_AT_END
    portal.enter()
    assert portal.page("/tasks").has("Không có việc nào đang mở.")


def test_few_copies_are_reported_as_figures_without_shares(portal: Portal) -> None:
    portal.enter()
    lines = {row[0]: row[1:] for row in portal.page("/quarter").rows("Kết quả của đơn vị")}
    assert lines["Nêu tên nguồn Mọi bài phải nêu Sở là nguồn."] == ["1; chưa đủ bài để tính", "chưa đủ bài để tính"]
    assert portal.page("/quarter").has("Đặt đường dẫn ở cuối 1 bài đã nêu nguồn mà chưa có.")
    assert not portal.page("/quarter").has("Thường gặp")


def test_what_is_usual_stands_beside_without_a_name(portal: Portal) -> None:
    mine = company(portal)
    with portal.desk.database.write() as session:
        bulletin = factories.published(session)
        owners = [
            mine.id,
            *(factories.company(session, f"Đối tác kín {number}").id for number in range(LEAST_PARTNERS)),
        ]
        for number, owner in enumerate(owners):
            site = factories.site(session)
            site.company_id = owner
            for place in range(LEAST_COPIES):
                way = Attribution.LINKED_AT_END if place < number else Attribution.NAMED_ONLY
                make_republication(session, bulletin, site, attribution=way)
    portal.enter()
    text = portal.desk.get("/portal/quarter")
    assert "kín" not in text
    lines = {row[0]: row[1:] for row in portal.page("/quarter").rows("Kết quả của đơn vị")}
    assert lines["Đường dẫn ở cuối bài Đúng quy định dẫn nguồn."] == ["0% (0/11)", "chưa đủ bài để tính", "25%"]
