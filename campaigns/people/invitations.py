"""One-time links of staff: the invitation of a new member, and the link for a new password.

The common part of one-time links is in ``one_time_links``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import by_value
from campaigns.core.errors import Conflict
from campaigns.people import one_time_links
from campaigns.people.one_time_links import LinkKind, NewLink, OneTimeLink
from campaigns.people.powers.account_messages import AccountEvent, notify_owner
from campaigns.people.staff import Actor, Permission, Person, Role, UnconfirmedWhy, add_person, suspend_role


class LinkPurpose(Enum):
    """The purpose of a link."""

    INVITATION = "invitation"  # the first time: name, password, second factor
    PASSWORD = "password"  # noqa: S105  # a new password in place of one that was forgotten


LASTS = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD: timedelta(hours=24)}


class Invitation(OneTimeLink):
    """One link for one person."""

    __mapper_args__ = {"polymorphic_identity": LinkKind.STAFF}  # read once by the mapper

    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    # Nullable for the other kinds only.
    purpose: Mapped[LinkPurpose] = mapped_column(by_value(LinkPurpose, "purpose"), nullable=True)

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def opens(self) -> bool:
        """Whether its person may sign in."""
        return self.person.active


NewInvitation = NewLink[Invitation]


def invite(
    session: Session, actor: Actor, *, email: str, name: str, role: Role, uniquifier: str, now: datetime
) -> NewInvitation:
    """Add a person without a password, and make their invitation. Raises as ``add_person``."""
    actor.require(Permission.CONFIGURE)
    person = add_person(
        session, actor.id, email=email, name=name, role=role, password_hash=None, uniquifier=uniquifier, now=now
    )
    return _make_link(session, actor.id, person, LinkPurpose.INVITATION, now=now)


def renew(session: Session, actor: Actor, person: Person, *, now: datetime) -> NewInvitation:
    """Make a new link for a person: an invitation until they have a password, then one for a new password.

    Their former links no longer work.
    """
    actor.require(Permission.CONFIGURE)
    return _make_link(
        session, actor.id, person, LinkPurpose.PASSWORD if person.password else LinkPurpose.INVITATION, now=now
    )


def link_for_mail(
    session: Session, by: str, person: Person, *, lasts: timedelta | None, now: datetime
) -> NewInvitation:
    """The link of a mail, as ``renew`` makes it; the permission of the sender was checked before. ``lasts``: shorter
    than usual. Raises ``Conflict`` for a deactivated person."""
    purpose = LinkPurpose.PASSWORD if person.password else LinkPurpose.INVITATION
    return _make_link(session, by, person, purpose, lasts=lasts, now=now)


def find_link(session: Session, secret: str, *, now: datetime) -> Invitation | None:
    """The link with this secret, if it works, or None; the reason is not disclosed."""
    return one_time_links.find_link(session, Invitation, secret, now=now)


def open_links(session: Session, person: Person, *, now: datetime) -> Sequence[Invitation]:
    """The links of a person that still work; at most one."""
    query = sa.select(Invitation).where(Invitation.person_id == person.id, one_time_links.is_open(Invitation, now=now))
    return session.execute(query).scalars().all()


def accept(session: Session, secret: str, *, name: str, password_hash: str, uniquifier: str, now: datetime) -> Person:
    """Use a link up and set the password of its person, which ends every session they have. After a link that another
    person made, a role with power over publication waits for a second person.

    Raises as ``one_time_links.use_link``.
    """
    row = one_time_links.use_link(session, Invitation, secret, now=now)
    person = row.person
    person.password, person.fs_uniquifier = password_hash, uniquifier
    if row.purpose is LinkPurpose.INVITATION and name.strip():
        person.name = name.strip()[:120]
    session.flush()
    act = "person.invitation_accepted" if row.purpose is LinkPurpose.INVITATION else "person.password_renewed"
    journal.record(session, person.email, act, "person", person.email, {"made_by": row.made_by}, now=now)
    if row.made_by != person.email:
        tell = row.purpose is LinkPurpose.PASSWORD
        suspend_role(session, person, by=row.made_by, why=UnconfirmedWhy.LINK, tell=tell, now=now)
    return person


def revoke_links(session: Session, actor: Actor, person: Person, *, now: datetime) -> int:
    """Revoke every link of a person; return how many there were. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    ended = _revoke_links(session, person, now=now)
    if ended:
        journal.record(session, actor.id, "person.link_revoked", "person", person.email, now=now)
    return ended


def _make_link(
    session: Session, by: str, person: Person, purpose: LinkPurpose, *, lasts: timedelta | None = None, now: datetime
) -> NewInvitation:
    if not person.active:
        raise Conflict(f"{person.email} is switched off", code="switched_off", email=person.email)
    _revoke_links(session, person, now=now)
    row = Invitation(person=person, purpose=purpose, made_by=by)
    made = one_time_links.store_link(session, row, lasts=lasts or LASTS[purpose], now=now)
    act = "person.invited" if purpose is LinkPurpose.INVITATION else "person.link_made"
    details = {"role": person.role, "expires": row.expires_at}
    journal.record(session, by, act, "person", person.email, details, now=now)
    if purpose is LinkPurpose.PASSWORD and by != person.email:
        notify_owner(session, person.id, AccountEvent.LINK_MADE, by=by, now=now)
    return made


def _revoke_links(session: Session, person: Person, *, now: datetime) -> int:
    theirs = Invitation.person_id == person.id
    return len(one_time_links.revoke_unused_links(session, Invitation, theirs, now=now))
