"""One-time links: by one a new colleague comes in for the first time, or one who forgot their password comes back.

What every one-time link has in common is in ``one_time``.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.errors import Conflict
from campaigns.people import one_time
from campaigns.people.one_time import NewLink, OneTime
from campaigns.people.staff import Actor, May, Person, Role, add_person


class Purpose(Enum):
    """What a link is for."""

    INVITATION = "invitation"  # the first time: name, password, second factor
    PASSWORD = "password"  # noqa: S105  # a new password in place of one that was forgotten


LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.PASSWORD: timedelta(hours=24)}


class Invitation(OneTime, Base):
    """One link for one person."""

    __tablename__ = "invitations"

    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Purpose] = mapped_column(by_value(Purpose, "purpose"))

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def opens(self) -> bool:
        """Whether its person may sign in at all."""
        return self.person.active


NewInvitation = NewLink[Invitation]


def invite(
    session: Session, actor: Actor, *, email: str, name: str, role: Role, uniquifier: str, now: datetime
) -> NewInvitation:
    """Add a person without a password, and make the link by which they come in. Errors as of ``add_person``."""
    actor.require(May.CONFIGURE)
    person = add_person(
        session, actor.id, email=email, name=name, role=role, password_hash=None, uniquifier=uniquifier, now=now
    )
    return _make(session, actor.id, person, Purpose.INVITATION, now=now)


def renew(session: Session, actor: Actor, person: Person, *, now: datetime) -> NewInvitation:
    """A new link for somebody: an invitation until they have a password, a new password after that.

    Links made for them before no longer work.
    """
    actor.require(May.CONFIGURE)
    return _make(session, actor.id, person, Purpose.PASSWORD if person.password else Purpose.INVITATION, now=now)


def link_for_letter(
    session: Session, by: str, person: Person, *, lasts: timedelta | None, now: datetime
) -> NewInvitation:
    """The link that a letter brings, of the kind that ``renew`` makes; whoever asked for the letter was allowed to.
    ``lasts``: shorter than usual. Raises ``Conflict`` for somebody switched off."""
    purpose = Purpose.PASSWORD if person.password else Purpose.INVITATION
    return _make(session, by, person, purpose, lasts=lasts, now=now)


def find_link(session: Session, secret: str, *, now: datetime) -> Invitation | None:
    """The good link with this secret, or None; why not is told to nobody."""
    return one_time.find(session, Invitation, secret, now=now)


def open_links(session: Session, person: Person, *, now: datetime) -> Sequence[Invitation]:
    """The links of a person that still work; at most one."""
    query = sa.select(Invitation).where(Invitation.person_id == person.id, one_time.waiting(Invitation, now=now))
    return session.execute(query).scalars().all()


def accept(session: Session, secret: str, *, name: str, password_hash: str, uniquifier: str, now: datetime) -> Person:
    """Use a link up: the person has this password from now on, and every session they had is over.

    Errors as of ``one_time.use``.
    """
    row = one_time.use(session, Invitation, secret, now=now)
    person = row.person
    person.password, person.fs_uniquifier = password_hash, uniquifier
    if row.purpose is Purpose.INVITATION and name.strip():
        person.name = name.strip()[:120]
    session.flush()
    act = "person.invitation_accepted" if row.purpose is Purpose.INVITATION else "person.password_renewed"
    journal.record(session, person.email, act, "person", person.email, {"made_by": row.made_by}, now=now)
    return person


def revoke_links(session: Session, actor: Actor, person: Person, *, now: datetime) -> int:
    """Take back every link of a person; how many there were."""
    actor.require(May.CONFIGURE)
    ended = _revoke(session, person, now=now)
    if ended:
        journal.record(session, actor.id, "person.link_revoked", "person", person.email, now=now)
    return ended


def _make(
    session: Session, by: str, person: Person, purpose: Purpose, *, lasts: timedelta | None = None, now: datetime
) -> NewInvitation:
    if not person.active:
        raise Conflict(f"{person.email} is switched off", code="switched_off", email=person.email)
    _revoke(session, person, now=now)
    secret, mark = one_time.new_secret()
    row = Invitation(
        public=secrets.token_hex(8),
        person=person,
        purpose=purpose,
        mark=mark,
        made_by=by,
        made_at=now,
        expires_at=now + (lasts or LASTS[purpose]),
    )
    session.add(row)
    session.flush()
    act = "person.invited" if purpose is Purpose.INVITATION else "person.link_made"
    details = {"role": person.role, "expires": row.expires_at}
    journal.record(session, by, act, "person", person.email, details, now=now)
    return NewLink(row, secret)


def _revoke(session: Session, person: Person, *, now: datetime) -> int:
    ended = session.execute(
        sa.update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Invitation.id)
    ).all()
    return len(ended)
