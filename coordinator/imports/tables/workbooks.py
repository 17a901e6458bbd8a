"""The Excel files that an import gives out: the template to fill in, and the rejected rows."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from campaigns.core.imports.columns import RETURNED_HEADINGS, TableColumns


def write_rejected_rows(
    headings: Mapping[str, Sequence[str]], rows: Iterable[tuple[str, int, Mapping[str, str], Sequence[str]]]
) -> bytes:
    """An .xlsx of rows (sheet, number, cells, errors) under the headings of their sheets, to be corrected and imported
    again. ``headings`` by sheet, "" for a file of one table.

    Two columns are added, which the import ignores: the row's number in the first file, and its errors. Every cell is
    text.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheets = {}
        for place, (name, columns) in enumerate(headings.items(), start=1):
            sheet = sheets[name] = book.add_worksheet(_sheet_name(name, place))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns), 22)
            sheet.set_column(len(columns) + 1, len(columns) + 1, 60)
            for column, heading in enumerate((*columns, *RETURNED_HEADINGS)):
                sheet.write_string(0, column, heading, head)
        lines = dict.fromkeys(headings, 0)
        for name, number, cells, reasons in rows:
            lines[name] += 1
            texts = (*(cells.get(heading, "") for heading in headings[name]), str(number), "\n".join(reasons))
            for column, text in enumerate(texts):
                sheets[name].write_string(lines[name], column, text, plain)
    return out.getvalue()


def _sheet_name(name: str, place: int) -> str:
    """A name that Excel takes: a name of JSON or of another program may hold signs that it does not."""
    bare = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31]
    return bare or ("Dòng lỗi" if not name else f"Dòng lỗi {place}")


GUIDE_SHEET = "Hướng dẫn"  # the sheet of a template that says what belongs in each column


def write_template(tables: Sequence[TableColumns]) -> bytes:
    """An .xlsx to fill in: a sheet of headings for each table, and on the last one what belongs in each column, with a
    sample. A cell of a column with ``choices`` offers them.

    Every cell is text, so that a leading zero and a date stay as typed.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        lines: list[tuple[str, ...]] = []
        for filled in tables:
            sheet = book.add_worksheet(filled.title)
            for place, column in enumerate(filled.columns):
                sheet.set_column(place, place, max(16, min(40, len(column.sample) + 2)), plain)
                sheet.write_string(0, place, column.heading, head)
                needed = "Có" if column.needed else "Không"
                table = (filled.title,) if len(tables) > 1 else ()
                lines.append((*table, column.heading, needed, column.hint, column.sample))
                if column.choices:
                    allowed = {"validate": "list", "source": list(column.choices)}
                    sheet.data_validation(1, place, 5000, place, allowed)
            sheet.freeze_panes(1, 1)
        hints = book.add_worksheet(GUIDE_SHEET)
        first = ("Trang tính",) if len(tables) > 1 else ()
        for line, texts in enumerate(((*first, "Cột", "Bắt buộc", "Cách ghi", "Ví dụ"), *lines)):
            for place, text in enumerate(texts):
                hints.write_string(line, place, text, head if line == 0 else plain)
        for place, width in enumerate(((18,) if first else ()) + (24, 12, 70, 44)):
            hints.set_column(place, place, width)
    return out.getvalue()
