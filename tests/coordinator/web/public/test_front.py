"""The department's own pages: front page, archive, sitemaps, frames and oEmbed."""

import json
from io import BytesIO
from urllib.parse import quote, urlsplit

import pytest
from lxml import etree
from PIL import Image

from campaigns.people.office import OfficeContent, save_office
from coordinator.feeds import archive_sitemap
from tests import factories
from tests.coordinator.web.application import BASE, RunningApplication
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

NAME = "Sở Văn hóa thành phố Bình Minh"
ZALO_SETTINGS = {"app_id": "9", "oa_id": "123", "author": NAME, "cover_url": "https://tin.thudo.example/bia.png"}


def enter_office(outside: RunningApplication, **contacts: str) -> None:
    outside.staff()
    with outside.database.write() as session:
        save_office(session, "test", OfficeContent(name=NAME, parent="UBND thành phố Bình Minh", **contacts), now=NOW)


def locations(body: bytes) -> list[str]:
    return [node.text or "" for node in etree.fromstring(body).iter("{*}loc")]


def test_the_front_page_leads_to_set_up_only_while_nobody_is_there(outside_both: RunningApplication) -> None:
    assert outside_both.get("/", 302).headers["Location"] == "/setup"
    outside_both.staff()
    page = Page(outside_both.get("/").text)
    assert page.has("Chưa có bản tin nào được phát hành.")
    assert Page(outside_both.get("/bulletins").text).has("Chưa có bản tin nào được phát hành.")
    assert locations(outside_both.get("/sitemap.xml").data) == []


def test_the_front_page_is_the_departments_day_by_day_with_what_was_corrected_and_recalled(
    outside_both: RunningApplication,
) -> None:
    outside = outside_both
    enter_office(outside, email="banbientap@vh.example", responsible="Phó Giám đốc Đỗ Thanh Hà")
    with outside.database.write() as session:
        factories.channel(session, "zalo", settings=ZALO_SETTINGS, now=NOW).name = "Zalo Thông tin"
    outside.publish("Hôm kia")
    outside.clock.forward(hours=48)
    outside.publish("Sáng nay")
    corrected = outside.publish("Cấp nước")
    outside.correct(corrected, "Cấp nước", "Nước về lúc 22:00.", "cấp nước trở lại lúc 22:00")
    recalled = outside.publish("Số ca trong tuần")
    outside.recall(recalled, "Cộng hai lần")
    html = outside.get("/").text
    page = Page(html)
    assert "Lan Tỏa" not in html
    assert page.words(".office-name b") == [NAME]
    assert page.words("main h2")[:2] == ["Hôm nay, Thứ Năm 26/11", "Thứ Ba 24/11/2026"]
    assert page.words(".latest h3") == ["Số ca trong tuần", "Cấp nước", "Sáng nay", "Hôm kia"]
    assert page.words(".latest .off h3 a") == []
    assert "Cộng hai lần" in page.words(".latest .off")[0]
    assert any("cấp nước trở lại lúc 22:00" in words for words in page.words(".latest .said"))
    changes = [words.split(" thu hồi")[0].split(" đính chính")[0] for words in page.words("#dc ~ .rows li")]
    assert changes == ["Số ca trong tuần", "Cấp nước"]
    assert page.link("Zalo Thông tin") == "https://zalo.me/123"
    assert page.has("Chịu trách nhiệm nội dung: Phó Giám đốc Đỗ Thanh Hà")
    changed = Page(outside.get(urlsplit(page.link("Tất cả trong năm 2026")).path + "?changed=1&from=2026-01-01").text)
    assert changed.words(".latest h3") == ["Số ca trong tuần", "Cấp nước"]


def test_a_caller_that_has_the_page_gets_304_until_something_changes(outside: RunningApplication) -> None:
    outside.staff()
    code = outside.publish("Bản tin")
    for path in ("/", "/bulletins", "/bulletins?q=ban", "/sitemap.xml", "/widget"):
        first = outside.get(path)
        sent = {"If_None_Match": first.headers["ETag"]}
        assert not outside.get(path, 304, **sent).data
        assert "Set-Cookie" not in first.headers
        outside.get(path, 304, If_Modified_Since=first.headers["Last-Modified"])
    seen = outside.get("/").headers["ETag"]
    outside.recall(code)
    assert outside.get("/", If_None_Match=seen).status_code == 200
    seen = outside.get("/").headers["ETag"]
    outside.clock.forward(hours=24)  # "hôm nay" is another day
    outside.get("/", If_None_Match=seen)


def test_the_archive_is_read_by_topic_day_words_and_page(outside_both: RunningApplication) -> None:
    outside = outside_both
    outside.publish("Tiêm sởi cho trẻ", body="Trạm y tế mở thêm buổi.")
    outside.publish("Chợ hoa", topic="kinh-te-xa-hoi", body="Đăng ký chỗ bán.")
    outside.clock.forward(hours=24)
    for number in range(31):
        outside.publish(f"Tin {number}", topic="kinh-te-xa-hoi")

    def titles(query: str) -> list[str]:
        return Page(outside.get(f"/bulletins?{query}").text).words(".latest h3")

    assert titles("q=tiem+soi") == ["Tiêm sởi cho trẻ"]
    assert titles("topic=dich-benh") == ["Tiêm sởi cho trẻ"]
    assert titles("day=2026-11-24") == ["Chợ hoa", "Tiêm sởi cho trẻ"]
    assert titles("from=2026-11-25&to=2026-11-25") == titles("")
    assert titles("q=cho+hoa&topic=dich-benh") == []
    assert titles("q=cho+hoa&day=2026-11-24") == ["Chợ hoa"]
    assert len(titles("")) == 30
    assert titles("page=2") == ["Tin 0", "Chợ hoa", "Tiêm sởi cho trẻ"]
    assert titles("page=99") == titles("page=2")
    assert titles("fbclid=abc&utm_source=zalo") == titles("")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("topic=khong-co", "topic=khong-co"), ("day=hom-nay", "day=hom-nay"), ("day=2026-13-40", "day=2026-13-40"),
        ("page=0", "page=0"), ("page=-1", "page=-1"), ("page=x", "page=x"), ("page=99999999", "page=99999999"),
        ("state=draft", "state=draft"), ("changed=maybe", "changed=maybe"), ("from=1", "from=1"),
    ],
)  # fmt: skip
def test_a_bad_value_of_the_archive_is_named(outside: RunningApplication, query: str, named: str) -> None:
    page = Page(outside.get(f"/bulletins?{query}", 422).text)
    assert page.has(named)
    assert page.link("Mở lại, bỏ chỗ sai") == "/bulletins"


def test_days_of_the_archive_that_end_before_they_begin_are_named_and_the_rest_of_the_filter_stays(
    outside: RunningApplication,
) -> None:
    page = Page(outside.get("/bulletins?topic=dich-benh&from=2026-11-26&to=2026-11-24", 422).text)
    assert page.has("Ngày kết thúc phải sau ngày bắt đầu")
    assert page.link("Mở lại, bỏ chỗ sai") == "/bulletins?topic=dich-benh&from=2026-11-26"


def test_every_bulletin_is_in_the_sitemap_also_beyond_what_one_file_holds(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [outside.publish() for _ in range(5)]
    outside.recall(codes[1])
    outside.schedule("Ngày mai", hours=24)
    left = [f"{BASE}/bulletins/{code}" for code in codes if code != codes[1]]
    assert locations(outside.get("/sitemap.xml").data) == left
    monkeypatch.setattr(archive_sitemap, "MAX_ADDRESSES", 3)
    outside.clock.forward(seconds=1)
    index = outside.get("/sitemap.xml")
    assert etree.fromstring(index.data).tag.endswith("sitemapindex")
    files = locations(index.data)
    assert files == [f"{BASE}/sitemap-1.xml", f"{BASE}/sitemap-2.xml"]
    assert [url for name in files for url in locations(outside.get(name).data)] == left
    outside.get("/sitemap-3.xml", 404)
    outside.get("/sitemap-0.xml", 404)


def test_security_txt_is_of_the_office_and_the_mark_is_a_picture(outside: RunningApplication) -> None:
    enter_office(outside)
    read = dict(line.split(": ", 1) for line in outside.get("/.well-known/security.txt").text.splitlines())
    assert read["Contact"] == f"{BASE}/"
    enter_office(outside, email="An.Ninh@vh.example")
    answer = outside.get("/.well-known/security.txt")
    read = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.content_type == "text/plain; charset=utf-8"
    assert read == {
        "Contact": "mailto:an.ninh@vh.example", "Expires": "2027-05-23T00:00:00+07:00",
        "Preferred-Languages": "vi, en", "Canonical": f"{BASE}/.well-known/security.txt",
    }  # fmt: skip
    for path, size in (("/favicon.ico", (48, 48)), ("/logo.png", (512, 512)), ("/logo.png?card=1", (1200, 630))):
        picture = outside.get(path)
        assert Image.open(BytesIO(picture.data)).size == size
        outside.get(path, 304, If_None_Match=picture.headers["ETag"])


def test_a_bulletin_without_a_picture_is_shown_by_machines_with_the_departments(outside: RunningApplication) -> None:
    enter_office(outside)
    code = outside.publish("Lịch tiêm")
    html = outside.get(f"/bulletins/{code}").text
    assert f'<meta property="og:image" content="{BASE}/logo.png?card=1">' in html
    facts = json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert facts["publisher"]["logo"]["url"] == f"{BASE}/logo.png"
    assert facts["image"] == [f"{BASE}/logo.png?card=1"]
    links = [node.attributes["href"] or "" for node in Page(html).tree.css(".share a")]
    assert len(links) == 4
    assert all(quote(f"{BASE}/bulletins/{code}", safe="") in link for link in links)
    page = Page(html)
    assert page.tree.css_first('[data-copy-kit="rich"]').attributes["href"] == f"/bulletins/{code}/republish#bai"
    assert not page.tree.css("main script, main iframe, main img")


def test_oembed_answers_about_what_is_out_as_the_protocol_asks(outside: RunningApplication) -> None:
    enter_office(outside)
    code, recalled = outside.publish('Tiêm "nhắc" <sởi>'), outside.publish()
    outside.recall(recalled)
    page = f"{BASE}/bulletins/{code}"
    head = Page(outside.get(page).text).tree
    found = {
        form: outside.get(head.css_first(f'link[type="{kind}+oembed"]').attributes["href"] or "")
        for form, kind in (("json", "application/json"), ("xml", "text/xml"))
    }
    answer = json.loads(found["json"].data)
    assert answer["type"] == "rich"
    assert (answer["version"], answer["title"], answer["provider_name"]) == ("1.0", 'Tiêm "nhắc" <sởi>', NAME)
    frame = Page(answer["html"]).tree.css_first("iframe")
    assert frame.attributes["src"] == f"{page}/embed"
    assert frame.attributes["title"] == 'Tiêm "nhắc" <sởi>'
    assert {node.tag: node.text for node in etree.fromstring(found["xml"].data)} == {
        name: str(value) for name, value in answer.items()
    }
    limited = json.loads(outside.get(f"/oembed?url={quote(page)}&maxwidth=320&maxheight=100").data)
    assert (limited["width"], limited["height"]) == (320, 100)
    for url in (f"{page}/", f"{page}?utm_source=x", f"{page}#dinh-chinh"):
        assert outside.get(f"/oembed?url={quote(url, safe='')}").status_code == 200
    planned = f"{BASE}/bulletins/{outside.schedule('Mai')}"
    for url in (
        f"{BASE}/bulletins/{recalled}",
        f"{BASE}/bulletins/x",
        planned,
        "https://khac.example/bulletins/x",
        BASE,
        "http://[",
    ):
        assert outside.get(f"/oembed?url={quote(url, safe='')}", 404).content_type.startswith("text/plain")
    outside.get(f"/oembed?url={quote(page)}&format=yaml", 501)
    for query in ("", f"url={quote(page)}&maxwidth=0", f"url={quote(page)}&maxheight=ba"):
        outside.get(f"/oembed?{query}", 400)


def test_only_the_frames_may_be_framed_and_a_recall_shows_in_them(outside: RunningApplication) -> None:
    enter_office(outside)
    code, other = outside.publish("Lịch tiêm"), outside.publish("Chợ hoa", topic="kinh-te-xa-hoi")
    paths = ["/widget", f"/bulletins/{code}/embed"]
    for path in [*paths, "/", "/bulletins", f"/bulletins/{code}", f"/bulletins/{code}/republish", "/republishing"]:
        policy = outside.get(path).headers["Content-Security-Policy"]
        assert (("frame-ancestors *" in policy), ("script-src 'none'" in policy)) == (path in paths, path in paths), (
            path
        )
    assert Page(outside.get("/widget").text).words(".rows a") == ["Chợ hoa", "Lịch tiêm"]
    assert Page(outside.get("/widget?topic=dich-benh&count=1").text).words(".rows a") == ["Lịch tiêm"]
    for query in ("count=0", "count=21", "count=x", "topic=khong-co"):
        wrong = outside.get(f"/widget?{query}", 422)
        assert "frame-ancestors *" in wrong.headers["Content-Security-Policy"]
        assert query in Page(wrong.text).words("main")[0]
    outside.recall(other, "Sai số liệu")
    assert Page(outside.get("/widget").text).words(".rows a") == ["Lịch tiêm"]
    gone = outside.get(f"/bulletins/{other}/embed", 410)
    assert "Sai số liệu" in gone.text
    assert "Chợ hoa" not in gone.text
    assert outside.get(f"/bulletins/{other}/republish.json", 410).get_json() == {"code": other, "recalled": True}
    code_to_paste = Page(outside.get("/republishing?topic=dich-benh&count=3").text).value("ma-khung")
    assert f'src="{BASE}/widget?topic=dich-benh&amp;count=3"' in code_to_paste
