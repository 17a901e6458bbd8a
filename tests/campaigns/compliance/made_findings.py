"""Factories of findings: a site, a rule version, a fault, a proof."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.finding_workflow import FindingProof, RuleSubject, propose_finding
from campaigns.compliance.findings import Finding
from campaigns.compliance.rule_parameters import Fault
from campaigns.compliance.rules import Rule, all_rules, rule_in_force
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
    """The version of a rule in force on a day."""
    found = rule_in_force(all_rules(session), code, day)
    assert found is not None
    return found


def proof(at: datetime = NOW) -> FindingProof:
    """The proof of a page that was read."""
    return FindingProof("https://trang.example/", at, "ab" * 32)


def proposed(
    session: Session, code: str = "R1", site: Site | None = None, *, at: datetime = NOW, fault: Fault | None = None
) -> Finding:
    """A newly proposed finding about a site; fails if none was created."""
    place = site or factories.site(session)
    subject = RuleSubject(place.company_id, place.id)
    day = city_day(at)
    made = propose_finding(
        session, rule(session, code, day), subject, fault or FAULTS.get(code, NO_AGREEMENT), proof(at), day=day, now=at
    )
    assert made
    return session.execute(sa.select(Finding).order_by(Finding.id.desc()).limit(1)).scalar_one()
