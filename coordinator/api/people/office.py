"""The department itself in the API: its name and source names, and the names and signers of its documents."""

from collections.abc import Mapping
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import partner_names
from campaigns.people import office
from campaigns.people.office import (
    Office,
    OfficeContent,
    OfficeName,
    OfficeNameContent,
    Signer,
    SignerContent,
    current_office,
    office_content_of,
)
from campaigns.people.staff import Permission
from campaigns.republications.attribution.office_spellings import save_spellings, spelling_line
from coordinator.api import fields
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, RequestBody, ResponseBody, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.request_parsing import changed, with_body, with_changes

bp = APIBlueprint("office", __name__, tag="Office")

Names = Annotated[list[fields.ShortText], Field(max_length=200)]


class OfficeChange(ContentBody, OfficeContent):
    """Absent fields stay unchanged; lists replace the existing ones. ``source_names``: the names that count as naming
    us; ``not_us``: similar names of others; ``address``, ``phone``, ``email`` and ``responsible`` (who answers for the
    content) stand below the public pages; ``spellings``: abbreviations, ``viết tắt = viết đủ``."""

    spellings: Names


class OfficeRow(ResponseBody, OfficeContent):
    """The department."""

    spellings: list[str]


class NewName(ContentBody, OfficeNameContent):
    """A name of the department or of another issuer, from a day on."""


class NameRow(ResponseBody, OfficeNameContent):
    """A name with its period."""

    id: str


class NewSigner(ContentBody, SignerContent):
    """A signer from a day on. ``authority``: the capacity, one on a line."""


class SignerRow(ResponseBody, SignerContent):
    """A signer with the period."""

    id: str


class LastDay(RequestBody):
    """The last day of a name or signer."""

    until: fields.Day


class LetterheadRow(ResponseBody):
    """All names and signers."""

    names: list[NameRow]
    signers: list[SignerRow]


@bp.get("/office")
@for_staff(Permission.READ)
@bp.output(OfficeRow)
def show() -> Response:
    """The department as it stands on documents and as it is named as a source."""
    with app_context().job_context.database.read() as session:
        return row_response(_office_row(current_office(session)))


@bp.patch("/office")
@for_staff(Permission.CONFIGURE)
@with_changes(OfficeChange)
@bp.output(OfficeRow)
def change(changes: Mapping[str, Any]) -> Response:
    """Change the department. Source names affect what is counted from the next look on."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = current_office(session)
        body = changed(OfficeChange, office_content_of(row), changes, spellings=_spelling_lines(row))
        errors: list[FieldError] = []
        try:
            office.save_office(session, actor.id, from_attributes(OfficeContent, body), now=context.now())
        except Invalid as invalid:
            errors += invalid.errors
        errors += _spelling_errors(session, actor.id, body.spellings if "spellings" in changes else None)
        if errors:
            raise Invalid(errors)
        return row_response(_office_row(current_office(session)))


@bp.get("/office/letterheads")
@for_staff(Permission.READ)
@bp.output(LetterheadRow)
def letterheads() -> Response:
    """The names and signers of the department's documents, each with its period."""
    with app_context().job_context.database.read() as session:
        return row_response(_letterhead_row(session))


@bp.post("/office/names")
@for_staff(Permission.CONFIGURE)
@with_body(NewName)
@bp.output(NameRow, 201)
def add_name(body: NewName) -> Response:
    """Add a name; the department's present name ends the day before."""
    actor = caller().actor
    content = from_attributes(OfficeNameContent, body)
    return run_act(
        lambda session: _name_row(office.add_name(session, actor, content, now=app_context().job_context.now())),
        201,
        location=lambda _: "/api/v1/office/letterheads",
    )


@bp.post("/office/signers")
@for_staff(Permission.CONFIGURE)
@with_body(NewSigner)
@bp.output(SignerRow, 201)
def add_signer(body: NewSigner) -> Response:
    """Add a person who signs documents, with the title and the first day."""
    actor = caller().actor
    content = from_attributes(SignerContent, body)
    return run_act(
        lambda session: _signer_row(office.add_signer(session, actor, content, now=app_context().job_context.now())),
        201,
        location=lambda _: "/api/v1/office/letterheads",
    )


@bp.post("/office/letterheads/<ident>/end")
@for_staff(Permission.CONFIGURE)
@with_body(LastDay)
@bp.output(LetterheadRow)
def end(ident: str, body: LastDay) -> Response:
    """Set the last day of a name or signer."""
    actor = caller().actor

    def act(session: Session) -> LetterheadRow:
        office.end_on(session, actor, ident, body.until, now=app_context().job_context.now())
        return _letterhead_row(session)

    return run_act(act)


def _spelling_lines(row: Office) -> list[str]:
    return [spelling_line(pair) for pair in row.spellings or []]


def _spelling_errors(session: Session, actor: str, lines: list[str] | None) -> list[FieldError]:
    if lines is None:
        return []
    try:
        save_spellings(session, actor, lines, others=partner_names(session), now=app_context().job_context.now())
    except Invalid as invalid:
        return list(invalid.errors)
    return []


def _office_row(row: Office) -> OfficeRow:
    return row_of(OfficeRow, row, not_us=row.not_us or [], spellings=_spelling_lines(row))


def _letterhead_row(session: Session) -> LetterheadRow:
    return LetterheadRow(
        names=[_name_row(row) for row in office.office_names(session)],
        signers=[_signer_row(row) for row in office.signers(session)],
    )


def _name_row(row: OfficeName) -> NameRow:
    return row_of(NameRow, row, id=row.public)  # fmt: skip


def _signer_row(row: Signer) -> SignerRow:
    return row_of(SignerRow, row, id=row.public)
