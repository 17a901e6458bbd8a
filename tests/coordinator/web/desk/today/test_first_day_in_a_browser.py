"""The whole first day by the pages alone: from set-up to the first copy that is found, fetched, matched and counted."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campaigns.core.clock import utc_now
from campaigns.discovery.site_sources import sync_sources
from campaigns.release import workflow
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.partner_profiles import NHIP_SONG
from coordinator.demo.partner_site import PartnerSite
from tests import factories
from tests.coordinator.installation import Installation, until
from tests.coordinator.web.chromium import chromium, expect, open_address, open_page, problems_of_page
from tests.factories import planned

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

BODY = (
    "Từ ngày 1/12 đến hết ngày 24/12, trạm y tế của 30 phường, xã tiêm vắc-xin cúm miễn phí cho người từ 65 tuổi, "
    "người có bệnh nền và trẻ từ 6 tháng đến 5 tuổi. Các trạm mở cửa từ 7:30 đến 16:30 các ngày, kể cả thứ Bảy. "
    "Người dân mang theo căn cước và sổ tiêm, đến trạm y tế nơi cư trú, không cần đăng ký trước. Người khó đi lại báo "
    "tổ dân phố để được tiêm tại nhà vào các buổi chiều thứ Tư. Sau khi tiêm, mọi người ở lại theo dõi 30 phút. "
    "Trung tâm y tế thành phố đã chuẩn bị đủ 42.000 liều cho đợt này, và mở thêm đường dây trả lời câu hỏi của dân."
)
PASSWORD = "mật khẩu của ngày đầu"  # invented here


def press(page: Any, name: str) -> None:
    """Press the button or button-like link of this name in the page's content."""
    within = page.locator("main")
    within.get_by_role("button", name=name).or_(within.get_by_role("link", name=name)).first.click()


def step(page: Any, number: int) -> Any:
    """A step, found in its place on the page."""
    return page.locator(f"#buoc-{number}")


def test_with_a_real_partner_the_open_page_follows_by_itself_to_the_first_counted_copy(
    chromium: Any, tmp_path: Path
) -> None:
    partner = PartnerSite("trang", "Trang Thử", "Công ty Thử", "1/GP", NHIP_SONG, "Sở Văn hóa")
    with SandboxServer(partner.app) as partner.url, Installation(tmp_path / "data") as here:
        here.serve()
        until("serve answers", here.alive)
        page = open_page(chromium)
        open_address(page, f"{here.base}/setup")
        for name, value in {
            "office": "Sở Văn hóa", "place": "Bình Minh", "name": "Trần Thị Lan", "email": "lan@so.example",
            "password": PASSWORD, "again": PASSWORD,
        }.items():  # fmt: skip
            page.fill(f"[name={name}]", value)
        page.locator("form button[type=submit]").last.click()
        open_address(page, f"{here.base}/desk/first-day/")
        expect(step(page, 6)).not_to_have_class("done")
        page.evaluate("window.opened = true")  # gone when the page is loaded again

        database = here.open_database()
        with database.write() as session:
            site = factories.site(session, url=f"{partner.url}/", feeds=[f"{partner.url}/rss.xml"], now=utc_now())
            site.name = "Trang Thử"
            factories.channel(session, "feed", company=site.company, now=utc_now())
            sync_sources(session, site, now=utc_now())
        expect(step(page, 6)).to_have_class("done")
        expect(step(page, 5)).to_have_class("done")
        with database.write() as session:
            code = factories.approved(session, title="Lịch tiêm vắc-xin cúm", body=BODY, now=utc_now()).code
        expect(step(page, 3)).to_have_class("done")
        expect(step(page, 4)).to_contain_text("Quốc Bảo đã duyệt bản tin trên.")
        expect(step(page, 7)).to_contain_text("Không phải làm gì")
        with database.write() as session:
            workflow.publish(session, factories.APPROVER, code, factories.DELIVERY_MODES, now=utc_now())
        expect(step(page, 7)).to_contain_text("Xem Trang Thử lần gần nhất lúc")
        assert page.evaluate("window.opened") is True
        partner._take(code, "Lịch tiêm vắc-xin cúm", "Miễn phí.", f"<p>{BODY}</p>", f"{here.base}/bulletins/{code}")
        expect(step(page, 7)).to_contain_text("Trang Thử đăng lại lúc")
        expect(step(page, 1)).to_have_class("here")  # nobody has planned yet
        with database.write() as session:
            planned(
                session,
                date(2026, 1, 1),
                date(2099, 12, 31),
                code="kh-1",
                topics=[],
                plan_number="1-KH/UBND",
                name="Kế hoạch",
                now=utc_now(),
            )
        expect(page.get_by_role("heading", name="Lượt lan tỏa đầu tiên đã được đếm")).to_be_visible()
        expect(page.locator(".steps > li.done")).to_have_count(7)
        assert page.evaluate("window.violations") == []


@pytest.mark.promise("The desk")
def test_a_fresh_office_reaches_its_first_counted_copy_by_the_pages_alone(chromium: Any, tmp_path: Path) -> None:
    # No address is exempt from the block on private addresses: the sample's pages on loopback are fetched all the same.
    with Installation(tmp_path / "data", allow_hosts="") as here:
        here.serve()
        until("serve answers", here.alive)
        page = open_page(chromium)
        open_address(page, f"{here.base}/setup")
        for name, value in {
            "office": "Sở Văn hóa thành phố Bình Minh", "place": "Bình Minh", "name": "Trần Thị Lan",
            "email": "lan@so.example", "password": PASSWORD, "again": PASSWORD,
        }.items():  # fmt: skip
            page.fill(f"[name={name}]", value)
        page.locator("form button[type=submit]").last.click()
        expect(page.locator("h1")).to_have_text("Ngày đầu tiên")
        expect(step(page, 1)).to_have_class("here")

        press(page, "Lập kế hoạch")
        for name, value in {
            "plan_number": "174-KH/UBND", "name": "Phòng, chống dịch mùa đông", "starts_on": "2026-01-01",
            "ends_on": "2099-12-31", "targets.0.quota": "200",
        }.items():  # fmt: skip
            page.fill(f'[name="{name}"]', value)
        page.get_by_label("Dịch bệnh").check()
        press(page, "Lưu")
        press(page, "Về Ngày đầu tiên")

        expect(step(page, 3)).to_have_class("here")
        assert problems_of_page(page, f"{here.base}/desk/first-day/", both_schemes=True) == ""
        press(page, "Soạn bản tin")
        page.fill("[name=title]", "Lịch tiêm vắc-xin cúm tại 30 phường, xã trong tháng 12")
        page.fill("[name=lead]", "Người cao tuổi và trẻ em được tiêm miễn phí tại trạm y tế nơi cư trú.")
        text = page.frame_locator("iframe").locator("body")
        text.click()
        page.keyboard.insert_text(BODY)
        page.select_option("[name=topic]", label="Dịch bệnh")
        page.get_by_role("button", name="gửi duyệt").last.click()
        expect(page.locator(".pill").get_by_text("Chờ duyệt").first).to_be_visible()
        press(page, "Về Ngày đầu tiên")

        expect(step(page, 4)).to_have_class("here")
        press(page, "Mời người duyệt")
        expect(page.locator("[name=role][value=approver]")).to_be_checked()
        page.fill("[name=name]", "Phạm Quốc Bảo")
        page.fill("[name=email]", "bao@so.example")
        press(page, "Mời người")
        link = page.locator("#lien-ket").inner_text().strip()
        press(page, "Về Ngày đầu tiên")
        expect(step(page, 4)).to_contain_text("đã được mời và chưa vào")

        second = open_page(chromium)  # the second person, or the same one in another window
        open_address(second, link)
        second.fill("[name=password]", PASSWORD + " 2")
        second.fill("[name=again]", PASSWORD + " 2")
        second.locator("form button[type=submit]").last.click()
        press(second, "Xác nhận…")
        press(second, "Xác nhận")
        expect(second.locator("h1")).to_have_text("Hôm nay")
        expect(second.locator("[aria-labelledby=can] li.task")).to_have_count(0)
        expect(second.locator("main")).to_contain_text("Chưa đủ để đánh giá")
        press(second, "Đọc và duyệt")
        press(second, "Duyệt và phát ngay")
        in_quiet_hours = second.get_by_role("button", name="Vẫn duyệt và phát ngay")
        expect(in_quiet_hours.or_(second.locator(".pill").get_by_text("Đã phát hành")).first).to_be_visible()
        if in_quiet_hours.is_visible():
            press(second, "Vẫn duyệt và phát ngay")
        expect(second.locator(".pill").get_by_text("Đã phát hành").first).to_be_visible()

        open_address(page, f"{here.base}/desk/first-day/")
        expect(step(page, 5)).to_have_class("here")
        press(page, "Dùng thử với tài khoản mẫu")
        expect(step(page, 6)).to_contain_text("Trang Mẫu, của Công ty Mẫu.")
        expect(page.get_by_role("heading", name="Lượt lan tỏa đầu tiên đã được đếm")).to_be_visible()
        expect(page.locator(".evidence-steps .done")).to_have_count(5)

        press(page, "Xem bằng chứng")
        expect(page.locator(".sub .pill").get_by_text("Mẫu")).to_be_visible()
        open_address(page, f"{here.base}/desk/progress/?campaign=174-kh-ubnd")
        expect(page.locator("main")).not_to_contain_text("Mẫu")
        assert "count proven" in here.did("tallies", "verify")
        paths = ("first-day/", "admin/health/", "channels/_new", "channels/_new/telegram/prepare", "partners/")
        for width, height in ((1366, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for path in paths:
                assert problems_of_page(page, f"{here.base}/desk/{path}", both_schemes=True) == "", path
        page.set_viewport_size({"width": 1366, "height": 900})

        open_address(page, f"{here.base}/desk/first-day/")
        page.get_by_role("button", name="Gỡ dữ liệu mẫu").first.click()
        expect(page.get_by_text("Đã gỡ đối tác mẫu")).to_be_visible()
        expect(page.get_by_role("heading", name="Lượt lan tỏa đầu tiên đã được đếm")).to_have_count(0)
        assert page.evaluate("window.violations") == []
