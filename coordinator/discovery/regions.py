"""What part of a page an element makes: told by its name, its classes and its id, as site builders use them."""

import re
from collections.abc import Mapping
from functools import lru_cache

from campaigns.tracking.pages import Region

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# "has-sidebar", "no-footer" speak of another element.
_ABOUT_OTHERS = re.compile(r"(?:has|with|without|no|hide|show|is|js|full|before|above)-")
# "post-footer" is the article's own last part, where sources stand.
_OF_ARTICLE = re.compile(r"(?:article|post|entry|detail|content|news|body|story|bai|tin)-")
_WORD_REGIONS = (
    (
        Region.COMMENTS,
        re.compile(r"(?:^|-)(?:comments?|binh-?luan|fb-comments|disqus|cmt)(?:-|$)"),
    ),
    (
        Region.RELATED,
        re.compile(
            r"(?:^|-)(?:related?|lien-?quan\w*|(?:box-?)?tin-?lien-?quan\w*|recommend\w*|read-?more|xem-?them|doc-?them|more-?news|suggest\w*"
            r"|cung-?(?:chuyen-?)?muc|most-?(?:view|read)\w*|xem-?nhieu|doc-?nhieu|tin-?(?:moi|khac|hot|noi-?bat)|hot-?news"
            r"|(?:other|latest|new|top)-?(?:news|posts?|articles?)|(?:news|posts?|articles?)-?(?:other|latest|related)"
            r"|box-?tin|same-?cate\w*|trending|taboola|outbrain|co-the-ban)(?:-|$)"
        ),
    ),
    (Region.ASIDE, re.compile(r"^widgets?(?:-|$)")),  # elementor-widget holds anything, the article too
    (
        Region.NAV,
        re.compile(r"(?:^|-)(?:nav|navbar|navigation|menu|main-?menu|breadcrumbs?|topbar|paging|pagination)(?:-|$)"),
    ),
    (Region.ASIDE, re.compile(r"(?:^|-)(?:side-?bar\w*|aside|col-?right|right-?col(?:umn)?|column-right)(?:-|$)")),
    (Region.FOOTER, re.compile(r"(?:^|-)(?:footer|foot|copyright|bottom-?bar)(?:-|$)")),
)
_SOURCE = re.compile(
    r"(?:^|[\s_-])(?:source|nguon|credit)(?:[\s_-]|$)", re.IGNORECASE
)  # of an article, set apart in it
# These hold whole pages and articles; a word in their class speaks of what is somewhere in them.
_WHOLE = frozenset(("html", "body", "main", "article", "h1"))


@lru_cache(maxsize=8192)
def region_of(tag: str, classes: str, ident: str, in_article: bool) -> Region | None:
    """The region an element begins, None when it says nothing of the kind.

    ``in_article``: inside an ``article``, where a footer is the article's own and holds its source.
    """
    if tag in _WHOLE:
        return None
    if tag == "nav":
        return Region.NAV
    if tag == "aside":
        return None if in_article and _SOURCE.search(classes) else Region.ASIDE
    if tag == "footer":
        return None if in_article else Region.FOOTER
    if not classes and not ident:
        return Region.HEADER if tag == "header" else None
    for token in (*classes.split()[:12], *ident.split()[:1]):
        word = _CAMEL.sub("-", token[:80]).replace("_", "-").lower().strip("-")
        if _ABOUT_OTHERS.match(word):
            continue
        for region, pattern in _WORD_REGIONS:
            if pattern.search(word):
                if region is Region.FOOTER and (in_article or _OF_ARTICLE.match(word)):
                    continue
                return region
    return Region.HEADER if tag == "header" else None


TELLING = frozenset(("nav", "aside", "footer", "header"))  # they make a region by their names alone


def entered(tag: str, attributes: Mapping[str, str | None], above: Region, in_article: bool) -> Region | None:
    """The region that begins with an element inside ``above``, None when that goes on. What is inside something that is
    not shown is not shown either. ``in_article`` is as in ``region_of``."""
    if above is Region.HIDDEN:
        return None
    if ("style" in attributes or "hidden" in attributes) and is_hidden("hidden" in attributes, attributes.get("style")):
        return Region.HIDDEN
    classes, ident = attributes.get("class") or "", attributes.get("id") or ""
    if classes or ident or tag in TELLING:
        return region_of(tag, classes, ident, in_article)
    return None


def is_hidden(hidden: bool, style: str | None) -> bool:
    """Whether an element's own attributes keep it from being shown."""
    return hidden or (style is not None and _HIDDEN.search(style) is not None)
