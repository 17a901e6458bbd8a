"""The department: its name, its parent authority, and the names that count as its own in source lines."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import sqlalchemy as sa
from annotated_types import MaxLen
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.contents import Day, Line, differences, from_attributes, limit_errors, without
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.default_name import DEFAULT_NAME
from campaigns.people.staff import Actor, Permission, staff_address

CONTACTS = ("address", "phone", "email", "responsible")  # what the public pages say of the department
MOST_RECIPIENTS, LONGEST_RECIPIENT = 20, 200  # more do not fit beside the signature of a document


Names = Annotated[Sequence[Line], MaxLen(200)]


@dataclass(frozen=True, kw_only=True)
class OfficeContent:
    """What is entered of the department. ``source_names``: the names that partners may use, with usual abbreviations,
    besides its own; ``not_us``: similar names of others; ``address``, ``phone``, ``email`` and ``responsible`` (who
    answers for the content) stand below the public pages."""

    name: Annotated[str, MaxLen(300)]
    parent: Annotated[str, MaxLen(300)] = ""
    place: Annotated[str, MaxLen(120)] = ""
    address: Annotated[str, MaxLen(300)] = ""
    phone: Annotated[str, MaxLen(60)] = ""
    email: Annotated[str, MaxLen(200)] = ""
    responsible: Annotated[str, MaxLen(200)] = ""
    source_names: Names = ()
    not_us: Names = ()


class Office(Base):
    """The only row about the department, with the fields of an ``OfficeContent``; its name is one of its
    ``source_names``. ``spellings``: the office's own abbreviations, pairs of short and full
    (``republications/attribution/office_spellings``); ``recipients``: the usual recipients (nơi nhận) of its reports in
    order, the last one the archive; ``guide_hidden_at``: since when the set-up guide is hidden;
    ``open_since``: since when the open data is public, None while a key is needed."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    parent: Mapped[str] = mapped_column(sa.String(300), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    source_names: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    not_us: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    spellings: Mapped[list[list[str]]] = mapped_column(sa.JSON, default=list)
    recipients: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(60), default="")
    email: Mapped[str] = mapped_column(sa.String(200), default="")
    responsible: Mapped[str] = mapped_column(sa.String(200), default="")
    guide_hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    open_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


def current_office(session: Session) -> Office:
    """Return the department as entered at set-up; before that a default without a name, which is not saved."""
    row = session.get(Office, 1)
    if row is not None:
        return row
    return Office(
        id=1, name=DEFAULT_NAME, parent="", place="", source_names=[DEFAULT_NAME], not_us=[], spellings=[],
        recipients=[], address="", phone="", email="", responsible="",
    )  # fmt: skip


def office_name(session: Session) -> str:
    """Return only the name, which every read of a feed needs."""
    name = session.connection().execute(sa.select(Office.__table__.c.name)).scalar_one_or_none()
    return name if name is not None else DEFAULT_NAME


def office_content_of(row: Office) -> OfficeContent:
    """What is entered of the department, to be changed in part."""
    others = [name for name in row.source_names if name != row.name]
    return replace(from_attributes(OfficeContent, row), source_names=others, not_us=row.not_us or ())


def save_office(
    session: Session, actor: str, content: OfficeContent, *, recipients: Sequence[str] | None = None, now: datetime
) -> Office:
    """Enter or change the department. Its name always counts as a source name. Raises ``Invalid`` without a name and
    for a text that is too long or no e-mail address. ``recipients`` that are None are left as they are.

    Source names affect what is counted, so that a change of them has its own journal entry with the added and removed
    names. A save without a change is not recorded."""
    content = _tidied_office(content)
    errors = [FieldError("name", "required", "the department needs a name")] if not content.name else []
    errors += limit_errors(content)
    if content.email:
        try:
            content = replace(content, email=staff_address(content.email))
        except Invalid as invalid:
            errors += invalid.errors
    errors += _recipient_errors(recipients or ())
    if errors:
        raise Invalid(errors)
    kept = session.get(Office, 1)
    before = office_content_of(kept) if kept is not None else None
    lists = {name: list(getattr(kept, name) or ()) for name in ("source_names", "not_us")} if kept is not None else {}
    row = kept or Office(id=1)
    for name, value in vars(content).items():
        setattr(row, name, value)
    row.source_names = list(dict.fromkeys([content.name, *content.source_names]))
    known = list(row.recipients or ())
    row.recipients = known if recipients is None else [line.strip() for line in recipients if line.strip()]
    session.add(row)
    session.flush()
    details = _saved_details(before, content)
    if before is None:
        details["source_names"] = row.source_names
    if row.recipients != known:
        details["recipients"] = row.recipients
        if known:
            details["before"] = {**details.get("before", {}), "recipients": known}
    if details:
        journal.record(session, actor, "office.saved", "office", row.name, details, now=now)
    if lists and (changes := _list_changes(lists, row)):
        journal.record(session, actor, "office.names_changed", "office", row.name, changes, now=now)
    return row


def _tidied_office(content: OfficeContent) -> OfficeContent:
    texts = {name: value.strip() for name, value in vars(content).items() if isinstance(value, str)}
    source_names, not_us = (
        list(dict.fromkeys(name.strip() for name in names if name.strip()))
        for names in (content.source_names, content.not_us)
    )
    return OfficeContent(**texts, source_names=source_names, not_us=not_us)


def _saved_details(before: OfficeContent | None, after: OfficeContent) -> dict[str, Any]:
    """What is new besides the lists of names, and what stood there before."""
    if before is None:
        texts = without(vars(after), "source_names", "not_us")
        return {name: value for name, value in texts.items() if value or name not in CONTACTS}
    changed = without(differences(before, after), "source_names", "not_us")
    old = {name: getattr(before, name) for name in changed if getattr(before, name)}
    return {**changed, "before": old} if old else changed


def _recipient_errors(recipients: Sequence[str]) -> list[FieldError]:
    lines = [line.strip() for line in recipients if line.strip()]
    if len(lines) > MOST_RECIPIENTS:
        return [FieldError("recipients", "too_many", f"{len(lines)} recipients; at most {MOST_RECIPIENTS}")]
    long = next((number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_RECIPIENT), None)
    if long is not None:
        return [FieldError("recipients", "too_long", f"line {long} has more than {LONGEST_RECIPIENT} letters")]
    return []


def _list_changes(before: Mapping[str, list[str]], row: Office) -> dict[str, list[str]]:
    """Return the added and the removed names of each list."""
    found = {}
    for name, came, went in (("source_names", "added", "removed"), ("not_us", "not_us_added", "not_us_removed")):
        old, new = before[name], getattr(row, name)
        found[came] = [listed_name for listed_name in new if listed_name not in old]
        found[went] = [listed_name for listed_name in old if listed_name not in new]
    return {name: names for name, names in found.items() if names}


def set_guide_shown(session: Session, actor: str, shown: bool, *, now: datetime) -> None:
    """Hide the set-up guide on the day's page, or show it again. Idempotent."""
    row = session.get(Office, 1)
    if row is None:
        row = Office(id=1, name=DEFAULT_NAME, parent="", place="", source_names=[DEFAULT_NAME], not_us=[])
        session.add(row)
    if (row.guide_hidden_at is None) is shown:
        return
    row.guide_hidden_at = None if shown else now
    session.flush()
    journal.record(
        session, actor, "office.guide_shown" if shown else "office.guide_hidden", "office", row.name, now=now
    )


# Letterheads: the names of the department and its signers, each with a period.


class OfficeNameKind(Enum):
    """The owner of a name."""

    DEPARTMENT = "department"  # this department
    ISSUER = "issuer"  # an authority that issued licences


@dataclass(frozen=True, kw_only=True)
class OfficeNameContent:
    """A name with its period: from ``since`` through ``until``, which is None while it is in use. ``symbol``: the part
    of a briefing's number after the slash."""

    kind: OfficeNameKind
    name: Annotated[str, MaxLen(300)]
    parent: Annotated[str, MaxLen(300)] = ""
    place: Annotated[str, MaxLen(120)] = ""
    symbol: Annotated[str, MaxLen(40)] = ""
    since: Day
    until: Day | None = None


class OfficeName(Base):
    """One name, with the fields of an ``OfficeNameContent``."""

    __tablename__ = "office_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    kind: Mapped[OfficeNameKind] = mapped_column(by_value(OfficeNameKind, "kind"))
    name: Mapped[str] = mapped_column(sa.String(300))
    parent: Mapped[str] = mapped_column(sa.String(300))
    place: Mapped[str] = mapped_column(sa.String(120))
    symbol: Mapped[str] = mapped_column(sa.String(40))
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]


@dataclass(frozen=True, kw_only=True)
class SignerContent:
    """A signer with the capacity (one on a line: ``KT. GIÁM ĐỐC``, ``PHÓ GIÁM ĐỐC``) and the period."""

    authority: Annotated[str, MaxLen(300)]
    name: Annotated[str, MaxLen(120)]
    since: Day
    until: Day | None = None


class Signer(Base):
    """One signer, with the fields of a ``SignerContent``."""

    __tablename__ = "signers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    authority: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.String(120))
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]


@dataclass(frozen=True)
class Letterhead:
    """The department's names at the head of a document."""

    name: str
    parent: str
    place: str
    symbol: str


def office_on(session: Session, day: dt.date) -> Letterhead:
    """Return the letterhead of a day; the one of set-up (``Office``) where no dated name covers the day."""
    query = (
        sa.select(OfficeName)
        .where(
            OfficeName.kind == OfficeNameKind.DEPARTMENT, OfficeName.since <= day, _is_open_on(OfficeName.until, day)
        )
        .order_by(OfficeName.since.desc(), OfficeName.id.desc())
        .limit(1)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is not None:
        return Letterhead(row.name, row.parent, row.place, row.symbol)
    office = current_office(session)
    return Letterhead(office.name, office.parent, office.place, "")


def signer_on(session: Session, day: dt.date) -> Signer | None:
    """Return the signer of a day: the one who began last; None when there is none."""
    query = (
        sa.select(Signer)
        .where(Signer.since <= day, _is_open_on(Signer.until, day))
        .order_by(Signer.since.desc(), Signer.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def signer_for(session: Session, day: dt.date) -> Signer | None:
    """Return the signer of a document on the days until ``day``: that of the day, else the next to begin, who signs it
    afterwards; None where there is none."""
    found = signer_on(session, day)
    if found is not None:
        return found
    later = sa.select(Signer).where(Signer.since > day).order_by(Signer.since, Signer.id).limit(1)
    return session.execute(later).scalar_one_or_none()


def _is_open_on(until: "sa.orm.InstrumentedAttribute[dt.date | None]", day: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(until.is_(None), until >= day)


def office_names(session: Session) -> Sequence[OfficeName]:
    """Return every name, departments first, the newest first."""
    query = sa.select(OfficeName).order_by(OfficeName.kind, OfficeName.since.desc(), OfficeName.id.desc())
    return session.execute(query).scalars().all()


def signers(session: Session) -> Sequence[Signer]:
    """Return all present and former signers, the newest first."""
    return session.execute(sa.select(Signer).order_by(Signer.since.desc(), Signer.id.desc())).scalars().all()


def issuers(session: Session) -> Sequence[OfficeName]:
    """Return every issuer of licences with its period, by name."""
    query = (
        sa.select(OfficeName)
        .where(OfficeName.kind == OfficeNameKind.ISSUER)
        .order_by(OfficeName.name, OfficeName.since)
    )
    return session.execute(query).scalars().all()


def add_name(session: Session, actor: Actor, content: OfficeNameContent, *, now: dt.datetime) -> OfficeName:
    """Add a name. The department's present name ends the day before the new one begins.

    Raises ``Forbidden``, ``Invalid`` naming every bad field.
    """
    actor.require(Permission.CONFIGURE)
    content = replace(
        content, name=content.name.strip(), parent=content.parent.strip(), place=content.place.strip(),
        symbol=content.symbol.strip(),
    )  # fmt: skip
    errors = _wrong_days(content.since, content.until)
    if not content.name:
        errors.append(FieldError("name", "required", "a name is needed"))
    errors += limit_errors(content)
    if errors:
        raise Invalid(errors)
    ended = None
    if content.kind is OfficeNameKind.DEPARTMENT:
        query = sa.select(OfficeName).where(
            OfficeName.kind == OfficeNameKind.DEPARTMENT, OfficeName.until.is_(None), OfficeName.since < content.since
        )
        for before in session.execute(query).scalars():
            before.until, ended = content.since - dt.timedelta(days=1), before.name
    row = OfficeName(public=public_id("ofn"), **vars(content))
    session.add(row)
    session.flush()
    details = {**vars(content), "ended": ended}
    journal.record(session, actor.id, "office.name_added", "office", row.name, details, now=now)
    return row


def add_signer(session: Session, actor: Actor, content: SignerContent, *, now: dt.datetime) -> Signer:
    """Add a signer. Raises ``Forbidden``, ``Invalid`` naming every invalid field."""
    actor.require(Permission.CONFIGURE)
    authority = "\n".join(line.strip() for line in content.authority.splitlines() if line.strip())
    content = replace(content, authority=authority, name=content.name.strip())
    errors = _wrong_days(content.since, content.until)
    for field, value in (("authority", authority), ("name", content.name)):
        if not value:
            errors.append(FieldError(field, "required", f"{field} is needed"))
    errors += limit_errors(content)
    if errors:
        raise Invalid(errors)
    row = Signer(public=public_id("sgn"), **vars(content))
    session.add(row)
    session.flush()
    details = without(vars(content), "name")
    journal.record(session, actor.id, "office.signer_added", "office", row.name, details, now=now)
    return row


def _wrong_days(since: dt.date, until: dt.date | None) -> list[FieldError]:
    if until is not None and until < since:
        return [FieldError("until", "before_start", f"{until} is before the start, {since}")]
    return []


def end_on(session: Session, actor: Actor, public: str, until: dt.date, *, now: dt.datetime) -> None:
    """Set the last day of a name or a signer. Raises ``Forbidden``, ``NotFound``, ``Invalid``."""
    actor.require(Permission.CONFIGURE)
    named = session.execute(sa.select(OfficeName).where(OfficeName.public == public)).scalar_one_or_none()
    signs = session.execute(sa.select(Signer).where(Signer.public == public)).scalar_one_or_none()
    row: OfficeName | Signer | None = named or signs
    if row is None:
        raise NotFound(f"there is no name or signer {public}", name=public)
    if errors := _wrong_days(row.since, until):
        raise Invalid(errors)
    before, row.until = row.until, until
    session.flush()
    act = "office.signer_ended" if isinstance(row, Signer) else "office.name_ended"
    journal.record(session, actor.id, act, "office", row.name, {"until": until, "before": before}, now=now)
