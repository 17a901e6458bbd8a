"""Whole pages as Vietnamese sites of each kind build them: where each puts the headline, the time and the source line.

The other styles take any source line in any frame; here every frame has its own ways, with everything around that could
be taken for the article's: other bulletins of ours with our name under them, clocks, comments, advertisements, a related
list between the text and its source line. In ``source`` there is what the frame wrote for one kind of naming.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.corpus.bulletins import HOST, NAME, Bulletin

DAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
KINDS = {
    "linked": "linked_at_end",
    "home": "home_page_only",
    "letters": "url_text_only",
    "named": "named_only",
    "other": "named_other_source",
    "none": "none",
}


@dataclass(frozen=True)
class Shown:
    """What a page shows: an article (``url``: the bulletin's address), its time, the kind of naming, and others."""

    title: str
    lead: str
    lines: Sequence[str]
    url: str
    at: datetime
    kind: str
    others: Sequence[Bulletin]

    def source(self, linked: str, plain: str, letters: str) -> str:
        """The source line in this frame's way: ``{to}`` and ``{name}`` in ``linked`` and ``plain``, ``{url}`` in
        ``letters``."""
        if self.kind == "none":
            return ""
        if self.kind == "letters":
            return letters.replace("{url}", self.url).replace("{name}", NAME)
        if self.kind in {"linked", "home"}:
            to = self.url if self.kind == "linked" else f"https://{HOST}"
            return linked.replace("{to}", to).replace("{name}", NAME)
        return plain.replace("{name}", NAME if self.kind == "named" else "Báo Chiều Tối")

    @property
    def paragraphs(self) -> str:
        """The text as ``<p>`` elements."""
        return "".join(f"<p>{line}</p>" for line in self.lines)

    def listed(self, item: str) -> str:
        """Other bulletins of ours as a frame lists them: ``{title}``, ``{lead}``, ``{to}``, ``{ago}``, ``{name}``."""
        return "".join(
            item.replace("{title}", bulletin.title).replace("{lead}", bulletin.lead or bulletin.sentences[0]).replace("{name}", NAME)
            .replace("{to}", f"/bai/{bulletin.id}-{number}.html").replace("{ago}", f"{number + 2} giờ trước")
            .replace("{date}", f"{self.at - timedelta(days=number + 1):%d/%m/%Y %H:%M}")
            for number, bulletin in enumerate(self.others)
        )  # fmt: skip


def _daily(s: Shown) -> str:
    """A large news site: date beside the breadcrumb, author and source right-aligned in the text, a box inside it."""
    day = f"{DAYS[s.at.weekday()]}, {s.at.day}/{s.at.month}/{s.at.year}, {s.at:%H:%M} (GMT+7)"
    source = s.source(
        '<p style="text-align:right;"><strong>Minh Mẫu</strong> (Theo <em><a href="{to}" rel="nofollow">{name}</a></em>)</p>',
        '<p style="text-align:right;"><strong>Minh Mẫu</strong> (Theo <em>{name}</em>)</p>',
        '<p style="text-align:right;"><strong>Minh Mẫu</strong></p><p>Nguồn: {name} - {url}</p>',
    )
    box = f'<div class="box-tinlienquanv2"><article class="item-news">{s.listed("<h4><a href={to}>{title}</a></h4>")}</article></div>'
    return (
        f'<html lang="vi"><head><title>{s.title} - Báo Tin Vui</title><meta property="og:title" content="{s.title}"></head><body>'
        f'<section class="top-header"><h1 class="logo"><a href="/">Báo Tin Vui</a></h1><span class="time-now">Thứ tư, 25/11/2026</span></section>'
        f'<section class="sidebar-1"><div class="header-content width_common"><ul class="breadcrumb"><li><a href="/thoi-su">Thời sự</a></li></ul>'
        f'<span class="date">{day}</span></div><h1 class="title-detail">{s.title}</h1><p class="description">{s.lead}</p>'
        f'<article class="fck_detail"><p class="Normal">{"</p><p class=Normal>".join(s.lines)}</p>{box}{source}</article>'
        f'<div class="footer-content"><div class="social_pin"><a href="#">Chia sẻ</a><a href="#">Copy link thành công</a></div></div></section>'
        f'<div id="box_comment_vne"><p>Bạn đọc: hay quá</p><span>18:05 25/11/2026</span></div>'
        f"<footer>Liên kết: <a href='https://{HOST}'>{NAME}</a></footer></body></html>"
    )


def _aggregator(s: Shown) -> str:
    """An aggregator: the source's logo above, relative times in lists, a box with the address to copy."""
    source = s.source(
        '<p class="bm_source"><span>{name}</span></p><div class="bm-source"><a href="{to}" target="_blank" rel="nofollow"><span class="source">{name}</span>'
        "<span class=link-source-wrapper>Link bài gốc</span></a></div>",
        '<p class="bm_author"><strong>{name}</strong></p>',
        '<div class="bm-source"><span class="source">{name}</span> <span class="link-source-full">{url}</span> <a class="btn-copy-link-source">Lấy link!</a></div>',
    )
    item = (
        '<div class="bm_item"><a href="{to}">{title}</a><span class="bm_source">{name}</span><time>{ago}</time></div>'
    )
    return (
        f'<html><head><title>{s.title} - Tin Mới</title><meta property="article:published_time" content="{s.at.isoformat()}"></head><body>'
        f'<header><nav><a href="/">Tin Mới</a></nav></header><div class="bm_content"><div class="article"><h1 class="article__header">{s.title}</h1>'
        f'<div class="article__meta"><time>{s.at:%d/%m/%Y %H:%M} GMT+7</time></div><div class="article__sapo">{s.lead}</div>'
        f'<div class="article__body"><p class="body-image"><img src="a.jpg"></p><p class="media-caption">Ảnh minh họa. Nguồn: {NAME}</p>'
        f'{s.paragraphs}</div>{source}</div><div class="bm_section">{s.listed(item)}</div></div></body></html>'
    )


def _forms(s: Shown) -> str:
    """An older portal made of tables and server controls: no h1, a date with the month's day first, blank paragraphs."""
    source = s.source(
        '<div align="right"><em>Nguồn tin: <a href="{to}">{name}</a></em></div>',
        '<div align="right"><em>Nguồn tin: {name}</em></div>',
        '<div align="right"><em>Nguồn tin: {name} ({url})</em></div>',
    )
    body = "<p>&nbsp;</p>".join(
        f'<p style="text-align: justify;"><span style="font-size:14px">{line}</span></p>' for line in s.lines
    )
    return (
        f"<html><head><title>Chi tiết tin</title></head><body><form id='aspnetForm'><table width='100%'><tr><td class='banner'>Cổng huyện Núi Thấp</td></tr>"
        f"<tr><td><span id='ctl00_lblNgay'>Hôm nay: Thứ Tư, 25/11/2026</span></td></tr><tr><td><table><tr><td width='180'><a href='/'>Trang chủ</a><br>"
        f"<a href='/gt'>Giới thiệu</a></td><td><span id='ctl00_lblTitle' class='TieuDe'>{s.title}</span><br><span class='NgayDang'>Ngày đăng "
        f"{s.at:%d/%m/%Y} | {s.at:%H:%M} | Lượt xem: 1.250</span><br><b>{s.lead}</b><br>{body}{source}<p>&nbsp;</p><a href='javascript:print()'>In trang</a> "
        f"| <a href='#'>Gửi email</a><br><b>Các tin khác</b><br>{s.listed('• <a href={to}>{title}</a> ({date})<br>')}</td></tr></table></td></tr></table>"
        f"</form></body></html>"
    )


def _blog(s: Shown) -> str:
    """A blog's default theme in English: the month by its name, a list of posts of the same kind before the source."""
    day = f"Tháng {('Mười Một' if s.at.month == 11 else 'Mười')} {s.at.day}, {s.at.year}"
    source = s.source(
        '<p class="has-text-align-right"><em>Theo <a href="{to}" target="_blank">{name}</a>.</em></p>',
        '<p class="has-text-align-right"><em>Theo {name}.</em></p>',
        '<p class="has-text-align-right"><em>Bài gốc: <code>{url}</code></em></p>',
    )
    return (
        f'<html lang="vi"><head><title>{s.title} – Nhà Mình</title></head><body class="single single-post"><header id="masthead"><p class="site-title">'
        f'<a href="/">Nhà Mình</a></p></header><main id="main" class="site-main"><article class="post type-post hentry"><header class="entry-header">'
        f'<h1 class="entry-title">{s.title}</h1><div class="entry-meta"><span class="posted-on"><a href="/2026/11/"><time class="entry-date published" '
        f'datetime="{s.at.isoformat()}">{day}</time><time class="updated" datetime="{(s.at + timedelta(hours=30)).isoformat()}">Tháng Mười Hai 1, 2026</time>'
        f'</a></span><span class="byline"> bởi <a href="/author/admin">admin</a></span></div></header><div class="entry-content"><p><strong>{s.lead}</strong></p>'
        f"{s.paragraphs}<p><strong>Xem thêm:</strong></p><ul>{s.listed('<li><a href={to}>{title}</a></li>')}</ul>{source}</div>"
        f'<footer class="entry-footer"><span class="cat-links"><a href="/category/tin">Tin</a></span></footer></article><div id="comments"><ol>'
        f'<li><time datetime="2026-11-25T09:00:00+07:00">25/11/2026 lúc 9:00 sáng</time><p>Cảm ơn</p></li></ol></div></main>'
        f'<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries">{s.listed("<a href={to}>{title}</a><span>{date}</span>")}</section></aside></body></html>'
    )


def _mobile(s: Shown) -> str:
    """An AMP page: dates of stories of the day above the headline, the source in the article's head under the headline,
    as a link at its end too when it is linked."""
    source = s.source(
        '<div class="author-amp">Nguồn: <a href="{to}">{name}</a></div>',
        '<div class="author-amp">Nguồn: {name}</div>',
        '<div class="author-amp">Nguồn: {name}</div><div class="link-goc">Link gốc <input readonly value="{url}"></div>',
    )
    return (
        f'<html amp lang="vi"><head><title>{s.title} | TV Nhanh</title><script type="application/ld+json">[{{"@type":"WebSite","name":"TV Nhanh"}},'
        f'{{"@type":"ItemList","itemListElement":[{{"@type":"NewsArticle","headline":"Khác","datePublished":"2026-11-01T01:02:03+07:00"}}]}},'
        f'{{"@type":"NewsArticle","headline":"{s.title}","datePublished":"{s.at:%Y-%m-%dT%H:%M:%S}+07:00","dateModified":"2026-11-25T08:00:00+07:00"}}]</script></head>'
        f'<body><header class="hd"><a href="/">TV Nhanh</a></header><div class="top-stories">{s.listed("<a href={to}>{title}</a> <span>{date}</span>")}</div>'
        f'<div class="detail"><h1>{s.title}</h1><p class="sapo">{s.lead}</p><amp-ad width=300 height=250></amp-ad>{s.paragraphs}'
        f'<div class="ads"><p>Quảng cáo</p></div><div class="banner-ads">Đặt mua ngay giá sốc</div>{source}</div></body></html>'
    )


def _portal(s: Shown) -> str:
    """A portal of the newer kind: divs only, the source under the headline, the time as words."""
    text = f"Đăng ngày {s.at.day} tháng {s.at.month} năm {s.at.year} lúc {s.at.hour} giờ {s.at:%M} phút, cập nhật 25/11/2026 08:15"
    source = s.source(
        '<div class="news-source-bottom"><i></i> Nguồn bài viết: <a href="{to}">{name}</a></div>',
        '<div class="news-source-bottom"><i></i> Nguồn bài viết: {name}</div>',
        '<div class="news-source-bottom"><span data-clipboard-text="{url}">Sao chép liên kết gốc</span></div>',
    )
    above = "" if s.kind in {"other", "none"} else f'<div class="source-top">{NAME}</div>'
    return (
        f'<html><head><title>Cổng xã Hạ Trì - {s.title}</title></head><body><div id="header-top"><div>Thứ tư, ngày 25/11/2026 | 10:20</div></div>'
        f'<div class="container"><div class="left"><div class="bread">Trang chủ / Tin tức</div><div class="news-title">{s.title}</div><div class="news-date">{text}</div>'
        f'{above}<div class="news-brief">{s.lead}</div><div class="news-body">{"".join(f"<div>{line}</div>" for line in s.lines)}</div>'
        f'<div class="rate">Đánh giá: 4,5/5 (12 lượt)</div><div class="share-box"><a href="https://mang.example/share?u=x">Facebook</a> <a href="#">Zalo</a></div>'
        f'{source}</div><div class="right"><div class="tt">Tin nổi bật</div>{s.listed("<div class=it><a href={to}>{title}</a><div class=dt>{date}</div><div class=src>Nguồn: {name}</div></div>")}</div></div></body></html>'
    )


def _stories(s: Shown) -> str:
    """A page that goes on with the next articles below: their texts, times and sources are not this one's."""
    source = s.source(
        '<p class="the-article-credit">Theo <a href="{to}">{name}</a></p>',
        '<p class="the-article-credit">{name}</p>',
        '<p class="the-article-credit">Link gốc: {url}</p>',
    )
    more = s.listed(
        '<article class="article-item"><p class="article-title"><a href="{to}">{title}</a></p><p class="article-meta"><span class="article-publish">{date}</span>'
        '</p><p class="article-summary">{lead}</p><p class="credit">Theo {name}</p></article>'
    )
    return (
        f'<html><head><title>{s.title} - Đời sống</title></head><body><nav class="cate"><a href="/">Trang chủ</a></nav><div class="page-wrapper"><article class="the-article">'
        f'<header class="the-article-header"><p class="the-article-category"><a href="/doi-song">Đời sống</a></p><h1 class="the-article-title">{s.title}</h1>'
        f'<ul class="the-article-meta"><li class="the-article-author"><a href="/minh-mau">Minh Mẫu</a></li><li class="the-article-publish">{DAYS[s.at.weekday()]}, {s.at.day}/{s.at.month}/{s.at.year} '
        f'{s.at:%H:%M} (GMT+7)</li></ul></header><section class="main"><p class="the-article-summary">{s.lead}</p><div class="the-article-body">{s.paragraphs}'
        f'<table class="picture"><tr><td class="pic"><img src=b.jpg></td></tr><tr><td class="pCaption caption">Ảnh: {NAME}.</td></tr></table></div>{source}'
        f'<p class="the-article-tags"><a href="/tag/thanh-pho">thành phố</a> <a href="/tag/nguoi-dan">người dân</a></p></section></article>'
        f'<section id="recommendation">{more}</section></div></body></html>'
    )


FRAMES: dict[str, Callable[[Shown], str]] = {
    "daily": _daily,
    "aggregator": _aggregator,
    "forms": _forms,
    "blog": _blog,
    "mobile": _mobile,
    "portal": _portal,
    "stories": _stories,
}
