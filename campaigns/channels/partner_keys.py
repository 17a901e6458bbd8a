"""A partner's key with the feed channel that its reading of the feed is proven by."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, create_channel
from campaigns.partners.directory import Company, current_company
from campaigns.people.keys import AccessKey, NewKey, add_key

FEED_KIND = "feed"


def add_partner_key(
    session: Session,
    actor: str,
    company: Company,
    *,
    name: str,
    expires_on: date | None = None,
    pulled: Collection[str],
    now: datetime,
) -> tuple[NewKey[AccessKey], Channel | None]:
    """Make a key for a partner, and the feed channel that it lacks; returns the key and the new channel, if one was
    made. ``pulled``: the kinds of channels that their receivers read by themselves.

    A partner that ever had such a channel gets none: one that was paused or retired says on purpose that the partner
    reads nothing. Raises as ``keys.add_key``.
    """
    company = current_company(session, company)
    session.refresh(company, with_for_update={"of": Company})  # two keys at once make one channel
    made = add_key(session, actor, name=name, company_id=company.id, expires_on=expires_on, now=now)
    has = sa.select(Channel.id).where(Channel.company_id == company.id, Channel.kind.in_(pulled))
    if session.execute(has.limit(1)).first() is not None:
        return made, None
    channel = create_channel(
        session, actor, code=None, kind=FEED_KIND, name=f"Nguồn tin {company.name}"[:200], company=company,
        topics=None, settings={}, encrypted_secrets=None, now=now,
    )  # fmt: skip
    return made, channel
