"""Probes: what a site answers for an address that does not exist, kept once a host and a day.

A site that answers such an address with status 200 answers removed articles the same way; a page of it that lost its
text and looks like this one is no more (``absence``).
"""

import datetime as dt
import secrets
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.tracking.fingerprints import Hashes, fingerprint, likeness, pack, unpack

GOOD_FOR = dt.timedelta(days=1)


class Probe(Base):
    """One host's answer. ``status``: None when it could not be asked. ``prints``: of the page it gave with status 200,
    as ``fingerprints.pack`` writes them; empty for any other answer."""

    __tablename__ = "probes"

    host: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    status: Mapped[int | None]
    prints: Mapped[bytes] = mapped_column(sa.LargeBinary)


def sibling_of(url: str) -> str:
    """An address beside ``url`` that no page has: its last step made up, in the form the site gives its own."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    stem, dot, ending = last.rpartition(".")
    made = f"khong-co-bai-nay-{secrets.token_hex(6)}"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{made}{dot + ending if dot and stem else ''}", "", ""))


def fresh(session: Session, host: str, *, now: dt.datetime) -> Probe | None:
    """What the host answered within the last day; None when it is to be asked."""
    row = session.get(Probe, host)
    return row if row is not None and now - row.at < GOOD_FOR else None


def keep(session: Session, host: str, status: int | None, text: str, *, now: dt.datetime) -> Probe:
    """Write down what the host answered; ``text``: of a page it gave with status 200, else empty."""
    row = Probe(host=host, at=now, status=status, prints=pack(fingerprint(text)) if text else b"")
    return session.merge(row)


def alike(probe: Probe, prints: Hashes) -> float | None:
    """How much a page is like the probe, 0–1; None when the host gave no page."""
    return likeness(unpack(probe.prints), prints) if probe.prints else None
