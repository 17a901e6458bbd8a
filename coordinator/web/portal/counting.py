"""The counts beside the portal's ways: what a partner is asked for and has not done yet."""

from collections.abc import Mapping

from flask import g

from campaigns.compliance import replying
from campaigns.core.clock import city_day
from campaigns.talking import readers
from coordinator.web.portal.visiting import visitor
from coordinator.web.security import front


def waiting() -> Mapping[str, int]:
    """By the endpoint that leads there, for the present visitor; nothing before somebody has entered."""
    if "visitor" not in g:
        return {}
    place = front().place
    with place.database.read() as session:
        notices = readers.told(session, visitor().company_id, now=place.now())
        asked, _late, _by = replying.asked_of(session, visitor().company_id, city_day(place.now()))
    return {"portal.notices.index": sum(one.open for one in notices), "portal.findings.index": asked}
