"""Initial set-up: an empty installation redirects to it, once."""

import pytest
import sqlalchemy as sa

from campaigns.people.office import current_office
from campaigns.people.staff import Person, Role
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

FILLED = {
    "office": "Sở Thông tin thành phố",
    "parent": "Ủy ban nhân dân thành phố",
    "place": "Hà Nội",
    "source_names": "Sở TT thành phố; Cổng thông tin\nTrang tin Sở",
    "name": "Tiến Dũng",
    "email": "dung@so.example",
    "password": "một câu dễ nhớ",
    "again": "một câu dễ nhớ",
}


@pytest.fixture
def empty(desk: Desk) -> Desk:
    """An installation without accounts."""
    with desk.database.write() as session:
        session.execute(sa.delete(Person))
    return desk


def test_every_page_leads_to_set_up_while_there_is_nobody(empty: Desk) -> None:
    for path in ("/desk", "/desk/bulletins", "/desk/calendar", "/desk/account"):
        answer = empty.client.get(path)
        assert (answer.status_code, answer.location) == (302, "/setup")
    page = Page(empty.get("/setup"))
    assert page.heading == "Thiết lập lần đầu"
    assert not page.has("setup.code")


def test_the_form_makes_the_office_and_its_administrator_and_signs_in(empty: Desk) -> None:
    answer = empty.post("/setup", FILLED)
    assert (answer.status_code, answer.location) == (302, "/desk")
    with empty.database.read() as session:
        (person,) = session.execute(sa.select(Person)).scalars()
        office = current_office(session)
    assert (person.email, person.name, person.role) == ("dung@so.example", "Tiến Dũng", Role.ADMIN)
    assert person.password != FILLED["password"]
    assert office.source_names == [FILLED["office"], "Sở TT thành phố", "Cổng thông tin", "Trang tin Sở"]
    assert Page(empty.get("/desk")).heading == "Ngày đầu tiên"


def test_what_is_missing_is_reported_at_its_field_and_nothing_typed_is_lost(empty: Desk) -> None:
    answer = empty.post("/setup", FILLED | {"office": "", "email": "ai đó", "again": "khác"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {
        "office": "Mục này không được để trống",
        "email": "Nhập một địa chỉ thư điện tử đúng",
        "again": "Hai lần gõ mật khẩu chưa giống nhau",
    }
    assert page.value("name") == "Tiến Dũng"
    assert page.value("password") == ""
    answer = empty.post("/setup", FILLED | {"email": "ai đó"})
    assert Page(answer.text).errors() == {"email": "Nhập một địa chỉ thư điện tử đúng"}
    answer = empty.post("/setup", FILLED | {"password": "ngắn", "again": "ngắn"})
    assert Page(answer.text).errors() == {"password": "Mật khẩu cần ít nhất 10 ký tự"}
    answer = empty.post("/setup", FILLED | {"office": "Đ" * 301, "parent": "Đ" * 301, "place": "Đ" * 121})
    assert Page(answer.text).errors() == dict.fromkeys(("office", "parent", "place"), "Mục này quá dài")
    with empty.database.read() as session:
        assert session.execute(sa.select(Person)).first() is None


def test_a_visitor_from_elsewhere_proves_access_to_the_machine(empty: Desk) -> None:
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.5"}}
    page = Page(empty.client.get("/setup", **far).text)
    assert page.has("setup.code")
    answer = empty.post("/setup", FILLED | {"code": "doan bua"}, **far)
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {"code": "Mã này không đúng với mã trong thư mục dữ liệu"}
    code = (empty.app_context.settings.data_dir / "setup.code").read_text()
    assert empty.post("/setup", FILLED | {"code": code}, **far).status_code == 302
    assert not (empty.app_context.settings.data_dir / "setup.code").exists()


def test_an_emptied_code_lets_nobody_in(empty: Desk) -> None:
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.5"}}
    empty.app_context.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (empty.app_context.settings.data_dir / "setup.code").write_text("")
    assert empty.post("/setup", FILLED | {"code": ""}, **far).status_code == 500
    with empty.database.read() as session:
        assert session.execute(sa.select(Person)).first() is None


def test_once_there_is_somebody_set_up_leads_to_sign_in(desk: Desk) -> None:
    assert desk.client.get("/setup").location == "/login"
    assert desk.post("/setup", FILLED).location == "/login"
