"""The directory: companies and the sites they publish on, and whose site an address belongs to."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.codes import free_codes


class SiteKind(Enum):
    """What a site is licensed as."""

    AGGREGATOR = "aggregator"
    SOCIAL = "social"


class Company(Base):
    """A partner: the company that holds licences and owns sites. ``code`` is used in addresses and the API.

    ``contact``: whom to call or write to when something must be put right, as the department noted it.
    ``portal_closed_at``: since when nobody of it may enter the portal; None while they may.
    ``came_by``: the import of a register that brought it; None when somebody entered it. ``merged_into_id``: the
    partner it turned out to be; from ``merged_at`` on nothing hangs on it, and it is there for its code and for figures
    as they stood before (``merging``).
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

    sites: Mapped[list["Site"]] = relationship(back_populates="company", order_by="Site.id")


IN_USE = Company.merged_into_id.is_(None)  # of every list of partners as they are today


class Merged(NotFound):
    """This code was a partner's that turned out to be another; ``into``: the code it has now."""

    def __init__(self, code: str, into: str) -> None:
        super().__init__(f"partner {code} was merged into {into}", code="partner_merged", partner=code, into=into)
        self.partner, self.into = code, into


class Site(Base):
    """One place of a company where bulletins are republished. ``host`` is lower case, without ``www.``, unique.

    ``feeds``, ``sitemaps`` and ``listings`` are the addresses that list its new pages; ``searches`` those where it can
    be asked which of its pages link to us. ``came_by``: the import of a register that brought it, if one did.
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
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_by: Mapped[str | None] = mapped_column(sa.String(32))

    company: Mapped[Company] = relationship(back_populates="sites")


def host_key(url: str) -> str:
    """The host a site is known by: lower case, punycode, with its port unless it is the scheme's own, without ``www.``.

    Raises ``Invalid`` (field ``url``) for anything that is not an absolute http or https address.
    """
    host = _host_of(url)
    if not host:
        raise Invalid([FieldError("url", "url", f"{url!r} is not an http or https address")])
    return host


_PLAIN = re.compile(r"https?://([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)/?")


@lru_cache(maxsize=8192)  # a register's domains are asked for again and again while some of it is written
def _host_of(url: str) -> str:
    if plain := _PLAIN.fullmatch(url):  # nearly all: nothing in them that has to be understood
        return plain[1].removeprefix("www.")
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
    session: Session,
    actor: str,
    *,
    code: str | None,
    name: str,
    tax_code: str | None = None,
    contact: str = "",
    now: datetime,
) -> Company:
    """Add a partner; without a code one is made from its name. Raises ``Invalid`` or ``Conflict``."""
    errors = company_errors(name, tax_code)
    if code is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", code):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits, dots and hyphens"))
    if errors:
        raise Invalid(errors)
    if code is not None and session.execute(sa.select(Company.id).where(Company.code == code)).first():
        raise Conflict(f"partner {code} exists", code="partner_taken", partner=code)
    company = Company(
        code=code or free_codes(session, Company.code, [name])[0],
        name=name.strip(),
        tax_code=tax_code or None,
        contact=contact.strip(),
        created_at=now,
    )
    session.add(company)
    session.flush()
    journal.record(session, actor, "partner.added", "partner", company.code, {"name": company.name}, now=now)
    return company


def change_company(
    session: Session,
    actor: str,
    company: Company,
    *,
    name: str | None = None,
    tax_code: str | None = None,
    contact: str | None = None,
    now: datetime,
) -> None:
    """Change what is given and leave the rest; an empty tax code or contact takes it away. Raises ``Invalid``."""
    errors = company_errors(name, tax_code)
    if errors:
        raise Invalid(errors)
    if name is not None:
        company.name = name.strip()
    if tax_code is not None:
        company.tax_code = tax_code or None
    if contact is not None:
        company.contact = contact.strip()
    session.flush()
    details = {"name": company.name, "tax_code": company.tax_code}
    journal.record(session, actor, "partner.changed", "partner", company.code, details, now=now)


def company_errors(name: str | None, tax_code: str | None) -> list[FieldError]:
    """What is wrong with a partner's name or tax code; None is not looked at."""
    errors = []
    if name is not None and not name.strip():
        errors.append(FieldError("name", "required", "a partner needs a name"))
    if tax_code and not re.fullmatch(r"\d{10}(-\d{3})?", tax_code):
        errors.append(
            FieldError("tax_code", "tax_code", f"{tax_code!r} is not a tax code; expected 10 digits, or 10-3")
        )
    return errors


def find_company(session: Session, code: str) -> Company:
    """The partner with this code. Raises ``NotFound``; ``Merged`` when it is another's by now."""
    row = session.execute(sa.select(Company).where(Company.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no partner {code}", partner=code)
    if row.merged_into_id is not None:
        raise Merged(code, session.get_one(Company, row.merged_into_id).code)
    return row


def numbered(code: str) -> sa.ScalarSelect[int]:
    """The number of the partner that a code stands for today: its own, or the one it was merged into. A filter that was
    kept, or an address in an old letter, goes on finding the same partner."""
    query = sa.select(sa.func.coalesce(Company.merged_into_id, Company.id)).where(Company.code == code)
    return query.correlate(None).scalar_subquery()


def add_site(
    session: Session,
    actor: str,
    company: Company,
    *,
    code: str | None = None,
    name: str,
    url: str,
    kind: SiteKind,
    feeds: Sequence[str] = (),
    sitemaps: Sequence[str] = (),
    listings: Sequence[str] = (),
    searches: Sequence[str] = (),
    now: datetime,
) -> Site:
    """Register a site. Its addresses to look at must lie on its own host or below it.

    Raises ``Invalid`` naming each bad field, ``Conflict`` when the host is registered already.
    """
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", "a site needs a name"))
    host = ""
    try:
        host = host_key(url)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    lists = (("feeds", feeds), ("sitemaps", sitemaps), ("listings", listings), ("searches", searches))
    for field, addresses in lists:
        errors.extend(_addresses(field, addresses, host))
    if code is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", code):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits, dots and hyphens"))
    if errors:
        raise Invalid(errors)
    if session.execute(sa.select(Site.id).where(Site.host == host)).first():
        raise Conflict(f"the site {host} is registered already", code="site_taken", host=host)
    if code is not None and session.execute(sa.select(Site.id).where(Site.code == code)).first():
        raise Conflict(f"a site with the code {code} exists", code="site_taken", host=code)
    site = Site(
        code=code or free_codes(session, Site.code, [host])[0],
        company=company,
        name=name.strip(),
        url=url.strip(),
        host=host,
        kind=kind,
        feeds=list(dict.fromkeys(feeds)),
        sitemaps=list(dict.fromkeys(sitemaps)),
        listings=list(dict.fromkeys(listings)),
        searches=list(dict.fromkeys(searches)),
        active=True,
        created_at=now,
    )
    session.add(site)
    session.flush()
    details = {"partner": company.code, "host": host, "kind": kind}
    journal.record(session, actor, "site.added", "site", site.code, details, now=now)
    return site


def change_site(
    session: Session,
    actor: str,
    site: Site,
    *,
    name: str | None = None,
    url: str | None = None,
    kind: SiteKind | None = None,
    feeds: Sequence[str] | None = None,
    sitemaps: Sequence[str] | None = None,
    listings: Sequence[str] | None = None,
    searches: Sequence[str] | None = None,
    active: bool | None = None,
    seal: str | None = None,
    now: datetime,
) -> None:
    """Change what is given and leave the rest. The host stays: another host is another site.

    ``seal``: the site as whoever changes it saw it (``seal_of_site``); None does not ask. Raises ``Invalid`` naming
    each bad field, ``Conflict`` (``site_moved``) when the site is no longer as the seal says: a list that a look has
    followed to its new address meanwhile is not put back by a form from before.
    """
    errors = []
    if name is not None and not name.strip():
        errors.append(FieldError("name", "required", "a site needs a name"))
    if url is not None:
        try:
            if host_key(url) != site.host:
                errors.append(FieldError("url", "other_host", f"{url!r} does not lie on {site.host}"))
        except Invalid as invalid:
            errors.extend(invalid.errors)
    lists = (("feeds", feeds), ("sitemaps", sitemaps), ("listings", listings), ("searches", searches))
    for field, addresses in lists:
        errors.extend(_addresses(field, addresses or (), site.host))
    if errors:
        raise Invalid(errors)
    hold_site(session, site)
    if seal is not None and seal != seal_of_site(site):
        raise Conflict(f"{site.code} was changed meanwhile; nothing was saved", code="site_moved", site=site.code)
    site.name = name.strip() if name is not None else site.name
    site.url = url.strip() if url is not None else site.url
    site.kind = kind if kind is not None else site.kind
    site.feeds = list(dict.fromkeys(feeds)) if feeds is not None else site.feeds
    site.sitemaps = list(dict.fromkeys(sitemaps)) if sitemaps is not None else site.sitemaps
    site.listings = list(dict.fromkeys(listings)) if listings is not None else site.listings
    site.searches = list(dict.fromkeys(searches)) if searches is not None else site.searches
    site.active = active if active is not None else site.active
    session.flush()
    details = {"name": site.name, "url": site.url, "active": site.active, "feeds": site.feeds}
    journal.record(session, actor, "site.changed", "site", site.code, details, now=now)


def _addresses(field: str, addresses: Sequence[str], host: str) -> list[FieldError]:
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
    """The site with this code, held if it is about to change. Raises ``NotFound``."""
    row = session.execute(sa.select(Site).where(Site.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no site {code}", site=code)
    return hold_site(session, row) if for_update else row


def seal_of_site(site: Site) -> str:
    """What a form about a site was made from: it changes with everything that such a form holds."""
    told = [site.name, site.url, site.kind.value, site.active, site.feeds, site.sitemaps, site.listings, site.searches]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def hold_site(session: Session, site: Site) -> Site:
    """Lock a site's entry until the caller commits, and see it as it is now. Its lists are changed by people and by
    looks that follow a move: each sees what the other has done. Before any of its sources is locked."""
    session.flush()
    session.refresh(site, with_for_update={"of": Site, "key_share": True})
    return site


def site_of(session: Session, url: str) -> Site | None:
    """The registered site that an address lies on: its host, else the nearest registered host above it."""
    try:
        host = host_key(url)
    except Invalid:
        return None
    labels = host.split(".")
    # m.tinven.vn and amp.tinven.vn belong to tinven.vn; two labels are the least a registered name has.
    hosts = [host] + [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
    found = session.execute(sa.select(Site).where(Site.host.in_(hosts))).scalars().all()
    return max(found, key=lambda site: len(site.host), default=None)
