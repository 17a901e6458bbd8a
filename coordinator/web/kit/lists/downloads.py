"""Lists and reports as files: the answer that a browser saves."""

from flask import Response

from coordinator.exports.csv import write_csv
from coordinator.exports.tables import Table


def attachment(body: bytes, media_type: str, name: str) -> Response:
    """Return a download. ``name`` is ASCII: codes and fixed labels."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=media_type, headers=headers)


def csv_attachment(table: Table, stem: str) -> Response:
    """Return all rows of a list as CSV, which no cache keeps."""
    response = attachment(write_csv(table), "text/csv; charset=utf-8", f"{stem}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response
