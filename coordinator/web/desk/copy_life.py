"""The life of one copy for its page: what it shows, how soon it came, what it carried then and now, from whom it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Site
from campaigns.publishing.transport import Act
from campaigns.reporting.removals import told_of
from campaigns.tracking.republications import Life, Republication, Status
from coordinator.web.desk.life_words import told_words, why_words


@dataclass(frozen=True)
class OtherCopy:
    """Another copy of the same bulletin; ``id`` None when only its site is known."""

    site: str
    id: str | None


@dataclass(frozen=True)
class CopyLife:
    """What the page of a copy tells of its life. ``told``: in words, whether the partner was told of the recall or
    correction it has not followed, with ``told_at``. ``share_then``, ``revision_then``: when it was confirmed."""

    appeared_at: datetime
    delay: timedelta | None
    headline: str
    title_kept: bool
    author: str
    image: str
    link_position: float | None
    share_then: float | None
    share: float
    revision_then: int | None
    revision: int | None
    behind_since: datetime | None
    followed_at: datetime | None
    told: str
    told_at: datetime | None
    missing_since: datetime | None
    missing_why: str
    gone: bool
    taken_from: OtherCopy | None
    taken_by: Sequence[OtherCopy]
    siblings: Sequence[OtherCopy]


def life_of(session: Session, row: Republication) -> CopyLife:
    """Collect what there is."""
    bulletin = row.bulletin
    recalled = bulletin.recalled_at is not None
    behind = row.stale and row.life is not Life.GONE
    told = None
    if behind or recalled:
        act = Act.RECALL if recalled else Act.CORRECT
        told = told_of(session, {bulletin.id}).get((bulletin.id, row.site.company_id, act))
    origin = row.taken_from_site
    return CopyLife(
        appeared_at=row.appeared_at,
        delay=row.delay,
        headline=row.headline,
        title_kept=row.title_kept,
        author=row.author,
        image=row.image,
        link_position=row.link_position,
        share_then=row.confirmed_share if row.confirmed_at is not None else None,
        share=row.share,
        revision_then=row.confirmed_revision if row.confirmed_at is not None else None,
        revision=row.revision,
        behind_since=row.stale_since if behind else None,
        followed_at=row.followed_at,
        told=told_words(told, recalled=recalled) if behind or recalled else "",
        told_at=told.at if told is not None else None,
        missing_since=row.missing_since,
        missing_why=why_words(row.missing_why),
        gone=row.life is Life.GONE,
        taken_from=OtherCopy(origin.name, row.taken_from.public if row.taken_from else None) if origin else None,
        taken_by=_others(session, Republication.taken_from_id == row.id),
        siblings=_others(
            session,
            Republication.bulletin_id == row.bulletin_id,
            Site.company_id == row.site.company_id,
            Republication.id != row.id,
        ),
    )


def _others(session: Session, *conditions: sa.ColumnElement[bool]) -> list[OtherCopy]:
    query = (
        sa.select(Site.name, Republication.public)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.status != Status.REJECTED, *conditions)
        .order_by(Republication.id)
    )
    return [OtherCopy(name, public) for name, public in session.execute(query)]
