"""The rich editor in Chromium: typed, pasted and dropped content is sanitised; without scripts a textarea works."""

from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Revision
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import axe_violations, chromium, expect, problems_of_page, until_true
from tests.coordinator.web.desk.browser_writers import FRAME, NEW, body_of, fill_head, press_save, served, writer
from tests.coordinator.web.desk.republications.test_uploaded_evidence import png
from tests.coordinator.web.public.test_public_pages_in_a_browser import address

pytestmark = pytest.mark.browser
__all__ = ["chromium", "served"]  # other files' fixtures

WORD = (
    "<html xmlns:o='urn:schemas-microsoft-com:office:office'><body><!--StartFragment-->"
    "<p class=MsoNormal><b style='mso-bidi-font-weight:normal'><span style='font-size:14.0pt'>Lịch tiêm</span></b></p>"
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span>"
    "</span>Mục một</p><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·"
    "<span>&nbsp; </span></span>Mục hai</p>"
    "<table class=MsoTableGrid><tr><td><p class=MsoNormal>Tuần</p></td><td><p class=MsoNormal>Ca</p></td></tr></table>"
    "<script>window.broken = true</script><img src=x onerror='window.broken = true'><!--EndFragment--></body></html>"
)
PASTE = """(body, html) => {
  const carried = new DataTransfer();
  carried.setData("text/html", html);
  carried.setData("text/plain", "Lịch tiêm");
  body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
}"""
DROP = """(form, file) => {
  const carried = new DataTransfer();
  carried.items.add(new File([Uint8Array.from(file.bytes)], file.name));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def saved(served: RunningApplication) -> Revision:
    with served.database.read() as session:
        return session.execute(sa.select(Revision).order_by(Revision.id.desc()).limit(1)).scalar_one()


@pytest.mark.parametrize("screen", [(1366, 900, "light"), (1366, 900, "dark"), (390, 844, "light")])
def test_the_page_with_the_editor_keeps_nobody_out(chromium: Any, served: RunningApplication, screen: Any) -> None:
    with writer(chromium, served, screen) as page:
        page.goto(address(served, NEW))
        body_of(page)
        assert problems_of_page(page, address(served, NEW)) == ""
        for name in ("Kiểu đoạn: Đoạn văn", "Bảng"):
            page.locator(f"button[aria-label='{name}']").click()
            expect(page.get_by_role("menu").first).to_be_visible()
            assert axe_violations(page, minor=True, both_schemes=False) == ""  # an open menu keeps its colours
            page.keyboard.press("Escape")


def test_what_is_typed_and_made_bold_is_saved_as_clean_html(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body_of(page).click()
        page.keyboard.type("Tiêm ")
        page.keyboard.press("Control+b")
        page.keyboard.type("miễn phí")
        press_save(page)
    assert saved(served).body_html == "<p>Tiêm <strong>miễn phí</strong></p>"


def test_a_paste_from_word_shows_a_list_at_once_and_ends_clean(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body = body_of(page)
        body.click()
        body.evaluate(PASTE, WORD)
        page.frame_locator(FRAME).locator("li").nth(1).wait_for()
        assert page.evaluate("window.broken") is None
        assert (
            page.frame_locator(FRAME).locator("body").evaluate("body => body.ownerDocument.defaultView.broken") is None
        )
        press_save(page)
    html = saved(served).body_html
    assert "<ul><li>Mục một</li><li>Mục hai</li></ul>" in html
    assert "<strong>Lịch tiêm</strong>" in html
    assert "<td>Tuần</td>" in html
    assert "mso" not in html.lower()
    assert "script" not in html


def test_a_large_paste_from_word_keeps_its_lists_since_most_of_it_is_no_text(
    chromium: Any, served: RunningApplication
) -> None:
    styles = "<style><!-- p.MsoNormal {mso-style-parent:''} -->" + " /* mso */" * 120_000 + "</style>"
    heavy = "<span lang=VI style='mso-fareast-language:VI;" + "mso-x:y;" * 60 + "'>chữ </span>"
    lines = f"<p class=MsoNormal>{heavy * 40}</p>" * 80
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body = body_of(page)
        body.click()
        body.evaluate(PASTE, WORD.replace("<body>", f"<head>{styles}</head><body>{lines}"))
        page.frame_locator(FRAME).locator("li").nth(1).wait_for()
        page.get_by_text("Khi dán: đã bỏ").wait_for()  # the picture, which the paste contained as base64
        expect(page.locator("#body-html-long")).to_be_hidden()
        press_save(page)
    html = saved(served).body_html
    assert "<ul><li>Mục một</li><li>Mục hai</li></ul>" in html
    assert html.count("chữ") == 40 * 80


@pytest.mark.slow
def test_more_than_a_bulletin_holds_is_reported_until_it_is_mended_and_is_never_lost(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body = body_of(page)
        body.click()
        # In paragraphs, as people write: the library's time grows with the square of one paragraph's length.
        body.evaluate(PASTE, ("<p>" + "Tiêm chủng. " * 100 + "</p>") * 900 + "<p>Đoạn cuối.</p>")
        line = page.locator("#body-html-long")
        expect(line).to_be_visible()
        expect(line).to_contain_text("nhận nhiều nhất 1,0 MB")
        page.click("button[value=save]")
        expect(line).to_be_focused()
        assert page.url.endswith(NEW)
        page.evaluate("hugerte.get('body-html').setContent('<p>Đoạn cuối.</p>')")
        line.wait_for(state="hidden")
        press_save(page)
    assert saved(served).body_html == "<p>Đoạn cuối.</p>"


def test_an_error_of_the_body_leads_into_the_editor(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body_of(page)
        with page.expect_navigation():
            page.click("button[value=submit]")
        body_of(page)
        page.click(".summary a")
        until_true(page, "hugerte.get('body-html').hasFocus()")
        page.keyboard.type("Tiêm miễn phí.")
        with page.expect_navigation():
            page.click("button[value=submit]")
    assert saved(served).body_html == "<p>Tiêm miễn phí.</p>"


def test_a_word_file_dropped_on_the_form_fills_it(chromium: Any, served: RunningApplication, tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Diệt loăng quăng", 1)
    made.add_paragraph("Mỗi tuần mười lăm phút.")
    made.add_paragraph("Úp xô chậu, đậy kín chum vại.")
    made.save(str(tmp_path / "bai.docx"))
    file = {"name": "bai.docx", "bytes": list((tmp_path / "bai.docx").read_bytes())}
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body_of(page)
        with page.expect_navigation():
            page.locator("#form").evaluate(DROP, file)
        expect(page.locator("#title")).to_have_value("Diệt loăng quăng")
        expect(body_of(page)).to_have_text("Úp xô chậu, đậy kín chum vại.")


def test_a_picture_is_uploaded_at_once_and_stands_below_the_paragraph_whose_bold_word_has_the_cursor(
    chromium: Any, served: RunningApplication
) -> None:
    picture = {"name": "anh.png", "mimeType": "image/png", "buffer": png()}
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body = body_of(page)
        page.evaluate("hugerte.get('body-html').setContent('<p>Tiêm <strong>miễn phí</strong> và <em>ngay</em>.</p>')")
        assert "Be Vietnam Pro" in body.evaluate("b => [...b.ownerDocument.fonts].map(face => face.family).join()")
        page.evaluate("""() => {
          const editor = hugerte.get('body-html');
          editor.focus();
          editor.selection.setCursorLocation(editor.getBody().querySelector('strong').firstChild, 3);
        }""")
        page.get_by_role("button", name="Chèn hoặc sửa ảnh").click()
        expect(page.get_by_role("tab", name="Tải lên")).to_have_attribute("aria-selected", "true")
        page.set_input_files(".tox-dialog input[type=file]", picture)
        page.get_by_label("Mô tả ảnh cho người không nhìn thấy").fill("Điểm tiêm")
        page.locator(".tox-dialog").get_by_role("button", name="Lưu").click()
        page.frame_locator(FRAME).locator("img").wait_for()
        press_save(page)
    html = saved(served).body_html
    assert html.startswith("<p>Tiêm <strong>miễn phí</strong> và <em>ngay</em>.</p><p><img ")
    assert 'alt="Điểm tiêm"' in html


def test_without_a_script_the_box_is_written_in(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served, java_script_enabled=False) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        page.fill("#body-html", "Đoạn một.\n\n- một\n- hai")
        press_save(page)
    assert saved(served).body_html == "<p>Đoạn một.</p><ul><li>một</li><li>hai</li></ul>"
