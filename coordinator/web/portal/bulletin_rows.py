"""The bulletins that a partner may have now: by the one predicate of release, and the topics of its own channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, Site
from campaigns.people.office import the_office
from campaigns.planning.campaigns import all_topics
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.release import Audience, Released
from campaigns.searching.asking import MOST_TYPED, ask
from campaigns.searching.finding import MOST_COUNTED, Narrowed, find
from campaigns.searching.index import Kind
from campaigns.tracking.republications import Republication
from coordinator.feeds.item import FeedItem
from coordinator.jobs.illustrating import pictures_of
from coordinator.jobs.serving import item_of
from coordinator.jobs.workplace import Workplace
from coordinator.web.desk.listing import Part

PAGE = 30


@dataclass(frozen=True)
class BulletinLine:
    """One bulletin on the list. ``copies``: how many pages of the partner's own are known to carry it."""

    code: str
    title: str
    lead: str
    topic: str
    released_at: datetime
    corrected_at: datetime | None
    recalled_at: datetime | None
    copies: int


@dataclass(frozen=True)
class Asked:
    """What is looked for: words, a topic's code; '' = any."""

    words: str = ""
    topic: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Asked":
        """From an address."""
        return cls(args.get("q", "").strip()[:MOST_TYPED], args.get("topic", "").strip()[:80])


def audience(place: Workplace, session: Session, company_id: int) -> Audience:
    """What this partner reads, as its feeds have it."""
    return release.audience_of(session, session.get_one(Company, company_id), sorted(place.natures.pulled))


def topics(session: Session, who: Audience) -> list[tuple[str, str]]:
    """The topics it may choose from."""
    return [(one.code, one.name) for one in all_topics(session) if who.topics is None or one.code in who.topics]


def lines(place: Workplace, session: Session, company_id: int, asked: Asked, number: int) -> Part[BulletinLine]:
    """One page of what the partner may have: what changed last first, or what fits the words best."""
    now, who = place.now(), audience(place, session, company_id)
    query = release.released(who, now=now)
    if asked.topic:
        query = query.where(Bulletin.topic.has(code=asked.topic))
    if asked.words:
        found = _found(session, query, asked.words)
        total = len(found)
        number = min(number, max(-(-total // PAGE), 1))
        shown = found[(number - 1) * PAGE : number * PAGE]
    else:
        total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
        number = min(number, max(-(-total // PAGE), 1))
        page = query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).limit(PAGE).offset((number - 1) * PAGE)
        shown = [Released(bulletin, revision) for bulletin, revision in session.execute(page)]
    copies = _copies(session, company_id, [one.bulletin.id for one in shown])
    return Part([_line(one, copies) for one in shown], total, number, PAGE)


def _found(session: Session, query: sa.Select[Bulletin, Revision], words: str) -> list[Released]:
    """Those that the words fit, the best first. The index knows the newest text of each, which may be a correction
    that is not out: of such a bulletin the text that is out must hold every word itself."""
    hits = find(session, Kind.BULLETIN, ask(words), Narrowed(), most=MOST_COUNTED).rows
    order = {hit.number: place for place, hit in enumerate(hits)}
    if not order:
        return []
    fits = [
        Released(bulletin, revision)
        for bulletin, revision in session.execute(query.where(Bulletin.id.in_(list(order))))
        if bulletin.latest == bulletin.released or _holds(bulletin, revision, words)
    ]
    return sorted(fits, key=lambda one: order[one.bulletin.id])


def _holds(bulletin: Bulletin, revision: Revision, words: str) -> bool:
    text = fold(f"{bulletin.code} {revision.title} {revision.lead} {revision.body_text}")
    return all(word in text for word in fold(words.replace('"', " ")).split())


def _copies(session: Session, company_id: int, bulletins: Sequence[int]) -> dict[int, int]:
    own = sa.select(Site.id).where(Site.company_id == company_id)
    query = (
        sa.select(Republication.bulletin_id, sa.func.count())
        .where(Republication.bulletin_id.in_(bulletins), Republication.site_id.in_(own))
        .group_by(Republication.bulletin_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def _line(one: Released, copies: Mapping[int, int]) -> BulletinLine:
    bulletin, revision = one.bulletin, one.revision
    return BulletinLine(
        bulletin.code,
        revision.title,
        revision.lead,
        bulletin.topic.name,
        one.released_at,
        revision.released_at if revision.number > 1 and revision.note else None,
        bulletin.recalled_at,
        copies.get(bulletin.id, 0),
    )


@dataclass(frozen=True)
class BulletinShown:
    """One bulletin with everything that goes on a site. ``copies``: the partner's own pages that carry it, by id."""

    item: FeedItem
    office: str
    copies: Sequence[tuple[str, str]]


def shown(place: Workplace, session: Session, company_id: int, code: str) -> BulletinShown:
    """A bulletin that this partner may have, a recalled one included so that the notice can be shown.

    Raises ``NotFound`` in the same words for one that is not out, not for this partner, or not there.
    """
    who = audience(place, session, company_id)
    row = session.execute(release.released(who, now=place.now()).where(Bulletin.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    found = Released(row[0], row[1])
    office = the_office(session)
    own = sa.select(Site.id).where(Site.company_id == company_id)
    copies = session.execute(
        sa.select(Republication.public, Republication.url)
        .where(Republication.bulletin_id == found.bulletin.id, Republication.site_id.in_(own))
        .order_by(Republication.id)
    )
    item = item_of(place, found, office, pictures_of(session, [found]))
    return BulletinShown(item, office.name, [(one[0], one[1]) for one in copies])
