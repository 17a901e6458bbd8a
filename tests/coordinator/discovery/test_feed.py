"""Feeds: the three formats, damaged and hostile ones, and other documents."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import MAX_BYTES, MAX_ENTRIES, Feed, read_feed

pytestmark = pytest.mark.long

HOME = "https://tin.test/rss/moi.xml"
MORNING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Tin &amp; bài</title><link>https://tin.test/</link>
<item><title>Hà Nội tiêm chủng &lt;b&gt;đợt hai&lt;/b&gt;</title><link>/y-te/bai-1.html#top</link>
<guid isPermaLink="false">g-1</guid><pubDate>Tue, 24 Nov 2026 07:30:00 +0700</pubDate>
<description><![CDATA[<p>Tóm tắt</p>]]></description>
<content:encoded><![CDATA[<p>Toàn văn của bài</p>]]></content:encoded></item>
<item><title>Bài hai</title><guid>https://tin.test/bai-2.html</guid></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">Tin &amp;amp; bài</title>
<entry><id>tag:tin.test,2026:1</id><title type="html">Giá &amp;lt; 5%</title>
<link rel="self" href="/atom/1"/><link rel="alternate" href="../bai-1?a=1&amp;b=2"/>
<updated>2026-11-24T00:30:00Z</updated><content type="html">&lt;p&gt;Toàn văn</content></entry></feed>"""

JSON = """{"version":"https://jsonfeed.org/version/1.1","title":"Tin","items":[{"id":"1","url":"/bai-1",
"title":"Bài một","content_html":"<p>Toàn văn</p>","date_published":"2026-11-24T07:30:00+07:00"}]}"""


def feed(text: str, url: str = HOME) -> Feed:
    return read_feed(text.encode(), url)


def one_item(inside: str) -> Feed:
    return feed(f'<rss version="2.0"><channel><title>t</title><item>{inside}</item></channel></rss>')


def test_rss_is_read() -> None:
    read = feed(RSS)
    assert read.title == "Tin & bài"
    first, second = read.entries
    assert (first.url, first.title) == ("https://tin.test/y-te/bai-1.html", "Hà Nội tiêm chủng đợt hai")
    assert (first.published_at, first.id) == (MORNING, "g-1")
    assert first.content == "<p>Toàn văn của bài</p>"
    assert (second.url, second.published_at) == ("https://tin.test/bai-2.html", None)


def test_atom_is_read() -> None:
    (entry,) = feed(ATOM).entries
    assert (entry.url, entry.title) == ("https://tin.test/bai-1?a=1&b=2", "Giá < 5%")
    assert (entry.published_at, entry.id) == (MORNING, "tag:tin.test,2026:1")
    assert entry.content == "<p>Toàn văn"


def test_json_feed_is_read() -> None:
    (entry,) = feed(JSON).entries
    assert (entry.url, entry.title, entry.published_at) == ("https://tin.test/bai-1", "Bài một", MORNING)


@pytest.mark.parametrize(
    "written",
    [
        "Tue, 24 Nov 2026 07:30:00",
        "2026-11-24 07:30:00",
        "24/11/2026 07:30",
        "24/11/2026 7:30:00 SA",
        "<![CDATA[2026-11-24T07:30:00]]>",
        "Tue, 24 Nov 2026 07:30:00 GMT+7",
        "Tue, 24 Nov 2026 00:30:00 GMT",
    ],
)
def test_a_time_without_a_zone_is_the_citys(written: str) -> None:
    (entry,) = one_item(f"<title>a</title><link>/a</link><pubDate>{written}</pubDate>").entries
    assert entry.published_at == MORNING


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_are_found(encoding: str) -> None:
    text = RSS.replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    assert read_feed(text.encode(encoding), HOME).entries[0].title == "Hà Nội tiêm chủng đợt hai"


@pytest.mark.parametrize(
    "body",
    [
        RSS[: RSS.index("<item><title>Bài hai")],  # broken off
        "\n\n  " + RSS,  # blank lines in front
        RSS.replace("Tóm tắt", "Tóm & tắt <br> &nbsp; \x0b"),
        RSS.replace("&amp; bài", "& bài"),  # an ampersand that is none
        "<br />\n<b>Warning</b>: mysql\n" + RSS,
    ],
)
def test_a_damaged_feed_is_still_read(body: str) -> None:
    assert feed(body).entries[0].url == "https://tin.test/y-te/bai-1.html"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,a",
        "ftp://tin.test/a",
        "mailto:a@tin.test",
        "file:///etc/passwd",
        "https://a@tin.test/",
        "https://[tin/",
    ],
)
def test_only_links_of_the_web_are_taken(link: str) -> None:
    assert one_item(f"<title>a</title><link>{link}</link>").entries == ()


def test_an_entry_that_stands_twice_counts_once_and_the_first_wins() -> None:
    item = "<item><title>{}</title><link>/a</link></item>"
    text = f'<rss version="2.0"><channel>{item.format("một")}{item.format("hai")}</channel></rss>'
    assert [entry.title for entry in feed(text).entries] == ["một"]


def test_of_an_endless_feed_the_head_is_taken() -> None:
    items = "".join(f"<item><title>a</title><link>/{number}</link></item>" for number in range(3000))
    assert len(feed(f'<rss version="2.0"><channel>{items}</channel></rss>').entries) == MAX_ENTRIES


def test_a_feed_without_entries_is_a_feed() -> None:
    assert feed('<rss version="2.0"><channel><title>Trống</title></channel></rss>').entries == ()
    assert feed('<feed xmlns="http://www.w3.org/2005/Atom"><title>Trống</title></feed>').title == "Trống"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"<!DOCTYPE html><html><head><title>Trang</title></head><body>a</body></html>", "an HTML page"),
        (b"<html><body><p>a", "an HTML page"),
        (b'{"a": 1}', "JSON"),
        (b"<urlset><url><loc>https://tin.test/</loc></url></urlset>", "a sitemap"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"\x00\x01\x02", "a binary file"),
        (b"404 page not found", "plain text"),
        (b"<opml><body/></opml>", "an HTML page"),
        (b"<note>a</note>", "some other XML"),
    ],
)
def test_what_is_no_feed_is_reported_to_be_what_it_looks_like(body: bytes, words: str) -> None:
    with pytest.raises(DiscoveryError, match=r"tin\.test.*is not a feed") as exception_info:
        read_feed(body, HOME)
    assert words in str(exception_info.value)


def test_a_feed_beyond_the_cap_is_not_read() -> None:
    with pytest.raises(DiscoveryError, match="larger than"):
        read_feed(RSS.encode() + b" " * MAX_BYTES, HOME)


def test_bytes_that_name_a_file_or_an_address_open_neither(tmp_path: Path) -> None:
    kept = tmp_path / "feed.xml"
    kept.write_text(RSS)
    for body in (str(kept).encode(), b"http://127.0.0.1:9/", b"file:///etc/passwd"):
        with pytest.raises(DiscoveryError):
            read_feed(body, HOME)


def test_an_external_entity_brings_nothing_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    for doctype in (f'<!ENTITY x SYSTEM "file://{secret}">', f'<!ENTITY % x SYSTEM "file://{secret}"> %x;'):
        text = f"<!DOCTYPE rss [{doctype}]>" + '<rss version="2.0"><channel><title>&x;</title><item><title>&x;</title>'
        text += "<link>/a</link><description>&x;</description></item></channel></rss>"
        assert "canary" not in repr(feed(text))


_LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
_OPEN = '<rss version="2.0"><channel>'
BOMBS = {
    "laughs": f'<!DOCTYPE rss [<!ENTITY l0 "lol">{_LAUGHS}]>{_OPEN}<title>&l9;</title></channel></rss>',
    "quadratic": f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>{_OPEN}<title>{"&a;" * 50_000}</title></channel></rss>',
    "deep": '<rss version="2.0"><channel><item>' + "<a>" * 1_600_000,
    "deep text": f"{_OPEN}<item><description>{'&lt;a&gt;' * 500_000}</description></item></channel></rss>",
    "deep xhtml": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">' + "<div>" * 900_000,
    "attributes": '<rss version="2.0" ' + " ".join(f'a{number}="1"' for number in range(380_000)) + "/>",
    "many items": '<rss version="2.0"><channel>' + "<item><title>a</title><link>/a</link></item>" * 100_000,
    "brackets": '{"version":"https://jsonfeed.org/version/1.1","items":' + "[" * 2_000_000,
}

_READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
try:
    text = repr(read_feed(sys.stdin.buffer.read(), "https://tin.test/"))
except DiscoveryError as error:
    text = str(error)
assert len(text) < 200_000, len(text)
"""


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_bomb_takes_neither_time_nor_memory(kind: str, encoding: str) -> None:
    body = BOMBS[kind].encode(encoding)[:MAX_BYTES]
    began = time.monotonic()
    # In a process of its own, whose memory can be limited and whose crash would be seen.
    done = subprocess.run([sys.executable, "-c", _READ], input=body, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert time.monotonic() - began < 30
