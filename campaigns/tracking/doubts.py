"""Doubts: why a machine does not decide on a copy, and where the sources about it disagree. The one place that says so.

Each doubt is a condition on ``Republication`` in SQL, so that lists, counts and the page of one copy mean the same. A
copy may raise several. Most wait in the review queue; a counter image that was left out does not: the copy counts as
it stands, and only its views are missing.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.tracking.answers import Answer, Said
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.sightings import How, Sighting


class Doubt(Enum):
    """One doubt, those between sources first."""

    PARTNER_DISAGREES = "partner_disagrees"  # its partner does not agree with what was found
    IMAGE_NOT_FOUND = "image_not_found"  # the counter image was loaded from a page that has no such text or is gone
    REPORTED_SHORT = "reported_short"  # a partner or its machine says so, and too little of the text is there
    IMAGE_STRIPPED = "image_stripped"  # the text is there, the counter image that goes with it is not
    OTHER_SOURCE = "other_source"  # our text under another source's name
    NO_SOURCE = "no_source"  # our text without our name or link
    FRONT_PAGE = "front_page"  # on the site's front page, not on a page of its own
    EXCERPT = "excerpt"
    UNREADABLE = "unreadable"  # claimed, and the page cannot be read


# The doubts in which two sources say different things.
BETWEEN_SOURCES = (
    Doubt.PARTNER_DISAGREES, Doubt.IMAGE_NOT_FOUND, Doubt.REPORTED_SHORT, Doubt.IMAGE_STRIPPED,
)  # fmt: skip
_CARRIED = (Match.FULL, Match.PARTIAL)


# Written out, for the index that holds no others.
_TOLD = Sighting.how != sa.literal_column(f"'{How.DISCOVERED.value}'")


def _seen(*ways: How) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Sighting.page_id == Republication.page_id,
        Sighting.bulletin_id == Republication.bulletin_id,
        _TOLD,
        Sighting.how.in_(ways),
    )


def _reason(code: str) -> sa.ColumnElement[bool]:
    # Reasons are a list of "code: words"; a code begins its string.
    return sa.cast(Republication.reasons, sa.Text).contains(f'"{code}:', autoescape=True)


def _disagreed() -> sa.Select[int]:
    """Copies whose partner's disagreement waits for a person."""
    return sa.select(Answer.republication_id).where(Answer.settled_at.is_(None), Answer.answer == Said.DISAGREE)


def condition(doubt: Doubt) -> sa.ColumnElement[bool]:
    """The doubt as a condition on ``Republication``, true or false, never null."""
    looked = Republication.checked_at.is_not(None)
    carried = Republication.match.in_(_CARRIED)
    match doubt:
        case Doubt.PARTNER_DISAGREES:
            return Republication.id.in_(_disagreed())
        case Doubt.IMAGE_NOT_FOUND:
            absent = sa.or_(
                Republication.match == Match.NONE,
                Republication.life == Life.GONE,
                Republication.missing_since.is_not(None),
            )
            return sa.and_(looked, absent, _seen(How.COUNTED_IMAGE))
        case Doubt.REPORTED_SHORT:
            return sa.and_(
                looked, sa.not_(carried), Republication.life != Life.GONE, _seen(How.REPORTED, How.ANNOUNCED)
            )
        case Doubt.IMAGE_STRIPPED:
            return sa.and_(carried, Republication.life != Life.GONE, Republication.counter_image.is_(False))
        case Doubt.OTHER_SOURCE:
            return sa.and_(carried, Republication.attribution == Attribution.NAMED_OTHER_SOURCE)
        case Doubt.NO_SOURCE:
            return sa.and_(carried, Republication.attribution == Attribution.NONE)
        case Doubt.FRONT_PAGE:
            return _reason("front_page")
        case Doubt.EXCERPT:
            return Republication.match == Match.EXCERPT
        case Doubt.UNREADABLE:
            return _reason("page_unreadable")


def how_many_wait() -> sa.ScalarSelect[int]:
    """How many copies ``queue`` finds. Asked for on every page of the desk: one list is counted in its index, one is
    short."""
    other = aliased(Republication)
    in_review = sa.select(sa.func.count()).select_from(other).where(other.status == Status.REVIEW).scalar_subquery()
    besides = (
        sa.select(sa.func.count(sa.distinct(Answer.republication_id)))
        .join(other, other.id == Answer.republication_id)
        .where(Answer.settled_at.is_(None), Answer.answer == Said.DISAGREE, other.status != Status.REVIEW)
        .scalar_subquery()
    )
    return sa.select(in_review + besides).scalar_subquery()


# Written out, not sent along: SQLite plans before it knows what is sent, and the index of the queue holds no others.
_IN_REVIEW = Republication.status == sa.literal_column(f"'{Status.REVIEW.value}'")


def queue(*columns: Any) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """These columns of the copies that wait for a person's conclusion, as two lists that share none: those in review,
    and those of another status whose partner disagrees, which are few.

    Two lists, and not one condition with "or", because each has its own index and neither is a walk through all copies.
    """
    every = sa.select(*columns).select_from(Republication)
    return every.where(_IN_REVIEW), every.where(Republication.id.in_(_disagreed()), sa.not_(_IN_REVIEW))


def doubts_of(session: Session, idents: Sequence[int]) -> dict[int, tuple[Doubt, ...]]:
    """The doubts of these copies, by primary key, in the order of ``Doubt``."""
    columns: list[Any] = [Republication.id, *(condition(one).label(one.value) for one in Doubt)]
    query = sa.select(*columns).where(Republication.id.in_(idents))
    return {
        row[0]: tuple(doubt for doubt, holds in zip(Doubt, row[1:], strict=True) if holds)
        for row in session.execute(query)
    }
