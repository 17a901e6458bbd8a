"""Lists of an article are a part of its main text; lists of other articles are not."""

import pytest

from coordinator.discovery.page import parse_page

BEFORE = "Người dân cần mang theo giấy tờ khi đến trạm, và đăng ký trước với tổ trưởng dân phố của mình."
BEHIND = "Mọi thắc mắc gọi tổng đài của Sở Y tế, trực hai mươi bốn giờ mỗi ngày trong suốt đợt tiêm này."
LIST = "<ul><li>Mang theo căn cước công dân</li><li>Sổ tiêm chủng của <b>trẻ em</b></li></ul>"


def main_of(between: str, around: str = "{}") -> str:
    article = f"<h1>Lịch tiêm vắc-xin cúm tại 30 phường</h1><p>{BEFORE}</p>{between}<p>{BEHIND}</p><p>{BEFORE} Hết.</p>"
    return parse_page(f"<body>{around.format(f'<article>{article}</article>')}</body>", "https://trang.example/").text


@pytest.mark.parametrize("around", ["{}", '<div class="wrap"><div class="content">{}</div></div>'])
@pytest.mark.parametrize("kind", ["ul", "ol"])
def test_a_list_between_two_paragraphs_stands_there_in_the_main_text(kind: str, around: str) -> None:
    text = main_of(LIST.replace("ul>", f"{kind}>"), around)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    at = lines.index(BEFORE)
    assert lines[at : at + 4] == [BEFORE, "Mang theo căn cước công dân", "Sổ tiêm chủng của trẻ em", BEHIND]
    assert text.count("căn cước") == 1


@pytest.mark.parametrize(
    "between",
    [
        '<ul><li><a href="/a">Bão số 9 vào bờ</a></li><li><a href="/b">Giá xăng giảm từ chiều nay</a></li></ul>',
        f'<div class="related-news">{LIST}</div>',
        f"<nav>{LIST}</nav>",
        f'<div style="display:none">{LIST}</div>',
        "<ul>" + "".join(f"<li>Mục {number}</li>" for number in range(80)) + "</ul>",
    ],
    ids=["of links", "in a box", "in a menu", "hidden", "too long"],
)
def test_a_list_that_is_not_the_articles_stays_out(between: str) -> None:
    text = main_of(between)
    assert "căn cước" not in text
    assert "Giá xăng" not in text
    assert "Mục 7" not in text


def test_a_list_behind_the_article_stays_out() -> None:
    page = f"<body><article><h1>Lịch tiêm tại 30 phường</h1><p>{BEFORE}</p><p>{BEHIND}</p></article>{LIST}</body>"
    assert "căn cước" not in parse_page(page, "https://trang.example/").text
