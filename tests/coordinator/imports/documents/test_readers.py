"""Documents that people bring: what becomes title, lead and body, and what is said of files that cannot be read."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from docx.shared import Inches

from campaigns.core.errors import Invalid
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.documents.json_records import read_json
from coordinator.imports.documents.readers import parse_document as read_document
from coordinator.imports.documents.readers import read_markdown
from coordinator.imports.documents.web_page import read_web_page
from coordinator.imports.documents.word import read_docx

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
TITLE = "Thành phố bổ sung 12 điểm tiêm chủng lưu động"
LEAD = "Từ ngày 25/11, người dân các phường ven sông có thể tiêm nhắc lại ngay tại nhà văn hóa."
BODY = "Mỗi điểm phục vụ khoảng 150 lượt người một ngày, từ 7 giờ 30 đến 17 giờ."


def docx(write: Callable[..., None]) -> bytes:
    document = Document()
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one member replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


def a_bulletin(document: Any) -> None:
    document.add_heading(TITLE, level=1)
    document.add_paragraph(LEAD)
    document.add_paragraph(BODY)


def test_a_word_file_gives_title_lead_and_body() -> None:
    def write(document: Any) -> None:
        a_bulletin(document)
        document.add_paragraph("Phường Chương Dương", style="List Bullet")
        document.add_paragraph("Phường Phúc Xá", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(
            (c for row in table.rows for c in row.cells), ["Điểm", "Lượt", "Số 1", "150"], strict=True
        ):
            cell.text = text

    text = read_docx(docx(write))
    assert (text.title, text.lead) == (TITLE, LEAD)
    assert text.body_html == (
        f"<p>{BODY}</p><ul><li>Phường Chương Dương</li><li>Phường Phúc Xá</li></ul>"
        "<table><tbody><tr><td>Điểm</td><td>Lượt</td></tr><tr><td>Số 1</td><td>150</td></tr></tbody></table>"
    )
    assert text.body_text.endswith("Điểm | Lượt\nSố 1 | 150")
    assert [note.code for note in text.notes] == ["lead"]


def test_a_word_file_without_headings_takes_its_first_bold_paragraph_as_title() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("Kính gửi: các phường")
        document.add_paragraph().add_run(TITLE).bold = True
        document.add_paragraph(LEAD)
        document.add_paragraph(BODY)

    text = read_docx(docx(write))
    assert (text.title, text.lead) == (TITLE, LEAD)
    assert text.body_text == f"Kính gửi: các phường\n\n{BODY}"


def test_a_word_file_of_plain_paragraphs_takes_the_first_as_title() -> None:
    def write(document: Any) -> None:
        for line in (TITLE, LEAD, BODY):
            document.add_paragraph(line)

    text = read_docx(docx(write))
    assert (text.title, text.lead, text.body_text) == (TITLE, LEAD, BODY)


def test_a_title_and_one_paragraph_leave_that_paragraph_to_the_body() -> None:
    def write(document: Any) -> None:
        document.add_heading(TITLE)
        document.add_paragraph(BODY)

    text = read_docx(docx(write))
    assert (text.title, text.lead, text.body_text) == (TITLE, "", BODY)


def test_the_letterhead_of_an_official_letter_is_left_out_with_a_note() -> None:
    def write(document: Any) -> None:
        table = document.add_table(rows=1, cols=2)
        table.rows[0].cells[0].text = "ỦY BAN NHÂN DÂN\nSố: 05/BC-UBND"
        table.rows[0].cells[1].text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
        document.add_paragraph("Hà Nội, ngày 24 tháng 11 năm 2026")
        a_bulletin(document)

    text = read_docx(docx(write))
    assert (text.title, text.lead, text.body_text) == (TITLE, LEAD, BODY)
    assert {note.code: note.count for note in text.notes}["official_header"] == 2


def test_pictures_in_a_word_file_are_left_out_and_counted() -> None:
    def write(document: Any) -> None:
        a_bulletin(document)
        document.add_picture(io.BytesIO(PIXEL), width=Inches(1))

    text = read_docx(docx(write))
    assert "<img" not in text.body_html
    assert {note.code: note.count for note in text.notes}["image"] == 1


def test_an_empty_word_file_lacks_a_title_and_a_body() -> None:
    with pytest.raises(Invalid) as invalid:
        read_docx(docx(lambda document: None))
    assert {error.field for error in invalid.value.errors} == {"title", "body_html"}


GOOD = docx(a_bulletin)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (b"xin ch\xc3\xa0o", "damaged", "not a Word file"),
        (GOOD[: len(GOOD) // 2], "damaged", "damaged"),
        (GOOD[:3000] + bytes(200) + GOOD[3200:], "damaged", "damaged"),
        (with_part(GOOD, "word/document.xml", b"<w:document"), "damaged", "damaged"),
        (with_part(GOOD, "word/document.xml", b"<x/>"), "damaged", "lacks a part"),
        (with_part(GOOD, "[Content_Types].xml", b"\xff\xfe<"), "damaged", "damaged"),
        (with_part(GOOD, "word/document.xml", b"<a>" * 100_000), "damaged", "damaged"),
        (with_part(GOOD, "word/document.xml", b"<a>" * 9000 + b"</a>" * 9000), "damaged", "deep"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_format", ".doc"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "password_protected",
            "password",
        ),
        (with_part(GOOD, "word/document.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "doctype", "document type"),
        (with_part(GOOD, "word/extra.xml", b" " * 10_000_001), "too_big_unpacked", "unpacks"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_word_file_that_cannot_be_read_says_why(data: bytes, code: str, words: str) -> None:
    with pytest.raises(UnreadableDocument) as unreadable:
        read_docx(data)
    assert unreadable.value.code == code
    assert words in unreadable.value.message


def test_another_archive_is_no_word_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(UnreadableDocument, match="an Excel file"):
        read_docx(out.getvalue())


def test_cutting_a_word_file_anywhere_always_gives_one_error() -> None:
    for end in range(0, len(GOOD), 1999):
        with pytest.raises(UnreadableDocument):
            read_docx(GOOD[:end])


def test_changing_any_byte_of_a_word_file_never_raises_anything_else() -> None:
    for place in range(0, len(GOOD), 499):
        changed = GOOD[:place] + bytes([GOOD[place] ^ 0xFF]) + GOOD[place + 1 :]
        try:
            read_docx(changed)
        except (UnreadableDocument, Invalid):
            continue


def test_markdown_begins_with_its_title() -> None:
    source = f"# {TITLE}\n\n{LEAD}\n\n{BODY}\n\n- một\n- hai\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"
    text = read_markdown(source.encode())
    assert (text.title, text.lead) == (TITLE, LEAD)
    assert text.body_html == (
        f"<p>{BODY}</p><ul><li>một</li><li>hai</li></ul>"
        "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_markdown_without_a_title_is_refused_by_field() -> None:
    with pytest.raises(Invalid) as invalid:
        read_markdown(b"Ch\xe1\xbb\x89 c\xc3\xb3 ch\xe1\xbb\xaf.\n")
    assert [(error.field, error.code) for error in invalid.value.errors] == [("title", "required")]


def test_html_in_markdown_is_shown_and_not_obeyed() -> None:
    text = read_markdown("# Tên\n\nMột\n\n<script>alert(1)</script>\n".encode())
    assert "<script" not in text.body_html
    assert "alert(1)" in text.body_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_markdown_is_read_in_every_encoding_that_says_what_it_is(encoding: str) -> None:
    assert read_markdown(f"# {TITLE}\n\n{BODY}\n".encode(encoding)).title == TITLE


def test_a_byte_that_is_no_text_is_named_by_place() -> None:
    with pytest.raises(UnreadableDocument, match=r"byte 5 \(line 2\) is not UTF-8") as unreadable:
        read_markdown(b"# A\n\xe1\x00")
    assert unreadable.value.params == {"byte": 5, "line": 2}


PAGE = f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{TITLE} | Cổng thông tin</title>
<link rel="canonical" href="/tin/12"><meta name="description" content="{LEAD}"></head><body>
<nav><a href="/">Trang chủ</a></nav><main><article><p>Y tế</p><h1>{TITLE}</h1><p><b>{LEAD}</b></p><p>{BODY}
<a href="/ban-do">Bản đồ</a></p><aside>Tin khác</aside><script>x()</script></article></main><footer>Liên hệ</footer>
</body></html>"""


def test_a_web_page_gives_its_article() -> None:
    text = read_web_page(PAGE.encode(), base="https://nguon.example.vn/tin/12?utm=1")
    assert (text.title, text.lead) == (TITLE, LEAD)
    assert text.body_html == f'<p>{BODY} <a href="https://nguon.example.vn/ban-do">Bản đồ</a></p>'
    assert text.source_url == "https://nguon.example.vn/tin/12"


def test_a_web_page_without_a_description_takes_its_first_paragraph_as_lead() -> None:
    text = read_web_page(f"<title>{TITLE}</title><p>{LEAD}</p><p>{BODY}</p>".encode())
    assert (text.title, text.lead, text.body_text) == (TITLE, LEAD, BODY)


def test_a_web_page_in_the_encoding_it_declares_is_read() -> None:
    page = "<meta charset=windows-1258><title>Tin</title><p>Hà Nội</p>".encode("windows-1258", "replace")
    assert read_web_page(page).body_text.startswith("Hà N")


def test_a_web_page_without_a_title_is_refused_by_field() -> None:
    with pytest.raises(Invalid) as invalid:
        read_web_page(b"<p>Ch\xe1\xbb\xaf</p>")
    assert [error.field for error in invalid.value.errors] == ["title"]


def test_json_of_our_own_shape_is_taken() -> None:
    record = {
        "title": TITLE,
        "lead": LEAD,
        "body_html": f"<p>{BODY}</p><script>x</script>",
        "topic": "dich-benh",
        "campaign": "kh-174",
        "source_url": "https://nguon.example.vn/1",
        "published_at": "2026-11-24T07:30:00+07:00",
    }
    texts = read_json(json.dumps([record, {**record, "body_html": None, "body_text": "Một\n- a\n- b"}]).encode())
    assert texts.rejected == ()
    first, second = texts.texts
    assert (first.title, first.lead, first.topic, first.campaign) == (TITLE, LEAD, "dich-benh", "kh-174")
    assert first.body_html == f"<p>{BODY}</p>"
    assert first.published_at is not None
    assert first.published_at.isoformat() == "2026-11-24T07:30:00+07:00"
    assert (second.row, second.body_html) == (2, "<p>Một</p><ul><li>a</li><li>b</li></ul>")


def test_ninjs_and_json_feed_items_are_taken() -> None:
    ninjs = {
        "uri": "https://nguon.example.vn/2",
        "headlines": [{"role": "main", "value": TITLE}],
        "descriptions": [{"value": LEAD}],
        "bodies": [
            {"contentType": "text/plain", "value": "x"},
            {"contentType": "text/html", "value": f"<p>{BODY}</p>"},
        ],
        "versionCreated": "2026-11-24T00:30:00Z",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [ninjs, {"title": TITLE, "content_text": BODY}]}
    texts = read_json(json.dumps(feed).encode()).texts
    assert [(text.title, text.body_text) for text in texts] == [(TITLE, BODY), (TITLE, BODY)]
    assert texts[0].lead == LEAD
    assert texts[0].source_url == "https://nguon.example.vn/2"


def test_every_problem_of_every_json_record_is_named_with_its_row() -> None:
    good = {"title": TITLE, "body_text": BODY}
    bad = [{"body_text": BODY}, {"title": TITLE}, 7, {"title": ["x"], "body_text": BODY}, {**good, "title": 5}]
    bad += [{**good, "source_url": "ftp://x"}, {**good, "published_at": "hôm qua"}, {**good, "title": "d" * 301}]
    texts = read_json(json.dumps([good, *bad]).encode())
    assert [text.row for text in texts.texts] == [1]
    assert [(rejected_text.row, rejected_text.field, rejected_text.code) for rejected_text in texts.rejected] == [
        (2, "title", "required"),
        (3, "body_html", "required"),
        (4, "", "object"),
        (5, "title", "required"),
        (6, "title", "text"),
        (7, "source_url", "url"),
        (8, "published_at", "moment"),
        (9, "title", "too_long"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "line 1, column 2"),
        (b"[" * 100_000, "absurdly"),
        (b'"x"', "neither an object nor a list"),
        (b"\xff\xff", "byte 1"),
        (b"[" + b"9" * 5000 + b"]", "absurdly"),
    ],
)
def test_json_that_is_none_says_where(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        read_json(data)


def test_lone_surrogates_and_nul_in_json_do_not_reach_the_text() -> None:
    texts = read_json(b'{"title": "T\\ud800\\u0000\\u00e9", "body_text": "B\\u0000\\udfff."}').texts
    assert (texts[0].title, texts[0].body_text) == ("Té", "B.")


def test_any_file_is_read_by_its_suffix() -> None:
    assert read_document("Bản tin.DOCX", GOOD).texts[0].title == TITLE
    assert read_document("a.md", f"# {TITLE}\n\n{BODY}".encode()).texts[0].title == TITLE
    assert read_document("a.htm", PAGE.encode()).texts[0].title == TITLE
    assert read_document("a.json", json.dumps({"title": "T", "body_text": "B"}).encode()).texts[0].title == "T"
    assert [(rejected_text.row, rejected_text.field) for rejected_text in read_document("a.md", b"x").rejected] == [
        (1, "title")
    ]


@pytest.mark.parametrize(("name", "code"), [("a.doc", "old_format"), ("a.pdf", "suffix"), ("a", "suffix")])
def test_other_kinds_of_file_are_refused_with_what_is_expected(name: str, code: str) -> None:
    with pytest.raises(UnreadableDocument) as unreadable:
        read_document(name, b"x")
    assert unreadable.value.code == code
    assert ".docx" in unreadable.value.message


def test_a_word_file_with_macros_is_refused_by_name_and_by_content() -> None:
    armed = with_part(GOOD, "word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    for name in ("bai.docx", "bai.docm"):
        with pytest.raises(UnreadableDocument) as unreadable:
            read_document(name, armed)
        assert unreadable.value.code == "macros"


def test_a_text_file_gives_title_lead_and_body() -> None:
    text = f"{TITLE}\r\n\r\n{LEAD}\r\n\r\n{BODY}\r\n\r\n- một\r\n- hai\r\n"
    [found] = read_document("bai.txt", text.encode("utf-8-sig")).texts
    assert (found.title, found.lead) == (TITLE, LEAD)
    assert found.body_html == f"<p>{BODY}</p><ul><li>một</li><li>hai</li></ul>"
