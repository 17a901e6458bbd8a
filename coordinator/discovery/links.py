"""Links as sites write them, made into absolute http(s) addresses."""

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from campaigns.core.errors import Invalid
from campaigns.tracking import urls

_GAP = re.compile(r"[\t\r\n]")


def absolute(base: str, link: str) -> str | None:
    """The address that ``link`` on the page ``base`` leads to, without its fragment; None unless it is http or https.

    As browsers do: spaces around and line breaks within are dropped, spaces within are encoded. Addresses with a user
    name or a backslash, or longer than are kept anywhere, are none.
    """
    link = _GAP.sub("", link).strip().replace(" ", "%20")
    if len(link) > urls.MAX_LENGTH:
        return None
    found = urls.absolute(link, base)
    if found is None or "@" in urlsplit(found).netloc or "\\" in found:
        return None
    found = found.partition("#")[0]
    return found if urlsplit(found).hostname and len(found) <= urls.MAX_LENGTH else None


def base_of(document: LexborHTMLParser, url: str) -> str:
    """What the links of a document from ``url`` are relative to: its ``<base>``, else ``url``."""
    node = document.css_first("base[href]")
    return (absolute(url, node.attributes.get("href") or "") if node is not None else None) or url


def same_host(one: str, other: str) -> bool:
    """Whether two addresses lie on one host and port, ``www.`` aside. False when either is no address."""
    try:
        return urls.host_of(one).removeprefix("www.") == urls.host_of(other).removeprefix("www.")
    except Invalid:
        return False
