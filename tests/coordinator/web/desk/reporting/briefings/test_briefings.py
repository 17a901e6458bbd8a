"""Briefings at the desk: created, written, frozen and downloaded; a broken template changes nothing; invalid input is
reported."""

import io
import json
import re
import zipfile
from datetime import date

import docx
import pytest
import sqlalchemy as sa

from campaigns.messages import notice_readers, questions
from campaigns.messages.questions import QuestionSubject
from campaigns.partners.directory import SiteKind
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent
from campaigns.reporting.briefings import versions
from campaigns.reporting.briefings.briefing_text import Briefing
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.exports.documents.word_template import default_briefing_template
from coordinator.imports.tables.xlsx import read_workbook
from coordinator.jobs.reporting.rendered_report import FORMATS
from tests import factories
from tests.campaigns.messages.test_message_figures import EDITOR, send
from tests.campaigns.partners.test_register_figures import licence
from tests.campaigns.reporting.sample_republications import make_republications
from tests.conftest import KeptRows
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW, planned


@pytest.fixture
def plan(desk: Desk, kept_rows: KeptRows) -> Desk:
    kept_rows.fill(desk.database, lambda: _make(desk))
    desk.sign_in(Role.ANALYST)
    return desk


def _make(desk: Desk) -> None:
    with desk.database.write() as session:
        make_republications(session, 6)
        planned(
            session,
            date(2026, 10, 1),
            date(2026, 12, 31),
            TargetContent("republications", 100),
            topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
        )


def begun(desk: Desk, period: str = "2026-Q4") -> str:
    """Return the address of a draft."""
    answer = desk.post("/desk/briefings/", {"campaign": "kh-174", "period": period})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def words(desk: Desk, address: str, **more: str) -> dict[str, str]:
    """Return the form values of a draft, with changes."""
    page = Page(desk.get(address))
    names = (
        "number", "symbol", "place", "office", "parent", "authority", "signer", "difficulties", "proposals",
        "signed_on", "addressed_to", "basis", "recipients",
    )  # fmt: skip
    return {**{name: page.value(name) for name in names}, "edits": page.value("edits"), **more}


def test_a_briefing_is_begun_written_frozen_and_taken(plan: Desk) -> None:
    address = begun(plan)
    assert begun(plan) == address
    page = Page(plan.get(address))
    assert page.heading == "Dự thảo báo cáo Quý IV/2026"
    assert page.has("Kỳ này chưa hết")
    assert page.value("basis") == "Căn cứ Kế hoạch số 174-KH/UBND"
    typed = words(
        plan, address, difficulties="Chậm ở ba trang.\n<script>alert(1)</script> {{ title }}", symbol="BC-STT",
        authority="KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC", signer="Trần An", recipients="Như trên\nLưu: VT", place="Đà Sông",
    )  # fmt: skip
    assert plan.post(address, typed).status_code == 303
    html = plan.get(address)
    assert "<script>alert(1)" not in html
    frozen = plan.post(f"{address}/freeze", {"edits": words(plan, address)["edits"]})
    assert frozen.status_code == 303
    version = frozen.headers["Location"]
    assert Page(plan.get(version)).heading == "Báo cáo Quý IV/2026, phiên bản 1"
    with plan.database.read() as session:
        (row,) = versions.all_versions(session)
        figures = row.frozen_figures
    for form in FORMATS:
        answer = plan.client.get(f"{version}/file.{form}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, FORMATS[form])
        if form != "pdf":
            assert answer.data == plan.client.get(f"{version}/file.{form}").data
    word = docx.Document(io.BytesIO(plan.client.get(f"{version}/file.docx").data))
    values = [paragraph.text for paragraph in word.paragraphs]
    assert "<script>alert(1)</script> {{ title }}" in values
    assert any(f"đăng lại {figures.totals.confirmed} lượt" in line for line in values)
    assert json.loads(plan.client.get(f"{version}/file.json").data)["totals"]["confirmed"] == figures.totals.confirmed
    assert plan.client.get(f"{version}/file.exe").status_code == 404
    assert plan.post(f"{version}/number", {"number": "7", "signed_on": "08/01/2027"}).status_code == 303
    word = docx.Document(io.BytesIO(plan.client.get(f"{version}/file.docx").data))
    head = [cell.text for cell in word.tables[0].rows[1].cells]
    assert "Số: 07/BC-STT" in head[0]
    assert "Đà Sông, ngày 08 tháng 01 năm 2027" in head[1]
    assert Page(plan.get(f"{version}/again")).has("Mọi số tính lại đều bằng số đã chốt")


def test_a_restatement_says_why_and_lists_what_differs(plan: Desk) -> None:
    address = begun(plan)
    edits = words(plan, address)["edits"]
    assert plan.post(f"{address}/freeze", {"edits": edits}).status_code == 303
    with plan.database.write() as session:
        query = sa.select(Republication).where(Republication.status == RepublicationStatus.CONFIRMED)
        session.execute(
            query.where(Republication.counted_on >= date(2026, 10, 1))
        ).scalars().first().status = RepublicationStatus.REJECTED
    refused = plan.post(f"{address}/freeze", {"edits": edits})
    assert refused.status_code == 422
    assert list(Page(refused.text).errors()) == ["reason"]
    again = plan.post(f"{address}/freeze", {"edits": edits, "reason": "Một bài không phải của ta"})
    page = Page(plan.get(again.headers["Location"]))
    assert page.has("Một bài không phải của ta")
    with plan.database.read() as session:
        old, new = (version.frozen_figures.totals.confirmed for version in versions.all_versions(session))
    assert f"Tổng, đã xác nhận: {old} → {new}" in page.words("li")
    assert Page(plan.get(address)).rows("Các bản đã chốt")[1][0].startswith("Phiên bản 1 đã có bản lập lại")


def test_two_people_do_not_write_over_each_other(plan: Desk) -> None:
    address = begun(plan)
    first, second = words(plan, address, proposals="một"), words(plan, address, proposals="hai")
    assert plan.post(address, first).status_code == 303
    refused = plan.post(address, second)
    assert refused.status_code == 422
    page = Page(refused.text)
    assert page.has("Lan Chi vừa lưu báo cáo này")
    assert page.value("proposals") == "hai"


@pytest.mark.parametrize("period", ["quý bốn", "2026-12-31..2026-10-01", "", "2026-Q5"])
def test_a_period_that_is_none_is_reported_and_nothing_is_begun(plan: Desk, period: str) -> None:
    assert (
        plan.post("/desk/briefings/", {"campaign": "kh-174", "period": period}).headers["Location"]
        == "/desk/briefings/"
    )
    assert Page(plan.get("/desk/briefings/")).words("[role=alert]")
    with plan.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Briefing)).scalar_one() == 0


def test_a_quarter_ahead_and_words_that_are_too_long_are_refused(plan: Desk) -> None:
    ahead = begun(plan, "2027-Q1")
    assert plan.post(f"{ahead}/freeze", {"edits": "0"}).status_code == 422
    address = begun(plan)
    assert plan.post(address, words(plan, address, difficulties="chữ " * 2500)).status_code == 303
    refused = plan.post(address, words(plan, address, difficulties="x" * 20_001, signed_on="hôm qua"))
    assert list(Page(refused.text).errors()) == ["signed-on"]
    refused = plan.post(address, words(plan, address, difficulties="x" * 20_001))
    assert list(Page(refused.text).errors()) == ["difficulties"]


def test_an_empty_quarter_truthfully_says_nought(plan: Desk) -> None:
    address = begun(plan, "2025-Q1")
    page = Page(plan.get(address))
    rows = {row[0]: row[1] for row in page.rows("So với kỳ trước")}
    assert (rows["Lượt lan tỏa đã xác nhận"], rows["Tỷ lệ dẫn nguồn đủ"]) == ("0", "–")
    assert page.has("Trong kỳ không có.")
    frozen = plan.post(f"{address}/freeze", {"edits": "0"})
    assert frozen.status_code == 303
    files = {form: plan.client.get(f"{frozen.headers['Location']}/file.{form}").data for form in ("docx", "xlsx")}
    document = docx.Document(io.BytesIO(files["docx"]))
    assert any("phát hành 0 bản tin" in one.text for one in document.paragraphs)
    assert not [table for table in document.tables if table.cell(0, 0).text == "Cách dẫn nguồn"]
    # A share of nothing is not known, so there are no rows; 0 per cent would blame partners.
    (sheet,) = (worksheet for worksheet in read_workbook(files["xlsx"]) if worksheet.name == "Dẫn nguồn")
    assert not [row for row in list(sheet.rows)[1:] if row[0]]


def test_a_writer_reads_and_neither_writes_nor_freezes(plan: Desk) -> None:
    address = begun(plan)
    plan.sign_in(Role.WRITER)
    page = Page(plan.get(address))
    assert not page.has("Chốt số liệu")
    assert plan.post(f"{address}/freeze", {"edits": "0"}).status_code == 403
    assert plan.post(address, {}).status_code == 403


# Names, signers, the template


def test_names_and_signers_have_their_days(plan: Desk) -> None:
    plan.sign_in(Role.ADMIN)
    old = {
        "kind": "department",
        "name": "Sở Cũ",
        "parent": "UBND",
        "place": "Đà Sông",
        "symbol": "BC-SC",
        "since": "2020-01-01",
    }
    assert plan.post("/desk/admin/letterheads/names", old).status_code == 303
    new = {**old, "name": "Sở Mới", "symbol": "BC-SM", "since": "01/03/2027"}
    assert plan.post("/desk/admin/letterheads/names", new).status_code == 303
    assert plan.post("/desk/admin/letterheads/names", {**new, "kind": "issuer", "name": "Bộ"}).status_code == 303
    signer = {"authority": "KT. GIÁM ĐỐC\n PHÓ GIÁM ĐỐC ", "signer": "Trần An", "signer_since": "2026-01-01"}
    assert plan.post("/desk/admin/letterheads/signers", signer).status_code == 303
    page = Page(plan.get("/desk/admin/letterheads/"))
    assert [row[0].split(" ")[1] for row in page.rows("Các tên") if row[1] == "cơ quan mình"] == ["Mới", "Cũ"]
    assert any(row[3] == "28/02/2027" for row in page.rows("Các tên"))
    wrong = plan.post("/desk/admin/letterheads/names", {**new, "name": "", "until": "2027-01-01"})
    assert set(Page(wrong.text).errors()) == {"name", "until"}
    before, after = (words(plan, begun(plan, text)) for text in ("2026-Q4", "2027-Q1"))
    assert (before["office"], before["symbol"], before["signer"]) == ("Sở Cũ", "BC-SC", "Trần An")
    assert (after["office"], after["symbol"]) == ("Sở Mới", "BC-SM")
    with plan.database.read() as session:
        ident = session.execute(sa.text("SELECT public FROM signers")).scalar_one()
    bad = plan.post(f"/desk/admin/letterheads/{ident}/end", {"until": "2019-01-01"})
    assert list(Page(bad.text).errors()) == [f"until-{ident.replace('_', '-')}"]
    assert plan.post(f"/desk/admin/letterheads/{ident}/end", {"until": "2026-11-30"}).status_code == 303
    assert words(plan, begun(plan, "2026-12"))["signer"] == ""  # nobody is a signer on its last day
    assert Page(plan.get("/desk/admin/letterheads/")).rows("Những người ký")[0][3] == "30/11/2026"


def edited(text: str) -> bytes:
    """Return the shipped template with another paragraph."""
    document = docx.Document(io.BytesIO(default_briefing_template()))
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(name: str, body: bytes) -> bytes:
    """Return the shipped template with another file in its archive."""
    out = io.BytesIO(default_briefing_template())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


BROKEN = {
    "unknown field": (
        "mau.docx",
        edited("Số {{ so_hieu }} của Sở"),
        "Không có ô nào tên so_hieu, ở đoạn “Số {{ so_hieu }} của Sở”.",
    ),
    "syntax": ("mau.docx", edited("Mở {% for x in %} rồi"), "Có thẻ viết chưa đúng ở đoạn “Mở {% for x in %} rồi”."),
    "inner field": (
        "mau.docx",
        edited("{% for one in sections %}{{ one.headng }}{% endfor %}"),
        "Không có ô nào tên headng",
    ),
    "call": ("mau.docx", edited("{{ title.__class__ }}"), "Đoạn “{{ title.__class__ }}” có thứ khác."),
    "not Word": ("mau.docx", b"PK nothing", "Tệp bị hỏng"),
    "other archive": ("mau.docx", with_part("x", b"")[:200], "Tệp bị hỏng"),
    "macros": ("mau.docx", with_part("word/vbaProject.bin", b"x"), "macro"),
    "macro name": ("mau.docm", default_briefing_template(), "macro"),
    "bomb": ("mau.docx", with_part("word/more.xml", b"<a>" + b" " * 30_000_000), "giải nén ra quá lớn"),
    "no file": ("", b"", "Chọn một tệp Word"),
}


def test_every_broken_template_is_refused_with_what_and_where_and_nothing_is_lost(plan: Desk) -> None:
    plan.sign_in(Role.ADMIN)
    mine = edited("Dòng riêng của Sở")
    assert plan.post("/desk/admin/templates/briefing/", {"file": (io.BytesIO(mine), "mau-so.docx")}).status_code == 303
    for case, (name, body, sentence) in BROKEN.items():
        refused = plan.post("/desk/admin/templates/briefing/", {"file": (io.BytesIO(body), name)} if name else {})
        assert refused.status_code == 422, case
        assert sentence in " ".join(Page(refused.text).errors().values()), case
    assert plan.client.get("/desk/admin/templates/briefing/file.docx").data == mine


def test_an_edited_template_is_used_and_the_shipped_one_comes_back_by_a_button(plan: Desk) -> None:
    plan.sign_in(Role.ADMIN)
    page = Page(plan.get("/desk/admin/templates/briefing/"))
    taken = plan.client.get(page.link("Tải mẫu về để sửa")).data
    assert taken == default_briefing_template()
    plan.post("/desk/admin/templates/briefing/", {"file": (io.BytesIO(edited("Dòng riêng của Sở")), "mau-so.docx")})
    address = begun(plan)

    def said() -> list[str]:
        taken = plan.client.get(f"{address}/draft.docx").data
        return [paragraph.text for paragraph in docx.Document(io.BytesIO(taken)).paragraphs]

    assert "Dòng riêng của Sở" in said()
    assert plan.post("/desk/admin/templates/briefing/shipped").status_code == 303
    assert "Dòng riêng của Sở" not in said()
    plan.sign_in(Role.ANALYST)
    assert plan.client.get("/desk/admin/templates/briefing/").status_code == 403


def test_the_summary_has_the_sentences_of_the_document_with_links_to_their_rows(plan: Desk) -> None:
    with plan.database.write() as session:
        owner = factories.company(session, "Sông Hồng")
        for number in range(3):
            licence(session, owner, issued_on=date(2026, 10, 1 + number))
        licence(session, owner, kind=SiteKind.SOCIAL)
        public = send(session, must_confirm=True)
        notice_readers.mark_read(session, EDITOR, owner.id, public, 1, now=NOW)
        questions.ask_question(session, EDITOR, owner.id, "Về ảnh đếm", "Hỏi", QuestionSubject(), "q", now=NOW)
    address = begun(plan)
    page = Page(plan.get(address))
    assert page.has("trên địa bàn có 3 giấy phép của 1 doanh nghiệp thiết lập trang thông tin điện tử tổng hợp")
    summary = next(node for node in page.tree.css("div[lang=vi]"))
    links = [(node.text(strip=True), node.attributes["href"] or "") for node in summary.css("a.figure")]
    assert len(links) > 9
    for count, href in links:
        rows = Page(plan.get(href))
        assert rows.words("#so-dong") == [count], href
        assert len(rows.tree.css("table.ledger tbody tr")) == min(int(count), 50), href
    for kind, name in (("licences&figure=new", "Sông Hồng"), ("questions", "Về ảnh đếm"), ("notices", "Quy định mới")):
        assert Page(plan.get(f"{address}/rows?kind={kind}")).has(name)
    for kind in ("notices&figure=read", "findings&figure=proposed&key=R1"):
        assert plan.client.get(f"{address}/rows?kind={kind}").status_code == 200
    assert plan.client.get(f"{address}/rows?kind=findings&figure=all").status_code == 404
    for sheet in page.tree.css("section.sheet"):
        heads = [node.text(strip=True) for node in sheet.css("thead th")][1:]
        for row in sheet.css("tbody tr"):
            for head, cell in zip(heads, row.css("td"), strict=False):
                if head != "Chênh lệch" and re.search(r"[1-9]", cell.text()):
                    assert cell.css_first("a") or sheet.css_first("footer"), (row.text(strip=True), head)
    version = plan.post(f"{address}/freeze", {"edits": words(plan, address)["edits"]}).headers["Location"]
    assert Page(plan.get(version)).has("trên địa bàn có 3 giấy phép của 1 doanh nghiệp")
    assert Page(plan.get(f"{version}/again")).has("Mọi số tính lại đều bằng số đã chốt")
    assert plan.client.get(f"{address}/rows?kind=licences&figure=all").status_code == 404
