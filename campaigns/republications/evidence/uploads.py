"""Uploaded pictures and documents by which a person confirms a copy that no machine can read, behind a sign-in.

Uploads are append-only. The stored file is re-encoded from the upload; ``original_hash`` is that of the upload itself,
so that its owner can prove that it is the same.
"""

import datetime as dt
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners.directory import Site, SiteKind, site_of
from campaigns.people.staff import Actor, Permission
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    EvidenceLevel,
    PersonStatementMixin,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    claim_copy,
    counted_as,
    counted_day,
)
from campaigns.republications.review import decisions
from campaigns.republications.social.posts import check_second_person, reported_attribution

CLOCK_TOLERANCE = dt.timedelta(minutes=5)  # a person's clock may be slightly fast


class EvidenceUploadKind(Enum):
    """The type of a file, determined from its content."""

    PNG = "png"
    JPEG = "jpeg"
    PDF = "pdf"


class EvidenceUpload(PersonStatementMixin, Base):
    """One uploaded file that shows a copy. ``seen_at``: when the person saw the page; ``at``: when it was uploaded.

    ``measure``: a picture's width and height as ``1200x800``, a document's number of pages.
    """

    __tablename__ = "evidence_uploads"

    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[EvidenceUploadKind] = mapped_column(by_value(EvidenceUploadKind, "upload_kind"))
    measure: Mapped[str] = mapped_column(sa.String(20))
    size: Mapped[int]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    original_hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.UniqueConstraint("republication_id", "original_hash"),)


@dataclass(frozen=True)
class StoredFile:
    """A checked file in the store. ``size``: in bytes."""

    kind: EvidenceUploadKind
    measure: str
    size: int
    body_hash: str
    body_key: str
    original_hash: str


def bulletin_and_site(
    session: Session, code: str, url: str, seen_at: dt.datetime, *, now: dt.datetime
) -> tuple[Bulletin, Site]:
    """The released bulletin and the registered site of an upload. Raises ``Invalid`` naming every bad field.

    Called before a file is checked and again before it is recorded.
    """
    errors = []
    bulletin = session.execute(sa.select(Bulletin).where(Bulletin.code == code)).scalar_one_or_none()
    if bulletin is None or bulletin.release_at is None or bulletin.release_at > now or bulletin.released is None:
        errors.append(FieldError("bulletin", "unknown_bulletin", f"there is no released bulletin {code!r}"))
    elif seen_at < bulletin.release_at:
        errors.append(FieldError("seen_at", "before_release", f"{code} was released at {bulletin.release_at}, later"))
    site = site_of(session, url)
    if site is None:
        errors.append(FieldError("url", "unknown_site", f"{url!r} lies on no registered site"))
    if seen_at > now + CLOCK_TOLERANCE:
        errors.append(FieldError("seen_at", "future", f"{seen_at.isoformat()} is in the future"))
    if errors or bulletin is None or site is None:
        raise Invalid(errors)
    return bulletin, site


def confirm_by_upload(
    session: Session,
    actor: Actor,
    code: str,
    url: str,
    seen_at: dt.datetime,
    note: str,
    kept: StoredFile,
    *,
    attribution: Attribution | None = None,
    second_posting: bool = False,
    now: dt.datetime,
) -> EvidenceUpload:
    """Confirm a copy by an upload. All variants of the address are one copy. The decision can be undone; the upload
    stays. ``attribution``: what the file shows of the source, as in ``decide``. ``second_posting``: count it beside
    another address of its site, since its text differs.

    Raises ``Forbidden``, ``Invalid`` without a note, for a bad field, or when the copy already has this file, and what
    ``counted_copy.check_confirmable`` and ``check_second_person`` raise.
    """
    actor.require(Permission.REVIEW)
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what is to be seen")])
    bulletin, site = bulletin_and_site(session, code, url, seen_at, now=now)
    counted_copy.lock_site_copies(session, [site.id])
    page, new = record_sighting(session, site, url, SightingMethod.PERSON, actor.id, bulletin=bulletin, now=now)
    if site.kind is SiteKind.SOCIAL or (new and page.checked_at is None):
        # A machine would get a sign-in form there and consider the copy removed.
        page.behind_sign_in, page.due_at = True, None
    day = city_day(seen_at)
    noted = claim_copy(session, actor.id, bulletin, page, EvidenceLevel.PERSON, day=day, now=now)
    (row,) = decisions.lock_public_copies(session, [noted.public])
    check_second_person(session, actor.id, row, with_picture=True)
    counted_copy.check_confirmable(session, row, second_posting=second_posting)
    same = sa.select(EvidenceUpload.id).where(
        EvidenceUpload.republication_id == row.id, EvidenceUpload.original_hash == kept.original_hash
    )
    if session.execute(same).first() is not None:
        raise Invalid([FieldError("file", "known_file", "this file is kept on this copy already")])
    if attribution is not None and not decisions.may_say_attribution(session, row, attribution):
        raise Invalid([FieldError("attribution", "not_to_say", "only what no machine saw")])
    if attribution is None and row.attribution_said is None:
        attribution = reported_attribution(session, row)
    exhibit = EvidenceUpload(
        public=public_id("exh"), republication_id=row.id, at=now, seen_at=seen_at, actor=actor.id,
        actor_name=actor.name, note=note.strip(), kind=kept.kind, measure=kept.measure, size=kept.size,
        body_hash=kept.body_hash, body_key=kept.body_key, original_hash=kept.original_hash,
    )  # fmt: skip
    session.add(exhibit)
    before = row.status
    if row.confirmed_at is None:  # the counted day is fixed once it counts
        row.counted_on = counted_day(row.site, min(day, city_day(row.first_seen_at)))
    made = decisions.record_decision(
        session, actor, row, RepublicationStatus.CONFIRMED, note, attribution=attribution,
        second_posting=second_posting or row.second_posting, now=now,
    )  # fmt: skip
    if row.checked_at is None:
        row.life = RepublicationLife.LIVE
    session.flush()
    details = {
        **counted_as(row), "note": note.strip(), "before": before, "exhibit": exhibit.public, "sha256": kept.body_hash,
        "seen_at": seen_at, "url": row.canonical_url, "decision": made.public,
    }  # fmt: skip
    if attribution is not None:
        details["attribution"] = attribution
    if made.second_posting:
        details["second_posting"] = True
    journal.record(session, actor.id, "republication.confirmed", "republication", row.public, details, now=now)
    return exhibit


# Who made a picture of a page: a browser as a reader's, and the same with the agent of the checker.
SCREENSHOT_BY = "browser"
CHECKER_PICTURE_BY = "checker"


def add_screenshot(
    session: Session, row: Republication, kept: StoredFile, note: str, by: str = SCREENSHOT_BY, *, now: dt.datetime
) -> None:
    """Keep a browser's picture of the page of a copy as evidence. The same picture is kept once."""
    same = sa.select(EvidenceUpload.id).where(
        EvidenceUpload.republication_id == row.id, EvidenceUpload.original_hash == kept.original_hash
    )
    if session.execute(same).first() is not None:
        return
    session.add(
        EvidenceUpload(
            public=public_id("exh"), republication_id=row.id, at=now, seen_at=now, actor=journal.SYSTEM,
            actor_name=by, note=note, kind=kept.kind, measure=kept.measure, size=kept.size,
            body_hash=kept.body_hash, body_key=kept.body_key, original_hash=kept.original_hash,
        )
    )  # fmt: skip
    session.flush()


def uploads_of(session: Session, row: Republication) -> list[EvidenceUpload]:
    """The uploads of one copy, oldest first."""
    query = sa.select(EvidenceUpload).where(EvidenceUpload.republication_id == row.id).order_by(EvidenceUpload.id)
    return list(session.execute(query).scalars())


def find_upload(session: Session, public: str) -> EvidenceUpload:
    """The upload with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(EvidenceUpload).where(EvidenceUpload.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no exhibit {public}", exhibit=public)
    return row
