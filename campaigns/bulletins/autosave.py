"""Working copies: the unsaved content of open forms, kept apart from revisions and readable by the author only.

Each open form has one working copy. Other people see that it exists, not its content; saving the text empties it.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor, Permission

COUNTS_AS_OPEN = dt.timedelta(
    minutes=2
)  # an open form reports every half minute; after four missed reports it counts as closed
KEPT = dt.timedelta(days=30)  # for abandoned texts
MOST_BYTES = 1_500_000  # of one form's fields; a body alone has at most a million
SETTLED = -1  # the version of a form that was saved as a revision
_KEY_LENGTH = 32


class WorkingCopy(Base):
    """One open form. ``ident`` is made with the form; ``version`` counts the saved states: 0 while nothing was typed,
    ``SETTLED`` once it is a revision. ``base`` is the revision it was opened at, None for a new bulletin. ``seen_at``:
    when the form last reported that it is open."""

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
class OtherEditor:
    """Another person who has the same bulletin open."""

    name: str
    at: dt.datetime


def new_ident() -> str:
    """A random identifier for a new form."""
    return secrets.token_hex(_KEY_LENGTH // 2)


def _check(ident: str, fields: Mapping[str, Any]) -> None:
    if len(ident) != _KEY_LENGTH or not set(ident) <= set("0123456789abcdef"):
        raise Invalid([FieldError("draft", "code", "this is not the name of a form")])
    size = sum(len(str(value).encode()) for value in fields.values())
    if size > MOST_BYTES:
        raise Invalid([FieldError("body_html", "too_long", f"the form holds {size:,} bytes; at most {MOST_BYTES:,}")])


def save_copy(
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
    """Save the present fields of a form. ``version`` is the last one the form received, 0 for its first.

    Raises ``Conflict`` rather than overwrite: ``form_elsewhere`` if the same form was saved from another tab meanwhile
    or is another person's, ``form_saved`` (with ``bulletin``) if it has become a revision. ``Invalid`` for a form that
    is too large, ``Forbidden``.
    """
    actor.require(Permission.WRITE)
    _check(ident, fields)
    copy = _find_copy(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(
            ident=ident, bulletin_id=bulletin.id if bulletin else None, base=base, author=actor.id,
            author_name=actor.name, fields=dict(fields), version=1, saved_at=now, seen_at=now,
        )  # fmt: skip
        session.add(copy)
    elif copy.author == actor.id and copy.version == SETTLED:
        raise _already_saved(session, copy)
    elif copy.author != actor.id or copy.version != version:
        raise Conflict("this form was saved from another tab meanwhile", code="form_elsewhere", version=copy.version)
    else:
        copy.fields, copy.version, copy.saved_at, copy.seen_at, copy.base = dict(fields), version + 1, now, now, base
    session.flush()
    return copy


def mark_open(session: Session, actor: Actor, ident: str, bulletin: Bulletin | None, *, now: dt.datetime) -> None:
    """Record that the form is open without a change. Raises ``Forbidden``, ``Invalid``."""
    actor.require(Permission.WRITE)
    _check(ident, {})
    copy = _find_copy(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(
            ident=ident, bulletin_id=bulletin.id if bulletin else None, author=actor.id, author_name=actor.name,
            fields={}, version=0, saved_at=now, seen_at=now,
        )  # fmt: skip
        session.add(copy)
    elif copy.author == actor.id:
        copy.seen_at = now
    session.flush()


def settle_copy(session: Session, actor: Actor, ident: str, bulletin: Bulletin, *, now: dt.datetime) -> None:
    """Record that the form was saved as a revision of this bulletin, so that sending it twice makes no second bulletin.

    Raises ``Conflict`` (code ``form_saved``, with ``bulletin``) when it was already saved as another one.
    """
    _check(ident, {})
    copy = _find_copy(session, ident, for_update=True)
    if copy is None:
        copy = WorkingCopy(ident=ident, author=actor.id, author_name=actor.name)
        session.add(copy)
    elif copy.author != actor.id or (copy.version == SETTLED and copy.bulletin_id != bulletin.id):
        raise _already_saved(session, copy)
    copy.bulletin_id, copy.base, copy.fields, copy.version = bulletin.id, bulletin.latest, {}, SETTLED
    copy.saved_at = copy.seen_at = now
    session.flush()


def _already_saved(session: Session, copy: WorkingCopy) -> Conflict:
    code = session.execute(sa.select(Bulletin.code).where(Bulletin.id == copy.bulletin_id)).scalar_one_or_none()
    return Conflict(f"this form is already saved as {code}", code="form_saved", bulletin=code or "")


def _find_copy(session: Session, ident: str, *, for_update: bool = False) -> WorkingCopy | None:
    query = sa.select(WorkingCopy).where(WorkingCopy.ident == ident)
    return session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()


def find_own_copy(session: Session, actor: Actor, ident: str) -> WorkingCopy | None:
    """The person's own working copy with this identifier, if it has unsaved content."""
    found = _find_copy(session, ident)
    return found if found is not None and found.author == actor.id and found.version > 0 else None


def unsaved_copies(
    session: Session, actor: Actor, bulletin: Bulletin | None, *, besides: str = ""
) -> list[WorkingCopy]:
    """The person's unsaved copies of a bulletin (None: of new ones), newest first, without the form ``besides``.

    Of an existing bulletin only the newest, and none from before the person's own newest revision: what they saved or
    submitted since is what they meant."""
    query = (
        sa.select(WorkingCopy)
        .where(
            WorkingCopy.author == actor.id,
            WorkingCopy.bulletin_id.is_(None) if bulletin is None else WorkingCopy.bulletin_id == bulletin.id,
            WorkingCopy.ident != besides,
            WorkingCopy.version > 0,
        )
        .order_by(WorkingCopy.saved_at.desc())
        .limit(5 if bulletin is None else 1)
    )
    if bulletin is not None:
        own = sa.select(sa.func.max(Revision.created_at)).where(
            Revision.bulletin_id == bulletin.id, Revision.author == actor.id
        )
        saved = session.execute(own).scalar_one()
        if saved is not None:
            query = query.where(WorkingCopy.saved_at >= saved)
    return list(session.execute(query).scalars())


def other_editors(session: Session, actor: Actor, bulletin: Bulletin, *, now: dt.datetime) -> list[OtherEditor]:
    """The other people who have the bulletin open now, each once."""
    query = (
        sa.select(WorkingCopy.author_name, sa.func.max(WorkingCopy.seen_at))
        .where(
            WorkingCopy.bulletin_id == bulletin.id,
            WorkingCopy.author != actor.id,
            WorkingCopy.seen_at > now - COUNTS_AS_OPEN,
            WorkingCopy.version != SETTLED,
        )
        .group_by(WorkingCopy.author, WorkingCopy.author_name)
        .order_by(WorkingCopy.author_name)
    )
    return [OtherEditor(name, at) for name, at in session.execute(query)]


def discard_copy(session: Session, actor: Actor, ident: str) -> None:
    """Delete a working copy at its author's request."""
    session.execute(sa.delete(WorkingCopy).where(WorkingCopy.ident == ident, WorkingCopy.author == actor.id))


def forget_abandoned(session: Session, *, now: dt.datetime) -> None:
    """Delete abandoned working copies."""
    untouched = sa.and_(WorkingCopy.version == 0, WorkingCopy.seen_at < now - dt.timedelta(days=1))
    session.execute(sa.delete(WorkingCopy).where(sa.or_(WorkingCopy.saved_at < now - KEPT, untouched)))
