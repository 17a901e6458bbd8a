"""What readers see of a page: text hidden by classes, sheets and styles is none, and what may be shown stays."""

import pytest

from coordinator.discovery.pages.page import parse_page

SEEN = (
    "Sáng nay thành phố khánh thành cây cầu mới sau hai năm thi công, người dân hai bên bờ đi lại thuận tiện hơn. " * 4
)
ASKED = "Bí mật của xưởng gốm nằm ở lớp men tro, thợ cả chỉ truyền cho người ở lại với lò qua ba mùa nước lớn. " * 4


def shown(style: str, part: str, head: str = "") -> bool:
    """Whether readers see the part, in the main text and in the blocks; both say the same."""
    html = (
        f"<html><head><title>Cầu mới</title>{head}<style>{style}</style></head><body><header>Trang</header>"
        f"<main><article><h1>Cầu mới</h1><p>{SEEN}</p>{part}</article></main></body></html>"
    )
    page = parse_page(html, "https://tinvui.example/cau-moi.html")
    assert "khánh thành" in page.text
    found = "Bí mật" in page.text, "Bí mật" in page.body.text
    assert found in {(True, True), (False, False)}
    return found[0]


def box(attributes: str, tag: str = "div") -> str:
    return f"<{tag} {attributes}><p>{ASKED}</p></{tag}>"


X = box('class="x"')


@pytest.mark.parametrize(
    ("style", "part"),
    [
        *[
            ("", box(f'class="{name}"'))
            for name in (
                "hidden",
                "d-none",
                "sr-only",
                "visually-hidden",
                "invisible",
                "screen-reader-text",
                "d-none d-print-block",
                "hidden print:block",
                "tin  hide",
            )
        ],
        (".x{display:none}", X),
        ("div{display:block}.x{color:red;display:none}", X),
        ("h6,.x , .y{display:none}", X),
        (".x{d\\69splay:none}", X),
        (".x{display:/* */NONE}", X),
        (".x{display:none!important}", box('class="x" style="display:block"')),
        ("article > div:nth-of-type(1){display:none}", box("")),
        ("[data-k=v]{display:none}", box('data-k="v"')),
        ("@media screen{.x{display:none}}", X),
        ("@media all{@layer q{.x{display:none}}}", X),
        (".x{visibility:hidden}", X),
        (".x{opacity:.0}", X),
        (".x{position:absolute;left:-9999px}", X),
        (".x{text-indent:-999em}", X),
        (".x{position:absolute;clip:rect(1px 1px 1px 1px)}", X),
        (".x{clip-path:inset(50%)}", X),
        (".x{height:0;overflow:hidden}", X),
        (".x{transform:scale(0)}", X),
        (".x{font-size:0px}", X),
        (".x{color:#fff}", X),
        ("body{background-color:#fefefe}.x{color:#fff}", X),
        ("body{background:#123456;color:#eee}.x{color:#123456}", X),
        (".x{color:transparent}", X),
        ("", box('style="font-size:0"')),
        ("", box('style="position:absolute; left:-9999px"')),
        ("", box('style="color:#eee;background:#eee"')),
        ("", f'<p><font color="#ffffff">{ASKED}</font></p>'),
        ("", box("hidden")),
        ("", box("", "noscript")),
        ("", box("", "template")),
        ("", box("", "dialog")),
        (".x{font:0/0 a}", X),
        (".x{font-size:0.01px}", X),
        (".x{opacity:2%}", X),
        ("", box('style="filter:opacity(0)"')),
        (".x{scale:0}", X),
        (".x{translate:-9999px 0}", X),
        (".x{color:hsl(0 0% 100%)}", X),
        ("body{background:rgb(10 20 30)}.x{color:rgb(10 20 30)}", X),
        ("@supports (display:grid){.x{display:none}}", X),
        ("body{.a,.x{display:none}}", X),
        ("body{& .x{display:none}}", X),
        (":root{--n:none}.x{display:var(--n)}", X),
        (".a .x{display:none}", f'<div class="a"><button class="x">Ẩn</button>{X}</div>'),
    ],
)
def test_what_no_reader_sees_is_no_text(style: str, part: str) -> None:
    assert not shown(style, part)


@pytest.mark.parametrize(
    ("style", "part"),
    [
        ("", X),
        ("@media print{.x{display:none}}", X),
        ("@media (max-width:600px){.x{display:none}}", X),
        (".x{display:none}@media(min-width:600px){.x{display:block}}", X),
        ("", box('class="d-none d-md-block"')),
        ("", box('class="hidden md:block"')),
        ("", box('class="hidden-xs"')),
        ("", box('class="d-md-none"')),
        ("", box('aria-hidden="true"')),
        ("", f"<details><summary>Xem</summary><p>{ASKED}</p></details>"),
        ("", box("open", "dialog")),
        ("@supports not (display:grid){.x{display:none}}", X),
        (".x{display:none;&.open{display:block}}", X),
        (":root{--n:none}.big{--n:block}.x{display:var(--n)}", X),
        (":root{--n:none}.x{display:var(--n)}", box('class="x" style="--n:block"')),
        (":root{--n:none}.x{display:var(--n)}", f"{X}<script>root.style.setProperty('--n', 'block')</script>"),
        (".x{font:700 11px/1.2 a}", X),
        (".x{opacity:.4}", X),
        (".js .x{display:none}", X),
        (".no-js .x{display:none}", f'<div class="no-js">{X}</div>'),
        ("[v-cloak]{display:none}", box("v-cloak")),
        (".m:hover .x{display:block}.x{display:none}", f'<div class="m">{X}</div>'),
        (".x{display:none}.x.open{display:block}", X),
        (".x{display:none}#c:checked~.x{display:block}", f"<input type=checkbox id=c>{X}"),
        (".x{display:none}", f'<button aria-controls="t">Xem thêm</button>{box("id=t class=x")}'),
        (".x{max-height:0;overflow:hidden;transition:max-height .2s}", X),
        (".x{opacity:0;animation:in 1s forwards}", X),
        ("body{visibility:hidden;animation:-amp-start 8s steps(1,end) 0s 1 normal both}", X),
        (".x{display:none}.x{display:block}", X),
        (".x{display:none}", box('class="x" style="display:block"')),
        (".x::before{display:none}", X),
        (".row{font-size:0}.row>.x{font-size:14px}", f'<div class="row">{X}</div>'),
        (".x{visibility:hidden}.x p{visibility:visible}", X),
        (".d{background:#123}.x{color:#fff}", f'<div class="d">{X}</div>'),
        (".d{background:url(a.jpg)}.x{color:#fff}", f'<div class="d">{X}</div>'),
        (".x{color:transparent;background:linear-gradient(red,blue);-webkit-background-clip:text}", X),
        ("", f"<noscript><style>.x{{display:none}}</style></noscript>{X}"),
        (".x{display:none", f"<p>{ASKED}</p>"),
        ("}}{.x{{display:none}}", f"<p>{ASKED}</p>"),
    ],
)
def test_what_some_reader_may_see_stays_text(style: str, part: str) -> None:
    assert shown(style, part)


def test_a_foreign_sheet_may_give_a_dark_ground() -> None:
    assert shown(".x{color:#fff}", X, '<link rel="stylesheet" href="/a.css">')


def test_a_page_that_a_script_will_show_is_read() -> None:
    shell = f'<div id="app" style="display:none"><h1>Cầu mới</h1><p>{SEEN}</p></div>'
    html = f'<body>{shell}<script src="/a.js"></script></body>'
    assert "khánh thành" in parse_page(html, "https://tinvui.example/").text


def test_an_address_field_is_read_where_it_is_hidden_until_a_button_copies_it() -> None:
    box = '<input style="display:none" value="https://tin.example/b1"><button>Lấy link!</button>'
    html = f"<body><p>{SEEN}</p>{box}</body>"
    (field,) = parse_page(html, "https://tinvui.example/").body.boxes
    assert field.value == "https://tin.example/b1"
