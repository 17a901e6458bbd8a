"""WordPress sites answer the question "which of your posts link to us?" by themselves, without any key.

``GET {root}wp/v2/posts?search=<our host>`` searches the content of published posts, link addresses included, so it
finds copies that have left the feed long ago. Where the API is closed, the site's search page (``/?s=``) may be open.
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
from coordinator.discovery.links import absolute, base_of, same_host
from coordinator.discovery.moments import read_moment
from coordinator.discovery.taming import tamed
from coordinator.discovery.titles import plain
from coordinator.http import Answer

MOST = 100  # posts a page of results may hold; WordPress answers 400 to more
REL = "https://api.w.org/"  # the relation by which WordPress names its API, in a header and in the page's head
# Up to the next link's "<" and no further, or a header full of half links would be read from each of them to its end.
_LINK = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel\s*=\s*\"?" + re.escape(REL) + r"\"?", re.IGNORECASE)


@dataclass(frozen=True)
class FoundPost:
    """A post whose content holds what was searched for."""

    url: str
    title: str
    published_at: datetime | None


@dataclass(frozen=True)
class FoundPosts:
    """One page of results, newest first; ``pages``: how many there are, from the header ``X-WP-TotalPages``."""

    posts: tuple[FoundPost, ...]
    pages: int


def api_root(answer: Answer) -> str | None:
    """Where the API of the site that gave this page lies, as its ``Link`` header or its head says; None without one.

    An address on another host is none: a page does not send us to search a third party.
    """
    told = [found[1] for found in _LINK.finditer(answer.headers.get("Link", ""))]
    base = answer.url
    if not told and "html" in answer.content_type:
        tree = LexborHTMLParser(tamed(answer.text()))
        base = base_of(tree, answer.url)
        told = [node.attributes.get("href") or "" for node in tree.css(f'link[rel="{REL}"]')]
    roots = (absolute(base, one) for one in told if one)
    return next((root for root in roots if root and same_host(root, answer.url)), None)


def is_search_page(address: str) -> bool:
    """Whether an address is a site's own search page (``/?s=``), read as HTML, and not its API."""
    return any(name == "s" for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True))


def search_address(root: str, words: str, *, page: int = 1) -> str:
    """The address that searches a WordPress site for ``words``, newest first.

    ``root``: its API (``…/wp-json/``, or ``…?rest_route=/`` on sites without readable permalinks), or its home page,
    beside which the API usually lies. ``words``: our host, or host and path of a bulletin.
    """
    query = {
        "search": words,
        "per_page": str(MOST),
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


def search_page_address(root: str, words: str) -> str:
    """The search page of the site that ``root`` belongs to, asked for ``words``."""
    parts = urlsplit(root)
    home = parts.path.partition("/wp-json")[0].removesuffix("/index.php").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{home}/", urlencode({"s": words}), ""))


def read_search(body: bytes, url: str, headers: Mapping[str, str] | None = None) -> FoundPosts:
    """The reply to ``search_address``, which came from ``url``.

    Raises ``DiscoveryError`` when it is none: the site is not WordPress, or has closed this door.
    """
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"{url} is no WordPress search: {looks_like(body)}") from error
    if not isinstance(reply, list):
        code = reply.get("code") if isinstance(reply, dict) else None
        raise DiscoveryError(f"{url} is no WordPress search: it says {plain(str(code or type(reply).__name__))}")
    found = (_post(one, url) for one in reply[:MOST] if isinstance(one, dict))
    pages = (headers or {}).get("X-WP-TotalPages", "")
    whole = int(pages) if pages.isascii() and pages.isdecimal() and len(pages) < 7 else 1
    return FoundPosts(tuple(post for post in found if post), whole)


def _post(one: Mapping[str, Any], base: str) -> FoundPost | None:
    link = one.get("link")
    url = absolute(base, link) if isinstance(link, str) else None
    if url is None:
        return None
    told = one.get("date_gmt")
    # WordPress writes UTC without saying so.
    moment = read_moment(f"{told}+00:00") if isinstance(told, str) else None
    return FoundPost(url, plain(_rendered(one, "title")), moment)


def _rendered(one: Mapping[str, Any], name: str) -> str:
    part = one.get(name)
    text = part.get("rendered") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
