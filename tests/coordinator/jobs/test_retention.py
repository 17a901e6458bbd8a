"""What has been kept long enough is deleted, what has not stays: by the table that the page shows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery
from campaigns.discovery.pending_pages import PENDING_LIFETIME
from campaigns.discovery.sightings import Page, Sighting, SightingMethod, record_sighting
from campaigns.matching.fingerprints import FP_VERSION
from campaigns.people.one_time_links import LINKS_KEPT
from campaigns.people.sessions import EDITOR_LIMITS, STAFF_KEPT
from campaigns.reporting.rollups import rollup
from campaigns.republications import log_retention
from campaigns.republications.log_retention import LOGS_KEPT, RetentionProgress
from campaigns.rows import METADATA
from coordinator.db import Database
from coordinator.jobs.retention import RETENTION, apply_retention
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.jobs.harness import JobHarness
from tests.planted_rows import plant_rows

# Table, the column that its lifetime is counted from, the lifetime, and what else its rows need.
AGED: list[tuple[str, str, timedelta, dict[str, Any]]] = [
    ("sessions", "began_at", STAFF_KEPT, {"person_id": 1, "editor_id": None}),
    ("sessions", "began_at", EDITOR_LIMITS.retention, {"editor_id": 1, "person_id": None}),
    ("one_time_links", "expires_at", LINKS_KEPT, {}),
    ("personal_mails", "asked_at", timedelta(days=30), {}),
    ("push_messages", "asked_at", timedelta(days=7), {}),
    ("account_messages", "at", timedelta(days=180), {"what": "returned"}),
    ("alarms", "at", timedelta(days=30), {}),
    ("idempotency_keys", "at", timedelta(hours=24), {}),
    ("used_tokens", "until", timedelta(0), {}),
    ("attempt_counters", "free_at", timedelta(0), {}),
    ("working_copies", "saved_at", timedelta(days=30), {}),
    ("report_runs", "at", timedelta(days=400), {"due_at": None}),
    ("import_runs", "changed_at", timedelta(days=14), {}),
    ("pending_pages", "at", PENDING_LIFETIME, {"fp_version": FP_VERSION}),
]


def test_a_row_is_deleted_when_its_time_is_over_and_not_before(sqlite: Database, tmp_path: Path) -> None:
    context = JobHarness(sqlite, tmp_path).context
    now, near = context.now(), timedelta(minutes=5)
    for table, since, lifetime, given in AGED:
        rule = next(rule for rule in RETENTION if table in rule.tables and _lasts(rule.lifetime, lifetime))
        assert rule.delete is not None
        plant_rows(sqlite, [(table, given | {since: now - age}) for age in (lifetime - near, lifetime + near)])
    apply_retention(context)
    for table, since, lifetime, given in AGED:
        column, rows = METADATA.tables[table].c[since], METADATA.tables[table]
        owner = [rows.c[name].is_(None) if value is None else rows.c[name] == value for name, value in given.items()]
        with sqlite.read() as session:
            left = session.execute(sa.select(column).where(*owner)).scalars().all()
        assert left == [now - lifetime + near], table


def _old_try(
    session: Session, delivery: Delivery, outcome: AttemptOutcome, age: timedelta, now: datetime, error: str
) -> None:
    session.add(Attempt(delivery_id=delivery.id, at=now - age, outcome=outcome, status=None, error=error))
    session.flush()


def test_of_old_tries_those_stay_that_arrived_and_the_last_of_each_delivery(database: Database, tmp_path: Path) -> None:
    house = JobHarness(database, tmp_path)
    context = house.context
    now, old, new = context.now(), LOGS_KEPT + timedelta(days=1), LOGS_KEPT - timedelta(days=1)
    with database.write() as session:
        factories.channel(session)
        factories.channel(session)
        factories.published(session)
        first, second = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
        failed, arrived = AttemptOutcome.FAILED, AttemptOutcome.DELIVERED
        for delivery, outcome, age, error in (
            (first, failed, old, "goes"), (first, arrived, old, "arrived"), (first, failed, old, "a correction's"),
            (first, arrived, old, "arrived again"), (second, failed, old, "goes"), (second, failed, old, "the last"),
            (first, failed, new, "not old"), (first, arrived, new, "not old, arrived"),
        ):  # fmt: skip
            _old_try(session, delivery, outcome, age, now, error)
    apply_retention(context)
    apply_retention(context)
    with database.read() as session:
        left = session.execute(sa.select(Attempt.error).order_by(Attempt.id)).scalars().all()
        assert left == ["arrived", "arrived again", "the last", "not old", "not old, arrived"]
        assert session.get_one(RetentionProgress, "attempts").deleted == 3
    house.clock.forward(days=2)
    apply_retention(context)
    with database.read() as session:
        assert "not old" not in session.execute(sa.select(Attempt.error)).scalars().all()


def test_of_old_pages_those_stay_that_a_copy_a_person_or_another_page_names(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_retention, "BATCH", 2)
    house = JobHarness(database, tmp_path)
    now, old = house.context.now(), house.context.now() - LOGS_KEPT - timedelta(days=1)
    with database.write() as session:
        site = factories.site(session)
        pages = {}
        for name, how, at in (
            ("plain", SightingMethod.DISCOVERED, old), ("reported", SightingMethod.REPORTED, old),
            ("leads-on", SightingMethod.DISCOVERED, old), ("led-to", SightingMethod.DISCOVERED, old),
            ("due", SightingMethod.DISCOVERED, old), ("also-plain", SightingMethod.DISCOVERED, old),
            ("new", SightingMethod.DISCOVERED, now),
        ):  # fmt: skip
            pages[name], _ = record_sighting(
                session, site, f"{site.url}{name}", how, "feed", fetch=name == "due", now=at
            )
        pages["leads-on"].alias_of_id = pages["led-to"].id
        pages["leads-on"].due_at = now
        copy = make_republication(session, factories.published(session), site, first_seen_at=old)
    apply_retention(house.context)
    with database.read() as session:
        left = [url.rpartition("/")[2] for url in session.execute(sa.select(Page.url).order_by(Page.id)).scalars()]
        assert left == ["reported", "leads-on", "led-to", "due", "new", copy.url.rpartition("/")[2]]
        assert session.scalar(sa.select(sa.func.count()).select_from(Sighting)) == 5
        assert list(rollup.find_differences(session)) == []


def _lasts(said: timedelta | str | None, lifetime: timedelta) -> bool:
    return said == lifetime or (isinstance(said, str) and not lifetime)


def test_every_rule_names_tables_that_are_there_and_says_who_deletes() -> None:
    assert len({rule.key for rule in RETENTION}) == len(RETENTION)
    for rule in RETENTION:
        assert set(rule.tables) <= set(METADATA.tables), rule.key
        assert rule.what
        assert rule.why
        assert rule.by
        # A time that the program applies has a function, or is a person's act on request.
        assert rule.delete is not None or rule.lifetime is None or rule.key == "cases", rule.key
