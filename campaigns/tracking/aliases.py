"""Aliases: two addresses that turn out to be one page, and what happens to what was known of each."""

import datetime as dt

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.tracking.republications import Life, Republication, Status, of_page
from campaigns.tracking.sightings import Page

# Of two rows for one copy, the one whose standing weighs more is the one that is kept.
_WEIGHT = (Status.CONFIRMED, Status.REVIEW, Status.REJECTED, Status.CANDIDATE)


def follow(session: Session, page: Page, counted: Page, *, now: dt.datetime) -> None:
    """What is known of a page follows it to the address it counts under, ``counted`` (``page`` itself if only its
    address changed).

    Where both addresses had a row for one bulletin it is one copy after all: the row that was counted first stays and
    the other is rejected. Two that were both counted, since both had stayed for a day, remain so; the one that is no
    page of its own any more is gone. The copies of both are locked already.
    """
    there = {row.bulletin_id: row for row in of_page(session, counted)} if counted.id != page.id else {}
    for row in of_page(session, page):
        rival = there.get(row.bulletin_id)
        if rival is None:
            row.page_id, row.url, row.canonical_url = counted.id, counted.url, counted.canonical_url
            session.flush()
            continue
        kept, other = sorted((row, rival), key=lambda one: (one.decided_by is None, _WEIGHT.index(one.status), one.id))
        if kept is row:
            _change_places(session, row, rival)
        _one_after_all(session, other, now)


def _change_places(session: Session, one: Republication, other: Republication) -> None:
    first = (one.page_id, one.url, one.canonical_url)
    second = (other.page_id, other.url, other.canonical_url)
    one.canonical_url = f"{one.canonical_url}#"  # no canonical form ends so; the two may never be equal, not even once
    session.flush()
    other.page_id, other.url, other.canonical_url = first
    session.flush()
    one.page_id, one.url, one.canonical_url = second
    session.flush()


def _one_after_all(session: Session, row: Republication, now: dt.datetime) -> None:
    why = "same_page: this address leads to another one of this site, which counts"
    details = {"url": row.canonical_url, "why": "the page is one with another of this site"}
    if row.status is Status.CONFIRMED:
        if row.life is Life.GONE:
            return
        row.life, row.gone_at, row.stale, act = Life.GONE, now, False, "republication.gone"
        row.missing_since, row.missing_why = now, [why]
    elif row.decided_by is None and row.status is not Status.REJECTED:
        row.status, row.reasons, act = Status.REJECTED, [why], "republication.rejected"
    else:
        return
    session.flush()
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
