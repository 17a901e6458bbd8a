"""Pages of table imports: upload, check in the background, confirmation, writing. Each kind has its address, and the
texts of its pages in its templates."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any, Final

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core import import_runs
from campaigns.core.errors import Conflict
from campaigns.core.import_runs import BadRow, ImportKind, ImportRun, ImportStage
from campaigns.core.imports.columns import TableColumns
from campaigns.core.listing import ListQuery
from campaigns.people.staff import Permission
from coordinator.imports.tables.table_reader import SUFFIXES
from coordinator.imports.tables.workbooks import write_rejected_rows, write_template
from coordinator.imports.tables.xlsx import MAX_XLSX_BYTES
from coordinator.jobs.core.import_runs import FILE_PIECE
from coordinator.jobs.core.import_undo import import_uses, undo_import
from coordinator.jobs.core.imported_file import IMPORTERS
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.core.import_labels import (
    failure_message,
    import_notes,
    reading_notes,
    row_problem_message,
    use_label,
)
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.actors import actor_names
from coordinator.web.kit.text.error_messages import error_sentence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Spreadsheets that are saved as another kind first.
_OTHER_TABLES = (".ods", ".xls", ".xlsb", ".xlsm", ".tsv", ".numbers")
MOVING = (ImportStage.CHECKING, ImportStage.WRITING)  # stages in which a worker processes the import


@dataclass(frozen=True)
class ImportPages:
    """The pages of one kind of import. ``endpoint``: of its blueprint with its parents; ``templates``: the folder of
    ``begin.html`` and ``run.html``; ``more_values``: further values of ``run.html``."""

    kind: ImportKind
    endpoint: str
    path: str
    templates: str
    template_name: str
    more_values: Callable[[Session, ImportRun], Mapping[str, Any]] = lambda _session, _run: {}

    @property
    def permission(self) -> Permission:
        """Who may import and undo."""
        return IMPORTERS[self.kind].permission

    @property
    def tables(self) -> Sequence[TableColumns]:
        """The tables of such a file."""
        return IMPORTERS[self.kind].tables

    @property
    def choosable(self) -> bool:
        """Whether a person can say what a column is: of a file of one table."""
        return len(self.tables) == 1

    @property
    def headings(self) -> Mapping[str, str]:
        """The heading of each field."""
        return {column.field: column.heading for table in self.tables for column in table.columns}


REGISTER_PAGES: Final = ImportPages(
    ImportKind.REGISTER, "partners.register", "/_register", "desk/partners/register", "mau-so-giay-phep.xlsx"
)
CASES_PAGES: Final = ImportPages(
    ImportKind.CASES, "compliance.cases.table", "/_import", "desk/compliance/cases/import", "mau-vu-viec.xlsx"
)


def import_blueprint(pages: ImportPages) -> Blueprint:
    """The routes of an import."""
    blueprint = Blueprint(pages.endpoint.rpartition(".")[2], __name__)
    views = _ImportViews(pages)

    def route(method: str, path: str, endpoint: str, view: Callable[..., ResponseReturnValue]) -> None:
        guarded = staff_required(pages.permission)(view)
        blueprint.add_url_rule(f"{pages.path}{path}", endpoint, guarded, methods=[method])

    route("GET", "", "begin", views.begin)
    route("GET", "/template.xlsx", "template", views.template)
    route("POST", "", "hand_in", views.hand_in)
    route("GET", "/<public>", "run", views.run)
    if pages.choosable:
        route("POST", "/<public>/columns", "columns", views.columns)
    route("POST", "/<public>/import", "take", views.take)
    route("POST", "/<public>/cancel", "call_off", views.call_off)
    route("POST", "/<public>/undo", "undo", views.undo)
    route("GET", "/<public>/errors.xlsx", "bad_rows", views.bad_rows)
    return blueprint


class _ImportViews:
    def __init__(self, pages: ImportPages) -> None:
        self._pages = pages

    def begin(self) -> ResponseReturnValue:
        """Show the upload form and the latest imports."""
        return self._render_form(None)

    def template(self) -> ResponseReturnValue:
        """Download an empty template."""
        return attachment(write_template(self._pages.tables), XLSX, self._pages.template_name)

    def hand_in(self) -> ResponseReturnValue:
        """Store a file and queue its check; nothing else is written."""
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            return self._render_form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
        name = PurePath(upload.filename.replace("\\", "/")).name
        size = upload.stream.seek(0, os.SEEK_END)
        if (suffix := PurePath(name).suffix.lower()) not in SUFFIXES:
            if suffix in _OTHER_TABLES:
                return self._render_form(
                    _("Tệp %(suffix)s chưa đọc được. Mở tệp, lưu thành .xlsx rồi chọn lại.", suffix=suffix)
                )
            return self._render_form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
        if not size:
            return self._render_form(_("Tệp này trống, không có gì để đọc."))
        if size > MAX_XLSX_BYTES:
            most = formats.file_size(MAX_XLSX_BYTES, language())
            return self._render_form(
                _("Tệp lớn hơn %(most)s. Chia thành nhiều tệp, hoặc nhập bằng dòng lệnh.", most=most)
            )
        upload.stream.seek(0)
        context, kind = app_context().job_context, self._pages.kind
        with context.database.write() as session:
            pieces = _chunks(upload.stream)
            run = import_runs.begin_import(session, kind, current_actor().id, name, pieces, now=context.now())
            public = run.public
        return self._nudge(public)

    def run(self, public: str) -> ResponseReturnValue:
        """Show the stage and progress of an import. An htmx request gets the changing part while the import runs, and
        reloads the page afterwards.
        """
        number = pagination.page_number()
        with app_context().job_context.database.read() as session:
            row = import_runs.find_run(session, self._pages.kind, public)
            shown = self._run_values(session, row, number)
        if request.headers.get("HX-Request") == "true":
            answer = make_response(render_template("parts/import_progress.html", **shown))
            if row.stage not in MOVING:
                answer.headers["HX-Refresh"] = "true"
        else:
            answer = make_response(render_template(f"{self._pages.templates}/run.html", **shown))
        answer.vary.add("HX-Request")
        return answer

    def columns(self, public: str) -> ResponseReturnValue:
        """Queue a new check of the same file with other columns."""
        context = app_context().job_context
        try:
            with context.database.write() as session:
                row = import_runs.find_run(session, self._pages.kind, public, for_update=True)
                import_runs.check_again(session, row, self._selected_columns(row), now=context.now())
        except Conflict:
            return self._redirect_to_run(public)  # submitted twice, or in another tab: the page shows the stage
        return self._nudge(public)

    def take(self, public: str) -> ResponseReturnValue:
        """Queue the valid rows for writing; rejected rows are left out, as the page states."""
        context = app_context().job_context
        try:
            with context.database.write() as session:
                row = import_runs.find_run(session, self._pages.kind, public, for_update=True)
                import_runs.confirm_import(session, row, current_actor().id, now=context.now())
        except Conflict:
            return self._redirect_to_run(public)
        return self._nudge(public)

    def call_off(self, public: str) -> ResponseReturnValue:
        """Cancel the import and delete its file, unless it is being written."""
        context = app_context().job_context
        try:
            with context.database.write() as session:
                row = import_runs.find_run(session, self._pages.kind, public, for_update=True)
                import_runs.cancel_import(session, row, current_actor().id, now=context.now())
        except Conflict:
            flash_trouble(_("Không hủy được nữa: việc nhập đã bắt đầu ghi hoặc đã kết thúc."))
            return self._redirect_to_run(public)
        flash_done(_("Đã hủy, tệp đã xóa khỏi máy chủ. Chưa có gì được ghi."))
        return redirect(url_for(f"{self._pages.endpoint}.begin"), 303)

    def undo(self, public: str) -> ResponseReturnValue:
        """Take back what the import has written, unless something rests on it, which its page names."""
        context, kind = app_context().job_context, self._pages.kind
        try:
            with context.database.write() as session:
                taken = undo_import(session, current_actor(), kind, public, now=context.now())
        except Conflict as conflict:
            flash_trouble(error_sentence(conflict))
            return self._redirect_to_run(public)
        if kept := taken.get("kept"):
            flash_done(_("Đã hoàn tác. Giữ lại %(count)s bản tin vì đã có bài đăng lại được kiểm chứng.", count=kept))
        else:
            flash_done(_("Đã hoàn tác lần nhập này."))
        return self._redirect_to_run(public)

    def bad_rows(self, public: str) -> ResponseReturnValue:
        """Download the rejected rows as they are in the file, each with its number and errors."""
        with app_context().job_context.database.read() as session:
            row = import_runs.find_run(session, self._pages.kind, public)
            query = sa.select(BadRow.sheet, BadRow.row, BadRow.cells, BadRow.problems)
            query = query.where(BadRow.run_id == row.id).order_by(BadRow.sheet, BadRow.row)
            rows = session.execute(query.execution_options(yield_per=500))
            only = {"": list(dict.fromkeys(name for name, *_rest in row.headings))}
            made = write_rejected_rows(
                row.notes.get("sheet_headings", only),
                (
                    (sheet, number, cells, self._error_messages(sheet, problems, row.notes))
                    for sheet, number, cells, problems in rows
                ),
            )
        return attachment(made, XLSX, "dong-loi.xlsx")

    def _nudge(self, public: str) -> ResponseReturnValue:
        app_context().runner.nudge("table_import", public)
        return self._redirect_to_run(public)

    def _redirect_to_run(self, public: str) -> ResponseReturnValue:
        return redirect(url_for(f"{self._pages.endpoint}.run", public=public), 303)

    def _selected_columns(self, row: ImportRun) -> dict[str, str]:
        """Return the fields selected for the columns: ``field.N`` of the run's Nth heading, "" for an unused column."""
        chosen = {}
        for number, (heading, before, *_rest) in enumerate(row.headings, start=1):
            field = request.form.get(f"field.{number}", before)
            chosen[heading] = field if field in self._pages.headings else ""
        return chosen

    def _error_messages(self, sheet: str, problems: list[list[str]], notes: Mapping[str, Any]) -> list[str]:
        """Return the errors of a row, each with the heading and the letter of its column, and the sheet."""
        # A list of a JSON file is called as the sheet of the template.
        title = notes.get("sheets", {}).get(sheet, sheet) if sheet.isascii() else sheet
        where = f"{title} · " if sheet else ""
        return [
            f"{where}{self._column_label(sheet, field, notes)}: {row_problem_message(code, message)}"
            for field, code, message in problems
        ]

    def _column_label(self, sheet: str, field: str, notes: Mapping[str, Any]) -> str:
        letter = notes.get("letters", {}).get(f"{sheet}.{field}" if sheet else field)
        title = notes.get("sheets", {}).get(sheet)
        columns = [column for table in self._pages.tables if title in {None, table.title} for column in table.columns]
        heading = next((column.heading for column in columns if column.field == field), None) or _("Cả dòng")
        if not letter:
            return str(heading)
        return str(_("%(heading)s (cột %(letter)s)", heading=heading, letter=letter))

    def _render_form(self, error: str | None) -> ResponseReturnValue:
        with app_context().job_context.database.read() as session:
            runs = import_runs.latest_runs(session, self._pages.kind)
            names = actor_names(session, {run.by for run in runs})
        page = render_template(
            f"{self._pages.templates}/begin.html",
            endpoint=self._pages.endpoint,
            error=error,
            tables=self._pages.tables,
            suffixes=SUFFIXES,
            largest=MAX_XLSX_BYTES,
            runs=runs,
            names=names,
        )
        return (page, 422) if error else page

    def _run_values(self, session: Session, row: ImportRun, number: int) -> dict[str, Any]:
        listed = ListQuery(BadRow, sa.select(BadRow), (BadRow.run_id == row.id,), (BadRow.sheet, BadRow.row))
        bad = listed.page(session, number, total=row.bad)
        rows = [
            (bad_row.row, self._error_messages(bad_row.sheet, bad_row.problems, row.notes)) for (bad_row,) in bad.rows
        ]
        fields = {field for _heading, field, *_samples in row.headings}
        lacking = [column.heading for table in self._pages.tables for column in table.missing(fields)]
        return {
            "endpoint": self._pages.endpoint,
            "run": row,
            "by_name": actor_names(session, {row.by}).get(row.by, row.by),
            "counts": row.counts,
            "stage": row.stage.value,
            "undoable": row.stage is ImportStage.DONE and import_runs.adds_anything(row.counts),
            "uses": [use_label(use) for use in import_uses(session, row)] if row.stage is ImportStage.DONE else [],
            "moving": row.stage in MOVING,
            "held": _held(row, app_context().job_context.now()),
            "bad": bad.with_rows(rows),
            "choosable": self._pages.choosable,
            "fields": [("", _("Không dùng cột này")), *self._pages.headings.items()],
            "lacking": lacking,
            "reading_notes": reading_notes(row.notes),
            "notes": import_notes(row.notes),
            "why": failure_message(row.failure_code, row.failure) if row.failure_code else "",
            **self._pages.more_values(session, row),
        }


def _held(row: ImportRun, now: datetime) -> str:
    """Whether a process works on the run: ``waiting`` before it is claimed, ``working``, or ``silent`` when its lease
    has run out: the process has ended, or is in the one transaction that writes."""
    if row.lease_until is None:
        return "waiting"
    return "working" if row.lease_until > now else "silent"


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(FILE_PIECE):
        yield piece
