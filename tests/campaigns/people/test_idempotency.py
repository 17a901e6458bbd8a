"""An Idempotency-Key gets the same response for a day, for one key and one request only."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.people.idempotency import KEPT, StoredReply, forget_replies, keep_reply, recall_reply
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from tests.factories import NOW

SAME, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def key(session: Session) -> int:
    return add_key(session, "test", name="x", role=Role.WRITER, now=NOW).row.id


def test_an_answer_is_given_again_for_a_day(session: Session, key: int) -> None:
    assert recall_reply(session, key, "k", SAME, now=NOW) is None
    keep_reply(session, key, "k", SAME, 201, '{"code": "BT"}', now=NOW)
    for later in (timedelta(0), KEPT - timedelta(seconds=1)):
        assert recall_reply(session, key, "k", SAME, now=NOW + later) == StoredReply(201, '{"code": "BT"}')
    assert recall_reply(session, key, "k", SAME, now=NOW + KEPT) is None


def test_another_request_under_the_same_key_is_refused(session: Session, key: int) -> None:
    keep_reply(session, key, "k", SAME, 201, "{}", now=NOW)
    with pytest.raises(Conflict) as refused:
        recall_reply(session, key, "k", OTHER, now=NOW)
    assert refused.value.code == "idempotency_key_reused"
    assert recall_reply(session, key, "k", OTHER, now=NOW + KEPT) is None


def test_two_callers_with_the_same_idempotency_key_do_not_meet(session: Session, key: int) -> None:
    other = add_key(session, "test", name="y", role=Role.WRITER, now=NOW).row.id
    keep_reply(session, key, "k", SAME, 201, "{}", now=NOW)
    assert recall_reply(session, other, "k", SAME, now=NOW) is None
    keep_reply(session, other, "k", OTHER, 200, "[]", now=NOW)
    assert recall_reply(session, other, "k", OTHER, now=NOW) == StoredReply(200, "[]")


def test_of_two_at_once_one_fails_whole(session: Session, key: int) -> None:
    keep_reply(session, key, "k", SAME, 201, "{}", now=NOW)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        keep_reply(session, key, "k", SAME, 201, "{}", now=NOW)


def test_what_is_past_its_time_is_replaced_or_deleted(session: Session, key: int) -> None:
    keep_reply(session, key, "k", SAME, 201, "old", now=NOW)
    keep_reply(session, key, "k", OTHER, 201, "new", now=NOW + KEPT)
    assert recall_reply(session, key, "k", OTHER, now=NOW + KEPT) == StoredReply(201, "new")
    keep_reply(session, key, "l", SAME, 201, "older", now=NOW)
    assert forget_replies(session, now=NOW + KEPT) == 1
