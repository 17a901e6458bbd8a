"""The tables of the change log and the daily sums, and the query of counted facts from the rows.

Triggers write every change of counted rows into ``tally_changes``, in the same transaction (``change_log``): the
old state of a copy with sign -1, the new one with +1. Changes are only appended, so that writers do not wait for each
other. A scheduled job adds them to ``daily_tallies`` and moves them to the history (``rollup``). Figures are read from
the daily sums and the pending changes, and are therefore exact at every time (``rollup_query``).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.channels.channels import Channel
from campaigns.core.base import Base, BigKey, UTCDateTime
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.matching.classification import CARRIED
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    NO_COPIES,
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.teasers import Teaser

NO_CAMPAIGN = 0  # for a bulletin without a campaign: part of a key, which cannot be NULL
# The subject of a change. Issues and owners are not summed; only the history needs them.
COPY, TEASER, ARRIVAL, ISSUE, OWNER = "copy", "teaser", "arrival", "issue", "owner"
NO_DAY = "1970-01-01"  # for an owner, which has no day


# One bulletin that arrived at one channel, with the number of deliveries: a correction is not another arrival.
arrivals = sa.Table(
    "arrivals",
    Base.metadata,
    sa.Column("bulletin_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("channel_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("deliveries", sa.Integer, nullable=False),
)


class database_clock(FunctionElement[datetime]):  # used as a function of SQL
    """The database's time in the format of ``UTCDateTime``, since a trigger gets no time from the application."""

    inherit_cache = True
    type = UTCDateTime()


@compiles(database_clock)
def _milliseconds(_element: database_clock, _compiler: SQLCompiler, **_how: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(database_clock, "postgresql")
def _clock(_element: database_clock, _compiler: SQLCompiler, **_how: Any) -> str:
    return "clock_timestamp()"


def change_columns() -> list[sa.Column[Any]]:
    """Return the columns of a change. ``copy_id``: the copy; ``left_at``: the second since which a removed copy is
    missing; ``company_id``: the owner of a site or channel; ``noted_at``: when it was logged."""
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


changes = sa.Table("tally_changes", Base.metadata, sa.Column("id", BigKey, primary_key=True), *change_columns())
Columns = Mapping[str, sa.ColumnElement[Any]]


def columns_of(source: sa.FromClause) -> Columns:
    """Return its columns by name."""
    return dict(source.c.items())


# The attribution of confirmed copies: a figure for each form.
ATTRIBUTION_FIGURES = {attribution: f"names_{attribution.value}" for attribution in Attribution}
COUNTS = (
    "found",
    "confirmed",
    "review",
    "rejected",
    "duplicate",
    "gone",
    "unreadable",
    "fetched",
    "matched",
    "by_person",
    *ATTRIBUTION_FIGURES.values(),
    "teasers",
    "proper",
    "partial",
    "pictures",
)


def _figures(of: Columns) -> dict[str, sa.ColumnElement[bool]]:
    """Return the condition by which a change counts for each figure."""
    is_copy, confirmed = of["kind"] == COPY, of["status"] == RepublicationStatus.CONFIRMED.value
    kept = of["match"].in_([match.value for match in Match if match in CARRIED])
    # Another address of a counted copy is no copy of its own: it counts in no figure but its own.
    duplicate = of["status"] == RepublicationStatus.DUPLICATE.value
    read = sa.and_(of["was_read"], sa.not_(duplicate))
    return {
        "found": sa.and_(is_copy, sa.not_(duplicate)),
        "confirmed": confirmed,
        "review": of["status"] == RepublicationStatus.REVIEW.value,
        "rejected": of["status"] == RepublicationStatus.REJECTED.value,
        "duplicate": duplicate,
        "gone": sa.and_(confirmed, of["life"] == RepublicationLife.GONE.value),
        "unreadable": sa.and_(
            of["life"] == RepublicationLife.UNREADABLE.value,
            of["status"].not_in([status.value for status in NO_COPIES]),
        ),
        "fetched": read,
        "matched": sa.and_(read, sa.or_(kept, confirmed)),
        # Confirmed by a person alone: no program has read the page.
        "by_person": sa.and_(confirmed, sa.not_(of["was_read"])),
        **{
            name: sa.and_(confirmed, of["attribution"] == attribution.value)
            for attribution, name in ATTRIBUTION_FIGURES.items()
        },
        "teasers": of["kind"] == TEASER,
        # Proper copies, for the ranking: the whole text with the source linked at the end.
        "proper": sa.and_(
            confirmed,
            of["match"] == Match.FULL.value,
            of["attribution"] == Attribution.LINKED_AT_END.value,
        ),
        "partial": sa.and_(confirmed, of["match"] == Match.PARTIAL.value),
        # Of copies that are a picture.
        "pictures": sa.and_(confirmed, of["match"] == Match.PICTURE.value),
        # The whole of every rate of sources; not summed, but the difference of two sums.
        "source_seen": sa.and_(confirmed, of["attribution"] != Attribution.NOT_SEEN.value),
        "arrived": of["kind"] == ARRIVAL,
    }


def figure_condition(of: Columns, figure: str) -> sa.ColumnElement[bool]:
    """Return the condition by which rows with these columns count in a figure."""
    return _figures(of)[figure]


def amounts(of: Columns, figures: Sequence[str]) -> dict[str, sa.ColumnElement[int]]:
    """Return the amount of a change in each of these figures."""
    conditions = _figures(of)
    return {figure: sa.case((conditions[figure], of["sign"]), else_=0) for figure in figures}


FILING_COLUMNS = ("topic_id", "campaign_id")
FIGURES = (*COUNTS, "arrived")
SUM_KEYS = ("channel_id", "day", *FILING_COLUMNS)
SUMMED_KINDS = (COPY, TEASER, ARRIVAL)
NO_CHANNEL = 0  # the key of copies and teasers, which belong to no channel

# Sums by day: copies and teasers under ``NO_CHANNEL``, arrivals under their channel.
daily_tallies = sa.Table(
    "daily_tallies",
    Base.metadata,
    sa.Column("channel_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in FILING_COLUMNS),
    *(sa.Column(figure, sa.Integer, nullable=False) for figure in FIGURES),
    # For arrivals in a period at any channel.
    sa.Index("ix_daily_tallies_day", "day", "channel_id", *FILING_COLUMNS, "arrived"),
    sqlite_with_rowid=False,
)

# One row while the sums are to be computed anew from the rows.
stale_sums = sa.Table("stale_sums", Base.metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))


def daily_sums(source: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the rows of ``daily_tallies`` that are the sums of the changes in ``source``."""
    of = columns_of(source)
    keys = [sa.func.coalesce(of["channel_id"], sa.literal_column(str(NO_CHANNEL))).label("channel_id")]
    keys += [of[name].label(name) for name in SUM_KEYS[1:]]
    labelled = [value.label(figure) for figure, value in amounts(of, FIGURES).items()]
    each = sa.select(*keys, *labelled).where(of["kind"].in_(SUMMED_KINDS), *conditions).subquery()
    by = [each.c[name] for name in SUM_KEYS]
    return sa.select(*by, *(sa.func.sum(each.c[figure]).label(figure) for figure in FIGURES)).group_by(*by)


# Derived from the other tables, so that they are not part of a backup.
DERIVED_TABLES = frozenset({changes.name, arrivals.name, daily_tallies.name, stale_sums.name})


class no_day(FunctionElement[date]):  # used as a function of SQL
    """The value for a missing day: SQLite stores days as text, and has no type for them."""

    inherit_cache = True
    type = sa.Date()


@compiles(no_day)
def _as_text(_element: no_day, _compiler: SQLCompiler, **_how: Any) -> str:
    return f"'{NO_DAY}'"


@compiles(no_day, "postgresql")
def _as_date(_element: no_day, _compiler: SQLCompiler, **_how: Any) -> str:
    return f"DATE '{NO_DAY}'"


class second(FunctionElement[int]):  # used as a function of SQL
    """A time in whole seconds, rounded down: the same on both databases, so that a delay has one class."""

    inherit_cache = True
    type = sa.BigInteger()


@compiles(second)
def _truncated(element: second, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER)"


@compiles(second, "postgresql")
def _floored(element: second, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(epoch FROM {compiler.process(element.clauses, **how)})) AS BIGINT)"


def has_arrived() -> sa.ColumnElement[bool]:
    """The condition of deliveries that prove an arrival: a delivery to the sample partner is none to anybody."""
    samples = sa.select(Channel.id).join(Company, Company.id == Channel.company_id).where(Company.sample)
    return sa.and_(Delivery.state == DeliveryState.DELIVERED, Delivery.channel_id.not_in(samples))


def facts(*, for_history: bool = False) -> sa.Subquery:
    """Return all counted facts from the rows, each as the change that adds it. The sums are compared with them.

    With ``for_history`` also the facts without sums: published bulletins, and the owners of sites and channels.
    """
    plain = sa.String()
    appeared = sa.func.coalesce(second(Republication.published_at), second(Republication.first_seen_at))
    left = sa.case(
        (
            Republication.life == RepublicationLife.GONE,
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
    came = sa.select(Delivery.bulletin_id, Delivery.channel_id).where(has_arrived())
    pairs = came.distinct().subquery("pairs")
    arrived: Any = (
        sa.select(
            sa.literal_column("1"), sa.literal_column(f"'{ARRIVAL}'", plain), Bulletin.released_on, Bulletin.id,
            sa.null().cast(sa.Integer), pairs.c.channel_id, *filed, *nothing, *unread,
        )
        .join(Bulletin, Bulletin.id == pairs.c.bulletin_id)
        .where(Bulletin.released_on.is_not(None))
    )  # fmt: skip
    if not for_history:
        return sa.union_all(copies, teasers, arrived).subquery("facts")
    issued: Any = sa.select(
        sa.literal_column("1"),
        sa.literal_column(f"'{ISSUE}'", plain),
        Bulletin.released_on,
        Bulletin.id,
        sa.null().cast(sa.Integer),
        sa.null().cast(sa.Integer),
        *filed,
        *nothing,
        *unread,
    ).where(Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)), Bulletin.released_on.is_not(None))
    return sa.union_all(copies, teasers, arrived, issued, _owners(Site), _owners(Channel)).subquery("facts")


def _owners(kind: type[Site] | type[Channel]) -> Any:
    """Return the owner of each site, or of each partner's channel."""
    plain, none, place = sa.String(), sa.null().cast(sa.Integer), kind.id
    return sa.select(
        sa.literal_column("1"), sa.literal_column(f"'{OWNER}'", plain), no_day(),
        sa.literal_column("0"), place if kind is Site else none, place if kind is Channel else none,
        sa.literal_column("0"), sa.literal_column("0"), *(sa.null().cast(plain) for _ in range(4)),
        sa.null().cast(sa.Boolean), sa.null().cast(sa.BigInteger), none, sa.null().cast(sa.BigInteger), kind.company_id,
    ).where(kind.company_id.is_not(None))  # fmt: skip
