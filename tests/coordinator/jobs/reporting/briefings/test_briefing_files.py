"""Reports: the same figures in every format, and periods as text."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from campaigns.core.clock import city_day, parse_period
from campaigns.core.errors import Invalid
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import TargetContent, find_campaign
from campaigns.reporting import tallies
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.figures import FindingRow, FindingsTotals, collect_figures, running_days
from campaigns.reporting.history.reported import ReportedFigures
from campaigns.reporting.table_reports.social_totals import SocialRow, SocialTotals
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.format import vi_date
from coordinator.jobs.reporting.briefings import briefing_files, figure_tables
from coordinator.jobs.reporting.briefings.briefing_document import (
    MOST_IN_THE_BODY,
    briefing_letter,
    period_words,
    social_sentences,
)
from coordinator.jobs.reporting.briefings.figure_tables import COUNTED, comparison_rows
from coordinator.jobs.reporting.rendered_report import FORMATS, RenderedReport
from tests.campaigns.reporting.sample_republications import make_republications
from tests.conftest import KeptRows
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import NOW, planned

PERIOD = parse_period("2026-11")
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture
def worked(stage: JobHarness, kept_rows: KeptRows) -> JobHarness:
    """A campaign with copies of every kind."""
    kept_rows.fill(stage.database, lambda: _work(stage))
    return stage


def _work(stage: JobHarness) -> None:
    with stage.database.write() as session:
        make_republications(session, 5)
        planned(
            session,
            PERIOD.first,
            PERIOD.last,
            TargetContent("republications", 40),
            TargetContent("attribution_rate", 80),
            topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
        )


def _made(scene: JobHarness, form: str) -> RenderedReport:
    with scene.database.read() as session:
        return briefing_files.make_briefing_file(session, find_campaign(session, "kh-174"), PERIOD, form, now=NOW)


def test_the_figures_are_the_tallies_in_every_form(worked: JobHarness) -> None:
    with worked.database.read() as session:
        scope = TallyScope(PERIOD, find_campaign(session, "kh-174").id)
        total, partners = tallies.totals(session, scope), tallies.rows(session, scope, "partner")
    item = json.loads(_made(worked, "json").body)
    assert item["totals"] == {
        **{column.key: getattr(total, column.key) for column in COUNTED},
        "partial": total.partial,
        "pictures": total.pictures,
    }
    assert total.partial > 0
    assert total.pictures > 0
    for by in tallies.GROUPS:
        assert {row["key"] for row in item["rows"][by]} >= ({row.key for row in partners} if by == "partner" else set())
    assert sum(row["confirmed"] for row in item["rows"]["partner"]) == total.confirmed
    assert sum(item["attribution"].values()) == total.confirmed
    assert (item["plan_number"], item["as_of"]) == ("174-KH/UBND", "2026-11-24T08:00:00+07:00")
    body = _made(worked, "csv").body.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(body), delimiter=";" if ";" in body.splitlines()[0] else ","))
    assert {line["Mã"]: int(line["Đã xác nhận"]) for line in lines if line["Mã"]} == {
        row.key: row.confirmed for row in partners
    }
    with zipfile.ZipFile(io.BytesIO(_made(worked, "docx").body)) as archive:
        words = re.sub(r"<[^>]+>", " ", archive.read("word/document.xml").decode())
    assert re.search(rf"\b{total.confirmed}\b", words)
    assert "174-KH/UBND" in words


def test_a_briefing_for_signature_names_days_and_partners_without_our_codes(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    briefing = briefing_letter(figures, BriefingText(office="Sở Thử"))
    tables = [table for part in (*briefing.sections, *briefing.annexes) for table in part.tables]
    assert "Mã" not in {column.title for table in tables for column in table.columns}
    days = next(table for annex in briefing.annexes for table in annex.tables if table.columns[0].title == "Ngày")
    assert [line[0] for line in days.lines()] == [vi_date(date.fromisoformat(row.key)) for row in figures.by_day]
    assert days.footer is not None
    assert days.cells(days.footer)[1:] == tuple(getattr(figures.totals, column.key) for column in COUNTED)


def test_partners_that_the_text_names_have_no_annex_and_short_tables_share_one(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    assert 0 < len(figures.by_partner) <= MOST_IN_THE_BODY
    few = replace(figures, by_day=figures.by_day[:3], by_site=figures.by_site[:2])
    briefing = briefing_letter(few, BriefingText(office="Sở Thử"))
    (annex,) = briefing.annexes
    assert [table.title for table in annex.tables] == ["Kết quả theo trang", "Kết quả theo ngày"]
    assert not any("Phụ lục" in words for part in briefing.sections for words in part.paragraphs)
    many = [figures.by_partner[0]._replace(key=f"p{one}", name=f"Đối tác {one}") for one in range(11)]
    annexes = briefing_letter(replace(few, by_partner=tuple(many)), BriefingText(office="Sở Thử")).annexes
    assert any("Kết quả theo đối tác" in (annex.heading, *(t.title for t in annex.tables)) for annex in annexes)


def test_a_chart_of_one_or_two_months_is_a_sentence(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    month = figures.by_month[0]
    one = briefing_letter(figures, BriefingText()).sections[1]
    assert one.chart is None
    assert one.paragraphs == (f"Tháng 11/2026 có {month.confirmed} lượt lan tỏa đã xác nhận.",)
    three = tuple(month._replace(key=f"2026-{number}", name=f"2026-{number}") for number in (10, 11, 12))
    assert briefing_letter(replace(figures, by_month=three), BriefingText()).sections[1].chart is not None


def test_rules_are_named_in_words_and_channels_have_only_what_a_channel_can_have(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    found = FindingsTotals((FindingRow("R5", "Đăng trước giờ", 1, 1, 0),))
    channel = figures.by_topic[0]._replace(key="zalo", name="Zalo", delivered=7)
    figures = replace(figures, findings=found, by_channel=(channel,))
    briefing = briefing_letter(figures, BriefingText())
    tables = {table.title: table for part in briefing.sections for table in part.tables}
    assert [line[0] for line in tables["Nghi vấn và kết luận"].lines()] == ["Đăng trước giờ"]
    assert [column.title for column in tables["Theo kênh"].columns] == ["Kênh", "Đã tới"]
    assert list(tables["Theo kênh"].lines()) == [("Zalo", 7)]
    item = briefing_files.as_json(figures, BriefingText())
    (first,) = item["rows"]["channel"]
    assert first["delivered"] == 7
    assert {first[name] for name in ("found", "confirmed", "review", "gone", "attributed", "partial")} == {None}
    assert item["rows"]["site"][0]["delivered"] is None


def test_a_spreadsheet_draws_its_course_topics_and_partners_from_its_own_cells(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    body = _made(worked, "xlsx").body
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/charts/chart"))
        course, topics, partners = (etree.fromstring(archive.read(name)) for name in names)

    assert book.sheet_names[1] == "Biểu đồ"

    def numbers(chart: etree._Element, place: int = 0) -> list[float]:
        """The values of the cells that a series of the chart names."""
        formula = chart.findall(f".//{_CHART}val//{_CHART}f")[place].text
        found = re.fullmatch(r"'?([^'!]+)'?!\$([A-Z])\$(\d+):\$\2\$(\d+)", formula)
        assert found is not None, formula
        sheet, column, first, last = found.groups()
        rows = book.get_sheet_by_name(sheet).to_python()
        return [rows[row][ord(column) - ord("A")] for row in range(int(first) - 1, int(last))]

    assert [chart.find(f".//{_CHART}{kind}") is not None for chart, kind in (
        (course, "lineChart"), (topics, "barChart"), (partners, "barChart"),
    )] == [True] * 3  # fmt: skip
    running = [total for _day, total in running_days(figures, city_day(NOW))]
    assert numbers(course) == running
    assert running[-1] == sum(row.confirmed for row in figures.by_day if row.key <= "2026-11-24") > 0
    assert numbers(course, 1)[-1] == pytest.approx(40 * len(running) / PERIOD.length, abs=0.1)
    assert numbers(topics) == [row.confirmed for row in figures.by_topic]
    assert numbers(partners) == [row.confirmed for row in figures.by_partner][:15]


def test_a_spreadsheet_of_nothing_has_no_sheet_of_charts_for_missing_tables(stage: JobHarness) -> None:
    with stage.database.read() as session:
        body = briefing_files.make_briefing_file(session, None, parse_period("2027-Q1"), "xlsx", now=NOW).body
    assert "Biểu đồ" not in CalamineWorkbook.from_filelike(io.BytesIO(body)).sheet_names


def test_a_briefing_tells_posts_on_social_networks_apart_from_fetched_copies(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    assert social_sentences(figures) == ()
    networks = (SocialRow("facebook.com", "Facebook", 1000), SocialRow("zalo.me", "Zalo", 240))
    social = SocialTotals(1240, networks, (SocialRow("lang", "Mạng Làng", 1240),))
    with_posts = replace(figures, totals=figures.totals._replace(confirmed=12500), social=social)
    (sentence,) = social_sentences(with_posts)
    assert "11.260 lượt trên các trang thông tin điện tử; ngoài ra 1.240 lượt trên mạng xã hội" in sentence
    assert "do người xác nhận bằng ảnh chụp (Facebook 1.000, Zalo 240)" in sentence


def test_a_rate_of_sources_leaves_out_what_only_a_picture_was_seen_of_and_says_so(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    totals = figures.totals._replace(confirmed=1250, attributed=500, source_unseen=250)
    counts = {Attribution.LINKED_AT_END: 500, Attribution.NONE: 500, Attribution.NOT_SEEN: 250}
    shares = tuple(
        replace(share, count=counts[share.attribution]) for share in figures.shares if share.attribution in counts
    )
    with_posts = replace(figures, totals=totals, shares=shares)
    (part,) = (part for part in briefing_letter(with_posts, BriefingText()).sections if part.heading == "Dẫn nguồn")
    assert part.paragraphs == (
        "500 lượt nêu nguồn và dẫn đường dẫn ở cuối bài, đạt 50,0% trong 1.000 lượt thấy được nguồn. 250 lượt chỉ xem "
        "qua ảnh chụp, ảnh không cho thấy nguồn, không tính vào tỷ lệ dẫn nguồn.",
    )
    assert [row[1:] for row in part.tables[0].lines()] == [(500, 0.5), (500, 0.5), (250, None)]
    rates = {row.key: row.now for row in comparison_rows(with_posts)}
    assert rates["rate"] == 0.5


def test_a_period_before_the_product_says_in_words_what_its_table_says(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, None, parse_period("2026-Q3"), now=NOW)
    reported = ReportedFigures(bulletins=24, republications=52, whole=True)
    letter = briefing_letter(replace(figures, reported=reported), BriefingText(office="Sở"))
    assert letter.sections[0].paragraphs[0] == (
        "Trong kỳ, Sở phát hành 24 bản tin (báo cáo trước). Các trang đối tác đăng lại 52 lượt (báo cáo trước), đã "
        "kiểm chứng 0 lượt; 0 lượt đang chờ xem xét."
    )


def test_a_spreadsheet_has_figures_and_days_to_go_on_counting_with(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    tables = {table.title: table for table in briefing_files.report_tables(figures)}
    compared = {line[0]: line[1:] for line in tables["So với kỳ trước"].lines()}
    unit, now, before, grown, by = compared["Lượt lan tỏa đã xác nhận"]
    earlier = figures.before.totals.confirmed
    assert (unit, now, before, grown) == ("", figures.totals.confirmed, earlier, figures.totals.confirmed - earlier)
    assert earlier > 0
    assert by == pytest.approx(grown / earlier)
    unit, now, before, grown, by = compared["Tỷ lệ dẫn nguồn đủ"]
    assert unit == "%"
    assert before == pytest.approx(figures.before.totals.attributed / figures.before.totals.source_seen * 100)
    assert grown == pytest.approx(now - before)
    assert by is None
    assert now == pytest.approx(figures.totals.attributed / figures.totals.source_seen * 100)
    assert [line[0] for line in tables["Theo ngày"].lines()] == [date.fromisoformat(row.key) for row in figures.by_day]


def test_a_target_of_a_topic_bears_the_topics_name(stage: JobHarness) -> None:
    with stage.database.write() as session:
        make_republications(session, 5)
        planned(
            session,
            PERIOD.first,
            PERIOD.last,
            TargetContent("republications", 40, "dich-benh"),
            TargetContent("median_delay", 1.5),
            topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
        )
    with stage.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    targets = figure_tables.targets(figures).for_file("topic", "quota")
    (topic, every) = (list(line) for line in targets.lines())
    assert topic == [next(row.name for row in figures.by_topic if row.key == "dich-benh"), 40]
    assert topic[0] == "Dịch bệnh"
    assert every == ["tất cả", 1.5]


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_is_what_it_says_it_is(worked: JobHarness, form: str) -> None:
    report = _made(worked, form)
    assert report.name == f"bao-cao-kh-174-2026-11.{form}"
    assert report.media_type == FORMATS[form]
    start = {"xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF", "json": b"{", "csv": b"\xef\xbb\xbf"}[form]
    assert report.body.startswith(start)


@pytest.mark.parametrize("form", FORMATS)
def test_a_period_in_which_nothing_happened_has_a_report_too(stage: JobHarness, form: str) -> None:
    with stage.database.read() as session:
        assert briefing_files.make_briefing_file(session, None, parse_period("2027-Q1"), form, now=NOW).body


def test_an_unknown_form_is_refused(stage: JobHarness) -> None:
    with stage.database.read() as session, pytest.raises(Invalid) as refused:
        briefing_files.make_briefing_file(session, None, PERIOD, "odt", now=NOW)
    assert refused.value.errors[0].field == "format"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026-Q4", "quý IV năm 2026"),
        ("2026-11", "tháng 11 năm 2026"),
        ("2026-02", "tháng 2 năm 2026"),
        ("2026", "năm 2026"),
        ("2026-10-01..2026-11-15", "từ 01/10/2026 đến 15/11/2026"),
    ],
)
def test_a_period_is_reported_in_words(label: str, words: str) -> None:
    assert period_words(parse_period(label)) == words
