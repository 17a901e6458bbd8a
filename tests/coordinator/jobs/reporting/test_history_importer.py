"""Copies of history whose page still stands are fetched and proven like others, on their own day; the rest stays
reported."""

import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import parse_period
from campaigns.core.import_runs import ImportKind
from campaigns.reporting import tallies
from campaigns.reporting.history.columns import TABLES
from campaigns.reporting.history.reported import ReportedCopy, reported_figures, reported_rows
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.tables.workbooks import write_template
from coordinator.jobs.core.import_runs import ImportReport, import_file
from coordinator.jobs.core.import_undo import undo_import
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ADMIN

OLD = "https://cong-cu.example.vn/tin/tiem-soi"
SOURCE = f'<p>Theo <a href="{OLD}">Sở Thông tin thành phố</a></p>'
BULLETIN = {"day": "2025-08-14", "topic": "dich-benh", "title": TITLE, "url": OLD, "text": BODY}
Q3, Q4 = parse_period("2025-Q3"), parse_period("2025-Q4")


@pytest.fixture
def partner(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


def imported(scene: JobHarness, value: Any, name: str = "cu.json", **given: bool) -> ImportReport:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return import_file(scene.database, ImportKind.HISTORY, ADMIN.id, name, body, clock=scene.context.now, **given)


def copies(scene: JobHarness) -> Mapping[str, Republication]:
    """The checked copies by the end of their address."""
    with scene.database.read() as session:
        rows = session.execute(sa.select(Republication).order_by(Republication.id)).scalars().all()
        return {row.url.rpartition("/")[2]: row for row in rows}


def checked(scene: JobHarness) -> None:
    """Everything that is due within a day."""
    for _ in range(4):
        scene.later("page_check", hours=6)


def proven(scene: JobHarness, period: str) -> int:
    with scene.database.read() as session:
        return tallies.totals(session, TallyScope(parse_period(period), None)).confirmed


def test_a_page_that_still_stands_is_proven_on_its_own_day(scene: JobHarness, partner: ScriptedSite) -> None:
    own_day = datetime(2025, 10, 2, 3, tzinfo=UTC)
    partner.shows("/khong-ngay", page(TITLE, PARTS, source=SOURCE))
    partner.shows("/co-ngay", page(TITLE, PARTS, source=SOURCE, at=own_day))
    partner.shows("/ngay-la", page(TITLE, PARTS, source=SOURCE, at=datetime(2001, 1, 1, tzinfo=UTC)))
    days = {"khong-ngay": "2025-08-15", "co-ngay": "2025-08-15", "ngay-la": "2025-08-20"}
    second = {**BULLETIN, "url": f"{OLD}-2", "title": "Đội bóng nữ", "text": "\n".join(OTHER)}
    rows = [{"bulletin": OLD, "url": partner.url(f"/{path}"), "day": day} for path, day in days.items()]
    done = imported(scene, {"bulletins": [BULLETIN, second], "copies": rows})
    assert (done.outcome.counts["on_sites"], done.rejected) == (3, ())
    scene.drain("page_check")
    scene.later("page_check", minutes=1)
    found = copies(scene)
    statuses = sorted(row.status.value for row in found.values())
    assert statuses == ["confirmed", "duplicate", "duplicate"], "one bulletin on one site counts once"
    assert {path: row.counted_on for path, row in found.items()} == {
        "khong-ngay": date(2025, 8, 15),  # as reported
        "co-ngay": date(2025, 10, 2),  # as the page says
        "ngay-la": date(2025, 8, 20),  # a page cannot be older than the bulletin
    }
    with scene.database.read() as session:
        assert reported_rows(session).proven == 1
        reported = reported_figures(session, TallyScope(Q3, None))
        assert reported.republications == 3
    assert proven(scene, "2025-Q3") + proven(scene, "2025-Q4") == 1
    assert proven(scene, "2026-Q4") == 0, "nothing of it counts today"


def test_what_cannot_be_proven_stays_reported_and_waits_for_nobody(scene: JobHarness, partner: ScriptedSite) -> None:
    partner.shows("/khac", page("Chung kết", OTHER))
    partner.removes("/mat")
    partner.shows("/hong", "", "500 Internal Server Error")
    rows = [{"bulletin": OLD, "url": partner.url(path), "day": "2025-08-15"} for path in ("/khac", "/mat", "/hong")]
    rows.append({"bulletin": OLD, "url": "https://www.facebook.com/p/1", "day": "2025-08-16", "network": "Facebook"})
    imported(scene, {"bulletins": [BULLETIN], "copies": rows})
    scene.drain("page_check")
    checked(scene)
    for _ in range(6):
        scene.later("page_check", days=2)
    statuses = {path: row.status for path, row in copies(scene).items()}
    assert statuses == {
        "khac": RepublicationStatus.REJECTED, "mat": RepublicationStatus.REJECTED,
        "hong": RepublicationStatus.CANDIDATE,
    }  # fmt: skip
    with scene.database.read() as session:
        scope = TallyScope(Q3, None)
        assert reported_figures(session, scope).republications == 4
        assert tallies.totals(session, scope).confirmed == 0
        assert tallies.totals(session, scope).review == 0


def test_a_bulletin_without_its_text_is_known_by_its_address(scene: JobHarness, partner: ScriptedSite) -> None:
    partner.shows("/dan-link", page(TITLE, PARTS, source=SOURCE))
    partner.shows("/khong-link", page(TITLE, PARTS))
    bulletin = {name: value for name, value in BULLETIN.items() if name != "text"}
    rows = [{"bulletin": OLD, "url": partner.url(path), "day": "2025-08-15"} for path in ("/dan-link", "/khong-link")]
    imported(scene, {"bulletins": [bulletin], "copies": rows})
    scene.drain("page_check")
    found = copies(scene)
    assert found["dan-link"].status is RepublicationStatus.REVIEW
    assert found["dan-link"].reasons[0].startswith("reported_linked:")
    assert found["khong-link"].status is RepublicationStatus.CANDIDATE
    assert proven(scene, "2025-Q3") == 0


def test_thousands_of_old_pages_are_looked_at_one_after_the_other(scene: JobHarness, partner: ScriptedSite) -> None:
    rows = [{"bulletin": OLD, "url": partner.url(f"/b{number}"), "day": "2025-08-15"} for number in range(100)]
    imported(scene, {"bulletins": [BULLETIN], "copies": rows})
    with scene.database.read() as session:
        due = sorted(session.execute(sa.text("SELECT due_at FROM pages")).scalars())
        assert len(set(map(str, due))) > 50
        last = session.execute(sa.select(sa.func.count()).select_from(ReportedCopy)).scalar_one()
    assert last == 100


def test_a_proven_copy_survives_the_undoing_of_its_import(scene: JobHarness, partner: ScriptedSite) -> None:
    partner.shows("/con", page(TITLE, PARTS, source=SOURCE))
    other = {**BULLETIN, "url": f"{OLD}-2", "title": "Khác", "text": "\n".join(OTHER)}
    rows = [{"bulletin": OLD, "url": partner.url("/con"), "day": "2025-08-15"}]
    done = imported(scene, {"bulletins": [BULLETIN, other], "copies": rows})
    scene.drain("page_check")
    assert proven(scene, "2025-Q3") == 1
    with scene.database.write() as session:
        later = scene.context.now() + timedelta(seconds=1)
        undone = undo_import(session, ADMIN, ImportKind.HISTORY, done.run, now=later)
    assert (undone["bulletins"], undone["copies"], undone["kept"]) == (1, 1, 1)
    assert proven(scene, "2025-Q3") == 1, "the page carries the text, from whichever report it is known"
    with scene.database.read() as session:
        assert session.execute(sa.select(Bulletin.source_url)).scalars().all() == [OLD]


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]], merged: bool = False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if merged:
                sheet.merge_range(1, 0, 2, 0, rows[1][0])
    return out.getvalue()


HEAD = ["Ngày phát hành", "Chuyên đề", "Tiêu đề", "Địa chỉ bản tin"]


def test_the_filled_template_is_read_and_its_guide_is_not(scene: JobHarness) -> None:
    sheets = {table.title: [[column.heading for column in table.columns]] for table in TABLES}
    for table in TABLES:
        sheets[table.title].append([column.sample for column in table.columns])
    done = imported(scene, workbook(sheets), "mau.xlsx", dry_run=True)
    assert (done.file.rows, done.rejected) == (3, ()), "the samples of the template are a whole small import"
    with pytest.raises(UnreadableDocument) as refused:
        imported(scene, write_template(TABLES), "mau.xlsx")
    assert refused.value.code in {"no_rows", "no_columns"}


def test_a_merged_day_counts_for_each_of_its_rows_and_other_sheets_are_told(scene: JobHarness) -> None:
    rows = [HEAD, ["14/08/2025", "Dịch bệnh", "A", "https://cu.vn/1"], ["", "Dịch bệnh", "B", "https://cu.vn/2"]]
    done = imported(scene, workbook({"Bản tin": rows, "Ghi chú": [["x"]]}, merged=False), "a.xlsx")
    assert [row.code for row in done.rejected] == ["required"]
    done = imported(scene, workbook({"Bản tin": rows}, merged=True), "a.xlsx")
    assert (done.outcome.counts["bulletins"], done.rejected) == (2, ())


def _windows_letter(found: re.Match[str]) -> str:
    letter, *marks = unicodedata.normalize("NFD", found[0])
    tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
    shape = unicodedata.normalize("NFC", letter + "".join(mark for mark in marks if mark not in tones))
    return shape + "".join(tones)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_a_sheet_in_an_old_encoding_is_read(scene: JobHarness, encoding: str) -> None:
    head, row = "Kỳ;Chỉ tiêu;Số lượng", "Quý III/2025;Bản tin;330"
    body = f"{head}\n{row}\n"
    if encoding == "cp1258":  # as Windows writes it: a letter, and its tone as a sign of its own
        body = re.sub(r"\w", _windows_letter, body)
    done = imported(scene, body.encode(encoding), "tong.csv")
    assert (done.outcome.counts["totals"], done.rejected) == (1, ())


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.csv", b"A,B,C\nx,y,z\n", "no_columns"),
        ("a.csv", "Kỳ,Chỉ tiêu,Số lượng\n".encode(), "no_rows"),
        ("a.json", b'{"rows": []}', "json_lists"),
        ("a.json", b"[]", "no_rows"),
        ("a.json", b'{"bulletins": {}}', "json_shape"),
        ("a.json", b'{"copies": [1]}', "json_shape"),
        ("a.xls", b"\xd0\xcf", "old_format"),
        ("a.xlsx", b"PK\x03\x04", "damaged"),
    ],
)
def test_a_file_without_a_known_table_is_refused(scene: JobHarness, name: str, body: bytes, code: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        imported(scene, body, name)
    assert refused.value.code == code
