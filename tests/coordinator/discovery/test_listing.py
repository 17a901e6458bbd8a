"""Front and category pages: articles are distinguished from navigation."""

import time

import pytest

from coordinator.discovery.listing import ListedLink, leads_to_list, read_listing

HOME = "https://tin.test/"
TITLE = "Hà Nội tiêm chủng cho trẻ em"


def addresses(html: str, url: str = HOME) -> list[str]:
    return [listed.url for listed in read_listing(html, url)]


def link(href: str, text: str = TITLE) -> str:
    return f'<a href="{href}">{text}</a>'


@pytest.mark.parametrize(
    "path",
    [
        "/y-te/ha-noi-tiem-chung-4567890.html",
        "/ha-noi-tiem-chung-cho-tre-em",
        "/tin/tiem-chung.html",
        "/tin/tiem-chung.htm",
        "/tiem-chung-20261124.epi",
        "/tin-tuc/bai-viet-moi-nhat?id=5&p=2",
        "/2026/11/24/tiem-chung/",
        "/a/12345",
        "/bai-viet/ti%C3%AAm-ch%E1%BB%A7ng-%C4%91%E1%BB%A3t-hai",
    ],
)
def test_an_articles_link_is_listed(path: str) -> None:
    assert read_listing(link(path), HOME) == [ListedLink("https://tin.test" + path, TITLE)]


@pytest.mark.parametrize(
    "href",
    [
        "/",
        "",
        "#",
        "/y-te",
        "/y-te/",
        "/the-thao/bong-da/",
        "/index.html",
        "/tag/ha-noi-tiem-chung-dot-hai",
        "/tim-kiem/a-b-c-d-e",
        "/category/y-te-suc-khoe-doi-song",
        "/page/1234",
        "/rss/tin-moi-nhat-hom-nay.rss",
        "/anh/tiem-chung-20261124.jpg",
        "/file/ke-hoach-174-kh-ubnd.pdf",
        "javascript:void(0)",
        "mailto:a@tin.test",
        "tel:0241234567",
        "https://khac.test/ha-noi-tiem-chung-4567890.html",
        "//quang-cao.test/a-b-c-d-e.html",
        "https://tin.test:8443/ha-noi-tiem-chung-4567890.html",
        "https://[tin/a-b-c-d-e.html",
    ],
)
def test_other_links_are_not(href: str) -> None:
    assert read_listing(link(href), HOME) == []


@pytest.mark.parametrize("around", ["nav", "footer", "aside", "form", 'div role="navigation"'])
def test_links_in_the_furniture_are_not(around: str) -> None:
    inside = f"<{around}><ul><li>{link('/a-b-c-d-e.html')}</li></ul></{around.partition(' ')[0]}>"
    html = inside + link("/v-w-x-y-z.html")
    assert addresses(html) == ["https://tin.test/v-w-x-y-z.html"]


def test_a_picture_and_a_headline_are_one_link_with_the_headlines_words() -> None:
    href = "/y-te/tiem-chung-4567890.html"
    html = link(href, '<img src="a.jpg">') + link(href + "#binh-luan", "12") + link(href, f"<h3>{TITLE}</h3>")
    assert read_listing(html, HOME) == [ListedLink("https://tin.test" + href, TITLE)]


def test_a_picture_alone_is_listed_without_a_title_or_with_the_one_it_names() -> None:
    assert read_listing(link("/a-b-c-d-e.html", "<img>"), HOME)[0].title == ""
    html = f'<a title="{TITLE}" href="/a-b-c-d-e.html"><img></a>'
    assert read_listing(html, HOME)[0].title == TITLE


def test_links_are_resolved_as_browsers_do() -> None:
    page = "https://tin.test/y-te/trang.html"
    assert addresses(link("bai-1234.html"), page) == ["https://tin.test/y-te/bai-1234.html"]
    assert addresses('<base href="/khac/">' + link("bai-1234.html"), page) == ["https://tin.test/khac/bai-1234.html"]
    assert addresses(link(" \n/a-b-c d-e.html\t"), page) == ["https://tin.test/a-b-c%20d-e.html"]
    assert addresses(link("https://www.tin.test/a-b-c-d.html")) == ["https://www.tin.test/a-b-c-d.html"]


def test_the_page_itself_is_not_listed() -> None:
    page = "https://tin.test/chuyen-de/a-b-c-d-1234.html"
    assert addresses(link(page) + link(page + "#x"), page) == []


def test_the_order_of_the_page_is_kept_and_its_length_bounded() -> None:
    html = "".join(link(f"/bai-so-{number}.html") for number in range(1000, 3000))
    found = addresses(html)
    assert len(found) == 500
    assert found[0] == "https://tin.test/bai-so-1000.html"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "\x00",
        "<",
        "a" * 100_000,
        "<div>" * 400_000,
        "<b>" * 600_000,
        "<a href=/a-b-c-d-e>" * 100_000,
        "<a " + "b=c " * 500_000,
        "<table>" * 200_000,
        "<!--" * 400_000,
    ],
)
def test_no_page_makes_it_fail_or_run_for_long(html: str) -> None:
    began = time.monotonic()
    read_listing(html, HOME)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("path", "is_list"),
    [
        ("", True),
        ("/", True),
        ("/category/tin-tuc-trong-ngay/", True),
        ("/tag/tiem-chung", True),
        ("/author/toasoan/", True),
        ("/thoi-su/page/2/", True),
        ("/?p=174", False),
        ("/2026/11/lich-tiem-tai-tam-phuong/", False),
        ("/category/suc-khoe/lich-tiem-40001.html", False),
        ("/chuyen-muc/suc-khoe/lich-tiem.htm", False),
        ("/gia-gao", False),
    ],
)
def test_an_address_tells_whether_it_is_one_of_a_list(path: str, is_list: bool) -> None:
    assert leads_to_list(f"https://tin.example{path}") is is_list
