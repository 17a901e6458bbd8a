"""What became of a page that a partner reported: how our reading of it went, and every bulletin found on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.people.office import the_office
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.mending import to_mend
from campaigns.tracking.reported import find_report, is_waiting, latest_reports, page_of
from campaigns.tracking.republications import Republication, Status
from campaigns.tracking.sightings import Page
from campaigns.tracking.teasers import Teaser
from coordinator.jobs.workplace import Workplace
from coordinator.web.portal.mend_words import MendLine, lines_of, mend_lines
from coordinator.web.saying import _


@dataclass(frozen=True)
class CopyFound:
    """One bulletin on the page, and how it counts. ``read``: we have judged the page with it in mind; ``beside``: it
    waits only because the site has the same text at another address."""

    id: str
    title: str
    bulletin: str
    status: Status
    match: Match
    share: float
    attribution: Attribution
    read: bool
    beside: bool
    to_mend: Sequence[MendLine]


@dataclass(frozen=True)
class ReportShown:
    """One reported page. ``trouble``: why we could not read it, '' when we could; ``teases``: bulletins that it only
    announces."""

    id: str
    url: str
    site: str
    who: str
    asked_at: datetime
    checked_at: datetime | None
    waiting: bool
    named: str | None
    trouble: str
    copies: Sequence[CopyFound]
    teases: Sequence[str]


@dataclass(frozen=True)
class ReportLine:
    """One report on the list. ``statuses``: of each copy found on the page."""

    id: str
    url: str
    who: str
    asked_at: datetime
    waiting: bool
    trouble: str
    statuses: Sequence[Status]


def shown(place: Workplace, session: Session, company_id: int, ident: str) -> ReportShown:
    """Everything about one report of this partner. Raises ``NotFound``."""
    row, now = find_report(session, company_id, ident), place.now()
    page = page_of(session, row)
    office = the_office(session).name
    waiting = is_waiting(page, row, now=now)
    teases = (
        sa.select(Bulletin.code)
        .join(Teaser, Teaser.bulletin_id == Bulletin.id)
        .where(Teaser.page_id == page.id, release.visible(now, with_recalled=True))
    )
    return ReportShown(
        id=row.public,
        url=row.url,
        site=page.site.name,
        who=row.actor_name,
        asked_at=row.asked_at,
        checked_at=page.checked_at,
        waiting=waiting,
        named=row.bulletin.code if row.bulletin is not None else None,
        trouble="" if waiting else trouble(page),
        copies=[_copy(place, copy, office) for copy in _copies(session, [page.id], now)],
        teases=list(session.execute(teases).scalars()),
    )


def lines(place: Workplace, session: Session, company_id: int) -> list[ReportLine]:
    """What the partner reported last."""
    now = place.now()
    rows = [(row, page_of(session, row)) for row in latest_reports(session, company_id)]
    found: dict[int, list[Status]] = {}
    for copy in _copies(session, [page.id for _row, page in rows], now):
        found.setdefault(copy.page_id, []).append(copy.status)
    return [
        ReportLine(
            row.public, row.url, row.actor_name, row.asked_at, waiting := is_waiting(page, row, now=now),
            "" if waiting else trouble(page), found.get(page.id, []),
        )
        for row, page in rows
    ]  # fmt: skip


def _copies(session: Session, pages: Sequence[int], now: datetime) -> Sequence[Republication]:
    out = sa.select(Bulletin.id).where(release.visible(now, with_recalled=True))
    query = sa.select(Republication).where(Republication.page_id.in_(pages), Republication.bulletin_id.in_(out))
    return session.execute(query.order_by(Republication.share.desc(), Republication.id)).scalars().all()


def _copy(place: Workplace, row: Republication, office: str) -> CopyFound:
    bulletin = row.bulletin
    paste = lines_of(office, place.addresses.bulletin(bulletin.code), place.addresses.counter(bulletin.counter_token))
    return CopyFound(
        row.public,
        bulletin.revision(bulletin.released or bulletin.latest).title,
        bulletin.code,
        row.status,
        row.match,
        row.share,
        row.attribution,
        row.checked_at is not None,
        row.waits_beside,
        mend_lines(row, to_mend(row), paste),
    )


def trouble(page: Page) -> str:
    """Why a page could not be read, and what its partner can do; '' when it was read or has not been asked for."""
    said = page.error.lower()
    if page.behind_sign_in:
        return _("Trang này phải đăng nhập mới xem được, máy không đọc. Cán bộ của Sở xác nhận bằng ảnh chụp.")
    if page.missing_since is not None and page.status in {404, 410}:
        return _("Địa chỉ này trả lời %(status)s: không có bài. Kiểm tra địa chỉ, hoặc bài đã đăng công khai chưa.",
                 status=page.status)  # fmt: skip
    if not page.error:
        return ""
    for words, sentence in (
        ("robots.txt", _("Tệp robots.txt của trang không cho máy đọc. Mời cho phép máy của Sở, rồi bấm Xem lại.")),
        ("not a public one", _("Tên miền này trỏ tới địa chỉ nội bộ; máy của Sở không gọi tới đó.")),
        ("is not called", _("Địa chỉ này dùng cổng lạ; máy của Sở không gọi tới đó.")),
        ("another site", _("Địa chỉ này dẫn sang một trang khác. Mời báo địa chỉ thật của bài.")),
        ("the address answers", _("Địa chỉ này không phải trang bài viết. Mời báo địa chỉ của bài.")),
        ("larger than", _("Trang quá lớn nên máy không đọc hết. Mời báo địa chỉ của riêng bài.")),
    ):
        if words in said:
            return sentence
    if page.status in {401, 403, 429}:
        return _("Trang không cho máy đọc (%(status)s). Mời mở trang cho máy của Sở, rồi bấm Xem lại.",
                 status=page.status)  # fmt: skip
    if page.status is not None and page.status >= 400:
        return _("Máy chủ của trang trả lời lỗi %(status)s. Máy sẽ tự thử lại.", status=page.status)
    return _("Chưa mở được trang từ bên ngoài. Máy sẽ tự thử lại; mời kiểm tra địa chỉ.")
