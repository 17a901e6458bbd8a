"""Pages judged per CPU-second, against the same pipeline with trafilatura's extraction in front."""

from collections.abc import Callable
from dataclasses import replace

import trafilatura

from benchmarks.measure import Line, cpu_rate
from benchmarks.texts import bulletin, page, vocabulary
from campaigns.tracking.attribution import OurSource
from campaigns.tracking.candidates import CandidateIndex
from campaigns.tracking.judging import judge
from campaigns.tracking.naming import SourceName
from campaigns.tracking.pages import ParsedPage
from campaigns.tracking.prepared import prepare
from coordinator.discovery.page import parse_page

BULLETINS, PAGES = 2000, 150
EVERY = 10  # one page in so many carries a bulletin: even a keen partner writes most of its pages without us
BASE = "https://tin.example/bulletins/"


def run() -> list[Line]:
    """150 pages, one in ten a copy of one of 2,000 bulletins, the others about something else."""
    words = vocabulary()
    texts = [bulletin(number, words) for number in range(BULLETINS)]
    index = CandidateIndex(prepare(str(number), *text) for number, text in enumerate(texts))
    others = [(title, lead) for title, lead, _ in (bulletin(900_000 + number, words) for number in range(40))]
    pages = [
        page(*texts[number], f"{BASE}{number}", others)
        if number % EVERY == 0
        else page(*bulletin(500_000 + number, words), None, others)
        for number in range(PAGES)
    ]
    names = (SourceName("Sở Thông tin thành phố"),)

    def source(ident: str) -> OurSource:
        return OurSource((f"{BASE}{ident}",), frozenset({"tin.example"}), names)

    def ours() -> int:
        return _judge(pages, parse_page)

    def _judge(htmls: list[str], parse: Callable[[str, str], ParsedPage], sure: bool = True) -> int:
        for number, html in enumerate(htmls):
            found = judge(parse(html, f"https://trang.example/{number}"), index, source)
            wanted = [str(number)] if number % EVERY == 0 else []
            assert not sure or [one.bulletin for one in found] == wanted, (number, found)
        return len(htmls)

    def with_trafilatura(html: str, url: str) -> ParsedPage:
        parsed = parse_page(html, url)
        return replace(parsed, text=trafilatura.extract(html, url=url) or "")

    rate = cpu_rate(ours)
    other = cpu_rate(lambda: _judge(pages, with_trafilatura, sure=False))
    size = sum(len(one.encode()) for one in pages) / len(pages) / 1000
    return [Line(f"pages of {size:.0f} kB judged", rate, "per CPU-s", other, "with trafilatura", "ratio >= 3")]
