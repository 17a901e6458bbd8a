"""Posts on social networks that people report: each is a pasted line that is completed step by step.

A line belongs to the person who pasted it until it is reported. It then is a claim (``address_claims``) that waits in
the review queue for a second person, and the row stays as what was reported, by whom, with which picture.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import CITY
from campaigns.core.errors import Conflict, NotFound
from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.partners.directory import Site
from campaigns.people.powers.identities import require_person, share_a_person
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication

# What a picture of a post shows of the source: nothing, the weakest statement, stands first and is the default.
PICTURE_ATTRIBUTIONS = (
    Attribution.NOT_SEEN,
    Attribution.NAMED_ONLY,
    Attribution.LINKED_AT_END,
    Attribution.NAMED_OTHER_SOURCE,
)
# The reason that a claimed copy on a social network waits for a person (``review_reasons``).
SOCIAL_REASON = "social_post"
SOCIAL_REASON_TEXT = f"{SOCIAL_REASON}: only people see the page; a second person looks at the picture"


class SocialPost(Base):
    """One line. ``url``: as pasted; ``address``: its canonical form. ``day``: that of the post; ``time``: its time in
    the city's zone, None where nobody has given it; ``words``: its first words; ``kind`` to ``original_hash``: the
    stored picture, as in ``EvidenceUpload``; ``file_name``: its name as uploaded; ``attribution``: what the picture
    shows of the source, one of ``PICTURE_ATTRIBUTIONS``; ``exhibit``: the public id of the evidence that it became.
    ``republication_id``: the copy, once it is reported."""

    __tablename__ = "social_posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    url: Mapped[str] = mapped_column(sa.String(2000))
    address: Mapped[str] = mapped_column(sa.String(2000))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    day: Mapped[dt.date]
    time: Mapped[dt.time | None] = mapped_column(sa.Time)
    words: Mapped[str] = mapped_column(sa.Text, default="")
    file_name: Mapped[str] = mapped_column(sa.String(300), default="")
    kind: Mapped[str | None] = mapped_column(sa.String(10))
    measure: Mapped[str | None] = mapped_column(sa.String(20))
    size: Mapped[int | None]
    body_hash: Mapped[str | None] = mapped_column(sa.String(64))
    body_key: Mapped[str | None] = mapped_column(sa.String(200))
    original_hash: Mapped[str | None] = mapped_column(sa.String(64))
    attribution: Mapped[Attribution] = mapped_column(
        by_value(Attribution, "social_post_attribution"),
        default=Attribution.NOT_SEEN,
        server_default=Attribution.NOT_SEEN.value,
    )
    exhibit: Mapped[str | None] = mapped_column(sa.String(30))
    republication_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"), index=True)
    reported_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    site: Mapped[Site | None] = relationship()
    bulletin: Mapped[Bulletin | None] = relationship()

    # For a person's own lines.
    __table_args__ = (sa.Index("ix_social_posts_actor_republication_id", "actor", "republication_id"),)

    @property
    def posted_at(self) -> dt.datetime | None:
        """When the post appeared, None where only its day is known."""
        return dt.datetime.combine(self.day, self.time, CITY) if self.time is not None else None

    @property
    def has_picture(self) -> bool:
        """Whether a picture is stored."""
        return self.body_key is not None


def open_lines(session: Session, actor: str) -> Sequence[SocialPost]:
    """A person's lines that are not reported, in the order in which they were pasted."""
    query = sa.select(SocialPost).where(SocialPost.actor == actor, SocialPost.republication_id.is_(None))
    return session.execute(query.order_by(SocialPost.id)).scalars().all()


def find_line(session: Session, actor: str, public: str) -> SocialPost:
    """A person's line that is not reported. Raises the same ``NotFound`` for the line of another person."""
    row = session.execute(
        sa.select(SocialPost).where(
            SocialPost.public == public, SocialPost.actor == actor, SocialPost.republication_id.is_(None)
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no open line {public}", line=public)
    return row


def pictures_of(session: Session, idents: Iterable[int]) -> dict[int, SocialPost]:
    """The newest reported line with a picture of each of these copies, by the copy's primary key."""
    query = sa.select(SocialPost).where(SocialPost.republication_id.in_(list(idents)), SocialPost.body_key.is_not(None))
    return {row.republication_id or 0: row for row in session.execute(query.order_by(SocialPost.id)).scalars()}


def reported_attribution(session: Session, row: Republication) -> Attribution | None:
    """What those who reported a post said that its picture shows of the source, the newest statement; None where nobody
    said anything, and for any other copy."""
    query = sa.select(SocialPost.attribution).where(
        SocialPost.republication_id == row.id, SocialPost.attribution != Attribution.NOT_SEEN
    )
    if not is_social_report(row):
        return None
    return session.execute(query.order_by(SocialPost.id.desc()).limit(1)).scalar_one_or_none()


def is_social_report(row: Republication) -> bool:
    """Whether a copy is a post that a person reported, and that no program reads."""
    return row.page.behind_sign_in and any(reason.startswith(f"{SOCIAL_REASON}:") for reason in row.reasons)


def reporter_names(session: Session, row: Republication) -> list[str]:
    """The names of those who reported a post, or the identifiers of those who used no page of lines."""
    query = sa.select(SocialPost.actor, SocialPost.actor_name).where(SocialPost.republication_id == row.id)
    names = {row[0]: row[1] for row in session.execute(query)}
    return list(dict.fromkeys(names.get(actor, actor) for actor in _reporters(session, row)))


def _reporters(session: Session, row: Republication) -> dict[str, dt.datetime]:
    """The ids of those who reported a post -> when they did so first."""
    query = (
        sa.select(Sighting.source, Sighting.at)
        .where(
            Sighting.page_id == row.page_id,
            Sighting.bulletin_id == row.bulletin_id,
            Sighting.how == SightingMethod.REPORTED,
        )
        .order_by(Sighting.id)
    )
    found: dict[str, dt.datetime] = {}
    for source, at in session.execute(query):
        found.setdefault(source, at)
    return found


def check_second_person(
    session: Session, actor: str, row: Republication, *, with_picture: bool = False
) -> SocialPost | None:
    """Check that a person may confirm a reported post: no person behind the actor has reported it, and a picture of it
    is kept. Returns what was reported with the newest picture, None for any other copy.

    ``with_picture``: the person brings one. Raises ``Conflict`` (``own_report``, ``no_picture``), ``Forbidden``
    (``key_without_person``).
    """
    if not is_social_report(row):
        return None
    reporters = _reporters(session, row)
    require_person(session, actor, reporters)
    if share_a_person(session, actor, reporters):
        raise Conflict("who reported a post does not confirm it; another person looks at it", code="own_report")
    picture = pictures_of(session, [row.id]).get(row.id)
    if not with_picture and picture is None:
        raise Conflict("no picture of this post is kept; confirm it with one", code="no_picture")
    return picture
