"""The office's Word templates of the briefing and of each letter. The newest is used, else the shipped one."""

import datetime as dt
import hashlib
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.people.staff import Actor, Permission

_LONGEST_NAME = 150


class TemplateKind(StrEnum):
    """The document of a template."""

    BRIEFING = "briefing"
    THANKS = "thanks"  # the letter that thanks a partner
    REMINDER = "reminder"  # the letter about a confirmed finding


class WordTemplate(Base):
    """One installed template with the name of its file. An empty ``body``: the shipped one is used again."""

    __tablename__ = "word_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    of: Mapped[TemplateKind] = mapped_column(by_value(TemplateKind, "template_of"), server_default="briefing")
    name: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    hash: Mapped[str] = mapped_column(sa.String(64))
    by: Mapped[str] = mapped_column(sa.String(200))
    by_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    @property
    def is_shipped(self) -> bool:
        """Whether this row restores the shipped template."""
        return not self.hash


def current_template(session: Session, of: TemplateKind) -> WordTemplate | None:
    """Return the office's template; None while the shipped one is used."""
    query = sa.select(WordTemplate).where(WordTemplate.of == of).order_by(WordTemplate.id.desc()).limit(1)
    row = session.execute(query).scalar_one_or_none()
    return None if row is None or row.is_shipped else row


def replace_template(
    session: Session, actor: Actor, of: TemplateKind, name: str, body: bytes, *, now: dt.datetime
) -> WordTemplate:
    """Install a checked template. Earlier ones are kept. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    digest = hashlib.sha256(body).hexdigest()
    row = _add_template(session, actor, of, name.rpartition("/")[2].strip()[:_LONGEST_NAME], body, digest, now)
    details = {"name": row.name, "hash": digest}
    journal.record(session, actor.id, f"{of}.template_changed", "briefing_template", row.name, details, now=now)
    return row


def restore_shipped(session: Session, actor: Actor, of: TemplateKind, *, now: dt.datetime) -> None:
    """Use the shipped template again. Idempotent. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    if (own := current_template(session, of)) is None:
        return
    _add_template(session, actor, of, "", b"", "", now)
    journal.record(session, actor.id, f"{of}.template_dropped", "briefing_template", own.name, now=now)


def _add_template(
    session: Session, actor: Actor, of: TemplateKind, name: str, body: bytes, digest: str, now: dt.datetime
) -> WordTemplate:
    row = WordTemplate(of=of, name=name, body=body, hash=digest, by=actor.id, by_name=actor.name, at=now)
    session.add(row)
    session.flush()
    return row
