"""Bulletins on the department's own accounts: each once in all, and once an account; partners' channels are none."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel
from campaigns.core.clock import parse_period
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.release import workflow
from campaigns.reporting.briefings.account_figures import AccountFigures, AccountRow, account_figures
from campaigns.reporting.briefings.drilldown import FigureSelection, drilldown_rows
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.tally_history import AsOf
from tests import factories
from tests.factories import APPROVER, DELIVERY_MODES, NOW

pytestmark = pytest.mark.long

SCOPE = TallyScope(parse_period("2026-Q4"))


def arrive(session: Session, *channels: Channel) -> None:
    """All deliveries to these channels have arrived."""
    theirs = Delivery.channel_id.in_([channel.id for channel in channels])
    session.execute(sa.update(Delivery).where(theirs).values(state=DeliveryState.DELIVERED))


def test_own_accounts_and_own_pages_on_platforms_count(session: Session) -> None:
    zalo, wire = factories.channel(session, "zalo"), factories.channel(session, "webhook")
    lotus = factories.channel(session, "lotus", company=factories.company(session))
    partner = factories.channel(session, "webhook", company=factories.company(session))
    bulletins = [factories.published(session) for _ in range(3)]
    assert account_figures(session, SCOPE) == AccountFigures()
    arrive(session, zalo, lotus, partner)
    workflow.correct(
        session, APPROVER, bulletins[0].code, factories.text("Đã sửa"), "sửa", DELIVERY_MODES, now=NOW
    )  # fmt: skip
    arrive(session, zalo)
    assert account_figures(session, SCOPE) == AccountFigures(
        3, (AccountRow(zalo.code, zalo.name, 3), AccountRow(lotus.code, lotus.name, 3))
    )
    for kind, key, count in (("accounts", "", 3), ("account_deliveries", zalo.code, 3), ("account_deliveries", "", 6)):
        which = FigureSelection(kind, "", "channel" if key else "", key)
        assert len(drilldown_rows(session, SCOPE, which, now=NOW)) == count
    assert account_figures(session, TallyScope(parse_period("2026-Q3"))) == AccountFigures()
    rollup.roll_up(session)
    then = AsOf(NOW, tally_history.newest_entry(session))
    arrive(session, wire)
    assert len(account_figures(session, SCOPE).accounts) == 3
    assert len(account_figures(session, TallyScope(SCOPE.period, as_of=then)).accounts) == 2
