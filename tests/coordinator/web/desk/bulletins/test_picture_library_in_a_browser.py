"""The picture library in Chromium: files sent one by one, and a picture chosen for the cover and for the body."""

from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Revision
from campaigns.bulletins.pictures import Picture
from campaigns.bulletins.presentation import from_json
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, expect, problems_of_page
from tests.coordinator.web.desk.browser_writers import FRAME, NEW, body_of, fill_head, press_save, served, writer
from tests.coordinator.web.desk.bulletins.test_pictures import photograph
from tests.coordinator.web.public.test_public_pages_in_a_browser import address

pytestmark = pytest.mark.browser
__all__ = ["chromium", "served"]  # other files' fixtures

LIBRARY = "/desk/pictures"
WORDS = ("Y tá tiêm cho một bé gái", "Chợ hoa ngày Tết")


def bring(page: Any, served: RunningApplication) -> None:
    """Bring two pictures into the library through its page."""
    page.goto(address(served, LIBRARY))
    files = [
        {"name": name, "mimeType": "image/jpeg", "buffer": photograph((800, 600), *colours)}
        for name, colours in (("a.jpg", ("navy", "teal")), ("b.jpg", ("brown", "gold")))
    ]
    page.set_input_files("#pictures", files)
    with page.expect_navigation(url="**/describe?pictures=*"):
        page.get_by_role("button", name="Tải ảnh lên").click()
    for field, words in zip(page.get_by_label("Ảnh có gì?").all(), WORDS, strict=True):
        field.fill(words)
    with page.expect_navigation():
        page.get_by_role("button", name="Đưa vào thư viện").click()


def test_pictures_are_brought_described_and_chosen_for_the_cover_and_the_body(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        bring(page, served)
        expect(page.get_by_role("row")).to_have_count(3)
        with served.database.read() as session:
            idents = list(session.execute(sa.select(Picture.ident).order_by(Picture.id)).scalars())
        assert problems_of_page(page, address(served, LIBRARY), both_schemes=True) == ""
        assert problems_of_page(page, address(served, f"{LIBRARY}/{idents[0]}"), both_schemes=True) == ""
        assert problems_of_page(page, address(served, f"{LIBRARY}/describe?pictures={idents[0]}")) == ""
        page.goto(address(served, NEW))
        fill_head(page)
        body_of(page).click()
        page.keyboard.type("Một đoạn.")
        page.locator("button[data-mce-name=library]").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("radio")).to_have_count(2)  # the newest, before anything is typed
        page.keyboard.type("cho hoa")
        expect(dialog.get_by_role("radio")).to_have_count(1)
        dialog.get_by_role("radio").check()
        dialog.get_by_role("button", name="Chèn ảnh").click()
        expect(page.frame_locator(FRAME).locator(f"img[alt='{WORDS[1]}']")).to_have_count(1)
        page.get_by_text("Chọn từ thư viện ảnh").click()
        page.locator("#library_q").fill("y ta")
        expect(page.locator("#anh-bia-tim-thay [type=radio]")).to_have_count(1)
        page.locator("#anh-bia-tim-thay [type=radio]").check()
        with page.expect_navigation():
            page.get_by_role("button", name="Dùng ảnh này").click()
        expect(page.locator("#cover-alt")).to_have_value(WORDS[0])
        page.locator("#cover-alt").fill("Lời của bản tin này")
        press_save(page)
    with served.database.read() as session:
        saved = session.execute(sa.select(Revision).order_by(Revision.id.desc()).limit(1)).scalar_one()
        cover = from_json(saved.presentation).cover
        assert cover is not None
        assert (cover.picture, cover.alt) == (idents[0], "Lời của bản tin này")
        assert f'alt="{WORDS[1]}"' in saved.body_html
        assert idents[1] in saved.body_html


def test_the_dialog_and_the_list_stay_within_a_telephone(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served, (390, 844, "dark")) as page:
        bring(page, served)
        assert problems_of_page(page, address(served, LIBRARY)) == ""
        page.goto(address(served, NEW))
        body_of(page)
        page.locator("button[data-mce-name=library]").click()
        expect(page.get_by_role("dialog").get_by_role("radio")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
