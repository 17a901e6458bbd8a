"""Proposing: what a checker found becomes a finding, once; what it no longer finds is noted beside the open one.

While a finding of a rule is open, or a person has dismissed the very same fault, nothing new is proposed. After one was
closed as mended or decided, only a page that was read later speaks again.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.faults import Fault
from campaigns.compliance.findings import Finding, Happened, Standing, Step
from campaigns.compliance.rules import Rule
from campaigns.core import journal
from campaigns.core.base import insert_into, public_id
from campaigns.people.staff import THE_SYSTEM


@dataclass(frozen=True)
class Subject:
    """What a rule was asked of: a site, or one copy on it."""

    company_id: int
    site_id: int
    republication_id: int | None = None
    of_copy: bool = False

    @property
    def key(self) -> str:
        """As findings know it. A finding about a site may name the copy that it came to notice by."""
        return f"rep:{self.republication_id}" if self.of_copy else f"site:{self.site_id}"


@dataclass(frozen=True)
class Proof:
    """The page that shows it: its address, when it was read, the SHA-256 of what came, and where it is kept."""

    url: str
    at: dt.datetime
    body_hash: str
    evidence_id: int | None = None
    kept_id: int | None = None


def propose(
    session: Session, rule: Rule, subject: Subject, fault: Fault, proof: Proof, *, day: dt.date, now: dt.datetime
) -> bool:
    """Put a suspicion before a person; whether that is new."""
    last = _last(session, rule.code, subject)
    if last is not None and not last.closed:
        _seen_again(session, last, proof, now)
        return False
    if last is not None and (_dismissed(session, rule.code, subject, fault) or proof.at <= (last.closed_at or now)):
        return False
    public = public_id("fnd")
    made = session.execute(
        insert_into(session, Finding)
        .values(
            public=public, rule_id=rule.id, code=rule.code, version=rule.version, company_id=subject.company_id,
            site_id=subject.site_id, republication_id=subject.republication_id, subject=subject.key, day=day,
            fault=fault.code, mark=fault.mark, facts=dict(fault.values), excerpt=fault.excerpt,
            evidence_id=proof.evidence_id, kept_id=proof.kept_id, page_url=proof.url, page_at=proof.at,
            page_hash=proof.body_hash, proposed_at=now, last_seen_at=proof.at, standing=Standing.PROPOSED, note="",
            letter_number="", decision_number="", turn=0,
        )
        .on_conflict_do_nothing()
        .returning(Finding.id)
    ).scalar_one_or_none()  # fmt: skip
    if made is None:
        return False  # somebody else has proposed it at this very moment
    _step(session, made, Happened.PROPOSED, now, {"page": proof.url})
    details = {
        "rule": rule.code,
        "version": rule.version,
        "fault": fault.code,
        "url": proof.url,
        "hash": proof.body_hash,
    }
    journal.record(session, journal.SYSTEM, "finding.proposed", "finding", public, details, now=now)
    return True


def seen_fine(session: Session, code: str, subject: Subject, at: dt.datetime, *, now: dt.datetime) -> bool:
    """A page read at ``at`` is in order by this rule: told beside an open finding, which a person then closes."""
    last = _last(session, code, subject)
    if last is None or last.closed or last.mended_seen_at is not None or at <= last.last_seen_at:
        return False
    last.mended_seen_at = at
    _step(session, last.id, Happened.SEEN_MENDED, now, {})
    session.flush()
    return True


def _last(session: Session, code: str, subject: Subject) -> Finding | None:
    """The newest finding of a rule on a subject, an open one before any other."""
    query = (
        sa.select(Finding)
        .where(Finding.subject == subject.key, Finding.code == code)
        .order_by(Finding.closed_at.is_not(None), Finding.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def _dismissed(session: Session, code: str, subject: Subject, fault: Fault) -> bool:
    query = sa.select(Finding.id).where(
        Finding.subject == subject.key,
        Finding.code == code,
        Finding.standing == Standing.DISMISSED,
        Finding.mark == fault.mark,
    )
    return session.execute(query.limit(1)).first() is not None


def _seen_again(session: Session, row: Finding, proof: Proof, now: dt.datetime) -> None:
    if proof.at <= row.last_seen_at:
        return
    row.last_seen_at = proof.at
    if row.mended_seen_at is not None and proof.at > row.mended_seen_at:
        row.mended_seen_at = None
        _step(session, row.id, Happened.SEEN_AGAIN, now, {"page": proof.url})
    session.flush()


def _step(session: Session, ident: int, what: Happened, now: dt.datetime, details: dict[str, str]) -> None:
    session.add(
        Step(
            finding_id=ident, happened=what, at=now, actor=THE_SYSTEM.id, actor_name=THE_SYSTEM.name, ours=True,
            text="", details=details,
        )
    )  # fmt: skip
