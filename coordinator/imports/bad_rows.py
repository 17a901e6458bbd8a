"""The rows of a sheet that could not be taken, as a sheet: to be put right there, and brought again."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from coordinator.imports.sheets import Row


def write_bad_rows(rows: Sequence[Row], wrong: Mapping[int, Sequence[str]]) -> bytes:
    """An .xlsx of the rows whose numbers are in ``wrong``, under the headings they came with.

    Two columns more, which a register does not know and so does not mind: the row's number in the first file, and what
    is wrong with it. Every cell is text, whatever it looks like.
    """
    bad = [row for row in rows if row.number in wrong]
    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Dòng lỗi")
        for place, heading in enumerate((*headings, "Dòng trong tệp", "Lỗi")):
            sheet.write_string(0, place, heading, head)
        sheet.set_column(0, len(headings), 22)
        sheet.set_column(len(headings) + 1, len(headings) + 1, 60)
        for line, row in enumerate(bad, start=1):
            cells = (
                *(row.cells.get(heading, "") for heading in headings),
                str(row.number),
                "\n".join(wrong[row.number]),
            )
            for place, text in enumerate(cells):
                sheet.write_string(line, place, text, plain)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
