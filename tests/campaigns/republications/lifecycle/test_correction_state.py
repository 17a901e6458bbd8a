"""Whether a page follows a correction, by what changed: tables of changes and of pages."""

from dataclasses import replace

import pytest

from campaigns.republications.lifecycle.correction_state import (
    CorrectionState,
    PageContent,
    RevisionContent,
    comparable_words,
    judge_against,
    judge_correction,
)

FOLLOWED, OLD, UNCLEAR, NOT_AFFECTED = (
    CorrectionState.FOLLOWED,
    CorrectionState.OLD,
    CorrectionState.UNCLEAR,
    CorrectionState.NOT_AFFECTED,
)
LEAD = "Sở Xây dựng vừa thông báo lịch tạm ngừng cấp nước tại quận Hoàng Mai để thay đường ống."
FIRST = "Từ 22 giờ ngày 24/11, đơn vị cấp nước tạm ngừng phục vụ 1.250 hộ dân để thay tuyến ống truyền dẫn cũ."
SECOND = "Người dân cần trữ nước từ buổi chiều, ưu tiên hộ có người già, trẻ nhỏ và các cơ sở y tế trong khu vực."
THIRD = "Ông Nguyễn Văn Hạnh, Phó Giám đốc xí nghiệp, cho biết việc thi công sẽ hoàn thành trước sáng hôm sau."
FOURTH = "Mọi phản ánh gửi về tổng đài 1900 1234 của công ty, trực suốt đêm trong thời gian thi công."
TITLE = "Ba phường của quận Hoàng Mai ngừng cấp nước trong đêm"
NEW_TITLE = "Năm phường của quận Hoàng Mai ngừng cấp nước trong đêm"
A, B = "a" * 32, "b" * 32
FIRST_TEXT = RevisionContent(TITLE, LEAD, "\n\n".join((FIRST, SECOND, THIRD, FOURTH)), frozenset({A}))
FIGURE = replace(FIRST_TEXT, body=FIRST_TEXT.body.replace("1.250", "1.520"))
NAME = replace(FIRST_TEXT, body=FIRST_TEXT.body.replace("Văn Hạnh", "Văn Hanh"))
REMOVED = replace(FIRST_TEXT, body="\n\n".join((FIRST, SECOND, FOURTH)))
EXTRA = "Riêng ba trường học trên địa bàn được cấp nước bằng xe bồn miễn phí từ 6 giờ sáng."
ADDED = replace(FIRST_TEXT, body="\n\n".join((FIRST, SECOND, EXTRA, THIRD, FOURTH)))
MOVED = replace(FIRST_TEXT, body="\n\n".join((FIRST, THIRD, FOURTH, SECOND)))
TITLED = replace(FIRST_TEXT, title=NEW_TITLE)
PICTURED = replace(FIRST_TEXT, pictures=frozenset({B}))
LEADING = replace(FIRST_TEXT, lead=LEAD.replace("Sở Xây dựng", "Sở Quy hoạch và Kiến trúc"))
TYPED = RevisionContent(
    TITLE.upper(), LEAD.replace("đường ống", "đường ống"), FIRST_TEXT.body.replace(",", " ,").replace("trẻ", "TRẺ"),
    FIRST_TEXT.pictures,
)  # fmt: skip


def shown(content: RevisionContent, headline: str | None = None, **also: object) -> PageContent:
    """A page with all of a revision, between a section's name and a source line."""
    text = f"Đời sống\n{content.lead}\n{content.body}\nTheo Cổng TTĐT"
    made = PageContent(
        content.title if headline is None else headline, text, "https://doitac.vn/1.jpg", content.pictures
    )
    return replace(made, **also)  # type: ignore[arg-type]


CHANGES = {
    "title": TITLED, "figure": FIGURE, "name by its marks alone": NAME, "sentence removed": REMOVED,
    "sentence added": ADDED, "order": MOVED, "picture": PICTURED, "lead": LEADING,
    "title and figure": replace(FIGURE, title=NEW_TITLE),
}  # fmt: skip


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES.keys())
def test_a_page_that_stayed_is_old_and_one_with_the_new_text_followed(changed: RevisionContent) -> None:
    before = shown(FIRST_TEXT)
    assert judge_correction(FIRST_TEXT, changed, before, before).state is OLD
    assert judge_correction(FIRST_TEXT, changed, before).state is OLD
    assert judge_correction(FIRST_TEXT, changed, shown(changed), before).state is FOLLOWED
    assert judge_correction(FIRST_TEXT, changed, shown(changed)).state is FOLLOWED
    # And the other way: a correction that takes the first text back.
    assert judge_correction(changed, FIRST_TEXT, shown(changed), shown(changed)).state is OLD


def test_half_a_correction_is_old() -> None:
    both = replace(FIGURE, title=NEW_TITLE)
    assert judge_correction(FIRST_TEXT, both, shown(FIGURE), shown(FIRST_TEXT)).state is OLD
    assert judge_correction(FIRST_TEXT, both, shown(TITLED), shown(FIRST_TEXT)).state is OLD


def test_capitals_punctuation_and_tone_marks_place_affect_no_copy() -> None:
    verdict = judge_correction(FIRST_TEXT, TYPED, shown(FIRST_TEXT), shown(FIRST_TEXT))
    assert (verdict.state, verdict.reasons) == (NOT_AFFECTED, ("same_words",))
    assert comparable_words("Hòa, thuỷ “KỲ”") == comparable_words("hoà thủy ky\u0300")
    assert comparable_words("Hoa") != comparable_words("Hòa")
    assert comparable_words("1.250") != comparable_words("12.50")


OWN_HEADLINES = {
    "Hoàng Mai: cúp nước từ 22 giờ": NOT_AFFECTED,
    "Hoàng Mai: ba điều cần biết khi cúp nước": UNCLEAR,
    "Cúp nước ở ba phường thuộc Hoàng Mai": OLD,
    "Ba phường Hoàng Mai sắp mất nước": OLD,
    "Năm phường Hoàng Mai sắp mất nước": FOLLOWED,
    f"{TITLE} | Báo Đối Tác": OLD,
    f"Nóng: {NEW_TITLE.upper()}": FOLLOWED,
}


@pytest.mark.parametrize(("headline", "wanted"), OWN_HEADLINES.items())
def test_a_headline_of_the_partners_own_is_asked_for_the_words_that_changed(
    headline: str, wanted: CorrectionState
) -> None:
    page = shown(FIRST_TEXT, headline)
    assert judge_correction(FIRST_TEXT, TITLED, page, page).state is wanted


def test_a_headline_that_was_ours_and_became_another_is_for_a_person() -> None:
    page = shown(FIRST_TEXT, "Cắt nước ban đêm, người dân cần biết")
    assert judge_correction(FIRST_TEXT, TITLED, page, shown(FIRST_TEXT)).state is UNCLEAR


def test_a_page_without_a_headline_is_asked_by_its_text() -> None:
    old = PageContent("", f"{TITLE}\n{shown(FIRST_TEXT).text}")
    new = PageContent("", f"{NEW_TITLE}\n{shown(FIRST_TEXT).text}")
    site = PageContent("Báo Đối Tác", f"{TITLE}\n{shown(FIRST_TEXT).text}")
    assert judge_correction(FIRST_TEXT, TITLED, old, old).state is OLD
    assert judge_correction(FIRST_TEXT, TITLED, new, old).state is FOLLOWED
    assert judge_correction(FIRST_TEXT, TITLED, site, site).state is OLD


def test_the_old_headline_left_over_in_the_text_is_for_a_person() -> None:
    page = shown(FIRST_TEXT, NEW_TITLE, text=f"{TITLE}\n{shown(FIRST_TEXT).text}")
    assert judge_correction(FIRST_TEXT, TITLED, page, shown(FIRST_TEXT)).state is UNCLEAR


def trimmed(*parts: str) -> PageContent:
    return PageContent(TITLE, "\n".join((LEAD, *parts)), "", frozenset())


@pytest.mark.parametrize(
    ("changed", "page"),
    [
        (FIGURE, trimmed(SECOND, THIRD, FOURTH)),
        (NAME, trimmed(FIRST, SECOND)),
        (REMOVED, trimmed(FIRST, SECOND, FOURTH)),
        (ADDED, trimmed(FIRST)),
        (MOVED, trimmed(FIRST, SECOND)),
        (PICTURED, trimmed(FIRST, SECOND, THIRD, FOURTH)),
    ],
    ids=["figure", "name", "removed", "added", "order", "picture"],
)
def test_a_copy_that_never_carried_what_changed_is_not_affected(changed: RevisionContent, page: PageContent) -> None:
    assert judge_correction(FIRST_TEXT, changed, page, page).state is NOT_AFFECTED


def test_a_copy_that_reworded_what_changed_is_for_a_person() -> None:
    own = FIRST.replace(
        "đơn vị cấp nước tạm ngừng phục vụ 1.250 hộ dân", "1.250 hộ sẽ bị đơn vị cấp nước ngừng phục vụ"
    )
    page = trimmed(own, SECOND, THIRD, FOURTH)
    assert judge_correction(FIRST_TEXT, FIGURE, page, page).state is UNCLEAR
    apart = trimmed("Khoảng 1.250 gia đình phải chờ.", SECOND, THIRD, FOURTH)
    assert judge_correction(FIRST_TEXT, FIGURE, apart, apart).state is UNCLEAR
    # It had the wrong figure and took the sentence out: the old is gone, the new is not there.
    assert judge_correction(FIRST_TEXT, FIGURE, trimmed(SECOND, THIRD, FOURTH), shown(FIRST_TEXT)).state is UNCLEAR


def test_old_and_new_on_one_page_are_for_a_person() -> None:
    page = shown(FIGURE, text=f"{shown(FIGURE).text}\nTin trước: {FIRST}")
    assert judge_correction(FIRST_TEXT, FIGURE, page, shown(FIRST_TEXT)).state is UNCLEAR
    pictures = shown(PICTURED, pictures=frozenset({A, B}))
    assert judge_correction(FIRST_TEXT, PICTURED, pictures, shown(FIRST_TEXT)).state is UNCLEAR


def test_a_replaced_picture_under_the_partners_own_address_is_for_a_person() -> None:
    page = shown(FIRST_TEXT, pictures=frozenset())
    assert judge_correction(FIRST_TEXT, PICTURED, page, page).state is UNCLEAR
    assert judge_correction(FIRST_TEXT, PICTURED, replace(page, image=""), page).state is NOT_AFFECTED


def test_what_is_left_of_an_earlier_text_is_old_after_a_second_correction() -> None:
    third = replace(TITLED, body=FIGURE.body)
    revisions = (FIRST_TEXT, TITLED)
    for page, wanted in (
        (shown(FIRST_TEXT), OLD), (shown(TITLED), OLD), (shown(FIGURE), OLD), (shown(third), FOLLOWED),
    ):  # fmt: skip
        assert judge_against(third, revisions, page, shown(FIRST_TEXT)).state is wanted
    back = judge_against(FIRST_TEXT, (FIRST_TEXT, TITLED), shown(FIRST_TEXT), shown(FIRST_TEXT))
    assert back.state is FOLLOWED  # corrected and corrected back: the page carries what is out
