"""The first page of the portal: the newest day's bulletins with the keys that copy them, and what is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.visibility import Audience, Released
from campaigns.core.clock import Period, city_day, day_start
from campaigns.partners.agreements import agreements_of
from campaigns.partners.directory import Company
from campaigns.partners.licences import licences_of
from campaigns.reporting.table_reports.partner_report import partner_score
from campaigns.republications.republications import RepublicationStatus
from coordinator.feeds.item import FeedItem
from coordinator.jobs.context import JobContext
from coordinator.translation import _, counted, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.periods import period_name, validity_of
from coordinator.web.portal.republications import OwnCopy, copies_by_bulletin
from coordinator.web.public.front import feed_items

MOST_SHOWN = 30  # bulletins of a day on the first page; the list has all of them
_A_DAY = timedelta(days=1)
# The copy that says most of a bulletin, first.
_STATUS_ORDER = (
    RepublicationStatus.CONFIRMED,
    RepublicationStatus.REVIEW,
    RepublicationStatus.CANDIDATE,
    RepublicationStatus.REJECTED,
)


@dataclass(frozen=True)
class BulletinToCarry:
    """One bulletin. ``copies``: the partner's own, the one that says most first; ``needs_key``: nothing was seen yet,
    so that copying it is what this view is for."""

    item: FeedItem
    copies: Sequence[OwnCopy]

    @property
    def needs_key(self) -> bool:
        """Whether no copy was seen and it may still be copied."""
        return not self.copies and not self.item.recalled

    @property
    def sites(self) -> str:
        """The sites that carry it, by name."""
        return ", ".join(dict.fromkeys(copy.site for copy in self.copies))


@dataclass(frozen=True)
class DayToCarry:
    """The newest day with bulletins for this partner; ``day`` None without any. ``before``: how many the day before
    had; ``unseen``: of how many no copy was seen."""

    day: date | None
    rows: Sequence[BulletinToCarry]
    before: int

    @property
    def unseen(self) -> int:
        """The number of bulletins of which no copy was seen."""
        return sum(row.needs_key for row in self.rows)


def day_to_carry(
    context: JobContext, session: Session, company_id: int, audience: Audience, *, now: datetime
) -> DayToCarry:
    """Return the newest day of this partner's bulletins, the newest first, recalled ones in their place."""
    newest = visibility.select_released(audience, now=now).order_by(Bulletin.release_at.desc(), Bulletin.id.desc())
    found = [Released(row[0], row[1]) for row in session.execute(newest.limit(MOST_SHOWN))]
    if not found:
        return DayToCarry(None, (), 0)
    day = city_day(found[0].released_at)
    found = [released for released in found if city_day(released.released_at) == day]
    copies = copies_by_bulletin(session, company_id, [released.bulletin.id for released in found])
    items = feed_items(context, session, found)
    rows = [
        BulletinToCarry(
            item, sorted(copies.get(released.bulletin.id, ()), key=lambda copy: _STATUS_ORDER.index(copy.status))
        )
        for released, item in zip(found, items, strict=True)
    ]
    since = day_start(day - _A_DAY)
    of_day_before = visibility.select_released(audience, now=now).where(
        Bulletin.release_at >= since, Bulletin.release_at < day_start(day)
    )
    # Number of rows of the list that the link beside it opens.
    before = session.execute(
        sa.select(sa.func.count()).select_from(of_day_before.with_only_columns(Bulletin.id).subquery())
    )
    return DayToCarry(day, rows, before.scalar_one())


def day_name(day: date, today: date) -> str:
    """``Hôm nay, 24/11`` or ``Thứ Hai, 23/11/2026``."""
    return _("Hôm nay, %(day)s", day=formats.day_month(day)) if day == today else formats.long_day(day, language())


@dataclass(frozen=True)
class QuarterFigures:
    """The figures of the newest quarter that has any, as (name, value, address)."""

    name: str
    rows: Sequence[tuple[str, str, str]]


def quarter_figures(session: Session, company_id: int, period: Period, review: int) -> QuarterFigures:
    """Return the figures of a quarter. ``review``: the number of copies in review."""
    score = partner_score(session, company_id, period)
    share = score.share(score.at_end)
    at_end = formats.number(score.at_end, language())
    detail = url_for("portal.quarter")
    rows = [
        (
            _("Lượt lan tỏa đã xác nhận"),
            formats.number(score.confirmed, language()),
            url_for("portal.copies", status="confirmed"),
        ),
        (_("Chờ xem xét"), formats.number(review, language()), url_for("portal.copies", status="review")),
        (_("Dẫn nguồn đủ"), at_end if share is None else f"{at_end}, {formats.percent(share, language())}", detail),
    ]
    if score.delay is not None:
        rows.append((_("Đăng lại điển hình sau"), formats.duration(score.delay, language()), detail))
    return QuarterFigures(period_name(period), rows)


@dataclass(frozen=True)
class PaperRow:
    """A licence or an agreement. ``standing``: as of ``validity_of``."""

    name: str
    standing: str
    note: str


def papers(session: Session, company_id: int, today: date) -> list[PaperRow]:
    """Return the partner's licences and agreements that are or will be in force, or ended last."""
    company = session.get_one(Company, company_id)
    found = []
    for licence in licences_of(session, company):
        note = _until(licence.last_day, today)
        if licence.domains:
            note += f" · {', '.join(licence.domains)}"
        found.append(
            PaperRow(
                _("Giấy phép %(number)s", number=licence.number),
                validity_of(licence.issued_on, licence.last_day, today),
                note,
            )
        )
    found += [
        PaperRow(
            _("Văn bản chấp thuận %(number)s", number=agreement.number),
            validity_of(agreement.starts_on, agreement.ends_on, today),
            _until(agreement.ends_on, today),
        )
        for agreement in agreements_of(session, company)
    ]
    open_papers = [paper for paper in found if paper.standing != "ended"]
    return open_papers or found[:1]


def _until(last: date | None, today: date) -> str:
    if last is None:
        return _("không có ngày hết hạn")
    left = (last - today).days
    if left < 0:
        return _("hết hạn từ %(day)s", day=formats.day(last))
    if validity_of(today, last, today) == "ending":
        return counted("đến %(day)s, còn %(left)s ngày", left, day=formats.day(last), left=left)
    return _("đến %(day)s", day=formats.day(last))
