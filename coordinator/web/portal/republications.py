"""Queries of one company's sites, copies and outdated texts for the portal, and the corrections requested of it. Every
query is limited to the company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from markupsafe import escape
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.contents import from_attributes
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListFilter, ListPage, ListQuery, argument
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Site
from campaigns.people.office import current_office
from campaigns.reporting.tallies import count_if
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    has_outdated_text,
    may_carry_text,
)
from campaigns.republications.review.corrections import (
    SOURCE_LINE_CORRECTIONS,
    Correction,
    corrections_of,
    needs_correction,
)
from campaigns.republications.review.partner_answers import answers_of
from coordinator.jobs.context import JobContext
from coordinator.translation import _, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.correction_labels import AnswerRow, answer_rows, correction_name


@dataclass(frozen=True)
class PasteLines:
    """What a partner may paste: the source line and the counter image of one bulletin, as HTML."""

    source: str
    image: str


@dataclass(frozen=True)
class CorrectionRow:
    """One requested correction. ``paste``: HTML to add to the page, '' when that would not help. ``grave``: it comes
    first, because the text was recalled or corrected. ``mends``: whether the partner can report it as done.
    """

    code: str
    name: str
    advice: str
    paste: str
    grave: bool
    mends: bool


def paste_lines(name: str, url: str, counter_url: str) -> PasteLines:
    """Return the same lines as in the copy kit."""
    return PasteLines(
        f'<p>Theo <a href="{escape(url)}">{escape(name)}</a></p>',
        f'<img src="{escape(counter_url)}" width="1" height="1" alt="">',
    )


def correction_rows(row: Republication, found: Sequence[Correction], lines: PasteLines) -> list[CorrectionRow]:
    """Return all requested corrections of one copy, the most urgent first."""
    return [_correction_row(correction, row, lines) for correction in found]


def _correction_row(mend: Correction, row: Republication, lines: PasteLines) -> CorrectionRow:
    paste = lines.source if mend in SOURCE_LINE_CORRECTIONS else lines.image if mend is Correction.IMAGE_MISSING else ""
    grave = mend in {Correction.RECALLED, Correction.OLD_TEXT}
    return CorrectionRow(
        mend.value, correction_name(mend), _correction_advice(mend, row), paste, grave, mend is not Correction.REJECTED
    )


def _correction_advice(mend: Correction, row: Republication) -> str:
    share = formats.percent(row.share, language(), 0)
    return {
        Correction.RECALLED: _("Mời gỡ bài khỏi trang, rồi bấm “Đã sửa” để máy xem lại ngay."),
        Correction.OLD_TEXT: _("Mời thay bằng bản mới nhất của bản tin, rồi bấm “Đã sửa”."),
        Correction.REJECTED: _("Cán bộ đã xem và không tính bài này. Nếu thấy chưa đúng, mời nêu lý do."),
        Correction.NOT_FOUND: _(
            "Máy mở địa chỉ này mà không thấy văn bản. Kiểm tra lại địa chỉ, hoặc bài đã đăng công khai chưa."
        ),
        Correction.UNREADABLE: _("Trang không mở được từ bên ngoài, hoặc chặn máy đọc. Mời mở trang cho máy của Sở."),
        Correction.FRONT_PAGE: _("Mời đăng bài ở một địa chỉ riêng; trang chủ đổi mỗi ngày nên không tính."),
        Correction.OTHER_SOURCE: _("Mời ghi nguồn là Sở, bằng dòng dưới đây đặt ở cuối bài."),
        Correction.NO_SOURCE: _("Mời thêm dòng nguồn dưới đây vào cuối bài."),
        Correction.HOME_PAGE_ONLY: _("Mời đổi đường dẫn cho tới đúng bản tin, bằng dòng dưới đây."),
        Correction.URL_TEXT_ONLY: _("Mời đổi địa chỉ bằng chữ thành đường dẫn bấm được, bằng dòng dưới đây."),
        Correction.NAMED_ONLY: _("Mời thêm đường dẫn tới bản tin vào tên nguồn, bằng dòng dưới đây."),
        Correction.NOT_AT_END: _("Mời đặt dòng nguồn này ở cuối bài."),
        Correction.OTHER_FIGURES: _(
            "Câu chữ là của bản tin này, số liệu thì không: có thể là của ngày khác, hoặc đã bị sửa. Mời đăng đúng số "
            "liệu của bản tin, hoặc báo đúng bản tin đã đăng."
        ),
        Correction.EXCERPT: _("Trang có %(share)s văn bản. Đăng toàn văn thì bài được tính ngay.", share=share),
        Correction.IMAGE_MISSING: _(
            "Việc này không đổi kết quả tính bài, chỉ là không đếm được lượt xem. Mời thêm dòng này vào cuối bài."
        ),
    }[mend]


@dataclass(frozen=True)
class SiteRow:
    """One site with the state of its copies."""

    name: str
    url: str
    confirmed: int
    review: int
    rejected: int
    duplicates: int
    mend: int


@dataclass(frozen=True)
class CopyRow:
    """One copy. ``to_mend``: labels of the requested corrections; ``recalled``: of a recalled bulletin."""

    id: str
    title: str
    site: str
    bulletin: str
    status: RepublicationStatus
    life: RepublicationLife
    to_mend: Sequence[str]
    seen_at: datetime
    behind_since: datetime | None
    recalled: bool


@dataclass(frozen=True)
class CopyView:
    """The page of one copy. ``note``: why a person rejected it, '' otherwise; ``counted_url``: of
    a duplicate, the counted address; ``source_line``: HTML to paste."""

    id: str
    title: str
    bulletin: str
    bulletin_url: str
    recalled: bool
    site: str
    url: str
    status: RepublicationStatus
    life: RepublicationLife
    match: Match
    share: float
    attribution: Attribution
    read: bool
    counted_url: str | None
    published_at: datetime | None
    seen_at: datetime
    checked_at: datetime | None
    due_at: datetime | None
    note: str
    to_mend: Sequence[CorrectionRow]
    source_line: str
    answers: Sequence[AnswerRow]


def _own_copies(company_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Select copies on the company's sites of bulletins that are or were public; other titles must
    not be visible here.
    """
    out = sa.select(Bulletin.id).where(visibility.visible(now, with_recalled=True))
    own = sa.select(Site.id).where(Site.company_id == company_id)
    return sa.and_(Republication.site_id.in_(own), Republication.bulletin_id.in_(out))


def find_own_copy(session: Session, company_id: int, ident: str, *, now: datetime) -> Republication:
    """Return a copy of this company. Raises ``NotFound`` with the same message for another company's copy and an
    unknown one.
    """
    query = sa.select(Republication).where(Republication.public == ident, _own_copies(company_id, now))
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no republication {ident}", republication=ident)
    return row


def site_rows(session: Session, company_id: int) -> list[SiteRow]:
    """Return the company's sites, with all-time figures."""
    figures: tuple[Any, ...] = (
        count_if(Republication.status == RepublicationStatus.CONFIRMED),
        count_if(Republication.status == RepublicationStatus.REVIEW),
        count_if(Republication.status == RepublicationStatus.REJECTED),
        count_if(Republication.status == RepublicationStatus.DUPLICATE),
        count_if(needs_correction()),
    )
    query = (
        sa.select(Site.name, Site.url, *figures)
        .outerjoin(Republication, Republication.site_id == Site.id)
        .where(Site.company_id == company_id)
        .group_by(Site.id, Site.name, Site.url)
        .order_by(Site.name)
    )
    return [SiteRow(name, url, *(int(item) for item in rest)) for name, url, *rest in session.execute(query)]


@dataclass(frozen=True)
class OwnCopyFilter(ListFilter):
    """Filter of the list. It has none of the fields that would show a partner why staff doubt a copy. ``mend``: only
    copies to correct."""

    status: RepublicationStatus | None = argument(where=lambda status: Republication.status == status)
    mend: bool = argument(False, where=lambda _mend: needs_correction())


def copy_rows(
    session: Session, company_id: int, filters: OwnCopyFilter, number: int, *, now: datetime
) -> ListPage[CopyRow]:
    """Return one page of the company's copies, newest first."""
    conditions = [_own_copies(company_id, now), *filters.conditions()]
    order = (Republication.first_seen_at.desc(), Republication.id.desc())
    page = ListQuery(Republication, _copy_query(), conditions, order).page(session, number)
    return page.with_rows([_copy_row(row, title) for row, title in page.rows])


def outdated_copies(session: Session, company_id: int, *, now: datetime) -> list[CopyRow]:
    """Return copies with a recalled or an old text, the longest overdue first."""
    where = (_own_copies(company_id, now), has_outdated_text(), Republication.life != RepublicationLife.GONE)
    query = _copy_query().where(*where, may_carry_text()).order_by(Republication.stale_since)
    return [_copy_row(row, title) for row, title in session.execute(query)]


def _copy_query() -> sa.Select[Republication, str]:
    return (
        sa.select(Republication, Revision.title)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(
            Revision,
            sa.and_(
                Revision.bulletin_id == Bulletin.id,
                Revision.number == sa.func.coalesce(Bulletin.released, Bulletin.latest),
            ),
        )
        .options(joinedload(Republication.bulletin), joinedload(Republication.site))
    )


def _copy_row(row: Republication, title: str) -> CopyRow:
    return CopyRow(
        row.public,
        row.headline or title,
        row.site.name,
        row.bulletin.code,
        row.status,
        row.life,
        [correction_name(correction) for correction in corrections_of(row)],
        row.first_seen_at,
        row.stale_since if row.stale and not row.correction_unclear else None,
        row.bulletin.recalled_at is not None,
    )


def copy_view(context: JobContext, session: Session, company_id: int, ident: str) -> CopyView:
    """Return one copy. Raises ``NotFound``."""
    row = find_own_copy(session, company_id, ident, now=context.now())
    bulletin = row.bulletin
    # Only the published revision: a pending correction is not public.
    revision = bulletin.revision(bulletin.released or bulletin.latest)
    url = context.addresses.bulletin(bulletin.code)
    lines = paste_lines(current_office(session).name, url, context.addresses.counter(bulletin.counter_token))
    return from_attributes(
        CopyView,
        row,
        id=row.public,
        title=row.headline or revision.title,
        bulletin=bulletin.code,
        bulletin_url=url,
        recalled=bulletin.recalled_at is not None,
        site=row.site.name,
        read=bool(row.evidence),
        counted_url=row.duplicate_of.url if row.duplicate_of is not None else None,
        seen_at=row.first_seen_at,
        due_at=row.page.due_at,
        note=row.decision_note if row.status is RepublicationStatus.REJECTED and row.decided_by is not None else "",
        to_mend=correction_rows(row, corrections_of(row), lines),
        source_line=lines.source,
        answers=answer_rows(answers_of(session, row)),
    )


@dataclass(frozen=True)
class OwnCopy:
    """A copy of one bulletin on one of the partner's sites. ``to_mend``: the labels of the requested corrections."""

    id: str
    site: str
    status: RepublicationStatus
    at: datetime
    to_mend: Sequence[str]


def copies_by_bulletin(session: Session, company_id: int, bulletins: Sequence[int]) -> dict[int, list[OwnCopy]]:
    """Return the partner's own copies of these bulletins (by primary key), without duplicates, the first seen first."""
    own = sa.select(Site.id).where(Site.company_id == company_id)
    query = (
        _copy_query()
        .where(
            Republication.bulletin_id.in_(bulletins),
            Republication.site_id.in_(own),
            Republication.status != RepublicationStatus.DUPLICATE,
        )
        .order_by(Republication.first_seen_at, Republication.id)
    )
    found: dict[int, list[OwnCopy]] = {}
    for row, _title in session.execute(query):
        mend = [correction_name(correction) for correction in corrections_of(row)]
        at = row.published_at or row.first_seen_at
        found.setdefault(row.bulletin_id, []).append(OwnCopy(row.public, row.site.name, row.status, at, mend))
    return found


def counted_days(session: Session, company_id: int) -> tuple[date, date] | None:
    """Return the days of the first and the newest confirmed copy on the partner's sites; None without any."""
    own = sa.select(Site.id).where(Site.company_id == company_id)
    query = sa.select(sa.func.min(Republication.counted_on), sa.func.max(Republication.counted_on)).where(
        Republication.site_id.in_(own), Republication.status == RepublicationStatus.CONFIRMED
    )
    first, last = session.execute(query).one()
    return (first, last) if first is not None else None
