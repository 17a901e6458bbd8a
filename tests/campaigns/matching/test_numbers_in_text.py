"""Figures: read however they are written, and compared with those at the same place of another text."""

import unicodedata

import pytest

from campaigns.matching.numbers_in_text import (
    FigureKind,
    FigureVerdict,
    compare_figures,
    judge_figures,
    masked_text,
    read_figures,
    same_figure,
)


def read(text: str) -> list[str]:
    return [text[figure.start : figure.end].strip() for figure in read_figures(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12.500 ca", "12 500 ca"),
        ("12.500 ca", "12,500 ca"),
        ("12.500 ca", "12500 ca"),
        ("có 12 ca", "có mười hai ca"),
        ("có 21 ca", "có hai mươi mốt ca"),
        ("có 205 ca", "có hai trăm linh năm ca"),
        ("có 3 ổ dịch", "có ba ổ dịch"),
        ("có 12 ca", "có mườı haı ca"),
        ("có 32 ca", "có ba mươi haİ ca"),
        ("có 61 ca", "có ſáu mươi mốt ca"),
        ("1,2 triệu đồng", "1,2 trıệu đồng"),
        ("nặng 5 ki-lô-gam", "nặng 5 \u212aı-lô-gam"),
        ("đạt 12,5%", "đạt 12.5 phần trăm"),
        ("cao 5,2 m", "cao 5,2 mét"),
        ("cao 5,2 m", "cao 520 cm"),
        ("nặng 1,5 tấn", "nặng 1.500 kg"),
        ("1,2 triệu đồng", "1.200.000 đồng"),
        ("27,6 tỷ đồng", "27.600 triệu đồng"),
        ("nóng 31 độ C", "nóng 31°C"),
        ("ngày 24/11 vừa qua", "ngày 24-11 vừa qua"),
        ("ngày 24/11 vừa qua", "ngày 24 tháng 11 vừa qua"),
        ("ngày 04/01/2026 vừa qua", "ngày 4/1 vừa qua"),
        ("chiều 5/3 vừa qua", "chiều 5-3 vừa qua"),
        ("lúc 7 giờ 30 phút nay", "lúc 7h30 nay"),
        ("lúc 7 giờ nay", "lúc 07:00 nay"),
    ],
)
def test_one_figure_written_in_two_ways_is_the_same(one: str, other: str) -> None:
    (first,), (second,) = read_figures(one), read_figures(other)
    assert same_figure(first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12.500 ca", "12.501 ca"),
        ("1,25 m", "125 m"),
        ("ngày 24/11 qua", "ngày 25/11 qua"),
        ("ngày 24/11/2025 qua", "ngày 24/11/2026 qua"),
        ("lúc 7 giờ nay", "lúc 7 giờ 30 nay"),
        ("có 86 ca", "có tám mươi bảy ca"),
    ],
)
def test_other_figures_are_others(one: str, other: str) -> None:
    (first,), (second,) = read_figures(one), read_figures(other)
    assert not same_figure(first, second)


@pytest.mark.parametrize(
    "text",
    [
        "Nghị định số 30/2020/NĐ-CP và 174/KH-UBND",
        "tổng đài 1022, điện thoại 0243.825.1234, 1900 6868",
        "trực 24/24 suốt năm 2026",
        "máy bay A320, ca F0, mạng 5G của phường",
        "một số nơi, trong năm nay",
        "Thứ ba, 24/11/2026, 08:15 (GMT+7)",
        "Cập nhật lúc 21:07 ngày 24/11/2026",
    ],
)
def test_numbers_of_documents_telephones_years_and_a_date_line_are_no_figures(text: str) -> None:
    found = [figure for figure in read_figures(text) if not figure.weak and text[figure.start :].lower()[:2] != "5g"]
    assert found == []


def test_a_date_within_a_sentence_is_a_figure_beside_a_date_line_that_is_none() -> None:
    text = "24/11/2026 08:15\nTính đến ngày 23/11, có thêm 86 ca mắc mới."
    assert read(text) == ["23/11", "86"]


def test_a_range_of_degrees_is_no_day() -> None:
    kinds = [figure.kind for figure in read_figures("Nhiệt độ 10-12 độ C, gió cấp 3")]
    assert FigureKind.DAY not in kinds


TEXT = "Tính đến ngày {}, thành phố ghi nhận thêm {} ca mắc mới và hiện còn {} bệnh nhân đang điều trị tại {} cơ sở."


def verdict(theirs: str, *siblings: str, ours: str = TEXT.format("24/11", "86", "1.204", "17")) -> FigureVerdict:
    own = masked_text(ours)
    return judge_figures(own, compare_figures(own, masked_text(theirs)), [masked_text(text) for text in siblings])


def test_each_figure_is_compared_with_the_one_at_its_place() -> None:
    own = masked_text(TEXT.format("24/11", "86", "1.204", "17"))
    page = masked_text("25/11/2026 08:00\n" + TEXT.format("24-11", "tám mươi sáu", "1 204", "18") + "\nGọi 1022.")
    compared = compare_figures(own, page)
    assert (len(compared.equal), len(compared.differing)) == (3, 1)


def test_decomposed_letters_give_the_same_comparison() -> None:
    own = masked_text(TEXT.format("24/11", "86", "1.204", "17"))
    page = masked_text(unicodedata.normalize("NFD", TEXT.format("24/11", "tám mươi sáu", "1.204", "17")))
    assert len(compare_figures(own, page).equal) == 4


def test_a_copy_that_updates_a_figure_is_a_copy_and_one_with_none_of_them_is_another_days() -> None:
    assert verdict(TEXT.format("24/11", "87", "1.204", "17")) is FigureVerdict.FIT
    assert verdict(TEXT.format("30/11", "41", "1.399", "22")) is FigureVerdict.OTHER
    assert verdict(TEXT.format("24/11", "41", "1.399", "22")) is FigureVerdict.OTHER  # another office's of that day


def test_what_is_the_same_in_the_whole_series_says_nothing() -> None:
    text = TEXT + " Trẻ từ 2 đến 5 tuổi tiêm đủ 3 mũi, cách nhau 28 ngày, theo dõi 30 phút tại chỗ."
    ours, page = text.format("24/11", "86", "1.204", "17"), text.format("30/11", "41", "1.399", "22")
    assert verdict(page, ours=ours) is FigureVerdict.FIT  # as far as anybody can tell
    assert verdict(page, text.format("25/11", "55", "1.111", "19"), ours=ours) is FigureVerdict.OTHER


FEW = "Điểm hiến máu tại quảng trường vừa tiếp nhận {} đơn vị máu của người dân và công nhân, đông hơn mọi năm trước."
DAY = "Sáng {} các đội phun hóa chất diệt muỗi tại tất cả khu dân cư, người dân mở cửa sổ và đậy kín thức ăn."


def test_one_figure_that_differs_is_an_update_unless_the_series_is_known() -> None:
    assert verdict(FEW.format(415), ours=FEW.format(398)) is FigureVerdict.UPDATED
    assert verdict(FEW.format(415), FEW.format(377), ours=FEW.format(398)) is FigureVerdict.OTHER
    assert verdict(DAY.format("1/12"), ours=DAY.format("24/11")) is FigureVerdict.UPDATED
    assert verdict(DAY.format("1/12"), DAY.format("8/12"), ours=DAY.format("24/11")) is FigureVerdict.OTHER


def test_a_day_that_differs_with_the_only_number_is_another_days() -> None:
    text = "Ngày {}, điểm hiến máu tại quảng trường vừa tiếp nhận {} đơn vị máu của người dân và công nhân."
    assert verdict(text.format("25/11", 415), ours=text.format("24/11", 398)) is FigureVerdict.OTHER
    assert verdict(text.format("24/11", 415), ours=text.format("24/11", 398)) is FigureVerdict.FIT


def test_a_text_without_figures_fits() -> None:
    plain = "Các trạm y tế tiếp tục tổ chức tiêm chủng miễn phí cho trẻ trong độ tuổi tại nơi cư trú."
    assert verdict(plain, ours=plain) is FigureVerdict.FIT
    assert verdict("không có gì giống", ours=plain) is FigureVerdict.FIT


def test_of_a_known_series_another_day_needs_nearly_all_its_numbers_to_be_a_copy() -> None:
    text = (
        "Tạm ngừng cấp nước từ {} giờ ngày {} đến {} giờ sáng hôm sau tại {} tuyến phố phía đông để đấu nối đường ống."
    )
    ours, sibling = text.format(22, "24/11", 5, 4), text.format(21, "3/12", 4, 7)
    assert verdict(text.format(22, "1/12", 5, 4), sibling, ours=ours) is FigureVerdict.OTHER  # the same hours by chance
    assert verdict(text.format(22, "24/11", 4, 4), sibling, ours=ours) is FigureVerdict.FIT
    daily = TEXT.format("25/11", "86", "1.204", "17")  # a partner wrote its own day
    assert verdict(daily, TEXT.format("3/12", "55", "1.111", "19")) is FigureVerdict.FIT
    assert verdict(TEXT.format("25/11", "86", "1.399", "22"), TEXT.format("3/12", "55", "1.111", "19")) is (
        FigureVerdict.OTHER
    )
