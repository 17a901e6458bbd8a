"""The licence register from a sheet, in two steps: what would happen, row by row, and then that."""

import base64
import binascii
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaigns.partners.columns import COLUMNS
from campaigns.people.staff import May
from coordinator.imports.bad_rows import write_bad_rows
from coordinator.imports.sheets import SUFFIXES, read_sheet, write_template
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs.importing import RegisterImport, import_register
from coordinator.web import formats
from coordinator.web.desk.progress import attachment
from coordinator.web.desk.register_words import rejection, unreadable
from coordinator.web.look import language, say_done
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("register", __name__)

# The sheet travels with the second step's form, so that nothing has to be kept in between; form fields may have 4 MB,
# and a register of 5,000 rows has well under one.
LARGEST = 2_500_000  # bytes
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_REJECTED = 200  # rejected rows shown; the rest are counted


@blueprint.get("/_register")
@staff(May.CONFIGURE)
def begin() -> ResponseReturnValue:
    """Choose a sheet."""
    return _form(None)


@blueprint.get("/_register/template.xlsx")
@staff(May.CONFIGURE)
def template() -> ResponseReturnValue:
    """A sheet to fill in."""
    return attachment(write_template(), XLSX, "mau-so-giay-phep.xlsx")


@blueprint.post("/_register")
@staff(May.CONFIGURE)
def check() -> ResponseReturnValue:
    """What an import would do; nothing is written."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        name, body = PurePath(upload.filename).name, upload.stream.read(LARGEST + 1)
    elif request.form.get("body"):
        # The same file again, with other columns chosen.
        try:
            name, body = _sent()
        except binascii.Error:
            return _form(_("Tệp gửi lên bị hỏng giữa đường. Chọn lại tệp."))
    else:
        return _form(_("Chọn một tệp .xlsx, .csv hoặc .json"))
    if len(body) > LARGEST:
        most = formats.file_size(LARGEST, language())
        return _form(_("Tệp lớn hơn %(most)s. Chia thành nhiều tệp, hoặc nhập bằng dòng lệnh.", most=most))
    try:
        tried = import_register(front().place.database, actor().id, name, body, dry_run=True, chosen=_chosen())
    except UnreadableDocument as error:
        return _form(_unreadable(error))
    return _result(tried, name, body)


@blueprint.post("/_register/import")
@staff(May.CONFIGURE)
def take() -> ResponseReturnValue:
    """Write what can be written. Bad rows are left out only when that was agreed to."""
    try:
        name, body = _sent()
        done = import_register(
            front().place.database,
            actor().id,
            name,
            body,
            skip_bad=request.form.get("skip_bad") == "1",
            chosen=_chosen(),
        )
    except binascii.Error:
        return _form(_("Tệp gửi lên bị hỏng giữa đường. Chọn lại tệp."))
    except UnreadableDocument as error:
        return _form(_unreadable(error))
    if done.rejected and request.form.get("skip_bad") != "1":
        # Somebody changed the directory since the first step: show the new state of things instead of half of it.
        return _result(done, name, body)
    front().runner.nudge("look")
    bad = len({row.row for row in done.rejected})
    said = _(
        "Đã nhập %(good)s dòng: thêm %(companies)s đối tác, %(licences)s giấy phép, %(sites)s trang.",
        good=formats.number(done.good, language()),
        companies=formats.number(done.companies, language()),
        licences=formats.number(done.licences, language()),
        sites=formats.number(done.sites, language()),
    )
    if bad:
        said += " " + _("%(bad)s dòng lỗi chưa nhập.", bad=formats.number(bad, language()))
    say_done(said)
    return redirect(url_for("partners.index"), 303)


@blueprint.post("/_register/errors.xlsx")
@staff(May.CONFIGURE)
def bad_rows() -> ResponseReturnValue:
    """The rows that cannot be taken, as they stand in the file, each with its number and what is wrong with it."""
    try:
        name, body = _sent()
        tried = import_register(front().place.database, actor().id, name, body, dry_run=True, chosen=_chosen())
        wrong: dict[int, list[str]] = {}
        headings = {column.field: column.heading for column in COLUMNS}
        for one in tried.rejected:
            wrong.setdefault(one.row, []).append(f"{headings.get(one.field, one.field)}: {rejection(one)}")
        made = write_bad_rows(read_sheet(name, body), wrong)
    except binascii.Error:
        return _form(_("Tệp gửi lên bị hỏng giữa đường. Chọn lại tệp."))
    except UnreadableDocument as error:
        return _form(_unreadable(error))
    return attachment(made, XLSX, "dong-loi.xlsx")


def _sent() -> tuple[str, bytes]:
    """The file that travels with the form. Raises ``binascii.Error`` for one that was cut."""
    name = PurePath(request.form.get("name", "")).name
    return name, base64.b64decode(request.form.get("body", ""), altchars=b"-_", validate=True)


def _chosen() -> dict[str, str]:
    """What the person says the columns are: ``heading.N`` and ``field.N``, "" for a column that is none of ours."""
    known = {column.field for column in COLUMNS}
    form = request.form
    numbers = [name.removeprefix("heading.") for name in form if name.startswith("heading.")]
    chosen = {form[f"heading.{number}"]: form.get(f"field.{number}", "") for number in numbers}
    return {heading: field if field in known else "" for heading, field in chosen.items()}


def _unreadable(error: UnreadableDocument) -> str:
    return str(_("Không đọc được tệp: %(why)s", why=unreadable(error)))


def _form(error: str | None) -> ResponseReturnValue:
    page = render_template("partners/register.html", error=error, columns=COLUMNS, suffixes=SUFFIXES, largest=LARGEST)
    return (page, 422) if error else page


def _result(tried: RegisterImport, name: str, body: bytes) -> ResponseReturnValue:
    headings = {column.field: column.heading for column in COLUMNS}
    return render_template(
        "partners/register_result.html",
        tried=tried,
        bad=len({row.row for row in tried.rejected}),
        rejected=tried.rejected[:MOST_REJECTED],
        headings=headings,
        fields=[("", _("Không dùng cột này"))] + [(one.field, one.heading) for one in COLUMNS],
        lacking=[one.heading for one in COLUMNS if one.needed and one.field not in {it.field for it in tried.headings}],
        rejection=rejection,
        name=name,
        body=base64.b64encode(body, altchars=b"-_").decode(),
    )
