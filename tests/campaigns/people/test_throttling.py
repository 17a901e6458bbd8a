"""Limits of attempts, and single-use tokens, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.people.throttling import AttemptCounter, AttemptLimit, count_attempt, forget_attempts, take_back_attempt
from campaigns.people.used_tokens import UsedToken, forget_used_tokens, use_token
from coordinator.db import Database
from tests.factories import NOW

SPAN = timedelta(minutes=10)
DOOR = AttemptLimit("door", 10, SPAN)
HOUSE = AttemptLimit("house", 3, SPAN)


def test_so_many_come_at_once_and_then_one_every_share(session: Session) -> None:
    assert [count_attempt(session, [DOOR], now=NOW) for _ in range(10)] == [None] * 10
    assert count_attempt(session, [DOOR], now=NOW) == timedelta(minutes=1)
    assert count_attempt(session, [DOOR], now=NOW + timedelta(seconds=59)) == timedelta(seconds=1)
    assert count_attempt(session, [DOOR], now=NOW + timedelta(minutes=1)) is None
    assert count_attempt(session, [DOOR], now=NOW + timedelta(minutes=1)) == timedelta(minutes=1)


def test_what_one_bound_refuses_weighs_on_no_other(session: Session) -> None:
    for _ in range(3):
        assert count_attempt(session, [HOUSE], now=NOW) is None
    for _ in range(20):
        assert count_attempt(session, [DOOR, HOUSE], now=NOW) is not None
    assert count_attempt(session, [DOOR], now=NOW) is None


def test_a_good_try_is_taken_back(session: Session) -> None:
    for _ in range(40):
        assert count_attempt(session, [DOOR, HOUSE], now=NOW) is None
        take_back_attempt(session, [DOOR, HOUSE], now=NOW)
    take_back_attempt(session, [DOOR, HOUSE], now=NOW)  # once too often gives nobody more than there is
    assert [count_attempt(session, [HOUSE], now=NOW) is None for _ in range(4)] == [True, True, True, False]


def test_what_weighs_nothing_any_more_is_forgotten(session: Session) -> None:
    count_attempt(session, [DOOR], now=NOW)
    assert forget_attempts(session, now=NOW + timedelta(seconds=59)) == 0
    assert forget_attempts(session, now=NOW + timedelta(minutes=1)) == 1
    assert session.execute(sa.select(AttemptCounter)).all() == []


def test_many_at_the_same_moment_do_not_slip_through(database: Database) -> None:
    def once(_number: int) -> bool:
        with database.write() as session:
            return count_attempt(session, [DOOR, HOUSE], now=NOW) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(once, range(16))) == 3


def test_a_thing_works_once_until_it_would_not_work_anyway(session: Session) -> None:
    later = NOW + timedelta(minutes=5)
    assert use_token(session, "challenge", until=later)
    assert not use_token(session, "challenge", until=later)
    assert use_token(session, "another", until=later)
    assert forget_used_tokens(session, now=NOW) == 0
    assert forget_used_tokens(session, now=later) == 2
    assert session.execute(sa.select(UsedToken)).all() == []
