"""Articles that stand only in a page's data, and articles behind megabytes of scripts."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from coordinator.discovery.pages.page import MAX_PAGE_LENGTH, HtmlPage, parse_page
from tests.coordinator.discovery.pages.processor_time import costs_less_than

TITLE = "Phường Mẫu mở điểm tiêm vắc-xin cúm cho người cao tuổi"
LINES = (
    "Từ ngày 3 tháng 12, trạm y tế phường Mẫu tổ chức tiêm vắc-xin cúm miễn phí cho người từ 65 tuổi trở lên.",
    "Người dân mang theo căn cước công dân và sổ khám bệnh, đến trạm trong giờ hành chính để được khám sàng lọc.",
    "Tổ dân phố lập danh sách những người đi lại khó khăn để đội lưu động đến tiêm tại nhà trong tuần sau.",
    "Mọi thắc mắc xin gọi số điện thoại của trạm, có người trực từ bảy giờ sáng đến chín giờ tối hằng ngày.",
)
OTHER_TITLE = "Quận Thử thay ba nghìn bóng đèn đường trước Tết"
OTHER = (
    "Công ty chiếu sáng đô thị bắt đầu thay bóng đèn trên mười hai tuyến phố của quận Thử vào đêm thứ hai tuần tới. "
    "Việc thi công diễn ra từ mười giờ đêm đến bốn giờ sáng, mỗi đêm một tuyến phố, và không cắt điện của nhà dân. "
    "Đèn mới tiết kiệm bốn mươi phần trăm điện năng."
)
LINK = '<a href="https://tin.thudo.example/bulletins/b1">Cổng TTĐT Thủ Đô</a>'
HTML = "".join(f"<p>{line}</p>" for line in LINES)
PLAIN = "\n\n".join(LINES)
URL = "https://tinvui.example/doi-song/bai.html"
POST = {"id": 5, "slug": "bai", "title": TITLE, "content": HTML}
NUXT = (
    "<script>window.__NUXT__=(function(a,b,c,e,f){c.title=a;c.content=b;return {%s}}"
    f'({json.dumps(TITLE)},{json.dumps(HTML)},{{}},{json.dumps(OTHER_TITLE)},"Ngắn."));</script>'
)


def data_script(value: Any, attributes: str = 'type="application/json"') -> str:
    return f"<script {attributes}>{json.dumps(value, ensure_ascii=False)}</script>"


def linked(value: Any) -> str:
    return data_script(value, 'type="application/ld+json"')


def next_data(props: Any) -> str:
    return data_script({"props": {"pageProps": props}}, 'id="__NEXT_DATA__" type="application/json"')


def shell(data: str, title: str = TITLE, visible: str = "") -> HtmlPage:
    menu = '<nav><a href="/">Trang chủ</a><a href="/y-te">Y tế</a></nav>'
    html = f"<html><head><title>{title}</title></head><body>{menu}<div id=root>{visible}</div>{data}</body></html>"
    return parse_page(html, URL)


def article(body: Any, **more: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "headline": TITLE, "articleBody": body, **more}


POOL = [{"data": 1, "state": 4}, {"article": 2}, {"title": 3, "body": 5}, TITLE, {"user": 6}, HTML, "khách"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (linked(article(PLAIN)), "JSON-LD articleBody"),
        (linked([{"@type": "WebSite"}, article(PLAIN)]), "JSON-LD articleBody"),
        (linked({"@graph": [{"@type": "WebPage"}, article(" ".join(LINES))]}), "JSON-LD articleBody"),
        (linked({"@type": "WebPage", "mainEntity": article(list(LINES))}), "JSON-LD articleBody"),
        (linked(article(HTML)), "JSON-LD articleBody"),
        (linked(article(escape(HTML))), "JSON-LD articleBody"),
        (linked(article(escape(escape(HTML)))), "JSON-LD articleBody"),
        (linked(article(PLAIN.replace(" ", "&nbsp;", 3))), "JSON-LD articleBody"),
        (next_data({"post": POST}), "__NEXT_DATA__"),
        (next_data({"post": {**POST, "summary": LINES[0], "contentText": PLAIN}}), "__NEXT_DATA__"),
        (next_data({"title": TITLE, "blocks": [{"type": "p", "text": line} for line in LINES]}), "__NEXT_DATA__"),
        (next_data({"head": {"title": TITLE, "lead": LINES[0]}, "main": {"html": HTML}}), "__NEXT_DATA__"),
        (next_data({"post": {"title": {"rendered": TITLE}, "content": {"rendered": HTML}}}), "__NEXT_DATA__"),
        (next_data({"posts": [{"title": OTHER_TITLE, "content": OTHER * 9}, POST]}), "__NEXT_DATA__"),
        (next_data({"post": POST, "relatedPosts": [{"title": OTHER_TITLE, "content": OTHER * 9}]}), "__NEXT_DATA__"),
        (data_script(POOL, 'id="__NUXT_DATA__" type="application/json"'), "__NUXT_DATA__"),
        (f"<script>window.__NUXT__={json.dumps({'data': [POST]})}</script>", "__NUXT__"),
        (f"<script>var a=1;window['__STATE__'] = {json.dumps(POST)};(function(){{}})()</script>", "__STATE__"),
        (f"<script>window.__STATE__=JSON.parse({json.dumps(json.dumps(POST))})</script>", "__STATE__"),
        (f"<amp-state id=a>{data_script({'bai': POST})}</amp-state>", "amp-state"),
        (data_script({"x": {"y": POST}}, 'type="application/json" id="ng-state"'), "ng-state"),
        (NUXT % "d:[{title:a,content:b,hot:!1,seen:void 0,n:-.5}]", "__NUXT__"),
        (NUXT % "d:[c]", "__NUXT__"),
        (NUXT.replace("}}(", "}})(").replace("));", ");") % "d:[{title:a,content:b}]", "__NUXT__"),
        (NUXT % "d:[{title:a,at:new Date(1764633600000),x:Object.create(null),content:b}]", "__NUXT__"),
        (f"<script>window.__NUXT__={{d:[{{title:'{TITLE}',content:{json.dumps(HTML)}}}],on:!0}}</script>", "__NUXT__"),
        (f'<div id="app" data-page="{escape(json.dumps({"props": {"bai": POST}}))}"></div>', "data-page"),
        (f'<meta itemprop="articleBody" content="{PLAIN}">', "microdata articleBody"),
        (f'<div itemprop="articleBody" content="{escape(HTML)}"></div>', "microdata articleBody"),
    ],
)  # fmt: skip
def test_the_article_in_the_data_of_a_page_that_does_not_show_it_is_its_text(data: str, name: str) -> None:
    page = shell(data)
    text = " ".join(page.text.split())
    assert page.data_name == name
    assert [text.count(line) for line in LINES] == [1, 1, 1, 1]
    assert OTHER[:60] not in text
    assert page.title == TITLE
    assert {line for line in LINES if any(line in block.text for block in page.blocks)} == set(LINES)


@pytest.mark.parametrize(
    "data",
    [
        NUXT % "d:{title:e,content:f},related:[{title:a,content:b}]",
        "<script>window.__NUXT__=(function(a){return {t:a</script>",
        f"<script>window.__NUXT__=(function(a){{return {{t:a+{json.dumps(HTML)}}}}}(1))</script>",
        next_data({"post": {"title": OTHER_TITLE, "content": "Ngắn."}, "related": [POST]}),
        next_data({"posts": [{"title": OTHER_TITLE, "content": OTHER}, {"title": f"{TITLE} khác", "content": HTML}]}),
        linked({"@type": "NewsArticle", "headline": OTHER_TITLE, "mentions": [article(PLAIN)]}),
        linked({"@type": "Organization", "name": TITLE, "description": PLAIN}),
        data_script("chuỗi"),
        next_data(None),
        '<script type="application/json">{"title": "hỏng", "content": "</script>',
    ],
)
def test_scripts_that_are_no_json_and_data_of_other_articles_are_not_read(data: str) -> None:
    page = shell(data, title=OTHER_TITLE)
    assert not any(line in page.text for line in LINES)


@pytest.mark.parametrize("data", [linked(article(PLAIN)), next_data({"post": POST})])
@pytest.mark.parametrize("visible", [f"<article>{HTML}</article>", f"<p>{'</p><p>'.join(LINES[:3])}</p>", HTML * 9])
def test_the_data_add_nothing_to_a_page_that_shows_its_article(data: str, visible: str) -> None:
    page = shell(data, visible=visible)
    assert page.data_name == ""
    assert page.text == shell("", visible=visible).text


def test_a_page_that_shows_another_text_of_some_length_is_read_as_it_is() -> None:
    assert shell(next_data({"post": POST}), visible=f"<p>{OTHER}</p>" * 9).data_name == ""


def test_the_article_of_another_headline_in_the_data_is_not_read_below_an_article() -> None:
    data = linked(article(PLAIN))
    visible = f"<h1>{OTHER_TITLE}</h1><p>{OTHER}</p>"
    assert PLAIN[:40] not in shell(data, OTHER_TITLE, visible).body.text
    assert PLAIN[:40] in shell(data, TITLE, f"<h1>{TITLE}</h1><p>{OTHER}</p>").body.text


def test_boxes_of_other_articles_are_not_the_text_that_a_page_shows() -> None:
    box = f'<div class="tin-lien-quan"><a href="/khac">{OTHER_TITLE}</a><p>{OTHER[:150]}</p></div>' * 20
    assert shell(linked(article(PLAIN)), visible=box).data_name == "JSON-LD articleBody"


def test_links_and_names_in_the_article_of_the_data_count_and_others_in_the_data_do_not() -> None:
    inside = shell(next_data({"post": {"title": TITLE, "content": f"{HTML}<p>Theo {LINK}</p>"}}))
    assert [link.href for link in inside.links if "thudo" in link.href] == ["https://tin.thudo.example/bulletins/b1"]
    outside = shell(next_data({"post": {**POST, "source": f"Theo {LINK}"}, "footer": {"html": f"<p>{LINK}</p>"}}))
    assert outside.data_name
    assert not [link for link in outside.links if "thudo" in link.href]


def test_the_title_of_the_data_is_the_headline_where_the_page_has_none() -> None:
    page = parse_page(f"<body><div id=root></div>{next_data({'post': POST})}</body>", URL)
    assert (page.h1, page.text.startswith(TITLE)) == (TITLE, True)


def test_end_tags_in_the_data_end_nothing_of_the_page() -> None:
    broken = (
        f"</div></article></body><p>{LINES[0]}</p></article></html>{''.join(f'<div><p>{line}' for line in LINES[1:])}"
    )
    page = shell(next_data({"post": {"title": TITLE, "content": broken}}), visible="<p>Cuối trang.</p>")
    assert all(line in page.text for line in LINES)
    assert page.blocks[-1].text == "Cuối trang."


HOSTILE: dict[str, Callable[[], str]] = {
    "never closed": lambda: next_data(None).replace("null", "[" * 1_000_000),
    "deep": lambda: next_data(None).replace("null", "[" * 500_000 + "]" * 500_000),
    "flat lists": lambda: next_data(None).replace("null", "[" + "[]," * 400_000 + "1]"),
    "objects": lambda: next_data([{"title": TITLE, "body": "a b"}] * 10_000),
    "strings": lambda: next_data([f"chữ {number} dài " * 15 for number in range(5_000)]),
    "one string": lambda: next_data({"content": "chữ dài " * 170_000}),
    "tags": lambda: next_data({"content": "<a <p " * 200_000}),
    "divs": lambda: next_data({"content": "<div>x " * 60_000}),
    "a pool of pairs": lambda: data_script([[1], *([at + 1, at + 2] for at in range(60_000))]),
    "a pool in a circle": lambda: data_script([{"a": 1}, {"a": 1, "b": 0, "c": 2}, [1, 2, 2]]),
    "numbers": lambda: next_data(None).replace("null", "1" * 1_000_000),
    "assigned": lambda: f"<script>{'window.a={' * 140_000}</script>",
    "assigned apart": lambda: f"<script>{'window  ' * 170_000}</script>",
    "half letters": lambda: linked(article("\\ud800\\u0000 chữ " * 5_000)).replace("\\\\", "\\"),
    "scripts": lambda: data_script({"a": 1}) * 20_000,
    "microdata": lambda: f'<div itemprop=articleBody content="{"chữ dài " * 100}">' * 500,
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_data_are_refused_quietly_and_cheaply(hostile: str) -> None:
    html = HOSTILE[hostile]()
    with costs_less_than(5):
        page = shell(html)
        assert (len(page.text) + len(page.blocks)) < 2_000_000


@pytest.mark.parametrize(
    "before",
    [
        f"<script>{'a<b;' * 1_200_000}</script>",
        f"<style>{'a{b:c}' * 800_000}</style>",
        "<script>var a='<p>';</script>" * 170_000,
        f"<SCRIPT src=a.js>{'<!-- ' * 900_000}</SCRIPT >",
        f"<!-- <script> {'x' * 4_100_000} -->",
    ],
)
def test_an_article_behind_scripts_that_are_longer_than_what_is_read_of_a_page_is_read(before: str) -> None:
    assert len(before) > MAX_PAGE_LENGTH
    page = parse_page(f"<html><head><title>{TITLE}</title>{before}</head><body><p>{HTML}</body></html>", URL)
    assert all(line in page.text for line in LINES)
    assert not page.cut


def test_data_stay_when_scripts_go() -> None:
    page = shell(
        f"<script>{'a<b;' * 1_200_000}</script>{next_data({'post': POST})}{linked(article('x', author='Minh'))}"
    )
    assert page.data_name == "__NEXT_DATA__"
    assert page.author == "Minh"


@pytest.mark.parametrize("piece", ["<script>", "<script></script>", "<style ", "<!-- ", "<", "<p>chữ</p>"])
def test_what_remains_too_long_is_cut_at_a_bounded_cost(piece: str) -> None:
    html = f"<p>{LINES[0]}</p>{piece * (8_000_000 // len(piece))}<p>{LINES[1]}</p>"
    with costs_less_than(5):
        page = parse_page(html, URL)
        assert LINES[0] in page.text
