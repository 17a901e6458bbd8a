"""The briefing as the document to be signed: sections, tables and charts, in Vietnamese."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from campaigns.core.clock import Period, city_day
from campaigns.planning.campaigns import Metric
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.figures import BriefingFigures, running_days
from campaigns.reporting.tallies import PARTIAL_FROM, TallyRow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.charts.render import (
    PAPER,
    Bar,
    ForecastPoint,
    Frame,
    LineChart,
    StackedBars,
    line_chart,
    stacked_bars,
)
from coordinator.exports.documents.briefing import Briefing, BriefingSection, Signature
from coordinator.exports.format import vi_date, vi_number, vi_percent
from coordinator.exports.tables import Column, Table
from coordinator.jobs.reporting.briefings import figure_tables
from coordinator.jobs.reporting.briefings.briefing_sentences import (
    account_sentences,
    partner_sentences,
    register_sentences,
    sentence_text,
    topic_sentences,
)
from coordinator.jobs.reporting.briefings.case_sections import case_section
from coordinator.jobs.reporting.briefings.figure_tables import (
    ComparisonRow,
    comparison_rows,
    headline,
    row_name,
    tallies_by,
)

MOST_IN_THE_BODY = 10  # partners or channels in the text; the annex has all
FEWEST_BARS = 3  # a chart of fewer bars says less than a sentence
SHORT_ANNEX = 12  # rows of a table that shares its annex with others
REPORTED_MARK = " (báo cáo trước)"  # beside a figure that was reported and is not proven


def reported_notes(figures: BriefingFigures) -> list[str]:
    """Return the sentences that say which figures were reported before the product was in use, with what is proven of
    them."""
    sides = (
        (figures.period, figures.reported, figures.bulletins, figures.totals, figures.partners),
        (figures.before.period, figures.before.reported, figures.before.bulletins, figures.before.totals,
         figures.before.partners),
    )  # fmt: skip
    notes = []
    for period, reported, bulletins, totals, partners in sides:
        parts = [
            f"{vi_number(side.reported)} {unit} (đã kiểm chứng {vi_number(side.proven)})"
            for unit, side in (
                ("bản tin", reported.compared(Metric.BULLETINS, bulletins)),
                ("lượt lan tỏa", reported.compared(Metric.REPUBLICATIONS, totals.confirmed)),
                ("đối tác", reported.compared(Metric.PARTNERS, partners)),
            )
            if side.reported is not None
        ]
        if parts:
            notes.append(
                f"Số báo cáo trước khi dùng phần mềm, {period_words(period)}: {'; '.join(parts)}; không cộng vào số "
                "đã kiểm chứng."
            )
    return notes


def figure_in_words(row: ComparisonRow, unit: str = "") -> str:
    """Return a count of this period with its unit, and the mark of a figure that was reported and is not proven."""
    return f"{vi_number(row.now or 0)}{unit}{REPORTED_MARK if row.reported_now else ''}"


def _comparison(figures: BriefingFigures) -> Table:
    return replace(figure_tables.comparison(figures).for_file(), note=comparison_note(figures))


def comparison_note(figures: BriefingFigures) -> str:
    """Return what the previous period is, and which figures were reported and are not proven."""
    return " ".join(
        [f"Kỳ trước: {period_words(figures.before.period)}, số liệu chốt cùng lúc.", *reported_notes(figures)]
    )


def signed_table(by: str, rows: Sequence[TallyRow], title: str = "", total: TallyRow | None = None) -> Table:
    """Return rows of progress for the signed document: without codes."""
    table = tallies_by(by, rows, title, total)
    return table.for_file(*(column.key for column in table.columns[1:]))


def progress_chart(figures: BriefingFigures, frame: Frame = PAPER) -> str:
    """Return the chart of confirmed republications through the period, with target and forecast, as SVG."""
    period, today, target = figures.period, city_day(figures.as_of), headline(figures.targets)
    days = running_days(figures, today)
    own = target is not None and figures.outline is not None and figures.outline.period.last == period.last
    own = own and figures.outline is not None and figures.outline.period.first == period.first
    expected: tuple[ForecastPoint, ...] = ()
    if target is not None and own and today < period.last:
        expected = (ForecastPoint(period.last, target.forecast.value, target.forecast.low, target.forecast.high),)
    reached = days[-1][1] if days else 0
    course = LineChart(
        key="course",
        title="Lượt lan tỏa đã xác nhận",
        description=f"Từ {vi_date(period.first)} đến {vi_date(period.last)}: {vi_number(reached)} lượt.",
        first=period.first,
        last=period.last,
        actual=[(day, float(total)) for day, total in days],
        today=today,
        # A target with another period is not drawn.
        target=target.quota if target is not None and own else None,
        forecast=expected,
        unit="đã xác nhận",
    )
    return str(line_chart(course, frame, with_key=True))


def months_chart(figures: BriefingFigures) -> str | None:
    """Return the chart of confirmed republications by month, as SVG; None where a sentence says as much."""
    if len(figures.by_month) < FEWEST_BARS:
        return None
    bars = [Bar(row_name(row, "month"), (row.confirmed,)) for row in figures.by_month]
    text = "; ".join(f"{bar.label}: {vi_number(bar.values[0])}" for bar in bars)
    drawn = StackedBars("months", "Lượt đã xác nhận theo tháng", f"{text}.", ("đã xác nhận",), bars)
    return str(stacked_bars(drawn, PAPER, with_key=True))


def period_words(period: Period) -> str:
    """Return a period as text in a Vietnamese sentence."""
    label = period.label
    if "-Q" in label:
        year, quarter = label.split("-Q")
        return f"quý {['I', 'II', 'III', 'IV'][int(quarter) - 1]} năm {year}"
    if len(label) == 7 and label[4] == "-":
        return f"tháng {int(label[5:])} năm {label[:4]}"
    if len(label) == 4:
        return f"năm {label}"
    return f"từ {vi_date(period.first)} đến {vi_date(period.last)}"


def briefing_title(figures: BriefingFigures) -> str:
    """Return the document's abstract (trích yếu)."""
    return f"Kết quả lan tỏa bản tin {period_words(figures.period)}"


def briefing_letter(
    figures: BriefingFigures, letter: BriefingText, checkpoint: str = "", *, drawn: bool = True
) -> Briefing:
    """Return figures and text in the administrative form, for an officer to complete and sign; ``checkpoint``: of the
    journal, printed with a frozen version."""
    active = sorted(figures.by_partner, key=lambda row: (-row.confirmed, row.key))
    channels = sorted(figures.by_channel, key=lambda row: (-row.delivered, row.key))
    sections = [
        # Line breaks of a name apply only to the head.
        _general_part(figures, " ".join(letter.office.split()), drawn=drawn),
        *_register_part(figures),
        BriefingSection(
            "Kết quả theo tháng",
            _month_sentences(figures),
            tables=_with_rows(signed_table("month", figures.by_month, total=figures.totals)),
            chart=months_chart(figures) if drawn else None,
        ),
        _topics_and_channels(figures, channels),
        BriefingSection(
            "Kết quả theo đối tác",
            (_partner_sentences(figures, len(active)),),
            tables=_with_rows(
                signed_table(
                    "partner",
                    active[:MOST_IN_THE_BODY],
                    "Đối tác có nhiều lượt nhất" if len(active) > MOST_IN_THE_BODY else "",
                )
            ),
        ),
        *_partners_told_part(figures),
        BriefingSection(
            "Dẫn nguồn", (_attribution_sentences(figures),), tables=_with_rows(figure_tables.occurring_shares(figures))
        ),
        _recall_sentences(figures),
        _findings(figures),
        case_section(figures),
    ]
    for heading, words in (("Khó khăn, vướng mắc", letter.difficulties), ("Đề xuất, kiến nghị", letter.proposals)):
        if paragraphs := tuple(line.strip() for line in words.splitlines() if line.strip()):
            sections.append(BriefingSection(heading, paragraphs))
    return Briefing(
        parent_agency=letter.parent,
        agency=letter.office,
        place=letter.place,
        title="BÁO CÁO",
        abstract=briefing_title(figures),
        period=period_words(figures.period),
        as_of=figures.as_of,
        rule_version=figures.rule_version,
        sections=tuple(sections),
        signature=Signature(letter.authority, letter.signer),
        recipients=letter.recipients,
        number=letter.number,
        symbol=letter.symbol,
        date=date.fromisoformat(letter.signed_on) if letter.signed_on else None,
        addressed_to=letter.addressed_to,
        basis=letter.basis,
        annexes=(*_annexes(figures, active, channels), *_checkpoint_annex(checkpoint)),
    )


def _checkpoint_annex(checkpoint: str) -> tuple[BriefingSection, ...]:
    """Return the annex with the journal's checkpoint; none for a report that is not frozen. Each part of the line is a
    row, so that no part is wrapped; the line is read without regard to spaces and line ends."""
    if not checkpoint:
        return ()
    words = (
        "Dòng dưới đây cho biết nhật ký của phần mềm kết thúc ở mục nào khi số liệu được chốt. Ai giữ báo cáo này kiểm "
        "tra được về sau rằng các mục đến lúc đó còn nguyên: sao chép cả dòng vào trang Nhật ký, mục Mốc kiểm tra, "
        "hoặc chạy lệnh lantoa journal verify --against.",
    )
    table = Table("", (Column("line", "Mốc kiểm tra nhật ký"),), [(part,) for part in checkpoint.split()])
    return (BriefingSection("Mốc kiểm tra nhật ký", words, tables=(table,)),)


def _annexes(
    figures: BriefingFigures, active: Sequence[TallyRow], channels: Sequence[TallyRow]
) -> tuple[BriefingSection, ...]:
    """Return the annexes: the tables that the text shows in part or not at all. Short ones are in one annex; a table
    alone in its annex has the annex's heading for its title."""
    tables = []
    if len(active) > MOST_IN_THE_BODY:
        tables.append(signed_table("partner", active, "Kết quả theo đối tác", figures.totals))
    if len(channels) > MOST_IN_THE_BODY:
        tables.append(signed_table("channel", channels, "Kết quả theo kênh"))
    tables += [
        signed_table("site", figures.by_site, "Kết quả theo trang"),
        signed_table("day", figures.by_day, "Kết quả theo ngày", figures.totals),
    ]
    tables = [table for table in tables if table.rows]
    short = [table for table in tables if len(table.rows) <= SHORT_ANNEX]
    annexes = [
        BriefingSection(table.title, tables=(replace(table, title=""),)) for table in tables if table not in short
    ]
    if len(short) == 1:
        annexes.append(BriefingSection(short[0].title, tables=(replace(short[0], title=""),)))
    elif short:
        annexes.append(BriefingSection("Các bảng số liệu", tables=tuple(short)))
    return tuple(annexes)


def _with_rows(*tables: Table) -> tuple[Table, ...]:
    """Return the tables that have rows."""
    return tuple(table for table in tables if table.rows)


def _month_sentences(figures: BriefingFigures) -> tuple[str, ...]:
    """Return a sentence in place of a table without rows, or of a chart of one or two bars."""
    if not figures.by_month:
        return ("Trong kỳ chưa có số liệu.",)
    if len(figures.by_month) >= FEWEST_BARS:
        return ()
    months = " và ".join(
        f"tháng {row_name(row, 'month')} có {vi_number(row.confirmed)} lượt lan tỏa đã xác nhận"
        for row in figures.by_month
    )
    return (f"{months[0].upper()}{months[1:]}.",)


def _topics_and_channels(figures: BriefingFigures, channels: Sequence[TallyRow]) -> BriefingSection:
    sentences = []
    if not figures.by_topic:
        sentences.append("Trong kỳ chưa có kết quả theo chuyên đề.")
    if not channels:
        sentences.append("Trong kỳ chưa có bản tin nào tới kênh.")
    elif len(channels) > MOST_IN_THE_BODY:
        sentences.append(
            f"Bản tin đã tới {vi_number(len(channels))} kênh; bảng dưới nêu {MOST_IN_THE_BODY} kênh nhận nhiều nhất, "
            "bảng đầy đủ ở Phụ lục."
        )
    many = len(channels) > MOST_IN_THE_BODY
    return BriefingSection(
        "Kết quả theo chuyên đề và kênh",
        tuple(sentences),
        tables=_with_rows(
            signed_table("topic", figures.by_topic),
            signed_table("channel", channels[:MOST_IN_THE_BODY], "Kênh nhận nhiều bản tin nhất" if many else ""),
        ),
    )


def _general_part(figures: BriefingFigures, office: str, *, drawn: bool) -> BriefingSection:
    total = figures.totals
    rows = {row.key: row for row in comparison_rows(figures)}
    bulletins, confirmed = rows["bulletins"], rows["confirmed"]
    copies = (
        f"{figure_in_words(confirmed, ' lượt')}, đã kiểm chứng {vi_number(total.confirmed)} lượt"
        if confirmed.reported_now
        else f"{vi_number(total.confirmed)} lượt đã được xác nhận, trong đó {vi_number(total.partial)} lượt đăng một "
        f"phần (từ {vi_percent(PARTIAL_FROM, 0)} nội dung bản tin trở lên)"
        + (f", {vi_number(total.pictures)} lượt đăng bằng ảnh, video" if total.pictures else "")
    )
    paragraphs = (
        f"Trong kỳ, {office} phát hành {figure_in_words(bulletins, ' bản tin')}. Các trang đối tác đăng lại "
        f"{copies}; {vi_number(total.review)} lượt đang chờ xem xét.",
        f"Số lượt đã xác nhận nhưng hiện đã gỡ: {vi_number(total.gone)}. Lượt đã gỡ vẫn được tính.",
        *social_sentences(figures),
        *map(sentence_text, (*topic_sentences(figures), *account_sentences(figures.management.accounts))),
    )
    targets = figure_tables.targets(figures).for_file("name", "quota", "actual", "forecast", "status")
    tables = (_comparison(figures), *((targets,) if figures.targets else ()))
    # A line through fewer than two days with copies shows nothing.
    drawn = drawn and sum(1 for row in figures.by_day if row.confirmed) > 1
    return BriefingSection("Kết quả chung", paragraphs, tables, progress_chart(figures) if drawn else None)


def social_sentences(figures: BriefingFigures) -> tuple[str, ...]:
    """Return the sentence that tells posts on social networks apart from fetched copies; none without such posts."""
    social = figures.social
    if not social.confirmed:
        return ()
    fetched = figures.totals.confirmed - social.confirmed
    networks = ", ".join(f"{row.name} {vi_number(row.confirmed)}" for row in social.networks)
    return (
        f"Trong số đã xác nhận, {vi_number(fetched)} lượt trên các trang thông tin điện tử; ngoài ra "
        f"{vi_number(social.confirmed)} lượt trên mạng xã hội của {vi_number(len(social.companies))} đối tác, do người "
        f"xác nhận bằng ảnh chụp ({networks}).",
    )


def _register_part(figures: BriefingFigures) -> list[BriefingSection]:
    """Return the section on licences; none while the register is empty."""
    words = tuple(map(sentence_text, register_sentences(figures)))
    return (
        [BriefingSection("Quản lý giấy phép", words, tables=(figure_tables.register(figures).for_file(),))]
        if words
        else []
    )


def _partners_told_part(figures: BriefingFigures) -> list[BriefingSection]:
    """Return the section on notices and questions; none where there were none."""
    words = tuple(map(sentence_text, partner_sentences(figures)))
    return [BriefingSection("Hướng dẫn và trả lời đối tác", words)] if words else []


def _partner_sentences(figures: BriefingFigures, active: int) -> str:
    if not active:
        return "Trong kỳ chưa có đối tác nào nhận bản tin hoặc đăng lại."
    return (
        f"Trong kỳ có {vi_number(figures.partners)} đối tác có lượt đã xác nhận, trong tổng số {vi_number(active)} đối "
        "tác đã nhận bản tin hoặc đã đăng lại." + (" Bảng đầy đủ ở Phụ lục I." if active > MOST_IN_THE_BODY else "")
    )


def _attribution_sentences(figures: BriefingFigures) -> str:
    named = sum(share.count for share in figures.shares if share.attribution is Attribution.LINKED_AT_END)
    if not figures.totals.confirmed:
        return "Trong kỳ chưa có lượt nào được xác nhận nên chưa có tỷ lệ dẫn nguồn."
    seen, unseen = figures.totals.source_seen, figures.totals.source_unseen
    left_out = (
        f"{vi_number(unseen)} lượt chỉ xem qua ảnh chụp, ảnh không cho thấy nguồn, không tính vào tỷ lệ dẫn nguồn."
    )
    if not seen:
        return left_out
    rate = vi_percent(named / seen)
    words = f"{vi_number(named)} lượt nêu nguồn và dẫn đường dẫn ở cuối bài, đạt {rate}"
    if not unseen:
        return f"{words}."
    return f"{words} trong {vi_number(seen)} lượt thấy được nguồn. {left_out}"


def _recall_sentences(figures: BriefingFigures) -> BriefingSection:
    had = figures.recalled
    points = (f"Đính chính: {vi_number(had.corrections)} lần", f"Thu hồi: {vi_number(had.recalls)} bản tin")
    tables = (figure_tables.removals(figures).for_file(),) if had.partners else ()
    words = () if had.partners else ("Không có bài nào của bản tin bị thu hồi trong kỳ phải gỡ.",)
    return BriefingSection("Đính chính và thu hồi", words, tables, points=points)


def _findings(figures: BriefingFigures) -> BriefingSection:
    if not figures.findings.lines:
        return BriefingSection("Nghi vấn và kết luận", ("Trong kỳ chưa có kết luận nào.",))
    return BriefingSection("Nghi vấn và kết luận", tables=(figure_tables.findings(figures).for_file(),))
