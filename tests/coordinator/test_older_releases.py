"""A backup of each of the last five releases is restored by this program: its tables are made as they were, filled,
and upgraded, and what waited goes on. Beside them a backup of the present program."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.core import journal
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.reporting.rollups import rollup
from campaigns.republications.republications import Evidence
from coordinator import schema
from coordinator.db import Database
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.storage import backup
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.test_upgrades import database_url
from tests.releases import MIGRATIONS, kept_releases, migration_lines, write_release

FILES: dict[str, Path | None] = {"the present program": None} | {file.stem: file for file in kept_releases()}


@contextmanager
def _bare(kind: str, folder: Path) -> Iterator[Database]:
    folder.mkdir()
    with database_url(kind, folder) as url:
        database = Database(url)
        yield database
        database.dispose()


def test_no_released_migration_has_changed() -> None:
    assert set(MIGRATIONS.read_text().splitlines()) <= set(migration_lines())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("name", FILES)
def test_its_backup_is_restored_and_what_waited_goes_on(name: str, kind: str, tmp_path: Path) -> None:
    file = FILES[name]
    if file is None:
        file = tmp_path / "present.zip"
        (tmp_path / "made").mkdir()
        write_release(file, tmp_path / "made")
    with _bare(kind, tmp_path / "bare") as database:
        counts = backup.restore(database, tmp_path / "bare", file)
        assert schema.current(database) == schema.head()
        assert counts.pages > 0
        house = JobHarness(database, tmp_path / "bare")
        with database.read() as session:
            assert journal.verify(session) is None
            assert list(rollup.find_differences(session)) == []
            assert rollup.count_facts(session) > 0
            for key in session.execute(sa.select(Evidence.body_key).where(Evidence.body_key.is_not(None))).scalars():
                assert house.context.store.read(str(key))
            newest = session.scalar(sa.select(sa.func.max(Delivery.created_at)))
            waiting = set(session.execute(sa.select(Delivery.id).where(Delivery.state == DeliveryState.DUE)).scalars())
        assert waiting
        assert newest is not None
        house.clock.moment = newest + timedelta(minutes=1)
        taken = {claim.id for claim in WORK_KINDS["delivery"].claim(house.context, 50)}
        assert taken & waiting == taken != set()
        code = house.publish()
        house.recall(code)
        assert house.journal_holds()
