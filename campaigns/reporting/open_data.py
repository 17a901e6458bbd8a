"""Open data: a few plain tables for other programs, with stable column names.

The same tables are views on PostgreSQL, in the schema ``lantoa_open`` (migration 0001; a test holds both equal, row by
row). They contain nothing before its release, nothing about persons, and only counted copies: those in review or
rejected are included only in sums.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.compliance.cases.cases import IN_FORCE, CaseDecision, SubjectKind
from campaigns.core import journal
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period, quarter_of
from campaigns.core.errors import NotFound
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.partners.licences import Licence
from campaigns.people.default_name import DEFAULT_NAME
from campaigns.people.office import Office
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Campaign, Target, Topic
from campaigns.reporting.rollups.rollup_query import TallyScope, copy_figures
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.views import ViewDay

SCHEMA = "lantoa_open"
ALL_DAYS = Period(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31), "")
_DAILY = (
    "found", "confirmed", "review", "rejected", "gone", ATTRIBUTION_FIGURES[Attribution.LINKED_AT_END],
    ATTRIBUTION_FIGURES[Attribution.NOT_SEEN],
)  # fmt: skip
ROWS_PER_READ = 2000  # rows read from the database together, so that memory does not grow with a table


@dataclass(frozen=True)
class OpenColumn:
    """``kind``: text, number, share (0–1), day, moment or flag; ``about`` describes it."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True)
class OpenTable:
    """One table; ``about`` describes a row."""

    name: str
    about: str
    columns: tuple[OpenColumn, ...]


def _table(name: str, about: str, *columns: tuple[str, str, str]) -> OpenTable:
    return OpenTable(name, about, tuple(OpenColumn(*column) for column in columns))


_ALL = (
    _table(
        "campaigns", "a communication plan",
        ("code", "text", "its code"), ("plan_number", "text", "the document's number"), ("name", "text", "its name"),
        ("starts_on", "day", "first day"), ("ends_on", "day", "last day"),
    ),
    _table(
        "targets", "a number that a plan is to reach",
        ("campaign", "text", "code of the plan"), ("metric", "text", "what is counted"),
        ("topic", "text", "code of the topic; empty = all of the plan's"),
        ("period", "text", "2026-Q4, 2026-11 …; empty = the plan's whole time"), ("quota", "number", "to be reached"),
    ),
    _table("topics", "a topic", ("code", "text", "its code"), ("name", "text", "its name")),
    _table("partners", "a company that republishes", ("code", "text", "its code"), ("name", "text", "its name")),
    _table(
        "sites", "a site of a partner's",
        ("code", "text", "its code"), ("partner", "text", "code of the company"), ("name", "text", "its name"),
        ("host", "text", "host name without www."), ("kind", "text", "aggregator or social"),
        ("active", "flag", "whether it is watched"),
    ),
    _table(
        "licences", "a licence of the register, whether in force or not",
        ("number", "text", "its number"), ("partner", "text", "code of the company"),
        ("kind", "text", "aggregator or social"), ("issuer", "text", "the office that issued it, by its name then"),
        ("issued_on", "day", "the day of issue"), ("expires_on", "day", "its last day; empty = without an end"),
        ("withdrawn_on", "day", "the first day without it, where it was withdrawn; empty = it was not"),
    ),
    _table(
        "bulletins", "a bulletin that is out or was recalled",
        ("code", "text", "its code"), ("topic", "text", "code of the topic"),
        ("campaign", "text", "code of the plan it is filed under; empty = none"),
        ("title", "text", "of the text that is out"), ("state", "text", "published or recalled"),
        ("released_at", "moment", "since when it is out"), ("released_on", "day", "that day in the city"),
        ("recalled_at", "moment", "since when it is withdrawn; empty = it is not"),
    ),
    _table(
        "republications", "a confirmed republication: one bulletin on one site at one address",
        ("id", "text", "its id, as in the API"), ("bulletin", "text", "code of the bulletin"),
        ("site", "text", "code of the site"), ("partner", "text", "code of the company"),
        ("topic", "text", "code of the topic"), ("url", "text", "where it stands"),
        ("life", "text", "live, changed, gone or unreadable"), ("level", "text", "how far the evidence reaches"),
        ("match", "text", "full, partial, picture, excerpt, teaser or none"),
        ("share", "share", "part of the text on the page"),
        ("attribution", "text", "how the source is named"),
        ("published_at", "moment", "as the page says; empty = it does not"),
        ("first_seen_at", "moment", "when it was first seen"), ("counted_on", "day", "the day it counts for"),
        ("gone_at", "moment", "since when it is gone; empty = it is not"),
    ),
    _table(
        "daily", "a day and a topic with what appeared then",
        ("day", "day", "day of the city"), ("topic", "text", "code of the topic"),
        ("found", "number", "republications known, whatever their status; duplicates are none of their own"),
        ("confirmed", "number", "those that count"), ("review", "number", "those that wait for a person"),
        ("rejected", "number", "those that do not count"),
        ("gone", "number", "confirmed and gone since; not subtracted"),
        ("attributed", "number", "confirmed with the source linked at the end"),
        ("source_unseen", "number", "confirmed by people alone, the source not to be seen; in no rate of sources"),
    ),
    _table(
        "views_daily", "counter images of a bulletin on one day under one version of the rules",
        ("day", "day", "day of the city"), ("bulletin", "text", "code of the bulletin"),
        ("rules", "text", "version of the rules; figures of two are never added"),
        ("raw", "number", "every load"), ("guarded", "number", "less programs, repeats and floods"),
    ),
    _table(
        "handled", "what was handled in a quarter, of one kind of subject, in one form, for one fault",
        ("quarter", "text", "2026-Q4, of the day of the decision"), ("subject", "text", "organisation or person"),
        ("form", "text", "reminder, mended, handed, fine or other"), ("fault", "text", "the fault in words"),
        ("decisions", "number", "how many"),
        ("amount", "number", "of fines on organisations, in đồng; empty for persons"),
    ),
)  # fmt: skip
TABLES: Mapping[str, OpenTable] = MappingProxyType({table.name: table for table in _ALL})


def open_rows(session: Session, name: str, *, now: datetime) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table in its order, in batches. Raises ``NotFound`` for an unknown table before anything is
    read."""
    if name not in TABLES:
        raise NotFound(f"there is no open table {name}", table=name)
    if name == "daily":
        return _daily(session, now)
    if name == "handled":
        return _handled(session)
    return _read(session, _query(name, now))


def _read(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    for row in session.execute(query.execution_options(yield_per=ROWS_PER_READ)):
        yield tuple(row)


def _query(name: str, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of a table; columns in the order of ``TABLES``."""
    match name:
        case "campaigns":
            columns: tuple[Any, ...] = (
                Campaign.code, Campaign.plan_number, Campaign.name, Campaign.starts_on, Campaign.ends_on
            )  # fmt: skip
            return sa.select(*columns).order_by(Campaign.id)
        case "targets":
            columns = (Campaign.code, Target.metric, Topic.code, Target.period, Target.quota)
            return (
                sa.select(*columns)
                .join_from(Target, Campaign, Campaign.id == Target.campaign_id)
                .outerjoin(Topic, Topic.id == Target.topic_id)
                .order_by(Target.id)
            )
        case "topics":
            return sa.select(Topic.code, Topic.name).order_by(Topic.id)
        case "partners":
            return sa.select(Company.code, Company.name).where(COMPANY_IN_USE).order_by(Company.id)
        case "sites":
            columns = (Site.code, Company.code, Site.name, Site.host, Site.kind, Site.active)
            return (
                sa.select(*columns).join(Company, Company.id == Site.company_id).where(~Site.sample).order_by(Site.id)
            )
        case "licences":
            columns = (
                Licence.number, Company.code, Licence.kind, Licence.issuer, Licence.issued_on, Licence.expires_on,
                Licence.withdrawn_on,
            )  # fmt: skip
            return sa.select(*columns).join(Company, Company.id == Licence.company_id).order_by(Licence.id)
        case "bulletins":
            return _bulletins(now)
        case "republications":
            return _republications(now)
        case _:
            columns = (
                ViewDay.day,
                Bulletin.code,
                ViewDay.rules,
                sa.func.sum(ViewDay.raw),
                sa.func.sum(ViewDay.guarded),
            )
            return (
                sa.select(*columns)
                .join_from(ViewDay, Bulletin, Bulletin.id == ViewDay.bulletin_id)
                .where(visibility.visible(now, with_recalled=True))
                .group_by(ViewDay.day, Bulletin.code, ViewDay.rules)
                .order_by(ViewDay.day, Bulletin.code, ViewDay.rules)
            )


def _bulletins(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        Bulletin.code, Topic.code, Campaign.code, Revision.title, Bulletin.state, Bulletin.release_at,
        Bulletin.released_on, Bulletin.recalled_at,
    )  # fmt: skip
    text = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released)
    return (
        sa.select(*columns)
        .join_from(Bulletin, Revision, text)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .outerjoin(Campaign, Campaign.id == Bulletin.campaign_id)
        .where(visibility.visible(now, with_recalled=True))
        .order_by(Bulletin.id)
    )


def _copies(now: datetime, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*columns)
        .join_from(Republication, Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .where(visibility.visible(now, with_recalled=True))
    )


def _republications(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    columns = (
        Republication.public, Bulletin.code, Site.code, Company.code, Topic.code, Republication.canonical_url,
        Republication.life, Republication.level, Republication.match, Republication.share, Republication.attribution,
        Republication.published_at, Republication.first_seen_at, Republication.counted_on, Republication.gone_at,
    )  # fmt: skip
    query = _copies(now, *columns).join(Site, Site.id == Republication.site_id)
    query = query.join(Company, Company.id == Site.company_id).where(
        Republication.status == RepublicationStatus.CONFIRMED, Site.sample.is_(False)
    )
    return query.order_by(Republication.id)


def _daily(session: Session, now: datetime) -> Iterator[Sequence[Any]]:
    """Return the figures from the sums, less the few copies of unpublished bulletins, since a count of all copies would
    be slow. Both are read in one snapshot of the database, so that the difference is exact."""
    known = copy_figures(session, TallyScope(ALL_DAYS), ("day", "topic_id"), _DAILY)
    for key, hidden in _of_hidden(session, now).items():
        known[key] = tuple(all_of - some for all_of, some in zip(known[key], hidden, strict=True))
    codes = {row.id: row.code for row in session.execute(sa.select(Topic.id, Topic.code))}
    lines = sorted((day, codes[topic], *figures) for (day, topic), figures in known.items() if figures[0])
    yield from lines


def _of_hidden(session: Session, now: datetime) -> dict[tuple[date, int], list[int]]:
    """Return the figures of copies of unpublished bulletins, such as leaked ones or early reports."""
    out = sa.select(Bulletin.id).where(visibility.visible(now, with_recalled=True))
    of_copy = (Republication.counted_on, Republication.status, Republication.life, Republication.attribution)
    # Counted here: grouped by day, the query planner would scan every copy by day instead of looking up those of a few
    # bulletins.
    query = (
        sa.select(Bulletin.topic_id, *of_copy)
        .join_from(Republication, Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(
            Republication.bulletin_id.in_(sa.select(Bulletin.id).where(Bulletin.id.not_in(out))),
            Republication.status != RepublicationStatus.DUPLICATE,
        )
    )
    found: dict[tuple[date, int], list[int]] = {}
    for topic, day, status, life, attribution in session.execute(query):
        confirmed = status is RepublicationStatus.CONFIRMED
        figures = (
            True, confirmed, status is RepublicationStatus.REVIEW, status is RepublicationStatus.REJECTED,
            confirmed and life is RepublicationLife.GONE, confirmed and attribution is Attribution.LINKED_AT_END,
            confirmed and attribution is Attribution.NOT_SEEN,
        )  # fmt: skip
        line = found.setdefault((day, topic), [0] * len(figures))
        line[:] = map(sum, zip(line, figures, strict=True))
    return found


def _handled(session: Session) -> Iterator[Sequence[Any]]:
    """Return the decisions in force as counts: nobody is named, and the amounts of persons are left out."""
    query = sa.select(
        CaseDecision.on_day, CaseDecision.subject_kind, CaseDecision.form, CaseDecision.fault, CaseDecision.amount
    ).where(IN_FORCE, CaseDecision.shared.is_(False))
    counts: Counter[tuple[str, str, str, str]] = Counter()
    amounts: Counter[tuple[str, str, str, str]] = Counter()
    for day, subject, form, fault, amount in session.execute(query):
        key = (quarter_of(day).label, subject.value, form.value, fault)
        counts[key] += 1
        amounts[key] += amount or 0
    for key in sorted(counts):
        yield (*key, counts[key], None if key[1] == SubjectKind.PERSON.value else amounts[key])


def is_open(session: Session) -> bool:
    """Whether the tables are public without a key."""
    return session.execute(sa.select(Office.open_since)).scalar_one_or_none() is not None


def set_open(session: Session, actor: Actor, wanted: bool, *, now: datetime) -> None:
    """Make the tables public, or require a key. Idempotent. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    row = session.get(Office, 1)
    if row is None:
        row = Office(id=1, name=DEFAULT_NAME, parent="", place="", source_names=[DEFAULT_NAME], not_us=[])
        session.add(row)
    if (row.open_since is not None) is wanted:
        return
    row.open_since = now if wanted else None
    session.flush()
    act = "open_data.opened" if wanted else "open_data.closed"
    journal.record(session, actor.id, act, "office", row.name, now=now)
