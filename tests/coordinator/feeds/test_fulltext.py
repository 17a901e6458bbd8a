import pytest

from coordinator.feeds.fulltext import copy_html, copy_text, recall_notice, usage_terms
from tests.coordinator.feeds.samples import SOURCE, item, recalled


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
    one = item(note="Sửa giờ tiêm")
    assert copy_text(one).split("\n\n")[-2:] == ["Đính chính: Sửa giờ tiêm", f"Nguồn: {SOURCE.name} – {one.url}"]


def test_a_notice_names_the_bulletin_and_the_reason_but_nothing_of_its_text() -> None:
    notice = recall_notice(recalled())
    assert "BT-2026-11-24-002" in notice
    assert "Sai số liệu" in notice
    assert "NHẦM" not in notice
    assert "Lý do" not in recall_notice(item(recalled_at=item().released_at))


def test_the_terms_name_the_department() -> None:
    assert SOURCE.name in usage_terms(SOURCE.name)
