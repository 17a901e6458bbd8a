"""Reports: the same figures in every format, and periods as text."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from campaigns.core.clock import parse_period
from campaigns.core.errors import Invalid
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import TargetInput, find_campaign, save_campaign
from campaigns.reporting import tallies
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.figures import collect_figures
from campaigns.reporting.social_totals import SocialRow, SocialTotals
from campaigns.reporting.tallies import TallyScope
from coordinator.exports.format import vi_date
from coordinator.jobs.reporting import period_report
from coordinator.jobs.reporting.briefing_document import (
    COUNTED,
    briefing_letter,
    period_words,
    social_sentences,
    targets_table,
)
from coordinator.jobs.reporting.period_report import FORMATS, RenderedReport
from tests.campaigns.reporting.sample_republications import make_republications
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import NOW

PERIOD = parse_period("2026-11")


@pytest.fixture
def worked(stage: JobHarness) -> JobHarness:
    """A campaign with copies of every kind."""
    with stage.database.write() as session:
        make_republications(session, 5)
        save_campaign(
            session, "test", None, code="kh-174", plan_number="174-KH/UBND", name="Lan tỏa",
            starts_on=PERIOD.first, ends_on=PERIOD.last, topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
            targets=[TargetInput("republications", 40), TargetInput("attribution_rate", 80)], now=NOW,
        )  # fmt: skip
    return stage


def _made(scene: JobHarness, form: str) -> RenderedReport:
    with scene.database.read() as session:
        return period_report.make_report(session, find_campaign(session, "kh-174"), PERIOD, form, now=NOW)


def test_the_figures_are_the_tallies_in_every_form(worked: JobHarness) -> None:
    with worked.database.read() as session:
        scope = TallyScope(PERIOD, find_campaign(session, "kh-174").id)
        total, partners = tallies.totals(session, scope), tallies.rows(session, scope, "partner")
    item = json.loads(_made(worked, "json").body)
    assert item["totals"] == {
        **{column.key: getattr(total, column.key) for column in COUNTED},
        "partial": total.partial,
    }
    assert total.partial > 0
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
    by_partner, _by_site, days = (annex.tables[0] for annex in briefing.annexes)
    assert [line[0] for line in days.lines()] == [vi_date(date.fromisoformat(row.key)) for row in figures.by_day]
    assert by_partner.footer is not None
    assert by_partner.cells(by_partner.footer)[1:] == tuple(getattr(figures.totals, column.key) for column in COUNTED)


def test_a_briefing_tells_posts_on_social_networks_apart_from_fetched_copies(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    assert social_sentences(figures) == ()
    networks = (SocialRow("facebook.com", "Facebook", 1000), SocialRow("zalo.me", "Zalo", 240))
    social = SocialTotals(1240, networks, (SocialRow("lang", "Mạng Làng", 1240),))
    (sentence,) = social_sentences(replace(figures, totals=figures.totals._replace(confirmed=12500), social=social))
    assert "11.260 lượt trên các trang thông tin điện tử; ngoài ra 1.240 lượt trên mạng xã hội" in sentence
    assert "do người xác nhận bằng ảnh chụp (Facebook 1.000, Zalo 240)" in sentence


def test_a_spreadsheet_has_figures_and_days_to_go_on_counting_with(worked: JobHarness) -> None:
    with worked.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    tables = {table.title: table for table in period_report.report_tables(figures)}
    compared = {line[0]: line[1:] for line in tables["So với kỳ trước"].lines()}
    unit, now, before, grown, by = compared["Lượt lan tỏa đã xác nhận"]
    earlier = figures.before.totals.confirmed
    assert (unit, now, before, grown) == ("", figures.totals.confirmed, earlier, figures.totals.confirmed - earlier)
    assert earlier > 0
    assert by == pytest.approx(grown / earlier)
    unit, now, before, grown, by = compared["Tỷ lệ dẫn nguồn đủ"]
    assert unit == "%"
    assert before == pytest.approx(figures.before.totals.attributed / earlier * 100)
    assert grown == pytest.approx(now - before)
    assert by is None
    assert now == pytest.approx(figures.totals.attributed / figures.totals.confirmed * 100)
    assert [line[0] for line in tables["Theo ngày"].lines()] == [date.fromisoformat(row.key) for row in figures.by_day]


def test_a_target_of_a_topic_bears_the_topics_name(stage: JobHarness) -> None:
    with stage.database.write() as session:
        make_republications(session, 5)
        save_campaign(
            session, "test", None, code="kh-174", plan_number="174-KH/UBND", name="Lan tỏa",
            starts_on=PERIOD.first, ends_on=PERIOD.last, topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
            targets=[TargetInput("republications", 40, "dich-benh"), TargetInput("median_delay", 1.5)], now=NOW,
        )  # fmt: skip
    with stage.database.read() as session:
        figures = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
    (topic, every) = ([line[1], line[2]] for line in targets_table(figures).lines())
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
        assert period_report.make_report(session, None, parse_period("2027-Q1"), form, now=NOW).body


def test_an_unknown_form_is_refused(stage: JobHarness) -> None:
    with stage.database.read() as session, pytest.raises(Invalid) as refused:
        period_report.make_report(session, None, PERIOD, "odt", now=NOW)
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
