"""Sitemaps, news sitemaps and indexes, compressed, broken or hostile."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.sitemap import MAX_BYTES, MAX_ENTRIES, MAX_NEWS_ENTRIES, read_sitemap
from tests.coordinator.hostile_server import bomb

HOME = "https://tin.test/sitemap.xml"
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def urlset(inside: str, namespaces: str = NAMESPACES) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {namespaces}>{inside}</urlset>'.encode()


def news(number: int, published: datetime) -> str:
    return (
        f"<url><loc>https://tin.test/bai-{number}.html</loc><news:news><news:publication><news:name>Tin</news:name>"
        f"<news:language>vi</news:language></news:publication><news:publication_date>{published.isoformat()}"
        f"</news:publication_date><news:title>Bài &amp; số {number}</news:title></news:news></url>"
    )


def test_pages_and_their_times_are_read() -> None:
    read = read_sitemap(
        urlset(
            "<url><loc> https://tin.test/bai-1.html </loc><lastmod>2026-11-24T07:30:00+07:00</lastmod>"
            "<image:image><image:loc>https://tin.test/1.jpg</image:loc><image:title>Ảnh</image:title></image:image></url>"
            "<url><loc>/bai-2.html</loc><changefreq>daily</changefreq></url><url><lastmod>2026</lastmod></url>"
        ),
        HOME,
    )
    first, second = read.entries
    assert first.url == "https://tin.test/bai-1.html"
    assert first.lastmod == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert (first.news_title, first.news_published_at) == ("", None)
    assert second.url == "https://tin.test/bai-2.html"
    assert read.sitemaps == ()


def test_a_news_sitemap_is_read_newest_first_and_cut_at_a_thousand() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    body = urlset("".join(news(number, start + timedelta(minutes=number)) for number in range(1200)))
    entries = read_sitemap(body, HOME).entries
    assert len(entries) == MAX_NEWS_ENTRIES
    assert entries[0].url == "https://tin.test/bai-1199.html"
    assert entries[0].news_title == "Bài & số 1199"
    assert entries[0].news_published_at == start + timedelta(minutes=1199)


def test_an_index_names_its_sitemaps() -> None:
    body = (
        f"<sitemapindex {NAMESPACES}><sitemap><loc>https://tin.test/a.xml.gz</loc><lastmod>2026-11-24</lastmod></sitemap>"
        "<sitemap><loc>/b.xml</loc></sitemap></sitemapindex>"
    )
    read = read_sitemap(body.encode(), HOME)
    assert [entry.url for entry in read.sitemaps] == ["https://tin.test/a.xml.gz", "https://tin.test/b.xml"]
    assert read.sitemaps[0].lastmod == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert read.entries == ()


@pytest.mark.parametrize("namespaces", ["", 'xmlns="http://example.test/wrong"', NAMESPACES.replace("http:", "https:")])
def test_a_wrong_namespace_does_not_matter(namespaces: str) -> None:
    assert len(read_sitemap(urlset("<url><loc>https://tin.test/a</loc></url>", namespaces), HOME).entries) == 1


def test_gzip_is_undone() -> None:
    packed = gzip.compress(urlset("<url><loc>https://tin.test/a</loc></url>"))
    assert read_sitemap(packed, HOME).entries[0].url == "https://tin.test/a"


def test_a_sitemap_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    body = urlset("<url><loc>https://tin.test/a</loc></url><url><loc>https://tin.test/b</loc></url>")[:-30]
    assert [entry.url for entry in read_sitemap(body, HOME).entries] == ["https://tin.test/a"]


def test_only_addresses_of_the_web_are_taken_each_once() -> None:
    links = ("javascript:a", "ftp://tin.test/", "file:///etc/passwd", "https://tin.test/a", "https://tin.test/a#b", "")
    body = urlset("".join(f"<url><loc>{link}</loc></url>" for link in links))
    assert [entry.url for entry in read_sitemap(body, HOME).entries] == ["https://tin.test/a"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html><body>a</body></html>", "an HTML page"),
        (b'<rss version="2.0"><channel/></rss>', "a broken feed"),
        (b"User-agent: *", "plain text"),
        (b"\x1f\x8b\x08broken", "cannot be unpacked"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-6], "cannot be unpacked"),
    ],
)
def test_what_is_no_sitemap_is_reported_to_be_what_it_looks_like(body: bytes, words: str) -> None:
    with pytest.raises(DiscoveryError, match=r"tin\.test.*is not a sitemap") as exception_info:
        read_sitemap(body, HOME)
    assert words in str(exception_info.value)


def test_a_packed_bomb_is_not_unpacked_beyond_the_cap() -> None:
    with pytest.raises(DiscoveryError, match=f"larger than {MAX_BYTES}"):
        read_sitemap(bomb(80), HOME)


def test_entities_bring_nothing_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    body = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file://{secret}">]><urlset><url><loc>https://tin.test/&x;</loc></url></urlset>'
    assert "canary" not in repr(read_sitemap(body.encode(), HOME))


def test_what_stands_before_an_error_is_read() -> None:
    good = "".join(f"<url><loc>https://tin.test/{number}</loc></url>" for number in range(5))
    assert len(read_sitemap(f"<urlset>{good}<url><loc>&nothing;</b></urlset>".encode(), HOME).entries) == 5


@pytest.mark.parametrize(
    "inside",
    ["<url>" * 1_000_000, "<url><loc>https://tin.test/a</loc></url>" * 400_000, "<url " + "a='1' b='2' " * 300_000],
)
def test_a_hostile_sitemap_has_no_more_entries_than_are_read(inside: str) -> None:
    assert len(read_sitemap(urlset(inside), HOME).entries) <= MAX_ENTRIES
