"""Republications: one bulletin on one site at one canonical address, with its status, life and evidence."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import NotFound
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Site
from campaigns.republications.attribution.verdicts import Attribution

# A partner's clock may be slightly fast; a publication time an hour ahead is an error.
FAST_CLOCK = dt.timedelta(minutes=5)
# Pages show minutes without seconds: "07:30" may be after a release at 07:30:20.
TIME_GRANULARITY = dt.timedelta(minutes=1)
# A person may see our name where the machine does not: in a picture, in a video, behind a click.
NOT_NAMING_US = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE})


class RepublicationStatus(Enum):
    """Status of a republication: whether it counts."""

    CANDIDATE = "candidate"  # seen or claimed, not judged yet
    REVIEW = "review"  # waiting for a person's decision
    CONFIRMED = "confirmed"  # counted
    REJECTED = "rejected"  # not counted


class RepublicationLife(Enum):
    """State of the copy on its page."""

    LIVE = "live"
    CHANGED = "changed"  # the confirmed text was edited, or it is outdated after a correction
    GONE = "gone"


# The columns by which lists filter and sort; covered by the lists' indexes, so that only shown rows are read.
COVERING_COLUMNS = ("id", "bulletin_id", "site_id", "attribution", "life")

SECOND_ADDRESS = "second_address"  # the reason code of a copy that waits because of another address on its site


class EvidenceLevel(Enum):
    """Level of evidence, weakest first (``words.md``, "What counts as one")."""

    REPORTED = "reported"
    ANNOUNCED = "announced"
    COUNTED_IMAGE = "counted_image"
    DISCOVERED = "discovered"
    FETCHED = "fetched"
    MATCHED = "matched"
    ATTRIBUTED = "attributed"
    LIVE = "live"
    PERSON = "person"


class Republication(Base):
    """The unit that is counted. ``counted_on`` is the city's day it belongs to; it is counted once for ever.

    ``revision``: the revision that the copy carries. ``decided_by``: the person whose decision overrides the machine's
    judgement, None without one. ``headline``, ``author``, ``image``, ``link_position``: from the page, at the last
    check that found the copy.

    ``confirmed_share``, ``confirmed_revision``, ``confirmed_rule``: what it carried when it was confirmed (or last seen
    to follow a correction), and the rules by which that was judged. ``stale_since``: when its text became outdated;
    ``followed_at``: when it was seen to follow the last correction. ``missing_since``: the first of the checks that did
    not find it, kept once it is gone; ``missing_why``: the reasons at the last of them. ``taken_from_id``,
    ``taken_from_site_id``: the copy, or only the site, that the page names as its source.

    ``attribution_said``: the attribution set by a person where the machine saw none. ``counter_image``: whether the
    page had the bulletin's counter image at the last check, None if not looked for. ``was_read``: whether evidence
    exists, maintained by a database trigger.
    """

    __tablename__ = "republications"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    canonical_url: Mapped[str] = mapped_column(sa.String(2000))
    status: Mapped[RepublicationStatus] = mapped_column(by_value(RepublicationStatus, "status"))
    life: Mapped[RepublicationLife] = mapped_column(by_value(RepublicationLife, "life"))
    level: Mapped[EvidenceLevel] = mapped_column(by_value(EvidenceLevel, "level"))
    match: Mapped[Match] = mapped_column(by_value(Match, "match"))
    share: Mapped[float] = mapped_column(default=0.0)
    revision: Mapped[int | None]
    title_kept: Mapped[bool] = mapped_column(default=False)
    attribution: Mapped[Attribution] = mapped_column(by_value(Attribution, "attribution"))
    reasons: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    published_from: Mapped[str | None] = mapped_column(sa.String(20))
    first_seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    counted_on: Mapped[dt.date]
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    checked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    gone_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    stale: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    decided_by: Mapped[str | None] = mapped_column(sa.String(200))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    decision_note: Mapped[str] = mapped_column(sa.Text, default="")
    headline: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    author: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    image: Mapped[str] = mapped_column(sa.String(2000), default="", server_default="")
    link_position: Mapped[float | None]
    confirmed_share: Mapped[float | None]
    confirmed_revision: Mapped[int | None]
    confirmed_rule: Mapped[str | None] = mapped_column(sa.String(20))
    stale_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    followed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    missing_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    missing_why: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    taken_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"))
    taken_from_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    attribution_said: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "attribution_said"))
    counter_image: Mapped[bool | None]
    was_read: Mapped[bool] = mapped_column(server_default=sa.false(), deferred=True)

    # None of the three can be missing; with outer joins SQLite would join all bulletins and topics first.
    bulletin: Mapped[Bulletin] = relationship(innerjoin=True)
    site: Mapped[Site] = relationship(foreign_keys=[site_id], innerjoin=True)
    page: Mapped[Page] = relationship(innerjoin=True)
    taken_from: Mapped["Republication | None"] = relationship(remote_side=[id], foreign_keys=[taken_from_id])
    taken_from_site: Mapped[Site | None] = relationship(foreign_keys=[taken_from_site_id])
    evidence: Mapped[list["Evidence"]] = relationship(back_populates="republication", order_by="Evidence.id")

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "site_id", "canonical_url"),
        # For lists of some days, in the order of the days.
        sa.Index("ix_republications_status_counted_on", "status", "counted_on", *COVERING_COLUMNS),
        # For the same days, and for figures of sites and bulletins in a period, from the index alone.
        sa.Index("ix_republications_counted_on", "counted_on", *COVERING_COLUMNS, "status", "match"),
        # For the reach of a bulletin beside each row of lists and the calendar.
        sa.Index("ix_republications_bulletin_id_status_life", "bulletin_id", "status", "life"),
        # For a partner's copies, and the day of its last one.
        sa.Index("ix_republications_site_id_status", "site_id", "status", "counted_on"),
        # For the lists, of one status and of all; covers the filter columns during a text search.
        sa.Index("ix_republications_status_first_seen_at", "status", "first_seen_at", *COVERING_COLUMNS),
        sa.Index("ix_republications_first_seen_at", "first_seen_at", *COVERING_COLUMNS),
        # For the review queue in its order, covering all columns of the review reasons: SQLite counts them without
        # reading rows. On PostgreSQL an index cannot hold ``reasons``, and its rows are read fast enough.
        sa.Index(
            "ix_republications_in_review",
            *("first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since"),
            *("site_id", "bulletin_id", "page_id", "reasons"),
            sqlite_where=sa.text("status = 'review'"),
        ).ddl_if(dialect="sqlite"),
        # For the copies taken from this one; most copies have none.
        sa.Index(
            "ix_republications_taken_from_id",
            "taken_from_id",
            sqlite_where=sa.text("taken_from_id IS NOT NULL"),
            postgresql_where=sa.text("taken_from_id IS NOT NULL"),
        ),
        # For outdated copies, which the day's page lists; they are few.
        sa.Index(
            "ix_republications_stale_since",
            "stale_since",
            sqlite_where=sa.text("stale IS 1"),
            postgresql_where=sa.text("stale IS TRUE"),
        ),
    )

    @property
    def appeared_at(self) -> dt.datetime:
        """When the copy first appeared: its own publication time if plausible, else when we first saw it."""
        return first_appearance(self.published_at, self.bulletin.release_at, self.first_seen_at)

    @property
    def delay(self) -> dt.timedelta | None:
        """Time from our release to its appearance; negative for a page seen before, None without a release."""
        released = self.bulletin.release_at
        return self.appeared_at - released if released is not None else None

    @property
    def waits_beside(self) -> bool:
        """Whether it waits only because the site carries the text at another address too: both count once both have
        stayed for a day."""
        return self.status is RepublicationStatus.CANDIDATE and any(
            reason.startswith(SECOND_ADDRESS) for reason in self.reasons
        )


def first_appearance(
    published_at: dt.datetime | None, release_at: dt.datetime | None, first_seen_at: dt.datetime
) -> dt.datetime:
    """A page's own publication time if it lies between our release and our first sighting, else the latter.

    Partners' clocks and dates are not trusted further. A time within the minute of the release is the release time.
    """
    if published_at is None or release_at is None:
        return first_seen_at
    if release_at - TIME_GRANULARITY < published_at <= first_seen_at + FAST_CLOCK:
        return max(published_at, release_at)
    return first_seen_at


def shown_attribution(machine: Attribution, by_person: Attribution | None) -> Attribution:
    """The attribution shown: the machine's, or a person's where the machine saw neither name nor link."""
    return by_person if by_person is not None and machine in NOT_NAMING_US else machine


class Evidence(Base):
    """What was on the page at one moment; append-only, enforced by the database.

    ``passages``: quadruples of character offsets ``[ours_start, ours_end, theirs_start, theirs_end]`` into the
    revision's text and into ``page_text``. ``body_key``: key of the fetched page in the page store, ``capture_key``: of
    the web archive of this fetch; ``headers``: response headers, pairs of name and value. ``rejudged_from``: the
    evidence whose stored page was judged again under later rules; time and content of the fetch are in that row.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    republication_id: Mapped[int] = mapped_column(sa.ForeignKey("republications.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    status: Mapped[int]
    final_url: Mapped[str] = mapped_column(sa.String(2000))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str | None] = mapped_column(sa.String(200))
    capture_key: Mapped[str | None] = mapped_column(sa.String(200))
    headers: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    page_title: Mapped[str] = mapped_column(sa.Text, default="")
    page_text: Mapped[str] = mapped_column(sa.Text, default="")
    author: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    image: Mapped[str] = mapped_column(sa.String(2000), default="", server_default="")
    revision: Mapped[int | None]
    match: Mapped[Match] = mapped_column(by_value(Match, "evidence_match"))
    share: Mapped[float]
    longest_run: Mapped[int]
    title_kept: Mapped[bool]
    attribution: Mapped[Attribution] = mapped_column(by_value(Attribution, "evidence_attribution"))
    source_name: Mapped[str | None] = mapped_column(sa.String(300))
    source_link: Mapped[str | None] = mapped_column(sa.String(2000))
    link_position: Mapped[float | None]
    source_text: Mapped[str] = mapped_column(sa.Text, default="")
    source_where: Mapped[str] = mapped_column(sa.String(500), default="")
    passages: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    published_from: Mapped[str | None] = mapped_column(sa.String(20))
    reasons: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    rule_version: Mapped[str] = mapped_column(sa.String(20))
    fp_version: Mapped[str] = mapped_column(sa.String(20))
    # No foreign key: rows are never removed, and a restored backup could not fill it in without an update.
    rejudged_from: Mapped[int | None]

    republication: Mapped[Republication] = relationship(back_populates="evidence")

    @property
    def content_type(self) -> str:
        """The Content-Type header of the response; '' without one."""
        return next((str(value) for name, value in self.headers or () if str(name).lower() == "content-type"), "")


class PersonStatementMixin:
    """Columns of a statement, decision or upload about one copy. ``actor``: the journal's identifier; ``actor_name``:
    the displayed name."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    republication_id: Mapped[int] = mapped_column(sa.ForeignKey("republications.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))

    @declared_attr
    def republication(self) -> Mapped[Republication]:
        """The copy."""
        return relationship()


@dataclass(frozen=True)
class NewestEvidence:
    """The newest evidence of a copy, without the text of its page."""

    page_title: str
    attribution: Attribution
    source_name: str | None


def newest_evidence(session: Session, idents: Iterable[int]) -> dict[int, NewestEvidence]:
    """The newest evidence with a read page of each of these copies, by primary key, in one query."""
    last = (
        sa.select(sa.func.max(Evidence.id))
        .where(Evidence.republication_id.in_(list(idents)))
        .group_by(Evidence.republication_id)
    )
    query = sa.select(Evidence.republication_id, Evidence.page_title, Evidence.attribution, Evidence.source_name).where(
        Evidence.id.in_(last)
    )
    return {row[0]: NewestEvidence(row[1], row[2], row[3]) for row in session.execute(query)}


def find_republication(session: Session, public: str) -> Republication:
    """The republication with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Republication).where(Republication.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no republication {public}", republication=public)
    return row


def copies_on_page(session: Session, page: Page) -> Sequence[Republication]:
    """All republications on one page."""
    query = sa.select(Republication).where(Republication.page_id == page.id).order_by(Republication.id)
    return session.execute(query).scalars().all()


def lock_copies_on_page(session: Session, page: Page, *also: sa.ColumnElement[bool]) -> Sequence[Republication]:
    """``copies_on_page``, locked until commit and current, so that a concurrent decision is waited for and not
    overwritten. ``also``: conditions of further copies to lock with them."""
    which = sa.or_(Republication.page_id == page.id, *also)
    query = sa.select(Republication).where(which).order_by(Republication.id)
    locked = query.with_for_update(of=Republication, key_share=True).execution_options(populate_existing=True)
    return [row for row in session.execute(locked).scalars() if row.page_id == page.id]


def new_candidate(bulletin: Bulletin, page: Page, level: EvidenceLevel, day: dt.date) -> Republication:
    """A new row, not added yet, of a bulletin on a page that was not judged."""
    return Republication(
        public=public_id("rep"),
        bulletin_id=bulletin.id,
        site_id=page.site_id,
        page_id=page.id,
        url=page.url,
        canonical_url=page.canonical_url,
        status=RepublicationStatus.CANDIDATE,
        life=RepublicationLife.LIVE,
        level=level,
        match=Match.NONE,
        share=0.0,
        attribution=Attribution.NONE,
        reasons=[],
        first_seen_at=page.first_seen_at,
        counted_on=day,
        title_kept=False,
        decision_note="",
        stale=False,
        missing_why=[],
        bulletin=bulletin,
    )


def claim_copy(
    session: Session,
    actor: str,
    bulletin: Bulletin,
    page: Page,
    level: EvidenceLevel,
    *,
    day: dt.date,
    now: dt.datetime,
) -> Republication:
    """Record the claim that a page carries a bulletin, as a candidate until the page is read; an existing row is
    kept."""
    row = session.execute(
        sa.select(Republication).where(
            Republication.bulletin_id == bulletin.id,
            Republication.site_id == page.site_id,
            Republication.canonical_url == page.canonical_url,
        )
    ).scalar_one_or_none()
    if row is not None:
        return row
    row = new_candidate(bulletin, page, level, day)
    session.add(row)
    session.flush()
    details = {"bulletin": bulletin.code, "url": page.canonical_url, "level": level}
    journal.record(session, actor, "republication.claimed", "republication", row.public, details, now=now)
    return row


# Of two rows for one copy, the one with the weightier status is kept.
_STATUS_WEIGHT = (
    RepublicationStatus.CONFIRMED,
    RepublicationStatus.REVIEW,
    RepublicationStatus.REJECTED,
    RepublicationStatus.CANDIDATE,
)


def move_copies(session: Session, page: Page, counted: Page, *, now: dt.datetime) -> None:
    """Move the copies of a page to the page it counts under, ``counted`` (``page`` itself if only its address changed).

    Where both addresses have a row for one bulletin, it is one copy: the row counted first stays and the other is
    rejected. Two rows that both count, since both stayed for a day, keep counting; the one whose page is now an alias
    is gone. The caller has locked the copies of both.
    """
    rivals = {row.bulletin_id: row for row in copies_on_page(session, counted)} if counted.id != page.id else {}
    for row in copies_on_page(session, page):
        rival = rivals.get(row.bulletin_id)
        if rival is None:
            row.page_id, row.url, row.canonical_url = counted.id, counted.url, counted.canonical_url
            session.flush()
            continue
        kept, other = sorted(
            (row, rival), key=lambda copy: (copy.decided_by is None, _STATUS_WEIGHT.index(copy.status), copy.id)
        )
        if kept is row:
            _swap_addresses(session, row, rival)
        _retire_duplicate(session, other, now)


def _swap_addresses(session: Session, republication: Republication, other: Republication) -> None:
    first = (republication.page_id, republication.url, republication.canonical_url)
    second = (other.page_id, other.url, other.canonical_url)
    republication.canonical_url = (
        f"{republication.canonical_url}#"  # temporary: never canonical, so the two are not equal at any time
    )
    session.flush()
    other.page_id, other.url, other.canonical_url = first
    session.flush()
    republication.page_id, republication.url, republication.canonical_url = second
    session.flush()


def _retire_duplicate(session: Session, row: Republication, now: dt.datetime) -> None:
    why = "same_page: this address leads to another one of this site, which counts"
    details = {"url": row.canonical_url, "why": "the page is one with another of this site"}
    if row.status is RepublicationStatus.CONFIRMED:
        if row.life is RepublicationLife.GONE:
            return
        row.life, row.gone_at, row.stale, act = RepublicationLife.GONE, now, False, "republication.gone"
        row.missing_since, row.missing_why = now, [why]
    elif row.decided_by is None and row.status is not RepublicationStatus.REJECTED:
        row.status, row.reasons, act = RepublicationStatus.REJECTED, [why], "republication.rejected"
    else:
        return
    session.flush()
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
