"""Members of staff, their roles, and the permissions of each role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.people.powers.account_messages import AccountEvent, notify_owner


class Role(Enum):
    """The four roles; each person has one."""

    WRITER = "writer"  # writes and submits
    APPROVER = "approver"  # approves, schedules, publishes, corrects, recalls
    ANALYST = "analyst"  # reads everything, decides on republications, makes reports
    ADMIN = "admin"  # configures partners, channels, people and campaigns


class Permission(Enum):
    """The acts that a role allows or not."""

    READ = "read"
    WRITE = "write"  # write, edit and submit bulletins
    APPROVE = "approve"  # approve, return, schedule, publish, correct at once, recall
    REVIEW = "review"  # confirm and reject republications, settle unknown deliveries
    REPORT = "report"
    PLAN = "plan"  # campaigns, topics, targets
    CONFIGURE = "configure"  # partners, channels, people, keys
    ANSWER = "answer"  # answer a partner's question
    INFORM = "tell"  # publish notices and answers to partners, correct and withdraw them


# An approver may also write: a text still needs another person's approval. An administrator configures and reads but
# does not approve, so that configuration and approval are separate.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.WRITER: frozenset({Permission.READ, Permission.WRITE, Permission.ANSWER}),
    Role.APPROVER: frozenset(
        {
            Permission.READ,
            Permission.WRITE,
            Permission.APPROVE,
            Permission.REVIEW,
            Permission.REPORT,
            Permission.PLAN,
            Permission.ANSWER,
            Permission.INFORM,
        }
    ),
    Role.ANALYST: frozenset({Permission.READ, Permission.REVIEW, Permission.REPORT, Permission.ANSWER}),
    Role.ADMIN: frozenset(
        {
            Permission.READ,
            Permission.WRITE,
            Permission.REVIEW,
            Permission.REPORT,
            Permission.PLAN,
            Permission.CONFIGURE,
            Permission.ANSWER,
            Permission.INFORM,
        }
    ),
}


# Who has one of these roles can publish, or let others publish: the role begins when a second person has confirmed it
# (``powers.confirmation``), and so do these permissions.
POWERFUL_ROLES = frozenset({Role.APPROVER, Role.ADMIN})
CONFIRMED_PERMISSIONS = frozenset({Permission.APPROVE, Permission.CONFIGURE})


@dataclass(frozen=True)
class Actor:
    """The actor: a person, a program with a role's key, or the product itself.

    ``id`` is what the journal keeps and what the two-person rule compares: an e-mail, ``key:<public id>`` or
    ``system``. ``confirmed``: whether a second person has confirmed the role, where it needs that.
    """

    id: str
    name: str
    role: Role | None
    confirmed: bool = True

    def may(self, act: Permission) -> bool:
        """Whether the actor's role allows the act."""
        allowed = self.role is not None and act in ROLE_PERMISSIONS[self.role]
        return allowed and (self.confirmed or act not in CONFIRMED_PERMISSIONS)

    def require(self, act: Permission) -> None:
        """Raise ``Forbidden`` unless the actor's role allows the act (code ``unconfirmed_role`` while it waits)."""
        if not self.may(act):
            if self.role is not None and act in ROLE_PERMISSIONS[self.role]:
                raise Forbidden("a second person has not confirmed this role yet", code="unconfirmed_role")
            role = self.role.value if self.role else "partner"
            raise Forbidden(f"the role {role} may not {act.value}", role=role, act=act.value)


SYSTEM_ACTOR = Actor(journal.SYSTEM, "Lan Tỏa", None)


LONGEST_NAME = 120
_PASSKEYS = sa.table("passkeys", sa.column("person_id"))  # by name: its class is in a higher module


class UnconfirmedWhy(Enum):
    """Why a role waits for a second person."""

    ROLE = "role"  # it was given, or its account activated
    LINK = "link"  # somebody signed in by a link that another person had made
    FACTOR = "factor"  # an administrator removed the second factor
    UNLINKED = "unlinked"  # an administrator removed the link to the city's account


class Person(Base):
    """One member of staff. The lower half has columns under the sign-in library's names.

    ``unconfirmed_since``: since when the role waits for a second person, for what reason, and who asked; None: it does
    not wait. ``confirmed_by``: who confirmed it last, never emptied. ``in_hands_of``: the ids of others who had this
    account's access in hand since then; ``was_in_hands_of``: of those before -> until when. ``mail_…``: which mails
    about work the person wants: of texts to approve, of texts returned to them, and each morning of what waits for
    them; ``push_…``: the same in the browsers in which the person has switched messages on.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(200), unique=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    role: Mapped[Role] = mapped_column(by_value(Role, "role"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    locale: Mapped[str | None] = mapped_column(sa.String(5))
    theme: Mapped[str | None] = mapped_column(sa.String(5))
    mail_to_approve: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    mail_returned: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    mail_tasks: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    push_to_approve: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    push_returned: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    push_tasks: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    unconfirmed_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unconfirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    unconfirmed_why: Mapped[UnconfirmedWhy | None] = mapped_column(by_value(UnconfirmedWhy, "unconfirmed_why"))
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    in_hands_of: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    was_in_hands_of: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)

    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    # The second factor: its kind, its encrypted secret, the time step of the last code, encrypted recovery codes.
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.Text)
    tf_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(sa.JSON(none_as_null=True)))
    # The user handle of passkeys; the same for all of a person's keys, and no name.
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    # Loaded with the person, since every page of the desk may check for a second factor.
    passkeys_held: Mapped[int] = column_property(
        sa.select(sa.func.count())
        .select_from(_PASSKEYS)
        .where(_PASSKEYS.c.person_id == id)
        .correlate_except(_PASSKEYS)
        .scalar_subquery()
    )

    @property
    def is_erased(self) -> bool:
        """Whether a pseudonym stands in the place of the address (``people.personal_data``), for good."""
        return "@" not in self.email

    @property
    def actor(self) -> Actor:
        """Return this person as an actor; an inactive one has no permissions."""
        role = self.role if self.active else None
        return Actor(self.email, self.name, role, confirmed=self.unconfirmed_since is None)


def confirmed_people(session: Session) -> Sequence[Person]:
    """Everybody active whose role has power over publication and does not wait."""
    query = sa.select(Person).where(Person.active, Person.role.in_(POWERFUL_ROLES), Person.unconfirmed_since.is_(None))
    return session.execute(query.order_by(Person.id)).scalars().all()


def tell_confirmed_people(session: Session, what: AccountEvent, *, by: str, more: str, now: datetime) -> None:
    """Tell every approver and administrator but the one who did it."""
    for person in confirmed_people(session):
        if person.email != by:
            notify_owner(session, person.id, what, by=by, more=more, now=now)


_EVENTS = {
    UnconfirmedWhy.ROLE: AccountEvent.ROLE_ASKED,
    UnconfirmedWhy.LINK: AccountEvent.LINK_USED,
    UnconfirmedWhy.FACTOR: AccountEvent.FACTOR_RESET,
    UnconfirmedWhy.UNLINKED: AccountEvent.UNLINKED,
}


def lock_person(session: Session, person: Person) -> None:
    """Read a person again and lock the row until the caller commits or rolls back."""
    session.flush()
    session.refresh(person, with_for_update={"of": Person.__table__, "key_share": True})


def suspend_role(
    session: Session, person: Person, *, by: str, why: UnconfirmedWhy, tell: bool = True, now: datetime
) -> None:
    """Let the role of a person wait for a second person, after ``by`` had the account in hand or gave the role; tell
    the owner. Of a role without power over publication only who had the account in hand is recorded."""
    lock_person(session, person)
    if why is not UnconfirmedWhy.ROLE and by != person.email and by not in person.in_hands_of:
        person.in_hands_of = [*person.in_hands_of, by]
    session.flush()
    if tell:
        notify_owner(session, person.id, _EVENTS[why], by=by, more=person.role.value, now=now)
    waits = person.unconfirmed_since is not None
    if person.role not in POWERFUL_ROLES or (waits and why is not UnconfirmedWhy.ROLE):
        return
    if waits and person.unconfirmed_by not in {None, by, *person.in_hands_of}:
        # Who asked before may not confirm either.
        person.in_hands_of = [*person.in_hands_of, str(person.unconfirmed_by)]
    person.unconfirmed_since, person.unconfirmed_by, person.unconfirmed_why = now, by, why
    session.flush()
    details = {"role": person.role, "why": why}
    journal.record(session, by, "person.role_suspended", "person", person.email, details, now=now)


def staff_address(email: str) -> str:
    """Return an address as it is stored. Raises ``Invalid`` for one that is no e-mail address."""
    address = email.strip().lower()
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(character.isspace() for character in address) or len(address) > 200:
        raise Invalid([FieldError("email", "email", f"{email!r} is not an e-mail address")])
    return address


def add_person(
    session: Session,
    actor: str,
    *,
    email: str,
    name: str,
    role: Role,
    password_hash: str | None,
    uniquifier: str,
    asked_by: str | None = None,
    now: datetime,
) -> Person:
    """Add a member of staff. ``password_hash`` comes from the sign-in library. A role with power over publication waits
    for a second person, if a member of staff gave it: ``actor``, or ``asked_by`` in whose name the product acts. That
    member stands behind the account as if it were in their hands.

    Raises ``Invalid`` for an invalid address, ``Conflict`` for one in use.
    """
    address = staff_address(email)
    local = address.rpartition("@")[0]
    if find_by_email(session, address) is not None:
        raise Conflict(f"{address} is already a member of staff", code="email_taken", email=address)
    asker = find_by_email(session, asked_by or actor)
    person = Person(
        email=address,
        name=name.strip() or local,
        role=role,
        password=password_hash,
        fs_uniquifier=uniquifier,
        active=True,
        created_at=now,
        confirmed_by=actor if asker is None and role in POWERFUL_ROLES else None,
        # The address may be a mailbox of who added it, and a link that is asked for there names nobody.
        in_hands_of=[asker.email] if asker is not None else [],
    )
    session.add(person)
    session.flush()
    journal.record(session, actor, "person.added", "person", address, {"role": role}, now=now)
    if asker is not None and role in POWERFUL_ROLES:
        suspend_role(session, person, by=asker.email, why=UnconfirmedWhy.ROLE, now=now)
    return person


def change_person(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    role: Role | None = None,
    active: bool | None = None,
    now: datetime,
) -> None:
    """Change a role, or deactivate or activate a person. A role with power over publication that is given, or given
    back, waits for a second person.

    Raises ``Conflict``: the last active administrator cannot be removed, nor an erased person be activated. A call
    without a change is not recorded.
    """
    actor.require(Permission.CONFIGURE)
    if active and person.is_erased:
        raise Conflict("the person was erased", code="erased_stays")
    before = (person.role, person.active)
    loses = person.role is Role.ADMIN and person.active and (active is False or role not in {None, Role.ADMIN})
    if loses:
        others = session.execute(
            sa.select(sa.func.count()).where(
                Person.role == Role.ADMIN, Person.active, Person.unconfirmed_since.is_(None), Person.id != person.id
            )
        ).scalar_one()
        if not others:
            raise Conflict("the last administrator cannot be removed", code="last_admin")
    if role is not None:
        person.role = role
    if active is not None:
        person.active = active
    if (person.role, person.active) == before:
        return
    session.flush()
    details = {"role": person.role, "active": person.active}
    journal.record(session, actor.id, "person.changed", "person", person.email, details, now=now)
    if person.active and person.role in POWERFUL_ROLES:
        suspend_role(session, person, by=actor.id, why=UnconfirmedWhy.ROLE, now=now)
    elif person.role not in POWERFUL_ROLES:
        person.unconfirmed_since = person.unconfirmed_by = person.unconfirmed_why = None
        session.flush()


def rename_person(session: Session, actor: Actor, person: Person, name: str, *, now: datetime) -> bool:
    """Change the displayed name, the actor's own or, as an administrator, any person's; returns whether it changed. The
    journal refers to the address, which stays. Raises ``Invalid``, ``Forbidden``."""
    if actor.id != person.email:
        actor.require(Permission.CONFIGURE)
    wanted = " ".join(name.split())
    if not wanted:
        raise Invalid([FieldError("name", "required", "a name is needed")])
    if len(wanted) > LONGEST_NAME:
        raise Invalid([FieldError("name", "too_long", f"at most {LONGEST_NAME} characters")])
    if wanted == person.name:
        return False
    details = {"before": person.name, "name": wanted}
    person.name = wanted
    session.flush()
    journal.record(session, actor.id, "person.renamed", "person", person.email, details, now=now)
    return True


def set_password(
    session: Session, actor: Actor, person: Person, *, password_hash: str, uniquifier: str, now: datetime
) -> None:
    """Set the actor's own password or, as an administrator, another person's. A new ``uniquifier`` ends every
    session."""
    own = actor.id == person.email
    if not own:
        actor.require(Permission.CONFIGURE)
    person.password, person.fs_uniquifier = password_hash, uniquifier
    session.flush()
    act = "person.password_changed" if own else "person.password_set"
    journal.record(session, actor.id, act, "person", person.email, now=now)
    if not own:
        suspend_role(session, person, by=actor.id, why=UnconfirmedWhy.LINK, now=now)


def find_by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address, ignoring case, or None."""
    return session.execute(sa.select(Person).where(Person.email == email.strip().lower())).scalar_one_or_none()


def has_staff(session: Session) -> bool:
    """Whether there is a member of staff; without one the first visitor goes through set-up."""
    return session.execute(sa.select(Person.id).limit(1)).first() is not None
