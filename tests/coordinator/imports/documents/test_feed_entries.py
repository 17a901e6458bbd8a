"""Feeds read once: entries become texts, and what is no feed is said to be none."""

import json
from pathlib import Path

import pytest

from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.documents.feed_entries import read_feed
from coordinator.imports.documents.readers import parse_document as read_document

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Cổng</title>
<link>https://nguon.example.vn/</link><description>Tin</description>
<item><title>Lấy ý kiến về tuyến xe buýt số 120 &amp; 121</title><link>https://nguon.example.vn/tin/1</link>
<pubDate>Tue, 24 Nov 2026 07:30:00 +0700</pubDate>
<description><![CDATA[<p>Tóm tắt ngắn.</p>]]></description>
<content:encoded><![CDATA[<p>Toàn văn <img src="/anh/1.jpg" alt="Xe"></p><p>Đoạn hai.</p>
<script>alert(1)</script>]]></content:encoded>
</item>
<item><title>Chỉ có tóm tắt</title><pubDate>hôm qua</pubDate>
<link>javascript:alert(1)</link><description>Một đoạn thôi.</description></item>
<item><link>https://nguon.example.vn/tin/3</link><description>Không có tiêu đề.</description></item>
<item><title>Không có gì</title><link>https://nguon.example.vn/tin/4</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Cổng</title><id>urn:x</id><updated>2026-11-24T00:00:00Z</updated>
<entry><title type="html">Giá &lt;b&gt;điện&lt;/b&gt;</title><id>urn:1</id><updated>2026-11-24T00:30:00Z</updated>
<link href="tin/9"/><content type="application/xhtml+xml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Một.</p><p>Hai.</p></div></content>
</entry>
<entry><title>Mã hóa</title><id>urn:2</id><updated>2026-11-24T00:30:00Z</updated>
<content type="text/html" mode="base64">PHA+eDwvcD48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+</content></entry></feed>"""


def test_full_content_comes_before_the_summary_which_becomes_the_lead() -> None:
    texts = read_feed(RSS.encode())
    first = texts.texts[0]
    assert first.title == "Lấy ý kiến về tuyến xe buýt số 120 & 121"
    assert first.lead == "Tóm tắt ngắn."
    assert first.body_html == (
        '<p>Toàn văn <img src="https://nguon.example.vn/anh/1.jpg" alt="Xe"></p><p>Đoạn hai.</p>'
    )
    assert first.source_url == "https://nguon.example.vn/tin/1"
    assert first.published_at is not None
    assert first.published_at.isoformat() == "2026-11-24T00:30:00+00:00"


def test_an_entry_with_a_summary_only_is_taken_with_a_note_and_no_dangerous_link() -> None:
    second = read_feed(RSS.encode()).texts[1]
    assert (second.title, second.body_text, second.source_url) == ("Chỉ có tóm tắt", "Một đoạn thôi.", None)
    assert "summary_only" in {note.code for note in second.notes}


def test_entries_that_cannot_be_bulletins_are_named_with_their_place() -> None:
    texts = read_feed(RSS.encode())
    assert len(texts.texts) == 2
    assert [(rejected_text.row, rejected_text.field, rejected_text.code) for rejected_text in texts.rejected] == [
        (3, "title", "required"),
        (4, "body_html", "required"),
    ]


def test_atom_is_read_and_relative_links_need_where_it_came_from() -> None:
    first, second = read_feed(ATOM.encode(), base="https://nguon.example.vn/feeds/atom.xml").texts
    assert (first.title, first.lead, first.body_html) == ("Giá điện", "Một.", "<p>Hai.</p>")
    assert first.source_url == "https://nguon.example.vn/feeds/tin/9"
    assert "<script" not in second.body_html


def test_a_json_feed_is_a_feed() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "T", "content_html": "<p>B</p>"}]}
    assert read_feed(json.dumps(feed).encode()).texts[0].body_html == "<p>B</p>"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"xin ch\xc3\xa0o",
        b"<!doctype html><html><body><p>Trang</p></body></html>",
        b"<x/>",
        b"%PDF-1.7",
        bytes(99),
    ],
)
def test_what_is_no_feed_is_reported_to_be_none(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as unreadable:
        read_feed(data)
    assert unreadable.value.code == "not_a_feed"


def test_a_feed_whose_encoding_is_garbage_is_damaged() -> None:
    with pytest.raises(UnreadableDocument) as unreadable:
        read_feed(RSS.encode().replace(b'encoding="utf-8"', b'encoding="ut\xf8"'))
    assert unreadable.value.code == "damaged"


def test_bytes_that_name_a_file_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(RSS, encoding="utf-8")
    with pytest.raises(UnreadableDocument):
        read_feed(str(secret).encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_multiply_are_refused_at_once(encoding: str) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    bomb += "]><rss version='2.0'><channel><title>&i;</title></channel></rss>"
    with pytest.raises(UnreadableDocument) as unreadable:
        read_feed(bomb.encode(encoding))
    assert unreadable.value.code == "entities"


def test_a_feed_in_a_file_is_recognised_by_its_suffix() -> None:
    assert len(read_document("tin.rss", RSS.encode()).texts) == 2
