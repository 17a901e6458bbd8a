"""Titles as plain text: they arrive with markup, entities and line breaks."""

import html
import re
import unicodedata

LONGEST = 500  # characters; the rest of a longer one is no title

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def plain(title: str) -> str:
    """``title`` without tags and entities, on one line, in composed form, cut at ``LONGEST``."""
    text = html.unescape(_TAG.sub(" ", title[: LONGEST * 20]))
    return unicodedata.normalize("NFC", " ".join(text.split()))[:LONGEST]
