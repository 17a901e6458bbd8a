"""One company under two names, at the desk: proposed, compared, merged, or marked as distinct."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.partners.directory import Company, CompanyContent, change_company, find_company
from campaigns.partners.similar_partners import NotDuplicates
from campaigns.people.staff import Role
from coordinator.web.desk.partners.merge import MOST_NAMES
from coordinator.web.kit.forms.autocomplete import FIRST_OFFERS
from tests import factories
from tests.campaigns.partners.test_partner_merge import DROPPED, KEPT
from tests.campaigns.partners.two_companies import FIRST, SECOND, laden
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

MERGE = f"/desk/partners/{KEPT}/merge"


@pytest.fixture
def two(desk: Desk) -> Desk:
    """A desk whose directory has one company twice, and a different one."""
    with desk.database.write() as session:
        laden(session)
        factories.company(session, "Sao Mai")
    desk.sign_in(Role.ADMIN)
    return desk


def form(desk: Desk, **more: str) -> dict[str, str]:
    """Return the values of the page's form as opened."""
    page = Page(desk.get(f"{MERGE}?other={DROPPED}"))
    seen = page.tree.css_first('input[name="seen"]').attributes["value"] or ""
    return {"other": DROPPED, "seen": seen, "keep": KEPT, "name": KEPT, "tax_code": KEPT, **more}


def change(session: Session, code: str, **fields: Any) -> None:
    row = find_company(session, code)
    change_company(session, "test", row, replace(from_attributes(CompanyContent, row), **fields), now=NOW)


def test_the_list_of_partners_says_how_many_may_be_one(two: Desk) -> None:
    text = two.get("/desk/partners/")
    assert "1 cặp có thể là một." in text
    assert "/desk/partners/_duplicates" in text
    two.sign_in(Role.ANALYST)
    assert "cặp có thể là một" not in two.get("/desk/partners/"), "who cannot merge is not asked to"


def test_a_pair_is_proposed_with_what_either_has(two: Desk) -> None:
    page = Page(two.get("/desk/partners/_duplicates"))
    for text in (FIRST, SECOND, "Một tên, hai cách viết", "1 giấy phép", "2 bài đăng lại", "So sánh và gộp…"):
        assert page.has(text), text
    assert not page.has("Sao Mai")


def test_two_are_held_apart_and_that_is_taken_back(two: Desk) -> None:
    given = {"one": KEPT, "other": DROPPED}
    assert two.post("/desk/partners/_duplicates", {**given, "apart": "1"}).status_code == 303
    text = two.get("/desk/partners/_duplicates")
    assert "là hai đối tác khác nhau" in text
    assert "Không có cặp nào cần xem." in text
    assert "cặp có thể là một" not in two.get("/desk/partners/")
    two.post("/desk/partners/_duplicates", {**given, "apart": "1"})
    assert "Đã ghi nhận" in two.get("/desk/partners/_duplicates"), "pressed twice it is said, and kept once"
    with two.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(NotDuplicates)).scalar_one() == 1
    two.post("/desk/partners/_duplicates", {**given, "apart": "0"})
    assert "1 cặp có thể là một." in two.get("/desk/partners/")


def test_both_stand_beside_each_other_with_what_would_follow(two: Desk) -> None:
    page = Page(two.get(f"{MERGE}?other={DROPPED}"))
    rows = {row[0]: row[1:] for row in page.rows("So sánh hai đối tác")}
    assert rows["Mã"] == [KEPT, DROPPED]
    assert rows["Trang"] == ["1: nhipsong.example", "1: tin.nhipsong.example"]
    assert rows["Giấy phép"] == ["1: 0/GP-TTĐT", "1: 1/GP-TTĐT"]
    assert rows["Bài đăng lại"] == ["2", "1"]
    assert rows["Nghi vấn"] == ["1", "1"]
    assert page.has("3 người và 2 khóa của hai bên từ đó thấy số liệu chung. 1 người có ở cả hai bên thành một")
    assert page.has("Không hoàn tác được.")
    assert page.has(f"Chuyển sang đây từ {SECOND}: 1 bài đăng lại, 1 trang, 1 giấy phép, 1 văn bản chấp thuận, 1 kênh")


def test_what_hangs_on_a_large_partner_is_named_in_part(two: Desk) -> None:
    with two.database.write() as session:
        owner = find_company(session, DROPPED)
        for number in range(MOST_NAMES + 10):
            factories.site(session, owner, f"https://trang-{number}.nhipsong.example/")
    rows = {row[0]: row[1:] for row in Page(two.get(f"{MERGE}?other={DROPPED}")).rows("So sánh hai đối tác")}
    assert rows["Trang"][1].startswith("17: tin.nhipsong.example, ")
    assert rows["Trang"][1].endswith(" và 11 nữa")


def test_the_comparison_takes_as_many_statements_whatever_hangs_on_them(two: Desk) -> None:
    with two.database.write() as session:
        for _ in range(FIRST_OFFERS):  # above this number autocomplete replaces the list
            factories.company(session)
    few = two.statements(f"{MERGE}?other={DROPPED}"), two.statements("/desk/partners/_duplicates")
    with two.database.write() as session:
        owner = find_company(session, DROPPED)
        for number in range(60):
            factories.site(session, owner, f"https://trang-{number}.nhipsong.example/")
            factories.company(session, f"Công ty CP Số {number}")
            factories.company(session, f"CTCP Số {number}")
    assert (two.statements(f"{MERGE}?other={DROPPED}"), two.statements("/desk/partners/_duplicates")) == few
    assert "61 cặp có thể là một." in two.get("/desk/partners/")


def test_two_become_one_under_the_code_and_the_name_that_were_chosen(two: Desk) -> None:
    answer = two.post(MERGE, form(two, keep=DROPPED, name=KEPT))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/partners/{DROPPED}")
    page = Page(two.get(f"/desk/partners/{DROPPED}"))
    assert page.has(FIRST)
    assert page.has(f"Đã gộp {KEPT} vào {FIRST}: ")
    for text in ("nhipsong.example", "tin.nhipsong.example", "0/GP-TTĐT", "1/GP-TTĐT", "0/CT", "1/CT"):
        assert page.has(text), text
    rows = [row[0] for row in Page(two.get("/desk/partners/")).rows("Danh sách đối tác")]
    assert sorted(rows) == [FIRST, "Sao Mai"]


def test_the_former_code_leads_to_the_one_it_is_now(two: Desk) -> None:
    two.post(MERGE, form(two))
    for path in ("", "/edit", "/report?period=2026-11", f"/merge?other={DROPPED}"):
        answer = two.client.get(f"/desk/partners/{DROPPED}{path}")
        assert answer.status_code == 301, path
        assert answer.headers["Location"].startswith(f"/desk/partners/{KEPT}{path.partition('?')[0]}")
    assert "period=2026-11" in two.client.get(f"/desk/partners/{DROPPED}/report?period=2026-11").headers["Location"]
    found = {code: two.get(f"/desk/republications?status=confirmed&partner={code}") for code in (KEPT, DROPPED)}
    for text in found.values():
        assert Page(text).has("1–3 trong 3"), "a filter of before finds the copies of both"
    answer = two.post(f"/desk/partners/{DROPPED}/edit", {"name": "Muộn"})
    assert answer.status_code == 409
    assert f"đã gộp vào đối tác mang mã {KEPT}" in answer.text
    with two.database.read() as session:
        assert "Muộn" not in session.execute(sa.select(Company.name)).scalars().all()


def test_a_page_that_is_out_of_date_merges_nothing_and_shows_both_as_they_are(two: Desk) -> None:
    late = form(two, name=DROPPED)
    with two.database.write() as session:
        change(session, DROPPED, contact="0900 000 000")
    answer = two.post(MERGE, late)
    assert answer.status_code == 409
    assert "Một trong hai đối tác vừa thay đổi, nên chưa gộp gì." in answer.text
    page = Page(answer.text)
    assert page.has("0900 000 000"), "as it is now"
    chosen = [node.attributes["value"] for node in page.tree.css('input[name="name"][checked]')]
    assert chosen == [DROPPED], "and what was chosen stays"
    with two.database.read() as session:
        assert find_company(session, DROPPED).name == SECOND
    assert two.post(MERGE, form(two)).status_code == 303


def test_who_comes_second_is_informed(two: Desk) -> None:
    mine = form(two)
    assert two.post(MERGE, mine).status_code == 303
    answer = two.post(MERGE, mine)
    assert answer.status_code == 409
    assert f"Đối tác mang mã {DROPPED} đã gộp vào đối tác mang mã {KEPT}." in answer.text


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"keep": ""}, 422, "không được để trống"),
        ({"keep": "nobody"}, 422, "không được để trống"),
        ({"other": KEPT}, 422, "Chọn một đối tác khác"),
        ({"other": "nobody"}, 404, ""),
        ({"seen": ""}, 409, "vừa thay đổi"),
    ],
)
def test_bad_input_is_reported_and_nothing_is_merged(two: Desk, given: dict[str, str], status: int, said: str) -> None:
    answer = two.post(MERGE, form(two, **given))
    assert answer.status_code == status
    assert said in answer.text
    with two.database.read() as session:
        assert session.execute(sa.select(Company.id).where(Company.merged_into_id.is_not(None))).first() is None


def test_two_tax_codes_are_warned_of_and_one_is_chosen(two: Desk) -> None:
    with two.database.write() as session:
        change(session, KEPT, tax_code="0101234567")
        change(session, DROPPED, tax_code="0107654321")
    assert "Khác mã số thuế." in two.get(f"{MERGE}?other={DROPPED}")
    assert "Khác mã số thuế" in two.get("/desk/partners/_duplicates")
    two.post(MERGE, form(two, tax_code=DROPPED))
    assert "MST 0107654321" in two.get(f"/desk/partners/{KEPT}")


def test_a_closed_portal_is_reported_before(two: Desk) -> None:
    with two.database.write() as session:
        find_company(session, DROPPED).portal_closed_at = NOW - timedelta(days=1)
    assert f"Cổng đang đóng với {SECOND}." in two.get(f"{MERGE}?other={DROPPED}")


def test_the_other_is_picked_by_a_few_letters_when_nobody_proposed_it(two: Desk) -> None:
    assert "Gộp với đối tác nào" in two.get(MERGE)
    answer = two.client.get(f"{MERGE}?other.q=sao+mai&other=")
    assert answer.headers["Location"].endswith("other=sao-mai")
    assert "Chuyển sang đây từ Sao Mai: chưa có gì." in two.get(f"{MERGE}?other=sao-mai")
    assert "Chọn một đối tác khác" in two.get(f"{MERGE}?other={KEPT}")


def test_only_who_configures_sees_any_of_it(two: Desk) -> None:
    mine = form(two)
    two.sign_in(Role.ANALYST)
    for path in ("/desk/partners/_duplicates", MERGE):
        two.get(path, 403)
    assert two.post(MERGE, mine).status_code == 403
    assert two.post("/desk/partners/_duplicates", {"one": KEPT, "other": DROPPED, "apart": "1"}).status_code == 403
