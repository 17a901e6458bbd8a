"""Scans of agreements: the signed paper itself, beside what was entered of it.

A scan's file lies in the store of kept pages; here is what it is called there. One that is removed is shown and handed
out no longer, and what it was (name, hash, who, when) stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.partners.agreements import Agreement
from campaigns.people.staff import Actor, May

MOST = 10  # scans of one agreement; a paper of many pages is one PDF
LONGEST_NAME = 120  # characters


class ScanKind(Enum):
    """What a scan is, told by its content."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """As HTTP calls it."""
        return "application/pdf" if self is ScanKind.PDF else f"image/{self.value}"


class Scan(Base):
    """One scanned file. ``measure``: a picture's width and height as ``1200x800``, a paper's number of pages.

    ``original_hash`` is that of the upload: a PDF is kept as it came, a picture is made anew and has another hash.
    ``removed_at`` set: no longer shown.
    """

    __tablename__ = "agreement_scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("agreements.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    kind: Mapped[ScanKind] = mapped_column(by_value(ScanKind, "scan_kind"))
    measure: Mapped[str] = mapped_column(sa.String(20))
    size: Mapped[int]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    original_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_by: Mapped[str | None] = mapped_column(sa.String(200))
    removed_by_name: Mapped[str | None] = mapped_column(sa.String(200))

    agreement: Mapped[Agreement] = relationship()

    # The same file twice on one agreement is one scan, also when two processes take it at once.
    __table_args__ = (
        sa.Index(
            "uq_agreement_scans_shown",
            "agreement_id",
            "original_hash",
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )


@dataclass(frozen=True)
class KeptScan:
    """A checked file as it lies in the store. ``name``: as the person's machine called it; ``size`` in bytes."""

    name: str
    kind: ScanKind
    measure: str
    size: int
    body_hash: str
    body_key: str
    original_hash: str


def check_room(session: Session, agreement: Agreement) -> None:
    """Raise ``Invalid`` (``too_many_scans``) when the agreement has as many scans as it may."""
    if len(scans_of(session, agreement)) >= MOST:
        raise Invalid([FieldError("file", "too_many_scans", f"an agreement has at most {MOST} scans")])


def add_scan(session: Session, actor: Actor, number: str, kept: KeptScan, *, now: datetime) -> tuple[Scan, bool]:
    """Put a scan to an agreement; returns it, and whether it is new: a file that is there already is left as it is.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` when there are too many.
    """
    actor.require(May.CONFIGURE)
    agreement = _locked(session, number)
    known = known_scan(session, agreement, kept.original_hash)
    if known is not None:
        return known, False
    check_room(session, agreement)
    scan = Scan(
        public=public_id("scn"), agreement_id=agreement.id, name=plain_name(kept.name, kept.kind), kind=kept.kind,
        measure=kept.measure, size=kept.size, body_hash=kept.body_hash, body_key=kept.body_key,
        original_hash=kept.original_hash, at=now, actor=actor.id, actor_name=actor.name,
    )  # fmt: skip
    session.add(scan)
    session.flush()
    details = {"scan": scan.public, "file": scan.name, "sha256": scan.body_hash, "size": scan.size}
    journal.record(session, actor.id, "agreement.scan_added", "agreement", agreement.number, details, now=now)
    return scan, True


def remove_scan(session: Session, actor: Actor, public: str, *, now: datetime) -> Scan:
    """Show a scan no longer; the record of what it was stays. Done twice it is done once.

    Raises ``Forbidden``, ``NotFound``.
    """
    actor.require(May.CONFIGURE)
    query = sa.select(Scan).where(Scan.public == public).with_for_update(of=Scan)
    scan = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if scan is None:
        raise NotFound(f"there is no scan {public}", scan=public)
    if scan.removed_at is None:
        scan.removed_at, scan.removed_by, scan.removed_by_name = now, actor.id, actor.name
        session.flush()
        details = {"scan": public, "file": scan.name, "sha256": scan.body_hash, "size": scan.size}
        journal.record(
            session, actor.id, "agreement.scan_removed", "agreement", scan.agreement.number, details, now=now
        )
    return scan


def find_scan(session: Session, public: str) -> Scan:
    """The scan with this public id. Raises ``NotFound``, also for one that was removed."""
    row = session.execute(sa.select(Scan).where(Scan.public == public, Scan.removed_at.is_(None))).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no scan {public}", scan=public)
    return row


def known_scan(session: Session, agreement: Agreement, original_hash: str) -> Scan | None:
    """The scan of this agreement that was made of this upload, unless it was removed."""
    return next((one for one in scans_of(session, agreement) if one.original_hash == original_hash), None)


def scans_of(session: Session, agreement: Agreement, *, removed: bool = False) -> list[Scan]:
    """The scans of an agreement, oldest first; those that were removed when ``removed``."""
    gone = Scan.removed_at.is_not(None) if removed else Scan.removed_at.is_(None)
    query = sa.select(Scan).where(Scan.agreement_id == agreement.id, gone).order_by(Scan.id)
    return list(session.execute(query).scalars())


def scan_counts(session: Session, agreement_ids: Iterable[int] | None = None) -> dict[int, int]:
    """How many scans each agreement has, by its id; those without any are left out. None: of all agreements."""
    query = sa.select(Scan.agreement_id, sa.func.count()).where(Scan.removed_at.is_(None)).group_by(Scan.agreement_id)
    if agreement_ids is not None:
        query = query.where(Scan.agreement_id.in_(list(agreement_ids)))
    return {row[0]: row[1] for row in session.execute(query)}


def plain_name(name: str, kind: ScanKind) -> str:
    """What a person's machine called the file, without its folders and whatever a name may not hold; its ending says
    what the content is. ``C:\\Ảnh\\quét 1.JPG`` of a PDF is ``quét 1.pdf``."""
    ending = "jpg" if kind is ScanKind.JPEG else kind.value
    last = nfc(name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in '"<>:|?*;')
    stem, dot, old = shown.rpartition(".")
    if dot and old.isalnum() and len(old) <= 5:
        shown = stem
    shown = " ".join(shown.split()).strip(". ")[: LONGEST_NAME - 6].rstrip(". ")
    return f"{shown or 'ban-quet'}.{ending}"


def _locked(session: Session, number: str) -> Agreement:
    """The agreement, for one writer at a time: else two would each add the last scan there is room for."""
    query = sa.select(Agreement).where(Agreement.number == number).with_for_update(of=Agreement, key_share=True)
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no agreement {number}", agreement=number)
    return row
