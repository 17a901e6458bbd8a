"""A site's front page as the rules ask of it: its words, its name, whom it quotes, and whether readers may comment."""

import re
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.compliance.imprints import FrontPage
from campaigns.core.vietnamese import fold
from campaigns.tracking.urls import host_of
from coordinator.discovery.page import parse_page
from coordinator.discovery.taming import tamed
from coordinator.discovery.titles import plain
from coordinator.http import Answer

_LONGEST_NAME = 60  # characters of a source's name; more is a sentence
_MOST = 50  # sources and addresses that are read
_DEEP = 12  # elements above a field that are looked at
_SOURCE_CLASS = re.compile(r"(?:^|[\s_-])(?:source|nguon|nguon-tin|source-name)(?:[\s_-]|$)", re.IGNORECASE)
_SOURCE_LINE = re.compile(r"^\(?(?:nguồn(?: tin)?|theo)\s*:?\s+(.+?)\)?$", re.IGNORECASE)
_COMMENT = re.compile(r"comment|binh-?luan|cmt|y-?kien", re.IGNORECASE)
_COMMENT_WORDS = re.compile(r"\b(?:binh luan|y kien (?:cua )?(?:ban|ban doc)|comment)\b")
_WIDGETS = (
    '.fb-comments, #disqus_thread, iframe[src*="plugins/comments"], [data-widget="comments"]',
    "Facebook, Disqus",
)
_SEPARATORS = re.compile(r"\s+[|•»·–—-]\s+|\s*\|\s*")


def read_front(answer: Answer) -> FrontPage:
    """The front page that came. Raises ``Unreadable`` for what no parser takes."""
    page = parse_page(answer.body, answer.url, content_type=answer.headers.get("Content-Type"))
    tree = LexborHTMLParser(tamed(answer.text()))
    named = tree.css_first('meta[property="og:site_name"][content]')
    name = plain((named.attributes.get("content") or "") if named is not None else "")
    if not name:
        name = _SEPARATORS.split(plain(page.title), maxsplit=1)[0]
    mails = [
        unquote((node.attributes.get("href") or "")[7:]).partition("?")[0] for node in tree.css('a[href^="mailto:"]')
    ]
    return FrontPage(
        text=page.body.text,
        name=name,
        host=host_of(answer.url),
        mails=tuple(dict.fromkeys(one.strip() for one in mails[:_MOST] if "@" in one)),
        sources=_sources(tree, [block.text for block in page.body.blocks], name),
        comments=comment_box(tree),
    )


def comments_on(answer: Answer) -> str:
    """Where readers may comment on an article that came; '' where no such place was seen."""
    return comment_box(LexborHTMLParser(tamed(answer.text())))


def comment_box(tree: LexborHTMLParser) -> str:
    """A box for readers' comments in a few words: of a known service, or a field that tells so by its names or words. A
    contact form and a search are none."""
    selector, services = _WIDGETS
    if (widget := tree.css_first(selector)) is not None:
        return f"{_label(widget)} ({services})"
    for field in tree.css("textarea"):
        said = fold(f"{field.attributes.get('placeholder') or ''} {field.attributes.get('aria-label') or ''}")
        if _COMMENT_WORDS.search(said) or any(_COMMENT.search(names) for names in _named(field)):
            return _label(field)
    return ""


def _named(field: LexborNode) -> list[str]:
    """The names of a field and of what it stands in, as far as the form or section that is its own."""
    found = []
    node: LexborNode | None = field
    for _step in range(_DEEP):
        if node is None or node.tag in {"body", "html", "main", "article"}:
            break
        found += [node.attributes.get(name) or "" for name in ("id", "class", "name")]
        node = node.parent
    return found


def _label(node: LexborNode) -> str:
    marks = [f"#{one}" for one in (node.attributes.get("id") or "").split()[:1]]
    marks += [f".{one}" for one in (node.attributes.get("class") or "").split()[:2]]
    name = node.attributes.get("placeholder") or node.attributes.get("name") or ""
    return f"{node.tag}{''.join(marks)} {name}".strip()[:200]


def _sources(tree: LexborHTMLParser, lines: list[str], own: str) -> tuple[str, ...]:
    told = [
        plain(node.text()) for node in tree.css("[class]") if _SOURCE_CLASS.search(node.attributes.get("class") or "")
    ]
    told += [line for line in lines if _SOURCE_LINE.match(line)]
    names: dict[str, str] = {}
    for one in told:
        found = _SOURCE_LINE.match(one)
        name = (found[1] if found is not None else one).strip(" .:()")
        if name and len(name) <= _LONGEST_NAME and fold(name) != fold(own):
            names.setdefault(fold(name), name)
    return tuple(list(names.values())[:_MOST])
