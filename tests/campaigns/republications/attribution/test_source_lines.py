"""Source lines, and similar texts: captions, longer names, lists of other articles, separate notes."""

import pytest

from campaigns.republications.attribution.verdicts import Attribution
from tests.campaigns.matching.sample_texts import OUR_NAME, paragraphs
from tests.campaigns.republications.attribution.test_verdicts import LINK, ONE, OTHERS, judged


def test_a_caption_that_names_us_is_no_source_line() -> None:
    for caption in (
        f"<figure><img src=a.jpg><figcaption>Nguồn: {OUR_NAME}</figcaption></figure>",
        f"<table><tr><td class='pCaption caption'>Khu phố hôm qua (Ảnh: {OUR_NAME})</td></tr></table>",
        f"<p>Ảnh minh họa. Nguồn: {OUR_NAME}</p>",
    ):
        assert judged(caption).attribution is Attribution.NONE, caption


def test_a_name_that_goes_on_is_anothers_though_nobody_listed_it() -> None:
    for longer in (f"{OUR_NAME} Mới", f"Tạp chí {OUR_NAME}"):
        verdict = judged(f"<p>Theo {longer}</p>")
        assert (verdict.attribution, verdict.source_name) == (Attribution.NAMED_OTHER_SOURCE, longer)
    for behind in ("Lấy link", "| 24/11/2026 07:30", "(Minh Mẫu)", "Chia sẻ Facebook"):
        assert judged(f"<p>Nguồn: {OUR_NAME} {behind}</p>").attribution is Attribution.NAMED_ONLY, behind


@pytest.mark.parametrize(
    "line", [f"Minh Mẫu - {OUR_NAME}", f"{OUR_NAME} | Thời sự", f"Thời sự • {OUR_NAME}", f"Minh Mẫu/{OUR_NAME}"]
)
def test_a_name_among_signs_in_a_short_line_is_a_source(line: str) -> None:
    assert judged(f"<p>{line}</p>").attribution is Attribution.NAMED_ONLY
    assert judged(byline=f'<div class="meta">{line}</div>').attribution is Attribution.NAMED_ONLY


@pytest.mark.parametrize("opening", [f"(Theo {OUR_NAME}) - ", f"{OUR_NAME} – ", f"({OUR_NAME}) "])
def test_a_name_that_opens_the_text_is_a_source(opening: str) -> None:
    first, *rest = ONE.paragraphs
    assert judged(body=paragraphs([opening + first, *rest])).attribution is Attribution.NAMED_ONLY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{OUR_NAME} vừa phát đi thông báo, nguyên văn như sau:", Attribution.NAMED_ONLY),
        (f"Dưới đây là bản tin của {OUR_NAME}:", Attribution.NAMED_ONLY),
        (f"Bạn đọc gửi câu hỏi tới {OUR_NAME}:", Attribution.NONE),
        (f"{OUR_NAME} vừa phát đi thông báo về việc thu phí.", Attribution.NONE),
    ],
)
def test_a_line_that_introduces_the_text_names_its_source(line: str, expected: Attribution) -> None:
    assert judged(body=f"<p>{line}</p>{paragraphs(ONE.paragraphs)}").attribution is expected


@pytest.mark.parametrize("line", ["Tin do {} cung cấp", "Bản quyền thuộc về {}", "Cre: {}", "Link gốc: {}"])
def test_who_provided_a_text_is_its_source(line: str) -> None:
    assert judged(f"<p>{line.format(OUR_NAME)}</p>").attribution is Attribution.NAMED_ONLY


def test_a_source_line_behind_a_list_of_links_in_the_same_element_is_the_articles() -> None:
    links = "".join(f'<li><a href="/{sample.id}">{sample.title}</a></li>' for sample in OTHERS)
    verdict = judged(body=f"{paragraphs(ONE.paragraphs)}<ul>{links}</ul><p>Theo {LINK}{OUR_NAME}</a></p>")
    assert verdict.attribution is Attribution.LINKED_AT_END


def test_the_sources_of_listed_articles_are_theirs() -> None:
    items = "".join(
        f'<div><a href="/{sample.id}">{sample.title}</a><div>23/11/2026</div><div>Nguồn: {OUR_NAME}</div></div>'
        for sample in OTHERS
    )
    assert judged(f"</article></main><div>{items}</div>").attribution is Attribution.NONE
    flat = "".join(f'<a href="/{sample.id}">{sample.title}</a><br>Nguồn: {OUR_NAME}<br>' for sample in OTHERS)
    assert judged(f"</article></main>{flat}").attribution is Attribution.NONE


def test_an_address_that_a_button_copies_is_one_in_letters() -> None:
    for name in ("data-url", "data-link", "data-clipboard-text"):
        button = f'<p>Theo {OUR_NAME} <span class="btn-copy" {name}="{ONE.url}">Copy link</span></p>'
        assert judged(button).attribution is Attribution.URL_TEXT_ONLY


def test_a_marked_line_that_names_an_outlet_names_another() -> None:
    verdict = judged('<p class="source"><b>Báo Chiều Tối</b></p>')
    assert (verdict.attribution, verdict.source_name) == (Attribution.NAMED_OTHER_SOURCE, "Báo Chiều Tối")
    assert judged('<p class="author"><b>Minh Mẫu</b></p>').attribution is Attribution.NONE


@pytest.mark.parametrize("line", [f"Tin, ảnh: {OUR_NAME}", f"Bài và ảnh: {OUR_NAME}", f"PV/{OUR_NAME}"])
def test_who_made_text_and_pictures_is_the_source(line: str) -> None:
    assert judged(f"<p>{line}</p>").attribution is Attribution.NAMED_ONLY


def test_who_made_the_pictures_alone_is_not() -> None:
    assert judged(f"<p>Ảnh: Minh Mẫu/{OUR_NAME}</p>").attribution is Attribution.NONE


def test_a_note_on_the_source_set_apart_in_the_article_is_the_articles() -> None:
    note = f'<aside class="source-note">Nguồn: {LINK}{OUR_NAME}</a></aside>'
    assert judged(note).attribution is Attribution.LINKED_AT_END
    assert judged(f"</article></main>{note}").attribution is Attribution.NONE


def test_a_picture_that_names_us_as_a_link_is_a_source_and_its_description_is_not() -> None:
    logo = f'<p><a href="https://cong.example/"><img src=a.png alt="Logo {OUR_NAME}"></a></p>'
    verdict = judged(logo)
    assert (verdict.attribution, verdict.text) == (Attribution.NAMED_ONLY, f"Logo {OUR_NAME}")
    assert verdict.where.endswith("a > img")
    linked = judged(f'<p>{LINK}<img src=a.png alt="{OUR_NAME}"></a></p>')
    assert (linked.attribution, linked.source_name) == (Attribution.LINKED_AT_END, OUR_NAME)
    for other in (
        f'<p><a href="/a.jpg"><img src=a.jpg alt="{OUR_NAME} mở hội nghị về giao thông"></a></p>',
        f'<figcaption><a href="/x">{OUR_NAME}</a></figcaption>',
        f'<p>Ảnh: <a href="/x">{OUR_NAME}</a></p>',
    ):
        assert judged(other).attribution is Attribution.NONE, other


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        (f"Theo {OUR_NAME}, ", Attribution.NAMED_ONLY),
        (f"Theo tin từ {OUR_NAME}, ", Attribution.NAMED_ONLY),
        (f"{OUR_NAME} đưa tin, ", Attribution.NAMED_ONLY),
        (f"{OUR_NAME} cho biết: ", Attribution.NAMED_ONLY),
        (f"{OUR_NAME} ra mắt giao diện mới. ", Attribution.NONE),
        (f"Theo kế hoạch của {OUR_NAME}, ", Attribution.NONE),
    ],
)
def test_the_first_words_of_the_text_may_name_the_source(opening: str, expected: Attribution) -> None:
    first, *rest = ONE.paragraphs
    assert judged(body=paragraphs([opening + first, *rest])).attribution is expected


def test_a_name_broken_over_three_lines_is_read_and_another_is_not_blamed_for_its_first_line() -> None:
    for line in ("Nguồn:<br>Sở Thông tin<br>thành phố", "Nguồn: Sở<br>Thông tin<br>TP", "Theo Sở TT<br>Thành phố"):
        assert judged(f"<p>{line}</p>").attribution is Attribution.NAMED_ONLY, line


@pytest.mark.parametrize(
    "line",
    [
        "Đợt cao điểm bắt đầu từ ngày 15/12, theo thông báo của {}.",
        "Đợt cao điểm bắt đầu từ thứ hai (theo kế hoạch của {}).",
        "Theo kế hoạch số 15/KH của {}.",
        "Người dân nộp hồ sơ theo hướng dẫn của {}.",
        "Từ 1/1 phí giảm một nửa, theo đề nghị của {}.",
    ],
)
def test_what_an_office_announced_or_asked_for_is_no_source_of_the_text(line: str) -> None:
    assert judged(f"<p>{line.format(OUR_NAME)}</p>").attribution is Attribution.NONE


@pytest.mark.parametrize("line", ["Vũ Dũng/{}", "Vũ Dũng (theo {})", "15/12/2026 - Theo {}", "(Theo {})", "Theo {}"])
def test_who_it_is_taken_from_is_the_source(line: str) -> None:
    assert judged(f"<p>{line.format(OUR_NAME)}</p>").attribution is Attribution.NAMED_ONLY
