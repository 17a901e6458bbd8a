"""The city's accounts: who of the staff comes in by which, and by what rule somebody may who was never invited.

An account is known by its issuer and subject, which never change hands; an address does, so it counts once, at the
first time, and only when the issuer has verified it. Rules are records: a claim, a value, a role that is never the
administrator's.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.people.staff import THE_SYSTEM, Actor, May, Person, Role, add_person, find_by_email


class Identity(Base):
    """One account elsewhere that is one person here."""

    __tablename__ = "identities"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"), sa.UniqueConstraint("person_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(255))
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RoleRule(Base):
    """Whoever's account says ``claim`` = ``value`` (or has it in a list, such as groups) may come in with ``role``."""

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
class Proven:
    """What an issuer says of somebody, its signature checked. ``claims``: everything it said."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str
    claims: Mapping[str, object] = field(default_factory=dict)


def come_in(session: Session, proven: Proven, *, uniquifier: str, now: datetime) -> tuple[Person, bool]:
    """The person whose account this is, linked or let in by a rule the first time (True). Raises ``Forbidden``, its
    ``code`` saying why not."""
    known = session.execute(
        sa.select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.issuer == proven.issuer, Identity.subject == proven.subject)
    ).scalar_one_or_none()
    if known is not None:
        return _active(known), False
    if not proven.email or not proven.verified:
        raise Forbidden("the issuer has not verified the address", code="sso_unverified")
    person = find_by_email(session, proven.email) or _by_rule(session, proven, uniquifier, now)
    _active(person)
    other = session.execute(
        sa.select(Identity.id).where(Identity.person_id == person.id, Identity.issuer == proven.issuer)
    ).first()
    if other is not None:
        raise Forbidden(f"{person.email} is linked with another account", code="sso_other", email=person.email)
    session.add(Identity(person_id=person.id, issuer=proven.issuer, subject=proven.subject, linked_at=now))
    session.flush()
    details = {"issuer": proven.issuer, "subject": proven.subject}
    journal.record(session, person.email, "person.linked", "person", person.email, details, now=now)
    return person, True


def unlink(session: Session, actor: Actor, person: Person, *, now: datetime) -> int:
    """As an administrator, take a person's links away, so that another account may take their place; how many."""
    actor.require(May.CONFIGURE)
    gone = session.execute(sa.delete(Identity).where(Identity.person_id == person.id).returning(Identity.id)).all()
    if gone:
        journal.record(session, actor.id, "person.unlinked", "person", person.email, now=now)
    return len(gone)


def is_linked(session: Session, person: Person) -> bool:
    """Whether a person comes in by an account elsewhere."""
    return session.execute(sa.select(Identity.id).where(Identity.person_id == person.id)).first() is not None


def rules(session: Session) -> Sequence[RoleRule]:
    """Every rule, the oldest first; the first that fits counts."""
    return session.execute(sa.select(RoleRule).order_by(RoleRule.id)).scalars().all()


def add_rule(session: Session, actor: Actor, *, claim: str, value: str, role: Role | None, now: datetime) -> RoleRule:
    """Let in whoever's account says this. Raises ``Invalid`` for what is missing or the administrator's role."""
    actor.require(May.CONFIGURE)
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
    if any(one.claim == claim and one.value == value for one in rules(session)):
        raise Conflict(f"there is a rule for {claim} = {value}", code="rule_taken", claim=claim, value=value)
    rule = RoleRule(
        public=secrets.token_hex(8), claim=claim, value=value, role=role, made_by=actor.id, made_at=now
    )  # fmt: skip
    session.add(rule)
    session.flush()
    details = {"claim": claim, "value": value, "role": role}
    journal.record(session, actor.id, "role_rule.added", "role_rule", rule.public, details, now=now)
    return rule


def remove_rule(session: Session, actor: Actor, public: str, *, now: datetime) -> None:
    """Let nobody else in by a rule; whoever came by it stays. Raises ``NotFound``."""
    actor.require(May.CONFIGURE)
    rule = session.execute(sa.select(RoleRule).where(RoleRule.public == public)).scalar_one_or_none()
    if rule is None:
        raise NotFound(f"there is no rule {public}", rule=public)
    details = {"claim": rule.claim, "value": rule.value, "role": rule.role}
    session.delete(rule)
    session.flush()
    journal.record(session, actor.id, "role_rule.removed", "role_rule", public, details, now=now)


def _by_rule(session: Session, proven: Proven, uniquifier: str, now: datetime) -> Person:
    for rule in rules(session):
        said = proven.claims.get(rule.claim)
        if rule.value in (said if isinstance(said, list) else [said]):
            return add_person(
                session, THE_SYSTEM.id, email=proven.email, name=proven.name, role=rule.role, password_hash=None,
                uniquifier=uniquifier, now=now,
            )  # fmt: skip
    raise Forbidden("nobody has invited this account, and no rule lets it in", code="sso_unknown", email=proven.email)


def _active(person: Person) -> Person:
    if not person.active:
        raise Forbidden(f"{person.email} is switched off", code="sso_switched_off", email=person.email)
    return person
