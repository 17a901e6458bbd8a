"""Proof of the count: every counted copy has the evidence or the decision, and the journal entry, that it rests on.

A copy is counted because its row says ``confirmed``. What made it so was written in the same transaction: evidence of a
stored page whose verdict confirms it, or a person's decision, and an entry of the journal's hash chain that names them
together with the bulletin, the site and the day. A row that was changed past the product lacks one of them.

The stored pages themselves are compared by the caller: this package reads no file.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.journal import JournalEntry
from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.partners.directory import Site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.judgement import CONFIRMED_REASON, JudgementOutcome, decide_outcome
from campaigns.republications.evidence.uploads import EvidenceUpload
from campaigns.republications.republications import (
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    shown_attribution,
)
from campaigns.republications.review.decisions import Decision

COPIES_PER_READ = 500

_CONFIRMED = "republication.confirmed"
_UNDONE = "republication.undone"
_STATUS_ACTS = {f"republication.{status.value}": status.value for status in RepublicationStatus}
_LIFE_ACTS = {"republication.gone": True, "republication.back": False}


@dataclass(frozen=True)
class CountFault:
    """One thing that a counted copy lacks. ``code``: stable; ``why``: in English."""

    code: str
    why: str


@dataclass(frozen=True)
class UnprovenCopy:
    """A copy whose count does not prove itself. ``copy``: its public id; ``url``: '' when its row is missing."""

    copy: str
    url: str
    faults: tuple[CountFault, ...]


@dataclass(frozen=True)
class ProvingFile:
    """A stored page or upload on which the count of a copy rests. ``digest``: SHA-256 of its bytes, in hex."""

    copy: str
    url: str
    key: str
    digest: str


@dataclass(frozen=True)
class KeptFiles:
    """The files of one look at a copy: the page with its SHA-256, and the web archive of the fetch; None where it has
    none."""

    copy: str
    url: str
    body_key: str | None
    digest: str
    capture_key: str | None


@dataclass(frozen=True)
class CheckedCopies:
    """One batch. ``last``: the key after which the next begins, None after the last one; ``walked``: how many copies it
    had, ``counted`` of them counted."""

    last: int | None
    walked: int
    counted: int
    unproven: tuple[UnprovenCopy, ...]
    files: tuple[ProvingFile, ...]


def count_copies(session: Session) -> int:
    """The number of copies, counted or not."""
    return session.execute(sa.select(sa.func.count()).select_from(Republication)).scalar_one()


def check_copies(session: Session, after: int = 0, limit: int = COPIES_PER_READ) -> CheckedCopies:
    """Check the next ``limit`` copies by key, in five queries; of those that are not counted only that the journal says
    the same. Writes nothing."""
    rows = session.execute(_copies_query(after, limit)).all()
    if not rows:
        return CheckedCopies(None, 0, 0, (), ())
    entries = _entries_by_copy(session, [row.public for row in rows])
    counted = [row.id for row in rows if row.status is RepublicationStatus.CONFIRMED]
    evidence = _by_copy(session, _EVIDENCE_COLUMNS, Evidence, counted)
    decisions = _by_copy(session, _DECISION_COLUMNS, Decision, counted)
    uploads = _by_copy(session, _UPLOAD_COLUMNS, EvidenceUpload, counted)
    unproven, files = [], []
    for row in rows:
        account = _JournalAccount(entries.get(row.public, ()))
        if row.status is not RepublicationStatus.CONFIRMED:
            faults = [_HIDDEN] if account.status == RepublicationStatus.CONFIRMED.value else []
        else:
            proof = _CountProof(row, account, evidence[row.id], decisions[row.id], uploads[row.id])
            faults = list(proof.faults())
            files += proof.files
        if faults:
            unproven.append(UnprovenCopy(row.public, row.canonical_url, tuple(faults)))
    return CheckedCopies(rows[-1].id, len(rows), len(counted), tuple(unproven), tuple(files))


def kept_files(session: Session, after: int = 0, limit: int = COPIES_PER_READ) -> tuple[int | None, list[KeptFiles]]:
    """The files that the next ``limit`` rows of evidence name, of every look at every copy, counted or not, and the key
    after which the next begin; None after the last ones."""
    query = (
        sa.select(
            Evidence.id, Republication.public, Republication.canonical_url, Evidence.body_hash, Evidence.body_key,
            Evidence.capture_key,
        )
        .join(Republication, Republication.id == Evidence.republication_id)
        .where(Evidence.id > after)
        .order_by(Evidence.id)
        .limit(limit)
    )  # fmt: skip
    rows = session.execute(query).all()
    found = [KeptFiles(row.public, row.canonical_url, row.body_key, row.body_hash, row.capture_key) for row in rows]
    return (rows[-1].id if rows else None), found


def removed_copies(session: Session) -> Iterator[UnprovenCopy]:
    """The copies that the journal says were counted and that have no row."""
    row = sa.exists().where(Republication.public == JournalEntry.subject)
    query = (
        sa.select(JournalEntry.subject)
        .where(JournalEntry.subject_kind == "republication", JournalEntry.act == _CONFIRMED, ~row)
        .distinct()
        .order_by(JournalEntry.subject)
    )
    for public in session.execute(query.execution_options(yield_per=COPIES_PER_READ)).scalars():
        yield UnprovenCopy(public, "", (_REMOVED,))


_HIDDEN = CountFault("hidden", "the journal says that it counts, its row does not")
_REMOVED = CountFault("removed", "the journal says that it was counted, and there is no row of it")
_SECOND = CountFault("second", "another copy of this bulletin is counted on this site")
_SECOND_UNDECIDED = CountFault("second_undecided", "it counts as a second posting, and no decision says so")
_NO_ENTRY = CountFault("no_entry", "no entry of the journal says that it counts")
_NO_EVIDENCE = CountFault("no_evidence", "no evidence confirms it under the rules that the evidence names")
_OTHER_EVIDENCE = CountFault("other_evidence", "the evidence that confirms it is not what the journal's entry names")
_NO_PAGE = CountFault("no_page", "the evidence that confirms it has no stored page")
_NO_DECISION = CountFault("no_decision", "it counts by a person, and no standing decision confirms it")
_DECISION_NO_ENTRY = CountFault("decision_no_entry", "the decision that confirms it has no such entry in the journal")
_NO_UPLOAD = CountFault("no_upload", "the file by which a person confirmed it is not what the journal's entry names")
_VERDICT = CountFault("verdict", "its match or attribution is not that of its newest evidence and decisions")
_LIFE = CountFault("life", "it is gone or not, and the journal says otherwise")


def _copies_query(after: int, limit: int) -> sa.Select[Any]:
    other = aliased(Republication)
    first = (
        sa.select(sa.func.min(other.id))
        .where(
            other.bulletin_id == Republication.bulletin_id,
            other.site_id == Republication.site_id,
            other.status == RepublicationStatus.CONFIRMED,
            sa.not_(other.second_posting),
        )
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        Republication.id, Republication.public, Republication.canonical_url, Republication.status,
        Republication.life, Republication.match, Republication.attribution, Republication.attribution_said,
        Republication.decided_by, Republication.decided_at, Republication.second_posting,
        Bulletin.code.label("bulletin"),
        # As text: a value that is no day is a fault too, and not an error of the check.
        Site.code.label("site"), sa.type_coerce(Republication.counted_on, sa.String).label("counted_on"),
        first.label("first_counted"),
    )  # fmt: skip
    return (
        sa.select(*columns)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.id > after)
        .order_by(Republication.id)
        .limit(limit)
    )


_EVIDENCE_COLUMNS: tuple[Any, ...] = (
    Evidence.republication_id, Evidence.match, Evidence.attribution, Evidence.body_hash, Evidence.body_key,
    Evidence.reasons, Evidence.rule_version, Evidence.picture,
)  # fmt: skip
_DECISION_COLUMNS: tuple[Any, ...] = (
    Decision.republication_id, Decision.public, Decision.at, Decision.actor, Decision.outcome, Decision.note,
    Decision.attribution, Decision.undone_at, Decision.second_posting,
)  # fmt: skip
_UPLOAD_COLUMNS: tuple[Any, ...] = (
    EvidenceUpload.republication_id, EvidenceUpload.public, EvidenceUpload.body_hash, EvidenceUpload.body_key,
)  # fmt: skip


def _by_copy(session: Session, columns: Sequence[Any], kind: Any, copies: Sequence[int]) -> Mapping[int, list[Any]]:
    """The rows of each of these copies, oldest first."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    query = sa.select(*columns).where(kind.republication_id.in_(copies)).order_by(kind.id)
    for row in session.execute(query):
        found[row.republication_id].append(row)
    return found


@dataclass(frozen=True)
class _Entry:
    """An entry of the journal about one copy."""

    at: dt.datetime
    actor: str
    act: str
    details: Mapping[str, Any]


def _entries_by_copy(session: Session, copies: Sequence[str]) -> Mapping[str, list[_Entry]]:
    query = (
        sa.select(JournalEntry.subject, JournalEntry.at, JournalEntry.actor, JournalEntry.act, JournalEntry.details)
        .where(
            JournalEntry.subject_kind == "republication",
            JournalEntry.subject.in_(copies),
            JournalEntry.act.in_([*_STATUS_ACTS, _UNDONE, *_LIFE_ACTS]),
        )
        .order_by(JournalEntry.seq)
    )
    found: defaultdict[str, list[_Entry]] = defaultdict(list)
    for row in session.execute(query):
        found[row.subject].append(_Entry(row.at, row.actor, row.act, journal.details_of(row.details)))
    return found


class _JournalAccount:
    """What the journal says of one copy. ``status``: None without any entry of one; ``confirmations``: the entries by
    which it counted, in order, that of an undone decision included; ``gone``: whether it was last seen to be gone."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self.status: str | None = None
        self.gone = False
        self.confirmations: list[_Entry] = []
        for entry in entries:
            if entry.act in _LIFE_ACTS:
                self.gone = _LIFE_ACTS[entry.act]
                continue
            self.status = entry.details.get("status") if entry.act == _UNDONE else _STATUS_ACTS[entry.act]
            if self.status == RepublicationStatus.CONFIRMED.value:
                self.confirmations.append(entry)


class _CountProof:
    """The proof of one counted copy. ``files``: those it rests on, once ``faults`` was consumed."""

    def __init__(
        self,
        row: sa.Row[Any],
        account: _JournalAccount,
        evidence: Sequence[sa.Row[Any]],
        decisions: Sequence[sa.Row[Any]],
        uploads: Sequence[sa.Row[Any]],
    ) -> None:
        self.row, self.account = row, account
        self.evidence, self.uploads = evidence, uploads
        self.decisions = [decision for decision in decisions if decision.undone_at is None]
        self.files: list[ProvingFile] = []

    def faults(self) -> Iterator[CountFault]:
        """Everything that is not as it was when the copy was confirmed."""
        if not self.row.second_posting and self.row.first_counted != self.row.id:
            yield _SECOND
        if self.account.status != RepublicationStatus.CONFIRMED.value or not self.account.confirmations:
            yield _NO_ENTRY
        else:
            yield from self._other_details(self.account.confirmations[-1].details)
        yield from self._person_faults() if self.row.decided_by is not None else self._machine_faults()
        if self._verdict_differs():
            yield _VERDICT
        if (self.row.life is RepublicationLife.GONE) is not self.account.gone:
            yield _LIFE

    def _other_details(self, details: Mapping[str, Any]) -> Iterator[CountFault]:
        """The bulletin, the site and the day, which the last confirmation names."""
        for name in ("bulletin", "site", "counted_on"):
            has, had = str(getattr(self.row, name)), details.get(name)
            if has != had:
                yield CountFault(f"other_{name}", f"its {name} is {has}, the journal's entry names {had}")

    def _machine_faults(self) -> Iterator[CountFault]:
        if self.row.second_posting:
            yield _SECOND_UNDECIDED
        confirming = [item for item in self.evidence if _confirms(item)]
        if not confirming:
            yield _NO_EVIDENCE
            return
        named = {
            (details.get("page"), details.get("match"), details.get("attribution"))
            for details in (entry.details for entry in self.account.confirmations)
        }
        journalled = [
            item for item in confirming if (item.body_hash, item.match.value, item.attribution.value) in named
        ]
        if not journalled:
            yield _OTHER_EVIDENCE
            return
        kept = [item for item in journalled if item.body_key is not None]
        if not kept:
            yield _NO_PAGE
            return
        self._rests_on(kept[-1])
        if (picture := kept[-1].picture) is not None:
            found = ProvingFile(self.row.public, self.row.canonical_url, picture["capture"], picture["sha256"])
            self.files.append(found)

    def _person_faults(self) -> Iterator[CountFault]:
        decision = self.decisions[-1] if self.decisions else None
        if (
            decision is None
            or decision.outcome is not RepublicationStatus.CONFIRMED
            or (decision.actor, decision.at) != (self.row.decided_by, self.row.decided_at)
        ):
            yield _NO_DECISION
            return
        if self.row.second_posting and not decision.second_posting:
            yield _SECOND_UNDECIDED
        confirmed = (entry for entry in self.account.confirmations if entry.act == _CONFIRMED)
        entry = next((entry for entry in confirmed if entry.details.get("decision") == decision.public), None)
        if entry is None or (
            entry.actor,
            entry.at,
            entry.details.get("note"),
            entry.details.get("second_posting", False),
        ) != (decision.actor, decision.at, decision.note, decision.second_posting):
            yield _DECISION_NO_ENTRY
            return
        if "exhibit" not in entry.details:
            return
        named = (entry.details["exhibit"], entry.details.get("sha256"))
        upload = next((item for item in self.uploads if (item.public, item.body_hash) == named), None)
        if upload is None:
            yield _NO_UPLOAD
        else:
            self._rests_on(upload)

    def _rests_on(self, item: sa.Row[Any]) -> None:
        self.files.append(ProvingFile(self.row.public, self.row.canonical_url, item.body_key, item.body_hash))

    def _verdict_differs(self) -> bool:
        row = self.row
        newest = self.evidence[-1] if self.evidence else None
        machine = newest.attribution if newest is not None else Attribution.NOT_SEEN
        by_person = {decision.attribution for decision in self.decisions} | {None}
        if row.attribution_said not in by_person:
            return True
        if row.attribution is not shown_attribution(machine, row.attribution_said):
            return True
        if row.decided_by is None:
            return row.match is not (newest.match if newest is not None else Match.NONE)
        # A copy that was rejected keeps its match while pages are judged again, or has none; a person may confirm it.
        return row.match not in {Match.NONE, *(item.match for item in self.evidence)}


def _confirms(evidence: sa.Row[Any]) -> bool:
    """Whether a verdict confirms its copy under the rules that it names: as they said it then, and for the running
    ones as they say it now."""
    said = any(str(reason).startswith(f"{CONFIRMED_REASON}:") for reason in evidence.reasons or ())
    if evidence.rule_version != RULE_VERSION:
        return said
    agrees = evidence.picture["agrees"] if evidence.picture is not None else None
    outcome = decide_outcome(evidence.match, evidence.attribution, picture_agrees=agrees).outcome
    return said and outcome is JudgementOutcome.CONFIRMED
