"""The four feeds by the names in their addresses."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from coordinator.feeds import atom, jsonfeed, ninjs, rss
from coordinator.feeds.cache import FeedCache
from coordinator.feeds.item import FeedInfo, FeedItem


@dataclass(frozen=True)
class FeedFormat:
    """One way to write a feed. ``tells_recalls``: whether a recalled bulletin is shown as such; else it is left out."""

    name: str
    media_type: str
    render_item: Callable[[FeedItem], bytes]
    assemble: Callable[[FeedInfo, Iterable[bytes]], bytes]
    tells_recalls: bool


_TABLE = (
    FeedFormat("rss.xml", rss.MEDIA_TYPE, rss.render_item, rss.assemble, tells_recalls=False),
    FeedFormat("atom.xml", atom.MEDIA_TYPE, atom.render_item, atom.assemble, tells_recalls=True),
    FeedFormat("feed.json", jsonfeed.MEDIA_TYPE, jsonfeed.render_item, jsonfeed.assemble, tells_recalls=False),
    FeedFormat("ninjs.json", ninjs.MEDIA_TYPE, ninjs.render_item, ninjs.assemble, tells_recalls=True),
)
FORMATS = {one.name: one for one in _TABLE}


def fragment(form: FeedFormat, item: FeedItem, cache: FeedCache, mark: str = "") -> bytes:
    """One item in this format, from the cache when this state of it was written before.

    ``mark`` names everything else the bytes depend on and ``item.key`` does not: the base address, the department's
    name. Another mark, other fragments.
    """
    return cache.obtain((form.name, mark, item.key), lambda: form.render_item(item))


def compose(form: FeedFormat, info: FeedInfo, items: Sequence[FeedItem], cache: FeedCache, mark: str = "") -> bytes:
    """The whole feed, each item from the cache where it is kept. Equal, byte for byte, to the module's ``render``."""
    shown = [item for item in items if form.tells_recalls or not item.recalled]
    return form.assemble(info, [fragment(form, item, cache, mark) for item in shown])
