"""Alarms: news once when a spell begins and once when it ends, whoever watches."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import spells
from campaigns.core.journal import Entry
from campaigns.core.spells import Spell
from coordinator.db import Database
from tests.factories import NOW


def test_a_spell_is_news_at_its_beginning_and_at_its_end(session: Session) -> None:
    later = NOW + timedelta(minutes=5)
    assert not spells.end(session, "no_clock", now=NOW)  # nothing was wrong
    assert spells.begin(session, "no_clock", details={"seconds": 61}, now=NOW)
    assert not spells.begin(session, "no_clock", details={"seconds": 361}, now=later)
    assert [(one.code, one.raised_at, one.details) for one in spells.ongoing(session)] == [
        ("no_clock", NOW, {"seconds": 61})
    ]
    assert spells.end(session, "no_clock", now=later)
    assert not spells.end(session, "no_clock", now=later)
    assert spells.ongoing(session) == []
    assert spells.begin(session, "no_clock", now=later)  # another spell
    assert session.execute(sa.select(sa.func.count()).select_from(Spell)).scalar_one() == 2


def test_each_subject_has_its_own_and_the_longest_stands_first(session: Session) -> None:
    assert spells.begin(session, "channel_unauthorised", "zalo-b", now=NOW + timedelta(minutes=1))
    assert spells.begin(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [one.subject for one in spells.ongoing(session)] == ["zalo-a", "zalo-b"]
    assert spells.end(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [one.subject for one in spells.ongoing(session)] == ["zalo-b"]


def test_both_moments_are_in_the_journal(database: Database) -> None:
    with database.write() as session:
        spells.begin(session, "disk_nearly_full", "may-1", {"free_mb": 90}, now=NOW)
    with database.write() as session:
        spells.end(session, "disk_nearly_full", "may-1", now=NOW)
    with database.read() as session:
        entries = [(one.act, one.subject) for one in session.execute(sa.select(Entry).order_by(Entry.seq)).scalars()]
    assert entries == [("alarm.raised", "may-1"), ("alarm.over", "may-1")]
