"""The portal and notices in print and on a phone: texts are printed, and the content begins near the top."""

from typing import Any

import pytest

from campaigns.messages import notice_workflow
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.people.staff import Role
from tests.coordinator.web.chromium import expect, open_address, open_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.portal.test_portal_in_a_browser import Stage, chromium, stage
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.factories import APPROVER, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium", "stage"]  # fixtures of other modules

TITLE = "Thêm ảnh đếm từ ngày 1/12"
IN_SIGHT = """all => all
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 0)
  .map(one => one.textContent.trim())"""


@pytest.fixture
def notice(stage: Stage) -> str:
    """A notice to every partner that requires a confirmation."""
    now = stage.outside.office.now()
    with stage.outside.database.write() as session:
        wanted = NoticeContent(TITLE, "<p>Đặt ảnh đếm ở cuối bài.</p>", NoticeAudience.ALL, must_confirm=True)
        row = notice_workflow.draft_notice(session, WRITER, wanted, "a", now=now)
        return notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=now).public


def entered(chromium: Any, stage: Stage, *screen: Any) -> Any:
    page = open_page(chromium, *screen)
    page.goto(address(stage.outside, f"/portal/join/{stage.secret}"))
    page.locator("main button").click()
    page.wait_for_url(address(stage.outside, "/portal"))
    return page


def pressable(page: Any) -> list[str]:
    """Return the visible controls of the page, which are of no use on paper."""
    found: list[str] = page.locator("a.button, button, nav a, summary").evaluate_all(IN_SIGHT)
    return found


def test_printed_pages_contain_the_texts_and_no_controls(chromium: Any, stage: Stage, notice: str) -> None:
    page = entered(chromium, stage)
    for path, words in (
        ("/portal/quarter", "Kết quả của đơn vị"),
        (f"/portal/notices/{notice}", "Đặt ảnh đếm ở cuối bài."),
        (f"/portal/bulletins/{stage.code}", "Văn bản thuần"),
        ("/portal/push", "Địa chỉ nhận"),
    ):
        page.emulate_media(media="screen")
        open_address(page, address(stage.outside, path))
        assert pressable(page)
        page.emulate_media(media="print")
        assert pressable(page) == [], path
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
        expect(page.locator("h1")).to_be_visible()
    page.context.close()


def test_a_notice_of_the_desk_is_printed_with_who_has_read_it(chromium: Any, stage: Stage, notice: str) -> None:
    page, base = open_page(chromium), stage.outside.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(stage.outside.app, Role.ADMIN), "url": base}])
    open_address(page, address(stage.outside, f"/desk/notices/{notice}"))
    page.emulate_media(media="print")
    assert pressable(page) == []
    expect(page.get_by_text("Đặt ảnh đếm ở cuối bài.", exact=True)).to_be_visible()
    receivers = page.locator("table", has_text="Nhịp Sông")
    expect(receivers).to_be_visible()
    # A list longer than a page starts on the current page; other blocks are not split.
    inside = "one => getComputedStyle(one.closest('.sheet')).breakInside"
    assert receivers.evaluate(inside) == "auto"
    assert page.locator(".sheet:not(.flush) .prose").first.evaluate(inside) == "avoid"
    page.context.close()


def test_on_a_phone_the_tabs_stand_at_the_bottom_with_what_waits(chromium: Any, stage: Stage, notice: str) -> None:
    page = entered(chromium, stage, 390, 844)
    open_address(page, address(stage.outside, "/portal/copies"))
    assert page.locator("h1").bounding_box()["y"] < 260  # a third of the screen
    tabs = page.get_by_role("navigation", name="Lối tắt").get_by_role("link")
    expect(tabs).to_have_count(5)
    expect(page.get_by_role("navigation", name="Cổng đối tác")).to_be_hidden()
    expect(tabs.nth(2)).to_contain_text("cần làm: 1")
    tabs.nth(2).click()
    page.wait_for_url(address(stage.outside, "/portal/tasks"))
    page.get_by_role("navigation", name="Việc cần làm").get_by_role("link", name="Thông báo").click()
    page.wait_for_url(address(stage.outside, "/portal/notices"))
    page.get_by_role("link", name=TITLE).wait_for()
    assert page.evaluate("violations") == []
    page.context.close()


def test_on_a_wide_screen_five_tabs_lead_to_every_page(chromium: Any, stage: Stage) -> None:
    page = entered(chromium, stage)
    expect(page.get_by_role("navigation", name="Lối tắt")).to_be_hidden()
    tabs = page.get_by_role("navigation", name="Cổng đối tác").get_by_role("link")
    expect(tabs).to_have_count(5)
    expect(tabs.nth(0)).to_have_attribute("aria-current", "page")
    tabs.nth(1).click()
    expect(page.get_by_role("navigation", name="Bài của đơn vị").get_by_role("link")).to_have_count(5)
    page.context.close()


def test_the_keys_of_the_kit_fill_the_clipboard_and_without_it_lead_to_the_texts(chromium: Any, stage: Stage) -> None:
    page = entered(chromium, stage)
    base = stage.outside.app_context.settings.base_url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
    open_address(page, f"{base}/portal")
    kit = page.locator(f'[data-kit*="{stage.code}"]')
    held = """async () => { const [item] = await navigator.clipboard.read();
      return Object.fromEntries(await Promise.all(item.types.map(async (type) =>
        [type, await (await item.getType(type)).text()]))); }"""
    kit.get_by_role("link", name="Sao chép bài").click()
    expect(kit.get_by_role("status")).to_have_text("Đã sao chép, dán được ngay")
    rich = page.evaluate(held)
    link = f'href="{base}/bulletins/{stage.code}"'
    assert link in rich["text/html"]
    assert "/i/" in rich["text/html"]
    assert f"{base}/bulletins/{stage.code}" in rich["text/plain"]
    kit.get_by_role("link", name="Sao chép chữ thuần").click()
    expect(kit.get_by_role("status")).to_have_text("Đã sao chép chữ thuần")
    assert list(page.evaluate(held)) == ["text/plain"]
    page.route("**/republish.json", lambda route: route.abort())
    kit.get_by_role("link", name="Sao chép bài").click()
    page.wait_for_url(f"{base}/bulletins/{stage.code}/republish#bai")
    page.context.close()
