"""Typed text is never lost: it is saved a moment later, after a lost connection, an expired session, and beside a
colleague."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.autosave import WorkingCopy
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.people.staff import Role
from tests.coordinator.installation import until
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, delay_files, expect, open_address
from tests.coordinator.web.desk.browser_writers import NEW, body_of, enter, fill_head, press_save, served, writer
from tests.coordinator.web.public.test_public_pages_in_a_browser import address

pytestmark = pytest.mark.browser
__all__ = ["chromium", "served"]  # other files' fixtures


def says(page: Any, words: str) -> None:
    """Wait until the line beside the buttons shows this."""
    expect(page.locator("#luu")).to_contain_text(words)


def says_anew(page: Any, words: str, act: Callable[[], object]) -> None:
    """Do something and wait until the line shows this as its result, whatever it showed before."""
    page.locator("#luu").evaluate("line => line.replaceChildren()")
    act()
    says(page, words)


def kept(served: RunningApplication, field: str = "title") -> list[str]:
    """Return the saved values of one field of open forms."""
    with served.database.read() as session:
        copies = session.execute(sa.select(WorkingCopy).where(WorkingCopy.version > 0)).scalars()
        return [copy.fields[field][0] for copy in copies]


def bulletins(served: RunningApplication) -> int:
    with served.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(Bulletin)).scalar_one()


def test_a_form_is_kept_while_it_is_written_and_can_be_opened_again_elsewhere(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body_of(page).click()
        page.keyboard.type("Tiêm miễn phí.")
        until("all that was typed is kept", lambda: kept(served, "body_html") == ["<p>Tiêm miễn phí.</p>"])
        says(page, "Đã tự lưu lúc 10:00.")
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        page.click("text=Mở lại")
        expect(page.locator("#title")).to_have_value("Lịch tiêm nhắc")
        expect(body_of(page)).to_have_text("Tiêm miễn phí.")
        press_save(page)
        open_address(page, address(served, NEW))
        expect(page.locator("text=Mở lại")).to_have_count(0)
    assert (bulletins(served), kept(served)) == (1, [])


def test_what_was_typed_before_the_scripts_came_is_kept_without_another_key(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        held = delay_files(page, "**/hugerte.min.js*")  # the largest script, for which those behind it wait
        page.goto(address(served, NEW), wait_until="commit")
        fill_head(page)
        until("the script is asked for", lambda: page.evaluate("document.readyState") == "interactive" and bool(held))
        assert page.evaluate("window.hugerte") is None
        held[0].continue_()
        says(page, "Đã tự lưu lúc 10:00.")
    assert (kept(served), kept(served, "topic")) == (["Lịch tiêm nhắc"], ["dich-benh"])


def test_a_form_that_comes_back_with_errors_goes_on_as_the_same_one(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        page.fill("#title", "Chưa chọn chuyên đề")
        says(page, "Đã tự lưu lúc 10:00.")
        with page.expect_navigation():
            page.click("button[value=save]")
        page.locator(".summary").wait_for()
        page.fill("#lead", "Thêm một câu.")
        says(page, "Đã tự lưu lúc 10:00.")
        assert kept(served) == ["Chưa chọn chuyên đề"]


def test_a_text_of_several_paragraphs_that_nobody_touched_is_no_draft(
    chromium: Any, served: RunningApplication
) -> None:
    code = served.draft("Lịch tiêm nhắc", body="Từ thứ Hai.\n\nĐến thứ Sáu.\n\nMiễn phí.")
    with writer(chromium, served) as page:
        page.clock.install()
        page.goto(address(served, f"/desk/bulletins/{code}/edit"))
        body_of(page)
        with page.expect_request("**/desk/bulletins/drafts/**") as sign:
            page.clock.fast_forward(30_000)
        assert 'name="open"' in (sign.value.post_data or "")
        assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('lantoa'))") == []
    assert kept(served) == []


def test_a_dropped_line_keeps_the_text_in_the_browser_until_it_is_back(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        page.context.set_offline(True)
        fill_head(page)
        says(page, "Mất mạng")
        says_anew(page, "Mất mạng", lambda: page.click("button[value=save]"))
        expect(page.locator("#title")).to_have_value("Lịch tiêm nhắc")
        assert kept(served) == []
        page.context.set_offline(False)
        says(page, "Đã tự lưu lúc 10:00.")
    assert kept(served) == ["Lịch tiêm nhắc"]


def test_what_never_reached_the_server_is_offered_again_from_the_browser(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        page.context.set_offline(True)
        fill_head(page)
        says(page, "Mất mạng")
        # The connection returns for every request but the one that would save the text.
        page.route("**/desk/bulletins/drafts/**", lambda route: route.abort())
        page.context.set_offline(False)
        page.goto(address(served, NEW))
        page.unroute("**/desk/bulletins/drafts/**")
        body_of(page)
        expect(page.locator(".left-open")).to_contain_text("“Lịch tiêm nhắc”, 3 chữ, gõ lúc")
        page.get_by_role("button", name="Mở lại").click()
        expect(page.locator("#title")).to_have_value("Lịch tiêm nhắc")
        says(page, "Đã tự lưu lúc 10:00.")
        expect(page.locator(".left-open")).to_have_count(0)


@pytest.mark.parametrize("act", ["Mở lại", "Bỏ"])
def test_a_text_of_which_the_server_has_a_part_and_the_browser_the_rest_is_one_box_with_two_actions(
    chromium: Any, served: RunningApplication, act: str
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        fill_head(page)
        says(page, "Đã tự lưu lúc 10:00.")
        page.route("**/desk/bulletins/drafts/**", lambda route: route.abort())
        body_of(page).click()
        page.keyboard.type("Tiêm miễn phí.")
        says(page, "Mất mạng")
        page.goto(address(served, NEW))
        body_of(page)
        box = page.locator(".left-open:visible")
        expect(box).to_have_count(1)
        expect(box).to_contain_text("Bài gõ dở, chưa lưu: “Lịch tiêm nhắc”, 6 chữ, gõ lúc")
        expect(box.locator("a, button")).to_have_count(2)
        page.unroute("**/desk/bulletins/drafts/**")
        box.get_by_text(act).click()
        page.wait_for_url("**draft=**" if act == "Mở lại" else "**/new")
        if act == "Mở lại":
            expect(body_of(page)).to_have_text("Tiêm miễn phí.")
            expect(page.locator("#title")).to_have_value("Lịch tiêm nhắc")
            until("the rest is kept as well", lambda: kept(served, "body_html") == ["<p>Tiêm miễn phí.</p>"])
        else:
            page.get_by_text("Đã bỏ bài gõ dở.").wait_for()
            assert kept(served) == []
        expect(page.locator(".left-open")).to_have_count(0)


@pytest.mark.promise("The desk")
def test_an_expired_session_says_so_and_goes_on_after_signing_in_again(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        page.context.clear_cookies()
        fill_head(page)
        says(page, "Phiên đã hết, chữ vẫn còn đây.")
        says_anew(page, "Phiên đã hết, chữ vẫn còn đây.", lambda: page.click("button[value=save]"))
        enter(page, served)
        # The sign-in form leaves a token in the session; here the page's own request does, before it saves.
        page.evaluate("fetch(document.querySelector('form[data-token-url]').dataset.tokenUrl).then(a => a.status)")
        press_save(page)
    with served.database.read() as session:
        assert session.execute(sa.select(Revision.title)).scalars().all() == ["Lịch tiêm nhắc"]


def test_two_people_see_each_other_and_the_second_gets_both_texts(chromium: Any, served: RunningApplication) -> None:
    code = served.draft("Lịch tiêm nhắc", body="Tiêm từ ngày 24 đến 28.")
    edit = address(served, f"/desk/bulletins/{code}/edit")
    with writer(chromium, served) as mine, writer(chromium, served, role=Role.APPROVER) as theirs:
        with mine.expect_response("**/desk/bulletins/drafts/**"):  # shows that it is open
            mine.goto(edit)
        body_of(mine)
        theirs.goto(edit)
        theirs.locator("#ben", has_text="Minh An cũng đang mở").wait_for()
        theirs.fill("#lead", "Tiêm nhắc miễn phí.")
        press_save(theirs)
        mine.fill("#lead", "Tiêm miễn phí tại phường.")
        mine.locator("#moi", has_text="Quốc Bảo vừa lưu phiên bản 2.").wait_for()
        press_save(mine)
        expect(mine.locator(".prose del").first).to_have_text("nhắc")
        expect(mine.locator("#lead")).to_have_value("Tiêm miễn phí tại phường.")
        press_save(mine)
    with served.database.read() as session:
        leads = session.execute(sa.select(Revision.lead).order_by(Revision.number)).scalars().all()
    assert leads[1:] == ["Tiêm nhắc miễn phí.", "Tiêm miễn phí tại phường."]


def test_a_double_click_on_save_makes_one_bulletin(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        page.dblclick("button[value=save]")
        expect(page).not_to_have_url(address(served, NEW))
    with writer(chromium, served, java_script_enabled=False) as page:
        page.goto(address(served, NEW))
        fill_head(page, "Bản khác")
        page.dblclick("button[value=save]")  # the second click may break off the first one's navigation
        expect(page).not_to_have_url(address(served, NEW))
    assert bulletins(served) == 2
