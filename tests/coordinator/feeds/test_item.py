import pytest
from hypothesis import given

from coordinator.feeds.item import clean_text, copy_html, copy_text, recall_notice, usage_terms
from tests.coordinator.feeds.samples import SOURCE, hard_text, item, recalled, survives


@given(hard_text)
def test_text_is_cleaned_to_the_characters_that_xml_allows(text: str) -> None:
    assert clean_text(text) == survives(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert item(title=text).title == survives(text)


def test_composed_and_decomposed_letters_stay_as_they_were() -> None:
    assert clean_text("ệ ê\u0323") == "ệ ê\u0323"


@pytest.mark.parametrize("write", [copy_html, copy_text])
def test_the_text_of_a_recalled_bulletin_is_not_handed_out(write: object) -> None:
    with pytest.raises(ValueError, match="recalled"):
        write(recalled())  # type: ignore[operator]  # parametrize gives objects


def test_notes_names_and_addresses_cannot_become_markup() -> None:
    html = copy_html(item(note="<b>&", url='https://a.example/"><script>', counter_url='https://a.example/" onload="x'))
    assert "<b>" not in html
    assert "<script>" not in html
    assert '" onload' not in html


def test_a_plain_copy_tells_the_correction_and_ends_with_the_source() -> None:
    feed_item = item(note="Sửa giờ tiêm")
    assert copy_text(feed_item).split("\n\n")[-2:] == [
        "Đính chính: Sửa giờ tiêm",
        f"Nguồn: {SOURCE.name} – {feed_item.url}",
    ]


def test_a_notice_names_the_bulletin_and_the_reason_but_nothing_of_its_text() -> None:
    notice = recall_notice(recalled())
    assert "BT-2026-11-24-002" in notice
    assert "Sai số liệu" in notice
    assert "NHẦM" not in notice
    assert "Lý do" not in recall_notice(item(recalled_at=item().released_at))


def test_the_terms_name_the_department() -> None:
    assert SOURCE.name in usage_terms(SOURCE.name)
