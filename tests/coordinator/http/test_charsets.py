"""Text from bytes whose encoding is declared rightly, wrongly or not at all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.http.charsets import decode

TEXT = "Hà Nội đẩy mạnh tiêm chủng vắc xin cho trẻ em trong tháng mười một, các phường đều có điểm tiêm."
TONES = "\u0300\u0301\u0303\u0309\u0323"


def in_1258(text: str) -> bytes:
    """Windows-1258 as Vietnamese programs wrote it: the tone mark follows its letter."""
    written = bytearray()
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        written += (base + "".join(part for part in parts if part in TONES)).encode("cp1258")
    return bytes(written)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=iso-8859-1",
        "text/html; charset=windows-1258",
        "text/html; charset=nonsense",
        "text/html; charset=utf-7",
        "text/html; charset=",
    ],
)
def test_utf8_is_utf8_whatever_the_header_says(content_type: str) -> None:
    assert decode(TEXT.encode(), content_type) == TEXT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed_and_dropped(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "text/html; charset=windows-1252") == TEXT


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (in_1258(TEXT), "text/html; charset=windows-1258"),
        (b'<?xml version="1.0" encoding="windows-1258"?>' + in_1258(TEXT), "text/xml"),
        (b'<html><head><meta charset="windows-1258">' + in_1258(TEXT), ""),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1258">' + in_1258(TEXT), ""),
        (in_1258(TEXT), ""),
        (TEXT.encode("utf-16-le"), "text/html; charset=utf-16"),
    ],
)
def test_another_encoding_is_found_by_header_declaration_or_guess(body: bytes, content_type: str) -> None:
    assert unicodedata.normalize("NFC", decode(body, content_type)).endswith(TEXT)


def test_latin1_means_what_browsers_take_it_for() -> None:
    assert decode(b"\x93quoted\x94 caf\xe9", "text/html; charset=iso-8859-1") == "“quoted” café"


def test_one_cut_character_does_not_garble_the_rest() -> None:
    assert decode(TEXT.encode() + "ộ".encode()[:2]) == TEXT + "\ufffd"


@given(st.binary(max_size=400), st.text(max_size=60))
def test_no_bytes_and_no_label_make_it_fail(body: bytes, label: str) -> None:
    assert isinstance(decode(body, "text/html; charset=" + label), str)
    assert isinstance(decode(b"<meta charset=" + label.encode() + b">" + body), str)
