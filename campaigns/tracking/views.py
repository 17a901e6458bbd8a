"""Counter images: views, raw and guarded. A view is never a republication; at most it points at a page to look at."""

import datetime as dt
import hashlib
import hmac
import ipaddress
import re

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.publishing.bulletins import Bulletin

# An agent without a name or with one of these in it is a program. "Cubot" is a make of phones.
_BOT = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|preview|fetch|curl|wget|python|java/|okhttp|facebookexternalhit|headless|monitor",
    re.IGNORECASE,
)
REPEAT = dt.timedelta(seconds=30)  # a second load by the same reader within this time is a double click


class View(Base):
    """One load of a counter image. No address and no agent is kept: ``visitor`` is a keyed hash that changes each day.

    ``host``: the registered site it was loaded from, '' when unknown. ``guarded``: it passed the guards against
    programs and repeats.
    """

    __tablename__ = "views"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    day: Mapped[dt.date]
    host: Mapped[str] = mapped_column(sa.String(255))
    visitor: Mapped[str] = mapped_column(sa.String(16))
    guarded: Mapped[bool]

    __table_args__ = (
        sa.Index("ix_views_bulletin_id_day", "bulletin_id", "day"),
        sa.Index("ix_views_visitor_at", "visitor", "at"),
    )


def visitor_mark(secret: bytes, day: dt.date, address: str, agent: str, bulletin: str) -> str:
    """Sixteen hex digits that tell two readers of one bulletin apart on one day and nothing else.

    The address is cut to its network (/24, or /48 for IPv6) before it is hashed with a key that depends on the day.
    """
    daily = hmac.digest(secret, day.isoformat().encode(), "sha256")
    body = "\0".join((_network(address), agent, bulletin)).encode()
    return hmac.new(daily, body, hashlib.sha256).hexdigest()[:16]


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""  # from wherever it came, it is no network that could tell readers apart
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 48), strict=False))
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24), strict=False))


def is_program(agent: str) -> bool:
    """Whether an agent's own words say that no person is reading."""
    return not agent.strip() or _BOT.search(agent) is not None


def count_view(session: Session, bulletin: Bulletin, *, host: str, visitor: str, agent: str, now: dt.datetime) -> bool:
    """Write one load down, raw; returns whether it also counts as guarded."""
    repeated = session.execute(
        sa.select(View.id).where(View.visitor == visitor, View.at > now - REPEAT, View.guarded).limit(1)
    ).first()
    guarded = not is_program(agent) and repeated is None
    session.add(View(bulletin_id=bulletin.id, at=now, day=city_day(now), host=host, visitor=visitor, guarded=guarded))
    session.flush()
    return guarded


def find_by_counter(session: Session, token: str) -> Bulletin | None:
    """The bulletin whose counter image this token names, or None."""
    return session.execute(sa.select(Bulletin).where(Bulletin.counter_token == token)).scalar_one_or_none()
