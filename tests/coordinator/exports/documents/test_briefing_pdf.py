import base64
import importlib.abc
import shutil
import subprocess
import sys
import threading
import unicodedata
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from coordinator.exports.documents.briefing import BriefingSection
from coordinator.exports.documents.briefing_files import briefing_html, write_pdf
from coordinator.exports.errors import ExportError
from tests.coordinator.exports.samples import briefing

pytestmark = pytest.mark.long


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


def pdf_text(data: bytes, folder: Path) -> str:
    """The text a reader would copy out of the file, pages parted by form feeds."""
    return asked("pdftotext", data, folder, "-layout", out="-")


def test_the_text_comes_out_as_it_went_in_composed_and_in_parts(tmp_path):
    sentence = "Ngưỡng dẫn nguồn: Ễ Ậ ỵ Ữ Ợ ỗ ẵ ằ đã hòa, hủy, xóa đủ 98,5%"
    parts = unicodedata.normalize("NFD", "Nghiệp vụ thẩm định ở Đống Đa")
    text = pdf_text(write_pdf(briefing(sections=(BriefingSection("Thử chữ", (sentence, parts)),))), tmp_path)
    assert sentence in text
    assert "Nghiệp vụ thẩm định ở Đống Đa" in text
    assert text == unicodedata.normalize("NFC", text)


def test_the_report_says_everything_once(tmp_path):
    text = " ".join(pdf_text(write_pdf(briefing()), tmp_path).split())
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "SỞ VĂN HÓA VÀ TRUYỀN THÔNG",
        "Đà Sông, ngày 05 tháng 01 năm 2027",
        "Kính gửi: Ủy ban nhân dân thành phố.",
        "theo quy tắc tính, phiên bản 2026.3.",
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
    long = BriefingSection("Dài", tuple(f"Đoạn thứ {number} của phần này." for number in range(80)))
    pages = pdf_text(write_pdf(briefing(sections=(long,), annexes=(long, long))), tmp_path).split("\f")[:-1]
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


def test_an_address_in_a_table_is_text():
    page = briefing_html(briefing())
    assert "https://nhip-song.example/a" in page
    assert "<a " not in page


def test_words_from_outside_are_text_and_nothing_else():
    page = briefing_html(briefing(abstract='<img src="file:///etc/passwd"> & </title>'))
    assert "<img" not in page
    assert "&lt;img" in page


class _Picture(BaseHTTPRequestHandler):
    """Serves a picture and records that it was requested."""

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
    data = write_pdf(briefing(sections=(BriefingSection("Hình", ("Vẫn in ra.",), chart=picture),)))
    assert "Vẫn in ra." in pdf_text(data, tmp_path)
    assert asked("pdfimages", data, tmp_path, "-list").count("\n") == 2  # the two lines of its heading
    assert not neighbour.asked


def test_every_address_is_refused():
    from coordinator.exports.pdf import NothingFetcher

    for address in ("file:///etc/passwd", "http://127.0.0.1/", "https://a.example/", "data:,x"):
        with pytest.raises(ValueError, match="fetches nothing"):
            NothingFetcher()(address)


class _NoPango(importlib.abc.MetaPathFinder):
    """A machine without the text libraries: importing WeasyPrint fails as the loader of shared libraries does."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


def test_a_machine_without_the_text_libraries_says_which_packages_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "coordinator.exports.pdf", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_NoPango(), *sys.meta_path])
    with pytest.raises(ExportError, match=r"libpango-1\.0-0 libpangoft2-1\.0-0") as exception_info:
        write_pdf(briefing())
    assert exception_info.value.code == "pdf_libraries"
