"""Several findings at the desk: chosen or all of a filter, what each decision means, one reason, undone together."""

import pytest
import sqlalchemy as sa

from campaigns.compliance.findings import Finding, FindingStatus
from campaigns.people.staff import Role
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

ADDRESS = "/desk/compliance/_batch"
CHOSEN = "Các nghi vấn đã chọn"


@pytest.fixture
def findings(desk: Desk) -> list[str]:
    """Three findings of one partner and one of another; an analyst signed in."""
    desk.sign_in(Role.ANALYST)
    with desk.database.write() as session:
        company = factories.company(session, "Công ty CP <Nhịp> Sông")
        sites = [factories.site(session, company, f"https://nhipsong{number}.example/") for number in range(3)]
        made = [proposed(session, "R1", site).public for site in sites]
        return [*made, proposed(session, "R8").public]


def rows(desk: Desk) -> dict[str, Finding]:
    with desk.database.read() as session:
        return {row.public: row for row in session.execute(sa.select(Finding)).scalars()}


def chosen(desk: Desk, *publics: str) -> list[str]:
    known = rows(desk)
    return [f"{public}|{known[public].turn}" for public in publics]


def test_the_list_has_boxes_only_for_who_may_decide_and_says_what_each_decision_means(
    desk: Desk, findings: list[str]
) -> None:
    page = Page(desk.get("/desk/compliance"))
    assert len(page.tree.css('input[name="finding"]')) == 4
    meanings = page.rows("Ý nghĩa của mỗi kết luận")
    assert [line[0] for line in meanings] == ["Hỏi đối tác trước khi kết luận", "Đúng như nghi vấn", "Bỏ qua"]
    assert all(cell.strip() for line in meanings for cell in line)
    desk.sign_in(Role.WRITER)
    assert Page(desk.get("/desk/compliance")).tree.css('input[name="finding"]') == []
    assert desk.post(ADDRESS, {"finding": f"{findings[0]}|0"}).status_code == 403


def test_chosen_ones_are_shown_with_their_partners_before_anything_is_done(desk: Desk, findings: list[str]) -> None:
    page = Page(desk.post(ADDRESS, {"finding": chosen(desk, *findings[:2]), "standing": "proposed"}).text)
    assert len(page.rows(CHOSEN)) == 2
    assert page.has("Công ty CP <Nhịp> Sông")
    assert {row.turn for row in rows(desk).values()} == {0}


def test_pressing_the_button_without_a_decision_says_what_is_missing(desk: Desk, findings: list[str]) -> None:
    answer = desk.post(ADDRESS, {"finding": chosen(desk, *findings[:2]), "decide": "1", "note": "Đã xem"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {"do": "Chọn một kết luận"}
    assert page.value("note") == "Đã xem"
    assert len(page.rows(CHOSEN)) == 2
    assert {row.turn for row in rows(desk).values()} == {0}


def test_all_of_a_filter_are_taken_and_no_others(desk: Desk, findings: list[str]) -> None:
    page = Page(desk.post(ADDRESS, {"all": "1", "rule": "R1", "standing": "proposed"}).text)
    assert len(page.rows(CHOSEN)) == 3
    sent = [node.attributes["value"] or "" for node in page.tree.css('form.confirm input[name="finding"]')]
    answer = desk.post(ADDRESS, {"finding": sent, "rule": "R1", "do": "dismiss", "note": "Chân trang đã đủ"})
    assert answer.status_code == 303
    assert "rule=R1" in answer.headers["Location"]
    standing = {public: row.standing for public, row in rows(desk).items()}
    assert [standing[public] for public in findings] == [*[FindingStatus.DISMISSED] * 3, FindingStatus.PROPOSED]


def test_one_on_which_something_was_done_meanwhile_is_named_and_the_batch_is_undone(
    desk: Desk, findings: list[str]
) -> None:
    sent = chosen(desk, *findings[:2])
    desk.post(f"/desk/compliance/{findings[0]}/ask", {"turn": "0", "reply_by": "2026-12-01"})
    desk.get("/desk/compliance")  # shows the message of that act
    assert desk.post(ADDRESS, {"finding": sent, "do": "confirm", "note": "Đúng"}).status_code == 303
    html = desk.get("/desk/compliance?standing=all")
    assert "Đã kết luận đúng 1 nghi vấn." in html
    assert "Không đổi: R1" in html
    known = rows(desk)
    assert (known[findings[0]].standing, known[findings[1]].standing) == (
        FindingStatus.PROPOSED, FindingStatus.CONFIRMED,
    )  # fmt: skip
    undo = Page(html).tree.css_first('form[action*="/_batch/"]')
    assert undo is not None
    assert desk.post(undo.attributes["action"] or "").status_code == 303
    assert rows(desk)[findings[1]].standing is FindingStatus.PROPOSED
    assert desk.post("/desk/compliance/_batch/bat_unknown/undo").status_code == 404


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"do": "confirm", "note": ""}, "note"),
        ({"do": "fine", "note": "x"}, "do"),
        ({"do": "ask", "reply_by": ""}, "reply-by"),
        ({"do": "ask", "reply_by": "31/02/2027"}, "reply-by"),
        ({"do": "confirm", "note": "Giữ lại", "reply_by": "2020-01-01"}, "reply-by"),
    ],
)
def test_bad_input_is_said_at_its_field_and_the_selection_and_words_stay(
    desk: Desk, findings: list[str], form: dict[str, str], field: str
) -> None:
    answer = desk.post(ADDRESS, {"finding": chosen(desk, *findings), **form})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert field in page.errors()
    assert len(page.rows(CHOSEN)) == 4
    assert form["note"] in answer.text if "note" in form else True
    assert {row.turn for row in rows(desk).values()} == {0}


def test_nothing_chosen_goes_back_to_the_list_and_an_odd_filter_is_refused(desk: Desk, findings: list[str]) -> None:
    assert desk.post(ADDRESS, {"rule": "R13", "standing": "proposed"}).status_code == 303
    assert desk.post(ADDRESS, {"all": "1", "rule": "R13", "standing": "proposed"}).status_code == 303
    assert "Chưa chọn nghi vấn nào" in desk.get("/desk/compliance")
    assert desk.post(ADDRESS, {"all": "1", "standing": "zz"}).status_code == 422
    assert findings
