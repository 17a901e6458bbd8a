"""Reports as files: figures collected in one view of the database, put on a paper, written in the forms asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period, parse_period, quarter_of
from campaigns.core.errors import Invalid, NotFound
from campaigns.partners.directory import Company, Site, find_company, numbered
from campaigns.people.office import office_name
from campaigns.planning.campaigns import Campaign, Topic, find_campaign
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.outbox import Natures
from campaigns.reporting import copies, tallies
from campaigns.reporting.digests import digest
from campaigns.reporting.partner_results import partner_results
from campaigns.reporting.plan_results import plan_result
from campaigns.reporting.ranking import recognition
from campaigns.reporting.saved_filters import Listed, SavedFilter, find_filter
from campaigns.reporting.schedules import Kind, Schedule, covered
from campaigns.reporting.tallies import Scope
from campaigns.tracking.matching import RULE_VERSION
from coordinator.exports.csv import write_csv
from coordinator.exports.format import vi_date, vi_datetime, vi_number
from coordinator.exports.paper import Paper, columns, summary_lines, write_paper_pdf, write_paper_xlsx
from coordinator.exports.tables import Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs import briefing_document, reporting
from coordinator.jobs.reporting import FORMATS, Report
from coordinator.papers.digest import digest_paper
from coordinator.papers.partner import partner_paper
from coordinator.papers.plan import plan_paper
from coordinator.papers.ranking import ranking_paper
from coordinator.papers.voice import Voice, address, plainly


@dataclass(frozen=True)
class Made:
    """A report ready to be sent: what its letter says, the address of its page at the desk, and its files."""

    title: str
    lines: tuple[str, ...]
    page: str
    files: tuple[Report, ...]


def period_name(period: Period) -> str:
    """A period in Vietnamese words; one day is its date."""
    return vi_date(period.first) if period.length == 1 else briefing_document.period_words(period)


def office_voice(session: Session, now: datetime) -> Voice:
    """How files speak: in Vietnamese, as of now."""
    return Voice(plainly, period_name, office_name(session), now, RULE_VERSION)


def paper_file(paper: Paper, form: str, base: str, stem: str) -> Report:
    """A paper as ``pdf``, ``xlsx`` or ``csv`` (its main table). Raises ``ExportError``."""
    match form:
        case "pdf":
            body = write_paper_pdf(paper, base)
        case "xlsx":
            body = write_paper_xlsx(paper)
        case _:
            body = write_csv(paper.tables[paper.lead])
    return Report(f"{stem}.{form}", FORMATS[form], body)


def make(session: Session, natures: Natures, base: str, row: Schedule, at: datetime, *, now: datetime) -> Made:
    """What a schedule sends at a moment, with the figures of now. Raises ``NotFound`` where its partner, plan or filter
    is gone, ``Invalid``, ``ExportError``."""
    period = covered(row.kind, at)
    if row.kind is Kind.LIST:
        return _list(session, find_filter(session, row.subject), row.forms, base, now=now)
    if row.kind is Kind.BRIEFING:
        campaign = find_campaign(session, row.subject) if row.subject else None
        files = tuple(reporting.make(session, campaign, period, form, now=now) for form in row.forms)
        page = address("/desk/reports/", {"campaign": row.subject or "all", "period": period.label})
        return Made(f"Báo cáo {period_name(period)}", _briefing_lines(session, campaign, period), page, files)
    paper, page, stem = _paper(session, natures, row, period, now=now)
    files = tuple(paper_file(paper, form, base, stem) for form in row.forms)
    return Made(f"{paper.title}, {paper.period}", tuple(summary_lines(paper)), page, files)


def _paper(
    session: Session, natures: Natures, row: Schedule, period: Period, *, now: datetime
) -> tuple[Paper, str, str]:
    voice, label = office_voice(session, now), period.label.replace("..", "_")
    match row.kind:
        case Kind.PARTNER:
            company = find_company(session, row.subject)
            told = partner_results(session, company, period, now=now)
            paper = partner_paper(told, voice, lambda one: f"/desk/republications/{one.id}")
            page = address(f"/desk/partners/{company.code}/report", {"period": period.label})
            return paper, page, f"doi-tac-{company.code}-{label}"
        case Kind.PLAN:
            campaign = find_campaign(session, row.subject)
            page = f"/desk/results/{campaign.code}"
            return plan_paper(plan_result(session, campaign, now=now), voice), page, f"ket-qua-{campaign.code}"
        case Kind.RECOGNITION:
            paper = ranking_paper(recognition(session, period), voice)
            return paper, address("/desk/recognition/", {"period": period.label}), f"ghi-nhan-{label}"
        case _:
            paper = digest_paper(digest(session, natures, period, now=now), voice)
            name, stem = ("week", "tuan") if row.kind is Kind.WEEK else ("day", "ngay")
            return paper, address(f"/desk/digests/{name}", {"on": period.first.isoformat()}), f"tong-hop-{stem}-{label}"


def _briefing_lines(session: Session, campaign: Campaign | None, period: Period) -> tuple[str, ...]:
    total = tallies.totals(session, Scope(period, campaign.id if campaign else None))
    return (
        f"Bài đã xác nhận: {vi_number(total.confirmed)}",
        f"Chờ xem xét: {vi_number(total.review)}",
        f"Dẫn nguồn đủ: {vi_number(total.attributed)}",
    )


# What a filter may name that can be gone, and how it is called.
_NAMED: Mapping[str, tuple[type[Company | Site | Topic | Campaign | Bulletin], str]] = {
    "partner": (Company, "đối tác"),
    "site": (Site, "trang"),
    "topic": (Topic, "chuyên đề"),
    "campaign": (Campaign, "kế hoạch"),
    "bulletin": (Bulletin, "bản tin"),
}


def gone_from(session: Session, query: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a filter names and nobody has any more: (field, code)."""
    found = []
    for name, (kind, _words) in _NAMED.items():
        code = query.get(name, "")
        if code and code != "all" and not session.execute(sa.select(kind.id).where(kind.code == code)).first():
            found.append((name, code))
    return found


def _list(session: Session, row: SavedFilter, forms: Sequence[str], base: str, *, now: datetime) -> Made:
    gone = gone_from(session, row.query)
    notes = [f"Bộ lọc nêu {_NAMED[name][1]} {code}, nay không còn; vì vậy không có dòng nào." for name, code in gone]
    if row.listed is Listed.PROGRESS:
        table, page = _progress_table(session, row, empty=bool(gone), now=now), "/desk/progress/"
        page = f"{page}{row.query.get('by', '')}"
    else:
        table, page = _copies_table(session, row, base, now=now), "/desk/republications"
    stem, files = f"danh-sach-{row.public}", []
    facts = [("Bộ lọc", row.name), ("Số liệu lúc", vi_datetime(now)), ("Luật đếm", RULE_VERSION)]
    facts += [("Lưu ý", note) for note in notes]
    for form in forms:
        body = write_csv(table) if form == "csv" else write_xlsx(row.name, [table], facts, made_at=now)
        files.append(Report(f"{stem}.{form}", FORMATS[form], body))
    asked = {name: value for name, value in row.query.items() if name != "by"}
    lines = (f"Số dòng: {vi_number(len(table.rows))}", *notes)
    return Made(f"Danh sách: {row.name}", lines, address(page, asked), tuple(files))


def _progress_table(session: Session, row: SavedFilter, *, empty: bool, now: datetime) -> Table:
    asked = row.query
    by = asked.get("by", "partner")
    if by not in tallies.GROUPS:
        by = "partner"
    table = briefing_document.rows_table(f"Theo {briefing_document.GROUP_VI[by].lower()}", by, ())
    if empty:
        return table
    code = asked.get("campaign", "")
    campaign = find_campaign(session, code) if code and code != "all" else None
    usual = campaign.period if campaign is not None else quarter_of(now.astimezone(CITY).date())
    try:
        period = parse_period(asked["period"]) if asked.get("period") else usual
    except Invalid as error:
        raise NotFound(f"the filter names no period: {error}", period=asked["period"]) from error
    topic = session.execute(sa.select(Topic.id).where(Topic.code == asked.get("topic", ""))).scalar_one_or_none()
    partner = session.execute(sa.select(numbered(asked.get("partner", "")))).scalar_one_or_none()
    scope = Scope(period, campaign.id if campaign is not None else None, topic, partner)
    return replace(table, rows=briefing_document.rows_table("", by, tallies.rows(session, scope, by)).rows)


def _copies_table(session: Session, row: SavedFilter, base: str, *, now: datetime) -> Table:
    found = copies.listed(session, copies.Asked.of(row.query))
    note = f"Chỉ nêu {vi_number(copies.MOST_LISTED)} bài mới nhất." if len(found) == copies.MOST_LISTED else ""
    say = office_voice(session, now)
    rows = [
        (
            one.bulletin, one.partner, one.site, one.url, say.status(one.status), say.life(one.life), one.share,
            say.attribution(one.attribution), one.published_at, one.first_seen_at, one.counted_on,
            f"{base}/desk/republications/{one.id}",
        )
        for one in found
    ]  # fmt: skip
    given = columns(
        ("bulletin", "Bản tin"), ("partner", "Đối tác"), ("site", "Trang"), ("url", "Địa chỉ", "link"),
        ("status", "Trạng thái"), ("life", "Trên trang"), ("share", "Phần văn bản", "percent"),
        ("attribution", "Dẫn nguồn"), ("published_at", "Họ đăng", "datetime"), ("seen_at", "Ta thấy", "datetime"),
        ("day", "Tính cho ngày", "date"), ("page", "Trang của bài ở Sở", "link"),
    )  # fmt: skip
    return Table("Bài lan tỏa", given, rows, note)
