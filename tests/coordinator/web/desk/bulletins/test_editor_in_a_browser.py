"""The rich editor in Chromium: typed, pasted and dropped content is sanitised; without scripts a textarea works."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from PIL import Image

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
# What else may stand on a clipboard: RTF, and files as lists of bytes.
PASTE_MORE = """(body, {html, rtf, files}) => {
  const carried = new DataTransfer();
  if (html) carried.setData("text/html", html);
  if (rtf) carried.setData("text/rtf", rtf);
  for (const file of files || []) {
    carried.items.add(new File([Uint8Array.from(file)], "image.png", {type: "image/png"}));
  }
  body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
}"""
DROP = """(form, file) => {
  const carried = new DataTransfer();
  carried.items.add(new File([Uint8Array.from(file.bytes)], file.name));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def word_picture(address: str, alt: str = "") -> str:
    """A picture as Word writes it: a drawing for itself in a conditional comment, and an element for others."""
    return (
        "<p class=MsoNormal><span style='mso-no-proof:yes'><!--[if gte vml 1]><v:shape style='width:451pt'>"
        f'<v:imagedata src="file:///C:/Temp/msohtmlclip1/01/clip_image001.png" o:title=""/></v:shape><![endif]-->'
        f'<![if !vml]><img width=602 height=339 src="{address}" alt="{alt}"\nstyle=\'height:3.5in;width:6.2in\''
        ' v:shapes="Picture_x0020_1"><![endif]></span><o:p></o:p></p>'
    )


def in_rtf(*pictures: tuple[str, bytes]) -> str:
    """RTF with pictures as Word writes them: each with the name of its kind, and a second time for old programs."""
    words = "".join(
        r"{\*\shppict{\pict{\*\picprop\shplid1025{\sp{\sn shapeType}{\sv 75}}}\picw15928\pich8969"
        rf"\{kind}blip\bliptag-1234567{{\*\blipuid 5a3c0f1b2d4e6f70}}{chr(10)}{body.hex()}}}}}"
        r"{\nonshppict{\pict\picw15928\wmetafile8\bliptag-1234567 0100090000030000}}"
        for kind, body in pictures
    )
    return r"{\rtf1\ansi{\fonttbl{\f0 Times New Roman;}}\pard L\u7883?ch " + words + r"\par}"


def jpeg() -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (640, 360), "navy").save(body, "JPEG")
    return body.getvalue()


WORD_FILES = ["file:///C:/Temp/msohtmlclip1/01/clip_image001.png", "file:///C:/Temp/msohtmlclip1/01/clip_image002.jpg"]
WORD_DATA = [
    f"data:image/{kind};base64,{base64.b64encode(body).decode()}" for kind, body in (("png", png()), ("jpeg", jpeg()))
]


def word_text(first: str, second: str) -> str:
    """A text of Word with a list and a table between two pictures."""
    text = WORD.replace("<table", f"{word_picture(first, 'Điểm tiêm')}<table").replace("<img src=x", "<i")
    return text.replace("<!--EndFragment-->", f"{word_picture(second, 'A road, AI-generated content')}<p>Hết.</p>")


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
        page.get_by_text("1 ảnh không có trong bộ nhớ tạm").wait_for()
        expect(page.locator("#body-html-long")).to_be_hidden()
        press_save(page)
    html = saved(served).body_html
    assert "<ul><li>Mục một</li><li>Mục hai</li></ul>" in html
    assert html.count("chữ") == 40 * 80


@pytest.mark.parametrize(
    "carried",
    [
        {"html": word_text(*WORD_DATA)},
        {"html": word_text(*WORD_FILES), "rtf": in_rtf(("png", png()), ("jpeg", jpeg()))},
        {"html": word_text(*WORD_FILES), "files": [list(png()), list(jpeg())]},
    ],
    ids=["in the HTML", "in RTF", "as files"],
)
def test_pictures_of_a_paste_from_word_are_uploaded_and_stand_in_their_places(
    chromium: Any, served: RunningApplication, carried: Any
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        fill_head(page)
        body = body_of(page)
        body.click()
        body.evaluate(PASTE_MORE, carried)
        line = page.locator("#body-html-pasted")
        expect(line).to_contain_text("Đã đưa 2 ảnh vào bài. 1 ảnh chưa có mô tả")
        expect(line).to_have_class("hint")
        press_save(page)
    html = saved(served).body_html
    own = re.escape(address(served, "/pictures/"))
    order = rf"</ul>.*<img src=\"{own}\w+\.png\" alt=\"Điểm tiêm\">.*<table>.*<img src=\"{own}\w+\.jpg\" alt=\"\">.*Hết"
    assert re.search(order, html), html
    assert "<ul><li>Mục một</li><li>Mục hai</li></ul>" in html


@pytest.mark.parametrize("cleaned", [True, False])
def test_a_paste_says_how_many_pictures_the_clipboard_did_not_hold(
    chromium: Any, served: RunningApplication, cleaned: bool
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body = body_of(page)
        body.click()
        if not cleaned:
            page.route("**/desk/bulletins/clean", lambda route: route.fulfill(status=422, json={"message": "Dài quá"}))
        # One file beside two pictures may be a drawing of the text.
        body.evaluate(PASTE_MORE, {"html": word_text(*WORD_FILES), "files": [list(png())]})
        line = page.locator("#body-html-pasted")
        expect(line).to_contain_text("2 ảnh không có trong bộ nhớ tạm nên chưa vào bài")
        expect(line).to_contain_text("bấm nút “Chèn hoặc sửa ảnh”")
        expect(line).to_have_class("error")
        expect(body).to_contain_text("Hết.")
        expect(body.locator("img")).to_have_count(0)
        assert page.evaluate("violations") == []


def test_a_picture_alone_is_pasted_and_one_that_the_server_refuses_is_said(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body = body_of(page)
        body.click()
        body.evaluate(PASTE_MORE, {"files": [list(png()), list(b"no picture")]})
        line = page.locator("#body-html-pasted")
        expect(line).to_contain_text("Đã đưa 1 ảnh vào bài.")
        expect(line).to_contain_text("1 ảnh không nhận được: Chỉ nhận ảnh JPEG, PNG hoặc WebP")
        expect(body.locator("img")).to_have_count(1)


def test_a_picture_of_another_site_keeps_its_address_and_is_not_loaded_in_the_editor(
    chromium: Any, served: RunningApplication
) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body = body_of(page)
        body.click()
        body.evaluate(PASTE_MORE, {"html": "<p>Bài khác</p><img src='https://khac.example/a.jpg' alt='Ảnh'>"})
        expect(page.locator("#body-html-pasted")).to_contain_text("1 ảnh của trang khác được lấy về khi lưu.")
        expect(body.locator("img")).to_have_attribute("src", re.compile("picture-later"))
        assert '<img src="https://khac.example/a.jpg" alt="Ảnh">' in page.input_value("#body-html")


@pytest.mark.parametrize("screen", [(1366, 768, "light"), (1920, 1080, "light")])
def test_the_editor_uses_the_height_of_the_page_which_alone_scrolls_and_the_preview_comes_first(
    chromium: Any, served: RunningApplication, screen: Any
) -> None:
    code = served.draft("Lịch tiêm nhắc", body="Tiêm miễn phí tại trạm y tế phường.\n\n" * 40)
    with writer(chromium, served, screen) as page:
        page.goto(address(served, f"/desk/bulletins/{code}/edit"))
        body = body_of(page)
        assert page.locator(".split > .stack h2").first.inner_text() == "Xem trước"
        whole = "body => body.ownerDocument.documentElement.scrollHeight <= body.ownerDocument.defaultView.innerHeight"
        assert body.evaluate(whole)
        page.evaluate("scrollTo(0, 900)")
        buttons = page.locator(".tox-editor-header").bounding_box()
        dock = page.locator(".dock").bounding_box()
        assert buttons["y"] == page.locator(".topbar").bounding_box()["height"]
        assert dock["y"] - buttons["y"] - buttons["height"] > 0.7 * screen[1]  # what is left for the text
        page.evaluate("hugerte.get('body-html').setContent('<p>Một dòng.</p>')")
        until_true(page, "document.querySelector('.tox-hugerte').offsetHeight < innerHeight")
        assert page.locator(".tox-hugerte").bounding_box()["height"] > 0.75 * screen[1]


def test_words_are_counted_when_the_writer_pauses(chromium: Any, served: RunningApplication) -> None:
    with writer(chromium, served) as page:
        page.goto(address(served, NEW))
        body = body_of(page)
        words = page.locator("[data-words-of]")
        expect(words).to_have_text("Tiêu đề 0 chữ · sapo 0 · nội dung 0")
        expect(words).to_have_attribute("role", "status")
        page.fill("#title", "Lịch tiêm nhắc")
        body.click()
        page.keyboard.type("Tiêm miễn phí.")
        page.keyboard.press("Enter")
        page.keyboard.type("Ngay.")
        expect(words).to_have_text("Tiêu đề 3 chữ · sapo 0 · nội dung 4")


UNCOVERED = """(node) => {
  const box = node.getBoundingClientRect();
  const height = Math.min(box.height, 40);
  return [box.top + 2, box.top + height - 2].every(
    (y) => y > 0 && y < innerHeight && node.contains(document.elementFromPoint(box.left + box.width / 2, y)));
}"""
BARS = """() => [...document.querySelectorAll("body *")].filter((node) => ["fixed", "sticky"].includes(
  getComputedStyle(node).position) && node.checkVisibility()).map((node) => node.getBoundingClientRect()).filter(
  (box) => box.top < innerHeight && box.bottom > 0 && box.height > 4).reduce((sum, box) => sum + box.height, 0)"""


def test_bars_leave_a_phone_to_the_text_and_cover_no_field_that_is_written_in(
    chromium: Any, served: RunningApplication
) -> None:
    code = served.draft("Lịch tiêm nhắc", body="Tiêm miễn phí tại trạm y tế phường.\n\n" * 20)
    with writer(chromium, served, (390, 664, "light")) as page:  # as much as a browser's own bars leave of 844
        page.goto(address(served, f"/desk/bulletins/{code}/edit"))
        body = body_of(page)
        for field in page.locator("#form :is(input:not(.vh, [name=kenh]), select, textarea, button):visible").all():
            field.focus()
            assert field.evaluate(UNCOVERED), field.evaluate("node => node.outerHTML")
        body.click()
        page.keyboard.press("Control+End")
        page.keyboard.type("Hết.")
        caret = body.evaluate("""body => {
          const range = body.ownerDocument.getSelection().getRangeAt(0);
          const frame = body.ownerDocument.defaultView.frameElement.getBoundingClientRect();
          return range.getBoundingClientRect().bottom + frame.top;
        }""")
        assert caret < page.locator(".dock").bounding_box()["y"]
        assert page.evaluate(BARS) < 0.25 * 664


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
