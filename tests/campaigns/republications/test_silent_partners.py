"""Silent partners receive bulletins and have no recent confirmed copy."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.silent_partners import SILENT_DAYS, silent_partner_codes, silent_partners
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication

TODAY = date(2026, 11, 24)


def settle(session: Session, bulletin: Bulletin, state: DeliveryState) -> None:
    session.execute(sa.update(Delivery).where(Delivery.bulletin_id == bulletin.id).values(state=state))


def test_a_partner_that_receives_and_carries_nothing_is_silent_since_its_last_copy(session: Session) -> None:
    loud, quiet, never, deaf = (factories.company(session, name) for name in ("To", "Im", "Chưa", "Không nhận"))
    for partner in (loud, quiet, never):
        factories.channel(session, company=partner)
    bulletin = factories.published(session)
    settle(session, bulletin, DeliveryState.DELIVERED)
    make_republication(session, bulletin, factories.site(session, loud), counted_on=TODAY)
    make_republication(session, bulletin, factories.site(session, quiet), counted_on=date(2026, 11, 10))
    make_republication(
        session, bulletin, factories.site(session, never), counted_on=TODAY, status=RepublicationStatus.REVIEW
    )
    make_republication(session, bulletin, factories.site(session, deaf), counted_on=date(2026, 11, 1))
    found = silent_partners(session, TODAY)
    assert found.count == 2
    assert [(row.name, row.last_on) for row in found.longest] == [
        ("Chưa", None),
        ("Im", date(2026, 11, 10)),
    ]
    assert silent_partner_codes(session, TODAY) == {never.code, quiet.code}


def test_who_received_nothing_lately_is_not_silent(session: Session) -> None:
    factories.channel(session, company=factories.company(session))
    factories.published(session)  # published, not delivered
    assert silent_partners(session, TODAY).count == 0
    session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
    assert silent_partners(session, TODAY).count == 1
    assert silent_partners(session, TODAY + timedelta(days=SILENT_DAYS)).count == 0


def test_only_the_longest_silent_are_named_but_all_are_counted(session: Session) -> None:
    for _ in range(4):
        factories.channel(session, company=factories.company(session))
    settle(session, factories.published(session), DeliveryState.DELIVERED)
    found = silent_partners(session, TODAY, most=3)
    assert (found.count, len(found.longest)) == (4, 3)


def test_a_copy_on_the_first_of_the_days_is_recent_and_one_the_day_before_is_not(session: Session) -> None:
    early, late = factories.company(session), factories.company(session)
    for partner in (early, late):
        factories.channel(session, company=partner)
    bulletin = factories.published(session)
    settle(session, bulletin, DeliveryState.DELIVERED)
    first = TODAY - timedelta(days=SILENT_DAYS - 1)
    make_republication(session, bulletin, factories.site(session, early), counted_on=first - timedelta(days=1))
    make_republication(session, bulletin, factories.site(session, late), counted_on=first)
    assert silent_partner_codes(session, TODAY) == {early.code}
    # Later copies do not change which partners were silent on an earlier day.
    assert silent_partner_codes(session, TODAY - timedelta(days=1)) == frozenset()
