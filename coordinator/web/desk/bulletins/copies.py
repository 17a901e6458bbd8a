"""The pages of a bulletin's republications: the filtered list, its CSV file, and the timeline of the spread with its
file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import sort_key
from campaigns.discovery.sightings import SightingMethod
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site
from campaigns.reporting.reach import reach_of
from campaigns.reporting.table_reports.spread import spread_of
from campaigns.republications import teasers
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.republications import (
    NO_COPIES,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.social.posts import is_social_report
from campaigns.search.autocomplete import PickableKind
from coordinator.exports.table_reports.spread import spread_report
from coordinator.exports.tables import Column, Table, TableRow
from coordinator.translation import _, speaking
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.reporting import documents
from coordinator.web.desk.republications.evidence_levels import reached_levels
from coordinator.web.desk.republications.labels import removal_signs_label
from coordinator.web.desk.republications.queries import evidence_facts, first_sightings
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.downloads import csv_attachment
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.text.state_labels import value_label

SORTS = ("site", "appeared", "share", "attribution", "life")
OLD, CURRENT, UNCLEAR = "old", "current", "unclear"
# Levels of pages that were not read, so that share and attribution are unknown.
_UNREAD = frozenset(
    {EvidenceLevel.REPORTED, EvidenceLevel.ANNOUNCED, EvidenceLevel.COUNTED_IMAGE, EvidenceLevel.DISCOVERED}
)


@dataclass(frozen=True)
class CopyOrigin:
    """The page a copy was taken from, as the copy names it. ``id``: of that copy, None when only the site is known."""

    site: str
    id: str | None


@dataclass(frozen=True)
class CopyRow:
    """One copy. ``siblings``: other copies of the bulletin on sites of the same company. ``taken_by``: copies taken
    from this one. ``share_before``: the share at confirmation, where it differs. ``behind_since``: since when the page
    carries an old or a recalled text; ``unclear``: a person has to say whether it follows the last correction;
    ``not_affected``: it never carried what that changed.
    """

    id: str
    site: str
    company: str
    company_code: str
    siblings: int
    headline: str
    title_kept: bool
    author: str
    url: str
    status: RepublicationStatus
    life: RepublicationLife
    level: EvidenceLevel
    levels: tuple[str, ...]
    read: bool
    match: Match
    share: float
    share_before: float | None
    revision: int | None
    attribution: Attribution
    appeared_at: datetime
    by_report: bool
    delay: timedelta | None
    behind_since: datetime | None
    unclear: bool
    not_affected: bool
    followed_at: datetime | None
    missing_since: datetime | None
    missing_why: tuple[str, ...]
    gone_at: datetime | None
    unreadable: UnreadableReason | None
    checked_at: datetime | None
    taken_from: CopyOrigin | None
    taken_by: int


@dataclass(frozen=True)
class TeaserRow:
    """A page with headline and lead only."""

    site: str
    company: str
    headline: str
    url: str
    seen_at: datetime


def teaser_pages(session: Session, bulletin: Bulletin, most: int) -> list[TeaserRow]:
    """Return the pages that only announce a bulletin, last seen first, at most ``most``."""
    return [
        TeaserRow(teaser.site.name, teaser.site.company.name, teaser.headline, teaser.page.url, teaser.seen_at)
        for teaser in teasers.latest_teasers(session, bulletin.id, most)
    ]


@dataclass(frozen=True)
class CopyFilter(ListFilter):
    """Filter of the copies of one bulletin, all of which are read. ``text``: ``old`` for copies with an old or recalled
    text, ``unclear`` for those of which a person has to say so, ``current`` for others. Without a status,
    rejected rows are omitted.
    """

    status: RepublicationStatus | None = argument(tab=True)
    life: RepublicationLife | None = None
    attribution: Attribution | None = None
    partner: str | None = argument(of=Company)
    text: str | None = argument(values={OLD: OLD, CURRENT: CURRENT, UNCLEAR: UNCLEAR})


DUPLICATES = 500  # listed at most; anybody can invent addresses


def all_copies(session: Session, bulletin: Bulletin) -> list[CopyRow]:
    """Return all known copies of a bulletin in every status, of the duplicates the newest, ordered by first
    appearance."""
    newest = (
        sa.select(Republication.id)
        .where(Republication.bulletin_id == bulletin.id, Republication.status == RepublicationStatus.DUPLICATE)
        .order_by(Republication.id.desc())
        .limit(DUPLICATES)
    )
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin),
            joinedload(Republication.page),
            joinedload(Republication.site).joinedload(Site.company),
            joinedload(Republication.taken_from),
            joinedload(Republication.taken_from_site),
        )
        .where(
            Republication.bulletin_id == bulletin.id,
            sa.or_(Republication.status != RepublicationStatus.DUPLICATE, Republication.id.in_(newest)),
        )
        .order_by(Republication.id)
    )
    rows = session.execute(query).scalars().all()
    ways = first_sightings(session, [row.page_id for row in rows])
    live = [row for row in rows if row.status not in NO_COPIES]
    companies = Counter(row.site.company_id for row in live)
    taken = Counter(row.taken_from_id for row in live if row.taken_from_id is not None)
    lines = [
        _copy_row(row, ways.get(row.page_id, {}), companies[row.site.company_id], taken[row.id]) for row in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.appeared_at, line.site))


def _copy_row(row: Republication, ways: Mapping[SightingMethod, datetime], of_company: int, taken: int) -> CopyRow:
    behind = row.stale and row.life is not RepublicationLife.GONE
    moved = row.confirmed_at is not None and row.confirmed_share is not None and row.life is RepublicationLife.CHANGED
    origin = row.taken_from_site
    return from_attributes(
        CopyRow,
        row,
        id=row.public,
        site=row.site.name,
        company=row.site.company.name,
        company_code=row.site.company.code,
        siblings=max(of_company - 1, 0) if row.status not in NO_COPIES else 0,
        levels=reached_levels(evidence_facts(row, ways)),
        read=row.level not in _UNREAD and (row.level is not EvidenceLevel.PERSON or row.match is not Match.NONE),
        share_before=row.confirmed_share if moved and row.confirmed_share != row.share else None,
        by_report=is_social_report(row) and row.published_at is None,
        behind_since=row.stale_since if behind and not row.correction_unclear else None,
        unclear=behind and row.correction_unclear,
        not_affected=row.correction_state is CorrectionState.NOT_AFFECTED,
        missing_why=tuple(row.missing_why),
        unreadable=row.page.unreadable if row.life is RepublicationLife.UNREADABLE else None,
        taken_from=CopyOrigin(origin.name, row.taken_from.public if row.taken_from else None) if origin else None,
        taken_by=taken,
    )


def filter_copies(lines: Sequence[CopyRow], filters: CopyFilter) -> list[CopyRow]:
    """Return the rows that match the filters, in the given order."""
    return [line for line in lines if _matches_filter(line, filters)]


def _matches_filter(line: CopyRow, filters: CopyFilter) -> bool:
    return (
        (line.status is filters.status if filters.status is not None else line.status not in NO_COPIES)
        and (filters.life is None or line.life is filters.life)
        and (filters.attribution is None or line.attribution is filters.attribution)
        and (filters.partner is None or line.company_code == filters.partner)
        and (filters.text is None or filters.text == _text_of(line))
    )


def _text_of(line: CopyRow) -> str:
    if line.unclear:
        return UNCLEAR
    return OLD if line.behind_since is not None else CURRENT


def sort_copies(lines: Sequence[CopyRow], column: str, *, descending: bool) -> list[CopyRow]:
    """Return the rows ordered by one of ``SORTS``; the sort is stable."""
    places = {attribution: place for place, attribution in enumerate(Attribution)}
    lives = {life: place for place, life in enumerate(RepublicationLife)}
    key = {
        "site": lambda line: sort_key(line.site),
        "appeared": lambda line: line.appeared_at,
        "share": lambda line: line.share,
        "attribution": lambda line: places[line.attribution],
        "life": lambda line: lives[line.life],
    }[column]
    return sorted(lines, key=key, reverse=descending)


def counts_by_status(lines: Sequence[CopyRow], filters: CopyFilter) -> dict[RepublicationStatus, int]:
    """Return, by status, how many rows match the other filters."""
    met = [line for status in RepublicationStatus for line in filter_copies(lines, replace(filters, status=status))]
    counted = Counter(line.status for line in met)
    return {status: counted[status] for status in RepublicationStatus}


@staff_required()
def timeline_page(code: str) -> ResponseReturnValue:
    """Show which sites carried the bulletin when, from whom, and how long after its release."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        spread = spread_of(session, find_bulletin(session, code))
        paper = spread_report(spread, documents.page_wording(session, now))
    return documents.render_document(
        "desk/bulletins/timeline.html",
        paper,
        documents.file_links(("pdf", "xlsx", "csv"), "bulletins.spread_file", code=spread.code),
        code=spread.code,
        title=spread.title,
    )


@staff_required()
def timeline_file(code: str, form: str) -> ResponseReturnValue:
    """Return the timeline as a file."""
    return documents.document_file(
        form,
        lambda session, wording: spread_report(spread_of(session, find_bulletin(session, code)), wording),
    )


DEFAULT_SORT = "appeared"
TEASERS = 200  # listed at most, beside the copies


def _filtered_copies(session: Session, bulletin: Bulletin, filters: CopyFilter) -> tuple[list[CopyRow], list[CopyRow]]:
    """Return all copies, and the filtered ones in the requested order."""
    everything = all_copies(session, bulletin)
    column, descending = pagination.sort_order(SORTS, DEFAULT_SORT)
    return everything, sort_copies(filter_copies(everything, filters), column, descending=descending)


@staff_required()
def copies(code: str) -> ResponseReturnValue:
    """Show the list of the bulletin's copies."""
    context = app_context().job_context
    with context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        filters = requested_filter(CopyFilter, autocomplete.resolved_query(partner))
        filters.check_codes(session)
        bulletin = find_bulletin(session, code)
        everything, lines = _filtered_copies(session, bulletin, filters)
        reach = reach_of(session, [bulletin.id])[bulletin.id]
        known = [line for line in everything if line.status not in NO_COPIES]
        shown = bulletin.revision(bulletin.released or bulletin.latest)
        teasers = teaser_pages(session, bulletin, TEASERS)
        title, recalled, released = shown.title, bulletin.recalled_at, bulletin.released
    return render_template(
        "desk/bulletins/copies.html",
        code=code,
        title=title,
        recalled=recalled,
        released=released,
        filters=filters,
        reach=reach,
        teasers=teasers,
        behind=sum(line.behind_since is not None for line in known),
        unclear=sum(line.unclear for line in known),
        counts=counts_by_status(everything, filters),
        total=len(filter_copies(everything, replace(filters, status=None))),
        part=pagination.paginate(lines),
        usual=DEFAULT_SORT,
        why=removal_signs_label,
        lives=[(life.value, value_label("life", life)) for life in RepublicationLife],
        attributions=[(attribution.value, value_label("attribution", attribution)) for attribution in Attribution],
        partner=partner,
        texts=[(OLD, _("Bản cũ hoặc đã thu hồi")), (UNCLEAR, _("Chưa rõ")), (CURRENT, _("Đúng bản hiện hành"))],
        as_of=context.now(),
        csv_url=url_for("bulletins.copies_csv", code=code, sort=request.args.get("sort") or None, **filters.to_args()),
    )


@staff_required()
def download_csv(code: str) -> ResponseReturnValue:
    """Return all filtered rows as CSV."""
    context = app_context().job_context
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        filters = requested_filter(CopyFilter)
        filters.check_codes(session)
        _everything, lines = _filtered_copies(session, bulletin, filters)
    table = Table(
        f"Bài đăng lại của {code}",
        (
            Column("site", "Trang"), Column("company", "Đối tác"), Column("headline", "Tiêu đề trên trang"),
            Column("title_kept", "Giữ tiêu đề"), Column("author", "Tác giả ghi trên trang"),
            Column("url", "Địa chỉ", "link"), Column("appeared_at", "Đăng lúc", "datetime"),
            Column("time_from", "Căn cứ giờ đăng"), Column("delay", "Trễ (giây)", "number"),
            Column("status", "Trạng thái"), Column("life", "Trên trang"),
            Column("level", "Mức bằng chứng"), Column("share", "Phần văn bản", "percent"),
            Column("match", "Khớp"), Column("revision", "Phiên bản họ đăng", "number"),
            Column("attribution", "Dẫn nguồn"), Column("behind_since", "Giữ bản cũ từ", "datetime"),
            Column("correction", "Sau đính chính"),
            Column("followed_at", "Đã sửa theo lúc", "datetime"), Column("gone_at", "Đã gỡ lúc", "datetime"),
            Column("why", "Vì sao coi là không còn"), Column("taken_from", "Lấy lại từ"),
            Column("siblings", "Bài khác cùng công ty", "number"), Column("checked_at", "Xem lần cuối", "datetime"),
            Column("id", "Mã"),
        ),
        [_csv_cells(line) for line in lines],
    )  # fmt: skip
    return csv_attachment(table, f"{code}-bai-lan-toa")


def _csv_cells(line: CopyRow) -> TableRow:
    def word(kind: str, value: object) -> str:
        with speaking("vi"):
            return value_label(kind, value)

    return {
        "site": line.site,
        "company": line.company,
        "headline": line.headline,
        "title_kept": ("có" if line.title_kept else "không") if line.read else None,
        "author": line.author,
        "url": line.url,
        "appeared_at": line.appeared_at,
        "time_from": "giờ báo" if line.by_report else None,
        "delay": round(line.delay.total_seconds()) if line.delay is not None else None,
        "status": word("republication", line.status),
        "life": word("life", line.life),
        "level": word("evidence", line.level),
        "share": line.share if line.read else None,
        "match": word("match", line.match) if line.read else None,
        "revision": line.revision,
        "attribution": word("attribution", line.attribution) if line.read else None,
        "behind_since": line.behind_since,
        "correction": "chưa rõ" if line.unclear else "không liên quan" if line.not_affected else None,
        "followed_at": line.followed_at,
        "gone_at": line.gone_at,
        "why": "; ".join(line.missing_why),
        "taken_from": line.taken_from.site if line.taken_from is not None else None,
        "siblings": line.siblings,
        "checked_at": line.checked_at,
        "id": line.id,
    }
