"""The list of the feeds for feed readers, OPML 2.0 (http://opml.org/spec2.opml)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.builder import E

MEDIA_TYPE = "text/x-opml; charset=utf-8"


@dataclass(frozen=True)
class ListedFeed:
    """One feed of the list: its name and its absolute address."""

    name: str
    url: str


def render(title: str, home_url: str, feeds: Sequence[ListedFeed]) -> bytes:
    """Return the list of these feeds. ``title``: of the list; ``home_url``: the page that they are of."""
    outlines = [E.outline(type="rss", text=feed.name, title=feed.name, xmlUrl=feed.url, htmlUrl=home_url)
                for feed in feeds]  # fmt: skip
    root = E.opml(E.head(E.title(title)), E.body(*outlines), version="2.0")
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return body
