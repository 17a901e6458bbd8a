"""Confirmed posts on social networks, by network and by company: for the page of progress, the API and briefings.

They are a part of the confirmed copies, distinguished from those that a program fetched: a person saw each of them,
another one confirmed it, and no program has read its page.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.social_addresses import NETWORK_NAMES, network_name, network_of_key
from campaigns.reporting.rollups.rollup_query import TallyScope, company_figures, copy_figures
from campaigns.republications.republications import Republication

ALL_NETWORKS = "all"  # in place of a network in a filter


@dataclass(frozen=True)
class SocialRow:
    """The confirmed posts of a network or of a company. ``key``: the network's host, or the company's code."""

    key: str
    name: str
    confirmed: int


@dataclass(frozen=True)
class SocialTotals:
    """The confirmed posts of a scope, and the same by network and by company, the most first."""

    confirmed: int = 0
    networks: tuple[SocialRow, ...] = ()
    companies: tuple[SocialRow, ...] = ()


def social_totals(session: Session, scope: TallyScope) -> SocialTotals:
    """Return the posts on social networks that people confirmed."""
    social = {
        row.id: row.host for row in session.execute(sa.select(Site.id, Site.host).where(Site.kind == SiteKind.SOCIAL))
    }
    if not social:
        return SocialTotals()
    found = copy_figures(session, scope, ("site_id",), ("by_person",))
    by_site = {site: figures for (site,), figures in found.items() if site in social}
    networks: Counter[tuple[str, str]] = Counter()
    for site, (count,) in by_site.items():
        networks[network_key(social[site]), network_name(social[site])] += count
    owned = company_figures(session, scope, by_site)
    names = sa.select(Company.id, Company.code, Company.name).where(Company.id.in_([number for (number,) in owned]))
    companies = [SocialRow(code, name, owned[number,][0]) for number, code, name in session.execute(names)]
    return SocialTotals(
        sum(count for (count,) in by_site.values()),
        _most_first(SocialRow(key, name, count) for (key, name), count in networks.items()),
        _most_first(companies),
    )


def _most_first(rows: Iterable[SocialRow]) -> tuple[SocialRow, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.confirmed, row.key)))


def network_key(host: str) -> str:
    """What identifies the network of a social site, by the site's ``host``."""
    network = network_of_key(host)
    return network.value if network is not None else host


def network_choices(chosen: str) -> list[tuple[str, str]]:
    """The networks that a filter offers, as (key, name), with the one that is chosen."""
    known = [(network.value, name) for network, name in NETWORK_NAMES.items()]
    return known if not chosen or chosen in {ALL_NETWORKS, *dict(known)} else [*known, (chosen, chosen)]


def on_network(key: str) -> sa.ColumnElement[bool]:
    """The condition of copies on a social network that no program has read; ``key``: of one network, or
    ``ALL_NETWORKS``."""
    sites = sa.select(Site.id).where(Site.kind == SiteKind.SOCIAL)
    if key != ALL_NETWORKS:
        sites = sites.where(sa.or_(Site.host == key, Site.host.startswith(f"{key}/", autoescape=True)))
    return sa.and_(Republication.site_id.in_(sites), sa.not_(Republication.was_read))
