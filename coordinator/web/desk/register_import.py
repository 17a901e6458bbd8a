"""The licence register from a sheet: handed in, checked in the background, agreed to, and then written."""

import os
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import IO, Any

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.partners import register_runs
from campaigns.partners.columns import COLUMNS
from campaigns.partners.register_runs import BadRow, RegisterRun, Stage
from campaigns.people.staff import May
from coordinator.imports.bad_rows import write_bad_rows
from coordinator.imports.register_template import write_template
from coordinator.imports.sheets import SUFFIXES
from coordinator.imports.workbook import LARGEST
from coordinator.jobs.registering import PIECE
from coordinator.web import formats
from coordinator.web.desk import listing
from coordinator.web.desk.progress import attachment
from coordinator.web.desk.register_words import failure, notes_words, problem, told_words
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("register", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = {column.field: column.heading for column in COLUMNS}
MOVING = (Stage.CHECKING, Stage.WRITING)  # the machine is at it


@blueprint.get("/_register")
@staff(May.CONFIGURE)
def begin() -> ResponseReturnValue:
    """Choose a sheet, or go back to one."""
    return _form(None)


@blueprint.get("/_register/template.xlsx")
@staff(May.CONFIGURE)
def template() -> ResponseReturnValue:
    """A sheet to fill in."""
    return attachment(write_template(), XLSX, "mau-so-giay-phep.xlsx")


@blueprint.post("/_register")
@staff(May.CONFIGURE)
def hand_in() -> ResponseReturnValue:
    """Keep a file and have it checked; nothing of it is written into the directory."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    size = upload.stream.seek(0, os.SEEK_END)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        return _form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
    if not size:
        return _form(_("Tệp này trống, không có gì để đọc."))
    if size > LARGEST:
        most = formats.file_size(LARGEST, language())
        return _form(_("Tệp lớn hơn %(most)s. Chia thành nhiều tệp, hoặc nhập bằng dòng lệnh.", most=most))
    upload.stream.seek(0)
    place = front().place
    with place.database.write() as session:
        run = register_runs.begin(session, actor().id, name, _pieces(upload.stream), now=place.now())
        public = run.public
    front().runner.nudge("register", public)
    return _to(public)


@blueprint.get("/_register/<public>")
@staff(May.CONFIGURE)
def run(public: str) -> ResponseReturnValue:
    """How an import stands: under way, waiting for a yes, or over. Asked by its own script while it is under way, the
    part that moves; when that is over, the whole page."""
    number = listing.page_number()
    with front().place.database.read() as session:
        row = register_runs.find_run(session, public)
        shown = _shown(session, row, number)
    if request.headers.get("HX-Request") == "true":
        answer = make_response(render_template("partners/register_moving.html", **shown))
        if row.stage not in MOVING:
            answer.headers["HX-Refresh"] = "true"
    else:
        answer = make_response(render_template("partners/register_run.html", **shown))
    answer.vary.add("HX-Request")
    return answer


@blueprint.post("/_register/<public>/columns")
@staff(May.CONFIGURE)
def columns(public: str) -> ResponseReturnValue:
    """Read the same file again with other columns."""
    place = front().place
    try:
        with place.database.write() as session:
            row = register_runs.find_run(session, public, for_update=True)
            register_runs.check_again(session, row, _chosen(row), now=place.now())
    except Conflict:
        return _to(public)  # pressed twice, or in another tab: its page shows how it stands
    front().runner.nudge("register", public)
    return _to(public)


@blueprint.post("/_register/<public>/import")
@staff(May.CONFIGURE)
def take(public: str) -> ResponseReturnValue:
    """Write what can be written; rows that cannot are left out, as the page said."""
    place = front().place
    try:
        with place.database.write() as session:
            row = register_runs.find_run(session, public, for_update=True)
            register_runs.agree(session, row, actor().id, now=place.now())
    except Conflict:
        return _to(public)
    front().runner.nudge("register", public)
    return _to(public)


@blueprint.post("/_register/<public>/cancel")
@staff(May.CONFIGURE)
def call_off(public: str) -> ResponseReturnValue:
    """Forget the file, as long as nothing of it is being written."""
    place = front().place
    try:
        with place.database.write() as session:
            row = register_runs.find_run(session, public, for_update=True)
            register_runs.call_off(session, row, actor().id, now=place.now())
    except Conflict:
        say_trouble(_("Không hủy được nữa: việc nhập đã bắt đầu ghi hoặc đã kết thúc."))
        return _to(public)
    say_done(_("Đã hủy, tệp đã xóa khỏi máy chủ. Danh bạ không đổi."))
    return redirect(url_for("partners.register.begin"), 303)


@blueprint.get("/_register/<public>/errors.xlsx")
@staff(May.CONFIGURE)
def bad_rows(public: str) -> ResponseReturnValue:
    """The rows that cannot be taken, as they stand in the file, each with its number and what is wrong with it."""
    with front().place.database.read() as session:
        row = register_runs.find_run(session, public)
        query = sa.select(BadRow.row, BadRow.cells, BadRow.problems).where(BadRow.run_id == row.id).order_by(BadRow.row)
        rows = session.execute(query.execution_options(yield_per=500))
        made = write_bad_rows(
            [name for name, *_rest in row.headings],
            ((number, cells, _reasons(problems, row.told)) for number, cells, problems in rows),
        )
    return attachment(made, XLSX, "dong-loi.xlsx")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _chosen(row: RegisterRun) -> dict[str, str]:
    """What the person says the columns are: ``field.N`` of the run's Nth heading, "" for one that is none of ours."""
    chosen = {}
    for number, (heading, before, *_rest) in enumerate(row.headings, start=1):
        field = request.form.get(f"field.{number}", before)
        chosen[heading] = field if field in HEADINGS else ""
    return chosen


def _reasons(problems: list[list[str]], told: Mapping[str, Any]) -> list[str]:
    """What is wrong with a row: which column, as the register calls it and by its letter in the file, and what."""
    return [f"{_column(field, told)}: {problem(code, message)}" for field, code, message in problems]


def _column(field: str, told: Mapping[str, Any]) -> str:
    heading, letter = HEADINGS.get(field) or _("Cả dòng"), told.get("letters", {}).get(field)
    if not letter:
        return heading
    return str(_("%(heading)s (cột %(letter)s)", heading=heading, letter=letter))


def _to(public: str) -> ResponseReturnValue:
    return redirect(url_for("partners.register.run", public=public), 303)


def _form(error: str | None) -> ResponseReturnValue:
    with front().place.database.read() as session:
        runs = register_runs.latest(session)
    page = render_template(
        "partners/register.html", error=error, columns=COLUMNS, suffixes=SUFFIXES, largest=LARGEST, runs=runs
    )
    return (page, 422) if error else page


def _shown(session: Session, row: RegisterRun, number: int) -> dict[str, Any]:
    query = sa.select(BadRow).where(BadRow.run_id == row.id).order_by(BadRow.row)
    size = listing.PAGE
    bad = session.execute(query.offset((number - 1) * size).limit(size)).scalars().all() if row.bad else []
    taken = {field for _heading, field, *_samples in row.headings}
    return {
        "run": row,
        "stage": row.stage.value,
        "moving": row.stage in MOVING,
        "bad": listing.Part([(one.row, _reasons(one.problems, row.told)) for one in bad], row.bad, number),
        "fields": [("", _("Không dùng cột này")), *HEADINGS.items()],
        "lacking": [one.heading for one in COLUMNS if one.needed and one.field not in taken],
        "told": told_words(row.told),
        "notes": notes_words(row.told),
        "why": failure(row.failure_code, row.failure) if row.failure_code else "",
    }
