"""Receiving Webmentions: notifications that a page links to a bulletin, and their verification.

W3C Recommendation of 12 January 2017, https://www.w3.org/TR/webmention/, section 3.2. A verified mention is a sighting,
never a count, since anybody may send one.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from campaigns.discovery.urls import same_page
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.fields import absolute_url, base_url, plain_title
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.http.responses import HttpResponse

# Elements and attributes of HTML that may contain a link.
_LINKS = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "img": ("src", "srcset", "data-src", "longdesc"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "blockquote": ("cite",),
    "q": ("cite",),
    "ins": ("cite",),
    "del": ("cite",),
}


@dataclass(frozen=True)
class WebmentionRequest:
    """The unverified claim that ``source`` links to ``target``."""

    source: str
    target: str


class InvalidMention(DiscoveryError):
    """The request is answered 400; ``field`` is ``source`` or ``target``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


def parse_request(form: Mapping[str, str], is_ours: Callable[[str], bool]) -> WebmentionRequest:
    """Return the mention in a form, to be verified later (3.2.1 requires that outside the request).

    ``is_ours``: whether an address is a bulletin's public page. Raises ``InvalidMention``.
    """
    source, target = (_address(form, field) for field in ("source", "target"))
    if same_page(source, target):
        raise InvalidMention("source", "must be another page than target")
    if not is_ours(target):
        raise InvalidMention("target", "is not a bulletin of ours")
    return WebmentionRequest(source, target)


def is_linked(answer: HttpResponse, target: str) -> bool:
    """Whether the document in ``answer`` links to ``target`` (3.2.2).

    HTML: in an attribute with addresses. JSON: a string that is exactly the address. Plain text: the address itself.
    Addresses are compared by ``same_page``.
    """
    if not answer.ok:
        return False
    kind = answer.content_type
    if kind == "application/json" or kind.endswith("+json"):
        return any(same_page(text, target) for text in _json_strings(answer.body))
    text = answer.text()
    if kind == "text/plain":
        found = re.finditer(r"https?://[^\s<>\"']+", text)
        return any(same_page(address[0].rstrip(".,;:!?)]"), target) for address in found)
    return any(same_page(address, target) for address in _addresses(text, answer.url))


def read_mention(answer: HttpResponse, target: str) -> str | None:
    """Return the title of a page that links to ``target``, which may be empty; None for one that does not."""
    return source_title(answer) if is_linked(answer, target) else None


def source_title(answer: HttpResponse) -> str:
    """Return the title of the linking page; empty for a document that is no page."""
    if "html" not in answer.content_type:
        return ""
    node = LexborHTMLParser(limit_html(answer.text())).css_first("title")
    return plain_title(node.text()) if node is not None else ""


def _address(form: Mapping[str, str], field: str) -> str:
    given = form.get(field, "").strip()
    if not given:
        raise InvalidMention(field, "is missing")
    # Relative addresses are not accepted here, so that no base is needed.
    address = absolute_url("", given)
    if address is None:
        raise InvalidMention(field, "must be an http or https address")
    return address


def _addresses(html: str, url: str) -> list[str]:
    tree = LexborHTMLParser(limit_html(html))
    base = base_url(tree, url)
    written: list[str] = []
    for tag, names in _LINKS.items():
        for node in tree.css(tag):
            for name in names:
                value = node.attributes.get(name) or ""
                written += [part.split(" ")[0] for part in value.split(", ")] if name == "srcset" else [value]
    return [found for link in written if link and (found := absolute_url(base, link.strip()))]


def _json_strings(body: bytes) -> list[str]:
    """Yield every string in a JSON document."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return found
