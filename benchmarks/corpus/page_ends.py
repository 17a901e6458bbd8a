"""Ends of pages whose classes say nothing: what the site says of itself in its last part, a source line that stands
last in the article, readers' comments, and lists and conversations that belong to the text.
"""

from collections.abc import Sequence

from benchmarks.corpus.hard_pages import (
    CHESS,
    END,
    NAMED,
    NOTHING,
    OTHERS,
    OURS,
    WATER,
    HardPage,
)

_LINES = [f"<p>{line}</p>" for line in WATER.lines]
_TEXT = "".join(_LINES)
_LINK = f'<a href="{WATER.url}">{OURS}</a>'
_MENU = '<ul><li><a href="/">Trang nhất</a></li><li><a href="/doi-song">Đời sống</a></li></ul>'
_LAW = "Giấy phép số 15/GP-STTTT ngày 02/01/2020"
_BOSS = "Chịu trách nhiệm nội dung: Ông Lý Hải"
_ADDRESS, _PHONE, _MAIL = (
    "Địa chỉ: 12 phố Lụa, phường An Hòa",
    "Điện thoại: 024 3900 1122",
    "Email: toasoan@phonho.example",
)


def _document(inner: str, title: str = WATER.title) -> str:
    head = f'<meta charset="utf-8"><title>{title} - Phố Nhỏ</title>'
    return f'<!doctype html><html lang="vi"><head>{head}</head><body>{inner}</body></html>'


def _divs(text: str, below: str = "", foot: str = "", title: str = WATER.title, after: str = "") -> str:
    """``below``: behind the article in its column; ``after``: behind the column; ``foot``: at the page's end."""
    return _document(
        f'<div class="a1"><div class="a2">{_MENU}</div><div class="a3"><div class="a4"><h1>{title}</h1><div class="a5">{text}</div>'
        f"{below}</div></div>{after}{foot}</div>",
        title,
    )


def _cells(*rows: str, title: str = WATER.title, text: str = _TEXT) -> str:
    """A page laid out by one table, with these rows below that of the text."""
    below = "".join(f'<tr><td colspan="2">{row}</td></tr>' for row in rows)
    return _document(
        f'<table width="980"><tr><td colspan="2">{_MENU}</td></tr><tr><td valign="top"><h1>{title}</h1>{text}</td>'
        f'<td width="200"><a href="/q">Quảng cáo</a></td></tr>{below}</table>',
        title,
    )


def _lines(*texts: str, tag: str = "p") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


_OWN, _PUBLISHER = f"Nguồn: {OURS}", f"Theo {OURS}"
FOOTERS = {
    "bottom, lines": _divs(_TEXT, foot=f'<div class="bottom">{_lines(_LAW, _BOSS, _OWN)}</div>'),
    "ft, source first": _divs(_TEXT, foot=f'<div class="ft">{_lines(_OWN, _ADDRESS, _PHONE)}</div>'),
    "last row of a table": _cells("", f"{_LAW}<br>{_OWN}<br>{_ADDRESS}"),
    "last row, source alone": _cells(f"<p>{_OWN}</p>"),
    "a table of its own": _divs(
        _TEXT, foot=f"<table><tr><td>{_ADDRESS}</td><td>{_PUBLISHER}</td><td>{_PHONE}</td></tr></table>"
    ),
    "columns": _divs(
        _TEXT,
        foot=f'<div class="b1"><div><div><h4>Phố Nhỏ</h4>{_lines(_LAW, _BOSS)}</div><div><h4>Nguồn tin</h4><p>{_PUBLISHER}</p></div>'
        f"<div><h4>Tòa soạn</h4>{_lines(_ADDRESS, _PHONE)}</div></div></div>",
    ),
    "breaks": _divs(_TEXT, foot=f'<div class="chan">© 2026 Phố Nhỏ<br>{_LAW}<br>{_OWN}<br>{_MAIL}</div>'),
    "name alone above the address": _divs(_TEXT, foot=f'<div class="b2">{_lines(OURS, _ADDRESS, _PHONE, tag="div")}</div>'),
    "linked name": _divs(_TEXT, foot=f'<div class="cuoi"><p>Nguồn: <a href="https://tin.thudo.example/">{OURS}</a></p><p>{_PHONE}</p></div>'),
    "section": _divs(_TEXT, foot=f"<section>{_lines(_PUBLISHER, _LAW, _BOSS, _PHONE)}</section>"),
    "centre": _divs(_TEXT, foot=f"<center><font size=1>{_OWN}<br>{_ADDRESS} - {_PHONE}</font></center>"),
    "line alone behind the column": _divs(_TEXT, after="<div><a href='/'>Về trang nhất</a></div>", foot=f'<div class="b9">{_OWN}</div>'),
    "a list": _divs(_TEXT, foot=f"<ul><li>{_LAW}</li><li>{_OWN}</li><li>{_ADDRESS}</li></ul>"),
    "definition list": _divs(_TEXT, foot=f"<dl><dt>Nguồn</dt><dd>{OURS}</dd><dt>Điện thoại</dt><dd>024 3900 1122</dd><dt>Giấy phép</dt><dd>15/GP-STTTT</dd></dl>"),
    "inner tables": _cells("<table><tr><td>Trang nhất</td><td>Liên hệ</td></tr></table>", f"<table><tr><td>{_LAW}<br>{_BOSS}</td><td>{_OWN}<br>{_PHONE}</td></tr></table>"),
    "column's last part": _divs(_TEXT, below=f'<div class="a9">{_lines(_OWN, _LAW, _ADDRESS)}</div>'),
    "copyright": _divs(_TEXT, foot=f'<div class="b3"><p>Bản quyền © 2026 Phố Nhỏ. {_LAW}.</p><p>{_PUBLISHER}</p></div>'),
    "wrapped lines": _divs(_TEXT, foot=f'<div class="b4"><div><div><p>{_OWN}</p></div></div><div><div><p>{_MAIL}</p></div></div><div><p>{_LAW}</p></div></div>'),
}  # fmt: skip
_FOOT = f'<div class="bottom">{_lines(_LAW, _BOSS, _ADDRESS, _PHONE)}</div>'
_RELATED = '<div><h3>Tin liên quan</h3><ul><li><a href="/1">Chợ hoa mở sớm hơn mọi năm vì rét đậm</a></li><li><a href="/2">Hồ sen vào mùa, khách chật bờ kè suốt tuần</a></li></ul></div>'
SOURCES = {
    "bottom in the article": (NAMED, _divs(f'{_TEXT}<div class="bottom">{_PUBLISHER}</div>', foot=_FOOT)),
    "ft in the article": (NAMED, _divs(f'{_TEXT}<div class="ft"><p>{_OWN}</p></div>', foot=_FOOT)),
    "below the text": (NAMED, _divs(_TEXT, below=f'<div class="bottom"><p>{_OWN}</p></div>', foot=_FOOT)),
    "below the text, linked": (END, _divs(_TEXT, below=f"<p>Nguồn: {_LINK}</p>", foot=_FOOT)),
    "author and source below": (NAMED, _divs(_TEXT, below=f"<div><p>Lan Chi</p><p>{_PUBLISHER}</p></div>", foot=_FOOT)),
    "behind related links": (NAMED, _divs(_TEXT, below=f"{_RELATED}<p>{_OWN}</p>", foot=_FOOT)),
    "behind related links, linked": (END, _divs(_TEXT, below=f"{_RELATED}<div>Nguồn: {_LINK}</div>", foot=_FOOT)),
    "last line of the cell": (NAMED, _cells(f"{_LAW}<br>{_ADDRESS}", text=f"{_TEXT}<p>{_OWN}</p>")),
    "a row below, then the site's": (NAMED, _cells(f'<p align="right">{_PUBLISHER}</p>', f"{_LAW}<br>{_ADDRESS}")),
    "last row of the article's table": (
        NAMED,
        _document(
            f"<table><tr><td>{_MENU}</td></tr><tr><td><table><tr><td><h1>{WATER.title}</h1></td></tr><tr><td>{_TEXT}</td></tr><tr><td align=right><b>{_PUBLISHER}</b></td></tr>"
            f"</table></td></tr><tr><td>{_LAW}<br>{_PHONE}</td></tr></table>"
        ),
    ),
    "breaks": (NAMED, _divs(f"{'<br><br>'.join(WATER.lines)}<br>{_PUBLISHER}", foot=_FOOT)),
    "no other end": (NAMED, _divs(f"{_TEXT}<p>{_OWN}</p>")),
    "below, no other end": (NAMED, _divs(_TEXT, below=f"<p>{_OWN}</p>")),
    "above a telephone of the text": (NAMED, _divs(f"{_TEXT}<p>Mọi thắc mắc, gọi số điện thoại 1900 1122.</p><p>{_OWN}</p>", foot=_FOOT)),
    "above the office's telephone": (NAMED, _divs(f"{_TEXT}<p>{_PUBLISHER}</p><p>Đường dây nóng: 1900 1122</p>", foot=_FOOT)),
    "above contacts of the text": (NAMED, _divs(f"{_TEXT}<p>Địa chỉ tiếp nhận: 8 phố Lụa. Điện thoại: 1900 1122.</p><p>{_PUBLISHER}</p>", foot=_FOOT)),
    "every part a division": (
        NAMED,
        _document(f"<div>{_MENU}</div><div>{WATER.title}</div><div>{_TEXT}</div><div>{_OWN}</div><div>Chia sẻ</div><div>{_ADDRESS}</div><div>{_PHONE}</div><div>{_LAW}</div>"),
    ),
    "own box of the column": (NAMED, _divs(_TEXT, below=f"<div><div><span>Nguồn:</span> <b>{OURS}</b></div><div>Lượt xem: 12</div></div>", foot=_FOOT)),
}  # fmt: skip


def _comments(*texts: str, item: str, around: str = "<div>{items}</div>", form: str = "") -> str:
    names = ("Minh Hùng", "Lan Anh", "Quốc Bảo", "Thu Trang", "Đức Mạnh")
    items = "".join(
        item.format(name=name, text=text, number=at + 2)
        for at, (name, text) in enumerate(zip(names, texts, strict=False))
    )
    return around.format(items=items) + form


_SAID = (
    "Nhà tôi ở ngõ 12 cũng mất nước từ chiều qua, mong sớm có lại.",
    "Cảm ơn đã đăng tin, để còn kịp trữ nước cho các cháu.",
)
_FORM = '<form action="/gui"><textarea placeholder="Ý kiến của bạn"></textarea><button>Gửi</button></form>'
_ITEMS = {
    "avatar, hours ago": ('<div class="q1"><img src="/av.png" width="40"><b>{name}</b><span>{number} giờ trước</span><div>{text}</div><a href="#">Trả lời</a></div>', ""),
    "list with a form": ('<li><strong>{name}</strong> <i>{number}0/11/2026 08:1{number}</i><div>{text}</div></li>', _FORM),
    "likes": ('<div class="k8"><div class="k9">{name}</div><div class="k10">{text}</div><div><span>Thích</span> <span>Trả lời</span> <span>{number} ngày trước</span></div></div>', ""),
    "rows of a table": ('<tr><td>{name}</td><td>{text}<br><small>0{number}:15 25/11/2026</small> <a href="#tl">Trả lời</a></td></tr>', ""),
    "paragraphs in boxes": ("<section><h5>{name}</h5><time>{number} phút trước</time>{text}<button>Thích</button></section>", _FORM),
    "reply in English": ('<article><span>{name}</span> · <span>{number}h</span><div>{text}</div><a>Like</a> <a>Reply</a></article>', ""),
    "one comment with a time": ('<div class="u"><span>{name}</span> - <span>{number} giờ trước</span><p>{text}</p><a>Trả lời</a></div>', ""),
}  # fmt: skip
_AROUND = {"rows of a table": "<table>{items}</table>", "list with a form": "<ul>{items}</ul>"}


def _widgets(*texts: str) -> dict[str, str]:
    return {
        name: _comments(*texts, item=item, form=form, around=_AROUND.get(name, '<div class="zz">{items}</div>'))
        for name, (item, form) in _ITEMS.items()
    }


_STEPS = [(f"{8 + at}:30", line) for at, line in enumerate(_LINES)]
_PEOPLE = ("Ông Bùi Văn Tạo", "Bà Lý Thị Hoa", "Anh Trần Minh", "Chị Vũ Lan", "Ông Đỗ Hải")
LISTS = {
    "dated items": "".join(f"<div><b>2{at}/11/2026</b>{line}</div>" for at, line in enumerate(_LINES)),
    "hours": "".join(f"<div><span>{hour}</span>{line}</div>" for hour, line in _STEPS),
    "questions": "".join(f"<div><b>Hỏi: Điều gì sẽ xảy ra ở bước {at}?</b><div><b>Trả lời:</b> {line}</div></div>" for at, line in enumerate(_LINES)),
    "speakers": "".join(f"<div><b>{name}</b>{line}</div>" for name, line in zip(_PEOPLE, _LINES, strict=True)),
    "numbered people": "<ol>" + "".join(f"<li><img src='/{at}.jpg'><strong>{name}</strong>{line}</li>" for at, (name, line) in enumerate(zip(_PEOPLE, _LINES, strict=True))) + "</ol>",
    "people with days": "".join(f"<div><img src='/{at}.jpg'><b>{name}</b><i>2{at}/11/2026</i>{line}</div>" for at, (name, line) in enumerate(zip(_PEOPLE, _LINES, strict=True))),
    "readers' letters": "".join(f"<div><p><b>Bạn đọc {name} hỏi:</b></p>{line}<p>Trả lời: Đã ghi nhận.</p></div>" for name, line in zip(_PEOPLE, _LINES, strict=True)),
    "questions of readers": "".join(f"<div><b>{name}</b> (2{at}/11/2026)<p>Khi nào có nước?</p><b>Trả lời</b>{line}</div>" for at, (name, line) in enumerate(zip(_PEOPLE, _LINES, strict=True))),
    "reporters and hours": "".join(f"<div><b>{name}</b> <i>0{at + 5}:30</i>{line}<span>Chia sẻ</span></div>" for at, (name, line) in enumerate(zip(_PEOPLE, _LINES, strict=True))),
    "in a box of its own": "<div>" + "".join(f"<div><b>{name}</b><i>2{at}/11/2026</i>{line}</div>" for at, (name, line) in enumerate(zip(_PEOPLE, _LINES, strict=True))) + "</div>",
    "share buttons": "".join(f"<div>{line}<span>Thích</span> <span>Chia sẻ</span></div>" for line in _LINES),
}  # fmt: skip


def end_pages() -> list[HardPage]:
    """All pages; of those without our copy ``counted`` is empty."""
    return [
        *(HardPage(f"footer, {name}", html, {WATER.id: NOTHING}) for name, html in FOOTERS.items()),
        *(HardPage(f"source, {name}", html, {WATER.id: named}) for name, (named, html) in SOURCES.items()),
        *_commented(),
        *_listed(),
    ]


def _commented() -> Sequence[HardPage]:
    made = []
    for name, box in _widgets(_SAID[0], _TEXT + f"<p>Nguồn: {_LINK}</p>", _SAID[1]).items():
        made.append(HardPage(f"comment, {name}, text", _divs(OTHERS, box, _FOOT, CHESS)))
    for name, box in _widgets(_SAID[0], f"<p>Nguồn: {_LINK}</p>", _SAID[1]).items():
        made.append(HardPage(f"comment, {name}, link", _divs(_TEXT, box, _FOOT), {WATER.id: NOTHING}))
    for name, box in _widgets(_SAID[0], f"<p>Theo {OURS}</p>").items():
        made.append(HardPage(f"comment, {name}, name", _divs(_TEXT, after=box, foot=_FOOT), {WATER.id: NOTHING}))
    for name, box in _widgets(*_SAID).items():
        below = f"<p>Nguồn: {_LINK}</p>{box}"
        made.append(HardPage(f"comment, {name}, source above", _divs(_TEXT, below, _FOOT), {WATER.id: END}))
    return made


def _listed() -> Sequence[HardPage]:
    made = []
    for name, text in LISTS.items():
        made.append(HardPage(f"list, {name}", _divs(f"{text}<p>{_OWN}</p>", "", _FOOT), {WATER.id: NAMED}))
        made.append(
            HardPage(f"list, {name}, with a form", _divs(f"{text}<p>{_OWN}</p>", _FORM, _FOOT), {WATER.id: NAMED})
        )
        opened = f"{OTHERS[: OTHERS.index('</p>') + 4] * 2}{text}<p>{_OWN}</p>"
        made.append(HardPage(f"list, {name}, opened", _divs(opened, _FORM, _FOOT), {WATER.id: NAMED}))
    return made
