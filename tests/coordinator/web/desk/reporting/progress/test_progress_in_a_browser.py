"""The progress page in Chromium: on both screens, in both colour schemes, with and without scripts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Kept
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, problems_of_page
from tests.coordinator.web.desk.reporting.progress.quarter import quarter
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture(scope="module")
def served(kept_sqlite: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    """A plan in its eighth week; nothing in this file changes it."""
    folder = tmp_path_factory.mktemp("quarter")
    with kept_sqlite.fresh(folder / "lantoa.db") as database, serving(database, folder, own=True) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            quarter(session)
        yield outside


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(
    "path",
    [
        "/desk/progress/",
        "/desk/progress/scenario?silent_weekly=2&more_weekly=x",
        "/desk/progress/quiet/",
        "/desk/progress/timing",
        "/desk/progress/partner",
        "/desk/progress/site",
    ],
)
def test_nothing_keeps_a_reader_out(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str], path: str
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        assert problems_of_page(page, address(served, path)) == ""


@pytest.mark.parametrize("screen", SCREENS)
def test_without_scripts_what_if_is_asked_and_answered_and_a_table_opens(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base, screen, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/progress/scenario?period=2026-Q4"))
        page.get_by_label("Mỗi đối tác ấy mỗi tuần được bao nhiêu lượt").fill("2")
        page.get_by_role("button", name="Tính thử").click()
        answer = page.locator("[aria-labelledby=phuong-an] [role=status]")
        answer.wait_for()
        assert "hơn dự báo hiện nay" in answer.inner_text()
        # The address contains the scenario, so that it can be shared, and the former choice.
        assert "silent_weekly=2" in page.url
        assert "period=2026-Q4" in page.url
        page.get_by_text("Xem bảng số liệu").first.click()
        page.get_by_role("cell", name="31/12, nếu vậy").or_(
            page.get_by_role("rowheader", name="31/12, nếu vậy")
        ).wait_for()


def test_a_sentence_that_says_why_leads_to_its_rows(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        page.goto(address(served, "/desk/progress/"))
        page.get_by_role("link", name="nay im lặng 14 ngày").click()
        page.get_by_role("heading", name="Đối tác im lặng", level=1).wait_for()
        page.get_by_role("link", name="Công ty cổ phần Tin 0", exact=True).wait_for()


# Columns whose numbers are no counts of rows: quotas, paces, forecasts, shares and views.
NO_COUNTS = {
    "Chia đều", "Chỉ tiêu", "Giao", "Dự báo", "Đạt", "Mốc", "Đạt hoặc dự báo", "Trước đó mỗi tuần", "Lần cuối",
    "Dự báo 31/12",
}  # fmt: skip
NO_ROWS = ("Lượt xem", "dự báo")  # in the name of a row of views, or of a day to come
FIGURES_SCRIPT = """() => [...document.querySelectorAll('main table')].flatMap(table => {
  const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent.replace(/[↓↑]/g, '').trim());
  return [...table.querySelectorAll('tbody tr, tfoot tr')].flatMap(row => [...row.children].map((cell, place) => ({
    head: heads[place], row: row.children[0].textContent.trim(), text: cell.textContent.trim(),
    href: cell.querySelector('a') ? cell.querySelector('a').href : '', figure: cell.matches('td.n'),
  })).filter(cell => cell.figure));
})"""
PAIRS_SCRIPT = """() => [...document.querySelectorAll('main dd a, main .tally a, main b a')].map(
  link => ({text: link.textContent.trim(), href: link.href}))"""


def _count(words: str) -> int | None:
    """A count as pages write it; None for a share, a dash, a sentence."""
    plain = words.replace(".", "")
    return int(plain) if plain.isdecimal() else None


def _list_length(body: str) -> int:
    """The number of rows of a list, as it says itself below, of deliveries after that of their bulletins; 0 for an
    empty one."""
    found = re.search(r"Trang của danh sách[^>]*>\s*<span>[^<]* trong ([\d.]+)(?: · ([\d.]+) lượt phát)?", body)
    return int((found[2] or found[1]).replace(".", "")) if found else 0


def test_every_figure_of_the_progress_pages_opens_a_list_of_as_many_rows(
    chromium: Any, served: RunningApplication
) -> None:
    base = served.app_context.settings.base_url
    scope = "?period=2026-Q4"
    paths = ["/desk/progress/", "/desk/progress/quiet/"]
    paths += [f"/desk/progress/{by}" for by in ("partner", "site", "topic", "channel", "day")]
    opened_lists: dict[str, str] = {}
    with opened(chromium, served.app, base) as page:
        for path in paths:
            page.goto(address(served, path + scope))
            figures, pairs = page.evaluate(FIGURES_SCRIPT), page.evaluate(PAIRS_SCRIPT)
            counts = [figure for figure in figures if figure["head"] not in NO_COUNTS and _count(figure["text"])]
            assert counts, path
            assert [
                figure
                for figure in counts
                if not figure["href"] and not any(words in figure["row"] for words in NO_ROWS)
            ] == [], path
            for figure in (*counts, *(pair for pair in pairs if _count(pair["text"]))):
                known = opened_lists.setdefault(figure["href"], figure["text"])
                assert known == figure["text"], figure
        assert len(opened_lists) > 150
        wrong = {
            href: (text, found)
            for href, text in opened_lists.items()
            if href and (found := _list_length(page.context.request.get(href).text())) != _count(text)
        }
    assert wrong == {}


def test_a_click_on_the_first_figure_of_each_table_opens_its_list(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        clicked = 0
        for tab in ("", "timing", "partner", "site", "topic"):
            start = address(served, f"/desk/progress/{tab}?period=2026-Q4")
            page.goto(start)
            tables = page.locator("main table:has(td.n a.figure)").count()
            clicked += tables
            for number in range(tables):
                page.goto(start)
                page.evaluate("() => document.querySelectorAll('main details').forEach(part => { part.open = true; })")
                link = page.locator("main table:has(td.n a.figure)").nth(number).locator("td.n a.figure").first
                text = link.inner_text()
                link.click()
                page.locator("main h1").or_(page.locator("h1")).first.wait_for()
                assert page.url != start
                assert _list_length(page.content()) == _count(text), page.url
        assert clicked > 8
