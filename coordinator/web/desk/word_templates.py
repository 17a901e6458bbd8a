"""The Word templates of briefings and letters: take one, give an edited one back, or use the shipped one again."""

import os
from collections.abc import Mapping
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import May
from campaigns.reporting import templates
from campaigns.reporting.templates import TemplateOf
from coordinator.exports.errors import ExportError
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs import templating
from coordinator.jobs.reporting import FORMATS
from coordinator.web import formats
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("word_templates", __name__, url_prefix="/templates/<any(briefing, thanks, reminder):kind>")

_FILES: Mapping[TemplateOf, str] = {
    TemplateOf.BRIEFING: "mau-bao-cao",
    TemplateOf.THANKS: "mau-thu-cam-on",
    TemplateOf.REMINDER: "mau-cong-van-nhac",
}


@blueprint.get("/")
@staff(May.CONFIGURE)
def index(kind: str) -> ResponseReturnValue:
    """Which template is used, and what can be done about it."""
    return _page(TemplateOf(kind), "")


@blueprint.get("/file.docx")
@staff(May.CONFIGURE)
def file(kind: str) -> ResponseReturnValue:
    """The template that is used."""
    of = TemplateOf(kind)
    with front().place.database.read() as session:
        own = templates.in_use(session, of)
        body = own.body if own is not None else templating.shipped(of)
    return attachment(body, FORMATS["docx"], f"{_FILES[of]}.docx")


@blueprint.get("/shipped.docx")
@staff(May.CONFIGURE)
def shipped_file(kind: str) -> ResponseReturnValue:
    """The template as it is shipped."""
    of = TemplateOf(kind)
    return attachment(templating.shipped(of), FORMATS["docx"], f"{_FILES[of]}-goc.docx")


@blueprint.post("/")
@staff(May.CONFIGURE)
def bring(kind: str) -> ResponseReturnValue:
    """Try an edited template and put it in place; a broken one changes nothing."""
    of, upload = TemplateOf(kind), request.files.get("file")
    if upload is None or not upload.filename:
        return _page(of, _("Chọn một tệp Word (.docx)"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    if upload.stream.seek(0, os.SEEK_END) > templating.LARGEST:
        return _page(of, _("Tệp lớn hơn %(most)s.", most=formats.file_size(templating.LARGEST, language())))
    upload.stream.seek(0)
    body = upload.stream.read()
    place = front().place
    try:
        templating.proofed(actor(), of, name, body)
    except UnreadableDocument as error:
        return _page(of, error_sentence(error, language()))
    except ExportError as error:
        return _page(of, error_sentence(error, language()), str(error.params.get("where", "")))
    with place.database.write() as session:
        templating.bring(session, actor(), of, name, body, now=place.now())
    if of is TemplateOf.BRIEFING:
        say_done(_("Đã dùng mẫu %(name)s từ báo cáo kế tiếp.", name=name))
    else:
        say_done(_("Đã dùng mẫu %(name)s từ thư kế tiếp.", name=name))
    return redirect(url_for("admin.word_templates.index", kind=kind), 303)


@blueprint.post("/shipped")
@staff(May.CONFIGURE)
def use_shipped(kind: str) -> ResponseReturnValue:
    """Use the shipped template again."""
    place = front().place
    with place.database.write() as session:
        templates.use_shipped(session, actor(), TemplateOf(kind), now=place.now())
    say_done(_("Đã trở lại mẫu gốc."))
    return redirect(url_for("admin.word_templates.index", kind=kind), 303)


def _page(of: TemplateOf, error: str, where: str = "") -> ResponseReturnValue:
    with front().place.database.read() as session:
        own = templates.in_use(session, of)
    names = {
        TemplateOf.BRIEFING: _("Báo cáo giao ban"),
        TemplateOf.THANKS: _("Thư cảm ơn"),
        TemplateOf.REMINDER: _("Công văn nhắc"),
    }
    kinds = [(name, url_for("admin.word_templates.index", kind=one.value), one is of) for one, name in names.items()]
    page = render_template(
        "admin/word_template.html", of=of.value, name=names[of], kinds=kinds, own=own, error=error, where=where
    )
    return (page, 422) if error else page
