"""Partners as pages show them: one line each on the list, and everything about one on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.vietnamese import fold
from campaigns.partners.agreements import agreements_of
from campaigns.partners.directory import IN_USE, Company, Site, SiteKind, find_company
from campaigns.partners.licences import Licence, licences_of
from campaigns.partners.scans import scan_counts
from campaigns.people.keys import Key
from campaigns.planning.campaigns import all_topics
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.fetches import FeedFetch
from campaigns.reporting import tallies
from campaigns.reporting.claims import Claims, FalseClaim, claims_of, false_claims
from campaigns.reporting.tallies import Row, Scope
from coordinator.web.desk.source_rows import SourceRow, failing_by_company, sources_of
from coordinator.web.desk.validity import best_of, validity_of


@dataclass(frozen=True)
class PartnerLine:
    """One partner on the list. ``licence``: how its best licence stands, None without any; ``said``: what a search
    looks in."""

    code: str
    name: str
    tax_code: str | None
    sites: int
    failing: int
    licence: str | None
    row: Row
    said: str

    @property
    def words(self) -> str:
        """What a search looks in, folded; only for those who search, because a city has thousands."""
        return fold(self.said)

    @property
    def confirmed(self) -> int:
        """Confirmed republications of the quarter."""
        return self.row.confirmed


def partner_lines(session: Session, now: datetime) -> list[PartnerLine]:
    """Every partner with its figures of the present quarter."""
    today = city_day(now)
    hosts: dict[int, list[str]] = {}
    for company_id, host in session.execute(sa.select(Site.company_id, Site.host).order_by(Site.id)):
        hosts.setdefault(company_id, []).append(host)
    spans: dict[int, list[tuple[date, date | None]]] = {}
    numbers: dict[int, list[str]] = {}
    columns = (Licence.company_id, Licence.issued_on, Licence.expires_on, Licence.number)
    for company_id, issued_on, expires_on, number in session.execute(sa.select(*columns)):
        spans.setdefault(company_id, []).append((issued_on, expires_on))
        numbers.setdefault(company_id, []).append(number)
    failing = failing_by_company(session)
    figures = {row.key: row for row in tallies.rows(session, Scope(quarter_of(today)), "partner")}
    companies = session.execute(sa.select(Company.id, Company.code, Company.name, Company.tax_code).where(IN_USE))
    return [
        PartnerLine(
            code,
            name,
            tax_code,
            len(hosts.get(ident, ())),
            failing.get(ident, 0),
            best_of(spans.get(ident, ()), today),
            figures[code],
            " ".join([name, code, tax_code or "", *hosts.get(ident, ()), *numbers.get(ident, ())]),
        )
        for ident, code, name, tax_code in companies
    ]


@dataclass(frozen=True)
class SiteRow:
    """A site with the lists it is watched by."""

    code: str
    name: str
    url: str
    host: str
    kind: SiteKind
    active: bool
    sources: Sequence[SourceRow]
    row: Row


@dataclass(frozen=True)
class Paper:
    """A licence or an agreement. ``standing``: a state of ``validity``; ``left``: days until it ends; ``scans``: of an
    agreement, how many there are."""

    number: str
    kind: SiteKind | None
    issuer: str
    first: date
    last: date | None
    details: Sequence[str]
    note: str
    standing: str
    left: int | None
    scans: int = 0


@dataclass(frozen=True)
class ChannelLine:
    """A channel of the partner."""

    code: str
    name: str
    kind: str
    state: ChannelState
    last_success_at: datetime | None


@dataclass(frozen=True)
class KeyLine:
    """A key, without its secret. ``last_day``: the last it is good for; ``standing``: a state of ``validity``."""

    public: str
    name: str
    created_at: datetime
    last_day: date | None
    last_used_at: datetime | None
    standing: str


@dataclass(frozen=True)
class PartnerPage:
    """Everything on a partner's page. ``quarter``: its figures of the present quarter, as its sites' rows are."""

    code: str
    name: str
    tax_code: str | None
    contact: str
    created_at: datetime
    came_by: str | None
    portal_closed_at: datetime | None
    quarter_label: str
    quarter_first: date
    quarter_last: date
    quarter: Row
    sites: Sequence[SiteRow]
    licences: Sequence[Paper]
    agreements: Sequence[Paper]
    channels: Sequence[ChannelLine]
    keys: Sequence[KeyLine]
    last_fetch_at: datetime | None
    last_copy_on: date | None
    claims: Claims
    claims_now: Claims
    false_claims: Sequence[FalseClaim]


def partner_page(session: Session, code: str, now: datetime) -> PartnerPage:
    """Collect one partner's page. Raises ``NotFound``."""
    company, today = find_company(session, code), city_day(now)
    quarter = quarter_of(today)
    topics = {one.code: one.name for one in all_topics(session)}
    scope = Scope(quarter, company_id=company.id)
    figures = {row.key: row for row in tallies.rows(session, scope, "site")}
    sources = sources_of(session, [site.id for site in company.sites])
    channels = session.execute(sa.select(Channel).where(Channel.company_id == company.id).order_by(Channel.id))
    keys = session.execute(sa.select(Key).where(Key.company_id == company.id).order_by(Key.id.desc())).scalars()
    agreements = agreements_of(session, company)
    scans = scan_counts(session, [one.id for one in agreements])
    fetched = sa.select(sa.func.max(FeedFetch.at)).where(FeedFetch.company_id == company.id)
    return PartnerPage(
        code=company.code,
        name=company.name,
        tax_code=company.tax_code,
        contact=company.contact,
        created_at=company.created_at,
        came_by=company.came_by,
        portal_closed_at=company.portal_closed_at,
        quarter_label=quarter.label,
        quarter_first=quarter.first,
        quarter_last=quarter.last,
        quarter=tallies.totals(session, scope),
        sites=[
            SiteRow(one.code, one.name, one.url, one.host, one.kind, one.active, sources[one.id], figures[one.code])
            for one in company.sites
        ],
        licences=[
            _paper(
                one.number, one.kind, one.issuer, one.issued_on, one.expires_on, [*one.domains, *one.scope], "", today
            )
            for one in licences_of(session, company)
        ],
        agreements=[
            _paper(
                one.number,
                None,
                "",
                one.starts_on,
                one.ends_on,
                [topics.get(code, code) for code in one.topics],
                one.note,
                today,
                scans.get(one.id, 0),
            )
            for one in agreements
        ],
        channels=[
            ChannelLine(one.code, one.name, one.kind, one.state, one.last_success_at) for one in channels.scalars()
        ],
        keys=[key_line(one, now) for one in keys],
        last_fetch_at=session.execute(fetched).scalar_one(),
        last_copy_on=tallies.last_confirmed_on(session, company.id),
        claims=claims_of(session, company.id),
        claims_now=claims_of(session, company.id, quarter),
        false_claims=false_claims(session, company.id, most=5),
    )


def key_line(key: Key, now: datetime) -> KeyLine:
    """A key as pages show it."""
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    # Keys end at a day's first moment: the day before is the last whole one.
    last = city_day(key.expires_at) - timedelta(days=1) if key.expires_at else None
    standing = "ended" if ended else validity_of(city_day(key.created_at), last, city_day(now))
    return KeyLine(key.public, key.name, key.created_at, last, key.last_used_at, standing)


def _paper(
    number: str,
    kind: SiteKind | None,
    issuer: str,
    first: date,
    last: date | None,
    details: Sequence[str],
    note: str,
    today: date,
    scans: int = 0,
) -> Paper:
    left = (last - today).days if last else None
    return Paper(number, kind, issuer, first, last, list(details), note, validity_of(first, last, today), left, scans)
