"""Listings: the links to articles on front pages and category pages."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coordinator.discovery.fields import absolute_url, base_url, plain_title, same_host
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.http.responses import HttpResponse

MAX_PAGE_LENGTH = 2_000_000  # characters of a page that are read
MAX_LINKS = 500
MAX_ANCESTORS = 40  # ancestors of a link that are read
MIN_TITLE_LENGTH = 12  # characters; shorter texts are "Xem tiếp", a section's name, a count of comments

_NUMBER = re.compile(r"\d{4,}")  # an article's number, or its date in the path
_PAGE_SUFFIX = (".html", ".htm", ".epi", ".vnp", ".chn", ".vov", ".amp", ".aspx", ".ldo", ".vgp")
_OTHER_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|json|xml|rss|pdf|docx?|xlsx?|zip|mp[34]|m3u8)$", re.I)
# Parts of a path that lead to lists, not articles, as Vietnamese sites and WordPress name them.
_LISTS = re.compile(
    "tags?|chu-de|tu-khoa|tim-kiem|search|category|chuyen-muc|danh-muc|author|tac-gia|page|trang|rss|feed|login|"
    "dang-nhap|dang-ky|lien-he|gioi-thieu|quang-cao|wp-admin|wp-login[.]php|wp-content|video-list|sitemap"
)
_SURROUNDING_TAGS = frozenset({"nav", "footer", "form", "aside"})


@dataclass(frozen=True)
class ListedLink:
    """A link that looks like an article's, with its longest text."""

    url: str
    title: str


def leads_to_list(address: str) -> bool:
    """Whether an address has the form of a list: the front page, a category, a tag, an author's page.

    Sitemaps contain those too. On sites that show whole articles in lists, every copy would be counted once for each
    list. An address that ends in an article's number or a page suffix is always an article.
    """
    parts = urlsplit(address)
    names = [part for part in parts.path.lower().split("/") if part]
    if not names:
        return not parts.query
    if _NUMBER.search(names[-1]) or names[-1].endswith(_PAGE_SUFFIX):
        return False
    return any(_LISTS.fullmatch(name) for name in names)


def read_listing(html: str, url: str) -> list[ListedLink]:
    """Return the article-like links of the page ``html`` at ``url``, in order, each address once.

    Only links on the same host (apart from ``www.``), outside navigation, whose path looks like an article's: a number
    of four digits or more, three hyphens in its last part, or a page suffix. Never raises.
    """
    tree = LexborHTMLParser(limit_html(html[:MAX_PAGE_LENGTH]))
    base = base_url(tree, url)
    found: dict[str, str] = {}
    for node in tree.css("a[href]"):
        address = absolute_url(base, node.attributes.get("href") or "")
        if address is None or not same_host(address, url) or address.rstrip("/") == url.rstrip("/"):
            continue
        if not _is_article(address) or _is_in_surroundings(node):
            continue
        title = _link_title(node)
        if address not in found and len(found) == MAX_LINKS:
            break
        # A picture and a headline usually have the same address; the longer text is the headline.
        if len(title) > len(found.get(address, "")) or address not in found:
            found[address] = title
    return [
        ListedLink(address, title) for address, title in found.items() if len(title) >= MIN_TITLE_LENGTH or not title
    ]


def listed_links(answer: HttpResponse) -> list[ListedLink]:
    """``read_listing`` of a response."""
    return read_listing(answer.text(), answer.url)


def _is_article(address: str) -> bool:
    path = urlsplit(address).path.lower().rstrip("/")
    parts = [part for part in path.split("/") if part]
    if not parts or any(_LISTS.fullmatch(part) for part in parts) or _OTHER_FILE.search(path):
        return False
    last = parts[-1]
    if last.count("-") >= 3 or _NUMBER.search(last):
        return True
    # /2026/11/24/ten-bai and /tin/ten-bai.html, but not /index.html or /default.aspx.
    stem = last.partition(".")[0]
    if last.endswith(_PAGE_SUFFIX):
        return len(parts) > 1 or "-" in stem
    return bool(re.search(r"/\d{4}/\d{1,2}/", path)) and "-" in stem


def _is_in_surroundings(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(MAX_ANCESTORS):
        if parent is None:
            break
        if parent.tag in _SURROUNDING_TAGS or (parent.attributes.get("role") or "") == "navigation":
            return True
        parent = parent.parent
    return False


def _link_title(node: LexborNode) -> str:
    text = plain_title(node.text(separator=" "))
    return text or plain_title(node.attributes.get("title") or "")
