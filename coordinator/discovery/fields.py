"""Fields of feeds, sitemaps and pages: links, times, titles as plain text, and the choice of a page's headline."""

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from campaigns.core.errors import Invalid
from campaigns.discovery import urls
from campaigns.matching.fingerprints import fold
from campaigns.republications.dating import time_expressions

# Links to absolute http(s) addresses.


_URL_GAP = re.compile(r"[\t\r\n]")


def absolute_url(base: str, link: str) -> str | None:
    """Return the absolute address of ``link`` on the page ``base``, without its fragment; None unless it is http(s).

    As in browsers, surrounding spaces and line breaks are removed, and inner spaces are encoded. Addresses with a user
    name or a backslash, or that are too long, are invalid.
    """
    link = _URL_GAP.sub("", link).strip().replace(" ", "%20")
    if len(link) > urls.MAX_LENGTH:
        return None
    found = urls.absolute(link, base)
    if found is None or "@" in urlsplit(found).netloc or "\\" in found:
        return None
    found = found.partition("#")[0]
    return found if urlsplit(found).hostname and len(found) <= urls.MAX_LENGTH else None


def base_url(document: LexborHTMLParser, url: str) -> str:
    """Return the base of the links of a document from ``url``: its ``<base>``, else ``url``."""
    node = document.css_first("base[href]")
    return (absolute_url(url, node.attributes.get("href") or "") if node is not None else None) or url


def same_host(url: str, other: str) -> bool:
    """Whether two addresses have the same host and port, apart from ``www.``. False when either is invalid."""
    try:
        return urls.host_of(url).removeprefix("www.") == urls.host_of(other).removeprefix("www.")
    except Invalid:
        return False


# Times of feeds and sitemaps: the forms that ``dating`` reads, and forms that only software writes.


MAX_TIME_LENGTH = 80  # characters; more is not a time

# 11/24/2026 7:30 AM: software in American English, which writes the month first. ``dating`` reads it with seconds.
_AMERICAN_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? +(\d{1,2}:\d{2} *[AP]M)\b", re.IGNORECASE)
_ZONE_OFFSET = re.compile(r"(?:GMT|UTC) ?([+-])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_RFC822 = re.compile(r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{2,4}\b")


def parse_time(text: str) -> datetime | None:
    """Return the time in ``text``, in UTC, or None; a time without a zone is the city's, a day its first minute.

    Reads the forms of ``time_expressions.read_moment``, months alone (W3C-DTF), ``GMT+7`` in e-mail dates, and American
    dates with AM or PM: then the month comes first, unless that is impossible.
    """
    text = " ".join(text.split())
    if not text or len(text) > MAX_TIME_LENGTH:
        return None
    if re.fullmatch(r"\d{4}-\d{2}", text):
        text += "-01"
    elif _RFC822.match(text):
        text = _ZONE_OFFSET.sub(lambda found: f"{found[1]}{int(found[2]):02d}{found[3] or '00'}", text)
        text = re.sub(r"-0000$", "+0000", text)  # an unknown zone; read without a zone it would become the city's
    elif (found := _AMERICAN_TIME.search(text)) and int(found[1]) <= 12:
        text = f"{found[2]}/{found[1]}/{found[3]} {found[4]}"
    moment = time_expressions.read_moment(text)
    try:
        return moment.at.astimezone(UTC) if moment else None
    except OverflowError:  # the first hours of the year 1
        return None


MAX_TITLE_LENGTH = 500  # characters; a longer title is cut

_MIN_HEADLINE_WORDS = 4  # words of a headline; fewer are a site's or a section's name
_TITLE_SEPARATOR = re.compile(r"\s+(?:[|•»·]|::?|[-–—])\s+")  # between a page's headline and its site's name
_TITLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def plain_title(title: str) -> str:
    """Return ``title`` without tags and entities, on one line, in NFC, cut at ``MAX_TITLE_LENGTH``."""
    text = html.unescape(_TITLE_TAG.sub(" ", title[: MAX_TITLE_LENGTH * 20]))
    return unicodedata.normalize("NFC", " ".join(text.split()))[:MAX_TITLE_LENGTH]


def sole_headline(headings: Sequence[str]) -> str:
    """Return the headline of a page with one h1, if that is long enough, else ""."""
    texts = [" ".join(heading.split()) for heading in headings if heading.strip()]
    return texts[0] if len(texts) == 1 and len(texts[0].split()) >= _MIN_HEADLINE_WORDS else ""


def article_headline(headings: Sequence[str], titles: Sequence[str]) -> str:
    """Return the headline of an article: the h1 that the page's title repeats, since a site's name may be an h1 too;
    else the longest h1 that is long enough; else the longest part of a title; else "".

    ``headings``: the texts of the page's h1, in order; ``titles``: ``og:title`` and ``title``.
    """
    texts = [" ".join(heading.split()) for heading in headings if heading.strip()]
    values = [f" {fold(title)} " for title in titles if title.strip()]
    repeated = [
        text for text in texts if len(text.split()) >= 2 and any(f" {fold(text)} " in title for title in values)
    ]
    if repeated:
        best = max(repeated, key=len)
        if len(best.split()) >= _MIN_HEADLINE_WORDS or len(texts) > 1:
            return best
    best = max(texts, key=len, default="")
    if len(best.split()) >= _MIN_HEADLINE_WORDS:
        return best
    parts = [part.strip() for title in titles for part in _TITLE_SEPARATOR.split(" ".join(title.split()))]
    longest = max(parts, key=len, default="")
    return longest if len(longest.split()) >= _MIN_HEADLINE_WORDS else texts[0] if texts else ""
