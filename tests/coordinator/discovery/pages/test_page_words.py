"""The skim of a page: all words, separated as readers see them, and their regions."""

import random

import pytest

from benchmarks.corpus.bulletins import bulletins
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.newspages import news_page, other_article
from campaigns.matching.fingerprints import fold, grams, tokenize
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, RawPageText
from coordinator.discovery.pages.page import parse_page

URL = "https://tinvui.example/bai.html"
POOL = bulletins(60)


def skimmed(html: str) -> RawPageText:
    page = parse_page(html, URL)
    assert page.read_skim is not None
    return page.read_skim()


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p><b>H</b>à <i>N</i>ội</p>", "ha noi"),
        ("<ul><li>một</li><li>hai</li></ul>", "mot hai"),
        ("<div>một<p>hai</p>ba</div>", "mot hai ba"),
        ("<div>một<br>hai</div>", "mot hai"),
        ("<div><span>một</span><span>hai</span></div>", "mothai"),
        ("<p>một</p><script>var a = 1;</script>hai", "mot hai"),
        ("<p>một <script></script>hai</p>", "mot hai"),
        ("<style>p {}</style>một", "mot"),
        ("<p>một</p><noscript><p>hai</p></noscript>", "mot hai"),
        ("<p>một <!-- hai --> ba</p>", "mot ba"),
        ("", ""),
    ],
)
def test_words_are_parted_as_readers_see_them(html: str, words: str) -> None:
    assert fold(skimmed(f"<body>{html}</body>").text) == words


@pytest.mark.parametrize("style", STYLES)
def test_every_run_of_words_of_the_main_text_is_a_run_of_the_skim(style: str) -> None:
    for number, bulletin in enumerate(POOL[:6]):
        article = Article(bulletin.title, bulletin.lead, bulletin.lines, others=random.Random(number).sample(POOL, 6))
        pages = [STYLES[style](article)]
        if style != "noscript":
            pages.append(news_page(other_article(bulletin), style, 50_000, number, POOL[10:16]))
        for html in pages:
            page = parse_page(html, URL)
            assert page.read_skim is not None
            mine = set(grams(tokenize(page.read_skim().text).words).tolist())
            main = grams(tokenize(page.text).words).tolist()
            # At the joints where the extractor left something out a few runs are of its own making.
            blocks = page.text.count("\n") + 1
            assert sum(run not in mine for run in main) <= 6 * blocks
            assert sum(run in mine for run in main) >= 0.8 * len(main)


def test_parts_stand_where_the_walk_through_the_page_says_they_do() -> None:
    html = STYLES["boxes inside"](Article("Đầu đề", "Dẫn", ["Một", "Hai"], others=POOL[:4]))
    page = parse_page(html.replace("<h4>", '<div hidden>ẩn</div><svg><text>hình</text></svg><h4 id="x">'), URL)
    assert page.read_skim is not None
    skim = page.read_skim()
    ends = [*skim.starts[1:], len(skim.text)]
    where = {
        skim.text[start:end].strip(): skim.beside(part)
        for part, (start, end) in enumerate(zip(skim.starts, ends, strict=True))
        if skim.text[start:end].strip()
    }
    assert len(where) > 15
    walked = {block.text: block.region in NON_ARTICLE_REGIONS for block in page.blocks}
    common = where.keys() & walked.keys()
    assert {text: where[text] for text in common} == {text: walked[text] for text in common}
    assert where["ẩn"]
    assert where["hình"]
    assert not where["Một"]
    assert where[POOL[0].title]
