"""The Word template of briefings: take it, give an edited one back, or use the shipped one again."""

import os
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import May
from campaigns.reporting import templates
from coordinator.exports.errors import ExportError
from coordinator.exports.letter import shipped
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs import templating
from coordinator.jobs.reporting import FORMATS
from coordinator.web import formats
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("briefing_template", __name__, url_prefix="/briefing-template")


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Which template is used, and what can be done about it."""
    return _page("")


@blueprint.get("/file.docx")
@staff(May.CONFIGURE)
def file() -> ResponseReturnValue:
    """The template that is used."""
    with front().place.database.read() as session:
        own = templates.in_use(session)
        body = own.body if own is not None else shipped()
    return attachment(body, FORMATS["docx"], "mau-bao-cao.docx")


@blueprint.get("/shipped.docx")
@staff(May.CONFIGURE)
def shipped_file() -> ResponseReturnValue:
    """The template as it is shipped."""
    return attachment(shipped(), FORMATS["docx"], "mau-bao-cao-goc.docx")


@blueprint.post("/")
@staff(May.CONFIGURE)
def bring() -> ResponseReturnValue:
    """Try an edited template and put it in place; a broken one changes nothing."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(_("Chọn một tệp Word (.docx)"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    if upload.stream.seek(0, os.SEEK_END) > templating.LARGEST:
        return _page(_("Tệp lớn hơn %(most)s.", most=formats.file_size(templating.LARGEST, language())))
    upload.stream.seek(0)
    body = upload.stream.read()
    place = front().place
    try:
        templating.proofed(actor(), name, body)
    except UnreadableDocument as error:
        return _page(error_sentence(error, language()))
    except ExportError as error:
        return _page(error_sentence(error, language()), str(error.params.get("where", "")))
    with place.database.write() as session:
        templating.bring(session, actor(), name, body, now=place.now())
    say_done(_("Đã dùng mẫu %(name)s từ báo cáo kế tiếp.", name=name))
    return redirect(url_for("admin.briefing_template.index"), 303)


@blueprint.post("/shipped")
@staff(May.CONFIGURE)
def use_shipped() -> ResponseReturnValue:
    """Use the shipped template again."""
    place = front().place
    with place.database.write() as session:
        templates.use_shipped(session, actor(), now=place.now())
    say_done(_("Đã trở lại mẫu gốc."))
    return redirect(url_for("admin.briefing_template.index"), 303)


def _page(error: str, where: str = "") -> ResponseReturnValue:
    with front().place.database.read() as session:
        own = templates.in_use(session)
    page = render_template("admin/briefing_template.html", own=own, error=error, where=where)
    return (page, 422) if error else page
