"""PDF files as pages: paragraphs, links, scans, and files that would stall their reader."""

import time
import zlib

import pytest

from campaigns.discovery.unreadable_reasons import UnreadableReason
from coordinator.discovery.pages import pdf
from coordinator.discovery.pages.judging import FetchedBody, fetched_text
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.discovery.pages.pdf import PdfLine, is_pdf, paragraphs_of, read_pdf
from coordinator.discovery.pages.readability import read_page
from tests.pdf_files import endless_text, huge_stream, locked_pdf, pdf_with_content, scanned_pdf, text_pdf

URL = "https://bao.example/van-ban/thong-bao.pdf"
FIRST = "Từ ngày 24 đến 28/11, trạm y tế của 30 phường, xã mở thêm buổi tiêm chiều cho trẻ từ 18 tháng đến 5 tuổi. " * 3
SECOND = (
    "Mỗi điểm tiêm có hai bàn khám sàng lọc, một phòng theo dõi sau tiêm và một tổ cấp cứu của bệnh viện quận. " * 3
)
LINK = "https://tin.example/bulletins/BT-1"
PAPER = f'<h1>Lịch tiêm nhắc</h1><p>{FIRST}</p><p>{SECOND}</p><p>Nguồn: <a href="{LINK}">Sở Thông tin thành phố</a></p>'


def test_the_text_the_paragraphs_and_the_links_of_a_file_are_read() -> None:
    page = read_page(text_pdf(PAPER), URL, content_type="application/pdf")
    words = " ".join(page.text.split())
    assert " ".join(FIRST.split()) in words
    assert " ".join(SECOND.split()) in words
    assert [(link.href, link.text) for link in page.links] == [(LINK, "Sở Thông tin thành phố")]
    last = page.blocks[-1]
    assert last.text == "Nguồn: Sở Thông tin thành phố"
    assert page.title == "Lịch tiêm nhắc"
    assert not page.cut


def test_links_with_the_same_words_stand_each_at_its_own_place() -> None:
    parts = "".join(f'<p>{FIRST}</p><p>Xem <a href="https://a.example/{number}">tại đây</a></p>' for number in range(3))
    page = read_page(text_pdf(parts), URL)
    assert [link.href for link in page.links] == [f"https://a.example/{number}" for number in range(3)]
    assert [page.blocks[link.block].text for link in page.links] == ["Xem tại đây"] * 3


# Heights of lines as fonts have them (Liberation and a Times 1.15, DejaVu and Roboto 1.17, Noto 1.36), as offices set
# them, and the ways to tell one paragraph from the next.
LAYOUTS = [
    *(f"p {{ line-height: {height} }}" for height in (1.15, 1.17, 1.36, 1.5, 2)),
    *(f"p {{ line-height: {height}; margin: 0 0 6pt }}" for height in (1.15, 1.36)),
    *(f"p {{ line-height: {height}; margin: 0; text-indent: 1cm }}" for height in (1.15, 1.36, 1.5)),
    "p { text-align: justify; margin: 0 0 4pt; line-height: 1.36 }",
    "p { font-size: 9pt; line-height: 1.36 }",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_paragraphs_are_told_apart_however_high_a_font_makes_its_lines(layout: str) -> None:
    parts = [f"<p>{FIRST}</p><p>{SECOND}</p>" for _ in range(2)]
    source = f'<p>Nguồn: <a href="{LINK}">Sở Thông tin thành phố</a></p>'
    page = read_page(text_pdf(f"<h1>Lịch tiêm nhắc</h1>{''.join(parts)}{source}", layout), URL)
    paragraphs = [" ".join(text.split()) for text in (FIRST, SECOND)] * 2
    assert [block.text for block in page.blocks] == ["Lịch tiêm nhắc", *paragraphs, "Nguồn: Sở Thông tin thành phố"]


def lines(*rows: tuple[str, float, float, float]) -> list[PdfLine]:
    return [PdfLine(text, left, right, baseline, 13.0) for text, left, right, baseline in rows]


def test_the_lines_of_an_item_of_a_list_belong_together_although_they_are_indented() -> None:
    item = lines(
        ("1. Từ ngày 24 đến 28/11, trạm y tế của ba mươi phường và xã", 60, 480, 700),
        ("mở thêm buổi tiêm chiều cho trẻ.", 75, 300, 682),
        ("2. Mỗi điểm tiêm có hai bàn khám sàng lọc và một phòng theo", 60, 478, 664),
        ("dõi sau tiêm.", 75, 160, 646),
    )
    assert paragraphs_of(item) == [[0, 1], [2, 3]]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    columns = lines(
        ("Từ ngày 24 đến 28/11, trạm y tế", 60, 280, 120),
        ("của ba mươi phường, xã mở thêm", 60, 278, 102),
        ("buổi tiêm chiều cho trẻ nhỏ.", 320, 500, 700),
        ("Mỗi điểm tiêm có hai bàn khám,", 320, 540, 670),
        ("một phòng theo dõi.", 320, 450, 652),
    )
    assert paragraphs_of(columns) == [[0, 1, 2], [3, 4]]


def test_a_line_of_another_size_is_a_paragraph_of_its_own() -> None:
    note = [*lines(("Mỗi điểm tiêm có hai bàn khám", 60, 280, 120)), PdfLine("Ảnh: Sở Y tế", 60, 280, 104, 9.0)]
    assert paragraphs_of(note) == [[0], [1]]


def test_a_file_is_known_by_its_beginning_and_by_its_type() -> None:
    assert is_pdf(b"%PDF-1.7\n", "application/octet-stream")
    assert is_pdf(b"", "application/pdf")
    assert not is_pdf(b"<html>%PDF-1.7", "text/html")


@pytest.mark.parametrize("pages", [1, 3])
def test_a_scan_has_no_text(pages: int) -> None:
    with pytest.raises(UnreadablePage) as caught:
        read_page(scanned_pdf(pages), URL)
    assert caught.value.reason is UnreadableReason.PDF_WITHOUT_TEXT


def test_a_scan_with_the_stamp_of_a_signature_has_no_text() -> None:
    stamp = b"BT /F1 8 Tf 10 10 Td (Ky boi: Cong Thong tin dien tu, ngay 24-11-2026 08:00:00 +07:00) Tj ET"
    shown = pdf.PdfText("", letters=len(stamp), pictures=True, pages=1, cut=False)
    assert not shown.has_text


@pytest.mark.parametrize("body", [b"%PDF-1.7 broken", b"%PDF-", locked_pdf()])
def test_a_damaged_file_and_one_under_a_password_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadablePage) as caught:
        read_page(body, URL)
    assert caught.value.reason is UnreadableReason.PDF_REFUSED


@pytest.mark.long
@pytest.mark.parametrize("stream", [huge_stream, endless_text])
def test_a_small_file_that_is_huge_inside_is_refused_by_the_limits_of_the_child(stream) -> None:  # type: ignore[no-untyped-def]
    body = pdf_with_content(stream())
    assert len(body) < 1_000_000
    before = time.process_time()
    with pytest.raises(UnreadablePage) as caught:
        fetched_text(FetchedBody(body, URL, "application/pdf"))
    assert caught.value.reason is UnreadableReason.TOO_HEAVY
    assert time.process_time() - before < 5  # of this process, which only waits


def test_of_a_file_with_many_pages_the_first_are_read_and_the_rest_is_told() -> None:
    body = pdf_with_content(
        zlib.compress(b"BT /F1 12 Tf 10 10 Td (Thong bao so mot cua quan ve lich cat nuoc) Tj ET"), pages=150
    )
    text = read_pdf(body)
    assert (text.pages, text.cut) == (150, True)
    assert text.html.count("Thong bao") == pdf.MAX_PAGES + 1  # and the title


def test_the_text_of_a_file_is_no_markup() -> None:
    page = read_page(text_pdf(f"<p>&lt;script&gt;alert(1)&lt;/script&gt; {FIRST}</p>"), URL)
    assert "<script>alert(1)</script>" in page.text
    assert page.document.css_first("script") is None
