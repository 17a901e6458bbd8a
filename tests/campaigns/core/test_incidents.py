"""Incidents: one alarm at the beginning and one at the end, from any process."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import incidents
from campaigns.core.incidents import Incident
from campaigns.core.journal import JournalEntry
from coordinator.db import Database
from tests.factories import NOW


def test_a_spell_is_news_at_its_beginning_and_at_its_end(session: Session) -> None:
    later = NOW + timedelta(minutes=5)
    assert not incidents.end_incident(session, "no_clock", now=NOW)  # nothing was wrong
    assert incidents.begin_incident(session, "no_clock", details={"seconds": 61}, now=NOW)
    assert not incidents.begin_incident(session, "no_clock", details={"seconds": 361}, now=later)
    assert [
        (incident.code, incident.raised_at, incident.details) for incident in incidents.ongoing_incidents(session)
    ] == [("no_clock", NOW, {"seconds": 61})]
    assert incidents.end_incident(session, "no_clock", now=later)
    assert not incidents.end_incident(session, "no_clock", now=later)
    assert incidents.ongoing_incidents(session) == []
    assert incidents.begin_incident(session, "no_clock", now=later)  # another spell
    assert session.execute(sa.select(sa.func.count()).select_from(Incident)).scalar_one() == 2


def test_each_subject_has_its_own_and_the_longest_stands_first(session: Session) -> None:
    assert incidents.begin_incident(session, "channel_unauthorised", "zalo-b", now=NOW + timedelta(minutes=1))
    assert incidents.begin_incident(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [incident.subject for incident in incidents.ongoing_incidents(session)] == ["zalo-a", "zalo-b"]
    assert incidents.end_incident(session, "channel_unauthorised", "zalo-a", now=NOW)
    assert [incident.subject for incident in incidents.ongoing_incidents(session)] == ["zalo-b"]


def test_both_moments_are_in_the_journal(database: Database) -> None:
    with database.write() as session:
        incidents.begin_incident(session, "disk_nearly_full", "may-1", {"free_mb": 90}, now=NOW)
    with database.write() as session:
        incidents.end_incident(session, "disk_nearly_full", "may-1", now=NOW)
    with database.read() as session:
        entries = [
            (entry.act, entry.subject)
            for entry in session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq)).scalars()
        ]
    assert entries == [("alarm.raised", "may-1"), ("alarm.over", "may-1")]
