"""Whether the text of a fetched page can be read at all, for pages on which no bulletin was found.

A page with almost no text whose text is elsewhere (written by scripts, in a frame, in pictures, behind a paywall) is
distinguished from a page that shows something else. A short page without such signs is a short page.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.core.errors import CampaignError
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, PageRegion
from campaigns.republications.lifecycle.removal_signs import removal_phrase_in
from coordinator.discovery.pages.page import HtmlPage, UnreadablePage, parse_page
from coordinator.discovery.pages.pdf import PdfRefused, is_pdf, read_pdf
from coordinator.discovery.pages.regions import entered_region

# Characters outside menus, boxes, links and the headline. The shortest notices have about as many.
_ALMOST_NO_TEXT = 300
_SOME_TEXT = 600  # characters in sentences, some of which may be hidden; with so many only a paywall withholds a text
_NO_TEXT = 80  # characters, with which any script is the likely writer of the page
_PAYWALL_TEXT = 1500  # characters of an article that a paywall lets everybody read
_A_LIST = 1500  # characters of links; such a page is a list of other pages
_MAX_LOOKED_AT = 200  # pictures or frames of one page
_LEAST_SIDE = 120  # pixels; smaller pictures and frames are icons, counters and advertisements
_SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript"})
# Elements that well-known libraries write a page into.
_ROOTS = (
    "#root, #app, #__next, #__nuxt, #___gatsby, #q-app, #svelte, #app-root, app-root, [ng-app], [data-reactroot], "
    "[data-server-rendered], [id$='-root']"
)
_WRITES = re.compile(
    r"innerHTML|insertAdjacentHTML|document\.write|\.append(?:Child)?\(|\bfetch\(|XMLHttpRequest|\.ajax\(|axios|createRoot|createApp|hydrate"
)
# Advertisements and counters add elements too, by scripts from these; without a script of the site they write no text.
_FOREIGN_SNIPPET = re.compile(
    r"googletagmanager|google-analytics|gtag\(|fbevents|fbq\(|_gaq|clarity|hotjar|adsbygoogle"
)
_ASKS_FOR_SCRIPTS = re.compile(r"java ?script|trinh duyet|browser", re.IGNORECASE)
_LOADING = ("dang tai", "vui long doi", "vui long cho", "loading", "please wait")
_PAYWALL_WORDS = (
    "dang nhap de doc tiep", "dang ki de doc tiep", "de doc tiep bai viet", "de doc tiep toan bo",
    "danh rieng cho thue bao", "danh cho doc gia tra phi", "noi dung tra phi", "mua goi de doc",
    "subscribe to continue", "subscribers only", "sign in to continue reading",
)  # fmt: skip
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_VIDEO = re.compile(r"youtube|youtu\.be|vimeo|dailymotion|player|video", re.IGNORECASE)
_OTHER_FRAMES = re.compile(
    r"googletagmanager|doubleclick|googlesyndication|google\.com/(?:maps|recaptcha)|facebook\.com|fb\.com|zalo\.me"
    r"|twitter\.com|tiktok|recaptcha|captcha|/ads?[/.]|adserver|banner|quangcao|about:blank|^javascript:",
    re.IGNORECASE,
)
_OTHER_PICTURES = re.compile(
    r"logo|icon|avatar|sprite|banner|pixel|blank|spacer|loading|/ads?/|quangcao|/i/[0-9A-Za-z_-]{1,32}\.gif"
    r"|^data:image/(?:gif|svg)|\.svg(?:$|\?)",
    re.IGNORECASE,
)

# What a check writes down, by reason.
SHELL_SENTENCES = {
    UnreadableReason.PAYWALLED: "the text is for subscribers, or behind a sign-in",
    UnreadableReason.IN_FRAME: "almost no text, and a frame from another address",
    UnreadableReason.NEEDS_SCRIPT: "almost no text, and scripts that write it",
    UnreadableReason.PICTURE_ONLY: "almost no text, and pictures or video",
}


def read_page(body: bytes, url: str, *, content_type: str | None = None) -> HtmlPage:
    """Read a page or a PDF file, as ``parse_page`` does. Raises ``UnreadablePage`` with its reason."""
    if not is_pdf(body, (content_type or "").partition(";")[0].strip().lower()):
        return parse_page(body, url, content_type=content_type)
    try:
        text = read_pdf(body)
    except PdfRefused as error:
        raise UnreadablePage(str(error), reason=UnreadableReason.PDF_REFUSED) from error
    if not text.has_text:
        raise UnreadablePage(
            f"a PDF file of {text.pages} pages without text: a scan", reason=UnreadableReason.PDF_WITHOUT_TEXT
        )
    return parse_page(text.html, url, cut=text.cut)


def unreadable_reason(page: HtmlPage, *, rendered: bool = False) -> UnreadableReason | None:
    """Why the text of a page cannot be read; None for a page that shows its text, or has none to show. ``rendered``:
    the page is what a browser showed: with hardly a word it did not come to its end there."""
    # Most pages end here, which takes a tenth of the time of reading the body.
    if page.shows_text(_PAYWALL_TEXT):
        return None
    if (
        page.shows_text(_SOME_TEXT)
        and not _has_empty_root(page.document)
        and not _is_paywalled(page.document, f" {fold(page.all_text)} ")
    ):
        return None
    try:
        shown, listed = _shown_lengths(page)
    except CampaignError:  # the parsers that read the page differ about it
        return None
    if shown >= _PAYWALL_TEXT or listed >= _A_LIST:
        return None
    reason = _missing_text_reason(page, shown, rendered)
    return None if reason is None or removal_phrase_in(page.text) else reason


def _missing_text_reason(page: HtmlPage, shown: int, rendered: bool) -> UnreadableReason | None:
    document = page.document
    words = f" {fold(page.body.text)} "
    if _is_paywalled(document, words):
        return UnreadableReason.PAYWALLED
    if shown >= _ALMOST_NO_TEXT:
        return None
    frames = _frames(document)
    if any(not _VIDEO.search(address) for address in frames):
        return UnreadableReason.IN_FRAME
    if _is_written_by_scripts(document, words):
        return UnreadableReason.NEEDS_SCRIPT
    if frames or document.css_first("video") is not None or _shows_picture(document):
        return UnreadableReason.PICTURE_ONLY
    if rendered and (shown < _NO_TEXT or any(f" {phrase} " in words for phrase in _LOADING)):
        return UnreadableReason.NEEDS_SCRIPT
    if shown < _NO_TEXT and _scripts(document):
        return UnreadableReason.NEEDS_SCRIPT
    return None


def _shown_lengths(page: HtmlPage) -> tuple[int, int]:
    """The numbers of characters in the main region, without the headline: outside and inside of links."""
    linked = [0] * len(page.blocks)
    for link in page.links:
        if link.block < len(linked):
            linked[link.block] += len(link.text)
    shown = listed = 0
    for number, block in enumerate(page.blocks):
        if block.region is PageRegion.MAIN and number != page.body.headline:
            shown += max(len(block.text) - linked[number], 0)
            listed += min(linked[number], len(block.text))
    return shown, listed


def _is_paywalled(document: LexborHTMLParser, words: str) -> bool:
    if any(f" {phrase} " in words for phrase in _PAYWALL_WORDS):
        return True
    data = document.css('script[type="application/ld+json"]')[:_MAX_LOOKED_AT]
    return any(_NOT_FREE.search(script.text(deep=True) or "") for script in data)


def _frames(document: LexborHTMLParser) -> list[str]:
    """The addresses of frames that may hold an article; the text itself for a frame written into the page."""
    found = []
    for node in document.css("iframe, frame, object, embed")[:_MAX_LOOKED_AT]:
        attributes = node.attributes
        address = attributes.get("src") or attributes.get("data") or attributes.get("data-src") or ""
        if (inside := attributes.get("srcdoc")) and not address:
            address = inside
        if address and not _OTHER_FRAMES.search(address) and not _is_small(node) and not _is_beside(node):
            found.append(address)
    return found


def _is_written_by_scripts(document: LexborHTMLParser, words: str) -> bool:
    """Whether scripts write the text, by what the page itself shows of it."""
    scripts = _scripts(document)
    if not scripts:
        return False
    if _has_empty_root(document):
        return True
    asking = " ".join(node.text(deep=True) for node in document.css("noscript")[:_MAX_LOOKED_AT])
    if _ASKS_FOR_SCRIPTS.search(fold(asking)) or any(f" {phrase} " in words for phrase in _LOADING):
        return True
    own = (script.text(deep=True) or "" for script in scripts if not script.attributes.get("src"))
    return any(_WRITES.search(text) and not _FOREIGN_SNIPPET.search(text) for text in own)


def _has_empty_root(document: LexborHTMLParser) -> bool:
    return any(
        len(" ".join(root.text(deep=True, separator=" ").split())) < _ALMOST_NO_TEXT
        for root in document.css(_ROOTS)[:_MAX_LOOKED_AT]
    )


def _scripts(document: LexborHTMLParser) -> list[LexborNode]:
    return [
        node
        for node in document.css("script")[:_MAX_LOOKED_AT]
        if (node.attributes.get("type") or "").strip().lower() in _SCRIPT_TYPES
    ]


def _shows_picture(document: LexborHTMLParser) -> bool:
    """Whether there is a picture in the article's own place."""
    for node in document.css("img, picture source")[:_MAX_LOOKED_AT]:
        attributes = node.attributes
        names = ("data-src", "data-original", "srcset", "data-srcset", "src")
        address = next((value for name in names if (value := attributes.get(name))), "")
        if address and not _OTHER_PICTURES.search(address[:2000]) and not _is_small(node) and not _is_beside(node):
            return True
    return False


def _is_small(node: LexborNode) -> bool:
    """Whether an element says that it is too small to show an article."""
    sides = (node.attributes.get(name) or "" for name in ("width", "height"))
    return any(side.isascii() and side.isdigit() and int(side[:6]) < _LEAST_SIDE for side in sides)


def _is_beside(node: LexborNode) -> bool:
    """Whether an element stands in a menu, a box or another part beside the article, or is hidden."""
    chain: list[LexborNode] = []
    above: LexborNode | None = node
    while above is not None:
        chain.append(above)
        above = above.parent
    region, in_article = PageRegion.MAIN, False
    for element in reversed(chain):
        region = entered_region(element.tag or "", element.attributes, region, in_article) or region
        in_article = in_article or element.tag == "article"
        if region in NON_ARTICLE_REGIONS or region is PageRegion.HEADER or element.tag == "noscript":
            return True
    return False
