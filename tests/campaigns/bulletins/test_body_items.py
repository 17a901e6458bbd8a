"""A text as items without formatting: lists and tables as lines, pictures and videos at their places."""

import pytest

from campaigns.bulletins.body_items import BodyItem, BodyItemKind, body_items


def texts(html: str) -> list[str]:
    return [item.text for item in body_items(html) if item.kind is BodyItemKind.TEXT]


def test_paragraphs_headings_and_line_breaks_are_lines() -> None:
    assert texts("<h2>Lịch</h2><p>Một &amp; <a href='https://a.example'>hai</a>.<br>Ba</p>") == [
        "Lịch",
        "Một & hai.",
        "Ba",
    ]


def test_entries_of_lists_have_their_marks() -> None:
    html = "<ul><li>A<ul><li>A1</li></ul></li><li>B</li></ul><ol><li>x</li><li><p>y</p></li></ol><p>z</p>"
    assert texts(html) == ["• A", "• A1", "• B", "1. x", "2. y", "z"]


def test_rows_of_tables_are_lines_and_an_empty_cell_keeps_its_place() -> None:
    html = (
        "<table><thead><tr><th>Quận</th><th>Ngày</th></tr></thead>"
        "<tbody><tr><td>Ba Đình</td><td>24/11</td></tr><tr><td></td><td>x</td></tr><tr><td> </td><td></td></tr>"
        "</tbody></table>"
    )
    assert texts(html) == ["Quận | Ngày", "Ba Đình | 24/11", "| x"]
    assert texts("<table><tr><td>Ba Đình</td><td></td><td> </td></tr></table>") == ["Ba Đình"]


def test_pictures_and_videos_stand_at_their_places() -> None:
    html = (
        "<p>Đầu</p><figure><img src='https://a.example/p.jpg' alt='mô tả'><figcaption>Chú thích</figcaption></figure>"
        "<p>Giữa <img src='https://a.example/q.jpg' alt='Cờ'> cuối</p>"
        "<p><a href='https://a.example/v.MP4?x=1'>Xem video</a></p>"
    )
    assert body_items(html) == (
        BodyItem(BodyItemKind.TEXT, "Đầu"),
        BodyItem(BodyItemKind.IMAGE, "Chú thích", "https://a.example/p.jpg"),
        BodyItem(BodyItemKind.TEXT, "Giữa"),
        BodyItem(BodyItemKind.IMAGE, "Cờ", "https://a.example/q.jpg"),
        BodyItem(BodyItemKind.TEXT, "cuối"),
        BodyItem(BodyItemKind.VIDEO, "Xem video", "https://a.example/v.MP4?x=1"),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<p>Xem <a href='https://a.example/v.mp4'>video</a></p>",  # words around the link
        "<p><a href='https://a.example/v.html'>video</a></p>",
        "<p><a href='/v.mp4'>video</a></p>",
        "<p><a href='https://a.example/v.mp4'>một</a><a href='https://a.example/w.mp4'>hai</a></p>",
        "<p><a href='https://[bad/v.mp4'>video</a></p>",
    ],
)
def test_only_a_lone_link_to_a_video_file_is_a_video(html: str) -> None:
    assert {item.kind for item in body_items(html)} == {BodyItemKind.TEXT}


def test_relative_pictures_are_left_out_and_nothing_is_nothing() -> None:
    assert body_items("<p><img src='/a.jpg' alt='x'></p>") == ()
    assert body_items("") == ()


def test_text_outside_of_any_element_and_unclosed_elements_are_kept() -> None:
    assert texts("Trần<p>Một<ul><li>Hai") == ["Trần", "Một", "• Hai"]
    assert texts("<figcaption>Lạc loài</figcaption>") == ["Lạc loài"]
