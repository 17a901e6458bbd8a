"""A site's front page for the compliance rules: its text, its name, its sources, and comment boxes."""

import re
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.compliance.front_page_checks import FrontPage
from campaigns.core.vietnamese import fold
from campaigns.discovery.urls import host_of
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.fields import plain_title
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.discovery.pages.page import UnreadablePage, parse_page
from coordinator.http.responses import HttpResponse

_MAX_NAME_LENGTH = 60  # characters of a source's name; a longer text is a sentence
_MAX_SOURCES = 50  # sources and addresses that are read
_MAX_ANCESTORS = 12  # ancestors of a field that are read
_SOURCE_CLASS = re.compile(r"(?:^|[\s_-])(?:source|nguon|nguon-tin|source-name)(?:[\s_-]|$)", re.IGNORECASE)
_SOURCE_LINE = re.compile(r"^\(?(?:nguồn(?: tin)?|theo)\s*:?\s+(.+?)\)?$", re.IGNORECASE)
_COMMENT = re.compile(r"comment|binh-?luan|cmt|y-?kien", re.IGNORECASE)
_COMMENT_WORDS = re.compile(r"\b(?:binh luan|y kien (?:cua )?(?:ban|ban doc)|comment)\b")
_WIDGETS = (
    '.fb-comments, #disqus_thread, iframe[src*="plugins/comments"], [data-widget="comments"]',
    "Facebook, Disqus",
)
_SEPARATORS = re.compile(r"\s+[|•»·–—-]\s+|\s*\|\s*")


def read_front_page(answer: HttpResponse) -> FrontPage:
    """Return the front page of a response. Raises ``DiscoveryError`` for one that cannot be parsed."""
    try:
        page = parse_page(answer.body, answer.url, content_type=answer.headers.get("Content-Type"))
    except UnreadablePage as error:
        raise DiscoveryError(error.message) from error
    tree = LexborHTMLParser(limit_html(answer.text()))
    named = tree.css_first('meta[property="og:site_name"][content]')
    name = plain_title((named.attributes.get("content") or "") if named is not None else "")
    if not name:
        name = _SEPARATORS.split(plain_title(page.title), maxsplit=1)[0]
    mails = [
        unquote((node.attributes.get("href") or "")[7:]).partition("?")[0] for node in tree.css('a[href^="mailto:"]')
    ]
    return FrontPage(
        text=page.body.text,
        name=name,
        host=host_of(answer.url),
        mails=tuple(dict.fromkeys(mail.strip() for mail in mails[:_MAX_SOURCES] if "@" in mail)),
        sources=_quoted_sources(tree, [block.text for block in page.body.blocks], name),
        comments=find_comment_box(tree),
    )


def article_comment_box(answer: HttpResponse) -> str:
    """Return a description of an article's comment box; '' without one."""
    return find_comment_box(LexborHTMLParser(limit_html(answer.text())))


def find_comment_box(tree: LexborHTMLParser) -> str:
    """Return a description of a box for readers' comments: that of a known service, or a field with such names or
    labels. Contact forms and searches are excluded."""
    selector, services = _WIDGETS
    if (widget := tree.css_first(selector)) is not None:
        return f"{_node_label(widget)} ({services})"
    for field in tree.css("textarea"):
        text = fold(f"{field.attributes.get('placeholder') or ''} {field.attributes.get('aria-label') or ''}")
        if _COMMENT_WORDS.search(text) or any(_COMMENT.search(names) for names in _field_names(field)):
            return _node_label(field)
    return ""


def _field_names(field: LexborNode) -> list[str]:
    """Return the names of a field and of its ancestors up to its form or section."""
    found = []
    node: LexborNode | None = field
    for _step in range(_MAX_ANCESTORS):
        if node is None or node.tag in {"body", "html", "main", "article"}:
            break
        found += [node.attributes.get(name) or "" for name in ("id", "class", "name")]
        node = node.parent
    return found


def _node_label(node: LexborNode) -> str:
    marks = [f"#{part}" for part in (node.attributes.get("id") or "").split()[:1]]
    marks += [f".{part}" for part in (node.attributes.get("class") or "").split()[:2]]
    name = node.attributes.get("placeholder") or node.attributes.get("name") or ""
    return f"{node.tag}{''.join(marks)} {name}".strip()[:200]


def _quoted_sources(tree: LexborHTMLParser, lines: list[str], own: str) -> tuple[str, ...]:
    values = [
        plain_title(node.text())
        for node in tree.css("[class]")
        if _SOURCE_CLASS.search(node.attributes.get("class") or "")
    ]
    values += [line for line in lines if _SOURCE_LINE.match(line)]
    names: dict[str, str] = {}
    for text in values:
        found = _SOURCE_LINE.match(text)
        name = (found[1] if found is not None else text).strip(" .:()")
        if name and len(name) <= _MAX_NAME_LENGTH and fold(name) != fold(own):
            names.setdefault(fold(name), name)
    return tuple(list(names.values())[:_MAX_SOURCES])
