import io
import unicodedata
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from coordinator.exports.tables import Column, Table
from coordinator.exports.xlsx import SheetChart, sheet_name, write_xlsx

MADE = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)
FACTS = [("Số liệu lúc", "10:42, 24/11/2026"), ("Quy tắc tính, phiên bản", "2026.3")]


def read(data: bytes) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def one_column(*values: object, kind: str = "text", title: str = "Tên") -> Table:
    return Table(title, (Column("name", "Tên", kind),), [(value,) for value in values])


def test_text_stays_text_and_values_keep_their_types():
    table = Table(
        "Theo trang",
        (
            Column("name", "Trang"),
            Column("tax", "Mã số thuế"),
            Column("count", "Số lượt", "number"),
            Column("share", "Đạt", "percent"),
            Column("day", "Ngày", "date"),
            Column("seen", "Thấy lúc", "datetime"),
            Column("url", "Địa chỉ", "link"),
        ),
        [
            (
                "=1+1",
                "0012345678",
                12500,
                Decimal("0.593"),
                date(2026, 11, 24),
                MADE,
                "https://nhip-song.example/a?b=1",
            ),
            ("{=1}", None, float("nan"), 0.5, date(1899, 1, 2), None, "javascript:alert(1)"),
        ],
        note="Đếm một lần.",
        footer=("Tổng", None, 12500, None, None, None, None),
    )
    rows = read(write_xlsx("Tiến độ", [table], FACTS, MADE)).get_sheet_by_name("Theo trang").to_python()
    assert rows[1][:5] == ["=1+1", "0012345678", 12500.0, 0.593, date(2026, 11, 24)]
    assert rows[1][5] == datetime(2026, 11, 24, 10, 42)
    assert rows[1][6] == "https://nhip-song.example/a?b=1"
    assert rows[2][0] == "{=1}"
    assert rows[2][2] == "–"
    assert rows[2][4] == "02/01/1899"
    assert rows[2][6] == "javascript:alert(1)"
    assert rows[3][0] == "Tổng"
    assert rows[5][0] == "Đếm một lần."


def test_only_web_addresses_become_links():
    data = write_xlsx(
        "x", [one_column("https://a.example/1", "javascript:alert(1)", "file:///etc/passwd", kind="link")], [], MADE
    )
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        relations = book.read("xl/worksheets/_rels/sheet2.xml.rels").decode()
    assert relations.count("Target=") == 1
    assert 'Target="https://a.example/1"' in relations


def test_the_first_sheet_tells_when_and_by_which_rule_and_lists_the_others():
    book = read(write_xlsx("Kế hoạch 174-KH/UBND", [one_column("a", title="Theo đối tác")], FACTS, MADE))
    assert book.sheet_names == ["Tóm tắt", "Theo đối tác"]
    text = [[cell for cell in row if cell != ""] for row in book.get_sheet_by_index(0).to_python()]
    assert ["Kế hoạch 174-KH/UBND"] in text
    assert ["Số liệu lúc", "10:42, 24/11/2026"] in text
    assert ["Quy tắc tính, phiên bản", "2026.3"] in text
    assert ["Lập lúc", "10:42, 24/11/2026"] in text
    assert ["Theo đối tác", "Theo đối tác", 1.0] in text


def test_the_english_workbook_speaks_english():
    book = read(write_xlsx("Plan", [], [], MADE, locale="en"))
    assert book.sheet_names == ["Summary"]
    assert ["Made at", "10:42, 24 Nov 2026"] in [row[:2] for row in book.get_sheet_by_index(0).to_python()]


def test_a_table_without_rows_is_a_sheet_with_its_header():
    assert read(write_xlsx("x", [one_column()], [], MADE)).get_sheet_by_name("Tên").to_python() == [["Tên"]]


def test_the_same_arguments_give_the_same_bytes():
    assert write_xlsx("x", [one_column("a")], FACTS, MADE) == write_xlsx("x", [one_column("a")], FACTS, MADE)


def test_a_text_longer_than_a_cell_is_cut_and_control_characters_are_left_out():
    rows = read(write_xlsx("x", [one_column("a" * 40_000, "a\x00b\x0bc", "\ud800d")], [], MADE)).get_sheet_by_index(1)
    long, control, surrogate = (row[0] for row in rows.to_python()[1:])
    assert (len(long), long[-1]) == (32_767, "…")
    assert (control, surrogate) == ("abc", "d")


@pytest.mark.parametrize(
    "title", ["a/b:c*d?[e]\\", "'quoted'", "", "History", "x" * 80, "😀" * 40, "Chuyên đề: kinh tế - xã hội và an ninh"]
)
def test_a_sheet_name_is_one_that_excel_takes(title):
    first = sheet_name(title, [])
    second = sheet_name(title, [first.upper()])
    assert first.casefold() != second.casefold()
    assert read(write_xlsx("x", [one_column("a", title=title)] * 2, [], MADE)).sheet_names[1:] == [first, second]


def test_a_long_sheet_name_ends_with_a_whole_word():
    assert sheet_name("Xử lý trong kỳ về vi phạm của kỳ trước", []) == "Xử lý trong kỳ về vi phạm của"


def charts_in(rows):
    table = Table("Theo đối tác", (Column("name", "Đối tác"), Column("confirmed", "Đã xác nhận", "number")), rows)
    drawn = SheetChart("bar", "Lượt theo đối tác", table, "name", ("confirmed",))
    with zipfile.ZipFile(io.BytesIO(write_xlsx("x", [table], [], MADE, charts=[drawn]))) as book:
        return [book.read(name).decode() for name in book.namelist() if name.startswith("xl/charts/chart")]


def test_a_chart_says_how_many_rows_it_has_of_more_and_one_of_zeros_is_left_out():
    assert charts_in([("a", 0), ("b", 0)]) == []
    (few,) = charts_in([("a", 0), ("b", 2)])
    assert ">Lượt theo đối tác<" in few
    (many,) = charts_in([(str(number), 30 - number) for number in range(20)])
    assert ">Lượt theo đối tác (15 dòng đầu)<" in many


@settings(max_examples=25)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_every_text_is_read_back_as_that_text(texts):
    data = write_xlsx("x", [one_column(*texts)], [], MADE)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="s"') == len(texts) + 1


def test_letters_in_parts_are_written_composed():
    parts = unicodedata.normalize("NFD", "Đô Thị Xanh")
    rows = (
        read(write_xlsx("x", [one_column(parts, title=parts)], [], MADE)).get_sheet_by_name("Đô Thị Xanh").to_python()
    )
    assert rows[1] == ["Đô Thị Xanh"]


def test_a_sheet_is_printed_as_wide_as_the_page_with_its_head_on_every_page_and_its_name_above():
    with zipfile.ZipFile(io.BytesIO(write_xlsx("Tiến độ", [one_column("a", "b")], FACTS, MADE))) as book:
        summary, sheet = (book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
        names = book.read("xl/workbook.xml").decode()
    for text in (summary, sheet):
        assert '<pageSetUpPr fitToPage="1"/>' in text
        assert 'paperSize="9"' in text
        assert 'fitToHeight="0"' in text
        assert "<oddHeader>&amp;C&amp;A</oddHeader><oddFooter>&amp;C&amp;P/&amp;N</oddFooter>" in text
    assert 'orientation="landscape"' in sheet
    assert "$1:$1</definedName>" in names
