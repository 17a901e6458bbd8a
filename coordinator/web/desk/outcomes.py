"""What became of a bulletin at each place it was sent to, by the newest delivery there: no forecast of the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.publishing.transport import Act
from coordinator.web.desk.elsewhere import channel_page, partner_page

# As a reader wants them: what needs somebody, what is under way, what is done.
ORDER = (
    DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.RETRYING, DeliveryState.SENDING, DeliveryState.DUE,
    DeliveryState.DELIVERED, DeliveryState.SKIPPED, DeliveryState.CANCELLED,
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One place: whose it is (None = ours), what was done last, how that stands, since when."""

    delivery: str
    name: str
    url: str | None
    owner: str | None
    owner_url: str | None
    act: Act
    revision: int
    state: DeliveryState
    at: datetime | None


def outcomes(session: Session, bulletin: Bulletin) -> Sequence[Outcome]:
    """Every place with a delivery of this bulletin, the newest of each: after a correction, whether that is there."""
    newest = (
        sa.select(sa.func.max(Delivery.id)).where(Delivery.bulletin_id == bulletin.id).group_by(Delivery.channel_id)
    )
    query = (
        sa.select(Delivery, Channel, Company.name, Company.code)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(Company, Company.id == Channel.company_id)
        .where(Delivery.id.in_(newest))
    )
    found = [
        Outcome(
            one.public, channel.name, channel_page(channel.code), owner, partner_page(code) if code else None, one.act,
            one.revision, one.state, one.settled_at,
        )
        for one, channel, owner, code in session.execute(query)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (ORDER.index(one.state), one.owner is not None, one.name))


def by_state(found: Sequence[Outcome]) -> Mapping[DeliveryState, Sequence[Outcome]]:
    """The same in groups; a state that no place is in is left out."""
    groups = {state: [one for one in found if one.state is state] for state in ORDER}
    return {state: rows for state, rows in groups.items() if rows}
