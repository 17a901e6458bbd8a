"""Rule evaluation: recently read pages are checked against the rules in force on their day.

``evaluate_front_page`` checks a fetched front page with the register's entries of its site. ``sweep_evidence`` checks
copies, a few hundred at a time, in the order of their evidence; its cursor advances in the same transaction and starts
at the newest evidence when it is created, so that older pages are checked when they are read again. Evidence rejudged
by later matching rules is not checked again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin
from campaigns.compliance.copy_checks import (
    DOCUMENT_CHECKS,
    RECALL_CHECKS,
    TEXT_CHECKS,
    CopyCheck,
    CopyFacts,
    PartnerDocument,
)
from campaigns.compliance.finding_workflow import FindingProof, RuleSubject, note_in_order, propose_finding
from campaigns.compliance.findings import Finding, FindingStatus
from campaigns.compliance.front_page_checks import FRONT_PAGE_CHECKS, FrontPage, RegisteredLicence, RegisterFacts
from campaigns.compliance.inspections import PageSnapshot
from campaigns.compliance.rule_parameters import Checker, Fault
from campaigns.compliance.rules import Rule, all_rules, rule_in_force
from campaigns.core.base import Base, BigKey
from campaigns.core.clock import city_day
from campaigns.matching.classification import CARRIED
from campaigns.matching.parsed_page import TimeOrigin
from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import Site
from campaigns.partners.licences import Licence, licences_of
from campaigns.planning.campaigns import Topic
from campaigns.republications import browser_looks
from campaigns.republications.browser_looks import LookCause
from campaigns.republications.republications import (
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    shown_attribution,
)


def evaluate_front_page(
    session: Session,
    site: Site,
    page: FrontPage,
    front: PageSnapshot,
    article: PageSnapshot | None,
    *,
    now: dt.datetime,
) -> int:
    """Check a stored front page against the rules; returns the number of new findings. ``article``: the page with the
    comment box, when that is not the front page."""
    day = city_day(front.at)
    known = register_facts(session, site, day)
    subject = RuleSubject(site.company_id, site.id)
    rules = all_rules(session)
    new = 0
    for code, checker in dict.fromkeys((rule.code, rule.checker) for rule in rules):
        rule = rule_in_force(rules, code, day) if checker in FRONT_PAGE_CHECKS else None
        if rule is None:
            continue
        shows = article if checker is Checker.NO_COMMENTS and article is not None else front
        fault = FRONT_PAGE_CHECKS[checker](page, known, rule.parameters)
        if fault is None:
            note_in_order(session, code, subject, front.at, now=now)
            continue
        proof = FindingProof(shows.final_url, shows.at, shows.body_hash, snapshot_id=shows.id)
        new += propose_finding(session, rule, subject, fault, proof, day=day, now=now)
    return new


def register_facts(session: Session, site: Site, day: dt.date) -> RegisterFacts:
    """The company of a site and its licences in force on a day, from the register."""
    hosts = {site.host, site.host.partition(":")[0]}  # the register holds domains without a port
    good = [
        RegisteredLicence(licence.number, licence.issuer, licence.issued_on)
        for licence in licences_of(session, site.company)
        if any(licence.covers(host, day) for host in hosts)
    ]
    return RegisterFacts(site.company.name, good)


# A transaction that began earlier may commit a smaller id later; after this time it has ended.
SETTLED_AFTER = dt.timedelta(seconds=90)
# Times read from the page itself, as opposed to a feed or our first sighting.
_PAGE_TIME_ORIGINS = frozenset(
    origin.value for origin in (TimeOrigin.JSON_LD, TimeOrigin.META, TimeOrigin.TIME, TimeOrigin.TEXT)
)
OpenFindings = frozenset[tuple[str, str]]
# Copies are checked at the address that counts or waits for a person; a recalled bulletin has to go from every address.
COPY_STANDS = (RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW)
ADDRESS_STANDS = (*COPY_STANDS, RepublicationStatus.DUPLICATE)


class EvidenceSweep(Base):
    """The single row with the sweep's cursor."""

    __tablename__ = "evidence_sweep"

    id: Mapped[int] = mapped_column(primary_key=True)
    evidence_id: Mapped[int] = mapped_column(BigKey)


@dataclass
class SweepResult:
    """The result of one batch: evidence read, findings proposed, and whether more is waiting."""

    read: int = 0
    proposed: int = 0
    more: bool = False


@dataclass(frozen=True)
class _SeenCopy:
    """A copy with the evidence that it is judged by."""

    carried: CopyFacts
    subject: RuleSubject
    proof: FindingProof


@dataclass
class _PartnerDocuments:
    """Licences and agreements by company, read once per batch."""

    session: Session
    licences: dict[int, list[Licence]] = field(default_factory=dict)
    agreements: dict[int, list[Agreement]] = field(default_factory=dict)

    def read(self, companies: Iterable[int]) -> None:
        """Read those of these companies, in two queries."""
        wanted = sorted(set(companies))
        for ident in wanted:
            self.licences[ident], self.agreements[ident] = [], []
        for licence in self.session.execute(sa.select(Licence).where(Licence.company_id.in_(wanted))).scalars():
            self.licences[licence.company_id].append(licence)
        for paper in self.session.execute(sa.select(Agreement).where(Agreement.company_id.in_(wanted))).scalars():
            self.agreements[paper.company_id].append(paper)

    def documents_of(
        self, company: int, host: str, day: dt.date
    ) -> tuple[list[PartnerDocument], list[PartnerDocument]]:
        """The site's licences and its company's agreements, as of a day."""
        hosts = {host, host.partition(":")[0]}  # the register holds domains without a port
        licences = [
            PartnerDocument(
                document.number,
                any(document.covers(name, day) for name in hosts),
                document.last_day,
                tuple(document.scope),
            )
            for document in self.licences[company]
            if any(document.covers(name, document.issued_on) for name in hosts)
        ]
        agreements = [
            PartnerDocument(
                document.number,
                document.holds_on(day),
                document.ends_on,
                tuple(document.topics),
                document.delay_minutes,
            )
            for document in self.agreements[company]
        ]
        return licences, agreements


def sweep_evidence(session: Session, limit: int = 200, *, now: dt.datetime) -> SweepResult:
    """Check the next copies, then recalled bulletins that are still online."""
    done = SweepResult()
    mark = session.get(EvidenceSweep, 1, with_for_update=True)
    if mark is None:
        newest = session.execute(sa.select(sa.func.max(Evidence.id))).scalar_one() or 0
        session.add(EvidenceSweep(id=1, evidence_id=newest))
        session.flush()
        return done
    query = (
        sa.select(Evidence.id)
        .where(Evidence.id > mark.evidence_id, Evidence.at <= now - SETTLED_AFTER)
        .order_by(Evidence.id)
        .limit(limit)
    )
    idents = list(session.execute(query).scalars())
    rules = all_rules(session)
    if idents:
        mark.evidence_id = idents[-1]
        copies = _next_copies(session, COPY_STANDS, Evidence.id.in_(idents))
        opened = _open_findings(session, copies)
        for copy in copies:
            done.proposed += _evaluate_copy(session, rules, copy, opened, now)
        done.read, done.more = len(idents), len(idents) == limit
    withdrawn = _recalled_copies(session, limit)
    opened = _open_findings(session, withdrawn)
    for copy in withdrawn:
        done.proposed += _apply_rules(session, rules, RECALL_CHECKS, copy, copy.subject, opened, now)
    session.flush()
    return done


def _open_findings(session: Session, copies: Sequence[_SeenCopy]) -> OpenFindings:
    """Subject and rule code of the open findings on these copies and their sites. They are few, so that a copy in order
    without an open finding, the usual case, needs no further query."""
    subjects = {key for copy in copies for key in (copy.subject.key, replace(copy.subject, of_copy=False).key)}
    if not subjects:
        return frozenset()
    query = sa.select(Finding.subject, Finding.code).where(
        Finding.subject.in_(sorted(subjects)), Finding.closed_at.is_(None)
    )
    return frozenset((row[0], row[1]) for row in session.execute(query))


def _evaluate_copy(
    session: Session, rules: Sequence[Rule], copy: _SeenCopy, opened: OpenFindings, now: dt.datetime
) -> int:
    by_site = replace(copy.subject, of_copy=False)
    found = _apply_rules(session, rules, TEXT_CHECKS, copy, copy.subject, opened, now)
    if found and copy.subject.republication_id is not None:
        browser_looks.require_look_at(session, copy.subject.republication_id, LookCause.SUSPECTED)
    return found + _apply_rules(session, rules, DOCUMENT_CHECKS, copy, by_site, opened, now)


def _apply_rules(
    session: Session,
    rules: Sequence[Rule],
    asked: Mapping[Checker, CopyCheck],
    copy: _SeenCopy,
    subject: RuleSubject,
    opened: OpenFindings,
    now: dt.datetime,
) -> int:
    """Evaluate the rules in force on the copy's day; returns the number of new findings."""
    new = 0
    for code, checker in dict.fromkeys((rule.code, rule.checker) for rule in rules):
        rule = rule_in_force(rules, code, copy.carried.day) if checker in asked else None
        if rule is None:
            continue
        fault: Fault | None = asked[checker](copy.carried, rule.parameters)
        if fault is None:
            if (subject.key, code) in opened:
                note_in_order(session, code, subject, copy.proof.at, now=now)
        else:
            new += propose_finding(session, rule, subject, fault, copy.proof, day=copy.carried.day, now=now)
    return new


def _evidence_rows(statuses: Sequence[RepublicationStatus], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest evidence of each copy that carries our text, with its republication, bulletin, topic and site."""
    columns: tuple[Any, ...] = (Evidence, Republication, Bulletin, Topic, Site)
    return (
        sa.select(*columns)
        .join(Republication, Republication.id == Evidence.republication_id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .join(Site, Site.id == Republication.site_id)
        .where(
            *conditions,
            Site.sample.is_(False),
            Evidence.rejudged_from.is_(None),
            Evidence.match.in_(CARRIED),
            Republication.status.in_(statuses),
            Bulletin.release_at.is_not(None),
        )
        .order_by(Evidence.id)
    )


def _next_copies(
    session: Session, statuses: Sequence[RepublicationStatus], *conditions: sa.ColumnElement[bool]
) -> list[_SeenCopy]:
    newest: dict[int, Any] = {}
    for row in session.execute(_evidence_rows(statuses, *conditions)):
        newest[row[1].id] = row  # ordered by id, so the newest stays
    documents = _PartnerDocuments(session)
    documents.read(row[4].company_id for row in newest.values())
    return [_seen_copy(row, documents) for row in newest.values()]


def _seen_copy(row: Any, documents: _PartnerDocuments) -> _SeenCopy:
    evidence, copy, bulletin, topic, site = row
    licences, agreements = documents.documents_of(site.company_id, site.host, copy.counted_on)
    carried = CopyFacts(
        day=copy.counted_on,
        attribution=shown_attribution(evidence.attribution, copy.attribution_said),
        source_name=evidence.source_name or "",
        source_text=evidence.source_text,
        link_position=evidence.link_position,
        author=evidence.author,
        title=evidence.page_title,
        match=evidence.match,
        share=evidence.share,
        topic=topic.code,
        topic_name=topic.name,
        released_at=bulletin.release_at,
        published_at=None if evidence.published_from == TimeOrigin.FIRST_SEEN.value else evidence.published_at,
        dated=evidence.published_from in _PAGE_TIME_ORIGINS,
        first_seen_at=copy.first_seen_at,
        recalled_at=bulletin.recalled_at,
        checked_at=copy.checked_at or evidence.at,
        up=copy.life is not RepublicationLife.GONE and copy.missing_since is None,
        licences=licences,
        agreements=agreements,
    )
    proof = FindingProof(evidence.final_url, evidence.at, evidence.body_hash, evidence_id=evidence.id)
    return _SeenCopy(carried, RuleSubject(site.company_id, site.id, copy.id, of_copy=True), proof)


def _recalled_copies(session: Session, limit: int) -> list[_SeenCopy]:
    """Copies of recalled bulletins at every address without an open finding, and those with one once they are removed.

    The day is that of the last check: the rule in force when the copy should have been removed. The proof is the newest
    page read; the last check found it unchanged. Both queries start from few rows: outdated copies and open findings.
    """
    of_recall = sa.select(Rule.id).where(Rule.checker == Checker.TAKEN_DOWN)
    has = sa.exists().where(Finding.republication_id == Republication.id, Finding.rule_id.in_(of_recall))
    settled = has.where(sa.or_(Finding.closed_at.is_(None), Finding.standing == FindingStatus.DISMISSED))
    still = (
        sa.select(Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(
            Republication.stale.is_(True),
            Republication.status.in_(ADDRESS_STANDS),
            Republication.life != RepublicationLife.GONE,
            Republication.missing_since.is_(None),
            Republication.checked_at > Bulletin.recalled_at,
            ~settled,
        )
        .limit(limit)
    )
    gone = (
        sa.select(Republication.id)
        .join(Finding, Finding.republication_id == Republication.id)
        .where(
            Finding.rule_id.in_(of_recall),
            Finding.closed_at.is_(None),
            Finding.mended_seen_at.is_(None),
            Republication.life == RepublicationLife.GONE,
        )
        .limit(limit)
    )
    idents = [*session.execute(still).scalars(), *session.execute(gone).scalars()]
    if not idents:
        return []
    newest = (
        sa.select(sa.func.max(Evidence.id))
        .where(Evidence.republication_id.in_(idents), Evidence.match.in_(CARRIED), Evidence.rejudged_from.is_(None))
        .group_by(Evidence.republication_id)
    )
    out = []
    newest_read = list(session.execute(newest).scalars())
    for copy in _next_copies(session, ADDRESS_STANDS, Evidence.id.in_(newest_read)):
        day = city_day(copy.carried.checked_at)
        proof = replace(copy.proof, at=max(copy.proof.at, copy.carried.checked_at))
        out.append(replace(copy, carried=replace(copy.carried, day=day), proof=proof))
    return out
