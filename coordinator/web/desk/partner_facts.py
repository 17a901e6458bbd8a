"""What a copy's page says of its site: the company, and whether licence and agreement held on the day it appeared."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from campaigns.core.vietnamese import slug
from campaigns.partners.agreements import agreements_of
from campaigns.partners.directory import Site
from campaigns.partners.licences import licences_of
from campaigns.planning.campaigns import Topic


@dataclass(frozen=True)
class Paper:
    """A licence or an agreement: its number, its last day where it has one, and whether it names this topic.

    ``holds``: whether it was good on the day in question. ``topic``: True when it names the topic or is for any,
    False when it names others only. ``words``: the scope as it is written.
    """

    number: str
    until: date | None
    holds: bool
    topic: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class PartnerFacts:
    """The site and its papers on ``day``; None where there is no such paper."""

    site: str
    site_url: str
    company: str
    company_code: str
    day: date
    licence: Paper | None
    agreement: Paper | None


def partner_facts(session: Session, site: Site, topic: Topic, day: date) -> PartnerFacts:
    """Read them. Of several papers the one that held is told, else the newest."""
    hosts = {site.host, site.host.partition(":")[0]}  # registers name domains without a port
    licences = [
        Paper(
            one.number,
            one.expires_on,
            any(one.covers(host, day) for host in hosts),
            _names(one.scope, topic),
            tuple(one.scope),
        )
        for one in licences_of(session, site.company)
    ]
    agreements = [
        Paper(one.number, one.ends_on, one.holds_on(day), _names(one.topics, topic), tuple(one.topics))
        for one in agreements_of(session, site.company)
    ]
    return PartnerFacts(
        site=site.name,
        site_url=site.url,
        company=site.company.name,
        company_code=site.company.code,
        day=day,
        licence=_best(licences),
        agreement=_best(agreements),
    )


def _names(words: list[str], topic: Topic) -> bool:
    """Whether a scope is for everything or names the topic, by its code or in words."""
    return not words or bool({topic.code, slug(topic.name)} & {slug(word) for word in words})


def _best(papers: list[Paper]) -> Paper | None:
    return max(papers, key=lambda one: (one.holds, one.topic), default=None)
