"""Agreements: the written consent behind a republication, valid from and to a day; and their scans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated

import sqlalchemy as sa
from annotated_types import Ge, Le, MaxLen
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.contents import Code, Day, Paragraph, differences, from_attributes, limit_errors, without
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.partners.directory import Company, current_company
from campaigns.people.staff import Actor, Permission

LONGEST_DELAY = 7 * 24 * 60  # minutes


@dataclass(frozen=True, kw_only=True)
class AgreementContent:
    """What is agreed, but for the number. ``topics``: codes of those it is for, none = all; ``delay_minutes``: how long
    after the release of a bulletin the partner waits before it republishes, 0 = no delay; ``note``: may hold remarks
    about persons, and is not in the journal."""

    starts_on: Day
    ends_on: Day | None = None
    topics: Annotated[Sequence[Code], MaxLen(1000)] = ()
    note: Paragraph = ""
    delay_minutes: Annotated[int, Ge(0), Le(LONGEST_DELAY)] = 0


class Agreement(Base):
    """One written agreement with a company, with the fields of an ``AgreementContent``."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    topics: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    delay_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship()

    def holds_on(self, day: date) -> bool:
        """Whether the agreement was in force on this day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def add_agreement(
    session: Session, actor: str, company: Company, number: str, content: AgreementContent, *, now: datetime
) -> Agreement:
    """Add an agreement. Raises ``Invalid`` naming each bad field, ``Conflict`` for a number in use."""
    number, errors = number.strip(), _content_errors(content)
    if not number:
        errors.insert(0, FieldError("number", "required", "an agreement needs its number"))
    if errors:
        raise Invalid(errors)
    company = current_company(session, company)
    if session.execute(sa.select(Agreement.id).where(Agreement.number == number)).first():
        raise Conflict(f"agreement {number} is in the register", code="agreement_taken", number=number)
    row = Agreement(company=company, number=number, created_at=now, **vars(content))
    session.add(row)
    session.flush()
    details = {"partner": company.code, **without(vars(content), "note")}
    journal.record(session, actor, "agreement.added", "agreement", number, details, now=now)
    return row


def change_agreement(
    session: Session, actor: str, agreement: Agreement, content: AgreementContent, *, now: datetime
) -> None:
    """Replace the content of an agreement. Raises ``Invalid`` naming each bad field."""
    if errors := _content_errors(content):
        raise Invalid(errors)
    changed = differences(from_attributes(AgreementContent, agreement), content)
    for name, value in changed.items():
        setattr(agreement, name, value)
    session.flush()
    details = without(changed, "note")
    journal.record(session, actor, "agreement.changed", "agreement", agreement.number, details, now=now)


def _content_errors(content: AgreementContent) -> list[FieldError]:
    errors = limit_errors(content)
    if content.ends_on is not None and content.ends_on < content.starts_on:
        message = f"{content.ends_on} is before the start, {content.starts_on}"
        errors.append(FieldError("ends_on", "before_start", message))
    return errors


def find_agreement(session: Session, number: str) -> Agreement:
    """The agreement with this number. Raises ``NotFound``."""
    row = session.execute(sa.select(Agreement).where(Agreement.number == number)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no agreement {number}", agreement=number)
    return row


def agreements_of(session: Session, company: Company) -> Sequence[Agreement]:
    """All agreements of a company, newest first."""
    query = sa.select(Agreement).where(Agreement.company_id == company.id).order_by(Agreement.starts_on.desc())
    return session.execute(query).scalars().all()


MOST_SCANS = 10  # of one agreement; a document of many pages is one PDF
LONGEST_NAME = 120  # characters


class ScanKind(Enum):
    """The kinds of scans, recognised by content."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """The media type."""
        return "application/pdf" if self is ScanKind.PDF else f"image/{self.value}"


class AgreementScan(Base):
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

    # The same file twice on one agreement is one scan, also when two processes add it at once.
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
class StoredScan:
    """A checked file in the store. ``name``: the name of the upload; ``size`` in bytes."""

    name: str
    kind: ScanKind
    measure: str
    size: int
    body_hash: str
    body_key: str
    original_hash: str


def check_scan_count(session: Session, agreement: Agreement) -> None:
    """Raise ``Invalid`` (``too_many_scans``) when the agreement has ``MOST_SCANS``."""
    if len(scans_of(session, agreement)) >= MOST_SCANS:
        raise Invalid([FieldError("file", "too_many_scans", f"an agreement has at most {MOST_SCANS} scans")])


def add_scan(
    session: Session, actor: Actor, number: str, kept: StoredScan, *, now: datetime
) -> tuple[AgreementScan, bool]:
    """Add a scan to an agreement; return it, and whether it is new: the same file again is not added.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` when there are too many.
    """
    actor.require(Permission.CONFIGURE)
    agreement = _lock_agreement(session, number)
    known = find_same_scan(session, agreement, kept.original_hash)
    if known is not None:
        return known, False
    check_scan_count(session, agreement)
    scan = AgreementScan(
        public=public_id("scn"), agreement_id=agreement.id, name=safe_file_name(kept.name, kept.kind), kind=kept.kind,
        measure=kept.measure, size=kept.size, body_hash=kept.body_hash, body_key=kept.body_key,
        original_hash=kept.original_hash, at=now, actor=actor.id, actor_name=actor.name,
    )  # fmt: skip
    session.add(scan)
    session.flush()
    details = {"scan": scan.public, "file": scan.name, "sha256": scan.body_hash, "size": scan.size}
    journal.record(session, actor.id, "agreement.scan_added", "agreement", agreement.number, details, now=now)
    return scan, True


def remove_scan(session: Session, actor: Actor, public: str, *, now: datetime) -> AgreementScan:
    """Remove a scan; its record stays. Removing it again changes nothing.

    Raises ``Forbidden``, ``NotFound``.
    """
    actor.require(Permission.CONFIGURE)
    query = sa.select(AgreementScan).where(AgreementScan.public == public).with_for_update(of=AgreementScan)
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


def find_scan(session: Session, public: str) -> AgreementScan:
    """The scan with this public id. Raises ``NotFound``, also for one that was removed."""
    row = session.execute(
        sa.select(AgreementScan).where(AgreementScan.public == public, AgreementScan.removed_at.is_(None))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no scan {public}", scan=public)
    return row


def find_same_scan(session: Session, agreement: Agreement, original_hash: str) -> AgreementScan | None:
    """The scan of this agreement with this upload hash, unless it was removed."""
    return next((scan for scan in scans_of(session, agreement) if scan.original_hash == original_hash), None)


def scans_of(session: Session, agreement: Agreement, *, removed: bool = False) -> list[AgreementScan]:
    """The scans of an agreement, oldest first; those that were removed when ``removed``."""
    gone = AgreementScan.removed_at.is_not(None) if removed else AgreementScan.removed_at.is_(None)
    query = sa.select(AgreementScan).where(AgreementScan.agreement_id == agreement.id, gone).order_by(AgreementScan.id)
    return list(session.execute(query).scalars())


def scan_counts(session: Session, agreement_ids: Iterable[int] | None = None) -> dict[int, int]:
    """How many scans each agreement has, by its id; those without any are left out. None: of all agreements."""
    query = (
        sa.select(AgreementScan.agreement_id, sa.func.count())
        .where(AgreementScan.removed_at.is_(None))
        .group_by(AgreementScan.agreement_id)
    )
    if agreement_ids is not None:
        query = query.where(AgreementScan.agreement_id.in_(list(agreement_ids)))
    return {row[0]: row[1] for row in session.execute(query)}


def safe_file_name(name: str, kind: ScanKind) -> str:
    """The name of the upload without folders and forbidden characters, with the suffix of its content:
    ``C:\\Ảnh\\quét 1.JPG`` of a PDF is ``quét 1.pdf``."""
    ending = "jpg" if kind is ScanKind.JPEG else kind.value
    last = nfc(name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in '"<>:|?*;')
    stem, dot, old = shown.rpartition(".")
    if dot and old.isalnum() and len(old) <= 5:
        shown = stem
    shown = " ".join(shown.split()).strip(". ")[: LONGEST_NAME - 6].rstrip(". ")
    return f"{shown or 'ban-quet'}.{ending}"


def _lock_agreement(session: Session, number: str) -> Agreement:
    """Lock the agreement until commit, so that two writers cannot both add the last scan allowed."""
    query = sa.select(Agreement).where(Agreement.number == number).with_for_update(of=Agreement, key_share=True)
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no agreement {number}", agreement=number)
    return row
