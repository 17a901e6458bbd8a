"""The article's text in the page's own data, for pages that show it only once a script has run.

Read are JSON-LD ``articleBody``, microdata ``itemprop="articleBody"`` with ``content``, scripts of a JSON type
(``__NEXT_DATA__``, ``__NUXT_DATA__``, AMP state), JSON of an attribute ``data-page``, and values assigned to
``window``, also those of a called function. No script is run. Invalid data are
ignored. JSON is walked without recursion, and everything is bounded.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from itertools import islice
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.matching.fingerprints import fold
from coordinator.discovery.pages.script_values import called_value, read_value

MAX_DATA = 1_500_000  # characters of a page's scripts with data, together; what is longer is not read
_MAX_SCRIPTS = 40  # with data
_MAX_ASSIGNED = 10  # values assigned in one script
_MAX_NODES = 100_000  # values of one script that are looked at
_MAX_ARTICLES = 1_000
_MAX_TEXTS = 500  # strings of one article
_MAX_TEXT = 500_000  # characters of one article

_LONG = 200  # characters; a string so long is text under any key
_MIN_ARTICLE = 120  # characters of text; a short notice has 45 words
_SENTENCE = 80  # characters
_MAX_KEY = 60  # characters of a name that are read
_MIN_TITLE = 10  # characters; shorter ones are names of categories
_MAX_SUMMARY = 600  # characters; what is longer under the page's title is its article
_STANDS_OUT = 3  # times the length of every other: such a text is the page's article without its headline

_LINKED_DATA = "JSON-LD"
MICRODATA = "[itemprop=articleBody][content]"
_ATTRIBUTE = "data-page"  # Inertia's
DATA_ELEMENTS = f"{MICRODATA},[{_ATTRIBUTE}^='{{']"
_JSON = json.JSONDecoder(strict=False)
_ASSIGNED = re.compile(
    r"""window\s{0,9}(?:\.\s{0,9}(\w{1,60})|\[\s{0,9}["'](\w{1,60})["']\s{0,9}\])\s{0,9}=\s{0,9}"""
    r"(JSON\.parse\(\s{0,9}(?=\")|(?=[{\[(]))"
)
_TITLE_KEYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (r"^(?:title|headline|tieu_?de)$", r"(?:title|headline|heading|tieu_?de)$", r"^name$")
)  # the clearest first
# Under these a string of any length is text of the article.
_TEXT_KEY = re.compile(
    r"^(?:\w*(?:body|content|contents|html|text)|rendered|value|data|blocks?|children|paragraphs?|sapo|lead|description"
    r"|summary|noi_?dung\w*)$",
    re.IGNORECASE,
)
# What stands under these is about other articles, or no text.
_OTHER_KEY = re.compile(
    r"relat|lien_?quan|recommend|suggest|comment|review|mention|latest|popular|trending|most_?(?:view|read)|side_?bar"
    r"|menu|footer|header|navi|breadcrumb|seo|itemListElement|hasPart|isPartOf|Link$|subjectOf|style|css|config|i18n"
    r"|locale|^(?:url|src|href|id|type|__typename)$",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(r"&(?:amp;)?lt;/?[a-z]", re.IGNORECASE)
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(slots=True)
class _Article:
    """Texts that belong to one titled object of the data, or to none."""

    where: str
    title: str = ""
    texts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        """Add a text unless the article is full."""
        if len(self.texts) < _MAX_TEXTS and self.size + len(text) <= _MAX_TEXT:
            self.texts.append(text)
            self.size += len(text)


@dataclass(frozen=True)
class DataText:
    """An article found in data. ``where``: the data's name; ``title``: its title there; ``html``: its text."""

    where: str
    title: str
    html: str

    @property
    def text(self) -> str:
        """The text without tags."""
        return unescape(_ANY_TAG.sub(" ", self.html))

    def may_be_of(self, titles: Iterable[str]) -> bool:
        """Whether the title is that of a page with one of these titles, or there is none to tell."""
        title = fold(self.title)
        shown = [folded for one in titles if (folded := fold(one))]
        return len(title) < _MIN_TITLE or any(
            title in one or (len(one) >= _MIN_TITLE and one in title) for one in shown
        )

    def is_named_in(self, titles: Iterable[str]) -> bool:
        """Whether the title stands in one of these folded titles."""
        title = fold(self.title)
        return len(title) >= _MIN_TITLE and any(title in other for other in titles)


def find_article(document: LexborHTMLParser, scripts: Sequence[LexborNode], titles: Iterable[str]) -> DataText | None:
    """Return the text of the page's article in its data: the one with one of the page's ``titles``, else the one that
    is far longer than every other; None for none."""
    articles = list(_microdata(document))
    for node in document.css(f"[{_ATTRIBUTE}]")[:5]:
        articles += _articles(_decoded((node.attributes.get(_ATTRIBUTE) or "")[:MAX_DATA], 0), _ATTRIBUTE)
    left = MAX_DATA
    holding = (node for node in scripts if _may_hold(node))
    for node in islice(holding, _MAX_SCRIPTS):
        script = node.text()
        if len(script) > left:
            continue
        left -= len(script)
        for where, value in _values(node, script):
            articles += _linked_articles(value) if where == _LINKED_DATA else _articles(value, where)
    found = [one for article in articles if (one := _readable(article)) is not None]
    found.sort(key=lambda one: -len(one.html))
    if not found:
        return None
    known = [folded for title in titles if (folded := fold(title))]
    named = next((one for one in found if one.is_named_in(known)), None)
    if named is not None and len(named.html) > _MAX_SUMMARY:
        return named
    # The title may stand in an object beside that of the text, with a summary.
    others = found if named is None else [one for one in found if one is named or not one.title]
    if len(others) == 1 or len(others[0].html) >= _STANDS_OUT * len(others[1].html):
        return others[0]
    return named


def may_hold_article(scripts: Iterable[LexborNode]) -> bool:
    """Whether any script may hold data with a text; a fast check."""
    return any(map(_may_hold, scripts))


def _may_hold(node: LexborNode) -> bool:
    kind, text = _kind(node), node.text()
    if kind == _LINKED_DATA:
        return "articleBody" in text
    if not kind and _ASSIGNED.search(text) is None:
        return False
    # Names, numbers and addresses are short; of a text at least this much stands between two quotation marks.
    return sum(len(piece) for piece in text.split('"') if len(piece) >= _SENTENCE) >= _MIN_ARTICLE


def keeps_data(attributes: str, content: str) -> bool:
    """Whether a script, given as its tag's attributes and the beginning of its content, may hold an article's data."""
    return "json" in attributes.lower() or _ASSIGNED.search(content) is not None


def _kind(node: LexborNode) -> str:
    """Return the name of a script's data by its attributes, "" for a script that is none of a JSON type."""
    attributes = node.attributes
    kind = (attributes.get("type") or "").lower().strip()
    if kind == "application/ld+json":
        return _LINKED_DATA
    if not kind.endswith("json"):
        return ""
    above = node.parent
    if above is not None and above.tag == "amp-state":
        return "amp-state"
    return (attributes.get("id") or "")[:40] or kind[:40]


def _values(node: LexborNode, script: str) -> Iterator[tuple[str, Any]]:
    """Yield the values in a script, with their names."""
    kind = _kind(node)
    if kind:
        text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
        text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
        value = _decoded(text, 0)
        if value is not None:
            yield kind, value
        return
    for number, found in enumerate(_ASSIGNED.finditer(script)):
        if number >= _MAX_ASSIGNED:
            return
        value = _assigned(script, found.end())
        if found[3] and isinstance(value, str):
            value = _decoded(value, 0)
        if value is not None:
            yield found[1] or found[2], value


def _assigned(script: str, at: int) -> Any:
    if script[at] == "(":
        return called_value(script, at)
    value = _decoded(script, at)
    return read_value(script, at, {})[0] if value is None else value


def _decoded(text: str, at: int) -> Any:
    try:
        return _JSON.raw_decode(text, at)[0]
    except (ValueError, RecursionError):
        return None


def _microdata(document: LexborHTMLParser) -> Iterator[_Article]:
    for node in document.css(MICRODATA)[:5]:
        article = _Article("microdata articleBody")
        article.add(node.attributes.get("content") or "")
        yield article


class _Key(NamedTuple):
    """What a name in an object says of its value. ``title``: how clearly it is a title, the lower the clearer."""

    title: int | None
    is_text: bool
    is_other: bool


@lru_cache(maxsize=4096)
def _key(name: str) -> _Key:
    title = next((rank for rank, pattern in enumerate(_TITLE_KEYS) if pattern.search(name)), None)
    return _Key(title, _TEXT_KEY.search(name) is not None, _OTHER_KEY.search(name) is not None)


def _title_of(values: dict[str, Any]) -> str:
    found: dict[int, str] = {}
    for name, value in values.items():
        rank = _key(name[:_MAX_KEY]).title
        if rank is None or rank in found:
            continue
        title = value.get("rendered") if isinstance(value, dict) else value  # as in WordPress
        if isinstance(title, str) and len(title) >= _MIN_TITLE:
            found[rank] = unescape(_ANY_TAG.sub("", title[:1000]))
    return found[min(found)] if found else ""


def _linked_articles(root: Any) -> list[_Article]:
    """Return the articles of JSON-LD that have a body."""
    articles: list[_Article] = []
    waiting, seen = [root], 0
    while waiting and seen < _MAX_NODES and len(articles) < _MAX_ARTICLES:
        value = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            bodies = value.get("articleBody")
            texts = [text for text in (bodies if isinstance(bodies, list) else [bodies]) if isinstance(text, str)]
            if texts:
                article = _Article("JSON-LD articleBody", _title_of(value))
                for text in texts:
                    article.add(text)
                articles.append(article)
            inner = [other for key, other in value.items() if not _key(key[:_MAX_KEY]).is_other]
        elif isinstance(value, list):
            inner = value[:_MAX_NODES]
        else:
            continue
        waiting += [other for other in reversed(inner) if isinstance(other, dict | list)]
    return articles


def _articles(root: Any, where: str) -> list[_Article]:
    """Return the texts of a state, each with those of the same titled object, in document order."""
    articles = [_Article(where)]
    # Nuxt writes a list of values in which objects name others by their place.
    pool = root if isinstance(root, list) and len(root) > 1 and isinstance(root[0], dict | list) else None
    taken: set[int] = set()
    waiting: list[tuple[Any, str, _Article]] = [(root, "", articles[0])]
    seen = 0
    while waiting and seen < _MAX_NODES:
        value, key, article = waiting.pop()
        seen += 1
        if isinstance(value, str):
            if (len(value) >= _LONG or _key(key[:_MAX_KEY]).is_text) and " " in value:
                article.add(value)
        elif isinstance(value, dict):
            values = _pooled(value, pool, taken) if pool is not None else value
            if (title := _title_of(values)) and len(articles) < _MAX_ARTICLES:
                article = _Article(where, title)
                articles.append(article)
            for inner, other in reversed(values.items()):
                if (
                    isinstance(other, str | dict | list)
                    and not (title and other == title)
                    and not _key(inner[:_MAX_KEY]).is_other
                ):
                    waiting.append((other, inner, article))
        elif isinstance(value, list):
            items = value[:_MAX_NODES]
            if pool is not None and value is not root:
                items = list(_pooled(dict(enumerate(items)), pool, taken).values())
            waiting += [(other, key, article) for other in reversed(items) if isinstance(other, str | dict | list)]
    return articles


def _pooled(values: dict[Any, Any], pool: list[Any], taken: set[int]) -> dict[Any, Any]:
    """Return the values with places in the pool replaced by what is there, each object once."""
    found = {}
    for key, value in values.items():
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < len(pool):
            if isinstance(pool[value], dict | list):
                if value in taken:
                    continue
                taken.add(value)
            found[key] = pool[value]
        elif not isinstance(value, int):
            found[key] = value
    return found


def _readable(article: _Article) -> DataText | None:
    """Return an article's text as HTML; None when it is too short."""
    parts = [_as_html(_UNWRITABLE.sub("\ufffd", text)) for text in article.texts]
    found = DataText(article.where, article.title, "\n".join(_without_repeats(parts)))
    return found if len(" ".join(found.text.split())) >= _MIN_ARTICLE else None


def _without_repeats(parts: Sequence[str]) -> list[str]:
    """Return the parts whose words do not stand in another; of equal ones the one with more tags. The same text often
    stands in data twice, with tags and without, or its beginning as a summary."""
    folded = [fold(unescape(_ANY_TAG.sub(" ", part))) for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (-len(folded[at]), -len(parts[at])))
    whole = ""
    kept = []
    for at in order:
        if f" {folded[at]} " not in whole:
            whole += f" {folded[at]} \n"
            kept.append(at)
    return [parts[at] for at in sorted(kept)]


def _as_html(text: str) -> str:
    """Return a string of data as HTML: tags are kept, also escaped ones; lines of plain text are paragraphs."""
    for _ in range(2):
        if _ANY_TAG.search(text) or not _ESCAPED_TAG.search(text):
            break
        text = unescape(text)
    if _ANY_TAG.search(text):
        return f"<div>{text}</div>"
    return "".join(f"<p>{escape(unescape(line))}</p>" for line in text.splitlines() if line.strip())
