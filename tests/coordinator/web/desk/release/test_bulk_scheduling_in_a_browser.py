"""A writer begins a bulletin from a template, and an approver schedules several on a telephone and by keyboard."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins import templates
from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.bulletins.templates import TemplateContent
from campaigns.core.clock import city_day
from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, SCREENS, axe_violations, chromium, expect, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with a template, an account, and three approved bulletins without a time."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        now = outside.office.now()
        with outside.database.write() as session:
            factories.channel(session, "zalo")
            text = factories.text("Dịch bệnh tuần {tuần}, đến {ngày}", "Trong tuần có {số} ca mắc mới.", "")
            templates.create_template(session, WRITER, TemplateContent("Dịch bệnh tuần", text, "dich-benh"), now=now)
            for number in range(3):
                factories.approved(session, title=f"Lịch tiêm nhắc vắc-xin tại các trạm y tế, đợt {number}", now=now)
        yield outside


def at_desk(chromium: Any, outside: RunningApplication, role: Role, screen: tuple[int, int, str]) -> Any:
    page = open_page(chromium, *screen)
    base = outside.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(outside.app, role), "url": base}])
    return page


def test_a_bulletin_from_a_template_and_several_scheduled_by_touch_and_keys(
    chromium: Any, served: RunningApplication
) -> None:
    base, day = served.app_context.settings.base_url, city_day(served.office.now()) + timedelta(days=1)
    for screen in SCREENS:
        page = at_desk(chromium, served, Role.WRITER, screen)
        for path in ("/desk/templates", "/desk/templates/_new"):
            assert problems_of_page(page, f"{base}{path}") == ""
        page.goto(f"{base}/desk/templates")
        page.get_by_label("Ngày phát Dịch bệnh tuần").fill(f"{day:%d/%m/%Y}")
        page.get_by_role("button", name="Tạo từ mẫu").click()
        expect(page.get_by_label("Tiêu đề", exact=True).first).to_have_value(
            f"Dịch bệnh tuần {day.isocalendar().week}, đến {day:%d/%m/%Y}"
        )
        expect(page.get_by_text("Còn phải điền: {số}")).to_be_visible()
        page.context.close()

    page = at_desk(chromium, served, Role.APPROVER, PHONE)
    assert problems_of_page(page, f"{base}/desk/bulletins?state=approved") == ""
    for box in page.get_by_role("checkbox", name="Chọn Lịch tiêm").all()[:2]:
        box.focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Hẹn giờ các bản tin đã chọn…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hẹn giờ 2 bản tin")
    assert not axe_violations(page, both_schemes=True)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_label("Tất cả cùng một giờ").check()
    page.get_by_role("button", name="Xếp giờ các dòng đã chọn").click()
    expect(page.get_by_text("chưa tới 15 phút").first).to_be_visible()
    times = page.get_by_role("textbox", name="Giờ phát của")
    times.nth(0).fill("9h")
    times.nth(1).fill("14:30")
    for box in page.get_by_role("textbox", name="Ngày phát của").all():
        box.fill(f"{day:%d/%m/%Y}")
    page.get_by_role("button", name="Hẹn giờ các bản tin đã chọn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã hẹn giờ 2 bản tin.")).to_be_visible()
    with served.database.read() as session:
        query = sa.select(sa.func.count()).select_from(Bulletin).where(Bulletin.state == BulletinState.SCHEDULED)
        assert session.execute(query).scalar_one() == 2
    page.context.close()
