"""RSS, Atom and the sitemap, read by programs that are not ours."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

import fastfeedparser
import feedparser
import lxml.etree as ET
import pytest
from hypothesis import given

from coordinator.feeds import atom, rss, sitemap
from coordinator.feeds.item import copy_html
from tests.coordinator.feeds.samples import (
    AUDIO,
    BASE,
    NOTICE,
    PICTURE,
    POSTED,
    POSTER,
    RELEASED,
    SOURCE,
    VIDEO,
    hard_text,
    info,
    item,
    recalled,
    spoken,
    survives,
)  # fmt: skip

ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "{http://search.yahoo.com/mrss/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def read(body: bytes) -> Any:
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


@pytest.mark.parametrize("write", [rss.render, atom.render])
def test_feedparser_reads_what_was_written(write: Any) -> None:
    feed_item = item(images=(PICTURE,))
    entry = read(write(info(), [feed_item])).entries[0]
    assert entry.title == feed_item.title
    assert entry.link == feed_item.url
    assert entry.author == feed_item.author
    assert entry.content[0].value == copy_html(feed_item)
    assert entry.published_parsed[:5] == (2026, 11, 24, 0, 30)
    assert feed_item.topic_name in [tag.label or tag.term for tag in entry.tags]
    assert entry.enclosures[0].href == PICTURE.url
    assert int(entry.enclosures[0].length) == PICTURE.length


@pytest.mark.parametrize("write", [rss.render, atom.render])
def test_feedparser_reads_the_lead_as_summary(write: Any) -> None:
    feed_item = item(images=(PICTURE,))
    assert read(write(info(), [feed_item])).entries[0].summary == feed_item.lead


@pytest.mark.parametrize("write", [rss.render, atom.render])
def test_fastfeedparser_reads_what_was_written(write: Any) -> None:
    feed_item = item(images=(PICTURE,))
    entry = fastfeedparser.parse(write(info(), [feed_item])).entries[0]
    assert entry.title == feed_item.title
    assert entry.link == feed_item.url
    assert "sổ tiêm chủng" in entry.content[0]["value"]
    assert entry.published.startswith("2026-11-24T00:30")


@pytest.mark.parametrize("write", [rss.render, atom.render])
def test_a_feed_says_where_it_is_who_its_hub_is_and_where_it_goes_on(write: Any) -> None:
    about = info(next_url=f"{BASE}/feeds/x?after=abc&limit=2")
    links = {link.rel: link.href for link in read(write(about, [item()])).feed.links}
    assert links["self"] == about.self_url
    assert links["hub"] == about.hub_url
    assert links["next"] == about.next_url


@pytest.mark.parametrize("write", [rss.render, atom.render])
def test_a_feed_without_a_next_page_has_no_such_link(write: Any) -> None:
    assert "next" not in {link.rel for link in read(write(info(), [])).feed.links}


def test_an_rss_item_carries_everything_crawlers_look_for() -> None:
    feed_item = item(images=(PICTURE,))
    node = ET.fromstring(rss.render(info(), [feed_item])).find("channel/item")
    assert node is not None
    assert node.findtext("pubDate") == "Tue, 24 Nov 2026 07:30:00 +0700"
    assert parsedate_to_datetime(str(node.findtext("pubDate"))) == RELEASED
    guid, source, media = node.find("guid"), node.find("source"), node.find(f"{MEDIA}content")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (feed_item.url, "true")
    assert source is not None
    assert (source.text, source.get("url")) == (SOURCE.name, SOURCE.feed_url)
    assert node.findtext(f"{DC}creator") == feed_item.author
    assert media is not None
    assert dict(media.attrib) == {
        "url": PICTURE.url, "medium": "image", "type": "image/jpeg", "fileSize": "54321",
        "width": "1200", "height": "800",
    }  # fmt: skip
    assert media.findtext(f"{MEDIA}description") == PICTURE.alt


def test_an_rss_item_names_its_files_for_players() -> None:
    body = rss.render(info(), [spoken()])
    (node,) = ET.fromstring(body).iterfind("channel/item")
    (enclosure,) = node.iterfind("enclosure")
    assert dict(enclosure.attrib) == {"url": VIDEO.url, "length": str(VIDEO.length), "type": "video/mp4"}
    (video, audio, notice) = node.iterfind(f"{MEDIA}group")
    content = video.find(f"{MEDIA}content")
    assert content is not None
    assert dict(content.attrib) == {
        "url": VIDEO.url, "medium": "video", "type": "video/mp4", "fileSize": str(VIDEO.length), "width": "1080",
        "height": "1920", "duration": "13",
    }  # fmt: skip
    assert video.findtext(f"{MEDIA}description") == VIDEO.alt
    thumbnail, captions = video.find(f"{MEDIA}thumbnail"), video.find(f"{MEDIA}subTitle")
    assert thumbnail is not None
    assert captions is not None
    assert thumbnail.get("url") == POSTER.url
    assert (captions.get("href"), captions.get("type"), captions.get("lang")) == (VIDEO.captions_url, "text/vtt", "vi")
    assert [group.find(f"{MEDIA}content").get("medium") for group in (audio, notice)] == ["audio", "document"]  # type: ignore[union-attr]
    transcript = node.find("{https://podcastindex.org/namespace/1.0}transcript")
    assert transcript is not None
    assert (transcript.get("url"), transcript.get("rel")) == (VIDEO.captions_url, "captions")
    entry = read(body).entries[0]
    assert [enclosure.href for enclosure in entry.enclosures] == [VIDEO.url]
    assert {media["url"] for media in entry.media_content} == {POSTED.url, VIDEO.url, AUDIO.url, NOTICE.url}


def test_the_podcast_has_the_spoken_bulletins_with_their_audio_first() -> None:
    body = rss.render_audio(info(home_url=f"{BASE}/"), [item(1), spoken(2), recalled(3)])
    parsed = read(body)
    (entry,) = parsed.entries
    assert entry.link == spoken(2).url
    assert [(one.href, one.type) for one in entry.enclosures] == [(AUDIO.url, "audio/mpeg")]
    assert entry.itunes_duration == "61"
    assert parsed.feed.image.href == f"{BASE}/logo.png"
    channel = ET.fromstring(body).find("channel")
    assert channel is not None
    itunes = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
    assert channel.findtext(f"{itunes}explicit") == "false"
    assert channel.findtext(f"{itunes}author") == SOURCE.name


def test_an_atom_entry_encloses_pictures_and_files_with_their_sizes() -> None:
    (entry,) = read(atom.render(info(), [spoken()])).entries
    assert [(one.href, int(one.length), one.type) for one in entry.enclosures] == [
        (file.url, file.length, file.mime) for file in (POSTED, VIDEO, AUDIO, NOTICE)
    ]


def test_an_enclosure_of_unknown_size_says_zero() -> None:
    picture = type(PICTURE)(PICTURE.url, None, None, "image/png", None, "")
    node = ET.fromstring(rss.render(info(), [item(images=(picture,))])).find("channel/item/enclosure")
    assert node is not None
    assert node.get("length") == "0"


def test_a_recalled_bulletin_is_absent_from_rss() -> None:
    body = rss.render(info(), [item(1), recalled(2)])
    assert len(read(body).entries) == 1
    assert b"BT-2026-11-24-002" not in body


def test_a_recalled_bulletin_is_a_tombstone_in_atom_with_its_reason_and_none_of_its_text() -> None:
    gone = recalled(2)
    body = atom.render(info(), [item(1), gone])
    root = ET.fromstring(body)
    (stone,) = root.findall(f"{AT}deleted-entry")
    assert stone.get("ref") == gone.id
    assert stone.get("when") == "2026-11-24T09:30:00+07:00"
    assert gone.recall_reason in str(stone.findtext(f"{AT}comment"))
    assert len(root.findall(f"{ATOM}entry")) == 1
    assert "NHẦM" not in body.decode()


def test_a_correction_raises_updated_and_keeps_the_identifier_and_the_first_date() -> None:
    first = item()
    second = item(
        revision=2, title="Tiêm vắc xin sởi", updated_at=RELEASED + timedelta(microseconds=7), note="Sửa giờ tiêm"
    )
    before, after = (read(atom.render(info(), [feed_item])).entries[0] for feed_item in (first, second))
    assert after.id == before.id
    assert after.published == before.published
    assert after.updated > before.updated
    assert "Đính chính:</strong> Sửa giờ tiêm" in after.content[0].value
    node = ET.fromstring(rss.render(info(), [second])).find(f"channel/item/{ATOM}updated")
    assert node is not None
    assert node.text == after.updated


def test_an_atom_identifier_depends_neither_on_the_path_nor_on_the_text() -> None:
    assert (
        item().id
        == item(url=f"{BASE}:8443/moved/1", title="x").id
        == "tag:tin.thudo.example,2026-11-24:BT-2026-11-24-001"
    )
    assert item(1).id != item(2).id


def test_the_day_in_an_identifier_is_the_citys() -> None:
    late = RELEASED.replace(hour=18)
    assert ",2026-11-25:" in item(released_at=late, updated_at=late).id


def test_a_full_text_ends_with_the_source_link_and_the_counter_image() -> None:
    feed_item = item()
    html = read(rss.render(info(), [feed_item])).entries[0].content[0].value
    assert html.startswith(feed_item.body_html)
    assert html.index(f'<a href="{feed_item.url}">{SOURCE.name}</a>') < html.index(
        f'<img src="{feed_item.counter_url}"'
    )
    without = read(rss.render(info(), [item(counter_url=None)])).entries[0].content[0].value
    assert "<img" not in without


@given(hard_text, hard_text, hard_text)
def test_hard_texts_come_back_from_rss_as_they_went_in(title: str, lead: str, body: str) -> None:
    feed_item = item(title=title, lead=lead, body_html=body, author=title, topic_name=lead, note=body)
    node = ET.fromstring(rss.render(info(title=title), [feed_item])).find("channel/item")
    assert node is not None
    shown = [unescape(str(node.findtext(name))) for name in ("title", "description")]
    assert shown == [survives(title), survives(lead)]
    assert node.findtext(CONTENT) == survives(copy_html(feed_item))


@given(hard_text, hard_text, hard_text)
def test_hard_texts_come_back_from_atom_as_they_went_in(title: str, lead: str, body: str) -> None:
    feed_item = item(title=title, lead=lead, body_html=body, author=title, topic_name=lead, note=body)
    node = ET.fromstring(atom.render(info(title=title), [feed_item])).find(f"{ATOM}entry")
    assert node is not None
    assert (node.findtext(f"{ATOM}title"), node.findtext(f"{ATOM}summary")) == (survives(title), survives(lead))
    assert node.findtext(f"{ATOM}content") == survives(copy_html(feed_item))
    category = node.find(f"{ATOM}category")
    assert category is not None
    assert category.get("label") == survives(lead)


@given(hard_text)
def test_hard_reasons_leave_a_tombstone_well_formed(reason: str) -> None:
    gone = item(recalled_at=RELEASED + timedelta(hours=1), recall_reason=reason)
    (stone,) = ET.fromstring(atom.render(info(), [gone])).findall(f"{AT}deleted-entry")
    assert survives(reason) in str(stone.findtext(f"{AT}comment"))


def test_empty_feeds_are_valid() -> None:
    assert read(rss.render(info(), [])).entries == []
    assert read(atom.render(info(), [])).entries == []
    assert len(ET.fromstring(sitemap.render([]))) == 0


def test_the_sitemap_names_each_bulletin_with_its_dates_title_and_publisher() -> None:
    bulletins = [item(1), item(2)]
    root = ET.fromstring(sitemap.render(bulletins))
    assert [node.findtext(f"{MAP}loc") for node in root] == [bulletin.url for bulletin in bulletins]
    news = root[0].find(f"{NEWS}news")
    assert news is not None
    assert news.findtext(f"{NEWS}publication/{NEWS}name") == SOURCE.name
    assert news.findtext(f"{NEWS}publication/{NEWS}language") == "vi"
    assert news.findtext(f"{NEWS}publication_date") == "2026-11-24T07:30:00+07:00"
    assert news.findtext(f"{NEWS}title") == bulletins[0].title


def test_the_sitemap_takes_no_recalled_bulletin() -> None:
    with pytest.raises(ValueError, match="recalled"):
        sitemap.render([recalled()])


@given(hard_text)
def test_hard_titles_leave_the_sitemap_well_formed(title: str) -> None:
    root = ET.fromstring(sitemap.render([item(title=title)]))
    assert root.findtext(f".//{NEWS}title") == survives(title)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        item(updated_at=RELEASED.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no time zone"):
        info(updated_at=RELEASED.astimezone(UTC).replace(tzinfo=None))
