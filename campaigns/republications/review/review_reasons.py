"""Review reasons: why the machine does not decide on a copy, and where sources about it disagree. The only definition.

Each reason is a SQL condition on ``Republication``, shared by lists, counts and the page of a copy. A copy may have
several. Most put it into the review queue; a missing counter image does not: the copy counts, and only its views are
missing.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.matching.classification import CARRIED
from campaigns.matching.crediting import OTHER_FIGURES
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import OTHER_BULLETIN, Attribution
from campaigns.republications.evidence.judgement import PICTURE_REVIEW
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review.partner_answers import PartnerAnswer, PartnerAnswerKind
from campaigns.republications.social.posts import SOCIAL_REASON


class ReviewReason(Enum):
    """One reason, those between sources first."""

    PARTNER_DISAGREES = "partner_disagrees"  # the partner disagrees with the judgement
    LOOKS_DISAGREE = "looks_disagree"  # a browser sees something else than what was fetched
    IMAGE_NOT_FOUND = "image_not_found"  # the counter image was loaded from a page without the text or that is gone
    REPORTED_SHORT = "reported_short"  # a partner or its program reports it, and too little of the text is present
    IMAGE_STRIPPED = "image_stripped"  # the text is present without its counter image
    OTHER_SOURCE = "other_source"  # our text under another source's name
    NO_SOURCE = "no_source"  # our text without our name or link
    FRONT_PAGE = "front_page"  # on the site's front page, not on a page of its own
    OTHER_FIGURES = "other_figures"  # our sentences with none of this bulletin's figures
    OTHER_BULLETIN = "other_bulletin"  # our text, and a link to another of our bulletins
    PICTURE = "picture"  # a picture like ours
    EXCERPT = "excerpt"
    UNREADABLE = "unreadable"  # claimed, but the page cannot be read
    SOCIAL_POST = "social_post"  # reported on a social network, which only people see


# The reasons in which two sources contradict each other.
SOURCE_CONFLICTS = (
    ReviewReason.PARTNER_DISAGREES,
    ReviewReason.LOOKS_DISAGREE,
    ReviewReason.IMAGE_NOT_FOUND,
    ReviewReason.REPORTED_SHORT,
    ReviewReason.IMAGE_STRIPPED,
)


# A literal, to match the condition of the partial index.
_NOT_DISCOVERED = Sighting.how != sa.literal_column(f"'{SightingMethod.DISCOVERED.value}'")


def _was_seen(*ways: SightingMethod) -> sa.ColumnElement[bool]:
    seen = sa.exists().where(
        Sighting.page_id == Republication.page_id,
        Sighting.bulletin_id == Republication.bulletin_id,
        _NOT_DISCOVERED,
        Sighting.how.in_(ways),
    )
    # In a function PostgreSQL asks it of each copy of the queue, in order; otherwise it begins with all reports.
    return sa.func.coalesce(seen, sa.false())


def _has_reason_code(code: str) -> sa.ColumnElement[bool]:
    # ``reasons`` is a list of "code: words"; a string begins with its code.
    return sa.cast(Republication.reasons, sa.Text).contains(f'"{code}:', autoescape=True)


def _disagreed() -> sa.Select[int]:
    """Copies whose partner's disagreement waits for a person."""
    return sa.select(PartnerAnswer.republication_id).where(
        PartnerAnswer.settled_at.is_(None), PartnerAnswer.answer == PartnerAnswerKind.DISAGREE
    )


def reason_condition(doubt: ReviewReason) -> sa.ColumnElement[bool]:
    """The reason as a condition on ``Republication``, true or false, never null."""
    looked = Republication.checked_at.is_not(None)
    carried = Republication.match.in_(CARRIED)
    match doubt:
        case ReviewReason.PARTNER_DISAGREES:
            return Republication.id.in_(_disagreed())
        case ReviewReason.LOOKS_DISAGREE:
            return Republication.looks_disagree.is_(True)
        case ReviewReason.IMAGE_NOT_FOUND:
            absent = sa.or_(
                Republication.match == Match.NONE,
                Republication.life == RepublicationLife.GONE,
                Republication.missing_since.is_not(None),
            )
            return sa.and_(looked, absent, _was_seen(SightingMethod.COUNTED_IMAGE))
        case ReviewReason.REPORTED_SHORT:
            return sa.and_(
                looked,
                sa.not_(carried),
                Republication.life != RepublicationLife.GONE,
                _was_seen(SightingMethod.REPORTED, SightingMethod.ANNOUNCED),
            )
        case ReviewReason.IMAGE_STRIPPED:
            texts = sa.and_(carried, Republication.match != Match.PICTURE)  # the image stands in the text
            return sa.and_(texts, Republication.life != RepublicationLife.GONE, Republication.counter_image.is_(False))
        case ReviewReason.OTHER_SOURCE:
            return sa.and_(carried, Republication.attribution == Attribution.NAMED_OTHER_SOURCE)
        case ReviewReason.NO_SOURCE:
            unnamed = sa.and_(carried, Republication.attribution == Attribution.NONE)
            return sa.and_(unnamed, sa.not_(_has_reason_code(OTHER_BULLETIN)))
        case ReviewReason.FRONT_PAGE:
            return _has_reason_code("front_page")
        case ReviewReason.OTHER_FIGURES:
            return _has_reason_code(OTHER_FIGURES)
        case ReviewReason.OTHER_BULLETIN:
            return _has_reason_code(OTHER_BULLETIN)
        case ReviewReason.PICTURE:
            return _has_reason_code(PICTURE_REVIEW)
        case ReviewReason.EXCERPT:
            return sa.and_(Republication.match == Match.EXCERPT, sa.not_(_has_reason_code(OTHER_FIGURES)))
        case ReviewReason.UNREADABLE:
            return _has_reason_code("page_unreadable")
        case ReviewReason.SOCIAL_POST:
            return _has_reason_code(SOCIAL_REASON)


# A literal, to match the condition of the partial index.
_LOOKS_DISAGREE = Republication.looks_disagree.is_(True)


def _disputed() -> sa.CompoundSelect[int]:
    """Copies that wait for a person in whatever status they are: their partner disagrees, or two looks at them do."""
    return sa.union(_disagreed(), sa.select(Republication.id).where(_LOOKS_DISAGREE))


def waiting_count() -> sa.ScalarSelect[int]:
    """The number of copies in ``review_queue``, shown on every page of the desk: one list is counted from its index,
    the other is short."""
    other = aliased(Republication)
    in_review = (
        sa.select(sa.func.count())
        .select_from(other)
        .where(other.status == RepublicationStatus.REVIEW)
        .scalar_subquery()
    )
    besides = (
        sa.select(sa.func.count())
        .select_from(other)
        .where(other.id.in_(_disputed()), other.status != RepublicationStatus.REVIEW)
        .scalar_subquery()
    )
    return sa.select(in_review + besides).scalar_subquery()


# A literal, not a parameter: SQLite plans before binding, and the queue's partial index needs it.
_IN_REVIEW = Republication.status == sa.literal_column(f"'{RepublicationStatus.REVIEW.value}'")


def review_queue(*columns: Any) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """These columns of the copies waiting for a decision, as two disjoint queries: those in review, and the few of
    another status about which a partner or a second look disagrees.

    Two queries instead of an "or", because each has its own index and neither scans all copies.
    """
    copies = sa.select(*columns).select_from(Republication)
    return copies.where(_IN_REVIEW), copies.where(Republication.id.in_(_disputed()), sa.not_(_IN_REVIEW))


def review_reasons_of(session: Session, idents: Sequence[int]) -> dict[int, tuple[ReviewReason, ...]]:
    """The reasons of these copies, by primary key, in the order of ``ReviewReason``."""
    columns: list[Any] = [Republication.id, *(reason_condition(reason).label(reason.value) for reason in ReviewReason)]
    query = sa.select(*columns).where(Republication.id.in_(idents))
    return {
        row[0]: tuple(doubt for doubt, holds in zip(ReviewReason, row[1:], strict=True) if holds)
        for row in session.execute(query)
    }
