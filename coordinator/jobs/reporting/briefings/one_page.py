"""The briefing on one page, for a head who reads nothing else: each figure in a line, the curve, the targets, and what
is late and why. It is an information sheet without recipients and signature.

Every text is cut to the lines that are kept for it, so that the page stays one page whatever the names are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from campaigns.core.clock import city_day
from campaigns.planning import shortfalls
from campaigns.planning.campaigns import Metric
from campaigns.planning.target_progress import TargetProgress, TargetStatus
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.figures import BriefingFigures
from coordinator.exports.charts.render import PAPER_LOW
from coordinator.exports.charts.text_fit import text_width, truncated_text
from coordinator.exports.documents.briefing import Briefing, BriefingSection, Signature
from coordinator.exports.format import vi_date, vi_number, vi_percent
from coordinator.exports.tables import Table
from coordinator.jobs.reporting.briefings import briefing_document, figure_tables
from coordinator.jobs.reporting.briefings.briefing_document import (
    REPORTED_MARK,
    briefing_title,
    figure_in_words,
    period_words,
)
from coordinator.jobs.reporting.briefings.briefing_sentences import register_sentences, sentence_text
from coordinator.jobs.reporting.briefings.case_sections import FAULTS_IN_WORDS, handled_sentence
from coordinator.jobs.reporting.briefings.figure_tables import comparison_rows, headline, target_name

MOST_TARGETS, MOST_REASONS = 6, 4  # rows and lines that fit on the page
# Widths in the unit of ``text_width`` (letters of 12 px): a line of the text, a name in the table, a line of the head.
# That estimate is a third above the width of running text in Times New Roman; the test prints the widest letters.
_LINE, _NAME, _HEAD = 540.0, 300.0, 150.0
_LINES_OF_POINT, _LINES_OF_PARENT, _LINES_OF_OFFICE = 2, 2, 3
_LINES_OF_REGISTER = 3  # numbers only, so that it is never longer
_REASON_OF = {
    Metric.REPUBLICATIONS: "thiếu {count} lượt so với nhịp chia đều",
    Metric.BULLETINS: "thiếu {count} bản tin so với nhịp chia đều",
    Metric.VIEWS: "thiếu {count} lượt xem so với nhịp chia đều",
    Metric.PARTNERS: "còn thiếu {count} đối tác có lượt",
    Metric.ATTRIBUTION_RATE: "thấp hơn mức giao {count} điểm phần trăm",
    Metric.MEDIAN_DELAY: "chậm hơn mức giao {count} giờ",
}


def one_page_briefing(figures: BriefingFigures, letter: BriefingText, *, drawn: bool = True) -> Briefing:
    """Return figures as the content of one page, to be written in the layout ``ONE_PAGE``."""
    drawn = drawn and sum(1 for row in figures.by_day if row.confirmed) > 1
    agency = _head_name(letter.office, _LINES_OF_OFFICE)
    # The third line of a long name takes the place of the last reason.
    reasons = MOST_REASONS if text_width(agency) <= _HEAD * _LINES_OF_PARENT else MOST_REASONS - 1
    late = [_fitted(line) for line in _late_lines(figures)][:reasons]
    return Briefing(
        parent_agency=_head_name(letter.parent, _LINES_OF_PARENT),
        agency=agency,
        place=letter.place,
        title="TÓM TẮT",
        abstract=truncated_text(briefing_title(figures), _LINE),
        period=period_words(figures.period),
        as_of=figures.as_of,
        rule_version=figures.rule_version,
        sections=(
            BriefingSection(
                "Kết quả",
                points=tuple(_result_lines(figures)),
                chart=briefing_document.progress_chart(figures, PAPER_LOW) if drawn else None,
                tables=(_targets_table(figures),) if figures.targets else (),
            ),
            BriefingSection("Việc chậm và lý do", points=tuple(late))
            if late
            else BriefingSection("Việc chậm và lý do", ("Không có chỉ tiêu nào chậm.",)),
        ),
        signature=Signature(""),
        number=letter.number,
        symbol=letter.symbol,
        basis=(_fitted(f"Theo Kế hoạch số {figures.plan_number}"),) if figures.plan_number else (),
    )


def _fitted(line: str, lines: int = _LINES_OF_POINT) -> str:
    return truncated_text(" ".join(line.split()), _LINE * lines)


def _head_name(name: str, lines: int) -> str:
    return truncated_text(" ".join(name.split()).upper(), _HEAD * lines)


def _result_lines(figures: BriefingFigures) -> Iterator[str]:
    rows = {row.key: row for row in comparison_rows(figures)}
    confirmed = rows["confirmed"]
    words = f"Lượt lan tỏa đã xác nhận: {figure_in_words(confirmed)}"
    target = headline(figures.targets)
    if target is not None and target.topic is None:
        words += f" trên chỉ tiêu {vi_number(target.quota)}, đạt {vi_percent(target.actual / target.quota)}"
        if target.days_left:
            low, high = target.forecast.low, target.forecast.high
            words += f"; dự báo {vi_number(target.forecast.value)} (từ {vi_number(low)} đến {vi_number(high)})"
    before = period_words(figures.before.period)
    mark = REPORTED_MARK if confirmed.reported else ""
    yield _fitted(f"{words}; {before}: {vi_number(confirmed.before)}{mark}, chênh lệch {confirmed.difference}")
    rate, unseen = rows["rate"].now, figures.totals.source_unseen
    left_out = f" (không kể {vi_number(unseen)} lượt không thấy được nguồn)" if unseen else ""
    named = f"{vi_percent(rate) if rate is not None else '–'}{left_out}"
    yield _fitted(
        f"Bản tin đã phát hành: {figure_in_words(rows['bulletins'])}; đối tác có lượt đã xác nhận: "
        f"{figure_in_words(rows['partners'])}; dẫn nguồn đủ: {named}; chờ xem xét: {vi_number(figures.totals.review)}"
    )
    # The state of the register is the first of its sentences; what changed in it is in the whole briefing.
    yield from (_fitted(sentence_text(words), _LINES_OF_REGISTER) for words in register_sentences(figures)[:1])
    if lines := figures.findings.lines:
        proposed, found, dismissed = (
            sum(getattr(row, name) for row in lines) for name in ("proposed", "confirmed", "dismissed")
        )
        yield (
            f"Nghi vấn: {vi_number(proposed)}; kết luận có: {vi_number(found)}; kết luận không: {vi_number(dismissed)}"
        )
    if figures.management.cases.subjects:
        sentences = (handled_sentence(figures.management.cases, count) for count in range(FAULTS_IN_WORDS, 0, -1))
        # As many faults as fit on the lines; a name that is too long by itself is cut.
        yield next((words for words in sentences if _fitted(words) == words), "") or _fitted(
            handled_sentence(figures.management.cases, 1)
        )


def _late_targets(targets: Sequence[TargetProgress]) -> list[TargetProgress]:
    """Return the targets that are behind, those with the smallest part reached first."""
    late = [target for target in targets if target.status is TargetStatus.BEHIND]
    return sorted(late, key=lambda target: target.actual / target.quota if target.quota else 1.0)


def _targets_table(figures: BriefingFigures) -> Table:
    """Return the headline target and those that are most behind, one line each."""
    head = headline(figures.targets)
    first = [head] if head is not None else []
    rest = [target for target in (*_late_targets(figures.targets), *figures.targets) if target is not head]
    shown = list(dict.fromkeys(map(id, [*first, *rest])))[:MOST_TARGETS]
    by_id = {id(target): target for target in figures.targets}
    table = figure_tables.targets(figures, [by_id[number] for number in shown])
    table = table.only("name", "quota", "actual", "status")
    rows = tuple((truncated_text(str(name), _NAME), *cells) for name, *cells in table.rows)
    left = len(figures.targets) - len(rows)
    note = f"Còn {vi_number(left)} chỉ tiêu khác trong báo cáo đầy đủ." if left else ""
    return replace(table, title="", rows=rows, note=note).for_file()


def _late_lines(figures: BriefingFigures) -> Iterator[str]:
    """Return why targets are behind: their gaps, and the weeks below the even pace of the headline target."""
    head, late = headline(figures.targets), _late_targets(figures.targets)
    if head is not None and head.status is TargetStatus.BEHIND:
        yield _reason(figures, head)
        yield from _low_week(figures, head)
    for target in late:
        if target is not head:
            yield _reason(figures, target)


def _reason(figures: BriefingFigures, target: TargetProgress) -> str:
    digits = 1 if target.metric in {Metric.ATTRIBUTION_RATE, Metric.MEDIAN_DELAY} else 0
    words = _REASON_OF[target.metric].format(count=vi_number(target.missing, digits))
    if target.metric.adds_up and target.missing < 1:  # at an even pace so far, and not enough to the end
        words = f"theo dự báo còn thiếu {vi_number(target.quota - target.forecast.value)} khi hết kỳ"
    if target.days_left and target.metric.adds_up:
        words += f"; mỗi tuần còn lại cần {vi_number(7 * target.needed_daily, 0 if target.quota > 50 else 1)}"
    return f"{target_name(figures, target)}: {words}"


def _low_week(figures: BriefingFigures, head: TargetProgress) -> Iterator[str]:
    """Return the week furthest below the even pace, where the target is over all topics and exactly this period."""
    if head.topic is not None or (head.period.first, head.period.last) != (figures.period.first, figures.period.last):
        return
    # Without a bulletin in the period before, the product came into use in this one.
    seen = [date.fromisoformat(row.key) for row in figures.by_day if row.delivered or row.found]
    began = min(seen, default=None) if not figures.before.bulletins else None
    low, _high = shortfalls.week_deviations(_weeks(figures), head.period, city_day(figures.as_of), head.quota, began)
    for week in low[:1]:
        yield (
            f"Tuần thấp nhất, từ {vi_date(week.first)} đến {vi_date(week.last)}: {vi_number(week.reached)} lượt, nhịp "
            f"cần {vi_number(week.share)}"
        )


def _weeks(figures: BriefingFigures) -> list[tuple[date, float]]:
    """Return the confirmed copies of each week of the period, by its Monday."""
    counts = {row.key: row.confirmed for row in figures.by_day}
    weeks: dict[date, float] = {}
    for day in figures.period.days():
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = weeks.get(monday, 0.0) + counts.get(day.isoformat(), 0)
    return list(weeks.items())
