"""Page reports: pages that a partner or staff report as carrying a bulletin.

``claim_page`` records the claim; it counts once the page was read. ``report_page`` is for editors of a partner, who
follow how the page counts: one page is one report of a partner, whatever form of its address was entered, and a
repeated report is another check.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.clock import city_day
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.discovery.sightings import Page, SightingMethod, find_page, lock_page, record_sighting, request_fetch
from campaigns.partners.directory import SiteKind, site_of
from campaigns.people.staff import Actor
from campaigns.republications.address_claims import claim_address
from campaigns.republications.counted_copy import lock_site_copies
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.social.posts import is_social_report

# A partner's clock may run slightly ahead of ours; a later publication time is an error.
CLOCK_TOLERANCE = dt.timedelta(hours=1)


def claim_page(
    session: Session,
    actor: str,
    code: str,
    url: str,
    published_at: dt.datetime | None = None,
    *,
    company_id: int | None = None,
    how: SightingMethod = SightingMethod.REPORTED,
    now: dt.datetime,
) -> Republication:
    """Record the claim that ``url`` carries a released bulletin, and have the page fetched.

    ``company_id``: the claiming partner, limited to its own sites; None for staff. ``how``: reported by a person or
    announced by a program. Raises ``Invalid`` naming every bad field.
    """
    errors = []
    found = session.execute(
        visibility.select_released(visibility.PUBLIC, now=now).where(Bulletin.code == code)
    ).one_or_none()
    if found is None:
        errors.append(FieldError("bulletin", "unknown_bulletin", f"there is no released bulletin {code!r}"))
    site = site_of(session, url)
    if company_id is not None and (site is None or site.company_id != company_id):
        # The same error for an unregistered site and for another partner's.
        errors.append(FieldError("url", "not_your_site", f"{url!r} does not lie on one of your sites"))
    elif site is None:
        errors.append(FieldError("url", "unknown_site", f"{url!r} lies on no registered site"))
    if published_at is not None and published_at > now + CLOCK_TOLERANCE:
        errors.append(FieldError("published_at", "future", f"{published_at.isoformat()} is in the future"))
    if errors or found is None or site is None:
        raise Invalid(errors)
    bulletin: Bulletin = found[0]
    day = None
    if published_at is not None and site.kind is SiteKind.SOCIAL:
        day = max(city_day(published_at), bulletin.released_on or city_day(published_at))
    row, _ = claim_address(session, actor, bulletin, site, url, how, actor, claimed_at=published_at, day=day, now=now)
    return row


def recheck_page(
    session: Session, bulletin: Bulletin, url: str, *, company_id: int, now: dt.datetime
) -> Republication | None:
    """Have a page of a partner's own site read again, of which the partner says that it does not carry the bulletin.

    No claim is made and no page added. Returns the copy of the bulletin that is known there, or None. Raises
    ``Invalid`` (``url``) for an invalid address and one that lies on no site of the partner.
    """
    site = site_of(session, url)
    if site is None or site.company_id != company_id:
        raise Invalid([FieldError("url", "not_your_site", f"{url!r} does not lie on one of your sites")])
    page = find_page(session, site, url)
    if page is None:
        return None
    page = lock_page(session, page.id)
    if not page.behind_sign_in:  # only people see such a page
        request_fetch(page, now=now)
    session.flush()
    query = sa.select(Republication).where(Republication.bulletin_id == bulletin.id, Republication.page_id == page.id)
    return session.execute(query).scalar_one_or_none()


@dataclass(frozen=True)
class PageClaim:
    """One claim of several: the bulletin's code, the address, and the stated publication time."""

    bulletin: str
    url: str
    published_at: dt.datetime | None = None


def claim_pages(
    session: Session, actor: str, claims: Sequence[PageClaim], *, company_id: int | None = None, now: dt.datetime
) -> list[Republication]:
    """Record several claims as ``claim_page`` does, all or none. Raises ``Invalid`` naming every bad field by the
    claim's position (``claims.3.url``)."""
    sites = (site_of(session, claim.url) for claim in claims)
    # All at once, in one order: two callers with the same sites must not deadlock.
    lock_site_copies(session, (site.id for site in sites if site is not None))
    rows: list[Republication] = []
    errors: list[FieldError] = []
    for position, claim in enumerate(claims):
        try:
            rows.append(
                claim_page(
                    session, actor, claim.bulletin, claim.url, claim.published_at, company_id=company_id, now=now
                )
            )
        except Invalid as invalid:
            errors += [replace(error, field=f"claims.{position}.{error.field}") for error in invalid.errors]
    if errors:
        raise Invalid(errors)
    return rows


MAX_REPORTS_PER_HOUR = 60  # pages that one partner can have checked on request; programs use the API
REPEAT_AFTER = dt.timedelta(minutes=1)  # a repeated request before this returns the present answer
LONGEST_ADDRESS = 2000  # characters


class PageReport(Base):
    """One page reported by a partner. ``url``: as first entered; ``asked_at``: the last request for a check;
    ``bulletin_id``: the bulletin it is reported to carry, None for whichever is found."""

    __tablename__ = "page_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    url: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS))
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    page: Mapped[Page] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("company_id", "page_id"),
        sa.Index("ix_page_reports_company_id_asked_at", "company_id", "asked_at"),
    )


@dataclass(frozen=True)
class ReportResult:
    """The report, and whether a check was requested: False when the answer exists or is on its way."""

    row: PageReport
    asked: bool


def report_page(
    session: Session,
    actor: Actor,
    company_id: int,
    url: str,
    code: str = "",
    *,
    published_at: dt.datetime | None = None,
    now: dt.datetime,
) -> ReportResult:
    """Report that a page of the partner's own site carries a bulletin (``code``, '' for whichever is found), and have
    it read. ``published_at``: of a post on a social network, which no program reads.

    Raises ``Invalid`` naming each bad field, ``Conflict`` after too many in an hour.
    """
    address = url.strip()
    if not address:
        raise Invalid([FieldError("url", "required", "an address is needed")])
    if len(address) > LONGEST_ADDRESS:
        raise Invalid([FieldError("url", "too_long", f"at most {LONGEST_ADDRESS} characters")])
    company_id = lock_current_company(session, company_id)
    site = site_of(session, address)
    if site is None or site.company_id != company_id:
        # The same error for an unregistered site and for another partner's.
        raise Invalid([FieldError("url", "not_your_site", f"{address!r} does not lie on one of your sites")])
    lately = sa.select(sa.func.count()).where(
        PageReport.company_id == company_id, PageReport.asked_at > now - dt.timedelta(hours=1)
    )
    if session.execute(lately).scalar_one() >= MAX_REPORTS_PER_HOUR:
        raise Conflict(
            f"more than {MAX_REPORTS_PER_HOUR} pages an hour", code="too_many_reports", most=MAX_REPORTS_PER_HOUR
        )
    if site.kind is SiteKind.SOCIAL and not code:
        # No program reads the page and finds out which bulletin it carries.
        raise Invalid([FieldError("bulletin", "bulletin_of_post", "name the bulletin of a post on a social network")])
    bulletin = None
    if code:
        copy = claim_page(session, actor.id, code, address, published_at, company_id=company_id, now=now)
        page, bulletin = copy.page, copy.bulletin
    else:
        page, _ = record_sighting(session, site, address, SightingMethod.REPORTED, actor.id, now=now)
    page = lock_page(session, page.id)  # concurrent reports of one page are written one after the other
    query = sa.select(PageReport).where(PageReport.company_id == company_id, PageReport.page_id == page.id)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        row = PageReport(
            public=public_id("rpt"), company_id=company_id, page_id=page.id, url=address, actor=actor.id,
            actor_name=actor.name, at=now, asked_at=now,
        )  # fmt: skip
        session.add(row)
        details = {"url": page.canonical_url, "bulletin": code or None}
        journal.record(session, actor.id, "page.reported", "site", site.code, details, now=now)
    if bulletin is not None:
        row.bulletin_id = bulletin.id
    asked = _request_fetch(page, row, now=now)
    session.flush()
    return ReportResult(row, asked)


def reported_post(session: Session, row: PageReport) -> Republication | None:
    """The copy of a reported post on a social network that waits for a second person; None for any other report."""
    query = sa.select(Republication).where(
        Republication.page_id == row.page_id,
        Republication.bulletin_id == row.bulletin_id,
        Republication.status == RepublicationStatus.REVIEW,
    )
    copy = session.execute(query).scalar_one_or_none()
    return copy if copy is not None and is_social_report(copy) else None


def request_look(session: Session, row: PageReport, *, now: dt.datetime) -> bool:
    """Request another check of a reported page. Returns False if none is needed or the last answer is less than
    ``REPEAT_AFTER`` old."""
    asked = _request_fetch(lock_page(session, row.page_id), row, now=now)
    session.flush()
    return asked


def _request_fetch(page: Page, row: PageReport, *, now: dt.datetime) -> bool:
    if page.behind_sign_in or (page.due_at is not None and page.due_at <= now):
        return not page.behind_sign_in  # already requested: one check of a page at a time
    if page.checked_at is not None and now - page.checked_at < REPEAT_AFTER:
        return False
    request_fetch(page, now=now)
    row.asked_at = now
    return True


def find_report(session: Session, company_id: int, public: str) -> PageReport:
    """A report of this partner. Raises the same ``NotFound`` for a report of another partner."""
    query = sa.select(PageReport).where(PageReport.company_id == company_id, PageReport.public == public)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no report {public}", report=public)
    return row


def counted_page_of(session: Session, row: PageReport) -> Page:
    """The page that counts: the reported one, or the one of which it is an alias."""
    page = row.page
    return session.get_one(Page, page.alias_of_id) if page.alias_of_id is not None else page


def is_waiting(page: Page, row: PageReport, *, now: dt.datetime) -> bool:
    """Whether the answer to the last request is outstanding."""
    if page.behind_sign_in:
        return False
    asked_since = page.checked_at is None or page.checked_at < row.asked_at
    return asked_since or (page.due_at is not None and page.due_at <= now)


def latest_reports(session: Session, company_id: int, most: int = 10) -> Sequence[PageReport]:
    """A partner's latest reports."""
    query = sa.select(PageReport).where(PageReport.company_id == company_id)
    return session.execute(query.order_by(PageReport.asked_at.desc(), PageReport.id.desc()).limit(most)).scalars().all()
