"""The mark of a text that went out with one signature, wherever a bulletin is shown."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.people.staff import Actor, May
from campaigns.publishing import urgent
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.urgent import Review


@dataclass(frozen=True)
class Urgent:
    """One release with one signature, as pages tell of it. ``waits``: nobody has looked at it since; ``mine``: this
    reader may."""

    revision: int
    signer: str
    at: datetime
    reason: str
    waits: bool
    mine: bool
    reviewer: str
    reviewed_at: datetime | None
    objection: bool
    note: str


def urgent_of(session: Session, bulletin: Bulletin, who: Actor) -> Urgent | None:
    """The urgent release of a bulletin; None for one that two people signed."""
    found = urgent.of_bulletin(session, bulletin)
    if found is None:
        return None
    waits = found.reviewed_at is None
    wrote = {found.signer, bulletin.writer, bulletin.revision(found.revision).author}
    return Urgent(
        revision=found.revision,
        signer=found.signer_name,
        at=found.at,
        reason=found.reason,
        waits=waits,
        mine=waits and who.may(May.APPROVE) and who.id not in wrote,
        reviewer=found.reviewer_name or "",
        reviewed_at=found.reviewed_at,
        objection=found.outcome is Review.OBJECTION,
        note=found.note,
    )
