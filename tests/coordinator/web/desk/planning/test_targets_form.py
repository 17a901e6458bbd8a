"""A plan's targets at the desk: delays, own periods, milestones, and the messages for invalid ones."""

from collections.abc import Sequence
from datetime import date

import pytest

from campaigns.core.errors import NotFound
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Metric, find_campaign
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.core.test_admin import PLAN
from tests.coordinator.web.desk.page_reader import Page


@pytest.fixture
def planner(desk: Desk) -> Desk:
    desk.sign_in(Role.APPROVER)
    return desk


def target(number: int = 0, steps: Sequence[tuple[str, str]] = (), **parts: str) -> dict[str, str]:
    values = {"metric": "republications", "quota": "12.500", "topic": "", "period": "", **parts}
    for place, (day, figure) in enumerate(steps):
        values |= {f"milestones.{place}.day": day, f"milestones.{place}.figure": figure}
    return {f"targets.{number}.{part}": value for part, value in values.items()}


def test_a_delay_with_its_period_and_milestones_is_saved_and_shown_as_it_is_read_back(planner: Desk) -> None:
    typed = target(
        0, [("10/11/2026", "6"), ("", ""), ("2026-11-20", "3,5")], metric="median_delay", quota="2,5", period="2026-11"
    )
    other = target(1, period="other", first="5/10/2026", last="20/11/2026")
    whole_quarter = target(2, period="", first="01/10/2026", last="31/12/2026", quota="9")
    answer = planner.post("/desk/admin/campaigns/_new", PLAN | typed | other | whole_quarter)
    assert answer.status_code == 303, Page(answer.text).errors()
    with planner.database.read() as session:
        one, two, three = find_campaign(session, "kh-174").targets
        assert (one.metric, one.quota, one.period) == (Metric.MEDIAN_DELAY, 2.5, "2026-11")
        assert [(step.due_on, step.figure) for step in one.milestones] == [
            (date(2026, 11, 10), 6), (date(2026, 11, 20), 3.5),
        ]  # fmt: skip
        assert (two.period, three.period) == ("2026-10-05..2026-11-20", "2026-10-01..2026-12-31")
    page = Page(planner.get("/desk/admin/campaigns/kh-174"))
    names = [node.attributes["name"] or "" for node in page.tree.css("#targets :not(button)[name]")]
    shown = {name: page.value(name) for name in names}
    assert shown["targets.0.period"] == "2026-11"
    assert (shown["targets.0.milestones.1.day"], shown["targets.0.milestones.1.figure"]) == ("20/11/2026", "3,5")
    assert [shown[f"targets.1.{part}"] for part in ("period", "first", "last")] == ["other", "05/10/2026", "20/11/2026"]
    assert shown["targets.2.period"] == "2026-Q4"
    assert planner.post("/desk/admin/campaigns/kh-174", PLAN | shown).status_code == 303
    with planner.database.read() as session:
        found = find_campaign(session, "kh-174").targets
        assert [row.period for row in found] == ["2026-11", "2026-10-05..2026-11-20", "2026-Q4"]
        assert [step.figure for row in found for step in row.milestones] == [6, 3.5]


def test_one_more_row_is_a_press_that_saves_nothing_and_keeps_what_was_typed(planner: Desk) -> None:
    def rows(page: Page) -> int:
        return len(page.tree.css("#targets tbody tr"))

    fresh = Page(planner.get("/desk/admin/campaigns/_new"))
    blank = {f"targets.{number}.metric": "republications" for number in range(rows(fresh))}
    typed = {"name": "Kế hoạch dở dang"} | blank | target(2, quota="nhiều")
    answer = planner.post("/desk/admin/campaigns/_new", typed | {"add": "row"})
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.errors() == {}
    assert rows(page) == max(rows(fresh) + 1, 3 + 5)
    assert (page.value("name"), page.value("targets.2.quota")) == ("Kế hoạch dở dang", "nhiều")
    more = {f"targets.{number}.metric": "republications" for number in range(rows(page))}
    again = Page(planner.post("/desk/admin/campaigns/_new", typed | more | {"add": "row"}).text)
    assert rows(again) == rows(page) + 1
    with planner.database.read() as session, pytest.raises(NotFound):
        find_campaign(session, "ke-hoach")


def test_the_periods_offered_are_those_within_the_plan(planner: Desk) -> None:
    planner.post("/desk/admin/campaigns/_new", PLAN | target())
    page = Page(planner.get("/desk/admin/campaigns/kh-174"))
    offered = [node.attributes["value"] for node in page.tree.css("[name='targets.0.period'] option")]
    assert offered == ["", "2026-Q4", "2026-10", "2026-11", "2026-12", "other"]


@pytest.mark.parametrize(
    ("cell", "typed", "says"),
    [
        ("quota", "nhiều", "Nhập một con số, ví dụ 12.500 hoặc 98,5"),
        ("quota", "0", "Chỉ tiêu phải lớn hơn 0; tỷ lệ thì không quá 100"),
        ("period", "quý 4", "Nhập kỳ theo mẫu 2026-Q4, 2026-11, 2026 hoặc 2026-10-01..2026-12-31"),
        ("period", "2026-12-31..2026-10-01", "Ngày kết thúc phải sau ngày bắt đầu"),
        ("period", "2027-Q1", "Kỳ này phải nằm trọn trong thời gian của kế hoạch"),
        ("first", "hôm qua", "Nhập ngày theo mẫu 24/11/2026"),
        ("last", "31/12/2026", "Mục này không được để trống"),
        ("milestones.0.day", "cuối tháng", "Nhập ngày theo mẫu 24/11/2026"),
        ("milestones.0.figure", "nhiều", "Nhập một con số, ví dụ 12.500 hoặc 98,5"),
        ("milestones.0.day", "31/11/2026", "Nhập ngày theo mẫu 24/11/2026"),
    ],
)
def test_what_does_not_fit_is_reported_at_its_cell_and_nothing_is_saved(
    planner: Desk, cell: str, typed: str, says: str
) -> None:
    bad = target(0) | target(1, quota="") | target(2, **{cell: typed})
    answer = planner.post("/desk/admin/campaigns/_new", PLAN | bad)
    page = Page(answer.text)
    at = f"targets.2.{cell}"
    # The day that is missing beside another is the one to fill in.
    place = {"last": "targets.2.first"}.get(cell, at).replace(".", "-")
    assert answer.status_code == 422
    assert page.errors()[place] == f"Dòng 3: {says}"
    assert page.value(at) == typed
    with planner.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM campaigns").scalar() == 0


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("31/01/2026", "4000")], "Ngày của mốc phải nằm trong kỳ của chỉ tiêu"),
        ([("31/10/2026", "0")], "Con số của mốc phải lớn hơn 0"),
        ([("31/10/2026", "9"), ("30/11/2026", "8")], "Mốc sau không được thấp hơn mốc trước"),
        ([("31/10/2026", "9"), ("31/10/2026", "9")], "Một ngày chỉ có một mốc"),
    ],
)
def test_milestones_that_do_not_fit_are_reported_at_their_target(
    planner: Desk, steps: list[tuple[str, str]], says: str
) -> None:
    answer = planner.post("/desk/admin/campaigns/_new", PLAN | target(0) | target(1, steps))
    page = Page(answer.text)
    assert (answer.status_code, page.errors()) == (422, {"targets-1-milestones": f"Dòng 2: {says}"})
    assert page.value("targets.1.milestones.0.day") == steps[0][0]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("", ""), {"starts-on": "Mục này không được để trống", "ends-on": "Mục này không được để trống"}),
        (("31/12/2026", "01/10/2026"), {"ends-on": "Ngày kết thúc phải sau ngày bắt đầu"}),
        # Otherwise every page of figures would fail at the end of the calendar.
        (("01/10/2026", "31/12/9999"), {"ends-on": "Năm phải từ 1900 đến 2199"}),
    ],
)
def test_a_plan_without_days_or_with_days_that_cannot_be_is_not_saved(
    planner: Desk, days: tuple[str, str], expected: dict[str, str]
) -> None:
    typed = PLAN | dict(zip(("starts_on", "ends_on"), days, strict=True)) | target()
    answer = planner.post("/desk/admin/campaigns/_new", typed)
    page = Page(answer.text)
    assert (answer.status_code, page.errors()) == (422, expected)
    assert (page.value("starts_on"), page.value("ends_on")) == days
    assert page.value("targets.0.quota") == typed["targets.0.quota"]
    with planner.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM campaigns").scalar() == 0
