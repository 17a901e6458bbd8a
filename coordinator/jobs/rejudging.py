"""Rejudge: read every kept page again, judge it by the running rules, show what would change, and write it if asked to.

Goes through the copies in the order of their keys, a few at a time, each few in sessions of their own: memory does not
grow with their number, and what was adopted before an interruption stays and is not done again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.core.errors import Conflict
from campaigns.people.office import the_office
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking import rejudging
from campaigns.tracking.judging import Judgement, JudgingSettings, Outcome, judge
from campaigns.tracking.prints import PrintedCandidates
from campaigns.tracking.rejudging import Change, Scope
from campaigns.tracking.republications import Evidence, Republication, Status
from campaigns.tracking.urls import host_of, profile_of
from coordinator.discovery.page import Unreadable, parse_page
from coordinator.jobs import ticking
from coordinator.jobs.check_pages import named_on, source_of, target_of
from coordinator.jobs.workplace import Workplace
from coordinator.keeping.blobs import Damaged

BATCH = 40  # copies judged in one reading session; some seconds' work

Counts = dict[str, Counter[tuple[str, str]]]


@dataclass
class Tally:
    """What came of it. ``changes``: by what changed, how often from what to what, those that stayed the same included.

    ``bare``: copies without a kept page; ``unreadable``: whose kept page is missing or damaged; ``moved``: that were
    concluded on by somebody else while this ran, and were left alone.
    """

    judged: int = 0
    changed: int = 0
    adopted: int = 0
    moved: int = 0
    bare: int = 0
    unreadable: int = 0
    changes: Counts = field(default_factory=lambda: {name: Counter() for name in ("status", "match", "attribution")})

    def numbers(self) -> dict[str, int]:
        """The plain numbers."""
        return {
            "judged": self.judged, "changed": self.changed, "adopted": self.adopted, "moved": self.moved,
            "bare": self.bare, "unreadable": self.unreadable,
        }  # fmt: skip


@dataclass(frozen=True)
class Telling:
    """Whom to tell while it runs: of each change, of each page that cannot be read (copy, reason), of copies done."""

    change: Callable[[Change], None]
    unreadable: Callable[[str, str], None]
    step: Callable[[int], None]


def size(place: Workplace, scope: Scope) -> tuple[int, int]:
    """How many copies there are to judge, and how many without a kept page. Raises ``NotFound`` for an unknown
    bulletin."""
    with place.database.read() as session:
        if scope.bulletin:
            find_bulletin(session, scope.bulletin)
        return rejudging.how_many(session, scope)


def rejudge(place: Workplace, scope: Scope, telling: Telling, *, adopt: str = "") -> Tally:
    """Judge every kept page in the scope again. ``adopt``: who adopts what changes; empty writes nothing.

    Raises ``NotFound`` for an unknown bulletin, ``Conflict`` when this process has another public address than the
    product had, ``OSError`` when the place where pages are kept cannot be reached.
    """
    copies, bare = size(place, scope)
    _check_address(place)
    tally = Tally(bare=bare)
    ticking.index(place)  # siblings are looked up by the running fingerprint
    if adopt:
        with place.database.write() as session:
            rejudging.begun(session, adopt, scope, copies, now=place.now())
    after = 0
    while True:
        with place.database.read() as session:
            batch = rejudging.kept(session, scope, after, BATCH)
            pages = [_Kept.of(row, evidence) for row, evidence in batch]
        if not pages:
            break
        after = pages[-1].copy
        found = [one for page in pages if (one := _judged(place, page, tally, telling))]
        if adopt and found:
            with place.database.write() as session:
                for change, judgement in found:
                    done = rejudging.adopt(session, adopt, change, judgement, now=place.now())
                    tally.adopted += done
                    tally.moved += not done
        for change, _ in found:
            telling.change(change)
        telling.step(len(pages))
    if adopt:
        with place.database.write() as session:
            rejudging.ended(session, adopt, scope, tally.numbers(), now=place.now())
    return tally


def _check_address(place: Workplace) -> None:
    """A command started without the product's settings would find that every copy has lost its link to us."""
    with place.database.read() as session:
        links = rejudging.links_found(session)
    ours = {host_of(base) for base in place.addresses.all_bases}
    if links and all(host_of(link) not in ours for link in links):
        raise Conflict(
            f"copies link to {host_of(links[0])}, and base_url is {place.addresses.base}; "
            f"set LANTOA_BASE_URL to the address that the product has, or LANTOA_FORMER_URLS to one that it had",
            code="other_address",
        )


@dataclass(frozen=True)
class _Kept:
    """A kept page of a copy, both by their keys, with what it takes to read it outside any session: the store may be
    on another machine, and no view of the database is held open for it."""

    copy: int
    public: str
    evidence: int
    key: str
    url: str
    content_type: str
    at: datetime

    @classmethod
    def of(cls, row: Republication, evidence: Evidence) -> "_Kept":
        """The page behind one piece of evidence."""
        assert evidence.body_key is not None, "only kept pages are asked for"  # noqa: S101  # a bug, not input
        told = evidence.final_url, evidence.content_type, evidence.at
        return cls(row.id, row.public, evidence.id, evidence.body_key, *told)


def _judged(place: Workplace, page: _Kept, tally: Tally, telling: Telling) -> tuple[Change, Judgement | None] | None:
    try:
        judgement = _again(place, page)
        borne_out = _borne_out(place, page, judgement)
    except (FileNotFoundError, Damaged, Unreadable) as error:
        tally.unreadable += 1
        telling.unreadable(page.public, f"the kept page cannot be read: {error}")
        return None
    with place.database.read() as session:
        row, evidence = session.get_one(Republication, page.copy), session.get_one(Evidence, page.evidence)
        now = place.now()
        change = rejudging.compare(session, row, evidence, judgement, place.pace, borne_out=borne_out, now=now)
    tally.judged += 1
    if change is None:
        return None
    tally.changed += 1
    before, after = change.before, change.after
    tally.changes["status"][before.status.value, after.status.value] += 1
    tally.changes["match"][before.match.value, after.match.value] += 1
    tally.changes["attribution"][before.attribution.value, after.attribution.value] += 1
    return change, judgement


def _borne_out(place: Workplace, page: _Kept, judgement: Judgement | None) -> bool:
    """Whether another page of a counted copy bears it out, should its newest one not."""
    with place.database.read() as session:
        row = session.get_one(Republication, page.copy)
        if row.status is not Status.CONFIRMED or row.decided_by is not None:
            return False
        if judgement is not None and judgement.decision.outcome is Outcome.CONFIRMED:
            return True
        newest = session.get_one(Evidence, page.evidence)
        others = [_Kept.of(row, earlier) for earlier in rejudging.earlier_pages(session, row, newest)]
        beyond = rejudging.beyond_judging(session, row)
    for other in others:
        again = _again(place, other)
        if again is not None and again.decision.outcome is Outcome.CONFIRMED:
            return True
    return beyond


def _again(place: Workplace, page: _Kept) -> Judgement | None:
    """What the kept page says of this copy's bulletin under the running rules; None when it does not carry it."""
    parsed = parse_page(place.store.read(page.key), page.url, content_type=page.content_type or None)
    with place.database.read() as session:
        row = session.get_one(Republication, page.copy)
        target = target_of(session, row.page_id)
        judgements = judge(
            parsed,
            PrintedCandidates(session, named_on(session, row.page)),
            source_of(place, session, the_office(session)),
            JudgingSettings(profile=profile_of(row.site.url)),
            told=target.told if target is not None else (),
            first_seen=row.page.first_seen_at,
            now=page.at,
        )
        return next((one for one in judgements if one.bulletin == str(row.bulletin_id)), None)
