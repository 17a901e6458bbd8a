"""Findings at the desk: the list, the page with its evidence, each action by its button, the letter, front pages."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from docx import Document

from campaigns.compliance import finding_workflow, inspections
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus
from campaigns.compliance.inspections import Inspection, PageRole, PageSnapshot
from campaigns.partners.directory import Company, Site
from campaigns.people.mail_outbox import PersonalMail
from campaigns.people.office import OfficeContent, save_office
from campaigns.people.staff import Actor, Role
from coordinator.storage.web_archives import Capture
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ANALYST, NOW

LIST = "Các nghi vấn"


@pytest.fixture
def public(desk: Desk) -> str:
    """Return a proposed finding about one site's front page."""
    with desk.database.write() as session:
        save_office(
            session,
            "test",
            OfficeContent(name="Sở Thông tin thành phố", parent="UBND thành phố", place="Hà Nội"),
            now=NOW,
        )
        company = factories.company(session, "Công ty CP <Nhịp> Sông")
        return proposed(session, "R1", factories.site(session, company, "https://nhipsong.example/")).public


def row(desk: Desk, public: str) -> Finding:
    with desk.database.read() as session:
        return session.execute(sa.select(Finding).where(Finding.public == public)).scalar_one()


def send(desk: Desk, public: str, act: str, **form: str) -> int:
    turn = str(row(desk, public).turn)
    return desk.post(f"/desk/compliance/{public}/{act}", {"turn": turn, **form}).status_code


def test_the_list_opens_on_what_waits_and_its_filters_narrow_it(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    with desk.database.write() as session:
        other = proposed(session, "R8")
        finding_workflow.conclude_finding(
            session, ANALYST, other.public, 0, confirm=True, note="x", now=desk.office.now()
        )
        code = other.company.code
    (line,) = Page(desk.get("/desk/compliance")).rows(LIST)
    assert "R1. Thông tin bắt buộc trên trang chủ" in line[1]
    assert "địa chỉ liên lạc" in line[1]
    assert len(Page(desk.get("/desk/compliance?standing=all")).rows(LIST)) == 2
    for query in ("rule=R8", f"partner={code}", "severity=grave"):
        (only,) = Page(desk.get(f"/desk/compliance?standing=all&{query}")).rows(LIST)
        assert any(cell.startswith("R8.") for cell in only)
    for query in ("from=2030-01-01", "outcome=mended", "waits=overdue"):
        assert Page(desk.get(f"/desk/compliance?standing=all&{query}")).rows(LIST) == [], query
    assert Page(desk.get("/desk/compliance?standing=dismissed")).rows(LIST) == []
    assert desk.get("/desk/compliance?standing=all&page=99999999")


def test_the_page_tells_what_it_rests_on_and_leaves_nothing_unescaped(desk: Desk, public: str) -> None:
    desk.sign_in(Role.WRITER)
    html = desk.get(f"/desk/compliance/{public}")
    page = Page(html)
    assert page.heading == "R1. Thông tin bắt buộc trên trang chủ"
    assert "<Nhịp>" not in html
    assert page.has("Công ty CP <Nhịp> Sông")
    assert page.has("ab" * 32)
    assert page.has("10.000.000–20.000.000 đồng")
    assert page.tree.css("form.confirm") == [], "a writer decides nothing"


def test_from_a_suspicion_to_the_inspections_decision_by_buttons_alone(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    assert send(desk, public, "ask", reply_by="01/12/2026") == 303
    assert send(desk, public, "conclude", do="confirm", note="Đúng, đã xem", reply_by="2026-12-05") == 303
    assert (row(desk, public).standing, row(desk, public).reply_by) == (FindingStatus.CONFIRMED, date(2026, 12, 5))
    assert send(desk, public, "outcome", do="reminded", number="12/STTTT", on="24/11/2026") == 303
    assert send(desk, public, "outcome", do="handed", note="Không trả lời") == 303
    assert send(desk, public, "outcome", do="decided", number="7/QĐ", on="24/11/2026", amount="15.000.000") == 303
    found = row(desk, public)
    assert (found.outcome, found.closed) == (FindingOutcome.DECIDED, True)
    page = Page(desk.get(f"/desk/compliance/{public}"))
    assert page.has("15.000.000 đồng")
    assert page.has("7/QĐ, ngày 24/11/2026")
    assert send(desk, public, "undo") == 303
    assert (row(desk, public).outcome, row(desk, public).closed) == (FindingOutcome.HANDED, False)
    assert desk.post(f"/desk/compliance/{public}/undo").status_code == 303, "the button in the corner has no turn"
    assert row(desk, public).outcome is FindingOutcome.REMINDED


@pytest.mark.parametrize(
    ("act", "form", "field"),
    [
        ("conclude", {}, "do"),
        ("conclude", {"do": "confirm"}, "note"),
        ("conclude", {"do": "dismiss", "note": "x" * 2001}, "note"),
        ("conclude", {"do": "confirm", "note": "x", "reply_by": "hôm qua"}, "reply_by"),
        ("conclude", {"do": "confirm", "note": "x", "reply_by": "2020-01-01"}, "reply_by"),
        ("outcome", {"do": "gone"}, "do"),
    ],
)
def test_what_is_wrong_with_a_form_is_reported_at_its_field_and_what_was_typed_stays(
    desk: Desk, public: str, act: str, form: dict[str, str], field: str
) -> None:
    desk.sign_in(Role.ANALYST)
    answer = desk.post(f"/desk/compliance/{public}/{act}", {"turn": "0", **form})
    assert answer.status_code == 422
    if act == "conclude":
        assert field.replace("_", "-") in Page(answer.text).errors()
        assert form.get("note", "") in answer.text
    assert row(desk, public).turn == 0


def test_a_form_from_before_the_partners_reply_is_refused_and_shows_the_reply(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    assert send(desk, public, "ask", reply_by="2026-12-01") == 303
    partner = Actor("key:x", "Nhịp Sông", None)
    with desk.database.write() as session:
        company = session.execute(sa.select(Finding.company_id)).scalar_one()
        finding_workflow.reply_to_finding(
            session, partner, company, public, "Đã sửa <sáng nay>.", "f", now=desk.office.now()
        )
    answer = desk.post(f"/desk/compliance/{public}/conclude", {"turn": "1", "do": "confirm", "note": "Lý do của tôi"})
    assert answer.status_code == 409
    assert "Đã sửa &lt;sáng nay&gt;." in answer.text
    assert "Lý do của tôi" in answer.text
    assert "chưa ai đọc" in desk.get("/desk/compliance?standing=all&waits=reply")
    assert send(desk, public, "read") == 303
    assert row(desk, public).waits_since is None


def test_the_letter_is_an_official_one_with_its_gaps_left_open(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    assert desk.client.get(f"/desk/compliance/{public}/letter.docx").status_code == 409, "nobody has confirmed it"
    send(desk, public, "conclude", do="confirm", note="Đúng", reply_by="2026-12-05")
    answer = desk.client.get(f"/desk/compliance/{public}/letter.docx?lang=en")
    assert answer.status_code == 200
    document = Document(io.BytesIO(answer.data))
    cells = [p.text for table in document.tables for line in table.rows for cell in line.cells for p in cell.paragraphs]
    text = [p.text for p in document.paragraphs]
    assert " ".join(cells[:5]).startswith("UBND THÀNH PHỐ SỞ THÔNG TIN THÀNH PHỐ ")
    assert any(words.startswith("V/v nhắc thực hiện quy định") for words in cells)
    assert "Hà Nội, ngày … tháng … năm …" in cells
    assert "Kính gửi: Công ty CP <Nhịp> Sông." in text
    assert any("Trang chủ thiếu hoặc ghi khác sổ cấp phép: số điện thoại, địa chỉ liên lạc." in words for words in text)
    assert "Kết luận của Sở Thông tin thành phố: Đúng." in text
    assert any("chậm nhất ngày 05/12/2026" in words for words in text)
    assert any("Nghị định 147/2024/NĐ-CP" in words for words in text)
    assert "Trân trọng./." in text


def test_front_pages_are_listed_and_one_is_looked_at_by_a_press(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    (line,) = Page(desk.get("/desk/compliance/_sites")).rows("Các trang")
    assert ("chưa xem" in line[1], line[2].split()[0]) == (True, "1")
    with desk.database.read() as session:
        code = session.execute(sa.select(Site.code)).scalar_one()
    assert desk.post(f"/desk/compliance/_sites/{code}/look").status_code == 303
    assert desk.runner.kinds == ["inspection"]
    with desk.database.read() as session:
        due = session.execute(sa.select(Inspection)).scalar_one()
        assert (due.due_at, due.asked_by) == (desk.office.now(), ANALYST.id)
    assert Page(desk.get("/desk/compliance/_sites?q=khong-co")).rows("Các trang") == []
    assert desk.post("/desk/compliance/_sites/none/look").status_code == 404


HOSTILE = (
    b"<html><script>alert(1)</script><body onload=x()><p>Nh\xe1\xbb\x8bp</p><img src=//evil.example/x></body></html>"
)


def test_a_kept_front_page_is_shown_without_any_rights(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    now = desk.office.now()
    digest, key = desk.office.store.keep(HOSTILE)
    capture = Capture("https://nhipsong.example/", now, 200, "OK", (), (), HOSTILE, digest)
    with desk.database.write() as session:
        site = session.execute(sa.select(Site)).scalar_one()
        kept = inspections.record_page(
            session, site.id, PageRole.FRONT, status=200, final_url=site.url, body_hash=digest, body_key=key,
            capture_key=desk.office.store.keep_capture(capture), headers=[["Content-Type", "text/html"]], now=now,
        )  # fmt: skip
        session.execute(sa.update(Finding).values(snapshot_id=kept.id))
        name = kept.public
    page = Page(desk.get(f"/desk/compliance/{public}"))
    assert page.link("Xem bản chụp") == f"/desk/compliance/_pages/{name}"
    assert "sandbox" in desk.get(f"/desk/compliance/_pages/{name}")
    with desk.client.get(f"/desk/compliance/_pages/{name}.html") as box:
        assert "Nhịp" in box.text
        assert "script" not in box.text
        assert "evil" not in box.text
        assert "default-src 'none'" in box.headers["Content-Security-Policy"]
    with desk.client.get(f"/desk/compliance/_pages/{name}.txt") as source:
        assert source.data == HOSTILE
        assert source.headers["Content-Disposition"].startswith("attachment")
    assert desk.client.get("/desk/compliance/_pages/none").status_code == 404


def test_the_list_asks_the_database_as_often_for_many_as_for_few(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    paths = ("/desk/compliance", "/desk/compliance?standing=all", "/desk/compliance/_sites")
    before = [desk.statements(path) for path in paths]
    with desk.database.write() as session:
        for number in range(30):
            made = proposed(session, "R1", at=NOW + timedelta(minutes=number))
            if number % 2:
                finding_workflow.conclude_finding(session, ANALYST, made.public, 0, confirm=True, note="x", now=NOW)
    assert [desk.statements(path) for path in paths] == before
    assert max(before) <= 14


def test_the_days_page_leads_to_what_waits(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    with desk.database.write() as session:
        factories.published(session)  # before the first one, the page shows the first steps
    assert "1 nghi vấn về tuân thủ chờ kết luận" in desk.get("/desk")
    desk.sign_in(Role.WRITER)
    assert "nghi vấn về tuân thủ" not in Page(desk.get("/desk")).words("main")[0]


def test_nobody_is_written_to_without_a_mail_server(desk: Desk, public: str) -> None:
    desk.sign_in(Role.ANALYST)
    send(desk, public, "conclude", do="confirm", note="x")
    with desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(PersonalMail)).scalar_one() == 0
        assert session.execute(sa.select(sa.func.count()).select_from(Company)).scalar_one() == 1
        assert session.execute(sa.select(sa.func.count()).select_from(PageSnapshot)).scalar_one() == 0
