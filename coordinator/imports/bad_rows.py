"""The rows of a sheet that could not be taken, as a sheet: to be put right there, and brought again."""

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter


def write_bad_rows(headings: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str], Sequence[str]]]) -> bytes:
    """An .xlsx of rows under the headings they came with; each is its number, its cells, and what is wrong with it.

    Two columns more, which a register does not know and so does not mind: the row's number in the first file, and what
    is wrong with it. Every cell is text, whatever it looks like. Rows go to a file as they come, never all in memory.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Dòng lỗi")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings), 22)
        sheet.set_column(len(headings) + 1, len(headings) + 1, 60)
        for place, heading in enumerate((*headings, "Dòng trong tệp", "Lỗi")):
            sheet.write_string(0, place, heading, head)
        for line, (number, cells, reasons) in enumerate(rows, start=1):
            texts = (*(cells.get(heading, "") for heading in headings), str(number), "\n".join(reasons))
            for place, text in enumerate(texts):
                sheet.write_string(line, place, text, plain)
    return out.getvalue()
