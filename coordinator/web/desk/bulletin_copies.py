"""Every copy of one bulletin: where, since when, how much of it, how the source is named, and what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import teasers
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Level, Life, Republication, Status
from campaigns.tracking.sightings import How
from coordinator.web.desk.evidence_ladder import reached
from coordinator.web.desk.republication_rows import climb_of, ways_of

SORTS = ("site", "appeared", "share", "attribution", "life")
OLD, CURRENT = "old", "current"
# Read on the page, so that there is a share and a source to speak of.
_UNREAD = frozenset({Level.REPORTED, Level.ANNOUNCED, Level.COUNTED_IMAGE, Level.DISCOVERED})


@dataclass(frozen=True)
class Origin:
    """Whom a copy was taken from, as its page says. ``id``: of that copy, None when only the site is known."""

    site: str
    id: str | None


@dataclass(frozen=True)
class CopyLine:
    """One copy. ``siblings``: other copies of the bulletin on sites of the same company. ``taken_by``: copies that
    were taken from this one. ``share_before``: when it was confirmed, where that differs. ``behind_since``: since when
    it carries an old or a recalled text."""

    id: str
    site: str
    company: str
    company_code: str
    siblings: int
    headline: str
    title_kept: bool
    author: str
    url: str
    status: Status
    life: Life
    level: Level
    rungs: tuple[str, ...]
    read: bool
    match: Match
    share: float
    share_before: float | None
    revision: int | None
    attribution: Attribution
    appeared_at: datetime
    delay: timedelta | None
    behind_since: datetime | None
    followed_at: datetime | None
    missing_since: datetime | None
    missing_why: tuple[str, ...]
    gone_at: datetime | None
    checked_at: datetime | None
    taken_from: Origin | None
    taken_by: int


@dataclass(frozen=True)
class TeaserLine:
    """A page with headline and lead only."""

    site: str
    company: str
    headline: str
    url: str
    seen_at: datetime


def announcing(session: Session, bulletin: Bulletin, most: int) -> list[TeaserLine]:
    """The pages that only announce a bulletin, last seen first, ``most`` at most."""
    return [
        TeaserLine(one.site.name, one.site.company.name, one.headline, one.page.url, one.seen_at)
        for one in teasers.latest_of(session, bulletin.id, most)
    ]


@dataclass(frozen=True)
class Asked:
    """The filters; empty = any. ``text``: ``old`` for copies with an old or recalled text, ``current`` for others.
    Without a status rejected ones are left out: they are no copies."""

    status: Status | None = None
    life: Life | None = None
    attribution: Attribution | None = None
    partner: str = ""
    text: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Asked":
        """From an address; what cannot be understood is no filter."""
        text = args.get("text", "")
        return cls(
            status={one.value: one for one in Status}.get(args.get("status", "")),
            life={one.value: one for one in Life}.get(args.get("life", "")),
            attribution={one.value: one for one in Attribution}.get(args.get("attribution", "")),
            partner=args.get("partner", "").strip(),
            text=text if text in {OLD, CURRENT} else "",
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter of the form is set; the tab is none."""
        return replace(self, status=None) != Asked()


def every_copy(session: Session, bulletin: Bulletin) -> list[CopyLine]:
    """All copies of a bulletin that are known, whatever their status, the first to appear first."""
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin),
            joinedload(Republication.site).joinedload(Site.company),
            joinedload(Republication.taken_from),
            joinedload(Republication.taken_from_site),
        )
        .where(Republication.bulletin_id == bulletin.id)
        .order_by(Republication.id)
    )
    rows = session.execute(query).scalars().all()
    ways = ways_of(session, [row.page_id for row in rows])
    live = [row for row in rows if row.status is not Status.REJECTED]
    companies = Counter(row.site.company_id for row in live)
    taken = Counter(row.taken_from_id for row in live if row.taken_from_id is not None)
    lines = [
        _line(row, ways.get(row.page_id, {}), companies[row.site.company_id], taken[row.id]) for row in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.appeared_at, line.site))


def _line(row: Republication, ways: Mapping[How, datetime], of_company: int, taken: int) -> CopyLine:
    moved = row.confirmed_at is not None and row.confirmed_share is not None and row.life is Life.CHANGED
    origin = row.taken_from_site
    return CopyLine(
        id=row.public,
        site=row.site.name,
        company=row.site.company.name,
        company_code=row.site.company.code,
        siblings=max(of_company - 1, 0) if row.status is not Status.REJECTED else 0,
        headline=row.headline,
        title_kept=row.title_kept,
        author=row.author,
        url=row.url,
        status=row.status,
        life=row.life,
        level=row.level,
        rungs=reached(climb_of(row, ways)),
        read=row.level not in _UNREAD and (row.level is not Level.PERSON or row.match is not Match.NONE),
        match=row.match,
        share=row.share,
        share_before=row.confirmed_share if moved and row.confirmed_share != row.share else None,
        revision=row.revision,
        attribution=row.attribution,
        appeared_at=row.appeared_at,
        delay=row.delay,
        behind_since=row.stale_since if row.stale and row.life is not Life.GONE else None,
        followed_at=row.followed_at,
        missing_since=row.missing_since,
        missing_why=tuple(row.missing_why),
        gone_at=row.gone_at,
        checked_at=row.checked_at,
        taken_from=Origin(origin.name, row.taken_from.public if row.taken_from else None) if origin else None,
        taken_by=taken,
    )


def wanted(lines: Sequence[CopyLine], asked: Asked) -> list[CopyLine]:
    """The lines that meet the filters, in the order they came."""
    return [line for line in lines if _meets(line, asked)]


def _meets(line: CopyLine, asked: Asked) -> bool:
    return (
        (line.status is asked.status if asked.status is not None else line.status is not Status.REJECTED)
        and (asked.life is None or line.life is asked.life)
        and (asked.attribution is None or line.attribution is asked.attribution)
        and (not asked.partner or line.company_code == asked.partner)
        and (not asked.text or (line.behind_since is not None) is (asked.text == OLD))
    )


def ordered(lines: Sequence[CopyLine], column: str, *, descending: bool) -> list[CopyLine]:
    """The lines by one of ``SORTS``; equal ones keep their order."""
    places = {one: place for place, one in enumerate(Attribution)}
    lives = {one: place for place, one in enumerate(Life)}
    key = {
        "site": lambda line: line.site.casefold(),
        "appeared": lambda line: line.appeared_at,
        "share": lambda line: line.share,
        "attribution": lambda line: places[line.attribution],
        "life": lambda line: lives[line.life],
    }[column]
    return sorted(lines, key=key, reverse=descending)


def by_status(lines: Sequence[CopyLine], asked: Asked) -> dict[Status, int]:
    """How many meet the other filters in each status."""
    met = [line for status in Status for line in wanted(lines, replace(asked, status=status))]
    counted = Counter(line.status for line in met)
    return {status: counted[status] for status in Status}
