"""The formats of reports, and one file of a report."""

from dataclasses import dataclass

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class RenderedReport:
    """One file of a report."""

    name: str
    media_type: str
    body: bytes
