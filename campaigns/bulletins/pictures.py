"""Pictures of bulletins: the rows of kept uploads, and their visibility. Pictures are immutable; another crop is
another picture."""

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.visibility import visible
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.people.staff import Actor, Permission

_ADDRESS = re.compile(r"/pictures/([0-9a-f]{32})(?:-[0-9a-z]{1,8})?\.(?:jpg|png)\b")
_IDENT = re.compile(r"[0-9a-f]{32}")


class Picture(Base):
    """One picture, made anew from an upload. ``ident`` is in its address and cannot be guessed.

    ``key`` is where its bytes are kept; ``cuts`` has the crops by their ratio (``16x9``), each with ``key``, ``width``,
    ``height`` and ``length``. ``focus_x``, ``focus_y``: the point the crops keep in sight, 0 to 1 from top left.
    Sizes are in pixels, lengths in bytes.
    """

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(sa.String(32), unique=True)
    key: Mapped[str] = mapped_column(sa.String(100))
    mime: Mapped[str] = mapped_column(sa.String(30))
    width: Mapped[int]
    height: Mapped[int]
    length: Mapped[int]
    focus_x: Mapped[float]
    focus_y: Mapped[float]
    cuts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    @property
    def suffix(self) -> str:
        """The suffix of its address."""
        return "png" if self.mime == "image/png" else "jpg"


class PictureUse(Base):
    """Use of a picture by a revision, as its cover or in its body."""

    __tablename__ = "picture_uses"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True)
    picture_id: Mapped[int] = mapped_column(sa.ForeignKey("pictures.id"), primary_key=True, index=True)


def add_picture(
    session: Session,
    actor: Actor,
    *,
    key: str,
    mime: str,
    size: tuple[int, int],
    length: int,
    focus: tuple[float, float],
    cuts: Mapping[str, Mapping[str, Any]],
    name: str,
    now: dt.datetime,
) -> Picture:
    """Add the row of a kept picture. Raises ``Forbidden``."""
    actor.require(Permission.WRITE)
    picture = Picture(
        ident=secrets.token_hex(16), key=key, mime=mime, width=size[0], height=size[1], length=length,
        focus_x=focus[0], focus_y=focus[1], cuts={ratio: dict(cut) for ratio, cut in cuts.items()}, name=name[:200],
        author=actor.id, author_name=actor.name, created_at=now,
    )  # fmt: skip
    session.add(picture)
    session.flush()
    details = {"name": picture.name, "size": f"{picture.width}x{picture.height}", "key": key}
    journal.record(session, actor.id, "picture.added", "picture", picture.ident, details, now=now)
    return picture


def find_picture(session: Session, ident: str) -> Picture:
    """The picture with this identifier. Raises ``NotFound``."""
    found = None
    if _IDENT.fullmatch(ident):
        found = session.execute(sa.select(Picture).where(Picture.ident == ident)).scalar_one_or_none()
    if found is None:
        raise NotFound("there is no such picture", picture=ident[:40])
    return found


def idents_in(html: str) -> list[str]:
    """The identifiers of kept pictures in a body, each once, in their order."""
    return list(dict.fromkeys(_ADDRESS.findall(html)))


def pictures_by_ident(session: Session, idents: Iterable[str]) -> dict[str, Picture]:
    """Pictures by identifier, with one query; unknown identifiers are left out."""
    wanted = {ident for ident in idents if _IDENT.fullmatch(ident)}
    if not wanted:
        return {}
    rows = session.execute(sa.select(Picture).where(Picture.ident.in_(wanted))).scalars()
    return {row.ident: row for row in rows}


def record_uses(session: Session, revision: Revision, idents: Iterable[str]) -> None:
    """Record the pictures that a new revision shows."""
    for picture in pictures_by_ident(session, idents).values():
        session.add(PictureUse(revision_id=revision.id, picture_id=picture.id))


def is_public(session: Session, picture: Picture, *, now: dt.datetime) -> bool:
    """Whether outsiders may see it: a revision that is visible now shows it. Not before release, not after a recall,
    and not after a correction without it."""
    query = (
        sa.select(PictureUse.picture_id)
        .join(Revision, Revision.id == PictureUse.revision_id)
        .join(Bulletin, sa.and_(Bulletin.id == Revision.bulletin_id, Bulletin.released == Revision.number))
        .where(PictureUse.picture_id == picture.id, visible(now))
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none() is not None
