"""Bodies that a reader may choke on: pages, feeds and lists as careless programs and malicious people make them.

Each is made when it is asked for and is the same every time, so that every process of a run collects the same names.
"""

import gzip
import json
import random
import zlib
from collections.abc import Callable

Make = Callable[[], bytes]

MB = 1_000_000
SECRET = "bi-mat-khong-duoc-doc"  # what an external entity would read if anything ever followed one
TITLE = "Một bài viết bình thường"


def packed(data: bytes) -> bytes:
    """In gzip, without the time of day."""
    return gzip.compress(data, mtime=0)


def zeros(megabytes: int) -> bytes:
    """Megabytes of NUL in a few kilobytes of gzip."""
    maker = zlib.compressobj(9, wbits=31)
    return b"".join([*(maker.compress(bytes(MB)) for _ in range(megabytes)), maker.flush()])


def deflated_zeros(megabytes: int) -> bytes:
    """The same as HTTP's ``deflate``."""
    maker = zlib.compressobj(9)
    return b"".join([*(maker.compress(bytes(MB)) for _ in range(megabytes)), maker.flush()])


def _html(inside: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><title>{TITLE}</title>{head}</head><body>{inside}</body></html>".encode()


def _repeated(piece: str, size: int = int(1.9 * MB)) -> str:
    return piece * (size // len(piece))


def _data(text: str) -> bytes:
    return _html("<article><h1>Tin</h1><p>Chữ.</p></article>", f'<script type="application/ld+json">{text}</script>')


# Pages. All but the ones named so fit below the cap on a page, so that it is the reader who meets them.
PAGES: dict[str, Make] = {
    "empty": lambda: b"",
    "spaces": lambda: b" " * MB,
    "noise": lambda: random.Random(1).randbytes(MB),
    "nul-bytes": lambda: _html("<p>" + "\0a" * 200_000),
    "invalid-utf-8": lambda: b"<html><body><p>" + b"\xc3\x28\xff\xfe\xe1\xba " * 100_000,
    "nested-100000": lambda: _html("<div>" * 100_000),
    "nested-spans": lambda: _html("<span>" * 300_000 + "x"),
    "nested-lists": lambda: _html("<ul><li>" * 150_000 + "x"),
    "nested-tables": lambda: _html("<table><tr><td>" * 100_000 + "x"),
    "nested-quotes": lambda: _html("<blockquote><p>Tin " * 90_000),
    "formats-left-open": lambda: _html("<b><i><p>x" * 150_000),
    "anchors-left-open": lambda: _html("<a href=x><p>x" * 120_000),
    "unknown-elements": lambda: _html("".join(f"<x{number}>" for number in range(200_000))),
    "links-1000000": lambda: _html("".join(f"<a href=/t-i-n-{number}>" for number in range(1_000_000))),
    "links-120000": lambda: _html("".join(f"<a href=/{number}>x</a>" for number in range(120_000))),
    "empty-links": lambda: _html(_repeated("<a href=/mot-tin-rat-moi-40001.html></a>")),
    "attribute-of-a-megabyte": lambda: _html(f'<p class="{"a" * MB}" style="{"display " * 90_000}">x'),
    "attributes-200000": lambda: _html("<p " + "".join(f"a{number}=1 " for number in range(200_000)) + ">x"),
    "address-of-a-megabyte": lambda: _html(f'<a href="http://{"a." * 500_000}example/">x</a>'),
    "base-of-a-megabyte": lambda: _html("<a href=x>x</a>" * 5000, f'<base href="http://h.example/{"a/" * 400_000}">'),
    "canonical-nonsense": lambda: _html("<p>x", '<link rel="canonical" href="http://[::1">' * 20_000),
    "metas-20000": lambda: _html("<p>x", '<meta property="article:published_time" content="1/1/1">' * 20_000),
    "open-tags-only": lambda: _html(_repeated("<")),
    "comments-never-closed": lambda: _html(_repeated("<!--")),
    "scripts-never-closed": lambda: _html(_repeated("<script ")),
    "noscript-never-closed": lambda: _html(_repeated("<noscript>")),
    "noscript-half-a-tag": lambda: _html(_repeated("<noscript ")),
    "noscript-in-noscript": lambda: _html(_repeated("<noscript>") + "</noscript>"),
    "noscript-many": lambda: _html(_repeated("<noscript><p>x</p></noscript>")),
    "entities": lambda: _html(_repeated("&#xD800;&#0;&notit;&")),
    "one-word": lambda: _html(f"<p>{'a' * int(1.9 * MB)}"),
    "one-line-of-dots": lambda: _html(f"<p>{'.' * int(1.9 * MB)}"),
    "dates": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('1/1/1-1.1:1, ')}</p></article>"),
    "digits": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('1')}</p></article>"),
    "days": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('Thứ hai, ngày ngày 24 tháng ')}</p></article>"),
    "colons": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('12:12:')}</p></article>"),
    "sources": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('Theo Nguồn: Nguồn tin : ')}</p></article>"),
    "source-lines": lambda: _html("<article><h1>Tin</h1>" + _repeated("<p>Theo Sở</p>") + "</article>"),
    "source-then-spaces": lambda: _html(f"<article><h1>Tin</h1><p>Nguồn:{'&nbsp;' * 300_000}</p></article>"),
    "brackets": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('((([[[')}</p></article>"),
    "addresses": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('http://')}</p></article>"),
    "addresses-with-dots": lambda: _html(f"<article><h1>Tin</h1><p>{_repeated('www.a.')}</p></article>"),
    "times": lambda: _html("<time datetime='" + "2026-" * 1000 + "'>x</time>" + "<time datetime=1>" * 50_000),
    "headings": lambda: _html("<h1>x" * 100_000),
    "marks-on-one-letter": lambda: _html("<p>a" + "\u0301" * 300_000),
    "backwards": lambda: _html("<p>" + "\u202etin \u2066\u200b" * 100_000),
    "data-nested": lambda: _data("[" * 200_000),
    "data-objects": lambda: _data('{"a":' * 60_000),
    "data-broken": lambda: _data('{"datePublished"' * 18_000),
    "data-huge-number": lambda: _data('{"@type":"NewsArticle","datePublished":' + "9" * 250_000 + "}"),
    "data-many": lambda: _html("<p>x", '<script type="application/ld+json">{"@type":"Article"}</script>' * 20_000),
    "data-wide": lambda: _data(json.dumps({"@graph": [{"@type": ["NewsArticle"] * 20}] * 7_000})),
    "data-with-nul": lambda: _data(
        r'{"@type":"NewsArticle","author":"\u0000\ud800 A","datePublished":"\u0000","headline":"\ud800"}'
    ),
    "forms": lambda: _html('<textarea>http://a.example/x</textarea><input value="http://a.example/">' * 25_000),
    "svg": lambda: _html("<svg><g>" * 100_000),
    "math": lambda: _html("<math><mi>" * 100_000),
    "templates": lambda: _html("<template>" * 100_000),
    "framesets": lambda: _html("<frameset>" * 100_000),
    "selects": lambda: _html("<select><option>" * 80_000),
    "plaintext": lambda: _html("<plaintext>" + "<b>x" * 100_000),
}

_RSS = '<?xml version="1.0"?>{dtd}<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def _rss(items: str, title: str = "Tin", dtd: str = "") -> bytes:
    return _RSS.format(dtd=dtd, title=title, items=items).encode()


def laughs(root: str = "rss") -> str:
    """A document type whose entities grow tenfold with each line: a kilobyte that unfolds to a gigabyte."""
    lines = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "haha">{lines}]>'


def quadratic(root: str = "rss") -> str:
    """One entity of a hundred kilobytes, to be used many thousand times."""
    return f'<!DOCTYPE {root} [<!ENTITY a "{"a" * 100_000}">]>'


def reaching(address: str, root: str = "rss") -> str:
    """A document type that has files and addresses read: this machine's and ``address``."""
    return (
        f'<!DOCTYPE {root} [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY net SYSTEM "{address}">'
        f'<!ENTITY % more SYSTEM "{address}"> %more;]>'
    )


FEEDS: dict[str, Make] = {
    "empty": lambda: b"",
    "noise": lambda: random.Random(2).randbytes(MB),
    "billion-laughs": lambda: _rss("<item><link>/1</link></item>", "&l9;", laughs()),
    "billion-laughs-in-links": lambda: _rss("<item><link>&l9;</link></item>", "Tin", laughs()),
    "quadratic-entity": lambda: _rss("<item><link>/1</link></item>", "&a;" * 10_000, quadratic()),
    "scripts": lambda: _rss(
        "<item><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><link>javascript:alert(1)</link>"
        "<description>&lt;img src=x onerror=alert(1)&gt;</description></item>"
    ),
    "nul-bytes": lambda: _rss("<item><link>/\0</link><title>\0</title></item>" * 10_000),
    "items-100000": lambda: _rss("".join(f"<item><link>/{number}</link></item>" for number in range(100_000))),
    "nested": lambda: _rss("<item>" * 300_000),
    "attributes": lambda: _rss("<item " + "".join(f'a{number}="1" ' for number in range(200_000)) + "/>"),
    "open-tags-only": lambda: b"<rss>" + b"<" * 4 * MB,
    "pub-dates": lambda: _rss("<pubDate>" * 400_000),
    "pub-date-of-spaces": lambda: _rss(f"<item><pubDate>{' ' * 3 * MB}</pubDate></item>"),
    "cdata-never-closed": lambda: _rss("<item><description><![CDATA[" * 100_000),
    "comments-never-closed": lambda: _rss("<!-- " * 600_000),
    "wrong-charset": lambda: _rss("<item><link>/1</link></item>").replace(b"1.0", b'1.0" encoding="utf-32', 1),
    "utf-7": lambda: b'<?xml version="1.0" encoding="utf-7"?>+ADw-rss+AD4-',
    "cut-off": lambda: _rss("<item><title>Tin")[:-40],
    "json-nested": lambda: b"[" * 4 * MB,
    "json-wide": lambda: json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "\ud800\0", "items": [{"id": "\0", "url": 7}] * 90_000}
    ).encode(),
    "json-items-are-numbers": lambda: b'{"version": "https://jsonfeed.org/version/1", "title": 1, "items": 5}',
    "html-instead": lambda: _html("<p>Bảo trì"),
    "names-a-file": lambda: b"/etc/passwd",
    "names-an-address": lambda: b"http://127.0.0.1/",
}

_MAP = '<?xml version="1.0"?>{dtd}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'


def _map(items: str, dtd: str = "") -> bytes:
    return _MAP.format(dtd=dtd, items=items).encode()


SITEMAPS: dict[str, Make] = {
    "empty": lambda: b"",
    "noise": lambda: random.Random(3).randbytes(MB),
    "billion-laughs": lambda: _map("<url><loc>&l9;</loc></url>", laughs("urlset")),
    "quadratic-entity": lambda: _map(f"<url><loc>{'&a;' * 10_000}</loc></url>", quadratic("urlset")),
    "packed-bomb": lambda: zeros(400),
    "packed-in-packed": lambda: packed(packed(zeros(400))),
    "packed-and-cut": lambda: packed(_map("<url><loc>/1</loc></url>"))[:-9],
    "urls-90000": lambda: _map("".join(f"<url><loc>/tin/{number}.html</loc></url>" for number in range(90_000))),
    "nested": lambda: _map("<url>" * 300_000),
    "one-url-of-many-parts": lambda: _map("<url>" + "<image:loc>/1</image:loc>" * 150_000 + "</url>"),
    "attributes": lambda: _map("<url " + "".join(f'a{number}="1" ' for number in range(200_000)) + "/>"),
    "address-of-megabytes": lambda: _map(f"<url><loc>http://{'a.' * 2 * MB}</loc></url>"),
    "moment-of-megabytes": lambda: _map(f"<url><loc>/1</loc><lastmod>{'2026-' * 900_000}</lastmod></url>"),
    "nul-bytes": lambda: _map("<url><loc>/\0</loc></url>"),
    "index-without-end": lambda: (
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + b"<sitemap><loc>/itself.xml</loc></sitemap>" * 50_000
        + b"</sitemapindex>"
    ),
}

LISTINGS: dict[str, Make] = {
    name: PAGES[name]
    for name in (
        "empty", "noise", "nested-100000", "formats-left-open", "anchors-left-open", "links-1000000", "links-120000",
        "empty-links", "attributes-200000", "address-of-a-megabyte", "base-of-a-megabyte", "open-tags-only",
        "comments-never-closed", "scripts-never-closed", "nested-spans", "unknown-elements", "nested-tables",
    )
}  # fmt: skip
