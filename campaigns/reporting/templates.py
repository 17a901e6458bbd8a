"""The office's own Word templates, of the briefing and of each letter: the newest is used, and without one the
shipped."""

import datetime as dt
import hashlib
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.people.staff import Actor, May

_LONGEST_NAME = 150


class TemplateOf(StrEnum):
    """What a template is of."""

    BRIEFING = "briefing"
    THANKS = "thanks"  # the letter that thanks a partner
    REMINDER = "reminder"  # the letter about a confirmed finding


class WordTemplate(Base):
    """One template that somebody put in place, by the name of its file. An empty ``body``: from then on the shipped one
    again."""

    __tablename__ = "briefing_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    of: Mapped[TemplateOf] = mapped_column(by_value(TemplateOf, "template_of"), server_default="briefing")
    name: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    hash: Mapped[str] = mapped_column(sa.String(64))
    by: Mapped[str] = mapped_column(sa.String(200))
    by_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    @property
    def is_shipped(self) -> bool:
        """Whether this row says: the shipped one."""
        return not self.hash


def in_use(session: Session, of: TemplateOf) -> WordTemplate | None:
    """The office's own template; None while the shipped one is used."""
    query = sa.select(WordTemplate).where(WordTemplate.of == of).order_by(WordTemplate.id.desc()).limit(1)
    row = session.execute(query).scalar_one_or_none()
    return None if row is None or row.is_shipped else row


def put_in_place(
    session: Session, actor: Actor, of: TemplateOf, name: str, body: bytes, *, now: dt.datetime
) -> WordTemplate:
    """Use a template that was found good from now on. Earlier ones are kept. Raises ``Forbidden``."""
    actor.require(May.CONFIGURE)
    digest = hashlib.sha256(body).hexdigest()
    row = _added(session, actor, of, name.rpartition("/")[2].strip()[:_LONGEST_NAME], body, digest, now)
    details = {"name": row.name, "hash": digest}
    journal.record(session, actor.id, f"{of}.template_changed", "briefing_template", row.name, details, now=now)
    return row


def use_shipped(session: Session, actor: Actor, of: TemplateOf, *, now: dt.datetime) -> None:
    """Use the shipped template again. Twice is once. Raises ``Forbidden``."""
    actor.require(May.CONFIGURE)
    if (own := in_use(session, of)) is None:
        return
    _added(session, actor, of, "", b"", "", now)
    journal.record(session, actor.id, f"{of}.template_dropped", "briefing_template", own.name, now=now)


def _added(
    session: Session, actor: Actor, of: TemplateOf, name: str, body: bytes, digest: str, now: dt.datetime
) -> WordTemplate:
    row = WordTemplate(of=of, name=name, body=body, hash=digest, by=actor.id, by_name=actor.name, at=now)
    session.add(row)
    session.flush()
    return row
