"""The picture library: its list, uploads with their descriptions, one picture, and the choice in the editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.library import picture_library
from campaigns.bulletins.library.picture_library import (
    PictureBulletin,
    PictureFilter,
    PictureUsage,
    bulletins_with,
    delete_picture,
    describe_picture,
    months_with_pictures,
    picture_list,
)
from campaigns.bulletins.pictures import Picture, find_picture, pictures_by_ident
from campaigns.core.clock import parse_period
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Permission
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.bulletins.pictures import picture_view, store_picture
from coordinator.translation import _, ngettext
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import cover
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.periods import period_name

blueprint = Blueprint("pictures_library", __name__, url_prefix="/desk/pictures")

MOST_AT_ONCE: Final = 20  # files of one upload
MOST_CHOICES: Final = 12  # pictures to choose from, as many as are seen at a glance
MOST_NAMED: Final = 3  # bulletins named in a row of the list


@dataclass(frozen=True)
class PictureRow:
    """A picture as the list shows it. ``used``: the bulletins that show it."""

    ident: str
    url: str
    name: str
    alt: str
    credit: str
    author: str
    at: datetime
    width: int
    height: int
    used: Sequence[PictureBulletin]


@dataclass(frozen=True)
class PictureChoice:
    """A picture that a text may be given: its address and its description."""

    ident: str
    url: str
    alt: str
    credit: str


def _row(picture: Picture, used: Sequence[PictureBulletin]) -> PictureRow:
    return from_attributes(
        PictureRow,
        picture,
        url=app_context().job_context.addresses.picture(picture.ident, picture.suffix),
        author=picture.author_name,
        at=picture.created_at,
        used=used,
    )


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """List the pictures, the newest first."""
    with app_context().job_context.database.read() as session:
        months = months_with_pictures(session)
        filters = requested_filter(PictureFilter, choices={"month": months})
        page = picture_list(filters).page(session, pagination.page_number())
        pictures = [picture for (picture,) in page.rows]
        used = bulletins_with(session, [picture.id for picture in pictures])
        part = page.with_rows([_row(picture, used[picture.id]) for picture in pictures])
    return render_template(
        "desk/bulletins/pictures.html",
        part=part, filters=filters, writes=current_actor().may(Permission.WRITE), most_named=MOST_NAMED,
        usages=[(PictureUsage.USED.value, _("Đã dùng")), (PictureUsage.UNUSED.value, _("Chưa dùng"))],
        months=[(month, period_name(parse_period(month))) for month in months],
    )  # fmt: skip


@blueprint.post("")
@staff_required(Permission.WRITE)
def upload() -> ResponseReturnValue:
    """Store uploaded pictures, then ask for their descriptions. A file that is no picture is named; others are kept."""
    kept: list[str] = []
    refused: list[str] = []
    for file in request.files.getlist("pictures")[:MOST_AT_ONCE]:
        if not file.filename:
            continue
        try:
            body = file.stream.read(MAX_BYTES + 1)
            kept.append(store_picture(app_context().job_context, current_actor(), body, file.filename).ident)
        except Invalid as error:
            refused.append(f"{file.filename[:80]}: {cover.picture_error_messages(error)['picture']}")
    if refused:
        flash_trouble(" ".join(refused))
    if not kept:
        if not refused:
            flash_trouble(_("Chọn ít nhất một ảnh trước đã."))
        return redirect(url_for("pictures_library.index"), 303)
    return redirect(url_for("pictures_library.describe", pictures=",".join(dict.fromkeys(kept))), 303)


@blueprint.route("/describe", methods=["GET", "POST"])
@staff_required(Permission.WRITE)
def describe() -> ResponseReturnValue:
    """Ask for the descriptions of pictures that were just uploaded; all of them are saved together, or none."""
    context = app_context().job_context
    idents = [ident for ident in request.args.get("pictures", "").split(",") if ident][:MOST_AT_ONCE]
    with context.database.read() as session:
        found = pictures_by_ident(session, idents)
        rows = [_row(found[ident], ()) for ident in idents if ident in found]
    if not rows:
        return redirect(url_for("pictures_library.index"), 303)
    typed = {
        name: request.form.get(name, getattr(row, part))
        for row in rows
        for part in ("alt", "credit")
        for name in [f"{row.ident}.{part}"]
    }
    if request.method == "GET":
        return _render_describe(rows, typed, {})
    errors: list[FieldError] = []
    for row in rows:
        alt, credit = (picture_library.tidy(typed[f"{row.ident}.{part}"]) for part in ("alt", "credit"))
        errors += picture_library.description_errors(alt, credit, f"{row.ident}.")
    if errors:
        return _render_describe(rows, typed, fields.field_error_messages(errors)), 422
    with context.database.write() as session:
        for row in rows:
            describe_picture(
                session, current_actor(), row.ident, alt=typed[f"{row.ident}.alt"],
                credit=typed[f"{row.ident}.credit"], now=context.now(),
            )  # fmt: skip
    flash_done(ngettext("Đã đưa %(num)s ảnh vào thư viện.", "Đã đưa %(num)s ảnh vào thư viện.", len(rows)))
    return redirect(url_for("pictures_library.index"), 303)


def _render_describe(rows: Sequence[PictureRow], typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template("desk/bulletins/picture_describe.html", rows=rows, typed=typed, errors=errors)


@blueprint.get("/choose")
@staff_required(Permission.WRITE)
def choose() -> ResponseReturnValue:
    """Return the pictures that fit what is typed in the editor, as a fragment."""
    return render_template("desk/bulletins/picture_choices.html", library=choices(request.args.get("library_q", "")))


def choices(typed: str) -> Sequence[PictureChoice]:
    """Return the newest described pictures with these words."""
    context = app_context().job_context
    with context.database.read() as session:
        filters = PictureFilter(q=typed[: picture_library.LONGEST_WORDS])
        rows = picture_list(filters, described=True).rows(session, MOST_CHOICES)
        views = [picture_view(context, picture) for (picture,) in rows]
    return [PictureChoice(view.ident, view.url, view.alt, view.credit) for view in views]


def choices_searched() -> Sequence[PictureChoice] | None:
    """Return what a form's button to search the library finds; None where another button or none was pressed."""
    if request.form.get("do") != cover.FIND_PICTURES:
        return None
    return choices(request.form.get("library_q", ""))


@blueprint.route("/<ident>", methods=["GET", "POST"])
@staff_required()
def show(ident: str) -> ResponseReturnValue:
    """Show one picture and where it is used, or save its description and credit."""
    context = app_context().job_context
    if request.method == "GET":
        return _render_picture(ident, {})
    current_actor().require(Permission.WRITE)
    alt, credit = request.form.get("alt", ""), request.form.get("credit", "")
    try:
        with context.database.write() as session:
            describe_picture(session, current_actor(), ident, alt=alt, credit=credit, now=context.now())
    except Invalid as error:
        return _render_picture(ident, fields.error_messages(error), alt, credit), 422
    flash_done(_("Đã lưu. Bản tin đã viết giữ mô tả của mình."))
    return redirect(url_for("pictures_library.show", ident=ident), 303)


@blueprint.post("/<ident>/delete")
@staff_required(Permission.WRITE)
def delete(ident: str) -> ResponseReturnValue:
    """Remove a picture that nothing uses."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            delete_picture(session, current_actor(), ident, now=context.now())
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("pictures_library.show", ident=ident), 303)
    flash_done(_("Đã bỏ ảnh khỏi thư viện."))
    return redirect(url_for("pictures_library.index"), 303)


def _render_picture(ident: str, errors: Mapping[str, str], alt: str | None = None, credit: str | None = None) -> str:
    with app_context().job_context.database.read() as session:
        row = _one(session, ident)
    return render_template(
        "desk/bulletins/picture.html",
        row=row, errors=errors, writes=current_actor().may(Permission.WRITE),
        alt=row.alt if alt is None else alt, credit=row.credit if credit is None else credit,
    )  # fmt: skip


def _one(session: Session, ident: str) -> PictureRow:
    picture = find_picture(session, ident)
    return _row(picture, bulletins_with(session, [picture.id])[picture.id])
