"""The review queue: which copies wait for a person, in which order, and what stands around one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import Site, numbered
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import disputes
from campaigns.tracking.deciding import seal_of
from campaigns.tracking.doubts import Doubt, condition, doubts_of, queue
from campaigns.tracking.republications import Republication
from coordinator.web.desk.doubt_words import doubt_name
from coordinator.web.desk.listing import PAGE, Part


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
        sites = sa.select(Site.id).where(Site.company_id == numbered(wanted.partner))
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

    def of(self, wanted: Wanted) -> int:
        """How many the open tab has."""
        return self.total if wanted.doubt is None else self.doubts[wanted.doubt]


def counts(session: Session, wanted: Wanted) -> Counts:
    """What the tabs say."""
    return Counts(*disputes.in_queue(session, _conditions(wanted, doubt=False)))


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. ``sealed``: what a decision on it is made from, with its id; ``doubts``: with names."""

    id: str
    sealed: str
    title: str
    site: str
    bulletin: str
    doubts: Sequence[tuple[Doubt, str]]
    share: float | None
    first_seen_at: datetime


def sealed(row: Republication) -> str:
    """A copy and what it was when a form showed it."""
    return f"{row.public}|{seal_of(row)}"


def rows(session: Session, wanted: Wanted, total: int, number: int) -> Part[QueueRow]:
    """One page of the queue, what has waited longest first; beyond the end, the last page. ``total``: how many the tab
    has."""
    number = min(number, max(-(-total // PAGE), 1))
    shown = _numbers(_conditions(wanted), PAGE, (number - 1) * PAGE)
    return Part(_lines(session, _found(session, Republication.id.in_(shown))), total, number)


def chosen(session: Session, idents: Sequence[str]) -> list[QueueRow]:
    """These copies, in the order of the queue, whether they wait (still) or not."""
    return _lines(session, _found(session, Republication.public.in_(idents)))


def _numbers(
    conditions: Sequence[sa.ColumnElement[bool]], most: int, skip: int = 0, *, back: bool = False
) -> sa.Select[int]:
    """The primary keys of the first copies of the queue that meet the conditions; ``back``: of the last, backwards.

    Each of the two lists gives no more than may be asked for, from its own index; only those are read.
    """
    order = [Republication.first_seen_at, Republication.id]
    parts = []
    for part in queue(Republication.id, Republication.first_seen_at):
        first = part.where(*conditions).order_by(*(one.desc() if back else one for one in order)).limit(skip + most)
        parts.append(sa.select(first.subquery()))
    every = sa.union_all(*parts).subquery()
    both = [every.c.first_seen_at, every.c.id]
    return sa.select(every.c.id).order_by(*(one.desc() if back else one for one in both)).limit(most).offset(skip)


def _how_many(*conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    parts = [part.where(*conditions).scalar_subquery() for part in queue(sa.func.count())]
    return sa.select(parts[0] + parts[1])


def _found(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Republication]:
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin), joinedload(Republication.site), joinedload(Republication.page),
        )
        .where(which)
        .order_by(Republication.first_seen_at, Republication.id)
    )  # fmt: skip
    return session.execute(query).scalars().all()


def _lines(session: Session, found: Sequence[Republication]) -> list[QueueRow]:
    doubts = doubts_of(session, [row.id for row in found])
    titles = _titles(session, found)
    names = {one: doubt_name(one) for one in Doubt}
    return [
        QueueRow(
            row.public,
            sealed(row),
            row.headline or titles.get(row.bulletin_id, row.bulletin.code),
            row.site.name,
            row.bulletin.code,
            [(one, names[one]) for one in doubts.get(row.id, ())],
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
    conditions = _conditions(wanted)
    others = [*conditions, Republication.id != row.id]
    return Around(
        _public(session, _numbers([*others, order < here], 1, back=True)),
        _public(session, _numbers([*others, order > here], 1)),
        session.execute(_how_many(*others, order < here)).scalar_one() + 1,
        session.execute(_how_many(*conditions)).scalar_one(),
    )


def _public(session: Session, numbers: sa.Select[int]) -> str | None:
    query = sa.select(Republication.public).where(Republication.id == numbers.scalar_subquery())
    return session.execute(query).scalar_one_or_none()


def first(session: Session, wanted: Wanted) -> str | None:
    """Whichever has waited longest; None for an empty queue."""
    return _public(session, _numbers(_conditions(wanted), 1))
