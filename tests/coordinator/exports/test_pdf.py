import base64
import contextlib
import gc
import importlib.abc
import re
import shutil
import subprocess
import sys
import threading
import unicodedata
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path

import pytest

from coordinator import collecting
from coordinator.exports.document import Section
from coordinator.exports.errors import ExportError
from coordinator.exports.paper import paper_html
from coordinator.exports.pdf import briefing_html, write_pdf
from tests.coordinator.exports.figures import briefing, paper, wide


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


# The smallest picture: one grey dot.
PIXEL = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    + _chunk(b"IEND", b"")
)


def asked(program: str, data: bytes, folder: Path, *options: str, out: str = "") -> str:
    """What one of poppler's programs says about the file."""
    path = shutil.which(program)
    if path is None:
        from tests.conftest import need

        need(program, "Debian: poppler-utils")
    file = folder / "report.pdf"
    file.write_bytes(data)
    command = [path, *options, str(file), *([out] if out else [])]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode("utf-8")


def told(data: bytes, folder: Path) -> str:
    """The text a reader would copy out of the file, pages parted by form feeds."""
    return asked("pdftotext", data, folder, "-layout", out="-")


def test_the_text_comes_out_as_it_went_in_composed_and_in_parts(tmp_path):
    sentence = "Ngưỡng dẫn nguồn: Ễ Ậ ỵ Ữ Ợ ỗ ẵ ằ đã hòa, hủy, xóa đủ 98,5%"
    parts = unicodedata.normalize("NFD", "Nghiệp vụ thẩm định ở Đống Đa")
    text = told(write_pdf(briefing(sections=(Section("Thử chữ", (sentence, parts)),))), tmp_path)
    assert sentence in text
    assert "Nghiệp vụ thẩm định ở Đống Đa" in text
    assert text == unicodedata.normalize("NFC", text)


def test_the_report_says_everything_once(tmp_path):
    text = " ".join(told(write_pdf(briefing()), tmp_path).split())
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "SỞ VĂN HÓA VÀ TRUYỀN THÔNG",
        "Đà Sông, ngày 05 tháng 01 năm 2027",
        "Kính gửi: Ủy ban nhân dân thành phố.",
        "theo luật đếm 2026.3.",
        "I. KẾT QUẢ CHUNG",
        "7.370 đã xác nhận",
        "12.500 chỉ tiêu",
        "Biểu đồ 1. Lượt lan tỏa đã xác nhận, cộng dồn",
        "=1+1 & <b> 12.500 100,0%",
        "Tổng 15.306",
        "Lưu: VT, BC (3).",
        "Trần Minh An",
        "Phụ lục II",
        "https://nhip-song.example/a",
        "javascript:alert(1)",
    ):
        assert text.count(words) == 1, words


def test_pages_are_numbered_from_the_second_and_each_annex_by_itself(tmp_path):
    long = Section("Dài", tuple(f"Đoạn thứ {number} của phần này." for number in range(80)))
    pages = told(write_pdf(briefing(sections=(long,), annexes=(long, long))), tmp_path).split("\f")[:-1]
    heads = [page.lstrip("\n").splitlines()[0].strip() for page in pages]
    numbers = [head if head.isdecimal() else "" for head in heads]
    assert numbers[:2] == ["", "2"]
    begins = [index for index, head in enumerate(heads) if head.startswith("Phụ lục")]
    assert len(begins) == 2
    assert [numbers[index : index + 2] for index in begins] == [["", "2"], ["", "2"]]


def test_the_file_is_a_tagged_pdf_that_names_itself(tmp_path):
    known = asked("pdfinfo", write_pdf(briefing()), tmp_path)
    lines = dict(line.split(":", 1) for line in known.splitlines())
    facts = {name: value.strip() for name, value in lines.items()}
    assert facts["Title"] == "Báo cáo: Kết quả lan tỏa quý IV năm 2026"
    assert facts["Author"] == "Sở Văn hóa và Truyền thông"
    assert facts["Tagged"] == "yes"
    assert facts["JavaScript"] == "no"
    assert facts["Page size"].endswith("(A4)")


def test_only_web_addresses_can_be_followed():
    page = briefing_html(briefing())
    assert '<a href="https://nhip-song.example/a">' in page
    assert 'href="javascript' not in page


def test_words_from_outside_are_text_and_nothing_else():
    page = briefing_html(briefing(abstract='<img src="file:///etc/passwd"> & </title>'))
    assert "<img" not in page
    assert "&lt;img" in page


class _Picture(BaseHTTPRequestHandler):
    """Gives a picture to whoever asks, and remembers that somebody did."""

    def do_GET(self) -> None:
        self.server.asked = True
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(PIXEL)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def neighbour():
    """A web server on loopback that would serve a picture."""
    server = HTTPServer(("127.0.0.1", 0), _Picture)
    server.asked = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("kind", ["file", "http", "data"])
def test_nothing_is_fetched_while_the_file_is_made(kind, neighbour, tmp_path):
    on_disk = tmp_path / "pixel.png"
    on_disk.write_bytes(PIXEL)
    address = {
        "file": on_disk.as_uri(),
        "http": f"http://127.0.0.1:{neighbour.server_port}/pixel.png",
        "data": "data:image/png;base64," + base64.b64encode(PIXEL).decode(),
    }[kind]
    inside = f'<title>x</title><image href="{address}" width="9" height="9"/>'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    data = write_pdf(briefing(sections=(Section("Hình", ("Vẫn in ra.",), chart=picture),)))
    assert "Vẫn in ra." in told(data, tmp_path)
    assert asked("pdfimages", data, tmp_path, "-list").count("\n") == 2  # the two lines of its heading
    assert not neighbour.asked


def test_every_address_is_refused():
    from coordinator.exports.press import Nothing

    for address in ("file:///etc/passwd", "http://127.0.0.1/", "https://a.example/", "data:,x"):
        with pytest.raises(ValueError, match="fetches nothing"):
            Nothing()(address)


PAGES = {
    "a briefing": briefing_html(briefing()),
    "to two": briefing_html(briefing(addressed_to=("Ủy ban nhân dân", "Cục Báo chí"))),
    "a wide table": briefing_html(briefing(sections=(Section("Theo tháng", tables=(wide(),)),))),
    "a paper": paper_html(paper(), "https://lan-toa.example"),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_under_our_own_sheet_is_the_same_to_the_byte_as_under_all_of_htmls(page):
    weasyprint = pytest.importorskip("weasyprint", exc_type=OSError)
    from coordinator.exports import press

    press.elements.cache_clear()
    ours = press.printed(page)
    assert press.elements.cache_info().misses == 1, "WeasyPrint no longer asks for the sheet beneath all others"
    assert ours == weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")


@pytest.mark.parametrize("template", ["briefing.html", "paper.html"])
def test_those_pages_have_every_element_of_the_templates(template):
    source = files("coordinator.exports").joinpath("templates", template).read_text("utf-8")
    assert set(re.findall(r"<([a-z]\w*)", source)) <= set(re.findall(r"<([a-z]\w*)", "".join(PAGES.values())))


class _NoPango(importlib.abc.MetaPathFinder):
    """A machine without the text libraries: importing WeasyPrint fails as the loader of shared libraries does."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


def test_a_machine_without_the_text_libraries_is_told_which_packages_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "coordinator.exports.press", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_NoPango(), *sys.meta_path])
    with pytest.raises(ExportError, match=r"libpango-1\.0-0 libpangoft2-1\.0-0") as caught:
        write_pdf(briefing())
    assert caught.value.code == "pdf_libraries"


def test_the_collector_is_as_it_was_once_the_last_page_is_printed(monkeypatch):
    press = pytest.importorskip("coordinator.exports.press", exc_type=OSError)
    usual = gc.get_threshold()
    seen = []

    class Layout:
        def __init__(self, string, url_fetcher):
            self.string = string

        def write_pdf(self, pdf_variant):
            seen.append(gc.get_threshold())
            if self.string == "outer":
                with contextlib.suppress(ValueError):
                    press.printed("inner")
                seen.append(gc.get_threshold())
            raise ValueError(self.string)

    monkeypatch.setattr(press, "Page", Layout)
    with pytest.raises(ValueError, match="outer"):
        press.printed("outer")
    assert seen == [(press._YOUNG, *collecting._OLDER)] * 3
    assert gc.get_threshold() == usual
