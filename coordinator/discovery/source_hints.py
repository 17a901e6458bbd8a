"""Hints of a site's sources: the feeds, sitemaps and API that its front page and robots.txt name, and the usual
addresses. The caller tries whether a source can be read there."""

from dataclasses import dataclass
from urllib.parse import urljoin

from protego import Protego
from selectolax.lexbor import LexborHTMLParser

from campaigns.discovery.site_sources import SourceKind
from coordinator.discovery.fields import absolute_url, base_url, plain_title
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.discovery.wordpress import api_root_url
from coordinator.http.responses import HttpResponse

MAX_HINTS = 8  # feeds of one front page that are tried, since sites may have one for every section
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"})
USUAL_PATHS = (
    (SourceKind.FEED, "/feed/"),
    (SourceKind.FEED, "/rss.xml"),
    (SourceKind.FEED, "/rss/home.rss"),
    (SourceKind.SITEMAP, "/sitemap-news.xml"),
    (SourceKind.SITEMAP, "/news-sitemap.xml"),
    (SourceKind.SITEMAP, "/sitemap.xml"),
)  # fmt: skip


@dataclass(frozen=True)
class SourceHint:
    """The possible address of a source. ``where``: ``page`` (named by the front page), ``robots`` (by robots.txt) or
    ``usual`` (a usual address)."""

    kind: SourceKind
    url: str
    title: str
    where: str


def page_hints(answer: HttpResponse) -> list[SourceHint]:
    """Return the feeds that a front page names in its head or links to, and the API of a WordPress site."""
    if "html" not in answer.content_type and answer.content_type:
        return []
    tree = LexborHTMLParser(limit_html(answer.text()))
    base = base_url(tree, answer.url)
    found: dict[str, SourceHint] = {}
    for node in tree.css('link[rel~="alternate"][href]'):
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        url = absolute_url(base, node.attributes.get("href") or "")
        # WordPress names the JSON of its posts as an alternate too, which is no feed.
        if url is None or kind not in FEED_TYPES or "/wp-json/" in url or "oembed" in url or "/comments/" in url:
            continue
        found.setdefault(url, SourceHint(SourceKind.FEED, url, plain_title(node.attributes.get("title") or ""), "page"))
    for node in tree.css("a[href]"):
        url = absolute_url(base, node.attributes.get("href") or "")
        if url is not None and url.lower().rstrip("/").endswith((".rss", "/rss.xml", "/feed", "/atom.xml")):
            found.setdefault(url, SourceHint(SourceKind.FEED, url, plain_title(node.text()), "page"))
    hints = list(found.values())[:MAX_HINTS]
    root = api_root_url(answer)
    return [*hints, SourceHint(SourceKind.SEARCH, root, "WordPress", "page")] if root else hints


def robots_hints(text: str, url: str) -> list[SourceHint]:
    """Return the sitemaps that a robots.txt at ``url`` names."""
    found = (absolute_url(url, sitemap) for sitemap in Protego.parse(text).sitemaps)
    return [SourceHint(SourceKind.SITEMAP, fromkey, "", "robots") for fromkey in dict.fromkeys(found) if fromkey][
        :MAX_HINTS
    ]


def usual_hints(home: str) -> list[SourceHint]:
    """Return the usual addresses of sources on a site with the front page ``home``."""
    return [SourceHint(kind, urljoin(home, path), "", "usual") for kind, path in USUAL_PATHS]
