"""Personal data at the desk: what is held, its export, its erasure, and how long data is kept."""

import io
import json

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from campaigns.partners.directory import Company
from campaigns.people.personal_data.columns import ACTOR_COLUMNS, OWN_ROWS, KeptBecause
from campaigns.people.staff import Person, Role
from coordinator.jobs.people.personal_data import FIELD_LABELS, PART_LABELS, TABLE_LABELS, WHY_KEPT, table_label
from tests import factories
from tests.coordinator.web.desk.conftest import STAFF, Desk
from tests.coordinator.web.desk.core.test_admin import admin
from tests.coordinator.web.desk.page_reader import Page

__all__ = ["admin"]  # another module's fixture

PAGE = "/desk/admin/personal-data"
WHO = STAFF[Role.WRITER].id


def test_every_table_and_every_reason_has_words() -> None:
    used = {column.table for column in ACTOR_COLUMNS} | {own.table for own in OWN_ROWS}
    assert used | {"people", "editors", "journal", "companies"} == set(TABLE_LABELS)
    assert {column.actor for column in ACTOR_COLUMNS} == set(PART_LABELS)
    assert {name for own in OWN_ROWS for name in own.shown} <= set(FIELD_LABELS)
    assert set(WHY_KEPT) == set(KeptBecause)
    assert table_label("people")


def test_what_is_held_is_shown_taken_and_erased(admin: Desk) -> None:
    with admin.database.write() as session:
        factories.published(session, writer=STAFF[Role.WRITER])
    assert admin.statements(f"{PAGE}?who={WHO}") <= 60
    shown = Page(admin.get(f"{PAGE}?who={WHO}"))
    assert shown.heading == "Dữ liệu cá nhân"
    assert ["Phiên bản của bản tin", "1"] in shown.rows("Đang giữ")
    made = admin.post(f"{PAGE}/export", {"who": WHO, "form": "json"})
    assert made.headers["Cache-Control"] == "no-store"
    held = json.loads(made.text)
    assert held["who"] == WHO
    assert "revisions" in {act["table"] for act in held["acts"]}
    book = CalamineWorkbook.from_filelike(io.BytesIO(admin.post(f"{PAGE}/export", {"who": WHO, "form": "xlsx"}).data))
    assert {"Dữ liệu của người này", "Việc đã làm", "Nhật ký"} <= set(book.sheet_names)
    # Somebody who still signs in is not erased; nor is anybody without a reason.
    answer = admin.post(f"{PAGE}/erase", {"who": WHO, "reason": "công văn 12"})
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["who"])
    with admin.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WHO).values(active=False))
    answer = admin.post(f"{PAGE}/erase", {"who": WHO, "reason": ""})
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["reason"])
    done = admin.post(f"{PAGE}/erase", {"who": WHO, "reason": "công văn 12"})
    assert done.status_code == 200
    assert "erased-" in done.text
    assert "Còn giữ dưới tên cũ" in done.text
    assert WHO not in done.text
    with admin.database.read() as session:
        assert session.execute(sa.select(Person.id).where(Person.email == WHO)).first() is None
    # What is left is the journal's.
    left = json.loads(admin.post(f"{PAGE}/export", {"who": WHO, "form": "json"}).text)
    assert (left["rows"], left["acts"]) == ([], [])
    assert left["entries"]


def test_a_partners_contact_person_is_shown_and_erased(admin: Desk) -> None:
    with admin.database.write() as session:
        company = factories.company(session, "Công ty Nhịp Sông")
        company.contact = "Bà Lê Thị Mây, 0912 000 111"
        code = company.code
    assert "Người liên hệ của đối tác" in admin.get(f"{PAGE}?who=partner:{code}")
    assert "0912 000 111" in admin.post(f"{PAGE}/export", {"who": f"partner:{code}", "form": "json"}).text
    assert admin.post(f"{PAGE}/erase", {"who": f"partner:{code}", "reason": "yêu cầu"}).status_code == 200
    with admin.database.read() as session:
        assert session.execute(sa.select(Company.contact).where(Company.code == code)).scalar_one() == ""
        found = session.execute(sa.text("SELECT count(*) FROM search_documents WHERE body LIKE '%0912%'")).scalar_one()
        assert found == 0
    answer = admin.client.get(f"{PAGE}?who=partner:{code}")
    assert Page(answer.text).errors() == {"who": "Không giữ gì dưới tên này."}


@pytest.mark.parametrize("who", ["", "x", "partner:", "partner:khong-co", "case:khong-co", "khong@co.example", "a:b"])
def test_a_person_who_is_not_there_is_reported(admin: Desk, who: str) -> None:
    assert admin.post(f"{PAGE}/export", {"who": who}).status_code in {404, 422}
    assert admin.client.get(PAGE, query_string={"who": who}).status_code in {200, 404}


@pytest.mark.parametrize("role", [Role.WRITER, Role.APPROVER, Role.ANALYST])
def test_only_an_administrator_gets_there(desk: Desk, role: Role) -> None:
    desk.sign_in(role)
    assert desk.client.get(f"{PAGE}?who={WHO}").status_code == 403
    assert desk.post(f"{PAGE}/export", {"who": WHO}).status_code == 403
    assert desk.post(f"{PAGE}/erase", {"who": WHO, "reason": "x"}).status_code == 403
