"""Tokens that can be used once, in any process."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed


class UsedToken(Base):
    """The hash of a used token, kept until the token expires."""

    __tablename__ = "used_tokens"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def use_token(session: Session, thing: str, *, until: datetime) -> bool:
    """Use up ``thing``; returns False when it was used before. ``until``: when it expires."""
    mark = hashlib.sha256(thing.encode()).hexdigest()
    row = (
        insert_into(session, UsedToken)
        .values(mark=mark, until=until)
        .on_conflict_do_nothing()
        .returning(UsedToken.mark)
    )
    return session.execute(row).first() is not None


def forget_used_tokens(session: Session, *, now: datetime) -> int:
    """Delete expired rows; returns their number."""
    return rows_changed(session.execute(sa.delete(UsedToken).where(UsedToken.until <= now)))
