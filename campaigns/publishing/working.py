"""What somebody is typing and has not saved yet: kept apart from revisions, seen by its author alone.

One form that is open, one working copy. Others see that it is there, never what it says; saving a text removes it.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.publishing.bulletins import Bulletin

PRESENT = dt.timedelta(minutes=2)  # a form tells of itself every half minute; four times unheard, it is closed
KEPT = dt.timedelta(days=30)  # a text nobody came back to
MOST_BYTES = 1_500_000  # of one form's fields; a body alone has at most a million
SETTLED = -1  # the version of a form that has become a revision
_KEY_LENGTH = 32


class WorkingCopy(Base):
    """One open form. ``ident`` is made by the form; ``version`` counts what was kept: 0 while nothing was typed,
    ``SETTLED`` once it is a revision. ``base`` is the revision it was opened at, None for a new bulletin. ``seen_at``:
    when the form last told that it is open."""

    __tablename__ = "working_copies"

    id: Mapped[int] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(sa.String(_KEY_LENGTH), unique=True)
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    base: Mapped[int | None]
    author: Mapped[str] = mapped_column(sa.String(200), index=True)
    author_name: Mapped[str] = mapped_column(sa.String(120))
    fields: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    version: Mapped[int]
    saved_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Beside:
    """Somebody else who has the same bulletin open."""

    name: str
    at: dt.datetime


def new_ident() -> str:
    """A name for a form that is about to be shown."""
    return secrets.token_hex(_KEY_LENGTH // 2)


def _check(ident: str, fields: Mapping[str, Any]) -> None:
    if len(ident) != _KEY_LENGTH or not set(ident) <= set("0123456789abcdef"):
        raise Invalid([FieldError("draft", "code", "this is not the name of a form")])
    size = sum(len(str(value).encode()) for value in fields.values())
    if size > MOST_BYTES:
        raise Invalid([FieldError("body_html", "too_long", f"the form holds {size:,} bytes; at most {MOST_BYTES:,}")])


def keep(
    session: Session,
    actor: Actor,
    ident: str,
    fields: Mapping[str, Any],
    *,
    bulletin: Bulletin | None,
    base: int | None,
    version: int,
    now: dt.datetime,
) -> WorkingCopy:
    """Keep what a form holds now. ``version`` is the last one the form was told of, 0 for its first.

    Raises ``Conflict`` when neither may cover the other: ``form_elsewhere`` if the same form was kept from another tab
    meanwhile or is somebody else's, ``form_saved`` (with ``bulletin``) if it has become a revision. ``Invalid`` for a
    form that is too large, ``Forbidden``.
    """
    actor.require(May.WRITE)
    _check(ident, fields)
    copy = _find(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(
            ident=ident, bulletin_id=bulletin.id if bulletin else None, base=base, author=actor.id,
            author_name=actor.name, fields=dict(fields), version=1, saved_at=now, seen_at=now,
        )  # fmt: skip
        session.add(copy)
    elif copy.author == actor.id and copy.version == SETTLED:
        raise _settled(session, copy)
    elif copy.author != actor.id or copy.version != version:
        raise Conflict("this form was saved from another tab meanwhile", code="form_elsewhere", version=copy.version)
    else:
        copy.fields, copy.version, copy.saved_at, copy.seen_at, copy.base = dict(fields), version + 1, now, now, base
    session.flush()
    return copy


def touch(session: Session, actor: Actor, ident: str, bulletin: Bulletin | None, *, now: dt.datetime) -> None:
    """The form is open, though nothing in it changed. Raises ``Forbidden``, ``Invalid``."""
    actor.require(May.WRITE)
    _check(ident, {})
    copy = _find(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(
            ident=ident, bulletin_id=bulletin.id if bulletin else None, author=actor.id, author_name=actor.name,
            fields={}, version=0, saved_at=now, seen_at=now,
        )  # fmt: skip
        session.add(copy)
    elif copy.author == actor.id:
        copy.seen_at = now
    session.flush()


def settle(session: Session, actor: Actor, ident: str, bulletin: Bulletin, *, now: dt.datetime) -> None:
    """The form has become a revision of this bulletin. Sent twice, it must not become two bulletins.

    Raises ``Conflict`` (code ``form_saved``, with ``bulletin``) when it has become another one already.
    """
    _check(ident, {})
    copy = _find(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(ident=ident, author=actor.id, author_name=actor.name)
        session.add(copy)
    elif copy.author != actor.id or (copy.version == SETTLED and copy.bulletin_id != bulletin.id):
        raise _settled(session, copy)
    copy.bulletin_id, copy.base, copy.fields, copy.version = bulletin.id, bulletin.latest, {}, SETTLED
    copy.saved_at = copy.seen_at = now
    session.flush()
    sweep(session, now=now)


def _settled(session: Session, copy: WorkingCopy) -> Conflict:
    code = session.execute(sa.select(Bulletin.code).where(Bulletin.id == copy.bulletin_id)).scalar_one_or_none()
    return Conflict(f"this form is already saved as {code}", code="form_saved", bulletin=code or "")


def _find(session: Session, ident: str, *, for_update: bool = False) -> WorkingCopy | None:
    query = sa.select(WorkingCopy).where(WorkingCopy.ident == ident)
    return session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()


def own(session: Session, actor: Actor, ident: str) -> WorkingCopy | None:
    """One's own working copy of this name, if anything was typed in it and not saved."""
    found = _find(session, ident)
    return found if found is not None and found.author == actor.id and found.version > 0 else None


def left_open(session: Session, actor: Actor, bulletin: Bulletin | None, *, besides: str = "") -> list[WorkingCopy]:
    """What this person typed and never saved of a bulletin (None: of new ones), newest first, but for one form."""
    query = (
        sa.select(WorkingCopy)
        .where(
            WorkingCopy.author == actor.id,
            WorkingCopy.bulletin_id.is_(None) if bulletin is None else WorkingCopy.bulletin_id == bulletin.id,
            WorkingCopy.ident != besides,
            WorkingCopy.version > 0,
        )
        .order_by(WorkingCopy.saved_at.desc())
        .limit(5)
    )
    return list(session.execute(query).scalars())


def beside(session: Session, actor: Actor, bulletin: Bulletin, *, now: dt.datetime) -> list[Beside]:
    """Who else has the bulletin open just now, each once."""
    query = (
        sa.select(WorkingCopy.author_name, sa.func.max(WorkingCopy.seen_at))
        .where(
            WorkingCopy.bulletin_id == bulletin.id,
            WorkingCopy.author != actor.id,
            WorkingCopy.seen_at > now - PRESENT,
            WorkingCopy.version != SETTLED,
        )
        .group_by(WorkingCopy.author, WorkingCopy.author_name)
        .order_by(WorkingCopy.author_name)
    )
    return [Beside(name, at) for name, at in session.execute(query)]


def drop(session: Session, actor: Actor, ident: str) -> None:
    """Its author does not want it any more."""
    session.execute(sa.delete(WorkingCopy).where(WorkingCopy.ident == ident, WorkingCopy.author == actor.id))


def sweep(session: Session, *, now: dt.datetime) -> None:
    """Forget what nobody came back to."""
    untouched = sa.and_(WorkingCopy.version == 0, WorkingCopy.seen_at < now - dt.timedelta(days=1))
    session.execute(sa.delete(WorkingCopy).where(sa.or_(WorkingCopy.saved_at < now - KEPT, untouched)))
