"""Probes of hosts: what a site answers for an address that does not exist, asked once a day."""

import datetime as dt
import secrets
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime
from campaigns.matching.fingerprints import Hashes, fingerprint, likeness, pack, unpack

PROBE_LIFETIME = dt.timedelta(days=1)


class MissingPageProbe(Base):
    """One host's answer. ``status``: None if the request failed. ``prints``: packed fingerprint of a page with status
    200; empty for any other answer."""

    __tablename__ = "missing_page_probes"

    host: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    status: Mapped[int | None]
    prints: Mapped[bytes] = mapped_column(sa.LargeBinary)


def missing_address_beside(url: str) -> str:
    """An address beside ``url`` that does not exist: its last segment is random, in the form of the site's own."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    stem, dot, ending = last.rpartition(".")
    made = f"khong-co-bai-nay-{secrets.token_hex(6)}"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{made}{dot + ending if dot and stem else ''}", "", ""))


def fresh_probe(session: Session, host: str, *, now: dt.datetime) -> MissingPageProbe | None:
    """The probe of a host within the last day; None if a new one is needed."""
    row = session.get(MissingPageProbe, host)
    return row if row is not None and now - row.at < PROBE_LIFETIME else None


def save_probe(session: Session, host: str, status: int | None, text: str, *, now: dt.datetime) -> MissingPageProbe:
    """Store the host's answer; ``text``: of a page with status 200, else empty."""
    row = MissingPageProbe(host=host, at=now, status=status, prints=pack(fingerprint(text)) if text else b"")
    return session.merge(row)


def likeness_to_probe(probe: MissingPageProbe, prints: Hashes) -> float | None:
    """Similarity of a page to the probe, 0–1; None when the host gave no page."""
    return likeness(unpack(probe.prints), prints) if probe.prints else None
