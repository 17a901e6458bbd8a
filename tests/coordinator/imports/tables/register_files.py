"""A register as files: two workbooks as offices keep them, a table of text, and JSON as the public register exports it.

Each comes with the number that its rows have for a person: place in the truth -> row.
"""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter

from tests.coordinator.imports.tables.cell_faults import Cell, Formula
from tests.coordinator.imports.tables.fault_injection import Register

FIELDS = (
    "company_name", "tax_code", "licence_number", "kind", "issuer", "issued_on", "expires_on", "domains", "pages",
    "scope", "status",
)  # fmt: skip
PLAIN = (
    "Tên tổ chức, doanh nghiệp", "MST", "Số và ký hiệu giấy phép (*)", "Loại hình", "Nơi cấp", "Ngày cấp phép",
    "Có giá trị đến", "Tên miền (1)", "Fanpage", "Phạm vi", "Tình trạng",
)  # fmt: skip
PUBLIC = (
    "companyName", "taxCode", "licenceNumber", "kind", "issuer", "validFrom", "validTo", "domainList", "socialPages",
    "scope", "status",
)  # fmt: skip
# Two rows of headings: what is above, and what is below it ("" where the upper one is merged over both).
DEEP = (
    ("TT", ""), ("Doanh nghiệp", "Tên"), ("", "Mã số thuế"), ("", "Địa chỉ"), ("Giấy phép", "Số"), ("", "Loại"),
    ("", "Cơ quan cấp"), ("", "Ngày cấp"), ("", "Ngày hết hạn"), ("Tên miền", ""), ("Trang mạng xã hội", ""),
    ("Lĩnh vực", ""), ("Trạng thái", ""), ("Ghi chú", ""),
)  # fmt: skip
DEEP_FIELDS = (
    "", "company_name", "tax_code", "", "licence_number", "kind", "issuer", "issued_on", "expires_on", "domains",
    "pages", "scope", "status", "",
)  # fmt: skip
DEEP_LETTERS = {name: chr(65 + place) for place, name in enumerate(DEEP_FIELDS) if name}


def text_only(cell: Cell) -> bool:
    """Whether a table of text can hold it."""
    return isinstance(cell, str)


def anything(_cell: Cell) -> bool:
    """A workbook can hold all of it."""
    return True


def _put(sheet: Any, row: int, column: int, cell: Cell, day: Any) -> None:
    match cell:
        case Formula():
            value = cell.value
            # The writer puts a 0 where nothing is said; an empty value is what other programs leave.
            sheet.write_formula(row, column, cell.text, None, value)
        case datetime():
            sheet.write_datetime(row, column, cell, day)
        case float():
            sheet.write_number(row, column, cell)
        case _:
            sheet.write_string(row, column, cell)


def office_workbook(register: Register) -> tuple[bytes, Mapping[int, int]]:
    """Letterhead, a head of two rows, numbers of columns, headings of groups, pages, empty and hidden rows, a hidden
    column, names merged over a company's licences, another sheet and a hidden one."""
    out = io.BytesIO()
    numbers: dict[int, int] = {}
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        book.add_worksheet("Ghi chú").write_row(0, 0, ["Người lập", "Ngày lập"])
        sheet = book.add_worksheet("Sổ giấy phép")
        hidden = book.add_worksheet("Nháp")
        hidden.write_row(0, 0, PLAIN)
        hidden.hide()
        sheet.merge_range(0, 0, 0, 4, "ỦY BAN NHÂN DÂN THÀNH PHỐ")
        sheet.merge_range(2, 0, 2, 13, "SỔ GIẤY PHÉP TRANG THÔNG TIN ĐIỆN TỬ TỔNG HỢP")
        for column, (above, below) in enumerate(DEEP):
            if not below:
                sheet.merge_range(4, column, 5, column, above)
            else:
                sheet.write_string(5, column, below)
        sheet.merge_range(4, 1, 4, 3, "Doanh nghiệp")
        sheet.merge_range(4, 4, 4, 8, "Giấy phép")
        sheet.write_row(6, 0, [f"({number})" for number in range(1, 15)])
        sheet.set_column(13, 13, None, None, {"hidden": True})
        line = 7
        merged = _merged(register)
        for place, truth in enumerate(register.truths):
            if place % 211 == 0:
                sheet.merge_range(line, 0, line, 13, f"{place // 211 + 1}. Nhóm")
                line += 1
            if place % 97 == 96 and place - 1 not in merged:
                line += 1  # an empty row
            if place % 150 == 149:  # the next printed page
                for column, (above, below) in enumerate(DEEP):
                    sheet.write_string(line, column, below or above)
                line += 1
            if place % 83 == 82:
                sheet.set_row(line, None, None, {"hidden": True})
            numbers[place] = line + 1
            sheet.write_number(line, 0, place + 1)
            sheet.write_string(line, 3, "Số 1, phố Mẫu")
            sheet.write_string(line, 13, f"hồ sơ {truth.number}")
            for column, name in enumerate(DEEP_FIELDS):
                covered = name in {"company_name", "tax_code"} and (place in merged or place - 1 in merged)
                if name and not covered:
                    _put(sheet, line, column, register.cell(place, name), day)
            if place in merged:
                for column in (1, 2):
                    cell = register.cell(place, DEEP_FIELDS[column])
                    sheet.merge_range(line, column, line + 1, column, cell)
            line += 1
        sheet.write_string(line + 2, 2, "NGƯỜI LẬP")  # a place of ours, and no licence
    return out.getvalue(), numbers


def _merged(register: Register) -> set[int]:
    """Places whose company and tax code are merged with the row below: two licences of one company, right in both."""
    found: set[int] = set()
    touched = {place for place, name in register.cells if name in {"company_name", "tax_code"}}
    for place in range(len(register.truths) - 1):
        both = {place, place + 1}
        if register.truths[place].company != register.truths[place + 1].company or both & touched or place - 1 in found:
            continue
        if (place + 1) % 211 and (place + 1) % 97 != 96 and (place + 1) % 150 != 149:
            found.add(place)
    return found


def plain_workbook(register: Register) -> tuple[bytes, Mapping[int, int]]:
    """A table that begins in the third row of the second column."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("MXH")
        sheet.write_row(2, 1, PLAIN)
        for place in range(len(register.truths)):
            for column, name in enumerate(FIELDS, start=1):
                _put(sheet, place + 3, column, register.cell(place, name), day)
    return out.getvalue(), {place: place + 4 for place in range(len(register.truths))}


def separated(register: Register) -> tuple[bytes, Mapping[int, int]]:
    """Semicolons and a byte order mark, as Excel saves a table of text in Vietnam."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(PLAIN)
    writer.writerows([[register.cell(place, name) for name in FIELDS] for place in range(len(register.truths))])
    return out.getvalue().encode("utf-8-sig"), {place: place + 2 for place in range(len(register.truths))}


def public(register: Register) -> tuple[bytes, Mapping[int, int]]:
    """The public register's own export: one list of objects, some cells lists themselves."""
    rows = [
        {name: register.cell(place, field) for name, field in zip(PUBLIC, FIELDS, strict=True)}
        for place in range(len(register.truths))
    ]
    for row in rows:
        if ";" in str(row["domainList"]):
            row["domainList"] = str(row["domainList"]).split("; ")  # type: ignore[assignment]
    body = json.dumps({"total": len(rows), "items": rows}, ensure_ascii=False)
    return body.encode(), {place: place + 1 for place in range(len(register.truths))}
