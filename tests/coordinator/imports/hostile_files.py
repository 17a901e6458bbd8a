"""A corpus of files that are made to end or stall their reader, by the reader that a person would bring them to.

Run as a program it reads every file (or every n-th), as the product does, and prints one line of JSON: the outcome of
each, and what this process and the children took.
"""

import io
import json
import multiprocessing
import re
import resource
import struct
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pikepdf
import xlsxwriter
from docx import Document
from PIL import Image

from campaigns.core.errors import CampaignError
from campaigns.partners.register.columns import REGISTER
from campaigns.people.staff import Actor, Role
from campaigns.reporting.word_templates import TemplateKind
from coordinator.imports.documents.readers import read_document
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import check_scan, clean_upload, crop_picture
from coordinator.imports.tables.table_reader import read_tables
from coordinator.jobs.reporting.official_letters import check_template, shipped_template

ADMIN = Actor("quan@so.example", "Quân", Role.ADMIN)
FAR_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    b"</sheetData></worksheet>"
)
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
) + b"]>"  # fmt: skip


@dataclass(frozen=True)
class HostileFile:
    """A file: how it is brought, its name, and what makes it."""

    reader: str
    name: str
    title: str
    make: Callable[[], bytes]


def _parts(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def _word_file() -> bytes:
    document = Document()
    document.add_heading("Tiêu đề", 1)
    document.add_paragraph("Một đoạn dẫn.")
    picture = io.BytesIO()
    Image.new("RGB", (20, 20)).save(picture, "PNG")
    picture.seek(0)
    document.add_picture(picture)
    document.add_table(2, 2).cell(0, 0).text = "Ô"
    document.sections[0].header.paragraphs[0].text = "Đầu trang"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Sổ")
        for column, heading in enumerate(("Số giấy phép", "Tên doanh nghiệp", "Tên miền", "Ngày cấp")):
            sheet.write_string(0, column, heading)
            sheet.write_string(1, column, "x")
        sheet.merge_range("A3:A4", "gộp")
        sheet.write_comment("A1", "Ghi chú")
    return out.getvalue()


def moved(parts: dict[str, bytes], part: str, to: str, change: Callable[[bytes], bytes] = lambda body: body) -> bytes:
    """The archive with one part under another name, and every relationship and content type led there."""
    changed: dict[str, bytes] = {}
    folder, _, file = part.rpartition("/")
    for name, body in parts.items():
        if name == part:
            changed[to] = change(body)
            continue
        if name == f"{folder}/_rels/{file}.rels":  # its own relationships move with it
            above, _, last = to.rpartition("/")
            here = b'Target="/' + folder.encode() + b"/"
            changed[f"{above}/_rels/{last}.rels"] = re.sub(rb'Target="(?!/|http)', here, body)
            continue
        led = body
        if name.endswith(".rels"):
            led = re.sub(rb'Target="(?:/|\.\./)*(?:[\w./]*/)?' + re.escape(file.encode()) + b'"',
                          b'Target="/' + to.encode() + b'"', body)  # fmt: skip
        if name == "[Content_Types].xml":
            led = body.replace(b'PartName="/' + part.encode() + b'"', b'PartName="/' + to.encode() + b'"')
        changed[name] = led
    return _packed(changed)


def _after_root(body: bytes, more: bytes) -> bytes:
    """``more`` inside the root element, before everything else."""
    found = re.search(rb"<[A-Za-z][^>]*[^/>]>", body)
    return body if found is None else body[: found.end()] + more + body[found.end() :]


def _with_doctype(body: bytes) -> bytes:
    body = re.sub(rb"^\xef\xbb\xbf|<\?xml[^>]*\?>\s*", b"", body)
    return LAUGHS + _after_root(body, b"&m;")


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda body: body,
    "bomb": lambda body: _after_root(body, b" " * 150_000_000),
    "elements": lambda body: _after_root(body, b"<w:p/>" * 1_500_000),
    "laughs": _with_doctype,
    "nested": lambda body: _after_root(body, b"<a>" * 300_000 + b"</a>" * 300_000),
    "behind rubbish": lambda body: b"\x89PNG\r\n\x1a\n" + b"x" * 1_200_000 + body,
}


def _archives(reader: str, suffix: str, whole: bytes, changes: list[str]) -> Iterator[HostileFile]:
    """Every part of an archive renamed, relinked and changed in each way."""
    parts = _parts(whole)
    top = "xl" if suffix == ".xlsx" else "word"
    for part in parts:
        if part == "[Content_Types].xml":
            continue
        for change in changes:
            to = f"{top}/media/image9.png" if not part.endswith(".rels") else part
            decoyed = {**parts}

            def make(part: str = part, to: str = to, change: str = change, kept: dict[str, bytes] = decoyed) -> bytes:
                body = moved(kept, part, to, CHANGES[change])
                # A decoy with the usual name passes checks that look for names.
                return _packed({**_parts(body), part: kept[part]}) if part.endswith("document.xml") else body

            yield HostileFile(reader, f"a{suffix}", f"{suffix} {part} → {to}: {change}", make)


def _sheet(body: bytes) -> Callable[[], bytes]:
    return lambda: _packed({**_parts(_workbook()), "xl/worksheets/sheet1.xml": body})


def _with_sheet(*pieces: tuple[str, int]) -> bytes:
    return _sheet(_text(*pieces))()


def _tables() -> Iterator[HostileFile]:
    far = {**_parts(_workbook())}
    yield HostileFile(
        "table", "a.xlsx", "a far cell in a sheet among the pictures",
        lambda: moved(far, "xl/worksheets/sheet1.xml", "xl/media/image1.png", lambda _: FAR_SHEET),
    )  # fmt: skip
    yield HostileFile(
        "table", "a.xlsx", "the same behind a megabyte that is not XML",
        lambda: moved(
            far, "xl/worksheets/sheet1.xml", "xl/media/image1.png", lambda _: b"x" * 1_200_000 + FAR_SHEET
        ),
    )  # fmt: skip
    yield HostileFile("table", "a.xlsx", "a far cell", _sheet(FAR_SHEET))
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>1</v></c></row>' % (n, n, n)
                    for n in (1, 2, 1_048_576))  # fmt: skip
    yield HostileFile("table", "a.xlsx", "a last row", _sheet(FAR_SHEET[:91] + rows + b"</sheetData></worksheet>"))
    many = ((FAR_SHEET[:91].decode(), 1), ("<row>" + "<c><v>1</v></c>" * 28 + "</row>", 100_000),
            ("</sheetData></worksheet>", 1))  # fmt: skip
    yield HostileFile("table", "a.xlsx", "3 million cells", partial(_with_sheet, *many))
    yield from _repeated("table", "a.csv", {
        "five million rows": (("a,b\n", 5_000_000),),
        "one cell": (('a,b\n1,"', 1), ("x", 19_000_000), ('"\n', 1)),
        "a million columns": ((",", 10_000_000), ("\n", 1), ("1,", 4_000_000)),
        "an open quote": (('"', 19_999_999),),
        "separators": ((";,|\t", 4_000_000),),
        "NUL": (("\0", 19_000_000),),
    })  # fmt: skip
    yield from _repeated("table", "a.json", {
        "nested": (("[", 10_000_000),),
        "nested objects": (('{"a":', 3_000_000), ("1", 1), ("}", 3_000_000)),
        "a number": (("[", 1), ("1", 20_000_000), ("]", 1)),
        "two million objects": (("[", 1), ('{"a":1},', 2_000_000), ('{"a":1}]', 1)),
        "a wide object": (("{", 1), ('"a":"v",', 2_000_000), ('"b":1}', 1)),
    })  # fmt: skip


Pieces = tuple[tuple[str, int], ...]


def _text(*pieces: tuple[str, int]) -> bytes:
    return "".join(text * count for text, count in pieces).encode()


def _repeated(reader: str, name: str, files: dict[str, Pieces]) -> Iterator[HostileFile]:
    """Files of repeated pieces, made when they are read."""
    for title, pieces in files.items():
        yield HostileFile(reader, name, f"{name[1:]} {title}", partial(_text, *pieces))


def _texts() -> Iterator[HostileFile]:
    for name in ("a.html", "a.txt"):
        yield from _repeated("document", name, {
            "nested": (("<div>", 500_000),),
            "nested tables": (("<table><tr><td>", 150_000),),
            "inline": (("<b><i><a href=x>", 150_000),),
            "paragraphs": (("<p>x", 700_000),),
            "attributes": (("<p ", 1), ("a=1 ", 300_000), (">x", 1)),
            "one attribute": (('<p title="', 1), ("x", 2_900_000), ('">x', 1)),
            "lists": (("<ul><li>", 300_000),),
            "articles": (("<article><p>x</p>", 150_000),),
            "brackets": (("<", 2_900_000),),
            "comments": (("<!--", 700_000),),
            "entities": (("&amp;", 580_000),),
            "laughs": ((LAUGHS.decode() + "<p>&m;", 1),),
            "marks": (("<p>a", 1), ("\u0301", 900_000)),
            "headings": (("<h1>x</h1>", 250_000),),
        })  # fmt: skip
    yield from _repeated("document", "a.md", {
        "quotations": (("> ", 400_000), ("x", 1)),
        "brackets": (("[", 900_000),),
        "stars": (("*a ", 300_000),),
        "ticks": (("`", 900_000),),
        "lists": (("- ", 400_000), ("x", 1)),
        "table": (("|a", 240_000), ("\n", 1), ("|-", 240_000)),
        "links": (("[a](", 200_000),),
        "lines": (("# x\n", 200_000),),
        "html": (("<a ", 300_000),),
        "under": (("_a__", 200_000),),
    })  # fmt: skip
    yield from _repeated("document", "a.json", {
        "nested": (("[", 10_000_000),),
        "texts": (("[", 1), ('{"title":"a","body_html":"<p>b"},', 300_000), ("{}]", 1)),
        "a number": (("9", 19_000_000),),
        "objects": (('{"items":', 1_000_000),),
        "bodies": (("[", 1), ('{"title":"a","body_html":"' + "<div>" * 190_000 + '"},', 18), ("{}]", 1)),
    })  # fmt: skip
    head = "<rss version='2.0'><channel><title>x</title>"
    yield from _repeated("document", "a.xml", {
        "laughs": ((LAUGHS.decode() + head + "<item><title>&m;</title></item></channel></rss>", 1),),
        "nested": ((head, 1), ("<item>", 500_000)),
        "items": ((head, 1), ("<item><title>x</title></item>", 160_000)),
        "a title": ((head, 1), ("<item><title>", 1), ("x", 4_900_000)),
        "attributes": ((head + "<a ", 1), ("b='c' ", 700_000), ("/>", 1)),
        "cdata": ((head + "<item><description><![CDATA[", 1), ("<b>", 1_500_000)),
        "encoding": (("<?xml version='1.0' encoding='utf-7'?>" + head, 1),),
    })  # fmt: skip
    yield HostileFile("document", "a.docx", "a member that lies", lambda: _lying_archive("word/document.xml"))
    yield HostileFile("table", "a.xlsx", "a member that lies", lambda: _lying_archive("xl/workbook.xml"))
    slides = {"[Content_Types].xml": b"<a/>", "ppt/presentation.xml": b"<a>" * 9, "_rels/.rels": b"<a/>"}
    for reader, name in (("document", "a.docx"), ("table", "a.xlsx"), ("template", "a.docx")):
        archives = {
            "100,000 members": lambda: _packed({f"word/{n}": b"" for n in range(100_000)}),
            "a presentation": lambda: _packed(slides),
            "an archive in itself": lambda: _packed({"word/document.xml": _word_file()}),
        }
        for title, make in archives.items():
            yield HostileFile(reader, name, title, make)


def _lying_archive(name: str) -> bytes:
    """An archive whose directory says less than what its member unpacks to."""
    packed = bytearray(_packed({name: b"<a>" + b" " * 400_000_000}))
    at = packed.rindex(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(packed)


def _templates() -> Iterator[HostileFile]:
    parts = _parts(shipped_template(TemplateKind.BRIEFING))
    field = re.search(rb"<w:t[^>]*>", parts["word/document.xml"])
    assert field is not None
    loop = b"{% for a in sections %}" * 40 + b"x" * 2000 + b"{% endfor %}" * 40
    for title, text in {
        "loops": loop, "open": b"{% for a in sections %}", "range": b"{% for a in range(10**9) %}x{% endfor %}",
        "multiplied": b"{{ 'x' * 10**10 }}", "power": b"{{ 9**9**9 }}",
        "nested": b"{% if title %}" * 5000 + b"{% endif %}" * 5000,
    }.items():  # fmt: skip
        body = parts["word/document.xml"].replace(field[0], field[0] + text, 1)
        yield HostileFile(
            "template", "a.docx", f"template: {title}",
            lambda body=body: _packed({**parts, "word/document.xml": body}),  # type: ignore[misc]
        )  # fmt: skip
    outside = b'<Relationship Id="rX" Type="http://x/image" TargetMode="External" Target="http://10.0.0.1/a.png"/>'
    for name in [name for name in parts if name.endswith(".rels")]:
        changed = parts[name].replace(b"</Relationships>", outside + b"</Relationships>")
        for reader in ("template", "document"):
            yield HostileFile(
                reader, "a.docx", f"{reader}: {name} leads outside",
                lambda name=name, changed=changed: _packed({**parts, name: changed}),  # type: ignore[misc]
            )  # fmt: skip


def _png(width: int, height: int, depth: int, colour: int, data: bytes, *more: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in chunks)


@cache  # of a few sizes; each takes seconds
def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


def _saved(format_: str, mode: str, size: tuple[int, int], **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format_, **more)
    return out.getvalue()


def _pictures() -> Iterator[HostileFile]:
    pictures: dict[str, Callable[[], bytes]] = {
        "30,000 × 30,000": lambda: _png(30_000, 30_000, 8, 2, _zeros(10)),
        "4 billion wide": lambda: _png(2**31 - 1, 2**31 - 1, 1, 0, _zeros(1)),
        "a text bomb": lambda: _png(300, 300, 8, 2, _zeros(1), (b"zTXt", b"a\0\0" + _zeros(900))),
        "a profile bomb": lambda: _png(300, 300, 8, 2, _zeros(1), (b"iCCP", b"a\0\0" + _zeros(900))),
        "a long line": lambda: _png(39_000_000, 1, 8, 6, _zeros(160)),
        "40 million pixels": lambda: _saved("PNG", "RGBA", (8000, 5000)),
        "a turned JPEG of 40 million pixels": lambda: _saved("JPEG", "CMYK", (8000, 5000), exif=_turned()),
        "a WebP of 40 million pixels": lambda: _saved("WEBP", "RGB", (8000, 5000)),
        "a JPEG too large": lambda: _saved("JPEG", "L", (60_000, 2000)),
        "cut off": lambda: _saved("PNG", "RGB", (900, 900))[:-100],
        "much data": lambda: _png(300, 300, 8, 2, _zeros(1500)),
        "many chunks": lambda: _png(300, 300, 8, 2, _zeros(1), *[(b"tEXt", b"a\0b")] * 400_000),
    }
    for title, make in pictures.items():
        for reader in ("picture", "proof", "scan"):
            yield HostileFile(reader, "a.png", f"{reader}: {title}", make)


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def pdf_with_stream(body: bytes, *filters: str) -> bytes:
    """A PDF file whose page is drawn by a stream that is packed already."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    stream = pikepdf.Stream(pdf, b"")
    names = [pikepdf.Name(name) for name in filters]
    stream.write(body, filter=names[0] if len(names) == 1 else pikepdf.Array(names))
    pdf.pages[0].obj.Contents = pdf.make_indirect(stream)
    out = io.BytesIO()
    pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def _nested_pdf(value: Any) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.pages[0].obj.Deep = value(pdf)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _raw_pdf(objects: list[bytes]) -> bytes:
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return (
        bytes(body) + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    )


def _papers() -> Iterator[HostileFile]:
    papers: dict[str, Callable[[], bytes]] = {
        "an 800 MB stream": lambda: pdf_with_stream(_zeros(800), "/FlateDecode"),
        "an 800 MB stream, twice packed": lambda: pdf_with_stream(
            zlib.compress(_zeros(800), 9), "/FlateDecode", "/FlateDecode"),
        "run lengths": lambda: pdf_with_stream(b"\x81\0" * 6_500_000, "/RunLengthDecode"),
        "forty streams of 190 MB": lambda: _raw_pdf(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Page/Parent 2 0 R>>"]
            + [b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)
               for packed in [_zeros(190)] * 40]),
        "pages in a circle": lambda: _raw_pdf(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R]>>"]),
        "deep pages": lambda: _raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>"] + [
            b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 1) for n in range(2, 60_000)]),
        "deep arrays": lambda: _raw_pdf([b"<</Type/Catalog/Pages 2 0 R/A " + b"[" * 200_000 + b"]" * 200_000 + b">>"]),
        "300,000 objects": lambda: _raw_pdf(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>"] + [b"<<>>"] * 300_000),
        "a wide array": lambda: _nested_pdf(lambda _: pikepdf.Array([0] * 2_000_000)),
    }  # fmt: skip
    for title, make in papers.items():
        for reader in ("proof", "scan"):
            yield HostileFile(reader, "a.pdf", f"{reader}: {title}", make)


def corpus() -> Iterator[HostileFile]:
    """Every file, the worst ones first."""
    yield from list(_tables())[:4]
    yield from list(_papers())[:2]
    word, table = _word_file(), _workbook()
    yield from _archives("document", ".docx", word, list(CHANGES))
    yield from _archives("table", ".xlsx", table, list(CHANGES))
    yield from _archives(
        "template", ".docx", shipped_template(TemplateKind.BRIEFING), ["as it is", "elements", "laughs"]
    )
    yield from list(_tables())[4:]
    yield from _texts()
    yield from _templates()
    yield from _pictures()
    yield from list(_papers())[2:]


@cache
def whole_corpus() -> list[HostileFile]:
    """Every file of ``corpus``."""
    return list(corpus())


def read(file: HostileFile, body: bytes) -> str:
    """Read a file as the product does; the outcome in a word."""
    try:
        match file.reader:
            case "document":
                found = read_document(file.name, body)
                return "read" if found.texts else "rejected"
            case "table":
                read_tables(file.name, body, knows=REGISTER.headings.field_of)
            case "template":
                check_template(ADMIN, TemplateKind.BRIEFING, file.name, body)
            case "picture":
                crop_picture(body, (0.5, 0.5))
            case "proof":
                clean_upload(body)
            case "scan":
                check_scan(body)
    except (CampaignError, FileRejected) as error:
        return error.code
    return "read"


class PauseWatch:
    """Measures the longest time, in seconds, for which another thread of this process could not run."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._stopped.wait(0.01):
            now = time.monotonic()
            self.longest = max(self.longest, now - before - 0.01)
            before = now

    def stop(self) -> float:
        """End the measurement."""
        self._stopped.set()
        self._thread.join()
        return self.longest


def _made(place: int) -> bytes:
    """The file at a place of the corpus, for a process apart: making one takes more memory than reading it."""
    return whole_corpus()[place].make()


def _most_memory_mb() -> int:
    """The most memory that this process has had; what ``getrusage`` says counts the process that started it too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main(most: int) -> dict[str, Any]:
    """Read so many files, spread evenly over the corpus; what became of each, and what it took."""
    whole = list(enumerate(whole_corpus()))
    most = min(most, len(whole))
    chosen = [whole[place * len(whole) // most] for place in range(most)]
    idle = PauseWatch()
    time.sleep(3)
    found: dict[str, Any] = {
        "files": len(chosen),
        "idle_pause": round(idle.stop(), 3),
        "longest_pause": 0.0,
        "read": {},
    }
    found["began_mb"] = _most_memory_mb()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        for place, file in chosen:
            body = apart.submit(_made, place).result()
            watch, began = PauseWatch(), time.monotonic()
            outcome = read(file, body)
            took, pause = time.monotonic() - began, watch.stop()
            found["read"][f"{file.reader} {file.title}"] = (outcome, round(took, 1))
            found["longest_pause"] = max(found["longest_pause"], round(pause, 3))
            line = f"{took:6.1f} s {pause:6.3f} s  {outcome:18} {len(body):>10,}  {file.reader} {file.title}\n"
            sys.stderr.write(line)
        # The children that were waited for; not the process above, which still runs.
        found["child_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        found["self_mb"] = _most_memory_mb()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else 10_000)))
