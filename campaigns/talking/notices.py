"""Notices: what the department tells its partners. Each text that went out is kept; a correction is another edition."""

import datetime as dt
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound


class NoticeState(Enum):
    """How a notice stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # no longer in force; those who read it are told so


class Audience(Enum):
    """Whom a notice is for."""

    ALL = "all"  # every partner, those that come later too
    CHOSEN = "chosen"  # the partners that are named
    TOPIC = "topic"  # the partners that receive bulletins of one topic


class Notice(Base):
    """One notice. ``edition``: 0 while it never went out, then which text is in force; ``version`` rises with every
    change, so that a form says what it was opened on. ``form`` names the form that made it: sent twice, it makes one.
    ``note``: what the last correction changed, or why it was withdrawn."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState, "notice_state"), default=NoticeState.DRAFT)
    audience: Mapped[Audience] = mapped_column(by_value(Audience, "audience"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    body_html: Mapped[str] = mapped_column(sa.Text)
    deadline: Mapped[dt.date | None]
    must_confirm: Mapped[bool]
    edition: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    written_by: Mapped[str] = mapped_column(sa.String(200))
    written_by_name: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    edition_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_notices_state_edition_at", "state", "edition_at"),)


class Edition(Base):
    """One text of a notice as it went out; never edited."""

    __tablename__ = "notice_editions"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String(300))
    body_html: Mapped[str] = mapped_column(sa.Text)
    deadline: Mapped[dt.date | None]
    must_confirm: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class Receiver(Base):
    """One partner that a notice names."""

    __tablename__ = "notice_receivers"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, index=True)


class Reading(Base):
    """A partner has read one edition: by whom first, and who confirmed it where that was asked."""

    __tablename__ = "notice_readings"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"), primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, index=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    read_by: Mapped[str] = mapped_column(sa.String(200))
    read_by_name: Mapped[str] = mapped_column(sa.String(200))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    confirmed_by_name: Mapped[str | None] = mapped_column(sa.String(200))


def find_notice(session: Session, public: str, *, lock: bool = False) -> Notice:
    """The notice with this name, for staff. Raises ``NotFound``."""
    query = sa.select(Notice).where(Notice.public == public)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no notice {public}", notice=public)
    return row


def receivers_of(session: Session, notice: Notice) -> set[int]:
    """The companies that a notice names; empty unless its audience is *chosen*."""
    query = sa.select(Receiver.company_id).where(Receiver.notice_id == notice.id)
    return set(session.execute(query).scalars())
