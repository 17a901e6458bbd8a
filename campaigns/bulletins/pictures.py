"""Pictures of bulletins: the rows of kept uploads, and their visibility. Pixels are immutable: another crop is another
picture, and the same file twice is one. The description and the credit are the library's (``picture_library``); a text
holds its own copy of them.
"""

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.presentation import LONGEST_ALT
from campaigns.bulletins.visibility import visible
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, Permission

_ADDRESS = re.compile(r"/pictures/([0-9a-f]{32})(?:-[0-9a-z]{1,8})?\.(?:jpg|png)\b")
_IDENT = re.compile(r"[0-9a-f]{32}")


class Picture(Base):
    """One picture, made anew from an upload. ``ident`` is in its address and cannot be guessed.

    ``key`` is where its bytes are kept; ``cuts`` has the crops by their ratio (``16x9``), each with ``key``, ``width``,
    ``height`` and ``length``. ``focus_x``, ``focus_y``: the point the crops keep in sight, 0 to 1 from top left.
    Sizes are in pixels, lengths in bytes. ``digest``: SHA-256 of the uploaded file. ``alt``: what is on it, for who
    does not see it, '' until somebody has said so; ``credit``: who made it. ``search``: the words of both and of the
    file's name, folded; without who brought it, whose name an erasure replaces.
    """

    __tablename__ = "pictures"
    __table_args__ = (sa.UniqueConstraint("digest", "focus_x", "focus_y"),)

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
    digest: Mapped[str] = mapped_column(sa.String(64))
    alt: Mapped[str] = mapped_column(sa.String(LONGEST_ALT))
    credit: Mapped[str] = mapped_column(sa.String(200))
    search: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    @property
    def suffix(self) -> str:
        """The suffix of its address."""
        return "png" if self.mime == "image/png" else "jpg"

    def describe(self, alt: str, credit: str) -> None:
        """Set the description and the credit, and the words that it is found by."""
        self.alt, self.credit = alt, credit
        self.search = fold(f"{alt} {credit} {self.name}")


class PictureUse(Base):
    """Use of a picture by a revision, as its cover or in its body."""

    __tablename__ = "picture_uses"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True)
    picture_id: Mapped[int] = mapped_column(sa.ForeignKey("pictures.id"), primary_key=True, index=True)


def add_picture(
    session: Session,
    actor: Actor,
    *,
    digest: str,
    key: str,
    mime: str,
    size: tuple[int, int],
    length: int,
    focus: tuple[float, float],
    cuts: Mapping[str, Mapping[str, Any]],
    name: str,
    alt: str = "",
    credit: str = "",
    now: dt.datetime,
) -> Picture:
    """Add the row of a kept picture, or return the one of the same file and crop. Raises ``Forbidden``."""
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.PICTURES)
    if (known := same_picture(session, digest, focus)) is not None:
        return known
    picture = Picture(
        ident=secrets.token_hex(16), key=key, mime=mime, width=size[0], height=size[1], length=length,
        focus_x=focus[0], focus_y=focus[1], cuts={ratio: dict(cut) for ratio, cut in cuts.items()}, name=name[:200],
        digest=digest, author=actor.id, author_name=actor.name, created_at=now,
    )  # fmt: skip
    picture.describe(alt, credit)
    session.add(picture)
    session.flush()
    details = {"name": picture.name, "size": f"{picture.width}x{picture.height}", "key": key}
    journal.record(session, actor.id, "picture.added", "picture", picture.ident, details, now=now)
    return picture


def same_picture(session: Session, digest: str, focus: tuple[float, float]) -> Picture | None:
    """The picture of the same file with the same crops, if it is kept."""
    query = sa.select(Picture).where(Picture.digest == digest, Picture.focus_x == focus[0], Picture.focus_y == focus[1])
    return session.execute(query).scalar_one_or_none()


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


class _AltReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            values = dict(attrs)
            for ident in idents_in(values.get("src") or ""):
                self.found.setdefault(ident, values.get("alt") or "")


def alt_texts(html: str) -> dict[str, str]:
    """The description of each kept picture in a body, by identifier; of one that stands twice, the first."""
    if not idents_in(html):
        return {}
    reader = _AltReader()
    reader.feed(html)
    reader.close()
    return reader.found


def record_uses(session: Session, revision: Revision, alts: Mapping[str, str]) -> None:
    """Record the pictures that a new revision shows. ``alts``: their descriptions in it by identifier; a picture that
    the library has no description of takes this one."""
    for picture in pictures_by_ident(session, alts).values():
        session.add(PictureUse(revision_id=revision.id, picture_id=picture.id))
        said = " ".join(alts[picture.ident].split())[:LONGEST_ALT]
        if said and not picture.alt:
            picture.describe(said, picture.credit)


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
