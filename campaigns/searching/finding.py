"""What a search finds, the best first: as typed before without marks, headlines before texts, then newer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.searching.asking import Asked
from campaigns.searching.choosing import index_of
from campaigns.searching.index import Kind, Tier, WordIndex
from campaigns.searching.texts import NUMBERS
from campaigns.tracking.republications import Republication, Status

MOST_COUNTED = 1000  # beyond it nobody reads on; the search wants another word


@dataclass(frozen=True)
class Narrowed:
    """What hits must also be; None = any. ``period``: a bulletin's day of release, else of its beginning; the day a
    copy counts for."""

    state: State | None = None
    status: Status | None = None
    topic_id: int | None = None
    company_id: int | None = None
    period: Period | None = None

    def fits(self, kind: Kind) -> bool:
        """Whether subjects of this kind can be narrowed like this at all: a licence has no topic."""
        return (
            (self.state is None or kind is Kind.BULLETIN)
            and (self.status is None or kind is Kind.COPY)
            and (self.topic_id is None or kind in {Kind.BULLETIN, Kind.COPY})
            and (self.company_id is None or kind is not Kind.BULLETIN)
            and (self.period is None or kind in {Kind.BULLETIN, Kind.COPY})
        )


@dataclass(frozen=True)
class Hit:
    """One subject that fits."""

    kind: Kind
    number: int
    tier: Tier


@dataclass(frozen=True)
class Hits:
    """Some of the hits of one kind. ``total``: how many there are, counted no further than ``MOST_COUNTED`` + 1."""

    rows: Sequence[Hit]
    total: int

    @property
    def uncounted(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


NOTHING = Hits((), 0)


def find(
    session: Session, kind: Kind, asked: Asked, narrowed: Narrowed = Narrowed(), *, most: int, skip: int = 0
) -> Hits:
    """The hits of one kind, at most ``most`` after the first ``skip``, in two statements whatever is asked."""
    if not asked or not narrowed.fits(kind):
        return NOTHING
    index = index_of(session)
    source, conditions = _source(kind, index.table, index.key, narrowed)
    counted = (
        sa.select(sa.literal(1).label("one"))
        .select_from(source)
        .where(index.found(asked), *conditions)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    total = session.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one()
    if not total:
        return NOTHING
    if index.in_one_pass:
        tier_ = sa.case(*((fits, tier.value) for tier, fits in index.tiers(asked).items())).label("tier")
        page = (
            sa.select(tier_, index.key)
            .select_from(source)
            .where(index.found(asked), *conditions)
            .order_by(tier_, index.key.desc())
            .limit(most)
            .offset(skip)
        )
    else:
        page = _by_tiers(index, asked, source, conditions, most, skip)
    return Hits([Hit(kind, key - kind.first, Tier(tier)) for tier, key in session.execute(page)], total)


def _by_tiers(
    index: WordIndex,
    asked: Asked,
    source: sa.FromClause,
    conditions: Sequence[sa.ColumnElement[bool]],
    most: int,
    skip: int,
) -> sa.Select[int, int]:
    """Each tier gives no more than the page still needs after those before it, newest first: it stops early, and where
    nothing is needed any more it does not begin."""
    arms: list[sa.Select[int, int]] = []
    needed: sa.ColumnElement[int] = sa.literal(skip + most)
    for tier, fits in index.tiers(asked).items():
        arm = (
            sa.select(sa.literal(tier.value).label("tier"), index.key.label("key"))
            .select_from(source)
            .where(fits, *conditions)
            .order_by(index.key.desc())
            .limit(sa.func.max(needed, 0))  # below nothing would be without an end
            .cte(f"tier_{tier.value}")
        )
        arms.append(sa.select(arm.c.tier, arm.c.key))
        needed -= sa.select(sa.func.count()).select_from(arm).scalar_subquery()
    every = sa.union_all(*arms).subquery()
    return sa.select(every.c.tier, every.c.key).order_by(every.c.tier, every.c.key.desc()).limit(most).offset(skip)


def _source(
    kind: Kind, table: sa.FromClause, key: sa.ColumnElement[int], narrowed: Narrowed
) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """What is selected from and what must hold: the index alone unless hits are narrowed."""
    conditions: list[sa.ColumnElement[bool]] = [key > kind.first, key <= kind.last]
    if narrowed == Narrowed():
        return table, conditions
    number: InstrumentedAttribute[int] = NUMBERS[kind]
    source: Any = table.join(number.class_, number == key - kind.first)
    if kind is Kind.BULLETIN:
        conditions += _bulletins(narrowed)
    elif kind is Kind.COPY:
        if narrowed.topic_id is not None:
            source = source.join(Bulletin, Bulletin.id == Republication.bulletin_id)
            conditions.append(Bulletin.topic_id == narrowed.topic_id)
        if narrowed.company_id is not None:
            source = source.join(Site, Site.id == Republication.site_id)
            conditions.append(Site.company_id == narrowed.company_id)
        if narrowed.status is not None:
            conditions.append(Republication.status == narrowed.status)
        if narrowed.period is not None:
            conditions.append(Republication.counted_on.between(narrowed.period.first, narrowed.period.last))
    elif narrowed.company_id is not None:
        owner = {Kind.SITE: Site.company_id, Kind.COMPANY: Company.id, Kind.LICENCE: Licence.company_id}[kind]
        conditions.append(owner == narrowed.company_id)
    return source, conditions


def _bulletins(narrowed: Narrowed) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if narrowed.state is not None:
        conditions.append(Bulletin.state == narrowed.state)
    if narrowed.topic_id is not None:
        conditions.append(Bulletin.topic_id == narrowed.topic_id)
    if narrowed.period is not None:
        when = sa.func.coalesce(Bulletin.release_at, Bulletin.created_at)
        conditions += [when >= narrowed.period.start, when < narrowed.period.end]
    return conditions
