"""What the portal shows of one company: its sites, its copies, what was withdrawn. Every query names the company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.core.errors import NotFound
from campaigns.partners.directory import Site
from campaigns.people.office import the_office
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting.tallies import count_if
from campaigns.tracking.answers import answers_of
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.mending import needs_mending, to_mend
from campaigns.tracking.republications import Life, Republication, Status
from coordinator.jobs.workplace import Workplace
from coordinator.web.answer_words import AnswerLine, answer_lines, mend_name
from coordinator.web.desk.listing import PAGE, Part
from coordinator.web.portal.mend_words import MendLine, lines_of, mend_lines


@dataclass(frozen=True)
class SiteLine:
    """One site with how its copies stand."""

    name: str
    url: str
    confirmed: int
    review: int
    rejected: int
    mend: int


@dataclass(frozen=True)
class CopyLine:
    """One copy. ``to_mend``: what should be put right, in a few words each."""

    id: str
    title: str
    site: str
    bulletin: str
    status: Status
    life: Life
    to_mend: Sequence[str]
    seen_at: datetime
    behind_since: datetime | None


@dataclass(frozen=True)
class CopyShown:
    """The page of one copy. ``note``: why a person rejected it, '' otherwise; ``source_line``: what to paste."""

    id: str
    title: str
    bulletin: str
    bulletin_url: str
    recalled: bool
    site: str
    url: str
    status: Status
    life: Life
    match: Match
    share: float
    attribution: Attribution
    read: bool
    beside: bool
    published_at: datetime | None
    seen_at: datetime
    checked_at: datetime | None
    due_at: datetime | None
    note: str
    to_mend: Sequence[MendLine]
    source_line: str
    answers: Sequence[AnswerLine]


def _own(company_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Copies on the company's sites, of bulletins that are out or were: no other's title is anybody's to read here."""
    out = sa.select(Bulletin.id).where(release.visible(now, with_recalled=True))
    own = sa.select(Site.id).where(Site.company_id == company_id)
    return sa.and_(Republication.site_id.in_(own), Republication.bulletin_id.in_(out))


def find_own(session: Session, company_id: int, ident: str, *, now: datetime) -> Republication:
    """A copy of this company. Raises ``NotFound`` in the same words for one of another and for none."""
    query = sa.select(Republication).where(Republication.public == ident, _own(company_id, now))
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no republication {ident}", republication=ident)
    return row


def sites(session: Session, company_id: int) -> list[SiteLine]:
    """The company's sites, with figures of all time."""
    figures: tuple[Any, ...] = (
        count_if(Republication.status == Status.CONFIRMED),
        count_if(Republication.status == Status.REVIEW),
        count_if(Republication.status == Status.REJECTED),
        count_if(needs_mending()),
    )
    query = (
        sa.select(Site.name, Site.url, *figures)
        .outerjoin(Republication, Republication.site_id == Site.id)
        .where(Site.company_id == company_id)
        .group_by(Site.id, Site.name, Site.url)
        .order_by(Site.name)
    )
    return [SiteLine(name, url, *(int(one) for one in rest)) for name, url, *rest in session.execute(query)]


@dataclass(frozen=True)
class Wanted:
    """The filters of the list; empty = any. ``mend``: only what should be put right."""

    status: Status | None = None
    mend: bool = False

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Wanted":
        """From an address; what cannot be understood is no filter."""
        status = {one.value: one for one in Status}.get(args.get("status", ""))
        return cls(status, args.get("mend") == "1")


def copies(session: Session, company_id: int, wanted: Wanted, number: int, *, now: datetime) -> Part[CopyLine]:
    """One page of the company's copies, the newest first."""
    where = [_own(company_id, now)]
    if wanted.status is not None:
        where.append(Republication.status == wanted.status)
    if wanted.mend:
        where.append(needs_mending())
    total = session.execute(sa.select(sa.func.count()).select_from(Republication).where(*where)).scalar_one()
    number = min(number, max(-(-total // PAGE), 1))
    query = _lines().where(*where).order_by(Republication.first_seen_at.desc(), Republication.id.desc())
    found = session.execute(query.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Part([_line(row, title) for row, title in found], total, number)


def behind(session: Session, company_id: int, *, now: datetime) -> list[CopyLine]:
    """Copies that carry a withdrawn or an old text, the longest first."""
    where = (_own(company_id, now), Republication.stale, Republication.life != Life.GONE)
    query = _lines().where(*where, Republication.status != Status.REJECTED).order_by(Republication.stale_since)
    return [_line(row, title) for row, title in session.execute(query)]


def _lines() -> sa.Select[Republication, str]:
    return (
        sa.select(Republication, Revision.title)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(
            Revision,
            sa.and_(
                Revision.bulletin_id == Bulletin.id,
                Revision.number == sa.func.coalesce(Bulletin.released, Bulletin.latest),
            ),
        )
        .options(joinedload(Republication.bulletin), joinedload(Republication.site))
    )


def _line(row: Republication, title: str) -> CopyLine:
    return CopyLine(
        row.public,
        row.headline or title,
        row.site.name,
        row.bulletin.code,
        row.status,
        row.life,
        [mend_name(one) for one in to_mend(row)],
        row.first_seen_at,
        row.stale_since if row.stale else None,
    )


def shown(place: Workplace, session: Session, company_id: int, ident: str) -> CopyShown:
    """Everything about one copy. Raises ``NotFound``."""
    row = find_own(session, company_id, ident, now=place.now())
    bulletin = row.bulletin
    # Only what is out: a pending correction is nobody's to see outside.
    revision = bulletin.revision(bulletin.released or bulletin.latest)
    url = place.addresses.bulletin(bulletin.code)
    lines = lines_of(the_office(session).name, url, place.addresses.counter(bulletin.counter_token))
    return CopyShown(
        id=row.public,
        title=row.headline or revision.title,
        bulletin=bulletin.code,
        bulletin_url=url,
        recalled=bulletin.recalled_at is not None,
        site=row.site.name,
        url=row.url,
        status=row.status,
        life=row.life,
        match=row.match,
        share=row.share,
        attribution=row.attribution,
        read=bool(row.evidence),
        beside=row.waits_beside,
        published_at=row.published_at,
        seen_at=row.first_seen_at,
        checked_at=row.checked_at,
        due_at=row.page.due_at,
        note=row.decision_note if row.status is Status.REJECTED and row.decided_by is not None else "",
        to_mend=mend_lines(row, to_mend(row), lines),
        source_line=lines.source,
        answers=answer_lines(answers_of(session, row)),
    )
