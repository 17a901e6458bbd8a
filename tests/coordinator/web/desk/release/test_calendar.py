"""The release calendar by month, week and day, without a script."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import CITY
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Topic
from campaigns.release import series, workflow
from campaigns.release.series import SeriesContent
from tests import factories
from tests.coordinator.web.desk.conftest import BEGINNING, Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

CALENDAR = "/desk/calendar"


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """Two releases today, one next week, one in three weeks, one bulletin without a time, one not approved."""
    with desk.database.write() as session:
        for title, at in (
            ("Sáng nay", BEGINNING - timedelta(hours=2)),
            ("Chiều nay", BEGINNING + timedelta(hours=4)),
            ("Tuần sau", BEGINNING + timedelta(days=6)),
            ("Xa hơn", BEGINNING + timedelta(days=21)),
        ):
            bulletin = factories.approved(session, title=title, now=BEGINNING - timedelta(hours=3))
            workflow.publish(
                session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=BEGINNING - timedelta(hours=3)
            )
        factories.approved(session, title="Chưa có giờ đâu")
        factories.draft(session, title="Chưa duyệt đâu")
    return desk


def test_a_month_shows_each_day_once_in_the_table_and_lists_the_days_that_have_something(planned: Desk) -> None:
    planned.sign_in(Role.APPROVER)
    page = Page(planned.get(CALENDAR))
    assert page.heading == "Tháng 11/2026"
    assert page.words(".days h2") == ["Hôm nay, Thứ Ba 24/11", "Thứ Hai 30/11"]
    assert page.words(".agenda .strong") == ["Sáng nay", "Chiều nay", "Tuần sau"]
    assert page.words(".agenda time") == ["08:00", "14:00", "10:00"]
    assert len(page.tree.css(".month td")) == 42
    assert page.words(".month td.today .slot") == [
        "08:00 Sáng nay , Đã phát hành", "14:00 Chiều nay , Đã hẹn giờ",
    ]  # fmt: skip
    assert page.words(".month td.today .slot.out b") == ["08:00"]
    assert page.words(".month td.today .slot.timed b") == ["14:00"]
    assert page.words(".month td.today small") == ["âm lịch 16"]
    assert page.words(".month td.today .feast") == ["Ngày Văn hóa Việt Nam"]
    assert page.has("1 bản tin đã phát, 2 đã hẹn giờ")
    with planned.database.write() as session:
        topics = set(session.execute(sa.select(Topic.code)).scalars())
        topic = session.execute(sa.select(Topic.code).join(Bulletin, Bulletin.topic_id == Topic.id)).scalars().first()
        channel = factories.channel(session).code  # made after the releases, which do not go to it
    other = sorted(topics - {topic})[0]
    assert Page(planned.get(f"{CALENDAR}?topic={topic}")).words(".agenda .strong") == [
        "Sáng nay", "Chiều nay", "Tuần sau",
    ]  # fmt: skip
    for narrow in (f"topic={other}", f"channel={channel}"):
        assert not Page(planned.get(f"{CALENDAR}?{narrow}")).words(".agenda .strong")
    asked = f"{CALENDAR}/events.json?start=2026-11-01&end=2026-12-01"
    assert len(planned.client.get(f"{asked}&topic={topic}").json["events"]) == 3
    assert not planned.client.get(f"{asked}&topic={other}").json["events"]
    assert planned.client.get(f"{CALENDAR}?topic=khong-co").status_code == 422


def test_the_tray_has_what_is_without_a_time_the_approved_first(planned: Desk) -> None:
    planned.sign_in(Role.APPROVER)
    page = Page(planned.get(CALENDAR))
    assert page.words(".tray li > a") == ["Chưa có giờ đâu", "Chưa duyệt đâu"]
    assert page.words(".tray .button") == ["Xếp giờ Chưa có giờ đâu", "Soạn tiếp Chưa duyệt đâu"]
    assert len(page.tree.css(".tray [data-drag]")) == 1


def test_only_what_is_ahead_can_be_moved_and_only_by_those_who_may(planned: Desk) -> None:
    planned.sign_in(Role.APPROVER)
    page = Page(planned.get(CALENDAR))
    assert page.words(".agenda .button") == ["Chuyển giờ… Chiều nay", "Chuyển giờ… Tuần sau"]
    assert page.link("Chuyển giờ… Chiều nay").endswith("/release?back=calendar")
    planned.sign_in(Role.ANALYST)
    page = Page(planned.get(CALENDAR))
    assert page.words(".agenda .button") == page.words(".tray .button") == []


def test_one_can_go_on_and_back_and_change_the_view_keeping_the_day(planned: Desk) -> None:
    planned.sign_in(Role.ANALYST)
    page = Page(planned.get(CALENDAR))
    after = page.link("Sau")
    assert after == f"{CALENDAR}?view=month&from=2026-12-01"
    december = Page(planned.get(after))
    assert december.words(".agenda .strong") == ["Xa hơn"]
    assert december.link("Trước") == f"{CALENDAR}?view=month&from=2026-11-01"
    week = Page(planned.get(page.link("Tuần")))
    assert week.heading == "Tuần 23/11 – 29/11/2026"
    assert week.words(".days h2")[0:2] == ["Thứ Hai 23/11", "Hôm nay, Thứ Ba 24/11"]
    assert len(week.words(".days h2")) == 7
    day = Page(planned.get(week.link("Ngày")))
    assert day.heading == "Thứ Ba 24/11/2026"
    assert day.words(".agenda .strong") == ["Sáng nay", "Chiều nay"]
    assert not day.tree.css(".month")


def test_no_day_means_now(planned: Desk) -> None:
    planned.sign_in(Role.ANALYST)
    assert Page(planned.get(f"{CALENDAR}?from=")).heading == "Tháng 11/2026"


def test_days_gone_by_this_month_are_one_press_away_and_none_is_left_out(desk: Desk) -> None:
    with desk.database.write() as session:
        for days in (-5, -1, 0, 2):
            at = BEGINNING + timedelta(days=days, hours=1)
            when = min(at, BEGINNING) - timedelta(hours=2)
            bulletin = factories.approved(session, now=when)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=when)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(CALENDAR))
    assert page.words("details.earlier h2") == ["Thứ Năm 19/11", "Thứ Hai 23/11"]
    assert page.words("details.earlier ~ .days h2") == ["Hôm nay, Thứ Ba 24/11", "Thứ Năm 26/11"]
    past = Page(desk.get(f"{CALENDAR}?from=2026-10-01"))
    assert not past.tree.css("details.earlier")


def test_an_empty_day_says_so(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(CALENDAR))
    assert page.words(".days h2") == ["Hôm nay, Thứ Ba 24/11"]
    assert page.has("Chưa có bản tin nào trong ngày.")


def test_a_full_cell_leads_to_its_day_for_the_rest(desk: Desk) -> None:
    with desk.database.write() as session:
        for hour in range(6):
            bulletin = factories.approved(session, now=BEGINNING)
            at = BEGINNING + timedelta(hours=1 + hour)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=BEGINNING)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(CALENDAR))
    assert len(page.words(".month td.today .slot")) == 4
    rest = page.link("và 3 bản tin nữa")
    assert len(Page(desk.get(rest)).words(".agenda li")) == 6
    narrowed = Page(desk.get(f"{CALENDAR}?topic=dich-benh"))
    for link in (narrowed.link("và 3 bản tin nữa"), narrowed.tree.css_first(".day-count").attributes["href"] or ""):
        assert (link.startswith(f"{CALENDAR}?view=day"), "topic=dich-benh" in link) == (True, True)


def test_a_holiday_that_is_only_expected_says_so(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"{CALENDAR}?view=day&from=2027-02-09"))
    assert page.has("âm lịch 4 · Tết Nguyên đán (dự kiến) · ngày nghỉ")


def statements(desk: Desk, path: str) -> int:
    """Return the number of SQL statements of one page."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(desk.database.engine, "before_cursor_execute", count)
    try:
        desk.get(path)
    finally:
        sa.event.remove(desk.database.engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize("path", [CALENDAR, f"{CALENDAR}?view=week", f"{CALENDAR}/continuity", f"{CALENDAR}/series"])
def test_a_page_takes_as_many_queries_for_much_as_for_little(planned: Desk, path: str) -> None:
    planned.sign_in(Role.APPROVER)
    wanted = SeriesContent("Điểm tin {ngày}", "dich-benh", None, frozenset(range(7)), 390, False)

    def begin(name: str) -> str:
        with planned.database.write() as session:
            return series.begin_series(
                session, WRITER, name=name, starts_on=date(2026, 10, 1), ends_on=None, wanted=wanted, now=BEGINNING
            ).public

    first = begin("Điểm tin")
    with planned.database.write() as session:
        bulletin = factories.approved(session, now=BEGINNING)
        series.fill_day(session, WRITER, first, date(2026, 11, 26), bulletin.code, now=BEGINNING)
    before = statements(planned, path)
    with planned.database.write() as session:
        for number in range(20):
            bulletin = factories.approved(session, now=BEGINNING)
            at = BEGINNING + timedelta(days=number % 5, hours=1 + number)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=BEGINNING)
    for number in range(4):
        public = begin(f"Loạt {number}")
        with planned.database.write() as session:
            for day in range(3):
                bulletin = factories.approved(session, now=BEGINNING)
                where = date(2026, 11, 26) + timedelta(days=day)
                series.fill_day(session, WRITER, public, where, bulletin.code, now=BEGINNING)
    assert statements(planned, path) == before


def test_the_present_day_of_the_city_is_marked_whatever_the_time_in_utc(desk: Desk) -> None:
    desk.office.clock.moment = BEGINNING.replace(hour=18)  # 01:00 on the 25th in the city
    assert desk.office.clock.moment.astimezone(CITY).day == 25
    desk.sign_in(Role.ANALYST)
    assert Page(desk.get(CALENDAR)).words(".days h2") == ["Hôm nay, Thứ Tư 25/11"]
