"""The release calendar as days."""

from datetime import timedelta

import pytest

from campaigns.people.staff import Role
from campaigns.publishing import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.reading import Page
from tests.factories import APPROVER, NATURES

CALENDAR = "/desk/calendar"


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """Two releases of today, one of next week, one of the week after the page, one without a time."""
    with desk.database.write() as session:
        for title, at in (
            ("Sáng nay", BEGINNING - timedelta(hours=2)),
            ("Chiều nay", BEGINNING + timedelta(hours=4)),
            ("Tuần sau", BEGINNING + timedelta(days=7)),
            ("Xa hơn", BEGINNING + timedelta(days=14)),
        ):
            bulletin = factories.approved(session, title=title, now=BEGINNING - timedelta(hours=3))
            workflow.publish(session, APPROVER, bulletin.code, NATURES, at=at, now=BEGINNING - timedelta(hours=3))
        factories.approved(session, title="Chưa có giờ đâu")
    return desk


def test_two_weeks_are_listed_by_day_and_what_has_no_time_stands_above(planned: Desk) -> None:
    planned.sign_in(Role.APPROVER)
    page = Page(planned.get(CALENDAR))
    assert page.words(".sheet h2") == ["Hôm nay, Thứ Ba 24/11", "Thứ Ba 01/12"]
    assert page.words(".agenda .strong") == ["Sáng nay", "Chiều nay", "Tuần sau"]
    assert page.words(".agenda time") == ["08:00", "14:00", "10:00"]
    assert page.words(".tray li > a") == ["Chưa có giờ đâu"]
    assert page.has("1 bản tin đã phát, 2 đã hẹn giờ")


def test_only_what_is_ahead_can_be_moved_and_only_by_whoever_may(planned: Desk) -> None:
    planned.sign_in(Role.APPROVER)
    page = Page(planned.get(CALENDAR))
    moves = page.words(".agenda .button")
    assert moves == ["Chuyển giờ… Chiều nay", "Chuyển giờ… Tuần sau"]
    assert page.link("Chuyển giờ… Chiều nay").endswith("/release?back=calendar")
    assert page.words(".tray .button") == ["Xếp giờ Chưa có giờ đâu"]
    planned.sign_in(Role.WRITER)
    page = Page(planned.get(CALENDAR))
    assert page.words(".agenda .button") == page.words(".tray .button") == []


def test_one_can_go_on_and_back_by_weeks_from_any_day(planned: Desk) -> None:
    planned.sign_in(Role.ANALYST)
    page = Page(planned.get(CALENDAR))
    after = page.link("Hai tuần sau")
    assert after == f"{CALENDAR}?from=2026-12-07"
    assert Page(planned.get(after)).words(".agenda .strong") == ["Xa hơn"]
    assert Page(planned.get(f"{CALENDAR}?from=2026-12-09")).words(".agenda .strong") == ["Xa hơn"]


@pytest.mark.parametrize("asked", ["", "x", "9999-12-31", "0001-01-01", "2026-13-01"])
def test_a_day_that_is_none_means_this_week(planned: Desk, asked: str) -> None:
    planned.sign_in(Role.ANALYST)
    assert Page(planned.get(f"{CALENDAR}?from={asked}")).words(".sheet h2")[0] == "Hôm nay, Thứ Ba 24/11"


def test_an_empty_day_says_so(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(CALENDAR))
    assert page.words(".sheet h2") == ["Hôm nay, Thứ Ba 24/11"]
    assert page.has("Chưa có bản tin nào trong ngày.")
