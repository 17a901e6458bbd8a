"""Forty posts in Chromium: pasted with their pictures by one person, confirmed by another, in few presses."""

import io
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from campaigns.core.clock import parse_period
from campaigns.partners.directory import CompanyContent, SiteContent, SiteKind, add_company, add_site
from campaigns.people.staff import Role
from campaigns.reporting.table_reports.social_totals import social_totals
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.social.posts import SocialPost
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, SCREENS, chromium, expect, open_address, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import NOW, published

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture of another module

PAGE = "/desk/republications/_social"
QUEUE = "/desk/republications/_review"
TITLES = (
    "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã",
    "Cấm đường phục vụ lễ hội hoa ở quảng trường trung tâm",
    "Hướng dẫn nộp hồ sơ cấp lại căn cước trực tuyến",
    "Thu gom rác thải cồng kềnh miễn phí cuối tuần này",
    "Cảnh báo mưa lớn và ngập úng ở các tuyến phố nội thành",
)
ACCOUNTS = (
    ("https://www.facebook.com/langmoi", "Làng Mới trên Facebook"),
    ("https://www.facebook.com/groups/hoixom", "Hội xóm trên Facebook"),
    ("https://www.tiktok.com/@langmoi", "Làng Mới trên TikTok"),
    ("https://zalo.me/g/Nhom1", "Nhóm Zalo tổ 1"),
    ("https://zalo.me/g/Nhom2", "Nhóm Zalo tổ 2"),
    ("https://zalo.me/g/Nhom3", "Nhóm Zalo tổ 3"),
    ("https://mxh.example/", "Mạng riêng"),
    ("https://www.facebook.com/tinquan", "Tin quận trên Facebook"),
)


def address(account: int, bulletin: int) -> str:
    """Return the address of a post about a bulletin on an account, in the forms that people copy."""
    ident = 7_300_000_000 + 100 * account + bulletin
    return (
        f"https://m.facebook.com/langmoi/posts/{ident}?mibextid=a{bulletin}",
        f"https://www.facebook.com/groups/hoixom/permalink/{ident}/",
        f"https://www.tiktok.com/@langmoi/video/{ident}?is_from_webapp=1",
        "https://zalo.me/g/Nhom1",
        "https://zalo.me/g/Nhom2",
        "https://zalo.me/g/Nhom3",
        f"https://mxh.example/tin/{ident}",
        f"https://www.facebook.com/tinquan/videos/{ident}/",
    )[account]


def screenshot(number: int, title: str) -> bytes:
    """Return a picture like a screenshot of a phone."""
    picture = Image.new("RGB", (720, 1280), "#f0f2f5")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 720, 90), fill="#1f3f8a")
    draw.rectangle((30, 130, 690, 900), fill="white")
    draw.text((50, 30), f"{number + 1:02}", fill="white")
    draw.text((50, 160), title.encode("ascii", "replace").decode(), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with five bulletins of the day and eight registered pages on networks."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            for title in TITLES:
                published(session, title=title)
            for number, name in enumerate(("Công ty Làng Mới", "Công ty Tin Quận")):
                company = add_company(session, "test", CompanyContent(name=name), now=NOW)
                for url, label in ACCOUNTS[number::2]:
                    add_site(session, "test", company, SiteContent(name=label, url=url, kind=SiteKind.SOCIAL), now=NOW)
        yield outside


@contextmanager
def opened(
    chromium: Any, outside: RunningApplication, role: Role, screen: tuple[int, int, str] = SCREENS[0], **more: Any
) -> Iterator[Any]:
    """Return the page of a person of this role."""
    page = open_page(chromium, *screen, **more)
    base = outside.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(outside.app, role), "url": base}])
    yield page
    page.context.close()


def shot(page: Any, name: str) -> None:
    """Keep a screenshot where LANTOA_TEST_SCREENS names a folder."""
    if folder := os.environ.get("LANTOA_TEST_SCREENS"):
        page.screenshot(path=f"{folder}/{name}.png")


def count(outside: RunningApplication, *conditions: Any) -> int:
    """Return the number of these copies."""
    with outside.database.read() as session:
        return session.execute(select(func.count()).select_from(Republication).where(*conditions)).scalar_one()


@pytest.mark.parametrize("bulletins", [1, len(TITLES)])  # 8 posts, and 40
def test_many_posts_are_pasted_and_confirmed_in_few_presses(
    chromium: Any, served: RunningApplication, bulletins: int
) -> None:
    base = served.app_context.settings.base_url
    posts = [(account, bulletin) for bulletin in range(bulletins) for account in range(len(ACCOUNTS))]
    posted = len(posts)
    text = "\n".join(f"{address(*post)}\t24/11\t{TITLES[post[1]].lower()} – xem ngay" for post in posts)
    files = [
        {"name": f"Screenshot ({n + 1}).png", "mimeType": "image/png", "buffer": screenshot(n, TITLES[post[1]])}
        for n, post in enumerate(posts)
    ]
    presses = 0
    with opened(chromium, served, Role.WRITER) as page:
        open_address(page, f"{base}{PAGE}")
        page.locator("#lines").fill(text)  # one paste
        page.get_by_role("button", name="Thêm các dòng này").click()
        presses += 3  # the box, Ctrl+V, the button
        expect(page.locator(".social-row")).to_have_count(posted)
        begun = time.monotonic()
        page.locator("#files").set_input_files(files)
        presses += 2  # the box of files, all of them
        # Each is checked in a process of its own, on a machine that may be busy.
        expect(page.locator(".social-row img.proof")).to_have_count(posted, timeout=240_000)
        received = time.monotonic() - begun
        with served.database.read() as session:
            names = [row.file_name for row in session.execute(select(SocialPost).order_by(SocialPost.id)).scalars()]
        assert names == [picture["name"] for picture in files], "in the order in which they were taken"
        expect(page.locator(".social-dock")).to_contain_text(f"{posted} trên {posted} dòng đã đủ.")
        assert problems_of_page(page, f"{base}{PAGE}") == ""
        shot(page, "paste-wide")
        page.get_by_role("button", name="Ghi nhận các dòng đã đủ").click()
        presses += 1
        expect(page.locator("body")).to_contain_text(f"Đã ghi nhận {posted} bài")
        assert count(served, Republication.status == RepublicationStatus.REVIEW) == posted
    with opened(chromium, served, Role.ANALYST) as page:
        open_address(page, f"{base}{QUEUE}?doubt=social_post")
        shot(page, "queue-wide")
        page.keyboard.press("j")
        page.wait_for_url(re.compile("_review/rep_"))
        page.wait_for_load_state("networkidle")
        presses += 1
        for number in range(posted // 2):  # one by one: look, press c
            place = page.locator("#xem-xet .head .faint")
            expect(place).to_have_text(f"Bài 1 trong {posted - number}")
            expect(page.locator("img.seen-picture")).to_be_visible()
            if number == 0:
                assert problems_of_page(page, page.url) == ""
                shot(page, "review-wide")
            page.keyboard.press("c")
            presses += 1
        expect(page.locator("#xem-xet .head .faint")).to_have_text(f"Bài 1 trong {posted // 2}")
        assert count(served, Republication.status == RepublicationStatus.CONFIRMED) == posted // 2
        # The other half together: all ticked, one reason.
        open_address(page, f"{base}{QUEUE}?doubt=social_post")
        page.get_by_label("Chọn cả trang này").check()
        page.get_by_role("button", name="Kết luận các bài đã chọn…").click()
        expect(page.locator("img.seen-small")).to_have_count(posted // 2)
        shot(page, "batch-wide")
        page.locator("[name=reason][value=picture_shows]").check()
        page.get_by_role("button", name="Xác nhận tất cả").click()
        presses += 4
        expect(page.locator("body")).to_contain_text(f"Đã xác nhận: {posted // 2} bài.")
        open_address(page, f"{base}/desk/progress?period=2026-Q4")
        page.locator("#so-khac > summary").click()
        figure = page.locator("main a[href*='network=zalo.me']")
        expect(figure).to_have_text(str(3 * bulletins))
        figure.scroll_into_view_if_needed()
        shot(page, "progress-wide")
        figure.click()
        expect(page.locator("main")).to_contain_text("Nhóm Zalo tổ 1")
    assert count(served, Republication.status == RepublicationStatus.CONFIRMED) == posted
    with served.database.read() as session:
        totals = social_totals(session, TallyScope(parse_period("2026-Q4")))
    assert totals.confirmed == posted
    assert {row.name: row.confirmed for row in totals.networks} == {
        "Facebook": 3 * bulletins, "Zalo": 3 * bulletins, "TikTok": bulletins, "mxh.example": bulletins,
    }  # fmt: skip
    assert [row.confirmed for row in totals.companies] == [4 * bulletins, 4 * bulletins]
    # Five minutes of a person are 300 seconds: the presses at two seconds each, a look of four at each picture.
    assert presses == 11 + posted // 2
    assert 2 * presses + 4 * posted < 300
    assert received < 240, "the pictures are received while the person does something else"


def test_the_page_is_usable_on_a_phone_and_a_picture_is_pasted_from_the_clipboard(
    chromium: Any, served: RunningApplication
) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served, Role.ANALYST, PHONE) as page:
        open_address(page, f"{base}{PAGE}")
        shot(page, "empty-phone")
        page.locator("#lines").fill(
            f"{address(0, 0)} {TITLES[0]}\nhttps://www.tiktok.com/@moi/video/7399999999 chưa rõ"
        )
        page.get_by_role("button", name="Thêm các dòng này").click()
        expect(page.locator(".social-row")).to_have_count(2)
        assert problems_of_page(page, page.url) == ""
        page.evaluate(
            """async (bytes) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
              document.querySelectorAll(".social-row input[type=text]")[2].focus();
              document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
            }""",
            list(screenshot(0, TITLES[0])),
        )
        expect(page.locator(".social-row img.proof")).to_have_count(1)
        page.locator(".social-rows").scroll_into_view_if_needed()
        shot(page, "lines-phone")
        page.locator("[name=register]").click()
        expect(page.locator("main h1")).to_have_text("Đăng ký trang trên mạng xã hội")
        assert problems_of_page(page, page.url) == ""
        shot(page, "register-phone")


def test_without_a_script_the_page_takes_lines_and_pictures(chromium: Any, served: RunningApplication) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served, Role.ANALYST, java_script_enabled=False) as page:
        page.goto(f"{base}{PAGE}")
        page.locator("#lines").fill(f"{address(0, 0)} {TITLES[0]}\n{address(1, 1)} {TITLES[1]}")
        page.get_by_role("button", name="Thêm các dòng này").click()
        pictures = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": screenshot(n, TITLES[n])} for n in range(2)]
        page.locator("#files").set_input_files(pictures)
        page.get_by_role("button", name="Ghi nhận các dòng đã đủ").click()
        page.locator("body", has_text="Đã ghi nhận 2 bài").wait_for()
    assert count(served, Republication.status == RepublicationStatus.REVIEW) == 2


def test_pictures_are_dropped_on_the_page_and_on_a_line(
    chromium: Any, served: RunningApplication, tmp_path: Path
) -> None:
    """The browser's own drag of files, not an event made by a script."""
    base = served.app_context.settings.base_url
    files = []
    for number in (2, 10, 1):
        files.append(tmp_path / f"anh {number}.png")
        files[-1].write_bytes(screenshot(number, TITLES[0]))
    with opened(chromium, served, Role.ANALYST) as page:
        open_address(page, f"{base}{PAGE}")
        page.locator("#lines").fill("\n".join(f"{address(account, 0)} {TITLES[0]}" for account in (0, 1, 2, 3)))
        page.get_by_role("button", name="Thêm các dòng này").click()
        expect(page.locator(".social-row")).to_have_count(4)
        drag(page, page.locator(".social-row").nth(3), files[:1])
        expect(page.locator(".social-row img.proof")).to_have_count(1)
        expect(page.locator(".social-row").nth(3).locator("img.proof")).to_have_count(1)
        drag(page, page.locator("[data-drop]"), files[1:])
        expect(page.locator(".social-row img.proof")).to_have_count(3)
        with served.database.read() as session:
            names = [row.file_name for row in session.execute(select(SocialPost).order_by(SocialPost.id)).scalars()]
        assert names == ["anh 1.png", "anh 10.png", "", "anh 2.png"]


def drag(page: Any, target: Any, files: list[Path]) -> None:
    """Drag files from outside of the browser onto an element."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path) for path in files], "dragOperationsMask": 1}
    devtools = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": step, **place, "data": data})
    devtools.detach()
