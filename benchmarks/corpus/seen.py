"""What readers see of a page, and whose word it is: text that is hidden, links and names in boxes, what every page of a
site carries, readers' comments and live reports, in the layouts of the content systems that Vietnamese sites use.

A case puts parts of a page in places of a layout and says what must be found. ``FIRST`` was made with the rules;
``SECOND`` after they were finished, so that its figures say more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.corpus.bulletins import HOST, NAME, Bulletin

END, ELSEWHERE, HOME = "linked_at_end", "linked_elsewhere", "home_page_only"
NAMED, OTHER, NOTHING = "named_only", "named_other_source", "none"
ABSENT = ""  # the page carries no copy
OTHER_TEXT = (
    "Chiều nay câu lạc bộ cờ phường Hạ Trì mở vòng loại giải mùa đông, bốn mươi kỳ thủ nhỏ tuổi đua tài trong hội trường nhà văn hóa.",
    "Ban tổ chức chia các em thành tám bảng, mỗi ván dài hai mươi phút, trọng tài là thầy giáo dạy cờ ở ba trường quanh hồ.",
    "Giải nhất là một bộ bàn ghế cờ bằng gỗ lim do bác thợ mộc đầu ngõ đóng tặng, giải nhì là chiếc xe đạp đã qua sử dụng.",
    "Vòng chung kết diễn ra đúng rằm tháng Chạp, khán giả vào cửa tự do và được mời một chén chè đỗ xanh nóng.",
)


@dataclass(frozen=True)
class Parts:
    """What stands where on a page; all HTML but ``title`` and ``lead``. ``tail``: behind the text, in its container;
    ``below``: behind the container; ``side``: in the side column; ``foot``: in the page's last part."""

    title: str
    lead: str
    body: str
    byline: str = ""
    tail: str = ""
    below: str = ""
    side: str = ""
    foot: str = ""
    head: str = ""


Layout = Callable[[Parts], str]
_MENU = "".join(f'<li><a href="/{n}">{n}</a></li>' for n in ("Thời sự", "Kinh tế", "Đời sống", "Pháp luật"))


def _page(p: Parts, inner: str, attributes: str = "") -> str:
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{p.title} - Tin Vui</title>{p.head}</head>'
        f"<body{attributes}>{inner}</body></html>"
    )


def _daily(p: Parts) -> str:
    return _page(
        p,
        f'<section class="section top-header"><a class="logo" href="/">Tin Vui</a></section><section class="main-nav"><ul>{_MENU}</ul></section>'
        f'<section class="section page-detail"><div class="sidebar-1"><div class="header-content"><span class="date">Thứ ba, 24/11/2026, 07:30 (GMT+7)</span></div>'
        f'<h1 class="title-detail">{p.title}</h1>{p.byline}<p class="description">{p.lead}</p><article class="fck_detail">{p.body}{p.tail}</article>{p.below}</div>'
        f'<div class="sidebar-2">{p.side}</div></section><footer class="footer">Giấy phép số 00/GP-TTĐT{p.foot}</footer>',
    )


def _joomla(p: Parts) -> str:
    return _page(
        p,
        f'<div id="ja-wrapper"><div id="ja-header"><a href="/">Trang tin huyện</a></div><div id="ja-mainnav"><ul class="nav menu">{_MENU}</ul></div><div id="ja-container">'
        f'<div id="ja-main"><div class="item-page" itemscope itemtype="https://schema.org/Article"><div class="page-header"><h1 itemprop="headline">{p.title}</h1></div>'
        f'<dl class="article-info"><dd class="published">Ngày đăng: 24/11/2026</dd></dl>{p.byline}<div itemprop="articleBody"><p><strong>{p.lead}</strong></p>{p.body}{p.tail}</div></div>{p.below}</div>'
        f'<div id="ja-right"><div class="moduletable">{p.side}</div></div></div><div id="ja-footer">{p.foot}</div></div>',
    )


def _wordpress(p: Parts) -> str:
    return _page(
        p,
        f'<div id="page" class="hfeed site"><header id="masthead"><a href="/">Tin Vui</a><nav id="site-navigation"><ul>{_MENU}</ul></nav></header><div id="content" class="site-content">'
        f'<div id="primary"><main id="main"><article id="post-9" class="post-9 post type-post hentry category-tin-tuc"><header class="entry-header"><h1 class="entry-title">{p.title}</h1>{p.byline}</header>'
        f'<div class="entry-content"><p>{p.lead}</p>{p.body}{p.tail}</div></article>{p.below}</main></div><aside id="secondary" class="widget-area"><section class="widget">{p.side}</section></aside></div>'
        f'<footer id="colophon" class="site-footer">{p.foot}</footer></div>',
        ' class="single single-post"',
    )


def _drupal(p: Parts) -> str:
    return _page(
        p,
        f'<div class="dialog-off-canvas-main-canvas"><header role="banner"><a href="/">Cổng huyện</a></header><div class="region region-primary-menu"><ul class="menu">{_MENU}</ul></div>'
        f'<main role="main"><div class="layout-content"><div class="region region-content"><div class="block block-page-title-block"><h1><span class="field field--name-title">{p.title}</span></h1></div>'
        f'<article class="node node--type-article"><div class="node__content"><div class="field--name-field-lead">{p.lead}</div>{p.byline}<div class="clearfix text-formatted field field--name-body field__item">'
        f'{p.body}{p.tail}</div></div></article>{p.below}</div></div><div class="layout-sidebar-second"><div class="region region-sidebar-second">{p.side}</div></div></main>'
        f'<div class="region region-bottom">{p.foot}</div></div>',
    )


def _onecms(p: Parts) -> str:
    return _page(
        p,
        f'<div class="site-header"><a class="logo" href="/">Tin Vui</a><ul class="menu">{_MENU}</ul></div><div class="site-body"><div class="container"><div class="l-content"><div class="main-column article">'
        f'<h1 class="article__title cms-title">{p.title}</h1><div class="article__meta"><time class="time" datetime="2026-11-24T07:30:00+0700">24/11/2026 07:30</time>{p.byline}</div>'
        f'<div class="article__sapo cms-desc">{p.lead}</div><div class="article__body cms-body">{p.body}{p.tail}</div>{p.below}</div><div class="sub-column">{p.side}</div></div></div></div><div class="site-bottom">{p.foot}</div>',
    )


def _divs(p: Parts) -> str:
    return _page(
        p,
        f'<div class="w1"><div class="w2"><a href="/">Tin Vui</a></div><div class="w3"><ul>{_MENU}</ul></div><div class="w4"><div class="w5"><div class="w6">{p.title}</div>{p.byline}<div class="w7">{p.lead}</div>'
        f'<div class="w8">{p.body}{p.tail}</div>{p.below}</div><div class="w9">{p.side}</div></div><div class="w10">{p.foot}</div></div>',
    )


def _tables(p: Parts) -> str:
    return _page(
        p,
        f'<table width="980" align="center"><tr><td colspan="2"><a href="/">Trang tin</a></td></tr><tr><td colspan="2"><ul>{_MENU}</ul></td></tr><tr><td valign="top"><table><tr><td class="TieuDe"><b>{p.title}</b>'
        f'</td></tr><tr><td>{p.byline}<b>{p.lead}</b></td></tr><tr><td>{p.body}{p.tail}</td></tr></table>{p.below}</td><td width="200">{p.side}</td></tr><tr><td colspan="2">{p.foot}</td></tr></table>',
    )


LAYOUTS: dict[str, Layout] = {
    "daily": _daily, "joomla": _joomla, "wordpress": _wordpress, "drupal": _drupal, "onecms": _onecms, "divs": _divs,
    "tables": _tables,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One page. ``group``: which promise it is about. ``expected``: the verdict on the source, or ``ABSENT``; ``mark``:
    places of ``{url}``, ``{home}``, ``{name}``, ``{title}`` and ``{copy}`` (the bulletin's paragraphs) are filled.
    ``others``: pages of the same site that carry nothing of ours, with the same parts. ``copied`` false: the page's
    text is another's."""

    group: str
    name: str
    expected: str
    parts: dict[str, str] = field(default_factory=dict)
    copied: bool = True
    others: int = 0
    first: str = ""  # put before the first paragraph
    inside: str = ""  # put behind the first paragraph

    def pages(self, one: Bulletin, layout: Layout) -> list[str]:
        """The page, and the others of its site."""
        copy = "".join(f"<p>{line}</p>" for line in one.lines)
        values = {"url": one.url, "home": f"https://{HOST}/", "name": NAME, "title": one.title, "copy": copy}

        def filled(text: str) -> str:
            for key, value in values.items():
                text = text.replace("{" + key + "}", value)
            return text

        places = {place: filled(text) for place, text in self.parts.items()}
        lines = list(one.lines) if self.copied else list(OTHER_TEXT)
        linked = self.inside.startswith("@")
        if linked:
            words = lines[0].split()
            middle = len(words) // 2
            lines[0] = " ".join(
                (
                    *words[:middle],
                    filled(self.inside[1:]).replace("{words}", " ".join(words[middle : middle + 4])),
                    *words[middle + 4 :],
                )
            )
        body = f"<p>{filled(self.first)}{lines[0]}</p>{'' if linked else filled(self.inside)}" + "".join(
            f"<p>{line}</p>" for line in lines[1:]
        )
        title, lead = (
            (one.title, one.lead)
            if self.copied
            else ("Trẻ em Hạ Trì tranh giải cờ mùa đông", "Bốn mươi kỳ thủ nhí vào vòng loại.")
        )
        made = [layout(Parts(title, lead, body, **places))]
        for number in range(self.others):
            text = [" ".join(f"{word}" for word in reversed(line.split())) for line in OTHER_TEXT[number % 2 :]]
            other = Parts(
                f"Bài khác số {number} trong ngày của trang",
                "",
                "".join(f"<p>{line} {number}</p>" for line in text),
                **places,
            )
            made.append(layout(other))
        return made


def _hidden(name: str, style: str, attributes: str, outer: str = "{inner}") -> list[Case]:
    head = f"<style>{style}</style>" if style else ""
    copy = outer.replace("{inner}", f"<div {attributes}>{{copy}}</div>")
    source = outer.replace("{inner}", f'<p {attributes}>Theo <a href="{{url}}">{{name}}</a></p>')
    return [
        Case("hidden text", f"{name}, text", ABSENT, {"tail": copy, "head": head}, copied=False),
        Case("hidden text", f"{name}, source", NOTHING, {"tail": source, "head": head}),
    ]


def _seen(name: str, style: str, attributes: str, outer: str = "{inner}") -> Case:
    head = f"<style>{style}</style>" if style else ""
    source = outer.replace("{inner}", f'<p {attributes}>Theo <a href="{{url}}">{{name}}</a></p>')
    return Case("shown text", name, END, {"tail": source, "head": head})


_LIST = '<ul><li><a href="/1.html">Hồ sen vào mùa, khách chật bờ kè suốt tuần</a></li><li><a href="{url}">{title}</a></li><li><a href="/3.html">Chợ hoa mở sớm hơn mọi năm vì rét đậm</a></li></ul>'
_TO = '<a href="{url}">{name}</a>'
_HOME = '<a href="{home}">{name}</a>'
_BOXES = (
    ("related class", "tail", f'<div class="tin-lien-quan"><h3>Tin liên quan</h3>{_LIST}</div>'),
    ("related heading", "tail", f"<h3>Tin liên quan</h3>{_LIST}"),
    ("related heading in bold", "tail", f"<p><b>Xem thêm:</b></p>{_LIST}"),
    ("related below", "below", f'<div class="box-category"><h2>Cùng chuyên mục</h2>{_LIST}</div>'),
    ("read more line", "tail", '<p>&gt;&gt; Xem thêm: <a href="{url}">{title}</a></p>'),
    ("navigation", "below", f'<nav class="post-navigation"><a href="/truoc">Bài trước</a> {_TO}</nav>'),
    ("side column", "side", f"<h4>Đọc nhiều</h4>{_LIST}"),
    ("side column, links", "side", f"<h4>Liên kết website</h4><ul><li>{_HOME}</li><li><a href='/x'>Báo Chiều Tối</a></li></ul>"),
    ("aside", "below", f'<aside class="doc-them">Nguồn: {_TO}</aside>'),
    ("footer", "foot", f"<p>Liên kết: {_HOME}</p>"),
    ("footer, source words", "below", f'</div><div class="footer-info">Nguồn: {_HOME}</div><div>'),
    ("author box", "tail", f'<div class="author-box"><img src="a.jpg"><h4>Minh Mẫu</h4><p>Cộng tác viên của {_HOME}</p></div>'),
    ("author box, bulletin", "tail", f'<div class="box-tac-gia"><b>Minh Mẫu</b> {_TO}</div>'),
    ("tag list", "tail", f'<div class="tags"><span>Từ khóa:</span> <a href="/tag/1">y tế</a> {_TO}</div>'),
    ("tag list, own tag", "tail", '<ul class="tag-list"><li><a href="/tag/a">đời sống</a></li><li><a href="/tag/b">{name}</a></li></ul>'),
    ("keywords", "below", f'<div class="article__keyword"><a href="/k/1">giao thông</a> {_HOME}</div>'),
)  # fmt: skip


def _first() -> list[Case]:
    made: list[Case] = []
    for name in ("hidden", "d-none", "sr-only", "visually-hidden", "invisible", "screen-reader-text"):
        made += _hidden(f"class {name}", "", f'class="{name}"')
    for name, style in (
        ("display none", ".an{display:none}"), ("display none in a list", "h6,.an , .q{color:red;display:none !important}"),
        ("visibility", ".an{visibility:hidden}"), ("opacity", ".an{opacity:0}"), ("off the screen", ".an{position:absolute;left:-9999px}"),
        ("indent", ".an{text-indent:-9999px}"), ("clip", ".an{position:absolute;clip:rect(0 0 0 0)}"), ("no size", ".an{font-size:0}"),
        ("background's colour", "body{background:#fff}.an{color:#ffffff}"), ("own background's colour", ".an{color:#eee;background:#eeeeee}"),
        ("box without height", ".an{height:0;overflow:hidden}"), ("transparent", ".an{color:transparent}"), ("media all", "@media all{.an{display:none}}"),
        # Found to be missed in November 2026 by pages made for that.
        ("font of a hundredth", ".an{font-size:0.01px}"), ("font in one declaration", ".an{font:0/0 a}"), ("hardly opaque", ".an{opacity:.01}"),
        ("filter", ".an{filter:opacity(0)}"), ("scale property", ".an{scale:0}"), ("translate property", ".an{translate:-9999px}"),
        ("turned away", ".an{transform:rotateY(90deg)}"), ("white by hue", ".an{color:hsl(0 0% 100%)}"), ("white by shares", ".an{color:rgb(100% 100% 100%)}"),
        ("supports", "@supports (display:grid){.an{display:none}}"), ("nested rule", "body{.an{display:none}}"), ("nested rule, joined", "body{& .an{display:none}}"),
        ("custom property", ":root{--an:none}.an{display:var(--an)}"),
    ):  # fmt: skip
        made += _hidden(name, style, 'class="an"')
    for name, style in (
        ("inline", "display:none"),
        ("inline, off the screen", "position:absolute;left:-5000px"),
        ("inline, no size", "font-size:0px"),
        ("inline, opacity", "opacity:0"),
    ):
        made += _hidden(name, "", f'style="{style}"')
    made += _hidden("noscript", "", "", "<noscript>{inner}</noscript>")
    made += _hidden("template", "", "", "<template>{inner}</template>")
    made += _hidden("dialog", "", "", "<dialog>{inner}</dialog>")
    made += [
        _seen("print only", "@media print{.an{display:none}}", 'class="an"'),
        _seen("small screens only", "@media (max-width:600px){.an{display:none}}", 'class="an"'),
        _seen("large screens", "", 'class="d-none d-md-block"'),
        _seen("until scripts run", ".js .an{display:none}", 'class="an"'),
        _seen("shown by a state", ".an{display:none}.an.open{display:block}", 'class="an"'),
        _seen("overridden", ".an{display:none}p.an{display:block}", 'class="an"'),
        _seen("aria-hidden", "", 'aria-hidden="true"'),
        _seen("details", "", "", "<details><summary>Xem nguồn</summary>{inner}</details>"),
        _seen("white on dark", ".den{background:#123}.an{color:#fff}", 'class="an"', '<div class="den">{inner}</div>'),
        _seen("unless supported", "@supports not (display:grid){.an{display:none}}", 'class="an"'),
        _seen("nested state", ".an{display:none;&.open{display:block}}", 'class="an"'),
        _seen("property with two values", ":root{--an:none}.lon{--an:block}.an{display:var(--an)}", 'class="an"'),
        _seen("small font", ".an{font:700 11px/1.2 a}", 'class="an"'),
        _seen("pale", ".an{opacity:.4}", 'class="an"'),
        _seen("faded in", ".an{opacity:0;animation:hien 1s forwards}", 'class="an"'),
    ]
    for name, place, box in _BOXES:
        made.append(Case("boxes", f"{name}, alone", NOTHING, {place: box}))
        both = {place: f"<p>Theo {{name}}</p>{box}"} if place == "tail" else {"tail": "<p>Theo {name}</p>", place: box}
        made.append(Case("boxes", f"{name}, and named", NAMED, both))
    made += [
        Case("body link", "to the bulletin, on copied words", NOTHING, inside='@<a href="{url}">{words}</a>'),
        Case("body link", "to our site, on copied words", NOTHING, inside='@<a href="{home}dich-vu">{words}</a>'),
        Case("body link", "to the bulletin, inserted", NOTHING, inside='<p><a href="{url}">Xem chi tiết</a></p>'),
        Case("body link", "to our site, inserted", NOTHING, inside='<p><a href="{home}">Trang chủ</a></p>'),
        Case("own word", "in the first words", ELSEWHERE, first='(Theo <a href="{url}">{name}</a>) - '),
        Case("own word", "at the end", END, {"tail": '<p>Nguồn: <a href="{url}">{name}</a></p>'}),
        Case(
            "own word",
            "right-aligned",
            END,
            {"tail": '<p style="text-align:right"><em>Theo <a href="{url}">{name}</a></em></p>'},
        ),
        Case(
            "own word",
            "source box below",
            END,
            {"below": '<div class="source">Nguồn: <a href="{url}">{name}</a></div>'},
        ),
        Case("own word", "front page", HOME, {"tail": f"<p>Nguồn: {_HOME}</p>"}),
        Case("own word", "byline", NAMED, {"byline": '<p class="author">Theo {name}</p>'}),
        Case(
            "own word",
            "behind a related list",
            END,
            {
                "tail": f'<h3>Tin liên quan</h3>{_LIST.replace("{url}", "/2.html")}<p>Nguồn: <a href="{{url}}">{{name}}</a></p>'
            },
        ),
        Case(
            "own word",
            "in a tag list with source words",
            END,
            {"tail": '<div class="tags"><a href="/tag/1">y tế</a> Nguồn: <a href="{url}">{name}</a></div>'},
        ),
        Case("own word", "another", OTHER, {"tail": "<p>Theo Báo Chiều Tối</p>"}),
    ]
    for name, place, part in (
        ("contact line", "below", f"<div class='ct'>Liên hệ: {_HOME}, 12 phố Hạ Trì, điện thoại 024 0000</div>"),
        ("name alone", "below", "<div class='dv'><p>{name}</p><p>12 phố Hạ Trì</p></div>"),
        ("designer's credit", "below", f"<div>Thiết kế và vận hành bởi {_HOME}</div>"),
        ("footer line", "below", "<div class='ft'>Nguồn: {name}</div>"),
        ("logo", "below", '<p><a href="{home}"><img src="/logo.png" alt="{name}"></a></p>'),
    ):
        made.append(Case("template", f"{name}, alone", NOTHING, {place: part}, others=4))
        if place != "tail":
            made.append(
                Case(
                    "template",
                    f"{name}, and linked",
                    END,
                    {"tail": '<p>Theo <a href="{url}">{name}</a></p>', place: part},
                    others=0,
                )
            )
    for name, box in (
        ("class binh-luan", '<div class="binh-luan"><h4>Bình luận</h4><div>{copy}</div></div>'),
        ("heading", "<div><h3>Bình luận (12)</h3><div><b>Minh</b>{copy}<a href='#'>Trả lời</a></div></div>"),
        ("readers' opinions", "<div><h4>Ý kiến bạn đọc</h4><div>{copy}</div></div>"),
        ("class y-kien", '<div class="box-y-kien">{copy}</div>'),
        ("class section-comment", '<div class="section-comment">{copy}</div>'),
        ("class reply-list", '<ul class="reply-list"><li>{copy}</li></ul>'),
        ("newest comments", "<div><h3>Bình luận mới nhất</h3>{copy}</div>"),
        ("replies", "<div><h3>Phản hồi</h3><div>{copy}<span>Trả lời · Thích</span></div></div>"),
        ("discussion", '<div id="thao-luan"><h3>Thảo luận</h3>{copy}</div>'),
    ):
        made.append(Case("comments", f"{name}, text", ABSENT, {"below": box}, copied=False))
        link = box.replace("{copy}", '<p>Theo <a href="{url}">{name}</a></p>')
        made.append(Case("comments", f"{name}, source", NOTHING, {"below": link}))
    made.append(
        Case(
            "comments",
            "a section called so",
            NAMED,
            {"byline": '<div class="category-binh-luan">Bình luận</div>', "tail": "<p>Theo {name}</p>"},
        )
    )
    made += _live_cases()
    return made


def _live(*entries: str) -> str:
    inner = "".join(
        f'<div class="live-item"><span class="time">{9 + at}:15</span><div>{text}</div></div>'
        for at, text in enumerate(entries)
    )
    return f'<div class="tuong-thuat-truc-tiep">{inner}</div>'


_NEWS = "<p>Đoàn xe diễu hành qua cầu, hai bên đường chật kín người cầm cờ hoa chào đón từ sớm.</p>"


def _live_cases() -> list[Case]:
    return [
        Case("live report", "one entry is a copy with its source", NAMED, {"tail": _live(_NEWS, "{copy}<p>Theo {name}</p>", _NEWS)}, copied=False),
        Case("live report", "the source is another entry's", NOTHING, {"tail": _live("<p>Theo {name}</p>" + _NEWS, "{copy}", _NEWS + "<p>Nguồn: {name}</p>")}, copied=False),
        Case("live report", "no entry is a copy", ABSENT, {"tail": _live(_NEWS, _NEWS, _NEWS + "<p>Theo {name}</p>")}, copied=False),
    ]  # fmt: skip


FIRST: Sequence[Case] = tuple(_first())


# Made after the rules were finished.


def _nukeviet(p: Parts) -> str:
    return _page(
        p,
        f'<div class="section-nav"><ul>{_MENU}</ul></div><section><div class="container" id="body"><div class="row"><div class="col-sm-16 col-md-18"><div class="news_column panel panel-default"><div class="panel-body">'
        f'<h1 class="title margin-bottom-lg">{p.title}</h1><div class="row margin-bottom-lg"><div class="col-md-12"><span class="h5">Thứ ba - 24/11/2026 07:30</span></div>{p.byline}</div>'
        f'<div class="hometext m-bottom">{p.lead}</div><div id="news-bodyhtml" class="bodytext margin-bottom-lg">{p.body}{p.tail}</div></div></div>{p.below}</div>'
        f'<div class="col-sm-8 col-md-6">{p.side}</div></div></div></section><footer id="footer">{p.foot}</footer>',
    )


def _grid(p: Parts) -> str:
    return _page(
        p,
        f'<div class="topbar"><a href="/">Tin Vui</a></div><div class="container"><ul>{_MENU}</ul><div class="row"><div class="col-lg-8"><div class="detail"><h1>{p.title}</h1>{p.byline}<h2 class="sapo">{p.lead}</h2>'
        f'<div class="content">{p.body}</div>{p.tail}</div>{p.below}</div><div class="col-lg-4">{p.side}</div></div></div><div class="bottom">{p.foot}</div>',
    )


def _breaks(p: Parts) -> str:
    body = p.body.replace("</p><p>", "<br><br>").replace("<p>", "").replace("</p>", "")
    return _page(
        p,
        f'<center><table width="100%"><tr><td><a href="/">Trang</a> | {_MENU}</td></tr></table></center><div id="chitiet"><span class="tieude">{p.title}</span><br>{p.byline}<i>{p.lead}</i><br><br>{body}<br>{p.tail}</div>'
        f'{p.below}<div id="phai">{p.side}</div><div id="chan">{p.foot}</div>',
    )


SECOND_LAYOUTS: dict[str, Layout] = {
    "nukeviet": _nukeviet,
    "grid": _grid,
    "breaks": _breaks,
    "daily": _daily,
    "divs": _divs,
}


def _second() -> list[Case]:
    made: list[Case] = []
    for name, style, attributes, outer in (
        ("screen, not print", "@media not print{.tin{display:none}}", 'class="tin"', "{inner}"),
        ("parent's id", "#kho > div, #kho > p{display:none}", "", '<div id="kho">{inner}</div>'),
        ("two classes", ".a.b{visibility:hidden}", 'class="b c a"', "{inner}"),
        ("right of the screen", ".tin{position:fixed;right:-200vw}", 'class="tin"', "{inner}"),
        ("above the screen", ".tin{position:absolute;top:-3000px}", 'class="tin"', "{inner}"),
        ("margin", ".tin{margin-left:-9999px}", 'class="tin"', "{inner}"),
        ("clip path", ".tin{clip-path:circle(0)}", 'class="tin"', "{inner}"),
        ("one pixel", ".tin{width:1px;height:1px;overflow:hidden;position:absolute}", 'class="tin"', "{inner}"),
        ("rgba without alpha", ".tin{color:rgba(0,0,0,0)}", 'class="tin"', "{inner}"),
        ("named colours", "body{background:white}.tin{color:white}", 'class="tin"', "{inner}"),
        ("nearly white", ".tin{color:#fdfdfd}", 'class="tin"', "{inner}"),
        (
            "table cell's colour",
            "",
            'style="color:#336699"',
            '<table><tr><td bgcolor="#336699">{inner}</td></tr></table>',
        ),
        ("hidden attribute", "", "hidden", "{inner}"),
        (
            "important in a sheet",
            "p,div{display:block}.tin{display:none!important}",
            'class="tin" style="color:red"',
            "{inner}",
        ),
        ("sheet in the body", "", 'class="tin"', "<style>.tin{opacity:0}</style>{inner}"),
        ("tailwind", "", 'class="mt-4 hidden text-sm"', "{inner}"),
        ("drupal", "", 'class="element-invisible"', "{inner}"),
        ("small font in a list", "li{font-size:0}", "", "<ul><li>{inner}</li></ul>"),
        ("escaped class", ".tin\\:an{display:none}", 'class="tin:an"', "{inner}"),
        ("content visibility", ".tin{content-visibility:hidden}", 'class="tin"', "{inner}"),
    ):
        made += _hidden(name, style, attributes, outer)
    made += [
        _seen("orientation", "@media (orientation:portrait){.tin{display:none}}", 'class="tin"'),
        _seen("loading class", "body.loading .tin{display:none}", 'class="tin"'),
        _seen(
            "more specific",
            "#khung p.tin{display:block}.tin{display:none}",
            'class="tin"',
            '<div id="khung">{inner}</div>',
        ),
        _seen("small but readable", ".tin{font-size:11px;color:#777}", 'class="tin"'),
        _seen(
            "right-aligned and italic", ".tin{text-align:right;opacity:.6;position:relative;left:-2px}", 'class="tin"'
        ),
        _seen("hidden only when empty", ".tin:empty{display:none}", 'class="tin"'),
        _seen("drop-down elsewhere", ".menu ul{display:none}.menu:hover ul{display:block}", 'class="tin"'),
        _seen("grey on white", "body{background:#fff}.tin{color:#999}", 'class="tin"'),
    ]
    list_of = '<div class="row"><div><a href="/9.html">Chợ quê họp phiên cuối năm đông nghịt</a></div><div><a href="{url}">{title}</a></div></div>'
    for name, place, box in (
        ("same topic", "tail", f"<p><strong>Bài cùng chủ đề</strong></p>{list_of}"),
        ("readers also read", "below", f'<div class="zone"><h4>Có thể bạn quan tâm</h4>{list_of}</div>'),
        (
            "inner news",
            "tail",
            '<div class="VCSortableInPreviewMode" type="RelatedOneNews"><a href="{url}">{title}</a></div>',
        ),
        ("event stream", "below", f'<div class="dong-su-kien"><h3>Dòng sự kiện</h3>{list_of}</div>'),
        ("most read", "side", f"<div class='t'>Xem nhiều</div>{list_of}"),
        ("banner in the side column", "side", '<a href="{home}"><img src="b.jpg" alt="{name}"></a>'),
        (
            "sister sites",
            "foot",
            '<ul><li><a href="{home}">{name}</a></li><li><a href="https://x.example">Báo Chiều Tối</a></li></ul>',
        ),
        ("profile", "tail", '<div class="about-author"><p>Minh Mẫu là phóng viên, từng viết cho {name}.</p></div>'),
        (
            "writer's card",
            "below",
            '<div class="c-author__card author-card"><span>Minh Mẫu</span><a href="{home}">{name}</a></div>',
        ),
        ("hashtags", "tail", '<div class="hashtag"><a href="/t/1">#cầu</a> <a href="{url}">#{name}</a></div>'),
        (
            "topics",
            "below",
            '<ul class="article-tags"><li><a href="/t/2">giao thông</a></li><li><a href="{home}">{name}</a></li></ul>',
        ),
        (
            "share bar",
            "tail",
            '<div class="social-share"><a href="https://mang.example/share?u={url}">Chia sẻ</a><a href="#">In</a></div>',
        ),
    ):
        made.append(Case("boxes", f"{name}, alone", NOTHING, {place: box}))
        both = (
            {place: f"<p>Nguồn: {{name}}</p>{box}"} if place == "tail" else {"tail": "<p>Nguồn: {name}</p>", place: box}
        )
        made.append(Case("boxes", f"{name}, and named", NAMED, both))
    made += [
        Case(
            "body link",
            "on copied words, to another page of ours",
            NOTHING,
            inside='@<a href="{home}thu-tuc/12">{words}</a>',
        ),
        Case(
            "body link", "on copied words, with a tracker", NOTHING, inside='@<a href="{url}?utm_source=a">{words}</a>'
        ),
        Case("body link", "inserted headline", NOTHING, inside='<p><a href="{url}">{title}</a></p>'),
        Case("body link", "inserted, read also", NOTHING, inside='<p>Đọc thêm: <a href="{url}">{title}</a></p>'),
        Case("own word", "inserted source", ELSEWHERE, inside='<p>(Nguồn: <a href="{url}">{name}</a>)</p>'),
        Case("own word", "the original here", END, {"tail": '<p><i>Xem bài gốc <a href="{url}">tại đây</a></i></p>'}),
        Case(
            "own word",
            "source and author",
            END,
            {"tail": '<p align="right"><b>Minh Mẫu</b> (theo <a href="{url}">{name}</a>)</p>'},
        ),
        Case(
            "own word",
            "source above tags and shares",
            END,
            {
                "tail": '<p class="nguon">Nguồn: <a href="{url}">{name}</a></p><div class="tags"><a href="/t">cầu</a></div>'
            },
        ),
        Case(
            "own word",
            "behind tags and author",
            END,
            {
                "tail": '<div class="tags"><a href="/t">cầu</a></div><div class="author-box"><p>Minh Mẫu</p></div><p>Theo <a href="{url}">{name}</a></p>'
            },
        ),
        Case("own word", "address", "url_text_only", {"tail": "<p>Nguồn: {url}</p>"}),
        Case("own word", "in brackets at the end", NAMED, {"tail": "<p><em>(Theo {name})</em></p>"}),
    ]
    for name, place, part in (
        ("support", "below", '<p>Với sự hỗ trợ của <a href="{home}">{name}</a></p>'),
        ("patron, in the text's element", "tail", '<div><a href="{home}">{name}</a></div>'),
        ("copyright with a year", "below", "<div>© 2026 {name}</div><div>Hotline 1900 0000</div>"),
        ("meta source", "head", '<meta name="source" content="{name}">'),
        ("box with an address", "below", "<div>{name}<br>Số 1 phố Giếng Ngọc<br>Theo dõi chúng tôi</div>"),
        ("banner", "tail", '<p><a href="{home}"><img src="/qc.png" alt="{name}"></a></p>'),
    ):
        made.append(Case("template", f"{name}, alone", NOTHING, {place: part}, others=3))
        linked = '<p>Nguồn: <a href="{url}">{name}</a></p>'
        both = {place: linked + part} if place == "tail" else {"tail": linked, place: part}
        made.append(Case("template", f"{name}, source on the copy", END, both))
    for name, box in (
        ("opinions with a count", "<div class='x1'><div class='x2'>Ý kiến (24)</div><div>{copy}</div></div>"),
        ("send yours", "<div><h4>Gửi bình luận</h4><form><textarea></textarea></form><div>{copy}</div></div>"),
        ("readers write", "<section><h3>Bạn đọc bình luận</h3><article>{copy}</article></section>"),
        ("joined class", '<div class="boxBinhLuan">{copy}</div>'),
        ("id in Vietnamese", '<div id="phan_hoi_ban_doc">{copy}</div>'),
        ("microdata", '<div itemscope itemtype="https://schema.org/Comment">{copy}</div>'),
        ("english", '<ol class="commentlist"><li>{copy}</li></ol>'),
    ):
        made.append(Case("comments", f"{name}, text", ABSENT, {"below": box}, copied=False))
        made.append(
            Case(
                "comments",
                f"{name}, source",
                NOTHING,
                {"below": box.replace("{copy}", '<p>Theo <a href="{url}">{name}</a></p>')},
            )
        )
    entry = '<article class="{kind}"><time>{at}h05</time>{text}</article>'

    def live(kind: str, *texts: str) -> str:
        return "".join(
            entry.replace("{kind}", kind).replace("{at}", str(7 + at)).replace("{text}", text)
            for at, text in enumerate(texts)
        )

    blog = '<div itemscope itemtype="https://schema.org/LiveBlogPosting">{all}</div>'
    for name, outer, kind in (
        ("microdata", blog, "post"),
        ("class", '<div class="live-blog__list">{all}</div>', "entry"),
    ):
        made += [
            Case(
                "live report",
                f"{name}, copy with its source",
                END,
                {
                    "tail": outer.replace(
                        "{all}", live(kind, _NEWS, '{copy}<p>Theo <a href="{url}">{name}</a></p>', _NEWS)
                    )
                },
                copied=False,
            ),
            Case(
                "live report",
                f"{name}, source in the next entry",
                NOTHING,
                {"tail": outer.replace("{all}", live(kind, _NEWS, "{copy}", "<p>Nguồn: {name}</p>" + _NEWS))},
                copied=False,
            ),
        ]
    return made


SECOND: Sequence[Case] = tuple(_second())
