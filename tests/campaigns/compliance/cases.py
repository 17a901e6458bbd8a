"""Findings made by hand: a site, a rule of a day, a fault, a proof."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.faults import Fault
from campaigns.compliance.findings import Finding
from campaigns.compliance.proposing import Proof, Subject, propose
from campaigns.compliance.rules import Rule, all_rules, in_force
from campaigns.core.clock import city_day
from campaigns.partners.directory import Site
from tests import factories
from tests.factories import NOW

FAULTS = {
    "R1": Fault("imprint", {"missing": ["phone", "address"]}),
    "R13": Fault("press_name", {"name": "Báo X", "word": "Báo"}),
}
TODAY = city_day(NOW)
NO_AGREEMENT = Fault("no_agreement")


def rule(session: Session, code: str, day: date = TODAY) -> Rule:
    """The version of a day."""
    found = in_force(all_rules(session), code, day)
    assert found is not None
    return found


def proof(at: datetime = NOW) -> Proof:
    """A page that was read."""
    return Proof("https://trang.example/", at, "ab" * 32)


def proposed(
    session: Session, code: str = "R1", site: Site | None = None, *, at: datetime = NOW, fault: Fault | None = None
) -> Finding:
    """A new finding about a site; fails where none is made."""
    place = site or factories.site(session)
    subject = Subject(place.company_id, place.id)
    day = city_day(at)
    made = propose(
        session, rule(session, code, day), subject, fault or FAULTS.get(code, NO_AGREEMENT), proof(at), day=day, now=at
    )
    assert made
    return session.execute(sa.select(Finding).order_by(Finding.id.desc()).limit(1)).scalar_one()
