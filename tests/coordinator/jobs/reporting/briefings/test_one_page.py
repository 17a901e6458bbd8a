"""The briefing on one page: it stays one page whatever is in it, and says what is late and why."""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from campaigns.compliance.cases.figures import CaseFigures, HandledCount
from campaigns.core.clock import parse_period
from campaigns.core.errors import Invalid
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import TargetContent, add_topic, find_campaign
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.figures import (
    BriefingFigures,
    FindingRow,
    FindingsTotals,
    collect_figures,
)
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.one_page import MOST_REASONS, MOST_TARGETS, one_page_briefing
from tests.campaigns.reporting.sample_republications import make_republications
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import NOW, planned

PERIOD = parse_period("2026-Q4")
LETTER = BriefingText(office="Sở Thông tin", parent="UBND thành phố", place="Hà Nội")
LONG = "Chuyển đổi số, dịch vụ công trực tuyến, cải cách thủ tục hành chính và WWW MMM của toàn thành phố"


def _figures(scene: JobHarness, topics: int) -> BriefingFigures:
    with scene.database.write() as session:
        make_republications(session, 40)
        codes = ["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"]
        for number in range(topics):
            add_topic(session, "test", code=f"cd-{number}", name=f"{LONG} {number}", now=NOW)
            codes.append(f"cd-{number}")
        targets = [TargetContent("republications", 12_500_000), TargetContent("bulletins", 330)]
        targets += [TargetContent("partners", 9000), TargetContent("attribution_rate", 100)]
        targets += [TargetContent("republications", 1_000_000 + number, code) for number, code in enumerate(codes)]
        planned(session, PERIOD.first, PERIOD.last, *targets, topics=codes)
        session.flush()
        outline = snapshot_campaign(find_campaign(session, "kh-174"))
        return collect_figures(session, outline, PERIOD, now=NOW)


def _pages(body: bytes, folder: Path) -> int:
    path = shutil.which("pdfinfo")
    if path is None:
        from tests.conftest import need

        need("pdfinfo", "Debian: poppler-utils")
    file = folder / "page.pdf"
    file.write_bytes(body)
    output = subprocess.run([path, str(file)], capture_output=True, check=True, timeout=60).stdout.decode()
    return int(dict(line.split(":", 1) for line in output.splitlines())["Pages"])


def _file(figures: BriefingFigures, letter: BriefingText, form: str) -> bytes:
    return briefing_files.report_file(figures, letter, form, "kh-174", None, one_page=True).body


def test_it_is_one_page_with_a_few_figures_and_with_the_longest_names(stage: JobHarness, tmp_path: Path) -> None:
    figures = _figures(stage, 20)
    extreme = replace(
        figures,
        management=replace(
            figures.management,
            cases=CaseFigures(
                organisations=4000,
                persons=900,
                decisions=9000,
                amount=698_500_001,
                paid=1,
                faults=tuple(HandledCount(LONG, LONG, 9000) for _ in range(3)),
            ),
        ),
        outline=replace(figures.outline, plan_number="174-KH/UBND " + "và Kế hoạch số 99 " * 12),
        findings=FindingsTotals(tuple(FindingRow(f"R{one}", LONG, 10**6, 10**6, 10**6) for one in range(20))),
    )
    names = replace(
        LETTER, office="Sở Văn hóa và Truyền thông " * 10, parent="ỦY BAN NHÂN DÂN " * 18, symbol="BC-SVHTT"
    )
    assert _pages(_file(extreme, names, "pdf"), tmp_path) == 1
    nothing = replace(figures, targets=(), by_day=(), by_topic=(), by_partner=())
    assert _pages(_file(nothing, BriefingText(), "pdf"), tmp_path) == 1


def test_it_says_the_figure_the_target_and_what_is_late(stage: JobHarness) -> None:
    figures = _figures(stage, 2)
    page = one_page_briefing(figures, LETTER)
    results, late = page.sections
    assert f"Lượt lan tỏa đã xác nhận: {figures.totals.confirmed} trên chỉ tiêu 12.500.000" in results.points[0]
    assert "; quý III năm 2026: 0, chênh lệch +" in results.points[0]
    assert results.chart is not None
    assert len(results.tables[0].rows) == MOST_TARGETS
    assert results.tables[0].note == f"Còn {len(figures.targets) - MOST_TARGETS} chỉ tiêu khác trong báo cáo đầy đủ."
    assert len(late.points) == MOST_REASONS
    assert late.points[0].startswith("Số bài đăng lại: thiếu ")
    assert "Tuần thấp nhất" in late.points[1]
    assert page.recipients == ()


@pytest.mark.parametrize(
    "office", ["Sở Thông tin và Truyền thông tỉnh Sơn Hải", "Sở Văn hóa, Thể thao và Du lịch Thành phố Hồ Chí Minh"]
)
def test_the_name_of_an_office_is_whole(stage: JobHarness, office: str) -> None:
    assert one_page_briefing(_figures(stage, 2), replace(LETTER, office=office)).agency == office.upper()


def test_a_rate_of_sources_says_what_it_leaves_out(stage: JobHarness) -> None:
    figures = _figures(stage, 2)
    unseen = replace(figures, totals=figures.totals._replace(source_unseen=3))
    (results, _late) = one_page_briefing(unseen, LETTER).sections
    assert "(không kể 3 lượt không thấy được nguồn)" in results.points[1]


def test_without_targets_nothing_is_called_late(stage: JobHarness) -> None:
    figures = replace(_figures(stage, 0), targets=())
    assert one_page_briefing(figures, LETTER).sections[1].paragraphs == ("Không có chỉ tiêu nào chậm.",)


def test_the_word_file_has_the_same_lines_and_no_signature(stage: JobHarness) -> None:
    figures = _figures(stage, 0)
    document = Document(io.BytesIO(_file(figures, replace(LETTER, recipients=("Lưu: VT",)), "docx")))
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert "TÓM TẮT" in lines
    assert any(line.startswith("a) Lượt lan tỏa đã xác nhận: ") for line in lines)
    assert len(document.tables) == 2  # the head and the targets
    assert "Nơi nhận:" not in "\n".join(cell.text for table in document.tables for cell in table._cells)


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_other_formats_have_no_one_page(stage: JobHarness, form: str) -> None:
    with stage.database.read() as session, pytest.raises(Invalid, match="one page is written as docx or pdf"):
        briefing_files.make_briefing_file(session, None, PERIOD, form, one_page=True, now=NOW)
