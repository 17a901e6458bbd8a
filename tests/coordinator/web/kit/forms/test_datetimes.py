"""Days in the addresses of lists, reports and pages of figures: an invalid one is reported, and no page fails."""

import pytest

from campaigns.people.staff import Role
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, add_copy, bulletin_of
from tests.coordinator.web.desk.page_reader import Page

LISTS = [
    "/desk/republications?status=all",
    "/desk/compliance?standing=all",
    "/desk/compliance/_cases?sort=-entered",
    "/desk/deliveries?view=all",
    "/desk/bulletins?sort=-edited",
    "/desk/search?q=tin",
    "/desk/admin/journal/?act=",
]


@pytest.fixture
def admin(desk: Desk) -> Desk:
    with desk.database.write() as session:
        add_copy(session, bulletin_of(session), Copy())
    desk.sign_in(Role.ADMIN)
    return desk


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("days", "box", "says"),
    [
        ("from=2026-12-31&to=2026-10-01", "to", "Ngày kết thúc phải sau ngày bắt đầu"),
        ("from=31/12/2026&to=1/10/2026", "to", "Ngày kết thúc phải sau ngày bắt đầu"),
        ("from=h%C3%B4m+qua", "from", "Nhập ngày theo mẫu 24/11/2026"),
        ("to=2026-02-30", "to", "Nhập ngày theo mẫu 24/11/2026"),
        ("to=9999-12-31", "to", "Năm phải từ 1900 đến 2199"),
        ("from=0001-01-01", "from", "Năm phải từ 1900 đến 2199"),
    ],
)
def test_days_of_a_list_that_cannot_be_meant_are_reported_at_their_box_and_stay_in_it(
    admin: Desk, path: str, days: str, box: str, says: str
) -> None:
    page = Page(admin.get(f"{path}&{days}", 422))
    assert page.words(f"#{box}-e") == [says]
    assert page.has("Danh sách bên dưới chưa lọc theo ngày.")
    assert page.value(box) in {"01/10/2026", "hôm qua", "2026-02-30", "31/12/9999", "01/01/0001"}
    assert len(page.tree.css("[aria-invalid=true]")) == 1


def test_a_list_is_as_if_no_days_were_asked_for_while_they_are_wrong(admin: Desk) -> None:
    """An empty result would be misleading for invalid days."""
    asked = "/desk/republications?status=all&from=2026-12-31&to=2026-10-01"
    assert len(Page(admin.get(asked, 422)).rows("Danh sách bài đăng lại")) == 1


@pytest.mark.parametrize("path", LISTS)
def test_a_day_may_be_written_as_people_write_it_and_one_day_is_a_span(admin: Desk, path: str) -> None:
    page = Page(admin.get(f"{path}&from=24/11/2026&to=24.11.2026"))
    assert (page.value("from"), page.value("to")) == ("24/11/2026", "24/11/2026")


def test_the_journals_sheet_is_not_made_of_days_that_cannot_be_meant(admin: Desk) -> None:
    asked = "from=2026-12-31&to=2026-10-01"
    refused = admin.client.get(f"/desk/admin/journal/download.xlsx?{asked}")
    assert (refused.status_code, refused.headers["Location"]) == (303, f"/desk/admin/journal/?{asked}")
    taken = admin.client.get("/desk/admin/journal/download.xlsx?from=01/10/2026")
    assert taken.data.startswith(b"PK")


def test_a_choice_is_kept_without_days_that_the_list_refused(admin: Desk) -> None:
    page = Page(admin.get("/desk/filters/?listed=copies&life=gone&from=2026-12-31&to=2026-10-01"))
    assert page.value("query") == "life=gone"


@pytest.mark.parametrize(
    "path",
    [
        "/desk/progress/?campaign=all&period={}",
        "/desk/progress/partner?campaign=all&period={}",
        "/desk/progress/download/partner.csv?campaign=all&period={}",
        "/desk/reports/file.docx?campaign=all&period={}",
        "/desk/recognition/?period={}",
    ],
)
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2026-12-31..2026-10-01", "Ngày kết thúc phải sau ngày bắt đầu"),
        ("quý 4", "Nhập kỳ theo mẫu 2026-Q4, 2026-11, 2026 hoặc 2026-10-01..2026-12-31"),
        ("9999", "Năm phải từ 1900 đến 2199"),
    ],
)
def test_a_period_that_is_none_is_reported_with_what_stands_there_and_a_way_on(
    admin: Desk, path: str, typed: str, says: str
) -> None:
    page = Page(admin.get(path.format(typed), 422))
    assert page.words("main li") == [f"period={typed} : {says}"]
    way = page.link("Mở lại, bỏ chỗ sai")
    assert way == path.partition("period")[0].rstrip("?&")
    assert admin.client.get(way).status_code == 200
