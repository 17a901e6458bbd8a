"""Views are shown by version of the rules, and never mixed."""

from datetime import date

from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting import viewing
from campaigns.reporting.tallies import Scope
from campaigns.reporting.viewing import DayViews, HostViews, Views
from campaigns.tracking.views import ViewDay
from tests import factories

DAY = date(2026, 11, 24)


def add(session: Session, bulletin: Bulletin, rules: str, raw: int, guarded: int, **more: object) -> None:
    given = {"host": "", "day": DAY} | more
    session.add(ViewDay(bulletin_id=bulletin.id, rules=rules, raw=raw, guarded=guarded, **given))
    session.flush()


def test_two_versions_of_the_rules_stand_beside_each_other(session: Session) -> None:
    one, other = factories.published(session), factories.published(session)
    add(session, one, "2026.0", 9, 7, day=date(2026, 11, 23))
    add(session, one, "2026.0", 1, 1)
    add(session, one, "2026.1", 5, 2, host="tin.example")
    add(session, one, "2026.1", 4, 1)
    add(session, other, "2026.1", 100, 100)
    assert viewing.of_bulletin(session, one.id) == [
        Views("2026.0", 10, 8, date(2026, 11, 23), DAY),
        Views("2026.1", 9, 3, DAY, DAY),
    ]
    assert viewing.days_of(session, one.id) == [
        DayViews(date(2026, 11, 23), "2026.0", 9, 7),
        DayViews(DAY, "2026.0", 1, 1),
        DayViews(DAY, "2026.1", 9, 3),
    ]
    assert viewing.hosts_of(session, one.id)[1] == HostViews("tin.example", "2026.1", 5, 2)


def test_a_scope_is_held_to(session: Session) -> None:
    site = factories.site(session, url="https://tin.example/")
    one, other = factories.published(session, topic="dich-benh"), factories.published(session, topic="kinh-te-xa-hoi")
    add(session, one, "2026.1", 5, 2, host="tin.example")
    add(session, other, "2026.1", 50, 20)
    add(session, one, "2026.1", 500, 200, day=date(2026, 9, 30))
    quarter = parse_period("2026-Q4")
    raw = {
        name: [line.raw for line in viewing.by_rules(session, scope)]
        for name, scope in {
            "all": Scope(quarter),
            "topic": Scope(quarter, topic_id=one.topic_id),
            "company": Scope(quarter, company_id=site.company_id),
            "empty": Scope(parse_period("2025")),
        }.items()
    }
    assert raw == {"all": [55], "topic": [5], "company": [5], "empty": []}
