"""The template of a site: what its pages share that could be taken for a source."""

from campaigns.republications.attribution.site_templates import NO_TEMPLATE, PagePart, common_parts, source_parts
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import OurSource
from coordinator.discovery.pages.page import parse_page

NAME = "Cổng TTĐT Thủ Đô"
OURS = OurSource(("https://tin.thudo.example/b1",), names=(SourceName(NAME),))
CREDIT = PagePart(f"Thiết kế: {NAME}")
TEXT = "Chữ khác hẳn, chẳng phải của ta. " * 20
HOME = PagePart(NAME, "https://tin.thudo.example/")


def parts(*pages: tuple[PagePart, ...]) -> set[PagePart]:
    return {each.part for each in common_parts(pages).parts}


def test_a_part_stands_on_two_other_pages_and_two_thirds_of_them() -> None:
    assert parts() == parts((CREDIT,)) == set()
    assert parts((CREDIT, HOME), (CREDIT, HOME)) == {CREDIT, HOME}
    assert parts((CREDIT,), (CREDIT,), ()) == {CREDIT}
    assert parts((CREDIT,), (CREDIT,), (), ()) == set()


def test_a_source_line_in_another_article_is_not_learned_and_one_below_it_is() -> None:
    html = f"<body><div><article><h1>Tin khác</h1><p>{TEXT}</p><p>{TEXT}</p>%s</article></div>%s</body>"
    line = f'<p>Minh Mẫu (theo <a href="https://tin.thudo.example/">{NAME}</a>)</p>'
    inside, below = (parse_page(html % place, "https://tinvui.example/1") for place in ((line, ""), ("", line)))
    assert source_parts(inside, OURS) == ()
    assert set(source_parts(below, OURS)) == {
        PagePart(f"Minh Mẫu (theo {NAME})"),
        PagePart(f"Minh Mẫu (theo {NAME})", "https://tin.thudo.example/"),
    }


def test_numbers_may_differ_and_addresses_may_not() -> None:
    first, second = (PagePart(f"{NAME}, lượt truy cập: {count}") for count in ("1.204", "1.311"))
    assert common_parts([(first,), (second,)]).has(f"{NAME}, lượt truy cập: 9.000")
    template = common_parts([(HOME,), (HOME,)])
    assert template.has(NAME, "https://tin.thudo.example")
    assert not template.has(NAME, "https://tin.thudo.example/b1")
    assert not template.has(NAME)


def test_what_may_be_a_source_is_read_from_the_page_and_its_head() -> None:
    html = (
        f'<html><head><meta name="source" content="{NAME}"></head><body>'
        f"<article><h1>Tin khác</h1><p>{TEXT}</p></article>"
        f'<div>Liên hệ: <a href="https://tin.thudo.example/">{NAME}</a></div>'
        "<p>Theo Báo Sáng</p><p>Trang chủ</p></body>"
    )
    found = source_parts(parse_page(html, "https://tinvui.example/1"), OURS)
    contact = f"Liên hệ: {NAME}"
    assert set(found) == {
        PagePart(contact, "https://tin.thudo.example/"),
        PagePart(contact),
        PagePart("Theo Báo Sáng"),
        PagePart(NAME),
    }


def test_a_page_without_parts_of_the_template_stays_as_it_is() -> None:
    page = parse_page("<body><p>Theo Báo Sáng</p></body>", "https://tinvui.example/1")
    assert NO_TEMPLATE.without(page) is page
    assert common_parts([(HOME,), (HOME,)]).without(page) is page
