"""Heads of a table: of one row or several, once more on each page, and what only looks like one."""

from collections.abc import Sequence

from campaigns.partners.register.columns import REGISTER
from coordinator.imports.tables.header_rows import MergedRange, find_header, read_header
from coordinator.imports.tables.xlsx import Worksheet

field_of = REGISTER.headings.field_of


def sheet(*rows: Sequence[str], merged: Sequence[MergedRange] = ()) -> Worksheet:
    return Worksheet("Sổ", False, [list(row) for row in rows], merged)


def test_a_heading_merged_over_others_is_put_before_those_that_say_too_little() -> None:
    table = sheet(
        ["Doanh nghiệp", "", "Giấy phép", "", "Tên miền"],
        ["Tên", "Mã số thuế", "Số", "Ngày cấp", ""],
        ["Công ty Sao", "", "1/GP", "04/03/2023", "sao.example.vn"],
        merged=[((0, 0), (0, 1)), ((0, 2), (0, 3)), ((0, 4), (1, 4))],
    )
    head = read_header(table, find_header(table.rows, field_of)[0], field_of)
    assert head.headings == ("Tên Doanh nghiệp", "Mã số thuế", "Giấy phép Số", "Ngày cấp", "Tên miền")
    assert head.last == 1


def test_a_head_whose_lower_row_alone_is_known_takes_what_is_merged_down_beside_it() -> None:
    table = sheet(
        ["STT", "Thông tin chung", "", "Tên miền"], ["", "Tên doanh nghiệp", "Số giấy phép", ""],
        merged=[((0, 0), (1, 0)), ((0, 1), (0, 2)), ((0, 3), (1, 3))],
    )  # fmt: skip
    place, known = find_header(table.rows, field_of)
    assert (place, known) == (1, True)
    assert read_header(table, place, field_of).headings == ("STT", "Tên doanh nghiệp", "Số giấy phép", "Tên miền")


def test_a_row_of_data_below_a_wide_heading_is_no_second_row_of_headings() -> None:
    table = sheet(["Số giấy phép", "Tên miền", ""], ["1/GP", "a.example.vn", "b.example.vn"], merged=[((0, 1), (0, 2))])
    head = read_header(table, 0, field_of)
    assert head.last == 0
    assert head.headings == ("Số giấy phép", "Tên miền", "Tên miền [3]")


def test_the_head_once_more_and_numbers_of_columns_are_known_and_data_is_not_taken_for_them() -> None:
    head = read_header(sheet(["STT", "Tên doanh nghiệp", "Số giấy phép"]), 0, field_of)
    assert head.again(["STT", "Tên  doanh nghiệp", "Số giấy phép"])
    assert head.again(["(1)", "(2)", "(3)"])
    assert head.again(["A", "B", "1"])
    assert not head.again(["1", "Công ty Sao", "1/GP"])
    assert not head.again(["7", "", ""])
    assert not head.again(["3", "5", "9"])
