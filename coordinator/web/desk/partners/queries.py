"""Queries of the list of partners and of a partner's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.clock import city_day, quarter_of
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import fold
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.discovery.unreadable_pages import UnreadablePageRow, latest_unreadable, unreadable_counts
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.partners.agreements import agreements_of, scan_counts
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site, SiteKind, find_company
from campaigns.partners.licences import Licence, last_day_of, licences_of
from campaigns.people.keys import AccessKey
from campaigns.planning.campaigns import all_topics
from campaigns.reporting import tallies
from campaigns.reporting.many_addresses import ManyAddressesCopy, partner_copies
from campaigns.reporting.partner_claims import ClaimCounts, FalseClaim, claim_counts, false_claims
from campaigns.reporting.tallies import TallyRow, TallyScope
from coordinator.translation import _
from coordinator.web.desk.discovery.sources import SourceRow, failing_by_company, site_sources
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.periods import best_validity, validity_of

MOST_FLAGGED = 10  # copies with many addresses that a partner's page names


@dataclass(frozen=True)
class PartnerRow:
    """One partner in the list. ``licence``: the validity of its best licence, None without any."""

    code: str
    name: str
    tax_code: str | None
    sites: int
    failing: int
    licence: str | None
    row: TallyRow
    search_text: str

    @property
    def words(self) -> str:
        """The folded text for the search, computed only when needed."""
        return fold(self.search_text)

    @property
    def confirmed(self) -> int:
        """Confirmed republications of the quarter."""
        return self.row.confirmed


@dataclass(frozen=True)
class PartnerFilter(ListFilter):
    """Filter of the list. ``q``: a part of name, code, tax code, host or licence number; ``licence``: the validity of
    the best licence, ``none`` without any; ``failing``: with a source that fails."""

    q: str = ""
    licence: str | None = argument(values={name: name for name in ("valid", "ending", "ended", "none")})
    failing: bool = False

    def matching(self, rows: Sequence[PartnerRow]) -> list[PartnerRow]:
        """Return the rows that match."""
        words = fold(self.q)
        return [
            row
            for row in rows
            if (not words or words in row.words)
            and (self.licence is None or (row.licence or "none") == self.licence)
            and (row.failing or not self.failing)
        ]


def list_partners(session: Session, now: datetime) -> list[PartnerRow]:
    """Return every partner with its figures of the current quarter."""
    today = city_day(now)
    hosts: dict[int, list[str]] = {}
    for company_id, host in session.execute(sa.select(Site.company_id, Site.host).order_by(Site.id)):
        hosts.setdefault(company_id, []).append(host)
    spans: dict[int, list[tuple[date, date | None]]] = {}
    numbers: dict[int, list[str]] = {}
    columns = (Licence.company_id, Licence.issued_on, Licence.expires_on, Licence.withdrawn_on, Licence.number)
    for company_id, issued_on, expires_on, withdrawn_on, number in session.execute(sa.select(*columns)):
        spans.setdefault(company_id, []).append((issued_on, last_day_of(expires_on, withdrawn_on)))
        numbers.setdefault(company_id, []).append(number)
    failing = failing_by_company(session)
    figures = {row.key: row for row in tallies.rows(session, TallyScope(quarter_of(today)), "partner")}
    companies = session.execute(
        sa.select(Company.id, Company.code, Company.name, Company.tax_code).where(COMPANY_IN_USE)
    )
    return [
        PartnerRow(
            code,
            name,
            tax_code,
            len(hosts.get(ident, ())),
            failing.get(ident, 0),
            best_validity(spans.get(ident, ()), today),
            figures[code],
            " ".join([name, code, tax_code or "", *hosts.get(ident, ()), *numbers.get(ident, ())]),
        )
        for ident, code, name, tax_code in companies
    ]


@dataclass(frozen=True)
class SiteRow:
    """A site with its sources."""

    code: str
    name: str
    url: str
    host: str
    kind: SiteKind
    active: bool
    sources: Sequence[SourceRow]
    row: TallyRow


@dataclass(frozen=True)
class DocumentRow:
    """A licence or an agreement. ``standing``: a state of ``validity``; ``left``: days until it ends; ``scans``: number
    of scans of an agreement.
    """

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
class PartnerChannelRow:
    """A channel of the partner."""

    code: str
    name: str
    kind: str
    state: ChannelState
    last_success_at: datetime | None


@dataclass(frozen=True)
class KeyRow:
    """A key, without its secret. ``last_day``: its last day of validity; ``standing``: a state of ``validity``."""

    public: str
    name: str
    created_at: datetime
    last_day: date | None
    last_used_at: datetime | None
    standing: str


@dataclass(frozen=True)
class PartnerView:
    """The content of a partner's page. ``quarter``: its figures of the current quarter."""

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
    quarter: TallyRow
    sites: Sequence[SiteRow]
    licences: Sequence[DocumentRow]
    agreements: Sequence[DocumentRow]
    channels: Sequence[PartnerChannelRow]
    keys: Sequence[KeyRow]
    last_fetch_at: datetime | None
    last_copy_on: date | None
    claims: ClaimCounts
    claims_now: ClaimCounts
    false_claims: Sequence[FalseClaim]
    unreadable: Mapping[UnreadableReason, int]
    unreadable_pages: Sequence[UnreadablePageRow]
    many_addresses: Sequence[ManyAddressesCopy]


def partner_view(session: Session, code: str, now: datetime) -> PartnerView:
    """Return the content of a partner's page. Raises ``NotFound``."""
    company, today = find_company(session, code), city_day(now)
    quarter = quarter_of(today)
    topics = {topic.code: topic.name for topic in all_topics(session)}
    scope = TallyScope(quarter, company_id=company.id)
    figures = {row.key: row for row in tallies.rows(session, scope, "site")}
    sources = site_sources(session, [site.id for site in company.sites])
    channels = session.execute(sa.select(Channel).where(Channel.company_id == company.id).order_by(Channel.id))
    keys = session.execute(
        sa.select(AccessKey).where(AccessKey.company_id == company.id).order_by(AccessKey.id.desc())
    ).scalars()
    agreements = agreements_of(session, company)
    scans = scan_counts(session, [agreement.id for agreement in agreements])
    fetched = sa.select(sa.func.max(FeedFetch.at)).where(FeedFetch.company_id == company.id)
    return PartnerView(
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
            from_attributes(SiteRow, site, sources=sources[site.id], row=figures[site.code]) for site in company.sites
        ],
        licences=[
            _document_row(
                licence.number,
                licence.kind,
                licence.issuer,
                licence.issued_on,
                licence.last_day,
                [*licence.domains, *licence.scope],
                _withdrawal_note(licence),
                today,
            )
            for licence in licences_of(session, company)
        ],
        agreements=[
            _document_row(
                agreement.number,
                None,
                "",
                agreement.starts_on,
                agreement.ends_on,
                [topics.get(code, code) for code in agreement.topics],
                agreement.note,
                today,
                scans.get(agreement.id, 0),
            )
            for agreement in agreements
        ],
        channels=[from_attributes(PartnerChannelRow, channel) for channel in channels.scalars()],
        keys=[key_row(key, now) for key in keys],
        last_fetch_at=session.execute(fetched).scalar_one(),
        last_copy_on=tallies.last_confirmed_on(session, company.id),
        claims=claim_counts(session, company.id),
        claims_now=claim_counts(session, company.id, quarter),
        unreadable=unreadable_counts(session, company.id),
        unreadable_pages=latest_unreadable(session, company.id, most=10),
        false_claims=false_claims(session, company.id, most=5),
        many_addresses=partner_copies(session, company.id, quarter, MOST_FLAGGED),
    )


def _withdrawal_note(licence: Licence) -> str:
    if licence.withdrawn_on is None:
        return ""
    day = formats.day(licence.withdrawn_on)
    return str(_("thu hồi từ %(day)s theo %(basis)s", day=day, basis=licence.withdrawal))


def key_row(key: AccessKey, now: datetime) -> KeyRow:
    """Return a key for display."""
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    # A key expires at the start of a day; its last day is the one before.
    last = city_day(key.expires_at) - timedelta(days=1) if key.expires_at else None
    standing = "ended" if ended else validity_of(city_day(key.created_at), last, city_day(now))
    return KeyRow(key.public, key.name, key.created_at, last, key.last_used_at, standing)


def _document_row(
    number: str,
    kind: SiteKind | None,
    issuer: str,
    first: date,
    last: date | None,
    details: Sequence[str],
    note: str,
    today: date,
    scans: int = 0,
) -> DocumentRow:
    left = (last - today).days if last else None
    return DocumentRow(
        number, kind, issuer, first, last, list(details), note, validity_of(first, last, today), left, scans
    )
