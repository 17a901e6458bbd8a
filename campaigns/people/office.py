"""The department: its name, its parent authority, and the names that count as its own in source lines."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.default_name import DEFAULT_NAME
from campaigns.people.staff import Actor, Permission, staff_address

# Fields in the journal's entry of a change, besides the lists of names.
_JOURNALLED = ("name", "parent", "place", "address", "phone", "email", "responsible")
_LISTS = ("source_names", "not_us")
CONTACTS = ("address", "phone", "email", "responsible")  # what the public pages say of the department
MAX_LENGTHS = {
    "name": 300, "parent": 300, "place": 120, "symbol": 40, "address": 300, "phone": 60, "email": 200,
    "responsible": 200,
}  # fmt: skip  # in characters
LONGEST_AUTHORITY, LONGEST_SIGNER = 300, 120  # characters
MOST_RECIPIENTS, LONGEST_RECIPIENT = 20, 200  # more do not fit beside the signature of a document


class Office(Base):
    """The only row about the department. ``source_names``: the names that partners may use, with usual abbreviations;
    ``not_us``: similar names of others; ``spellings``: the office's own abbreviations, pairs of short and full
    (``republications/attribution/office_spellings``); ``recipients``: the usual recipients (nơi nhận) of its reports in
    order, the last one the archive; ``address``, ``phone``, ``email`` and ``responsible`` (who answers for the content)
    stand below the public pages; ``guide_hidden_at``: since when the set-up guide is hidden;
    ``open_since``: since when the open data is public, None while a key is needed."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["name"]))
    parent: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["parent"]), default="")
    place: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["place"]), default="")
    source_names: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    not_us: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    spellings: Mapped[list[list[str]]] = mapped_column(sa.JSON, default=list)
    recipients: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    address: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["address"]), default="")
    phone: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["phone"]), default="")
    email: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["email"]), default="")
    responsible: Mapped[str] = mapped_column(sa.String(MAX_LENGTHS["responsible"]), default="")
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


def length_errors(texts: Mapping[str, str]) -> list[FieldError]:
    """Return an error for each of these texts, by its name in ``MAX_LENGTHS``, that is too long."""
    return [
        FieldError(field, "too_long", f"{field} has more than {MAX_LENGTHS[field]} letters")
        for field, text in texts.items()
        if len(text.strip()) > MAX_LENGTHS[field]
    ]


def save_office(
    session: Session,
    actor: str,
    *,
    name: str,
    parent: str,
    place: str,
    source_names: Sequence[str],
    not_us: Sequence[str] = (),
    recipients: Sequence[str] | None = None,
    contacts: Mapping[str, str] | None = None,
    now: datetime,
) -> Office:
    """Enter or change the department. Its name always counts as a source name. Raises ``Invalid`` without a name and
    for a text that is too long or no e-mail address. ``recipients``, and each of ``CONTACTS`` that is not in
    ``contacts``, are left as they are.

    Source names affect what is counted, so that a change of them has its own journal entry with the added and removed
    names. A save without a change is not recorded."""
    errors = [FieldError("name", "required", "the department needs a name")] if not name.strip() else []
    given = {field: text.strip() for field, text in (contacts or {}).items()}
    errors += length_errors({"name": name, "parent": parent, "place": place, **given})
    if given.get("email"):
        try:
            given["email"] = staff_address(given["email"])
        except Invalid as invalid:
            errors += invalid.errors
    errors += _recipient_errors(recipients or ())
    if errors:
        raise Invalid(errors)
    kept = session.get(Office, 1)
    row = kept or Office(id=1)
    before = {name: getattr(row, name) for name in (*_JOURNALLED, *_LISTS)}
    before |= {name: before[name] or "" for name in CONTACTS}
    row.name, row.parent, row.place = name.strip(), parent.strip(), place.strip()
    for field in CONTACTS:
        setattr(row, field, given.get(field, getattr(row, field) or ""))
    row.source_names = list(dict.fromkeys([row.name, *(name.strip() for name in source_names if name.strip())]))
    row.not_us = list(dict.fromkeys(text.strip() for text in not_us if text.strip()))
    known = list(row.recipients or ())
    row.recipients = known if recipients is None else [line.strip() for line in recipients if line.strip()]
    session.add(row)
    session.flush()
    after = {name: getattr(row, name) for name in (*_JOURNALLED, *_LISTS)}
    details: dict[str, Any] = {name: after[name] for name in _JOURNALLED if after[name] != before[name]}
    if kept is None:
        details["source_names"] = row.source_names
    if row.recipients != known:
        details["recipients"] = row.recipients
    if old := {name: before[name] for name in _JOURNALLED if before[name] and after[name] != before[name]}:
        details["before"] = old
    if row.recipients != known and known:
        details["before"] = {**details.get("before", {}), "recipients": known}
    if details:
        journal.record(session, actor, "office.saved", "office", row.name, details, now=now)
    if kept is not None and (changes := _list_changes(before, after)):
        journal.record(session, actor, "office.names_changed", "office", row.name, changes, now=now)
    return row


def _recipient_errors(recipients: Sequence[str]) -> list[FieldError]:
    lines = [line.strip() for line in recipients if line.strip()]
    if len(lines) > MOST_RECIPIENTS:
        return [FieldError("recipients", "too_many", f"{len(lines)} recipients; at most {MOST_RECIPIENTS}")]
    long = next((number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_RECIPIENT), None)
    if long is not None:
        return [FieldError("recipients", "too_long", f"line {long} has more than {LONGEST_RECIPIENT} letters")]
    return []


def _list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the added and the removed names of each list."""
    found = {}
    for name, came, went in (("source_names", "added", "removed"), ("not_us", "not_us_added", "not_us_removed")):
        old, new = before[name] or [], after[name]
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


class OfficeName(Base):
    """One name with its period: from ``since`` through ``until``, which is None while it is in use. ``symbol``: the
    part of a briefing's number after the slash."""

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


class Signer(Base):
    """A signer with the capacity (one on a line: ``KT. GIÁM ĐỐC``, ``PHÓ GIÁM ĐỐC``) and the period."""

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


def add_name(
    session: Session, actor: Actor, *, kind: str, name: str, parent: str = "", place: str = "", symbol: str = "",
    since: dt.date, until: dt.date | None = None, now: dt.datetime,
) -> OfficeName:  # fmt: skip
    """Add a name. The department's present name ends the day before the new one begins.

    Raises ``Forbidden``, ``Invalid`` naming every bad field.
    """
    actor.require(Permission.CONFIGURE)
    kinds = {name_kind.value: name_kind for name_kind in OfficeNameKind}
    texts = {"name": name.strip(), "parent": parent.strip(), "place": place.strip(), "symbol": symbol.strip()}
    errors = _wrong_days(since, until)
    if kind not in kinds:
        errors.append(FieldError("kind", "kind", f"{kind!r} is none of {', '.join(kinds)}"))
    if not texts["name"]:
        errors.append(FieldError("name", "required", "a name is needed"))
    errors += length_errors(texts)
    if errors:
        raise Invalid(errors)
    ended = None
    if kinds[kind] is OfficeNameKind.DEPARTMENT:
        query = sa.select(OfficeName).where(
            OfficeName.kind == OfficeNameKind.DEPARTMENT, OfficeName.until.is_(None), OfficeName.since < since
        )
        for before in session.execute(query).scalars():
            before.until, ended = since - dt.timedelta(days=1), before.name
    row = OfficeName(public=public_id("ofn"), kind=kinds[kind], since=since, until=until, **texts)
    session.add(row)
    session.flush()
    details = {**texts, "kind": kind, "since": since, "until": until, "ended": ended}
    journal.record(session, actor.id, "office.name_added", "office", row.name, details, now=now)
    return row


def add_signer(
    session: Session, actor: Actor, *, authority: str, name: str, since: dt.date, until: dt.date | None = None,
    now: dt.datetime,
) -> Signer:  # fmt: skip
    """Add a signer. Raises ``Forbidden``, ``Invalid`` naming every invalid field."""
    actor.require(Permission.CONFIGURE)
    authority = "\n".join(line.strip() for line in authority.splitlines() if line.strip())
    errors = _wrong_days(since, until)
    for field, value, most in (("authority", authority, LONGEST_AUTHORITY), ("name", name.strip(), LONGEST_SIGNER)):
        if not value:
            errors.append(FieldError(field, "required", f"{field} is needed"))
        elif len(value) > most:
            errors.append(FieldError(field, "too_long", f"{field} has more than {most} letters"))
    if errors:
        raise Invalid(errors)
    row = Signer(public=public_id("sgn"), authority=authority, name=name.strip(), since=since, until=until)
    session.add(row)
    session.flush()
    details = {"authority": authority, "since": since, "until": until}
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
