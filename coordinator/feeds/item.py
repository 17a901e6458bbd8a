"""What a feed is made of: frozen values, so that every format tells the same story and a fragment can be kept."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from campaigns.core.clock import city_day


@dataclass(frozen=True)
class Source:
    """Who publishes, as a copy has to name it. ``feed_url`` is the public RSS feed.

    It is never a partner's own feed: that address carries a key, and what stands in an item is copied on.
    """

    name: str
    home_url: str
    feed_url: str


@dataclass(frozen=True)
class FeedImage:
    """A picture of a bulletin: absolute address, pixels, media type, size in bytes and its text alternative."""

    url: str
    width: int | None
    height: int | None
    mime: str
    length: int | None
    alt: str


@dataclass(frozen=True)
class FeedItem:
    """One bulletin as outsiders may see it now.

    ``body_html`` is sanitised and has absolute addresses only; ``body_text`` separates paragraphs by blank lines.
    ``topic`` is the code, ``topic_name`` what people read. ``author`` is who is named as its author.
    ``released_at``: first seen; ``updated_at``: when the present revision was; ``recalled_at``: withdrawn.
    ``note`` says what a correction changed. ``counter_url``: the counter image that full-text copies carry.
    All times are aware; raises ``ValueError`` for a naive one, which would silently be taken for the machine's zone.
    """

    code: str
    revision: int
    title: str
    lead: str
    body_html: str
    body_text: str
    topic: str
    topic_name: str
    url: str
    republish_url: str
    json_url: str
    author: str
    source: Source
    released_at: datetime
    updated_at: datetime
    note: str = ""
    recalled_at: datetime | None = None
    recall_reason: str = ""
    images: tuple[FeedImage, ...] = ()  # the cover first, where there is one
    cover: FeedImage | None = None
    preview: FeedImage | None = None  # the cover cut to 16:9, as pages that link here show it
    counter_url: str | None = None
    language: str = "vi"

    def __post_init__(self) -> None:
        for name in ("released_at", "updated_at", "recalled_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{self.code}: {name} has no time zone")

    @property
    def recalled(self) -> bool:
        """Whether it was withdrawn: then only a notice may be shown."""
        return self.recalled_at is not None

    @property
    def changed_at(self) -> datetime:
        """When what outsiders see last changed: release, correction or recall."""
        return self.updated_at if self.recalled_at is None else max(self.updated_at, self.recalled_at)

    @property
    def key(self) -> tuple[str, int, datetime]:
        """What tells this state of the bulletin from every other one: the key under which its fragments are kept."""
        return self.code, self.revision, self.changed_at

    @property
    def id(self) -> str:
        """A name that never changes and is no address: a ``tag:`` URI (RFC 4151) of host, day of release and code."""
        host = urlsplit(self.url).hostname or "localhost"
        return f"tag:{host},{city_day(self.released_at).isoformat()}:{quote(self.code, safe='')}"


@dataclass(frozen=True)
class FeedInfo:
    """What is said about a feed as a whole.

    ``self_url`` is the address it is read at, and its WebSub topic; ``next_url`` the next page. ``author`` is the
    department's name. ``updated_at``: aware, when anything in it last changed. ``id`` is an absolute URI.
    """

    title: str
    description: str
    home_url: str
    self_url: str
    hub_url: str | None
    author: str
    updated_at: datetime
    id: str
    next_url: str | None = None
    icon_url: str | None = None
    language: str = "vi"

    def __post_init__(self) -> None:
        if self.updated_at.tzinfo is None:
            raise ValueError(f"{self.self_url}: updated_at has no time zone")
