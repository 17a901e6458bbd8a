"""Who has read a notice, as a file for a spreadsheet."""

from collections.abc import Mapping
from datetime import datetime

from coordinator.exports.csv import write_csv
from coordinator.exports.tables import Column, Row, Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting import FORMATS
from coordinator.web.desk.notice_rows import NoticeShown
from coordinator.web.desk.notice_words import audience_words, standing_words

FORMS: Mapping[str, str] = {form: FORMATS[form] for form in ("csv", "xlsx")}
COLUMNS = (
    Column("partner", "Đối tác"), Column("code", "Mã"), Column("contact", "Liên hệ"), Column("standing", "Tình trạng"),
    Column("read_at", "Đọc lúc", "datetime"), Column("read_by", "Người đọc"),
    Column("confirmed_at", "Xác nhận lúc", "datetime"), Column("confirmed_by", "Người xác nhận"),
    Column("earlier", "Mới đọc bản số", "number"),
)  # fmt: skip


def write(one: NoticeShown, form: str, *, now: datetime) -> bytes:
    """The receivers as ``csv`` or ``xlsx``, late ones first as on the page."""
    table = Table(one.line.title, COLUMNS, [_row(one, number) for number in range(len(one.receivers))])
    if form == "csv":
        return write_csv(table)
    facts = [
        ("Thông báo", one.line.title),
        ("Gửi", audience_words(one.line.audience, one.line.topic)),
        ("Bản số", str(one.line.edition)),
        ("Hạn", one.line.deadline.strftime("%d/%m/%Y") if one.line.deadline else "không có"),
        ("Nơi nhận", str(one.line.receivers)),
        ("Đã đọc", str(one.read)),
        ("Đã xác nhận", str(one.confirmed) if one.line.must_confirm else "không yêu cầu"),
    ]
    return write_xlsx("Thông báo gửi đối tác", [table], facts, made_at=now)


def _row(one: NoticeShown, number: int) -> Row:
    line = one.receivers[number]
    reading = line.told.reading
    return {
        "partner": line.name,
        "code": line.code,
        "contact": line.contact,
        "standing": standing_words(line),
        "read_at": reading.read_at if reading else None,
        "read_by": reading.read_by_name if reading else None,
        "confirmed_at": reading.confirmed_at if reading else None,
        "confirmed_by": reading.confirmed_by_name if reading else None,
        "earlier": line.earlier,
    }
