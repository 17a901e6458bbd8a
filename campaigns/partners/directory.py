"""The directory: companies, the sites they publish on, and the site that an address belongs to."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from annotated_types import MaxLen
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, in_batches
from campaigns.core.contents import Code, Paragraph, differences, from_attributes, limit_errors, without
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import slug
from campaigns.partners.social_addresses import read_address

LONGEST_CODE = 50  # characters made of a name; a number may follow
FALLBACK_CODE = "doi-tac"  # the code of a name without a letter that an address can have


class SiteKind(Enum):
    """What a site is licensed as."""

    AGGREGATOR = "aggregator"
    SOCIAL = "social"


@dataclass(frozen=True, kw_only=True)
class CompanyContent:
    """What is entered of a partner, but for its code. ``contact``: whom to call or write to when something must be
    corrected, as the department noted it: a person's data, never in the journal. A merge joins those of two partners.
    """

    name: Annotated[str, MaxLen(300)]
    tax_code: Code | None = None
    contact: Paragraph = ""


class Company(Base):
    """A partner: the company that holds licences and owns sites, with the fields of a ``CompanyContent``. ``code`` is
    used in addresses and the API.

    ``portal_closed_at``: the moment since which its editors may not enter the portal; None while they may.
    ``came_by``: the public id of the register import that added it; None when a person did. ``merged_into_id``: the
    partner it was merged into; from ``merged_at`` on the row is a redirect without sites or other rows, kept for its
    code and for figures of earlier moments (``partner_merge``). ``sample``: played by the product itself on the first
    day, and no partner (``republications/sample_partner``).
    """

    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    tax_code: Mapped[str | None] = mapped_column(sa.String(20))
    contact: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    portal_closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    merged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sample: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    sites: Mapped[list["Site"]] = relationship(back_populates="company", order_by="Site.id")


# The condition of every list of today's partners.
COMPANY_IN_USE = sa.and_(Company.merged_into_id.is_(None), Company.sample.is_(False))


class PartnerMerged(NotFound):
    """The partner with this code was merged; ``into`` is the code of the one it was merged into."""

    def __init__(self, code: str, into: str) -> None:
        super().__init__(f"partner {code} was merged into {into}", code="partner_merged", partner=code, into=into)
        self.partner, self.into = code, into


SOURCE_LISTS = ("feeds", "sitemaps", "listings", "searches")  # of a site's content
Addresses = Annotated[Sequence[Annotated[str, MaxLen(1000)]], MaxLen(100)]


@dataclass(frozen=True, kw_only=True)
class SiteContent:
    """What is entered of a site, but for its code. ``feeds``, ``sitemaps`` and ``listings`` are the addresses that list
    its new pages; ``searches`` those that find its pages that link to us. ``needs_browser``: its pages are looked at in
    a browser, where browsers are in use."""

    name: Annotated[str, MaxLen(300)]
    url: Annotated[str, MaxLen(500)]
    kind: SiteKind
    feeds: Addresses = ()
    sitemaps: Addresses = ()
    listings: Addresses = ()
    searches: Addresses = ()
    needs_browser: bool = False


@dataclass(frozen=True, kw_only=True)
class SiteStanding(SiteContent):
    """A site with whether it is watched."""

    active: bool = True


AnySite = TypeVar("AnySite", bound=SiteContent)


class Site(Base):
    """A site of a company on which bulletins are republished, with the fields of a ``SiteStanding``. ``host`` is lower
    case, without ``www.``, unique; for a page or account on a social network it is that account
    (``facebook.com/sotttt``, ``social_addresses``).

    ``came_by``: the public id of the register import that added it, if one did. ``sample``: the site of the sample
    partner; it covers its own address and what is below it, not its whole host, which is the product's.
    """

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    url: Mapped[str] = mapped_column(sa.String(500))
    host: Mapped[str] = mapped_column(sa.String(255), unique=True)
    kind: Mapped[SiteKind] = mapped_column(by_value(SiteKind, "site_kind"))
    feeds: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    sitemaps: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    listings: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    searches: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    needs_browser: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))
    sample: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    company: Mapped[Company] = relationship(back_populates="sites")

    @property
    def is_account(self) -> bool:
        """Whether it is a page or account on a social network that has its host for everybody; never fetched."""
        return "/" in self.host


HAS_OWN_HOST = sa.not_(Site.host.contains("/", autoescape=True))  # the condition of sites that can be fetched


def free_codes(session: Session, column: InstrumentedAttribute[str], names: Sequence[str]) -> list[str]:
    """A free code for each name, in their order: the letters and digits of the name, or those with the lowest number
    from 2 on that neither the table nor a name before it has."""
    bases = [slug(name)[:LONGEST_CODE] or FALLBACK_CODE for name in names]
    taken: set[str] = set()
    for some in in_batches(sorted(set(bases))):
        taken.update(session.execute(sa.select(column).where(column.in_(some))).scalars())
    next_numbers: dict[str, int] = {}
    codes = []
    for base in bases:
        code = base
        if base in taken and base not in next_numbers:
            numbered = sa.select(column).where(column.startswith(f"{base}-", autoescape=True))
            taken.update(session.execute(numbered).scalars())
            next_numbers[base] = 2
        while code in taken:
            code = f"{base}-{next_numbers[base]}"
            next_numbers[base] += 1
        taken.add(code)
        codes.append(code)
    return codes


def host_key(url: str) -> str:
    """The host that identifies a site: lower case, punycode, without ``www.``, with its port unless it is the default.

    Raises ``Invalid`` (field ``url``) for anything that is not an absolute http or https address.
    """
    host = _parse_host(url)
    if not host:
        raise Invalid([FieldError("url", "url", f"{url!r} is not an http or https address")])
    return host


def site_key(url: str) -> str:
    """What identifies the site of an address: its account on a social network, else its host (``host_key``)."""
    social = read_address(url)
    return social.account_key if social is not None and social.account else host_key(url)


def _parse_host(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or re.search(r"\s", url.strip()):
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    bare = host.removeprefix("www.")
    return bare if port in {None, usual} else f"{bare}:{port}"


def add_company(
    session: Session, actor: str, content: CompanyContent, *, code: str | None = None, now: datetime
) -> Company:
    """Add a partner; without ``code`` one is made from its name. Raises ``Invalid`` or ``Conflict``."""
    errors = company_errors(content)
    if code is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", code):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits, dots and hyphens"))
    if errors:
        raise Invalid(errors)
    if code is not None and session.execute(sa.select(Company.id).where(Company.code == code)).first():
        raise Conflict(f"partner {code} exists", code="partner_taken", partner=code)
    content = _tidied_company(content)
    company = Company(
        code=code or free_codes(session, Company.code, [content.name])[0], created_at=now, **vars(content)
    )  # fmt: skip
    session.add(company)
    session.flush()
    details = without(vars(content), "contact")
    journal.record(session, actor, "partner.added", "partner", company.code, details, now=now)
    return company


def change_company(session: Session, actor: str, company: Company, content: CompanyContent, *, now: datetime) -> None:
    """Replace what is entered of a partner. Raises ``Invalid``."""
    if errors := company_errors(content):
        raise Invalid(errors)
    changed = differences(from_attributes(CompanyContent, company), _tidied_company(content))
    for name, value in changed.items():
        setattr(company, name, value)
    session.flush()
    details = without(changed, "contact")
    journal.record(session, actor, "partner.changed", "partner", company.code, details, now=now)


def _tidied_company(content: CompanyContent) -> CompanyContent:
    return CompanyContent(
        name=content.name.strip(), tax_code=content.tax_code or None, contact=content.contact.strip()
    )  # fmt: skip


def company_errors(content: CompanyContent) -> list[FieldError]:
    """The errors of a partner's fields."""
    errors = limit_errors(content)
    if not content.name.strip():
        errors.append(FieldError("name", "required", "a partner needs a name"))
    return errors + tax_code_errors(content.tax_code)


def tax_code_errors(tax_code: str | None) -> list[FieldError]:
    """The errors of the tax code of an organisation, if it has one."""
    if not tax_code or re.fullmatch(r"\d{10}(-\d{3})?", tax_code):
        return []
    return [FieldError("tax_code", "tax_code", f"{tax_code!r} is not a tax code; expected 10 digits, or 10-3")]


def find_company(session: Session, code: str) -> Company:
    """The partner with this code. Raises ``NotFound``, ``PartnerMerged`` when it was merged into another."""
    row = session.execute(sa.select(Company).where(Company.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no partner {code}", partner=code)
    if row.merged_into_id is not None:
        raise PartnerMerged(code, session.get_one(Company, row.merged_into_id).code)
    return row


def current_company(session: Session, company: Company) -> Company:
    """The partner under which rows of ``company`` are to be written: itself or the one it was merged into, locked
    against a merge until the caller commits."""
    return session.get_one(Company, lock_current_company(session, company.id))


def current_company_id(code: str) -> sa.ScalarSelect[int]:
    """The id of the partner that a code stands for today: its own, or the one it was merged into, so that saved filters
    and old addresses find the same partner."""
    query = sa.select(sa.func.coalesce(Company.merged_into_id, Company.id)).where(Company.code == code)
    return query.correlate(None).scalar_subquery()


def add_site(
    session: Session, actor: str, company: Company, content: SiteContent, *, code: str | None = None, now: datetime
) -> Site:
    """Add a site. Its feeds, sitemaps, listings and searches must be on its own host or below it.

    Raises ``Invalid`` naming each bad field, ``Conflict`` when the host is registered already.
    """
    content, host, errors = _checked_site(content)
    if code is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", code):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits, dots and hyphens"))
    if errors:
        raise Invalid(errors)
    company = current_company(session, company)
    if session.execute(sa.select(Site.id).where(Site.host == host)).first():
        raise Conflict(f"the site {host} is registered already", code="site_taken", host=host)
    if code is not None and session.execute(sa.select(Site.id).where(Site.code == code)).first():
        raise Conflict(f"a site with the code {code} exists", code="site_taken", host=code)
    code = code or free_codes(session, Site.code, [host])[0]
    site = Site(code=code, company=company, host=host, active=True, created_at=now, **vars(content))
    session.add(site)
    session.flush()
    details = {"partner": company.code, "host": host, **vars(content)}
    journal.record(session, actor, "site.added", "site", site.code, details, now=now)
    return site


def change_site(
    session: Session,
    actor: str,
    site: Site,
    content: SiteStanding,
    *,
    version_tag: str | None = None,
    now: datetime,
) -> None:
    """Replace what is entered of a site. The host stays: another host is another site.

    ``version_tag``: the ``site_version_tag`` of the site as the form showed it; None does not compare, of a content
    that was made under ``lock_site``. Raises ``Invalid`` naming each bad field, ``Conflict`` (``site_moved``) when the
    site was changed since: a list that was followed to a new address meanwhile is not overwritten by an older form.
    """
    content, _host, errors = _checked_site(content, site.host)
    if errors:
        raise Invalid(errors)
    lock_site(session, site)
    if version_tag is not None and version_tag != site_version_tag(site):
        raise Conflict(f"{site.code} was changed meanwhile; nothing was saved", code="site_moved", site=site.code)
    changed = differences(from_attributes(SiteStanding, site), content)
    for name, value in changed.items():
        setattr(site, name, value)
    session.flush()
    journal.record(session, actor, "site.changed", "site", site.code, changed, now=now)


def _checked_site(content: AnySite, fixed_host: str | None = None) -> tuple[AnySite, str, list[FieldError]]:
    """A site as it is stored, what identifies it, and the errors of its fields. ``fixed_host``: what identifies it
    already."""
    errors = limit_errors(content)
    if not content.name.strip():
        errors.append(FieldError("name", "required", "a site needs a name"))
    host = ""
    try:
        host = site_key(content.url)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    if host and fixed_host is not None and host != fixed_host:
        errors.append(FieldError("url", "other_host", f"{content.url!r} does not lie on {fixed_host}"))
    host = fixed_host or host
    if "/" in host and content.kind is not SiteKind.SOCIAL:
        errors.append(FieldError("kind", "account_is_social", f"{host} is an account on a social network"))
    for name in SOURCE_LISTS:
        errors.extend(_check_addresses(name, getattr(content, name), host))
    tidied = replace(
        content, name=content.name.strip(), url=content.url.strip(), feeds=list(dict.fromkeys(content.feeds)),
        sitemaps=list(dict.fromkeys(content.sitemaps)), listings=list(dict.fromkeys(content.listings)),
        searches=list(dict.fromkeys(content.searches)),
    )  # fmt: skip
    return tidied, host, errors


def _check_addresses(field: str, addresses: Sequence[str], host: str) -> list[FieldError]:
    errors = []
    for position, address in enumerate(addresses):
        at = f"{field}.{position}"
        try:
            other = host_key(address)
        except Invalid as invalid:
            errors.append(FieldError(at, "url", invalid.errors[0].message))
            continue
        if host and other != host and not other.endswith(f".{host}"):
            errors.append(FieldError(at, "other_host", f"{address!r} does not lie on {host}"))
    return errors


def find_site(session: Session, code: str, *, for_update: bool = False) -> Site:
    """The site with this code, locked until commit if ``for_update``. Raises ``NotFound``."""
    row = session.execute(sa.select(Site).where(Site.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no site {code}", site=code)
    return lock_site(session, row) if for_update else row


def site_version_tag(site: Site) -> str:
    """A hash of all that a form about a site shows, to notice changes made since."""
    shown = journal.canonical_json(vars(from_attributes(SiteStanding, site)))
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def lock_site(session: Session, site: Site) -> Site:
    """Lock the row of a site until the caller commits, and read it again. Its lists are changed by people and by checks
    that follow a moved list. To be locked before any of its sources."""
    session.flush()
    session.refresh(site, with_for_update={"of": Site, "key_share": True})
    return site


def partner_names(session: Session) -> list[str]:
    """The names of all partners in use and of all sites, each once."""
    companies = sa.select(Company.name).where(COMPANY_IN_USE)
    return list(session.execute(companies.union(sa.select(Site.name))).scalars())


def site_of(session: Session, url: str) -> Site | None:
    """The registered site of an address: that of its account on a social network, else of its host, else of the nearest
    registered host above it."""
    try:
        host = host_key(url)
    except Invalid:
        return None
    social = read_address(url)
    if social is not None and social.account:
        account = session.execute(sa.select(Site).where(Site.host == social.account_key)).scalar_one_or_none()
        if account is not None:
            return account
    labels = host.split(".")
    # m.tinven.vn and amp.tinven.vn belong to tinven.vn; two labels are the least a registered name has.
    hosts = [host] + [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
    found = session.execute(sa.select(Site).where(Site.host.in_(hosts))).scalars().all()
    # The sample site stands on the product's own host, whose other pages are nobody's copies.
    covering = [site for site in found if not site.sample or (site.active and url.startswith(site.url))]
    return max(covering, key=lambda site: len(site.host), default=None)
