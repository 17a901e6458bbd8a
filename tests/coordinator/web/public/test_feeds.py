"""The four public feeds: full text, topics and limits, corrections and recalls, and the errors of invalid queries."""

import gzip
import itertools
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from coordinator.db import Database
from coordinator.feeds.formats import FORMATS
from tests.coordinator.web.application import BASE, FORMS, RunningApplication
from tests.coordinator.web.public.feed_reader import read_feed

# HTTP around the feeds: validators, 304, gzip, HEAD, and what caches may keep.


NOT_MODIFIED = ("ETag", "Cache-Control", "Vary")


def tag(outside: RunningApplication, path: str) -> str:
    return outside.get(path).headers["ETag"]


@pytest.mark.parametrize("name", FORMS)
def test_a_reader_that_has_it_already_gets_304_until_something_changes(outside: RunningApplication, name: str) -> None:
    path = f"/feeds/{name}"
    code = outside.publish("Tin đầu", body="Bản đầu.")
    outside.clock.forward(minutes=1)
    known = outside.get(path)
    for answer in (
        outside.get(path, 304, If_None_Match=known.headers["ETag"]),
        outside.get(path, 304, If_None_Match=f'"x", {known.headers["ETag"]}'),
        outside.get(path, 304, If_Modified_Since=known.headers["Last-Modified"]),
    ):
        assert answer.data == b""
        assert answer.headers["ETag"] == known.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert "Content-Type" not in answer.headers
    seen = {known.headers["ETag"]}
    for change in (
        lambda: outside.publish("Tin hai"),
        lambda: outside.correct(code, "Tin đầu (sửa)", "Bản hai.", "Sửa"),
        lambda: outside.recall(code),
    ):
        outside.clock.forward(minutes=1)
        change()
        outside.clock.forward(minutes=1)
        after = outside.get(path, If_None_Match=known.headers["ETag"])
        outside.get(path, 200, If_Modified_Since=known.headers["Last-Modified"])
        assert after.headers["ETag"] not in seen
        seen.add(after.headers["ETag"])


def test_a_release_changes_the_validator_at_its_moment_without_anybody_doing_anything(
    outside: RunningApplication,
) -> None:
    outside.publish()
    outside.schedule("Hẹn giờ", hours=1)
    before = tag(outside, "/feeds/rss.xml")
    outside.clock.forward(hours=1, microseconds=-1)
    outside.get("/feeds/rss.xml", 304, If_None_Match=before)
    outside.clock.forward(microseconds=1)
    assert read_feed("rss.xml", outside.get("/feeds/rss.xml", If_None_Match=before).data).titles[0] == "Hẹn giờ"


def test_scheduling_drafting_and_taking_back_change_no_validator(outside: RunningApplication) -> None:
    outside.publish()
    before = [outside.get(f"/feeds/{name}") for name in FORMS]
    outside.draft("Bản nháp")
    outside.schedule("Hẹn giờ")
    for name, known in zip(FORMS, before, strict=True):
        after = outside.get(f"/feeds/{name}")
        assert (after.headers["ETag"], after.data) == (known.headers["ETag"], known.data)


def test_another_question_has_another_validator(outside: RunningApplication) -> None:
    outside.publish(topic="dich-benh")
    paths = [f"/feeds/{name}{query}" for name in FORMS for query in ("", "?limit=3", "?topic=dich-benh", "?after=")]
    assert len({tag(outside, path) for path in paths}) == len(paths)


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_is_compressed_for_clients_that_take_gzip(outside: RunningApplication, name: str) -> None:
    for number in range(4):
        outside.publish(f"Tin {number}", body="Một đoạn văn khá dài về lịch tiêm. " * 20)
    plain = outside.get(f"/feeds/{name}")
    zipped = outside.get(f"/feeds/{name}", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < len(plain.data) / 2
    assert int(zipped.headers["Content-Length"]) == len(zipped.data)
    for answer in (plain, zipped):
        assert answer.headers["Vary"] == "Accept-Encoding"
    for refusing in ("gzip;q=0", "gzip;q=0, *", "identity;q=1, gzip;q=0.5", "br", "*;q=0"):
        assert outside.get(f"/feeds/{name}", Accept_Encoding=refusing).data == plain.data


def test_a_change_within_the_second_of_a_reply_is_not_lost_on_readers_that_compare_dates(
    outside: RunningApplication,
) -> None:
    outside.publish()
    outside.clock.forward(milliseconds=100)
    known = outside.get("/feeds/rss.xml").headers["Last-Modified"]
    outside.clock.forward(milliseconds=100)
    outside.publish()
    outside.clock.forward(milliseconds=100)
    outside.get("/feeds/rss.xml", 200, If_Modified_Since=known)
    outside.clock.forward(seconds=2)
    known = outside.get("/feeds/rss.xml", 200, If_Modified_Since=known).headers["Last-Modified"]
    outside.get("/feeds/rss.xml", 304, If_Modified_Since=known)


def test_an_empty_feed_has_no_date_to_compare(outside: RunningApplication) -> None:
    answer = outside.get("/feeds/rss.xml", 200, If_Modified_Since="Tue, 24 Nov 2099 00:30:05 GMT")
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("name", FORMS)
def test_a_recall_by_another_process_is_in_the_next_read(outside: RunningApplication, name: str) -> None:
    outside.publish("Tin ở lại")
    code = outside.publish("Tin bị thu hồi")
    known = tag(outside, f"/feeds/{name}")
    elsewhere = Database(outside.database.url)
    with elsewhere.write() as session:
        at = outside.office.now() + timedelta(milliseconds=1)
        session.execute(
            sa.update(Bulletin).where(Bulletin.code == code).values(recalled_at=at, recall_reason="sai", changed_at=at)
        )
    elsewhere.dispose()
    outside.clock.forward(milliseconds=1)
    assert read_feed(name, outside.get(f"/feeds/{name}", If_None_Match=known).data).titles == ("Tin ở lại",)


@pytest.mark.parametrize("name", FORMS)
def test_head_is_get_without_the_body(outside: RunningApplication, name: str) -> None:
    outside.publish()
    got = outside.get(f"/feeds/{name}")
    head = outside.client.head(f"/feeds/{name}")
    assert (head.status_code, head.data) == (200, b"")
    ours = ("ETag", "Last-Modified", "Link", "Content-Type", "Content-Length", "Cache-Control")
    assert [head.headers[text] for text in ours] == [got.headers[text] for text in ours]


@pytest.mark.parametrize("broken", ["W/", '"', "nonsense", "W/x" * 4000])
def test_a_malformed_condition_gets_the_whole_feed(outside: RunningApplication, broken: str) -> None:
    outside.publish()
    outside.get("/feeds/atom.xml", 200, If_None_Match=broken)
    outside.get("/feeds/atom.xml", 200, If_Modified_Since=broken[:200])
    outside.get("/feeds/atom.xml", 200, Accept_Encoding=broken)


TELLING = ("atom.xml", "ninjs.json", "newsml.xml")  # the formats that can express a recall
# Newsrooms take an item in: it has no counter image, and the message no links to hubs and pages.
FOR_NEWSROOMS = "newsml.xml"


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_carries_the_whole_text_newest_first_with_its_source_and_counter(
    outside: RunningApplication, name: str
) -> None:
    for number in range(3):
        outside.publish(f"Tin số {number} & hai", body=f"Toàn văn của tin số {number}, đủ dấu: hòa, hủy, xóa.")
    answer = outside.get(f"/feeds/{name}")
    assert answer.content_type == FORMATS[name].media_type
    feed = read_feed(name, answer.data)
    assert feed.titles == ("Tin số 2 & hai", "Tin số 1 & hai", "Tin số 0 & hai")
    text = feed.texts["Tin số 1 & hai"]
    assert "Toàn văn của tin số 1, đủ dấu: hòa, hủy, xóa." in text
    assert f"{BASE}/bulletins/" in text
    assert (f"{BASE}/i/" in text) == (name != FOR_NEWSROOMS)
    assert feed.next_url is None


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_names_its_hub_and_itself_in_the_header_and_in_the_document(
    outside: RunningApplication, name: str
) -> None:
    outside.publish()
    for query in ("", "?limit=7", "?topic=dich-benh&limit=7"):
        answer = outside.get(f"/feeds/{name}{query}")
        own = f"{BASE}/feeds/{name}{query}"
        links = answer.headers["Link"]
        assert f'<{BASE}/hub>; rel="hub"' in links
        assert f'<{own}>; rel="self"' in links
        escaped = own.replace("&", "&amp;") if name.endswith(".xml") else own
        assert escaped in answer.text
        assert (f"{BASE}/hub" in answer.text) == (name != FOR_NEWSROOMS)


@pytest.mark.parametrize("name", FORMS)
def test_a_topic_narrows_a_feed_and_a_limit_shortens_it(outside: RunningApplication, name: str) -> None:
    for number, topic in enumerate(("dich-benh", "kinh-te-xa-hoi", "dich-benh", "an-ninh-quoc-phong")):
        outside.publish(f"{topic} {number}", topic=topic)
    assert read_feed(name, outside.get(f"/feeds/{name}?topic=dich-benh").data).titles == ("dich-benh 2", "dich-benh 0")
    assert read_feed(name, outside.get(f"/feeds/{name}?limit=1").data).titles == ("an-ninh-quoc-phong 3",)
    both = outside.get(f"/feeds/{name}?limit=1&topic=dich-benh").data
    assert read_feed(name, both).titles == ("dich-benh 2",)


def test_fifty_bulletins_are_shown_by_default_and_never_more_than_two_hundred(
    outside: RunningApplication,
) -> None:
    for number in range(203):
        outside.publish(f"Tin {number}")
    assert len(read_feed("feed.json", outside.get("/feeds/feed.json").data).titles) == 50
    assert len(read_feed("feed.json", outside.get("/feeds/feed.json?limit=200").data).titles) == 200
    outside.get("/feeds/feed.json?limit=201", 422)


LIMITS = ("0", "-1", "201", "x", "", "1e2", "٣", "1 ", "0x10", "9" * 5000)
TOPICS = ("khong-co", "DICH-BENH", "' OR 1=1")
CURSORS = ("x", "AAAA", "A" * 28, "=" * 28, "%F0%9F%98%80")
BAD = (
    [(f"limit={quote(limit)}", "limit") for limit in LIMITS]
    + [(f"topic={quote(topic)}", topic) for topic in TOPICS]
    + [(f"after={cursor}", "cursor") for cursor in CURSORS]
)


@pytest.mark.parametrize("name", FORMS)
def test_a_bad_question_is_answered_with_what_was_wrong(outside: RunningApplication, name: str) -> None:
    outside.publish()
    for query, word in BAD:
        answer = outside.client.get(f"/feeds/{name}?{query}")
        assert answer.status_code == 422, (query[:40], answer.status)
        assert answer.content_type == "text/plain; charset=utf-8"
        assert word in answer.text
        assert len(answer.text.splitlines()) == 1
        assert len(answer.text) < 400


def test_no_other_name_is_a_feed(outside: RunningApplication) -> None:
    for name in ("rss", "rss.xml.bak", "RSS.XML", "index.html", "atom.xml%00", "..%2Frss.xml"):
        outside.get(f"/feeds/{name}", 404)


@pytest.mark.parametrize("name", FORMS)
def test_a_correction_raises_updated_and_moves_the_bulletin_to_the_top(outside: RunningApplication, name: str) -> None:
    code = outside.publish("Tin cũ", body="Mở cửa đến 21:30.")
    outside.publish("Tin mới")
    before = read_feed(name, outside.get(f"/feeds/{name}").data)
    outside.clock.forward(hours=1)
    outside.correct(code, "Tin cũ đã sửa", "Mở cửa đến 22:00.", "Giờ mở cửa là 22:00")
    after = read_feed(name, outside.get(f"/feeds/{name}").data)
    assert after.titles == ("Tin cũ đã sửa", "Tin mới")
    assert after.updated["Tin cũ đã sửa"] != before.updated["Tin cũ"]
    assert after.updated["Tin mới"] == before.updated["Tin mới"]
    assert "22:00" in after.texts["Tin cũ đã sửa"]
    assert "Mở cửa đến 21:30" not in outside.get(f"/feeds/{name}").text


@pytest.mark.parametrize("name", FORMS)
def test_a_recall_is_reported_where_the_format_has_a_word_for_it_and_else_the_bulletin_is_gone(
    outside: RunningApplication, name: str
) -> None:
    outside.publish("Tin ở lại")
    code = outside.publish("Tin bị thu hồi", body="Văn bản bị thu hồi.")
    outside.recall(code)
    answer = outside.get(f"/feeds/{name}")
    feed = read_feed(name, answer.data)
    assert feed.titles == ("Tin ở lại",)
    assert feed.withdrawn == ((code,) if name in TELLING else ())
    assert "Tin bị thu hồi" not in answer.text
    assert "Văn bản bị thu hồi" not in answer.text


@pytest.mark.parametrize(("name", "limit"), [(name, 3) for name in FORMS] + [("atom.xml", 1), ("rss.xml", 50)])
def test_paging_from_the_oldest_meets_everything_once_and_waits_at_the_end(
    outside: RunningApplication, name: str, limit: int
) -> None:
    titles = [f"Tin {number:02}" for number in range(11)]
    codes = [outside.publish(title) for title in titles]
    outside.recall(codes[4])
    seen, withdrawn, url = list[str](), list[str](), f"/feeds/{name}?after=&limit={limit}"
    for _ in itertools.count():
        answer = outside.get(url)
        page = read_feed(name, answer.data)
        seen += page.titles
        withdrawn += page.withdrawn
        named = re.search(r'<([^>]*)>; rel="next"', answer.headers["Link"])
        assert named is not None
        assert page.next_url == (None if name == FOR_NEWSROOMS else named[1])
        if named[1] == url:
            break
        url = named[1]
    assert seen == [title for title in titles if title != "Tin 04"]
    assert withdrawn == ([codes[4]] if name in TELLING else [])
    outside.publish("Tin tới sau")
    later = read_feed(name, outside.get(url).data)
    assert later.titles == ("Tin tới sau",)


def test_paging_while_a_bulletin_changes_meets_it_again_at_its_new_place(outside: RunningApplication) -> None:
    codes = [outside.publish(f"Tin {number}") for number in range(4)]
    first = read_feed("atom.xml", outside.get("/feeds/atom.xml?after=&limit=2").data)
    outside.correct(codes[0], "Tin 0 sửa", "Khác hẳn.", "Sửa")
    second = read_feed("atom.xml", outside.get(first.next_url or "").data)
    third = read_feed("atom.xml", outside.get(second.next_url or "").data)
    assert (first.titles, second.titles, third.titles) == (("Tin 0", "Tin 1"), ("Tin 2", "Tin 3"), ("Tin 0 sửa",))


def test_what_a_cursor_names_can_be_read_in_every_format_and_with_another_limit(outside: RunningApplication) -> None:
    for number in range(5):
        outside.publish(f"Tin {number}")
    page = read_feed("rss.xml", outside.get("/feeds/rss.xml?after=&limit=2").data)
    cursor = (page.next_url or "").partition("after=")[2]
    for name in FORMS:
        rest = read_feed(name, outside.get(f"/feeds/{name}?after={cursor}&limit=10").data)
        assert rest.titles == ("Tin 2", "Tin 3", "Tin 4")


def test_an_empty_feed_is_a_feed(outside: RunningApplication) -> None:
    for name in FORMS:
        assert read_feed(name, outside.get(f"/feeds/{name}").data).titles == ()
        assert read_feed(name, outside.get(f"/feeds/{name}?after=").data).titles == ()
