"""The sample partner: a company, a site, a feed and an account that the product itself plays on an office's first day.

Its site republishes what its feed carries a minute later, on public pages of the product, and is then found, fetched,
matched and verified as any other. Nothing of it counts: its copies belong to no day (``NO_DAY``), its deliveries are
not added up, and it is not among the partners (``COMPANY_IN_USE``).
"""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.visibility import Released, audience_of, newest_released
from campaigns.channels.channels import Channel, ChannelState, create_channel
from campaigns.channels.partner_keys import FEED_KIND
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.errors import Conflict
from campaigns.delivery.feed_fetches import record_fetch
from campaigns.delivery.manual_actions import retire_channel
from campaigns.delivery.outbox import DeliveryModes
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source, make_due, sync_sources
from campaigns.partners.directory import (
    Company,
    CompanyContent,
    Site,
    SiteContent,
    SiteKind,
    add_company,
    add_site,
    host_key,
)
from campaigns.people.keys import AccessKey, add_key, revoke_key
from campaigns.people.staff import Actor, Permission
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.decisions import decide

COMPANY_NAME, SITE_NAME = "Công ty Mẫu", "Trang Mẫu"
FEED_NAME, ACCOUNT_NAME, ACCOUNT_KIND = "Nguồn tin Mẫu", "Tài khoản Mẫu", "lotus"
PATH = "/sample/"  # of its pages, below the product's base address
LOOKED_EVERY = timedelta(seconds=30)  # while a look fails
MOST_ARTICLES = 20
REMOVAL_NOTE = "Đã gỡ đối tác mẫu."


@dataclass(frozen=True)
class SampleArticle:
    """A bulletin on the sample site, since ``at``."""

    released: Released
    url: str
    at: datetime


def sample_site(session: Session) -> Site | None:
    """The site of the sample partner while there is one."""
    return session.execute(sa.select(Site).where(Site.sample, Site.active)).scalar_one_or_none()


def is_sample_page(session: Session, url: str) -> bool:
    """Whether an address is a page of the sample partner's site while there is one: its front page, its feed or an
    article. An address that a client would read as another one (dots, escapes, a query) is none."""
    site = sample_site(session)
    return (
        site is not None
        and url.startswith(site.url)
        and re.fullmatch(r"[A-Za-z0-9-]*|rss\.xml", url[len(site.url) :]) is not None
    )


def add_sample(session: Session, actor: Actor, base: str, *, now: datetime) -> Site:
    """Add the sample partner, or what was removed of it. Idempotent while it exists.

    ``base``: the product's base address. The address of its pages is another one each time, so that a copy that was
    removed with it is not found again. Raises ``Forbidden``, ``Conflict`` (``site_taken``) where a real site is
    registered on the product's own host.
    """
    actor.require(Permission.CONFIGURE)
    acquire_until_commit(session, AdvisoryLock.SAMPLE)
    company = session.execute(sa.select(Company).where(Company.sample)).scalar_one_or_none()
    if company is None:
        company = add_company(session, actor.id, CompanyContent(name=COMPANY_NAME), now=now)
        company.sample = True
        session.flush()
    if (present := sample_site(session)) is not None:
        return present
    url = f"{base}{PATH}{secrets.token_hex(4)}/"
    feeds = [f"{url}rss.xml"]
    site = session.execute(sa.select(Site).where(Site.sample)).scalar_one_or_none()
    if site is None:
        content = SiteContent(name=SITE_NAME, url=url, kind=SiteKind.AGGREGATOR, feeds=feeds)
        site = add_site(session, actor.id, company, content, now=now)
        site.sample = True
    else:
        host = host_key(url)
        if session.execute(sa.select(Site.id).where(Site.host == host, Site.id != site.id)).first() is not None:
            raise Conflict(f"the site {host} is registered already", code="site_taken", host=host)
        site.url, site.feeds, site.host, site.active, site.created_at = url, feeds, host, True, now
    session.flush()
    sync_sources(session, site, now=now)
    for kind, name in ((FEED_KIND, FEED_NAME), (ACCOUNT_KIND, ACCOUNT_NAME)):
        create_channel(
            session, actor.id, code=None, kind=kind, name=name, company=company, topics=None, settings={},
            encrypted_secrets=None, now=now,
        )  # fmt: skip
    add_key(session, actor.id, name=COMPANY_NAME, company_id=company.id, now=now)  # nobody gets its text
    journal.record(session, actor.id, "sample.added", "site", site.code, {"url": url}, now=now)
    return site


def remove_sample(session: Session, actor: Actor, *, now: datetime) -> None:
    """Remove the sample partner: its site is not looked at any more, its copies are rejected, its channels retired, its
    keys revoked. What was done stays in the journal. Idempotent. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    acquire_until_commit(session, AdvisoryLock.SAMPLE)
    site = sample_site(session)
    if site is None:
        return
    for copy in session.execute(
        sa.select(Republication).where(
            Republication.site_id == site.id, Republication.status != RepublicationStatus.REJECTED
        )
    ).scalars():
        decide(session, actor, copy, confirm=False, note=REMOVAL_NOTE, now=now)
    site.active = False
    session.flush()
    sync_sources(session, site, now=now)
    session.execute(
        sa.update(Page).where(Page.site_id == site.id).values(due_at=None).execution_options(synchronize_session=False)
    )
    for channel in session.execute(
        sa.select(Channel).where(Channel.company_id == site.company_id, Channel.state != ChannelState.RETIRED)
    ).scalars():
        retire_channel(session, actor, channel, now=now)
    for key in _keys(session, site):
        revoke_key(session, actor.id, key.public, now=now)
    journal.record(session, actor.id, "sample.removed", "site", site.code, now=now)


def sample_names(session: Session) -> frozenset[str]:
    """The names and codes of the sample partner, its site and its channels, removed ones too; none without it."""
    companies = sa.select(Company.id, Company.name, Company.code).where(Company.sample)
    found: set[str] = set()
    for ident, name, code in session.execute(companies).all():
        sites = sa.select(Site.name, Site.code).where(Site.company_id == ident)
        channels = sa.select(Channel.name, Channel.code).where(Channel.company_id == ident)
        found.update((name, code))
        for row in session.execute(sites.union_all(channels)):
            found.update(row)
    return frozenset(found)


def sample_articles(
    session: Session, site: Site, pulled: Collection[str], *, after: timedelta, now: datetime
) -> list[SampleArticle]:
    """The bulletins that the sample site has republished by now, ``after`` its feed had them, the newest first. A
    recalled one has gone from it."""
    found = newest_released(
        session, audience_of(session, site.company, sorted(pulled)), limit=MOST_ARTICLES, with_recalled=False, now=now
    )
    articles = [
        SampleArticle(
            released,
            f"{site.url}{released.bulletin.code}",
            max(released.released_at, site.created_at) + after,
        )
        for released in found
    ]
    return sorted((article for article in articles if article.at <= now), key=lambda article: article.at, reverse=True)


def read_feed(session: Session, delivery_modes: DeliveryModes, *, after: timedelta, now: datetime) -> bool:
    """Play the sample partner's program: it reads its feed when that has something new, which proves the deliveries to
    its channels; once an article appeared, its source is due. Returns whether the source has become due."""
    site = sample_site(session)
    if site is None:
        return False
    audience = audience_of(session, site.company, sorted(delivery_modes.pulled))
    carried = newest_released(session, audience, limit=MOST_ARTICLES, now=now)
    key = next(iter(_keys(session, site)), None)
    changed_at = max((released.changed_at for released in carried), default=None)
    if key is not None and changed_at is not None and (key.last_used_at is None or key.last_used_at < changed_at):
        record_fetch(
            session, key_id=key.id, company_id=site.company_id, feed="rss.xml", status=200, carried=carried,
            delivery_modes=delivery_modes, now=now,
        )  # fmt: skip
    newest = next(iter(sample_articles(session, site, delivery_modes.pulled, after=after, now=now)), None)
    unseen = sa.select(Source.id).where(
        Source.site_id == site.id,
        Source.due_at > now,
        sa.or_(Source.succeeded_at.is_(None), Source.succeeded_at < (newest.at if newest is not None else now)),
        sa.or_(Source.looked_at.is_(None), Source.looked_at < now - LOOKED_EVERY),
    )
    if newest is None or session.execute(unseen.limit(1)).first() is None:
        return False
    return make_due(session, [site.id], now=now) > 0


def sample_copy(session: Session) -> Republication | None:
    """The newest copy on the sample site that was not rejected, a confirmed one first."""
    query = (
        sa.select(Republication)
        .join(Site, Site.id == Republication.site_id)
        .where(Site.sample, Republication.status != RepublicationStatus.REJECTED)
        .order_by((Republication.status != RepublicationStatus.CONFIRMED), Republication.id.desc())
    )
    return session.execute(query.limit(1)).scalar_one_or_none()


def _keys(session: Session, site: Site) -> list[AccessKey]:
    query = sa.select(AccessKey).where(AccessKey.company_id == site.company_id, AccessKey.revoked_at.is_(None))
    return list(session.execute(query.order_by(AccessKey.id)).scalars())
