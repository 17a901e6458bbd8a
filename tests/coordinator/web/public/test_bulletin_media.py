"""A bulletin's media where outsiders meet them: its page, its frame, the copy kit and the feeds."""

import json
from typing import Any

import lxml.etree as ET
import pytest
import sqlalchemy as sa
from selectolax.lexbor import LexborHTMLParser

from campaigns.delivery.feed_fetches import FeedFetch
from coordinator.feeds.formats import FORMATS
from tests import sample_media
from tests.coordinator.published_media import BODY, ON_POSTER, SPOKEN, PublishedMedia, publish_with_media
from tests.coordinator.web.application import BASE, RunningApplication
from tests.coordinator.web.public.feed_reader import read_feed

WORDS = [line for text in (ON_POSTER, sample_media.TRANSCRIPT, SPOKEN) for line in text.split("\n")]


def address(media: PublishedMedia, kind: str) -> str:
    item = media.items[kind]
    place = "pictures" if kind == "picture" else "media"
    return f"{BASE}/{place}/{item.ident}.{item.suffix}"


def meta(page: LexborHTMLParser, name: str) -> list[str | None]:
    return [node.attributes.get("content") for node in page.css(f'meta[property="{name}"]')]


def test_the_page_plays_the_media_and_shows_their_words_to_everybody(outside_both: RunningApplication) -> None:
    outside = outside_both
    media = publish_with_media(outside.office)
    answer = outside.get(f"/bulletins/{media.code}")
    page = LexborHTMLParser(answer.text)
    video, audio = page.css_first("article video"), page.css_first("article audio")
    assert (video.attributes["src"], audio.attributes["src"]) == (address(media, "video"), address(media, "audio"))
    assert page.css_first("article video track").attributes["src"].endswith(".vtt")
    assert page.css_first(f'article img[src="{address(media, "picture")}"]') is not None
    assert page.css_first(f'article a[href="{address(media, "document")}"]') is not None
    paragraphs = [node.text() for node in page.css("article p")]
    assert [paragraphs.count(line) for line in WORDS] == [1] * len(WORDS)
    assert f"media-src 'self' {BASE};" in answer.headers["Content-Security-Policy"]
    assert meta(page, "og:video") == [address(media, "video")]
    assert (meta(page, "og:video:type"), meta(page, "og:video:width")) == (["video/mp4"], ["320"])
    assert meta(page, "og:audio") == [address(media, "audio")]
    # What links to the page shows the poster, as it would show a cover.
    assert meta(page, "og:image")[0] == f"{BASE}/pictures/{media.items['picture'].ident}-16x9.jpg"


def test_the_page_tells_machines_of_video_and_audio(outside: RunningApplication) -> None:
    media = publish_with_media(outside.office)
    page = LexborHTMLParser(outside.get(f"/bulletins/{media.code}").text)
    facts = json.loads(page.css_first('script[type="application/ld+json"]').text())
    (video,) = facts["video"]
    poster = media.items["video"].poster
    assert poster is not None
    assert video["@type"] == "VideoObject"
    assert video["contentUrl"] == address(media, "video")
    assert video["thumbnailUrl"] == [f"{BASE}/pictures/{poster.ident}.jpg"]
    assert (video["duration"], video["transcript"]) == ("PT3S", sample_media.TRANSCRIPT)
    assert video["name"]
    assert video["description"]
    assert video["uploadDate"] == facts["datePublished"]
    assert video["caption"]["encodingFormat"] == "text/vtt"
    assert facts["audio"][0]["@type"] == "AudioObject"
    assert address(media, "picture") in facts["image"]


def test_a_bulletin_without_media_says_nothing_of_them(outside: RunningApplication) -> None:
    code = outside.publish("Tin chữ")
    text = outside.get(f"/bulletins/{code}").text
    assert "og:video" not in text
    assert "VideoObject" not in text
    assert f'"{BASE}"' not in outside.get(f"/bulletins/{code}/embed").headers["Content-Security-Policy"]


def test_the_frame_plays_and_after_a_recall_nothing_is_left(outside: RunningApplication) -> None:
    media = publish_with_media(outside.office)
    answer = outside.get(f"/bulletins/{media.code}/embed")
    page = LexborHTMLParser(answer.text)
    assert page.css_first("video").attributes["src"] == address(media, "video")
    assert page.css_first("audio") is not None
    policy = answer.headers["Content-Security-Policy"]
    assert f"media-src 'self' {BASE};" in policy
    assert "script-src 'none'" in policy
    found = outside.get(f"/oembed?url={BASE}/bulletins/{media.code}").get_json()
    assert (found["type"], found["thumbnail_url"]) == (
        "video", f"{BASE}/pictures/{media.items['picture'].ident}-16x9.jpg",
    )  # fmt: skip
    assert found["html"].startswith("<iframe")
    outside.recall(media.code)
    for path in (f"/bulletins/{media.code}", f"/bulletins/{media.code}/embed", f"/bulletins/{media.code}/republish"):
        gone = outside.get(path, 410).text
        assert "<video" not in gone
        assert not any(item.ident in gone or item.text in gone for item in media.items.values() if item.text)


def test_the_kit_has_the_players_and_words_to_paste_and_the_files_to_download(outside: RunningApplication) -> None:
    media = publish_with_media(outside.office)
    kit = outside.get(f"/bulletins/{media.code}/republish.json").get_json()
    assert "<video" in kit["html"]
    for line in [*WORDS, BODY]:
        assert kit["html"].count(line) == kit["text"].count(line) == 1
    page = LexborHTMLParser(outside.get(f"/bulletins/{media.code}/republish").text)
    downloads = [node.attributes["href"] for node in page.css("a[download]")]
    for kind in ("picture", "video", "audio", "document"):
        assert address(media, kind) in downloads
    captions = media.items["video"].captions
    assert captions is not None
    assert f"{BASE}/media/{captions.ident}.vtt" in downloads


@pytest.mark.parametrize("name", FORMATS)
def test_every_feed_names_the_files_and_has_their_words(outside_both: RunningApplication, name: str) -> None:
    outside = outside_both
    media = publish_with_media(outside.office)
    body = outside.get(f"/feeds/{name}").text
    for kind in ("picture", "video", "audio", "document"):
        assert address(media, kind) in body, kind
    assert all(line in body for line in WORDS)
    outside.recall(media.code)
    assert media.items["video"].ident not in outside.get(f"/feeds/{name}").text


def enclosures(body: bytes) -> list[str]:
    return [node.get("url", "") for node in ET.fromstring(body).iter("enclosure")]


def test_the_podcast_lists_spoken_bulletins_only_however_many_others_are_newer(
    outside_both: RunningApplication,
) -> None:
    outside = outside_both
    media = publish_with_media(outside.office)
    written = [outside.publish(f"Tin chữ {number}") for number in range(3)]
    assert enclosures(outside.get("/feeds/audio.xml?limit=2").data) == [address(media, "audio")]
    assert read_feed("rss.xml", outside.get("/feeds/audio.xml").data).titles == ("Lịch tiêm có video",)
    assert not any(code in outside.get("/feeds/audio.xml").text for code in written)
    listed: Any = ET.fromstring(outside.get("/feeds/opml.xml").data)
    assert f"{BASE}/feeds/audio.xml" in [node.get("xmlUrl") for node in listed.iter("outline")]


def test_a_partners_reading_of_its_podcast_is_logged_as_any_other(outside_both: RunningApplication) -> None:
    outside = outside_both
    company, key = outside.partner("Nhịp Sông", ["dich-benh"])
    media = publish_with_media(outside.office)
    assert address(media, "audio") in outside.get(f"/feeds/{key}/audio.xml").text
    with outside.database.read() as session:
        fetch = session.execute(sa.select(FeedFetch)).scalar_one()
        assert (fetch.company_id, fetch.feed, fetch.items) == (company, "audio.xml", 1)


def test_other_sites_players_may_read_media_and_captions(outside: RunningApplication) -> None:
    media = publish_with_media(outside.office)
    captions = media.items["video"].captions
    assert captions is not None
    for path in (address(media, "video"), f"{BASE}/media/{captions.ident}.vtt"):
        answer = outside.get(path, Origin="https://toa-soan.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
