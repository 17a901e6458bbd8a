"""Figures read from the sums and from the changes not added up yet: exact at every moment, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Site
from campaigns.planning.campaigns import campaign_topics
from campaigns.publishing.channels import Channel
from campaigns.reporting import history
from campaigns.reporting.history import AsOf
from campaigns.reporting.spans import MONTH, day_span, span_columns, spans_of
from campaigns.reporting.sums import NO_CAMPAIGN, Columns, Cube, amount, changes, columns_of

Key = tuple[int, ...]
Figures = tuple[int, ...]


@dataclass(frozen=True)
class Scope:
    """What is being counted: a period, and where given one campaign's bulletins, one topic, one partner.

    ``as_of``: as it stood then, from the history; None = as it stands. ``topics``: those the campaign had then, by id;
    None = those it has.
    """

    period: Period
    campaign_id: int | None = None
    topic_id: int | None = None
    company_id: int | None = None
    as_of: AsOf | None = None
    topics: tuple[int, ...] | None = None


def read(
    session: Session,
    cube: Cube,
    scope: Scope,
    keys: Sequence[str],
    figures: Sequence[str],
    *,
    waited: tuple[int, int] | None = None,
) -> dict[Key, Figures]:
    """The figures of a scope by ``keys``: columns of the cube, ``company_id`` of its sites or channels, or ``span`` for
    single days. ``waited``: from which second on and before which. Lines of nothing but zeros are left out."""
    query = _statement(cube, tuple(keys), tuple(figures), _shape(scope), summed=True)
    asked = _asked(scope, keys, waited)
    found: dict[Key, Figures] = {}
    width = len(keys)
    # All at once and in lists, since a city's sites are a thousand lines. PostgreSQL's sums are decimals.
    rows = session.execute(query, asked).all()
    if len(figures) == 1:
        only: dict[Key, int] = {}
        for row in rows:
            only[row[:-1]] = only.get(row[:-1], 0) + int(row[-1] or 0)
        return {one: (count,) for one, count in only.items() if count}
    for row in rows:
        key, told = row[:width], tuple([int(one or 0) for one in row[width:]])
        before = found.get(key)
        found[key] = told if before is None else tuple(map(sum, zip(before, told, strict=True)))
    return {key: told for key, told in found.items() if any(told)}


def how_many(session: Session, cube: Cube, scope: Scope, key: str, figure: str) -> int:
    """How many sites, companies or topics have anything of a figure: counted in the database."""
    lines, asked = lines_of(cube, scope, (key,), (figure,))
    return int(session.execute(_number(lines), asked).scalar_one())


@cache
def _number(lines: sa.Subquery) -> Any:
    key, figure = lines.c
    some = sa.select(key).group_by(key).having(sa.func.sum(figure) != 0).subquery()
    return sa.select(sa.func.count()).select_from(some)


def lines_of(
    cube: Cube, scope: Scope, keys: Sequence[str], figures: Sequence[str]
) -> tuple[sa.Subquery, dict[str, Any]]:
    """The lines that ``read`` adds up, to go on from, and the values to ask with: any number of a key, each to be added
    up by whoever asks. The lines are the same object for all scopes of a shape, so that what is made of them can be put
    together once, as ``read`` does it: that takes longer than asking."""
    return _lines(cube, tuple(keys), tuple(figures), _shape(scope)), _asked(scope, keys, None)


@dataclass(frozen=True)
class _Shape:
    """What a scope asks for, whatever the values: one statement serves all scopes of a shape."""

    campaign: bool
    topic: bool
    company: bool
    topics: bool
    past: bool
    entry: bool
    days: bool


def _shape(scope: Scope) -> _Shape:
    return _Shape(
        campaign=scope.campaign_id is not None,
        topic=scope.topic_id is not None,
        company=scope.company_id is not None,
        topics=scope.topics is not None,
        past=scope.as_of is not None,
        entry=scope.as_of is not None and scope.as_of.entry is not None,
        days=all(span % MONTH for span in spans_of(scope.period)),
    )


def _asked(scope: Scope, keys: Sequence[str], waited: tuple[int, int] | None) -> dict[str, Any]:
    return {
        "spans": [] if "span" in keys else spans_of(scope.period),
        "first": scope.period.first, "last": scope.period.last,
        "first_span": day_span(scope.period.first), "last_span": day_span(scope.period.last),
        "low": waited[0] if waited else None, "high": waited[1] if waited else None,
        "campaign": scope.campaign_id, "topic": scope.topic_id, "company": scope.company_id,
        "topics": list(scope.topics or ()), **history.asked(scope.as_of),
    }  # fmt: skip


def total(session: Session, cube: Cube, scope: Scope, figures: Sequence[str]) -> Figures:
    """The figures of a whole scope."""
    return read(session, cube, scope, (), figures).get((), (0,) * len(figures))


@cache
def _statement(
    cube: Cube, keys: tuple[str, ...], figures: tuple[str, ...], shape: _Shape, *, summed: bool
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """Put together once: pages ask the same questions again and again."""
    new = columns_of(history.noted(_any_as_of(shape)) if shape.past else changes)
    between = sa.between(new["day"], sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date))
    noted: dict[str, sa.ColumnElement[Any]] = {name: cube.key(new, name) for name in cube.keys}
    noted["span"] = span_columns(new["day"])[0]
    amounts = {one: amount(new, one) for one in figures}
    fresh = _part(noted, cube, keys, amounts, [between, *cube.of(new)], shape, summed=summed)
    if shape.past:
        return fresh
    kept = columns_of(cube.table)
    days = sa.between(
        kept["span"], sa.bindparam("first_span", type_=sa.Integer), sa.bindparam("last_span", type_=sa.Integer)
    )
    whole = kept["span"].in_(sa.bindparam("spans", expanding=True, type_=sa.Integer))
    # Days alone stand one after the other, and are gone through once.
    by_day = "span" in keys or shape.days or not cube.whole
    spans = sa.and_(days, kept["span"] % MONTH != 0) if by_day else whole
    amounts = {one: kept[one] for one in figures}
    return sa.union_all(_part(kept, cube, keys, amounts, [spans], shape, summed=summed), fresh)


@cache
def _lines(cube: Cube, keys: tuple[str, ...], figures: tuple[str, ...], shape: _Shape) -> sa.Subquery:
    return _statement(cube, keys, figures, shape, summed=False).subquery()


def _any_as_of(shape: _Shape) -> AsOf:
    """An ``AsOf`` of the shape's kind; its values are bound when the statement is asked."""
    return AsOf(datetime.min.replace(tzinfo=UTC), 0 if shape.entry else None)


def _part(
    of: Columns,
    cube: Cube,
    keys: tuple[str, ...],
    figures: dict[str, sa.ColumnElement[Any]],
    conditions: list[sa.ColumnElement[bool]],
    shape: _Shape,
    *,
    summed: bool,
) -> sa.Select[Any]:
    company = shape.company
    conditions = list(conditions)
    if "waited" in cube.keys:
        low, high = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("low", "high"))
        conditions += [of["waited"] >= low, of["waited"] < high]
    if shape.campaign:
        topics = sa.bindparam("topics", expanding=True, type_=sa.Integer) if shape.topics else None
        conditions.append(of_campaign(of, sa.bindparam("campaign", type_=sa.Integer), topics))
    if shape.topic:
        conditions.append(of["topic_id"] == sa.bindparam("topic", type_=sa.Integer))
    kind = "channel_id" if "channel_id" in cube.keys else "site_id"
    place = of[kind] if company or "company_id" in keys else None
    owned = _owned(kind, shape)
    if company and place is not None:
        of_partner = sa.select(owned.place).where(owned.company == sa.bindparam("company", type_=sa.Integer))
        conditions.append(place.in_(of_partner))
    chosen = [(owned.company if key == "company_id" else of[key]).label(key) for key in keys]
    source = sa.select(*chosen, *(one.label(name) for name, one in figures.items()))
    if "company_id" in keys:
        source = source.join(owned.table, owned.place == place)
    if not summed:
        return source.where(*conditions)
    each = source.where(*conditions).subquery()
    by = [each.c[key] for key in keys]
    return sa.select(*by, *(sa.func.sum(each.c[name]).label(name) for name in figures)).group_by(*by)


class _Owned(NamedTuple):
    """Whose sites or channels are: a table, and the columns of it that say so."""

    table: Any
    place: sa.ColumnElement[Any]
    company: sa.ColumnElement[Any]


def _owned(kind: str, shape: _Shape) -> _Owned:
    if shape.past:
        then = history.owners(_any_as_of(shape), kind)
        return _Owned(then, then.c.place_id, then.c.company_id)
    now: Any = (Channel if kind == "channel_id" else Site).__table__
    return _Owned(now, now.c.id, now.c.company_id)


def of_campaign(of: Columns, campaign: Any, topics: Any = None) -> sa.ColumnElement[bool]:
    """A campaign's lines: those of bulletins filed under it, and of its topics (or of those named) those filed under
    none."""
    if topics is None:
        topics = sa.select(campaign_topics.c.topic_id).where(campaign_topics.c.campaign_id == campaign)
    return sa.or_(of["campaign_id"] == campaign, sa.and_(of["campaign_id"] == NO_CAMPAIGN, of["topic_id"].in_(topics)))
