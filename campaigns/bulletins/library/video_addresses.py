"""Addresses of the department's own uploads of a bulletin's video on YouTube, Facebook and TikTok.

They are kept when a channel has posted one, or entered by a person. A page that shows such a video in the platform's
player carries the bulletin.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.media import MediaKind, shows
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.social_addresses import read_address
from campaigns.people.staff import Actor, Permission

LONGEST = 2000  # characters of an address
LONGEST_IDENT = 40  # characters of a video's id on its network

# What the canonical address of a post begins with that is a video, and plays in the network's player.
_VIDEO_PAGES = (
    "https://www.youtube.com/watch?v=", "https://www.facebook.com/watch?v=", "https://www.tiktok.com/share/video/",
)  # fmt: skip


class VideoAddress(Base):
    """One upload. ``video``: platform and id, as ``video_key`` writes them; ``actor``: who entered it, or the
    system."""

    __tablename__ = "video_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    video: Mapped[str] = mapped_column(sa.String(60), unique=True)
    url: Mapped[str] = mapped_column(sa.String(LONGEST))
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


def video_key(url: str) -> str | None:
    """Network and id of the video at an address, like ``youtube:dQw4w9WgXcQ``, also of the network's player; None for
    any other address, and for a short link that does not tell what it leads to."""
    found = read_address(url)
    if found is None or found.short or not found.canonical.startswith(_VIDEO_PAGES) or len(found.post) > LONGEST_IDENT:
        return None
    return f"{found.network.name.lower()}:{found.post}"


def add_video_address(
    session: Session, actor: Actor, bulletin: Bulletin, url: str, *, now: dt.datetime
) -> VideoAddress:
    """Enter the address of an upload; one that is there already is returned.

    Raises ``Forbidden``, ``Invalid`` for an address that is of no video on a known platform, ``Conflict``
    (``video_of_other``) for one of another bulletin, (``no_video``) for a bulletin without video or audio.
    """
    actor.require(Permission.WRITE)
    address = url.strip()
    key = video_key(address) if len(address) <= LONGEST else None
    if key is None:
        raise Invalid([FieldError("url", "video_address", "expected a video on YouTube, Facebook or TikTok")])
    if not has_recordings(session, bulletin):
        raise Conflict("the bulletin has no video or audio", code="no_video")
    known = find_by_key(session, key)
    if known is not None and known.bulletin_id != bulletin.id:
        other = session.get_one(Bulletin, known.bulletin_id).code
        raise Conflict(f"the address is of {other} already", code="video_of_other", bulletin=other)
    return known or _add(session, actor.id, actor.name, bulletin, key, address, now)


def keep_delivered_address(session: Session, bulletin: Bulletin, url: str | None, *, now: dt.datetime) -> None:
    """Keep the address that a channel gave its post, where that is a video's and of no bulletin yet."""
    key = video_key(url) if url is not None and len(url) <= LONGEST else None
    if key is not None and url is not None and find_by_key(session, key) is None and has_recordings(session, bulletin):
        _add(session, journal.SYSTEM, "", bulletin, key, url, now)


def _add(
    session: Session, actor: str, actor_name: str, bulletin: Bulletin, key: str, url: str, now: dt.datetime
) -> VideoAddress:
    row = VideoAddress(
        bulletin_id=bulletin.id, video=key, url=url, actor=actor, actor_name=actor_name, created_at=now
    )  # fmt: skip
    session.add(row)
    session.flush()
    journal.record(session, actor, "bulletin.video_address_added", "bulletin", bulletin.code, {"url": url}, now=now)
    return row


def remove_video_address(session: Session, actor: Actor, bulletin: Bulletin, ident: int, *, now: dt.datetime) -> None:
    """Remove an address. Raises ``Forbidden``, ``NotFound``."""
    actor.require(Permission.WRITE)
    row = session.get(VideoAddress, ident)
    if row is None or row.bulletin_id != bulletin.id:
        raise NotFound("there is no such address of this bulletin", bulletin=bulletin.code)
    session.delete(row)
    act = "bulletin.video_address_removed"
    journal.record(session, actor.id, act, "bulletin", bulletin.code, {"url": row.url}, now=now)


def video_addresses(session: Session, bulletin_id: int) -> list[VideoAddress]:
    """The addresses of a bulletin, in the order in which they came."""
    query = sa.select(VideoAddress).where(VideoAddress.bulletin_id == bulletin_id).order_by(VideoAddress.id)
    return list(session.execute(query).scalars())


def has_recordings(session: Session, bulletin: Bulletin) -> bool:
    """Whether a text of the bulletin has a video or audio."""
    query = sa.select(Revision.id).where(
        Revision.bulletin_id == bulletin.id, sa.or_(shows(MediaKind.VIDEO), shows(MediaKind.AUDIO))
    )
    return session.execute(query.limit(1)).first() is not None


def find_by_key(session: Session, key: str) -> VideoAddress | None:
    """The address with this platform and id."""
    return session.execute(sa.select(VideoAddress).where(VideoAddress.video == key)).scalar_one_or_none()
