"""Corrections: what a partner should correct about a copy, each with a code that its answer can refer to."""

from enum import Enum

import sqlalchemy as sa

from campaigns.matching.classification import CARRIED
from campaigns.matching.crediting import OTHER_FIGURES
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    has_outdated_text,
    may_carry_text,
)


class Correction(Enum):
    """One correction, the most urgent first."""

    RECALLED = "recalled"  # the bulletin was recalled: remove the copy
    OLD_TEXT = "old_text"  # the bulletin was corrected: publish the new text
    REJECTED = "rejected"  # rejected by a person
    NOT_FOUND = "not_found"  # the page does not carry the bulletin, or does not exist
    UNREADABLE = "unreadable"  # the page cannot be read
    FRONT_PAGE = "front_page"  # the text is on the front page: give it a page of its own
    OTHER_SOURCE = "other_source"  # another source is named
    NO_SOURCE = "no_source"
    HOME_PAGE_ONLY = "home_page_only"  # the link leads to our front page
    URL_TEXT_ONLY = "url_text_only"  # the address is not a link
    NAMED_ONLY = "named_only"  # named, without a link
    NOT_AT_END = "not_at_end"  # linked, but not at the end
    OTHER_FIGURES = "other_figures"  # our sentences with figures of another day, or changed ones
    EXCERPT = "excerpt"  # too little of the text
    IMAGE_MISSING = "image_missing"  # the counter image is missing: its views are not counted


_SOURCE_CORRECTIONS = {
    Attribution.NAMED_OTHER_SOURCE: Correction.OTHER_SOURCE,
    Attribution.NONE: Correction.NO_SOURCE,
    Attribution.HOME_PAGE_ONLY: Correction.HOME_PAGE_ONLY,
    Attribution.URL_TEXT_ONLY: Correction.URL_TEXT_ONLY,
    Attribution.NAMED_ONLY: Correction.NAMED_ONLY,
    Attribution.LINKED_ELSEWHERE: Correction.NOT_AT_END,
}
CARRYING_MATCHES = CARRIED | {Match.EXCERPT}
# Corrected by a better source line.
SOURCE_LINE_CORRECTIONS = frozenset(_SOURCE_CORRECTIONS.values())


def corrections_of(row: Republication) -> tuple[Correction, ...]:
    """The corrections of a copy in its present state; empty for one that is gone or not read yet."""
    if row.status is RepublicationStatus.REJECTED:
        return (Correction.REJECTED if row.decided_by is not None else Correction.NOT_FOUND,)
    if row.life is RepublicationLife.GONE:
        return ()
    if row.status is RepublicationStatus.DUPLICATE and (not row.stale or row.match is Match.NONE):
        return ()  # corrections are listed at the counted address
    if row.stale and not row.correction_unclear:
        # A recalled text is to be removed, whatever else is wrong with it.
        found = [Correction.RECALLED if row.bulletin.recalled_at is not None else Correction.OLD_TEXT]
        return tuple(found) if row.bulletin.recalled_at is not None else (*found, *_corrections_on_page(row))
    return _corrections_on_page(row)


def _corrections_on_page(row: Republication) -> tuple[Correction, ...]:
    if row.checked_at is None or row.match not in CARRYING_MATCHES:
        unreadable = any(reason.startswith("page_unreadable") for reason in row.reasons)
        return (Correction.UNREADABLE,) if unreadable else ()
    found = []
    if any(reason.startswith("front_page") for reason in row.reasons):
        found.append(Correction.FRONT_PAGE)
    if row.attribution in _SOURCE_CORRECTIONS:
        found.append(_SOURCE_CORRECTIONS[row.attribution])
    if row.match is Match.EXCERPT:
        other_figures = any(reason.startswith(f"{OTHER_FIGURES}:") for reason in row.reasons)
        found.append(Correction.OTHER_FIGURES if other_figures else Correction.EXCERPT)
    if row.counter_image is False:
        found.append(Correction.IMAGE_MISSING)
    return tuple(found)


def needs_correction() -> sa.ColumnElement[bool]:
    """The condition that ``corrections_of`` is not empty, except for rejected copies, on whose pages there is nothing
    to correct."""
    reasons = sa.cast(Republication.reasons, sa.Text)
    counted = Republication.status != RepublicationStatus.DUPLICATE
    carried = sa.and_(counted, Republication.checked_at.is_not(None), Republication.match.in_(CARRYING_MATCHES))
    flawed = sa.or_(
        reasons.contains('"front_page', autoescape=True),
        Republication.attribution.in_(_SOURCE_CORRECTIONS),
        Republication.match == Match.EXCERPT,
        Republication.counter_image.is_(False),
    )
    unread = sa.and_(counted, sa.not_(carried), reasons.contains('"page_unreadable', autoescape=True))
    return sa.and_(
        may_carry_text(),
        Republication.life != RepublicationLife.GONE,
        sa.or_(has_outdated_text(), sa.and_(carried, flawed), unread),
    )
