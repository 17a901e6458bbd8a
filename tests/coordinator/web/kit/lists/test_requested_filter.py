"""Filters in the addresses of lists: what a page does not understand is an error that names it, never ignored."""

from urllib.parse import quote

import pytest

from campaigns.people.staff import Role
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, add_copy, bulletin_of
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal, portal

__all__ = ["portal"]

BULLETIN = "/desk/bulletins/BT-2026-11-24-001"


@pytest.fixture
def admin(desk: Desk) -> Desk:
    with desk.database.write() as session:
        add_copy(session, bulletin_of(session), Copy())
    desk.sign_in(Role.ADMIN)
    return desk


def refused(page: Page, path: str, wrong: str, expected: str) -> None:
    """Assert that a page names the wrong part of its address and what is expected, and leads to the page without it."""
    (item,) = page.words("main li")
    assert item.startswith(f"{wrong} : ")
    assert expected in item
    assert page.link("Mở lại, bỏ chỗ sai") == path
    assert not page.tree.css("table")


@pytest.mark.parametrize(
    ("path", "wrong", "expected"),
    [
        ("/desk/bulletins", "state=zz", "có: draft, submitted, approved, scheduled, published, recalled"),
        ("/desk/bulletins", "mine=yes", "có: 1"),
        ("/desk/bulletins", "topic=khong-co", "Không có mục nào mang mã này"),
        ("/desk/bulletins", "campaign=khong-co", "Không có mục nào mang mã này"),
        ("/desk/bulletins", "stat=draft", "có: q, state, topic, campaign, mine"),
        ("/desk/deliveries", "state=zz", "có: due, sending"),
        ("/desk/deliveries", "view=zz", "có: needs, all"),
        ("/desk/deliveries", "channel=khong-co", "Không có mục nào mang mã này"),
        ("/desk/deliveries", "bulletin=BT-2026-01-01-999", "Không có mục nào mang mã này"),
        ("/desk/republications", "status=zz", "có: candidate, review, confirmed, rejected"),
        ("/desk/republications", "life=zz", "có: live"),
        ("/desk/republications", "answered=0", "có: 1"),
        ("/desk/republications", "site=khong-co", "Không có mục nào mang mã này"),
        ("/desk/republications", "partner=khong-co", "Không có mục nào mang mã này"),
        ("/desk/republications/_review", "doubt=zz", "có: "),
        ("/desk/republications/_review", "status=review", "có: "),
        ("/desk/removals", "from=x", "có: all"),
        ("/desk/removals", "all=yes", "có: 1"),
        ("/desk/calendar", "month=2026-13", "có: view, from"),
        ("/desk/calendar", "from=2026-13-01", "Nhập ngày"),
        ("/desk/calendar", "from=2026-02-30", "Nhập ngày"),
        ("/desk/calendar", "from=9999-12-31", "Năm phải từ 1900 đến 2199"),
        ("/desk/calendar", "view=year", "có: month, week, day"),
        ("/desk/calendar/continuity", "year=19", "2021–2060"),
        ("/desk/calendar/continuity", "series=zz", "có: "),
        ("/desk/digests/day", "on=2026-13-01", "Nhập ngày"),
        ("/desk/digests/day", "day=2026-13-01", "có: on"),
        ("/desk/digests/week", "date=hom-qua", "có: on"),
        ("/desk/channels/", "state=zz", "có: active, paused"),
        ("/desk/channels/", "kind=zz", "có: "),
        ("/desk/compliance", "standing=zz", "có: proposed"),
        ("/desk/compliance", "rule=X99", "Không có mục nào mang mã này"),
        ("/desk/compliance/_sites", "site=zz", "có: q"),
        ("/desk/partners/", "licence=zz", "có: valid, ending, ended, none"),
        ("/desk/partners/_agreements/_all", "scans=zz", "có: none, some"),
        ("/desk/questions", "state=zz", "có: open"),
        ("/desk/search", "kind=zz", "có: "),
        ("/desk/search", "state=zz", "draft"),
        ("/desk/search", "state=zz", "candidate"),
        ("/desk/recognition/", "quarter=2026-Q4", "có: period, whole"),
        ("/desk/admin/journal/", "act=zz", "có: "),
        ("/desk/admin/keys/", "ended=yes", "có: 1"),
        (f"{BULLETIN}/copies", "status=zz", "có: candidate"),
        (f"{BULLETIN}/copies", "text=zz", "có: old, current"),
        (f"{BULLETIN}/copies.csv", "status=zz", "có: candidate"),
    ],
)
def test_a_filter_that_is_not_understood_is_named_with_what_is_expected(
    admin: Desk, path: str, wrong: str, expected: str
) -> None:
    refused(Page(admin.get(f"{path}?{wrong}", 422)), path, wrong, expected)


def test_every_wrong_part_is_named_and_the_valid_ones_stay(admin: Desk) -> None:
    page = Page(admin.get("/desk/bulletins?state=zz&mine=1&month=11&topic=&page=1&sort=code", 422))
    assert [item.partition(" : ")[0] for item in page.words("main li")] == ["state=zz", "month=11"]
    assert page.link("Mở lại, bỏ chỗ sai") == "/desk/bulletins?mine=1&sort=code"


@pytest.mark.parametrize(
    "path",
    ["/desk/republications?", "/desk/bulletins?state=zz&", "/desk/progress/?period=zz&", "/desk/digests/day?on=zz&"],
)
def test_names_that_a_router_would_take_as_arguments_are_names_like_any_other(admin: Desk, path: str) -> None:
    page = Page(admin.get(f"{path}_scheme=x&endpoint=y&_anchor=z&ident=t&_external=1&code=q", 422))
    assert page.link("Mở lại, bỏ chỗ sai").startswith(path.partition("?")[0])


@pytest.mark.parametrize("text", ["<script>", "é" * 300, "a b\tc", "%", "'; drop"])
def test_odd_texts_are_shown_as_text(admin: Desk, text: str) -> None:
    page = Page(admin.get(f"/desk/deliveries?state={quote(text)}&{quote(text)}=1", 422))
    assert not page.tree.css("main script")
    assert len(page.words("main li")) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/desk/bulletins?q=&state=&topic=&campaign=&mine=",
        "/desk/bulletins?lang=en&page=2&sort=-code",
        "/desk/republications?status=all",
        "/desk/compliance?standing=all",
        "/desk/questions?state=all",
        "/desk/search?q=tin&state=confirmed",
        "/desk/search?q=tin&state=draft",
        "/desk/calendar?view=day&from=1900-01-01",
        "/desk/calendar?view=month&from=2199-12-31",
        "/desk/calendar/continuity?year=2026",
        "/desk/digests/week?on=2026-11-24",
        "/desk/removals?all=1",
        "/desk/admin/keys/?ended=1",
    ],
)
def test_what_the_pages_themselves_link_to_is_understood(admin: Desk, path: str) -> None:
    admin.get(path)


def test_a_nul_in_an_address_or_a_form_is_named_by_its_field(admin: Desk) -> None:
    page = Page(admin.get("/desk/bulletins?q=a%00b", 400))
    assert page.words("main li") == ["q=a␀b : Có ký tự rỗng (NUL), thường do sao chép từ tệp hỏng; xóa rồi gõ lại"]
    answer = admin.post("/desk/calendar/keys", {"name": "a\0b"})
    assert answer.status_code == 400
    assert Page(answer.text).words("main li")[0].startswith("name : Có ký tự rỗng")
    key = admin.client.get("/api/v1/bulletins?q=%00", headers={"Authorization": "Bearer x"})
    assert [error["field"] for error in key.get_json()["errors"]] == ["q"]


def test_too_large_a_form_is_described_without_a_file(admin: Desk) -> None:
    answer = admin.client.post("/login", data={"email": "a" * 3_000_000})
    assert answer.status_code == 413
    page = Page(answer.text)
    assert page.heading == "Nội dung gửi lên quá lớn"
    assert "bớt chữ" in page.words("main p")[0]


@pytest.mark.parametrize(
    ("path", "wrong", "expected"),
    [
        ("/copies", "status=zz", "có: candidate"),
        ("/copies", "doubt=many_paths", "có: status, mend"),
        ("/bulletins", "topic=khong-co", "có: "),
        ("/bulletins", "state=draft", "có: q, topic"),
    ],
)
def test_a_partners_list_is_as_strict(portal: Portal, path: str, wrong: str, expected: str) -> None:
    portal.enter()
    refused(portal.page(f"{path}?{wrong}", 422), f"/portal{path}", wrong, expected)
