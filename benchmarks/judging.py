"""Pages judged per CPU-second: the whole pipeline against trafilatura with MinHash LSH, and against a bare parse.

The other side is what is at hand for the purpose: ``trafilatura.extract(fast=True)`` for the text and datasketch's LSH
over 128 permutations of five-word runs for the look-up. It says which bulletins are like the page; it tells nothing of
how much was copied, of sources or of times. Both sides read the same pages and the same bulletins in one process.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import trafilatura
from datasketch import MinHash, MinHashLSH
from selectolax.lexbor import LexborHTMLParser

from benchmarks.corpus.bulletins import HOST, NAMES, Bulletin, make
from benchmarks.corpus.styles import STYLES
from benchmarks.measure import Line, cpu_least
from benchmarks.newspages import LARGE, MIDDLING, WRITTEN, copy_of, news_page, other_article
from campaigns.matching.candidates import HashIndex
from campaigns.matching.fingerprints import fold
from campaigns.matching.matcher import Match
from campaigns.matching.prefilter import carries_nothing
from campaigns.matching.prepared_bulletin import prepare_bulletin
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import NAMES_US, OurSource
from campaigns.republications.dating.publication_time import read_publication_time
from campaigns.republications.evidence.judgement import judge_page
from coordinator.discovery.pages.page import parse_page

BULLETINS, PAGES = 2000, 120
ROUNDS = (7, 3, 7)  # of each page: ours, theirs, which takes ten times as long, and the bare parse
LENGTHS = (450, 950)  # words of an article: 3–6 kB of text
TEASERS = 12  # of ours on a page that has any; a site that prints us announces us too
ANNOUNCED = 3  # of ten pages have them, copies and others alike
PERMUTATIONS, GRAM, LIKE = 128, 5, 0.5


@dataclass(frozen=True)
class Page:
    """A page at its address, and which bulletin it carries, "" for none."""

    url: str
    html: str
    carries: str


def pile(known: Sequence[Bulletin], size: int, every: int, count: int = PAGES) -> list[Page]:
    """So many pages of ``size`` bytes, one in ``every`` a copy of a bulletin, in all styles."""
    # Not the shell that a script fills: its boxes would be made by the script too.
    styles, pages = [name for name in STYLES if name != "noscript"], []
    for number in range(count):
        ours = known[number] if number % every == 0 else None
        dice = random.Random(f"pile {number}")
        announced = (
            [bulletin for bulletin in dice.sample(known, TEASERS) if bulletin != ours]
            if (number // 10 + number) % 10 < ANNOUNCED
            else []
        )
        article = copy_of(ours) if ours else other_article(WRITTEN[number % len(WRITTEN)])
        html = news_page(article, styles[number % len(styles)], size, number, announced)
        pages.append(Page(f"https://trang.example/{number}", html, ours.id if ours else ""))
    return pages


def _source_of(ident: str) -> OurSource:
    names = tuple(SourceName(name) for name in NAMES)
    return OurSource((f"https://{HOST}/bulletins/{ident}",), frozenset({HOST}), names)


class Ours:
    """The pipeline of ``lantoa check``, from HTML to verdicts with source and time."""

    def __init__(self, known: Sequence[Bulletin]) -> None:
        ours = [prepare_bulletin(bulletin.id, bulletin.title, bulletin.lead, bulletin.text) for bulletin in known]
        self.index = HashIndex([bulletin.fingerprint for bulletin in ours], ours.__getitem__)

    def __call__(self, one: Page) -> None:
        """Judge it; anything but the copy on it, linked and dated, is an error."""
        page = parse_page(one.html, one.url)
        found = [] if carries_nothing(page, self.index) else judge_page(page, self.index, _source_of)
        counted = [copy for copy in found if copy.match.match is not Match.TEASER]
        assert [copy.bulletin for copy in counted] == ([one.carries] if one.carries else []), (one.url, found)
        assert all(copy.attribution.attribution in NAMES_US and copy.published for copy in counted), (one.url, found)
        assert counted or read_publication_time(page, None, with_text=False) is not None, one.url


class Others:
    """trafilatura and datasketch."""

    def __init__(self, known: Sequence[Bulletin]) -> None:
        self.index = MinHashLSH(threshold=LIKE, num_perm=PERMUTATIONS)
        for bulletin in known:
            self.index.insert(bulletin.id, self._sketch(f"{bulletin.title}\n{bulletin.lead}\n{bulletin.text}"))

    @staticmethod
    def _sketch(text: str) -> MinHash:
        words = fold(text).split()
        runs = {" ".join(words[at : at + GRAM]).encode() for at in range(max(1, len(words) - GRAM + 1))}
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch(runs)
        return sketch

    def __call__(self, page: Page) -> None:
        """Extract and look up."""
        self.index.query(self._sketch(trafilatura.extract(page.html, fast=True) or ""))


def _parse(page: Page) -> None:
    LexborHTMLParser(page.html)


def run() -> list[Line]:
    """Large and middling pages: one copy in a hundred, five times as many as a city's sites print in a day; one in ten,
    as on the lists of partners that live by us; and every second page a copy."""
    known = [make(f"b{number}", random.Random(number).randint(*LENGTHS)) for number in range(BULLETINS)]
    ours, others = Ours(known), Others(known)
    lines = []
    for every, size in product((100, 10, 2), (LARGE, MIDDLING)):
        pages = pile(known, size, every)
        rate, other, bare = cpu_least([ours, others, _parse], pages, ROUNDS)
        kilobytes = sum(len(page.html.encode()) for page in pages) / len(pages) / 1000
        name = f"pages of {kilobytes:.0f} kB, one in {every} ours"
        lines += [
            Line(name, rate, "per CPU-s", other, "trafilatura + MinHash LSH"),
            Line(name, rate, "per CPU-s", bare, "bare lexbor parse"),
        ]
    return lines
