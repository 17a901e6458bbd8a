"""A backup of each of the last five releases is restored by this program through its command line: the tables are made
as they were, filled, and upgraded; the journal and the counts hold, and what waited goes on."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from campaigns.core import journal
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from coordinator import schema
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.installation import Installation, Staff, until
from tests.coordinator.test_upgrades import COLUMN, INDEX, database_url, invented_history
from tests.releases import MIGRATIONS, kept_releases, migration_lines

pytestmark = pytest.mark.minutes

FILES = {file.stem: file for file in kept_releases()}
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
SETTLED = (DeliveryState.DELIVERED, DeliveryState.CANCELLED, DeliveryState.SKIPPED, DeliveryState.DEAD)


# A step that writes every counted row, and changes none that the journal tells of.
WRITTEN_AGAIN = "    op.execute('UPDATE republications SET status = status')\n"


def test_no_released_migration_has_changed() -> None:
    assert set(MIGRATIONS.read_text().splitlines()) <= set(migration_lines())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FILES)
def test_its_backup_is_restored_and_what_waited_goes_on(name: str, kind: str, tmp_path: Path) -> None:
    # What has waited for more than a day in the backup is held for a person, and goes on when the person says so.
    machine = Machine(tmp_path)
    with (
        database_url(kind, tmp_path) as url,
        Installation(machine.data, database_url=url) as here,
        here.open_database() as database,
    ):
        machine.settings["LANTOA_DATABASE_URL"] = url
        assert " kept pages restored" in machine.well("restore", FILES[name])
        assert machine.well("db", "current").strip() == schema.head()
        _proves_itself(machine)
        with database.read() as session:
            assert journal.key_state(session) is journal.SealState.FITS
            waiting = set(session.scalars(sa.select(Delivery.id).where(Delivery.state.not_in(SETTLED))))
            tried = session.scalar(sa.select(sa.func.max(Attempt.id))) or 0
        assert waiting
        keys = {role: machine.well("key", "add", role, "--role", role).strip() for role in ("writer", "approver")}
        staff = Staff(here.base, keys)
        process = here.serve()
        until("serve answers", here.alive)

        def goes_on() -> bool:
            attempts = sa.select(Attempt.delivery_id).where(
                Attempt.id > tried, Attempt.outcome != AttemptOutcome.BY_PERSON
            )
            with database.read() as session:
                return bool(waiting & set(session.scalars(attempts)))

        def held() -> Sequence[str]:
            late = sa.select(Delivery.public).where(Delivery.id.in_(waiting), Delivery.reason == "overdue")
            with database.read() as session:
                return session.scalars(late).all()

        until("what waited is tried, or held as overdue", lambda: goes_on() or bool(held()))
        for ident in held():
            staff.post("approver", f"/deliveries/{ident}/resolve", {"outcome": "not_sent", "again": True})
        until("what waited is tried", goes_on)
        code = staff.publish("Tin phát sau khi nâng cấp")
        staff.post("approver", f"/bulletins/{code}/recall", {"reason": "Thử thu hồi sau khi nâng cấp."})
        assert here.end(process) == 0
        _proves_itself(machine)


def _proves_itself(machine: Machine) -> None:
    assert machine.well("journal", "verify").startswith("journal whole: ")
    assert "count proven: " in machine.well("tallies", "verify")


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the program is a newer one, with three more migrations; the last changes what is counted."""
    config = invented_history(
        tmp_path / "newer", (COLUMN, False, {"deliveries": "moment"}), (INDEX, False, {"deliveries": "beside"}),
        (WRITTEN_AGAIN, True, {}),
    )  # fmt: skip
    place = config.get_main_option("script_location")
    released = schema.configuration

    def configuration() -> Config:
        made = released()
        made.set_main_option("script_location", place)
        return made

    monkeypatch.setattr(schema, "configuration", configuration)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["restored, then upgraded", "restored by the newer program"])
@pytest.mark.parametrize("name", FILES)
def test_further_migrations_upgrade_it(
    name: str, kind: str, way: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    released = schema.head()
    machine = Machine(tmp_path)
    with database_url(kind, tmp_path) as url:
        machine.settings["LANTOA_DATABASE_URL"] = url
        if way == "restored, then upgraded":
            machine.well("restore", FILES[name])
            request.getfixturevalue("newer")
            refused = machine("db", "current")
            assert (refused.status, refused.out) == (1, f"{released}\n")
            assert machine.refused("journal", "verify").endswith("run: lantoa db upgrade")
            assert "step_4: Step 4" in machine.well("db", "upgrade", "--plan")
            done = machine("db", "upgrade")
            assert (done.status, done.out) == (0, f"{released} -> step_4\n"), done
        else:
            request.getfixturevalue("newer")
            machine.well("restore", FILES[name])
        assert machine.well("db", "current") == "step_4\n"
        assert machine.well("journal", "verify").startswith("journal whole: ")
        counted = machine.well("tallies", "verify")
        assert "sums hold: " in counted
        assert "count proven: " in counted
