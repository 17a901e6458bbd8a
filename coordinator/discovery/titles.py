"""Titles as plain text: they arrive with markup, entities and line breaks; and which of a page's is its headline."""

import html
import re
import unicodedata
from collections.abc import Sequence

from campaigns.tracking.fingerprints import fold

LONGEST = 500  # characters; the rest of a longer one is no title

_LEAST_WORDS = 4  # of a headline; fewer are a site's or a section's name
_PARTS = re.compile(r"\s+(?:[|•»·]|::?|[-–—])\s+")  # between a page's headline and its site's name
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def plain(title: str) -> str:
    """``title`` without tags and entities, on one line, in composed form, cut at ``LONGEST``."""
    text = html.unescape(_TAG.sub(" ", title[: LONGEST * 20]))
    return unicodedata.normalize("NFC", " ".join(text.split()))[:LONGEST]


def sole_headline(headings: Sequence[str]) -> str:
    """The headline of a page with one h1, if that is long enough: its titles need not be asked then. Else ""."""
    texts = [" ".join(one.split()) for one in headings if one.strip()]
    return texts[0] if len(texts) == 1 and len(texts[0].split()) >= _LEAST_WORDS else ""


def headline_of(headings: Sequence[str], titles: Sequence[str]) -> str:
    """The headline of an article: the h1 that the page's title repeats, since a site's name may be an h1 too; else the
    longest that is long enough to be one; else the longest part of a title. "" for none.

    ``headings``: what the page's h1 say, in order; ``titles``: ``og:title`` and ``title``.
    """
    texts = [" ".join(one.split()) for one in headings if one.strip()]
    said = [f" {fold(title)} " for title in titles if title.strip()]
    repeated = [one for one in texts if len(one.split()) >= 2 and any(f" {fold(one)} " in title for title in said)]
    if repeated:
        best = max(repeated, key=len)
        if len(best.split()) >= _LEAST_WORDS or len(texts) > 1:
            return best
    best = max(texts, key=len, default="")
    if len(best.split()) >= _LEAST_WORDS:
        return best
    parts = [part.strip() for title in titles for part in _PARTS.split(" ".join(title.split()))]
    longest = max(parts, key=len, default="")
    return longest if len(longest.split()) >= _LEAST_WORDS else texts[0] if texts else ""
