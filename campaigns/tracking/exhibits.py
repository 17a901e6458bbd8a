"""Pictures and papers by which a person vouches for a copy that no machine can read: pages behind a sign-in.

An exhibit is never edited, only added to. Its file lies in the store of kept pages, made anew from what was uploaded;
``original_hash`` is that of the upload itself, so that whoever holds it can show that it is the same.
"""

import datetime as dt
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners.directory import Site, SiteKind, site_of
from campaigns.people.staff import Actor, May
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import deciding
from campaigns.tracking.republications import ByPerson, Level, Life, Republication, Status, claim_copy
from campaigns.tracking.sightings import How, see

AHEAD = dt.timedelta(minutes=5)  # a person's clock may be a little fast


class ExhibitKind(Enum):
    """What an exhibit is, told by its content."""

    PNG = "png"
    JPEG = "jpeg"
    PDF = "pdf"


class Exhibit(ByPerson, Base):
    """One file that shows a copy. ``seen_at``: when the person saw the page; ``at``: when it was handed in.

    ``measure``: a picture's width and height as ``1200x800``, a paper's number of pages.
    """

    __tablename__ = "exhibits"

    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[ExhibitKind] = mapped_column(by_value(ExhibitKind, "exhibit_kind"))
    measure: Mapped[str] = mapped_column(sa.String(20))
    size: Mapped[int]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    original_hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.UniqueConstraint("republication_id", "original_hash"),)


@dataclass(frozen=True)
class Kept:
    """A checked file as it lies in the store. ``size`` in bytes."""

    kind: ExhibitKind
    measure: str
    size: int
    body_hash: str
    body_key: str
    original_hash: str


def place_of(session: Session, code: str, url: str, seen_at: dt.datetime, *, now: dt.datetime) -> tuple[Bulletin, Site]:
    """The released bulletin and the registered site that are meant. Raises ``Invalid`` naming every bad field.

    To be asked before a file is looked at and again when it is written down.
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
    if seen_at > now + AHEAD:
        errors.append(FieldError("seen_at", "future", f"{seen_at.isoformat()} is in the future"))
    if errors or bulletin is None or site is None:
        raise Invalid(errors)
    return bulletin, site


def vouch(
    session: Session,
    actor: Actor,
    code: str,
    url: str,
    seen_at: dt.datetime,
    note: str,
    kept: Kept,
    *,
    now: dt.datetime,
) -> Exhibit:
    """A person confirms a copy by what they saw and kept. All variants of the address are one copy. It is a conclusion
    like any other and can be taken back; the exhibit stays.

    Raises ``Forbidden`` for a role that may not, ``Invalid`` without a note or for a field that is wrong, also when
    this very file is on the copy already.
    """
    actor.require(May.REVIEW)
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what is to be seen")])
    bulletin, site = place_of(session, code, url, seen_at, now=now)
    page, new = see(session, site, url, How.PERSON, actor.id, bulletin=bulletin, now=now)
    if site.kind is SiteKind.SOCIAL or (new and page.checked_at is None):
        # What a machine would be given there is a sign-in form; it would take the copy for gone.
        page.behind_sign_in, page.due_at = True, None
    day = city_day(seen_at)
    noted = claim_copy(session, actor.id, bulletin, page, Level.PERSON, day=day, now=now)
    (row,) = deciding.together(session, [noted.public])
    same = sa.select(Exhibit.id).where(Exhibit.republication_id == row.id, Exhibit.original_hash == kept.original_hash)
    if session.execute(same).first() is not None:
        raise Invalid([FieldError("file", "known_file", "this file is kept on this copy already")])
    exhibit = Exhibit(
        public=public_id("exh"), republication_id=row.id, at=now, seen_at=seen_at, actor=actor.id,
        actor_name=actor.name, note=note.strip(), kind=kept.kind, measure=kept.measure, size=kept.size,
        body_hash=kept.body_hash, body_key=kept.body_key, original_hash=kept.original_hash,
    )  # fmt: skip
    session.add(exhibit)
    before = row.status
    if row.confirmed_at is None:  # the day it counts for does not move once it is counted
        row.counted_on = min(day, city_day(row.first_seen_at))
    made = deciding.conclude(session, actor, row, Status.CONFIRMED, note, now=now)
    if row.checked_at is None:
        row.life = Life.LIVE
    session.flush()
    details = {
        "note": note.strip(), "before": before, "exhibit": exhibit.public, "sha256": kept.body_hash,
        "seen_at": seen_at, "url": row.canonical_url, "decision": made.public,
    }  # fmt: skip
    journal.record(session, actor.id, "republication.confirmed", "republication", row.public, details, now=now)
    return exhibit


def exhibits_of(session: Session, row: Republication) -> list[Exhibit]:
    """The exhibits of one copy, oldest first."""
    query = sa.select(Exhibit).where(Exhibit.republication_id == row.id).order_by(Exhibit.id)
    return list(session.execute(query).scalars())


def find_exhibit(session: Session, public: str) -> Exhibit:
    """The exhibit with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Exhibit).where(Exhibit.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no exhibit {public}", exhibit=public)
    return row
