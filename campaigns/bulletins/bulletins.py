"""Bulletins and their revisions. Revisions are immutable: a changed text is a new row with another hash."""

import datetime as dt
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import city_day, day_start
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import fold
from campaigns.planning.campaigns import Campaign, Topic, campaign_topics


class BulletinState(Enum):
    """State of a bulletin. A correction is a new revision of a published bulletin, not a state."""

    DRAFT = "draft"  # being written; also after it was returned
    SUBMITTED = "submitted"  # waits for approval by another person
    APPROVED = "approved"  # approved, not yet timed
    SCHEDULED = "scheduled"  # approved and timed; nobody outside sees it before release_at
    PUBLISHED = "published"  # out
    RECALLED = "recalled"  # withdrawn, with a notice where it was


class Bulletin(Base):
    """One official piece with a code and a public address.

    Revision numbers: ``latest`` is the newest text; ``approved`` the approved one; ``released`` the one
    outsiders see once ``release_at`` has passed; ``pending`` a correction that waits for approval. ``changed_at``
    orders what outsiders may see (release, correction, recall). ``wanted_channels``: codes of channels; None = all
    that are entitled. ``writer`` is the actor's id, ``writer_name`` what people read.

    ``reported_on``: the day of a bulletin that was published before the product was in use, and was imported; None for
    every other. It is published and never released here: no ``released``, ``release_at`` or ``changed_at``, so that no
    reader sees it and nothing is sent. ``source_url`` is then its address, ``reported_number`` its number at the time.
    ``came_by``: the public id of its import.

    ``template_version_id``: the text of a template that it was begun from (``templates.py``).
    """

    __tablename__ = "bulletins"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[BulletinState] = mapped_column(by_value(BulletinState, "state"), default=BulletinState.DRAFT)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    writer: Mapped[str] = mapped_column(sa.String(200))
    writer_name: Mapped[str] = mapped_column(sa.String(120))
    source_url: Mapped[str | None] = mapped_column(sa.String(1000))
    wanted_channels: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    counter_token: Mapped[str] = mapped_column(sa.String(32), unique=True)
    search: Mapped[str] = mapped_column(sa.Text, default="")  # folded title, lead and code of the latest revision

    latest: Mapped[int] = mapped_column(default=1)
    approved: Mapped[int | None]
    released: Mapped[int | None]
    pending: Mapped[int | None]

    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    release_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    released_on: Mapped[dt.date | None]
    changed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    recalled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    recall_reason: Mapped[str] = mapped_column(sa.Text, default="")
    return_note: Mapped[str] = mapped_column(sa.Text, default="")

    reported_on: Mapped[dt.date | None]
    reported_number: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")
    came_by: Mapped[str | None] = mapped_column(sa.String(32))
    template_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletin_template_versions.id"))

    topic: Mapped[Topic] = relationship(lazy="joined", innerjoin=True)
    campaign: Mapped[Campaign | None] = relationship()
    revisions: Mapped[list["Revision"]] = relationship(back_populates="bulletin", order_by="Revision.number")

    __table_args__ = (
        # ``released`` decides what outsiders see (visibility.py), so that no draft can have one.
        sa.CheckConstraint(
            "released IS NULL OR state IN ('scheduled', 'published', 'recalled')", name="released_states"
        ),
        # An imported bulletin is never visible to outsiders.
        sa.CheckConstraint("reported_on IS NULL OR released IS NULL", name="reported_never_released"),
        # Imported bulletins by day, for figures of periods before the product was in use.
        sa.Index(
            "ix_bulletins_reported_on",
            "reported_on",
            "topic_id",
            sqlite_where=sa.text("reported_on IS NOT NULL"),
            postgresql_where=sa.text("reported_on IS NOT NULL"),
        ),
        # Feeds, the API and pages read released bulletins in the order of their changes (visibility.py).
        sa.Index("ix_bulletins_changed_at", "changed_at", "id"),
        # The release tick looks for scheduled rows whose time has come.
        sa.Index("ix_bulletins_state_release_at", "state", "release_at"),
        # The archive, the newest release first, of one topic or of all: filtered and skipped in the index alone.
        sa.Index("ix_bulletins_topic_id", "topic_id", "release_at", "id", "released", "changed_at"),
        sa.Index("ix_bulletins_release_at", "release_at", "id", "released", "changed_at"),
        # Corrected and recalled bulletins, which are few: only they change after their release.
        sa.Index(
            "ix_bulletins_changed_later",
            "changed_at",
            "id",
            sqlite_where=sa.text("changed_at > release_at"),
            postgresql_where=sa.text("changed_at > release_at"),
        ),
        # A campaign's bulletins, for figures that are not sums.
        sa.Index("ix_bulletins_filed", "campaign_id", "topic_id"),
        # The list of bulletins, last edited first.
        sa.Index("ix_bulletins_edited_at", "edited_at", "id"),
        # Numbers published on each day, read from the index alone.
        sa.Index("ix_bulletins_released_on", "released_on", "state", "campaign_id", "topic_id"),
        # The removals begin with recalled bulletins, which are few.
        sa.Index(
            "ix_bulletins_recalled_at",
            "recalled_at",
            sqlite_where=sa.text("recalled_at IS NOT NULL"),
            postgresql_where=sa.text("recalled_at IS NOT NULL"),
        ),
        # Every page counts the corrections that wait for approval in its menu.
        sa.Index(
            "ix_bulletins_pending",
            "pending",
            sqlite_where=sa.text("pending IS NOT NULL"),
            postgresql_where=sa.text("pending IS NOT NULL"),
        ),
    )

    @property
    def out_since(self) -> dt.datetime | None:
        """When it became public: its release, or the beginning of the day of an imported one; None before that."""
        return day_start(self.reported_on) if self.reported_on is not None else self.release_at

    def revision(self, number: int) -> "Revision":
        """The revision with this number."""
        session = sa.orm.object_session(self)
        assert session is not None, "a bulletin outside a session has no revisions to read"  # noqa: S101  # a bug, not input
        row = session.execute(
            sa.select(Revision).where(Revision.bulletin_id == self.id, Revision.number == number)
        ).scalar_one_or_none()
        if row is None:
            raise NotFound(f"{self.code} has no revision {number}", bulletin=self.code, revision=number)
        return row


class Revision(Base):
    """One immutable text of a bulletin, with all that readers and receivers get of it: its topic, plan, the address
    of the original and the chosen channels are its own (None: every entitled channel).

    ``body_text``: the words of ``body_html`` and, after them, the text alternatives of its media.
    ``lost_pictures``: addresses of pictures that could not be fetched when it was saved, and are not in it.
    ``released_at`` is the only column ever written later: when it became visible.
    """

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(500))
    lead: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(sa.Text)
    body_text: Mapped[str] = mapped_column(sa.Text)
    # As ``presentation.to_json`` makes it.
    presentation: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # As ``media.to_json`` makes it.
    media: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
    topic_code: Mapped[str] = mapped_column(sa.String(60))
    campaign_code: Mapped[str | None] = mapped_column(sa.String(60))
    source_url: Mapped[str | None] = mapped_column(sa.String(1000))
    wanted_channels: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    hash: Mapped[str] = mapped_column(sa.String(64))
    lost_pictures: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    bulletin: Mapped[Bulletin] = relationship(back_populates="revisions")

    __table_args__ = (sa.UniqueConstraint("bulletin_id", "number"),)


def pictures_lost_since_release(session: Session, bulletin: Bulletin) -> list[str]:
    """The addresses of foreign pictures that could not be fetched for any revision since the last release."""
    last = sa.select(sa.func.max(Revision.number)).where(
        Revision.bulletin_id == bulletin.id, Revision.released_at.is_not(None)
    )
    query = sa.select(Revision.lost_pictures).where(
        Revision.bulletin_id == bulletin.id, Revision.number > sa.func.coalesce(last.scalar_subquery(), 0)
    )
    rows = session.execute(query.order_by(Revision.number)).scalars()
    return list(dict.fromkeys(address for lost in rows for address in lost))


class RevisionPart(Enum):
    """A part of a revision that an approval covers."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"
    PRESENTATION = "presentation"
    MEDIA = "media"
    TOPIC = "topic"
    CAMPAIGN = "campaign"
    SOURCE = "source_url"
    CHANNELS = "channels"


def changed_parts(before: Revision, after: Revision) -> tuple[RevisionPart, ...]:
    """The parts in which two revisions differ, in the order of ``RevisionPart``."""

    def parts(revision: Revision) -> tuple[object, ...]:
        channels = revision.wanted_channels
        return (
            revision.title, revision.lead, revision.body_html, revision.presentation or None, revision.media or None,
            revision.topic_code, revision.campaign_code, revision.source_url,
            sorted(set(channels)) if channels is not None else None,
        )  # fmt: skip

    pairs = zip(RevisionPart, parts(before), parts(after), strict=True)
    return tuple(part for part, first, second in pairs if first != second)


class Approval(Base):
    """Approval of one exact text by a person other than the writer."""

    __tablename__ = "approvals"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    revision: Mapped[int]
    revision_hash: Mapped[str] = mapped_column(sa.String(64))
    approver: Mapped[str] = mapped_column(sa.String(200))
    approver_name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Filing:
    """Where a text goes and where it is from. ``channels``: their codes in any order; None: every entitled channel."""

    topic: str
    campaign: str | None = None
    source_url: str | None = None
    channels: Sequence[str] | None = None


def text_hash(
    title: str,
    lead: str,
    body_html: str,
    presentation: Mapping[str, Any] | None = None,
    *,
    media: Sequence[Mapping[str, Any]] | None = None,
    filing: Filing,
    note: str = "",
) -> str:
    """The SHA-256 that an approval names, of all that readers and receivers get of a text: title, lead and body with
    its pictures and their descriptions, cover and words for single channels, media with their bytes and words, topic,
    plan, address of the original, chosen channels, and the note of a correction."""
    channels = sorted(set(filing.channels)) if filing.channels is not None else None
    whole: list[object] = [title, lead, body_html, presentation or None, filing.topic, filing.campaign]
    whole += [filing.source_url, channels, note]
    if media:  # a text without media has the hash that it had before there were any
        whole.append(media)
    canonical = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain_text_hash(body_text: str) -> str:
    """The SHA-256 of the plain text of a body, which feeds and pages serve beside its HTML."""
    return hashlib.sha256(body_text.encode()).hexdigest()


def next_code(session: Session, now: dt.datetime) -> str:
    """``BT-2026-11-24-001``: the day in the city and a running number of that day."""
    day = city_day(now).isoformat()
    last = session.execute(
        sa.select(sa.func.max(Bulletin.code)).where(
            Bulletin.code.like(f"BT-{day}-%"), sa.func.length(Bulletin.code) == 17
        )
    ).scalar_one()
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    if number > 999:
        over = session.execute(
            sa.select(sa.func.count()).select_from(Bulletin).where(Bulletin.code.like(f"BT-{day}-%"))
        ).scalar_one()
        number = over + 1
    return f"BT-{day}-{number:03d}"


def new_counter_token() -> str:
    """A fresh token for a bulletin's counter image: 128 random bits."""
    return secrets.token_hex(16)


def find_bulletin(session: Session, code: str, *, for_update: bool = False) -> Bulletin:
    """The bulletin with this code, locked if it is about to change. Raises ``NotFound``."""
    query = sa.select(Bulletin).where(Bulletin.code == code)
    if for_update:
        query = query.with_for_update(of=Bulletin, key_share=True).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    return row


def approvals_of(session: Session, bulletin: Bulletin) -> Sequence[Approval]:
    """The approvals of a bulletin, oldest first."""
    query = sa.select(Approval).where(Approval.bulletin_id == bulletin.id).order_by(Approval.id)
    return session.execute(query).scalars().all()


_CODE = re.compile(r"BT-\d{4}-\d{2}-\d{2}-\d{3,}")


def looks_like_code(text: str) -> bool:
    """Whether a text has the form of a bulletin's code."""
    return _CODE.fullmatch(text) is not None


LONGEST_WORDS = 400  # characters of a search that are read


def _has_words(text: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(Bulletin.search.contains(word, autoescape=True) for word in fold(text).split()))


def in_campaign(campaign_id: int | sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition of a campaign's bulletins: its own, and those of its topics without a campaign."""
    topics = sa.select(campaign_topics.c.topic_id).where(campaign_topics.c.campaign_id == campaign_id)
    return sa.or_(
        Bulletin.campaign_id == campaign_id,
        sa.and_(Bulletin.campaign_id.is_(None), Bulletin.topic_id.in_(topics)),
    )


def in_campaign_named(code: str) -> sa.ColumnElement[bool]:
    """Return the same for a campaign's code."""
    return in_campaign(sa.select(Campaign.id).where(Campaign.code == code).scalar_subquery())


@dataclass(frozen=True)
class BulletinFilter(ListFilter):
    """Filter of a list of bulletins. ``q``: words of code, title and lead, with or without diacritics; ``mine``: those
    that the reader writes. What ``state`` and ``mine`` mean depends on the reader, so their conditions are the list's.
    ``campaign``: its bulletins and, where they have none, those of its topics, as they count for it. ``issued``: those
    that were published with the product, recalled ones too; ``reported``: those from before it was in use; ``first``
    and ``last``: the days of their release, the reported ones of the latter, both included.
    """

    q: str = argument("", longest=LONGEST_WORDS, where=_has_words)
    state: BulletinState | None = None
    topic: str | None = argument(
        where=lambda code: Bulletin.topic_id == sa.select(Topic.id).where(Topic.code == code).scalar_subquery(),
        of=Topic,
    )
    campaign: str | None = argument(
        where=in_campaign_named,
        of=Campaign,
    )
    mine: bool = False
    issued: bool = argument(
        False,
        where=lambda _: sa.and_(
            Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)), Bulletin.reported_on.is_(None)
        ),
    )
    reported: bool = argument(False, where=lambda _: Bulletin.reported_on.is_not(None))
    first: dt.date | None = argument(
        name="from", where=lambda day: sa.or_(Bulletin.released_on >= day, Bulletin.reported_on >= day)
    )
    last: dt.date | None = argument(
        name="to", where=lambda day: sa.or_(Bulletin.released_on <= day, Bulletin.reported_on <= day)
    )
