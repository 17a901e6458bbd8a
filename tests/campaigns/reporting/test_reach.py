"""How far single bulletins went, and who receives and stays silent: the same as counting by hand."""

from collections import Counter
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.publishing import workflow
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting.reach import Reach, Sent, reach_of, sent_of, silence
from campaigns.tracking.republications import Life, Status
from tests import factories
from tests.campaigns.reporting.copies import copy, many
from tests.factories import APPROVER, NATURES, NOW

TODAY = date(2026, 11, 24)
WEEK_AGO = date(2026, 11, 17)


def settle(session: Session, bulletin: Bulletin, state: DeliveryState) -> None:
    session.execute(sa.update(Delivery).where(Delivery.bulletin_id == bulletin.id).values(state=state))


def test_a_bulletin_nobody_got_reaches_nobody(session: Session) -> None:
    bulletin = factories.draft(session)
    assert reach_of(session, [bulletin.id]) == {bulletin.id: Reach()}
    assert reach_of(session, []) == {}
    assert sent_of(session, [bulletin.id]) == {}


def test_a_correction_to_the_same_channels_is_no_further_reach(session: Session) -> None:
    factories.channel(session)
    factories.channel(session)
    bulletin = factories.published(session)
    settle(session, bulletin, DeliveryState.DELIVERED)
    workflow.correct(
        session, APPROVER, bulletin.code, factories.text("Tiêu đề đã sửa"), "sửa tiêu đề", NATURES, now=NOW
    )
    assert len(session.execute(sa.select(Delivery)).all()) == 4
    reach = reach_of(session, [bulletin.id])[bulletin.id]
    assert (reach.channels, reach.delivered) == (2, 2)
    assert sent_of(session, [bulletin.id]) == {bulletin.id: Sent(2, 2)}


def test_what_was_cancelled_or_skipped_is_not_meant_to_arrive(session: Session) -> None:
    for _ in range(3):
        factories.channel(session)
    bulletin = factories.published(session)
    first, second, third = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
    first.state, second.state, third.state = DeliveryState.SKIPPED, DeliveryState.UNKNOWN, DeliveryState.DEAD
    session.flush()
    reach = reach_of(session, [bulletin.id])[bulletin.id]
    assert (reach.channels, reach.delivered, reach.unknown, reach.dead) == (2, 0, 1, 1)
    assert sent_of(session, [bulletin.id]) == {bulletin.id: Sent(2, 0)}


def test_copies_are_counted_by_bulletin_as_by_hand(session: Session) -> None:
    rows = many(session, 7)
    ids = {row.bulletin_id for row in rows}
    reach = reach_of(session, ids)
    for one in ids:
        mine = [row for row in rows if row.bulletin_id == one]
        by_status = Counter(row.status for row in mine)
        assert reach[one].confirmed == by_status[Status.CONFIRMED]
        assert reach[one].review == by_status[Status.REVIEW]
        assert reach[one].rejected == by_status[Status.REJECTED]
        assert reach[one].gone == sum(row.status is Status.CONFIRMED and row.life is Life.GONE for row in mine)


def test_a_partner_that_receives_and_carries_nothing_is_silent_since_its_last_copy(session: Session) -> None:
    loud, quiet, never, deaf = (factories.company(session, name) for name in ("To", "Im", "Chưa", "Không nhận"))
    for one in (loud, quiet, never):
        factories.channel(session, company=one)
    bulletin = factories.published(session)
    settle(session, bulletin, DeliveryState.DELIVERED)
    copy(session, bulletin, factories.site(session, loud), counted_on=TODAY)
    copy(session, bulletin, factories.site(session, quiet), counted_on=date(2026, 11, 9))
    copy(session, bulletin, factories.site(session, never), counted_on=TODAY, status=Status.REVIEW)
    copy(session, bulletin, factories.site(session, deaf), counted_on=date(2026, 11, 1))
    found = silence(session, WEEK_AGO)
    assert found.count == 2
    assert [(one.name, one.last_on) for one in found.longest] == [("Chưa", None), ("Im", date(2026, 11, 9))]


def test_who_received_nothing_lately_is_not_silent(session: Session) -> None:
    factories.channel(session, company=factories.company(session))
    factories.published(session)  # written out, not delivered
    assert silence(session, WEEK_AGO).count == 0
    session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
    assert silence(session, WEEK_AGO).count == 1
    assert silence(session, date(2026, 11, 25)).count == 0


def test_only_the_longest_silent_are_named_but_all_are_counted(session: Session) -> None:
    for _ in range(4):
        factories.channel(session, company=factories.company(session))
    settle(session, factories.published(session), DeliveryState.DELIVERED)
    found = silence(session, WEEK_AGO, most=3)
    assert (found.count, len(found.longest)) == (4, 3)
