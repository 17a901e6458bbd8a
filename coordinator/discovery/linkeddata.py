"""JSON-LD in a page: when it says it was published, and what it says it is based on. Broken data is passed over."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from campaigns.tracking.fingerprints import fold

_LONGEST = 300_000  # characters of one script
_SCRIPTS = 20
_JSON = json.JSONDecoder(strict=False)
_NESTED = (dict, list)
_NODES = 5_000  # objects looked at, all scripts together
_ARTICLE = re.compile(r"article|posting|report", re.IGNORECASE)
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
    """What was found, each in document order. Dates are read at once, the rest when a copy asks for it.

    ``links``: what broken scripts say they are based on. ``objects``: those that speak of the page, and whether each is
    its article or the page itself.
    """

    published: Sequence[str] = ()
    links: Sequence[str] = ()
    objects: Sequence[tuple[dict[str, Any], bool]] = ()

    @property
    def author(self) -> list[str]:
        """Names and addresses of whoever wrote it."""
        return [text for one, about in self.objects if about for text in _words(one.get("author"))]

    @property
    def publisher(self) -> list[str]:
        """Of whoever publishes it."""
        return [text for one, about in self.objects if about for text in _words(one.get("publisher"))]

    @property
    def based_on(self) -> list[str]:
        """Of what it is based on."""
        told = (_words(one.get("isBasedOn") or one.get("isBasedOnUrl")) for one, _ in self.objects)
        return [*self.links, *chain.from_iterable(told)]

    @property
    def citation(self) -> list[str]:
        """Of what it cites."""
        return [text for one, _ in self.objects for text in _words(one.get("citation"))]

    @property
    def source_organization(self) -> list[str]:
        """Of where it comes from."""
        return [text for one, _ in self.objects for text in _words(one.get("sourceOrganization"))]


def _words(value: Any) -> Sequence[str]:
    """Names and addresses in a value: a string, an object with ``name``, ``url``, ``@id``, or a list of them."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (_UNWRITABLE.sub("\ufffd", said),) if (said := value.strip()) else ()
    found: list[str] = []
    waiting = [value]
    seen = 0
    while waiting and seen < 50:
        one = waiting.pop(0)
        seen += 1
        if isinstance(one, str):
            found.extend(_words(one))
        elif isinstance(one, list):
            waiting.extend(one[:20])
        elif isinstance(one, dict):
            waiting.extend(one[key] for key in ("name", "url", "@id") if isinstance(one.get(key), str))
    return found


def _objects(roots: Iterable[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every object in document order, however deep, without recursion; and whether it stands below another that speaks
    of other articles."""
    waiting = [(root, False) for root in list(roots)[::-1]]
    seen = 0
    while waiting and seen < _NODES:
        one, other = waiting.pop()
        if isinstance(one, dict):
            seen += 1
            yield one, other
            inner = [(value, other or key in _OTHERS) for key, value in one.items() if isinstance(value, _NESTED)]
            waiting.extend(reversed(inner))
        elif isinstance(one, list):
            waiting.extend((value, other) for value in reversed(one[:_NODES]))


def _loaded(script: str) -> Any:
    """The data of a script; None when it is none. Sites wrap it in comments and leave line breaks in strings."""
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return None


def _is_named(one: dict[str, Any], said: str) -> bool:
    """Whether an object has this headline, folded."""
    return bool(said) and any(fold(text) == said for key in ("headline", "name") for text in _words(one.get(key)))


def read_linked_data(scripts: Iterable[str], headline: str = "") -> LinkedData:
    """Read ``application/ld+json`` scripts.

    Of several dates the first is that of the article with this ``headline``, then come other articles', pages', other
    objects', and last those of lists and of what is only mentioned.
    """
    dates: list[tuple[int, str]] = []
    links: list[str] = []
    objects: list[tuple[dict[str, Any], bool]] = []
    roots: list[Any] = []
    for number, script in enumerate(scripts):
        if number >= _SCRIPTS:
            break
        text = script[:_LONGEST]
        data = _loaded(text)
        if data is None:
            dates.extend((2, date) for date in _PUBLISHED.findall(text)[:1])
            links.extend(_BASED_ON.findall(text)[:1])
        else:
            roots.append(data)
    said = fold(headline)
    for one, other in _objects(roots):
        if _READ.isdisjoint(one):
            continue
        kinds = _words(one.get("@type"))
        is_article = any(_ARTICLE.search(kind) for kind in kinds)
        rank = 4 if other else 3 if not is_article else 0 if _is_named(one, said) else 1
        if rank == 3 and any(_PAGE.search(kind) for kind in kinds):
            rank = 2
        dates.extend((rank, text) for text in _words(one.get("datePublished")))
        if not other:
            objects.append((one, is_article or rank == 2))
    return LinkedData([text for _, text in sorted(dates, key=itemgetter(0))], links, objects)
