"""The sums: what the figures of every page are read from, and the changes that have yet to be added to them.

The database itself writes down every change of what counts, in the same transaction (``noting``), as rows of
*changes*: the old copy with -1, the new one with +1. Changes are only ever appended, so that no writer waits for
another; the clock adds them up (``adding``). Whoever asks for a figure reads the sums and what is not added yet, so
that it is exact at every moment (``reading``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting.spans import MONTH, YEAR, bin_column, span_columns
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Evidence, Life, Republication, Status
from campaigns.tracking.teasers import Teaser

NO_CAMPAIGN = 0  # of a bulletin that is filed under none: part of a key, which cannot be empty
# What a change is of: the last two are no part of any sum, and are told for the history alone.
COPY, TEASER, ARRIVAL, ISSUE, OWNER = "copy", "teaser", "arrival", "issue", "owner"
NO_DAY = "1970-01-01"  # of an owner, which is of no day

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# One bulletin that arrived at one channel, by how many deliveries: a correction to the same place is not another place.
arrivals = sa.Table(
    "arrivals",
    Base.metadata,
    sa.Column("bulletin_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("channel_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("deliveries", sa.Integer, nullable=False),
)


class database_clock(FunctionElement[datetime]):  # used as a function of SQL
    """The database's own moment, as ``UTCDateTime`` keeps one: whoever writes a change has no clock to hand it."""

    inherit_cache = True
    type = UTCDateTime()


@compiles(database_clock)
def _milliseconds(_element: database_clock, _compiler: SQLCompiler, **_how: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(database_clock, "postgresql")
def _clock(_element: database_clock, _compiler: SQLCompiler, **_how: Any) -> str:
    return "clock_timestamp()"


def change_columns() -> list[sa.Column[Any]]:
    """What a change says. ``copy_id``: which copy; ``left_at``: since which second of time it is missing, of one that
    is gone; ``company_id``: whose a site or channel is, of an owner; ``noted_at``: when it was written down."""
    return [
        sa.Column("sign", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("bulletin_id", sa.Integer, nullable=False),
        sa.Column("site_id", sa.Integer),
        sa.Column("channel_id", sa.Integer),
        sa.Column("topic_id", sa.Integer, nullable=False),
        sa.Column("campaign_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16)),
        sa.Column("life", sa.String(16)),
        sa.Column("attribution", sa.String(30)),
        sa.Column("match", sa.String(16)),
        sa.Column("was_read", sa.Boolean),
        sa.Column("waited", sa.BigInteger),
        sa.Column("copy_id", sa.Integer),
        sa.Column("left_at", sa.BigInteger),
        sa.Column("company_id", sa.Integer),
        sa.Column("noted_at", UTCDateTime, nullable=False, server_default=database_clock()),
    ]


changes = sa.Table("tally_changes", Base.metadata, sa.Column("id", _NUMBER, primary_key=True), *change_columns())
Columns = Mapping[str, sa.ColumnElement[Any]]


def columns_of(source: sa.FromClause) -> Columns:
    """Its columns by name."""
    return dict(source.c.items())


# How confirmed copies name the source: a figure for each of the seven verdicts.
SHARES = {one: f"names_{one.value}" for one in Attribution}
COUNTS = (
    "found", "confirmed", "review", "rejected", "gone", "fetched", "matched", *SHARES.values(), "teasers", "proper",
)  # fmt: skip


def _figures(of: Columns) -> dict[str, sa.ColumnElement[bool]]:
    """What makes a change count for each figure."""
    is_copy, confirmed = of["kind"] == COPY, of["status"] == Status.CONFIRMED.value
    kept = of["match"].in_((Match.FULL.value, Match.PARTIAL.value))
    return {
        "found": is_copy,
        "confirmed": confirmed,
        "review": of["status"] == Status.REVIEW.value,
        "rejected": of["status"] == Status.REJECTED.value,
        "gone": sa.and_(confirmed, of["life"] == Life.GONE.value),
        "fetched": sa.or_(of["was_read"], confirmed),
        "matched": sa.or_(sa.and_(of["was_read"], kept), confirmed),
        **{name: sa.and_(confirmed, of["attribution"] == one.value) for one, name in SHARES.items()},
        "teasers": of["kind"] == TEASER,
        # The whole text with the source linked where it has to be: what partners are thanked for.
        "proper": sa.and_(
            confirmed,
            of["match"] == Match.FULL.value,
            of["attribution"] == Attribution.LINKED_AT_END.value,
        ),
        "arrived": of["kind"] == ARRIVAL,
    }


def amount(of: Columns, figure: str) -> sa.ColumnElement[int]:
    """What each change amounts to in one figure."""
    return sa.case((_figures(of)[figure], of["sign"]), else_=0)


@dataclass(frozen=True)
class Cube:
    """One table of sums. ``keys``: its columns besides the span, each a column of the changes or made of them;
    ``whole``: whether years and months are kept beside days."""

    table: sa.Table
    kinds: tuple[str, ...]
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    whole: bool = True

    def of(self, source: Columns) -> list[sa.ColumnElement[bool]]:
        """Which changes belong in it."""
        conditions: list[sa.ColumnElement[bool]] = [source["kind"].in_(self.kinds)]
        if "waited" in self.keys or "bin" in self.keys:
            conditions += [source["waited"].is_not(None), source["status"] == Status.CONFIRMED.value]
        return conditions

    def key(self, source: Columns, name: str) -> sa.ColumnElement[Any]:
        """A key of it, made of a change."""
        return bin_column(source["waited"]) if name == "bin" else source[name]


def _cube(name: str, kinds: tuple[str, ...], keys: tuple[str, ...], figures: tuple[str, ...], **also: Any) -> Cube:
    parts = [sa.Column(key, sa.BigInteger if key == "waited" else sa.Integer, primary_key=True, autoincrement=False)
             for key in keys]  # fmt: skip
    span = sa.Column("span", sa.Integer, primary_key=True, autoincrement=False)
    # The delays are looked through by their seconds, everything else by its days.
    first = [*parts[:1], span, *parts[1:]] if keys[0] == "waited" else [span, *parts]
    table = sa.Table(
        name,
        Base.metadata,
        *first,
        *(sa.Column(figure, sa.Integer, nullable=False) for figure in figures),
        sqlite_with_rowid=False,
    )
    return Cube(table, kinds, keys, figures, **also)


PLACE = ("topic_id", "campaign_id")
BY_TOPIC = _cube("tallies_by_topic", (COPY, TEASER), PLACE, COUNTS)
BY_SITE = _cube("tallies_by_site", (COPY, TEASER), ("site_id", *PLACE), COUNTS)
BY_BULLETIN = _cube("tallies_by_bulletin", (COPY,), ("bulletin_id",), ("confirmed",))
BY_CHANNEL = _cube("tallies_by_channel", (ARRIVAL,), ("channel_id", *PLACE), ("arrived",))
BY_BIN = _cube("tallies_by_delay", (COPY,), ("bin", *PLACE), ("confirmed",))
BY_SECOND = _cube("tallies_by_second", (COPY,), ("waited", *PLACE), ("confirmed",), whole=False)
# A sum stands behind the finer one that its days can be made of.
CUBES = (BY_SITE, BY_TOPIC, BY_BULLETIN, BY_CHANNEL, BY_SECOND, BY_BIN)
FINER = {BY_TOPIC: BY_SITE, BY_BIN: BY_SECOND}
# A partner's days, without going through everybody's.
sa.Index("ix_tallies_by_site_site_id_span", BY_SITE.table.c.site_id, BY_SITE.table.c.span)

# Made of the other tables, so no part of a backup.
MADE = frozenset({changes.name, arrivals.name, *(cube.table.name for cube in CUBES)})


class no_day(FunctionElement[date]):  # used as a function of SQL
    """The day of what is of none: SQLite keeps days as text, and has no type of its own for them."""

    inherit_cache = True
    type = sa.Date()


@compiles(no_day)
def _as_text(_element: no_day, _compiler: SQLCompiler, **_how: Any) -> str:
    return f"'{NO_DAY}'"


@compiles(no_day, "postgresql")
def _as_date(_element: no_day, _compiler: SQLCompiler, **_how: Any) -> str:
    return f"DATE '{NO_DAY}'"


class second(FunctionElement[int]):  # used as a function of SQL
    """A moment in whole seconds, those begun not counted: the same on both databases, so that a delay has one class."""

    inherit_cache = True
    type = sa.BigInteger()


@compiles(second)
def _truncated(element: second, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER)"


@compiles(second, "postgresql")
def _floored(element: second, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(epoch FROM {compiler.process(element.clauses, **how)})) AS BIGINT)"


def facts(*, all_told: bool = False) -> sa.Subquery:
    """Everything that counts as it stands in the rows, each as a change that added it: what sums are compared with.

    With ``all_told`` also what no sums are kept of: the bulletins that are out, and whose sites and channels are.
    """
    plain = sa.String()
    appeared = sa.func.coalesce(second(Republication.published_at), second(Republication.first_seen_at))
    left = sa.case(
        (
            Republication.life == Life.GONE,
            sa.func.coalesce(second(Republication.missing_since), second(Republication.gone_at)),
        )
    )
    filed = (Bulletin.topic_id, sa.func.coalesce(Bulletin.campaign_id, NO_CAMPAIGN).label("campaign_id"))
    copies: Any = sa.select(
        sa.literal_column("1").label("sign"), sa.literal_column(f"'{COPY}'", plain).label("kind"),
        Republication.counted_on.label("day"), Republication.bulletin_id, Republication.site_id,
        sa.null().cast(sa.Integer).label("channel_id"), *filed,
        *(sa.type_coerce(one, plain).label(one.key) for one in (
            Republication.status, Republication.life, Republication.attribution, Republication.match)),
        sa.exists().where(Evidence.republication_id == Republication.id).label("was_read"),
        (appeared - second(Bulletin.release_at)).label("waited"),
        Republication.id.label("copy_id"), left.label("left_at"), sa.null().cast(sa.Integer).label("company_id"),
    ).join(Bulletin, Bulletin.id == Republication.bulletin_id)  # fmt: skip
    nothing = [sa.null().cast(plain).label(name) for name in ("status", "life", "attribution", "match")]
    unread = [
        sa.null().cast(sa.Boolean).label("was_read"), sa.null().cast(sa.BigInteger).label("waited"),
        sa.null().cast(sa.Integer).label("copy_id"), sa.null().cast(sa.BigInteger).label("left_at"),
        sa.null().cast(sa.Integer).label("company_id"),
    ]  # fmt: skip
    teasers: Any = sa.select(
        sa.literal_column("1"), sa.literal_column(f"'{TEASER}'", plain), Teaser.counted_on, Teaser.bulletin_id,
        Teaser.site_id, sa.null().cast(sa.Integer), *filed, *nothing, *unread,
    ).join(Bulletin, Bulletin.id == Teaser.bulletin_id)  # fmt: skip
    came = sa.select(Delivery.bulletin_id, Delivery.channel_id).where(Delivery.state == DeliveryState.DELIVERED)
    pairs = came.distinct().subquery("pairs")
    arrived: Any = (
        sa.select(
            sa.literal_column("1"), sa.literal_column(f"'{ARRIVAL}'", plain), Bulletin.released_on, Bulletin.id,
            sa.null().cast(sa.Integer), pairs.c.channel_id, *filed, *nothing, *unread,
        )
        .join(Bulletin, Bulletin.id == pairs.c.bulletin_id)
        .where(Bulletin.released_on.is_not(None))
    )  # fmt: skip
    if not all_told:
        return sa.union_all(copies, teasers, arrived).subquery("facts")
    issued: Any = sa.select(
        sa.literal_column("1"), sa.literal_column(f"'{ISSUE}'", plain), Bulletin.released_on, Bulletin.id,
        sa.null().cast(sa.Integer), sa.null().cast(sa.Integer), *filed, *nothing, *unread,
    ).where(Bulletin.state.in_((State.PUBLISHED, State.RECALLED)), Bulletin.released_on.is_not(None))  # fmt: skip
    return sa.union_all(copies, teasers, arrived, issued, _owners(Site), _owners(Channel)).subquery("facts")


def _owners(kind: type[Site] | type[Channel]) -> Any:
    """Whose each site, or each channel of a partner, is."""
    plain, none, place = sa.String(), sa.null().cast(sa.Integer), kind.id
    return sa.select(
        sa.literal_column("1"), sa.literal_column(f"'{OWNER}'", plain), no_day(),
        sa.literal_column("0"), place if kind is Site else none, place if kind is Channel else none,
        sa.literal_column("0"), sa.literal_column("0"), *(sa.null().cast(plain) for _ in range(4)),
        sa.null().cast(sa.Boolean), sa.null().cast(sa.BigInteger), none, sa.null().cast(sa.BigInteger), kind.company_id,
    ).where(kind.company_id.is_not(None))  # fmt: skip


def cells(cube: Cube, source: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> list[sa.Select[Any]]:
    """The sums of one table as made from changes: by day, and by month and year where it keeps those."""
    of = columns_of(source)
    made = []
    for span in span_columns(of["day"])[: 3 if cube.whole else 1]:
        keys = [span.label("span"), *(cube.key(of, name).label(name) for name in cube.keys)]
        amounts = [amount(of, figure).label(figure) for figure in cube.figures]
        each = sa.select(*keys, *amounts).select_from(source).where(*cube.of(of), *conditions).subquery()
        by = [each.c[key.name] for key in keys]
        sums = [sa.func.sum(each.c[figure]).label(figure) for figure in cube.figures]
        made.append(sa.select(*by, *sums).where(sa.true()).group_by(*by))
    return made


def from_finer(cube: Cube) -> sa.Select[Any]:
    """The sums of a table by day, as made from those of the finer one, which the same changes belong in."""
    kept = columns_of(FINER[cube].table)
    keys = [kept["span"], *(cube.key(kept, name).label(name) for name in cube.keys)]
    days = sa.select(*keys, *(kept[name] for name in cube.figures)).where(kept["span"] % MONTH != 0).subquery()
    by = [days.c[name] for name in ("span", *cube.keys)]
    return sa.select(*by, *(sa.func.sum(days.c[name]).label(name) for name in cube.figures)).group_by(*by)


def widened(cube: Cube) -> list[sa.Select[Any]]:
    """The sums of a table by month and by year, as made from those by day."""
    kept = columns_of(cube.table)
    made = []
    for size in (MONTH, YEAR):
        wider = (kept["span"] - kept["span"] % size).label("span")
        each = sa.select(wider, *(kept[name] for name in (*cube.keys, *cube.figures))).where(kept["span"] % MONTH != 0)
        days = each.subquery()
        by = [days.c[name] for name in ("span", *cube.keys)]
        made.append(sa.select(*by, *(sa.func.sum(days.c[name]).label(name) for name in cube.figures)).group_by(*by))
    return made
