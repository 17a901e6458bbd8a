"""Alarms: news once when a spell begins and once when it ends, whoever watches."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import alarms
from campaigns.core.alarms import Alarm
from campaigns.core.journal import Entry
from coordinator.db import Database
from tests.factories import NOW


def test_a_spell_is_news_at_its_beginning_and_at_its_end(session: Session) -> None:
    later = NOW + timedelta(minutes=5)
    assert not alarms.clear(session, "no_clock", now=NOW)  # nothing was wrong
    assert alarms.raise_alarm(session, "no_clock", details={"seconds": 61}, now=NOW)
    assert not alarms.raise_alarm(session, "no_clock", details={"seconds": 361}, now=later)
    assert [(one.code, one.raised_at, one.details) for one in alarms.ongoing(session)] == [
        ("no_clock", NOW, {"seconds": 61})
    ]
    assert alarms.clear(session, "no_clock", now=later)
    assert not alarms.clear(session, "no_clock", now=later)
    assert alarms.ongoing(session) == []
    assert alarms.raise_alarm(session, "no_clock", now=later)  # another spell
    assert session.execute(sa.select(sa.func.count()).select_from(Alarm)).scalar_one() == 2


def test_each_subject_has_its_own_and_the_longest_stands_first(session: Session) -> None:
    assert alarms.raise_alarm(session, "channel_unauthorised", "zalo-b", now=NOW + timedelta(minutes=1))
    assert alarms.raise_alarm(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [one.subject for one in alarms.ongoing(session)] == ["zalo-a", "zalo-b"]
    assert alarms.clear(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [one.subject for one in alarms.ongoing(session)] == ["zalo-b"]


def test_both_moments_are_in_the_journal(database: Database) -> None:
    with database.write() as session:
        alarms.raise_alarm(session, "disk_nearly_full", "may-1", {"free_mb": 90}, now=NOW)
    with database.write() as session:
        alarms.clear(session, "disk_nearly_full", "may-1", now=NOW)
    with database.read() as session:
        entries = [(one.act, one.subject) for one in session.execute(sa.select(Entry).order_by(Entry.seq)).scalars()]
    assert entries == [("alarm.raised", "may-1"), ("alarm.over", "may-1")]
