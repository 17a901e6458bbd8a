"""``/bulletins/<code>`` in its three formats: before release, published, corrected and recalled."""

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.coordinator.feeds.schemas import NINJS, check
from tests.coordinator.web.application import BASE, RunningApplication
from tests.factories import WRITER

TITLE = 'Lịch tiêm "sởi" & <b>cúm</b> tại 30 phường'
BODIES = ("", ".json", ".txt", "/republish")


def meta(tree: LexborHTMLParser, name: str) -> str | None:
    found = tree.css_first(f'meta[property="{name}"]') or tree.css_first(f'meta[name="{name}"]')
    return found.attributes.get("content") if found is not None else None


def facts(tree: LexborHTMLParser) -> dict[str, object]:
    scripts = tree.css('script[type="application/ld+json"]')
    assert len(scripts) == 1
    item = json.loads(scripts[0].text())
    assert isinstance(item, dict)
    return item


def test_the_page_names_itself_to_machines_and_to_people(outside: RunningApplication) -> None:
    code = outside.publish(TITLE)
    answer = outside.get(f"/bulletins/{code}")
    tree = LexborHTMLParser(answer.text)
    address = f"{BASE}/bulletins/{code}"
    assert tree.css_first('link[rel="canonical"]').attributes["href"] == address
    assert f'<{address}>; rel="canonical"' in answer.headers["Link"]
    assert 'rel="webmention"' in answer.headers["Link"]
    assert tree.css_first("h1").text() == TITLE
    assert meta(tree, "og:title") == TITLE
    assert meta(tree, "og:type") == "article"
    assert meta(tree, "og:url") == address
    assert meta(tree, "og:description") == "Tiêm miễn phí."
    assert meta(tree, "article:published_time") == "2026-11-24T10:00:00+07:00"
    assert "trạm y tế 30 phường, xã mở thêm buổi" in tree.css_first("article").text()
    assert tree.css_first("html").attributes["lang"] == "vi"


def test_its_facts_are_a_news_article_that_any_reader_of_json_can_read(outside: RunningApplication) -> None:
    code = outside.publish(TITLE)
    values = facts(LexborHTMLParser(outside.get(f"/bulletins/{code}").text))
    assert values["@context"] == "https://schema.org"
    assert values["@type"] == "NewsArticle"
    assert values["headline"] == TITLE
    assert values["mainEntityOfPage"] == f"{BASE}/bulletins/{code}"
    assert values["datePublished"] == values["dateModified"] == "2026-11-24T10:00:00+07:00"
    assert values["publisher"]["name"] == values["author"]["name"]  # type: ignore[index]  # JSON
    assert values["inLanguage"] == "vi"


def test_a_title_cannot_close_the_script_that_carries_the_facts(outside: RunningApplication) -> None:
    title = 'Đóng </script><script>alert("x")</script> rồi'
    tree = LexborHTMLParser(outside.get(f"/bulletins/{outside.publish(title)}").text)
    assert facts(tree)["headline"] == title
    assert not [node for node in tree.css("script") if "alert" in node.text() and node.attributes.get("type") is None]


def test_the_machine_form_is_had_in_both_versions_of_ninjs_and_no_other(outside: RunningApplication) -> None:
    code = outside.publish("Tin", body="Toàn văn.")
    address = f"/bulletins/{code}.json"
    assert outside.get(f"{address}?version=3.1").data == outside.get(address).data
    first = outside.get(f"{address}?version=1.3").get_json()
    assert (first["headline"], first["pubstatus"]) == ("Tin", "usable")
    assert (
        outside.get(f"{address}?version=2", 422).text
        == "version: '2' is no version of ninjs here, expected 3.1 or 1.3\n"
    )
    outside.recall(code)
    assert outside.get(f"{address}?version=1.3", 410).get_json()["pubstatus"] == "canceled"


def test_the_machine_form_is_valid_ninjs_and_the_plain_form_names_its_source(outside: RunningApplication) -> None:
    code = outside.publish(TITLE)
    machine = outside.get(f"/bulletins/{code}.json")
    assert machine.content_type == "application/json"
    item = machine.get_json()
    check(item, NINJS)
    assert (item["title"], item["pubStatus"], item["uri"]) == (TITLE, "usable", f"{BASE}/bulletins/{code}")
    plain = outside.get(f"/bulletins/{code}.txt")
    assert plain.content_type == "text/plain; charset=utf-8"
    assert plain.text.startswith(TITLE + "\n")
    assert f"Nguồn: {BASE}/bulletins/{code}" in plain.text
    assert "&amp;" not in plain.text


def test_a_correction_replaces_the_text_and_says_what_was_wrong(outside: RunningApplication) -> None:
    code = outside.publish("Lịch tiêm tuần này", body="Tiêm lúc 21:30 tại trạm.")
    outside.clock.forward(hours=2)
    outside.correct(code, "Lịch tiêm tuần này (sửa)", "Tiêm lúc 22:00 tại trạm.", "Giờ tiêm là 22:00")
    page = outside.get(f"/bulletins/{code}").text
    assert "Giờ tiêm là 22:00" in page
    assert "21:30" not in page
    values = facts(LexborHTMLParser(page))
    assert values["dateModified"] == "2026-11-24T12:00:01+07:00"
    assert values["datePublished"] == "2026-11-24T10:00:00+07:00"
    machine = outside.get(f"/bulletins/{code}.json").get_json()
    assert (machine["version"], machine["edNote"]) == ("2", "Đính chính: Giờ tiêm là 22:00")
    assert "22:00" in outside.get(f"/bulletins/{code}.txt").text


@pytest.mark.parametrize("form", BODIES)
def test_a_recalled_bulletin_answers_410_with_the_notice_and_nothing_of_its_text(
    outside: RunningApplication, form: str
) -> None:
    code = outside.publish("Tin sẽ bị thu hồi", body="Đoạn này không ai được đọc nữa.")
    outside.recall(code, "Số ca bệnh bị tính trùng")
    answer = outside.get(f"/bulletins/{code}{form}", 410)
    assert "Số ca bệnh bị tính trùng" in answer.text
    assert "Đoạn này không ai" not in answer.text
    assert "Tin sẽ bị thu hồi" not in answer.text
    assert "no-cache" in answer.headers["Cache-Control"]
    if form == ".json":
        assert answer.get_json()["pubStatus"] == "canceled"
        check(answer.get_json(), NINJS)


@pytest.mark.parametrize("form", BODIES)
def test_what_is_not_out_is_not_there_in_the_very_words_of_what_never_was(
    outside: RunningApplication, form: str
) -> None:
    drafted, planned = outside.draft("Bản nháp kín"), outside.schedule("Bản hẹn giờ kín")
    submitted = outside.draft("Bản chờ duyệt kín")
    outside.submit(submitted)
    never = "BT-2026-11-24-999"
    words = outside.get(f"/bulletins/{never}{form}", 404).text.replace(never, "#")
    for code in (drafted, planned, submitted):
        assert outside.get(f"/bulletins/{code}{form}", 404).text.replace(code, "#") == words
    outside.clock.forward(hours=1)
    assert "Bản hẹn giờ kín" in outside.get(f"/bulletins/{planned}").text


@pytest.mark.parametrize("form", BODIES)
def test_a_bulletin_appears_at_its_moment_and_not_a_microsecond_before(outside: RunningApplication, form: str) -> None:
    code = outside.schedule("Đúng giờ", hours=1)
    outside.clock.forward(hours=1, microseconds=-1)
    outside.get(f"/bulletins/{code}{form}", 404)
    outside.clock.forward(microseconds=1)
    outside.get(f"/bulletins/{code}{form}", 200)


def test_a_correction_nobody_has_approved_yet_is_not_shown(outside: RunningApplication) -> None:
    code = outside.publish("Tin đang được sửa", body="Bản đầu.")
    outside.correct(code, "Tựa chưa duyệt", "Bản hai chưa duyệt.", actor=WRITER)
    for form in BODIES:
        answer = outside.get(f"/bulletins/{code}{form}")
        assert "chưa duyệt" not in answer.text


@pytest.mark.parametrize(
    "code", ["%00", "..", "BT-2026-11-24-001%00", "x" * 3000, "%F0%9F%98%80", "%ff%fe", "a%0d%0ab"]
)
def test_any_other_code_is_a_404_and_never_an_error(outside_both: RunningApplication, code: str) -> None:
    for form in BODIES:
        answer = outside_both.client.get(f"/bulletins/{code}{form}")
        assert answer.status_code == 404, (form, answer.status)
