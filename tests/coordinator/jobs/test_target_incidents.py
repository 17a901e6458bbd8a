"""A target that falls behind and a missed milestone raise one alarm each, and another when resolved."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import incidents
from campaigns.core.clock import city_day
from campaigns.people.alarms import Alarm
from campaigns.people.staff import Role
from campaigns.planning.campaigns import MilestoneContent, TargetContent, find_campaign
from coordinator.jobs import incident_watch
from coordinator.mail import message_texts
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.jobs.test_incident_watch import going_on, notifications, outside
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role
from tests.factories import planned

__all__ = ["outside"]  # a fixture
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
LONG_NUMBER = "174-KH/UBND-" + "x" * 48


def plan(outside: RunningApplication, *targets: TargetContent, number: str = "174-KH/UBND") -> None:
    """The plan as it is, or saved anew, which makes every target another row."""
    now = outside.office.now()
    with outside.database.write() as session:
        known = session.execute(sa.text("SELECT count(*) FROM campaigns")).scalar_one()
        planned(
            session,
            FIRST,
            LAST,
            *targets,
            campaign=find_campaign(session, "kh-174") if known else None,
            plan_number=number,
            now=now,
        )


def copies(outside: RunningApplication, days: int, each: int) -> None:
    """So many copies on each of the days before today."""
    today = city_day(outside.office.now())
    with outside.database.write() as session:
        bulletin, site = factories.published(session), factories.site(session)
        for back in range(1, days + 1):
            for _ in range(each):
                make_republication(session, bulletin, site, counted_on=today - timedelta(days=back), read=False)


def test_a_target_behind_is_reported_once_and_once_when_it_is_on_course(outside: RunningApplication) -> None:
    plan(outside, TargetContent("republications", 300))
    copies(outside, 28, 2)
    for _ in range(3):
        incident_watch.watch_targets(outside.office)
    ((code, subject),) = going_on(outside)
    assert (code, subject.startswith("kh-174.")) == ("target_behind", True)
    name = "174-KH/UBND: số bài đăng lại"
    assert notifications(outside) == [("quan@so.example", "target_behind", name)]
    with outside.database.read() as session:
        (alarm,) = session.execute(sa.select(Alarm)).scalars()
        assert (alarm.what, alarm.name, alarm.details["quota"]) == ("target_behind", name, 300)
        assert alarm.details["forecast"] < 300
    # Saved anew it is the same target, and no news.
    plan(outside, TargetContent("republications", 300))
    incident_watch.watch_targets(outside.office)
    assert len(notifications(outside)) == 1
    copies(outside, 28, 8)
    for _ in range(2):
        incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []
    assert notifications(outside)[1:] == [("quan@so.example", "target_behind_over", name)]


def test_a_forecast_a_hair_below_the_quota_neither_begins_nor_ends_an_alarm(outside: RunningApplication) -> None:
    copies(outside, 54, 2)
    # 108 copies and two a day for 37 days more: 182.
    plan(outside, TargetContent("republications", 184))
    incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []
    plan(outside, TargetContent("republications", 190))
    incident_watch.watch_targets(outside.office)
    assert len(going_on(outside)) == 1


def test_in_its_first_week_nothing_is_behind_yet(outside: RunningApplication) -> None:
    plan(outside, TargetContent("republications", 300, period="2026-11-20..2026-12-31"))
    incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []


def test_a_missed_milestone_is_reported_once_and_once_when_it_is_reached_after_all(outside: RunningApplication) -> None:
    step = (MilestoneContent(date(2026, 11, 20), 60), MilestoneContent(date(2026, 12, 20), 100))
    plan(outside, TargetContent("republications", 100, milestones=step))
    copies(outside, 28, 2)
    incident_watch.watch_targets(outside.office)
    ((code, _subject),) = going_on(outside)
    assert code == "milestone_missed"
    name = "174-KH/UBND: số bài đăng lại, 60 20/11/2026"
    assert notifications(outside) == [("quan@so.example", "milestone_missed", name)]
    copies(outside, 3, 3)
    incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []
    assert notifications(outside)[1:] == [("quan@so.example", "milestone_missed_over", name)]


def test_what_is_no_longer_a_target_is_no_alarm(outside: RunningApplication) -> None:
    plan(outside, TargetContent("republications", 300))
    copies(outside, 28, 2)
    incident_watch.watch_targets(outside.office)
    assert len(going_on(outside)) == 1
    plan(outside)
    incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []


def test_after_the_campaign_its_alarms_are_over(outside: RunningApplication) -> None:
    plan(outside, TargetContent("republications", 300))
    copies(outside, 28, 2)
    incident_watch.watch_targets(outside.office)
    outside.clock.forward(days=60)
    incident_watch.watch_targets(outside.office)
    assert going_on(outside) == []


def test_the_longest_names_still_fit_into_a_letter(outside: RunningApplication) -> None:
    step = (MilestoneContent(date(2026, 11, 20), 123_456_789),)
    with outside.database.write() as session:
        session.execute(sa.text("UPDATE topics SET name = :name WHERE code = 'dich-benh'"), {"name": "Ễ" * 120})
    plan(outside, TargetContent("attribution_rate", 90, "dich-benh", milestones=step), number=LONG_NUMBER)
    copies(outside, 28, 1)
    with outside.database.write() as session:
        session.execute(sa.text("UPDATE republications SET attribution = 'none'"))
    incident_watch.watch_targets(outside.office)
    assert {code for code, _ in going_on(outside)} == {"target_behind", "milestone_missed"}
    assert all(len(more) <= 120 for _, _, more in notifications(outside))


@pytest.mark.parametrize("code", ["target_behind", "milestone_missed"])
def test_their_letters_have_words_in_both_languages(code: str) -> None:
    said = {
        message_texts.alarm_texts(
            what, locale, about="174-KH/UBND: lượt", name="Quân", at="10:00", base="https://x.example"
        )[0]
        for what in (code, message_texts.over_code(code))
        for locale in ("vi", "en")
    }
    assert len(said) == 4
    assert not any(code in text for text in said)


def test_today_tells_them_with_the_way_to_the_plan(outside: RunningApplication) -> None:
    add_staff_of_each_role(outside)
    plan(outside, TargetContent("republications", 300, milestones=(MilestoneContent(date(2026, 11, 20), 250),)))
    copies(outside, 28, 2)
    incident_watch.watch_targets(outside.office)
    page = Page(client_of_role(outside, Role.ANALYST).get("/desk").text)
    assert page.has("Chỉ tiêu đang chậm: 174-KH/UBND: số bài đăng lại")
    assert page.has("Lỡ mốc: 174-KH/UBND: số bài đăng lại, 250 20/11/2026")
    words_of_it = "Xem tiến độ Chỉ tiêu đang chậm: 174-KH/UBND: số bài đăng lại"
    assert page.link(words_of_it) == "/desk/progress/?campaign=kh-174"
    with outside.database.read() as session:
        assert len(incidents.ongoing_incidents(session)) == 2
