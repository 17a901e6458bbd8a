"""JSON-LD in a page: its publication times and its declared sources. Invalid data are ignored."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from campaigns.matching.fingerprints import fold

_LONGEST = 300_000  # characters of one script
_SCRIPTS = 20
_JSON = json.JSONDecoder(strict=False)
_NESTED = (dict, list)
_NODES = 5_000  # objects looked at, all scripts together
_ARTICLE = re.compile(r"article|posting|report", re.IGNORECASE)
# Their dates say nothing of when a page was published.
_NOT_PUBLISHED = re.compile(r"event|comment|review|product|organization|course|jobposting", re.IGNORECASE)
_TYPE = re.compile(r'"@type"\s*:\s*"([^"]{1,80})"')
_PAGE = re.compile(r"webpage$", re.IGNORECASE)
# What is read of an object; most, like pictures and persons, have none of it and are passed over.
_READ = frozenset(
    ("datePublished", "author", "publisher", "isBasedOn", "isBasedOnUrl", "citation", "sourceOrganization")
)
# What stands below these is about other articles.
_OTHERS = frozenset(
    ("itemListElement", "mentions", "hasPart", "isPartOf", "relatedLink", "significantLink", "subjectOf")
) | {"comment", "review"}
# JSON can name half a character and NUL, which no database takes as text.
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
# For scripts that are no JSON: a quotation mark in a headline is enough to spoil one.
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,60})"')
_BASED_ON = re.compile(r'"(?:isBasedOn|isBasedOnUrl)"\s*:\s*"([^"\s]{4,2000})"')


@dataclass(frozen=True)
class LinkedData:
    """The data of a page, in document order. Dates are read at once, the rest on demand.

    ``links``: the sources in invalid scripts. ``objects``: those about the page, and whether each is its article or the
    page itself.
    """

    published: Sequence[str] = ()
    links: Sequence[str] = ()
    objects: Sequence[tuple[dict[str, Any], bool]] = ()

    @property
    def author(self) -> list[str]:
        """Names and addresses of the author."""
        return [text for values, about in self.objects if about for text in _names_in(values.get("author"))]

    @property
    def publisher(self) -> list[str]:
        """Names and addresses of the publisher."""
        return [text for values, about in self.objects if about for text in _names_in(values.get("publisher"))]

    @property
    def based_on(self) -> list[str]:
        """Names and addresses in ``isBasedOn``."""
        named = (_names_in(values.get("isBasedOn") or values.get("isBasedOnUrl")) for values, _ in self.objects)
        return [*self.links, *chain.from_iterable(named)]

    @property
    def citation(self) -> list[str]:
        """Names and addresses in ``citation``."""
        return [text for values, _ in self.objects for text in _names_in(values.get("citation"))]

    @property
    def source_organization(self) -> list[str]:
        """Names and addresses in ``sourceOrganization``."""
        return [text for values, _ in self.objects for text in _names_in(values.get("sourceOrganization"))]


def _names_in(value: Any) -> Sequence[str]:
    """Return names and addresses in a value: a string, an object with ``name``, ``url``, ``@id``, or a list of them."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (_UNWRITABLE.sub("\ufffd", text),) if (text := value.strip()) else ()
    found: list[str] = []
    waiting = [value]
    seen = 0
    while waiting and seen < 50:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, str):
            found.extend(_names_in(item))
        elif isinstance(item, list):
            waiting.extend(item[:20])
        elif isinstance(item, dict):
            waiting.extend(item[key] for key in ("name", "url", "@id") if isinstance(item.get(key), str))
    return found


def _objects(roots: Iterable[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield every object in document order at any depth, without recursion, and whether it is below one about other
    articles."""
    waiting = [(root, False) for root in list(roots)[::-1]]
    seen = 0
    while waiting and seen < _NODES:
        item, other = waiting.pop()
        if isinstance(item, dict):
            seen += 1
            yield item, other
            inner = [(value, other or key in _OTHERS) for key, value in item.items() if isinstance(value, _NESTED)]
            waiting.extend(reversed(inner))
        elif isinstance(item, list):
            waiting.extend((value, other) for value in reversed(item[:_NODES]))


def _parsed_script(script: str) -> Any:
    """Return the data of a script; None when it is invalid. Sites wrap it in comments and leave line breaks in
    strings."""
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return None


def _has_headline(values: dict[str, Any], message: str) -> bool:
    """Whether an object has this headline, folded."""
    return bool(message) and any(
        fold(text) == message for key in ("headline", "name") for text in _names_in(values.get(key))
    )


def read_linked_data(scripts: Iterable[str], headline: str = "") -> LinkedData:
    """Read ``application/ld+json`` scripts.

    Of several dates the first is that of the article with this ``headline``, then those of other articles, pages, other
    objects, and last those of lists and mentioned objects.
    """
    dates: list[tuple[int, str]] = []
    links: list[str] = []
    objects: list[tuple[dict[str, Any], bool]] = []
    roots: list[Any] = []
    for number, script in enumerate(scripts):
        if number >= _SCRIPTS:
            break
        text = script[:_LONGEST]
        data = _parsed_script(text)
        if data is None:
            first = _TYPE.search(text)
            if first is None or not _NOT_PUBLISHED.search(first[1]):
                dates.extend((2, date) for date in _PUBLISHED.findall(text)[:1])
            links.extend(_BASED_ON.findall(text)[:1])
        else:
            roots.append(data)
    message = fold(headline)
    for values, other in _objects(roots):
        if _READ.isdisjoint(values):
            continue
        kinds = _names_in(values.get("@type"))
        is_article = any(_ARTICLE.search(kind) for kind in kinds)
        rank = 4 if other else 3 if not is_article else 0 if _has_headline(values, message) else 1
        if rank == 3 and any(_PAGE.search(kind) for kind in kinds):
            rank = 2
        if not any(_NOT_PUBLISHED.search(kind) for kind in kinds):
            dates.extend((rank, text) for text in _names_in(values.get("datePublished")))
        if not other:
            objects.append((values, is_article or rank == 2))
    return LinkedData([text for _, text in sorted(dates, key=itemgetter(0))], links, objects)
