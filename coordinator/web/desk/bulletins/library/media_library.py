"""The library of video, audio and documents: its list, one file with its words and uses, and its removal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.library.media_library import (
    MediaFilter,
    bulletins_with_media,
    delete_media,
    describe_media,
    media_list,
)
from campaigns.bulletins.library.picture_library import PictureBulletin, PictureUsage
from campaigns.bulletins.media import MediaFile, MediaItem, MediaKind, find_media
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import Permission
from coordinator.jobs.bulletins.media import offered_items
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.library.picture_library import MOST_NAMED
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("media_library", __name__, url_prefix="/desk/media")


@dataclass(frozen=True)
class MediaRow:
    """A file as the list shows it. ``item``: with its poster and captions; ``used``: the bulletins that show it."""

    ident: str
    item: MediaItem
    name: str
    alt: str
    credit: str
    transcript: str
    author: str
    at: datetime
    used: Sequence[PictureBulletin]


def _rows(session: Session, files: Sequence[MediaFile]) -> list[MediaRow]:
    items = offered_items(session, [file.ident for file in files])
    used = bulletins_with_media(session, [file.id for file in files])
    return [
        from_attributes(
            MediaRow, file, item=items[file.ident], author=file.author_name, at=file.created_at, used=used[file.id]
        )
        for file in files
    ]


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """List the files, the newest first."""
    with app_context().job_context.database.read() as session:
        filters = requested_filter(MediaFilter)
        page = media_list(filters).page(session, pagination.page_number())
        part = page.with_rows(_rows(session, [file for (file,) in page.rows]))
    return render_template(
        "desk/bulletins/media_library.html",
        part=part, filters=filters, most_named=MOST_NAMED,
        kinds=[
            (MediaKind.VIDEO.value, _("Video")), (MediaKind.AUDIO.value, _("Âm thanh")),
            (MediaKind.DOCUMENT.value, _("Tài liệu")),
        ],
        usages=[(PictureUsage.USED.value, _("Đã dùng")), (PictureUsage.UNUSED.value, _("Chưa dùng"))],
    )  # fmt: skip


@blueprint.route("/<ident>", methods=["GET", "POST"])
@staff_required()
def show(ident: str) -> ResponseReturnValue:
    """Show one file and where it is used, or save its words."""
    if request.method == "GET":
        return _render(ident, {})
    current_actor().require(Permission.WRITE)
    context = app_context().job_context
    typed = {name: request.form.get(name, "") for name in ("alt", "credit", "transcript")}
    try:
        with context.database.write() as session:
            describe_media(session, current_actor(), ident, **typed, now=context.now())
    except Invalid as error:
        return _render(ident, fields.error_messages(error), typed), 422
    flash_done(_("Đã lưu. Bản tin đã viết giữ lời của mình."))
    return redirect(url_for("media_library.show", ident=ident), 303)


@blueprint.post("/<ident>/delete")
@staff_required(Permission.WRITE)
def delete(ident: str) -> ResponseReturnValue:
    """Remove a file that nothing uses."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            delete_media(session, current_actor(), ident, now=context.now())
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("media_library.show", ident=ident), 303)
    flash_done(_("Đã bỏ tệp khỏi thư viện."))
    return redirect(url_for("media_library.index"), 303)


def _render(ident: str, errors: Mapping[str, str], typed: Mapping[str, str] | None = None) -> str:
    with app_context().job_context.database.read() as session:
        (row,) = _rows(session, [find_media(session, ident)])
    return render_template(
        "desk/bulletins/medium.html",
        row=row, errors=errors, writes=current_actor().may(Permission.WRITE),
        typed=typed or {"alt": row.alt, "credit": row.credit, "transcript": row.transcript},
    )  # fmt: skip
