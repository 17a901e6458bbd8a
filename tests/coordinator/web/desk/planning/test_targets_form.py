"""A plan's targets at the desk: delays, own periods, milestones, and the messages for invalid ones."""

from datetime import date

import pytest

from campaigns.people.staff import Role
from campaigns.planning.campaigns import Metric, find_campaign
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.core.test_admin import PLAN
from tests.coordinator.web.desk.page_reader import Page


@pytest.fixture
def planner(desk: Desk) -> Desk:
    desk.sign_in(Role.APPROVER)
    return desk


def target(number: int = 0, **parts: str) -> dict[str, str]:
    values = {"metric": "republications", "quota": "12.500", "topic": "", "period": "", "milestones": "", **parts}
    return {f"targets.{number}.{part}": value for part, value in values.items()}


def test_a_delay_with_its_period_and_milestones_is_saved_and_shown_as_it_is_read_back(planner: Desk) -> None:
    typed = target(metric="median_delay", quota="2,5", period="2026-11", milestones="10/11: 6; 2026-11-20: 3,5 ;")
    answer = planner.post("/desk/admin/campaigns/_new", PLAN | typed)
    assert answer.status_code == 303, Page(answer.text).errors()
    with planner.database.read() as session:
        (one,) = find_campaign(session, "kh-174").targets
        assert (one.metric, one.quota, one.period) == (Metric.MEDIAN_DELAY, 2.5, "2026-11")
        assert [(step.due_on, step.figure) for step in one.milestones] == [
            (date(2026, 11, 10), 6), (date(2026, 11, 20), 3.5),
        ]  # fmt: skip
    page = Page(planner.get("/desk/admin/campaigns/kh-174"))
    shown = page.value("targets.0.milestones")
    assert shown == "10/11/2026: 6; 20/11/2026: 3,5"
    planner.post("/desk/admin/campaigns/kh-174", PLAN | target(milestones=shown))
    with planner.database.read() as session:
        assert [step.figure for one in find_campaign(session, "kh-174").targets for step in one.milestones] == [6, 3.5]


def test_a_day_without_a_year_is_the_one_within_the_plan(planner: Desk) -> None:
    spring = PLAN | {"starts_on": "2026-12-01", "ends_on": "2027-03-31"}
    planner.post("/desk/admin/campaigns/_new", spring | target(milestones="15/12: 100; 15/2: 900"))
    with planner.database.read() as session:
        (one,) = find_campaign(session, "kh-174").targets
        assert [step.due_on for step in one.milestones] == [date(2026, 12, 15), date(2027, 2, 15)]


@pytest.mark.parametrize(
    ("cell", "typed", "says"),
    [
        ("quota", "nhiều", "Nhập một con số, ví dụ 12.500 hoặc 98,5"),
        ("quota", "0", "Chỉ tiêu phải lớn hơn 0; tỷ lệ thì không quá 100"),
        ("period", "quý 4", "Nhập kỳ theo mẫu 2026-Q4, 2026-11, 2026 hoặc 2026-10-01..2026-12-31"),
        ("period", "2026-12-31..2026-10-01", "Ngày kết thúc phải sau ngày bắt đầu"),
        ("period", "2027-Q1", "Kỳ này phải nằm trọn trong thời gian của kế hoạch"),
        ("milestones", "cuối tháng: 400", "Ghi mốc theo mẫu 31/10/2026: 4.000; 30/11/2026: 8.000"),
        ("milestones", "31/10 4000", "Ghi mốc theo mẫu 31/10/2026: 4.000; 30/11/2026: 8.000"),
        ("milestones", "31/11: 4000", "Ghi mốc theo mẫu 31/10/2026: 4.000; 30/11/2026: 8.000"),
        ("milestones", "31/1: 4000", "Ngày của mốc phải nằm trong kỳ của chỉ tiêu"),
        ("milestones", "31/10: 0", "Con số của mốc phải lớn hơn 0"),
        ("milestones", "31/10: 9; 30/11: 8", "Mốc sau không được thấp hơn mốc trước"),
        ("milestones", "31/10: 9; 31/10: 9", "Một ngày chỉ có một mốc"),
    ],
)
def test_what_does_not_fit_is_reported_at_its_cell_and_nothing_is_saved(
    planner: Desk, cell: str, typed: str, says: str
) -> None:
    bad = target(0) | target(1, quota="") | target(2, **{cell: typed})
    answer = planner.post("/desk/admin/campaigns/_new", PLAN | bad)
    page = Page(answer.text)
    assert (answer.status_code, page.errors()) == (422, {f"targets-2-{cell}": f"Dòng 3: {says}"})
    assert page.value(f"targets.2.{cell}") == typed
    with planner.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM campaigns").scalar() == 0


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
