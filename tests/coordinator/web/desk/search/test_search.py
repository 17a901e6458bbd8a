"""The search: its results, its filters, and its suggestions; no query breaks it."""

from datetime import date

import pytest

from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.staff import Role
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ADMIN, NOW

HX = {"HX-Request": "true"}


def titles(page: Page, kind: str) -> list[str]:
    # Marked words are elements of their own, without a space around them in the name.
    return [node.text().strip() for node in page.tree.css(f"[aria-labelledby=tim-{kind}] .items a.strong")]


def a_city(desk: Desk) -> str:
    """Add one object of each kind that mentions Hòa Bình; returns the code of the bulletin."""
    with desk.database.write() as session:
        bulletin = factories.published(session, title="Lịch tiêm ở Hòa Bình", body="Trạm y tế phường Hoà Bình mở cửa.")
        company = factories.company(session, "Công ty Hoà Bình")
        site = factories.site(session, company, "https://hoa-binh.example/")
        make_republication(session, bulletin, site).headline = "Tiêm chủng ở Hòa Bình"
        add_licence(
            session,
            ADMIN.id,
            company,
            "123/GP-STTTT",
            LicenceContent(
                kind=SiteKind.AGGREGATOR, issuer="Sở Hòa Bình", issued_on=date(2026, 1, 1), domains=["hoa-binh.example"]
            ),
            now=NOW,
        )
        return bulletin.code


@pytest.mark.parametrize("typed", ["hòa bình", "hoà bình", "HOA BINH", "hoa-binh", "bình hòa", "hoa bi"])
def test_everything_is_found_with_marks_or_without(desk: Desk, typed: str) -> None:
    code = a_city(desk)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/search?q={typed}"))
    assert titles(page, "bulletin") == ["Lịch tiêm ở Hòa Bình"]
    assert page.link("Lịch tiêm ở Hòa Bình") == f"/desk/bulletins/{code}"
    assert titles(page, "copy") == ["Tiêm chủng ở Hòa Bình"]
    assert titles(page, "site") == ["https://hoa-binh.example/"]
    assert titles(page, "company") == ["Công ty Hoà Bình"]
    assert titles(page, "licence") == ["123/GP-STTTT"]


def test_the_words_asked_for_are_marked_in_name_and_text(desk: Desk) -> None:
    a_city(desk)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/search?q=phường hoà"))
    assert page.words("[aria-labelledby=tim-bulletin] a.strong mark") == ["Hòa"]
    assert page.words("[aria-labelledby=tim-bulletin] .snippet mark") == ["phường", "Hoà"]


def test_a_whole_code_leads_to_its_bulletin(desk: Desk) -> None:
    code = a_city(desk)
    desk.sign_in(Role.ANALYST)
    answer = desk.client.get(f"/desk/search?q={code.lower()}")
    assert (answer.status_code, answer.location) == (303, f"/desk/bulletins/{code}")


def test_a_licences_number_and_a_host_are_found(desk: Desk) -> None:
    a_city(desk)
    desk.sign_in(Role.ANALYST)
    assert titles(Page(desk.get("/desk/search?q=123/gp")), "licence") == ["123/GP-STTTT"]
    assert titles(Page(desk.get("/desk/search?q=hoa-binh.example")), "site") == ["https://hoa-binh.example/"]


def test_filters_leave_out_what_they_cannot_apply_to_and_say_so(desk: Desk) -> None:
    a_city(desk)
    with desk.database.write() as session:
        factories.draft(session, title="Nháp Hòa Bình", topic="kinh-te-xa-hoi")
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/search?q=hoa+binh&state=draft"))
    assert titles(page, "bulletin") == ["Nháp Hòa Bình"]
    assert titles(page, "site") == []
    assert page.has("không áp dụng được cho: Bài đăng lại, Trang, Đối tác, Giấy phép")
    page = Page(desk.get("/desk/search?q=hoa+binh&topic=dich-benh&from=2026-11-24&to=2026-11-24"))
    assert titles(page, "bulletin") == ["Lịch tiêm ở Hòa Bình"]
    assert titles(page, "copy") == ["Tiêm chủng ở Hòa Bình"]
    page = Page(desk.get("/desk/search?q=hoa+binh&partner=cong-ty-hoa-binh"))
    assert [titles(page, kind) for kind in ("bulletin", "copy", "site")] == [
        [], ["Tiêm chủng ở Hòa Bình"], ["https://hoa-binh.example/"],
    ]  # fmt: skip


def test_one_kind_is_read_page_by_page(desk: Desk) -> None:
    with desk.database.write() as session:
        for number in range(45):
            factories.company(session, f"Công ty Sởi {number}")
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/search?q=soi"))
    assert len(titles(page, "company")) == 5
    assert page.has("Xem tất cả 45 kết quả")
    page = Page(desk.get("/desk/search?q=soi&kind=company&page=3"))
    assert titles(page, "company") == [f"Công ty Sởi {number}" for number in (4, 3, 2, 1, 0)]
    assert page.has("41–45 trong 45")
    assert Page(desk.get("/desk/search?q=soi&kind=company&page=99")).has("Không còn kết quả nào")


@pytest.mark.parametrize(
    "typed",
    ["", "   ", '"', "!!!", "a' OR '1'='1", "NOT AND OR NEAR(", "*", "exact_head:x", "x" * 10_000, "%00", "🙂🙂",
     "<script>alert(1)</script>"],
)  # fmt: skip
def test_nothing_typed_breaks_it(desk: Desk, typed: str) -> None:
    a_city(desk)
    desk.sign_in(Role.ANALYST)
    # An invalid day is reported; words are never invalid.
    for path, days, status in (
        ("/desk/search", {}, 200), ("/desk/search", {"from": "x"}, 422), ("/desk/search/quick", {"from": "x"}, 200),
    ):  # fmt: skip
        answer = desk.client.get(path, query_string={"q": typed, "page": "-1", **days}, headers=HX)
        assert answer.status_code == status
        assert "<script>alert" not in answer.text


def test_a_few_are_offered_while_typing_and_the_same_address_as_a_page_is_the_results(desk: Desk) -> None:
    a_city(desk)
    desk.sign_in(Role.ANALYST)
    answer = desk.client.get("/desk/search/quick?q=hoa bi", headers=HX)
    assert "HX-Request" in answer.headers["Vary"]
    offered = Page(answer.text)
    assert offered.words("h2") == ["Bản tin", "Bài đăng lại", "Trang", "Đối tác", "Giấy phép"]
    assert offered.link("Xem mọi kết quả") == "/desk/search?q=hoa+bi"
    assert desk.client.get("/desk/search/quick?q=hoa").location == "/desk/search?q=hoa"
    assert desk.client.get("/desk/search/quick?q=!", headers=HX).text.strip() == ""


def test_the_number_of_statements_does_not_grow_with_what_is_found(desk: Desk) -> None:
    a_city(desk)
    desk.sign_in(Role.ANALYST)
    few = desk.statements("/desk/search?q=hoa binh")
    with desk.database.write() as session:
        company = factories.company(session, "Công ty Hòa Bình hai")
        for number in range(30):
            bulletin = factories.published(session, title=f"Hòa Bình {number}")
            make_republication(
                session, bulletin, factories.site(session, company, f"https://hoa-binh-{number}.example/")
            )
    assert desk.statements("/desk/search?q=hoa binh") == few


def test_the_search_box_stands_on_every_page_of_the_desk(desk: Desk) -> None:
    a_city(desk)
    desk.sign_in(Role.ADMIN)
    for path in ("/desk", "/desk/bulletins", "/desk/admin/", "/desk/search?q=x"):
        (form,) = Page(desk.get(path)).tree.css("form.find")
        assert form.attributes["action"] == "/desk/search"
