"""Pages as partners build them: the same article in a dozen frames, with menus, boxes of other articles and a footer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.corpus.bulletins import HOST, Bulletin


@dataclass(frozen=True)
class Article:
    """What a page shows. ``body`` is HTML paragraphs; ``byline`` stands between headline and lead, ``tail`` behind the
    text in its container, ``after`` behind the container, ``head`` in the page's head; all HTML."""

    title: str
    lead: str
    body: Sequence[str]
    byline: str = ""
    tail: str = ""
    after: str = ""
    head: str = ""
    others: Sequence[Bulletin] = ()
    comments: str = ""
    clock: str = ""  # what a clock in the header shows
    footer: str = ""


Frame = Callable[[Article], str]

_MENU = "".join(
    f'<li><a href="/{path}">{name}</a></li>'
    for path, name in (("thoi-su", "Thời sự"), ("doi-song", "Đời sống"), ("kinh-te", "Kinh tế"), ("the-thao", "Thể thao"))
)  # fmt: skip


def _items(others: Sequence[Bulletin], tag: str = "div") -> str:
    return "".join(
        f'<{tag} class="item-news"><a href="/bai-{bulletin.id}.html"><img src="/anh/{bulletin.id}.jpg" alt=""></a>'
        f'<h3><a href="/bai-{bulletin.id}.html">{bulletin.title}</a></h3><p class="sapo">{bulletin.lead}</p></{tag}>'
        for bulletin in others
    )


def _paragraphs(body: Sequence[str], attributes: str = "") -> str:
    return "\n".join(f"<p{attributes}>{text}</p>" for text in body)


def _document(article: Article, middle: str, lang: str = "vi") -> str:
    comments = f'<div class="comment-list"><h4>Bình luận</h4>{article.comments}</div>' if article.comments else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{article.title} | Tin Vui</title>'
        f'<meta name="description" content="{article.lead[:160]}">{article.head}<script>var muc = [1,2,3];</script></head>'
        f'<body class="single has-sidebar"><header class="site-header"><a href="/">Tin Vui</a>{article.clock}'
        f'<nav class="main-menu"><ul>{_MENU}</ul></nav></header>{middle}{comments}<footer class="site-footer">'
        f"<p>Trang thông tin điện tử tổng hợp Tin Vui, giấy phép số 00/GP-TTĐT cấp ngày 02/01/2020.</p>{article.footer}"
        f'<p>Liên kết: <a href="https://{HOST}/">Cổng thành phố</a> © 2026</p></footer></body></html>'
    )


def _aside(article: Article) -> str:
    return f'<aside class="sidebar"><h4>Đọc nhiều</h4>{_items(article.others)}</aside>' if article.others else ""


def _related(article: Article, others: Sequence[Bulletin] | None = None) -> str:
    shown = article.others if others is None else others
    return f'<div class="tin-lien-quan"><h4>Tin liên quan</h4>{_items(shown)}</div>' if shown else ""


def _article_tag(a: Article) -> str:
    return _document(
        a,
        f'<main><article class="post"><h1>{a.title}</h1>{a.byline}<p class="lead">{a.lead}</p><div class="entry-content">'
        f"{_paragraphs(a.body)}</div>{a.tail}</article>{a.after}</main>{_aside(a)}",
    )


def _div_soup(a: Article) -> str:
    return _document(
        a,
        f'<div class="wrap"><div class="row"><div class="c8"><h1>{a.title}</h1>{a.byline}<div class="b1"><b>{a.lead}</b></div>'
        f'<div class="b2">{_paragraphs(a.body)}{a.tail}</div>{a.after}</div><div class="c4">{_items(a.others)}</div></div></div>',
    )


def _line_breaks(a: Article) -> str:
    body = "<br><br>\n".join(a.body)
    return _document(
        a,
        f'<table width="100%" border="0"><tr><td valign="top"><h1>{a.title}</h1>{a.byline}<b>{a.lead}</b><br><br>{body}'
        f'<br>{a.tail}</td><td width="200">{_items(a.others)}</td></tr><tr><td>{a.after}</td></tr></table>',
    )


def _old_tables(a: Article) -> str:
    rows = "".join(f'<tr><td><font size="2" face="Arial">{text}</font></td></tr>' for text in a.body)
    return _document(
        a,
        f'<table class="khung"><tr><td><table><tr><td class="tieude"><h1>{a.title}</h1></td></tr><tr><td>{a.byline}</td></tr>'
        f'<tr><td><font size="2"><b>{a.lead}</b></font></td></tr>{rows}<tr><td align="right">{a.tail}</td></tr></table></td></tr>'
        f"<tr><td>{a.after}</td></tr></table>{_related(a)}",
    )


def _amp(a: Article) -> str:
    return _document(
        a,
        f'<amp-sidebar id="menu">Menu</amp-sidebar><article class="amp-wp-article"><h1>{a.title}</h1>{a.byline}'
        f'<div class="amp-wp-article-content"><p><strong>{a.lead}</strong></p><amp-img src="/anh/1.jpg"></amp-img>'
        f"{_paragraphs(a.body)}{a.tail}</div></article>{a.after}{_related(a)}",
    )


def _wordpress(a: Article) -> str:
    return _document(
        a,
        f'<div id="page" class="site"><div id="content"><div id="primary" class="content-area"><article id="post-77" '
        f'class="post-77 post type-post status-publish format-standard hentry"><header class="entry-header"><h1 '
        f'class="entry-title">{a.title}</h1>{a.byline}</header><div class="entry-content clearfix"><p>{a.lead}</p>'
        f'{_paragraphs(a.body)}{a.tail}<div class="sharedaddy sd-sharing-enabled"><a href="https://mang.example/share">Chia sẻ'
        f"</a></div></div></article>{a.after}<nav class='navigation post-navigation'><a href='/truoc'>Bài trước</a></nav>"
        f'</div><div id="secondary" class="widget-area"><section class="widget">{_items(a.others)}</section></div></div></div>',
    )


def _boxes_inside(a: Article) -> str:
    half = max(1, len(a.body) // 2)
    inner = _related(a, a.others[: len(a.others) // 2])
    return _document(
        a,
        f'<div class="detail"><h1 class="title-detail">{a.title}</h1>{a.byline}<h2 class="sapo">{a.lead}</h2>'
        f'<div class="fck_detail">{_paragraphs(a.body[:half])}{inner}{_paragraphs(a.body[half:])}</div>{a.tail}'
        f"{_related(a, a.others[len(a.others) // 2 :])}</div>{a.after}",
    )


def _bold_heads(a: Article) -> str:
    """A page without h1: the headline is a styled div, the text nothing but divs."""
    lines = "".join(
        f'<div style="text-align:justify"><span style="font-size:14pt">{text}</span></div>' for text in a.body
    )
    return _document(
        a,
        f'<div id="ctl00_main"><div class="tieu-de"><strong>{a.title}</strong></div>{a.byline}<div class="trichdan">{a.lead}</div>'
        f'<div id="noidung">{lines}</div>{a.tail}</div>{a.after}<ul class="cac-tin-khac">{_items(a.others, "li")}</ul>',
    )


def _paged(a: Article) -> str:
    pager = '<div class="pagination"><span>1</span><a href="?trang=2">2</a><a href="?trang=3">3</a></div>'
    return _document(
        a,
        f'<section class="content-detail"><h1>{a.title}</h1>{a.byline}<p class="desc">{a.lead}</p>{_paragraphs(a.body)}{a.tail}'
        f"{pager}</section>{a.after}{_aside(a)}",
    )


def _machine_data(a: Article) -> str:
    crumbs = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"BreadcrumbList"}</script>'
    site = (
        '<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"Tin Vui","url":"https://tinvui.example/"},'
        '{"@type":"Organization","name":"Tin Vui","foundingDate":"2019-05-05"}]}</script>'
    )
    return _document(
        a,
        f'{crumbs}{site}<main itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{a.title}</h1>{a.byline}'
        f'<div itemprop="description">{a.lead}</div><div itemprop="articleBody">{_paragraphs(a.body)}{a.tail}</div></main>'
        f"{a.after}{_aside(a)}",
    )


def _noscript(a: Article) -> str:
    """A shell that a script fills; what readers without scripts get stands in ``noscript``."""
    inner = f"<h1>{a.title}</h1>{a.byline}<p>{a.lead}</p>{_paragraphs(a.body)}{a.tail}{a.after}"
    return _document(a, f'<div id="root"></div><noscript><div class="content">{inner}</div></noscript>')


def shell(a: Article, data: str) -> str:
    """A page whose article only a script shows, with this data at the end of its body."""
    return _document(a, f'<div id="root"></div>{_related(a)}{data}')


def scripted(a: Article, size: int) -> str:
    """A page with so many characters of scripts and styles before its article."""
    script = f"<script>var goi = {{}};{'goi.chay = function(a){return a<3};' * (size // 64)}</script>"
    style = f"<style>{'.khung{color:#222}' * (size // 36)}</style>"
    return _article_tag(a).replace("</head>", f"{script}{style}</head>", 1)


def _builder(a: Article) -> str:
    """A page builder's: every part in widgets of its own."""

    def widget(kind: str, inner: str) -> str:
        return (
            f'<div class="elementor-element elementor-widget elementor-widget-{kind}"><div class="elementor-widget-container">'
            f"{inner}</div></div>"
        )

    return _document(
        a,
        f'<div class="elementor">{widget("theme-post-title", f"<h1>{a.title}</h1>")}{widget("post-info", a.byline)}'
        f"{widget('text-editor', f'<p>{a.lead}</p>')}{widget('theme-post-content', _paragraphs(a.body))}"
        f"{widget('text-editor', a.tail)}{widget('text-editor', a.after)}{widget('posts', _items(a.others, 'article'))}</div>",
    )


STYLES: dict[str, Frame] = {
    "article": _article_tag,
    "divs": _div_soup,
    "line breaks": _line_breaks,
    "old tables": _old_tables,
    "amp": _amp,
    "wordpress": _wordpress,
    "boxes inside": _boxes_inside,
    "no h1": _bold_heads,
    "paged": _paged,
    "machine data": _machine_data,
    "noscript": _noscript,
    "builder": _builder,
}
