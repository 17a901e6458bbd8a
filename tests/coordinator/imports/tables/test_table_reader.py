"""Sheets: every kind gives the same rows, places are those a person sees, and traps are refused."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial

import pytest
import xlsxwriter

from campaigns.core.imports.row_reader import Reading, read_rows
from campaigns.partners.register.columns import REGISTER
from campaigns.partners.register.register_reader import RegisterEntry, read_register
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.tables.table_reader import ImportedTable, parse_table, read_tables
from coordinator.imports.tables.workbooks import write_template
from coordinator.imports.tables.xlsx import SheetScanner

read_table = partial(parse_table, knows=REGISTER.headings.field_of)

HEAD = ["STT", "Tên doanh nghiệp", "Số giấy phép", "Loại", "Ngày cấp", "Tên miền"]
LINE = ["1", "Công ty cổ phần Sao Khuê", "2215/GP-TTĐT", "i", "04/03/2023", "a.example.vn; b.example.vn"]


def xlsx(*sheets: Sequence[Sequence[object]], hidden: int | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"}) as book:
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
            if number == hidden:
                sheet.hide()
            elif hidden is not None:
                sheet.activate()  # a workbook cannot open on a hidden sheet
    return out.getvalue()


def read_licences(table: ImportedTable) -> Reading[RegisterEntry]:
    return read_register(read_rows(REGISTER, table.headings, table.rows))


def csv_of(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    return "".join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) + "\r\n" for row in rows)


def test_a_workbook_gives_rows_by_heading_with_clean_text() -> None:
    rows: list[Sequence[object]] = [
        HEAD,
        [1, "  Công ty A ", 2215.0, True, date(2023, 3, 4), 2.5],
        [2, "B", "", "", datetime(2023, 3, 4, 7, 30)],
    ]
    first, second = read_table("a.xlsx", xlsx(rows)).rows
    assert first.number == 2
    assert first.cells == {
        "STT": "1",
        "Tên doanh nghiệp": "Công ty A",
        "Số giấy phép": "2215",
        "Loại": "TRUE",
        "Ngày cấp": "04/03/2023",
        "Tên miền": "2.5",
    }
    assert second.cells == {"STT": "2", "Tên doanh nghiệp": "B", "Ngày cấp": "04/03/2023 07:30:00"}


def test_a_letterhead_above_the_table_and_gaps_in_it_leave_row_numbers_true() -> None:
    rows = [["ỦY BAN NHÂN DÂN", "", "CỘNG HÒA XÃ HỘI"], [], ["DANH SÁCH"], HEAD, LINE, [], LINE]
    assert [row.number for row in read_table("a.xlsx", xlsx(rows)).rows] == [5, 7]


def test_the_sheet_that_holds_the_headings_is_found_and_hidden_ones_are_not_read() -> None:
    notes = [["Ghi chú", "Người lập"], ["x", "y"]]
    assert read_table("a.xlsx", xlsx(notes, [HEAD, LINE])).rows[0].cells["Số giấy phép"] == "2215/GP-TTĐT"
    assert read_table("a.xlsx", xlsx([HEAD, LINE], notes, hidden=0)).rows[0].cells["Ghi chú"] == "x"


def test_headings_that_repeat_are_kept_apart() -> None:
    (row,) = read_table(
        "a.xlsx", xlsx([["Số giấy phép", "Tên miền", "Tên miền", ""], ["1", "a.vn", "b.vn", "lẻ"]])
    ).rows
    assert row.cells == {"Số giấy phép": "1", "Tên miền": "a.vn", "Tên miền [3]": "b.vn", "[4]": "lẻ"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_tables_are_read_in_every_unicode_encoding_and_with_every_separator(encoding: str, separator: str) -> None:
    rows = read_table("a.csv", csv_of([HEAD, LINE], separator).encode(encoding)).rows
    assert [(row.number, row.cells) for row in rows] == [(2, dict(zip(HEAD, LINE, strict=True)))]


def test_a_comma_table_whose_cells_are_full_of_semicolons_is_still_a_comma_table() -> None:
    text = (
        "Số giấy phép,Tên miền,Lĩnh vực\n" + "1/GP,a.example.vn;b.example.vn;c.example.vn,Y tế; Xã hội; Kinh tế\n" * 5
    )
    assert len(read_table("a.csv", text.encode()).rows[0].cells) == 3


def test_empty_lines_and_quoted_newlines_keep_the_numbering_of_records() -> None:
    text = 'Số giấy phép,Tên miền\r\n\r\n1/GP,"a.example.vn\nb.example.vn"\r\n2/GP,c.example.vn\r\n'
    rows = read_table("a.csv", text.encode()).rows
    assert [(row.number, row.cells["Tên miền"]) for row in rows] == [
        (3, "a.example.vn\nb.example.vn"),
        (4, "c.example.vn"),
    ]


def test_the_line_that_names_the_separator_for_excel_is_not_a_row() -> None:
    text = "sep=;\r\nSố giấy phép;Tên miền\r\n1/GP;a.example.vn\r\n"
    assert [row.number for row in read_table("a.csv", text.encode("utf-8-sig")).rows] == [2]


def test_the_old_vietnamese_windows_encoding_is_read_and_composed() -> None:
    # Vowels with a hat or horn stand alone there, tones are separate marks behind them.
    text = "So\u0301 gia\u0301y phe\u0301p,Tên doanh nghiê\u0323p,Tên miê\u0300n\n1/GP,Đươ\u0300ng La\u0301ng,a.vn\n"
    (row,) = read_table("a.csv", text.encode("cp1258"), knows=lambda heading: heading.startswith("Tên")).rows
    assert row.cells == {"Só giáy phép": "1/GP", "Tên doanh nghiệp": "Đường Láng", "Tên miền": "a.vn"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Tªn c«ng ty,Sè giÊy phÐp\nC«ng ty ®iÖn,1\n".encode("latin-1"), "neither UTF-8 nor Windows-1258"),
        (b"a,b\n\xff\xfe\x00", "byte 5"),
        (b"\xff\xfea", "byte"),
        (b'a,b\n"x,y\n', "quotation marks"),
        (b'a,b\n"x"y,z\n', "line 2"),
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"chi mot cot\nx\n", "headings"),
    ],
)
def test_a_text_table_that_cannot_be_read_says_why(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        read_table("a.csv", data)


RECORD = {"licenceNumber": "102/GP", "companyName": "Sen", "validFrom": 1677862800000, "status": None, "n": 2.0}


@pytest.mark.parametrize(
    "shape",
    [
        [RECORD],
        {"data": [RECORD]},
        {"data": {"items": [RECORD], "total": 1}},
        {"giấy phép": [RECORD], "total": 1, "tags": ["a"]},
        RECORD,
    ],
)
def test_json_in_each_shape_gives_the_same_rows(shape: object) -> None:
    (row,) = read_table("a.json", json.dumps(shape).encode()).rows
    assert row.number == 1
    assert row.cells == {
        "licenceNumber": "102/GP",
        "companyName": "Sen",
        "validFrom": "1677862800000",
        "n": "2",
    }


def test_lists_in_json_become_lines_and_objects_dotted_names() -> None:
    record = {
        "domains": ["a.vn", "b.vn"],
        "subDomains": [{"id": 1, "domain": "c.vn", "type": "main"}, {"id": 2, "domain": "d.vn"}],
        "company": {"name": "Sen", "taxCode": "0101"},
    }
    (row,) = read_table("a.json", json.dumps(record).encode()).rows
    assert row.cells == {
        "domains": "a.vn\nb.vn",
        "subDomains": "c.vn\nd.vn",
        "company.name": "Sen",
        "company.taxCode": "0101",
    }


def test_json_with_several_lists_is_refused_by_their_names() -> None:
    with pytest.raises(UnreadableDocument, match="several lists: a, b"):
        read_table("a.json", b'{"a": [{"x": 1}], "b": [{"x": 1}]}')


def test_json_that_holds_no_objects_is_refused_by_place() -> None:
    with pytest.raises(UnreadableDocument, match="record 2"):
        read_table("a.json", b'[{"a": 1}, 7]')


def test_other_kinds_of_file_are_refused_with_what_is_expected() -> None:
    with pytest.raises(UnreadableDocument, match=r"\.xlsx, \.csv, \.json"):
        read_table("a.ods", b"x")
    with pytest.raises(UnreadableDocument, match=r"save it as \.xlsx"):
        read_table("a.xls", b"x")


def changed(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, parts.get(member.filename, old.read(member)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return out.getvalue()


GOOD = xlsx([HEAD, LINE])
SHEET = "xl/worksheets/sheet1.xml"
FAR = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"x,y\n1,2\n", "damaged"),
        (GOOD[:-40], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
        (changed(GOOD, {"content.xml": b"<x/>"}), "not_excel"),
        (changed(GOOD, {SHEET: b"<worksheet>"}), "damaged"),
        (changed(GOOD, {SHEET: b"<?xml version='1.0' encoding='UTF-30'?><worksheet/>"}), "damaged"),
        (changed(GOOD, {SHEET: b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>"}), "doctype"),
        (changed(GOOD, {"xl/more.xml": b" " * 120_000_001}), "too_big_unpacked"),
        (
            changed(GOOD, {SHEET: FAR % b'<row r="1048576"><c s=">" r="XFD1048576" t="s"><v>0</v></c></row>'}),
            "too_wide",
        ),
        (changed(GOOD, {SHEET: FAR % (b'<row r="1048576">' + b"<c><v>1</v></c>" * 30 + b"</row>")}), "too_wide"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_workbook_that_cannot_be_read_says_why(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableDocument) as unreadable:
        read_table("a.xlsx", data)
    assert unreadable.value.code == code


def test_styles_far_away_do_not_make_a_sheet_too_wide() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, LINE)
        sheet.write_blank(1_000_000, 16_000, None, book.add_format({"bold": True}))
    assert [row.number for row in read_table("a.xlsx", out.getvalue()).rows] == [2]


def test_a_formula_gives_its_last_value_and_never_its_text() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_formula(1, 1, '="Công ty "&"A"', None, "Công ty A")
    assert read_table("a.xlsx", out.getvalue()).rows[0].cells["Tên doanh nghiệp"] == "Công ty A"


def test_the_template_holds_every_column_and_what_is_filled_in_is_taken() -> None:
    template = write_template([REGISTER])
    assert read_table("mau.xlsx", template).rows == []
    filled = xlsx([[column.heading for column in REGISTER.columns], [column.sample for column in REGISTER.columns]])
    reading = read_licences(read_table("mau.xlsx", filled))
    assert (len(reading.entries), reading.rejected) == (1, ())


def test_a_sheet_and_the_register_work_together_row_for_row() -> None:
    bad = ["2", "Công ty B", "", "i", "04/03/2023", "c.example.vn"]
    reading = read_licences(read_table("a.xlsx", xlsx([["DANH SÁCH"], HEAD, LINE, bad])))
    assert [entry.row for entry in reading.entries] == [3]
    assert [(row.row, row.field, row.code) for row in reading.rejected] == [(4, "licence_number", "required")]


def test_a_large_sheet_is_read_whole() -> None:
    rows: list[Sequence[object]] = [HEAD]
    rows += [[n, f"Công ty {n}", f"{n}/GP-TTĐT", "i", "04/03/2023", f"trang{n}.example.vn"] for n in range(1, 5001)]
    reading = read_licences(read_table("a.xlsx", xlsx(rows)))
    assert len(reading.entries) == 5000
    assert reading.entries[-1].row == 5001


def merged(**sheets: list[str]) -> bytes:
    """A workbook with a company's name merged over two licences, a domain over two rows, and the heading of a group."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sổ")
        sheet.write_row(0, 0, HEAD)
        sheet.merge_range(1, 0, 1, len(HEAD) - 1, "I. CÁC TRANG TỔNG HỢP")
        sheet.write_row(2, 2, LINE[2:])
        sheet.write_row(3, 2, ["2216/GP-TTĐT", *LINE[3:-1]])
        sheet.merge_range(2, 1, 4, 1, LINE[1])
        sheet.merge_range(2, len(HEAD) - 1, 3, len(HEAD) - 1, LINE[-1])
        sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 0, "=1+0", None, "1")
        for name, cells in sheets.items():
            other = book.add_worksheet(name)
            other.write_row(0, 0, cells)
            if name.startswith("an"):
                other.hide()
    return out.getvalue()


def test_a_merged_cell_speaks_for_every_row_it_reaches_over_where_that_is_meant() -> None:
    table = read_table("a.xlsx", merged(), spreads=REGISTER.headings.is_spread)
    first, second = table.rows
    assert (first.number, second.number) == (3, 4)
    assert second.cells["Tên doanh nghiệp"] == first.cells["Tên doanh nghiệp"] == LINE[1]
    assert HEAD[-1] in first.cells
    assert HEAD[-1] not in second.cells, "a domain belongs to one licence"
    assert (table.spread, table.groups) == (1, (2,))


def test_a_row_of_totals_is_left_out_and_named_and_a_corporation_is_none() -> None:
    company = ["2", "Tổng công ty Truyền thông", "2216/GP-TTĐT", "i", "04/03/2023", "c.example.vn"]
    sums = [["Cộng I:", "", "2"], ["", "Tổng cộng", "2 giấy phép"], ["", "TỔNG SỐ", "3"]]
    unfinished = ["", "Tổng công ty Phát thanh"]
    table = read_table("a.xlsx", xlsx([HEAD, LINE, company, *sums, unfinished]))
    assert [row.number for row in table.rows] == [2, 3, 7]
    assert table.sums == (4, 5, 6)


def test_what_was_not_read_is_reported_by_name_and_formulas_without_a_value_by_number() -> None:
    table = read_table("a.xlsx", merged(ghi_chu=["x"], an_di=["y"]))
    assert (table.sheet, table.others, table.hidden) == ("Sổ", ("ghi_chu",), ("an_di",))
    assert table.unvalued == 1
    assert table.rows[0].cells["STT"] == "1"


def test_a_day_is_the_same_in_a_workbook_that_counts_from_1904() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Số giấy phép", "Ngày cấp"])
        sheet.write_string(1, 0, "1/GP")
        sheet.write_datetime(1, 1, datetime(2023, 3, 4), book.add_format({"num_format": "dd/mm/yyyy"}))
    (row,) = read_table("a.xlsx", out.getvalue()).rows
    assert row.cells["Ngày cấp"] == "04/03/2023"


@pytest.mark.parametrize(
    "part",
    [
        '<worksheet><row r="1"><c r="XFD1048576"><v>1</v></c></row></worksheet>',
        '<worksheet><row r="1"><c s="1" r="XFD&#49;048576"><v>1</v></c></row></worksheet>',
        '<worksheet><row r="1048576"><c r="A1048576"/><c r="XFD1048576"><f>B1</f></c></row></worksheet>',
        '<x:worksheet xmlns:x="u"><x:row r="1"><x:c\nr="XFD1048576"><x:v>1</x:v></x:c></x:row></x:worksheet>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_filled_cell_far_away_is_refused_however_it_is_written(part: str, encoding: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        SheetScanner().check("xl/worksheets/sheet1.xml", io.BytesIO(part.encode(encoding)))
    assert refused.value.code == "too_wide"
    near = part.replace("XFD1048576", "B9").replace("XFD&#49;048576", "B9").replace("A1048576", "A9")
    assert SheetScanner().check("xl/worksheets/sheet1.xml", io.BytesIO(near.encode(encoding))).hidden == 0


def test_the_rows_of_a_read_file_take_little_more_memory_than_their_text() -> None:
    heads = [f"cot{number}" for number in range(18)]
    body = csv_of([["Tên miền", "Số giấy phép", *heads], *[["a.vn", "1", *["x" * 20] * 18]] * 2000]).encode()
    tracemalloc.start()
    try:
        (table,) = read_tables("a.csv", body, knows=REGISTER.headings.field_of)
        held, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert table.rows[1999].cells["cot17"] == "x" * 20
    assert held < 3 * len(body)  # a line of JSON repeats the headings; as objects they took ten times the text
