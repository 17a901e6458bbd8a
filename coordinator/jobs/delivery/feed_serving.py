"""Feeds for readers of the address and for the hub, which distributes the same bytes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy.orm import Session

from campaigns import __version__
from campaigns.bulletins import visibility
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.media import shows
from campaigns.bulletins.pictures import Picture
from campaigns.bulletins.visibility import MOST_LISTED, PUBLIC, Audience, Released
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners.directory import Company
from campaigns.people.keys import find_key
from campaigns.people.office import Office, current_office, office_name
from campaigns.planning.campaigns import all_topics, find_topic
from coordinator.feeds import opml
from coordinator.feeds.cursor import decode_cursor, encode_cursor
from coordinator.feeds.formats import FORMATS
from coordinator.feeds.item import FeedInfo, FeedItem, FeedSource
from coordinator.jobs.bulletins.pictures import feed_media, pictures_of, text_pictures
from coordinator.jobs.context import JobContext
from coordinator.jobs.view_buffers import FeedReader

DEFAULT_LIMIT = 50  # items of a feed without ``limit``


@dataclass(frozen=True)
class FeedQuery:
    """The query of a feed. ``after`` None: the newest items; a cursor: the changes after it, oldest first."""

    name: str
    key: str | None = None
    topic: str | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def address(self, context: JobContext, after: str | None = None) -> str:
        """Return the absolute address of this query, with another cursor where one is given."""
        fields = {
            "topic": self.topic,
            "limit": str(self.limit) if self.limit != DEFAULT_LIMIT else None,
            "after": self.after if after is None else after,
        }
        query = urlencode({name: value for name, value in fields.items() if value is not None})
        base = context.addresses.feed(self.name, self.key)
        return f"{base}?{query}" if query else base


@dataclass(frozen=True)
class FeedState:
    """The state of a feed for one reader at one time, before it is rendered.

    ``changed_at``: when it last changed, None while it is empty. ``etag``: equal for equal feeds only. ``reader``: the
    owner of the key in the address. ``position``: the decoded cursor.
    """

    query: FeedQuery
    audience: Audience
    reader: FeedReader | None
    position: tuple[datetime, int] | None
    changed_at: datetime | None
    etag: str


@dataclass(frozen=True)
class RenderedFeed:
    """A feed's bytes, the bulletins in them, and the address of the next page, if there is one."""

    body: bytes
    bulletins: tuple[Released, ...]
    next_url: str | None


def parse_query(name: str, key: str | None, args: Mapping[str, str]) -> FeedQuery:
    """Return a feed's query from an address. Raises ``NotFound`` for an unknown name, ``Invalid`` for a bad
    ``limit``."""
    if name not in FORMATS:
        raise NotFound(f"there is no feed {name}", feed=name)
    limit = args.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MOST_LISTED:
        raise Invalid([FieldError("limit", "limit", f"{limit[:20]!r} is not a number from 1 to {MOST_LISTED}")])
    return FeedQuery(name, key, args.get("topic"), int(limit), args.get("after"))


def topic_query(context: JobContext, topic: str) -> FeedQuery | None:
    """Return the feed of a WebSub topic, which must equal the feed's ``self`` link; None for any other address."""
    prefix = f"{context.addresses.base}/feeds/"
    if not topic.startswith(prefix):
        return None
    parts = urlsplit(topic[len(prefix) :])
    *keys, name = parts.path.split("/")
    args = {field: values[0] for field, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if len(keys) > 1 or "after" in args:
        return None
    try:
        query = parse_query(name, keys[0] if keys else None, args)
    except (Invalid, NotFound):
        return None
    return query if query.address(context) == topic else None


def hub_address(context: JobContext) -> str:
    """Return the absolute address of the WebSub hub."""
    return f"{context.addresses.base}/hub"


def read_state(context: JobContext, session: Session, query: FeedQuery, now: datetime) -> FeedState:
    """Return the state of a feed, from a few small queries.

    Raises ``NotFound`` for a key that opens no feed, ``Invalid`` for a bad topic or cursor.
    """
    audience, reader = _audience_and_reader(context, session, query, now)
    if query.topic is not None and find_topic(session, query.topic) is None:
        raise Invalid([FieldError("topic", "unknown_topic", f"there is no topic {query.topic[:60]!r}")])
    position = decode_cursor(query.after) if query.after is not None else None
    changed_at = visibility.last_change(session, audience, topic=query.topic, now=now)
    topics = sorted(audience.topics) if audience.topics is not None else None
    # The tag covers everything that the bytes depend on, so that equal tags mean equal feeds.
    dependencies = (__version__, query.address(context), changed_at, topics, office_name(session))
    etag = hashlib.sha256(repr(dependencies).encode()).hexdigest()[:24]
    return FeedState(query, audience, reader, position, changed_at, etag)


def _audience_and_reader(
    context: JobContext, session: Session, query: FeedQuery, now: datetime
) -> tuple[Audience, FeedReader | None]:
    if query.key is None:
        return PUBLIC, None
    key = find_key(session, query.key, now=now)
    if key is None or key.company_id is None:
        raise NotFound("there is no such feed")
    company = session.get_one(Company, key.company_id)
    audience = visibility.audience_of(session, company, sorted(context.delivery_modes.pulled))
    return audience, FeedReader(key.id, key.company_id)


def list_feeds(
    context: JobContext, session: Session, key: str | None, now: datetime
) -> tuple[bytes, FeedReader | None]:
    """Return the OPML list of the feeds of an address, and the owner of the key in it: every format, and RSS for each
    topic that the reader gets. Raises ``NotFound`` for a key that opens no feed."""
    audience, reader = _audience_and_reader(context, session, FeedQuery("opml.xml", key), now)
    office = office_name(session)
    feeds = [
        opml.ListedFeed(f"{office} – {shown.label}", context.addresses.feed(name, key))
        for name, shown in FORMATS.items()
    ]
    feeds += [
        opml.ListedFeed(f"{office} – {topic.name}", FeedQuery("rss.xml", key, topic.code).address(context))
        for topic in all_topics(session)
        if audience.topics is None or topic.code in audience.topics
    ]
    return opml.render(f"Bản tin của {office}", f"{context.addresses.base}/", feeds), reader


def render_feed(context: JobContext, session: Session, state: FeedState, now: datetime) -> RenderedFeed:
    """Render the feed. ``state``: read in the same session at the same time."""
    query, next_url = state.query, None
    shown = FORMATS[query.name]
    conditions = [shows(shown.only)] if shown.only is not None else []
    if query.after is not None:
        bulletins = visibility.changed_since(
            session, state.audience, state.position, conditions, topic=query.topic, limit=query.limit, now=now
        )
        last = (bulletins[-1].changed_at, bulletins[-1].bulletin.id) if bulletins else state.position
        if last is not None:
            next_url = query.address(context, encode_cursor(*last))
    else:
        bulletins = visibility.newest_released(
            session, state.audience, conditions, topic=query.topic, limit=query.limit, now=now
        )
    office = current_office(session)
    pictures = pictures_of(session, bulletins)
    info = FeedInfo(
        title=f"Bản tin của {office.name}",
        description=f"Bản tin chính thức do {office.name} phát hành; được đăng lại nguyên văn kèm nguồn và đường dẫn.",
        home_url=f"{context.addresses.base}/",
        self_url=query.address(context),
        hub_url=hub_address(context),
        author=office.name,
        updated_at=state.changed_at or now,
        id=context.addresses.feed(query.name),
        next_url=next_url,
    )
    items = [feed_item(context, released, office, pictures) for released in bulletins]
    # A format without tombstones leaves a recalled bulletin out, which informs its reader: it counts as carried.
    return RenderedFeed(shown.render(info, items), tuple(bulletins), next_url)


def feed_item(context: JobContext, released: Released, office: Office, pictures: Mapping[str, Picture]) -> FeedItem:
    """Return a visible bulletin as a feed item. ``pictures``: those of the bulletin, from ``pictures_of``."""
    bulletin, revision = released.bulletin, released.revision
    text = text_pictures(context, revision, pictures)
    return FeedItem(
        code=bulletin.code,
        revision=revision.number,
        title=revision.title,
        lead=revision.lead,
        body_html=revision.body_html,
        body_text=revision.body_text,
        topic=bulletin.topic.code,
        topic_name=bulletin.topic.name,
        url=context.addresses.bulletin(bulletin.code),
        republish_url=context.addresses.republish(bulletin.code),
        json_url=context.addresses.ninjs(bulletin.code),
        author=office.name,
        source=FeedSource(office.name, f"{context.addresses.base}/", context.addresses.feed("rss.xml")),
        released_at=released.released_at,
        updated_at=revision.released_at or released.released_at,
        note=revision.note,
        recalled_at=bulletin.recalled_at,
        recall_reason=bulletin.recall_reason,
        images=text.images,
        cover=text.cover,
        lead_image=text.lead_image,
        preview=text.preview,
        media=feed_media(context, media_from_json(revision.media)),
        counter_url=context.addresses.counter(bulletin.counter_token),
    )
