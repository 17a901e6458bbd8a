"""Republications: one bulletin on one site at one canonical address, with its status, life and evidence.

Of the addresses of one bulletin on one site exactly one is counted (``counted_copy``).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import Base, BigKey, UTCDateTime, by_value, public_id
from campaigns.core.clock import day_start
from campaigns.core.errors import NotFound
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.matching.pictures.comparison import PLAYED, MediaWay
from campaigns.partners.directory import Site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.lifecycle.correction_state import CorrectionState

# A partner's clock may be slightly fast; a publication time an hour ahead is an error.
FAST_CLOCK = dt.timedelta(minutes=5)
# Pages show minutes without seconds: "07:30" may be after a release at 07:30:20.
TIME_GRANULARITY = dt.timedelta(minutes=1)
# A person may see our name where the machine does not: in a picture, in a video, behind a click.
NOT_NAMING_US = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE, Attribution.NOT_SEEN})


class RepublicationStatus(Enum):
    """Status of a republication: whether it counts."""

    CANDIDATE = "candidate"  # seen or claimed, not judged yet
    REVIEW = "review"  # waiting for a person's decision
    CONFIRMED = "confirmed"  # counted
    REJECTED = "rejected"  # not counted
    DUPLICATE = "duplicate"  # another address of a copy that is counted on the same site; not counted


class RepublicationLife(Enum):
    """State of the copy on its page."""

    LIVE = "live"
    CHANGED = "changed"  # the confirmed text was edited, or it is outdated after a correction
    GONE = "gone"
    UNREADABLE = "unreadable"  # the page answers, and a program cannot read it; ``Page.unreadable`` says why


class BrowserLook(Enum):
    """Whether a copy was looked at with a browser, as a reader sees it, and what the last look showed."""

    NOT_NEEDED = "not_needed"  # one of the many that are not looked at
    NEEDED = "needed"  # waits for a look
    SEEN = "seen"  # text, source and link were seen
    PARTLY_SEEN = "partly_seen"  # less of the text was seen than was fetched
    DIFFERS = "differs"  # text, source or link was not seen, or the reader was sent elsewhere
    FAILED = "failed"  # the last look did not come to its end


WAITING_LOOKS = (BrowserLook.NEEDED, BrowserLook.FAILED)
LOOK_WAITS = "browser_look IN ('needed', 'failed')"  # the same, as the condition of an index

# The day of what belongs to none: copies on the sample site, which no period includes and so no figure counts.
NO_DAY = dt.date.min

# Rows that are no copy of their own: what was rejected, and other addresses of a counted copy.
NO_COPIES = frozenset({RepublicationStatus.REJECTED, RepublicationStatus.DUPLICATE})

# The columns by which lists filter and sort; covered by the lists' indexes, so that only shown rows are read.
COVERING_COLUMNS = ("id", "bulletin_id", "site_id", "attribution", "life")


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
    """One address of a copy. ``counted_on`` is the city's day it belongs to; it is counted once for ever. A copy on the
    sample site belongs to ``NO_DAY``.

    ``duplicate_of``: for a duplicate, the counted copy of the same bulletin on the same site. ``second_posting``: a
    person counted it beside that, because its text differs. ``addresses_seen``: of a counted copy, the number of its
    addresses when a person last looked at them, 0 if never.

    ``picture_agrees``: of a copy that is a picture, whether it is ours with no need of a person. ``revision``: the
    revision that the copy carries. ``decided_by``: the person whose decision overrides the machine's
    judgement, None without one. ``headline``, ``author``, ``image``, ``link_position``: from the page, at the last
    check that found the copy.

    ``confirmed_share``, ``confirmed_revision``, ``confirmed_rule``: what it carried when it was confirmed (or last seen
    to follow a correction), and the rules by which that was judged. ``stale``: its text is to be corrected or removed,
    or a person is to say whether it is; ``stale_since``: since when; ``followed_at``: when it was seen to follow the
    last correction. ``correction_state``: what the last look found of the last correction, with the reasons in
    ``correction_why``; None before that look, and for a bulletin that was not corrected. ``correction_said``: what a
    person said of it, which stands until the next correction. ``missing_since``: the first of the checks that did
    not find it, kept once it is gone; ``missing_why``: the reasons at the last of them. ``taken_from_id``,
    ``taken_from_site_id``: the copy, or only the site, that the page names as its source.

    ``reported_on``: the day of which an import says that the copy appeared, before the product was in use.

    ``attribution_said``: the attribution set by a person where the machine saw none. ``counter_image``: whether the
    page had the bulletin's counter image at the last check, None if not looked for. ``browser_look``: what the
    last look with a browser showed, at ``looked_at``; ``look_note``: why a look is needed, or what it showed.
    ``looks_disagree``: it showed something else than what was fetched, and no person has decided since; such a copy
    waits for a person and does not count. ``was_read``: whether evidence
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
    picture_agrees: Mapped[bool | None]
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
    correction_state: Mapped[CorrectionState | None] = mapped_column(by_value(CorrectionState, "correction_state"))
    correction_why: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    correction_said: Mapped[CorrectionState | None] = mapped_column(by_value(CorrectionState, "correction_said"))
    missing_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    missing_why: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    taken_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"))
    taken_from_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    attribution_said: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "attribution_said"))
    counter_image: Mapped[bool | None]
    looks_disagree: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    browser_look: Mapped[BrowserLook] = mapped_column(
        by_value(BrowserLook, "browser_look"), default=BrowserLook.NOT_NEEDED, server_default="not_needed"
    )
    looked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    look_note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    was_read: Mapped[bool] = mapped_column(server_default=sa.false(), deferred=True)
    reported_on: Mapped[dt.date | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"))
    second_posting: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    addresses_seen: Mapped[int] = mapped_column(default=0, server_default="0")

    # None of the three can be missing; with outer joins SQLite would join all bulletins and topics first.
    bulletin: Mapped[Bulletin] = relationship(innerjoin=True)
    site: Mapped[Site] = relationship(foreign_keys=[site_id], innerjoin=True)
    page: Mapped[Page] = relationship(innerjoin=True)
    taken_from: Mapped["Republication | None"] = relationship(remote_side=[id], foreign_keys=[taken_from_id])
    taken_from_site: Mapped[Site | None] = relationship(foreign_keys=[taken_from_site_id])
    duplicate_of: Mapped["Republication | None"] = relationship(remote_side=[id], foreign_keys=[duplicate_of_id])
    evidence: Mapped[list["Evidence"]] = relationship(back_populates="republication", order_by="Evidence.id")

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "site_id", "canonical_url"),
        # Not the other way round: a restored backup fills in references to rows of the same table last.
        sa.CheckConstraint("status = 'duplicate' OR duplicate_of_id IS NULL", name="duplicate_of"),
        # One bulletin on one site counts once, whatever the number of its addresses there.
        sa.Index(
            "uq_republications_counted",
            "bulletin_id",
            "site_id",
            unique=True,
            sqlite_where=sa.text("status = 'confirmed' AND NOT second_posting"),
            postgresql_where=sa.text("status = 'confirmed' AND NOT second_posting"),
        ),
        # For the other addresses of a copy; most copies have none.
        sa.Index(
            "ix_republications_duplicate_of_id",
            "duplicate_of_id",
            sqlite_where=sa.text("duplicate_of_id IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of_id IS NOT NULL"),
        ),
        # For the review queue; they are few.
        sa.Index(
            "ix_republications_looks_disagree",
            "id",
            sqlite_where=sa.text("looks_disagree IS 1"),
            postgresql_where=sa.text("looks_disagree IS TRUE"),
        ),
        # For the copies that no browser has looked at yet, by their days.
        sa.Index(
            "ix_republications_browser_look",
            "counted_on",
            sqlite_where=sa.text(LOOK_WAITS),
            postgresql_where=sa.text(LOOK_WAITS),
        ),
        # For lists of some days, in the order of the days.
        sa.Index("ix_republications_status_counted_on", "status", "counted_on", *COVERING_COLUMNS),
        # For the same days, and for figures of sites and bulletins in a period, from the index alone.
        sa.Index("ix_republications_counted_on", "counted_on", *COVERING_COLUMNS, "status", "match"),
        # For the reach of a bulletin beside each row of lists and the calendar.
        sa.Index("ix_republications_bulletin_id_status_life", "bulletin_id", "status", "life", "counted_on"),
        # For a partner's copies and the day of its last one, and for figures of every site in a period: SQLite reads
        # them in the order of the sites, so that it need not sort the copies of a year.
        sa.Index(
            "ix_republications_site_id_counted_on",
            *("site_id", "counted_on", "status", "bulletin_id", "attribution", "life", "match"),
        ),
        # For the lists, of one status and of all; covers the filter columns during a text search.
        sa.Index("ix_republications_status_first_seen_at", "status", "first_seen_at", *COVERING_COLUMNS),
        sa.Index("ix_republications_first_seen_at", "first_seen_at", *COVERING_COLUMNS),
        # For the review queue in its order, covering all columns of the review reasons: SQLite counts them without
        # reading rows. On PostgreSQL an index cannot hold ``reasons``, and its rows are read fast enough.
        sa.Index(
            "ix_republications_in_review",
            *("first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since"),
            "looks_disagree",
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
        """When the copy first appeared: its own publication time if plausible, else the day that was reported, else
        when we first saw it."""
        appeared = first_appearance(self.published_at, self.bulletin.out_since, self.first_seen_at)
        if self.reported_on is not None and appeared == self.first_seen_at:
            return day_start(self.reported_on)
        return appeared

    @property
    def correction_unclear(self) -> bool:
        """Whether a person has to say if it follows the last correction (``is_correction_unclear``)."""
        return self.stale and self.correction_state is CorrectionState.UNCLEAR

    @property
    def delay(self) -> dt.timedelta | None:
        """Time from our release to its appearance; negative for a page seen before, None without a release."""
        released = self.bulletin.release_at
        return self.appeared_at - released if released is not None else None


def may_carry_text() -> sa.ColumnElement[bool]:
    """The condition of rows whose page carries the text or may: not rejected, and no duplicate that was never read."""
    return sa.and_(
        Republication.status != RepublicationStatus.REJECTED,
        sa.or_(Republication.status != RepublicationStatus.DUPLICATE, Republication.match != Match.NONE),
    )


def has_outdated_text() -> sa.ColumnElement[bool]:
    """The condition of a copy whose text is to be corrected or removed, as far as that is known: of those of which a
    person has to say so it is false."""
    return sa.and_(Republication.stale.is_(True), sa.not_(is_correction_unclear()))


def is_correction_unclear() -> sa.ColumnElement[bool]:
    """The condition of a copy of which a person has to say whether it follows the last correction; never null. Few are
    stale, and those have an index."""
    unclear = sa.func.coalesce(Republication.correction_state == CorrectionState.UNCLEAR, sa.false())
    # Every stale copy has a moment. Without a condition on it SQLite reads all copies in place of the index.
    return sa.and_(Republication.stale.is_(True), Republication.stale_since.is_not(None), unclear)


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


def counted_day(site: Site, day: dt.date) -> dt.date:
    """The day on which something on a site counts: ``day``, and none on the sample site."""
    return NO_DAY if site.sample else day


def counted_as(row: Republication) -> dict[str, Any]:
    """What a copy counts for, for the journal's entry of a confirmation: a later change of the row alone does not fit
    it (``reporting/count_proof``)."""
    return {"bulletin": row.bulletin.code, "site": row.site.code, "counted_on": row.counted_on}


def counted_by(session: Session, row: Republication) -> dict[str, Any]:
    """``counted_as``, with the verdict of the newest evidence by which it counts: for the journal's entry of a copy
    that counts again, or in another's place, without a new look."""
    newest = sa.select(Evidence.body_hash, Evidence.match, Evidence.attribution).where(
        Evidence.republication_id == row.id
    )
    found = session.execute(newest.order_by(Evidence.id.desc()).limit(1)).first()
    verdict = {"page": found[0], "match": found[1], "attribution": found[2]} if found is not None else {}
    return counted_as(row) | verdict


def shown_attribution(machine: Attribution, by_person: Attribution | None) -> Attribution:
    """The attribution shown: the machine's, or a person's where the machine saw neither name nor link."""
    if by_person is None or by_person is Attribution.NOT_SEEN:
        return machine
    return by_person if machine in NOT_NAMING_US else machine


class Evidence(Base):
    """What was on the page at one moment; append-only, enforced by the database.

    ``passages``: quadruples of character offsets ``[ours_start, ours_end, theirs_start, theirs_end]`` into the
    revision's text and into ``page_text``. ``body_key``: key of the fetched page in the page store, ``capture_key``: of
    the web archive of this fetch; ``headers``: response headers, pairs of name and value. ``rejudged_from``: the
    evidence whose stored page was judged again under later rules; time and content of the fetch are in that row.
    ``picture``: of a bulletin found as a picture, video or audio, what was found (``medium_evidence``).
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
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
    picture: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    republication: Mapped[Republication] = relationship(back_populates="evidence")

    @property
    def content_type(self) -> str:
        """The Content-Type header of the response; '' without one."""
        return next((str(value) for name, value in self.headers or () if str(name).lower() == "content-type"), "")


def found_medium(row: Republication) -> Mapping[str, Any] | None:
    """What the newest evidence of a copy says of the picture, video or audio that it was found by; None for a text."""
    return row.evidence[-1].picture if row.evidence else None


def was_played(row: Republication) -> bool:
    """Whether a copy was found by a video or audio."""
    found = found_medium(row)
    return found is not None and MediaWay(found["by"]) in PLAYED


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


def machine_attribution(newest: NewestEvidence | None) -> Attribution:
    """The machine's attribution at the last check; NOT_SEEN for a page it has not read."""
    return newest.attribution if newest is not None else Attribution.NOT_SEEN


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
    together = sa.select(Republication.id).where(which).order_by(Republication.id)
    session.execute(together.with_for_update(of=Republication, key_share=True)).all()
    own = sa.select(Republication).where(Republication.page_id == page.id).order_by(Republication.id)
    return session.execute(own.execution_options(populate_existing=True)).scalars().all()


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
        attribution=Attribution.NOT_SEEN,
        reasons=[],
        first_seen_at=page.first_seen_at,
        counted_on=counted_day(page.site, day),
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
