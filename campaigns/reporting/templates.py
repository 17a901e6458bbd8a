"""The office's own Word templates, of the briefing and of each letter: the newest is used, and without one the
shipped."""

import datetime as dt
import hashlib
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.people.staff import Actor, May

_LONGEST_NAME = 150
_SLASH = "/"


class TemplateOf(StrEnum):
    """What a template is of."""

    BRIEFING = "briefing"
    THANKS = "thanks"  # the letter that thanks a partner
    REMINDER = "reminder"  # the letter about a confirmed finding


class BriefingTemplate(Base):
    """One template that somebody put in place. An empty ``body``: from then on the shipped one again.

    ``name`` is the file's name and nothing more for the briefing; a letter's comes after the letter and a slash, which
    no file's name holds (``thanks/mau-so.docx``).
    """

    __tablename__ = "briefing_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
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

    @property
    def file_name(self) -> str:
        """The name of the file that was brought."""
        return self.name.rpartition(_SLASH)[2]


def in_use(session: Session, of: TemplateOf) -> BriefingTemplate | None:
    """The office's own template; None while the shipped one is used."""
    named = BriefingTemplate.name.contains(_SLASH, autoescape=True)
    its = ~named if of is TemplateOf.BRIEFING else BriefingTemplate.name.startswith(f"{of}{_SLASH}", autoescape=True)
    query = sa.select(BriefingTemplate).where(its).order_by(BriefingTemplate.id.desc()).limit(1)
    row = session.execute(query).scalar_one_or_none()
    return None if row is None or row.is_shipped else row


def put_in_place(
    session: Session, actor: Actor, of: TemplateOf, name: str, body: bytes, *, now: dt.datetime
) -> BriefingTemplate:
    """Use a template that was found good from now on. Earlier ones are kept. Raises ``Forbidden``."""
    actor.require(May.CONFIGURE)
    digest = hashlib.sha256(body).hexdigest()
    row = _added(session, actor, of, name.rpartition(_SLASH)[2].strip()[:_LONGEST_NAME], body, digest, now)
    details = {"name": row.file_name, "hash": digest}
    journal.record(session, actor.id, f"{of}.template_changed", "briefing_template", row.file_name, details, now=now)
    return row


def use_shipped(session: Session, actor: Actor, of: TemplateOf, *, now: dt.datetime) -> None:
    """Use the shipped template again. Twice is once. Raises ``Forbidden``."""
    actor.require(May.CONFIGURE)
    if (own := in_use(session, of)) is None:
        return
    _added(session, actor, of, "", b"", "", now)
    journal.record(session, actor.id, f"{of}.template_dropped", "briefing_template", own.file_name, now=now)


def _added(
    session: Session, actor: Actor, of: TemplateOf, name: str, body: bytes, digest: str, now: dt.datetime
) -> BriefingTemplate:
    named = name if of is TemplateOf.BRIEFING else f"{of}{_SLASH}{name}"
    row = BriefingTemplate(name=named, body=body, hash=digest, by=actor.id, by_name=actor.name, at=now)
    session.add(row)
    session.flush()
    return row
