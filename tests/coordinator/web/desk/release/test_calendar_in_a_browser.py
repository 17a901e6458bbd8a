"""The calendar in Chromium: entries dragged with the mouse, moved with the keyboard, and the same without a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.core.clock import CITY, city_day
from campaigns.people.staff import Role
from campaigns.release import series, slots_and_quiet_hours, workflow
from campaigns.release.series import Series, SeriesContent
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, expect, open_address, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

LIVE = ".calendar-live"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with past and future releases, a series with a missed day, slots, and a bulletin without a time."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        now = outside.office.now()
        today = city_day(now)
        with outside.database.write() as session:
            channel = factories.channel(session, "zalo")
            slots_and_quiet_hours.set_slots(session, APPROVER, channel, [(day, 9 * 60) for day in range(7)], now=now)
            for title, at in (("Sáng nay", now - timedelta(hours=1)), ("Sắp phát", ahead(today, 2))):
                bulletin = factories.approved(session, title=title, now=now - timedelta(hours=2))
                workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=now - timedelta(hours=2))
            factories.approved(session, title="Trong khay", now=now)
            wanted = SeriesContent("Điểm tin {ngày}", "kinh-te-xa-hoi", None, frozenset(range(7)), 6 * 60 + 30, False)
            series.begin_series(
                session, WRITER, name="Điểm tin", starts_on=today - timedelta(days=2), ends_on=None, wanted=wanted,
                now=now,
            )  # fmt: skip
        yield outside


def ahead(today: date, days: int) -> datetime:
    """Return 14:08 some days ahead."""
    return datetime.combine(today + timedelta(days=days), datetime.min.time(), CITY).replace(hour=14, minute=8)


@contextmanager
def opened(
    chromium: Any, outside: RunningApplication, screen: tuple[int, int, str] = SCREENS[0], **more: Any
) -> Iterator[Any]:
    page = open_page(chromium, *screen, **more)
    base = outside.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(outside.app, Role.APPROVER), "url": base}])
    yield page
    page.context.close()


def row(outside: RunningApplication, title: str) -> Bulletin:
    with outside.database.read() as session:
        code = session.execute(sa.select(Bulletin.code).where(Bulletin.search.contains(title))).scalar_one()
        return find_bulletin(session, code)


def address(outside: RunningApplication, path: str = "/desk/calendar") -> str:
    return f"{outside.app_context.settings.base_url}{path}"


def drag(page: Any, what: Any, day: str) -> None:
    """Drag with the mouse, in small steps."""
    what.scroll_into_view_if_needed()
    start, cell = what.bounding_box(), page.locator(f"{LIVE} [data-date='{day}']").first
    cell.scroll_into_view_if_needed()
    start, end = what.bounding_box(), cell.bounding_box()
    page.mouse.move(start["x"] + 30, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 14, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
    page.mouse.up()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_no_page_of_the_calendar_breaks_the_policy_or_keeps_a_reader_out(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    today = city_day(served.office.now()).isoformat()
    with served.database.read() as session:
        public = session.execute(sa.select(Series.public)).scalar_one()
    code = row(served, "trong khay").code
    paths = (
        "/desk/calendar", "/desk/calendar?view=week", "/desk/calendar?view=day", "/desk/calendar/series",
        "/desk/calendar/series/_new", f"/desk/calendar/series/{public}", f"/desk/calendar/series/{public}/{today}",
        "/desk/calendar/slots", "/desk/calendar/keys", "/desk/calendar/continuity",
        f"/desk/bulletins/{code}/receivers", f"/desk/bulletins/{code}/release", "/desk",
    )  # fmt: skip
    with opened(chromium, served, screen) as page:
        for path in paths:
            assert (path, problems_of_page(page, address(served, path), fetches=True)) == (path, "")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_a_full_day_keeps_no_reader_out_and_leads_to_all_of_it(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    now = served.office.now()
    day = ahead(city_day(now), 1)
    with served.database.write() as session:
        for number in range(6):
            bulletin = factories.approved(session, title=f"Bản tin thứ {number}", now=now)
            at = day + timedelta(hours=number - 4)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=now)
    month = f"/desk/calendar?from={day.date().isoformat()}"
    with opened(chromium, served, screen) as page:
        assert problems_of_page(page, address(served, month)) == ""
        if screen[0] < 800:
            return  # a phone shows lists of the days instead of the table
        more = page.locator(f"{LIVE} .more-of-day")
        assert more.get_attribute("role") == "link"
        more.press("Enter")
        page.wait_for_url("**/desk/calendar?view=day*")
        expect(page.get_by_text("Bản tin thứ 5").locator("visible=true").first).to_be_visible()
        assert problems_of_page(page, page.url) == ""


@pytest.mark.promise("The desk")
def test_a_release_dragged_to_another_day_keeps_its_time_and_is_taken_back(
    chromium: Any, served: RunningApplication
) -> None:
    today = city_day(served.office.now())
    with opened(chromium, served) as page:
        open_address(page, address(served))
        event = page.locator(f"{LIVE} .slot", has_text="Sắp phát")
        expect(event).to_contain_text("14:08")
        drag(page, event, (today + timedelta(days=3)).isoformat())
        expect(page.locator(".flash")).to_contain_text("vẫn 14:08")
        assert row(served, "sap phat").release_at == ahead(today, 3)
        page.get_by_role("button", name="Hoàn tác").click()
        page.get_by_text("Đã hoàn tác").wait_for()
        assert row(served, "sap phat").release_at == ahead(today, 2)
        assert page.evaluate("violations") == []


def test_a_drop_too_close_to_another_is_asked_about_and_escape_puts_it_back(
    chromium: Any, served: RunningApplication
) -> None:
    with opened(chromium, served) as page:
        open_address(page, address(served, "/desk/calendar"))
        code, before = row(served, "sap phat").code, row(served, "sap phat").release_at
        with served.database.write() as session:
            other = factories.approved(session, title="Láng giềng", now=served.office.now())
            at = ahead(city_day(served.office.now()), 3) + timedelta(minutes=5)
            workflow.publish(session, APPROVER, other.code, DELIVERY_MODES, at=at, now=served.office.now())
        open_address(page, address(served, "/desk/calendar"))
        target = (city_day(served.office.now()) + timedelta(days=3)).isoformat()
        drag(page, page.locator(f"{LIVE} .slot", has_text="Sắp phát"), target)
        dialog = page.get_by_role("dialog", name="Chưa chuyển. Mời xem lại:")
        dialog.wait_for()
        expect(dialog).to_contain_text("Láng giềng")
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        stood = (city_day(served.office.now()) + timedelta(days=2)).isoformat()
        expect(page.locator(f"{LIVE} [data-date='{stood}']").first).to_contain_text("Sắp phát")
        assert row(served, "sap phat").release_at == before
        drag(page, page.locator(f"{LIVE} .slot", has_text="Sắp phát"), target)
        page.get_by_role("button", name="Vẫn chuyển").click()
        page.locator(".flash").wait_for()
        assert row(served, "sap phat").release_at == ahead(city_day(served.office.now()), 3)
        assert code == row(served, "sap phat").code


def test_what_is_dragged_from_the_tray_gets_its_slot_on_that_day(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served, (1366, 1800, "light")) as page:
        open_address(page, address(served))
        target = city_day(served.office.now()) + timedelta(days=2)
        drag(page, page.locator("[data-drag]", has_text="Trong khay"), target.isoformat())
        page.locator(".flash").wait_for()
        bulletin = row(served, "trong khay")
        assert bulletin.state is BulletinState.SCHEDULED
        assert bulletin.release_at is not None
        assert bulletin.release_at.astimezone(CITY).strftime("%d %H:%M") == f"{target.day:02d} 09:00"


def test_what_is_dropped_on_the_past_goes_back_with_a_word(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served) as page:
        open_address(page, address(served))
        before = row(served, "sap phat").release_at
        past = (city_day(served.office.now()) - timedelta(days=3)).isoformat()
        drag(page, page.locator(f"{LIVE} .slot", has_text="Sắp phát"), past)
        page.get_by_role("alert").get_by_text("Giờ phát hành phải sau lúc này").wait_for()
        assert row(served, "sap phat").release_at == before


def test_the_city_clock_holds_wherever_the_browser_is(chromium: Any, served: RunningApplication) -> None:
    page = open_page(chromium, *SCREENS[0], locale="en-US", timezone_id="America/New_York")
    base = served.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(served.app, Role.APPROVER), "url": base}])
    open_address(page, address(served))
    day = (city_day(served.office.now()) + timedelta(days=2)).isoformat()
    cell = page.locator(f"{LIVE} [data-date='{day}']").first
    expect(cell).to_contain_text("Sắp phát")
    expect(cell.locator("time")).to_have_attribute("datetime", day)
    page.context.close()


def test_a_time_is_changed_with_the_keyboard_alone(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served) as page:
        open_address(page, address(served))
        page.get_by_role("link", name="Chuyển giờ… Sắp phát").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.locator("#time").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("15:30")
        page.keyboard.press("Enter")
        page.locator(".flash").wait_for()
        moved = row(served, "sap phat").release_at
        assert moved is not None
        assert moved.astimezone(CITY).strftime("%H:%M") == "15:30"


def test_the_page_is_whole_without_a_script_and_on_paper(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served, java_script_enabled=False) as page:
        page.goto(address(served))
        expect(page.locator(".month .slot", has_text="Sắp phát")).to_be_visible()
        expect(page.get_by_role("link", name="Chuyển giờ… Sắp phát")).to_be_visible()
    with opened(chromium, served) as page:
        open_address(page, address(served))
        expect(page.locator(LIVE)).to_be_visible()
        expect(page.locator(".month")).to_be_hidden()
        page.emulate_media(media="print")
        expect(page.locator(".month .slot", has_text="Sắp phát")).to_be_visible()
        expect(page.locator(LIVE)).to_be_hidden()


def test_the_libraries_are_loaded_on_the_calendar_and_nowhere_else(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        open_address(page, address(served, "/desk"))
        assert not [url for url in asked if "fullcalendar" in url]
        open_address(page, address(served))
        page.locator(f"{LIVE} .slot").first.wait_for()
        # Its three style sheets are in the page's own, its three scripts are files.
        assert len([url for url in asked if "fullcalendar" in url]) == 4


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_a_long_name_without_spaces_pushes_no_button_out_of_the_page_or_of_a_message(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    name = "ĐiệnThoại" + "x" * 90
    with opened(chromium, served, screen) as page:
        open_address(page, address(served, "/desk/calendar/keys"))
        page.get_by_label("Cho nơi nào?").fill(name)
        page.get_by_label("Cho nơi nào?").press("Enter")
        revoke = page.get_by_role("button", name=f"Hủy khóa {name}")
        revoke.scroll_into_view_if_needed()
        expect(revoke).to_be_in_viewport(ratio=1)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        revoke.click()
        message = page.get_by_role("status").filter(has_text=name)
        expect(message).to_be_visible()
        assert not message.evaluate("node => node.scrollWidth > node.clientWidth")
        close = message.get_by_role("button", name="Đóng")
        expect(close).to_be_in_viewport(ratio=1)
        box = close.bounding_box()
        assert box["width"] > box["height"]  # its word stands on one line
