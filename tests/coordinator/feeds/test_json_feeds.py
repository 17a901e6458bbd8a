"""JSON Feed and ninjs."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given

from coordinator.feeds import jsonfeed, ninjs, ninjs_1
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
from tests.coordinator.feeds.schemas import JSON_FEED, NINJS, NINJS_1, NINJS_FEED, check

NEXT = f"{BASE}/feeds/x?after=abc"


def test_a_json_feed_fits_its_standard_and_says_everything_once() -> None:
    feed_item = item(images=(PICTURE,), note="Sửa giờ tiêm")
    feed = json.loads(jsonfeed.render(info(next_url=NEXT), [feed_item, item(2)]))
    check(feed, JSON_FEED)
    assert feed["next_url"] == NEXT
    assert feed["hubs"] == [{"type": "WebSub", "url": f"{BASE}/hub"}]
    first = feed["items"][0]
    assert first["id"] == first["url"] == feed_item.url
    assert first["content_html"] == copy_html(feed_item)
    assert first["content_text"].startswith(feed_item.body_text)
    assert first["content_text"].endswith(f"Nguồn: {SOURCE.name} – {feed_item.url}")
    assert first["date_published"] == "2026-11-24T07:30:00+07:00"
    assert first["image"] == first["attachments"][0]["url"] == PICTURE.url
    assert first["_lantoa"]["correction"] == "Sửa giờ tiêm"
    assert [shown["_lantoa"]["code"] for shown in feed["items"]] == [feed_item.code, item(2).code]


def test_a_json_feed_attaches_files_with_their_sizes_and_seconds() -> None:
    feed = json.loads(jsonfeed.render(info(), [spoken()]))
    check(feed, JSON_FEED)
    (first,) = feed["items"]
    assert first["image"] == POSTED.url
    assert [one["url"] for one in first["attachments"]] == [POSTED.url, VIDEO.url, AUDIO.url, NOTICE.url]
    assert first["attachments"][1] == {
        "url": VIDEO.url, "mime_type": "video/mp4", "title": VIDEO.alt, "size_in_bytes": VIDEO.length,
        "duration_in_seconds": 13,
    }  # fmt: skip
    assert "duration_in_seconds" not in first["attachments"][3]


def test_ninjs_associates_files_with_their_renditions_words_poster_and_captions() -> None:
    shown = json.loads(ninjs.render_item(spoken()))
    check(shown, NINJS)
    names = [one["name"] for one in shown["associations"]]
    assert names == ["picture-1", "video-1", "audio-2", "document-3"]
    video = shown["associations"][1]
    assert (video["type"], video["renditions"][0]["href"], video["renditions"][0]["duration"]) == (
        "video", VIDEO.url, 13,
    )  # fmt: skip
    assert video["bodies"] == [{"role": "transcript", "contentType": "text/plain", "value": VIDEO.text}]
    poster, captions = video["associations"]
    assert (poster["name"], poster["uri"], captions["name"], captions["uri"]) == (
        "poster", POSTER.url, "captions", VIDEO.captions_url,
    )  # fmt: skip
    check(json.loads(ninjs.render(info(), [spoken()])), NINJS_FEED)


def test_ninjs_1_3_names_the_same_files_as_objects() -> None:
    shown = json.loads(ninjs_1.render_item(spoken()))
    check(shown, NINJS_1)
    assert list(shown["associations"]) == ["picture-1", "video-1", "audio-2", "document-3"]
    video = shown["associations"]["video-1"]
    assert video["renditions"]["original"]["duration"] == 13
    assert video["body_text"] == VIDEO.text
    assert video["associations"]["captions"]["renditions"]["original"]["href"] == VIDEO.captions_url


def test_a_json_feed_without_a_next_page_or_items_is_still_one() -> None:
    feed = json.loads(jsonfeed.render(info(), []))
    check(feed, JSON_FEED)
    assert "next_url" not in feed


def test_a_recalled_bulletin_is_absent_from_the_json_feed() -> None:
    feed = json.loads(jsonfeed.render(info(), [recalled(2), item(1)]))
    assert [shown["url"] for shown in feed["items"]] == [item(1).url]


def test_a_bulletin_as_ninjs_fits_the_standard() -> None:
    feed_item = item(images=(PICTURE,), note="Sửa giờ tiêm", revision=3, updated_at=RELEASED + timedelta(hours=1))
    shown = json.loads(ninjs.render_item(feed_item))
    check(shown, NINJS)
    assert shown["uri"] == feed_item.url
    assert shown["pubStatus"] == "usable"
    assert (shown["version"], shown["versionCreated"]) == ("3", "2026-11-24T08:30:00+07:00")
    assert shown["firstCreated"] == "2026-11-24T07:30:00+07:00"
    assert shown["headlines"][0]["value"] == feed_item.title
    assert {body["contentType"] for body in shown["bodies"]} == {"text/html", "text/plain"}
    assert shown["bodies"][0]["value"] == copy_html(feed_item)
    assert {"role": "code", "value": feed_item.code} in shown["altIds"]
    assert shown["infoSources"][0]["name"] == SOURCE.name
    assert SOURCE.name in shown["usageTerms"]
    assert "Sửa giờ tiêm" in shown["edNote"]
    assert shown["associations"][0]["renditions"][0]["sizeInBytes"] == PICTURE.length


def test_a_recalled_bulletin_is_canceled_in_ninjs_with_its_reason_and_none_of_its_text() -> None:
    gone = recalled()
    body = ninjs.render_item(gone)
    shown = json.loads(body)
    check(shown, NINJS)
    assert shown["pubStatus"] == "canceled"
    assert shown["uri"] == gone.url
    assert shown["versionCreated"] == "2026-11-24T09:30:00+07:00"
    assert gone.recall_reason in shown["edNote"]
    assert not shown.keys() & {"bodies", "headlines", "descriptions", "title", "associations"}
    assert "NHẦM" not in body.decode()


def test_a_ninjs_feed_holds_whole_objects_recalled_ones_too() -> None:
    feed = json.loads(ninjs.render(info(next_url=NEXT), [item(1), recalled(2)]))
    check(feed, NINJS_FEED)
    assert [shown["pubStatus"] for shown in feed["items"]] == ["usable", "canceled"]
    assert feed["items"][0] == json.loads(ninjs.render_item(item(1)))
    assert feed["next"] == NEXT
    assert json.loads(ninjs.render(info(), []))["next"] is None


@given(hard_text, hard_text, hard_text)
def test_hard_texts_come_back_from_both_as_they_went_in(title: str, lead: str, body: str) -> None:
    picture = type(PICTURE)(PICTURE.url, 1, 1, "image/png", 1, title)
    feed_item = item(
        title=title, lead=lead, body_html=body, body_text=body, author=title, topic_name=lead, images=(picture,)
    )
    feed: Any = json.loads(jsonfeed.render(info(title=title), [feed_item]))
    check(feed, JSON_FEED)
    assert feed["items"][0]["title"] == feed["title"] == survives(title)
    assert feed["items"][0]["content_html"] == survives(copy_html(feed_item))
    shown = json.loads(ninjs.render_item(feed_item))
    check(shown, NINJS)
    assert shown["headlines"][0]["value"] == survives(title)
    assert shown["descriptions"][0]["value"] == survives(lead)
    assert shown["bodies"][0]["value"] == survives(copy_html(feed_item))


def test_a_bulletin_as_ninjs_1_fits_the_standard_with_its_text_and_pictures() -> None:
    bulletin = item(images=(PICTURE,), note="Sửa giờ tiêm", revision=2)
    shown = json.loads(ninjs_1.render_item(bulletin))
    check(shown, NINJS_1)
    assert (shown["headline"], shown["version"], shown["ednote"]) == (bulletin.title, "2", "Đính chính: Sửa giờ tiêm")
    assert shown["versioncreated"] == "2026-11-24T00:30:00Z"
    assert bulletin.body_html in shown["body_html"]
    assert bulletin.url in shown["body_html"]
    assert bulletin.counter_url not in shown["body_html"]
    assert shown["associations"]["picture-1"]["renditions"]["original"]["href"] == PICTURE.url


def test_a_recalled_bulletin_is_canceled_in_ninjs_1_as_the_next_version_of_the_same_item() -> None:
    gone = recalled()
    body = ninjs_1.render_item(gone)
    shown = json.loads(body)
    check(shown, NINJS_1)
    before = json.loads(ninjs_1.render_item(item(2)))
    assert (shown["uri"], shown["version"], shown["pubstatus"]) == (before["uri"], "2", "canceled")
    assert "NHẦM" not in body.decode()
