"""What readers see of a page: text hidden by classes, sheets and styles is none, and what may be shown stays."""

import pytest

from coordinator.discovery.pages.page import HtmlPage, parse_page
from tests.coordinator.discovery.pages.processor_time import costs_less_than

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


def read(style: str, part: str) -> HtmlPage:
    html = (
        f"<html><head><title>Cầu mới</title><style>{style}</style></head><body><main><article><h1>Cầu mới</h1>"
        f"<p>{SEEN}</p>{part}</article></main></body></html>"
    )
    return parse_page(html, "https://tinvui.example/cau-moi.html")


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
        ("h6,.x , .y{display:none}", X),
        (".x{d\\69splay:none}", X),
        (".x{display:/* */NONE}", X),
        ("@media screen{.x{display:none}}", X),
        (".x{visibility:hidden}", X),
        (".x{opacity:.0}", X),
        (".x{position:absolute;left:-9999px}", X),
        (".x{text-indent:-999em}", X),
        (".x{height:0;overflow:hidden}", X),
        (".x{font-size:0px}", X),
        (".x{color:transparent}", X),
        ("", box('style="font-size:0"')),
        ("", box('style="position:absolute; left:-9999px"')),
        ("", box('style="color:#eee;background:#eee"')),
        ("", box("hidden")),
        ("", box("", "noscript")),
        ("", box("", "template")),
        ("", box("", "dialog")),
        (".x{font:0/0 a}", X),
        (".x{font-size:0.01px}", X),
        (".x{opacity:2%}", X),
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


@pytest.mark.parametrize(
    ("style", "part"),
    [
        ("article > div:nth-of-type(1){display:none}", box("")),
        ("[data-k=v]{display:none}", box('data-k="v"')),
        (".x{position:absolute;clip:rect(1px 1px 1px 1px)}", X),
        (".x{clip-path:inset(50%)}", X),
        (".x{transform:scale(0)}", X),
        (".x{color:#fff}", X),
        ("body{background-color:#fefefe}.x{color:#fff}", X),
        ("body{background:#123456;color:#eee}.x{color:#123456}", X),
        ("", f'<p><font color="#ffffff">{ASKED}</font></p>'),
        ("", box('style="filter:opacity(0)"')),
        (".x{scale:0}", X),
        (".x{translate:-9999px 0}", X),
        (".x{color:hsl(0 0% 100%)}", X),
        ("body{background:rgb(10 20 30)}.x{color:rgb(10 20 30)}", X),
        ("body{.a,.x{display:none}}", X),
        ("body{& .x{display:none}}", X),
        (".a .x{display:none}", f'<div class="a"><button class="x">Ẩn</button>{X}</div>'),
        ("*:not(.q){opacity:0}", X),
        (".x{opacity:calc(1 - 1)}", X),
        (".x{-webkit-text-fill-color:white}", X),
        (".x{mask:linear-gradient(transparent,transparent)}", X),
        (".x{width:6px;height:6px;overflow:hidden}", X),
        (".x{zoom:.01}", X),
        (".x{font-size:calc(1px - 1px)}", X),
        (".x{all:initial;display:none}.x:hover{display:block}", X),
        ("@media (min-width:700px){.x{visibility:hidden}}", X),
        ("@supports not (a:b){.x{display:none}}", X),
        (".g{background:#345}.x{color:#345}", f'<div class="g">{X}</div>'),
        ("article *{opacity:0}", X),
        ("", f'<div><template shadowrootmode="open">Khác</template>{X}</div>'),
        ("", box('style="opacity:var(--a)"') + "<style>:root{--a:0}p{--a:1}</style>"),
        ("div{display:block}.x{color:red;display:none}", X),
        (".x{display:none!important}", box('class="x" style="display:block"')),
        ("@media all{@layer q{.x{display:none}}}", X),
        ("@layer q{.x{display:none!important}}.x{display:block!important}", X),
        ("@supports (display:grid){.x{display:none}}", X),
        (":root{--n:none}.x{display:var(--n)}", X),
        (".x{opacity:var(--a)}", f'<div style="--a:0">{X}</div>'),
        (".x{height:0}.y{overflow:hidden}", box('class="x y"')),
        (".x{color:#fff;background:#000}.y{background:#fff}", box('class="x y"')),
        (".x{background:#000;color:#fff}.x{background:none}", X),
        (".x:is(div){display:none}", X),
        ('[class="x y"]{display:none}', box('class="x y"')),
        ("div{&.x{opacity:0}}", X),
        (".m,.n{.k &{opacity:0}}", f'<div class="k"><div class="m">{X}</div></div>'),
        ("@media (prefers-color-scheme:dark) or (min-width:1px){.x{display:none}}", X),
        (".x{position:absolute;left:-1e5px}", X),
        (".x{opacity:1e-9}", X),
        (".x{display:none}", box('class="x" style="display:zzz"')),
        ("body{opacity:0;animation:in 1s}", X),
    ],
)
def test_what_may_be_hidden_by_a_style_that_is_not_read_is_for_a_look(style: str, part: str) -> None:
    page = read(style, part)
    assert "Bí mật" in page.text
    assert page.unread_styles
    first, *_, last = page.blocks
    assert last.unread
    assert not first.unread or "*" in style or "&" in style or "body{o" in style


@pytest.mark.parametrize(
    ("style", "part"),
    [
        ("*,*::before{box-sizing:border-box;margin:0;padding:0}", X),
        ("[hidden]{display:none!important}p:empty{display:none}", X),
        (".x{color:#333;background:#fff;opacity:.9;transform:translateY(-50%) rotate(3deg)}", X),
        ("body{color:var(--m)}:root{--m:#222}.dark{--m:#fff}", X),
        (".x{font-size:clamp(1rem,2vw,2rem);line-height:calc(1em + 4px);color:var(--khac)}", X),
        (".x p:hover{opacity:0}.x a:focus{display:none}@media print{.x p{display:none}}", X),
        (".d{background:#123}.x{color:#fff}", f'<div class="d">{X}</div>'),
        (".menu li ul{display:none}.modal .x9{opacity:0}", X),
        (".x{max-height:400px;overflow:hidden}", X),
        ("@media (prefers-color-scheme:dark){p{color:#fff}}", X),
        ("", "<details><summary>Xem</summary><p>" + ASKED + "</p></details>"),
        (".x{background:#fff;color:#333}.y{background:#06c;color:#fff}", box('class="x y"')),
        (".x{font-size:clamp(.9rem, .9rem + ((1vw - .2rem) * .2), 1rem)}", X),
        (".x{margin-left:calc(50% - 50vw);display:grid;grid-template-columns:[a] 1fr [b] 2fr}", X),
        (".x{display:none}", box('class="x" style="display:block"')),
        ("section,div{display:block}", f'{X}<section style="display:none"><p>Khác</p></section>'),
    ],
)
def test_ordinary_styles_want_no_look(style: str, part: str) -> None:
    page = read(style, part)
    assert "Bí mật" in page.text
    assert not page.unread_styles


_MANY = "".join(f'<p class="a{number}">chữ {number}</p>' for number in range(5000))


@pytest.mark.parametrize(
    ("style", "part"),
    [
        ("".join(f"*:not(.q{number}){{opacity:0}}" for number in range(12_000)), _MANY),
        (":not(" * 3000 + ".x" + ")" * 3000 + "{opacity:0}", X),
        (",".join(f".a{number}" for number in range(50_000)) + "{display:none}", _MANY),
        ("", "".join(f'<b style="opacity:.{number}">x</b>' for number in range(55_000))),
        ("@media all{" * 5000 + ".x{display:none}" + "}" * 5000, X),
        (".x{" * 5000 + "display:none" + "}" * 5000, X),
        ("".join(f".x{{--a{n}:var(--a{n + 1}) var(--a{n + 1})}}" for n in range(9000)) + ".x{color:var(--a0)}", X),
        (".x{display:" + "(" * 390_000 + "}", X),
        (".a{opacity:0}" * 12_000, '<p class="a">x</p>' * 5000),
        ("".join(f".x{{color:#{n:06x}}}.x{{background:#{n * 7:06x}}}" for n in range(2400)), X),
        (".x{" + "".join(f"color:#{n:06x};background:#{n * 3:06x};" for n in range(500)) + "}", X),
        (":root{--a:var(--b);--b:var(--a)var(--a)}.x{opacity:var(--a)}", X),
        (".a{&&&&&&&& " * 28 + "{opacity:0}", X),
    ],
)
def test_a_sheet_that_is_too_much_is_left_unread_at_once(style: str, part: str) -> None:
    page = read(style, part)
    with costs_less_than(2):
        assert page.unread_styles


@pytest.mark.parametrize(
    "style",
    [
        "url(" * 99_000,
        "'" * 390_000,
        "/*" * 190_000,
        "[" * 390_000 + "{display:none}",
        "[a " * 130_000 + "{opacity:0}",
        "@media " + "(prefers-color-scheme:dark" * 9000 + "\nx{p{display:none}}",
    ],
)
def test_a_sheet_without_an_end_is_read_once(style: str) -> None:
    page = read(style, X)
    with costs_less_than(2):
        assert "Bí mật" in page.body.text


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
