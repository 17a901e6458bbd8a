"""The Word templates of briefings and letters: download one, upload an edited one, or restore the shipped one."""

import os
from collections.abc import Mapping
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import Permission
from campaigns.reporting import word_templates
from campaigns.reporting.word_templates import TemplateKind
from coordinator.exports.errors import ExportError
from coordinator.imports.decoding import UnreadableDocument
from coordinator.jobs.reporting import official_letters
from coordinator.jobs.reporting.rendered_report import FORMATS
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("word_templates", __name__, url_prefix="/templates/<any(briefing, thanks, reminder):kind>")

_FILES: Mapping[TemplateKind, str] = {
    TemplateKind.BRIEFING: "mau-bao-cao",
    TemplateKind.THANKS: "mau-thu-cam-on",
    TemplateKind.REMINDER: "mau-cong-van-nhac",
}


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index(kind: str) -> ResponseReturnValue:
    """Show which template is used, and the actions on it."""
    return _render_page(TemplateKind(kind), "")


@blueprint.get("/file.docx")
@staff_required(Permission.CONFIGURE)
def file(kind: str) -> ResponseReturnValue:
    """Download the template in use."""
    of = TemplateKind(kind)
    with app_context().job_context.database.read() as session:
        own = word_templates.current_template(session, of)
        body = own.body if own is not None else official_letters.shipped_template(of)
    return attachment(body, FORMATS["docx"], f"{_FILES[of]}.docx")


@blueprint.get("/shipped.docx")
@staff_required(Permission.CONFIGURE)
def shipped_file(kind: str) -> ResponseReturnValue:
    """Download the shipped template."""
    of = TemplateKind(kind)
    return attachment(official_letters.shipped_template(of), FORMATS["docx"], f"{_FILES[of]}-goc.docx")


@blueprint.post("/")
@staff_required(Permission.CONFIGURE)
def bring(kind: str) -> ResponseReturnValue:
    """Test an edited template and use it; an invalid one changes nothing."""
    of, upload = TemplateKind(kind), request.files.get("file")
    if upload is None or not upload.filename:
        return _render_page(of, _("Chọn một tệp Word (.docx)"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    if upload.stream.seek(0, os.SEEK_END) > official_letters.LARGEST_TEMPLATE:
        return _render_page(
            of, _("Tệp lớn hơn %(most)s.", most=formats.file_size(official_letters.LARGEST_TEMPLATE, language()))
        )
    upload.stream.seek(0)
    body = upload.stream.read()
    context = app_context().job_context
    try:
        official_letters.check_template(current_actor(), of, name, body)
    except UnreadableDocument as error:
        return _render_page(of, error_sentence(error))
    except ExportError as error:
        return _render_page(of, error_sentence(error), str(error.params.get("where", "")))
    with context.database.write() as session:
        official_letters.install_template(session, current_actor(), of, name, body, now=context.now())
    if of is TemplateKind.BRIEFING:
        flash_done(_("Đã dùng mẫu %(name)s từ báo cáo kế tiếp.", name=name))
    else:
        flash_done(_("Đã dùng mẫu %(name)s từ thư kế tiếp.", name=name))
    return redirect(url_for("admin.word_templates.index", kind=kind), 303)


@blueprint.post("/shipped")
@staff_required(Permission.CONFIGURE)
def use_shipped(kind: str) -> ResponseReturnValue:
    """Use the shipped template again."""
    context = app_context().job_context
    with context.database.write() as session:
        word_templates.restore_shipped(session, current_actor(), TemplateKind(kind), now=context.now())
    flash_done(_("Đã trở lại mẫu gốc."))
    return redirect(url_for("admin.word_templates.index", kind=kind), 303)


def _render_page(of: TemplateKind, error: str, where: str = "") -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        own = word_templates.current_template(session, of)
    names = {
        TemplateKind.BRIEFING: _("Báo cáo định kỳ quý"),
        TemplateKind.THANKS: _("Thư cảm ơn"),
        TemplateKind.REMINDER: _("Công văn nhắc"),
    }
    kinds = [
        (name, url_for("admin.word_templates.index", kind=template_kind.value), template_kind is of)
        for template_kind, name in names.items()
    ]
    page = render_template(
        "desk/reporting/word_template.html", of=of.value, name=names[of], kinds=kinds, own=own, error=error, where=where
    )
    return (page, 422) if error else page
