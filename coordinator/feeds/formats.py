"""The four feed formats by the names in their addresses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coordinator.feeds import atom, jsonfeed, ninjs, rss
from coordinator.feeds.item import FeedInfo, FeedItem


@dataclass(frozen=True)
class FeedFormat:
    """One format: its media type, and the function that renders a feed of items."""

    media_type: str
    render: Callable[[FeedInfo, Sequence[FeedItem]], bytes]


FORMATS = {
    "rss.xml": FeedFormat(rss.MEDIA_TYPE, rss.render),
    "atom.xml": FeedFormat(atom.MEDIA_TYPE, atom.render),
    "feed.json": FeedFormat(jsonfeed.MEDIA_TYPE, jsonfeed.render),
    "ninjs.json": FeedFormat(ninjs.MEDIA_TYPE, ninjs.render),
}
