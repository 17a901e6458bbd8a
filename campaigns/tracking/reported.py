"""Reports: an editor of a partner says that a page of its site carries something of ours, and wants to know at once how
it counts. One page is one report of a partner, in whatever form its address was pasted; asking again is a new look.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import site_of
from campaigns.people.staff import Actor
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.claiming import claim
from campaigns.tracking.sightings import How, Page, ask, hold, see

MOST_AN_HOUR = 60  # pages that one partner has looked at on request; more is a program, and programs have the API
ANEW_AFTER = dt.timedelta(minutes=1)  # sooner, the answer that is there is the answer
LONGEST = 2000  # characters of an address


class PageReport(Base):
    """One page that a partner reported. ``url``: as it was pasted first; ``asked_at``: when a look was last asked for.
    ``bulletin_id``: the one it is said to carry, None when that was left to us to find."""

    __tablename__ = "page_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    url: Mapped[str] = mapped_column(sa.String(LONGEST))
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
class Reported:
    """The report, and whether a look was asked for: False when the answer is there, or on its way."""

    row: PageReport
    asked: bool


def report_page(
    session: Session, actor: Actor, company_id: int, url: str, code: str = "", *, now: dt.datetime
) -> Reported:
    """Note that a page of the partner's own carries a bulletin (``code``, '' = whichever is found), and have it read.

    Raises ``Invalid`` naming each bad field, ``Conflict`` after too many in an hour.
    """
    address = url.strip()
    if not address:
        raise Invalid([FieldError("url", "required", "an address is needed")])
    if len(address) > LONGEST:
        raise Invalid([FieldError("url", "too_long", f"at most {LONGEST} characters")])
    site = site_of(session, address)
    if site is None or site.company_id != company_id:
        # A stranger's site and one of another partner are told apart by nobody but us.
        raise Invalid([FieldError("url", "not_your_site", f"{address!r} does not lie on one of your sites")])
    lately = sa.select(sa.func.count()).where(
        PageReport.company_id == company_id, PageReport.asked_at > now - dt.timedelta(hours=1)
    )
    if session.execute(lately).scalar_one() >= MOST_AN_HOUR:
        raise Conflict(f"more than {MOST_AN_HOUR} pages an hour", code="too_many_reports", most=MOST_AN_HOUR)
    bulletin = None
    if code:
        copy = claim(session, actor.id, code, address, company_id=company_id, now=now)
        page, bulletin = copy.page, copy.bulletin
    else:
        page, _ = see(session, site, address, How.REPORTED, actor.id, now=now)
    page = hold(session, page.id)  # two who report one page at once are written one after the other
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
    asked = _look(page, row, now=now)
    session.flush()
    return Reported(row, asked)


def look_again(session: Session, row: PageReport, *, now: dt.datetime) -> bool:
    """Have a reported page read once more; whether that was asked for, and not answered a moment ago."""
    asked = _look(hold(session, row.page_id), row, now=now)
    session.flush()
    return asked


def _look(page: Page, row: PageReport, *, now: dt.datetime) -> bool:
    if page.behind_sign_in or (page.due_at is not None and page.due_at <= now):
        return not page.behind_sign_in  # it is asked for as it is: one look at a page at a time
    if page.checked_at is not None and now - page.checked_at < ANEW_AFTER:
        return False
    ask(page, now=now)
    row.asked_at = now
    return True


def find_report(session: Session, company_id: int, public: str) -> PageReport:
    """A report of this partner. Raises ``NotFound``, in the same words for one of another."""
    query = sa.select(PageReport).where(PageReport.company_id == company_id, PageReport.public == public)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no report {public}", report=public)
    return row


def page_of(session: Session, row: PageReport) -> Page:
    """The page that counts: the reported one, or the one it turned out to be."""
    page = row.page
    return session.get_one(Page, page.alias_of_id) if page.alias_of_id is not None else page


def is_waiting(page: Page, row: PageReport, *, now: dt.datetime) -> bool:
    """Whether the answer to what was asked is still to come."""
    if page.behind_sign_in:
        return False
    asked_since = page.checked_at is None or page.checked_at < row.asked_at
    return asked_since or (page.due_at is not None and page.due_at <= now)


def latest_reports(session: Session, company_id: int, most: int = 10) -> Sequence[PageReport]:
    """What a partner reported last."""
    query = sa.select(PageReport).where(PageReport.company_id == company_id)
    return session.execute(query.order_by(PageReport.asked_at.desc(), PageReport.id.desc()).limit(most)).scalars().all()
