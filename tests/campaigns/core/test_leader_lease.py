"""The leader lease has one holder, also with concurrent first requests."""

import threading
from datetime import timedelta

import sqlalchemy as sa

from campaigns.core.leases import acquire_lease, release_lease
from coordinator.db import Database
from tests.factories import NOW

LEASE = timedelta(seconds=15)


def _lead(database: Database, holder: str, later: float = 0) -> bool:
    with database.write() as session:
        return acquire_lease(session, "clock", holder, LEASE, now=NOW + timedelta(seconds=later))


def test_the_first_leads_until_its_lease_runs_out(database: Database) -> None:
    assert _lead(database, "a")
    assert not _lead(database, "b", 14)
    assert _lead(database, "b", 15)
    assert not _lead(database, "a", 16)


def test_a_leader_that_goes_on_asking_goes_on_leading(database: Database) -> None:
    for second in range(0, 60, 10):
        assert _lead(database, "a", second)
        assert not _lead(database, "b", second + 5)


def test_stepping_down_frees_the_lease_at_once_and_only_for_oneself(database: Database) -> None:
    assert _lead(database, "a")
    with database.write() as session:
        release_lease(session, "clock", "b", now=NOW)
    assert not _lead(database, "b", 1)
    with database.write() as session:
        release_lease(session, "clock", "a", now=NOW)
    assert _lead(database, "b", 1)


def test_names_do_not_stand_in_each_others_way(database: Database) -> None:
    with database.write() as session:
        assert acquire_lease(session, "secrets:1", "a", LEASE, now=NOW)
        assert acquire_lease(session, "secrets:2", "b", LEASE, now=NOW)


def test_of_many_that_ask_at_once_for_the_first_time_one_leads_and_none_fails(database: Database) -> None:
    values: list[bool] = []
    troubles: list[BaseException] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        start.wait(10)
        try:
            values.append(_lead(database, str(number)))
        except sa.exc.SQLAlchemyError as error:
            troubles.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert sorted(values) == [False] * 7 + [True]


def test_a_lead_taken_by_a_clock_that_was_hours_ahead_is_not_waited_for(database: Database) -> None:
    assert _lead(database, "wrong", 3 * 3600)
    assert not _lead(database, "other", 3 * 3600 + 14)  # while the time is wrong for everybody, it holds
    assert _lead(database, "other")  # and not after it was set right
    assert not _lead(database, "wrong", 14)
    assert _lead(database, "ahead", 40)
    assert not _lead(database, "behind", 40 - LEASE.total_seconds())  # machines differ by seconds
