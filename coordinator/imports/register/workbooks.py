"""The Excel files that the import of a register gives out: the template to fill in, and the rejected rows."""

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from campaigns.partners.register.columns import COLUMNS


def write_rejected_rows(headings: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str], Sequence[str]]]) -> bytes:
    """An .xlsx of rows (number, cells, errors) under the headings of their file, to be corrected and imported again.

    Two columns are added, which the import ignores: the row's number in the first file, and its errors. Every cell is
    text.
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


def write_register_template() -> bytes:
    """An .xlsx to fill in: the headings, and on a second sheet what belongs in each column, with a sample.

    Every cell is text, so that a leading zero and a date stay as typed; the kind is chosen from a list.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Giấy phép")
        hints = book.add_worksheet("Hướng dẫn")
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, max(16, min(40, len(column.sample) + 2)), plain)
            sheet.write_string(0, place, column.heading, head)
            hints.write_string(place + 1, 0, column.heading, plain)
            hints.write_string(place + 1, 1, "Có" if column.needed else "Không", plain)
            hints.write_string(place + 1, 2, column.hint, plain)
            hints.write_string(place + 1, 3, column.sample, plain)
            if column.field == "kind":
                sheet.data_validation(
                    1, place, 5000, place, {"validate": "list", "source": ["Trang tổng hợp", "Mạng xã hội"]}
                )
        sheet.freeze_panes(1, 1)
        for place, heading in enumerate(("Cột", "Bắt buộc", "Cách ghi", "Ví dụ")):
            hints.write_string(0, place, heading, head)
        hints.set_column(0, 0, 24)
        hints.set_column(2, 2, 70)
        hints.set_column(3, 3, 44)
    return out.getvalue()
