"""JSON-LD in a page: when it says it was published, and what it says it is based on. Broken data is passed over."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_LONGEST = 300_000  # characters of one script
_SCRIPTS = 20
_NODES = 5_000  # objects looked at, all scripts together
_ARTICLE = re.compile(r"article|posting|report|webpage$", re.IGNORECASE)
# JSON can name half a character and NUL, which no database takes as text.
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,60})"')


@dataclass
class LinkedData:
    """What was found, in document order."""

    published: list[str] = field(default_factory=list)
    author: list[str] = field(default_factory=list)
    headline: list[str] = field(default_factory=list)
    based_on: list[str] = field(default_factory=list)
    citation: list[str] = field(default_factory=list)
    source_organization: list[str] = field(default_factory=list)
    publisher: list[str] = field(default_factory=list)


def _words(value: Any) -> Iterator[str]:
    """Names and addresses in a value: a string, an object with ``name``, ``url``, ``@id``, or a list of them."""
    waiting = [value]
    seen = 0
    while waiting and seen < 50:
        one = waiting.pop(0)
        seen += 1
        if isinstance(one, str) and one.strip():
            yield _UNWRITABLE.sub("\ufffd", one.strip())
        elif isinstance(one, list):
            waiting.extend(one[:20])
        elif isinstance(one, dict):
            waiting.extend(one[key] for key in ("name", "url", "@id") if isinstance(one.get(key), str))


def _objects(roots: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Every object in document order, however deep, without recursion."""
    waiting = list(roots)[::-1]
    seen = 0
    while waiting and seen < _NODES:
        one = waiting.pop()
        if isinstance(one, dict):
            seen += 1
            yield one
            waiting.extend(value for value in reversed(list(one.values())) if isinstance(value, dict | list))
        elif isinstance(one, list):
            waiting.extend(reversed(one[:_NODES]))


def _loaded(script: str) -> Any:
    """The data of a script; None when it is none. Sites wrap it in comments and leave line breaks in strings."""
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """Read ``application/ld+json`` scripts. An article's own date comes before those of other objects."""
    found = LinkedData()
    later: list[str] = []
    roots: list[Any] = []
    for number, script in enumerate(scripts):
        if number >= _SCRIPTS:
            break
        data = _loaded(script[:_LONGEST])
        if data is None:
            later.extend(_PUBLISHED.findall(script[:_LONGEST])[:1])
        else:
            roots.append(data)
    for one in _objects(roots):
        kind = " ".join(_words(one.get("@type", "")))
        is_article = _ARTICLE.search(kind) is not None
        (found.published if is_article else later).extend(_words(one.get("datePublished")))
        if is_article:
            found.author.extend(_words(one.get("author")))
            found.headline.extend(_words(one.get("headline")))
            found.publisher.extend(_words(one.get("publisher")))
        found.based_on.extend(_words(one.get("isBasedOn") or one.get("isBasedOnUrl")))
        found.citation.extend(_words(one.get("citation")))
        found.source_organization.extend(_words(one.get("sourceOrganization")))
    found.published.extend(later)
    return found
