"""Mentions from elsewhere: pages of strangers that say they link to a bulletin, looked at, shown, and never counted.

Anybody may send a Webmention, so every list here is capped, senders can be blocked by staff, and nothing of a
stranger's page is kept but its address and title.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, insert_into, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.pace import Pace
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.sightings import How, Page, Sighting
from campaigns.tracking.urls import host_of

MOST_OF_A_HOST = 20  # mentions of one bulletin that one host may send
MOST_OF_A_BULLETIN = 500  # mentions of one bulletin from everywhere
WEBMENTION = "webmention"  # the source of a sighting that one announced
MOST_OF_A_SITE = 120  # mentions that a registered site may send in an hour
MOST_AN_HOUR = 30  # new mentions that one host may send in an hour, of all bulletins together
TRIES = 3  # fetches of a source that cannot be read


class MentionState(Enum):
    """What was found when the page was read."""

    WAITING = "waiting"  # to be read
    LINKED = "linked"  # it links to the bulletin
    ABSENT = "absent"  # it can be read and does not, or no longer
    UNREAD = "unread"  # it could not be read


class Mention(ledger.Due, Base):
    """A page of a host that is not a registered site says that it links to a bulletin."""

    __tablename__ = "mentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    source: Mapped[str] = mapped_column(sa.String(2000))
    host: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[MentionState] = mapped_column(by_value(MentionState, "mention_state"))
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    bulletin: Mapped[Bulletin] = relationship()

    # The second serves the limits, which are asked before anything is written.
    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "source"),
        sa.Index("ix_mentions_host_first_at", "host", "first_at"),
        ledger.due_index("mentions"),
    )


class MentionBlock(Base):
    """Senders that are not listened to. ``pattern``: a host, and every host below it, or an address with ``*``."""

    __tablename__ = "mention_blocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(40), unique=True)
    pattern: Mapped[str] = mapped_column(sa.String(300), unique=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Blocked(Conflict):
    """The sender is not listened to."""

    code = "sender_blocked"


class TooMany(Conflict):
    """One sender, or all together, have sent as much as is taken. ``retry_after``: seconds, where waiting helps."""

    code = "too_many_mentions"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def matches(pattern: str, address: str) -> bool:
    """Whether an address is one that a pattern blocks. Letters' case makes no difference."""
    wanted, host = pattern.lower(), (urlsplit(address).hostname or "").lower()
    if "/" not in wanted:
        bare = wanted.removeprefix("*.")
        return host == bare or host.endswith(f".{bare}") or fnmatchcase(host, wanted)
    path = address.partition("://")[2].lower()
    return fnmatchcase(path, wanted.partition("://")[2] or wanted)


def block_of(session: Session, address: str) -> MentionBlock | None:
    """The block that an address falls under, if any."""
    return next((one for one in blocks(session) if matches(one.pattern, address)), None)


def blocks(session: Session) -> Sequence[MentionBlock]:
    """Every block, by pattern."""
    return session.execute(sa.select(MentionBlock).order_by(MentionBlock.pattern)).scalars().all()


def add_block(session: Session, actor: str, pattern: str, reason: str, *, now: datetime) -> MentionBlock:
    """Listen no more to a host or to addresses of a form; what they sent before is not shown any more.

    Raises ``Invalid`` naming the field, ``Conflict`` when the pattern is there already.
    """
    wanted = pattern.strip().lower()
    errors = []
    bare = wanted.partition("://")[2] or wanted
    letters = bare.partition("/")[0].replace("*", "").strip(".:")
    if not wanted or " " in wanted or "." not in bare.partition("/")[0] or not letters or len(wanted) > 300:
        errors.append(FieldError("pattern", "pattern", f"{pattern[:60]!r} is no host, nor an address with *"))
    if not reason.strip():
        errors.append(FieldError("reason", "unexplained", "say why, for those who come after"))
    if errors:
        raise Invalid(errors)
    if session.execute(sa.select(MentionBlock.id).where(MentionBlock.pattern == wanted)).first():
        raise Conflict(f"{wanted} is blocked already", code="already_blocked", pattern=wanted)
    row = MentionBlock(public=public_id("blk"), pattern=wanted, reason=reason.strip(), by=actor, at=now)
    session.add(row)
    session.flush()
    details = {"pattern": wanted, "reason": row.reason}
    journal.record(session, actor, "mention.blocked", "mention_block", row.public, details, now=now)
    return row


def remove_block(session: Session, actor: str, public: str, *, now: datetime) -> str:
    """Listen again. Returns the pattern. Raises ``NotFound``."""
    row = session.execute(sa.select(MentionBlock).where(MentionBlock.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such block", block=public)
    pattern = row.pattern
    session.delete(row)
    session.flush()
    journal.record(session, actor, "mention.unblocked", "mention_block", public, {"pattern": pattern}, now=now)
    return pattern


def check_sender(session: Session, source: str) -> None:
    """Raises ``Blocked`` when the sender is not listened to."""
    block = block_of(session, source)
    if block is not None:
        raise Blocked("this sender is not listened to", pattern=block.pattern)


def check_site(session: Session, site_id: int, *, now: datetime) -> None:
    """Anybody may send in the name of a registered site, and each new address is a page that we fetch from it.

    Raises ``TooMany`` when as many came in the last hour as are taken.
    """
    recent = (
        sa.select(sa.func.count())
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .where(Page.site_id == site_id, Sighting.how == How.ANNOUNCED, Sighting.source == WEBMENTION)
        .where(Sighting.at > now - timedelta(hours=1))
    )
    if session.execute(recent).scalar_one() >= MOST_OF_A_SITE:
        raise TooMany("this site has sent too many in an hour", retry_after=3600)


def note(session: Session, bulletin: Bulletin, source: str, *, now: datetime) -> Mention:
    """Note that a stranger's page says it links to a bulletin; it is read soon. The same again reads it again, which
    is how a sender tells that its page has changed or is gone.

    Raises ``TooMany`` beyond the caps.
    """
    host = host_of(source)
    known = session.execute(
        sa.select(Mention).where(Mention.bulletin_id == bulletin.id, Mention.source == source)
    ).scalar_one_or_none()
    if known is not None:
        # Not more often than once a minute, so that nobody can make us ask a third party all day.
        if known.due_at is None and (known.checked_at is None or now - known.checked_at >= timedelta(minutes=1)):
            known.due_at, known.attempt = now, 0
            session.flush()
        return known
    count = sa.select(sa.func.count()).select_from(Mention)
    recent = count.where(Mention.host == host, Mention.first_at > now - timedelta(hours=1))
    if session.execute(recent).scalar_one() >= MOST_AN_HOUR:
        raise TooMany("this host has sent too many in an hour", retry_after=3600)
    of_host = count.where(Mention.bulletin_id == bulletin.id, Mention.host == host)
    of_all = count.where(Mention.bulletin_id == bulletin.id)
    if (
        session.execute(of_host).scalar_one() >= MOST_OF_A_HOST
        or session.execute(of_all).scalar_one() >= MOST_OF_A_BULLETIN
    ):
        raise TooMany("enough pages mention this bulletin")
    # Two at the same moment are one.
    session.execute(
        insert_into(session, Mention)
        .values(
            bulletin_id=bulletin.id,
            source=source,
            host=host,
            state=MentionState.WAITING,
            title="",
            error="",
            first_at=now,
            due_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.execute(
        sa.select(Mention).where(Mention.bulletin_id == bulletin.id, Mention.source == source)
    ).scalar_one()


def settle(session: Session, taken: ledger.Claim, *, linked: bool, title: str = "", now: datetime) -> None:
    """The page was read."""
    values = {
        "state": MentionState.LINKED if linked else MentionState.ABSENT,
        "title": title[:300] if linked else "",
        "error": "",
        "checked_at": now,
        "attempt": 0,
        "due_at": None,
    }
    ledger.settle(session, Mention, taken, values)


def unread(session: Session, taken: ledger.Claim, why: str, pace: Pace, *, now: datetime) -> None:
    """The page could not be read: tried twice more, then left."""
    again = taken.attempt < TRIES
    values = {
        "state": MentionState.WAITING if again else MentionState.UNREAD,
        "error": why[:1000],
        "checked_at": now,
        "due_at": now + pace.rechecks[0] if again else None,
    }
    ledger.settle(session, Mention, taken, values)


def linking(session: Session, bulletin: Bulletin, limit: int = 50) -> list[Mention]:
    """Pages elsewhere that link to a bulletin, newest first, without those of blocked senders."""
    query = (
        sa.select(Mention)
        .where(Mention.bulletin_id == bulletin.id, Mention.state == MentionState.LINKED)
        .order_by(Mention.first_at.desc(), Mention.id.desc())
        .limit(MOST_OF_A_BULLETIN)
    )
    stopped = blocks(session)
    rows = session.execute(query).scalars().all()
    return [one for one in rows if not any(matches(block.pattern, one.source) for block in stopped)][:limit]
