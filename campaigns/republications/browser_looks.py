"""Looks with a browser: which counted copies need one, as a reader sees the page, and what the last look showed.

The checker reads a page's source, and does not know what a reader sees of it. So the first copies of every site, one in
twenty of the others, those whose page has a style that the checker does not understand, those about which a rule has a
suspicion, and all copies of a site where one look differed, are looked at in a browser. Where no browser is switched
on, they stay marked, and progress says how many they are.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from enum import Enum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.matching.parsed_page import UNREAD_STYLE_REASON
from campaigns.partners.directory import Site
from campaigns.republications.republications import (
    LOOK_WAITS,
    WAITING_LOOKS,
    BrowserLook,
    Republication,
    RepublicationStatus,
)

FIRST_COPIES: Final = 3  # of a site, each of which is looked at
SAMPLE_SHARE: Final = 0.05  # of the copies after these
# A literal, to match the condition of the partial index.
_WAITS: Final = sa.text(LOOK_WAITS)


class LookCause(Enum):
    """Why a copy is looked at, the first that holds."""

    UNREAD_STYLE = "unread_style"  # a style on the page that the checker does not understand may hide the text
    AFTER_DIFFERENCE = "after_difference"  # a look at another copy of this site differed
    SUSPECTED = "suspected"  # a rule proposes a finding about it
    PAGE_CHANGED = "page_changed"  # when it was last looked at, the page had changed since its check
    FIRST_COPIES = "first_copies"  # one of the first of its site
    SAMPLE = "sample"  # one in twenty


def look_cause(
    session: Session, site: Site, address: str, reasons: Iterable[str], but: int | None = None
) -> LookCause | None:
    """Why a copy on a site that the machine counts, or is about to, needs a look; None where it needs none. Copies of
    the sample site need none. ``address``: its canonical one; ``reasons``: of its judgement; ``but``: its own key."""
    if site.sample:
        return None
    if UNREAD_STYLE_REASON in reasons:
        return LookCause.UNREAD_STYLE
    others = sa.select(Republication.id).where(
        Republication.site_id == site.id, Republication.status == RepublicationStatus.CONFIRMED
    )
    if but is not None:
        others = others.where(Republication.id != but)
    if len(session.execute(others.limit(FIRST_COPIES)).all()) < FIRST_COPIES:
        return LookCause.FIRST_COPIES
    return LookCause.SAMPLE if is_sampled(address) else None


def is_sampled(address: str) -> bool:
    """Whether an address is in the sample; always the same for one address."""
    digest = hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < SAMPLE_SHARE


def require_look(row: Republication, cause: LookCause) -> None:
    """Mark a copy as one that needs a look, unless a person decided about it or it waits for one already."""
    if row.decided_by is None and not row.looks_disagree:
        row.browser_look, row.look_note = BrowserLook.NEEDED, cause.value


def require_if_needed(session: Session, row: Republication) -> None:
    """Mark a copy that the machine has just counted, where it needs a look that was not made yet."""
    if row.browser_look not in {BrowserLook.NOT_NEEDED, BrowserLook.FAILED}:
        return
    if cause := look_cause(session, row.site, row.canonical_url, row.reasons, row.id):
        require_look(row, cause)


def require_look_at(session: Session, ident: int, cause: LookCause) -> None:
    """Mark the copy with this primary key, where the machine counts it and it was not looked at."""
    row = session.get_one(Republication, ident)
    unseen = row.browser_look in {BrowserLook.NOT_NEEDED, BrowserLook.FAILED}
    if row.status is RepublicationStatus.CONFIRMED and unseen:
        require_look(row, cause)


def require_looks_on_sites(session: Session, sites: Iterable[int]) -> None:
    """Mark the copies of these sites, by primary key, that the machine counts and that nobody has looked at."""
    marked = sa.update(Republication).where(
        Republication.site_id.in_(list(sites)),
        Republication.status == RepublicationStatus.CONFIRMED,
        Republication.decided_by.is_(None),
        Republication.browser_look.in_((BrowserLook.NOT_NEEDED, BrowserLook.FAILED)),
    )
    values = {"browser_look": BrowserLook.NEEDED, "look_note": LookCause.AFTER_DIFFERENCE.value}
    session.execute(marked.values(values).execution_options(synchronize_session="fetch"))


def require_look_again(rows: Iterable[Republication]) -> None:
    """Mark the copies on a page that had changed since its check when it was looked at, locked by the caller."""
    for row in rows:
        if row.browser_look in WAITING_LOOKS:
            row.browser_look, row.look_note = BrowserLook.NEEDED, LookCause.PAGE_CHANGED.value


def pages_to_look_at(limit: int) -> sa.Select[int]:
    """The keys of at most ``limit`` pages with copies that need a look, and no check before it."""
    needed = Republication.browser_look == BrowserLook.NEEDED
    unchanged = Republication.look_note != LookCause.PAGE_CHANGED.value
    return sa.select(Republication.page_id).where(unlooked(), needed, unchanged).order_by(Republication.id).limit(limit)


def unlooked() -> sa.ColumnElement[bool]:
    """The condition of counted copies that need a look, and that no look has shown."""
    # A query of its own for the few that wait: SQLite would otherwise read all counted copies of the days asked for.
    waiting = aliased(Republication)
    return sa.and_(
        Republication.id.in_(sa.select(waiting.id).where(_WAITS)), Republication.status == RepublicationStatus.CONFIRMED
    )


def is_waiting(rows: Iterable[Republication]) -> bool:
    """Whether the copies on a page, just checked, wait for a look: counted ones that need one, and those that wait for
    a person since the last look differed, whose page may have been mended."""
    return any(
        row.looks_disagree or (row.browser_look in WAITING_LOOKS and row.status is RepublicationStatus.CONFIRMED)
        for row in rows
    )


def record_failed(rows: Iterable[Republication], why: str, *, now: dt.datetime) -> None:
    """Mark the copies on a page whose look did not come to its end, locked by the caller."""
    for row in rows:
        if row.browser_look in WAITING_LOOKS:
            row.browser_look, row.look_note, row.looked_at = BrowserLook.FAILED, why[:500], now
