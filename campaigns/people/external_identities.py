"""External identities: the city's accounts that staff sign in with, and the rules that admit new people.

An account is identified by its issuer and subject, which are never reassigned. An address can be, so that it is used
only for the first sign-in, and only when the issuer has verified it. A rule has a claim, a value, and a role other than
the administrator's.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.people.staff import (
    SYSTEM_ACTOR,
    Actor,
    Permission,
    Person,
    Role,
    UnconfirmedWhy,
    add_person,
    find_by_email,
    suspend_role,
)


class ExternalIdentity(Base):
    """The link of one external account to one member of staff."""

    __tablename__ = "external_identities"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"), sa.UniqueConstraint("person_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(255))
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RoleRule(Base):
    """Admits accounts with ``claim`` = ``value`` (or with the value in a list, such as groups) with ``role``."""

    __tablename__ = "role_rules"
    __table_args__ = (sa.UniqueConstraint("claim", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    claim: Mapped[str] = mapped_column(sa.String(80))
    value: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(by_value(Role, "rule_role"))
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class VerifiedClaims:
    """The verified claims of an ID token. ``claims``: all of them."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str
    claims: Mapping[str, object] = field(default_factory=dict)


def sign_in_with_identity(
    session: Session, proven: VerifiedClaims, *, uniquifier: str, now: datetime
) -> tuple[Person, bool]:
    """Return the person of this account, and whether the account was linked or admitted by a rule now. Raises
    ``Forbidden`` with a ``code`` that says why not."""
    known = session.execute(
        sa.select(Person)
        .join(ExternalIdentity, ExternalIdentity.person_id == Person.id)
        .where(ExternalIdentity.issuer == proven.issuer, ExternalIdentity.subject == proven.subject)
    ).scalar_one_or_none()
    if known is not None:
        return _require_active(known), False
    if not proven.email or not proven.verified:
        raise Forbidden("the issuer has not verified the address", code="sso_unverified")
    person = find_by_email(session, proven.email) or _admit_by_rule(session, proven, uniquifier, now)
    _require_active(person)
    other = session.execute(
        sa.select(ExternalIdentity.id).where(
            ExternalIdentity.person_id == person.id, ExternalIdentity.issuer == proven.issuer
        )
    ).first()
    if other is not None:
        raise Forbidden(f"{person.email} is linked with another account", code="sso_other", email=person.email)
    session.add(ExternalIdentity(person_id=person.id, issuer=proven.issuer, subject=proven.subject, linked_at=now))
    if person.password is None:  # nobody was in before, and the city says who comes: not who added the account
        person.in_hands_of = []
    session.flush()
    details = {"issuer": proven.issuer, "subject": proven.subject}
    journal.record(session, person.email, "person.linked", "person", person.email, details, now=now)
    return person, True


def unlink_identities(session: Session, actor: Actor, person: Person, *, now: datetime) -> int:
    """Delete a person's links, as an administrator, so that another account can be linked; returns their number."""
    actor.require(Permission.CONFIGURE)
    gone = session.execute(
        sa.delete(ExternalIdentity).where(ExternalIdentity.person_id == person.id).returning(ExternalIdentity.id)
    ).all()
    if gone:
        journal.record(session, actor.id, "person.unlinked", "person", person.email, now=now)
        if actor.id != person.email:
            suspend_role(session, person, by=actor.id, why=UnconfirmedWhy.UNLINKED, now=now)
    return len(gone)


def is_linked(session: Session, person: Person) -> bool:
    """Whether a person has a linked external account."""
    return (
        session.execute(sa.select(ExternalIdentity.id).where(ExternalIdentity.person_id == person.id)).first()
        is not None
    )


def role_rules(session: Session) -> Sequence[RoleRule]:
    """Return every rule, the oldest first; the first match applies."""
    return session.execute(sa.select(RoleRule).order_by(RoleRule.id)).scalars().all()


def add_role_rule(
    session: Session, actor: Actor, *, claim: str, value: str, role: Role | None, now: datetime
) -> RoleRule:
    """Add a rule. Raises ``Invalid`` for a missing value or the administrator's role."""
    actor.require(Permission.CONFIGURE)
    claim, value = claim.strip(), value.strip()
    errors = [
        FieldError(name, "required", f"a {name} of 1 to {most} characters")
        for name, text, most in (("claim", claim, 80), ("value", value, 200))
        if not 0 < len(text) <= most
    ]
    if role is None or role is Role.ADMIN:
        errors.append(FieldError("role", "rule_role", "a role other than the administrator's, who is invited by name"))
    if errors or role is None:
        raise Invalid(errors)
    if any(rule.claim == claim and rule.value == value for rule in role_rules(session)):
        raise Conflict(f"there is a rule for {claim} = {value}", code="rule_taken", claim=claim, value=value)
    rule = RoleRule(
        public=secrets.token_hex(8), claim=claim, value=value, role=role, made_by=actor.id, made_at=now
    )  # fmt: skip
    session.add(rule)
    session.flush()
    details = {"claim": claim, "value": value, "role": role}
    journal.record(session, actor.id, "role_rule.added", "role_rule", rule.public, details, now=now)
    return rule


def remove_role_rule(session: Session, actor: Actor, public: str, *, now: datetime) -> None:
    """Remove a rule; people it has admitted stay. Raises ``NotFound``."""
    actor.require(Permission.CONFIGURE)
    rule = session.execute(sa.select(RoleRule).where(RoleRule.public == public)).scalar_one_or_none()
    if rule is None:
        raise NotFound(f"there is no rule {public}", rule=public)
    details = {"claim": rule.claim, "value": rule.value, "role": rule.role}
    session.delete(rule)
    session.flush()
    journal.record(session, actor.id, "role_rule.removed", "role_rule", public, details, now=now)


def _admit_by_rule(session: Session, proven: VerifiedClaims, uniquifier: str, now: datetime) -> Person:
    for rule in role_rules(session):
        claimed = proven.claims.get(rule.claim)
        if rule.value in (claimed if isinstance(claimed, list) else [claimed]):
            return add_person(
                session, SYSTEM_ACTOR.id, email=proven.email, name=proven.name, role=rule.role, password_hash=None,
                uniquifier=uniquifier, asked_by=rule.made_by, now=now,
            )  # fmt: skip
    raise Forbidden("nobody has invited this account, and no rule lets it in", code="sso_unknown", email=proven.email)


def _require_active(person: Person) -> Person:
    if not person.active:
        raise Forbidden(f"{person.email} is switched off", code="sso_switched_off", email=person.email)
    return person
