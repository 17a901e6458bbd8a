"""Pages judged per CPU-second: ``lantoa check`` against the plain judge and against trafilatura with MinHash LSH.

The bulletins, the articles on the pages and the announcements around them are put together from the same sentences,
which were written for this project (``corpus.sentences``), with the same formulas, names, dates and boilerplate: what
two texts share here, two texts of real news share too. Nothing of it is random words.

The peer is what is at hand for the purpose: ``trafilatura.extract(fast=True)`` for the text and datasketch's LSH over
128 permutations of five-word runs for the look-up. It says which bulletins are like the page; it tells nothing of how
much was copied, of sources or of times. All sides read the same pages, each from its line of
JSON, and the same bulletins in one process.
``LANTOA_BENCH_BULLETINS=100000`` adds a larger index than the usual ones.
"""

import io
import json
import os
import random
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import trafilatura
from datasketch import MinHash, MinHashLSH

from benchmarks.corpus.bulletins import NAMES, Bulletin
from benchmarks.corpus.news import article
from benchmarks.corpus.styles import STYLES
from benchmarks.measure import Line, cpu_least
from benchmarks.newspages import LARGE, MIDDLING, copy_of, light_page, news_page, other_article
from benchmarks.plain_judge import PlainJudge
from campaigns.matching.fingerprints import fold
from campaigns.republications.attribution.source_lines import SourceName
from coordinator.jobs.matching import json_lines
from coordinator.jobs.matching.bulletin_file import BulletinFile
from coordinator.jobs.matching.offline_check import PageJudge

BULLETINS = (1_000, 10_000)
PAGES = 100
ROUNDS = (3, 2, 1)  # of each page: ours, the plain judge, and the peer, which takes several times as long
LENGTHS = (250, 650)  # words of an article
LIGHT_SIZES, LIGHT_LENGTH = (176_000, 51_000), 400  # bytes of a light page, and words of its article
TEASERS = 12  # of ours on a page that has any; a site that prints us announces us too
ANNOUNCED = 3  # of ten pages have them, copies and others alike
PERMUTATIONS, GRAM, LIKE = 128, 5, 0.5
_FETCHED = "2026-11-24T12:00:00+07:00"


@dataclass(frozen=True)
class Page:
    """A page at its address, and which bulletin it carries, "" for none."""

    url: str
    html: str
    carries: str

    @cached_property
    def line(self) -> json_lines.Line:
        """The page as a line of a file of pages."""
        fields = {"id": self.url, "url": self.url, "html": self.html, "fetched_at": _FETCHED}
        raw = json.dumps(fields, ensure_ascii=False).encode()
        return json_lines.Line(1, raw, len(raw))


def bulletin(number: int) -> Bulletin:
    """Our bulletin of this number."""
    return article(f"b{number}", random.Random(number).randint(*LENGTHS))


def pile(known: Sequence[Bulletin], size: int, every: int, count: int = PAGES, *, light: bool = False) -> list[Page]:
    """So many pages of ``size`` bytes, one in ``every`` a copy of a bulletin, in all styles. ``light``: of few
    elements, with articles of one length."""
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
        words = LIGHT_LENGTH if light else dice.randint(*LENGTHS)
        shown = copy_of(ours) if ours else other_article(article(f"o{number}", words))
        html = (light_page if light else news_page)(shown, styles[number % len(styles)], size, number, announced)
        pages.append(Page(f"https://trang.example/{number}", html, ours.id if ours else ""))
    return pages


class Ours:
    """``lantoa check``: from a line with HTML to the lines with verdicts, sources and times."""

    def __init__(self, known: Sequence[Bulletin], folder: Path) -> None:
        path = folder / f"bulletins-{len(known)}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for one in known:
                fields = {"id": one.id, "title": one.title, "lead": one.lead, "text": one.text, "url": one.url}
                file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        names = [SourceName(name) for name in NAMES]
        known_file = BulletinFile(path, names, lambda number, error: sys.exit(f"{path}:{number}: {error}"))
        self.judge = PageJudge(known_file, io.BytesIO())  # no other pages, of which a site's template would be learned

    def __call__(self, page: Page) -> None:
        """Judge it; anything but the copy on it, linked and dated, is an error."""
        result = self.judge.judge_line(page.line)
        assert result.error is None, result.error
        verdicts = [json.loads(line) for line in result.verdicts]
        counted = [one for one in verdicts if one["match"] in {"full", "partial"}]
        assert [one["bulletin"] for one in counted] == ([page.carries] if page.carries else []), (page.url, verdicts)
        assert all(one["attribution"] == "linked_at_end" for one in counted), (page.url, verdicts)
        assert all(one["published_at"] for one in verdicts), page.url


class Plain:
    """The plain judge."""

    def __init__(self, known: Sequence[Bulletin]) -> None:
        self.judge = PlainJudge(known, NAMES)

    def __call__(self, page: Page) -> None:
        """Judge it, from the same line of JSON."""
        self.judge(json.loads(page.line.raw)["html"], page.url)


class Peer:
    """trafilatura and datasketch."""

    def __init__(self, known: Sequence[Bulletin]) -> None:
        self.index = MinHashLSH(threshold=LIKE, num_perm=PERMUTATIONS)
        for one in known:
            self.index.insert(one.id, self._sketch(f"{one.title}\n{one.lead}\n{one.text}"))

    @staticmethod
    def _sketch(text: str) -> MinHash:
        words = fold(text).split()
        runs = {" ".join(words[at : at + GRAM]).encode() for at in range(max(1, len(words) - GRAM + 1))}
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch(runs)
        return sketch

    def __call__(self, page: Page) -> None:
        """Extract and look up."""
        html = json.loads(page.line.raw)["html"]
        self.index.query(self._sketch(trafilatura.extract(html, fast=True) or ""))


def run() -> Iterator[Line]:
    """Large and middling pages, with one copy in a hundred, five times as many as a city's sites print in a day, and
    one in ten, as on the lists of partners that live by us; against indexes of several sizes."""
    sizes = (*BULLETINS, *(int(text) for text in os.environ.get("LANTOA_BENCH_BULLETINS", "").split()))
    known = [bulletin(number) for number in range(max(sizes))]
    with tempfile.TemporaryDirectory() as folder:
        for count in sizes:
            ours, plain, peer = Ours(known[:count], Path(folder)), Plain(known[:count]), Peer(known[:count])
            kinds = [(every, size, False) for every, size in product((100, 10), (LARGE, MIDDLING))]
            for every, size, light in [*kinds, *((100, size, True) for size in LIGHT_SIZES)]:
                pages = pile(known[:1000], size, every, light=light)
                rate, other, least = cpu_least([ours, plain, peer], pages, ROUNDS)
                kilobytes = sum(len(page.html.encode()) for page in pages) / len(pages) / 1000
                name = (
                    f"{count:,} bulletins, {'light ' if light else ''}pages of {kilobytes:.0f} kB, one in {every} ours"
                )
                yield Line(name, rate, "per CPU-s", least, "trafilatura + MinHash LSH", "≥ 5")
                yield Line(name, rate, "per CPU-s", other, "the plain judge", "≥ 1")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Line("peak memory of all sides together", peak, "MB")
