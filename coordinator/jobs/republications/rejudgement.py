"""Rejudgement: every stored page is judged again by the current rules; changes are shown, and written if adopted.

Copies are processed in the order of their keys in batches, each in sessions of its own: memory does not grow with their
number, and changes adopted before an interruption stay and are not repeated.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.errors import Conflict
from campaigns.discovery.urls import host_of
from campaigns.matching.classification import CARRIED
from campaigns.republications.evidence import rejudgement
from campaigns.republications.evidence.judgement import Judgement, JudgementOutcome
from campaigns.republications.evidence.rejudgement import RejudgementChange, RejudgementScope
from campaigns.republications.republications import Evidence, Republication, RepublicationStatus
from coordinator.discovery.pages.judging import FetchedBody
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.jobs.context import JobContext
from coordinator.jobs.matching.fingerprint_indexing import index_released
from coordinator.jobs.republications.page_check import page_target
from coordinator.jobs.republications.page_judging import judge_body
from coordinator.jobs.republications.picture_looks import judge_kept_picture
from coordinator.storage.blobs import DamagedBody

BATCH = 40  # copies judged in one read session; takes some seconds

Counts = dict[str, Counter[tuple[str, str]]]
Standing = tuple[str, str, str]  # status, match, attribution


@dataclass
class RejudgeTally:
    """The result of a rejudgement. ``changes``: by field, the count of each pair of old and new value, equal ones
    included. ``moves``: the number of copies by old and new standing. ``counted_before``, ``counted_after``: the judged
    copies that count, without the changes and with them; ``partners``: by the code of each partner with a change, how
    many of its copies change, and by how many its counted copies grow or shrink. ``rules``: by the rule version that
    had judged, how many copies were judged again, and how many of them change.

    ``bare``: copies without a stored page; ``unreadable``: copies whose stored page is missing or damaged; ``moved``:
    copies that were decided otherwise during the run and were left unchanged.
    """

    judged: int = 0
    changed: int = 0
    adopted: int = 0
    moved: int = 0
    bare: int = 0
    unreadable: int = 0
    counted_before: int = 0
    counted_after: int = 0
    moves: Counter[tuple[Standing, Standing]] = field(default_factory=Counter)
    partners: dict[str, tuple[int, int]] = field(default_factory=dict)
    rules: dict[str, tuple[int, int]] = field(default_factory=dict)
    changes: Counts = field(default_factory=lambda: {name: Counter() for name in ("status", "match", "attribution")})

    def numbers(self) -> dict[str, int]:
        """The numbers of the result without the changes."""
        return {
            "judged": self.judged, "changed": self.changed, "adopted": self.adopted, "moved": self.moved,
            "bare": self.bare, "unreadable": self.unreadable, "counted_before": self.counted_before,
            "counted_after": self.counted_after,
        }  # fmt: skip

    def add(self, rules: str, status: RepublicationStatus, change: RejudgementChange | None) -> None:
        """Add one judged copy: the rules of its earlier verdict, its status, and its change, None without any."""
        confirmed = RepublicationStatus.CONFIRMED
        after = change.after.status if change is not None else status
        self.judged += 1
        self.counted_before += status is confirmed
        self.counted_after += after is confirmed
        self.rules[rules] = _added(self.rules.get(rules), (1, int(change is not None)))
        if change is None:
            return
        self.changed += 1
        old, new = change.before.words(), change.after.words()
        self.moves[old, new] += 1
        for name, was, will in zip(self.changes, old, new, strict=True):
            self.changes[name][was, will] += 1
        grown = int(after is confirmed) - int(status is confirmed)
        self.partners[change.partner] = _added(self.partners.get(change.partner), (1, grown))


def _added(before: tuple[int, int] | None, more: tuple[int, int]) -> tuple[int, int]:
    had = before or (0, 0)
    return had[0] + more[0], had[1] + more[1]


@dataclass(frozen=True)
class RejudgeListener:
    """Callbacks during the run: each change, each unreadable page (copy, reason), the number of copies done."""

    change: Callable[[RejudgementChange], None]
    unreadable: Callable[[str, str], None]
    step: Callable[[int], None]


def scope_size(context: JobContext, scope: RejudgementScope) -> tuple[int, int]:
    """The number of copies to judge and of those without a stored page. Raises ``NotFound`` for an unknown
    bulletin."""
    with context.database.read() as session:
        if scope.bulletin:
            find_bulletin(session, scope.bulletin)
        return rejudgement.count_copies(session, scope)


def rejudge(
    context: JobContext, scope: RejudgementScope, listener: RejudgeListener, *, adopt: str = ""
) -> RejudgeTally:
    """Judge every stored page in the scope again. ``adopt``: the actor who adopts the changes; empty writes nothing.

    Raises ``NotFound`` for an unknown bulletin, ``Conflict`` if this process has another public address than the
    evidence was judged with, ``OSError`` if the page store cannot be reached.
    """
    copies, bare = scope_size(context, scope)
    _check_address(context)
    tally = RejudgeTally(bare=bare)
    index_released(context)  # similar bulletins are found by the current fingerprint
    if adopt:
        with context.database.write() as session:
            rejudgement.record_start(session, adopt, scope, copies, now=context.now())
    after = 0
    while True:
        with context.database.read() as session:
            batch = rejudgement.kept_copies(session, scope, after, BATCH)
            pages = [_KeptPage.from_evidence(row, evidence) for row, evidence in batch]
        if not pages:
            break
        after = pages[-1].copy
        changed = [judged for page in pages if (judged := _judge_copy(context, page, tally, listener))]
        if adopt and changed:
            with context.database.write() as session:
                rejudgement.lock_changed(session, [change for change, _ in changed])
                for change, judgement in changed:
                    done = rejudgement.adopt_change(session, adopt, change, judgement, now=context.now())
                    tally.adopted += done
                    tally.moved += not done
        for change, _ in changed:
            listener.change(change)
        listener.step(len(pages))
    if adopt:
        with context.database.write() as session:
            rejudgement.record_end(session, adopt, scope, tally.numbers(), now=context.now())
    return tally


def _check_address(context: JobContext) -> None:
    """Raise ``Conflict`` for another public address: with it, every copy would seem to have lost its link to us."""
    with context.database.read() as session:
        links = rejudgement.links_found(session)
    ours = {host_of(base) for base in context.addresses.all_bases}
    if links and all(host_of(link) not in ours for link in links):
        raise Conflict(
            f"copies link to {host_of(links[0])}, and base_url is {context.addresses.base}; "
            f"set LANTOA_BASE_URL to the address that the product has, or LANTOA_FORMER_URLS to one that it had",
            code="other_address",
        )


@dataclass(frozen=True)
class _KeptPage:
    """A stored page of a copy, both by their keys, with the data needed to read it outside any session.

    The store may be on another machine; no read transaction is held open for it.
    """

    copy: int
    public: str
    evidence: int
    key: str
    url: str
    content_type: str
    at: datetime
    picture: Mapping[str, Any] | None
    revision: int

    @classmethod
    def from_evidence(cls, row: Republication, evidence: Evidence) -> "_KeptPage":
        """The stored page of an evidence row."""
        assert evidence.body_key is not None, "only evidence with a stored page is selected"  # noqa: S101  # a bug, not input
        fetched = evidence.final_url, evidence.content_type, evidence.at, evidence.picture
        return cls(row.id, row.public, evidence.id, evidence.body_key, *fetched, evidence.revision or 1)


def _judge_copy(
    context: JobContext, page: _KeptPage, tally: RejudgeTally, listener: RejudgeListener
) -> tuple[RejudgementChange, Judgement | None] | None:
    try:
        judgement = _judge_page(context, page)
        borne_out = _confirmed_by_other_page(context, page, judgement)
    except (FileNotFoundError, DamagedBody, UnreadablePage) as error:
        tally.unreadable += 1
        listener.unreadable(page.public, f"the kept page cannot be read: {error}")
        return None
    with context.database.read() as session:
        row, evidence = session.get_one(Republication, page.copy), session.get_one(Evidence, page.evidence)
        change = rejudgement.compare_copy(session, row, evidence, judgement, borne_out=borne_out)
        tally.add(rejudgement.earlier_rules(session, evidence), row.status, change)
    return (change, judgement) if change is not None else None


def _confirmed_by_other_page(context: JobContext, page: _KeptPage, judgement: Judgement | None) -> bool:
    """Whether an earlier stored page of a counted copy confirms it if its newest one does not."""
    with context.database.read() as session:
        row = session.get_one(Republication, page.copy)
        if row.status is not RepublicationStatus.CONFIRMED or row.decided_by is not None:
            return False
        if judgement is not None and judgement.decision.outcome is JudgementOutcome.CONFIRMED:
            return True
        newest = session.get_one(Evidence, page.evidence)
        others = [_KeptPage.from_evidence(row, earlier) for earlier in rejudgement.earlier_pages(session, row, newest)]
        beyond = rejudgement.beyond_judging(session, row)
    for other in others:
        again = _judge_page(context, other)
        if again is not None and again.decision.outcome is JudgementOutcome.CONFIRMED:
            return True
    return beyond


def _judge_page(context: JobContext, page: _KeptPage) -> Judgement | None:
    """The judgement of a stored page for its copy's bulletin by the current rules; None if it does not carry it."""
    body = FetchedBody(context.store.read(page.key), page.url, page.content_type or None)
    with context.database.read() as session:
        row = session.get_one(Republication, page.copy)
        page_id, bulletin = row.page_id, row.bulletin_id
        target = page_target(session, page_id)
    claims = target.time_claims if target is not None else ()
    found = judge_body(context, page_id, body, claims=claims, now=page.at)
    judgement = next((judgement for judgement in found.judgements if judgement.bulletin == str(bulletin)), None)
    if page.picture is None or (judgement is not None and judgement.match.match in CARRIED):
        return judgement
    by_picture = judge_kept_picture(context, page_id, body, page.picture, bulletin, page.revision, claims, now=page.at)
    return by_picture if by_picture is not None else judgement
