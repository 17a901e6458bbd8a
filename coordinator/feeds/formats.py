"""The feed formats by the names in their addresses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from campaigns.bulletins.media import MediaKind
from coordinator.feeds import atom, jsonfeed, newsml, ninjs, rss
from coordinator.feeds.item import FeedInfo, FeedItem


@dataclass(frozen=True)
class FeedFormat:
    """One format: its usual name, its media type, and the function that renders a feed of items.

    ``only``: the feed has only the bulletins with a medium of this kind; None: all.
    """

    label: str
    media_type: str
    render: Callable[[FeedInfo, Sequence[FeedItem]], bytes]
    only: MediaKind | None = None


FORMATS = {
    "rss.xml": FeedFormat("RSS", rss.MEDIA_TYPE, rss.render),
    "atom.xml": FeedFormat("Atom", atom.MEDIA_TYPE, atom.render),
    "feed.json": FeedFormat("JSON Feed", jsonfeed.MEDIA_TYPE, jsonfeed.render),
    "ninjs.json": FeedFormat("ninjs", ninjs.MEDIA_TYPE, ninjs.render),
    "newsml.xml": FeedFormat("NewsML-G2", newsml.MEDIA_TYPE, newsml.render),
    "audio.xml": FeedFormat("Podcast", rss.MEDIA_TYPE, rss.render_audio, MediaKind.AUDIO),
}
