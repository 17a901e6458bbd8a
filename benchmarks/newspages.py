"""News pages of the size and the make of real ones: a little text in a lot of markup, scripts, styles and boxes.

The article stands in one of the frames of ``corpus.styles``. Articles, announcements and what a site says of itself are
put together from sentences written for this project (``corpus.sentences``). Around the article comes what a newsroom's
system puts on each of its pages: a menu of every section, boxes of other articles with pictures in five sizes, inline
styles, scripts, data for scripts, drawings. By bytes a page of 170 kB is about half scripts, styles and data and a
third boxes and menus, and it holds some 1,300 elements; the shares are what is known of Vietnamese news sites, no page
is copied.
"""

import json
import random
from collections.abc import Sequence
from functools import cache

from benchmarks.corpus.bulletins import NAME, Bulletin
from benchmarks.corpus.news import article as news_article
from benchmarks.corpus.news import site_lines
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.corpus.topics import TOPICS
from benchmarks.corpus.words import headline

LARGE, MIDDLING = 170_000, 50_000  # bytes
LIGHT_TEASERS = 34  # announcements of a light page, whatever its size
_ANNOUNCED = 500  # others' articles that boxes announce
_WORDS = ("thoi-su", "the-gioi", "kinh-doanh", "giai-tri", "the-thao", "phap-luat", "giao-duc", "suc-khoe", "du-lich")
_SIZES = ((160, 96), (300, 180), (450, 270), (680, 408), (1020, 612))
_NAMES = ("slot", "zone", "user", "cfg", "queue", "cb", "node", "evt", "idx", "opt", "ads", "hub", "key", "ref")


@cache
def _announced(number: int) -> Bulletin:
    return news_article(f"box {number}", 1)


def _picture(dice: random.Random) -> str:
    stem = f"https://cdn.trang.example/anh/2026/11/{dice.randrange(10**9):09d}"
    sources = ", ".join(f"{stem}-{width}x{height}.jpg {width}w" for width, height in _SIZES[: dice.randint(2, 4)])
    return (
        f'<picture><source data-srcset="{sources}" type="image/webp"><img class="lazy" loading="lazy" width="300" '
        f'height="180" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" '
        f'data-src="{stem}.jpg" alt=""></picture>'
    )


def _item(dice: random.Random, title: str, lead: str) -> str:
    path = f"/{dice.choice(_WORDS)}/bai-{dice.randrange(10**7)}.html"
    return (
        f'<div class="item-news thumb-left" data-id="{dice.randrange(10**7)}" data-track="box_{dice.randrange(40)}">'
        f'<div class="thumb-art"><a class="thumb" href="{path}" title="{title}">{_picture(dice)}</a></div>'
        f'<h3 class="title-news"><a href="{path}" data-medium="Item-{dice.randrange(90)}">{title}</a></h3>'
        f'<p class="description"><a href="{path}">{lead}</a></p><div class="meta-news"><span class="time-public">'
        f'{dice.randrange(24)}:{dice.randrange(60):02d}</span><a class="count_cmt" href="{path}#cmt"><svg class="ic">'
        f'<use xlink:href="#Comment"></use></svg><span>{dice.randrange(200)}</span></a></div></div>'
    )


def _menu(dice: random.Random, sections: int) -> str:
    parts = []
    for number in range(sections):
        topic = TOPICS[number % len(TOPICS)]
        inner = "".join(
            f'<li class="sub-item"><a href="/{dice.choice(_WORDS)}/{dice.randrange(10**4)}" '
            f'data-itm="{dice.randrange(99)}">'
            f"{' '.join(headline(dice, topic).split()[:3])}</a></li>"
            for _ in range(7)
        )
        parts.append(
            f'<li class="menu-item has-child" data-id="{number}"><a href="/{dice.choice(_WORDS)}">'
            f'{" ".join(headline(dice, topic).split()[:2])}</a><ul class="sub">{inner}</ul></li>'
        )
    return f'<nav class="main-nav"><ul class="parent">{"".join(parts)}</ul></nav>'


def _script(dice: random.Random, size: int) -> str:
    lines: list[str] = []
    length = 0
    while length < size:
        text, other = dice.choice(_NAMES), dice.choice(_NAMES)
        line = (
            f'function {text}{dice.randrange(999)}(e,t){{var {other}=document.querySelector(".{text}-{other}");'
            f"if(!{other}||e<{dice.randrange(99)}&&t){{return window.{text}=window.{text}||[],window.{text}.push("
            f'{{"{other}":{dice.randrange(10**6)},html:"<div class=\\"{text}\\"><\\/div>"}})}}'
            f'{other}.innerHTML=e.map(function(n){{return n.{text}}}).join("")}}'
        )
        lines.append(line)
        length += len(line)
    return f"<script>{';'.join(lines)}</script>"


def _style(dice: random.Random, size: int) -> str:
    rules: list[str] = []
    length = 0
    while length < size:
        text, other = dice.choice(_NAMES), dice.choice(_NAMES)
        rule = (
            f".{text}-{other}>.{other}:not(.{text}){{display:flex;margin:0 {dice.randrange(40)}px;"
            f"color:#{dice.randrange(4096):03x};transition:all .{dice.randrange(9)}s ease-in-out;"
            f"background:url(/i/{text}{dice.randrange(99)}.svg) 0 0}}"
        )
        rules.append(rule)
        length += len(rule)
    return f"<style>{''.join(rules)}</style>"


def _drawings(dice: random.Random, count: int) -> str:
    icons = "".join(
        f'<symbol id="Icon{number}" viewBox="0 0 32 32"><path d="M'
        + "".join(f"{dice.random() * 32:.2f} {dice.random() * 32:.2f}c" for _ in range(24))
        + 'z" fill="currentColor"></path></symbol>'
        for number in range(count)
    )
    return f'<svg style="display:none" xmlns="http://www.w3.org/2000/svg">{icons}</svg>'


def _data(dice: random.Random, others: Sequence[tuple[str, str]], count: int) -> str:
    rows = [
        {
            "id": dice.randrange(10**7),
            "title": title,
            "share": f"/s/{dice.randrange(10**6)}",
            "cate": dice.choice(_WORDS),
        }
        for title, _ in (others[number % len(others)] for number in range(count))
    ]
    return f'<script id="__STATE__" type="application/json">{json.dumps({"props": rows}, ensure_ascii=False)}</script>'


def _head(dice: random.Random, article: Article) -> str:
    values = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": article.title,
        "description": article.lead, "image": [f"https://cdn.trang.example/anh/{number}.jpg" for number in (1, 2, 3)],
        "datePublished": "2026-11-24T07:30:00+07:00", "dateModified": "2026-11-24T08:02:00+07:00",
        "author": {"@type": "Person", "name": "Phóng viên"},
        "publisher": {"@type": "Organization", "name": "Trang Tin", "logo": {"@type": "ImageObject", "url": "/a.png"}},
    }  # fmt: skip
    metas = "".join(
        f'<meta property="{name}" content="{value}">'
        for name, value in (
            ("og:title", article.title), ("og:description", article.lead), ("og:type", "article"),
            ("og:image", "https://cdn.trang.example/anh/1.jpg"),
            ("article:published_time", "2026-11-24T07:30:00+07:00"),
            ("article:section", dice.choice(_WORDS)), ("fb:app_id", "1547540628876392"), ("twitter:card", "summary"),
        )
    )  # fmt: skip
    links = "".join(f'<link rel="preload" as="script" href="/j/{name}.js">' for name in _NAMES)
    return f'{metas}{links}<script type="application/ld+json">{json.dumps(values, ensure_ascii=False)}</script>'


def news_page(article: Article, style: str, size: int, seed: int, teasers: Sequence[Bulletin] = ()) -> str:
    """A page of about ``size`` bytes with the article in a frame of ``STYLES``; ``teasers``: ours, among the boxes."""
    dice = random.Random(f"page {seed}")  # made-up text, not a secret
    html = STYLES[style](article)
    boxes = [(bulletin.title, bulletin.lead) for bulletin in teasers]
    wanted = max(8, size // 3000)
    while len(boxes) < wanted:
        other = _announced(dice.randrange(_ANNOUNCED))
        boxes.append((other.title, other.lead))
    dice.shuffle(boxes)
    items = [_item(dice, title, lead) for title, lead in boxes]
    third = len(items) // 3
    below = (
        f'<div class="box-category related-news"><h2>Tin liên quan</h2>{"".join(items[:third])}</div>'
        f'<div class="box-category most-view"><h2>Đọc nhiều</h2>{"".join(items[third : 2 * third])}</div>'
        f'<div class="box-category latest-news"><h2>Tin mới</h2>{"".join(items[2 * third :])}</div>'
    )
    about = "".join(f"<p>{line}</p>" for line in site_lines(random.Random(f"site {seed % 50}"), f"Tin Vui {seed % 50}"))
    above = _drawings(dice, size // 12_000) + _menu(dice, max(4, size // 11_000))
    html = html.replace("</head>", _head(dice, article) + _style(dice, size // 8) + "</head>", 1)
    below += f'{_data(dice, boxes, size // 2500)}<div class="footer-info">{about}</div>'
    html = html.replace("<footer", f"{below}<footer", 1)
    left = max(2000, size - len(html.encode()) - len(above.encode()))
    html = html.replace("</head>", _script(dice, left // 2) + "</head>", 1)
    body = html.index(">", html.index("<body")) + 1
    html = html[:body] + above + html[body:]
    return html.replace("</body>", _script(dice, left // 2) + "</body>", 1)


def light_page(article: Article, style: str, size: int, seed: int, teasers: Sequence[Bulletin] = ()) -> str:
    """A page of about ``size`` bytes of which all but the article and 34 announcements is scripts and style, half each:
    what most news sites of one system send, with a fifth of the elements of ``news_page``."""
    dice = random.Random(f"light {seed}")  # made-up text, not a secret
    html = STYLES[style](article)
    boxes = [(bulletin.title, bulletin.lead) for bulletin in teasers]
    while len(boxes) < LIGHT_TEASERS:
        other = _announced(dice.randrange(_ANNOUNCED))
        boxes.append((other.title, other.lead))
    dice.shuffle(boxes)
    items = "".join(
        f'<li><h3><a href="/bai-{dice.randrange(10**7)}.html">{title}</a></h3><p>{lead}</p></li>'
        for title, lead in boxes
    )
    html = html.replace("<footer", f'<div class="box-category latest-news"><ul>{items}</ul></div><footer', 1)
    left = max(2000, size - len(html.encode()))
    html = html.replace("</head>", _style(dice, left // 2) + "</head>", 1)
    return html.replace("</body>", _script(dice, left // 2) + "</body>", 1)


def copy_of(bulletin: Bulletin) -> Article:
    """One of ours as a partner prints it: whole, with our name and a link at the end."""
    tail = f'<p class="source">Theo <a href="{bulletin.url}">{NAME}</a></p>'
    return Article(bulletin.title, bulletin.lead, bulletin.lines, tail=tail)


def other_article(bulletin: Bulletin) -> Article:
    """Somebody else's news."""
    return Article(bulletin.title, bulletin.lead, bulletin.lines, byline="<p>Phóng viên</p>")
