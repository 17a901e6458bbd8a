"""PDF files as pages: paragraphs, links, scans, and files that would stall their reader."""

import time
import zlib

import pytest

from campaigns.discovery.unreadable_reasons import UnreadableReason
from coordinator.discovery.pages import pdf
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.discovery.pages.pdf import PdfRefused, is_pdf, read_pdf
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


@pytest.mark.parametrize("stream", [huge_stream, endless_text])
def test_a_small_file_that_is_huge_inside_is_refused_by_the_limits_of_the_child(stream) -> None:  # type: ignore[no-untyped-def]
    body = pdf_with_content(stream())
    assert len(body) < 1_000_000
    before = time.process_time()
    with pytest.raises(PdfRefused):
        read_pdf(body)
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
