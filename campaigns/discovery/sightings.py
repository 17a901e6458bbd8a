"""Sightings and pages: each sighting is an append-only record; each page is fetched when it is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import ledger
from campaigns.core.base import Base, BigKey, UTCDateTime, by_value, insert_into
from campaigns.core.errors import Invalid
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.discovery.urls import SiteProfile, canonical_url, host_variants, profile_of
from campaigns.partners.directory import Site
from campaigns.partners.social_addresses import read_address


class SightingMethod(Enum):
    """How a page was seen, from the weakest evidence to the strongest."""

    REPORTED = "reported"  # by a partner
    ANNOUNCED = "announced"  # by a program: Webmention, receipt
    COUNTED_IMAGE = "counted_image"  # the counter image was loaded from it
    DISCOVERED = "discovered"  # by us, in a feed, sitemap, listing or search
    FETCHED = "fetched"  # by us
    PERSON = "person"  # confirmed by a person, with a picture or a note


class PageLook(Enum):
    """How the next check of a page looks at it, where browsers are in use."""

    FETCH = "fetch"  # the page is fetched
    BROWSER = "browser"  # always in a browser: its text cannot be read otherwise
    SECOND = "second"  # once in a browser, to compare with what was fetched


class Page(ledger.WorkItem, Base):
    """One address on a partner's site, in canonical form; a work item that is due when it is to be fetched.

    ``claimed_at``/``claimed_from``: a publication time from a feed or sitemap, used when the page itself has none.
    ``alias_of_id``: the page that this address turned out to be. ``missing_since``: the first of the consecutive
    failures that lead to *gone*. ``watched_since``: when a copy on it was first verified or last seen to follow a
    correction; rechecks are scheduled from then on, and ``checks`` counts them. ``behind_sign_in``: confirmed by a
    person and never fetched, since a sign-in is needed. ``unreadable``: why the last check could not read it; None for
    a page that was read, is missing, or failed only once or twice. ``look``: how it is looked at next.
    """

    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2000))
    canonical_url: Mapped[str] = mapped_column(sa.String(2000), unique=True)
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    claimed_from: Mapped[str | None] = mapped_column(sa.String(20))
    etag: Mapped[str | None] = mapped_column(sa.String(300))
    last_modified: Mapped[str | None] = mapped_column(sa.String(60))
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checks: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    missing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    watched_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    body_hash: Mapped[str | None] = mapped_column(sa.String(64))
    alias_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("pages.id"))
    behind_sign_in: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    look: Mapped[PageLook] = mapped_column(by_value(PageLook, "look"), default=PageLook.FETCH, server_default="fetch")
    unreadable: Mapped[UnreadableReason | None] = mapped_column(by_value(UnreadableReason, "unreadable"))

    site: Mapped[Site] = relationship()

    __table_args__ = (
        ledger.due_index("pages"),
        ledger.lease_index("pages"),
        # For the deletion of old pages: whether an address turned out to be this page.
        sa.Index(
            "ix_pages_alias_of_id",
            "alias_of_id",
            sqlite_where=sa.text("alias_of_id IS NOT NULL"),
            postgresql_where=sa.text("alias_of_id IS NOT NULL"),
        ),
        # For a site's unreadable pages by reason; most pages are readable.
        sa.Index(
            "ix_pages_unreadable",
            "site_id",
            "unreadable",
            "checked_at",
            sqlite_where=sa.text("unreadable IS NOT NULL"),
            postgresql_where=sa.text("unreadable IS NOT NULL"),
        ),
    )


class Sighting(Base):
    """One sighting of a page. ``source``: the feed, the key or the referring page; ``bulletin_id``: the bulletin it is
    reported to carry, if one was named."""

    __tablename__ = "sightings"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"))
    how: Mapped[SightingMethod] = mapped_column(by_value(SightingMethod, "how"))
    source: Mapped[str] = mapped_column(sa.String(1000))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    page: Mapped[Page] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()

    __table_args__ = (
        sa.Index("ix_sightings_page_id_how", "page_id", "how"),
        # For sightings by others, few among our own: the review queue reads those of each copy in it.
        sa.Index(
            "ix_sightings_told",
            "page_id",
            "bulletin_id",
            "how",
            sqlite_where=sa.text("how != 'discovered'"),
            postgresql_where=sa.text("how != 'discovered'"),
        ),
        # For a partner's claims, which came with its keys.
        sa.Index("ix_sightings_source_how", "source", "how"),
    )


def site_profile(session: Session, site: Site) -> SiteProfile:
    """The profile of a site among the registered ones: a variant of its host that is another site stays apart."""
    variants = host_variants(site.url)
    others = sa.select(Site.host).where(Site.host.in_(variants), Site.id != site.id)
    return profile_of(site.url, session.execute(others).scalars())


def address_on(profile: SiteProfile, url: str) -> str:
    """The canonical form of an address on a site; all variants of its host (``www.``, ``m.``, …) and both schemes are
    the same, and so are all forms of the address of a post on a social network.

    Raises ``Invalid`` for an invalid address.
    """
    social = read_address(url)
    if social is not None and social.canonical:
        return social.canonical
    return canonical_url(url, profile)


def record_sighting(
    session: Session,
    site: Site,
    url: str,
    how: SightingMethod,
    source: str,
    *,
    bulletin: Bulletin | None = None,
    claimed_at: datetime | None = None,
    claimed_from: str | None = None,
    fetch: bool = True,
    now: datetime,
) -> tuple[Page, bool]:
    """Record that an address on a partner's site was seen. Returns its page and whether the page is new.

    A new page is due at once; a known one is fetched again only if a bulletin is named that was not named before.
    Without ``fetch`` neither is. A repeated sighting is recorded once. Raises ``Invalid`` for an invalid address.
    """
    address = address_on(site_profile(session, site), url)
    claimed = bulletin is not None
    page = _page_at(session, address, claimed=claimed)
    new = False
    if page is None:
        # Concurrent first sightings: one inserts the row and the others wait for it.
        made = session.execute(
            insert_into(session, Page)
            .values(
                site_id=site.id,
                url=url,
                canonical_url=address,
                first_seen_at=now,
                claimed_at=claimed_at,
                claimed_from=claimed_from if claimed_at else None,
                due_at=now if fetch else None,
                error="",
            )
            .on_conflict_do_nothing(index_elements=["canonical_url"])
            .returning(Page.id)
        )
        new = made.scalar_one_or_none() is not None
        page = _page_at(session, address, claimed=claimed)
        assert page is not None, "it was there, or we have just made it"  # noqa: S101  # a bug, not input
    if page.alias_of_id is not None:
        page = lock_page(session, page.alias_of_id) if claimed else session.get_one(Page, page.alias_of_id)
    ident = bulletin.id if bulletin is not None else None
    same = sa.select(Sighting.id).where(
        Sighting.page_id == page.id,
        Sighting.how == how,
        Sighting.source == source,
        Sighting.bulletin_id.is_(ident) if ident is None else Sighting.bulletin_id == ident,
    )
    if session.execute(same.limit(1)).first() is None:
        session.add(Sighting(page_id=page.id, how=how, source=source, bulletin_id=ident, at=now))
        if bulletin is not None and fetch and not page.behind_sign_in:
            request_fetch(page, now=now)
        session.flush()
    return page, new


def record_listed(
    session: Session, site: Site, named: Mapping[str, tuple[datetime | None, str | None]], source: str, *, now: datetime
) -> list[str]:
    """Record that a list names these addresses of a site, in a few statements for all. Returns those that are new.

    ``named``: for each address the time given by the list and where it was read. Has the effect of ``record_sighting``
    of each as discovered: a known page is recorded once per list and not fetched again. Invalid addresses are omitted.
    """
    forms: dict[str, str] = {}
    profile = site_profile(session, site)
    for url in named:
        try:
            forms.setdefault(address_on(profile, url), url)
        except Invalid:
            continue
    # Always in the same order: two lists of one site that name the same new pages must not deadlock.
    wanted = sorted(forms)
    known_pages = sa.select(Page.canonical_url, sa.func.coalesce(Page.alias_of_id, Page.id)).where(
        Page.canonical_url.in_(wanted)
    )
    pages = {row[0]: row[1] for row in session.execute(known_pages)}
    missing = [form for form in wanted if form not in pages]
    fresh: list[str] = []
    if missing:
        rows = []
        for form in missing:
            at, at_from = named[forms[form]]
            rows.append(
                {
                    "site_id": site.id, "url": forms[form], "canonical_url": form, "first_seen_at": now, "due_at": now,
                    "claimed_at": at, "claimed_from": at_from if at else None, "error": "",
                }
            )  # fmt: skip
        made = (
            insert_into(session, Page)
            .on_conflict_do_nothing(index_elements=["canonical_url"])
            .returning(Page.canonical_url)
        )
        fresh = [forms[form] for form in session.execute(made, rows).scalars()]
        pages = {row[0]: row[1] for row in session.execute(known_pages)}
    idents = sorted(set(pages.values()))
    noted = sa.select(Sighting.page_id).where(
        Sighting.page_id.in_(idents),
        Sighting.how == SightingMethod.DISCOVERED,
        Sighting.source == source,
        Sighting.bulletin_id.is_(None),
    )
    before = set(session.execute(noted).scalars())
    seen = [
        {"page_id": ident, "how": SightingMethod.DISCOVERED, "source": source, "at": now}
        for ident in idents
        if ident not in before
    ]
    if seen:
        session.execute(sa.insert(Sighting), seen)
        # A page that is known by a claim alone may not have been fetched for it; a list has it fetched.
        unread = (
            Page.id.in_([row["page_id"] for row in seen]),
            *(Page.checked_at.is_(None), Page.due_at.is_(None), Page.alias_of_id.is_(None), ~Page.behind_sign_in),
        )
        session.execute(sa.update(Page).where(*unread).values(due_at=now))
    return fresh


def request_fetch(page: Page, *, now: datetime) -> None:
    """Make a page due for a full fetch at once: "not changed" would refer to a page judged for another question, or
    come from the site's cache. A check that is running began before this, so another follows it."""
    page.due_at, page.etag, page.last_modified = min(page.due_at or now, now), None, None
    page.attempt = 0


def was_fetch_requested(page: Page) -> bool:
    """Whether a fetch was requested since the running check began: a claim sets one attempt, a request clears it."""
    return page.attempt == 0 and page.due_at is not None


def find_page(session: Session, site: Site, url: str) -> Page | None:
    """The page of an address on a site, or the one of which it is an alias; None if it was never seen. Raises
    ``Invalid`` for an invalid address."""
    address = address_on(site_profile(session, site), url)
    page = session.execute(sa.select(Page).where(Page.canonical_url == address)).scalar_one_or_none()
    return session.get_one(Page, page.alias_of_id) if page is not None and page.alias_of_id is not None else page


def _page_at(session: Session, address: str, *, claimed: bool) -> Page | None:
    """The page of a canonical address; locked when a bulletin is ``claimed`` to be on it, so that two claims of one
    copy are written one after the other. An alias is not locked, only the page it refers to."""
    page = session.execute(sa.select(Page).where(Page.canonical_url == address)).scalar_one_or_none()
    if page is not None and claimed and page.alias_of_id is None:
        page = lock_page(session, page.id)
    return page


def lock_pages(session: Session, *which: sa.ColumnElement[bool]) -> Sequence[Page]:
    """The current rows of these pages, locked until commit: ordered by id, and before any republication."""
    query = sa.select(Page).where(*which).order_by(Page.id)
    locked = query.with_for_update(of=Page, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalars().all()


def lock_page(session: Session, ident: int) -> Page:
    """The current row of one page, locked until commit."""
    (page,) = lock_pages(session, Page.id == ident)
    return page


def lock_for_merge(session: Session, page: Page, address: str) -> list[int]:
    """Lock a page together with those that ``merge_into`` would change for this address; returns the ids of the
    others."""
    other = sa.select(sa.func.coalesce(Page.alias_of_id, Page.id)).where(Page.canonical_url == address)
    concerned = lock_pages(session, sa.or_(Page.id == page.id, Page.id.in_(other), Page.alias_of_id == page.id))
    return [row.id for row in concerned if row.id != page.id]


def unseen_urls(session: Session, site: Site, urls: Sequence[str]) -> list[str]:
    """Those of these addresses on a site that were never seen; invalid addresses are omitted."""
    forms: dict[str, str] = {}
    profile = site_profile(session, site)
    for url in urls:
        try:
            forms.setdefault(address_on(profile, url), url)
        except Invalid:
            continue
    known = set(session.execute(sa.select(Page.canonical_url).where(Page.canonical_url.in_(list(forms)))).scalars())
    return [url for form, url in forms.items() if form not in known]


def first_seen_by_method(session: Session, page: Page) -> dict[SightingMethod, datetime]:
    """When a page was first seen, by method."""
    query = sa.select(Sighting.how, sa.func.min(Sighting.at)).where(Sighting.page_id == page.id).group_by(Sighting.how)
    return {row[0]: row[1] for row in session.execute(query)}


def merge_into(session: Session, page: Page, canonical: str, *, now: datetime) -> Page:
    """Merge a page into the page of another address of its site, which is created if missing.

    Returns the remaining page. The old address becomes an alias, with its sightings copied.
    """
    address = address_on(site_profile(session, page.site), canonical)
    if address == page.canonical_url:
        return page
    other = session.execute(sa.select(Page).where(Page.canonical_url == address)).scalar_one_or_none()
    if other is None:
        page.canonical_url = address
        session.flush()
        return page
    if other.alias_of_id is not None:
        other = session.get_one(Page, other.alias_of_id)
    if other.id == page.id:
        return page
    page.alias_of_id, page.due_at = other.id, None
    # Aliases of this page become aliases of the remaining page: an alias never refers to an alias.
    session.execute(sa.update(Page).where(Page.alias_of_id == page.id).values(alias_of_id=other.id))
    other.first_seen_at = min(other.first_seen_at, page.first_seen_at)
    for sighting in session.execute(sa.select(Sighting).where(Sighting.page_id == page.id)).scalars().all():
        session.add(
            Sighting(
                page_id=other.id,
                how=sighting.how,
                source=sighting.source,
                bulletin_id=sighting.bulletin_id,
                at=sighting.at,
            )
        )
    if other.checked_at is None and other.due_at is None:
        other.due_at = now
    session.flush()
    return other
