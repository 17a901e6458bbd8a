"""Cleaning: what comes out is safe, says the same, and does not change when cleaned again."""

import html as standard_html
import re
import unicodedata
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.core.errors import Invalid
from coordinator.imports.text.html_reader import read_fragment
from coordinator.imports.text.plain_text import text_to_html
from coordinator.imports.text.sanitizer import ATTRIBUTES, MOST_REFERENCES, TAGS, clean_html, cleaned_content
from coordinator.translation import speaking

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<p style='background:url(javascript:alert(1))' onclick=alert(1)>x",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><input onfocus=alert(1) autofocus><button formaction=javascript:alert(1)>x</button></form>",
    "<table><td background='javascript:alert(1)'>x</table>",
    "<!--[if gte mso 9]><xml><o:p>x</o:p></xml><![endif]-->",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<<script>alert(1)//<</script>",
    "<plaintext>x",
    "<textarea></p><script>alert(1)</script></textarea>",
    "<template><script>alert(1)</script></template>",
    "<p>\u0338x</p>",
    "<b>a</b>\u0338",
    "&#0;&#1;&#x202e;gnirts",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<a href='https://hanoi.gov.vn@evil.example/'>x</a>",
    "<a href='https:\\\\evil.example'>x</a>",
    "<a href='//evil.example/x'>x</a>",
]
PIECES = [
    *NASTY,
    *(
        f"<{slash}{tag}>"
        for tag in sorted(TAGS | {"div", "span", "h1", "h6", "hr", "pre", "sup", "b"})
        for slash in ("", "/")
    ),
    *("&nbsp;", "&amp;", "-", "+", "1.", "a)", "o"),
    "<p style='mso-list:l0 level1 lfo1'>",
    "<p style='mso-list:l0 level2 lfo1'>",
    "<span style='mso-list:Ignore'>·&nbsp;</span>",
    "<span style='mso-list:Ignore'>1.</span>",
    "<span style='mso-list:Ignore'>a)</span>",
    "<img src='https://anh.example.vn/1.jpg' alt='Ảnh &quot;một&quot;'>",
    "<a href='https://hanoi.gov.vn/tin?a=1&b=2' title='Tin'>",
    "</a>",
    "- một",
    "- hai ",
    "+ ba",
    "o \u00a0 bốn",
    " ",
    "\n",
    "Hà Nội",
    "e\u0301",
    "\u0301",
    "2",
]


class _Seen(HTMLParser):
    """Every tag with its attributes, as another parser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    seen = _Seen()
    seen.feed(html)
    seen.close()
    return seen.tags


def assert_safe(html: str) -> None:
    for tag, attributes in tags_of(html):
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
        for name in ("href", "src"):
            if name in attributes:
                assert (attributes[name] or "").startswith(("https://", "http://", "mailto:"))


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_active_survives(nasty: str) -> None:
    cleaned = clean_html(f"<p>trước</p>{nasty}<p>sau</p>")
    assert_safe(cleaned.html)
    assert "trước" in cleaned.text
    assert "<script" not in cleaned.html


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = clean_html(html, base="https://nguon.example.vn/bai/")
    twice = clean_html(once.html)
    assert twice.html == once.html
    assert twice.text == once.text
    assert_safe(once.html)
    assert unicodedata.is_normalized("NFC", once.html)
    assert unicodedata.is_normalized("NFC", once.text)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_characters_at_all_are_taken_and_stay_put(text: str) -> None:
    once = clean_html(text)
    assert clean_html(once.html).html == once.html
    assert_safe(once.html)
    assert "\x00" not in once.html


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_the_sanitiser_finds_nothing_left_to_remove(html: str) -> None:
    cleaned = clean_html(html).html
    attributes = {tag: set(names) for tag, names in ATTRIBUTES.items()}
    assert nh3.clean(cleaned, tags=set(TAGS), attributes=attributes, link_rel=None) == cleaned


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=60))
def test_words_of_a_paragraph_are_kept(text: str) -> None:
    cleaned = clean_html(f"<p>Đầu {standard_html.escape(text)} cuối</p>")
    wanted = unicodedata.normalize("NFC", f"Đầu {text} cuối")
    assert cleaned.text.split() == wanted.replace("\u200b", "").split()


def test_word_list_paragraphs_become_a_list() -> None:
    word = """
      <p class=MsoListParagraphCxSpFirst style='text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]>
      <span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;&nbsp; </span></span></span>
      <![endif]>Tiêm chủng tại <b>trạm y tế</b><o:p></o:p></p>
      <p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span>&nbsp;</span></span>Buổi sáng</p>
      <p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Khử khuẩn trường học</p>
      <p class=MsoNormal><o:p>&nbsp;</o:p></p>"""
    cleaned = clean_html(word)
    assert cleaned.html == (
        "<ul><li>Tiêm chủng tại <strong>trạm y tế</strong><ul><li>Buổi sáng</li></ul></li>"
        "<li>Khử khuẩn trường học</li></ul>"
    )
    assert cleaned.text == "- Tiêm chủng tại trạm y tế\n  - Buổi sáng\n- Khử khuẩn trường học"


def test_bold_and_italic_of_word_stay_whatever_its_own_styles_say_of_other_scripts() -> None:
    html = (
        "<p class=MsoNormal><b style='mso-bidi-font-weight:normal'>đậm</b>"
        " <i style='mso-bidi-font-style:normal'>nghiêng</i></p>"
    )
    assert clean_html(html).html == "<p><strong>đậm </strong><em>nghiêng</em></p>"


def test_word_numbers_become_a_numbered_list_only_when_it_would_show_the_same_numbers() -> None:
    item = "<p style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>{}</span>{}</p>"
    counted = "".join(item.format(f"{n}.", text) for n, text in enumerate(["Khai báo", "Xét nghiệm"], start=1))
    assert clean_html(counted).html == "<ol><li>Khai báo</li><li>Xét nghiệm</li></ol>"
    lettered = item.format("a)", "Điểm a") + item.format("b)", "Điểm b")
    assert clean_html(lettered).html == "<p>a) Điểm a</p><p>b) Điểm b</p>"
    late = item.format("3.", "Mục ba") + item.format("4.", "Mục bốn")
    assert clean_html(late).html == "<p>3. Mục ba</p><p>4. Mục bốn</p>"


def test_lines_typed_as_a_list_keep_their_markers() -> None:
    cleaned = clean_html("<p>Gồm:<br>- Quận nội thành<br>+ Đống Đa</p><p>-&nbsp; Huyện</p>")
    assert cleaned.html == "<p>Gồm:<br>- Quận nội thành<br>+ Đống Đa</p><p>- Huyện</p>"
    assert cleaned.text == "Gồm:\n- Quận nội thành\n+ Đống Đa\n\n- Huyện"


def test_loose_text_and_divisions_become_paragraphs_and_no_two_words_are_joined() -> None:
    cleaned = clean_html("một<div>hai<div>ba</div>bốn<br><br>năm</div><ul><li><p>a</p><p>b</p></li></ul>")
    assert cleaned.html == ("<p>một</p><p>hai</p><p>ba</p><p>bốn</p><p>năm</p><ul><li>a<br>b</li></ul>")
    assert clean_html("<ul><li>a<ul><li> </li></ul>b</li></ul>").text == "- a\n  b"


def test_a_list_directly_in_a_list_belongs_to_the_item_before_it() -> None:
    cleaned = clean_html("<ul><li>một</li><ul><li>hai</li></ul><li>ba</li></ul>")
    assert cleaned.html == "<ul><li>một<ul><li>hai</li></ul></li><li>ba</li></ul>"


def test_paragraphs_in_cells_and_empty_paragraphs_go() -> None:
    cleaned = clean_html(
        "<table><tr><td><p>Trang</p></td><td><p>Số lượt</p><p>&nbsp;</p></td></tr>"
        "<tr><td><p>A</p><p>B</p></td><td colspan='2' style='x'>1.250</td></tr></table><p> </p>"
    )
    assert cleaned.html == (
        "<table><tbody><tr><td>Trang</td><td>Số lượt</td></tr>"
        '<tr><td>A<br>B</td><td colspan="2">1.250</td></tr></tbody></table>'
    )
    assert cleaned.text == "Trang | Số lượt\nA B | 1.250"


def test_the_editors_own_tags_pass_unchanged() -> None:
    whole = (
        "<h2>Mục</h2><p>Chữ <strong>đậm</strong>, <em>nghiêng</em>, <strong><em>cả hai</em></strong><br>xuống dòng "
        '<a href="https://hanoi.gov.vn/" title="Cổng">liên kết</a></p><h3>Nhỏ</h3><ul><li>một</li><li>hai</li></ul>'
        "<ol><li>một<ul><li>trong</li></ul></li></ol><blockquote><p>Trích</p></blockquote>"
        '<table><thead><tr><th scope="col">Quận</th><th>Số</th></tr></thead><tbody><tr><td rowspan="2">A</td>'
        "<td>1</td></tr><tr><td>2</td></tr></tbody></table>"
        '<figure><img src="https://anh.example.vn/a.jpg" alt="Ảnh" width="640" height="360">'
        "<figcaption>Chú thích</figcaption></figure>"
    )
    cleaned = clean_html(whole)
    assert cleaned.html == whole
    assert cleaned.removed == ()
    assert cleaned.paragraphs == (
        "Mục",
        "Chữ đậm, nghiêng, cả hai\nxuống dòng liên kết",
        "Nhỏ",
        "- một\n- hai",
        "1. một\n  - trong",
        "Trích",
        "Quận | Số\nA | 1\n2",
        "Chú thích",
    )
    assert cleaned.text == "\n\n".join(cleaned.paragraphs)


def test_headings_keep_below_the_page_title() -> None:
    assert clean_html("<h1>A</h1><h4>B</h4><h6>C</h6>").html == "<h2>A</h2><h3>B</h3><h3>C</h3>"


def test_styles_that_mean_something_are_read_and_the_rest_forgotten() -> None:
    cleaned = clean_html(
        "<b style='font-weight:normal'><span style='font-weight:700'>đậm</span> thường "
        "<span style='font-style: italic; color:red'>nghiêng</span></b>"
    )
    assert cleaned.html == "<p><strong>đậm</strong> thường <em>nghiêng</em></p>"


def test_deleted_and_hidden_text_is_not_published_and_is_noted() -> None:
    cleaned = clean_html("<p>Có <s>3</s><del>4</del> 5 ca<span style='display:none'>bí mật</span></p>")
    assert cleaned.text == "Có 5 ca"
    assert [(note.code, note.count) for note in cleaned.removed] == [("hidden", 3)]


def test_raised_and_lowered_digits_keep_their_meaning() -> None:
    assert clean_html("<p>10 m<sup>2</sup>, CO<sub>2</sub>, 1<sup>st</sup></p>").text == "10 m², CO₂, 1st"


def test_relative_addresses_need_a_base() -> None:
    source = "<p><a href='/tin/1'>tin</a> <img src='anh.jpg' alt=''></p>"
    with_base = clean_html(source, base="https://nguon.example.vn/bai/")
    assert 'href="https://nguon.example.vn/tin/1"' in with_base.html
    assert 'src="https://nguon.example.vn/bai/anh.jpg"' in with_base.html
    without = clean_html(source)
    assert without.html == "<p>tin</p>"
    assert {note.code for note in without.removed} == {"link", "image_address"}


def test_embedded_pictures_leave_a_note_and_counting_pixels_go() -> None:
    cleaned = clean_html(
        "<p>x<img src='data:image/png;base64,AAAA'><img src='https://dem.example/i.gif' width=1 height=1></p>"
    )
    assert cleaned.html == "<p>x</p>"
    assert {note.code: note.count for note in cleaned.removed} == {"image": 1}
    assert "đã bỏ 1 ảnh nhúng" in str(cleaned.removed[0])
    with speaking("en"):
        assert "1 embedded image" in str(cleaned.removed[0])


def test_mail_addresses_lose_what_a_stranger_wrote_into_the_letter() -> None:
    cleaned = clean_html("<a href='mailto:vanthu@hanoi.gov.vn?subject=x&body=y'>thư</a>")
    assert cleaned.html == '<p><a href="mailto:vanthu@hanoi.gov.vn">thư</a></p>'


def test_controls_go_and_what_windows_meant_stays() -> None:
    cleaned = clean_html("<p>a\x00b\u202ec \x93ngoặc\x94 gạch\u00admềm</p>")
    assert cleaned.text == "abc “ngoặc” gạchmềm"


def test_decomposed_letters_are_composed_across_elements_too() -> None:
    decomposed = unicodedata.normalize("NFD", "Quyết định")
    assert clean_html(f"<p>{decomposed}</p>").text == "Quyết định"
    assert clean_html("<p>Ha<b>\u0300 Nội</b></p>").text == "Hà Nội"


def test_a_table_of_one_cell_is_a_frame_and_goes() -> None:
    assert clean_html("<table><tr><td><p>Một</p><p>Hai</p></td></tr></table>").html == "<p>Một</p><p>Hai</p>"


def test_text_after_a_closing_body_is_not_lost() -> None:
    assert clean_html("<html><body><p>một</p></body></html><p>hai</p>").text == "một\n\nhai"


def test_too_much_and_too_deep_are_refused_by_name() -> None:
    with pytest.raises(Invalid) as big:
        clean_html("x" * 1_000_001, field="body_html")
    assert [(error.field, error.code) for error in big.value.errors] == [("body_html", "too_long")]
    with pytest.raises(Invalid) as deep:
        clean_html("<div>" * 5000 + "x")
    assert deep.value.errors[0].code == "too_deep"
    for sign in ("&", "&lt; ", "< "):  # the cleaner takes time by their square
        with pytest.raises(Invalid, match="signs &, < and >"):
            cleaned_content(read_fragment(sign * (MOST_REFERENCES + 1)))


def test_deep_nesting_is_flattened_and_its_text_kept() -> None:
    cleaned = clean_html("<blockquote>" * 60 + "x" + "</blockquote>" * 60)
    assert cleaned.text == "x"
    assert cleaned.html.count("<blockquote>") < 60


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<ul>" + "x<li></li>" * 40_000, 40_000),
        ("<p>" + "<b>a</b>" + "<i>\u0301</i>" * 40_000, 1),
        ("<p>" + "<span>ab </span>" * 40_000, 40_000),
        ("<table>" + "x<tr></tr>" * 20_000, 20_000),
        ("<figure><figcaption>x </figcaption>" * 400 + "<img src=x>" * 20_000, 400),
        ("<p>" + "<s>a</s>x " * 40_000, 40_000),
    ],
)
def test_markup_that_makes_careless_readers_slow_is_read_whole(html: str, words: int) -> None:
    assert len(re.findall(r"\w+", clean_html(html).text)) == words


def test_plain_text_becomes_paragraphs_and_lists() -> None:
    html = text_to_html("Mở đầu\ncùng đoạn\n\nGồm:\n- một\n- hai\n\n1. bước một\n2. bước hai\n\nKết <b>")
    assert html == (
        "<p>Mở đầu<br>cùng đoạn</p><p>Gồm:</p><ul><li>một</li><li>hai</li></ul>"
        "<ol><li>bước một</li><li>bước hai</li></ol><p>Kết &lt;b&gt;</p>"
    )
    assert clean_html(html).text == ("Mở đầu\ncùng đoạn\n\nGồm:\n\n- một\n- hai\n\n1. bước một\n2. bước hai\n\nKết <b>")


def test_plain_text_without_blank_lines_has_a_paragraph_a_line() -> None:
    assert text_to_html("Một\nHai\n") == "<p>Một</p><p>Hai</p>"
    assert text_to_html("") == ""


@settings(deadline=None)
@given(st.text())
def test_plain_text_is_never_markup(text: str) -> None:
    assert {tag for tag, _ in tags_of(text_to_html(text))} <= {"p", "br", "ul", "ol", "li"}
