"""A front page held against the rules of the day it was read, with the register's entries of its site."""

import datetime as dt

from sqlalchemy.orm import Session

from campaigns.compliance.imprints import OF_FRONT, FrontPage, Licensed, Registered
from campaigns.compliance.inspections import KeptFront
from campaigns.compliance.parameters import Checker
from campaigns.compliance.proposing import Proof, Subject, propose, seen_fine
from campaigns.compliance.rules import all_rules, in_force
from campaigns.core.clock import city_day
from campaigns.partners.directory import Site
from campaigns.partners.licences import licences_of


def judge_front(
    session: Session, site: Site, page: FrontPage, front: KeptFront, article: KeptFront | None, *, now: dt.datetime
) -> int:
    """Ask of a page that was read and kept what its site is held to; how many findings are new. ``article``: where the
    comment box stood, when it was not on the front page itself."""
    day = city_day(front.at)
    known = registered(session, site, day)
    subject = Subject(site.company_id, site.id)
    rules = all_rules(session)
    new = 0
    for code, checker in dict.fromkeys((rule.code, rule.checker) for rule in rules):
        rule = in_force(rules, code, day) if checker in OF_FRONT else None
        if rule is None:
            continue
        shows = article if checker is Checker.NO_COMMENTS and article is not None else front
        fault = OF_FRONT[checker](page, known, rule.parameters)
        if fault is None:
            seen_fine(session, code, subject, front.at, now=now)
            continue
        proof = Proof(shows.final_url, shows.at, shows.body_hash, kept_id=shows.id)
        new += propose(session, rule, subject, fault, proof, day=day, now=now)
    return new


def registered(session: Session, site: Site, day: dt.date) -> Registered:
    """What the register says of a site's company and of its licences on a day."""
    hosts = {site.host, site.host.partition(":")[0]}  # registers name domains without a port
    good = [
        Licensed(one.number, one.issuer, one.issued_on)
        for one in licences_of(session, site.company)
        if any(one.covers(host, day) for host in hosts)
    ]
    return Registered(site.company.name, good)
