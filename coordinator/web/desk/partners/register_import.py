"""Import of the licence register from a sheet: upload, check in the background, confirmation, writing."""

import os
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import IO, Any

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.core.listing import ListQuery
from campaigns.partners.register import import_runs
from campaigns.partners.register.columns import COLUMNS
from campaigns.partners.register.import_runs import BadRow, ImportRun, ImportStage
from campaigns.people.staff import Permission
from coordinator.imports.register.table_reader import SUFFIXES
from coordinator.imports.register.workbooks import write_register_template, write_rejected_rows
from coordinator.imports.register.xlsx import MAX_XLSX_BYTES
from coordinator.jobs.partners.register_importer import FILE_PIECE
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.partners.register_labels import (
    failure_message,
    import_notes,
    reading_notes,
    row_problem_message,
)
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats

blueprint = Blueprint("register", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = {column.field: column.heading for column in COLUMNS}
MOVING = (ImportStage.CHECKING, ImportStage.WRITING)  # stages in which a worker processes the import


@blueprint.get("/_register")
@staff_required(Permission.CONFIGURE)
def begin() -> ResponseReturnValue:
    """Show the upload form and the latest imports."""
    return _render_form(None)


@blueprint.get("/_register/template.xlsx")
@staff_required(Permission.CONFIGURE)
def template() -> ResponseReturnValue:
    """Download an empty template."""
    return attachment(write_register_template(), XLSX, "mau-so-giay-phep.xlsx")


@blueprint.post("/_register")
@staff_required(Permission.CONFIGURE)
def hand_in() -> ResponseReturnValue:
    """Store a file and queue its check; nothing is written to the directory."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _render_form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    size = upload.stream.seek(0, os.SEEK_END)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        return _render_form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
    if not size:
        return _render_form(_("Tệp này trống, không có gì để đọc."))
    if size > MAX_XLSX_BYTES:
        most = formats.file_size(MAX_XLSX_BYTES, language())
        return _render_form(_("Tệp lớn hơn %(most)s. Chia thành nhiều tệp, hoặc nhập bằng dòng lệnh.", most=most))
    upload.stream.seek(0)
    context = app_context().job_context
    with context.database.write() as session:
        run = import_runs.begin_import(session, current_actor().id, name, _chunks(upload.stream), now=context.now())
        public = run.public
    app_context().runner.nudge("register_import", public)
    return _redirect_to_run(public)


@blueprint.get("/_register/<public>")
@staff_required(Permission.CONFIGURE)
def run(public: str) -> ResponseReturnValue:
    """Show the stage and progress of an import. An htmx request gets the changing part while the import runs, and
    reloads the page afterwards.
    """
    number = pagination.page_number()
    with app_context().job_context.database.read() as session:
        row = import_runs.find_run(session, public)
        shown = _run_values(session, row, number)
    if request.headers.get("HX-Request") == "true":
        answer = make_response(render_template("desk/partners/register/progress.html", **shown))
        if row.stage not in MOVING:
            answer.headers["HX-Refresh"] = "true"
    else:
        answer = make_response(render_template("desk/partners/register/run.html", **shown))
    answer.vary.add("HX-Request")
    return answer


@blueprint.post("/_register/<public>/columns")
@staff_required(Permission.CONFIGURE)
def columns(public: str) -> ResponseReturnValue:
    """Queue a new check of the same file with other columns."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = import_runs.find_run(session, public, for_update=True)
            import_runs.check_again(session, row, _selected_columns(row), now=context.now())
    except Conflict:
        return _redirect_to_run(public)  # submitted twice, or in another tab: the page shows the stage
    app_context().runner.nudge("register_import", public)
    return _redirect_to_run(public)


@blueprint.post("/_register/<public>/import")
@staff_required(Permission.CONFIGURE)
def take(public: str) -> ResponseReturnValue:
    """Queue the valid rows for writing; rejected rows are left out, as the page states."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = import_runs.find_run(session, public, for_update=True)
            import_runs.confirm_import(session, row, current_actor().id, now=context.now())
    except Conflict:
        return _redirect_to_run(public)
    app_context().runner.nudge("register_import", public)
    return _redirect_to_run(public)


@blueprint.post("/_register/<public>/cancel")
@staff_required(Permission.CONFIGURE)
def call_off(public: str) -> ResponseReturnValue:
    """Cancel the import and delete its file, unless it is being written."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = import_runs.find_run(session, public, for_update=True)
            import_runs.cancel_import(session, row, current_actor().id, now=context.now())
    except Conflict:
        flash_trouble(_("Không hủy được nữa: việc nhập đã bắt đầu ghi hoặc đã kết thúc."))
        return _redirect_to_run(public)
    flash_done(_("Đã hủy, tệp đã xóa khỏi máy chủ. Danh bạ không đổi."))
    return redirect(url_for("partners.register.begin"), 303)


@blueprint.get("/_register/<public>/errors.xlsx")
@staff_required(Permission.CONFIGURE)
def bad_rows(public: str) -> ResponseReturnValue:
    """Show the rejected rows as they are in the file, each with its number and errors."""
    with app_context().job_context.database.read() as session:
        row = import_runs.find_run(session, public)
        query = sa.select(BadRow.row, BadRow.cells, BadRow.problems).where(BadRow.run_id == row.id).order_by(BadRow.row)
        rows = session.execute(query.execution_options(yield_per=500))
        made = write_rejected_rows(
            [name for name, *_rest in row.headings],
            ((number, cells, _error_messages(problems, row.notes)) for number, cells, problems in rows),
        )
    return attachment(made, XLSX, "dong-loi.xlsx")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(FILE_PIECE):
        yield piece


def _selected_columns(row: ImportRun) -> dict[str, str]:
    """Return the fields selected for the columns: ``field.N`` of the run's Nth heading, "" for an unused column."""
    chosen = {}
    for number, (heading, before, *_rest) in enumerate(row.headings, start=1):
        field = request.form.get(f"field.{number}", before)
        chosen[heading] = field if field in HEADINGS else ""
    return chosen


def _error_messages(problems: list[list[str]], notes: Mapping[str, Any]) -> list[str]:
    """Return the errors of a row, each with the register's heading and the letter of its column."""
    return [f"{_column_label(field, notes)}: {row_problem_message(code, message)}" for field, code, message in problems]


def _column_label(field: str, notes: Mapping[str, Any]) -> str:
    heading, letter = HEADINGS.get(field) or _("Cả dòng"), notes.get("letters", {}).get(field)
    if not letter:
        return heading
    return str(_("%(heading)s (cột %(letter)s)", heading=heading, letter=letter))


def _redirect_to_run(public: str) -> ResponseReturnValue:
    return redirect(url_for("partners.register.run", public=public), 303)


def _render_form(error: str | None) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        runs = import_runs.latest_runs(session)
    page = render_template(
        "desk/partners/register/begin.html",
        error=error,
        columns=COLUMNS,
        suffixes=SUFFIXES,
        largest=MAX_XLSX_BYTES,
        runs=runs,
    )
    return (page, 422) if error else page


def _run_values(session: Session, row: ImportRun, number: int) -> dict[str, Any]:
    listed = ListQuery(BadRow, sa.select(BadRow), (BadRow.run_id == row.id,), (BadRow.row,))
    bad = listed.page(session, number, total=row.bad)
    fields = {field for _heading, field, *_samples in row.headings}
    return {
        "run": row,
        "stage": row.stage.value,
        "moving": row.stage in MOVING,
        "bad": bad.with_rows([(bad_row.row, _error_messages(bad_row.problems, row.notes)) for (bad_row,) in bad.rows]),
        "fields": [("", _("Không dùng cột này")), *HEADINGS.items()],
        "lacking": [column.heading for column in COLUMNS if column.needed and column.field not in fields],
        "reading_notes": reading_notes(row.notes),
        "notes": import_notes(row.notes),
        "why": failure_message(row.failure_code, row.failure) if row.failure_code else "",
    }
