"""The journal at the desk: everything in words, taken home as a sheet, and changes told with what they replaced."""

import ast
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

import campaigns
import coordinator
from campaigns.core.journal import Entry
from campaigns.people.staff import Role
from coordinator.imports.workbook import read_workbook
from coordinator.web.desk import journal as journal_page
from coordinator.web.desk.journal_words import SUBJECTS
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.reading import Page


@pytest.fixture
def admin(desk: Desk) -> Desk:
    desk.sign_in(Role.ADMIN)
    return desk


def test_every_kind_of_thing_that_is_written_down_has_words() -> None:
    kinds = set()
    for package in (campaigns, coordinator):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "journal.record" and len(node.args) > 3:
                    kind = node.args[3]
                    assert isinstance(kind, ast.Constant), f"{path}:{node.lineno} is not told apart by a word"
                    kinds.add(kind.value)
    assert {"bulletin", "series", "hours"} <= kinds
    assert kinds - set(SUBJECTS) == set()


def test_what_the_filters_let_through_is_taken_home_as_a_sheet(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
        factories.company(session, "Phố Cổ")
    answer = admin.client.get("/desk/admin/journal/download.xlsx?kind=partner&subject=nhip")
    assert answer.headers["Content-Disposition"].endswith('filename="nhat-ky.xlsx"')
    sheets = [one for one in read_workbook(answer.data) if one.name == "Nhật ký"]
    text = "\n".join(" | ".join(row) for sheet in sheets for row in sheet.rows)
    assert "Thêm đối tác | Đối tác | nhip-song" in text
    assert "Tên: Nhịp Sông" in text
    assert "partner.added" in text
    assert "pho-co" not in text


def test_a_journal_too_long_for_a_sheet_is_told_and_not_cut(admin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_page, "MOST_TAKEN", 1)
    with admin.database.write() as session:
        factories.company(session, "Nhịp Sông")
        factories.company(session, "Phố Cổ")
    answer = admin.client.get("/desk/admin/journal/download.xlsx?kind=partner")
    assert answer.headers["Location"] == "/desk/admin/journal/?kind=partner"
    assert Page(admin.get(answer.headers["Location"])).has("Thu hẹp ngày hoặc việc rồi tải lại")


def test_a_change_of_the_department_is_written_down_with_what_stood_there_before(admin: Desk) -> None:
    form = {"name": "Sở A", "parent": "UBND", "place": "Hà Nội", "source_names": "", "not_us": ""}
    admin.post("/desk/admin/office/", form)
    admin.post("/desk/admin/office/", form | {"place": "Huế"})
    with admin.database.read() as session:
        last = session.execute(sa.select(Entry).where(Entry.act == "office.saved").order_by(Entry.seq.desc())).scalars()
        details = json.loads(next(iter(last)).details)
    assert (details["place"], details["before"]) == ("Huế", {"place": "Hà Nội"})
