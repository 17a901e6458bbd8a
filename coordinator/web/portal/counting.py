"""The counts beside the portal's ways: what a partner is asked for and has not done yet."""

from dataclasses import dataclass

from flask import g

from campaigns.talking import readers
from coordinator.web.portal.visiting import visitor
from coordinator.web.security import front


@dataclass(frozen=True)
class Counts:
    """``notices``: those that wait to be read or confirmed."""

    notices: int = 0


def portal_counts() -> Counts:
    """For the present visitor; nothing before somebody has entered."""
    if "visitor" not in g:
        return Counts()
    place = front().place
    with place.database.read() as session:
        return Counts(sum(one.open for one in readers.told(session, visitor().company_id, now=place.now())))
