"""Serving feeds: the same reply for a reader of the address and for the hub that sends it to subscribers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy.orm import Session

from campaigns import __version__
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners.directory import Company
from campaigns.people.keys import find_key
from campaigns.people.office import Office, office_name, the_office
from campaigns.planning.campaigns import find_topic
from campaigns.publishing import release
from campaigns.publishing.pictures import Picture
from campaigns.publishing.release import MOST, PUBLIC, Audience, Released
from coordinator.feeds import conditional, cursor
from coordinator.feeds.cache import FeedCache
from coordinator.feeds.conditional import Asked, FeedReply, Validators
from coordinator.feeds.formats import FORMATS, compose
from coordinator.feeds.item import FeedInfo, FeedItem, Source
from coordinator.feeds.standing import Standing
from coordinator.jobs.illustrating import illustrated, pictures_of
from coordinator.jobs.reads import FeedReader
from coordinator.jobs.workplace import Workplace

USUAL = 50  # items when a reader does not say


@dataclass(frozen=True)
class FeedQuery:
    """One feed as it is asked for. ``after`` None = the newest; a cursor = what changed after it, oldest first."""

    name: str
    key: str | None = None
    topic: str | None = None
    limit: int = USUAL
    after: str | None = None

    def address(self, place: Workplace, after: str | None = None) -> str:
        """The absolute address of this query, with another cursor where one is given."""
        cursor_ = self.after if after is None else after
        told = {
            "topic": self.topic,
            "limit": str(self.limit) if self.limit != USUAL else None,
            "after": cursor_,
        }
        query = urlencode({name: value for name, value in told.items() if value is not None})
        base = place.addresses.feed(self.name, self.key)
        return f"{base}?{query}" if query else base


@dataclass(frozen=True)
class Served:
    """A reply, what it carried, and whose key asked, for the fetch log."""

    reply: FeedReply
    carried: tuple[Released, ...]
    reader: FeedReader | None


def read_query(name: str, key: str | None, args: Mapping[str, str]) -> FeedQuery:
    """A feed's query from an address. Raises ``NotFound`` for a name that is none, ``Invalid`` for a bad ``limit``."""
    if name not in FORMATS:
        raise NotFound(f"there is no feed {name}", feed=name)
    limit = args.get("limit", str(USUAL))
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MOST:
        raise Invalid([FieldError("limit", "limit", f"{limit[:20]!r} is not a number from 1 to {MOST}")])
    return FeedQuery(name, key, args.get("topic"), int(limit), args.get("after"))


def source_of(place: Workplace, office: Office) -> Source:
    """The department as feeds name it."""
    return Source(office.name, f"{place.addresses.base}/", place.addresses.feed("rss.xml"))


def item_of(place: Workplace, released: Released, office: Office, known: Mapping[str, Picture]) -> FeedItem:
    """A visible bulletin as every format writes it. ``known``: its pictures, from ``pictures_of``."""
    bulletin, revision = released.bulletin, released.revision
    shown = illustrated(place, revision, known)
    return FeedItem(
        code=bulletin.code,
        revision=revision.number,
        title=revision.title,
        lead=revision.lead,
        body_html=revision.body_html,
        body_text=revision.body_text,
        topic=bulletin.topic.code,
        topic_name=bulletin.topic.name,
        url=place.addresses.bulletin(bulletin.code),
        republish_url=place.addresses.republish(bulletin.code),
        json_url=place.addresses.ninjs(bulletin.code),
        author=office.name,
        source=source_of(place, office),
        released_at=released.released_at,
        updated_at=revision.released_at or released.released_at,
        note=revision.note,
        recalled_at=bulletin.recalled_at,
        recall_reason=bulletin.recall_reason,
        images=shown.images,
        cover=shown.cover,
        preview=shown.preview,
        counter_url=place.addresses.counter(bulletin.counter_token),
    )


def _reader(place: Workplace, session: Session, query: FeedQuery, now: datetime) -> tuple[Audience, FeedReader | None]:
    if query.key is None:
        return PUBLIC, None
    key = find_key(session, query.key, now=now)
    if key is None or key.company_id is None:
        raise NotFound("there is no such feed")
    company = session.get_one(Company, key.company_id)
    audience = release.audience_of(session, company, sorted(place.natures.pulled))
    return audience, FeedReader(key.id, key.company_id)


def answer(place: Workplace, query: FeedQuery, asked: Asked) -> Served:
    """Answer one read of a feed, from what is remembered if it can be. Raises as ``serve``.

    Remembered for the second it was read in and until this process writes: what another process withdraws is told a
    second later at most, and feeds may be kept for sixty by whoever stands between.
    """
    now = place.now()
    mark = (now.replace(microsecond=0), place.database.commits.number)
    standing = place.standings.find(mark, query)
    if standing is not None and (served := _at_hand(place, query, asked, standing, now)) is not None:
        return served
    with place.database.read() as session:
        return serve(place, session, place.feeds, query, asked, now, mark)


def _at_hand(
    place: Workplace, query: FeedQuery, asked: Asked, standing: Standing[FeedReader | None], now: datetime
) -> Served | None:
    reply = conditional.unchanged(asked, standing.validators, cache_control=_control(query))
    if reply is None and standing.reader is None and (kept := place.feeds.get(standing.parts)) is not None:
        reply = _full(place, place.feeds, query, asked, standing.validators, kept, None, now, standing.parts)
    return None if reply is None else Served(reply, (), standing.reader)


def serve(
    place: Workplace,
    session: Session,
    cache: FeedCache,
    query: FeedQuery,
    asked: Asked,
    now: datetime,
    mark: object = None,
) -> Served:
    """Answer one read of a feed. ``mark``: under which its standing is remembered, read before ``session`` was begun.

    Raises ``NotFound`` for a key that is none, ``Invalid`` for a bad topic or cursor.
    """
    audience, reader = _reader(place, session, query, now)
    if query.topic is not None and find_topic(session, query.topic) is None:
        raise Invalid([FieldError("topic", "unknown_topic", f"there is no topic {query.topic[:60]!r}")])
    position = cursor.decode(query.after) if query.after is not None else None
    name = office_name(session)
    changed_at = release.last_change(session, audience, topic=query.topic, now=now)
    topics = tuple(sorted(audience.topics)) if audience.topics is not None else None
    # Everything that the bytes depend on, so that equal validators mean equal feeds.
    parts = (__version__, query.address(place), changed_at, topics, name)
    validators = Validators(conditional.weak_etag(*parts), changed_at)
    if mark is not None:
        place.standings.keep(mark, query, Standing(validators, parts, reader))
    reply = conditional.unchanged(asked, validators, cache_control=_control(query))
    if reply is not None:
        return Served(reply, (), reader)
    kept = cache.get(parts) if query.key is None and query.after is None else None
    if kept is not None:
        return Served(_full(place, cache, query, asked, validators, kept, None, now, parts), (), reader)
    if query.after is not None:
        carried = release.since(session, audience, position, topic=query.topic, limit=query.limit, now=now)
        last = (carried[-1].changed_at, carried[-1].bulletin.id) if carried else position
        next_url = query.address(place, cursor.encode(*last)) if last is not None else None
    else:
        carried = release.newest(session, audience, topic=query.topic, limit=query.limit, now=now)
        next_url = None
    office = the_office(session)
    info = _info(place, office, query, changed_at or now, next_url)
    mark = f"{__version__} {place.addresses.base} {name}"
    known = pictures_of(session, carried)
    body = compose(FORMATS[query.name], info, [item_of(place, one, office, known) for one in carried], cache, mark)
    if query.key is None and query.after is None:
        cache.keep(parts, body)
    reply = _full(place, cache, query, asked, validators, body, next_url, now, parts)
    # A format without tombstones tells of a recall by leaving the bulletin out, so it carries that news all the same.
    return Served(reply, tuple(carried), reader)


def _control(query: FeedQuery) -> str:
    return conditional.PRIVATE if query.key else conditional.PUBLIC


def _full(
    place: Workplace,
    cache: FeedCache,
    query: FeedQuery,
    asked: Asked,
    validators: Validators,
    body: bytes,
    next_url: str | None,
    now: datetime,
    parts: tuple[object, ...],
) -> FeedReply:
    return conditional.full(
        asked,
        validators,
        body,
        media_type=FORMATS[query.name].media_type,
        cache_control=_control(query),
        self_url=query.address(place),
        hub_url=f"{place.addresses.base}/hub",
        next_url=next_url,
        zipped=lambda plain: cache.obtain(("gzip", parts), lambda: conditional.zip_body(plain)),
        now=now,
    )


def _info(place: Workplace, office: Office, query: FeedQuery, changed_at: datetime, next_url: str | None) -> FeedInfo:
    return FeedInfo(
        title=f"Bản tin của {office.name}",
        description=f"Bản tin chính thức do {office.name} phát hành; được đăng lại nguyên văn kèm nguồn và đường dẫn.",
        home_url=f"{place.addresses.base}/",
        self_url=query.address(place),
        hub_url=f"{place.addresses.base}/hub",
        author=office.name,
        updated_at=changed_at,
        id=place.addresses.feed(query.name),
        next_url=next_url,
    )


def query_of(place: Workplace, topic: str) -> FeedQuery | None:
    """The feed that a WebSub topic names, exactly as its ``self`` link has it; None for any other address."""
    prefix = f"{place.addresses.base}/feeds/"
    if not topic.startswith(prefix):
        return None
    parts = urlsplit(topic[len(prefix) :])
    *keys, name = parts.path.split("/")
    args = {field: values[0] for field, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if len(keys) > 1 or "after" in args:
        return None
    try:
        query = read_query(name, keys[0] if keys else None, args)
    except (Invalid, NotFound):
        return None
    return query if query.address(place) == topic else None
