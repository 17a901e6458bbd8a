"""A fault of the installation raises one alarm to each administrator, and its end another."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import incidents, leases
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.people.alarms import Alarm
from campaigns.people.mail_outbox import PersonalMail
from campaigns.people.staff import Person, Role
from campaigns.reporting import monitoring
from coordinator.db import Database
from coordinator.jobs import incident_watch
from coordinator.mail import message_texts
from tests import factories
from tests.coordinator.web.application import RunningApplication, open_application


@pytest.fixture
def outside(database: Database, tmp_path: Path) -> RunningApplication:
    """An office with a mail server, a writer, and two administrators, one of whom has left."""
    made = open_application(database, tmp_path, mail_server="smtp://127.0.0.1:2525", mail_from="tin@so.example")
    now = made.office.now()
    with database.write() as session:
        for email, role, active in (
            ("quan@so.example", Role.ADMIN, True),
            ("cu@so.example", Role.ADMIN, False),
            ("viet@so.example", Role.WRITER, True),
        ):
            session.add(Person(email=email, name=email, role=role, active=active, fs_uniquifier=email, created_at=now))
    return made


def notifications(outside: RunningApplication) -> list[tuple[str, str, str]]:
    """To whom, what and of what, in order."""
    with outside.database.read() as session:
        letters = session.execute(sa.select(PersonalMail).order_by(PersonalMail.id)).scalars()
        return [(mail.address, mail.what, mail.more) for mail in letters]


def going_on(outside: RunningApplication) -> list[tuple[str, str]]:
    with outside.database.read() as session:
        return [(incident.code, incident.subject) for incident in incidents.ongoing_incidents(session)]


def late(outside: RunningApplication, minutes: float) -> None:
    """A bulletin that a webhook should have had so long ago."""
    with outside.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    outside.publish()
    outside.clock.forward(minutes=minutes)


def test_late_deliveries_are_reported_once_and_once_again_when_they_are_on_time(outside: RunningApplication) -> None:
    late(outside, 4)
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == []
    outside.clock.forward(minutes=2)
    for _ in range(3):
        incident_watch.watch_work(outside.office)
    assert going_on(outside) == [("deliveries_late", "")]
    assert notifications(outside) == [("quan@so.example", "deliveries_late", "")]
    with outside.database.write() as session:
        session.execute(sa.update(Delivery).values(due_at=outside.office.now() - timedelta(minutes=3)))
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == [("deliveries_late", "")]  # better, and not yet well
    with outside.database.write() as session:
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED, due_at=None))
    for _ in range(2):
        incident_watch.watch_work(outside.office)
    assert going_on(outside) == []
    assert notifications(outside)[1:] == [("quan@so.example", "deliveries_late_over", "")]


def test_dead_letters_and_channels_without_authorisation_are_reported(outside: RunningApplication) -> None:
    late(outside, 0)
    with outside.database.write() as session:
        code = session.execute(sa.select(Channel.code)).scalar_one()
        session.execute(sa.update(Delivery).values(state=DeliveryState.DEAD, due_at=None))
        session.execute(sa.update(Channel).values(state=ChannelState.NEEDS_AUTHORISATION))
    incident_watch.watch_work(outside.office)
    assert set(going_on(outside)) == {("deliveries_dead", ""), ("channel_unauthorised", code)}
    with outside.database.write() as session:
        session.execute(sa.update(Channel).values(state=ChannelState.RETIRED))
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == [("deliveries_dead", "")]


def test_sites_that_fail_together_are_an_alarm_and_a_few_are_not(outside: RunningApplication) -> None:
    now = outside.office.now()
    with outside.database.write() as session:
        for number in range(20):
            url = f"https://trang-{number}.example/"
            sync_sources(session, factories.site(session, url=url, feeds=[f"{url}rss.xml"], now=now), now=now)

    def fail(many: int) -> None:
        with outside.database.write() as session:
            chosen = session.execute(sa.select(Source.id).order_by(Source.id).limit(many)).scalars().all()
            session.execute(sa.update(Source).values(failing_since=None))
            session.execute(sa.update(Source).where(Source.id.in_(chosen)).values(failing_since=now))
        incident_watch.watch_work(outside.office)

    fail(5)
    assert going_on(outside) == []
    fail(6)
    assert going_on(outside) == [("sites_failing", "")]
    fail(0)
    assert going_on(outside) == []


def test_the_web_tells_when_no_clock_leads_and_when_one_does_again(outside: RunningApplication) -> None:
    incident_watch.watch_clock(outside.office)
    assert going_on(outside) == []  # there never was one: somebody is still setting up
    with outside.database.write() as session:
        leases.acquire_lease(session, "clock", "may-1:1", timedelta(seconds=15), now=outside.office.now())
    outside.clock.forward(seconds=45)
    incident_watch.watch_clock(outside.office)
    assert going_on(outside) == []  # another may be stepping in
    outside.clock.forward(seconds=60)
    incident_watch.watch_clock(outside.office)
    assert going_on(outside) == [("no_clock", "")]
    with outside.database.write() as session:
        leases.acquire_lease(session, "clock", "may-2:1", timedelta(seconds=15), now=outside.office.now())
    incident_watch.watch_clock(outside.office)
    assert going_on(outside) == []


def test_a_disk_is_reported_by_its_machine_until_it_has_space_or_the_machine_is_gone(
    outside: RunningApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [0]  # MB of a thousand
    monkeypatch.setattr(incident_watch, "disk_space", lambda _folder: (free[0] * 1_000_000, 1_000_000_000))
    monkeypatch.setattr(incident_watch.socket, "gethostname", lambda: "may-7")
    with outside.database.write() as session:
        leases.record_heartbeat(session, "web", "a", "may-7:1", now=outside.office.now())
    for free[0], left in ((40, 1), (60, 1), (90, 0), (60, 0), (40, 1)):
        incident_watch.watch_disk(outside.office, tmp_path)
        incident_watch.watch_work(outside.office)
        assert going_on(outside) == [("disk_nearly_full", "may-7")] * left
    outside.clock.forward(minutes=2)  # it has not signed for that long
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == []


def test_a_failed_unit_is_reported_until_the_backup_is_made_or_the_process_went_on_for_an_hour(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_watch.socket, "gethostname", lambda: "may-7")
    for unit in ("lantoa-backup", "lantoa-work@1", "lantoa-work@1"):
        incident_watch.note_failed_unit(outside.office, unit)
    assert going_on(outside) == [("unit_failed", "may-7:lantoa-backup"), ("unit_failed", "may-7:lantoa-work@1")]
    assert len(notifications(outside)) == 2
    outside.clock.forward(minutes=61)
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == [("unit_failed", "may-7:lantoa-backup")]
    with outside.database.write() as session:
        monitoring.record_backup(session, "f.zip", 1, encrypted=False, now=outside.office.now())
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == []


def test_without_a_mail_server_the_desk_tells_and_the_webhook(database: Database, tmp_path: Path) -> None:
    outside = open_application(database, tmp_path)
    late(outside, 6)
    incident_watch.watch_work(outside.office)
    assert going_on(outside) == [("deliveries_late", "")]
    with outside.database.read() as session:
        assert session.execute(sa.select(Alarm.what)).scalars().all() == ["deliveries_late"]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_alarm_has_words_in_letters_and_one_that_has_none_is_reported_all_the_same(locale: str) -> None:
    given = {"name": "Hà", "at": "10:00", "base": "https://tin.example"}
    heads = {
        message_texts.alarm_texts(what, locale, about="may-1", **given)[0]
        for code in message_texts.incident_codes()
        for what in (code, message_texts.over_code(code))
    }
    assert len(heads) == 2 * len(message_texts.incident_codes())
    subject, text = message_texts.alarm_texts("no_words_for_this", locale, about="zalo-1", **given)
    assert "no_words_for_this" in subject
    assert "zalo-1" in text
