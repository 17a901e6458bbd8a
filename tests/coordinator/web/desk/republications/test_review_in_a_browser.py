"""The queue in Chromium: by keyboard, without a script, beside the evidence; a recall followed up to the removal."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from campaigns.people.staff import Actor, Role
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus, find_republication
from campaigns.republications.review import partner_answers
from campaigns.republications.review.decisions import decide
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.app import create_app
from coordinator.db import Database
from coordinator.wsgi_server import WebServer
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.conftest import server, stage
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite
from tests.coordinator.live_server import free_port, serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, expect, open_address, open_page, problems_of_page
from tests.coordinator.web.desk.conftest import signed_in as begin
from tests.coordinator.web.desk.copies import Copy, add_copy, bulletin_of
from tests.coordinator.web.portal.conftest import key_of
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import APPROVER, NOW

pytestmark = pytest.mark.browser
__all__ = ["chromium", "server", "stage"]  # fixtures of other modules

QUEUE = "/desk/republications/_review"


def signed_in(app: Flask, role: Role) -> str:
    """Return the session cookie of the person of this role."""
    client = app.test_client()
    begin(app.extensions["lantoa"].job_context.database, client, role)
    found = client.get_cookie("lantoa")
    assert found is not None
    return found.value


@contextmanager
def opened(
    chromium: Any, app: Flask, base: str, screen: tuple[int, int, str] = SCREENS[0], **more: Any
) -> Iterator[Any]:
    """Return the page of a person who may review."""
    page = open_page(chromium, *screen, **more)
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(app, Role.ANALYST), "url": base}])
    yield page
    page.context.close()


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with three waiting copies, each of a bulletin of its own, seen a minute apart."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            for number, way in enumerate((Attribution.NONE, Attribution.NAMED_OTHER_SOURCE, Attribution.NONE)):
                seen = NOW + timedelta(minutes=number)
                url = f"https://nhipsong.example/bai-{number}"
                add_copy(session, bulletin_of(session), Copy(url=url, attribution=way, seen_at=seen))
        yield outside


def statuses(outside: RunningApplication) -> list[RepublicationStatus]:
    with outside.database.read() as session:
        return list(session.execute(select(Republication.status).order_by(Republication.first_seen_at)).scalars())


def stands_at(page: Any, place: str) -> None:
    """Wait until the page shows this place as the current one."""
    expect(page.locator("#xem-xet .head .faint")).to_have_text(place)


def at_the_heading(page: Any) -> None:
    """Wait until the focus is on the heading of the part that was loaded."""
    expect(page.locator("#xem-xet h1")).to_be_focused()


def hears(page: Any, words: str) -> None:
    """Wait until this is announced to screen readers."""
    expect(page.locator("#noi")).to_contain_text(words)


def pressed(page: Any, key: str, says: str) -> None:
    """Press a key and wait until the page shows this."""
    page.keyboard.press(key)
    page.locator("#xem-xet", has_text=says).wait_for()


@pytest.mark.promise("Verify")
def test_the_queue_is_worked_from_first_to_last_by_keyboard_alone(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base) as page:
        open_address(page, f"{base}{QUEUE}")
        page.keyboard.press("j")
        page.wait_for_url(f"{base}{QUEUE}/rep_*")
        page.wait_for_load_state("networkidle")
        stands_at(page, "Bài 1 trong 3")
        pressed(page, "j", "Bài 2 trong 3")
        at_the_heading(page)
        pressed(page, "k", "Bài 1 trong 3")
        at_the_heading(page)
        hears(page, "Bài 1 trong 3")
        # Without a reason the form returns, with the focus on the missing field.
        pressed(page, "c", "Chọn một lý do hoặc viết ghi chú")
        expect(page.locator("#xem-xet .summary")).to_be_focused()
        page.keyboard.press("5")
        reason = page.locator("#xem-xet [name=reason][value=other_origin]")
        expect(reason).to_be_focused()
        expect(reason).to_be_checked()
        pressed(page, "r", "Bạn đã loại bài trên Nhịp Sông")
        stands_at(page, "Bài 1 trong 2")
        at_the_heading(page)
        hears(page, "Bạn đã loại bài trên Nhịp Sông")
        assert statuses(served) == [
            RepublicationStatus.REJECTED,
            RepublicationStatus.REVIEW,
            RepublicationStatus.REVIEW,
        ]
        badge = page.locator(".side .nav [aria-current] .count")
        expect(badge).to_have_text(re.compile("^2"))
        pressed(page, "u", "Đã hoàn tác: bài trên Nhịp Sông (BT-")
        assert statuses(served) == [RepublicationStatus.REVIEW] * 3
        # Letters typed into the note are no shortcuts.
        page.keyboard.press("n")
        note = page.locator("#xem-xet textarea")
        expect(note).to_be_focused()
        page.keyboard.type("jkcru: của ta")
        expect(note).to_have_value("jkcru: của ta")
        page.keyboard.press("Escape")
        at_the_heading(page)
        pressed(page, "c", "Bạn đã xác nhận bài trên Nhịp Sông")
        page.keyboard.press("5")
        expect(reason).to_be_checked()
        pressed(page, "r", "Bài 1 trong 1")
        page.keyboard.press("1")
        expect(page.locator("#xem-xet #reason-1")).to_be_checked()
        page.keyboard.press("c")
        page.get_by_text("Không có bài nào chờ xem xét.", exact=True).wait_for()
        assert statuses(served) == [
            RepublicationStatus.CONFIRMED,
            RepublicationStatus.REJECTED,
            RepublicationStatus.CONFIRMED,
        ]
        expect(page).to_have_url(f"{base}{QUEUE}")
        # The end of the queue has a heading that takes the focus, and nothing waits any more.
        at_the_heading(page)
        hears(page, "Không có bài nào chờ xem xét.")
        expect(badge).to_have_count(1)
        expect(badge).to_be_hidden()
        pressed(page, "u", "Đã hoàn tác: bài trên Nhịp Sông (BT-")
        expect(badge).to_be_visible()
        expect(badge).to_have_text(re.compile("^1"))
        assert page.evaluate("violations") == []


def test_a_key_pressed_at_the_moment_a_part_comes_exchanges_that_part_and_loads_no_page(
    chromium: Any, served: RunningApplication
) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base) as page:
        open_address(page, f"{base}{QUEUE}")
        page.get_by_role("link", name="Xem xét từng bài").click()
        page.wait_for_url(f"{base}{QUEUE}/rep_*")
        stands_at(page, "Bài 1 trong 3")
        # A person cannot press keys this fast, except on a busy machine.
        page.evaluate("""
            window.sameDocument = true;
            document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
              document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true}));
            }), {once: true});
        """)
        page.keyboard.press("j")
        stands_at(page, "Bài 3 trong 3")
        at_the_heading(page)
        assert page.evaluate("window.sameDocument") is True


def test_a_key_with_nothing_to_undo_says_so_to_eyes_and_ears(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    nothing = "Không có việc nào của bạn để hoàn tác."
    with opened(chromium, served.app, base) as page:
        open_address(page, f"{base}{QUEUE}")
        text = page.locator("#xem-xet").get_by_text(nothing, exact=True)
        expect(text).to_have_count(1)
        expect(text).to_be_hidden()
        page.keyboard.press("u")
        text.wait_for()
        hears(page, nothing)
        assert statuses(served) == [RepublicationStatus.REVIEW] * 3
        assert page.evaluate("violations") == []


def overtaken(outside: RunningApplication, ident: str) -> None:
    """Reject the copy as a colleague, meanwhile."""
    with outside.database.write() as session:
        row = find_republication(session, ident)
        decide(session, APPROVER, row, confirm=False, note="Chép của báo khác.", now=outside.office.now())


def test_the_keys_are_reported_at_a_press_and_a_colleague_who_was_faster_is_named(
    chromium: Any, served: RunningApplication
) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base) as page:
        open_address(page, f"{base}{QUEUE}")
        page.get_by_role("link", name="Xem xét từng bài").click()
        page.wait_for_url(f"{base}{QUEUE}/rep_*")
        page.keyboard.press("?")
        page.get_by_text("hoàn tác việc vừa làm").wait_for()
        overtaken(served, page.url.rpartition("/")[2])
        page.keyboard.press("1")
        expect(page.locator("#xem-xet #reason-1")).to_be_checked()
        pressed(page, "c", "Quốc Bảo đã có kết luận khác về bài này")
        expect(page.locator("#xem-xet [name=version_token]")).to_have_count(0)
        assert statuses(served)[0] is RepublicationStatus.REJECTED


def test_a_colleagues_conclusion_shows_by_itself_after_a_while(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base) as page:
        page.clock.install()
        open_address(page, f"{base}{QUEUE}")
        page.get_by_role("link", name="Xem xét từng bài").click()
        page.wait_for_url(f"{base}{QUEUE}/rep_*")
        page.wait_for_load_state("networkidle")
        overtaken(served, page.url.rpartition("/")[2])
        stands_at(page, "Bài 1 trong 3")
        expect(page.get_by_text("Bài này đã có kết luận.")).to_have_count(0)
        page.clock.run_for(31_000)
        page.get_by_text("Quốc Bảo: Chép của báo khác.").wait_for()


def test_without_a_script_the_same_buttons_do_the_same(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base, (390, 844, "light"), java_script_enabled=False) as page:
        page.goto(f"{base}{QUEUE}")
        page.get_by_role("link", name="Xem xét từng bài").click()
        page.get_by_role("link", name="Sau").click()
        stands_at(page, "Bài 2 trong 3")
        page.get_by_label("Lấy từ nơi khác").check()
        page.get_by_role("button", name="Loại").click()
        page.get_by_text("Bạn đã loại bài trên Nhịp Sông").wait_for()
        assert statuses(served) == [
            RepublicationStatus.REVIEW,
            RepublicationStatus.REJECTED,
            RepublicationStatus.REVIEW,
        ]
        page.get_by_role("button", name="Hoàn tác").click()
        page.get_by_text("Đã hoàn tác").wait_for()
        assert statuses(served) == [RepublicationStatus.REVIEW] * 3


def test_the_texts_lead_to_each_other_passage_by_passage(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base) as page:
        open_address(page, f"{base}{QUEUE}")
        page.get_by_role("link", name="Xem xét từng bài").click()
        left, right = page.locator(".beside > article").nth(0), page.locator(".beside > article").nth(1)
        left.wait_for()
        right.wait_for()
        page.wait_for_load_state()
        assert left.bounding_box()["x"] < right.bounding_box()["x"]
        assert left.locator("mark").count() == right.locator("mark").count() > 0
        page.locator("#o2").click()
        page.wait_for_url("**#r2")
        page.locator("#r2").wait_for()
        assert left.locator("mark").nth(1).text_content() == right.locator("mark").nth(1).text_content()
        right.get_by_text("Phần đối tác viết thêm").wait_for()
        left.get_by_text("Không có trên trang của đối tác").first.wait_for()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_nothing_keeps_a_reader_out_of_the_queue_or_the_portal(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    base = served.app_context.settings.base_url
    with served.database.write() as session:
        row = session.execute(select(Republication)).scalars().first()
        assert row is not None
        actor, words = Actor("key:x", "Nhịp Sông", None), "Có ghi nguồn ở cuối bài."
        partner_answers.record_answer(
            session, actor, row, PartnerAnswerKind.DISAGREE, words, "no_source", now=served.office.now()
        )
        ident = row.public
    key = key_of(served.database, "Nhịp Sông")
    with opened(chromium, served.app, base, screen) as page:
        paths = [
            QUEUE,
            f"{QUEUE}/_disagreements",
            f"{QUEUE}/{ident}",
            f"/desk/republications/{ident}",
        ]
        wrong = {path: trouble for path in paths if (trouble := problems_of_page(page, address(served, path)))}
        open_address(page, f"{base}{QUEUE}")
        page.locator("[name=copy]").first.check()
        page.get_by_role("button", name="Kết luận các bài đã chọn").click()
        page.get_by_role("button", name="Loại tất cả").wait_for()
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(f"{base}/portal/enter")
        page.fill("#key", key)
        page.get_by_role("button", name="Vào cổng").click()
        page.wait_for_url(f"{base}/portal")
        places = ["/portal", "/portal/copies", f"/portal/copies/{ident}", "/portal/removals", "/portal/claims"]
        wrong |= {path: trouble for path in places if (trouble := problems_of_page(page, address(served, path)))}
        assert wrong == {}


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_partner_enters_with_its_key_and_answers_what_it_reads(
    chromium: Any, served: RunningApplication, script: bool
) -> None:
    base, key = served.app_context.settings.base_url, key_of(served.database, "Nhịp Sông")
    page = open_page(chromium, 390, 844, java_script_enabled=script)
    page.goto(f"{base}/portal")
    page.fill("#key", key)
    page.get_by_role("button", name="Vào cổng").click()
    page.get_by_role("navigation", name="Lối tắt").get_by_role("link").nth(1).click()
    page.locator("table a").first.click()
    page.get_by_text("Theo <a href=").first.wait_for()
    page.get_by_text("Trả lời").first.click()
    page.get_by_label("Lời nhắn cho Sở").first.fill("Nguồn nằm trong ảnh đầu bài.")
    page.get_by_role("button", name="Không đồng ý").first.click()
    page.get_by_text("Sở chưa xem").wait_for()
    page.get_by_text("Nguồn nằm trong ảnh đầu bài.").wait_for()
    page.wait_for_load_state()
    assert key not in page.content()
    page.get_by_role("button", name="Rời cổng").click()
    page.wait_for_url(f"{base}/portal/enter")
    page.context.close()


def test_a_link_with_the_key_behind_it_fills_the_form_and_leaves_the_address(
    chromium: Any, served: RunningApplication
) -> None:
    base, key = served.app_context.settings.base_url, key_of(served.database, "Nhịp Sông")
    page = open_page(chromium)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_address(page, f"{base}/portal/enter#{key}")
    page.wait_for_url(f"{base}/portal/enter")
    expect(page.get_by_role("button", name="Vào cổng", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/portal")
    assert not [url for url in asked if key in url.partition("#")[0]]
    assert page.evaluate("violations") == []
    page.context.close()


@pytest.fixture
def newsroom(stage: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(stage, server)


@pytest.mark.promise("Follow")
def test_a_recall_is_followed_from_the_copy_to_its_removal(
    chromium: Any, stage: JobHarness, newsroom: ScriptedSite
) -> None:
    code = stage.publish(title=TITLE, body=BODY)
    stage.clock.forward(minutes=30)
    newsroom.carries(PATH, code)
    found(newsroom)
    app = create_app(stage.app_context)
    add_staff_of_each_role(RunningApplication(app, stage.app_context, stage.context, stage.runner, app.test_client()))  # type: ignore[arg-type]  # alike
    web = WebServer(app, "127.0.0.1", port := free_port(), 4)
    web.start()
    base = f"http://localhost:{port}"
    try:
        with opened(chromium, app, base) as page:
            open_address(page, f"{base}/desk/bulletins/{code}/copies")
            row = page.locator("tbody tr")
            expect(row).to_have_count(1)
            expect(row).to_contain_text("Còn trên trang")
            stage.recall(code)
            due_again(newsroom)
            open_address(page, f"{base}/desk/bulletins/{code}/copies?text=old")
            expect(page.locator("tbody tr")).to_have_count(1)
            open_address(page, f"{base}/desk/removals?all=1")
            expect(page.locator("[aria-labelledby=thu-hoi] tbody")).to_contain_text(code)
            newsroom.removes(PATH)
            for _ in range(2):
                stage.clock.forward(hours=2)
                due_again(newsroom)
            open_address(page, f"{base}/desk/bulletins/{code}/copies")
            expect(page.locator("tbody tr")).to_contain_text("Đã gỡ")
            open_address(page, f"{base}/desk/removals?all=1")
            times = page.locator("[aria-labelledby=thoi-gian-go] tbody tr")
            expect(times).to_have_count(1)
            expect(times).to_contain_text("2 giờ")
            expect(page.locator("[aria-labelledby=thu-hoi] tbody")).to_have_count(0)
    finally:
        web.stop()
