"""The explanation of a plan's progress and its scenarios: sentences whose figures equal those of the linked rows."""

import re

import pytest

from campaigns.people.staff import Role
from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.target_status import target_progress
from tests.conftest import KeptRows
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.desk.reporting.progress.quarter import quarter
from tests.coordinator.web.desk.reporting.progress.test_progress import shown_behind


@pytest.fixture
def plan(desk: Desk, kept_rows: KeptRows) -> Desk:
    kept_rows.fill(desk.database, lambda: _make(desk))
    desk.sign_in(Role.ANALYST)
    return desk


def _make(desk: Desk) -> None:
    with desk.database.write() as session:
        quarter(session)


def reasons(page: Page) -> dict[str, str]:
    return {
        re.sub(r"\s+", " ", node.text()).strip(): node.attributes["href"] or ""
        for node in page.tree.css("[aria-labelledby=vi-sao] li a")
    }


def test_what_fell_short_is_reported_and_each_sentence_leads_to_exactly_its_rows(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/"))
    values = reasons(page)
    assert page.words("#vi-sao") == ["Vì sao chậm"]
    (topic,) = (text for text in values if "so với nhịp" in text)
    with plan.database.read() as session:
        campaign = find_campaign(session, "kh-174")
        how = target_progress(session, campaign, campaign.targets[1], BEGINNING)
    assert topic == f"Kinh tế - xã hội thiếu {round(how.expected - how.actual)} lượt so với nhịp"
    assert shown_behind(plan, values[topic]) == how.actual
    weeks = {text: re.search(r"được (\d+) lượt, nhịp cần 53", text) for text in values if text.startswith("Tuần ")}
    assert weeks
    for words, figure in weeks.items():
        assert figure is not None, words
        assert shown_behind(plan, values[words]) == int(figure[1])


def test_partners_that_fell_silent_are_counted_and_listed_with_their_rows(plan: Desk) -> None:
    values = reasons(Page(plan.get("/desk/progress/")))
    (words,) = (text for text in values if "im lặng" in text)
    found = re.fullmatch(r"(\d+) đối tác từng đăng lại nay im lặng 14 ngày, trước đó mang (\d+) lượt mỗi tuần", words)
    assert found is not None
    page = Page(plan.get(values[words]))
    rows = page.rows("Đối tác im lặng")
    assert len(rows) == int(found[1])
    assert {f"Công ty cổ phần Tin {number}" for number in range(5)} <= {row[0] for row in rows}
    paces = [float(row[1].replace(",", ".")) for row in rows]
    assert paces == sorted(paces, reverse=True)
    assert sum(paces) == pytest.approx(int(found[2]), abs=1)
    for node, row in zip(page.tree.css("main td a"), rows, strict=True):
        assert shown_behind(plan, node.attributes["href"] or "") == int(row[2])
    # None of them has a copy in the last two weeks.
    assert all(row[3] < "11/11/2026" for row in rows if row[3].endswith("11/2026"))


def test_every_target_says_why_it_is_behind_and_where_it_will_end(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/"))
    rows = page.rows("Mọi chỉ tiêu của kế hoạch")
    assert [row[0].split(" Thiếu")[0].split(" Còn")[0] for row in rows][:4] == [
        "Số bài đăng lại", "Số bài đăng lại Kinh tế - xã hội", "Bản tin đã phát hành",
        "Đối tác có đăng lại",
    ]  # fmt: skip
    delay = next(row for row in rows if row[0].startswith("Thời gian đăng lại điển hình"))
    assert delay[2] == "nhiều nhất 1,5 giờ"
    assert "Một nửa số lượt chậm hơn mức giao" in delay[0]
    assert all("–" in row[3] for row in rows[:6])  # between two bounds
    for node in page.tree.css("[aria-labelledby=moi-chi-tieu] th a"):
        assert plan.client.get(node.attributes["href"] or "").status_code == 200


def test_milestones_are_listed_and_drawn(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/"))
    rows = page.rows("Các mốc trên đường")
    assert [(row[1], row[3]) for row in rows] == [("150", "Đạt đúng hạn"), ("400", "Lỡ mốc"), ("450", "Khó đạt")]
    drawn = [node.text() for node in page.tree.css("svg.wide .ms title")]
    assert drawn == ["Mốc 31/10: 150, đạt đúng hạn", "Mốc 15/11: 400, lỡ mốc", "Mốc 15/12: 450, khó đạt"]


def ends(page: Page) -> int:
    (words,) = page.words("[aria-labelledby=phuong-an] [role=status]")
    found = re.search(r"được (\d+) lượt", words)
    assert found is not None, words
    return int(found[1])


def forecast(page: Page) -> int:
    return int(page.rows("Đã xác nhận và đường chia đều")[-1][1])


def test_silent_partners_that_carried_two_a_week_would_add_just_that(plan: Desk) -> None:
    plain = Page(plan.get("/desk/progress/scenario"))
    page = Page(plan.get("/desk/progress/scenario?silent=6&silent_weekly=2"))
    assert ends(page) == pytest.approx(forecast(plain) + 6 * 2 * 37 / 7, abs=1)
    table = page.rows("Đã xác nhận và đường chia đều")
    assert (table[-1][0], int(table[-1][1])) == ("31/12, nếu vậy", ends(page))
    assert page.tree.css("svg.wide .ls")
    assert not plain.tree.css("svg .ls")


def test_more_bulletins_and_further_ones_would_bring_more(plan: Desk) -> None:
    now = ends(Page(plan.get("/desk/progress/scenario?more_weekly=0&silent=1&silent_weekly=0,01")))
    assert ends(Page(plan.get("/desk/progress/scenario?more_weekly=3"))) > now
    assert (
        ends(Page(plan.get("/desk/progress/scenario?carried=20")))
        > ends(Page(plan.get("/desk/progress/scenario?carried=12")))
        > now
    )
    assert ends(Page(plan.get("/desk/progress/scenario?carried=0"))) == 316


def test_the_number_of_the_silent_is_filled_in_and_need_not_be_typed(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/scenario"))
    count = page.value("silent")
    assert int(count) >= 5
    assert ends(Page(plan.get("/desk/progress/scenario?silent=&silent_weekly=2"))) == ends(
        Page(plan.get(f"/desk/progress/scenario?silent={count}&silent_weekly=2"))
    )


@pytest.mark.parametrize(("name", "typed"), [("carried", "nhiều"), ("more_weekly", "-3"), ("silent_weekly", "1e9")])
def test_a_wish_that_is_no_number_is_reported_at_its_field(plan: Desk, name: str, typed: str) -> None:
    page = Page(plan.get(f"/desk/progress/scenario?{name}={typed}", 422))
    assert page.value(name) == typed
    assert page.has("Nhập một số từ 0 đến 10.000")
    assert not page.tree.css("svg .ls")


def test_the_form_keeps_what_was_chosen(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/scenario?campaign=kh-174&period=2026-Q4&topic=dich-benh&more_weekly=2"))
    hidden = {
        node.attributes["name"]: node.attributes["value"]
        for node in page.tree.css("[aria-labelledby=phuong-an] input[type=hidden]")
    }
    assert hidden == {"campaign": "kh-174", "period": "2026-Q4", "topic": "dich-benh"}


def test_after_the_period_nothing_is_supposed(plan: Desk) -> None:
    page = Page(plan.get("/desk/progress/scenario?period=2026-10&more_weekly=2"))
    assert not page.tree.css("[aria-labelledby=phuong-an] form")
    assert page.has("Kỳ này không còn ngày nào")


def test_partners_as_bars_and_as_a_table_of_sites_add_up_to_the_headline(plan: Desk) -> None:
    first, lines = Page(plan.get("/desk/progress/")), Page(plan.get("/desk/progress/partner"))
    (headline,) = first.words(".tally.big")
    for page, caption in (
        (lines, "Lượt đã xác nhận theo đối tác"),
        (lines, "Đối tác, trang và số lượt đã xác nhận"),
    ):
        assert sum(int(row[1]) for row in page.rows(caption)) == int(headline), caption
    # The legal form that every name begins with is shown only in the table.
    assert "Tin 0" in " ".join(node.text() for node in lines.tree.css("svg.wide text"))
    assert not Page(plan.get("/desk/progress/site")).rows("Đối tác, trang và số lượt đã xác nhận")


def test_without_copies_the_pictures_say_so_and_nothing_is_blamed(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = Page(desk.get("/desk/progress/?campaign=all"))
    assert not page.tree.css("[aria-labelledby=vi-sao]")
    assert Page(desk.get("/desk/progress/quiet/?campaign=all")).has("Không đối tác nào im lặng")
