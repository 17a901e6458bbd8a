"""The review queue: which copies wait for a person, in which order, and what stands around one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import Company, Site
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import disputes
from campaigns.tracking.deciding import seal_of
from campaigns.tracking.doubts import Doubt, condition, doubts_of, waits
from campaigns.tracking.republications import Republication, newest_of
from coordinator.web.desk.doubt_words import DoubtLine, doubt_line
from coordinator.web.desk.listing import PAGE, Part
from coordinator.web.desk.republication_rows import ways_of


@dataclass(frozen=True)
class Wanted:
    """The filters; empty = any. They stay in every address of the queue, so that a filtered queue can be sent on."""

    doubt: Doubt | None = None
    partner: str = ""
    bulletin: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Wanted":
        """From an address or form; what cannot be understood is no filter."""
        return cls(
            doubt={one.value: one for one in Doubt}.get(args.get("doubt", "")),
            partner=args.get("partner", "").strip(),
            bulletin=args.get("bulletin", "").strip(),
        )

    @property
    def args(self) -> dict[str, Any]:
        """The filters that are set, for an address."""
        told = {"doubt": self.doubt.value if self.doubt else "", "partner": self.partner, "bulletin": self.bulletin}
        return {name: value for name, value in told.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether a filter beside the doubt is set; the doubt is the tab."""
        return replace(self, doubt=None) != Wanted()


def _conditions(wanted: Wanted, *, doubt: bool = True) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if doubt and wanted.doubt is not None:
        found.append(condition(wanted.doubt))
    if wanted.partner:
        sites = sa.select(Site.id).join(Company, Company.id == Site.company_id).where(Company.code == wanted.partner)
        found.append(Republication.site_id.in_(sites))
    if wanted.bulletin:
        bulletins = sa.select(Bulletin.id).where(Bulletin.code == wanted.bulletin)
        found.append(Republication.bulletin_id.in_(bulletins))
    return found


@dataclass(frozen=True)
class Counts:
    """How many wait under the other filters, in all and by doubt; a copy may raise several."""

    total: int
    doubts: Mapping[Doubt, int]


def counts(session: Session, wanted: Wanted) -> Counts:
    """What the tabs say."""
    return Counts(*disputes.in_queue(session, _conditions(wanted, doubt=False)))


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. ``sealed``: what a decision on it is made from, with its id."""

    id: str
    sealed: str
    title: str
    site: str
    bulletin: str
    doubts: Sequence[DoubtLine]
    share: float | None
    first_seen_at: datetime


def sealed(row: Republication) -> str:
    """A copy and what it was when a form showed it."""
    return f"{row.public}|{seal_of(row)}"


def rows(session: Session, wanted: Wanted, number: int, *, now: datetime) -> Part[QueueRow]:
    """One page of the queue, what has waited longest first; beyond the end, the last page."""
    where = [waits(), *_conditions(wanted)]
    total = session.execute(sa.select(sa.func.count()).select_from(Republication).where(*where)).scalar_one()
    number = min(number, max(-(-total // PAGE), 1))
    found = _found(session, where, (number - 1) * PAGE)
    return Part(_lines(session, found, now), total, number)


def chosen(session: Session, idents: Sequence[str], *, now: datetime) -> list[QueueRow]:
    """These copies, in the order of the queue, whether they wait (still) or not."""
    return _lines(session, _found(session, [Republication.public.in_(idents)], 0), now)


def _found(session: Session, where: Sequence[sa.ColumnElement[bool]], offset: int) -> Sequence[Republication]:
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin), joinedload(Republication.site), joinedload(Republication.page),
        )
        .where(*where)
        .order_by(Republication.first_seen_at, Republication.id)
        .limit(PAGE)
        .offset(offset)
    )  # fmt: skip
    return session.execute(query).scalars().all()


def _lines(session: Session, found: Sequence[Republication], now: datetime) -> list[QueueRow]:
    doubts = doubts_of(session, [row.id for row in found])
    newest = newest_of(session, [row.id for row in found])
    ways = ways_of(session, [row.page_id for row in found])
    titles = _titles(session, found)
    return [
        QueueRow(
            row.public,
            sealed(row),
            row.headline or titles.get(row.bulletin_id, row.bulletin.code),
            row.site.name,
            row.bulletin.code,
            [
                doubt_line(one, row, newest.get(row.id), ways.get(row.page_id, {}), now)
                for one in doubts.get(row.id, ())
            ],
            row.share if row.checked_at is not None else None,
            row.first_seen_at,
        )
        for row in found
    ]


def _titles(session: Session, found: Sequence[Republication]) -> dict[int, str]:
    query = (
        sa.select(Bulletin.id, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.id.in_({row.bulletin_id for row in found}))
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True)
class Around:
    """Where one copy stands in the queue. ``position``: its place from 1, were it in it; ``total``: how many wait."""

    previous: str | None
    next: str | None
    position: int
    total: int


def around(session: Session, wanted: Wanted, row: Republication) -> Around:
    """The queue around a copy, whether it is in it (still) or not."""
    order = sa.tuple_(Republication.first_seen_at, Republication.id)
    here = sa.tuple_(sa.literal(row.first_seen_at, Republication.first_seen_at.type), sa.literal(row.id))
    where = [waits(), *_conditions(wanted), Republication.id != row.id]
    queue = sa.select(Republication.public).where(*where)
    before = queue.where(order < here).order_by(Republication.first_seen_at.desc(), Republication.id.desc()).limit(1)
    after = queue.where(order > here).order_by(Republication.first_seen_at, Republication.id).limit(1)
    ahead = sa.select(sa.func.count()).select_from(Republication).where(*where, order < here)
    total = sa.select(sa.func.count()).select_from(Republication).where(waits(), *_conditions(wanted))
    return Around(
        session.execute(before).scalar_one_or_none(),
        session.execute(after).scalar_one_or_none(),
        session.execute(ahead).scalar_one() + 1,
        session.execute(total).scalar_one(),
    )


def first(session: Session, wanted: Wanted) -> str | None:
    """Whichever has waited longest; None for an empty queue."""
    query = (
        sa.select(Republication.public)
        .where(waits(), *_conditions(wanted))
        .order_by(Republication.first_seen_at, Republication.id)
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()
