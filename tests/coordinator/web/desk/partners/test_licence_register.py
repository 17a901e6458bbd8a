"""The page of licences: every figure opens exactly its rows, on the page and as CSV."""

import csv
import io
from datetime import date, timedelta

import pytest

from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import find_licence
from campaigns.people.staff import Role
from tests import factories
from tests.campaigns.partners.test_register_figures import licence, renew
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

PATH = "/desk/licences?period=2026-Q4"


@pytest.fixture
def kept(desk: Desk) -> Desk:
    """A register with licences of every figure."""
    with desk.database.write() as session:
        red_river, tree = factories.company(session, "Sông Hồng"), factories.company(session, "Anh Đào")
        licence(session, red_river)
        licence(session, red_river, issued_on=date(2026, 10, 2), expires_on=date(2026, 12, 20))
        licence(session, red_river, kind=SiteKind.SOCIAL, expires_on=date(2026, 10, 10))
        licence(session, tree, withdrawn_on=date(2026, 11, 3))
        renew(session, licence(session, tree, expires_on=date(2026, 12, 1)), date(2031, 1, 1))
        for _ in range(60):
            licence(session, tree, kind=SiteKind.SOCIAL)
    desk.sign_in(Role.WRITER)
    return desk


def test_every_figure_opens_as_many_rows_as_it_says(kept: Desk) -> None:
    page = Page(kept.get(PATH))
    rows = {row[0]: row[1:] for row in page.rows("Số liệu trong kỳ")}
    assert rows["Trang thông tin điện tử tổng hợp"] == ["3", "1", "1", "0", "1", "3", "2", "1"]
    assert rows["Mạng xã hội"] == ["61", "0", "0", "1", "0", "60", "1", "0"]
    links = [(node.text(strip=True), node.attributes["href"]) for node in page.tree.css("a.figure")]
    assert len(links) == 11
    for count, href in links:
        opened = Page(kept.get(href))
        total = opened.tree.css_first("#so-dong")
        if total is not None:  # companies
            assert total.text(strip=True) == count
        else:
            assert opened.has(f"{count} giấy phép"), href
            assert len(opened.rows("Danh sách giấy phép")) == min(int(count), 50)


def test_the_list_is_searched_ordered_and_taken_as_csv(kept: Desk) -> None:
    found = Page(kept.get(f"{PATH}&q=song+hong&sort=-issued")).rows("Danh sách giấy phép")
    assert [row[3] for row in found] == ["02/10/2026", "01/01/2024", "01/01/2024"]
    withdrawn = Page(kept.get(f"{PATH}&figure=withdrawn")).rows("Danh sách giấy phép")
    assert "thu hồi từ 03/11/2026" in withdrawn[0][4]
    assert "Quyết định 12/QĐ-STTTT" in withdrawn[0][4]
    body = kept.client.get("/desk/licences/file.csv?period=2026-Q4&kind=social").data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(body)))
    assert len(lines) == 61
    assert {line["Loại giấy phép"] for line in lines} == {"Mạng xã hội"}


def test_what_the_page_does_not_understand_is_an_error(kept: Desk) -> None:
    for query in ("period=2026-Q7", "figure=all", "partner=khong-co", "loai=social"):
        assert kept.client.get(f"/desk/licences?{query}").status_code == 422, query


def test_a_licence_is_withdrawn_on_its_form(kept: Desk) -> None:
    kept.sign_in(Role.ADMIN)
    with kept.database.write() as session:
        row = licence(session, factories.company(session), expires_on=date(2030, 1, 1))
        number = row.number
    address = f"/desk/partners/_licences?number={number}"
    page = Page(kept.get(address))
    typed = {name: page.value(name) for name in ("issuer", "issued_on", "expires_on", "domains", "scope")}
    typed |= {"kind": "aggregator", "withdrawn_on": "2026-11-20"}
    refused = kept.post(address, typed)
    assert refused.status_code == 422
    assert Page(refused.text).errors() == {"withdrawal": "Mục này không được để trống"}
    answer = kept.post(address, {**typed, "withdrawal": "Quyết định 30/QĐ"})
    assert answer.status_code == 303, answer.text
    with kept.database.read() as session:
        assert find_licence(session, number).last_day == date(2026, 11, 20) - timedelta(days=1)
        company = find_licence(session, number).company.code
    assert Page(kept.get(PATH + "&figure=withdrawn")).has("Quyết định 30/QĐ")
    assert "thu hồi từ 20/11/2026 theo Quyết định 30/QĐ" in kept.get(f"/desk/partners/{company}")
