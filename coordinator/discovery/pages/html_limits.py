"""Limits of the depth, width and length of HTML, beyond which a page is cut off before it is parsed.

Both parsers take time that grows with the square of the depth of blocks, of formatting elements left open (each new
paragraph opens them all again), and of the attributes of one tag. A hostile page of half a megabyte would block a
process for minutes. Real pages are far from these limits; the part before the cut is still read.
"""

import re
from collections import Counter

import numpy as np

MAX_DEPTH = 800  # blocks inside each other
MAX_REOPENED = 100_000  # formatting elements that a parser must open again, over the whole page
MAX_ATTRIBUTES = 1000  # of one tag
# Elements; each takes half a kilobyte of each parser's tree, and real pages have a tenth of the number.
MAX_ELEMENTS = 60_000

# A fast check finds nearly every page that need not be read tag by tag. It counts bytes, of which there are at least as
# many as characters, and beginnings of tags; it has false positives but no false negatives.
_MANY_TAGS = 5000  # fewer cannot exceed the depth
# Fewer formatting elements than these with attributes are harmless; equal ones are opened again at most three times.
_MANY_FORMATS = 200
_LONG_PAGE = 256_000  # characters; on shorter pages attributes after quoted brackets are harmless
_LONG_PIECE = 3000  # bytes
_LEAST = 3  # bytes of a tag
# The beginnings of formatting elements with attributes: names of one letter, and names that begin with these two
# letters. First by the two bytes after the bracket, which has false positives, then by the whole name.
_OPEN_FORMAT = re.compile(rb"<(?:[biusBIUS][\s/]|[eEtTbBcCfFnNsS](?:[mM]|[tT]|[iI][gG]|[oO]|[tT][rR])[a-zA-Z]*[\s/])")

_TAG = re.compile(
    r"<(?:!--.*?(?:-->|\Z)"
    r"|(?P<raw>script|style|textarea|title|xmp|noembed|noframes|iframe)\b(?P<within>[^>]{0,2000})>.*?(?:</(?P=raw)\b|\Z)"
    r"|(?P<close>/?)(?P<name>[a-z][^\s/>]*))",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"[\s/]*=?[^\s/>=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*)?)?")
_FORMATS = frozenset(("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"))
# Void elements, and those that a parser closes when the next one begins.
_FLAT = re.compile(
    r"area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|td|tr|th|dt|dd|option|optgroup|tbody"
    r"|thead|tfoot|rp|rt|html|head|body|colgroup|frame|keygen|span|a"
)


_LIKE_FORMAT = np.zeros(1 << 16, dtype=np.bool_)
for _name in ("b ", "i ", "u ", "s ", "em", "tt", "bi", "co", "fo", "no", "sm", "st"):
    for _first in {_name[0], _name[0].upper()}:
        for _second in {_name[1], _name[1].upper()} if _name[1] != " " else set(" \t\n\r\f\v/"):
            _LIKE_FORMAT[ord(_first) << 8 | ord(_second)] = True


def _needs_limiting(raw: bytes) -> bool:
    """Whether a page must be read tag by tag; false for nearly all."""
    if len(raw) < _LEAST:
        return False
    opens = (np.frombuffer(raw, dtype=np.uint8) == ord("<")).nonzero()[0]
    if opens.size >= _MANY_TAGS:
        return True
    long = (opens[1:] - opens[:-1] > _LONG_PIECE).nonzero()[0].tolist()
    if opens.size and len(raw) - int(opens[-1]) > _LONG_PIECE:
        long.append(-1)  # the last piece
    for at in opens[long].tolist() if long else ():
        if raw[at + 1 : at + 2].isalpha() and raw.find(b">", at, at + _LONG_PIECE + 2) < 0:
            return True
    # The two bytes after each byte as one number, without a copy.
    pairs = np.ndarray(len(raw) - 2, dtype=">u2", buffer=raw, offset=1, strides=(1,))
    names = pairs[opens[: opens.searchsorted(pairs.size)]]
    if int(np.count_nonzero(_LIKE_FORMAT[names])) <= _MANY_FORMATS:
        return False
    return len(_OPEN_FORMAT.findall(raw)) > _MANY_FORMATS


def _attributes_from(html: str, at: int) -> tuple[int, int]:
    """Return the end and the number of the attributes that begin at ``at``; stops beyond the limit."""
    count = 0
    while count <= MAX_ATTRIBUTES and (found := _ATTRIBUTE.match(html, at)) is not None:
        count += 1
        at = found.end()
    return at, count


def limit_html(html: str, raw: bytes | None = None) -> str:
    """Return the page, cut off where it exceeds the limits; nearly always unchanged. ``raw``: the page in UTF-8, where
    available."""
    if len(html) <= _LONG_PAGE and not _needs_limiting(html.encode("utf-8", "surrogatepass") if raw is None else raw):
        return html
    depth = formats = reopened = elements = at = 0
    names: Counter[str] = Counter()
    while (found := _TAG.search(html, at)) is not None:
        at = found.end()
        if found["raw"] is not None and _attributes_from(found["within"], 0)[1] > MAX_ATTRIBUTES:
            return html[: found.start()]
        if found["name"] is None:
            continue
        at, attributes = _attributes_from(html, at)
        name = found["name"].lower()
        elements += not found["close"]
        # An end tag closes only its own kind, so that unmatched ones cannot hide open elements.
        step = 1 if not found["close"] else -1 if names[name] else 0
        if name in _FORMATS:
            formats += step
        else:
            reopened += formats
            if not _FLAT.fullmatch(name):
                depth += step
        names[name] += step
        if depth > MAX_DEPTH or reopened > MAX_REOPENED or attributes > MAX_ATTRIBUTES or elements > MAX_ELEMENTS:
            return html[: found.start()]
    return html
