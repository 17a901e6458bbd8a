"""Lists on a phone in Chromium: no horizontal scrolling, accessible, and filters are folded above the list; tables on a
phone and on a small desktop break between words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import READY, broken_words, chromium, expect, problems_of_page
from tests.coordinator.web.desk.browser_writers import writer
from tests.coordinator.web.desk.copies import Copy, add_copy, bulletin_of
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import NOW, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

PHONE = (390, 844, "light")
LIST = "/desk/republications?status=all"


@pytest.fixture
def busy(sqlite: Database, tmp_path: Path) -> Iterator[tuple[RunningApplication, list[str]]]:
    """A department with a published bulletin and an unpublished one with two revisions; the pages to check."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            company = factories.company(session)
            for name in ("Trang thông tin điện tử tổng hợp Phố Nhỏ Online (đẩy)", "Nhịp Sông"):
                factories.channel(session, company=company).name = name
            out = factories.published(session, title="Lịch tiêm nhắc vắc-xin sởi cho trẻ tại 30 phường, xã").code
            first, second = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
            first.state, second.state = DeliveryState.DELIVERED, DeliveryState.UNKNOWN
            add_copy(session, find_bulletin(session, out), Copy())
            ahead = factories.draft(session, title="Mở thêm buổi tiêm").code
            workflow.revise(session, WRITER, ahead, factories.text("Mở thêm hai buổi tiêm", "Một. Hai."), now=NOW)
        of = "/desk/bulletins"
        pages = [
            LIST, of, f"{of}/{out}", f"{of}/{out}/receivers", f"{of}/{out}/compare", f"{of}/{ahead}/receivers",
            f"{of}/{ahead}/compare", "/desk/deliveries", "/desk/republications/_review", "/desk/calendar",
            "/desk/progress/", "/desk/partners/", "/desk/channels/",
        ]  # fmt: skip
        yield outside, pages


@pytest.mark.parametrize("width", [1280, 390])
def test_no_table_breaks_inside_a_word(chromium: Any, busy: tuple[RunningApplication, list[str]], width: int) -> None:
    outside, pages = busy
    with outside.database.read() as session:
        code = session.execute(sa.select(Bulletin.code).where(Bulletin.release_at.is_not(None))).scalars().first()
    found = {}
    with writer(chromium, outside, (width, 900, "light"), Role.ADMIN) as page:
        page.goto(address(outside, "/desk/briefings/"))
        page.get_by_role("button", name="Lập báo cáo").click()
        page.locator("form[action$=freeze] button").click()
        page.wait_for_url("**/versions/*")
        frozen = page.url
        for url in (
            frozen,
            *(
                address(outside, path)
                for path in (
                    *pages, f"/desk/bulletins/{code}/spread", "/desk/progress/partner", "/desk/progress/site",
                    "/desk/open-data/", "/desk/admin/journal/",
                )
            ),
        ):  # fmt: skip
            page.goto(url)
            page.evaluate(READY)
            found[url] = broken_words(page)
    assert {path: words for path, words in found.items() if words} == {}


def test_no_list_scrolls_sideways_or_keeps_anybody_out(
    chromium: Any, busy: tuple[RunningApplication, list[str]]
) -> None:
    outside, pages = busy
    found = {}
    with writer(chromium, outside, PHONE, Role.ANALYST) as page:
        page.goto(address(outside, "/desk"))
        task = page.locator("a[href*='/desk/tasks/decide']").first.get_attribute("href")
        for path in [*pages, task]:
            found[path] = problems_of_page(page, address(outside, path))
    assert {path: text for path, text in found.items() if text} == {}


def test_nothing_covers_the_fields_of_a_release_time_while_it_is_approved(
    chromium: Any, busy: tuple[RunningApplication, list[str]]
) -> None:
    outside, _pages = busy
    with outside.database.write() as session:
        code = factories.draft(session).code
        workflow.submit(session, WRITER, code, now=NOW)
    uncovered = """(node) => {
      const box = node.getBoundingClientRect();
      return [box.top + 2, box.bottom - 2].every(
        (y) => y > 0 && y < innerHeight && node.contains(document.elementFromPoint(box.left + box.width / 2, y)));
    }"""
    with writer(chromium, outside, PHONE, Role.APPROVER) as page:
        page.goto(address(outside, f"/desk/bulletins/{code}/approve"))
        expect(page.locator(".actions")).to_be_visible()
        page.get_by_text("Duyệt và hẹn giờ phát…").click()
        for name in ("Ngày", "Giờ Việt Nam, 24 giờ"):
            page.get_by_label(name, exact=True).focus()
            assert page.get_by_label(name, exact=True).evaluate(uncovered)
        button = page.get_by_role("button", name="Duyệt và hẹn giờ", exact=True)
        button.focus()
        assert button.evaluate(uncovered)


@pytest.mark.parametrize("script", [True, False])
def test_filters_stand_behind_a_box_to_tick_and_go_on_filtering(
    chromium: Any, busy: tuple[RunningApplication, list[str]], script: bool
) -> None:
    outside, _pages = busy
    with writer(chromium, outside, PHONE, Role.ANALYST, java_script_enabled=script) as page:
        page.goto(address(outside, LIST))
        form = page.locator("form.filters")
        expect(form).to_be_hidden()
        page.get_by_text("Bộ lọc", exact=True).click()
        form.wait_for()
        form.get_by_label("Mã bản tin").fill("BT-2026-11-24-001")
        with page.expect_navigation():
            form.get_by_role("button", name="Lọc", exact=True).click()
        expect(page).to_have_url(re.compile("bulletin=BT-2026-11-24-001"))
        page.get_by_text("Bộ lọc, đang lọc", exact=True).wait_for()
        expect(form).to_be_hidden()
    with writer(chromium, outside, (1280, 900, "light"), Role.ANALYST) as page:
        page.goto(address(outside, LIST))
        page.locator("form.filters").wait_for()
        expect(page.get_by_text("Bộ lọc", exact=True)).to_be_hidden()


def test_every_line_of_the_menus_is_within_reach_on_a_small_phone(
    chromium: Any, busy: tuple[RunningApplication, list[str]]
) -> None:
    outside, _pages = busy
    covered = """(links) => links.filter((link) => {
      link.scrollIntoView({block: "nearest"});
      const box = link.getBoundingClientRect();
      const middle = box.left + box.width / 2;
      return ![box.top + 2, box.bottom - 2].every((y) => link.contains(document.elementFromPoint(middle, y)));
    }).map((link) => link.innerText)"""
    with writer(chromium, outside, (320, 568, "light"), Role.ADMIN) as page:
        for menu in (".menu", ".who .own:not(.bell)", ".who .bell"):
            page.goto(address(outside, "/desk"))
            page.locator(f"{menu} > summary").click()
            lines = page.locator(f"{menu}[open] :is(a, button)")
            expect(lines.last).to_be_visible()
            assert lines.evaluate_all(covered) == []


def test_a_list_is_sorted_on_a_phone_and_no_hidden_link_takes_the_focus(
    chromium: Any, busy: tuple[RunningApplication, list[str]]
) -> None:
    outside, _pages = busy
    with writer(chromium, outside, PHONE, Role.ANALYST) as page:
        page.goto(address(outside, "/desk/bulletins"))
        page.get_by_role("link", name="Giờ phát", exact=True).click()
        page.wait_for_url("**sort=**")
        for head in page.locator("thead th").all():
            box = head.bounding_box()
            assert (box["width"] > 20) == (head.locator("a").count() == 1)


def test_the_shortcut_to_reviewing_opens_the_queue_and_the_button_for_chosen_rows_stays_in_view(
    chromium: Any, busy: tuple[RunningApplication, list[str]]
) -> None:
    outside, _pages = busy
    with outside.database.write() as session:
        for number in range(8):
            url = f"https://nhipsong.example/bai-{number}"
            add_copy(session, bulletin_of(session), Copy(url=url, attribution=Attribution.NONE))
    with writer(chromium, outside, PHONE, Role.ANALYST) as page:
        page.goto(address(outside, "/desk"))
        page.locator("nav.tabs").get_by_role("link", name="Xem xét").click()
        page.wait_for_url("**/desk/republications/_review")
        button = page.get_by_role("button", name="Kết luận các bài đã chọn…")
        expect(button).not_to_be_in_viewport()
        page.locator("label.tick").nth(1).click()
        expect(button).to_be_in_viewport()
        button.click()
        page.wait_for_url("**/_batch")
        expect(page.get_by_role("heading", level=1)).to_have_text("Kết luận 1 bài")
