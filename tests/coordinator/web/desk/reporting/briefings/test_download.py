"""Reports: the choice states the content of the file, the file covers the period, an error is shown as a message."""

import io
import json
from datetime import date

import docx
import pytest

from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent
from coordinator.exports.errors import ExportError
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.rendered_report import FORMATS
from tests.campaigns.reporting.sample_republications import make_republications
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import planned


@pytest.fixture
def plan(desk: Desk) -> Desk:
    with desk.database.write() as session:
        make_republications(session, 6)
        planned(session, date(2026, 10, 1), date(2026, 12, 31), TargetContent("republications", 100))
    desk.sign_in(Role.ANALYST)
    return desk


def test_the_preview_says_what_will_be_in_it(plan: Desk) -> None:
    page = Page(plan.get("/desk/reports/?campaign=kh-174&period=2026-11"))
    pairs = page.pairs()
    assert pairs["Kế hoạch"] == "174-KH/UBND"
    assert pairs["Kỳ"] == "Tháng 11/2026 (01/11–30/11/2026)"
    assert pairs["Quy tắc tính, phiên bản"] == RULE_VERSION
    assert page.has("1 chỉ tiêu")
    assert page.link("Tải Văn bản Word") == "/desk/reports/file.docx?campaign=kh-174&period=2026-11"


def test_a_typed_period_becomes_the_chosen_one(plan: Desk) -> None:
    answer = plan.client.get("/desk/reports/?campaign=kh-174&period=other&from=5/10/2026&to=20/11/2026")
    assert answer.status_code == 303
    page = Page(plan.get(answer.headers["Location"]))
    assert page.value("period") == "2026-10-05..2026-11-20"
    assert page.pairs()["Kỳ"] == "05/10–20/11/2026"


def test_a_typed_period_that_is_none_is_reported_at_its_field(plan: Desk) -> None:
    page = Page(plan.get("/desk/reports/?period=other&from=sau+Tết&to=2026-11-20", 422))
    assert list(page.errors()) == ["from"]
    assert (page.value("from"), page.value("to")) == ("sau Tết", "20/11/2026")
    page = Page(plan.get("/desk/reports/?period=other&to=20/11/2026", 422))
    assert page.errors() == {"from": "Mục này không được để trống"}
    assert list(Page(plan.get("/desk/reports/?period=other", 422)).errors()) == ["from", "to"]


def test_every_form_can_be_taken(plan: Desk) -> None:
    response = plan.client.get("/desk/reports/file.json?campaign=kh-174&period=2026-11")
    assert response.headers["Content-Disposition"] == 'attachment; filename="bao-cao-kh-174-2026-11.json"'
    confirmed = json.loads(response.data)["totals"]["confirmed"]
    word = docx.Document(io.BytesIO(plan.client.get("/desk/reports/file.docx?campaign=kh-174&period=2026-11").data))
    text = " ".join(paragraph.text for paragraph in word.paragraphs)
    assert f"{confirmed} lượt đã được xác nhận" in text
    for form in ("xlsx", "csv"):
        answer = plan.client.get(f"/desk/reports/file.{form}?campaign=all&period=2026-11")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, FORMATS[form])
    assert plan.client.get("/desk/reports/file.exe").status_code == 404


def test_a_file_that_cannot_be_written_here_is_reported_in_words(plan: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> bytes:
        raise ExportError("install pango to write PDF")

    monkeypatch.setattr(briefing_files, "write_pdf", refuse)
    answer = plan.client.get("/desk/reports/file.pdf?campaign=kh-174&period=2026-11")
    assert answer.status_code == 303
    page = Page(plan.get(answer.headers["Location"]))
    (words,) = page.words("[role=alert]")
    assert "PDF" in words
    assert "install pango" in words
    assert page.value("period") == "2026-11"


def test_a_writer_reads_the_figures_and_makes_no_report(plan: Desk) -> None:
    plan.sign_in(Role.WRITER)
    page = Page(plan.get("/desk/reports/"))
    assert page.has("Vai trò này xem được số liệu nhưng không lập báo cáo")
    assert plan.client.get("/desk/reports/file.csv").status_code == 403
