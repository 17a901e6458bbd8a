"""Deliveries: entitlement, claims, and settlement by a person."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels import channels as channel_acts
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import DeliveryAct
from campaigns.core.errors import Conflict
from campaigns.delivery import manual_actions, outbox, outbox_claims
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.release import workflow
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, NOW, channel, published, text

LEASE = timedelta(seconds=60)


def _claim(session: Session, limit: int = 50, later: timedelta = timedelta(0)) -> list[Delivery]:
    now = NOW + later
    claims = outbox_claims.claim_deliveries(session, limit, LEASE, DELIVERY_MODES, now=now)
    session.expire_all()
    return [session.get_one(Delivery, claim.id) for claim in claims]


def _of(session: Session, one: Channel) -> Delivery:
    return session.execute(sa.select(Delivery).where(Delivery.channel_id == one.id)).scalars().first()  # type: ignore[return-value]


def test_a_bulletin_goes_to_channels_that_take_its_topic(session: Session) -> None:
    takes, other = channel(session, topics=["dich-benh"]), channel(session, topics=["an-ninh-quoc-phong"])
    every, retired = channel(session), channel(session)
    retired.state = ChannelState.RETIRED
    bulletin = published(session)
    got = session.execute(sa.select(Delivery.channel_id).where(Delivery.bulletin_id == bulletin.id)).scalars().all()
    assert set(got) == {takes.id, every.id}
    assert other.id not in got


def test_a_bulletin_that_names_its_channels_goes_to_those_only(session: Session) -> None:
    named, _other = channel(session), channel(session)
    bulletin = published(session, channels=[named.code])
    got = session.execute(sa.select(Delivery.channel_id).where(Delivery.bulletin_id == bulletin.id)).scalars().all()
    assert got == [named.id]


def test_only_pushed_channels_have_work_due(session: Session) -> None:
    pushed, pulled, by_hand = channel(session), channel(session, "feed"), channel(session, "manual")
    published(session)
    assert _of(session, pushed).due_at is not None
    assert _of(session, pulled).due_at is None
    assert _of(session, by_hand).due_at is None


def test_a_channel_gets_one_message_at_a_time_in_order(session: Session) -> None:
    busy, free = channel(session), channel(session)
    first, second = published(session), published(session)
    claimed = _claim(session)
    assert {(delivery.channel_id, delivery.bulletin_id) for delivery in claimed} == {
        (busy.id, first.id),
        (free.id, first.id),
    }
    assert _claim(session) == []
    delivery = next(row for row in claimed if row.channel_id == busy.id)
    delivery.state, delivery.lease_until, delivery.due_at = DeliveryState.DELIVERED, None, None
    session.flush()
    later = timedelta(seconds=1)  # two releases at the same time differ by a microsecond
    assert [(row.channel_id, row.bulletin_id) for row in _claim(session, later=later)] == [(busy.id, second.id)]


def test_a_bulletin_whose_fate_is_unknown_holds_up_its_own_correction_and_nothing_else(session: Session) -> None:
    one = channel(session)
    bulletin = published(session)
    (sent,) = _claim(session)
    sent.state, sent.due_at, sent.lease_until = DeliveryState.UNKNOWN, None, None
    session.flush()
    workflow.correct(session, APPROVER, bulletin.code, text(body="Đã sửa."), "Sửa", DELIVERY_MODES, now=NOW)
    assert _claim(session) == []
    other = published(session)
    assert [row.bulletin_id for row in _claim(session)] == [other.id]
    assert one.state is ChannelState.ACTIVE


def test_paused_channels_wait_except_for_a_recall(session: Session) -> None:
    one = channel(session)
    bulletin = published(session)
    (sent,) = _claim(session)
    sent.state, sent.due_at, sent.lease_until = DeliveryState.DELIVERED, None, None
    session.flush()
    channel_acts.pause(session, ADMIN, one, now=NOW)
    published(session)
    assert _claim(session) == []
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW)
    assert [row.act for row in _claim(session)] == [DeliveryAct.RECALL]


def test_the_same_delivery_is_never_written_twice(session: Session) -> None:
    one = channel(session)
    bulletin = published(session)
    again = outbox.enqueue_deliveries(
        session, bulletin, [one], 1, DeliveryAct.PUBLISH, DELIVERY_MODES, due_at=NOW, now=NOW
    )
    assert again == 0
    assert session.execute(sa.select(sa.func.count()).select_from(Delivery)).scalar_one() == 1


def test_an_unknown_delivery_is_settled_by_a_person_and_not_retried_blindly(session: Session) -> None:
    channel(session)
    published(session)
    (sent,) = _claim(session)
    sent.state, sent.due_at, sent.lease_until = DeliveryState.UNKNOWN, None, None
    session.flush()
    with pytest.raises(Conflict):
        manual_actions.retry_delivery(session, APPROVER, sent, now=NOW)
    manual_actions.resolve_delivery(
        session, APPROVER, sent, arrived=True, url="https://lotus.example/p/1", again=False, now=NOW
    )
    assert (sent.state, sent.url) == (DeliveryState.DELIVERED, "https://lotus.example/p/1")
    with pytest.raises(Conflict):
        manual_actions.resolve_delivery(session, APPROVER, sent, arrived=True, url=None, again=False, now=NOW)


def test_a_dead_delivery_is_retried_with_the_same_key(session: Session) -> None:
    channel(session)
    published(session)
    (sent,) = _claim(session)
    key = sent.key
    sent.state, sent.due_at, sent.lease_until = DeliveryState.DEAD, None, None
    session.flush()
    manual_actions.retry_delivery(session, APPROVER, sent, now=NOW)
    (again,) = _claim(session)
    assert (again.key, again.attempt) == (key, 1)
