"""The reach of single bulletins equals a count by hand."""

from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.release import workflow
from campaigns.reporting.reach import BulletinReach, SentCount, reach_of, sent_of
from campaigns.republications.republications import RepublicationLife, RepublicationStatus
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republications
from tests.factories import APPROVER, DELIVERY_MODES, NOW

pytestmark = pytest.mark.long


def settle(session: Session, bulletin: Bulletin, state: DeliveryState) -> None:
    session.execute(sa.update(Delivery).where(Delivery.bulletin_id == bulletin.id).values(state=state))


def test_a_bulletin_nobody_got_reaches_nobody(session: Session) -> None:
    bulletin = factories.draft(session)
    assert reach_of(session, [bulletin.id]) == {bulletin.id: BulletinReach()}
    assert reach_of(session, []) == {}
    assert sent_of(session, [bulletin.id]) == {}


def test_a_correction_to_the_same_channels_is_no_further_reach(session: Session) -> None:
    factories.channel(session)
    factories.channel(session)
    bulletin = factories.published(session)
    settle(session, bulletin, DeliveryState.DELIVERED)
    workflow.correct(
        session, APPROVER, bulletin.code, factories.text("Tiêu đề đã sửa"), "sửa tiêu đề", DELIVERY_MODES, now=NOW
    )
    assert len(session.execute(sa.select(Delivery)).all()) == 4
    reach = reach_of(session, [bulletin.id])[bulletin.id]
    assert (reach.channels, reach.delivered) == (2, 2)
    assert sent_of(session, [bulletin.id]) == {bulletin.id: SentCount(2, 2)}


def test_what_was_cancelled_or_skipped_is_not_meant_to_arrive(session: Session) -> None:
    for _ in range(3):
        factories.channel(session)
    bulletin = factories.published(session)
    first, second, third = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
    first.state, second.state, third.state = DeliveryState.SKIPPED, DeliveryState.UNKNOWN, DeliveryState.DEAD
    session.flush()
    reach = reach_of(session, [bulletin.id])[bulletin.id]
    assert (reach.channels, reach.delivered, reach.unknown, reach.dead) == (2, 0, 1, 1)
    assert sent_of(session, [bulletin.id]) == {bulletin.id: SentCount(2, 0)}


def test_copies_are_counted_by_bulletin_as_by_hand(session: Session) -> None:
    rows = make_republications(session, 7)
    ids = {row.bulletin_id for row in rows}
    reach = reach_of(session, ids)
    for ident in ids:
        mine = [row for row in rows if row.bulletin_id == ident]
        by_status = Counter(row.status for row in mine)
        assert reach[ident].confirmed == by_status[RepublicationStatus.CONFIRMED]
        assert reach[ident].review == by_status[RepublicationStatus.REVIEW]
        assert reach[ident].rejected == by_status[RepublicationStatus.REJECTED]
        assert reach[ident].gone == sum(
            row.status is RepublicationStatus.CONFIRMED and row.life is RepublicationLife.GONE for row in mine
        )
