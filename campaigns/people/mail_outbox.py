"""The mail outbox of staff and editors: each mail is a row with a due time.

A row has no secret. The link in a mail is made when it is sent, so that the database grants no access; a mail that is
sent again after a crash has a new link, which replaces the former. For a forgotten password only the entered address is
stored: the account is looked up when the mail is due, so that duration and response of the request are the same for an
unknown address.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, by_value, rows_changed
from campaigns.core.ledger import WorkItem, due_index

KEPT = timedelta(days=30)
# A later mail is of no use.
LATEST = timedelta(hours=12)
TOO_LATE = "too late to be of use"
RESET_LINK_LASTS = timedelta(minutes=30)
SHOWN = 5  # mails of one receiver that a page lists
CANCELLED = "called off"


class MailKind(Enum):
    """The purpose of a mail."""

    LINK = "link"  # an administrator sends a person an invitation, or a link to a new password
    EDITOR = "editor"  # an administrator sends a partner's editor a link into the portal
    FORGOTTEN = "forgotten"  # a person has forgotten their password
    ALARM = "alarm"  # a part of the installation fails or has recovered; to administrators
    FINDING = "finding"  # a partner is asked to answer a finding; to its editors
    NOTICE = "notice"  # an account was changed; to its owner


class PersonalMail(Base, WorkItem):
    """One mail. ``due_at`` is empty once it was sent, given up, cancelled, or found to have no receiver.

    ``what``: for a notice or alarm, the event. ``more``: for a notice, the device or key; for an alarm, the subject;
    for a mail to an editor, the editor's public id, since one address may belong to editors of two partners. For a
    finding, ``what`` is its public id and ``more`` the editor's.
    """

    __tablename__ = "personal_mails"
    __table_args__ = (due_index("personal_mails"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MailKind] = mapped_column(by_value(MailKind, "mail_kind"))
    address: Mapped[str] = mapped_column(sa.String(200), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    what: Mapped[str] = mapped_column(sa.String(40))
    more: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    @property
    def called_off(self) -> bool:
        """Whether it was cancelled before it was sent."""
        return self.sent_at is None and self.last_error == CANCELLED


def queue_mail(
    session: Session, kind: MailKind, address: str, *, by: str, what: str = "", more: str = "", now: datetime
) -> None:
    """Queue a mail. ``by``: the person who requested it; ``what`` and ``more`` as in ``PersonalMail``."""
    session.add(
        PersonalMail(
            kind=kind,
            address=address.strip().lower()[:200],
            asked_by=by,
            what=what,
            more=more[:120],
            asked_at=now,
            due_at=now,
        )
    )
    session.flush()


def recent_link_mails(session: Session, kind: MailKind, address: str, *, more: str = "") -> Sequence[PersonalMail]:
    """Return the last mails with a link to an address and their state, the newest first. ``more`` as in
    ``PersonalMail``."""
    query = sa.select(PersonalMail).where(
        PersonalMail.address == address, PersonalMail.kind == kind, PersonalMail.more == more
    )
    return session.execute(query.order_by(PersonalMail.id.desc()).limit(SHOWN)).scalars().all()


def cancel_mails(session: Session, kind: MailKind, address: str, *, more: str = "") -> int:
    """Cancel waiting mails, so that the next try does not send a revoked link; returns their number. A mail that is
    being sent at this moment may arrive; its link was revoked."""
    query = sa.update(PersonalMail).where(
        PersonalMail.address == address,
        PersonalMail.kind == kind,
        PersonalMail.more == more,
        PersonalMail.due_at.is_not(None),
    )
    # The fence is increased, so that a worker that has claimed the mail cannot settle it.
    cancelled = {"due_at": None, "lease_until": None, "fence": PersonalMail.fence + 1, "last_error": CANCELLED}
    return rows_changed(session.execute(query.values(cancelled)))


def forget_mails(session: Session, *, now: datetime) -> int:
    """Delete expired mails, and give up those that waited until they are of no use; returns the number of the
    deleted. Without a mail server nobody claims them."""
    waited = (
        PersonalMail.due_at.is_not(None),
        PersonalMail.lease_until.is_(None),
        PersonalMail.asked_at < now - LATEST,
    )
    session.execute(sa.update(PersonalMail).where(*waited).values(due_at=None, last_error=TOO_LATE))
    return rows_changed(session.execute(sa.delete(PersonalMail).where(PersonalMail.asked_at <= now - KEPT)))
