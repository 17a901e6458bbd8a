"""An outcome is written once, also after a short failure of the database, and never after the lease has expired."""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from coordinator.db import Database
from coordinator.jobs import sending
from coordinator.jobs.sending import Outcome
from tests import factories
from tests.conftest import SEALS, Kept
from tests.coordinator.faults.tcp_proxy import TcpProxy
from tests.coordinator.installation import until
from tests.coordinator.jobs.harness import JobHarness

DONE = {"state": DeliveryState.DELIVERED, "due_at": None}


class Deaf(Database):
    """A database whose answer to the first commit, or so many, does not come through, though it was carried out."""

    left = 1

    @contextmanager
    def write(self) -> Iterator[Session]:
        """As ever, but for the answer."""
        with super().write() as session:
            yield session
        if self.left:
            self.left -= 1
            raise OperationalError("COMMIT", {}, Exception("the connection was lost"))


def taken_of(scene: JobHarness) -> ledger.Claim:
    """A delivery in hand."""
    now = scene.context.now()
    with scene.database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
        factories.published(session, now=now)
    with scene.database.write() as session:
        (taken,) = ledger.claim(session, Delivery, 9, timedelta(seconds=60), now=now)
    return taken


def tries(scene: JobHarness) -> int:
    with scene.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(Attempt)).scalar_one()


def attempt(taken: ledger.Claim, scene: JobHarness) -> Attempt:
    return Attempt(delivery_id=taken.id, at=scene.context.now(), outcome=AttemptOutcome.DELIVERED)


def test_a_commit_whose_answer_was_lost_is_not_made_twice(tmp_path: Path, database: Database) -> None:
    scene = JobHarness(database, tmp_path)
    taken = taken_of(scene)
    deaf = copy.copy(database)
    deaf.__class__ = Deaf
    place = replace(scene.context, database=deaf)
    sending.settle(place, Delivery, taken, Outcome(DONE, lambda session: session.add(attempt(taken, scene))))
    assert tries(scene) == 1


def test_an_outcome_of_a_lost_lease_is_refused_however_often_it_is_tried(tmp_path: Path, database: Database) -> None:
    scene = JobHarness(database, tmp_path)
    taken = taken_of(scene)
    with database.write() as session:
        session.execute(sa.update(Delivery).values(fence=taken.fence + 1))
    with pytest.raises(ledger.StaleFence):
        sending.settle(
            scene.context, Delivery, taken, Outcome(DONE, lambda session: session.add(attempt(taken, scene)))
        )
    assert tries(scene) == 0


def test_who_waits_for_too_long_gives_up_with_the_databases_own_error(tmp_path: Path, sqlite: Database) -> None:
    scene = JobHarness(sqlite, tmp_path)
    taken = taken_of(scene)
    deaf = copy.copy(sqlite)
    deaf.__class__ = Deaf
    assert isinstance(deaf, Deaf)
    deaf.left = 99
    place = replace(
        scene.context, database=deaf, intervals=replace(scene.context.intervals, lease=timedelta(seconds=1))
    )
    with pytest.raises(OperationalError):
        sending.settle(place, Delivery, taken, Outcome(DONE))


@pytest.mark.postgresql
def test_a_database_that_is_gone_for_a_second_is_waited_for(tmp_path: Path, kept_postgresql: Kept) -> None:
    with kept_postgresql.fresh(tmp_path / "none") as direct, TcpProxy(sa.make_url(direct.url).port or 5432) as cable:
        url = sa.make_url(direct.url)
        through = Database(
            url.set(host="127.0.0.1", port=cable.port).render_as_string(hide_password=False), seals=SEALS
        )
        scene = JobHarness(through, tmp_path)
        taken = taken_of(scene)
        cable.cut()
        troubles: list[Exception] = []

        def write() -> None:
            try:
                sending.settle(
                    scene.context, Delivery, taken, Outcome(DONE, lambda session: session.add(attempt(taken, scene)))
                )
            except OperationalError as error:
                troubles.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(1)
        assert writer.is_alive()
        cable.mend()
        writer.join(30)
        assert troubles == []
        until("it is written down", lambda: tries(scene) == 1)
        through.dispose()
