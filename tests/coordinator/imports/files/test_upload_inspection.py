"""Uploaded evidence: recognised by content, rebuilt, and refused when damaged, encrypted, active or a bomb."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.pdf import MAX_PAGES
from coordinator.imports.files.upload_inspection import MAX_BYTES, clean_file, clean_upload


def picture(format_: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format_, **more)
    return out.getvalue()


def paper(change: Callable[[pikepdf.Pdf], None] = lambda _: None, pages: int = 1, **saving: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.docinfo["/Author"] = "CANARY"
        change(pdf)
        pdf.save(out, **saving)
    return out.getvalue()


def refused(body: bytes, tried: Callable[[bytes], Any] = clean_file) -> str:
    with pytest.raises(FileRejected) as exception_info:
        tried(body)
    return exception_info.value.code


@pytest.mark.parametrize(
    ("format_", "mode", "kind"),
    [("PNG", "RGB", "png"), ("PNG", "RGBA", "png"), ("PNG", "P", "png"), ("PNG", "I;16", "png"), ("PNG", "1", "png"),
     ("JPEG", "RGB", "jpeg"), ("JPEG", "CMYK", "jpeg"), ("JPEG", "L", "jpeg"), ("WEBP", "RGBA", "png")],
)  # fmt: skip
def test_pictures_of_every_kind_are_made_anew(format_: str, mode: str, kind: str) -> None:
    clean = clean_file(picture(format_, mode=mode))
    assert (clean.kind, clean.measure) == (kind, "640x480")
    with Image.open(io.BytesIO(clean.body)) as again:
        again.load()
        assert again.size == (640, 480)


def test_a_picture_that_lies_on_its_side_is_turned_upright_and_loses_its_orientation_tag() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CANARY"
    clean = clean_file(picture("JPEG", (640, 480), exif=exif, comment=b"CANARY"))
    assert clean.measure == "480x640"
    assert b"CANARY" not in clean.body


def test_text_profiles_and_tails_of_a_picture_are_left_behind() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "CANARY")
    body = picture("PNG", pnginfo=info, icc_profile=b"CANARY" * 10) + b"PK\x03\x04CANARY<script>"
    assert b"CANARY" not in clean_file(body).body


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_a_cut_off_picture_is_refused(format_: str) -> None:
    noise = Image.effect_noise((640, 480), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, format_)
    for part in (2, 1.2, 1.01):
        assert refused(out.getvalue()[: int(len(out.getvalue()) / part)]) == "unreadable"


def test_a_picture_of_more_pixels_than_anybody_photographs_is_refused_before_it_is_unpacked() -> None:
    assert refused(picture("PNG", (9000, 5000), mode="1")) == "too_many_pixels"
    assert refused(picture("PNG", (20000, 20000), mode="1")) == "too_many_pixels"


def test_a_paper_is_made_anew_from_its_pages_and_tells_nothing_of_who_made_it() -> None:
    def with_link(pdf: pikepdf.Pdf) -> None:
        action = Dictionary(S=Name.URI, URI=String("https://la.example/CANARY"))
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
        pdf.pages[0].obj.Annots = pdf.make_indirect(Array([link]))

    clean = clean_file(paper(with_link, pages=3))
    assert (clean.kind, clean.measure) == ("pdf", "3")
    assert clean.body.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(clean.body)) as again:
        assert len(again.pages) == 3
        assert "/Annots" not in again.pages[0].obj
    assert b"CANARY" not in clean.body


def _open_action(action: Dictionary) -> Callable[[pikepdf.Pdf], None]:
    return lambda pdf: pdf.Root.__setitem__("/OpenAction", action)


def _attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def _hidden_script(pdf: pikepdf.Pdf) -> None:
    inner = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.pages[0].obj["/AA"] = Dictionary(O=Dictionary(S=Name.GoTo, Next=Array([inner])))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_open_action(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))), "scripts"),
        (_hidden_script, "scripts"),
        (_open_action(Dictionary(S=Name.Launch, F=String("calc.exe"))), "launch"),
        (_open_action(Dictionary(S=Name.SubmitForm, F=String("https://la.example/"))), "launch"),
        (_attach, "embedded"),
        (lambda pdf: pdf.Root.__setitem__("/AcroForm", Dictionary(XFA=String("<xdp/>"))), "scripts"),
    ],
)
def test_a_paper_that_acts_is_refused_and_says_why(change: Callable[[pikepdf.Pdf], None], code: str) -> None:
    assert refused(paper(change)) == code


def test_a_paper_that_is_locked_too_long_or_broken_is_refused() -> None:
    assert refused(paper(encryption=pikepdf.Encryption(owner="a", user="b"))) == "encrypted"
    assert refused(paper(encryption=pikepdf.Encryption(owner="a", user=""))) == "encrypted"
    assert refused(paper(pages=MAX_PAGES + 1)) == "too_many_pages"
    assert refused(paper(pages=0)) == "too_many_pages"
    assert refused(paper()[:-60]) == "unreadable"
    assert refused(b"%PDF-1.7\n%%EOF") == "unreadable"


def test_what_a_file_is_is_recognised_by_its_first_bytes_in_the_child_as_outside() -> None:
    assert clean_upload(picture("PNG")).kind == "png"
    assert clean_upload(paper()).kind == "pdf"
    assert refused(b"", clean_upload) == "empty"
    assert refused(b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_BYTES, clean_upload) == "too_large"
    for strange in (b"GIF89a", b"<svg/>", b"PK\x03\x04", b" %PDF-1.7", b"GIF89a" + paper(), b"MZ"):
        assert refused(strange, clean_upload) == "unknown_type"
    assert refused(picture("PNG")[:-40], clean_upload) == "unreadable"


def object_stream_bomb(megabytes: int) -> bytes:
    """A PDF whose table of objects unpacks to so many megabytes."""
    packer = zlib.compressobj(9)
    packed = packer.compress(b"1 0 ")
    for _ in range(megabytes):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.flush()
    body = b"%PDF-1.5\n"
    stream_at = len(body)
    head = f"5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(packed)}>>\nstream\n"
    body += head.encode() + packed + b"\nendstream\nendobj\n"
    table_at = len(body)
    free = bytes(7)
    rows = [free, b"\2" + (5).to_bytes(4, "big") + b"\0\0", free, free, free,
            b"\1" + stream_at.to_bytes(4, "big") + b"\0\0", b"\1" + table_at.to_bytes(4, "big") + b"\0\0"]  # fmt: skip
    table = b"".join(rows)
    body += f"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length {len(table)}>>\nstream\n".encode()
    return body + table + f"\nendstream\nendobj\nstartxref\n{table_at}\n%%EOF".encode()


def test_a_bomb_goes_off_in_the_child_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(object_stream_bomb(1500), clean_upload) in {"too_heavy", "unreadable"}
    assert clean_upload(picture("PNG")).kind == "png"


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coordinator.sandbox.WALL_SECONDS", 0.001)
    assert refused(picture("PNG"), clean_upload) == "too_heavy"
