"""Pages seen, by whom and how: each sighting is recorded once and never edited; each page is fetched when it is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, by_value, insert_into
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.urls import canonical_url, profile_of


class How(Enum):
    """How a page came to our notice, from the weakest word to the strongest."""

    REPORTED = "reported"  # a partner says so
    ANNOUNCED = "announced"  # a machine says so: Webmention, receipt
    COUNTED_IMAGE = "counted_image"  # the counter image was loaded from it
    DISCOVERED = "discovered"  # found by us in a feed, sitemap, listing or search
    FETCHED = "fetched"  # read by us
    PERSON = "person"  # a person vouches for it, with a picture or a note


class Page(ledger.Due, Base):
    """One address on a partner's site, under its canonical form. Due when it is to be fetched.

    ``claimed_at``/``claimed_from``: a publication time told by a feed or sitemap, used when the page itself has none.
    ``alias_of_id``: it turned out to be the same page as another. ``missing_since``: first of the failures that
    together will mean *gone*. ``watched_since``: when a copy on it was first verified or last seen to follow a
    correction, from which its rechecks are reckoned; ``checks`` counts looks from then on. ``behind_sign_in``: a
    person vouches for it, no machine can read it, it is never fetched.
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

    site: Mapped[Site] = relationship()

    __table_args__ = (ledger.due_index("pages"), ledger.lease_index("pages"))


class Sighting(Base):
    """Somebody or something saw a page. ``source``: the feed, the key, the referring page; ``bulletin_id``: which
    bulletin it is said to carry, where that was said."""

    __tablename__ = "sightings"

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"))
    how: Mapped[How] = mapped_column(by_value(How, "how"))
    source: Mapped[str] = mapped_column(sa.String(1000))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    page: Mapped[Page] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()

    __table_args__ = (
        sa.Index("ix_sightings_page_id_how", "page_id", "how"),
        # What others told us, few among what we found ourselves: the review queue asks of every copy in it.
        sa.Index(
            "ix_sightings_told",
            "page_id",
            "bulletin_id",
            "how",
            sqlite_where=sa.text("how != 'discovered'"),
            postgresql_where=sa.text("how != 'discovered'"),
        ),
        # A partner's claims are what came with its keys.
        sa.Index("ix_sightings_source_how", "source", "how"),
    )


def address_on(site: Site, url: str) -> str:
    """The one form of an address on a site: all variants of its host (``www.``, ``m.``, …) and either scheme are one.

    Raises ``Invalid`` for an address that is none.
    """
    return canonical_url(url, profile_of(site.url))


def see(
    session: Session,
    site: Site,
    url: str,
    how: How,
    source: str,
    *,
    bulletin: Bulletin | None = None,
    claimed_at: datetime | None = None,
    claimed_from: str | None = None,
    now: datetime,
) -> tuple[Page, bool]:
    """Note that an address on a partner's site was seen. Returns its page, and whether it is new to us.

    A new page is due for fetching at once; a known one is not fetched again for being seen again, except when a
    bulletin is named that was not named before. The same sighting twice is one. Raises ``Invalid`` for an address that
    is none.
    """
    address = address_on(site, url)
    claimed = bulletin is not None
    page = _page_at(session, address, claimed=claimed)
    new = False
    if page is None:
        # Several may see it first at the same moment; one of them makes the row and the others wait for it.
        made = session.execute(
            insert_into(session, Page)
            .values(
                site_id=site.id,
                url=url,
                canonical_url=address,
                first_seen_at=now,
                claimed_at=claimed_at,
                claimed_from=claimed_from if claimed_at else None,
                due_at=now,
                error="",
            )
            .on_conflict_do_nothing(index_elements=["canonical_url"])
            .returning(Page.id)
        )
        new = made.scalar_one_or_none() is not None
        page = _page_at(session, address, claimed=claimed)
        assert page is not None, "it was there, or we have just made it"  # noqa: S101  # a bug, not input
    if page.alias_of_id is not None:
        page = hold(session, page.alias_of_id) if claimed else session.get_one(Page, page.alias_of_id)
    ident = bulletin.id if bulletin is not None else None
    same = sa.select(Sighting.id).where(
        Sighting.page_id == page.id,
        Sighting.how == how,
        Sighting.source == source,
        Sighting.bulletin_id.is_(ident) if ident is None else Sighting.bulletin_id == ident,
    )
    if session.execute(same.limit(1)).first() is None:
        session.add(Sighting(page_id=page.id, how=how, source=source, bulletin_id=ident, at=now))
        if bulletin is not None and not page.behind_sign_in:
            ask(page, now=now)
        session.flush()
    return page, new


def see_listed(
    session: Session, site: Site, named: Mapping[str, tuple[datetime | None, str | None]], source: str, *, now: datetime
) -> list[str]:
    """Note that a list names these addresses of a site, a few statements for all of them. Returns those new to us.

    ``named``: to each address the time that the list gives it and where that was read. The same as ``see`` of each as
    discovered: a known page is noted once for each list and not fetched again. Addresses that are none are left out.
    """
    forms: dict[str, str] = {}
    for url in named:
        try:
            forms.setdefault(address_on(site, url), url)
        except Invalid:
            continue
    # In one order everywhere: two lists of one site that name the same new pages must not wait for each other.
    wanted = sorted(forms)
    here = sa.select(Page.canonical_url, sa.func.coalesce(Page.alias_of_id, Page.id)).where(
        Page.canonical_url.in_(wanted)
    )
    pages = {row[0]: row[1] for row in session.execute(here)}
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
        pages = {row[0]: row[1] for row in session.execute(here)}
    idents = sorted(set(pages.values()))
    noted = sa.select(Sighting.page_id).where(
        Sighting.page_id.in_(idents),
        Sighting.how == How.DISCOVERED,
        Sighting.source == source,
        Sighting.bulletin_id.is_(None),
    )
    before = set(session.execute(noted).scalars())
    seen = [
        {"page_id": ident, "how": How.DISCOVERED, "source": source, "at": now}
        for ident in idents
        if ident not in before
    ]
    if seen:
        session.execute(sa.insert(Sighting), seen)
    return fresh


def ask(page: Page, *, now: datetime) -> None:
    """Have a page fetched at once, and whole: "not changed" would be said of a page that was judged with something else
    in mind, or of what the site's cache still holds. A look that is under way was begun before this, and another
    follows it."""
    page.due_at, page.etag, page.last_modified = min(page.due_at or now, now), None, None
    page.attempt = 0


def was_asked(page: Page) -> bool:
    """Whether a page that somebody is looking at was asked for since that look began: a claim counts one attempt, and
    asking anew forgets it."""
    return page.attempt == 0 and page.due_at is not None


def _page_at(session: Session, address: str, *, claimed: bool) -> Page | None:
    """The page of a canonical address; locked when a bulletin is ``claimed`` to be on it, so that two claims of one
    copy are written one after the other. An alias is not locked: the page that counts is."""
    page = session.execute(sa.select(Page).where(Page.canonical_url == address)).scalar_one_or_none()
    if page is not None and claimed and page.alias_of_id is None:
        page = hold(session, page.id)
    return page


def together(session: Session, *which: sa.ColumnElement[bool]) -> Sequence[Page]:
    """These pages as they are now, locked until the caller commits: in the order of their keys, and before any copy."""
    query = sa.select(Page).where(*which).order_by(Page.id)
    locked = query.with_for_update(of=Page, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalars().all()


def hold(session: Session, ident: int) -> Page:
    """One page as it is now, locked until the caller commits."""
    (page,) = together(session, Page.id == ident)
    return page


def moving(session: Session, page: Page, address: str) -> list[int]:
    """Lock a page with those that ``merge_into`` would touch if it moved to this address; returns the others' keys."""
    other = sa.select(sa.func.coalesce(Page.alias_of_id, Page.id)).where(Page.canonical_url == address)
    concerned = together(session, sa.or_(Page.id == page.id, Page.id.in_(other), Page.alias_of_id == page.id))
    return [one.id for one in concerned if one.id != page.id]


def unknown(session: Session, site: Site, urls: Sequence[str]) -> list[str]:
    """Those of these addresses on a site that were never seen; addresses that are none are left out."""
    forms: dict[str, str] = {}
    for url in urls:
        try:
            forms.setdefault(address_on(site, url), url)
        except Invalid:
            continue
    known = set(session.execute(sa.select(Page.canonical_url).where(Page.canonical_url.in_(list(forms)))).scalars())
    return [url for form, url in forms.items() if form not in known]


def how_seen(session: Session, page: Page) -> dict[How, datetime]:
    """When a page was first seen in each way."""
    query = sa.select(Sighting.how, sa.func.min(Sighting.at)).where(Sighting.page_id == page.id).group_by(Sighting.how)
    return {row[0]: row[1] for row in session.execute(query)}


def merge_into(session: Session, page: Page, canonical: str, *, now: datetime) -> Page:
    """The page turned out to live at another address of its site: the one page of that address, kept or made.

    Returns the page that counts. The old address stays as an alias, with its sightings copied over.
    """
    address = address_on(page.site, canonical)
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
    # What was found to be this page is the other one too: an alias leads straight to the page that counts.
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
