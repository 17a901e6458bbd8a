"""Letterheads: what the department was called and who signed for it, each with its days.

A reorganisation changes the name on what is signed from then on and on nothing signed before. Issuers of licences are
kept in the same way: a licence names its issuer as it was.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.office import the_office
from campaigns.people.staff import Actor, May

_LONGEST = {"name": 300, "parent": 300, "place": 120, "symbol": 40}


class Kind(Enum):
    """What a name is of."""

    DEPARTMENT = "department"  # this department
    ISSUER = "issuer"  # an authority that issued licences


class OfficeName(Base):
    """One name with the days it was borne: from ``since`` through ``until``, which is open while it is. ``symbol``: the
    part of a briefing's number after the slash."""

    __tablename__ = "office_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    kind: Mapped[Kind] = mapped_column(by_value(Kind, "kind"))
    name: Mapped[str] = mapped_column(sa.String(300))
    parent: Mapped[str] = mapped_column(sa.String(300))
    place: Mapped[str] = mapped_column(sa.String(120))
    symbol: Mapped[str] = mapped_column(sa.String(40))
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]


class Signer(Base):
    """Who signs, in which capacity (a line each: ``KT. GIÁM ĐỐC``, ``PHÓ GIÁM ĐỐC``), and when."""

    __tablename__ = "signers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    authority: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.String(120))
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]


@dataclass(frozen=True)
class Letterhead:
    """What the department is called at the head of a document."""

    name: str
    parent: str
    place: str
    symbol: str


def office_on(session: Session, day: dt.date) -> Letterhead:
    """What the department was called on a day; as set up (``office``) where no dated name covers it."""
    query = (
        sa.select(OfficeName)
        .where(OfficeName.kind == Kind.DEPARTMENT, OfficeName.since <= day, _open_on(OfficeName.until, day))
        .order_by(OfficeName.since.desc(), OfficeName.id.desc())
        .limit(1)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is not None:
        return Letterhead(row.name, row.parent, row.place, row.symbol)
    office = the_office(session)
    return Letterhead(office.name, office.parent, office.place, "")


def signer_on(session: Session, day: dt.date) -> Signer | None:
    """Who signs on a day: whoever began last; None when nobody is entered."""
    query = (
        sa.select(Signer)
        .where(Signer.since <= day, _open_on(Signer.until, day))
        .order_by(Signer.since.desc(), Signer.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def _open_on(until: "sa.orm.InstrumentedAttribute[dt.date | None]", day: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(until.is_(None), until >= day)


def names(session: Session) -> Sequence[OfficeName]:
    """Every name, departments first, the newest first."""
    query = sa.select(OfficeName).order_by(OfficeName.kind, OfficeName.since.desc(), OfficeName.id.desc())
    return session.execute(query).scalars().all()


def signers(session: Session) -> Sequence[Signer]:
    """Everybody who signs or signed, the newest first."""
    return session.execute(sa.select(Signer).order_by(Signer.since.desc(), Signer.id.desc())).scalars().all()


def issuers(session: Session) -> Sequence[OfficeName]:
    """Every authority that issued licences, with its days, by name."""
    query = sa.select(OfficeName).where(OfficeName.kind == Kind.ISSUER).order_by(OfficeName.name, OfficeName.since)
    return session.execute(query).scalars().all()


def add_name(
    session: Session, actor: Actor, *, kind: str, name: str, parent: str = "", place: str = "", symbol: str = "",
    since: dt.date, until: dt.date | None = None, now: dt.datetime,
) -> OfficeName:  # fmt: skip
    """Enter a name. One of the department that was open until now ends the day before this one begins.

    Raises ``Forbidden``, ``Invalid`` naming every bad field.
    """
    actor.require(May.CONFIGURE)
    kinds = {one.value: one for one in Kind}
    told = {"name": name.strip(), "parent": parent.strip(), "place": place.strip(), "symbol": symbol.strip()}
    errors = _wrong_days(since, until)
    if kind not in kinds:
        errors.append(FieldError("kind", "kind", f"{kind!r} is none of {', '.join(kinds)}"))
    if not told["name"]:
        errors.append(FieldError("name", "required", "a name is needed"))
    for field, value in told.items():
        if len(value) > _LONGEST[field]:
            errors.append(FieldError(field, "too_long", f"{field} has more than {_LONGEST[field]} letters"))
    if errors:
        raise Invalid(errors)
    ended = None
    if kinds[kind] is Kind.DEPARTMENT:
        query = sa.select(OfficeName).where(
            OfficeName.kind == Kind.DEPARTMENT, OfficeName.until.is_(None), OfficeName.since < since
        )
        for before in session.execute(query).scalars():
            before.until, ended = since - dt.timedelta(days=1), before.name
    row = OfficeName(public=public_id("ofn"), kind=kinds[kind], since=since, until=until, **told)
    session.add(row)
    session.flush()
    details = {**told, "kind": kind, "since": since, "until": until, "ended": ended}
    journal.record(session, actor.id, "office.name_added", "office", row.name, details, now=now)
    return row


def add_signer(
    session: Session, actor: Actor, *, authority: str, name: str, since: dt.date, until: dt.date | None = None,
    now: dt.datetime,
) -> Signer:  # fmt: skip
    """Enter who signs. Raises ``Forbidden``, ``Invalid`` naming every bad field."""
    actor.require(May.CONFIGURE)
    authority = "\n".join(line.strip() for line in authority.splitlines() if line.strip())
    errors = _wrong_days(since, until)
    for field, value, most in (("authority", authority, 300), ("name", name.strip(), 120)):
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


def end(session: Session, actor: Actor, public: str, until: dt.date, *, now: dt.datetime) -> None:
    """Say through which day a name was borne or somebody signed. Raises ``Forbidden``, ``NotFound``, ``Invalid``."""
    actor.require(May.CONFIGURE)
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
