"""Mending: what a partner should put right about a copy, each thing under a name that its answer can give."""

from enum import Enum

import sqlalchemy as sa

from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Life, Republication, Status


class Mend(Enum):
    """One thing to put right, the most pressing first."""

    RECALLED = "recalled"  # the bulletin was withdrawn: take the copy down
    OLD_TEXT = "old_text"  # it was corrected: take the new text over
    REJECTED = "rejected"  # a person decided that it does not count
    NOT_FOUND = "not_found"  # the page does not carry it, or is not there
    UNREADABLE = "unreadable"  # the page could not be read
    FRONT_PAGE = "front_page"  # the text stands on the front page; give it a page of its own
    OTHER_SOURCE = "other_source"  # another source is named
    NO_SOURCE = "no_source"
    HOME_PAGE_ONLY = "home_page_only"  # the link leads to our front page
    URL_TEXT_ONLY = "url_text_only"  # the address cannot be followed
    NAMED_ONLY = "named_only"  # named, without a link
    NOT_AT_END = "not_at_end"  # linked, but not at the end
    EXCERPT = "excerpt"  # too little of the text
    IMAGE_MISSING = "image_missing"  # the counter image was left out: its views are not counted


_SOURCE = {
    Attribution.NAMED_OTHER_SOURCE: Mend.OTHER_SOURCE,
    Attribution.NONE: Mend.NO_SOURCE,
    Attribution.HOME_PAGE_ONLY: Mend.HOME_PAGE_ONLY,
    Attribution.URL_TEXT_ONLY: Mend.URL_TEXT_ONLY,
    Attribution.NAMED_ONLY: Mend.NAMED_ONLY,
    Attribution.LINKED_ELSEWHERE: Mend.NOT_AT_END,
}
CARRIED = frozenset({Match.FULL, Match.PARTIAL, Match.EXCERPT})
# What a better source line puts right.
SOURCE_LINE = frozenset(_SOURCE.values())


def to_mend(row: Republication) -> tuple[Mend, ...]:
    """What its partner should put right about a copy as it stands; nothing on one that is gone or not read yet."""
    if row.status is Status.REJECTED:
        return (Mend.REJECTED if row.decided_by is not None else Mend.NOT_FOUND,)
    if row.life is Life.GONE:
        return ()
    if row.stale:
        # Whatever else is wrong with a withdrawn text, it is to be taken down, not improved.
        found = [Mend.RECALLED if row.bulletin.recalled_at is not None else Mend.OLD_TEXT]
        return tuple(found) if row.bulletin.recalled_at is not None else (*found, *_as_shown(row))
    return _as_shown(row)


def _as_shown(row: Republication) -> tuple[Mend, ...]:
    if row.checked_at is None or row.match not in CARRIED:
        unreadable = any(one.startswith("page_unreadable") for one in row.reasons)
        return (Mend.UNREADABLE,) if unreadable else ()
    found = []
    if any(one.startswith("front_page") for one in row.reasons):
        found.append(Mend.FRONT_PAGE)
    if row.attribution in _SOURCE:
        found.append(_SOURCE[row.attribution])
    if row.match is Match.EXCERPT:
        found.append(Mend.EXCERPT)
    if row.counter_image is False:
        found.append(Mend.IMAGE_MISSING)
    return tuple(found)


def needs_mending() -> sa.ColumnElement[bool]:
    """``to_mend`` as a condition, but for rejected copies: there is nothing on their pages to put right."""
    said = sa.cast(Republication.reasons, sa.Text)
    carried = sa.and_(Republication.checked_at.is_not(None), Republication.match.in_(CARRIED))
    flawed = sa.or_(
        said.contains('"front_page', autoescape=True),
        Republication.attribution.in_(_SOURCE),
        Republication.match == Match.EXCERPT,
        Republication.counter_image.is_(False),
    )
    unread = sa.and_(sa.not_(carried), said.contains('"page_unreadable', autoescape=True))
    return sa.and_(
        Republication.status != Status.REJECTED,
        Republication.life != Life.GONE,
        sa.or_(Republication.stale, sa.and_(carried, flawed), unread),
    )
