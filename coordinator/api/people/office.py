"""The department itself in the API: its name and source names, and the names and signers of its documents."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import partner_names
from campaigns.people import office
from campaigns.people.office import (
    LONGEST_AUTHORITY,
    LONGEST_SIGNER,
    MAX_LENGTHS,
    Office,
    OfficeName,
    OfficeNameKind,
    Signer,
    current_office,
)
from campaigns.people.staff import Permission
from campaigns.republications.attribution.office_spellings import save_spellings, spelling_line
from coordinator.api import fields
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.request_parsing import with_body

bp = APIBlueprint("office", __name__, tag="Office")

Names = Annotated[list[fields.ShortText], Field(max_length=200)]


class OfficeChange(RequestBody):
    """Absent fields stay unchanged; lists replace the existing ones. ``source_names``: the names that count as naming
    us; ``not_us``: similar names of others; ``address``, ``phone``, ``email`` and ``responsible`` (who answers for the
    content) stand below the public pages; ``spellings``: abbreviations, ``viết tắt = viết đủ``."""

    name: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["name"])] | None = None
    parent: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["parent"])] | None = None
    place: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["place"])] | None = None
    address: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["address"])] | None = None
    phone: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["phone"])] | None = None
    email: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["email"])] | None = None
    responsible: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["responsible"])] | None = None
    source_names: Names | None = None
    not_us: Names | None = None
    spellings: Names | None = None


class OfficeRow(ResponseBody):
    """The department."""

    name: str
    parent: str
    place: str
    address: str
    phone: str
    email: str
    responsible: str
    source_names: list[str]
    not_us: list[str]
    spellings: list[str]


class NewName(RequestBody):
    """A name of the department or of another issuer, from a day on."""

    kind: OfficeNameKind
    name: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["name"])]
    parent: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["parent"])] = ""
    place: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["place"])] = ""
    symbol: Annotated[fields.ComposedText, Field(max_length=MAX_LENGTHS["symbol"])] = ""
    since: fields.Day
    until: fields.Day | None = None


class NameRow(ResponseBody):
    """A name with its period."""

    id: str
    kind: OfficeNameKind
    name: str
    parent: str
    place: str
    symbol: str
    since: fields.Day
    until: fields.Day | None = None


class NewSigner(RequestBody):
    """A signer from a day on. ``authority``: the capacity, one on a line."""

    authority: Annotated[fields.ComposedText, Field(max_length=LONGEST_AUTHORITY)]
    name: Annotated[fields.ComposedText, Field(max_length=LONGEST_SIGNER)]
    since: fields.Day
    until: fields.Day | None = None


class SignerRow(ResponseBody):
    """A signer with the period."""

    id: str
    authority: str
    name: str
    since: fields.Day
    until: fields.Day | None = None


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
@with_body(OfficeChange)
@bp.output(OfficeRow)
def change(body: OfficeChange) -> Response:
    """Change the department. Source names affect what is counted from the next look on."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = current_office(session)
        errors: list[FieldError] = []
        try:
            office.save_office(
                session,
                actor.id,
                name=body.name if body.name is not None else row.name,
                parent=body.parent if body.parent is not None else row.parent,
                place=body.place if body.place is not None else row.place,
                source_names=body.source_names if body.source_names is not None else _others(row, body.name),
                not_us=body.not_us if body.not_us is not None else row.not_us,
                contacts={name: value for name in office.CONTACTS if (value := getattr(body, name)) is not None},
                now=context.now(),
            )
        except Invalid as invalid:
            errors += invalid.errors
        errors += _spelling_errors(session, actor.id, body.spellings)
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
    values: dict[str, Any] = body.model_dump() | {"kind": body.kind.value}
    return run_act(
        lambda session: _name_row(
            office.add_name(session, actor, **values, now=app_context().job_context.now())
        ),
        201, location=lambda _: "/api/v1/office/letterheads",
    )  # fmt: skip


@bp.post("/office/signers")
@for_staff(Permission.CONFIGURE)
@with_body(NewSigner)
@bp.output(SignerRow, 201)
def add_signer(body: NewSigner) -> Response:
    """Add a person who signs documents, with the title and the first day."""
    actor = caller().actor
    return run_act(
        lambda session: _signer_row(
            office.add_signer(session, actor, **body.model_dump(), now=app_context().job_context.now())
        ),
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


def _others(row: Office, name: str | None) -> list[str]:
    """The source names to keep: a former name stays one only where it was entered as such."""
    return [known for known in row.source_names if known != row.name or name is None]


def _spelling_errors(session: Session, actor: str, lines: list[str] | None) -> list[FieldError]:
    if lines is None:
        return []
    try:
        save_spellings(session, actor, lines, others=partner_names(session), now=app_context().job_context.now())
    except Invalid as invalid:
        return list(invalid.errors)
    return []


def _office_row(row: Office) -> OfficeRow:
    return row_of(
        OfficeRow, row, not_us=row.not_us or [], spellings=[spelling_line(pair) for pair in row.spellings or []]
    )


def _letterhead_row(session: Session) -> LetterheadRow:
    return LetterheadRow(
        names=[_name_row(row) for row in office.office_names(session)],
        signers=[_signer_row(row) for row in office.signers(session)],
    )


def _name_row(row: OfficeName) -> NameRow:
    return row_of(NameRow, row, id=row.public)  # fmt: skip


def _signer_row(row: Signer) -> SignerRow:
    return row_of(SignerRow, row, id=row.public)
