"""What an import of the register would do, found out by reading alone: nobody who writes is held up by a check."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.partners.directory import Company, Site, host_key
from campaigns.partners.enrolling import Enrolled, KnownCompanies, Refused, refuse_ended
from campaigns.partners.licences import Licence
from campaigns.partners.register import RegisterEntry, RejectedRow


def foresee(session: Session, entries: Sequence[RegisterEntry], *, now: datetime) -> Enrolled:
    """What ``enrol`` would answer now, without ``new_sites``: the same counts, the same entries rejected."""
    seen = _Directory(session)
    today = city_day(now)
    unchanged = 0
    rejected: list[RejectedRow] = []
    for entry in entries:
        try:
            refuse_ended(entry, today)
            unchanged += not seen.take(entry)
        except Refused as refused:
            rejected.append(RejectedRow(entry.row, refused.field, refused.code, refused.message))
    return Enrolled(seen.companies, seen.licences, seen.sites, unchanged, tuple(rejected), ())


class _Directory:
    """The directory as it is and as it would become. New companies have numbers below zero."""

    def __init__(self, session: Session) -> None:
        self._known = KnownCompanies()
        self._known.catch_up(session)
        self._names = dict(session.execute(sa.select(Company.id, Company.name)).all())
        query = sa.select(Licence.number, Licence.company_id, Licence.domains)
        self._licences = {number: (owner, frozenset(domains)) for number, owner, domains in session.execute(query)}
        self._sites = dict(session.execute(sa.select(Site.host, Site.company_id)).all())
        self.companies = self.licences = self.sites = 0

    def take(self, entry: RegisterEntry) -> bool:
        """Whether an entry would change anything. Raises ``Refused`` for one that contradicts the directory."""
        hosts = {host_key(f"http://{domain}"): domain for domain in entry.domains}
        owner = self._known.find(entry)
        fresh = owner is None
        if owner is None:
            owner = -1 - self.companies
        holder, domains = self._licences.get(entry.licence_number, (owner, None))
        if holder != owner:
            held = f"licence {entry.licence_number} is {self._names[holder]}'s"
            raise Refused("licence_number", "licence_taken", held)
        for host, domain in hosts.items():
            if (other := self._sites.get(host, owner)) != owner:
                raise Refused("domains", "site_taken", f"the site {domain} is {self._names[other]}'s")
        wider = frozenset(hosts) | (domains or frozenset())
        sites = [host for host in hosts if host not in self._sites]
        if fresh:
            self.companies += 1
            self._names[owner] = entry.company_name
            self._known.add(owner, entry.company_name, entry.tax_code)
        changed = wider != domains
        self.licences += changed
        self.sites += len(sites)
        self._licences[entry.licence_number] = owner, wider
        self._sites.update(dict.fromkeys(sites, owner))
        return fresh or changed or bool(sites)
