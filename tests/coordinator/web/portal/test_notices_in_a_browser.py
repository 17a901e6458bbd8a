"""Notices and questions in Chromium: every page is accessible on both screens; a notice is marked as read when visible;
forms work without a script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from campaigns.messages import notice_workflow, questions
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience, NoticeReadReceipt
from campaigns.messages.questions import QuestionSubject
from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, WIDE, chromium, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import APPROVER, NOW, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

BODY = "<h2>Việc cần làm</h2><ul><li>Trang máy tính</li><li>Trang điện thoại</li></ul><p>Cảm ơn các bạn.</p>"


class Office:
    """A department with a partner, a notice, a draft, and a question that was answered publicly."""

    def __init__(self, outside: RunningApplication) -> None:
        self.outside = outside
        with outside.database.write() as session:
            company = factories.company(session, "Công ty CP Truyền thông Nhịp Sông")
            make_republication(
                session, factories.published(session), factories.site(session, company, "https://nhipsong.example/")
            )
            ident = company.id
        self.key = outside.key(company_id=ident)
        with outside.database.write() as session:
            wanted = NoticeContent("Thêm ảnh đếm từ ngày 1/12", BODY, NoticeAudience.ALL, must_confirm=True)
            row = notice_workflow.draft_notice(session, WRITER, wanted, "a", now=NOW)
            self.notice = notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW).public
            self.draft = notice_workflow.draft_notice(session, WRITER, wanted, "b", now=NOW).public
            asked = questions.ask_question(
                session, WRITER, ident, "Dòng nguồn", "Đặt ở đâu?", QuestionSubject(), "f", now=NOW
            )
            questions.answer_question(session, WRITER, asked.public, "Ở cuối bài.", "g", 1, now=NOW)
            questions.publish_answer(
                session, APPROVER, asked.public, "Dòng nguồn đặt ở đâu?", "Ở cuối bài.", 0, now=NOW
            )
            self.question = asked.public

    def readings(self) -> int:
        with self.outside.database.read() as session:
            return len(session.execute(select(NoticeReadReceipt)).all())


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Iterator[Office]:
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        yield Office(outside)


def enter(page: Any, office: Office) -> None:
    page.goto(address(office.outside, "/portal/enter"))
    page.locator("#key").fill(office.key)
    page.get_by_role("button", name="Vào cổng").click()
    page.wait_for_url("**/portal")


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_page_is_in_order(chromium: Any, office: Office, screen: tuple[int, int, str]) -> None:
    page = open_page(chromium, *screen)
    base = office.outside.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(office.outside.app, Role.APPROVER), "url": base}])
    desk = [
        "notices", "notices/_new", f"notices/{office.notice}", f"notices/{office.draft}",
        f"notices/{office.draft}/edit", f"notices/{office.notice}/edit", "questions?state=all",
        f"questions/{office.question}",
    ]  # fmt: skip
    wrong = {path: text for path in desk if (text := problems_of_page(page, address(office.outside, f"/desk/{path}")))}
    page.context.clear_cookies()
    enter(page, office)
    portal = [
        "", "/notices", f"/notices/{office.notice}", "/questions", "/questions/_new", "/questions/_answers?q=nguon",
        f"/questions/{office.question}",
    ]  # fmt: skip
    wrong |= {
        path: problems
        for path in portal
        if (problems := problems_of_page(page, address(office.outside, f"/portal{path}")))
    }
    page.context.close()
    assert wrong == {}


def test_a_notice_on_the_screen_is_read_by_itself_and_confirmed_by_a_press(chromium: Any, office: Office) -> None:
    page = open_page(chromium, *PHONE)
    enter(page, office)
    assert office.readings() == 0
    page.goto(address(office.outside, f"/portal/notices/{office.notice}"))
    page.get_by_text("Đã đọc, chưa xác nhận").wait_for()
    assert office.readings() == 1
    page.get_by_role("button", name="Xác nhận sẽ làm theo").click()
    page.get_by_text("Đã xác nhận").wait_for()
    page.context.close()


def test_without_a_script_a_notice_is_read_by_its_button_and_a_question_is_sent(chromium: Any, office: Office) -> None:
    page = open_page(chromium, *WIDE, java_script_enabled=False)
    enter(page, office)
    page.goto(address(office.outside, f"/portal/notices/{office.notice}"))
    assert office.readings() == 0
    page.get_by_role("button", name="Đã đọc").click()
    page.get_by_text("Đã đọc, chưa xác nhận").wait_for()
    assert office.readings() == 1
    page.goto(address(office.outside, "/portal/questions/_new"))
    page.locator("#heading").fill("Ảnh có cần ghi nguồn?")
    page.locator("#text").fill("Ảnh trong bản tin.")
    page.get_by_role("button", name="Gửi câu hỏi").click()
    page.get_by_text("Đã gửi câu hỏi.").wait_for()
    page.context.close()
