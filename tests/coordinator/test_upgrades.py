"""Upgrades beside a running program: what is counted stays right, nothing that was there is dropped without need, and a
migration that cannot have its locks tries again. The migrations after the first are invented."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import coordinator.migrations
import pytest
import sqlalchemy as sa
from alembic.config import Config

from campaigns.bulletins.bulletins import Bulletin
from campaigns.partners.directory import Site
from campaigns.reporting.rollups import change_log, rollup
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator import schema
from coordinator.cli.database import plan_lines
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.installation import own_postgresql

pytestmark = pytest.mark.minutes

HEAD = '''"""{doc}."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{revision}", "{before}", None, None
CHANGES_COUNTS = {counts}
LOCKS = {locks}
OUTSIDE_TRANSACTION = {alone}
def downgrade(): pass
def upgrade():
'''
VIEW = "    op.execute('CREATE VIEW titles AS SELECT code FROM bulletins')\n"
COLUMN = "    op.add_column('deliveries', sa.Column('remark', sa.String(20)))\n"
INDEX = (
    "    op.drop_index('ix_remark', 'deliveries', postgresql_concurrently=True, if_exists=True)\n"
    "    op.create_index('ix_remark', 'deliveries', ['settled_at'], postgresql_concurrently=True)\n"
)
REJECTED = (
    "    op.execute(\"UPDATE republications SET status = 'rejected' WHERE status = 'confirmed' AND id % 2 = 0\")\n"
)


def invented_history(folder: Path, *steps: tuple[str, bool, dict[str, str]]) -> Config:
    """The first migration and invented ones after it: their body, whether they change counts, and their locks."""
    shutil.copytree(Path(coordinator.migrations.__path__[0]), folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = schema.head()
    for number, (body, counts, locks) in enumerate(steps, 2):
        revision = f"step_{number}"
        head = HEAD.format(
            doc=f"Step {number}", revision=revision, before=before, counts=counts, locks=locks,
            alone="concurrently" in body,
        )  # fmt: skip
        (folder / "versions" / f"m{revision}.py").write_text(head + body)
        before = revision
    config = schema.configuration()
    config.set_main_option("script_location", str(folder))
    return config


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def at_first(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own at the first migration, with counted rows."""
    with database_url(request.param, tmp_path) as url:
        database = Database(url)
        schema.upgrade(database)
        with database.write() as session:
            for _ in range(3):
                bulletin = factories.published(session)
                for _ in range(4):
                    make_republication(session, bulletin, factories.site(session))
        yield database
        database.dispose()


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'lantoa.db'}"
    else:
        with own_postgresql() as url:
            yield url


def _holds(database: Database) -> bool:
    with database.read() as session:
        whole = not change_log.missing_triggers(session.connection())
        return whole and not rollup.are_stale(session) and list(rollup.find_differences(session)) == []


def _trigger_keys(database: Database) -> list[int]:
    with database.engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT oid FROM pg_trigger WHERE tgname ~ '^tallies' ORDER BY oid")))


def test_what_is_counted_is_right_after_any_steps(at_first: Database, tmp_path: Path) -> None:
    steps = ((VIEW, False, {}), (COLUMN, False, {}), (INDEX, False, {"deliveries": "beside"}), (REJECTED, True, {}))
    config = invented_history(tmp_path / "new", *steps)
    schema.upgrade(at_first, config=config)
    assert schema.current(at_first) == "step_5"
    with at_first.engine.connect() as connection:
        assert "ix_remark" in {index["name"] for index in sa.inspect(connection).get_indexes("deliveries")}
    assert _holds(at_first)
    with at_first.read() as session:
        left = sa.select(sa.func.count()).where(Republication.status == RepublicationStatus.CONFIRMED)
        assert session.scalar(left) == 6


def test_a_step_that_counts_nothing_leaves_the_sums_alone(
    at_first: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recompute(_session: object) -> int:
        raise AssertionError("nothing that is counted was changed")

    monkeypatch.setattr(rollup, "recompute_sums", recompute)
    before = _trigger_keys(at_first) if not at_first.on_sqlite else []
    schema.upgrade(at_first, config=invented_history(tmp_path / "new", (VIEW, False, {})))
    assert _holds(at_first)
    if not at_first.on_sqlite:
        assert _trigger_keys(at_first) == before


def test_sums_whose_remaking_was_cut_off_are_remade_by_the_next_call(
    at_first: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = invented_history(tmp_path / "new", (REJECTED, True, {}))
    with monkeypatch.context() as cut:

        def die(_session: object) -> int:
            raise KeyboardInterrupt

        cut.setattr(rollup, "recompute_sums", die)
        with pytest.raises(KeyboardInterrupt):
            schema.upgrade(at_first, config=config)
    assert schema.current(at_first) == "step_2"
    with at_first.read() as session:
        assert rollup.are_stale(session)
    schema.upgrade(at_first, config=config)
    assert _holds(at_first)


def test_triggers_that_somebody_dropped_are_put_back_and_what_they_missed_is_counted(at_first: Database) -> None:
    with at_first.engine.begin() as connection:
        change_log.remove_triggers(connection)
        connection.execute(sa.text("UPDATE republications SET status = 'rejected'"))
    assert not _holds(at_first)
    schema.upgrade(at_first)
    assert _holds(at_first)


@pytest.mark.postgresql
def test_sums_are_remade_beside_writers_and_count_what_they_wrote(tmp_path: Path) -> None:
    with own_postgresql() as url:
        database = Database(url)
        schema.upgrade(database)
        with database.write() as session:
            bulletins = [factories.published(session).id for _ in range(6)]
            sites = [factories.site(session).id for _ in range(6)]
        stop, errors, written = threading.Event(), [], [0]

        def write(part: int) -> None:
            turn = 0
            try:
                while not stop.is_set():
                    with database.write() as session:
                        bulletin = session.get_one(Bulletin, bulletins[part * 2 + turn % 2])
                        made = make_republication(session, bulletin, session.get_one(Site, sites[turn // 2 % 6]))
                    with database.write() as session:
                        session.get_one(Republication, made.id).status = RepublicationStatus.REJECTED
                    turn += 1
                    written[0] += 1
            except BaseException as error:  # noqa: BLE001  # shown by the test
                errors.append(error)

        threads = [threading.Thread(target=write, args=(part,)) for part in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            schema.rebuild_sums(database)
            with database.write() as session:
                rollup.roll_up(session)
        stop.set()
        for thread in threads:
            thread.join()
        assert errors == []
        assert written[0] > 5
        assert _holds(database)
        database.dispose()


@pytest.mark.postgresql
def test_a_step_whose_table_is_in_use_is_undone_tried_again_and_says_so_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schema, "LOCK_TRIES", 2)
    monkeypatch.setattr(schema, "LOCK_PAUSE", 0.1)
    config = invented_history(tmp_path / "new", (VIEW, False, {}), (COLUMN, False, {"deliveries": "moment"}))
    with own_postgresql() as url:
        database = Database(url)
        schema.upgrade(database)
        with database.engine.connect() as reader, reader.begin():
            reader.execute(sa.text("SELECT count(*) FROM deliveries"))
            with pytest.raises(schema.TablesInUse, match="run it again"):
                schema.upgrade(database, config=config)
            # Nobody waits behind it, and the step before it is kept.
            with database.engine.connect() as other:
                other.execute(sa.text("SET statement_timeout = '10s'"))
                other.execute(sa.text("SELECT count(*) FROM deliveries"))
        assert schema.current(database) == "step_2"
        assert "tables are in use, trying again (1 of 2)" in caplog.text
        plan = list(plan_lines(database, schema.pending(database, config)))
        assert plan[0] == "step_3: Step 3."
        assert "deliveries (about " in plan[1]
        assert "reads and writes wait for a moment" in plan[1]
        schema.upgrade(database, config=config)
        assert next(plan_lines(database, schema.pending(database, config))) == "nothing to do"
        database.dispose()
