"""A finding in Chromium from proposal to outcome: a question at the desk, the answer in the portal, conclusion and
decision; every page is accessible on both screens."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.compliance import finding_workflow, inspections
from campaigns.compliance.finding_workflow import FindingProof, RuleSubject, propose_finding
from campaigns.compliance.inspections import PageRole
from campaigns.core.clock import city_day
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.storage.web_archives import Capture
from tests import factories
from tests.campaigns.compliance.made_findings import FAULTS, proposed, rule
from tests.coordinator.jobs.compliance.test_inspections import front
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, WIDE, chromium, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import ANALYST

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


class Office:
    """A department with a partner, a proposed finding with a kept page, and a concluded finding."""

    def __init__(self, outside: RunningApplication) -> None:
        self.outside = outside
        place = outside.office
        now = place.now()
        body = front("").encode()
        with outside.database.write() as session:
            factories.published(session)
            company = factories.company(session, "Công ty CP Truyền thông Nhịp Sông")
            site = factories.site(session, company, "https://nhipsong.example/")
            digest, key = place.store.keep(body)
            capture = Capture(site.url, now, 200, "OK", (), (), body, digest)
            kept = inspections.record_page(
                session, site.id, PageRole.FRONT, status=200, final_url=site.url, body_hash=digest, body_key=key,
                capture_key=place.store.keep_capture(capture), headers=[["Content-Type", "text/html"]], now=now,
            )  # fmt: skip
            inspections.enrol_sites(session, place.intervals, now=now)
            proof = FindingProof(site.url, now, digest, snapshot_id=kept.id)
            day = city_day(now)
            subject = RuleSubject(company.id, site.id)
            assert propose_finding(session, rule(session, "R1", day), subject, FAULTS["R1"], proof, day=day, now=now)
            self.kept, self.company = kept.public, company.id
            done = proposed(session, "R8", site, at=now)
            finding_workflow.conclude_finding(
                session, ANALYST, done.public, 0, confirm=True, note="Chưa có văn bản", now=now
            )
            self.done = done.public
        self.key = outside.key(company_id=self.company)

    def sign_in(self, page: Any, role: Role) -> None:
        """Sign in to the desk."""
        base = self.outside.app_context.settings.base_url
        page.context.add_cookies([{"name": "lantoa", "value": signed_in(self.outside.app, role), "url": base}])

    def enter(self, page: Any) -> None:
        """Sign in to the portal."""
        page.goto(address(self.outside, "/portal/enter"))
        page.locator("#key").fill(self.key)
        page.get_by_role("button", name="Vào cổng").click()
        page.wait_for_url("**/portal")


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Iterator[Office]:
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        yield Office(outside)


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_page_is_in_order(chromium: Any, office: Office, screen: tuple[int, int, str]) -> None:
    page = open_page(chromium, *screen)
    office.sign_in(page, Role.ADMIN)
    page.goto(address(office.outside, "/desk/compliance"))
    suspicion = page.get_by_role("link", name="R1. Thông tin bắt buộc trên trang chủ").get_attribute("href")
    desk = [
        "/desk/compliance", "/desk/compliance?standing=all", suspicion, f"/desk/compliance/{office.done}",
        "/desk/compliance/_sites", f"/desk/compliance/_pages/{office.kept}", "/desk/admin/rules/",
        "/desk/admin/rules/R1", "/desk/admin/rules/R5", "/desk/admin/rules/R13",
    ]  # fmt: skip
    wrong = {path: text for path in desk if (text := problems_of_page(page, address(office.outside, path)))}
    page.context.clear_cookies()
    office.enter(page)
    portal = ["/portal", "/portal/findings", f"/portal/findings/{office.done}"]
    wrong |= {path: problems for path in portal if (problems := problems_of_page(page, address(office.outside, path)))}
    page.context.close()
    assert wrong == {}


def press(page: Any, name: str, text: str) -> None:
    """Press a button of the page's main part and wait for the message."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()
    page.get_by_text(text).first.wait_for()


@pytest.mark.promise("Hold to the rules")
def test_from_a_suspicion_to_its_outcome_between_desk_and_portal(chromium: Any, office: Office) -> None:
    desk, portal = open_page(chromium, *WIDE), open_page(chromium, *PHONE)
    office.sign_in(desk, Role.ANALYST)
    office.enter(portal)
    desk.goto(address(office.outside, "/desk/compliance"))
    desk.get_by_role("link", name="R1. Thông tin bắt buộc trên trang chủ").click()
    desk.get_by_text("Trang chủ thiếu hoặc ghi khác sổ cấp phép").first.wait_for()
    desk.get_by_text("Hỏi đối tác trước khi kết luận").click()
    press(desk, "Cho đối tác xem và hỏi", "Đã hỏi. Đối tác thấy trong cổng")
    public = desk.url.rpartition("/")[2]

    portal.goto(address(office.outside, f"/portal/findings/{public}"))
    portal.get_by_text("Chưa kết luận.").wait_for()
    portal.locator("#text").fill("Đã bổ sung số điện thoại và địa chỉ.")
    press(portal, "Gửi trả lời", "Đã gửi. Sở đọc trả lời của đơn vị")

    desk.reload()
    desk.get_by_text("Đối tác đã trả lời.").wait_for()
    desk.get_by_text("Đã bổ sung số điện thoại và địa chỉ.").wait_for()
    desk.get_by_label("Đúng như nghi vấn").check()
    desk.locator("#note").fill("Lúc xem thì chưa có; nay đã bổ sung.")
    press(desk, "Ghi kết luận", "Đã kết luận.")
    with desk.expect_download() as letter:
        desk.get_by_role("link", name="Tải công văn nhắc (Word)").click()
    assert letter.value.suggested_filename == f"{public}.docx"
    desk.get_by_label("Đã khắc phục", exact=True).check()
    desk.locator("#note").fill("Đã xem lại trang chủ.")
    press(desk, "Ghi kết quả", "Đã ghi: đã khắc phục.")

    portal.reload()
    portal.get_by_text("Mục này đã khép lại.").wait_for()
    portal.get_by_text("Đã khắc phục, khép lại").wait_for()

    desk.get_by_role("button", name=re.compile("^Hoàn tác: Đã khắc phục")).click()
    desk.get_by_role("heading", name="Kết quả xử lý").wait_for()
    for page in (desk, portal):
        assert page.evaluate("window.violations") == []
        page.context.close()
