"""Sweeping: every page that was read of late is held against the rules of its day, a few hundred at a time.

The evidence is gone through in the order it was written, behind a mark that is moved on in the same transaction. It
begins at the end of what is there when the mark is made: what was read before the rules came is judged when it is read
again. A page that was judged anew by later rules of matching was read once, and is not asked again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.compliance.copies import OF_PAPERS, OF_RECALL, OF_TEXT, Asking, Carried, Paper
from campaigns.compliance.faults import Fault
from campaigns.compliance.findings import Finding, Standing
from campaigns.compliance.parameters import Checker
from campaigns.compliance.proposing import Proof, Subject, propose, seen_fine
from campaigns.compliance.rules import Rule, all_rules, in_force
from campaigns.core.base import Base
from campaigns.core.clock import city_day
from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import Site
from campaigns.partners.licences import Licence
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.matching import Match
from campaigns.tracking.pages import Origin
from campaigns.tracking.republications import Evidence, Life, Republication, Status, shown_attribution

# A transaction that began earlier may commit a smaller number later; by then it is over.
SETTLED = dt.timedelta(seconds=90)
OURS = (Match.FULL, Match.PARTIAL)  # an excerpt or a headline may be anybody's
# Where a page itself tells its time; a feed or our first sight of it do so for others.
_OWN = frozenset(one.value for one in (Origin.JSON_LD, Origin.META, Origin.TIME, Origin.TEXT))
Opened = frozenset[tuple[str, str]]
STANDS = (Status.CONFIRMED, Status.REVIEW)


class Sweep(Base):
    """The one row that says how far the evidence has been gone through."""

    __tablename__ = "compliance_sweep"

    id: Mapped[int] = mapped_column(primary_key=True)
    evidence_id: Mapped[int]


@dataclass
class Swept:
    """What one turn did: pages gone through, findings proposed, and whether more waits."""

    read: int = 0
    proposed: int = 0
    more: bool = False


@dataclass(frozen=True)
class _Seen:
    """A copy with the evidence it is judged by."""

    carried: Carried
    subject: Subject
    proof: Proof


@dataclass
class _Papers:
    """Licences and agreements by company, read once a turn."""

    session: Session
    licences: dict[int, list[Licence]] = field(default_factory=dict)
    agreements: dict[int, list[Agreement]] = field(default_factory=dict)

    def read(self, companies: Iterable[int]) -> None:
        """Those of these companies, in two statements."""
        wanted = sorted(set(companies))
        for ident in wanted:
            self.licences[ident], self.agreements[ident] = [], []
        for licence in self.session.execute(sa.select(Licence).where(Licence.company_id.in_(wanted))).scalars():
            self.licences[licence.company_id].append(licence)
        for paper in self.session.execute(sa.select(Agreement).where(Agreement.company_id.in_(wanted))).scalars():
            self.agreements[paper.company_id].append(paper)

    def of(self, company: int, host: str, day: dt.date) -> tuple[list[Paper], list[Paper]]:
        """A site's licences and its company's agreements, as they stood on a day."""
        hosts = {host, host.partition(":")[0]}  # registers name domains without a port
        licences = [
            Paper(one.number, any(one.covers(name, day) for name in hosts), one.expires_on, tuple(one.scope))
            for one in self.licences[company]
            if any(one.covers(name, one.issued_on) for name in hosts)
        ]
        agreements = [
            Paper(one.number, one.holds_on(day), one.ends_on, tuple(one.topics)) for one in self.agreements[company]
        ]
        return licences, agreements


def sweep(session: Session, limit: int = 200, *, now: dt.datetime) -> Swept:
    """Hold the next pages against the rules, then what was withdrawn and still stands."""
    done = Swept()
    mark = session.get(Sweep, 1, with_for_update=True)
    if mark is None:
        newest = session.execute(sa.select(sa.func.max(Evidence.id))).scalar_one() or 0
        session.add(Sweep(id=1, evidence_id=newest))
        session.flush()
        return done
    query = (
        sa.select(Evidence.id)
        .where(Evidence.id > mark.evidence_id, Evidence.at <= now - SETTLED)
        .order_by(Evidence.id)
        .limit(limit)
    )
    idents = list(session.execute(query).scalars())
    rules = all_rules(session)
    if idents:
        mark.evidence_id = idents[-1]
        copies = _copies(session, Evidence.id.in_(idents))
        opened = _open(session, copies)
        for one in copies:
            done.proposed += _judge(session, rules, one, opened, now)
        done.read, done.more = len(idents), len(idents) == limit
    withdrawn = _withdrawn(session, limit)
    opened = _open(session, withdrawn)
    for one in withdrawn:
        done.proposed += _ask(session, rules, OF_RECALL, one, one.subject, opened, now)
    session.flush()
    return done


def _open(session: Session, copies: Sequence[_Seen]) -> Opened:
    """Subject and code of what is open on these copies and their sites: few of them, so that what is in order and was
    never suspected, which is nearly everything, asks the database nothing more."""
    subjects = {key for one in copies for key in (one.subject.key, replace(one.subject, of_copy=False).key)}
    if not subjects:
        return frozenset()
    query = sa.select(Finding.subject, Finding.code).where(
        Finding.subject.in_(sorted(subjects)), Finding.closed_at.is_(None)
    )
    return frozenset((row[0], row[1]) for row in session.execute(query))


def _judge(session: Session, rules: Sequence[Rule], one: _Seen, opened: Opened, now: dt.datetime) -> int:
    by_site = replace(one.subject, of_copy=False)
    found = _ask(session, rules, OF_TEXT, one, one.subject, opened, now)
    return found + _ask(session, rules, OF_PAPERS, one, by_site, opened, now)


def _ask(
    session: Session,
    rules: Sequence[Rule],
    asked: Mapping[Checker, Asking],
    one: _Seen,
    subject: Subject,
    opened: Opened,
    now: dt.datetime,
) -> int:
    """Ask what is asked of this day; how many findings are new."""
    new = 0
    for code, checker in dict.fromkeys((rule.code, rule.checker) for rule in rules):
        rule = in_force(rules, code, one.carried.day) if checker in asked else None
        if rule is None:
            continue
        fault: Fault | None = asked[checker](one.carried, rule.parameters)
        if fault is None:
            if (subject.key, code) in opened:
                seen_fine(session, code, subject, one.proof.at, now=now)
        else:
            new += propose(session, rule, subject, fault, one.proof, day=one.carried.day, now=now)
    return new


def _rows(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest evidence of each copy that carries our text, with what stands around it."""
    columns: tuple[Any, ...] = (Evidence, Republication, Bulletin, Topic, Site)
    return (
        sa.select(*columns)
        .join(Republication, Republication.id == Evidence.republication_id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .join(Site, Site.id == Republication.site_id)
        .where(
            *where,
            Evidence.rejudged_from.is_(None),
            Evidence.match.in_(OURS),
            Republication.status.in_(STANDS),
            Bulletin.release_at.is_not(None),
        )
        .order_by(Evidence.id)
    )


def _copies(session: Session, *where: sa.ColumnElement[bool]) -> list[_Seen]:
    newest: dict[int, Any] = {}
    for row in session.execute(_rows(*where)):
        newest[row[1].id] = row  # in their order: the last one stays
    papers = _Papers(session)
    papers.read(row[4].company_id for row in newest.values())
    return [_seen(row, papers) for row in newest.values()]


def _seen(row: Any, papers: _Papers) -> _Seen:
    evidence, copy, bulletin, topic, site = row
    licences, agreements = papers.of(site.company_id, site.host, copy.counted_on)
    carried = Carried(
        day=copy.counted_on,
        attribution=shown_attribution(evidence.attribution, copy.attribution_said),
        source_name=evidence.source_name or "",
        source_text=evidence.source_text,
        link_position=evidence.link_position,
        author=evidence.author,
        title=evidence.page_title,
        share=evidence.share,
        topic=topic.code,
        topic_name=topic.name,
        released_at=bulletin.release_at,
        published_at=None if evidence.published_from == Origin.FIRST_SEEN.value else evidence.published_at,
        dated=evidence.published_from in _OWN,
        first_seen_at=copy.first_seen_at,
        recalled_at=bulletin.recalled_at,
        checked_at=copy.checked_at or evidence.at,
        up=copy.life is not Life.GONE and copy.missing_since is None,
        licences=licences,
        agreements=agreements,
    )
    proof = Proof(evidence.final_url, evidence.at, evidence.body_hash, evidence_id=evidence.id)
    return _Seen(carried, Subject(site.company_id, site.id, copy.id, of_copy=True), proof)


def _withdrawn(session: Session, limit: int) -> list[_Seen]:
    """Copies of recalled bulletins on which nothing is open yet, and those on which something is, once they are gone.

    The day is that of the last look: the rule that held when the copy should have been gone. The proof is the newest
    page that was read; that it has not changed since is what the look said. Both begin at few rows: at what is stale,
    and at what is open.
    """
    of_recall = sa.select(Rule.id).where(Rule.checker == Checker.TAKEN_DOWN)
    has = sa.exists().where(Finding.republication_id == Republication.id, Finding.rule_id.in_(of_recall))
    settled = has.where(sa.or_(Finding.closed_at.is_(None), Finding.standing == Standing.DISMISSED))
    still = (
        sa.select(Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(
            Republication.stale.is_(True),
            Republication.life != Life.GONE,
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
            Republication.life == Life.GONE,
        )
        .limit(limit)
    )
    idents = [*session.execute(still).scalars(), *session.execute(gone).scalars()]
    if not idents:
        return []
    newest = (
        sa.select(sa.func.max(Evidence.id))
        .where(Evidence.republication_id.in_(idents), Evidence.match.in_(OURS), Evidence.rejudged_from.is_(None))
        .group_by(Evidence.republication_id)
    )
    out = []
    for one in _copies(session, Evidence.id.in_(list(session.execute(newest).scalars()))):
        day = city_day(one.carried.checked_at)
        proof = replace(one.proof, at=max(one.proof.at, one.carried.checked_at))
        out.append(replace(one, carried=replace(one.carried, day=day), proof=proof))
    return out
