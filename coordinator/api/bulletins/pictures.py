"""The picture library in the API: pictures are listed, read, brought in and described."""

from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.bulletins.library import picture_library
from campaigns.bulletins.library.picture_library import (
    LONGEST_CREDIT,
    PictureFilter,
    PictureUsage,
    bulletins_with,
    describe_picture,
    picture_list,
)
from campaigns.bulletins.pictures import Picture, find_picture
from campaigns.bulletins.presentation import LONGEST_ALT
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.files import file_field, uploaded_form, with_upload
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.bulletins.pictures import store_picture

bp = APIBlueprint("pictures", __name__, tag="Pictures")

Alt = Annotated[fields.ComposedText, Field(max_length=LONGEST_ALT)]
Credit = Annotated[fields.ComposedText, Field(max_length=LONGEST_CREDIT)]

PICTURE_UPLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["alt", "file"],
    "properties": {
        "alt": {
            "type": "string",
            "maxLength": LONGEST_ALT,
            "description": "what is on the picture, for who does not see it",
        },
        "credit": {"type": "string", "maxLength": LONGEST_CREDIT, "description": "who made the picture"},
        "file": file_field("PNG, JPEG or WebP", MAX_BYTES),
    },
}


class PictureQuery(PageQuery):
    """Filters of the list. ``q`` is searched in description, credit and file name, with or without accents; ``month``:
    the month it was brought in; ``use``: whether a bulletin shows it."""

    q: Annotated[fields.ComposedText | None, Field(max_length=200)] = None
    use: PictureUsage | None = None
    month: Annotated[str | None, Field(pattern=r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])$")] = None


class PictureDetails(RequestBody):
    """The fields sent with a picture."""

    alt: Alt
    credit: Credit = ""


class PictureChange(RequestBody):
    """Absent fields stay unchanged. Texts that show the picture keep their own words."""

    alt: Alt | None = None
    credit: Credit | None = None


class PictureRow(ResponseBody):
    """A picture of the library. ``url``: its address, open to all once a bulletin that shows it is released; ``width``
    and ``height`` in pixels, ``length`` in bytes; ``bulletins``: codes of those that show it in any revision."""

    id: str
    url: str
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    length: int
    name: str
    alt: str
    credit: str
    added_by: str
    added_at: Time
    bulletins: list[str]


class PictureList(ListPage):
    """One page of pictures."""

    items: list[PictureRow]


def picture_rows(session: Session, pictures: list[Picture]) -> list[PictureRow]:
    """The rows of pictures."""
    addresses = app_context().job_context.addresses
    used = bulletins_with(session, [picture.id for picture in pictures])
    return [
        row_of(
            PictureRow,
            picture,
            id=picture.ident,
            url=addresses.picture(picture.ident, picture.suffix),
            mime="image/png" if picture.mime == "image/png" else "image/jpeg",
            added_by=picture.author_name,
            added_at=picture.created_at,
            bulletins=[row.code for row in used[picture.id]],
        )
        for picture in pictures
    ]


@bp.get("/pictures")
@for_staff(Permission.READ)
@with_query(PictureQuery)
@bp.output(PictureList)
def pictures(query: PictureQuery) -> Response:
    """The pictures of the library, newest first."""
    with app_context().job_context.database.read() as session:
        page, listing = paging.cursor_page(session, picture_list(query.filters(PictureFilter)), query)
        return row_response(PictureList(items=picture_rows(session, [row for (row,) in page]), **listing))


@bp.post("/pictures")
@for_staff(Permission.WRITE)
@with_upload("LibraryPictureForm")
@bp.output(PictureRow, 201)
def add_picture() -> Response:
    """Bring a picture into the library. The same file twice is one picture, which keeps the description it has."""
    actor = caller().actor
    body, name, content = uploaded_form(PictureDetails)
    alt, credit = picture_library.tidy(body.alt), picture_library.tidy(body.credit)
    if errors := picture_library.description_errors(alt, credit):
        raise Invalid(errors)
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        try:
            ident = store_picture(context, actor, content, name).ident
        except Invalid as refused:
            raise Invalid([FieldError("file", error.code, error.message) for error in refused.errors]) from refused
        with context.database.write() as session:
            row = find_picture(session, ident)
            if not row.alt:
                describe_picture(session, actor, ident, alt=alt, credit=credit, now=context.now())
            (answer,) = picture_rows(session, [row])
            keep(session, answer, 201, location=f"/api/v1/pictures/{ident}")

    return run_once(apply)


@bp.get("/pictures/<ident>")
@for_staff(Permission.READ)
@bp.output(PictureRow)
def picture(ident: str) -> Response:
    """One picture of the library: its description, credit, size and addresses."""
    with app_context().job_context.database.read() as session:
        (row,) = picture_rows(session, [find_picture(session, ident)])
        return row_response(row)


@bp.patch("/pictures/<ident>")
@for_staff(Permission.WRITE)
@with_body(PictureChange)
@bp.output(PictureRow)
def change_picture(ident: str, body: PictureChange) -> Response:
    """Change the description and the credit of a picture in the library."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = find_picture(session, ident)
        describe_picture(
            session,
            actor,
            ident,
            alt=body.alt if body.alt is not None else row.alt,
            credit=body.credit if body.credit is not None else row.credit,
            now=context.now(),
        )
        (answer,) = picture_rows(session, [row])
        return row_response(answer)
