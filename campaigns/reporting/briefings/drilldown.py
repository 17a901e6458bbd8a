"""The rows behind a figure of a briefing, now or as of an earlier time: exactly as many as the figure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.channels.channels import Channel
from campaigns.compliance.cases.cases import Case, SubjectKind
from campaigns.compliance.cases.figures import period_decisions, subjects_of
from campaigns.compliance.findings import Finding, FindingStatus
from campaigns.compliance.rules import Rule
from campaigns.core.clock import Period, city_day, parse_period
from campaigns.core.errors import NotFound
from campaigns.messages.message_figures import SentNotice, briefed_partners, notices_sent, questions_asked
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.register_figures import RegisterFigure, licences_of_figure, licensed_companies
from campaigns.planning.campaigns import Topic
from campaigns.reporting import removals, tallies
from campaigns.reporting.briefings.account_figures import own_arrivals
from campaigns.reporting.briefings.figures import finding_standings
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope, copy_figures, scope_conditions
from campaigns.reporting.rollups.rollup_tables import ARRIVAL, ATTRIBUTION_FIGURES, COPY, amounts, columns_of
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication

COPY_FIGURES = (
    "found", "confirmed", "review", "rejected", "gone", "unreadable", "partial", "attributed", "source_seen",
    "source_unseen", "pictures",
    *ATTRIBUTION_FIGURES.values(),
)  # fmt: skip
MANAGEMENT_KINDS = (
    "licences", "licensed", "notices", "briefed", "questions", "answered", "accounts", "account_deliveries",
)  # fmt: skip
DRILLDOWN_KINDS = (
    "copies", "delivered", "bulletins", "partners", "corrections", "recalls", "removed", "still_up", "cases",
    "findings",
    *MANAGEMENT_KINDS,
)  # fmt: skip
FINDING_FIGURES = ("proposed", "confirmed", "dismissed")
NOTICE_FIGURES = ("sent", "read", "to_confirm", "confirmed")
CASE_FIGURES = ("subjects", "organisations", "persons", "decisions", "amount", "paid", "earlier", "form", "fault")


@dataclass(frozen=True)
class FigureSelection:
    """The selected figure. ``kind``: one of ``DRILLDOWN_KINDS``; ``figure``: for copies, one of ``COPY_FIGURES``, for
    cases, one of ``CASE_FIGURES``, for findings, one of ``FINDING_FIGURES``, for licences, a ``RegisterFigure``, for
    notices, none or one of ``NOTICE_FIGURES``; ``by`` and ``key``: its row (``month``, ``day``,
    ``topic``, ``partner``, ``site``, ``channel``; ``licence_kind`` of the register; ``key`` alone for a form or a fault
    of cases, or the rule of findings), '' for the total."""

    kind: str
    figure: str = ""
    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class DrilldownRow:
    """One row: a copy (``copy``), a bulletin, a bulletin that arrived at a channel, a partner, a decision on a case
    (``case``), a finding, a notice or a question. ``count``: how many licences or notices are behind the row of a
    partner, or how many partners behind that of a notice."""

    name: str
    where: str = ""
    day: date | None = None
    copy: str = ""
    bulletin: str = ""
    partner: str = ""
    url: str = ""
    notice: str = ""
    question: str = ""
    count: int | None = None
    case: str = ""
    finding: str = ""
    number: str = ""
    amount: int | None = None
    fault_on: date | None = None


def drilldown_rows(session: Session, scope: TallyScope, which: FigureSelection, *, now: datetime) -> list[DrilldownRow]:
    """Return the rows, in a stable order. Raises ``NotFound`` for an unknown figure or row."""
    if which.kind in MANAGEMENT_KINDS:
        return _management_rows(session, scope, which, now)
    scope, site, channel = _narrowed_scope(session, scope, which)
    match which.kind:
        case "copies" if which.figure in COPY_FIGURES:
            return _copies(session, _counted(session, scope, which.figure, site))
        case "delivered":
            return _arrivals(session, scope, channel)
        case "bulletins":
            out = [number for number, day in tallies.issued_bulletins(session, scope) if day in scope.period]
            return _bulletins(session, out)
        case "partners":
            found = copy_figures(session, scope, ("company_id",), ("confirmed",))
            return _partners(session, [key[0] for key in found])
        case "corrections":
            return _bulletins(session, removals.corrections_in(session, scope))
        case "recalls":
            return _bulletins(session, list(removals.recalls_in(session, scope)))
        case "removed" | "still_up":
            held = removals.recalled_copies(session, scope, removals.recalls_in(session, scope))
            gone = which.kind == "removed"
            return _copies(session, [copy.copy_id for copy in held if copy.gone is gone and copy.partner == which.key])
        case "cases" if which.figure in CASE_FIGURES:
            return _cases(session, scope, which)
        case "findings" if which.figure in FINDING_FIGURES:
            return _findings(session, scope, which)
    raise NotFound(f"there is no figure {which.kind} {which.figure}", figure=which.kind)


def _narrowed_scope(
    session: Session, scope: TallyScope, which: FigureSelection
) -> tuple[TallyScope, int | None, int | None]:
    """Return the scope of one row, with its site or channel where it has one."""
    if which.kind in {"removed", "still_up"} or not which.by:
        return scope, None, None
    if which.by in {"month", "day"}:
        span = parse_period(which.key, "key")
        first, last = max(span.first, scope.period.first), min(span.last, scope.period.last)
        return replace(scope, period=Period(first, last, which.key)), None, None
    kinds: dict[str, Any] = {"topic": Topic, "partner": Company, "site": Site, "channel": Channel}
    kind = kinds.get(which.by)
    number = session.execute(sa.select(kind.id).where(kind.code == which.key)).scalar_one_or_none() if kind else None
    if number is None:
        raise NotFound(f"there is no {which.by} {which.key}", key=which.key)
    if which.by == "topic":
        return replace(scope, topic_id=number), None, None
    if which.by == "partner":
        return replace(scope, company_id=number), None, None
    return (scope, number, None) if which.by == "site" else (scope, None, number)


def _counted(session: Session, scope: TallyScope, figure: str, site: int | None) -> Sequence[int]:
    """Return the copies that are counted in a figure."""
    source = tally_history.changes_until(scope.as_of)
    conditions = [source.c.kind == COPY, *scope_conditions(columns_of(source), scope, "site_id")]
    if site is not None:
        conditions.append(source.c.site_id == site)
    ways = {"attributed": Attribution.LINKED_AT_END, "source_unseen": Attribution.NOT_SEEN}
    name = ATTRIBUTION_FIGURES[ways[figure]] if figure in ways else figure
    counts = sa.func.sum(amounts(columns_of(source), (name,))[name]) > 0
    query = sa.select(source.c.copy_id).where(*conditions).group_by(source.c.copy_id).having(counts)
    return session.execute(query).scalars().all()


def _copies(session: Session, numbers: Sequence[int]) -> list[DrilldownRow]:
    query = (
        sa.select(Republication, Site.name, Bulletin.code)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.id.in_(numbers))
        .order_by(Republication.counted_on, Republication.id)
    )
    return [
        DrilldownRow(row.headline or row.url, site, row.counted_on, row.public, code, url=row.url)
        for row, site, code in session.execute(query)
    ]


def _arrivals(session: Session, scope: TallyScope, channel: int | None) -> list[DrilldownRow]:
    """Return bulletins that arrived at channels, each pair once."""
    source = tally_history.changes_until(scope.as_of)
    pair = (source.c.bulletin_id, source.c.channel_id)
    conditions = [source.c.kind == ARRIVAL, *scope_conditions(columns_of(source), scope, "channel_id")]
    if channel is not None:
        conditions.append(source.c.channel_id == channel)
    net = sa.func.sum(source.c.sign) > 0
    return _arrival_rows(session, sa.select(*pair).where(*conditions).group_by(*pair).having(net).subquery())


def _arrival_rows(session: Session, found: sa.Subquery) -> list[DrilldownRow]:
    query = (
        sa.select(Bulletin.code, Bulletin.released_on, Channel.name, Revision.title)
        .select_from(found)
        .join(Bulletin, Bulletin.id == found.c.bulletin_id)
        .join(Channel, Channel.id == found.c.channel_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .order_by(Bulletin.released_on, Bulletin.id, Channel.id)
    )
    rows = session.execute(query)
    return [DrilldownRow(title, name, day, bulletin=code) for code, day, name, title in rows]


def _bulletins(session: Session, numbers: Sequence[int]) -> list[DrilldownRow]:
    """Return bulletins, each as often as its id is given."""
    query = (
        sa.select(Bulletin.id, Bulletin.code, Bulletin.released_on, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.id.in_(numbers))
    )
    found = {row[0]: DrilldownRow(row[3], "", row[2], bulletin=row[1]) for row in session.execute(query)}
    return [found[number] for number in sorted(numbers)]


def _partners(session: Session, numbers: Sequence[int]) -> list[DrilldownRow]:
    query = sa.select(Company.name, Company.code).where(Company.id.in_(numbers)).order_by(Company.name, Company.code)
    return [DrilldownRow(name, partner=code) for name, code in session.execute(query)]


def _management_rows(session: Session, scope: TallyScope, which: FigureSelection, now: datetime) -> list[DrilldownRow]:
    """Return the rows behind the register, the messages and the own accounts."""
    period, moment = scope.period, scope.as_of.moment if scope.as_of is not None else None
    match which.kind:
        case "licences" | "licensed":
            return _register_rows(session, period, which, moment, now)
        case "notices":
            return _notices(notices_sent(session, period, moment=moment), which)
        case "briefed":
            return [
                DrilldownRow(row.name, partner=row.code, count=row.notices)
                for row in briefed_partners(session, period, moment=moment)
            ]
        case "questions" | "answered":
            return [
                DrilldownRow(row.title, row.partner, city_day(row.at), question=row.public)
                for row in questions_asked(session, period, moment=moment)
                if which.kind == "questions" or row.seconds is not None
            ]
    scope, _site, channel = _narrowed_scope(session, scope, which)
    pairs = own_arrivals(scope)
    if which.kind == "account_deliveries":
        chosen = sa.select(*pairs.c)
        if channel is not None:
            chosen = chosen.where(pairs.c.channel_id == channel)
        return _arrival_rows(session, chosen.subquery("chosen"))
    return _bulletins(session, session.execute(sa.select(pairs.c.bulletin_id).distinct()).scalars().all())


def _notices(notices: Sequence[SentNotice], which: FigureSelection) -> list[DrilldownRow]:
    """Return the notices with the pairs of notice and partner that a figure counts; those without any are left out."""
    if which.figure and which.figure not in NOTICE_FIGURES:
        raise NotFound(f"there is no figure {which.kind} {which.figure}", figure=which.kind)

    def pairs(row: SentNotice) -> int:
        if which.figure in {"to_confirm", "confirmed"} and not row.must_confirm:
            return 0
        return {"read": row.read, "confirmed": row.confirmed}.get(which.figure, row.sent)

    return [
        DrilldownRow(row.title, day=city_day(row.at), notice=row.public, count=pairs(row))
        for row in notices
        if not which.figure or pairs(row)
    ]


def _findings(session: Session, scope: TallyScope, which: FigureSelection) -> list[DrilldownRow]:
    """Return the findings of a rule with a standing, all of them for ``proposed``."""
    wanted = {"confirmed": FindingStatus.CONFIRMED, "dismissed": FindingStatus.DISMISSED}.get(which.figure)
    idents = [
        ident
        for ident, code, standing in finding_standings(session, scope)
        if code == which.key and wanted in {None, standing}
    ]
    query = (
        sa.select(Finding, Company.name, Rule.title)
        .join(Company, Company.id == Finding.company_id)
        .join(Rule, Rule.id == Finding.rule_id)
        .where(Finding.id.in_(idents))
        .order_by(Finding.day, Finding.id)
    )
    return [
        DrilldownRow(title, name, row.day, finding=row.public, url=row.page_url)
        for row, name, title in session.execute(query)
    ]


def _register_rows(
    session: Session, period: Period, which: FigureSelection, moment: datetime | None, now: datetime
) -> list[DrilldownRow]:
    kinds = {kind.value: kind for kind in SiteKind}
    figures = {figure.value: figure for figure in RegisterFigure}
    if (which.key and which.key not in kinds) or (which.kind == "licences" and which.figure not in figures):
        raise NotFound(f"there is no figure {which.kind} {which.figure} {which.key}", figure=which.kind)
    kind = kinds.get(which.key)
    if which.kind == "licensed":
        return [
            DrilldownRow(row.name, partner=row.code, count=row.licences)
            for row in licensed_companies(session, period, kind, moment=moment, now=now)
        ]
    rows = licences_of_figure(session, period, figures[which.figure], kind, moment=moment, now=now)
    return [DrilldownRow(row.number, row.name, row.issued_on, partner=row.partner) for row in rows]


def _cases(session: Session, scope: TallyScope, which: FigureSelection) -> list[DrilldownRow]:
    """Return the decisions behind a figure of cases: one for each subject or each case where those are counted."""
    as_of = scope.as_of.moment if scope.as_of is not None else None
    found = period_decisions(session, scope.period, as_of)
    counted = [row for row in found if not row.shared]
    organisations = subjects_of(found, SubjectKind.ORGANISATION).values()
    persons = subjects_of(found, SubjectKind.PERSON).values()
    rows = {
        "subjects": [*organisations, *persons],
        "organisations": list(organisations),
        "persons": list(persons),
        "decisions": counted,
        "amount": [row for row in counted if row.amount is not None],
        "paid": [row for row in counted if row.amount is not None and row.paid_on is not None],
        "earlier": [row for row in found if row.fault_on < scope.period.first],
        "form": [row for row in counted if row.form.value == which.key],
        "fault": list({row.case_id: row for row in found if row.fault_key == which.key}.values()),
    }[which.figure]
    query = sa.select(Case).where(Case.id.in_({row.case_id for row in rows})).options(joinedload(Case.company))
    cases = {case.id: case for case in session.execute(query).scalars()}
    return [
        DrilldownRow(
            cases[row.case_id].name, row.fault, row.on_day, case=cases[row.case_id].public, number=row.number,
            amount=row.amount, fault_on=row.fault_on,
        )
        for row in rows
    ]  # fmt: skip
