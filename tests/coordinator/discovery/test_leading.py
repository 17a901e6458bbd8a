"""The lead picture and the author line of a page."""

import pytest

from coordinator.discovery.page import parse_page

URL = "https://tinvui.example/doi-song/bai.html"
BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    ("html", "image"),
    [
        ('<meta property="og:image" content="/anh/1.jpg"><article><img src="/2.jpg"></article>', "/anh/1.jpg"),
        ('<meta name="twitter:image" content="/anh/3.jpg">', "/anh/3.jpg"),
        ('<img src="/logo.png"><article><p>a</p><img src="/anh/4.jpg" width="600"></article>', "/anh/4.jpg"),
        (f'<article><img src="{BLANK}" data-src="/anh/5.jpg"></article>', "/anh/5.jpg"),
        ('<article><img src="/i/abc.gif" width="1" height="1"><img src="/anh/6.jpg"></article>', "/anh/6.jpg"),
        ('<meta property="og:image" content="javascript:alert(1)"><main><img src="7.jpg"></main>', "/doi-song/7.jpg"),
    ],
)
def test_the_lead_picture_is_the_declared_one_or_the_first_of_the_article(html: str, image: str) -> None:
    assert parse_page(html, URL).image == f"https://tinvui.example{image}"


def test_a_page_without_a_picture_of_its_own_has_none() -> None:
    assert parse_page('<img src="/logo.png"><article><p>chữ</p></article>', URL).image == ""


@pytest.mark.parametrize(
    ("html", "author"),
    [
        ('<meta name="author" content="Minh  Mẫu"><p class="author">Khác</p>', "Minh Mẫu"),
        ('<meta property="article:author" content="https://mang.example/minh"><p class="author">Minh</p>', "Minh"),
        ('<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Mẫu"}}</script>', "Mẫu"),
        ('<article><p>a</p><p class="tac-gia"><b>Vũ</b> <i>Mẫu</i></p></article>', "Vũ Mẫu"),
        (f'<div class="author">{"tiểu sử " * 40}</div>', ""),
        ("<p>chữ</p>", ""),
    ],
)
def test_the_author_line_is_what_machines_are_told_or_the_line_meant_for_it(html: str, author: str) -> None:
    assert parse_page(html, URL).author == author
