"""Describe: what the look that found a copy says of it now, beside what it carried when it was confirmed."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.tracking import following, vanishing
from campaigns.tracking.judging import Judgement
from campaigns.tracking.republications import Life, Republication, shown_attribution

# A text of two hundred words of which two were put in other words has lost this much.
CHANGED_BY = 0.005


@dataclass(frozen=True)
class Shown:
    """What the page shows around the text: its headline, author line, and the address of its lead picture.

    ``counters``: the tokens of the counter images it holds; None when nobody has looked for them.
    """

    headline: str
    author: str = ""
    image: str = ""
    counters: frozenset[str] | None = None


def describe(session: Session, row: Republication, shown: Shown, judgement: Judgement, *, now: dt.datetime) -> None:
    """Write the look into the copy's row, its life included. A copy that was gone is back."""
    vanishing.found_again(session, row, now=now)
    row.match, row.share = judgement.match.match, judgement.match.share
    row.revision, row.title_kept = judgement.match.revision, judgement.match.title_kept
    row.attribution = shown_attribution(judgement.attribution.attribution, row.attribution_said)
    row.link_position = judgement.attribution.link_position
    row.headline, row.author, row.image = shown.headline, shown.author, shown.image
    if shown.counters is not None:
        row.counter_image = row.bulletin.counter_token in shown.counters
    row.checked_at = now
    followed = following.settle(session, row, now=now)
    if row.confirmed_at is None or followed or row.confirmed_rule != judgement.match.rule_version:
        # What it is compared with from now on. Under other rules the same text may have another share.
        row.confirmed_share, row.confirmed_revision = row.share, row.revision
        row.confirmed_rule = judgement.match.rule_version
    _live(session, row, now)
    if row.confirmed_at is None:  # the day it counts for does not move once it is counted
        told = judgement.published
        row.published_at, row.published_from = (told.at, told.origin.value) if told is not None else (None, None)
        row.counted_on = city_day(row.appeared_at)


def _live(session: Session, row: Republication, now: dt.datetime) -> None:
    """*Changed*, while the copy carries a text that a correction overtook, or another part of the text than when it was
    confirmed; else *live*. After a recall there is no text that it should carry instead."""
    before = row.life
    edited = row.confirmed_share is not None and abs(row.share - row.confirmed_share) > CHANGED_BY
    old = row.stale and row.bulletin.recalled_at is None
    row.life = Life.CHANGED if old or edited else Life.LIVE
    if edited and before is Life.LIVE and row.confirmed_at is not None:
        session.flush()
        details = {"url": row.canonical_url, "share": round(row.share, 3), "was": round(row.confirmed_share or 0.0, 3)}
        journal.record(session, journal.SYSTEM, "republication.changed", "republication", row.public, details, now=now)
