"""Which copies a list is about: the filters of an address as a condition, for the desk's list and for files of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site, numbered
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting import tallies
from campaigns.searching import reaching
from campaigns.searching.reaching import Reached
from campaigns.tracking.answers import Answer, is_open
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.doubts import Doubt, condition
from campaigns.tracking.republications import Life, Republication, Status


@dataclass(frozen=True)
class Asked:
    """The filters; empty = any. ``first`` and ``last``: days of the city, both included, that copies count for.
    ``answered``: an answer of the partner's waits for somebody."""

    status: Status | None = None
    life: Life | None = None
    site: str = ""
    bulletin: str = ""
    topic: str = ""
    campaign: str = ""
    partner: str = ""
    attribution: Attribution | None = None
    doubt: Doubt | None = None
    answered: bool = False
    first: date | None = None
    last: date | None = None
    q: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Asked":
        """From an address; what cannot be understood is no filter."""
        return cls(
            status={one.value: one for one in Status}.get(args.get("status", "")),
            life={one.value: one for one in Life}.get(args.get("life", "")),
            site=args.get("site", "").strip(),
            bulletin=args.get("bulletin", "").strip(),
            topic=args.get("topic", "").strip(),
            campaign=args.get("campaign", "").strip(),
            partner=args.get("partner", "").strip(),
            attribution={one.value: one for one in Attribution}.get(args.get("attribution", "")),
            doubt={one.value: one for one in Doubt}.get(args.get("doubt", "")),
            answered=args.get("answered") == "1",
            first=_day(args.get("from", "")),
            last=_day(args.get("to", "")),
            q=args.get("q", "").strip(),
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter of the form is set; the tab is none."""
        return replace(self, status=None) != Asked()

    @property
    def in_sums(self) -> bool:
        """Whether what is asked is summed by day: by campaign, topic and partner alone, and by days."""
        return self.narrowed and self._beyond_sums == Asked()

    @property
    def marked(self) -> bool:
        """Whether what is asked is summed, but for how the source is named or what became of the copy."""
        beyond = self._beyond_sums
        return beyond != Asked() and replace(beyond, attribution=None, life=None) == Asked()

    @property
    def dated(self) -> bool:
        """Whether days are asked for."""
        return self.first is not None or self.last is not None

    @property
    def _beyond_sums(self) -> "Asked":
        return replace(self, status=None, campaign="", topic="", partner="", first=None, last=None)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def conditions(asked: Asked, said: Reached | None) -> list[sa.ColumnElement[bool]]:
    """What copies must meet; the status stands apart, since it is a tab and not a filter."""
    wanted: list[sa.ColumnElement[bool]] = [] if said is None else [said.condition]
    if asked.life is not None:
        wanted.append(Republication.life == asked.life)
    if asked.site:
        wanted.append(Republication.site_id == sa.select(Site.id).where(Site.code == asked.site).scalar_subquery())
    if asked.bulletin:
        this = sa.select(Bulletin.id).where(Bulletin.code == asked.bulletin).scalar_subquery()
        wanted.append(Republication.bulletin_id == this)
    # What many copies have in common is asked of each in the order of the list, never gathered first: hence "+ 0".
    if asked.topic:
        of_topic = sa.select(Bulletin.id).join(Topic, Topic.id == Bulletin.topic_id).where(Topic.code == asked.topic)
        wanted.append((Republication.bulletin_id + 0).in_(of_topic))
    if asked.campaign:
        # The tallies' own predicate, so that a figure and the list behind it can never differ.
        campaign = sa.select(Campaign.id).where(Campaign.code == asked.campaign).scalar_subquery()
        of_plan = sa.select(Bulletin.id).where(tallies.of_campaign(campaign))
        wanted.append((Republication.bulletin_id + 0).in_(of_plan))
    if asked.partner:
        of_partner = sa.select(Site.id).where(Site.company_id == numbered(asked.partner))
        wanted.append(Republication.site_id.in_(of_partner))
    if asked.attribution is not None:
        wanted.append(Republication.attribution == asked.attribution)
    if asked.doubt is not None:
        wanted.append(condition(asked.doubt))
    if asked.answered:
        wanted.append(sa.exists().where(Answer.republication_id == Republication.id, is_open()))
    if asked.first is not None:
        wanted.append(Republication.counted_on >= asked.first)
    if asked.last is not None:
        wanted.append(Republication.counted_on <= asked.last)
    return wanted


def said(session: Session, asked: Asked) -> Reached | None:
    """The copies that the words typed lead to; None when none were typed."""
    return reaching.copies(session, asked.q) if asked.q else None


@dataclass(frozen=True)
class ListedCopy:
    """One copy as a file lists it."""

    id: str
    bulletin: str
    site: str
    partner: str
    url: str
    status: Status
    life: Life
    share: float
    attribution: Attribution
    published_at: datetime | None
    first_seen_at: datetime
    counted_on: date


MOST_LISTED = 50_000  # rows of one file; whoever wants more asks the API or the open data


def listed(session: Session, asked: Asked, most: int = MOST_LISTED) -> list[ListedCopy]:
    """The copies that meet the filters, the newest first, ``most`` at most. What a filter names and is not there meets
    nothing."""
    columns: tuple[Any, ...] = (
        Republication.public, Bulletin.code, Site.name, Company.name, Republication.url, Republication.status,
        Republication.life, Republication.share, Republication.attribution, Republication.published_at,
        Republication.first_seen_at, Republication.counted_on,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join_from(Republication, Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(*conditions(asked, said(session, asked)))
        .order_by(Republication.first_seen_at.desc(), Republication.id.desc())
        .limit(most)
    )
    if asked.status is not None:
        query = query.where(Republication.status == asked.status)
    return [ListedCopy(*row) for row in session.execute(query)]
