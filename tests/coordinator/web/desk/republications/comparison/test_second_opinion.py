"""A second opinion on a kept page: the same rules over the text that another program read, shown and never stored."""

import pytest
import sqlalchemy as sa

from campaigns.people.staff import Role
from campaigns.republications.republications import Evidence, Republication
from coordinator.web.desk.republications.comparison import second_opinion
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import PARTS, THEIR_TITLE, Copy, copy_in

MENU = "".join(f"<li><a href='/muc-{number}'>Chuyên mục số {number} của trang</a></li>" for number in range(20))
BODY = f"""<html lang="vi"><head><title>{THEIR_TITLE} - Nhịp Sông</title></head><body><nav><ul>{MENU}</ul></nav>
<article><h1>{THEIR_TITLE}</h1>{"".join(f"<p>{part}</p>" for part in PARTS)}
<p class="source">Theo <a href="http://localhost:8800/">Sở Thông tin thành phố</a></p></article></body></html>"""


def kept(desk: Desk, body: str = BODY) -> str:
    _, key = desk.office.store.keep(body.encode())
    (ident,) = copy_in(desk, Copy(body_key=key))
    desk.sign_in(Role.ANALYST)
    return ident


def test_both_readings_stand_in_one_table_and_nothing_is_written(desk: Desk) -> None:
    ident = kept(desk)
    with desk.database.read() as session:
        before = session.execute(sa.select(sa.func.count()).select_from(Evidence)).scalar_one()
    assert f"/desk/republications/{ident}/_second" in desk.get(f"/desk/republications/{ident}")
    page = desk.get(f"/desk/republications/{ident}/_second")
    assert "trafilatura" in page
    assert "Toàn văn" in page
    assert PARTS[2] in page
    with desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Evidence)).scalar_one() == before
        assert session.execute(sa.select(Republication)).scalar_one().status.value == "review"


def test_a_page_without_our_text_is_reported_as_no_match_and_as_another_opinion(desk: Desk) -> None:
    page = desk.get(f"/desk/republications/{kept(desk, '<html><body><p>Không có gì.</p></body></html>')}/_second")
    assert "Không khớp" in page
    assert "Hai cách đọc khác nhau" in page


def test_without_the_program_the_page_says_how_to_install_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "is_installed", lambda: False)
    assert "lantoa[second-opinion]" in desk.get(f"/desk/republications/{kept(desk)}/_second")


def test_the_page_of_a_kept_copy_leads_to_its_second_opinion(desk: Desk) -> None:
    ident = kept(desk)
    assert f'href="/desk/republications/{ident}/_second"' in desk.get(f"/desk/republications/{ident}")


def test_what_was_never_kept_has_no_second_opinion(desk: Desk) -> None:
    (ident,) = copy_in(desk)
    desk.sign_in(Role.ANALYST)
    desk.get(f"/desk/republications/{ident}/_second", 404)


def test_a_page_missing_from_the_store_is_reported(desk: Desk) -> None:
    (ident,) = copy_in(desk, Copy(body_key="ab/abcd.gz"))
    desk.sign_in(Role.ANALYST)
    assert "không đọc được nữa" in desk.get(f"/desk/republications/{ident}/_second")
