"""A judge of pages as plain as the task allows: the baseline that the product's judge is measured against.

One step follows another, each written the obvious way: parse once by lexbor, main text by resiliparse, words hashed in
arrays, winnowed, looked up in one sorted array, exact cover of the bulletins found, explain-away, source and time from
the document. It writes the lines of ``lantoa check`` that accuracy is measured by.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import numpy as np
from numpy.typing import NDArray
from resiliparse.extract.html2text import extract_plain_text
from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks.corpus.bulletins import NAMES, Bulletin
from benchmarks.verdicts import Page, Verdict

Words = NDArray[np.uint64]
Hashes = NDArray[np.int64]

GRAM, WINDOW, PAGE_WINDOW, COVER_GRAM = 6, 16, 7, 5
LEAST_SHARED, CANDIDATES = 2, 60
RUN = 12  # words in a run that formulas do not reach

_GONE = [*range(0x300, 0x370), *range(0x200B, 0x200E), *range(0x2060, 0x2065), 0xFEFF, 0xAD]
_FOLD: dict[int, str | None] = dict.fromkeys(_GONE)
for _code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
    _parts = unicodedata.normalize("NFD", chr(_code))
    _FOLD[_code] = "".join(part for part in _parts if not unicodedata.combining(part)).lower()
for _code in map(ord, "đĐð"):
    _FOLD[_code] = "d"
for _code in list(_FOLD):
    _FOLD[_code] = "i" if _FOLD[_code] == "y" else _FOLD[_code]
_FOLD[ord("y")] = "i"
_TOKEN = re.compile(r"[^\W_]+")


_LETTER = np.array([chr(code).isalnum() for code in range(0x10000)])
_BASE = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.cumprod(np.full(1 << 16, _BASE, dtype=np.uint64))
_INVERSES = np.cumprod(np.full(1 << 16, pow(int(_BASE), -1, 1 << 64), dtype=np.uint64))


def fold(text: str) -> str:
    """The text in lower case without marks; offsets are its own, not the text's."""
    return text.translate(_FOLD)


def words_of(folded: str) -> Words:
    """The hash of each word: its letters as digits of a number, all words at once as differences of one running sum."""
    codes = np.frombuffer(folded.encode("utf-32-le", "replace"), dtype=np.uint32)[: _POWERS.size]
    edges = np.flatnonzero(
        np.diff(np.concatenate(([False], _LETTER[np.minimum(codes, 0xFFFF)], [False])).astype(np.int8))
    )
    starts, ends = edges[::2], edges[1::2]
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes * _POWERS[: codes.size], dtype=np.uint64)))
    return (sums[ends] - sums[starts]) * _INVERSES[np.minimum(starts, _INVERSES.size - 1)]


def grams(words: Words, size: int) -> Hashes:
    """The hash of every run of ``size`` words."""
    if 0 < words.size < size:
        words = np.concatenate([words, np.zeros(size - words.size, dtype=np.uint64)])
    count = max(0, words.size - size + 1)
    mixed = words[:count].copy()
    for step in range(1, size):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[step : step + count]
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(1)).astype(np.int64)


def winnow(hashes: Hashes, window: int) -> Hashes:
    """The smallest of every ``window`` neighbours, each once."""
    if hashes.size <= window:
        return hashes.min(keepdims=True) if hashes.size else hashes
    return np.unique(np.lib.stride_tricks.sliding_window_view(hashes, window).min(axis=1))


@dataclass(frozen=True)
class Prepared:
    """A bulletin ready for comparison: its words ``[head, count)`` are the body's."""

    bulletin: Bulletin
    title: int
    head: int
    count: int
    cover: Hashes = field(repr=False)
    kept: Hashes = field(repr=False)


def prepare(bulletin: Bulletin) -> Prepared:
    """Prepare a bulletin."""
    title = words_of(fold(bulletin.title)).size
    head = words_of(fold(f"{bulletin.title}\n{bulletin.lead}"))
    words = np.concatenate([head, words_of(fold(bulletin.text))])
    kept = winnow(grams(words, GRAM), WINDOW)
    return Prepared(bulletin, title, head.size, words.size, grams(words, COVER_GRAM), kept)


@dataclass
class Find:
    """A bulletin on a page: which of its runs are there, and the class."""

    prepared: Prepared
    hits: NDArray[np.bool_]
    match: str
    share: float
    longest: int


def covered_words(hits: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """The words that the runs found cover."""
    covered = np.zeros(max(count, hits.size + COVER_GRAM), dtype=np.bool_)
    for step in range(COVER_GRAM):
        covered[step : step + hits.size] |= hits
    return covered[:count]


def stretches(covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The lengths of the unbroken stretches of covered words."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], covered, [False])).astype(np.int8)))
    lengths: NDArray[np.int64] = edges[1::2] - edges[::2]
    return lengths


def classify(prepared: Prepared, hits: NDArray[np.bool_]) -> Find:
    """The class of what is on the page."""
    covered = covered_words(hits, prepared.count)
    body, head = covered[prepared.head :], covered[: prepared.head]
    lengths = stretches(body)
    total = max(1, body.size)
    c5, n12 = int(body.sum()) / total, int(lengths[lengths >= RUN].sum())
    c12, longest = n12 / total, int(lengths.max(initial=0))
    if c12 >= 0.70 or (c5 >= 0.70 and c12 >= 0.40) or c5 >= 0.90:
        match = "full"
    elif (c12 >= 0.25 and n12 >= 60) or (c5 >= 0.45 and body.size >= 120):
        match = "partial"
    elif n12 >= 30 and longest >= 25:
        match = "excerpt"
    elif int(stretches(head).max(initial=0)) >= 10:
        match = "teaser"
    else:
        match = "none"
    return Find(prepared, hits, match, float(covered.mean()), longest)


_NAMED = re.compile(
    r"(?:theo|nguon(?: tin| bai)?|trich(?: nguon)?|dan (?:nguon|lai)|(?:xem|link|doc) bai goc)\W{0,4}(.{3,90})"
)
_HOUR = r"(?P<h>[01]?\d|2[0-3])\s*(?:[:h]|giờ)\s*(?P<mi>[0-5]\d)?(?:\s*phút)?"
_DAY = (
    r"(?:ngày\s*)?(?P<d>0?[1-9]|[12]\d|3[01])\s*(?:[/.\-]|tháng)\s*(?P<m>0?[1-9]|1[0-2])"
    r"\s*(?:[/.\-]|năm)\s*(?P<y>20\d\d)"
)
_SHOWN = (
    re.compile(rf"{_DAY}(?:[^\w]{{0,6}}(?:lúc\s*)?{_HOUR})?", re.IGNORECASE),
    re.compile(rf"{_HOUR}\s*(?:[,|\-–]\s*)?(?:thứ\s+\w+|chủ\s+nhật)?[\s,|\-–]*{_DAY}", re.IGNORECASE),
)
_DECLARED = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
_BESIDE = re.compile(r"related|lien-?quan|most|doc-?nhieu|tin-?moi|latest|side-?bar|menu|comment|binh-?luan|footer")


def _is_beside(node: LexborNode) -> bool:
    above: LexborNode | None = node
    while above is not None and above.tag not in {"body", "article"}:
        marks = f"{above.attributes.get('class') or ''} {above.attributes.get('id') or ''}"
        if above.tag in {"nav", "aside", "footer"} or _BESIDE.search(marks):
            return True
        above = above.parent
    return False


def published(tree: LexborHTMLParser, text: str) -> str | None:
    """The publication time: from data, a meta element, a time element, or the text's beginning."""
    for script in tree.css('script[type="application/ld+json"]'):
        if found := _DECLARED.search(script.text()):
            return found[1]
    for selector, name in (("meta[property='article:published_time']", "content"), ("time[datetime]", "datetime")):
        node = tree.css_first(selector)
        if node is not None and (value := node.attributes.get(name)):
            return value
    for pattern in _SHOWN:
        if match := pattern.search(text[:3000]):
            part = match.groupdict()
            try:
                at = datetime(int(part["y"]), int(part["m"]), int(part["d"]), int(part["h"] or 0), int(part["mi"] or 0))  # noqa: DTZ001  # shown as it stands
            except ValueError:
                continue
            return at.isoformat() + "+07:00"
    return None


class PlainJudge:
    """Judges pages against all bulletins; ``names``: ours."""

    def __init__(self, known: Iterable[Bulletin], names: Sequence[str]) -> None:
        self.known = [prepare(bulletin) for bulletin in known]
        self.names = sorted((" ".join(_TOKEN.findall(fold(name))) for name in names), key=len, reverse=True)
        hashes = np.concatenate([np.empty(0, dtype=np.int64), *(one.kept for one in self.known)])
        order = np.argsort(hashes, kind="stable")
        self.hashes = hashes[order]
        sizes = [one.kept.size for one in self.known]
        self.owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        self.sizes = np.array(sizes)
        self.hosts = {urlsplit(one.bulletin.url).netloc for one in self.known}

    def candidates(self, hashes: Hashes) -> list[Prepared]:
        """The bulletins that share two hashes or all they have, the most first."""
        low, high = self.hashes.searchsorted(hashes), self.hashes.searchsorted(hashes, side="right")
        parts = [self.owners[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if a < b]
        if not parts:
            return []
        owners, counts = np.unique(np.concatenate(parts), return_counts=True)
        enough = (counts >= LEAST_SHARED) | (counts >= self.sizes[owners])
        owners, counts = owners[enough], counts[enough]
        return [self.known[at] for at in owners[np.lexsort((owners, -counts))][:CANDIDATES].tolist()]

    def find(self, words: Words) -> list[Find]:
        """What is on a page with these words, the best explained first."""
        runs = np.unique(grams(words, COVER_GRAM))
        finds = []
        for prepared in self.candidates(winnow(grams(words, GRAM), PAGE_WINDOW)):
            hits = runs[np.minimum(runs.searchsorted(prepared.cover), runs.size - 1)] == prepared.cover
            found = classify(prepared, hits)
            if found.match != "none":
                finds.append(found)
        if len(finds) < 2:
            return finds
        every = np.concatenate([np.unique(found.prepared.cover[found.hits]) for found in finds])
        known, times = np.unique(every, return_counts=True)

        def evidence(found: Find) -> float:
            mine = np.unique(found.prepared.cover[found.hits])
            return float((1 / times[known.searchsorted(mine)]).sum())

        credited, taken = [], np.empty(0, dtype=np.int64)
        for found in sorted(finds, key=evidence, reverse=True):
            left = found.hits & ~np.isin(found.prepared.cover, taken)
            again = found if not taken.size or left.sum() == found.hits.sum() else classify(found.prepared, left)
            if again.match != "none":
                credited.append(found if again.match == found.match else again)
                taken = np.concatenate([taken, found.prepared.cover[found.hits]])
        return credited

    def __call__(self, html: str, url: str) -> list[dict[str, Any]]:
        """The lines for a page."""
        tree = LexborHTMLParser(html)
        main = extract_plain_text(
            html, main_content=True, preserve_formatting=True, list_bullets=False, alt_texts=False
        )
        heading = tree.css_first("h1") or tree.css_first("title")
        headline = heading.text() if heading is not None else ""
        finds = self.find(words_of(fold(f"{headline}\n{main}")))
        shown = tree.body.text(separator="\n") if finds and tree.body is not None else main
        at = published(tree, shown)
        times = {"published_at": at, "published_at_from": "page" if at else None}
        links = self._links(tree, url) if finds else []
        return [
            {
                "bulletin": found.prepared.bulletin.id,
                "match": found.match,
                "share": round(found.share, 4),
                "longest_run": found.longest,
                "reasons": [found.match],
                **self._source(links, found.prepared.bulletin, main),
                **times,
            }
            for found in finds
        ]

    def _links(self, tree: LexborHTMLParser, url: str) -> list[SplitResult]:
        links = ((link, link.attributes["href"] or "") for link in tree.css("a[href]"))
        return [
            urlsplit(urljoin(url, href))
            for link, href in links
            if any(host in href for host in self.hosts) and not _is_beside(link)
        ]

    def _source(self, links: Sequence[SplitResult], bulletin: Bulletin, main: str) -> dict[str, str | None]:
        ours = urlsplit(bulletin.url)
        found: dict[str, str | None] = {"attribution": "none", "source_name": None, "source_link": None}
        for target in links:
            if target.netloc.removeprefix("www.") == ours.netloc:
                same = target.path.rstrip("/") == ours.path.rstrip("/")
                found["attribution"] = "linked_at_end" if same else "home_page_only"
                found["source_link"] = target.geturl()
                if same:
                    return found
        if found["source_link"]:
            return found
        tail = " ".join(main.split())[-600:]
        if f"{ours.netloc}{ours.path}" in tail:
            return {**found, "attribution": "url_text_only"}
        for line in reversed(list(_NAMED.finditer(fold(tail)))):
            name = " ".join(_TOKEN.findall(line[1]))
            ours_named = next((known for known in self.names if name.startswith(known)), None)
            return {**found, "attribution": "named_only" if ours_named else "named_other_source", "source_name": name}
        return found


def judged(known: Iterable[Bulletin], pages: Iterable[Page], names: Sequence[str] = NAMES) -> dict[str, list[Verdict]]:
    """``verdicts.judged`` by the plain judge: ``python -m benchmarks.accuracy --plain edits strangers``."""
    judge = PlainJudge(known, names)
    return defaultdict(list, {page.id: judge(page.html, page.url) for page in pages})
