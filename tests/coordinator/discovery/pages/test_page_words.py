"""All words of a page, separated as readers see them, and those outside menus and boxes."""

import random

import pytest

from benchmarks.corpus.bulletins import bulletins
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.newspages import news_page, other_article
from campaigns.matching.fingerprints import fold, grams, tokenize
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS
from coordinator.discovery.pages.page import parse_page

URL = "https://tinvui.example/bai.html"
POOL = bulletins(60)


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
    assert fold(parse_page(f"<body>{html}</body>", URL).all_text) == words


@pytest.mark.parametrize("style", STYLES)
def test_every_run_of_words_of_the_main_text_is_a_run_of_the_whole_page(style: str) -> None:
    for number, bulletin in enumerate(POOL[:6]):
        article = Article(bulletin.title, bulletin.lead, bulletin.lines, others=random.Random(number).sample(POOL, 6))
        pages = [STYLES[style](article)]
        if style != "noscript":
            pages.append(news_page(other_article(bulletin), style, 50_000, number, POOL[10:16]))
        for html in pages:
            page = parse_page(html, URL)
            mine = set(grams(tokenize(page.all_text).words).tolist())
            main = grams(tokenize(page.text).words).tolist()
            # At the joints where the extractor left something out a few runs are of its own making.
            blocks = page.text.count("\n") + 1
            assert sum(run not in mine for run in main) <= 6 * blocks
            assert sum(run in mine for run in main) >= 0.8 * len(main)


@pytest.mark.parametrize("style", STYLES)
def test_a_text_is_outside_of_boxes_where_the_walk_through_the_page_says_so(style: str) -> None:
    html = STYLES[style](Article("Đầu đề của một bài báo dài", "Dẫn", POOL[9].lines[:3], others=POOL[:4]))
    hidden = (
        "<div hidden>Đoạn này bị ẩn đi, không ai đọc được.</div><svg><text>Chữ trong một hình vẽ nào đó</text></svg>"
    )
    page = parse_page(html.replace("</body>", f"{hidden}</body>", 1), URL)
    outside = fold(page.text_outside_boxes)
    for block in page.blocks:
        if len(block.text) > 60:
            assert (fold(block.text) in outside) == (block.region not in NON_ARTICLE_REGIONS), block
    assert fold("không ai đọc được") not in outside
    assert fold("trong một hình vẽ") not in outside
    assert fold("không ai đọc được") in fold(page.all_text)
