"""Parsed pages: text, blocks, links and metadata of any HTML, hostile or broken."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.matching.parsed_page import PageRegion, TimeOrigin
from coordinator.discovery.fields import article_headline, sole_headline
from coordinator.discovery.pages.html_limits import MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, limit_html
from coordinator.discovery.pages.json_ld import read_linked_data
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.sample_texts import STYLES, bulletin, page_html, paragraphs

# The lead picture and the author line of a page.


COPY_URL = "https://tinvui.example/doi-song/bai.html"
BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    ("html", "image"),
    [
        ('<meta property="og:image" content="/anh/1.jpg"><article><img src="/2.jpg"></article>', "/anh/1.jpg"),
        ('<meta name="twitter:image" content="/anh/3.jpg">', "/anh/3.jpg"),
        ('<img src="/logo.png"><article><p>a</p><img src="/anh/4.jpg" width="600"></article>', "/anh/4.jpg"),
        (f'<article><img src="{BLANK}" data-src="/anh/5.jpg"></article>', "/anh/5.jpg"),
        ('<article><img src="/i/abc.gif" width="1" height="1"><img src="/anh/6.jpg"></article>', "/anh/6.jpg"),
        ('<meta property="og:image" content="javascript:alert(1)"><main><img src="7.jpg"></main>', "/doi-song/7.jpg"),
    ],
)
def test_the_lead_picture_is_the_declared_one_or_the_first_of_the_article(html: str, image: str) -> None:
    assert parse_page(html, COPY_URL).image == f"https://tinvui.example{image}"


def test_a_page_without_a_picture_of_its_own_has_none() -> None:
    assert parse_page('<img src="/logo.png"><article><p>chữ</p></article>', COPY_URL).image == ""


@pytest.mark.parametrize(
    ("html", "author"),
    [
        ('<meta name="author" content="Minh  Mẫu"><p class="author">Khác</p>', "Minh Mẫu"),
        ('<meta property="article:author" content="https://mang.example/minh"><p class="author">Minh</p>', "Minh"),
        ('<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Mẫu"}}</script>', "Mẫu"),
        ('<article><p>a</p><p class="tac-gia"><b>Vũ</b> <i>Mẫu</i></p></article>', "Vũ Mẫu"),
        (f'<div class="author">{"tiểu sử " * 40}</div>', ""),
        ("<p>chữ</p>", ""),
    ],
)
def test_the_author_line_is_what_machines_read_or_the_line_meant_for_it(html: str, author: str) -> None:
    assert parse_page(html, COPY_URL).author == author


# Lists of an article are a part of its main text; lists of other articles are not.


BEFORE = "Người dân cần mang theo giấy tờ khi đến trạm, và đăng ký trước với tổ trưởng dân phố của mình."
BEHIND = "Mọi thắc mắc gọi tổng đài của Sở Y tế, trực hai mươi bốn giờ mỗi ngày trong suốt đợt tiêm này."
LIST = "<ul><li>Mang theo căn cước công dân</li><li>Sổ tiêm chủng của <b>trẻ em</b></li></ul>"


def main_of(between: str, around: str = "{}") -> str:
    article = f"<h1>Lịch tiêm vắc-xin cúm tại 30 phường</h1><p>{BEFORE}</p>{between}<p>{BEHIND}</p><p>{BEFORE} Hết.</p>"
    return parse_page(f"<body>{around.format(f'<article>{article}</article>')}</body>", "https://trang.example/").text


@pytest.mark.parametrize("around", ["{}", '<div class="wrap"><div class="content">{}</div></div>'])
@pytest.mark.parametrize("kind", ["ul", "ol"])
def test_a_list_between_two_paragraphs_stands_there_in_the_main_text(kind: str, around: str) -> None:
    text = main_of(LIST.replace("ul>", f"{kind}>"), around)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    at = lines.index(BEFORE)
    assert lines[at : at + 4] == [BEFORE, "Mang theo căn cước công dân", "Sổ tiêm chủng của trẻ em", BEHIND]
    assert text.count("căn cước") == 1


@pytest.mark.parametrize(
    "between",
    [
        '<ul><li><a href="/a">Bão số 9 vào bờ</a></li><li><a href="/b">Giá xăng giảm từ chiều nay</a></li></ul>',
        f'<div class="related-news">{LIST}</div>',
        f"<nav>{LIST}</nav>",
        f'<div style="display:none">{LIST}</div>',
        "<ul>" + "".join(f"<li>Mục {number}</li>" for number in range(80)) + "</ul>",
    ],
    ids=["of links", "in a box", "in a menu", "hidden", "too long"],
)
def test_a_list_that_is_not_the_articles_stays_out(between: str) -> None:
    text = main_of(between)
    assert "căn cước" not in text
    assert "Giá xăng" not in text
    assert "Mục 7" not in text


def test_a_list_behind_the_article_stays_out() -> None:
    page = f"<body><article><h1>Lịch tiêm tại 30 phường</h1><p>{BEFORE}</p><p>{BEHIND}</p></article>{LIST}</body>"
    assert "căn cước" not in parse_page(page, "https://trang.example/").text


URL = "https://tinvui.example/doi-song/bai.html"
ONE = bulletin(1)
SOUP = (
    "<p> </p> <div%class=related> </div> <a%href='/x'> </a> <br> chữ% % <b> <table> <td> <h1> </h1> <cite> </cite>"
    " <input%value='https://a.vn/b'> &nbsp; <script> </script> <!-- -->"
)
PARTS = [part.replace("%", " ") for part in SOUP.split(" ")]


@pytest.mark.parametrize("style", STYLES)
def test_the_main_text_holds_the_article_and_begins_with_its_headline(style: str) -> None:
    page = parse_page(page_html(ONE.title, paragraphs([ONE.lead, *ONE.paragraphs]), style=style), URL)
    assert page.text.startswith(ONE.title)
    flat = " ".join(page.text.split())
    assert all(paragraph in flat for paragraph in ONE.paragraphs)
    assert "Giấy phép" not in page.text


def test_the_head_is_read() -> None:
    page = parse_page(
        """<html lang="vi"><head><base href="https://tinvui.example/goc/"><title> Một  tựa đề </title>
        <meta name="description" content="Lời dẫn"><meta name="author" content="Minh Mẫu">
        <link rel="canonical" href="/bai.html"><link rel="amphtml" href="bai.amp.html">
        <meta name="original-source" content="https://a.example/1"><meta itemprop="datePublished" content="2026-11-20">
        </head><body><h1>Tựa <b>đề</b></h1><p>Bài</p></body></html>""",
        URL,
    )
    assert (page.title, page.h1, page.lead, page.author, page.lang) == (
        "Một tựa đề",
        "Tựa đề",
        "Lời dẫn",
        "Minh Mẫu",
        "vi",
    )
    assert page.canonical == "https://tinvui.example/bai.html"
    assert page.amphtml == "https://tinvui.example/goc/bai.amp.html"
    assert page.declared.meta_source == ("https://a.example/1",)
    assert [(claim.origin, claim.text) for claim in page.times][:1] == [(TimeOrigin.META, "2026-11-20")]


def test_what_says_what_the_page_is_is_found_wherever_it_stands() -> None:
    page = parse_page(
        """<head><link rel="canonical" href="truoc.html"><base href="/goc/"><base href="/sau/"></head><body>
        <svg><title>Hình</title></svg><link rel="AmpHtml" href="a.amp"><template><h1>Mẫu chưa dùng đến</h1></template>
        <meta name="description" content="Lời dẫn"><time datetime="2026-11-01">1/11</time><article>
        <time datetime="2026-11-02" itemprop="datePublished">2/11</time></article><h1>Bốn chữ là đủ</h1>
        <script type="Application/LD+JSON">{"@type":"Article","datePublished":"2026-11-03"}</script></body>""",
        URL,
    )
    assert (page.title, page.h1, page.lead) == ("Hình", "Bốn chữ là đủ", "Lời dẫn")
    assert page.canonical == "https://tinvui.example/doi-song/truoc.html"
    assert page.amphtml == "https://tinvui.example/goc/a.amp"
    values = [(TimeOrigin.JSON_LD, "2026-11-03"), (TimeOrigin.TIME, "2026-11-02"), (TimeOrigin.TIME, "2026-11-01")]
    assert [(claim.origin, claim.text) for claim in page.times] == values
    assert [claim.text for claim in page.claims(TimeOrigin.TIME)] == ["2026-11-02", "2026-11-01"]
    assert list(page.claims(TimeOrigin.META)) == list(page.claims(TimeOrigin.TEXT)) == []


@given(st.lists(st.text("aB ", max_size=12), max_size=3), st.lists(st.text("aB |", max_size=12), max_size=2))
def test_a_headline_that_stands_alone_is_the_one_whatever_the_titles_say(
    headings: list[str], titles: list[str]
) -> None:
    alone = sole_headline(headings)
    assert alone in {"", article_headline(headings, titles)}
    assert bool(alone) == (
        len(" ".join(headings).split()) >= 4 and sum(bool(heading.strip()) for heading in headings) == 1
    )


def test_linked_data_is_read_from_graphs_and_broken_scripts() -> None:
    page = parse_page(
        """<script type="application/ld+json">{"@graph":[{"@type":"WebSite","datePublished":"2020-01-01"},
        {"@type":["NewsArticle"],"datePublished":"2026-11-24T07:30:00+07:00","author":[{"name":"Minh Mẫu"}],
        "isBasedOn":["https://a.example/1",{"@id":"https://a.example/2","name":"Sở A"}],
        "sourceOrganization":{"@type":"Organization","name":"Sở B"},"publisher":{"name":"Tin Vui"},
        "citation":"C"}]}</script>
        <script type="application/ld+json">{"datePublished": "2026-11-23", oops</script>""",
        URL,
    )
    assert page.times[0].text == "2026-11-24T07:30:00+07:00"
    assert {claim.text for claim in page.times[1:]} == {"2026-11-23", "2020-01-01"}
    assert page.declared.based_on == ("https://a.example/1", "Sở A", "https://a.example/2")
    assert page.declared.source_organization == ("Sở B",)
    assert page.declared.publisher == ("Tin Vui",)
    assert page.declared.citation == ("C",)
    assert page.author == "Minh Mẫu"


def test_blocks_follow_the_document_and_offsets_point_into_its_text() -> None:
    html = page_html(ONE.title, paragraphs(ONE.paragraphs), tail="<p>Theo <a href='/x'>Sở <b>A</b></a>, hôm nay</p>")
    body = parse_page(html, URL).body
    assert all(body.text[block.start : block.end] == block.text for block in body.blocks)
    assert body.text == "\n".join(block.text for block in body.blocks)
    link = next(link for link in body.links if link.href == "https://tinvui.example/x")
    assert body.text[link.start : link.end] == link.text == "Sở A"
    assert body.blocks[link.block].text == "Theo Sở A, hôm nay"
    assert body.blocks[body.headline].text == ONE.title
    assert body.path(body.blocks[link.block].element) == "body > main > article > p"
    assert [body.block_at(block.start) for block in body.blocks] == list(range(len(body.blocks)))
    for element in body.elements:
        assert 0 <= element.first <= element.end <= len(body.blocks)


@pytest.mark.parametrize(
    ("html", "region"),
    [
        ("<nav>Mục</nav>", PageRegion.NAV),
        ('<div class="main-menu">Mục</div>', PageRegion.NAV),
        ("<aside>Bên</aside>", PageRegion.ASIDE),
        ('<div id="sidebar">Bên</div>', PageRegion.ASIDE),
        ("<footer>Chân</footer>", PageRegion.FOOTER),
        ('<div class="site-footer">Chân</div>', PageRegion.FOOTER),
        ("<article><footer>Nguồn</footer></article>", PageRegion.MAIN),
        ('<div class="post-footer">Nguồn</div>', PageRegion.MAIN),
        ('<div class="relatedNews">Khác</div>', PageRegion.RELATED),
        ('<div class="box-tin-lien-quan">Khác</div>', PageRegion.RELATED),
        ('<div id="binh-luan">Ý kiến</div>', PageRegion.COMMENTS),
        ("<header>Đầu</header>", PageRegion.HEADER),
        ('<div class="has-sidebar no-footer">Chính</div>', PageRegion.MAIN),
        ('<ul class="tags"><li>Nguồn</li></ul>', PageRegion.MAIN),
    ],
)
def test_regions_are_recognised_by_elements_classes_and_ids(html: str, region: PageRegion) -> None:
    (block,) = parse_page(f"<body>{html}</body>", URL).blocks
    assert block.region is region
    assert (block.barrier >= 0) == (region is not PageRegion.MAIN)


def test_line_breaks_end_blocks_and_inline_elements_do_not() -> None:
    page = parse_page("<p>Một <b>hai</b>\n ba<br>bốn<br><br>năm</p><td>sáu</td>", URL)
    assert [block.text for block in page.blocks] == ["Một hai ba", "bốn", "năm", "sáu"]


def test_what_readers_do_not_see_is_not_read() -> None:
    unseen = "<script>a</script><style>b</style><noscript>c</noscript><template>d</template><svg><text>e</text></svg>"
    page = parse_page(f"<body>{unseen}f", URL)
    assert [block.text for block in page.blocks] == ["f"]


def test_links_without_words_and_without_addresses() -> None:
    page = parse_page(
        "<a href='/1'><img src=x></a><p>Chữ</p><a href='mailto:a@b.vn'>thư</a><a>không</a><a href='  '>trống</a>", URL
    )
    (link,) = page.links
    assert (link.href, link.text) == ("https://tinvui.example/1", "")
    assert page.blocks[link.block].text == "Chữ"


def test_fields_that_hold_addresses_are_kept_and_hidden_ones_are_not() -> None:
    page = parse_page(
        """<p>Link bài gốc</p><input value="https://a.example/1"><textarea>https://a.example/2</textarea>
        <input type="hidden" value="https://a.example/3"><input value="tìm kiếm">
        <button data-clipboard-text="https://a.example/4">Lấy link</button>""",
        URL,
    )
    assert [box.value for box in page.body.boxes] == [f"https://a.example/{number}" for number in (1, 2, 4)]


def test_citations_are_kept() -> None:
    body = parse_page("<p>Theo <cite>Sở A</cite> hôm nay</p>", URL).body
    assert [body.text[start:end].strip() for start, end in body.cites] == ["Sở A"]


def test_bytes_are_read_in_the_encoding_they_are_in() -> None:
    page = parse_page("<h1>Đà Nẵng hòa bình</h1>".encode("utf-16"), "https://t.vn/", content_type="text/html")
    assert page.h1 == "Đà Nẵng hòa bình"


class TestHostile:
    """Nothing a page is made of raises, or takes long."""

    @pytest.mark.parametrize(
        "html",
        [
            "",
            "\0",
            "a\0<p>\0b",
            "\ud800<p>nửa",
            "<" * 200_000,
            "<div>" * 300_000 + "x",
            "<b>" * 100_000 + "x",
            "".join(f"<b id={number}><p>x" for number in range(50_000)),
            "<div " + " ".join(f"a{number}=1" for number in range(100_000)) + ">x",
            "<table><tr><td>" * 50_000,
            "<a href=x>" * 100_000,
            "<script " * 100_000,
            "<!--" * 100_000,
            '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
            '<script type="application/ld+json">{"a":' * 1000 + "</script>",
            "<svg><foreignObject>" * 20_000,
            "<p>" + "theo " * 100_000,
            "<p>" + "1/1/20" * 50_000,
            "<p>" + "a-" * 200_000,
        ],
        ids=range(19),
    )
    def test_made_up_attacks_are_read_like_any_page(self, html: str) -> None:
        page = parse_page(html, URL)
        assert len(page.body.blocks) <= 20_001
        assert len(page.links) <= 5_000

    def test_two_megabytes_of_garbage_are_a_page_without_an_article(self) -> None:
        parse_page(os.urandom(2_000_000), URL)
        parse_page(os.urandom(500_000), URL, content_type="text/html; charset=utf-16")

    def test_what_stands_before_a_cut_is_still_read(self) -> None:
        html = page_html(ONE.title, paragraphs(ONE.paragraphs)).replace("</body></html>", "<div>" * 50_000)
        assert ONE.paragraphs[-1] in " ".join(parse_page(html, URL).text.split())

    def test_usual_pages_are_left_as_they_are(self) -> None:
        for html in (
            page_html(ONE.title, paragraphs(ONE.paragraphs)),
            "<ul>" + "<li>x" * 20_000,
            "<div>" * (MAX_DEPTH - 10) + "</div>" * (MAX_DEPTH - 10) + "<p>x</p>" * 20_000,
            "<div><b>x</b></div>" * 10_000,
            "<p " + " ".join(f"a{number}" for number in range(MAX_ATTRIBUTES - 10)) + ">x" + "<i class=a></i>" * 300,
            "<script>" + "if (a<b) {c}" * 10_000 + "</script>",
        ):
            assert limit_html(html) == html

    def test_stray_end_tags_do_not_hide_depth(self) -> None:
        assert len(limit_html("<div></x>" * 50_000)) < 10 * MAX_DEPTH
        assert len(limit_html("<p>x</p>" * 2 * MAX_ELEMENTS)) <= len("<p>x</p>") * (MAX_ELEMENTS + 1)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from(PARTS), max_size=40))
    def test_any_soup_keeps_offsets_and_order(self, parts: list[str]) -> None:
        body = parse_page("".join(parts), URL).body
        assert all(body.text[block.start : block.end] == block.text for block in body.blocks)
        assert all(block.text.strip() == block.text != "" for block in body.blocks)
        for link in body.links:
            assert 0 <= link.start <= link.end <= len(body.text)
            assert 0 <= link.block <= len(body.blocks)


@pytest.mark.parametrize(
    ("headings", "titles", "headline"),
    [
        (
            ["Tin Vui", "Cầu mới thông xe sáng nay"],
            ["Cầu mới thông xe sáng nay - Tin Vui"],
            "Cầu mới thông xe sáng nay",
        ),
        (["Cầu mới thông xe sáng nay"], ["Tin Vui"], "Cầu mới thông xe sáng nay"),
        (["Tin Vui"], ["Cầu mới thông xe sáng nay | Tin Vui"], "Cầu mới thông xe sáng nay"),
        ([], ["Tin Vui - Cầu mới thông xe sáng nay"], "Cầu mới thông xe sáng nay"),
        (["Cầu mới"], ["Cầu mới"], "Cầu mới"),
        ([], ["Tin Vui"], ""),
        ([], [], ""),
    ],
)
def test_the_headline_is_the_one_that_the_title_repeats(headings: list[str], titles: list[str], headline: str) -> None:
    assert article_headline(headings, titles) == headline


def test_a_heading_that_is_never_closed_takes_no_script_or_style_along() -> None:
    page = parse_page(
        b"<h1>Lich tiem ngay mai<style>.a{color:red}</style><script>var b</script><p>Bai</p>", "https://t.vn/"
    )
    assert "color" not in page.text
    assert "var b" not in page.text
    assert page.h1.startswith("Lich tiem ngay mai")


def test_a_headline_that_is_no_h1_is_found_in_the_document() -> None:
    page = parse_page(
        "<title>Cầu mới thông xe sáng nay - Tin Vui</title><h1>Tin Vui</h1><div>Cầu mới thông xe sáng nay</div>",
        "https://tinvui.example/a",
    )
    assert (page.h1, page.blocks[page.body.headline].text) == ("Cầu mới thông xe sáng nay",) * 2


def test_the_date_of_the_article_itself_comes_before_those_of_lists_and_pages() -> None:
    script = (
        '[{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Khác","datePublished":"2026-11-01"}]},'
        '{"@graph":[{"@type":"WebPage","datePublished":"2020-01-01"},{"@type":"NewsArticle","headline":"Khác nữa",'
        '"datePublished":"2026-11-02"},{"@type":["Article"],"headline":"Cầu mới thông xe",'
        '"datePublished":"2026-11-03"}]}]'
    )
    found = read_linked_data([script], "Cầu mới thông xe")
    assert found.published == ["2026-11-03", "2026-11-02", "2020-01-01", "2026-11-01"]
    broken = (
        '{"headline":"Nói "hay" quá","datePublished":"2026-11-04T07:30","isBasedOn":"https://tin.thudo.example/b1"}'
    )
    spoiled = read_linked_data([broken])
    assert (spoiled.published, spoiled.based_on) == (["2026-11-04T07:30"], ["https://tin.thudo.example/b1"])


def test_a_short_text_in_noscript_is_read_and_a_plea_for_scripts_is_not() -> None:
    notice = (
        "Công ty Cấp nước tạm ngừng cấp nước đêm mai tại ba phường để đấu nối đường ống, đề nghị người dân trữ nước."
    )
    shell = '<body><h1>Cắt nước đêm mai tại ba phường</h1><div id="root"></div><noscript>{}</noscript></body>'
    assert notice in parse_page(shell.format(f"<p>{notice}</p>"), "https://tinvui.example/a").text
    plea = "Vui lòng bật JavaScript để xem trang."
    assert plea not in parse_page(shell.format(plea), "https://tinvui.example/a").text
