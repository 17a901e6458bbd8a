"""The other reports at the desk: pages whose figures link to their rows, and the same as files."""

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
import sqlalchemy as sa
from docx import Document
from python_calamine import CalamineWorkbook

from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.matching.matcher import Match
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import find_company
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import RepublicationStatus
from coordinator.web.desk.reporting import documents
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.conftest import KeptRows
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW, planned

PERIOD = "2026-11"


class Town:
    """A department with a plan, a published bulletin, a partner that republishes it fully and one that hardly does."""

    def __init__(self, desk: Desk | RunningApplication) -> None:
        with desk.database.write() as session:
            planned(
                session,
                NOW.date(),
                NOW.date() + timedelta(days=30),
                TargetContent("republications", 100),
                code="kh174",
                plan_number="174/KH",
                name="Kế hoạch",
            )
            good = factories.company(session, "Công ty Giỏi & Đều")
            few = factories.company(session, "Công ty Ít Bài")
            bulletin = factories.published(session, title="Lịch tiêm nhắc vắc-xin sởi")
            self.code, self.good, self.few = bulletin.code, good.code, few.code
            site, other = factories.site(session, good), factories.site(session, few)
            first = make_republication(
                session, bulletin, site, published_at=NOW + timedelta(hours=1), first_seen_at=NOW + timedelta(hours=2)
            )
            for _ in range(LEAST_COPIES):
                make_republication(session, bulletin, site)
            make_republication(session, bulletin, site, attribution=Attribution.NAMED_ONLY)
            make_republication(session, bulletin, site, match=Match.PARTIAL)
            make_republication(session, bulletin, site, status=RepublicationStatus.REVIEW)
            taken = make_republication(session, bulletin, other)
            taken.taken_from_id, taken.taken_from_site_id = first.id, first.site_id
            self.confirmed = LEAST_COPIES + 4
            self.copy = first.public


@pytest.fixture
def town(desk: Desk, kept_rows: KeptRows) -> Town:
    made = kept_rows.fill(desk.database, lambda: Town(desk))
    desk.sign_in(Role.ANALYST)
    return made


def pages(town: Town) -> list[str]:
    return [
        "/desk/digests/day?on=2026-11-24",
        "/desk/digests/week?on=2026-11-24",
        f"/desk/recognition/?period={PERIOD}",
        f"/desk/partners/{town.good}/report?period={PERIOD}",
        f"/desk/bulletins/{town.code}/spread",
        "/desk/results/kh174",
    ]


def files(town: Town) -> Iterator[tuple[str, str]]:
    for path in pages(town):
        base, _, query = path.partition("?")
        base = base.rstrip("/")
        for form in ("pdf", "xlsx", *(["csv"] if "spread" in base or "recognition" in base else [])):
            yield f"{base}/file.{form}?{query}", form


def test_every_page_has_its_figures_in_both_languages_and_every_table_beside_a_picture(desk: Desk, town: Town) -> None:
    for path in pages(town):
        for lang in ("vi", "en"):
            html = desk.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            page = Page(html)
            assert page.heading
            assert len(page.tree.css("figure > svg")) == 2 * len(page.tree.css("figure > details table")), path
            assert page.tree.css("table caption"), path


def test_a_plans_result_is_led_to_from_where_one_would_look(desk: Desk, town: Town) -> None:
    for path in ("/desk/progress/?campaign=kh174", "/desk/reports/?campaign=kh174"):
        page = Page(desk.get(path))
        led = [node.attributes["href"] for node in page.tree.css("main a") if "/desk/results/" in str(node.attributes)]
        assert led == ["/desk/results/kh174"], path
    assert "/desk/results/" not in desk.get("/desk/progress/?campaign=all"), "no plan, no result"
    desk.sign_in(Role.ADMIN)
    assert Page(desk.get("/desk/admin/campaigns/")).link("Kết quả 174/KH") == "/desk/results/kh174"


def test_a_digest_says_what_went_out_came_back_failed_and_waits(desk: Desk, town: Town) -> None:
    with desk.database.write() as session:
        channel = factories.channel(session, company=None)
        code = factories.published(session, title="Bản tin hỏng").code
        session.execute(
            sa.update(Delivery).where(Delivery.channel_id == channel.id).values(state=DeliveryState.DEAD, due_at=None)
        )
    page = Page(desk.get("/desk/digests/day?on=2026-11-24"))
    figures = {row[0]: row[1:] for row in page.rows("Đã phát và đã lan tỏa")}
    assert figures["Bản tin phát hành"] == ["2", "0"]
    assert figures["Đã xác nhận"] == [str(town.confirmed), "0"]
    assert figures["Lượt phát hỏng hoặc chưa rõ"] == ["1", "0"]
    assert [row[1:3] for row in page.rows("Từng bản tin")] == [
        [town.code, "Lịch tiêm nhắc vắc-xin sởi"], [code, "Bản tin hỏng"],
    ]  # fmt: skip
    assert [row[0] for row in page.rows("Lượt phát cần xử lý")] == [code]
    assert dict(row[:2] for row in page.rows("Đang chờ người, tính tới lúc lập"))["Bài chờ xem xét"] == "1"


def test_an_empty_time_is_reported_in_zeros(desk: Desk, town: Town) -> None:
    for path in (
        "/desk/digests/day?on=2020-01-01",
        "/desk/recognition/?period=2020",
        "/desk/digests/week?on=2020-02-29",
    ):
        assert desk.get(path)
        assert desk.client.get(path.replace("?", "/file.pdf?").replace("//", "/")).status_code == 200
    page = Page(desk.get("/desk/digests/day?on=2020-01-01"))
    assert all(row[1:] == ["0", "0"] for row in page.rows("Đã phát và đã lan tỏa"))
    assert page.has("Không phát hành bản tin nào.")
    assert Page(desk.get("/desk/recognition/?period=2020")).has("Chưa đối tác nào đủ bài để xếp trong kỳ này.")
    for bad in ("on=hom-qua", "on=0001-01-01", "on=9999-12-31"):
        assert desk.client.get(f"/desk/digests/week?{bad}").status_code == 422
    assert desk.client.get("/desk/recognition/?period=quy-4").status_code == 422
    for gone in ("/desk/results/none", "/desk/partners/none/report", "/desk/bulletins/none/spread"):
        desk.get(gone, 404)


def test_the_ranking_is_by_proper_copies_and_says_its_rule(desk: Desk, town: Town) -> None:
    page = Page(desk.get(f"/desk/recognition/?period={PERIOD}"))
    (row,) = page.rows("Theo số bài đúng quy định")
    assert row[:4] == ["1", "Công ty Giỏi & Đều", str(LEAST_COPIES + 1), str(LEAST_COPIES + 3)]
    assert [values[0] for values in page.rows("Chưa được xếp")] == ["Công ty Ít Bài"]
    assert page.has("Lượt xem không được tính vào đây.")
    assert page.has(f"Chỉ xếp đối tác có từ {LEAST_COPIES} bài đã xác nhận trong kỳ")


def test_a_thank_you_letter_is_an_official_letter_with_the_partners_figures(desk: Desk, town: Town) -> None:
    answer = desk.client.get(f"/desk/recognition/letters/{town.good}.docx?period={PERIOD}")
    assert answer.status_code == 200
    document = Document(io.BytesIO(answer.data))
    head = [paragraph.text for row in document.tables[0].rows for cell in row.cells for paragraph in cell.paragraphs]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head
    assert "V/v cảm ơn đơn vị đăng lại bản tin tháng 11 năm 2026" in head
    assert any(line.startswith("Số:") and not any(map(str.isdigit, line)) for line in head)
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Kính gửi: Công ty Giỏi & Đều." in text
    assert f"có {LEAST_COPIES + 3} bài đăng lại được xác nhận, trong đó {LEAST_COPIES + 1} bài đăng đủ toàn văn" in text
    assert desk.client.get(f"/desk/recognition/letters/{town.few}.docx?period={PERIOD}").status_code == 404
    every = zipfile.ZipFile(io.BytesIO(desk.client.get(f"/desk/recognition/letters.zip?period={PERIOD}").data))
    assert every.namelist() == [f"cam-on-{town.good}-{PERIOD}.docx"]
    nobody = zipfile.ZipFile(io.BytesIO(desk.client.get("/desk/recognition/letters.zip?period=2020").data))
    assert nobody.namelist() == []
    desk.sign_in(Role.WRITER)
    assert desk.client.get(f"/desk/recognition/letters.zip?period={PERIOD}").status_code == 403


def test_every_page_is_a_file_too(desk: Desk, town: Town, tmp_path: Path) -> None:
    for path, form in files(town):
        answer = desk.client.get(path)
        assert answer.status_code == 200, path
        assert "attachment" in answer.headers["Content-Disposition"]
        if form == "xlsx":
            names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
            assert "xl/workbook.xml" in names
            # What a report draws over weeks is drawn in its workbook, too.
            assert ("xl/charts/chart1.xml" in names) == ("/report/" in path or "/results/" in path), path
        elif form == "csv":
            assert answer.data.startswith(b"\xef\xbb\xbf")
        elif which("pdftotext"):
            (tmp_path / "paper.pdf").write_bytes(answer.data)
            text = subprocess.run(
                ["pdftotext", "-layout", str(tmp_path / "paper.pdf"), "-"], capture_output=True, text=True, check=True
            ).stdout
            assert "giờ Việt Nam" in text, path
            if "report" in path or "recognition" in path:
                assert "Công ty Giỏi & Đều" in text


def test_a_spread_names_who_took_it_from_whom(desk: Desk, town: Town) -> None:
    html = desk.get(f"/desk/bulletins/{town.code}/spread")
    page = Page(html)
    rows = page.rows("Ai đăng, lúc nào")
    assert len(rows) == town.confirmed + 1
    assert sum("từ bản tin" in row for row in rows) == town.confirmed
    assert f"/desk/republications/{town.copy}" in html


def test_a_long_table_shows_its_first_rows_and_all_of_them_when_asked(
    desk: Desk, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ROWS_AT_FIRST", 5)
    path = f"/desk/partners/{town.good}/report?period={PERIOD}"
    many, caption = LEAST_COPIES + 3, "Từng bài được tính"
    page = Page(desk.get(path))
    assert len(page.rows(caption)) == 5
    assert page.has(f"5 dòng đầu của {many}.")
    whole = Page(desk.get(page.link(f"Hiện cả bảng {caption}")))
    assert len(whole.rows(caption)) == many
    assert whole.rows(caption)[:5] == page.rows(caption)
    assert not whole.has("Hiện cả bảng")
    assert not Page(desk.get("/desk/digests/day?on=2026-11-24")).has("Hiện cả bảng"), (
        "nothing is left out of a short table"
    )
    data = desk.client.get(path.replace("report?", "report/file.xlsx?")).data
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    every = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    listed = [row for row in every if str(row[-1]).startswith("http")]
    assert len(listed) == many


def test_the_letters_of_a_long_ranking_are_listed_in_part_and_all_of_them_when_asked(
    desk: Desk, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk.database.write() as session:
        other = factories.site(session, factories.company(session, "Công ty Giỏi Nữa"))
        bulletin = factories.published(session)
        for _ in range(LEAST_COPIES):
            make_republication(session, bulletin, other)
    monkeypatch.setattr(documents, "ROWS_AT_FIRST", 1)
    page = Page(desk.get(f"/desk/recognition/?period={PERIOD}"))
    assert page.has("1 đối tác đầu của 2; tệp ZIP có đủ.")
    assert not page.has("Thư Word Công ty Giỏi Nữa")
    whole = Page(desk.get(page.link("Hiện cả danh sách")))
    assert {"Thư Word Công ty Giỏi Nữa", "Thư Word Công ty Giỏi & Đều"} <= set(whole.words("a"))
    assert not whole.has("tệp ZIP có đủ")


def test_a_weeks_digest_warns_of_papers_that_end_soon(desk: Desk, town: Town) -> None:
    heading = "Sắp hết hiệu lực, tính tới lúc lập"
    page = Page(desk.get("/desk/digests/week?on=2026-11-24"))
    assert page.has("Không có giấy phép hay văn bản chấp thuận nào sắp hết hiệu lực.")
    with desk.database.write() as session:
        owner, last = find_company(session, town.good), NOW.date() + timedelta(days=20)
        add_agreement(session, "test", owner, "12/VB-TT", AgreementContent(starts_on=NOW.date(), ends_on=last), now=NOW)
    page = Page(desk.get("/desk/digests/week?on=2026-11-24"))
    (row,) = page.rows("Giấy phép và văn bản chấp thuận hết hiệu lực trong 60 ngày tới")
    assert row == ["14/12/2026", "Chấp thuận", "12/VB-TT", "Công ty Giỏi & Đều"]
    assert page.link("Công ty Giỏi & Đều") == f"/desk/partners/{town.good}"
    assert heading not in desk.get("/desk/digests/day?on=2026-11-24")


def test_every_figure_of_a_report_opens_as_many_rows_or_says_why_it_has_none(desk: Desk, town: Town) -> None:
    with desk.database.write() as session:
        channel = factories.channel(session, "feed")
        factories.published(session, title="Bản tin không tới")
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
        session.execute(sa.update(Delivery).where(Delivery.channel_id == channel.id).values(state=DeliveryState.DEAD))
    lists = ("/desk/republications", "/desk/deliveries", "/desk/bulletins?", "/desk/progress/", "/copies?")
    figures, lengths = 0, dict[str, str]()
    for path in (*pages(town), "/desk/digests/week?on=2026-11-24"):
        page = Page(desk.get(path))
        for table in page.tree.css("main table"):
            if table.css("thead th")[0].text(strip=True) != "Chỉ số":
                continue
            for row in table.css("tbody tr"):
                for cell in row.css("td"):
                    if re.search(r"[1-9]", cell.text()):
                        figures += 1
                        assert cell.css_first("a") or row.css_first("th .soft"), (path, row.text(strip=True))
        for link in page.tree.css("main td.n a"):
            href, text = link.attributes["href"] or "", link.text(strip=True).replace(".", "")
            if not text.isdecimal() or not any(part in href for part in lists) or "view=needs" in href:
                continue
            if href not in lengths:
                length = re.search(r" trong ([\d.]+)", desk.get(href))
                lengths[href] = length[1] if length else ""
            assert lengths[href] == text, (path, href)
    assert figures > 20
    assert len(lengths) > 20
