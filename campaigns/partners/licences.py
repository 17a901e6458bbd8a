"""Licences: number, kind, issuer at the time, dates, scope and the domains they cover."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, SiteKind, current_company, host_key


class Licence(Base):
    """One licence of a company. ``issuer`` is the name of the office at the time; ``domains`` are host keys.
    ``came_by``: the public id of the register import that added it; None when a person did."""

    __tablename__ = "licences"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    kind: Mapped[SiteKind] = mapped_column(by_value(SiteKind, "licence_kind"))
    issuer: Mapped[str] = mapped_column(sa.String(300))
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    domains: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    scope: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))

    company: Mapped[Company] = relationship()

    def covers(self, host: str, day: date) -> bool:
        """Whether the licence was in force for this host key on this day."""
        in_force = self.issued_on <= day and (self.expires_on is None or day <= self.expires_on)
        return in_force and any(host == domain or host.endswith(f".{domain}") for domain in self.domains)


def add_licence(
    session: Session,
    actor: str,
    company: Company,
    *,
    number: str,
    kind: SiteKind,
    issuer: str,
    issued_on: date,
    expires_on: date | None,
    domains: Sequence[str],
    scope: Sequence[str],
    now: datetime,
) -> Licence:
    """Add a licence. Raises ``Invalid`` naming each bad field, ``Conflict`` for a number in use."""
    hosts, errors = licence_errors(number, issuer, issued_on, expires_on, domains)
    if errors:
        raise Invalid(errors)
    company = current_company(session, company)
    if session.execute(sa.select(Licence.id).where(Licence.number == number.strip())).first():
        raise Conflict(f"licence {number} is in the register", code="licence_taken", number=number)
    licence = Licence(
        company=company,
        number=number.strip(),
        kind=kind,
        issuer=issuer.strip(),
        issued_on=issued_on,
        expires_on=expires_on,
        domains=hosts,
        scope=list(dict.fromkeys(scope)),
        created_at=now,
    )
    session.add(licence)
    session.flush()
    details = {"partner": company.code, "issuer": licence.issuer, "issued_on": issued_on, "expires_on": expires_on}
    journal.record(session, actor, "licence.added", "licence", licence.number, details, now=now)
    return licence


def licence_errors(
    number: str, issuer: str, issued_on: date, expires_on: date | None, domains: Sequence[str]
) -> tuple[list[str], list[FieldError]]:
    """The host keys of a licence's domains, and the errors of its fields."""
    errors = []
    if not number.strip():
        errors.append(FieldError("number", "required", "a licence needs its number"))
    if not issuer.strip():
        errors.append(FieldError("issuer", "required", "a licence needs its issuer"))
    if expires_on is not None and expires_on < issued_on:
        errors.append(FieldError("expires_on", "before_issue", f"{expires_on} is before the issue, {issued_on}"))
    hosts = []
    for position, domain in enumerate(domains):
        try:
            hosts.append(host_key(domain if "://" in domain else f"http://{domain}"))
        except Invalid:
            errors.append(FieldError(f"domains.{position}", "domain", f"{domain!r} is not a domain name"))
    return list(dict.fromkeys(hosts)), errors


def change_licence(
    session: Session,
    actor: str,
    licence: Licence,
    *,
    kind: SiteKind,
    issuer: str,
    issued_on: date,
    expires_on: date | None,
    domains: Sequence[str],
    scope: Sequence[str],
    now: datetime,
) -> None:
    """Replace the content of a licence under its number (a renewal, one more domain). Raises ``Invalid`` as
    ``add_licence``."""
    hosts, errors = licence_errors(licence.number, issuer, issued_on, expires_on, domains)
    if errors:
        raise Invalid(errors)
    licence.kind, licence.issuer = kind, issuer.strip()
    licence.issued_on, licence.expires_on = issued_on, expires_on
    licence.domains, licence.scope = hosts, list(dict.fromkeys(scope))
    session.flush()
    details = {"issuer": licence.issuer, "issued_on": issued_on, "expires_on": expires_on, "domains": hosts}
    journal.record(session, actor, "licence.changed", "licence", licence.number, details, now=now)


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
