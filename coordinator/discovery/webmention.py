"""Receiving Webmentions: a page tells us that it links to a bulletin, and we look whether it does.

W3C Recommendation of 12 January 2017, https://www.w3.org/TR/webmention/, section 3.2. A verified mention is a sighting,
never a count: anybody may send one.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from campaigns.tracking.urls import same_page
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.links import absolute, base_of
from coordinator.discovery.taming import tamed
from coordinator.discovery.titles import plain
from coordinator.http import Answer

# Where a link may stand in HTML: everything that has an address and is shown or followed.
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
class Mention:
    """Somebody says: ``source`` links to ``target``. Nothing of it is true yet."""

    source: str
    target: str


class BadMention(DiscoveryError):
    """The request is answered 400; ``field`` is ``source`` or ``target``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


def check_request(form: Mapping[str, str], is_ours: Callable[[str], bool]) -> Mention:
    """The mention in a form, ready to be verified later (3.2.1 asks that it be done out of the request).

    ``is_ours``: whether an address is a bulletin's public page. Raises ``BadMention``.
    """
    source, target = (_address(form, field) for field in ("source", "target"))
    if same_page(source, target):
        raise BadMention("source", "must be another page than target")
    if not is_ours(target):
        raise BadMention("target", "is not a bulletin of ours")
    return Mention(source, target)


def links_to(answer: Answer, target: str) -> bool:
    """Whether the document that ``answer`` brought really links to ``target`` (3.2.2).

    HTML: in an attribute that holds addresses. JSON: a string that is exactly the address. Plain text: the address
    itself. What makes no other page is told by ``same_page``.
    """
    if not answer.ok:
        return False
    kind = answer.content_type
    if kind == "application/json" or kind.endswith("+json"):
        return any(same_page(text, target) for text in _strings(answer.body))
    text = answer.text()
    if kind == "text/plain":
        found = re.finditer(r"https?://[^\s<>\"']+", text)
        return any(same_page(address[0].rstrip(".,;:!?)]"), target) for address in found)
    return any(same_page(address, target) for address in _addresses(text, answer.url))


def title_of(answer: Answer) -> str:
    """The title of the page that links to us, as it says; empty for what is no page."""
    if "html" not in answer.content_type:
        return ""
    node = LexborHTMLParser(tamed(answer.text())).css_first("title")
    return plain(node.text()) if node is not None else ""


def _address(form: Mapping[str, str], field: str) -> str:
    given = form.get(field, "").strip()
    if not given:
        raise BadMention(field, "is missing")
    # Relative addresses are none here, so there is nothing to resolve against.
    address = absolute("", given)
    if address is None:
        raise BadMention(field, "must be an http or https address")
    return address


def _addresses(html: str, url: str) -> list[str]:
    tree = LexborHTMLParser(tamed(html))
    base = base_of(tree, url)
    written: list[str] = []
    for tag, names in _LINKS.items():
        for node in tree.css(tag):
            for name in names:
                value = node.attributes.get(name) or ""
                written += [part.split(" ")[0] for part in value.split(", ")] if name == "srcset" else [value]
    return [found for link in written if link and (found := absolute(base, link.strip()))]


def _strings(body: bytes) -> list[str]:
    """Every string in a JSON document."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return found
