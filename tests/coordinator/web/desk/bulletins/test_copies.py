"""The page of a bulletin's copies: the rows behind its figures."""

import csv

from campaigns.discovery.sightings import Page as SeenPage
from campaigns.people.staff import Role
from campaigns.republications import teasers
from coordinator.web.desk.bulletins import copies
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import TITLE, add_copy, bulletin_of, site_named
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

LIST = "https://nhipsong.example/tin-moi"


def announced(desk: Desk, *urls: str) -> str:
    """Publish a bulletin with one copy, announced on these pages too; returns its code."""
    with desk.database.write() as session:
        bulletin = bulletin_of(session)
        add_copy(session, bulletin)
        site = site_named(session, "Nhịp Sông", LIST)
        for url in urls:
            page = SeenPage(
                site_id=site.id, url=url, canonical_url=url, first_seen_at=NOW, checks=1, failures=0, error=""
            )
            session.add(page)
            session.flush()
            teasers.record_teaser(session, page, bulletin.id, TITLE, now=NOW)
        return bulletin.code


def test_the_figure_of_teasers_opens_the_pages_behind_it(desk: Desk) -> None:
    code = announced(desk, LIST)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/copies"))
    opens = page.tree.css_first(".facts a[href='#chi-tieu-de']")
    assert opens is not None
    assert opens.text() == "Chỉ tiêu đề và sapo"
    rows = page.tree.css("[aria-labelledby^=chi-tieu-de] tbody tr")
    assert len(rows) == 1
    assert [link.attributes["href"] for link in rows[0].css("a")] == [LIST]
    assert "Nhịp Sông" in rows[0].text()


def test_without_teasers_there_is_neither_a_list_nor_a_way_to_it(desk: Desk) -> None:
    code = announced(desk)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/copies"))
    assert not page.tree.css("#chi-tieu-de, [href='#chi-tieu-de']")


def test_a_long_list_of_teasers_says_how_many_it_leaves_out(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(copies, "TEASERS", 2)
    code = announced(desk, *(f"{LIST}/{number}" for number in range(3)))
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/copies"))
    assert page.has("2 trang thấy gần đây nhất trong 3 trang.")


def test_the_file_of_the_copies_has_the_rows_of_the_page_and_keeps_its_filter(desk: Desk) -> None:
    code = announced(desk)
    desk.sign_in(Role.ANALYST)
    answer = desk.client.get(f"/desk/bulletins/{code}/copies.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert f'filename="{code}-bai-lan-toa.csv"' in answer.headers["Content-Disposition"]
    head, *rows = csv.reader(answer.get_data(as_text=True).removeprefix("\ufeff").splitlines(), delimiter=",")
    assert head[:2] == ["Trang", "Đối tác"]
    (row,) = rows
    assert row[0] == "Nhịp Sông"
    link = Page(desk.get(f"/desk/bulletins/{code}/copies?life=gone")).tree.css_first("a[href*='copies.csv']")
    assert link is not None
    assert len(desk.get(link.attributes["href"]).splitlines()) == 1
