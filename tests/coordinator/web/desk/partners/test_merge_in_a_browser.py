"""Two partners that are one company, in Chromium: every page is accessible on both screens, up to the merge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.campaigns.partners.test_partner_merge import DROPPED, KEPT
from tests.campaigns.partners.two_companies import FIRST, SECOND, laden
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, WIDE, chromium, open_page, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A directory that has one company twice."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with sqlite.write() as session:
            laden(session)
            factories.company(session, "Công ty TNHH Sao Mai")
        yield outside


def sit_down(office: RunningApplication, page: Any) -> None:
    """A page at the desk, signed in as an administrator."""
    page.context.add_cookies(
        [{"name": "lantoa", "value": signed_in(office.app, Role.ADMIN), "url": office.app_context.settings.base_url}]
    )


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_page_is_in_order(chromium: Any, office: RunningApplication, screen: tuple[int, int, str]) -> None:
    page = open_page(chromium, *screen)
    sit_down(office, page)
    paths = [
        "/desk/partners/", "/desk/partners/_duplicates", f"/desk/partners/{KEPT}/merge",
        f"/desk/partners/{KEPT}/merge?other={DROPPED}", f"/desk/partners/{KEPT}/merge?other={KEPT}",
        f"/desk/partners/{KEPT}",
    ]  # fmt: skip
    wrong = {path: text for path in paths if (text := problems_of_page(page, address(office, path)))}
    assert wrong == {}
    page.goto(address(office, "/desk/partners/_duplicates"))
    page.get_by_role("button", name="Không phải một").click()
    page.get_by_text("Đã ghi nhận là hai đối tác khác nhau").wait_for()
    assert not problems_of_page(page, address(office, "/desk/partners/_duplicates"))
    page.context.close()


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_from_the_list_of_pairs_to_one_partner(
    chromium: Any, office: RunningApplication, screen: tuple[int, int, str]
) -> None:
    page = open_page(chromium, *screen)
    sit_down(office, page)
    page.goto(address(office, "/desk/partners/"))
    page.get_by_text("1 cặp có thể là một.").wait_for()
    page.get_by_role("link", name="Xem từng cặp").click()
    page.get_by_role("link", name="So sánh và gộp…").click()
    page.get_by_role("heading", name="Gộp hai đối tác thành một").wait_for()
    page.get_by_role("group", name="Tên sau khi gộp").get_by_label(FIRST).check()
    page.get_by_role("group", name="Giữ đối tác mang mã nào").get_by_label(DROPPED).check()
    page.get_by_role("button", name="Gộp thành một").click()
    page.wait_for_url(f"**/desk/partners/{DROPPED}")
    page.get_by_role("heading", name=FIRST, exact=True).wait_for()
    page.get_by_text(f"Đã gộp {KEPT} vào {FIRST}").first.wait_for()
    page.goto(address(office, f"/desk/partners/{KEPT}"))
    assert page.url.endswith(f"/desk/partners/{DROPPED}"), "the code that went leads to the one that stayed"
    assert SECOND not in page.locator("main").inner_text()
    page.context.close()
