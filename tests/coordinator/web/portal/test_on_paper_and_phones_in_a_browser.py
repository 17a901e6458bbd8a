"""The portal and notices on paper and on a phone: what was said is printed, and the page begins near the top."""

from typing import Any

import pytest

from campaigns.people.staff import Role
from campaigns.talking import telling
from campaigns.talking.notices import Audience
from campaigns.talking.telling import Wanted
from tests.coordinator.web.desk.test_review_in_a_browser import signed_in
from tests.coordinator.web.looking import come_to, expect, open_page
from tests.coordinator.web.portal.test_portal_in_a_browser import Stage, chromium, stage
from tests.coordinator.web.public.test_in_a_browser import address
from tests.factories import APPROVER, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium", "stage"]  # other rooms' fixtures

TITLE = "Thêm ảnh đếm từ ngày 1/12"
IN_SIGHT = """all => all
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 0)
  .map(one => one.textContent.trim())"""


@pytest.fixture
def notice(stage: Stage) -> str:
    """A notice to every partner that asks to be confirmed."""
    now = stage.outside.office.now()
    with stage.outside.database.write() as session:
        wanted = Wanted(TITLE, "<p>Đặt ảnh đếm ở cuối bài.</p>", Audience.ALL, must_confirm=True)
        row = telling.draft(session, WRITER, wanted, "a", now=now)
        return telling.publish(session, APPROVER, row.public, row.version, now=now).public


def entered(chromium: Any, stage: Stage, *screen: Any) -> Any:
    page = open_page(chromium, *screen)
    page.goto(address(stage.outside, f"/portal/join/{stage.secret}"))
    page.locator("main button").click()
    page.wait_for_url(address(stage.outside, "/portal"))
    return page


def pressable(page: Any) -> list[str]:
    """What on the page only a hand on a screen could use."""
    found: list[str] = page.locator("a.button, button, nav a, summary").evaluate_all(IN_SIGHT)
    return found


def test_on_paper_stands_what_was_said_and_nothing_to_press(chromium: Any, stage: Stage, notice: str) -> None:
    page = entered(chromium, stage)
    for path, words in (
        ("/portal", "Kết quả của bạn"),
        (f"/portal/notices/{notice}", "Đặt ảnh đếm ở cuối bài."),
        (f"/portal/bulletins/{stage.code}", "Văn bản thuần"),
        ("/portal/push", "Địa chỉ nhận"),
    ):
        page.emulate_media(media="screen")
        come_to(page, address(stage.outside, path))
        assert pressable(page)
        page.emulate_media(media="print")
        assert pressable(page) == [], path
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
        expect(page.locator("h1")).to_be_visible()
    page.context.close()


def test_a_notice_of_the_desk_is_printed_with_who_has_read_it(chromium: Any, stage: Stage, notice: str) -> None:
    page, base = open_page(chromium), stage.outside.front.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(stage.outside.app, Role.ADMIN), "url": base}])
    come_to(page, address(stage.outside, f"/desk/notices/{notice}"))
    page.emulate_media(media="print")
    assert pressable(page) == []
    expect(page.get_by_text("Đặt ảnh đếm ở cuối bài.", exact=True)).to_be_visible()
    receivers = page.locator("table", has_text="Nhịp Sông")
    expect(receivers).to_be_visible()
    # A list longer than a page begins on the page at hand; what is no list is kept whole.
    inside = "one => getComputedStyle(one.closest('.sheet')).breakInside"
    assert receivers.evaluate(inside) == "auto"
    assert page.locator(".sheet:not(.flush) .prose").first.evaluate(inside) == "avoid"
    page.context.close()


def test_on_a_phone_the_ways_fold_into_the_name_of_where_one_is(chromium: Any, stage: Stage, notice: str) -> None:
    page = entered(chromium, stage, 390, 844)
    come_to(page, address(stage.outside, "/portal/copies"))
    assert page.locator("h1").bounding_box()["y"] < 260  # a third of the screen
    fold = page.locator(".portal-fold > summary")
    expect(fold).to_contain_text("Bài trên trang của bạn")
    expect(page.get_by_role("link", name="Thông báo")).to_have_count(0)
    fold.focus()
    page.keyboard.press("Enter")
    way = page.get_by_role("link", name="Thông báo")
    expect(way).to_contain_text("1")  # what waits there is told inside the fold too
    way.click()
    page.wait_for_url(address(stage.outside, "/portal/notices"))
    page.get_by_role("link", name=TITLE).wait_for()
    assert page.evaluate("violations") == []
    page.context.close()


def test_on_a_wide_screen_every_way_is_in_sight(chromium: Any, stage: Stage) -> None:
    page = entered(chromium, stage)
    expect(page.locator(".portal-fold")).to_be_hidden()
    ways = page.get_by_role("navigation", name="Cổng đối tác").get_by_role("link")
    expect(ways).to_have_count(12)
    expect(ways.nth(5)).to_have_text("Bài trên trang của bạn")
    page.context.close()
