"""WordPress sites answer the question "which of your posts link to us?" by themselves, without any key.

``GET {site}/wp-json/wp/v2/posts?search=<our host>`` searches the content of published posts, link addresses included.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from coordinator.discovery.errors import DiscoveryError, looks_like
from coordinator.discovery.links import absolute
from coordinator.discovery.moments import read_moment
from coordinator.discovery.titles import plain

MOST = 100  # posts a page of results may hold; WordPress answers 400 to more


@dataclass(frozen=True)
class FoundPost:
    """A post whose content holds what was searched for. ``content`` is HTML of foreign hands, never shown."""

    url: str
    title: str
    published_at: datetime | None
    content: str


@dataclass(frozen=True)
class FoundPosts:
    """One page of results; ``pages``: how many there are, from the header ``X-WP-TotalPages``."""

    posts: tuple[FoundPost, ...]
    pages: int


def search_address(
    site: str, words: str, *, after: datetime | None = None, page: int = 1, plain_links: bool = False
) -> str:
    """The address that searches the WordPress site at ``site`` (its home page) for ``words``, newest first.

    ``words``: our host, or host and path of a bulletin. ``after``: only posts published since. ``plain_links``: for
    sites without readable permalinks, where ``/wp-json/`` is 404 and the same lies behind ``?rest_route=``.
    """
    query = {
        "search": words,
        "per_page": str(MOST),
        "page": str(page),
        "orderby": "date",
        "_fields": "id,link,date_gmt,title,content",
    }
    if after is not None:
        query["after"] = after.astimezone(UTC).isoformat(timespec="seconds")
    home = site.split("?", 1)[0].rstrip("/")
    if plain_links:
        return f"{home}/index.php?{urlencode({'rest_route': '/wp/v2/posts', **query})}"
    return f"{home}/wp-json/wp/v2/posts?{urlencode(query)}"


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
    return FoundPosts(tuple(post for post in found if post), int(pages) if pages.isdecimal() and len(pages) < 7 else 1)


def _post(one: Mapping[str, Any], base: str) -> FoundPost | None:
    link = one.get("link")
    url = absolute(base, link) if isinstance(link, str) else None
    if url is None:
        return None
    told = one.get("date_gmt")
    # WordPress writes UTC without saying so.
    moment = read_moment(f"{told}+00:00") if isinstance(told, str) else None
    return FoundPost(url, plain(_rendered(one, "title")), moment, _rendered(one, "content"))


def _rendered(one: Mapping[str, Any], name: str) -> str:
    part = one.get(name)
    text = part.get("rendered") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""
