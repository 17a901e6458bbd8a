"""Duplicates: of the addresses of one bulletin on one site exactly one is counted; the others are its duplicates.

A row is kept for every address. The first that is to be confirmed is counted; every further one that carries the
bulletin becomes a *duplicate* of it, whatever its text. A counted copy that is removed from its page stays counted.
When it is no longer confirmed (rejected by a person, a decision undone, other rules), the oldest other address that is
confirmed by itself takes its place. A person counts a *second posting* beside it when its text differs.

``set_status`` is the only place that gives a copy its status. The database holds the rule as well: a unique index over
bulletin and site of the counted copies.

Locks: a transaction takes the lock of the site first (``lock_site_copies``), then pages, then copies in the order of
their ids. Pages that are requested here are skipped when they are locked, so that nothing waits for them.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.core import journal
from campaigns.core.advisory_locks import acquire_site_until_commit
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.discovery import sightings
from campaigns.discovery.sightings import Page
from campaigns.discovery.urls import is_front_page
from campaigns.matching.classification import CARRIED
from campaigns.matching.fingerprints import fold
from campaigns.matching.matcher import Match
from campaigns.people.staff import Actor, Permission
from campaigns.republications import browser_looks
from campaigns.republications.attribution.verdicts import NAMES_US
from campaigns.republications.evidence.judgement import JudgementOutcome, decide_outcome
from campaigns.republications.republications import (
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    copies_on_page,
    counted_by,
)

# Addresses of one copy that are usual: the article, its twins for phones and print, a second category. More than these
# are a task for a person and stand beside the partner's figures; claims beyond them are read only when one is needed.
MOST_ADDRESSES = 5

# Two texts are nearly equal when this part of their pairs of neighbouring words stands in both. A changed word costs
# two pairs, so that in two hundred words up to ten may be changed: another date line, a corrected figure, a caption. A
# paragraph of its own that makes a quarter of the text is another text.
SAME_TEXT_SHARE = 0.9

_SAME_PAGE = "same_page: this address leads to another one of this site"
_NOT_READ = f"not_read: more than {MOST_ADDRESSES} addresses of this copy are known; this one is read when it is needed"

# By itself it would be counted, or wait for a person: with another address counted, neither is needed.
_CARRYING = frozenset({RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW, RepublicationStatus.DUPLICATE})


def lock_site_copies(session: Session, sites: Iterable[int]) -> None:
    """Take the locks of these sites (by primary key) until commit: copies of one site get their status from one
    transaction at a time. To be called before any page or copy is locked."""
    for site_id in sorted(set(sites)):
        acquire_site_until_commit(session, site_id)


def lock_page(session: Session, ident: int) -> Page:
    """The current row of one page, locked until commit after its site."""
    lock_site_copies(session, [session.get_one(Page, ident).site_id])
    return sightings.lock_page(session, ident)


def lock_copies(session: Session, idents: Iterable[int]) -> Sequence[Republication]:
    """These copies, by primary key, locked until commit together with all other addresses of each, after their sites.

    All are locked in one order before the first change, so that concurrent decisions cannot deadlock.
    """
    session.flush()
    wanted, own = list(idents), aliased(Republication)
    sites = session.execute(sa.select(Republication.site_id).where(Republication.id.in_(wanted)).distinct())
    lock_site_copies(session, sites.scalars())
    pairs = sa.select(own.bulletin_id, own.site_id).where(own.id.in_(wanted))
    together = sa.tuple_(Republication.bulletin_id, Republication.site_id).in_(pairs)
    ordered = sa.select(Republication.id).where(together).order_by(Republication.id)
    session.execute(ordered.with_for_update(of=Republication, key_share=True)).all()
    query = sa.select(Republication).where(Republication.id.in_(wanted)).order_by(Republication.id)
    return session.execute(query.execution_options(populate_existing=True)).scalars().all()


def is_counted(row: Republication) -> bool:
    """Whether it is the counted copy of its bulletin on its site; a second posting is counted beside it."""
    return row.status is RepublicationStatus.CONFIRMED and not row.second_posting


def counted_copy(session: Session, bulletin_id: int, site_id: int) -> Republication | None:
    """The counted copy of a bulletin on a site; None without one."""
    query = sa.select(Republication).where(
        Republication.bulletin_id == bulletin_id,
        Republication.site_id == site_id,
        Republication.status == RepublicationStatus.CONFIRMED,
        sa.not_(Republication.second_posting),
    )
    return session.execute(query).scalar_one_or_none()


def counted_elsewhere(session: Session, row: Republication) -> Republication | None:
    """The counted copy of the same bulletin on the same site, if that is another address."""
    counted = counted_copy(session, row.bulletin_id, row.site_id)
    return counted if counted is not row else None


def own_status(row: Republication) -> RepublicationStatus:
    """The status of a copy by itself: what it would be if no other address of its site were counted."""
    if row.decided_by is not None:
        return RepublicationStatus.CONFIRMED  # a rejected address is no duplicate
    if row.looks_disagree:
        return RepublicationStatus.REVIEW
    front = is_front_page(row.canonical_url)
    outcome = decide_outcome(row.match, row.attribution, front=front, picture_agrees=row.picture_agrees).outcome
    if outcome is JudgementOutcome.CONFIRMED:
        return RepublicationStatus.CONFIRMED
    return RepublicationStatus.REVIEW if outcome is JudgementOutcome.REVIEW else RepublicationStatus.CANDIDATE


def placed_status(session: Session, row: Republication, own: RepublicationStatus) -> RepublicationStatus:
    """The status that ``set_status`` would give to a copy with the status ``own``."""
    return RepublicationStatus.DUPLICATE if own in _CARRYING and counted_elsewhere(session, row) is not None else own


def set_status(session: Session, row: Republication, own: RepublicationStatus, *, now: dt.datetime) -> None:
    """Give a copy the status ``own`` that it has by itself, or *duplicate* where another address of its site counts.

    ``own`` is never ``DUPLICATE`` (``own_status``). The other addresses follow, with their journal entries; the caller
    writes that of ``row``. The caller has locked the site and all addresses of the copy. Flushes.
    """
    session.flush()
    if own is RepublicationStatus.CONFIRMED and is_counted(row):
        return
    leaves, counted = is_counted(row), counted_elsewhere(session, row)
    if own in _CARRYING and counted is not None:
        _make_duplicate(row, counted)
        session.flush()
        return
    row.duplicate_of, row.second_posting, row.status = None, False, own
    if own is RepublicationStatus.CONFIRMED:
        row.confirmed_at = row.confirmed_at or now
    session.flush()
    if own is RepublicationStatus.CONFIRMED:
        browser_looks.require_if_needed(session, row)
        _gather(session, row, now)
        return
    if leaves:
        _replace(session, row, now)
    _request_waiting(session, row, now)


def count_second_posting(session: Session, row: Republication, *, now: dt.datetime) -> None:
    """Count an address beside the counted one, by a person's decision that ``check_confirmable`` allowed."""
    row.duplicate_of, row.second_posting, row.status = None, True, RepublicationStatus.CONFIRMED
    row.confirmed_at = row.confirmed_at or now
    session.flush()


def take_back(session: Session, row: Republication, counted: Republication, *, second: bool, now: dt.datetime) -> None:
    """Count a copy again in the place of ``counted``, which took it when this one was rejected.

    ``second``: ``counted`` was a second posting before, and is one again; else it is a duplicate.
    """
    if second:
        counted.second_posting = True
    else:
        _make_duplicate(counted, row)
    session.flush()
    row.duplicate_of, row.second_posting, row.status = None, False, RepublicationStatus.CONFIRMED
    row.confirmed_at, row.addresses_seen = row.confirmed_at or now, counted.addresses_seen
    session.flush()
    _point_all(session, counted, row)
    if not second:
        _note(session, counted, RepublicationStatus.CONFIRMED, now)
    _gather(session, row, now)


def check_confirmable(session: Session, row: Republication, *, second_posting: bool) -> None:
    """Check that a person may confirm a copy.

    Raises ``Conflict`` when another address of its site is counted (``counted_elsewhere``), and it is not to be counted
    as a second posting; when the text of one is not known (``second_not_read``), or both are nearly equal
    (``second_same_text``, ``share`` in per cent). Raises ``Invalid`` for a second posting without a first. ``counted``
    and ``url`` of a conflict name the other copy.
    """
    counted = counted_elsewhere(session, row)
    if counted is None:
        if second_posting:
            raise Invalid([FieldError("second_posting", "no_first_posting", "no other address of this site counts")])
        return
    if row.status is RepublicationStatus.CONFIRMED:
        return  # a second posting already
    if not second_posting:
        raise Conflict(
            f"{counted.public} counts for this bulletin on this site; a second posting with another text is counted "
            "with second_posting",
            code="counted_elsewhere", counted=counted.public, url=counted.canonical_url,
        )  # fmt: skip
    if row.page.behind_sign_in:
        return  # no machine reads it, so that the person's note is what there is
    others = sa.select(Republication).where(
        Republication.bulletin_id == row.bulletin_id,
        Republication.site_id == row.site_id,
        Republication.status == RepublicationStatus.CONFIRMED,
    )
    own = _newest_text(session, row)
    for other in session.execute(others.order_by(Republication.id)).scalars().all():
        if other.page.behind_sign_in:
            continue
        text = _newest_text(session, other)
        named = {"counted": other.public, "url": other.canonical_url}
        if not own or not text:
            raise Conflict("the texts of both addresses must have been read", code="second_not_read", **named)
        share = same_text_share(own, text)
        if share >= SAME_TEXT_SHARE:
            raise Conflict(
                f"{share:.0%} of the text is that of {other.public}; a second posting has another text",
                code="second_same_text", share=round(100 * share), **named,
            )  # fmt: skip


def same_text_share(text: str, other: str) -> float:
    """The part of the pairs of neighbouring words of both texts that stands in both, 0–1, whatever the order, case and
    marks."""
    pairs, others = _word_pairs(text), _word_pairs(other)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 1.0


def _word_pairs(text: str) -> Counter[tuple[str, str]]:
    words = fold(text).split()
    return Counter(zip(words, words[1:] or words, strict=False))


def _newest_text(session: Session, row: Republication) -> str:
    query = sa.select(Evidence.page_text).where(Evidence.republication_id == row.id, Evidence.page_text != "")
    return session.execute(query.order_by(Evidence.id.desc()).limit(1)).scalar_one_or_none() or ""


def _make_duplicate(row: Republication, counted: Republication) -> None:
    row.duplicate_of, row.second_posting, row.status = counted, False, RepublicationStatus.DUPLICATE
    row.confirmed_at = None  # it does not count, and its day is not fixed


def _addresses(row: Republication) -> sa.ColumnElement[bool]:
    """The condition of the other addresses of a copy."""
    return sa.and_(
        Republication.bulletin_id == row.bulletin_id, Republication.site_id == row.site_id, Republication.id != row.id
    )


def _note(
    session: Session,
    row: Republication,
    before: RepublicationStatus,
    now: dt.datetime,
    *,
    instead_of: Republication | None = None,
) -> None:
    """The journal entry of a copy that follows another one."""
    details: dict[str, object] = {"url": row.canonical_url, "before": before}
    if row.status is RepublicationStatus.CONFIRMED:
        details |= counted_by(session, row)
    if row.duplicate_of is not None:
        details["duplicate_of"] = row.duplicate_of.public
    if instead_of is not None:
        details["instead_of"] = instead_of.public
    act = f"republication.{row.status.value}"
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


def _unread_candidates(*which: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Claims that wait unread, since enough addresses of the copy are read: their pages are not due."""
    return (
        sa.select(Republication.id)
        .join(Page, Page.id == Republication.page_id)
        .where(
            *which,
            Republication.status == RepublicationStatus.CANDIDATE,
            Republication.decided_by.is_(None),
            Page.due_at.is_(None),
            Page.alias_of_id.is_(None),
            sa.not_(Page.behind_sign_in),
        )
    )


def _gather(session: Session, row: Republication, now: dt.datetime) -> None:
    """Make the other addresses duplicates of a copy that is now counted: those that wait for a person, and the claims
    that wait unread. Pages that are on their way to be read are judged when they are."""
    waiting = sa.select(Republication).where(
        _addresses(row), Republication.status == RepublicationStatus.REVIEW, Republication.decided_by.is_(None)
    )
    for other in session.execute(waiting.order_by(Republication.id)).scalars().all():
        before = other.status
        _make_duplicate(other, row)
        _note(session, other, before, now)
    session.flush()
    unread = session.execute(_unread_candidates(_addresses(row))).scalars().all()
    if unread:
        values = {"status": RepublicationStatus.DUPLICATE, "duplicate_of_id": row.id}
        _update(session, unread, values)
        details = {"url": row.canonical_url, "addresses": len(unread)}
        act = "republication.unread_duplicates"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


def _update(session: Session, idents: Sequence[int], values: dict[str, object]) -> None:
    """Set columns of many copies, also in the rows that the session holds."""
    for start in range(0, len(idents), 500):
        chosen = Republication.id.in_(idents[start : start + 500])
        statement = sa.update(Republication).where(chosen).values(values)
        session.execute(statement.execution_options(synchronize_session=False))
    changed = set(idents)
    for held in list(session.identity_map.values()):
        if isinstance(held, Republication) and held.id in changed:
            session.refresh(held)


def _duplicates_of(row: Republication, *columns: sa.ColumnElement[int]) -> sa.Select[int]:
    return sa.select(*(columns or (Republication.id,))).where(Republication.duplicate_of_id == row.id)


def _point_all(session: Session, former: Republication, counted: Republication) -> None:
    """Make the duplicates of a copy those of another."""
    idents = session.execute(_duplicates_of(former).where(Republication.id != counted.id)).scalars().all()
    _update(session, idents, {"duplicate_of_id": counted.id})


def _replace(session: Session, row: Republication, now: dt.datetime) -> None:
    """Give the place of a copy that no longer counts to the oldest other that is confirmed by itself, one that still
    stands before one that is gone, a duplicate before a second posting. Without one, each other address is again what
    it is by itself."""
    successor = _successor(session, row)
    if successor is None:
        _release(session, row, now)
        return
    before = successor.status
    successor.duplicate_of, successor.second_posting = None, False
    successor.status, successor.confirmed_at = RepublicationStatus.CONFIRMED, successor.confirmed_at or now
    successor.addresses_seen = row.addresses_seen
    session.flush()
    browser_looks.require_if_needed(session, successor)
    _point_all(session, row, successor)
    _note(session, successor, before, now, instead_of=row)
    if row.status is RepublicationStatus.REVIEW:
        _make_duplicate(row, successor)
        session.flush()


def _successor(session: Session, row: Republication) -> Republication | None:
    oldest = (Republication.life == RepublicationLife.GONE, Republication.first_seen_at, Republication.id)
    # An address that leads to another page of the site is no copy of its own.
    own_pages = sa.select(Page.id).where(Page.id == Republication.page_id, Page.alias_of_id.is_(None)).exists()
    judged = sa.and_(Republication.match.in_(CARRIED), Republication.attribution.in_(NAMES_US))
    query = sa.select(Republication).where(
        Republication.duplicate_of_id == row.id, own_pages, sa.or_(Republication.decided_by.is_not(None), judged)
    )
    for other in session.execute(query.order_by(*oldest)).scalars():
        if own_status(other) is RepublicationStatus.CONFIRMED:
            return other
    second = sa.select(Republication).where(_addresses(row), Republication.second_posting)
    return session.execute(second.order_by(*oldest).limit(1)).scalar_one_or_none()


def _release(session: Session, row: Republication, now: dt.datetime) -> None:
    """Let the duplicates of a copy that no longer counts be what they are by themselves: those that were read wait for
    a person, the others are read."""
    read = sa.select(Republication).join(Page, Page.id == Republication.page_id).where(
        Republication.duplicate_of_id == row.id,
        sa.or_(Republication.match != Match.NONE, Page.alias_of_id.is_not(None), Page.behind_sign_in),
    )  # fmt: skip
    for other in session.execute(read.order_by(Republication.id)).scalars().all():
        is_alias = other.page.alias_of_id is not None
        other.duplicate_of = None
        other.status = RepublicationStatus.REJECTED if is_alias else RepublicationStatus.REVIEW
        if is_alias:
            other.reasons = [_SAME_PAGE]
        _note(session, other, RepublicationStatus.DUPLICATE, now)
    session.flush()
    unread = session.execute(_duplicates_of(row)).scalars().all()
    _update(session, unread, {"status": RepublicationStatus.CANDIDATE, "duplicate_of_id": None})
    if unread:
        details = {"url": row.canonical_url, "addresses": len(unread)}
        act = "republication.unread_candidates"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


def _request_waiting(session: Session, row: Republication, now: dt.datetime) -> None:
    """Have the next claims of a copy read that wait unread, the oldest first, while fewer than ``MOST_ADDRESSES`` are
    being read, wait for a person, or count."""
    pair = (Republication.bulletin_id == row.bulletin_id, Republication.site_id == row.site_id)
    unread = _unread_candidates(*pair).order_by(Republication.first_seen_at, Republication.id)
    if session.execute(unread.limit(1)).first() is None:
        return
    others = (*pair, Republication.status != RepublicationStatus.REJECTED)
    busy = sa.select(sa.func.count(Republication.id)).where(*others, Republication.id.not_in(_unread_candidates(*pair)))
    free = MOST_ADDRESSES - session.execute(busy).scalar_one()
    if free <= 0:
        return
    pages = sa.select(Page).where(
        Page.id.in_(sa.select(Republication.page_id).where(Republication.id.in_(unread.limit(free))))
    )
    for page in session.execute(pages.with_for_update(of=Page, key_share=True, skip_locked=True)).scalars().all():
        sightings.request_fetch(page, now=now)
    session.flush()


def is_enough(session: Session, bulletin_id: int, site_id: int) -> bool:
    """Whether so many addresses of this copy are known, rejected ones apart, that a further claim is kept unread."""
    known = sa.select(Republication.id).where(
        Republication.bulletin_id == bulletin_id,
        Republication.site_id == site_id,
        Republication.status != RepublicationStatus.REJECTED,
    )
    return len(session.execute(known.limit(MOST_ADDRESSES)).all()) >= MOST_ADDRESSES


def keep_unread(session: Session, row: Republication) -> None:
    """Keep a new claim unread: a duplicate where a copy is counted, else a candidate that is read when it is needed."""
    counted = counted_elsewhere(session, row)
    row.reasons = [_NOT_READ]
    if counted is not None:
        _make_duplicate(row, counted)
    session.flush()


# Of two rows for one page, the one with the weightier status is kept.
_STATUS_WEIGHT = (
    RepublicationStatus.CONFIRMED,
    RepublicationStatus.REVIEW,
    RepublicationStatus.DUPLICATE,
    RepublicationStatus.REJECTED,
    RepublicationStatus.CANDIDATE,
)


def move_copies(session: Session, page: Page, counted: Page, *, now: dt.datetime) -> None:
    """Move the copies of a page to the page it counts under, ``counted`` (``page`` itself if only its address changed).

    Where both addresses have a row for one bulletin, it is one copy: the counted row keeps the page, else the one that
    a person decided on, else the one with the weightier status; the other stays as the address that leads there. The
    caller has locked all addresses of the copies of both.
    """
    rivals = {row.bulletin_id: row for row in copies_on_page(session, counted)} if counted.id != page.id else {}
    for row in copies_on_page(session, page):
        rival = rivals.get(row.bulletin_id)
        if rival is None:
            row.page_id, row.url, row.canonical_url = counted.id, counted.url, counted.canonical_url
            session.flush()
            continue
        kept, other = sorted((row, rival), key=_keeping_order)
        if kept is row:
            _swap_addresses(session, row, rival)
        _retire(session, other, now)


def _keeping_order(row: Republication) -> tuple[bool, bool, int, int]:
    return not is_counted(row), row.decided_by is None, _STATUS_WEIGHT.index(row.status), row.id


def _swap_addresses(session: Session, republication: Republication, other: Republication) -> None:
    first = (republication.page_id, republication.url, republication.canonical_url)
    second = (other.page_id, other.url, other.canonical_url)
    # Temporary: never canonical, so that the two are not equal at any time.
    republication.canonical_url = f"{republication.canonical_url}#"
    session.flush()
    other.page_id, other.url, other.canonical_url = first
    session.flush()
    republication.page_id, republication.url, republication.canonical_url = second
    session.flush()


def _retire(session: Session, row: Republication, now: dt.datetime) -> None:
    """Settle the row of an address that leads to the page of another row: a duplicate where a copy is counted. A second
    posting stays counted, and is gone."""
    why = "the page is one with another of this site"
    if row.status is RepublicationStatus.CONFIRMED:
        if row.life is RepublicationLife.GONE:
            return
        row.life, row.gone_at, row.stale = RepublicationLife.GONE, now, False
        row.missing_since, row.missing_why = now, [_SAME_PAGE]
        act = "republication.gone"
    elif row.decided_by is None and row.status in {RepublicationStatus.REVIEW, RepublicationStatus.CANDIDATE}:
        counted = counted_elsewhere(session, row)
        row.reasons = [_SAME_PAGE]
        if counted is not None:
            _make_duplicate(row, counted)
        else:
            row.status = RepublicationStatus.REJECTED
        act = f"republication.{row.status.value}"
    else:
        return
    session.flush()
    details = {"url": row.canonical_url, "why": why}
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


# What people are shown about the addresses of a copy.


def duplicates_of(session: Session, row: Republication, limit: int) -> tuple[Sequence[Republication], int]:
    """The other addresses of a counted copy, the oldest first, at most ``limit``, and their number."""
    query = sa.select(Republication).where(Republication.duplicate_of_id == row.id)
    shown = session.execute(query.order_by(Republication.first_seen_at, Republication.id).limit(limit)).scalars().all()
    return shown, session.execute(_duplicates_of(row, sa.func.count())).scalar_one()


def with_many_addresses(*, unseen: bool = False) -> sa.ColumnElement[bool]:
    """The condition of counted copies with more than ``MOST_ADDRESSES`` addresses; ``unseen``: more than when a person
    last looked at them."""
    numbers = (
        sa.select(Republication.duplicate_of_id, (sa.func.count() + 1).label("addresses"))
        .where(Republication.duplicate_of_id.is_not(None))
        .group_by(Republication.duplicate_of_id)
        .having(sa.func.count() + 1 > MOST_ADDRESSES)
        .subquery()
    )
    known = sa.select(numbers.c.duplicate_of_id)
    if unseen:
        counted = aliased(Republication)
        known = known.join(counted, counted.id == numbers.c.duplicate_of_id).where(
            numbers.c.addresses > counted.addresses_seen
        )
    return Republication.id.in_(known)


def record_addresses_seen(session: Session, actor: Actor, row: Republication, note: str, *, now: dt.datetime) -> int:
    """Record that a person has looked at the addresses of a counted copy; further ones are a task again. Returns their
    number. Raises ``Forbidden``, ``Invalid`` without a note, ``Conflict`` (``not_counted``) for a copy that is not
    counted."""
    actor.require(Permission.REVIEW)
    (row,) = lock_copies(session, [row.id])
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what was found")])
    if not is_counted(row):
        raise Conflict(f"{row.public} is not counted", code="not_counted")
    row.addresses_seen = session.execute(_duplicates_of(row, sa.func.count())).scalar_one() + 1
    session.flush()
    details = {"url": row.canonical_url, "addresses": row.addresses_seen, "note": note.strip()}
    act = "republication.addresses_seen"
    journal.record(session, actor.id, act, "republication", row.public, details, now=now)
    return row.addresses_seen
