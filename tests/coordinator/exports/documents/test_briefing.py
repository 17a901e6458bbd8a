from datetime import date

import pytest

from coordinator.exports.documents.briefing import roman
from coordinator.exports.documents.layout import ND30
from tests.coordinator.exports.samples import briefing

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("5", "Số: 05/BC-SVHTT"),
        ("174", "Số: 174/BC-SVHTT"),
        ("", "Số: \u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0/BC-SVHTT"),
        ("12/BC-UBND", "Số: 12/BC-UBND"),
    ],
)
def test_the_number_has_a_leading_zero_below_ten_and_stays_open_when_not_given(number, expected):
    assert briefing(number=number).number_line == expected


def test_the_date_stays_open_for_the_records_office():
    assert briefing(date=None).place_line == "Đà Sông, ngày … tháng … năm …"
    assert briefing(date=date(2027, 1, 5)).place_line == "Đà Sông, ngày 05 tháng 01 năm 2027"


def test_lists_end_their_lines_with_semicolons_and_the_last_with_a_full_stop():
    assert briefing().recipient_lines == ("- Như trên;", "- Lưu: VT, BC (3).")
    assert briefing(recipients=()).recipient_lines == ()
    assert briefing(basis=("Căn cứ kế hoạch;", "Căn cứ quy chế;")).basis_lines == (
        "Căn cứ kế hoạch;",
        "Căn cứ quy chế.",
    )


def test_the_figures_are_dated_and_name_their_rule():
    assert briefing().counted_line == (
        "Kỳ báo cáo: quý IV năm 2026. Số liệu chốt lúc 10:42 ngày 24/11/2026 (giờ Việt Nam), "
        "theo quy tắc tính, phiên bản 2026.3."
    )


def test_parts_are_numbered_in_roman():
    assert [roman(number) for number in (1, 4, 6, 9, 14, 19, 40)] == ["I", "IV", "VI", "IX", "XIV", "XIX", "XXXX"]


def test_the_form_keeps_within_the_ranges_of_the_decree():
    assert 20 <= ND30.top <= 25
    assert 20 <= ND30.bottom <= 25
    assert 30 <= ND30.left <= 35
    assert 15 <= ND30.right <= 20
    assert 13 <= ND30.body_size <= 14
    assert 1 / 3 <= ND30.agency_rule / ND30.left_column <= 1 / 2
    assert ND30.left_column + ND30.right_column == ND30.width
