"""PDF files for tests: real ones, a scan, a file under a password, and hostile ones."""

import base64
import io
import zlib
from functools import lru_cache
from importlib import resources

import pikepdf
from fontTools.merge import Merger, Options
from PIL import Image
from weasyprint import HTML

FONT_FILES = resources.files("coordinator.web").joinpath("static/lib/be-vietnam-pro")


@lru_cache(maxsize=1)
def _font() -> str:
    """The address of the product's own font, its three files in one, so that no test depends on a machine's fonts."""
    parts = [str(FONT_FILES.joinpath(f"{part}-400.woff2")) for part in ("vietnamese", "latin-ext", "latin")]
    whole = Merger(Options(drop_tables=["GSUB", "GPOS", "GDEF"])).merge(parts)
    whole.flavor = None
    out = io.BytesIO()
    whole.save(out)
    return "data:font/ttf;base64," + base64.b64encode(out.getvalue()).decode()


def text_pdf(html: str, style: str = "") -> bytes:
    """A page as a browser or an office program prints it, with its links."""
    face = f"@font-face {{ font-family: paper; src: url({_font()}) }} body {{ font-family: paper }}"
    return bytes(HTML(string=f"<style>{face} {style}</style>{html}").write_pdf())


def scanned_pdf(pages: int = 1) -> bytes:
    """Pictures of pages."""
    out = io.BytesIO()
    sheets = [Image.new("RGB", (620, 877), (240 - number, 240, 240)) for number in range(pages)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def locked_pdf() -> bytes:
    """A file that opens with a password only."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def pdf_with_content(stream: bytes, pages: int = 1) -> bytes:
    """A file whose pages all have this compressed content stream."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        content = pdf.make_indirect(pikepdf.Stream(pdf, b""))
        content.write(stream, filter=pikepdf.Name.FlateDecode)
        for _ in range(pages):
            page = pdf.add_blank_page().obj
            page.Contents = content
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        pdf.save(out)
    return out.getvalue()


def huge_stream() -> bytes:
    """800 MB of spaces in less than a megabyte."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(b" " * 10_000_000) for _ in range(80)) + packer.flush()


def endless_text() -> bytes:
    """Half a million pieces of text on one page, in less than two hundred kilobytes."""
    return zlib.compress(b"BT /F1 12 Tf 10 10 Td (abc def ghi) Tj ET\n" * 1_500_000)
