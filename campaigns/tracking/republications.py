"""What is counted: one bulletin on one site at one canonical address, its status, its life, and the proof kept."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.sightings import Page

# A partner's clock may be a little fast; a page that says it will be published in an hour is mistaken.
FAST_CLOCK = dt.timedelta(minutes=5)
# Pages tell minutes and cut the seconds off: "07:30" may well be after a release at 07:30:20.
TOLD_TO = dt.timedelta(minutes=1)
# Where no machine sees us named, a person may: on a picture, in a film, behind a press.
UNNAMED = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE})


class Status(Enum):
    """Whether it counts."""

    CANDIDATE = "candidate"  # seen or claimed, not judged yet
    REVIEW = "review"  # waits for a person
    CONFIRMED = "confirmed"  # counted
    REJECTED = "rejected"  # not counted


class Life(Enum):
    """What became of the copy."""

    LIVE = "live"
    CHANGED = "changed"  # no longer carries the text it was confirmed with, or an old one after a correction
    GONE = "gone"


# What is asked of each copy in the order of a list: held by the lists' indexes, so that a row is read only to be shown.
ASKED_OF_EACH = ("id", "bulletin_id", "site_id", "attribution", "life")

SECOND_ADDRESS = "second_address"  # begins the reason of a copy that waits beside another of its site


class Level(Enum):
    """How far the evidence reaches, weakest first (the ladder of words.md)."""

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
    """The unit that is counted. ``counted_on`` is the day of the city it belongs to; counted once for ever.

    ``revision``: the revision of ours that the copy carries. ``decided_by``: the person whose word stands over the
    machine's; None while the machine's judgement holds. ``headline``, ``author``, ``image``, ``link_position``: as the
    page showed them at the last look that found the copy.

    What became of it: ``confirmed_share``, ``confirmed_revision``, ``confirmed_rule`` are what it carried when it was
    confirmed (or last seen to follow a correction), and by which rules that was judged. ``stale_since``: when the text
    it carries was overtaken; ``followed_at``: when it was seen to follow the last correction. ``missing_since``: the
    first of the looks that did not find it, kept once it is gone; ``missing_why``: what the last of them saw.
    ``taken_from_id``, ``taken_from_site_id``: the copy, or the site alone, that the page names as its source.

    ``attribution_said``: how a person says that the page names us, where no machine saw it. ``counter_image``: whether
    the page held the bulletin's counter image at the last look; None while nobody has looked for it. ``was_read``:
    whether there is evidence of it, written by the database itself.
    """

    __tablename__ = "republications"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    canonical_url: Mapped[str] = mapped_column(sa.String(2000))
    status: Mapped[Status] = mapped_column(by_value(Status, "status"))
    life: Mapped[Life] = mapped_column(by_value(Life, "life"))
    level: Mapped[Level] = mapped_column(by_value(Level, "level"))
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

    # None of the three can be missing. An outer join would have SQLite put every bulletin and its topic together.
    bulletin: Mapped[Bulletin] = relationship(innerjoin=True)
    site: Mapped[Site] = relationship(foreign_keys=[site_id], innerjoin=True)
    page: Mapped[Page] = relationship(innerjoin=True)
    taken_from: Mapped["Republication | None"] = relationship(remote_side=[id], foreign_keys=[taken_from_id])
    taken_from_site: Mapped[Site | None] = relationship(foreign_keys=[taken_from_site_id])
    evidence: Mapped[list["Evidence"]] = relationship(back_populates="republication", order_by="Evidence.id")

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "site_id", "canonical_url"),
        # The lists of some days, which have them in the order of the days.
        sa.Index("ix_republications_status_counted_on", "status", "counted_on", *ASKED_OF_EACH),
        sa.Index("ix_republications_counted_on", "counted_on", *ASKED_OF_EACH),
        # How far a bulletin went, beside every line of the lists and the calendar.
        sa.Index("ix_republications_bulletin_id_status_life", "bulletin_id", "status", "life"),
        # A partner's copies, and the day of its last one.
        sa.Index("ix_republications_site_id_status", "site_id", "status", "counted_on"),
        # The lists: of one status, and of all; with what is asked of each in its turn when words are looked for.
        sa.Index("ix_republications_status_first_seen_at", "status", "first_seen_at", *ASKED_OF_EACH),
        sa.Index("ix_republications_first_seen_at", "first_seen_at", *ASKED_OF_EACH),
        # The review queue in its order, with all that its doubts are told by: SQLite reads no row to count them. On
        # PostgreSQL an index cannot hold the reasons, and its rows are read fast enough.
        sa.Index(
            "ix_republications_in_review",
            *("first_seen_at", "id", "match", "life", "attribution", "counter_image", "checked_at", "missing_since"),
            *("site_id", "bulletin_id", "page_id", "reasons"),
            sqlite_where=sa.text("status = 'review'"),
        ).ddl_if(dialect="sqlite"),
        # The copies that were taken from this one; most were taken from none.
        sa.Index(
            "ix_republications_taken_from_id",
            "taken_from_id",
            sqlite_where=sa.text("taken_from_id IS NOT NULL"),
            postgresql_where=sa.text("taken_from_id IS NOT NULL"),
        ),
        # What carries an overtaken text is looked for on the day's page; there are few of them.
        sa.Index(
            "ix_republications_stale_since",
            "stale_since",
            sqlite_where=sa.text("stale IS 1"),
            postgresql_where=sa.text("stale IS TRUE"),
        ),
    )

    @property
    def appeared_at(self) -> dt.datetime:
        """When the copy first appeared: its own publication time when plausible, else when we first saw it."""
        return appeared(self.published_at, self.bulletin.release_at, self.first_seen_at)

    @property
    def delay(self) -> dt.timedelta | None:
        """How long after our release it appeared; negative for a page seen before it, None without a release."""
        released = self.bulletin.release_at
        return self.appeared_at - released if released is not None else None

    @property
    def waits_beside(self) -> bool:
        """Whether it waits for no other reason than that the site carries the same text at another address too: they
        are two once both have stayed for a day."""
        return self.status is Status.CANDIDATE and any(one.startswith(SECOND_ADDRESS) for one in self.reasons)


def appeared(
    published_at: dt.datetime | None, release_at: dt.datetime | None, first_seen_at: dt.datetime
) -> dt.datetime:
    """A page's own publication time when it lies between our release and when we first saw the page, else the latter.

    Partners' clocks and dates cannot be trusted further than that. A time within the minute of the release is that of
    the release.
    """
    if published_at is None or release_at is None:
        return first_seen_at
    if release_at - TOLD_TO < published_at <= first_seen_at + FAST_CLOCK:
        return max(published_at, release_at)
    return first_seen_at


def shown_attribution(machine: Attribution, said: Attribution | None) -> Attribution:
    """How a copy names us: as the machine saw it, or as a person said where it saw nothing of us."""
    return said if said is not None and machine in UNNAMED else machine


class Evidence(Base):
    """What was on the page at one moment, kept for good: never edited, only added to; the database itself refuses.

    ``passages``: quadruples of character offsets ``[ours_start, ours_end, theirs_start, theirs_end]`` into the
    revision's text and into ``page_text``. ``body_key`` names what the page as it was fetched can be read from, in the
    store of kept pages, ``capture_key`` the web archive of this very fetch; ``headers`` are the answer's, pairs of name
    and value. ``rejudged_from`` is the evidence whose kept page was judged again under later rules; what was fetched,
    and when, is then told by that one.
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
        """As the answer's header said it; '' when it did not."""
        return next((str(value) for name, value in self.headers or () if str(name).lower() == "content-type"), "")


class ByPerson:
    """Columns of what somebody says, decides or hands in about one copy. ``actor``: as the journal names whoever it
    was; ``actor_name``: as people do."""

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
class Newest:
    """What the newest evidence of a copy says, without the text of its page."""

    page_title: str
    attribution: Attribution
    source_name: str | None


def newest_of(session: Session, idents: Iterable[int]) -> dict[int, Newest]:
    """The newest evidence of each of these copies that was read, by primary key, in one query."""
    last = (
        sa.select(sa.func.max(Evidence.id))
        .where(Evidence.republication_id.in_(list(idents)))
        .group_by(Evidence.republication_id)
    )
    query = sa.select(Evidence.republication_id, Evidence.page_title, Evidence.attribution, Evidence.source_name).where(
        Evidence.id.in_(last)
    )
    return {row[0]: Newest(row[1], row[2], row[3]) for row in session.execute(query)}


def find_republication(session: Session, public: str) -> Republication:
    """The republication with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Republication).where(Republication.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no republication {public}", republication=public)
    return row


def of_page(session: Session, page: Page) -> Sequence[Republication]:
    """Every republication on one page."""
    query = sa.select(Republication).where(Republication.page_id == page.id).order_by(Republication.id)
    return session.execute(query).scalars().all()


def held(session: Session, page: Page, *also: sa.ColumnElement[bool]) -> Sequence[Republication]:
    """``of_page``, locked until the caller commits and as they are now: what a person is concluding at this moment is
    waited for, and is not written over. ``also``: other copies that are locked with them."""
    which = sa.or_(Republication.page_id == page.id, *also)
    query = sa.select(Republication).where(which).order_by(Republication.id)
    locked = query.with_for_update(of=Republication, key_share=True).execution_options(populate_existing=True)
    return [row for row in session.execute(locked).scalars() if row.page_id == page.id]


def first_noted(bulletin: Bulletin, page: Page, level: Level, day: dt.date) -> Republication:
    """The row of a bulletin on a page that nobody has judged yet, to be added."""
    return Republication(
        public=public_id("rep"),
        bulletin_id=bulletin.id,
        site_id=page.site_id,
        page_id=page.id,
        url=page.url,
        canonical_url=page.canonical_url,
        status=Status.CANDIDATE,
        life=Life.LIVE,
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
    session: Session, actor: str, bulletin: Bulletin, page: Page, level: Level, *, day: dt.date, now: dt.datetime
) -> Republication:
    """Somebody says that a page carries a bulletin. It is a candidate until we have read the page; a known one is
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
    row = first_noted(bulletin, page, level, day)
    session.add(row)
    session.flush()
    details = {"bulletin": bulletin.code, "url": page.canonical_url, "level": level}
    journal.record(session, actor, "republication.claimed", "republication", row.public, details, now=now)
    return row
