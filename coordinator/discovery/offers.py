"""What a site says about itself: the feeds, sitemaps and API that its front page and robots.txt name, and where else
such lists usually lie. Addresses only; whether something can be read there is tried by the caller."""

from dataclasses import dataclass
from urllib.parse import urljoin

from protego import Protego
from selectolax.lexbor import LexborHTMLParser

from campaigns.tracking.watching import SourceKind
from coordinator.discovery.links import absolute, base_of
from coordinator.discovery.taming import tamed
from coordinator.discovery.titles import plain
from coordinator.discovery.wordpress import api_root
from coordinator.http import Answer

MOST_NAMED = 8  # feeds of one front page that are tried: sites name one for every section
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"})
USUAL = (
    (SourceKind.FEED, "/feed/"),
    (SourceKind.FEED, "/rss.xml"),
    (SourceKind.FEED, "/rss/home.rss"),
    (SourceKind.SITEMAP, "/sitemap-news.xml"),
    (SourceKind.SITEMAP, "/news-sitemap.xml"),
    (SourceKind.SITEMAP, "/sitemap.xml"),
)  # fmt: skip


@dataclass(frozen=True)
class Hint:
    """Where a source may be. ``where``: ``page`` (the front page names it), ``robots`` (robots.txt does) or ``usual``
    (nobody does, many sites have it there)."""

    kind: SourceKind
    url: str
    title: str
    where: str


def named_by_page(answer: Answer) -> list[Hint]:
    """The feeds that a front page names in its head or links to, and the API of a WordPress site."""
    if "html" not in answer.content_type and answer.content_type:
        return []
    tree = LexborHTMLParser(tamed(answer.text()))
    base = base_of(tree, answer.url)
    found: dict[str, Hint] = {}
    for node in tree.css('link[rel~="alternate"][href]'):
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        url = absolute(base, node.attributes.get("href") or "")
        # WordPress names its posts' JSON as an alternate too; that is no feed.
        if url is None or kind not in FEED_TYPES or "/wp-json/" in url or "oembed" in url or "/comments/" in url:
            continue
        found.setdefault(url, Hint(SourceKind.FEED, url, plain(node.attributes.get("title") or ""), "page"))
    for node in tree.css("a[href]"):
        url = absolute(base, node.attributes.get("href") or "")
        if url is not None and url.lower().rstrip("/").endswith((".rss", "/rss.xml", "/feed", "/atom.xml")):
            found.setdefault(url, Hint(SourceKind.FEED, url, plain(node.text()), "page"))
    hints = list(found.values())[:MOST_NAMED]
    root = api_root(answer)
    return [*hints, Hint(SourceKind.SEARCH, root, "WordPress", "page")] if root else hints


def named_by_robots(text: str, url: str) -> list[Hint]:
    """The sitemaps that a robots.txt at ``url`` names."""
    found = (absolute(url, one) for one in Protego.parse(text).sitemaps)
    return [Hint(SourceKind.SITEMAP, one, "", "robots") for one in dict.fromkeys(found) if one][:MOST_NAMED]


def usual_places(home: str) -> list[Hint]:
    """Where lists usually lie on a site whose front page is ``home``."""
    return [Hint(kind, urljoin(home, path), "", "usual") for kind, path in USUAL]
