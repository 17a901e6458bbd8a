"""The reports that a schedule sends: figures of one view of the database, written in the formats asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import CITY, Period, parse_period, quarter_of
from campaigns.core.errors import Invalid, NotFound
from campaigns.delivery.outbox import DeliveryModes
from campaigns.matching.matcher import RULE_VERSION
from campaigns.partners.directory import Company, Site, current_company_id, find_company
from campaigns.planning.campaigns import Campaign, Topic, find_campaign
from campaigns.reporting import republication_filter, tallies
from campaigns.reporting.saved_filters import FilteredList, SavedFilter, find_filter
from campaigns.reporting.schedules.schedules import ReportKind, Schedule, covered_period
from campaigns.reporting.table_reports.digest import digest_of
from campaigns.reporting.table_reports.partner_report import build_partner_report
from campaigns.reporting.table_reports.plan_report import build_plan_report
from campaigns.reporting.table_reports.ranking import rank_partners
from campaigns.reporting.tallies import TallyScope
from coordinator.exports.csv import write_csv
from coordinator.exports.format import vi_datetime, vi_number
from coordinator.exports.table_reports.context import url_with_query
from coordinator.exports.table_reports.digest import digest_report
from coordinator.exports.table_reports.partner_report import partner_report
from coordinator.exports.table_reports.plan_report import plan_report
from coordinator.exports.table_reports.ranking import ranking_report
from coordinator.exports.table_reports.report import Report, summary_lines
from coordinator.exports.tables import RowColumn, Table, table_of
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.figure_tables import rows_table
from coordinator.jobs.reporting.rendered_report import FORMATS, RenderedReport
from coordinator.jobs.reporting.table_report_files import file_context, period_name, rendered_file
from coordinator.translation import VIETNAMESE, speaking


@dataclass(frozen=True)
class ScheduledReport:
    """A report ready to be sent: what its letter says, the address of its page at the desk, and its files."""

    title: str
    lines: tuple[str, ...]
    page: str
    files: tuple[RenderedReport, ...]


@speaking(VIETNAMESE)
def make_scheduled_report(
    session: Session, delivery_modes: DeliveryModes, base: str, row: Schedule, at: datetime, *, now: datetime
) -> ScheduledReport:
    """What a schedule sends at a moment, with the figures of now. Raises ``NotFound`` where its partner, plan or filter
    is gone, ``Invalid``, ``ExportError``."""
    period = covered_period(row.kind, at)
    if row.kind is ReportKind.LIST:
        return _list_report(session, find_filter(session, row.subject), row.forms, base, now=now)
    if row.kind is ReportKind.BRIEFING:
        campaign = find_campaign(session, row.subject) if row.subject else None
        files = tuple(briefing_files.make_briefing_file(session, campaign, period, form, now=now) for form in row.forms)
        page = url_with_query("/desk/reports/", {"campaign": row.subject or "all", "period": period.label})
        return ScheduledReport(
            f"Báo cáo {period_name(period)}", _briefing_lines(session, campaign, period), page, files
        )
    paper, page = _paper(session, delivery_modes, row, period, now=now)
    files = tuple(rendered_file(paper, form, base) for form in row.forms)
    return ScheduledReport(f"{paper.title}, {paper.period}", tuple(summary_lines(paper)), page, files)


def _paper(
    session: Session, delivery_modes: DeliveryModes, row: Schedule, period: Period, *, now: datetime
) -> tuple[Report, str]:
    context, asked = file_context(session, now), {"period": period.label}
    match row.kind:
        case ReportKind.PARTNER:
            company = find_company(session, row.subject)
            report = build_partner_report(session, company, period, now=now)
            paper = partner_report(report, context, lambda copy: f"/desk/republications/{copy.id}")
            return paper, url_with_query(f"/desk/partners/{company.code}/report", asked)
        case ReportKind.PLAN:
            campaign = find_campaign(session, row.subject)
            return plan_report(build_plan_report(session, campaign, now=now), context), f"/desk/results/{campaign.code}"
        case ReportKind.RECOGNITION:
            return ranking_report(rank_partners(session, period), context), url_with_query("/desk/recognition/", asked)
        case _:
            paper = digest_report(digest_of(session, delivery_modes, period, now=now), context)
            name = "week" if row.kind is ReportKind.WEEK else "day"
            return paper, url_with_query(f"/desk/digests/{name}", {"on": period.first.isoformat()})


def _briefing_lines(session: Session, campaign: Campaign | None, period: Period) -> tuple[str, ...]:
    total = tallies.totals(session, TallyScope(period, campaign.id if campaign else None))
    return (
        f"Bài đã xác nhận: {vi_number(total.confirmed)}",
        f"Chờ xem xét: {vi_number(total.review)}",
        f"Dẫn nguồn đủ: {vi_number(total.attributed)}",
    )


# What a filter may name that can be gone, and how it is called.
_FILTER_REFERENCES: Mapping[str, tuple[type[Company | Site | Topic | Campaign | Bulletin], str]] = {
    "partner": (Company, "đối tác"),
    "site": (Site, "trang"),
    "topic": (Topic, "chuyên đề"),
    "campaign": (Campaign, "kế hoạch"),
    "bulletin": (Bulletin, "bản tin"),
}


def missing_references(session: Session, query: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a filter names and nobody has any more: (field, code)."""
    found = []
    for name, (kind, _words) in _FILTER_REFERENCES.items():
        code = query.get(name, "")
        if code and code != "all" and not session.execute(sa.select(kind.id).where(kind.code == code)).first():
            found.append((name, code))
    return found


def _list_report(
    session: Session, row: SavedFilter, forms: Sequence[str], base: str, *, now: datetime
) -> ScheduledReport:
    gone = missing_references(session, row.query)
    notes = [
        f"Bộ lọc nêu {_FILTER_REFERENCES[name][1]} {code}, nay không còn; vì vậy không có dòng nào."
        for name, code in gone
    ]
    if row.listed is FilteredList.PROGRESS:
        table, page = _progress_table(session, row, empty=bool(gone), now=now), "/desk/progress/"
        page = f"{page}{row.query.get('by', '')}"
    else:
        table, page = _copies_table(session, row, base, now=now), "/desk/republications"
    stem, files = f"danh-sach-{row.public}", []
    facts = [("Bộ lọc", row.name), ("Số liệu lúc", vi_datetime(now)), ("Quy tắc tính, phiên bản", RULE_VERSION)]
    facts += [("Lưu ý", note) for note in notes]
    for form in forms:
        body = write_csv(table) if form == "csv" else write_xlsx(row.name, [table], facts, made_at=now)
        files.append(RenderedReport(f"{stem}.{form}", FORMATS[form], body))
    asked = {name: value for name, value in row.query.items() if name != "by"}
    lines = (f"Số dòng: {vi_number(len(table.rows))}", *notes)
    return ScheduledReport(f"Danh sách: {row.name}", lines, url_with_query(page, asked), tuple(files))


def _progress_table(session: Session, row: SavedFilter, *, empty: bool, now: datetime) -> Table:
    asked = row.query
    by = asked.get("by", "partner")
    if by not in tallies.GROUPS:
        by = "partner"
    if empty:
        return rows_table(by, ())
    code = asked.get("campaign", "")
    campaign = find_campaign(session, code) if code and code != "all" else None
    usual = campaign.period if campaign is not None else quarter_of(now.astimezone(CITY).date())
    try:
        period = parse_period(asked["period"]) if asked.get("period") else usual
    except Invalid as error:
        raise NotFound(f"the filter names no period: {error}", period=asked["period"]) from error
    topic = session.execute(sa.select(Topic.id).where(Topic.code == asked.get("topic", ""))).scalar_one_or_none()
    partner = session.execute(sa.select(current_company_id(asked.get("partner", "")))).scalar_one_or_none()
    scope = TallyScope(period, campaign.id if campaign is not None else None, topic, partner)
    return rows_table(by, tallies.rows(session, scope, by))


def _copies_table(session: Session, row: SavedFilter, base: str, *, now: datetime) -> Table:
    filters = republication_filter.RepublicationFilter.from_args(row.query)
    found = republication_filter.listed_republications(session, filters)
    note = (
        f"Chỉ nêu {vi_number(republication_filter.MOST_LISTED)} bài mới nhất."
        if len(found) == republication_filter.MOST_LISTED
        else ""
    )
    say = file_context(session, now)
    columns: tuple[RowColumn[republication_filter.RepublicationListRow], ...] = (
        RowColumn("bulletin", "Bản tin", "text", lambda row: row.bulletin),
        RowColumn("partner", "Đối tác", "text", lambda row: row.partner),
        RowColumn("site", "Trang", "text", lambda row: row.site),
        RowColumn("url", "Địa chỉ", "link", lambda row: row.url),
        RowColumn("status", "Trạng thái", "text", lambda row: say.status(row.status)),
        RowColumn("life", "Trên trang", "text", lambda row: say.life(row.life)),
        RowColumn("share", "Phần văn bản", "percent", lambda row: row.share),
        RowColumn("attribution", "Dẫn nguồn", "text", lambda row: say.attribution(row.attribution)),
        RowColumn("published_at", "Đăng lúc", "datetime", lambda row: row.published_at),
        RowColumn("seen_at", "Thấy lúc", "datetime", lambda row: row.first_seen_at),
        RowColumn("day", "Tính cho ngày", "date", lambda row: row.counted_on),
        RowColumn("page", "Trang của bài ở Sở", "link", lambda row: f"{base}/desk/republications/{row.id}"),
    )
    return table_of("Bài đăng lại", columns, found, note)
