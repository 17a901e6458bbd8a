"""The list of sites at the desk: which have no source, one button that searches all of them, and its progress."""

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import sync_sources
from campaigns.discovery.surveys import OfferedSource, Survey
from campaigns.people.staff import Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

LIST = "/desk/partners/_sites"
TABLE = "Các trang"


@pytest.fixture
def sites(desk: Desk) -> list[int]:
    """Three sites without a source and one with a feed; an administrator signed in."""
    desk.sign_in(Role.ADMIN)
    with desk.database.write() as session:
        bare = [factories.site(session, url=f"https://moi{number}.example/") for number in range(3)]
        fed = factories.site(session, url="https://cu.example/", feeds=["https://cu.example/rss"])
        sync_sources(session, fed, now=desk.office.now())
        return [site.id for site in bare]


def settle(desk: Desk, site: int, *offers: OfferedSource, error: str = "") -> None:
    with desk.database.write() as session:
        row = session.execute(sa.select(Survey).where(Survey.site_id == site)).scalar_one()
        row.fence += 1
        session.flush()
        surveys.settle_survey(session, ledger.Claim(row.id, row.fence, 1, False), offers, error, now=desk.office.now())


def test_sites_without_a_source_are_counted_and_filtered(desk: Desk, sites: list[int]) -> None:
    assert Page(desk.get(LIST)).rows(TABLE)
    assert len(Page(desk.get(f"{LIST}?sources=none")).rows(TABLE)) == len(sites)
    (only,) = Page(desk.get(f"{LIST}?sources=watched")).rows(TABLE)
    assert "cu.example" in only[0]
    assert len(Page(desk.get(f"{LIST}?q=moi1")).rows(TABLE)) == 1
    assert "Trang chưa có nguồn" in desk.get("/desk/partners/")
    assert desk.client.get(f"{LIST}?sources=zz").status_code == 422
    assert desk.client.get(f"{LIST}?partner=khong-co").status_code == 422


def test_one_button_searches_them_all_and_the_page_shows_how_far_it_is(desk: Desk, sites: list[int]) -> None:
    assert "Tìm nguồn của 3 trang" in desk.get(LIST)
    assert desk.post(f"{LIST}/_find").status_code == 303
    assert "source_discovery" in desk.runner.kinds
    settle(desk, sites[0], OfferedSource("feed", "https://moi0.example/rss", "", 9, "", "page"))
    html = desk.get(f"{LIST}?sources=none")
    assert "Đã tìm ở 1 trong 3 trang; 1 trang đã có nguồn." in html
    assert "Tìm nguồn của" not in html, "the button comes back when it is over"
    part = desk.client.get(LIST, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part.headers
    assert "<html" not in part.text
    for site in sites[1:]:
        settle(desk, site, error="moi answered 500")
    assert desk.client.get(LIST, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    html = desk.get(f"{LIST}?sources=not_found")
    assert len(Page(html).rows(TABLE)) == 2
    assert "moi answered 500" in html
    assert "1 trang có nguồn, 2 trang không thấy nguồn nào" in html
    assert "Tìm nguồn của 2 trang" in html


def test_pressing_it_with_nothing_to_search_says_so(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    assert desk.post(f"{LIST}/_find").status_code == 303
    assert "Trang nào cũng đã có nguồn." in desk.get(LIST)


def test_others_read_the_list_and_start_nothing(desk: Desk, sites: list[int]) -> None:
    for role in (Role.WRITER, Role.APPROVER, Role.ANALYST):
        desk.sign_in(role)
        assert "_find" not in desk.get(LIST)
        assert desk.post(f"{LIST}/_find").status_code == 403
    assert sites


def test_names_of_sites_are_text(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    with desk.database.write() as session:
        site = factories.site(session, url="https://la.example/")
        site.name = "<b>Lạ</b>"
    assert "<b>Lạ</b>" not in desk.get(LIST)
    assert desk.client.get(f"{LIST}?q=%3Cb").status_code == 200
