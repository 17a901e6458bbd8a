"""Figures by key, exact at every time.

Figures of copies by day and topic are read from the daily sums and the changes not added yet; by site and partner from
the rows of the copies, by a covering index; as of an earlier time from the history. Deliveries that arrived are read
from the daily sums or the history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, in_campaign
from campaigns.channels.channels import Channel
from campaigns.core.clock import Period
from campaigns.partners.directory import Site
from campaigns.planning.campaigns import campaign_topics
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_tables import (
    ARRIVAL,
    COPY,
    NO_CAMPAIGN,
    NO_CHANNEL,
    TEASER,
    Columns,
    amounts,
    changes,
    columns_of,
    daily_tallies,
    figure_condition,
)
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.republications.republications import Republication
from campaigns.republications.teasers import Teaser

FigureKey = tuple[Any, ...]
FigureValues = tuple[int, ...]


@dataclass(frozen=True)
class TallyScope:
    """The scope of a figure: a period, and optionally one campaign's bulletins, one topic, one partner.

    ``as_of``: the state at that time, from the history; None = the present. ``topics``: those of the campaign at that
    time, by id; None = its present ones.
    """

    period: Period
    campaign_id: int | None = None
    topic_id: int | None = None
    company_id: int | None = None
    as_of: AsOf | None = None
    topics: tuple[int, ...] | None = None


def copy_figures(
    session: Session, scope: TallyScope, keys: Sequence[str], figures: Sequence[str], recent: Period | None = None
) -> dict[FigureKey, FigureValues]:
    """Return figures of copies and teasers by ``keys``, each ``day``, ``topic_id``, ``site_id`` or ``company_id`` (of
    the site). Keys of which every figure is 0 are left out.

    ``recent``: days of which the confirmed copies are one more figure, the last; ``confirmed`` is among ``figures``.
    """
    by_owner = [_OF_SITE.get(key, key) for key in keys]
    if scope.as_of is not None:
        queries = [_from_history(scope, (COPY, TEASER), "site_id", by_owner, figures, recent)]
    elif scope.company_id is not None or "site_id" in by_owner:
        queries = [_from_copies(scope, by_owner, figures, recent)]
        if "teasers" in figures:
            queries.append(_from_teasers(scope, by_owner, figures, recent))
    else:
        whole = daily_tallies.c.channel_id == NO_CHANNEL
        queries = _from_sums(scope, (COPY, TEASER), whole, by_owner, figures, recent)
    return _added(session, scope, queries, keys, "site_id")


def arrived_counts(session: Session, scope: TallyScope, keys: Sequence[str]) -> dict[FigureKey, int]:
    """Return the number of pairs of a bulletin and a channel where it arrived, by ``keys``: ``day``, ``topic_id``,
    ``channel_id`` or ``company_id`` (of the channel)."""
    by_owner = [_OF_CHANNEL.get(key, key) for key in keys]
    if scope.as_of is not None:
        queries = [_from_history(scope, (ARRIVAL,), "channel_id", by_owner, ("arrived",))]
    else:
        queries = _from_sums(scope, (ARRIVAL,), daily_tallies.c.arrived != 0, by_owner, ("arrived",))
    return {key: count for key, (count,) in _added(session, scope, queries, keys, "channel_id").items()}


_OF_SITE = {"company_id": "site_id"}  # companies are looked up from their sites or channels, which are few
_OF_CHANNEL = {"company_id": "channel_id"}


def total_figures(session: Session, scope: TallyScope, figures: Sequence[str]) -> FigureValues:
    """Return the figures of copies and teasers of a whole scope."""
    return copy_figures(session, scope, (), figures).get((), (0,) * len(figures))


def distinct_count(session: Session, scope: TallyScope, key: str, figure: str) -> int:
    """Return the number of sites or companies where a figure is not zero."""
    return len(copy_figures(session, scope, (key,), (figure,)))


def _added(
    session: Session, scope: TallyScope, queries: Iterable[sa.Select[Any]], keys: Sequence[str], place: str
) -> dict[FigureKey, FigureValues]:
    """Return the rows of all queries summed by key."""
    companies = [number for number, key in enumerate(keys) if key == "company_id"]
    owner = _owners(session, scope, place) if companies else {}

    def lines() -> Iterator[tuple[FigureKey, FigureValues]]:
        for row in (row for query in queries for row in session.execute(query)):
            key = list(row[: len(keys)])
            for number in companies:
                key[number] = owner.get(key[number])
            if not companies or None not in key:  # else a channel of the department itself
                yield tuple(key), tuple(int(figure or 0) for figure in row[len(keys) :])

    return _summed(lines())


def company_figures(
    session: Session, scope: TallyScope, by_site: Mapping[int, FigureValues]
) -> dict[FigureKey, FigureValues]:
    """Return figures of copies and teasers by ``company_id``, from those of the same scope by site."""
    owner = _owners(session, scope, "site_id")
    return _summed(((owner[site],), figures) for site, figures in by_site.items() if owner.get(site) is not None)


def _summed(lines: Iterable[tuple[FigureKey, FigureValues]]) -> dict[FigureKey, FigureValues]:
    found: dict[FigureKey, FigureValues] = {}
    for key, figures in lines:
        before = found.get(key)
        found[key] = figures if before is None else tuple(map(sum, zip(before, figures, strict=True)))
    return {key: figures for key, figures in found.items() if any(figures)}


def _owners(session: Session, scope: TallyScope, place: str) -> Mapping[int, int | None]:
    """Return the company of each site or channel."""
    query: sa.Select[Any]
    if scope.as_of is not None:
        owned = tally_history.owners(scope.as_of, place)
        query = sa.select(owned.c.place_id, owned.c.company_id)
    else:
        kind: Any = Channel if place == "channel_id" else Site
        query = sa.select(kind.id, kind.company_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _places_of(scope: TallyScope, place: str) -> sa.Select[Any]:
    """Return the sites or channels of the scope's partner."""
    if scope.as_of is not None:
        owned = tally_history.owners(scope.as_of, place)
        return sa.select(owned.c.place_id).where(owned.c.company_id == scope.company_id)
    kind: Any = Channel if place == "channel_id" else Site
    return sa.select(kind.id).where(kind.company_id == scope.company_id)


def scope_conditions(source: Columns, scope: TallyScope, place: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of changes or sums in a scope; ``place``: ``site_id`` or ``channel_id``, by which a
    partner's are found."""
    conditions: list[sa.ColumnElement[bool]] = [source["day"].between(scope.period.first, scope.period.last)]
    if scope.campaign_id is not None:
        conditions.append(campaign_condition(source, scope.campaign_id, scope.topics))
    if scope.topic_id is not None:
        conditions.append(source["topic_id"] == scope.topic_id)
    if scope.company_id is not None:
        conditions.append(source[place].in_(_places_of(scope, place)))
    return conditions


def _grouped(
    source: Columns,
    keys: Sequence[str],
    values: Mapping[str, sa.ColumnElement[Any]],
    conditions: Sequence[sa.ColumnElement[bool]],
    recent: Period | None,
) -> sa.Select[Any]:
    if recent is not None:
        inside = source["day"].between(recent.first, recent.last)
        values = {**values, "recent": sa.case((inside, values["confirmed"]), else_=0)}
    by = [source[key] for key in keys]
    sums = [sa.func.sum(value).label(name) for name, value in values.items()]
    return sa.select(*by, *sums).where(*conditions).group_by(*by)


def _from_changes(
    source: Columns,
    scope: TallyScope,
    kinds: Sequence[str],
    place: str,
    keys: Sequence[str],
    figures: Sequence[str],
    recent: Period | None,
) -> sa.Select[Any]:
    conditions = [source["kind"].in_(kinds), *scope_conditions(source, scope, place)]
    return _grouped(source, keys, amounts(source, figures), conditions, recent)


def _from_history(
    scope: TallyScope,
    kinds: Sequence[str],
    place: str,
    keys: Sequence[str],
    figures: Sequence[str],
    recent: Period | None = None,
) -> sa.Select[Any]:
    source = columns_of(tally_history.changes_until(scope.as_of))
    return _from_changes(source, scope, kinds, place, keys, figures, recent)


def _from_sums(
    scope: TallyScope,
    kinds: Sequence[str],
    chosen: sa.ColumnElement[bool],
    keys: Sequence[str],
    figures: Sequence[str],
    recent: Period | None = None,
) -> list[sa.Select[Any]]:
    """Return the queries of the daily sums and of the pending changes."""
    sums = columns_of(daily_tallies)
    conditions = [chosen, *scope_conditions(sums, scope, "channel_id")]
    added = _grouped(sums, keys, {figure: sums[figure] for figure in figures}, conditions, recent)
    return [added, _from_changes(columns_of(changes), scope, kinds, "channel_id", keys, figures, recent)]


def _from_copies(
    scope: TallyScope, keys: Sequence[str], figures: Sequence[str], recent: Period | None
) -> sa.Select[Any]:
    """Return the query of the copies' rows. Bulletins are joined only for the topic: otherwise an index has every
    column."""
    return _from_rows(Republication, _copy_columns(), scope, keys, figures, recent)


def _copy_columns() -> dict[str, sa.ColumnElement[Any]]:
    """Return the columns of a copy's row by which it counts."""
    plain = sa.String()
    return {
        "kind": sa.literal_column(f"'{COPY}'", plain),
        "sign": sa.literal_column("1"),
        "status": sa.type_coerce(Republication.status, plain),
        "life": sa.type_coerce(Republication.life, plain),
        "attribution": sa.type_coerce(Republication.attribution, plain),
        "match": sa.type_coerce(Republication.match, plain),
        "was_read": Republication.__table__.c.was_read,
    }


def copy_condition(figure: str) -> sa.ColumnElement[bool]:
    """Return the condition by which a copy's row counts in a figure of copies, for the list behind that figure."""
    return figure_condition(_copy_columns(), figure)


def _from_teasers(
    scope: TallyScope, keys: Sequence[str], figures: Sequence[str], recent: Period | None
) -> sa.Select[Any]:
    nothing: sa.ColumnElement[Any] = sa.null()
    columns = dict.fromkeys(("status", "life", "attribution", "match", "was_read"), nothing)
    columns |= {"kind": sa.literal_column(f"'{TEASER}'", sa.String()), "sign": sa.literal_column("1")}
    return _from_rows(Teaser, columns, scope, keys, figures, recent)


def _from_rows(
    kind: type[Republication] | type[Teaser],
    columns: dict[str, sa.ColumnElement[Any]],
    scope: TallyScope,
    keys: Sequence[str],
    figures: Sequence[str],
    recent: Period | None,
) -> sa.Select[Any]:
    rows = kind.__table__.c
    columns |= {"day": rows.counted_on, "site_id": rows.site_id, "topic_id": Bulletin.__table__.c.topic_id}
    conditions = scope_conditions(columns, replace(scope, campaign_id=None, topic_id=None), "site_id")
    if scope.campaign_id is not None or scope.topic_id is not None:
        conditions.append(of_bulletins(rows.bulletin_id, scope))
    query = _grouped(columns, keys, amounts(columns, figures), conditions, recent).select_from(kind)
    return query.join(Bulletin, Bulletin.id == rows.bulletin_id) if "topic_id" in keys else query


def of_bulletins(bulletin_id: Any, scope: TallyScope) -> sa.ColumnElement[bool]:
    """Return the condition of the scope's bulletins, as an expression that no index matches: SQLite would otherwise
    look up the copies of every bulletin of a campaign instead of reading the index of the period's days."""
    condition: sa.ColumnElement[bool] = (bulletin_id + 0).in_(sa.select(Bulletin.id).where(*bulletin_conditions(scope)))
    return condition


def bulletin_conditions(scope: TallyScope) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the bulletins in a scope, by their present campaign and topic."""
    conditions: list[sa.ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        conditions.append(in_campaign(scope.campaign_id))
    if scope.topic_id is not None:
        conditions.append(Bulletin.topic_id == scope.topic_id)
    return conditions


def campaign_condition(
    source: Columns, campaign_id: int, topics: Sequence[int] | None = None
) -> sa.ColumnElement[bool]:
    """Return the condition of a campaign's changes or sums: those of its bulletins, and of its topics (or the given
    ones) those without a campaign."""
    own: Any = topics
    if topics is None:
        own = sa.select(campaign_topics.c.topic_id).where(campaign_topics.c.campaign_id == campaign_id)
    unfiled = sa.and_(source["campaign_id"] == NO_CAMPAIGN, source["topic_id"].in_(own))
    return sa.or_(source["campaign_id"] == campaign_id, unfiled)
