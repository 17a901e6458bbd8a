"""Webmentions: pages of unregistered sites that announce a link to a bulletin; checked and shown, never counted.

Anybody may send a Webmention, so every list here is capped, staff can block senders, and only the address and title of
such a page are stored.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, insert_into, public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.intervals import Intervals
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.discovery.urls import host_of

MOST_OF_A_HOST = 20  # mentions of one bulletin from one host
MOST_OF_A_BULLETIN = 500  # mentions of one bulletin from all hosts
WEBMENTION = "webmention"  # the source of a sighting announced by a Webmention
MOST_OF_A_SITE = 120  # mentions from a registered site in an hour
MOST_AN_HOUR = 30  # new mentions from one host in an hour, of all bulletins together
TRIES = 3  # fetches of a source that cannot be read


class WebmentionState(Enum):
    """Result of reading the page."""

    WAITING = "waiting"  # not read yet
    LINKED = "linked"  # links to the bulletin
    ABSENT = "absent"  # readable, without a link or without it any more
    UNREAD = "unread"  # not readable


class Webmention(ledger.WorkItem, Base):
    """The announcement of a page on an unregistered host that it links to a bulletin."""

    __tablename__ = "webmentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    source: Mapped[str] = mapped_column(sa.String(2000))
    host: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[WebmentionState] = mapped_column(by_value(WebmentionState, "webmention_state"))
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    bulletin: Mapped[Bulletin] = relationship()

    # The second is for the limits, which are checked before anything is written.
    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "source"),
        sa.Index("ix_webmentions_host_first_at", "host", "first_at"),
        ledger.due_index("webmentions"),
    )


class WebmentionBlock(Base):
    """Blocked senders. ``pattern``: a host, including all hosts below it, or an address with ``*``."""

    __tablename__ = "webmention_blocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(40), unique=True)
    pattern: Mapped[str] = mapped_column(sa.String(300), unique=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SenderBlocked(Conflict):
    """The sender is blocked."""

    code = "sender_blocked"


class TooManyWebmentions(Conflict):
    """The limit of one sender, or of all together, is reached. ``retry_after``: seconds, None when waiting does not
    help."""

    code = "too_many_mentions"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def matches(pattern: str, address: str) -> bool:
    """Whether a pattern blocks an address. Ignores case."""
    wanted, host = pattern.lower(), (urlsplit(address).hostname or "").lower()
    if "/" not in wanted:
        bare = wanted.removeprefix("*.")
        return host == bare or host.endswith(f".{bare}") or fnmatchcase(host, wanted)
    path = address.partition("://")[2].lower()
    return fnmatchcase(path, wanted.partition("://")[2] or wanted)


def block_of(session: Session, address: str) -> WebmentionBlock | None:
    """The block that applies to an address, or None."""
    return next((block for block in all_blocks(session) if matches(block.pattern, address)), None)


def all_blocks(session: Session) -> Sequence[WebmentionBlock]:
    """All blocks, by pattern."""
    return session.execute(sa.select(WebmentionBlock).order_by(WebmentionBlock.pattern)).scalars().all()


def add_block(session: Session, actor: str, pattern: str, reason: str, *, now: datetime) -> WebmentionBlock:
    """Block a host or addresses of a pattern; their earlier mentions are not shown any more.

    Raises ``Invalid`` naming the field, ``Conflict`` when the pattern exists.
    """
    wanted = pattern.strip().lower()
    errors = []
    bare = wanted.partition("://")[2] or wanted
    bare_host = bare.partition("/")[0].replace("*", "").strip(".:")
    if not wanted or " " in wanted or "." not in bare.partition("/")[0] or not bare_host or len(wanted) > 300:
        errors.append(FieldError("pattern", "pattern", f"{pattern[:60]!r} is no host, nor an address with *"))
    if not reason.strip():
        errors.append(FieldError("reason", "unexplained", "say why, for those who come after"))
    if errors:
        raise Invalid(errors)
    if session.execute(sa.select(WebmentionBlock.id).where(WebmentionBlock.pattern == wanted)).first():
        raise Conflict(f"{wanted} is blocked already", code="already_blocked", pattern=wanted)
    row = WebmentionBlock(public=public_id("blk"), pattern=wanted, reason=reason.strip(), by=actor, at=now)
    session.add(row)
    session.flush()
    details = {"pattern": wanted, "reason": row.reason}
    journal.record(session, actor, "mention.blocked", "mention_block", row.public, details, now=now)
    return row


def remove_block(session: Session, actor: str, public: str, *, now: datetime) -> str:
    """Remove a block. Returns the pattern. Raises ``NotFound``."""
    row = session.execute(sa.select(WebmentionBlock).where(WebmentionBlock.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such block", block=public)
    pattern = row.pattern
    session.delete(row)
    session.flush()
    journal.record(session, actor, "mention.unblocked", "mention_block", public, {"pattern": pattern}, now=now)
    return pattern


def check_sender(session: Session, source: str) -> None:
    """Raises ``SenderBlocked`` for a blocked sender."""
    block = block_of(session, source)
    if block is not None:
        raise SenderBlocked("this sender is not listened to", pattern=block.pattern)


def check_site(session: Session, site_id: int, *, now: datetime) -> None:
    """Limit the mentions in the name of a registered site: anybody may send them, and we fetch each new address from
    it.

    Raises ``TooManyWebmentions`` when the hourly limit is reached.
    """
    recent = (
        sa.select(sa.func.count())
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .where(Page.site_id == site_id, Sighting.how == SightingMethod.ANNOUNCED, Sighting.source == WEBMENTION)
        .where(Sighting.at > now - timedelta(hours=1))
    )
    if session.execute(recent).scalar_one() >= MOST_OF_A_SITE:
        raise TooManyWebmentions("this site has sent too many in an hour", retry_after=3600)


def record_webmention(session: Session, bulletin: Bulletin, source: str, *, now: datetime) -> Webmention:
    """Record the announcement of a page on an unregistered host; it is read soon. A repeated one has the page read
    again, since senders announce changes and removals this way.

    Raises ``TooManyWebmentions`` beyond the caps.
    """
    host = host_of(source)
    known = session.execute(
        sa.select(Webmention).where(Webmention.bulletin_id == bulletin.id, Webmention.source == source)
    ).scalar_one_or_none()
    if known is not None:
        # At most once a minute, so that nobody can make us send requests to a third party all day.
        if known.due_at is None and (known.checked_at is None or now - known.checked_at >= timedelta(minutes=1)):
            known.due_at, known.attempt = now, 0
            session.flush()
        return known
    count = sa.select(sa.func.count()).select_from(Webmention)
    recent = count.where(Webmention.host == host, Webmention.first_at > now - timedelta(hours=1))
    if session.execute(recent).scalar_one() >= MOST_AN_HOUR:
        raise TooManyWebmentions("this host has sent too many in an hour", retry_after=3600)
    of_host = count.where(Webmention.bulletin_id == bulletin.id, Webmention.host == host)
    of_all = count.where(Webmention.bulletin_id == bulletin.id)
    if (
        session.execute(of_host).scalar_one() >= MOST_OF_A_HOST
        or session.execute(of_all).scalar_one() >= MOST_OF_A_BULLETIN
    ):
        raise TooManyWebmentions("enough pages mention this bulletin")
    # Concurrent announcements of one page are inserted once.
    session.execute(
        insert_into(session, Webmention)
        .values(
            bulletin_id=bulletin.id,
            source=source,
            host=host,
            state=WebmentionState.WAITING,
            title="",
            error="",
            first_at=now,
            due_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.execute(
        sa.select(Webmention).where(Webmention.bulletin_id == bulletin.id, Webmention.source == source)
    ).scalar_one()


def settle_webmention(session: Session, taken: ledger.Claim, *, linked: bool, title: str = "", now: datetime) -> None:
    """Record that the page was read."""
    columns = {
        "state": WebmentionState.LINKED if linked else WebmentionState.ABSENT,
        "title": title[:300] if linked else "",
        "error": "",
        "checked_at": now,
        "attempt": 0,
        "due_at": None,
    }
    ledger.settle(session, Webmention, taken, columns)


def record_unread(session: Session, taken: ledger.Claim, why: str, pace: Intervals, *, now: datetime) -> None:
    """Record that the page could not be read: it is tried ``TRIES`` times in all."""
    again = taken.attempt < TRIES
    columns = {
        "state": WebmentionState.WAITING if again else WebmentionState.UNREAD,
        "error": why[:1000],
        "checked_at": now,
        "due_at": now + pace.rechecks[0] if again else None,
    }
    ledger.settle(session, Webmention, taken, columns)


def linking_pages(session: Session, bulletin: Bulletin, limit: int = 50) -> list[Webmention]:
    """Pages elsewhere that link to a bulletin, newest first, without blocked senders."""
    query = (
        sa.select(Webmention)
        .where(Webmention.bulletin_id == bulletin.id, Webmention.state == WebmentionState.LINKED)
        .order_by(Webmention.first_at.desc(), Webmention.id.desc())
        .limit(MOST_OF_A_BULLETIN)
    )
    stopped = all_blocks(session)
    rows = session.execute(query).scalars().all()
    return [row for row in rows if not any(matches(block.pattern, row.source) for block in stopped)][:limit]
