"""Licences: number, kind, issuer at the time, dates, scope and the domains they cover.

Every act on a licence also writes its content as a ``LicenceVersion``, from which the register of an earlier moment is
known (``register_figures``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, TypeVar

import sqlalchemy as sa
from annotated_types import MaxLen
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import city_day
from campaigns.core.contents import Day, Line, differences, from_attributes, limit_errors
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, SiteKind, current_company, host_key

LONGEST_BASIS = 300  # characters of what a withdrawal is based on: the number and day of a decision


@dataclass(frozen=True, kw_only=True)
class LicenceContent:
    """What is written on a licence, but for its number. ``issuer``: the name of the office at the time; ``domains``:
    host keys, or addresses that become them."""

    kind: SiteKind
    issuer: Annotated[str, MaxLen(300)]
    issued_on: Day
    expires_on: Day | None = None
    domains: Annotated[Sequence[Line], MaxLen(200)] = ()
    scope: Annotated[Sequence[Line], MaxLen(200)] = ()


@dataclass(frozen=True, kw_only=True)
class LicenceStanding(LicenceContent):
    """A licence with what became of it. ``withdrawn_on``: the first day on which it is not in force because it was
    withdrawn, by the decision in ``withdrawal``."""

    withdrawn_on: Day | None = None
    withdrawal: Annotated[str, MaxLen(LONGEST_BASIS)] = ""


Written = TypeVar("Written", bound=LicenceContent)


class LicenceAct(Enum):
    """The act after which a version of a licence was written."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"  # to the partner that its own was merged into


class Licence(Base):
    """One licence of a company, with the fields of a ``LicenceStanding``; ``domains`` are host keys. ``came_by``:
    the public id of the register import that added it; None when a person did."""

    __tablename__ = "licences"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[SiteKind] = mapped_column(by_value(SiteKind, "licence_kind"))
    issuer: Mapped[str] = mapped_column(sa.String(300))
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    withdrawal: Mapped[str] = mapped_column(sa.String(LONGEST_BASIS), default="", server_default="")
    domains: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    scope: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))

    company: Mapped[Company] = relationship()

    def covers(self, host: str, day: date) -> bool:
        """Whether the licence was in force for this host key on this day."""
        in_force = self.issued_on <= day and (self.last_day is None or day <= self.last_day)
        return in_force and any(host == domain or host.endswith(f".{domain}") for domain in self.domains)

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in force; None without an end. Before ``issued_on`` when it was withdrawn from
        the beginning."""
        return last_day_of(self.expires_on, self.withdrawn_on)


class LicenceVersion(Base):
    """The content of a licence since one act; never edited. ``company_id``: its partner then, which a merge leaves;
    ``day``: the day of the act; ``came_by``: the public id of the register import that wrote it, if one did."""

    __tablename__ = "licence_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(sa.ForeignKey("licences.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    kind: Mapped[SiteKind] = mapped_column(by_value(SiteKind, "licence_version_kind"))
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    act: Mapped[LicenceAct] = mapped_column(by_value(LicenceAct, "licence_act"))
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))


def last_day_of(expires_on: date | None, withdrawn_on: date | None) -> date | None:
    """The last day on which a licence with these days is in force; None without an end."""
    if withdrawn_on is None:
        return expires_on
    before = withdrawn_on - timedelta(days=1)
    return before if expires_on is None else min(before, expires_on)


def is_in_force(day: date) -> sa.ColumnElement[bool]:
    """The condition on licences that are in force on a day."""
    return sa.and_(
        Licence.issued_on <= day,
        sa.or_(Licence.expires_on.is_(None), Licence.expires_on >= day),
        sa.or_(Licence.withdrawn_on.is_(None), Licence.withdrawn_on > day),
    )


_VERSIONED = ("company_id", "kind", "issued_on", "expires_on", "withdrawn_on")


def write_versions(
    session: Session, which: sa.ColumnElement[bool], act: LicenceAct, *, came_by: str | None = None, now: datetime
) -> None:
    """Write the present content of the licences that ``which`` selects as their versions since now."""
    session.flush()
    version, licence = LicenceVersion.__table__.c, Licence.__table__.c
    since = (
        sa.literal(act, version.act.type), sa.literal(city_day(now), version.day.type),
        sa.literal(now, version.at.type), sa.literal(came_by, version.came_by.type),
    )  # fmt: skip
    rows = sa.select(licence.id, *(licence[name] for name in _VERSIONED), *since).where(which).order_by(licence.id)
    session.execute(
        sa.insert(LicenceVersion).from_select(["licence_id", *_VERSIONED, "act", "day", "at", "came_by"], rows),
        execution_options={"synchronize_session": False},
    )


def add_licence(
    session: Session, actor: str, company: Company, number: str, content: LicenceContent, *, now: datetime
) -> Licence:
    """Add a licence. Raises ``Invalid`` naming each bad field, ``Conflict`` for a number in use."""
    number, (content, errors) = number.strip(), checked_licence(content)
    if not number:
        errors.insert(0, FieldError("number", "required", "a licence needs its number"))
    if errors:
        raise Invalid(errors)
    company = current_company(session, company)
    if session.execute(sa.select(Licence.id).where(Licence.number == number)).first():
        raise Conflict(f"licence {number} is in the register", code="licence_taken", number=number)
    licence = Licence(company=company, number=number, created_at=now, **vars(content))
    session.add(licence)
    write_versions(session, Licence.number == number, LicenceAct.ADDED, now=now)
    details = {"partner": company.code, **vars(content)}
    journal.record(session, actor, "licence.added", "licence", number, details, now=now)
    return licence


def checked_licence(content: Written) -> tuple[Written, list[FieldError]]:
    """A licence as it is stored, with its domains as host keys, and the errors of its fields."""
    errors = limit_errors(content)
    if not content.issuer.strip():
        errors.append(FieldError("issuer", "required", "a licence needs its issuer"))
    if content.expires_on is not None and content.expires_on < content.issued_on:
        message = f"{content.expires_on} is before the issue, {content.issued_on}"
        errors.append(FieldError("expires_on", "before_issue", message))
    hosts = []
    for position, domain in enumerate(content.domains):
        try:
            hosts.append(host_key(domain if "://" in domain else f"http://{domain}"))
        except Invalid:
            errors.append(FieldError(f"domains.{position}", "domain", f"{domain!r} is not a domain name"))
    scope = list(dict.fromkeys(content.scope))
    return replace(content, issuer=content.issuer.strip(), domains=list(dict.fromkeys(hosts)), scope=scope), errors


def change_licence(session: Session, actor: str, licence: Licence, content: LicenceStanding, *, now: datetime) -> None:
    """Replace the content of a licence under its number: a renewal, one more domain, a withdrawal. Raises ``Invalid``
    as ``add_licence``, and for a withdrawal without a day or a basis."""
    before, content = from_attributes(LicenceStanding, licence), replace(content, withdrawal=content.withdrawal.strip())
    content, errors = checked_licence(content)
    errors += _withdrawal_errors(content)
    if errors:
        raise Invalid(errors)
    changed = differences(before, content)
    for name, value in changed.items():
        setattr(licence, name, value)
    withdrawn = content.withdrawn_on is not None and before.withdrawn_on is None
    if changed:
        act = LicenceAct.WITHDRAWN if withdrawn else LicenceAct.CHANGED
        write_versions(session, Licence.id == licence.id, act, now=now)
    act_name = "licence.withdrawn" if withdrawn else "licence.changed"
    journal.record(session, actor, act_name, "licence", licence.number, changed, now=now)


def _withdrawal_errors(content: LicenceStanding) -> list[FieldError]:
    day, basis, issued_on = content.withdrawn_on, content.withdrawal, content.issued_on
    errors = []
    if day is not None and day < issued_on:
        errors.append(FieldError("withdrawn_on", "before_issue", f"{day} is before the issue, {issued_on}"))
    if day is not None and not basis:
        errors.append(FieldError("withdrawal", "required", "a withdrawal needs the decision that it is based on"))
    if day is None and basis:
        errors.append(FieldError("withdrawn_on", "required", "a withdrawal needs its day"))
    return errors


def find_licence(session: Session, number: str) -> Licence:
    """The licence with this number. Raises ``NotFound``."""
    row = session.execute(sa.select(Licence).where(Licence.number == number)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no licence {number}", licence=number)
    return row


def licences_of(session: Session, company: Company) -> Sequence[Licence]:
    """All licences of a company, newest first."""
    query = sa.select(Licence).where(Licence.company_id == company.id).order_by(Licence.issued_on.desc(), Licence.id)
    return session.execute(query).scalars().all()
