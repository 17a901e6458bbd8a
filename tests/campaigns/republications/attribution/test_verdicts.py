"""Attribution: each form of naming a source, in each layout, and similar texts."""

import pytest

from campaigns.matching.matcher import prepare_bulletin
from campaigns.matching.parsed_page import (
    DeclaredSource,
    PageBody,
    PageLink,
    PageRegion,
    ParsedPage,
    TextBlock,
    TextElement,
)
from campaigns.republications.attribution.source_lines import SourceLine, SourceName, our_name_in, read_source_line
from campaigns.republications.attribution.verdicts import Attribution, AttributionVerdict, OurSource, judge_attribution
from campaigns.republications.evidence.copy_location import CopyFinder, CopySpan
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.sample_texts import OUR_HOST, OUR_NAME, STYLES, bulletin, page_html, paragraphs, wire

ONE = bulletin(5)
OTHERS = [bulletin(seed) for seed in range(300, 310)]
PAGE_URL = "https://tinvui.example/doi-song/bai-5.html"
NAMES = (
    SourceName(
        OUR_NAME, ("Sở TT thành phố", "Cổng tin thành phố"), ("Sở Thông tin thành phố Bên", "Cổng tin thành phố Bên")
    ),
)
OURS = OurSource((ONE.url, "https://s.thudo.example/b5"), frozenset({OUR_HOST, "s.thudo.example"}), NAMES)
LINK = f'<a href="{ONE.url}">'


def linked_data(facts: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle",{facts}}}</script>'


def judged(tail: str = "", *, style: str = "article", body: str = "", **more) -> AttributionVerdict:
    content = body or paragraphs([ONE.lead, *ONE.paragraphs])
    page = parse_page(page_html(ONE.title, content, tail=tail, style=style, **more), PAGE_URL)
    return judge_attribution(page, _span(page), OURS)


def _span(page: ParsedPage) -> CopySpan | None:
    return CopyFinder(page.body).locate(prepare_bulletin(ONE.id, ONE.title, ONE.lead, ONE.text))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (f"<p>Theo {LINK}{OUR_NAME}</a></p>", Attribution.LINKED_AT_END),
        (f"<p>Nguồn: {OUR_NAME}</p>", Attribution.NAMED_ONLY),
        (f'<div class="source">Nguồn: {LINK}{OUR_NAME}</a></div>', Attribution.LINKED_AT_END),
        (
            f'<div class="copy-box">Link bài gốc <input value="{ONE.url}"> <button>Lấy link!</button></div>',
            Attribution.URL_TEXT_ONLY,
        ),
        (f'<p class="author">(Theo {OUR_NAME})</p>', Attribution.NAMED_ONLY),
        (f'<ul class="tags"><li>Nguồn: {LINK}{OUR_NAME}</a></li></ul>', Attribution.LINKED_AT_END),
        (f'<p>Nguồn: <a href="https://{OUR_HOST}/">{OUR_NAME}</a></p>', Attribution.HOME_PAGE_ONLY),
        (f"<p>Xem bài gốc tại {ONE.url}</p>", Attribution.URL_TEXT_ONLY),
        ("<p>Theo Báo Chiều Tối</p>", Attribution.NAMED_OTHER_SOURCE),
        ("", Attribution.NONE),
    ],
    ids=["theo link", "nguồn", "div source", "copy box", "author", "tags", "home", "letters", "other", "nothing"],
)
def test_every_layout_of_the_source_line_is_read_in_every_style(tail: str, expected: Attribution, style: str) -> None:
    verdict = judged(tail, style=style, teasers=OTHERS)
    assert verdict.attribution is expected
    assert all(": " in reason for reason in verdict.reasons)
    if expected is Attribution.LINKED_AT_END:
        assert (verdict.source_name, verdict.source_link, verdict.link_position) == (OUR_NAME, ONE.url, 1.0)
        assert verdict.where.endswith("> a")
    if expected is Attribution.NAMED_ONLY:
        assert (verdict.source_name, verdict.source_link) == (OUR_NAME, None)
        assert OUR_NAME in verdict.text


def test_a_link_in_the_last_fifth_of_the_text_with_source_words_stands_at_its_end() -> None:
    parts = [
        *ONE.paragraphs[:-1],
        f"{ONE.sentences[-3]} {ONE.sentences[-2]} (theo {LINK}bản gốc</a>) {ONE.sentences[-1]}",
    ]
    verdict = judged(body=paragraphs(parts))
    assert verdict.attribution is Attribution.LINKED_AT_END
    assert verdict.link_position is not None
    assert 0.8 <= verdict.link_position < 1.0


def test_a_link_at_the_beginning_stands_elsewhere() -> None:
    verdict = judged(body=paragraphs([f"(Theo {LINK}{OUR_NAME}</a>) {ONE.paragraphs[0]}", *ONE.paragraphs[1:]]))
    assert verdict.attribution is Attribution.LINKED_ELSEWHERE
    assert verdict.link_position is not None
    assert verdict.link_position < 0.1


def test_a_link_that_the_copied_words_carry_without_source_words_is_not_the_pages_word() -> None:
    home = f'<a href="https://{OUR_HOST}/dich-vu">'
    for link in (LINK, home):
        for at, sentence in ((0, ONE.sentences[0]), (-1, ONE.sentences[-2])):
            parts = list(ONE.paragraphs)
            assert sentence in parts[at]
            parts[at] = parts[at].replace(sentence, f"{link}{sentence}</a>")
            assert judged(body=paragraphs(parts)).attribution is Attribution.NONE, (link, sentence)
    assert judged(body=paragraphs([f"{LINK}{ONE.lead}</a>", *ONE.paragraphs])).attribution is Attribution.NONE
    inserted = [ONE.paragraphs[0], f"{LINK}Xem chi tiết</a>", *ONE.paragraphs[1:]]
    assert judged(body=paragraphs(inserted)).attribution is Attribution.NONE


@pytest.mark.parametrize(
    "box",
    [
        f'<div class="tin-lien-quan">{LINK}{ONE.title}</a></div>',
        f"<div><h4>Tin liên quan</h4><ul><li>{LINK}{ONE.title}</a></li><li><a href=/x>Tin khác</a></li></ul></div>",
        f"<p>Xem thêm: {LINK}{ONE.title}</a></p>",
        f"<p>{LINK}{ONE.title}</a></p>",
        f'<aside class="sidebar">Nguồn: {LINK}{OUR_NAME}</a></aside>',
        f'<nav><a href="/">Trang chủ</a> {LINK}{OUR_NAME}</a></nav>',
        f'<div class="author-box"><p>Minh Mẫu</p><p>Phóng viên {LINK}{OUR_NAME}</a></p></div>',
        f'<div class="tags"><a href="/the/1">y tế</a> {LINK}{OUR_NAME}</a></div>',
        f'<div class="tags"><a href="/the/cong">{OUR_NAME}</a></div>',
        f'<div class="author-info"><p>{OUR_NAME}</p></div>',
    ],
)
def test_links_and_names_in_boxes_are_not_the_pages_word(box: str) -> None:
    footer = f'</article></main><footer class="site-footer">Nguồn: {LINK}{OUR_NAME}</a></footer>'
    for place in (box, f"</article></main>{box}", footer):
        assert judged(place).attribution is Attribution.NONE
        named = judged(f"<p>Theo {OUR_NAME}</p>{place}")
        assert named.attribution is Attribution.NAMED_ONLY


def test_the_later_link_at_the_end_wins_over_an_earlier_one() -> None:
    parts = [f"{LINK}{ONE.lead}</a>", *ONE.paragraphs]
    assert judged(f"<p>Theo {LINK}đây</a></p>", body=paragraphs(parts)).attribution is Attribution.LINKED_AT_END


@pytest.mark.parametrize(
    "href",
    [
        "https://s.thudo.example/b5",
        f"http://www.{OUR_HOST}/bulletins/{ONE.id}/?utm_source=tinvui#top",
        f"{ONE.url}/republish",
        f"/chuyen-trang?to=https%3A%2F%2F{OUR_HOST}%2Fbulletins%2F{ONE.id}",
    ],
    ids=["short link", "with tracking", "the copy kit", "through the partner's own redirect"],
)
def test_other_addresses_of_the_bulletin_are_links_to_it(href: str) -> None:
    assert judged(f'<p>Nguồn: <a href="{href}">gốc</a></p>').attribution is Attribution.LINKED_AT_END


def test_a_link_to_another_bulletin_of_ours_is_no_link_to_this_one() -> None:
    verdict = judged(f'<p>Nguồn: <a href="{OTHERS[0].url}">{OUR_NAME}</a></p>')
    assert verdict.attribution is Attribution.HOME_PAGE_ONLY
    longer = judged(f'<p>Nguồn: <a href="{ONE.url}9">{OUR_NAME}</a></p>')
    assert longer.attribution is Attribution.HOME_PAGE_ONLY


def test_our_front_page_in_menu_and_footer_is_no_attribution() -> None:
    # page_html's footer links to our front page on every page.
    assert judged().attribution is Attribution.NONE


def test_a_link_in_the_comments_or_in_something_hidden_is_not_the_pages_word() -> None:
    for box in (
        f'<div class="comments">Đọc ở {LINK}đây</a></div>',
        f'<div style="display: none">{LINK}{OUR_NAME}</a></div>',
        f"<p hidden>Theo {LINK}{OUR_NAME}</a></p>",
    ):
        assert judged(box).attribution is Attribution.NONE


def test_photo_credits_are_not_sources() -> None:
    for credit in (f"Ảnh: {OUR_NAME}", f"Nguồn ảnh: {OUR_NAME}", "Ảnh: Báo Chiều Tối", "(Ảnh: nguồn Báo Chiều Tối)"):
        assert judged(f"<p>{credit}</p>").attribution is Attribution.NONE, credit


@pytest.mark.parametrize(
    "said",
    [
        "Theo ông Trần Văn Mẫu, việc này sẽ xong sớm.",
        "Theo báo cáo của quận, không có thiệt hại.",
        "Theo đó, các hộ được hỗ trợ.",
        f"Theo {OUR_NAME}, tuyến này sẽ thông xe vào cuối tuần.",
        f"Theo thông báo mà {OUR_NAME} gửi các quận vào đầu tuần, cổng trường được phân luồng lại và bãi xe dời đi.",
    ],
)
def test_a_speaker_is_not_a_source(said: str) -> None:
    assert judged(f"<p>{said}</p>").attribution is Attribution.NONE


def test_a_name_in_the_middle_of_our_own_text_is_not_a_source_line() -> None:
    parts = [ONE.paragraphs[0] + f" Theo {OUR_NAME}, mọi việc theo kế hoạch.", *ONE.paragraphs[1:]]
    assert judged(body=paragraphs(parts)).attribution is Attribution.NONE


def test_a_bulletin_that_ends_with_its_own_source_line_carries_it_into_its_copies() -> None:
    text = f"{ONE.text}\nNguồn: {OUR_NAME}."
    page = parse_page(page_html(ONE.title, paragraphs(text.split("\n"))), PAGE_URL)
    span = CopyFinder(page.body).locate(prepare_bulletin(ONE.id, ONE.title, ONE.lead, text))
    verdict = judge_attribution(page, span, OURS)
    assert (verdict.attribution, verdict.source_name) == (Attribution.NAMED_ONLY, OUR_NAME)


def test_a_longer_name_that_only_begins_like_ours_is_anothers() -> None:
    verdict = judged("<p>Theo Sở Thông tin thành phố Bên</p>")
    assert verdict.attribution is Attribution.NAMED_OTHER_SOURCE
    assert verdict.source_name == "Sở Thông tin thành phố Bên"


def test_an_alias_names_us_however_it_is_typed() -> None:
    for typed in ("CỔNG TIN THÀNH PHỐ", "cong tin thanh pho", "Sở TT Thành phố"):
        verdict = judged(f"<p>(Theo {typed})</p>")
        assert (verdict.attribution, verdict.source_name) == (Attribution.NAMED_ONLY, OUR_NAME)


def test_our_host_in_letters_names_us() -> None:
    verdict = judged(f"<p>Nguồn: {OUR_HOST}</p>")
    assert (verdict.attribution, verdict.source_name) == (Attribution.NAMED_ONLY, OUR_HOST)


def test_a_byline_above_the_text_names_us_too() -> None:
    verdict = judged(byline=f'<p class="author">Theo {OUR_NAME}</p>')
    assert verdict.attribution is Attribution.NAMED_ONLY


def test_another_source_is_named_with_its_link() -> None:
    verdict = judged('<p>Theo <a href="https://baochieu.example/1">Báo Chiều Tối</a></p>')
    assert verdict.attribution is Attribution.NAMED_OTHER_SOURCE
    assert (verdict.source_name, verdict.source_link) == ("Báo Chiều Tối", "https://baochieu.example/1")


def test_a_link_to_us_beside_another_name_is_a_link_and_the_other_is_reported() -> None:
    verdict = judged(f"<p>{LINK}Bản gốc</a></p><p>Theo Báo Chiều Tối</p>")
    assert verdict.attribution is Attribution.LINKED_AT_END
    assert any("Báo Chiều Tối" in reason for reason in verdict.reasons)


def test_a_long_line_that_is_one_link_to_the_bulletin_stands_at_the_end() -> None:
    tail = f"<p>{LINK}Mời bạn đọc toàn văn bản tin trên trang của thành phố</a></p>"
    assert judged(tail).attribution is Attribution.LINKED_AT_END


def test_names_in_lists_of_other_articles_are_not_sources() -> None:
    listed = "".join(f'<p><a href="/{other.id}">{other.title} theo {OUR_NAME}</a></p>' for other in OTHERS)
    assert judged(f"<div><b>Xem thêm</b>{listed}</div>").attribution is Attribution.NONE


@pytest.mark.parametrize(
    ("head", "expected", "where"),
    [
        (f'<link rel="canonical" href="{ONE.url}">', Attribution.LINKED_ELSEWHERE, "link[rel=canonical]"),
        (f'<meta name="original-source" content="{ONE.url}">', Attribution.LINKED_ELSEWHERE, "meta source"),
        (
            linked_data(f'"isBasedOn":{{"@id":"{ONE.url}"}}'),
            Attribution.LINKED_ELSEWHERE,
            "JSON-LD isBasedOn",
        ),
        (
            linked_data(f'"sourceOrganization":{{"name":"{OUR_NAME}"}}'),
            Attribution.NAMED_ONLY,
            "JSON-LD sourceOrganization",
        ),
        (f'<meta name="source" content="{OUR_NAME}">', Attribution.NAMED_ONLY, "meta source"),
    ],
)
def test_what_a_page_declares_to_machines_counts_and_is_called_so(head: str, expected: Attribution, where: str) -> None:
    verdict = judged(head=head)
    assert (verdict.attribution, verdict.where) == (expected, where)
    assert "readers do not see it" in verdict.reasons[0]
    assert judged(f"<p>Theo {LINK}{OUR_NAME}</a></p>", head=head).attribution is Attribution.LINKED_AT_END


def test_the_publisher_of_every_partner_is_no_source() -> None:
    assert judged(head=linked_data(f'"publisher":{{"name":"{OUR_NAME}"}}')).attribution is Attribution.NONE


def test_a_cite_element_behind_the_text_names_us() -> None:
    assert judged(f"<p>Đăng bởi Tin Vui, <cite>{OUR_NAME}</cite></p>").attribution is Attribution.NAMED_ONLY


def test_without_a_place_in_the_document_only_links_and_declarations_are_judged() -> None:
    page = parse_page(page_html(ONE.title, f"<p>Một đoạn ngắn. Nguồn: {LINK}đây</a></p>"), PAGE_URL)
    verdict = judge_attribution(page, None, OURS)
    assert (verdict.attribution, verdict.link_position) == (Attribution.LINKED_ELSEWHERE, None)
    assert judge_attribution(parse_page("", PAGE_URL), None, OURS).attribution is Attribution.NONE


def test_a_source_line_behind_a_marked_box_of_other_articles_is_still_the_articles() -> None:
    items = "".join(f"<p><a href='/{other.id}'>{other.title}</a> {other.lead}</p>" for other in OTHERS)
    tail = f'<div class="box-tin-lien-quan">{items}</div><p class="source">Theo {LINK}{OUR_NAME}</a></p>'
    assert judged(tail).attribution is Attribution.LINKED_AT_END


def test_a_whole_page_inside_an_element_called_sidebar_is_judged_all_the_same() -> None:
    html = page_html(ONE.title, paragraphs(ONE.paragraphs), tail=f"<p>Theo {LINK}{OUR_NAME}</a></p>", style="divs")
    page = parse_page(html.replace('class="wrap"', 'class="sidebar"'), PAGE_URL)
    assert judge_attribution(page, _span(page), OURS).attribution is Attribution.LINKED_AT_END


def test_a_source_line_in_a_site_builders_own_box_is_found() -> None:
    box = '<div class="elementor-widget elementor-widget-text-editor"><div class="elementor-widget-container">'
    html = page_html(ONE.title, f"{box}{paragraphs(ONE.paragraphs)}</div></div>", style="divs")
    html = html.replace(
        '<div class="sidebar">', f'{box}<p>Theo {LINK}{OUR_NAME}</a></p></div></div><div class="sidebar">'
    )
    page = parse_page(html, PAGE_URL)
    assert judge_attribution(page, _span(page), OURS).attribution is Attribution.LINKED_AT_END


def test_a_page_that_scripts_will_show_is_judged_as_shown() -> None:
    html = page_html(ONE.title, paragraphs(ONE.paragraphs), tail=f"<p>Theo {LINK}{OUR_NAME}</a></p>", style="divs")
    page = parse_page(html.replace('class="wrap"', 'class="wrap" style="display:none"'), PAGE_URL)
    assert judge_attribution(page, _span(page), OURS).attribution is Attribution.LINKED_AT_END


def test_a_page_made_by_hand_needs_no_parser() -> None:
    lines = [*ONE.paragraphs, f"Theo {OUR_NAME}"]
    text = "\n".join(lines)
    blocks, at = [], 0
    for line in lines:
        blocks.append(TextBlock(line, at, at + len(line), 0, PageRegion.MAIN))
        at += len(line) + 1
    start = text.rindex(OUR_NAME)
    link = PageLink(ONE.url, OUR_NAME, len(lines) - 1, start, start + len(OUR_NAME))
    body = PageBody(text, tuple(blocks), (TextElement(-1, 0, len(lines), "article"),), (link,))
    page = ParsedPage(PAGE_URL, text=text, declared=DeclaredSource(), read_body=lambda: body)
    verdict = judge_attribution(page, _span(page), OURS)
    assert (verdict.attribution, verdict.where) == (Attribution.LINKED_AT_END, "article > a")


class TestSourceLines:
    """Lines as partners write them."""

    @pytest.mark.parametrize(
        "line",
        [
            f"Theo {OUR_NAME}",
            f"(Theo {OUR_NAME})",
            f"Nguồn: {OUR_NAME}",
            f"NGUỒN TIN: {OUR_NAME.upper()}",
            f"Trích nguồn {OUR_NAME}",
            f"Dẫn lại từ {OUR_NAME}",
            f"Xem bài gốc: {OUR_NAME}",
            f"Minh Mẫu/{OUR_NAME}",
            f"Minh Mẫu ({OUR_NAME})",
            f"Minh Mẫu (tổng hợp theo Báo Chiều Tối, {OUR_NAME})",
            OUR_NAME,
            f"Nguồn: {OUR_NAME} | 24/11/2026",
            f"24/11/2026 - {OUR_NAME}",
            f"- Theo {OUR_NAME} -",
            f"Theo {OUR_NAME}, Báo Chiều Tối",
        ],
    )
    def test_these_name_us(self, line: str) -> None:
        assert read_source_line(line, NAMES) == SourceLine(True, OUR_NAME)

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("Theo Báo Chiều Tối", "Báo Chiều Tối"),
            ("Nguồn: Chiều Tối Online", "Chiều Tối Online"),
            ("Theo Nguyễn Mẫu (Báo Chiều Tối)", "Báo Chiều Tối"),
            ("Minh Mẫu/CTO", "CTO"),
            ("(Nguồn: chieutoi.example.vn)", "chieutoi.example.vn"),
        ],
    )
    def test_these_name_another(self, line: str, name: str) -> None:
        assert read_source_line(line, NAMES) == SourceLine(False, name)

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "…",
            "Link bài gốc Lấy link!",
            "Theo dõi chúng tôi trên mạng xã hội",
            "Nguồn nước sạch về tới mọi nhà",
            "Chia sẻ",
            "Theo kế hoạch",
            "Nguồn lực cho năm tới",
            "24/11/2026",
            "Ảnh: Mai Trang",
        ],
    )
    def test_these_name_nobody(self, line: str) -> None:
        assert read_source_line(line, NAMES) is None

    def test_the_longest_alias_wins_wherever_it_stands(self) -> None:
        assert our_name_in("Sở Thông tin thành phố Bên", NAMES) is None
        assert our_name_in("Sở Thông tin thành phố Bên, Sở Thông tin thành phố", NAMES) == OUR_NAME
        assert our_name_in("Sở Thông tin thành phốx", NAMES) is None
        assert our_name_in("", NAMES) is None

    def test_a_very_long_line_is_read_at_its_end(self) -> None:
        assert read_source_line(f"{wire(1)} {wire(2)} Nguồn: {OUR_NAME}", NAMES) == SourceLine(True, OUR_NAME)


def test_a_button_to_share_the_original_is_no_link_to_it() -> None:
    share = (
        f'<div class="chia-se"><a href="https://mang.example/share?u={ONE.url}">Chia sẻ</a> <a href="#">In</a></div>'
    )
    assert judged(share).attribution is Attribution.NONE
    assert judged(f"<p>Theo {OUR_NAME}</p>{share}").attribution is Attribution.NAMED_ONLY


def test_a_link_beyond_the_article_that_is_only_our_name_is_not_the_pages_word() -> None:
    home = f'<a href="https://{OUR_HOST}/">{OUR_NAME}</a>'
    for box in (
        home,
        f"<div>{home}</div>",
        f'<p><a href="https://{OUR_HOST}/"><img src="b.png" alt="{OUR_NAME}"></a></p>',
    ):
        assert judged(f"</article></main><div>{box}</div>").attribution is Attribution.NONE, box
    below = judged(f'</article></main><p class="source">{home}</p>')
    assert below.attribution is Attribution.HOME_PAGE_ONLY


@pytest.mark.parametrize(
    "line",
    [
        f"{OUR_NAME} - Địa chỉ: 12 phố Hạ Trì",
        f"Liên hệ: {OUR_NAME}",
        f"Thiết kế: {OUR_NAME}",
        f"Bản quyền thuộc {OUR_NAME}. Ghi rõ nguồn {OUR_NAME} khi phát hành lại.",
        f"© 2026 {OUR_NAME} | Điện thoại: 024 5555 0100",
    ],
)
def test_a_line_about_the_site_is_no_source_line(line: str) -> None:
    home = f'<a href="https://{OUR_HOST}/">{OUR_NAME}</a>'
    for written in (line, line.replace(OUR_NAME, home)):
        assert judged(f"<p>{written}</p>").attribution is Attribution.NONE
        assert judged(f"</article></main><div>{written}</div>").attribution is Attribution.NONE


def test_our_name_alone_counts_in_the_article_and_beyond_it_where_it_is_marked() -> None:
    assert judged(f"<p>{OUR_NAME}</p>").attribution is Attribution.NAMED_ONLY
    assert judged(f"</article></main><div>{OUR_NAME}</div>").attribution is Attribution.NONE
    for marked in (f'<div class="source">{OUR_NAME}</div>', f"<div>Nguồn: {OUR_NAME}</div>"):
        assert judged(f"</article></main>{marked}").attribution is Attribution.NAMED_ONLY
