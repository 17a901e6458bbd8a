"""The four public feeds: full text, topics and limits, corrections and recalls, and what a bad question is told."""

import itertools
from urllib.parse import quote

import pytest

from coordinator.feeds.formats import FORMATS
from tests.coordinator.web.public.outside import BASE, FORMS, Outside
from tests.coordinator.web.public.reading import read

TELLING = ("atom.xml", "ninjs.json")  # the formats that have a word for a recall


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_carries_the_whole_text_newest_first_with_its_source_and_counter(outside: Outside, name: str) -> None:
    for number in range(3):
        outside.publish(f"Tin số {number} & hai", body=f"Toàn văn của tin số {number}, đủ dấu: hòa, hủy, xóa.")
    answer = outside.get(f"/feeds/{name}")
    assert answer.content_type == FORMATS[name].media_type
    feed = read(name, answer.data)
    assert feed.titles == ("Tin số 2 & hai", "Tin số 1 & hai", "Tin số 0 & hai")
    text = feed.texts["Tin số 1 & hai"]
    assert "Toàn văn của tin số 1, đủ dấu: hòa, hủy, xóa." in text
    assert f"{BASE}/bulletins/" in text
    assert f"{BASE}/i/" in text
    assert feed.next_url is None


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_names_its_hub_and_itself_in_the_header_and_in_the_document(outside: Outside, name: str) -> None:
    outside.publish()
    for query in ("", "?limit=7", "?topic=dich-benh&limit=7"):
        answer = outside.get(f"/feeds/{name}{query}")
        own = f"{BASE}/feeds/{name}{query}"
        links = answer.headers["Link"]
        assert f'<{BASE}/hub>; rel="hub"' in links
        assert f'<{own}>; rel="self"' in links
        escaped = own.replace("&", "&amp;") if name.endswith(".xml") else own
        assert escaped in answer.text
        assert f"{BASE}/hub" in answer.text


@pytest.mark.parametrize("name", FORMS)
def test_a_topic_narrows_a_feed_and_a_limit_shortens_it(outside: Outside, name: str) -> None:
    for number, topic in enumerate(("dich-benh", "kinh-te-xa-hoi", "dich-benh", "an-ninh-quoc-phong")):
        outside.publish(f"{topic} {number}", topic=topic)
    assert read(name, outside.get(f"/feeds/{name}?topic=dich-benh").data).titles == ("dich-benh 2", "dich-benh 0")
    assert read(name, outside.get(f"/feeds/{name}?limit=1").data).titles == ("an-ninh-quoc-phong 3",)
    both = outside.get(f"/feeds/{name}?limit=1&topic=dich-benh").data
    assert read(name, both).titles == ("dich-benh 2",)


def test_fifty_bulletins_are_shown_when_nothing_is_said_and_never_more_than_two_hundred(outside: Outside) -> None:
    for number in range(203):
        outside.publish(f"Tin {number}")
    assert len(read("feed.json", outside.get("/feeds/feed.json").data).titles) == 50
    assert len(read("feed.json", outside.get("/feeds/feed.json?limit=200").data).titles) == 200
    outside.get("/feeds/feed.json?limit=201", 422)


LIMITS = ("0", "-1", "201", "x", "", "1e2", "٣", "1 ", "0x10", "9" * 5000)
TOPICS = ("khong-co", "DICH-BENH", "' OR 1=1")
CURSORS = ("x", "AAAA", "A" * 28, "=" * 28, "%F0%9F%98%80")
BAD = (
    [(f"limit={quote(one)}", "limit") for one in LIMITS]
    + [(f"topic={quote(one)}", one) for one in TOPICS]
    + [(f"after={one}", "cursor") for one in CURSORS]
)


@pytest.mark.parametrize("name", FORMS)
def test_a_bad_question_is_answered_with_what_was_wrong(outside: Outside, name: str) -> None:
    outside.publish()
    for query, word in BAD:
        answer = outside.client.get(f"/feeds/{name}?{query}")
        assert answer.status_code == 422, (query[:40], answer.status)
        assert answer.content_type == "text/plain; charset=utf-8"
        assert word in answer.text
        assert len(answer.text.splitlines()) == 1
        assert len(answer.text) < 400


def test_no_other_name_is_a_feed(outside: Outside) -> None:
    for name in ("rss", "rss.xml.bak", "RSS.XML", "index.html", "atom.xml%00", "..%2Frss.xml"):
        outside.get(f"/feeds/{name}", 404)


@pytest.mark.parametrize("name", FORMS)
def test_a_correction_raises_updated_and_moves_the_bulletin_to_the_top(outside: Outside, name: str) -> None:
    code = outside.publish("Tin cũ", body="Mở cửa đến 21:30.")
    outside.publish("Tin mới")
    before = read(name, outside.get(f"/feeds/{name}").data)
    outside.clock.forward(hours=1)
    outside.correct(code, "Tin cũ đã sửa", "Mở cửa đến 22:00.", "Giờ mở cửa là 22:00")
    after = read(name, outside.get(f"/feeds/{name}").data)
    assert after.titles == ("Tin cũ đã sửa", "Tin mới")
    assert after.updated["Tin cũ đã sửa"] != before.updated["Tin cũ"]
    assert after.updated["Tin mới"] == before.updated["Tin mới"]
    assert "22:00" in after.texts["Tin cũ đã sửa"]
    assert "Mở cửa đến 21:30" not in outside.get(f"/feeds/{name}").text


@pytest.mark.parametrize("name", FORMS)
def test_a_recall_is_told_where_the_format_has_a_word_for_it_and_else_the_bulletin_is_gone(
    outside: Outside, name: str
) -> None:
    outside.publish("Tin ở lại")
    code = outside.publish("Tin bị thu hồi", body="Văn bản bị thu hồi.")
    outside.recall(code)
    answer = outside.get(f"/feeds/{name}")
    feed = read(name, answer.data)
    assert feed.titles == ("Tin ở lại",)
    assert feed.withdrawn == ((code,) if name in TELLING else ())
    assert "Tin bị thu hồi" not in answer.text
    assert "Văn bản bị thu hồi" not in answer.text


@pytest.mark.parametrize(("name", "limit"), [(name, 3) for name in FORMS] + [("atom.xml", 1), ("rss.xml", 50)])
def test_paging_from_the_oldest_meets_everything_once_and_waits_at_the_end(
    outside: Outside, name: str, limit: int
) -> None:
    titles = [f"Tin {number:02}" for number in range(11)]
    codes = [outside.publish(title) for title in titles]
    outside.recall(codes[4])
    seen, withdrawn, url = list[str](), list[str](), f"/feeds/{name}?after=&limit={limit}"
    for _ in itertools.count():
        answer = outside.get(url)
        page = read(name, answer.data)
        seen += page.titles
        withdrawn += page.withdrawn
        assert page.next_url is not None
        assert f'<{page.next_url}>; rel="next"' in answer.headers["Link"]
        if page.next_url == url:
            break
        url = page.next_url
    assert seen == [title for title in titles if title != "Tin 04"]
    assert withdrawn == ([codes[4]] if name in TELLING else [])
    outside.publish("Tin tới sau")
    later = read(name, outside.get(url).data)
    assert later.titles == ("Tin tới sau",)


def test_paging_while_a_bulletin_changes_meets_it_again_at_its_new_place(outside: Outside) -> None:
    codes = [outside.publish(f"Tin {number}") for number in range(4)]
    first = read("atom.xml", outside.get("/feeds/atom.xml?after=&limit=2").data)
    outside.correct(codes[0], "Tin 0 sửa", "Khác hẳn.", "Sửa")
    second = read("atom.xml", outside.get(first.next_url or "").data)
    third = read("atom.xml", outside.get(second.next_url or "").data)
    assert (first.titles, second.titles, third.titles) == (("Tin 0", "Tin 1"), ("Tin 2", "Tin 3"), ("Tin 0 sửa",))


def test_what_a_cursor_names_can_be_read_in_every_format_and_with_another_limit(outside: Outside) -> None:
    for number in range(5):
        outside.publish(f"Tin {number}")
    page = read("rss.xml", outside.get("/feeds/rss.xml?after=&limit=2").data)
    cursor = (page.next_url or "").partition("after=")[2]
    for name in FORMS:
        rest = read(name, outside.get(f"/feeds/{name}?after={cursor}&limit=10").data)
        assert rest.titles == ("Tin 2", "Tin 3", "Tin 4")


def test_an_empty_feed_is_a_feed(outside: Outside) -> None:
    for name in FORMS:
        assert read(name, outside.get(f"/feeds/{name}").data).titles == ()
        assert read(name, outside.get(f"/feeds/{name}?after=").data).titles == ()
