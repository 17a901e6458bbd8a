"""Whole pages in a layout of their own, each with one difficulty and what must be found: ways to hide a text, source
lines, introductions, links, times, the page's data. Made after the rules of the other cases were finished.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.corpus.bulletins import HOST, Bulletin

END, ELSEWHERE, NAMED, OTHER, NOTHING = (
    "linked_at_end", "linked_elsewhere", "named_only", "named_other_source", "none",
)  # fmt: skip
OURS = "Sở Thông tin TP. Thủ Đô"
WATER = Bulletin(
    "hard-nuoc",
    "Ngừng cấp nước đêm 26/11 tại ba phường, xã để thay van tuyến ống Trần Văn Kỷ",
    "Nhà máy nước Đồng Tiến tạm ngừng bơm bảy giờ; mười hai xe bồn phục vụ người dân.",
    (
        ("Từ 22 giờ ngày 26/11 đến 5 giờ ngày 27/11, nhà máy nước Đồng Tiến ngừng bơm để thay ba van lớn trên tuyến ống dọc đường Trần Văn Kỷ.",),
        ("Trong thời gian ấy, các hộ ở phường An Hòa, phường Bình Khê và xã Tân Lập sẽ mất nước hoàn toàn, còn khu vực chợ Mới có nước nhưng áp lực yếu.",),
        ("Công ty cấp nước bố trí mười hai xe bồn tại sân nhà văn hóa từng tổ dân phố, bắt đầu phát nước từ 20 giờ, mỗi hộ nhận tối đa bốn mươi lít.",),
        ("Bệnh viện đa khoa huyện và hai trường nội trú được nối với trạm dự phòng nên không bị ảnh hưởng, song vẫn được đề nghị trữ nước từ chiều hôm trước.",),
        ("Người dân phát hiện nước đục sau khi có lại thì mở vòi xả chừng mười phút, nếu vẫn đục thì gọi số 1900 1122 để đội kỹ thuật tới kiểm tra tại nhà.",),
    ),
)  # fmt: skip
PUPPETS = Bulletin(
    "hard-roi",
    "Liên hoan múa rối nước mở tại hồ Sen, vé phát miễn phí",
    "Chín phường rối diễn bốn mươi hai tích trò.",
    (
        ("Liên hoan múa rối nước lần thứ sáu khai mạc tối thứ Bảy tại hồ Sen, quy tụ chín phường rối của sáu tỉnh, với bốn mươi hai tích trò cổ.",),
        ("Ban tổ chức dựng hai thủy đình, một dành cho trẻ em xem ban ngày, một cho các suất tối có đèn và dàn nhạc sống ngồi trên thuyền.",),
        ("Vé phát miễn phí tại cổng từ 15 giờ, mỗi người tối đa ba vé; người cao tuổi và người khuyết tật có lối vào riêng ở phía đường Nguyễn Trãi.",),
        ("Các nghệ nhân sẽ dạy tạc con rối cho học sinh trong bốn buổi sáng, học sinh mang dao gọt và một khúc gỗ sung đã phơi khô.",),
    ),
)  # fmt: skip
DESK = Bulletin(
    "hard-mot-cua",
    "Bộ phận một cửa phường An Hòa chuyển trụ sở",
    "",
    (("Sáng thứ Năm 26/11, bộ phận một cửa phường An Hòa nghỉ để chuyển trụ sở, mở lại vào 13 giờ 30 tại số 8 phố Lụa; giấy hẹn trong ngày được trả tới 18 giờ.",),),
)  # fmt: skip
BULLETINS = (WATER, PUPPETS, DESK)
CHESS = "Ba huy chương vàng cờ vua về trường Lê Lợi"
_OTHER = (
    "Chiều qua, đội tuyển cờ vua trường Lê Lợi giành ba huy chương vàng ở giải trẻ toàn quốc, trong đó ván cuối kéo dài hơn năm tiếng đồng hồ.",
    "Huấn luyện viên cho biết các em chỉ tập buổi tối vì ban ngày vẫn học văn hóa, phụ huynh thay nhau đưa đón và nấu cơm ngay tại phòng tập.",
    "Nhà trường dự định mở thêm hai lớp cờ miễn phí vào sáng Chủ nhật, nhận học sinh từ lớp một, không yêu cầu biết chơi trước.",
)  # fmt: skip


@dataclass(frozen=True)
class HardPage:
    """A page. ``counted``: the bulletins that count on it, each with its attribution; ``published``: the beginning of the
    time that must be read."""

    name: str
    html: str
    counted: Mapping[str, str] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    published: str = ""


def _paragraphs(lines: tuple[str, ...] | list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


_BODY, OTHERS = _paragraphs(WATER.lines), _paragraphs(_OTHER)
_LINK = f'<a href="{WATER.url}">{OURS}</a>'
_SOURCE = f'<p class="nguon">Nguồn: {_LINK}</p>'


def _page(main: str, title: str = WATER.title, head: str = "", after: str = "") -> str:
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title} - Bản tin Phố</title>{head}</head><body>'
        f'<div id="wrap"><div class="menu-top"><a href="/">Trang nhất</a> <a href="/doi-song">Đời sống</a></div><div class="detail"><h1>{title}</h1>{main}</div>'
        f'{after}<div class="bottom-site"><p>Giấy phép số 15/GP-STTTT. Chịu trách nhiệm: Ông Lý Hải.</p></div></div></body></html>'
    )  # fmt: skip


_HIDING = (
    "max-height:0;overflow:hidden", "height:0px; overflow: hidden", "clip-path:inset(50%);position:absolute", "position:absolute;clip:rect(0,0,0,0)",
    "opacity:0.0", "transform:scale(0)", "text-indent:-9999px", "background:#ffffff;color:#fff", "background-color:white;color:rgb(255,255,255)",
    "VISIBILITY : Hidden", "font-size:1px;line-height:1px", "color:transparent", "color:rgba(0,0,0,0)", "position:absolute;left:-999em",
    "transform:translateX(-9999px)", "width:0;overflow:hidden;white-space:nowrap", "content-visibility:hidden", "display:none !important",
)  # fmt: skip
_RULES = {
    "#x9{display:none}": False, "@media screen{.x9{display:none}}": False, "div.x9{opacity:0}": False, ".detail > .x9{visibility:hidden}": False,
    "body .detail .x9{left:-3000px;position:absolute}": False, "h6, .x9 , .zz{display:none}": False, "[data-x9]{display:none}": False,
    ".x9{/* a */display:/* b */none}": False, "@media print{.x9{display:none}}": True, ".x9:hover{display:none}": True,
    ".x9{display:none} .x9{display:block}": True, ".zz{display:none}.x9{display:block!important}": True,
}  # fmt: skip
_LINES = {
    NAMED: (
        f"Theo {OURS}", f"T.H (theo {OURS})", f"PV/{OURS}", f"(Theo nguồn {OURS})", f"Tin do {OURS} cung cấp", f"Bản quyền thuộc {OURS}", f"Cre: {OURS}",
        f"Link gốc: {OURS}", f"Đăng lại từ {OURS}", f"Nguồn | {OURS}", f"Xuất bản lần đầu trên {OURS}", f"Lan Chi - {OURS}", f"Nguồn: {HOST}",
    ),
    NOTHING: (
        "Ảnh: TTXVN", "Tin, ảnh: Lan Chi", "Nguồn ảnh: Internet", "Theo dõi chúng tôi trên Zalo", "Nguồn nước sẽ được kiểm tra lại vào sáng 28/11.",
        "Theo kế hoạch, tuyến ống còn lại sẽ thay vào quý sau.", "Theo ông Bùi Văn Tạo, đội trưởng đội van, việc thay mất sáu giờ.",
        "Nguồn lực huy động gồm 60 công nhân.", "Theo dòng sự kiện", "Đọc báo giấy: số 225", "Theo lịch, nước có lại lúc 5 giờ.",
    ),
    OTHER: ("Nguồn: TTXVN", "Theo Báo Tuổi Trẻ", "(Theo VnExpress)", "Theo Cổng TTĐT Hải Phòng"),
}  # fmt: skip
_INTRODUCTIONS = {
    f"{OURS} vừa phát đi thông báo, toàn văn như sau:": NAMED, f"Nguyên văn bản tin của {OURS}:": NAMED, f"Dưới đây là thông báo của {OURS}:": NAMED,
    f"Sáng 24/11, {OURS} thông báo:": NAMED, f"Bạn đọc phản ánh với {OURS}:": NOTHING, f"Đường dây nóng {OURS}:": NOTHING,
}  # fmt: skip
_LINKS = {
    f'<div class="article-source"><span>Nguồn</span> {_LINK}</div>': END, f"<dl><dt>Nguồn</dt><dd>{_LINK}</dd></dl>": END, f"<h5>Nguồn tin</h5><p>{_LINK}</p>": END,
    f'<p align="right"><em><strong>{_LINK}</strong></em></p>': END, f'<p>[<a href="{WATER.url}">Nguồn</a>]</p>': END,
    f'<p>Xem bài gốc <a href="{WATER.url}">tại đây</a>.</p>': END, f'<p><a href="{WATER.url}"><img src="l.png" alt="{OURS}"></a></p>': END,
    f'<p>Nguồn: <a rel="nofollow" href="//WWW.{HOST}/bulletins/{WATER.id}/?utm_source=x&amp;fbclid=y#top">{OURS}</a></p>': END,
    f"<p>Nguồn: <span onclick=\"location.href='{WATER.url}'\">{OURS}</span></p>": NAMED, f"<p>Theo {OURS} ({WATER.url})</p>": "url_text_only",
    f'<p style="display:none">Nguồn: {_LINK}</p>': NOTHING, f'<p>Bài: Lan. <span style="font-size:0">Nguồn: {_LINK}</span></p>': NOTHING,
    f'<div class="author-box"><b>{OURS}</b><p>Cộng tác viên</p></div>': NOTHING, f'<div class="tags">Tag: <a href="{WATER.url}">{OURS}</a></div>': NOTHING,
    f'<div class="doi-tac"><h4>Đối tác</h4><ul><li>{_LINK}</li><li><a href="https://y.example">Y</a></li></ul></div>': NOTHING,
    f'<div class="related"><h3>Tin liên quan</h3><a href="{WATER.url}">{WATER.title}</a></div>': NOTHING,
}  # fmt: skip
_TIMES = {
    "Thứ Ba, 24/11/2026 | 08:15 GMT+7": "2026-11-24T08:15", "8 giờ 5 phút, ngày 24 tháng 11 năm 2026": "2026-11-24T08:05",
    "Đăng lúc 8h15' ngày 24-11-2026": "2026-11-24T08:15", "Nov 24, 2026 8:15 AM": "2026-11-24T08:15", "24.11.2026 - 08g15": "2026-11-24T08:15",
    "Cập nhật: 10:30 24/11/2026<br>Xuất bản: 08:15 24/11/2026": "2026-11-24T08:15", "3 giờ 20 sáng 24/11/2026": "2026-11-24T03:20",
    "Thứ Ba, 24/11/2026 (nhằm ngày 16/10 năm Bính Ngọ) 08:15": "2026-11-24T08:15", "24/11/2026 tức 16 tháng 10 Bính Ngọ, 08:15": "2026-11-24T08:15",
}  # fmt: skip


def _without_marks(text: str) -> str:
    flat = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in flat if not unicodedata.combining(letter))


def hard_pages() -> list[HardPage]:
    """Every page."""
    whole, nothing = {WATER.id: END}, dict[str, str]()
    pages = [
        HardPage(f"hidden, {how}", _page(f'{OTHERS}<div style="{how}">{_BODY}{_SOURCE}</div>', CHESS), nothing) for how in _HIDING
    ]  # fmt: skip
    pages += [
        HardPage(
            f"style, {rule}",
            _page(
                f'{OTHERS}<div class="x9" id="x9" data-x9="1">{_BODY}{_SOURCE}</div>', CHESS, f"<style>{rule}</style>"
            ),
            whole if shown else nothing,
        )
        for rule, shown in _RULES.items()
    ]
    for expected, lines in _LINES.items():
        pages += [HardPage(f"line, {line}", _page(f"{_BODY}<p>{line}</p>"), {WATER.id: expected}) for line in lines]
    pages += [
        HardPage(f"introduction, {line}", _page(f"<p>{line}</p>{_BODY}"), {WATER.id: expected})
        for line, expected in _INTRODUCTIONS.items()
    ]
    pages += [HardPage(f"link, {html}", _page(_BODY + html), {WATER.id: expected}) for html, expected in _LINKS.items()]
    pages += [
        HardPage(f"time, {line}", _page(f'<div class="date">{line}</div>{_BODY}{_SOURCE}'), whole, published=when)
        for line, when in _TIMES.items()
    ]
    return [*pages, *_data(), *_texts(whole), *_places(whole), *_short_pages()]


def _short_pages() -> list[HardPage]:
    """Our text hidden on a page that shows one short line, of which the main text is hard to tell."""
    return [
        HardPage(f"short page, {how}", _page(f"<p>Hôm nay chợ họp sớm.</p><{how}>{_BODY}{_SOURCE}</{how.split()[0]}>", CHESS))
        for how in ('div style="display:none"', "div hidden", 'div class="d-none"', 'div style="opacity:0"', "aside", "nav")
    ]  # fmt: skip


def _data() -> list[HardPage]:
    """Our text in the data of a page that shows another article."""
    article = {"@type": "NewsArticle", "headline": WATER.title, "articleBody": f"{WATER.text} Nguồn: {OURS}"}
    linked = json.dumps(article, ensure_ascii=False)
    props = {"props": {"pageProps": {"related": [{"title": WATER.title, "body": WATER.text}]}}}
    state = json.dumps(props, ensure_ascii=False)
    return [
        HardPage("data, JSON-LD of another article", _page(OTHERS, CHESS, f'<script type="application/ld+json">{linked}</script>')),
        HardPage("data, state with a related article", _page(OTHERS, CHESS, after=f'<script id="__NEXT_DATA__" type="application/json">{state}</script>')),
        HardPage("data, noscript", _page(f"{OTHERS}<noscript>{_BODY}{_SOURCE}</noscript>", CHESS)),
        HardPage("data, template", _page(f"{OTHERS}<template>{_BODY}{_SOURCE}</template>", CHESS)),
    ]  # fmt: skip


def _texts(whole: Mapping[str, str]) -> list[HardPage]:
    """The text written in other ways."""
    soft = WATER.lines
    soft = [line.replace("nước", "n\u00adư\u200bớc").replace("ngừng", "ng\u2060ừng") for line in soft]
    words = "".join(f"<p>{''.join(f'<span>{word} </span>' for word in line.split())}</p>" for line in WATER.lines)
    capitals = "".join(f'<p><span class="dropcap">{line[0]}</span>{line[1:]}</p>' for line in WATER.lines)
    advertised = "".join(
        f"<p>{line}</p><div class='banner'>Mua nhà trả góp, lãi suất 0 đồng</div>" for line in WATER.lines
    )
    written = {
        "decomposed": unicodedata.normalize("NFD", _BODY), "soft hyphens": _paragraphs(soft), "capitals": _paragraphs([line.upper() for line in WATER.lines]),
        "without marks": _paragraphs([_without_marks(line) for line in WATER.lines]), "a span a word": words, "drop capitals": capitals,
        "advertisements between": advertised, "list": f"<ul>{''.join(f'<li>{line}</li>' for line in WATER.lines)}</ul>",
        "breaks": f"<div>{'<br><br>'.join(WATER.lines)}</div>", "details": f"<details><summary>Xem toàn văn</summary>{_BODY}</details>",
        "table": f'<table><tr><td><font size="2">{"<br>&nbsp;<br>".join(WATER.lines)}</font></td><td>Quảng cáo</td></tr></table>',
    }  # fmt: skip
    return [HardPage(f"text, {name}", _page(html + _SOURCE), whole) for name, html in written.items()]


def _places(whole: Mapping[str, str]) -> list[HardPage]:
    """The text among others, and classes of elements whose names say something else."""
    comment = '<section id="y-kien-ban-doc"><h3>Ý kiến bạn đọc (3)</h3><div><b>Hùng</b>'
    entry = '<div class="entry"><time>{}</time>{}</div>'
    live = (
        entry.format("10:00", f"<p>{_OTHER[0]}</p><p>Nguồn: TTXVN</p>")
        + entry.format("09:00", f"<h3>{WATER.title}</h3>{_BODY}{_SOURCE}")
        + entry.format("08:00", f"{_paragraphs(_OTHER[1:])}<p>Theo Báo Bình Minh</p>")
    )
    both = f'<h2>{WATER.title}</h2>{_BODY}{_SOURCE}<h2>{PUPPETS.title}</h2>{_paragraphs(PUPPETS.lines)}<p>Nguồn: <a href="{PUPPETS.url}">{OURS}</a></p>'
    (notice,) = DESK.lines
    another = (
        notice.replace("thứ Năm 26/11", "thứ Hai 30/11")
        .replace("13 giờ 30", "14 giờ")
        .replace("số 8 phố Lụa", "số 21 phố Thêu")
        .replace("18 giờ", "17 giờ")
    )
    pages = [
        HardPage("place, readers' opinions", _page(f"{OTHERS}{comment}{_BODY}{_SOURCE}</div></section>", CHESS)),
        HardPage("place, list of comments", _page(f'{OTHERS}<ol class="commentlist"><li><p>Anh Tú viết:</p>{_BODY}{_SOURCE}</li></ol>', CHESS)),
        HardPage("place, live report", _page(live, "Trực tiếp: tin trong ngày"), whole),
        HardPage("place, two on a page", _page(both, "Điểm tin sáng"), {**whole, PUPPETS.id: END}),
        HardPage("place, a notice of another day", _page(f"<p>{another}</p>", "Một cửa")),
        HardPage("place, a short notice", _page(f'<p>{notice}</p><p>Nguồn: <a href="{DESK.url}">{OURS}</a></p>', "Một cửa"), {DESK.id: END}),
        HardPage("place, photo credit alone", _page(f'<figure><img src="a.jpg"><figcaption>Ảnh: {OURS}</figcaption></figure>{_BODY}'), {WATER.id: NOTHING}),
        HardPage("place, source above", _page(f"<p>(Theo {_LINK})</p>{_BODY}"), {WATER.id: ELSEWHERE}),
    ]  # fmt: skip
    form = '<div class="box"><h4>Gửi ý kiến của bạn</h4><div class="item"><b>Minh</b>{}<span>Thích · Trả lời</span></div></div>'
    beside = f"<p>Nguồn: {_LINK}</p>"
    pages += [
        HardPage("place, below the form of opinions", _page(f"{OTHERS}{form.format(_BODY + _SOURCE)}", CHESS)),
        *(
            HardPage(f"place, source in role {role}", _page(f'{_BODY}<div role="{role}">{beside}</div>'), {WATER.id: NOTHING})
            for role in ("complementary", "navigation", "contentinfo")
        ),
        HardPage("class, show-for-sr", _page(f'{OTHERS}<div class="show-for-sr">{_BODY}{_SOURCE}</div>', CHESS)),
    ]  # fmt: skip
    names = (
        "layout has-sidebar with-comments",
        "post-content no-comments related-off",
        "content-wrapper ads-free",
        "entry author-page-no",
    )
    return [
        *pages,
        *(HardPage(f"class, {name}", _page(f'<div class="{name}">{_BODY}{_SOURCE}</div>'), whole) for name in names),
    ]
