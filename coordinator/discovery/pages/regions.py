"""The region of a page that an element begins, by its tag, classes and id."""

import re
from collections.abc import Mapping
from functools import lru_cache

from campaigns.matching.parsed_page import PageRegion

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# "has-sidebar", "no-footer" refer to another element.
_ABOUT_OTHERS = re.compile(r"(?:has|with|without|no|hide|show|is|js|full|before|above)-")
# A section of opinions ("Bình luận") is named so on its articles, in Vietnamese.
_OF_SECTION = re.compile(
    r"(?:category|cat|tag|section|chuyen-?muc|muc|page|post|term|type|format|menu-item)-(?!comments?(?:-|$))|(?:no|hide)-"
)
# "post-footer" is the last part of the article, with the source.
_OF_ARTICLE = re.compile(r"(?:article|post|entry|detail|content|news|body|story|bai|tin)-")
_WORD_REGIONS = (
    (
        PageRegion.COMMENTS,
        re.compile(
            r"(?:^|-)(?:comments?\d*|comment-?list|binh-?luan\w*|(?:ban-?doc-?)?y-?kien(?:-?(?:ban-?doc|doc-?gia|cua-ban|nguoi-doc))?"
            r"|phan-?hoi\w*|thao-?luan\w*|gop-?y|nhan-?xet|(?:ban-?doc|doc-?gia)-(?:viet|binh-?luan|gop-?y)|hoi-?dap-?ban-?doc"
            r"|feedbacks?|replies|reply-?lists?|fb-comments|disqus\w*|cmts?)(?:-|$)"
        ),
    ),
    (
        PageRegion.RELATED,
        re.compile(
            r"(?:^|-)(?:related?|lien-?quan\w*|(?:box-?)?tin-?lien-?quan\w*|recommend\w*|read-?more|xem-?them|doc-?them|more-?news|suggest\w*"
            r"|cung-?(?:chuyen-?)?muc|most-?(?:view|read)\w*|xem-?nhieu|doc-?nhieu|tin-?(?:moi|khac|hot|noi-?bat)|hot-?news"
            r"|(?:other|latest|new|top)-?(?:news|posts?|articles?)|(?:news|posts?|articles?)-?(?:other|latest|related)"
            r"|box-?tin|same-?cate\w*|trending|taboola|outbrain|co-the-ban)(?:-|$)"
        ),
    ),
    (PageRegion.ASIDE, re.compile(r"^widgets?(?:-|$)")),  # elementor-widget may contain the article too
    (
        PageRegion.NAV,
        re.compile(r"(?:^|-)(?:nav|navbar|navigation|menu|main-?menu|breadcrumbs?|topbar|paging|pagination)(?:-|$)"),
    ),
    (PageRegion.ASIDE, re.compile(r"(?:^|-)(?:side-?bar\w*|aside|col-?right|right-?col(?:umn)?|column-right)(?:-|$)")),
    (PageRegion.FOOTER, re.compile(r"(?:^|-)(?:footer|foot|copyright|bottom-?bar)(?:-|$)")),
)
_SOURCE = re.compile(
    r"(?:^|[\s_-])(?:source|nguon|credit)(?:[\s_-]|$)", re.IGNORECASE
)  # separate parts within an article
# These contain whole pages and articles; a word in their class refers to one of their children.
_WHOLE = frozenset(("html", "body", "main", "article", "h1"))


@lru_cache(maxsize=8192)
def region_of_element(tag: str, classes: str, ident: str, in_article: bool) -> PageRegion | None:
    """Return the region that an element begins, None for none.

    ``in_article``: inside an ``article``, where a footer belongs to the article and has its source.
    """
    if tag in _WHOLE:
        return None
    if tag == "nav":
        return PageRegion.NAV
    if tag == "aside":
        return None if in_article and _SOURCE.search(classes) else PageRegion.ASIDE
    if tag == "footer":
        return None if in_article else PageRegion.FOOTER
    if not classes and not ident:
        return PageRegion.HEADER if tag == "header" else None
    for token in (*classes.split()[:12], *ident.split()[:1]):
        word = _CAMEL.sub("-", token[:80]).replace("_", "-").lower().strip("-")
        if _ABOUT_OTHERS.match(word):
            continue
        for region, pattern in _WORD_REGIONS:
            if pattern.search(word):
                if region is PageRegion.COMMENTS and _OF_SECTION.match(word):
                    continue
                if region is PageRegion.FOOTER and (in_article or _OF_ARTICLE.match(word)):
                    continue
                return region
    return PageRegion.HEADER if tag == "header" else None


# What an element says that it is; the same as the tag of that name.
_LANDMARKS = {"navigation": "nav", "complementary": "aside", "contentinfo": "footer", "banner": "header"}
REGION_TAGS = frozenset(("nav", "aside", "footer", "header"))  # tags that begin a region without attributes


def entered_region(
    tag: str, attributes: Mapping[str, str | None], above: PageRegion, in_article: bool
) -> PageRegion | None:
    """Return the region that begins with an element inside ``above``, None when that continues. Children of a hidden
    element are hidden too. ``in_article``: as in ``region_of_element``."""
    if above is PageRegion.HIDDEN:
        return None
    if ("style" in attributes or "hidden" in attributes) and is_hidden("hidden" in attributes, attributes.get("style")):
        return PageRegion.HIDDEN
    if "itemtype" in attributes and (attributes["itemtype"] or "").endswith("/Comment"):
        return PageRegion.COMMENTS
    if "role" in attributes and tag not in _WHOLE:
        tag = _LANDMARKS.get((attributes["role"] or "").strip().lower(), tag)
    classes, ident = attributes.get("class") or "", attributes.get("id") or ""
    if classes or ident or tag in REGION_TAGS:
        return region_of_element(tag, classes, ident, in_article)
    return None


def is_hidden(hidden: bool, style: str | None) -> bool:
    """Whether an element is hidden by its own attributes."""
    return hidden or (style is not None and _HIDDEN.search(style) is not None)
