"""The search for links to us on WordPress sites, by their public API.

``GET {root}wp/v2/posts?search=<our host>`` searches the content of published posts, link addresses included, and finds
copies that are no longer in the feed. Where the API is disabled, the site's search page (``/?s=``) may be available.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from coordinator.discovery.errors import DiscoveryError, looks_like
from coordinator.discovery.fields import absolute_url, base_url, parse_time, plain_title, same_host
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.http.responses import HttpResponse

MAX_POSTS = 100  # posts on a page of results; WordPress answers 400 to more
API_RELATION = "https://api.w.org/"  # the link relation of WordPress's API, in a header and in the page's head
# Only up to the next "<", since a header of many incomplete links would otherwise take quadratic time.
_LINK = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel\s*=\s*\"?" + re.escape(API_RELATION) + r"\"?", re.IGNORECASE)


@dataclass(frozen=True)
class FoundPost:
    """A post whose content has the searched text."""

    url: str
    title: str
    published_at: datetime | None


@dataclass(frozen=True)
class FoundPosts:
    """One page of results, newest first; ``pages``: their number, from the header ``X-WP-TotalPages``."""

    posts: tuple[FoundPost, ...]
    pages: int


def api_root_url(answer: HttpResponse) -> str | None:
    """Return the address of the site's API from the ``Link`` header or the head of a page; None without one.

    An address on another host is ignored, so that a page cannot direct searches to a third party.
    """
    values = [found[1] for found in _LINK.finditer(answer.headers.get("Link", ""))]
    base = answer.url
    if not values and "html" in answer.content_type:
        tree = LexborHTMLParser(limit_html(answer.text()))
        base = base_url(tree, answer.url)
        values = [node.attributes.get("href") or "" for node in tree.css(f'link[rel="{API_RELATION}"]')]
    roots = (absolute_url(base, one) for one in values if one)
    return next((root for root in roots if root and same_host(root, answer.url)), None)


def is_search_page(address: str) -> bool:
    """Whether an address is a site's own search page (``/?s=``), read as HTML, and not its API."""
    return any(name == "s" for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True))


def search_url(root: str, words: str, *, page: int = 1) -> str:
    """Return the address that searches a WordPress site for ``words``, newest first.

    ``root``: its API (``…/wp-json/``, or ``…?rest_route=/`` on sites without pretty permalinks), or its home page, from
    which the API's usual address is derived. ``words``: our host, or host and path of a bulletin.
    """
    query = {
        "search": words,
        "per_page": str(MAX_POSTS),
        "page": str(page),
        "orderby": "date",
        "order": "desc",
        "_fields": "link,date_gmt,title",
    }
    parts = urlsplit(root)
    given = dict(parse_qsl(parts.query))
    if "rest_route" in given:
        route = given["rest_route"].rstrip("/") + "/wp/v2/posts"
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({"rest_route": route, **query}), ""))
    path = parts.path.rstrip("/")
    if "wp-json" not in path.split("/"):
        path += "/wp-json"
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/wp/v2/posts", urlencode(query), ""))


def search_page_url(root: str, words: str) -> str:
    """Return the address of the search page of the site of ``root``, for ``words``."""
    parts = urlsplit(root)
    home = parts.path.partition("/wp-json")[0].removesuffix("/index.php").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{home}/", urlencode({"s": words}), ""))


def read_search(body: bytes, url: str, headers: Mapping[str, str] | None = None) -> FoundPosts:
    """Return the results in the response to ``search_url``, which came from ``url``.

    Raises ``DiscoveryError`` for another response: the site is not WordPress, or its API is disabled.
    """
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"{url} is no WordPress search: {looks_like(body)}") from error
    if not isinstance(reply, list):
        code = reply.get("code") if isinstance(reply, dict) else None
        raise DiscoveryError(f"{url} is no WordPress search: it says {plain_title(str(code or type(reply).__name__))}")
    found = (_post(item, url) for item in reply[:MAX_POSTS] if isinstance(item, dict))
    pages = (headers or {}).get("X-WP-TotalPages", "")
    whole = int(pages) if pages.isascii() and pages.isdecimal() and len(pages) < 7 else 1
    return FoundPosts(tuple(post for post in found if post), whole)


def _post(post: Mapping[str, Any], base: str) -> FoundPost | None:
    link = post.get("link")
    url = absolute_url(base, link) if isinstance(link, str) else None
    if url is None:
        return None
    item = post.get("date_gmt")
    # WordPress writes UTC without a zone.
    moment = parse_time(f"{item}+00:00") if isinstance(item, str) else None
    return FoundPost(url, plain_title(_rendered(post, "title")), moment)


def _rendered(values: Mapping[str, Any], name: str) -> str:
    part = values.get(name)
    text = part.get("rendered") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
