"""Readers' comments, lists of other articles and live reports, recognised by their headings and classes."""

import pytest

from campaigns.matching.parsed_page import PageRegion
from coordinator.discovery.pages.page import parse_page

TEXT = (
    "Sáng nay thành phố khánh thành cây cầu mới sau hai năm thi công, người dân hai bên bờ đi lại thuận tiện hơn. " * 4
)
SAID = "Tôi đi qua cầu mỗi ngày nên rất vui, mong thành phố lắp thêm đèn ở đầu cầu phía chợ cho bà con đỡ tối. " * 3


def regions(part: str, before: str = "") -> tuple[PageRegion, bool]:
    """The region of what was said, and whether it is in the main text."""
    html = f"<body><main>{before}<article><h1>Cầu mới</h1><p>{TEXT}</p></article>{part}</main></body>"
    page = parse_page(html, "https://tinvui.example/cau-moi.html")
    (region,) = {block.region for block in page.blocks if "lắp thêm đèn" in block.text}
    return region, "lắp thêm đèn" in page.text


@pytest.mark.parametrize(
    "part",
    [
        f"<div><h3>Bình luận</h3><p>{SAID}</p></div>",
        f"<section><h4>Ý kiến bạn đọc (3)</h4><ul><li>{SAID}</li></ul></section>",
        f"<div><p>12 bình luận</p><p>{SAID}</p></div>",
        f"<div><b>Phản hồi</b><p>{SAID}</p><a href='#'>Trả lời</a></div>",
        f"<div><div class='title'>Thảo luận (5)</div><p>{SAID}</p></div>",
        f'<div class="binhluan-box"><p>{SAID}</p></div>',
        f'<div id="box_y_kien"><p>{SAID}</p></div>',
        f'<div class="thao-luan"><p>{SAID}</p></div>',
        f'<div class="BanDocGopY gop-y"><p>{SAID}</p></div>',
    ],
)
def test_readers_comments_are_no_text_of_the_article(part: str) -> None:
    assert regions(part) == (PageRegion.COMMENTS, False)


@pytest.mark.parametrize(
    ("before", "part"),
    [
        ("", f"<div><h3>Thảo luận</h3><p>{SAID}</p></div>"),  # a part of a conference
        ("", f"<div><h3>Ý kiến chỉ đạo</h3><p>{SAID}</p></div>"),
        ("<h2>Bình luận</h2>", f"<p>{SAID}</p>"),  # a section's name above the article
        ("", f'<div class="category-binh-luan"><p>{SAID}</p></div>'),
    ],
)
def test_words_that_only_look_like_comments_hide_nothing(before: str, part: str) -> None:
    assert regions(part, before) == (PageRegion.MAIN, True)


def test_an_article_of_a_section_called_so_is_no_comment() -> None:
    html = f'<body><div class="binh-luan"><h1>Cầu mới</h1><p>{TEXT}</p></div></body>'
    page = parse_page(html, "https://tinvui.example/binh-luan/cau-moi.html")
    assert {block.region for block in page.blocks} == {PageRegion.MAIN}
    assert "khánh thành" in page.text


def test_a_list_behind_its_heading_is_of_other_articles_and_what_follows_is_not() -> None:
    listed = "".join(f'<li><a href="/{n}">Tin thứ {n} trong ngày của trang</a></li>' for n in range(3))
    listed = f"<h3>Tin liên quan:</h3><ul>{listed}</ul>"
    html = f"<body><article><h1>Cầu mới</h1><p>{TEXT}</p>{listed}<p>Nguồn: Báo Sáng</p></article></body>"
    blocks = parse_page(html, "https://tinvui.example/cau-moi.html").blocks
    found = {block.text: block.region for block in blocks}
    assert [found[f"Tin thứ {n} trong ngày của trang"] for n in range(3)] == [PageRegion.RELATED] * 3
    assert found["Nguồn: Báo Sáng"] is PageRegion.MAIN


ENTRIES = "".join(
    f'<div class="live-item"><span>{hour}:30</span><p>Mốc {hour} giờ, {SAID}</p></div>' for hour in (9, 10, 11)
)

BARE = ENTRIES.replace(' class="live-item"', "")


@pytest.mark.parametrize(
    "part",
    [
        f'<div class="tuong-thuat">{ENTRIES}</div>',
        f'<div class="liveblog-wrap">{ENTRIES}</div>',
        f'<div itemscope itemtype="https://schema.org/LiveBlogPosting">{ENTRIES}</div>',
        f"<h2>Tường thuật trực tiếp lễ thông xe</h2><div>{BARE}</div>",
    ],
)
def test_a_live_report_has_its_entries(part: str) -> None:
    title = "Tường thuật trực tiếp lễ thông xe" if part.startswith("<h2>") else "Cầu mới"
    page = parse_page(
        f"<title>{title}</title><body><h1>{title}</h1><p>{TEXT}</p>{part}</body>", "https://tinvui.example/a"
    )
    texts = [page.text[entry.start : entry.stop] for entry in page.entries]
    assert [text.count("Mốc") for text in texts] == [0, 1, 1, 1]
    assert texts[2].startswith("10:30")


def test_paragraphs_of_an_ordinary_article_are_no_entries() -> None:
    body = "".join(f"<p>{TEXT}</p>" for _ in range(4))
    for page in (
        f'<div class="timeline">{body}</div>',
        f"<div>{body}</div>",
        f'<div class="truc-tiep-detail">{body}</div>',
    ):
        assert parse_page(f"<body><h1>Cầu mới</h1>{page}</body>", "https://tinvui.example/a").entries == ()
