"""The bulletins that arrived on the department's own accounts: its bulletins there, no republications."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope, scope_conditions
from campaigns.reporting.rollups.rollup_tables import ARRIVAL, columns_of

# A platform of this kind belongs to a partner, whose key reads the feed, and carries the department's own page.
OWN_PAGE_KINDS = ("lotus",)
OWN_ACCOUNT = sa.or_(Channel.company_id.is_(None), Channel.kind.in_(OWN_PAGE_KINDS))


@dataclass(frozen=True)
class AccountRow:
    """The bulletins of a scope that arrived on one account."""

    code: str
    name: str
    bulletins: int


@dataclass(frozen=True)
class AccountFigures:
    """``bulletins``: those that arrived on any own account, each once; ``accounts``: those with any, by their age."""

    bulletins: int = 0
    accounts: tuple[AccountRow, ...] = ()


def account_figures(session: Session, scope: TallyScope) -> AccountFigures:
    """Return the figures of a scope, at its time. A bulletin counts on the day it was released."""
    pairs = own_arrivals(scope)
    bulletins = session.execute(sa.select(sa.func.count(pairs.c.bulletin_id.distinct()))).scalar_one()
    query = (
        sa.select(Channel.code, Channel.name, sa.func.count())
        .join(pairs, pairs.c.channel_id == Channel.id)
        .group_by(Channel.id, Channel.code, Channel.name)
        .order_by(Channel.id)
    )
    return AccountFigures(bulletins, tuple(AccountRow(*row) for row in session.execute(query)))


def own_arrivals(scope: TallyScope) -> sa.Subquery:
    """The pairs of a bulletin and an own account where it arrived, each once, at the scope's time."""
    source = tally_history.changes_until(scope.as_of)
    pair = (source.c.bulletin_id, source.c.channel_id)
    own = source.c.channel_id.in_(sa.select(Channel.id).where(OWN_ACCOUNT))
    found = [source.c.kind == ARRIVAL, own, *scope_conditions(columns_of(source), scope, "channel_id")]
    return sa.select(*pair).where(*found).group_by(*pair).having(sa.func.sum(source.c.sign) > 0).subquery("arrived")
