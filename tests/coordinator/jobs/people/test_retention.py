"""What has been kept long enough is deleted, what has not stays: by the table that the page shows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from campaigns.people.one_time_links import LINKS_KEPT
from campaigns.people.sessions import EDITOR_LIMITS, STAFF_KEPT
from campaigns.rows import METADATA
from coordinator.db import Database
from coordinator.jobs.people.retention import RETENTION, apply_retention
from tests.coordinator.jobs.harness import JobHarness
from tests.planted_rows import plant_rows

# Table, the column that its lifetime is counted from, the lifetime, and what else its rows need.
AGED: list[tuple[str, str, timedelta, dict[str, Any]]] = [
    ("sessions", "began_at", STAFF_KEPT, {"person_id": 1, "editor_id": None}),
    ("sessions", "began_at", EDITOR_LIMITS.retention, {"editor_id": 1, "person_id": None}),
    ("one_time_links", "expires_at", LINKS_KEPT, {}),
    ("personal_mails", "asked_at", timedelta(days=30), {}),
    ("alarms", "at", timedelta(days=30), {}),
    ("idempotency_keys", "at", timedelta(hours=24), {}),
    ("used_tokens", "until", timedelta(0), {}),
    ("attempt_counters", "free_at", timedelta(0), {}),
    ("working_copies", "saved_at", timedelta(days=30), {}),
    ("report_runs", "at", timedelta(days=400), {"due_at": None}),
    ("import_runs", "changed_at", timedelta(days=14), {}),
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
