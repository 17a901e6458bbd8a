"""``lantoa check`` with pictures: posters that stand on a page as pictures, with the real program that reads text."""

import base64
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from coordinator.imports.pictures.text import can_read_text
from tests.campaigns.matching.sample_texts import OUR_NAME, bulletin, page_html, paragraphs
from tests.conftest import need
from tests.coordinator.jobs.matching.test_offline_check import Ran
from tests.drawn_pictures import CHANGES, infographic, jpeg, photograph, poster

DAY = infographic("24/11/2026", ["12.431", "508", "1.276", "17"])
NEXT_DAY = infographic("25/11/2026", ["11.902", "611", "1.304", "39"])
LINES = [
    "Từ ngày 01/12, các trạm y tế phường tổ chức tiêm vắc xin",
    "sởi cho trẻ từ 9 tháng tuổi đến 5 tuổi chưa tiêm đủ mũi.",
    "Phụ huynh mang theo sổ tiêm chủng và giấy khai sinh của trẻ,",
    "đến đúng giờ hẹn ghi trên phiếu mời của nhà trường, hoặc",
    "đăng ký qua ứng dụng của thành phố trước ngày 28/11.",
    "Đường dây nóng của ngành y tế trả lời từ 7 giờ đến 19 giờ.",
]
POSTER = poster(1, LINES)


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    if not can_read_text():
        need("tesseract with its Vietnamese model", "text in pictures")


def given(picture: Image.Image | bytes, url: str) -> dict[str, str]:
    body = picture if isinstance(picture, bytes) else jpeg(picture)
    return {"url": url, "data": base64.b64encode(body).decode()}


def picture_bulletin(ident: str, picture: Image.Image, text: str = "") -> dict[str, Any]:
    return {
        "id": ident, "title": f"Đồ họa {ident}", "text": text, "url": f"https://so.example/b/{ident}",
        "pictures": [given(picture, f"https://so.example/m/{ident}.jpg")],
    }  # fmt: skip


def picture_page(ident: str, picture: Image.Image | bytes, tail: str, place: str = "") -> dict[str, Any]:
    shown = place or '<figure><img data-src="/anh/1.jpg" src="data:image/gif;base64,R0lGOD"></figure>'
    html = page_html("Thông tin hôm nay", f"<p>Mời bạn đọc xem trong hình.</p>{shown}", tail=tail)
    url = f"https://tinvui.example/{ident}.html"
    return {"id": ident, "url": url, "html": html, "pictures": [given(picture, "https://tinvui.example/anh/1.jpg")]}


LINKED = '<p>Nguồn: <a href="https://so.example/b/{}">{}</a></p>'


def test_a_poster_is_found_in_what_sites_make_of_it(tmp_path: Path) -> None:
    pages = [
        picture_page(f"p{place}", CHANGES[change](POSTER), LINKED.format("b1", OUR_NAME))
        for place, change in enumerate(CHANGES)
    ]
    ran = Ran(tmp_path, [picture_bulletin("b1", POSTER), picture_bulletin("b2", DAY)], pages)
    assert (ran.status, ran.errors) == (0, [])
    found = {change: line["bulletin"] for change, line in zip(CHANGES, ran.lines, strict=True)}
    assert found == dict.fromkeys(CHANGES, "b1")
    assert {line["match"] for line in ran.lines} == {"picture"}
    assert {line["attribution"] for line in ran.lines} == {"linked_at_end"}
    first = ran.lines[0]
    assert first["picture"] == {
        "page_url": "https://tinvui.example/anh/1.jpg", "bulletin_url": "https://so.example/m/b1.jpg", "by": "same",
        "distance": 0,
    }  # fmt: skip
    assert ran.lines[1]["picture"]["by"] == "similar"


def test_two_infographics_of_one_template_never_stand_for_each_other(tmp_path: Path) -> None:
    known = [picture_bulletin("b1", DAY)]
    both = [*known, picture_bulletin("b2", NEXT_DAY)]
    pages = [picture_page("p1", CHANGES["compressed"](NEXT_DAY), LINKED.format("b1", OUR_NAME))]
    (alone,) = Ran(tmp_path, known, pages).lines
    assert alone["bulletin"] is None
    assert alone["reasons"][0].startswith("picture_figures: ")
    (line,) = Ran(tmp_path, both, pages).lines
    assert line["bulletin"] == "b2"


def test_a_bulletin_of_text_is_read_in_a_picture(tmp_path: Path) -> None:
    text = {"id": "b1", "title": "Lịch tiêm vắc xin sởi", "text": "\n".join(LINES), "url": "https://so.example/b/b1"}
    pages = [picture_page("p1", poster(7, LINES), f"<p>Theo {OUR_NAME}</p>")]
    (line,) = Ran(tmp_path, [text], pages).lines
    assert (line["bulletin"], line["match"], line["picture"]["by"]) == ("b1", "picture", "read")
    assert line["attribution"] == "named_only"
    assert line["picture"]["share"] > 0.7


def test_the_text_of_a_poster_is_found_as_text(tmp_path: Path) -> None:
    page = {
        "id": "p1", "url": "https://tinvui.example/1.html",
        "html": page_html("Lịch tiêm", paragraphs(LINES), tail=LINKED.format("b1", OUR_NAME)),
    }  # fmt: skip
    (line,) = Ran(tmp_path, [picture_bulletin("b1", POSTER)], [page]).lines
    assert (line["bulletin"], line["match"]) == ("b1", "full")


def test_a_text_that_stands_on_the_page_is_not_counted_as_a_picture(tmp_path: Path) -> None:
    sample = bulletin(3)
    ours = {"id": "b1", "title": sample.title, "text": sample.text, "url": sample.url}
    ours["pictures"] = [given(POSTER, "https://so.example/m/1.jpg")]
    html = page_html(sample.title, paragraphs(sample.paragraphs) + '<img src="/anh/1.jpg">')
    page = {"id": "p1", "url": "https://tinvui.example/1.html", "html": html}
    page["pictures"] = [given(POSTER, "https://tinvui.example/anh/1.jpg")]
    (line,) = Ran(tmp_path, [ours], [page]).lines
    assert line["match"] == "full"


def test_pictures_beside_the_article_and_of_others_are_no_copies(tmp_path: Path) -> None:
    beside = '<aside class="related"><img src="/anh/1.jpg" alt=""></aside>'
    pages = [
        picture_page("p1", POSTER, LINKED.format("b1", OUR_NAME), place=beside),
        picture_page("p2", photograph(5), LINKED.format("b1", OUR_NAME)),
    ]
    ran = Ran(tmp_path, [picture_bulletin("b1", POSTER)], pages)
    assert [line["bulletin"] for line in ran.lines] == [None, None]


@pytest.mark.parametrize(
    ("pictures", "error"),
    [
        ("x", "'pictures' is no list"),
        ([{"url": "https://so.example/1.jpg"}], "'pictures[0]' has no data"),
        ([{"url": 1, "data": ""}], "'pictures[0]' has a url that is no string"),
        ([{"data": "%%%"}], "'pictures[0]' has data that are not base64"),
        ([given(b"GIF89a", "https://so.example/1.gif")], "'pictures[0]' cannot be read"),
        ([given(jpeg(POSTER)[:5000], "https://so.example/1.jpg")], "'pictures[0]' cannot be read"),
        ([given(POSTER, "")] * 11, "11 pictures, expected at most 10"),
    ],
)
def test_a_bulletin_with_a_bad_picture_is_reported_with_its_line(tmp_path: Path, pictures: Any, error: str) -> None:
    good = picture_bulletin("b2", POSTER)
    ran = Ran(tmp_path, [{**good, "id": "b1", "pictures": pictures}, good], [picture_page("p1", POSTER, "")])
    assert ran.status == 2
    assert error in ran.errors[0]
    assert ran.errors[0].startswith(f"{ran.bulletins}:1: ")
    assert [line["bulletin"] for line in ran.lines] == ["b2"]


def test_a_hostile_picture_of_a_page_stops_nothing(tmp_path: Path) -> None:
    huge = Image.new("1", (30_000, 30_000))
    body = tmp_path / "huge.png"
    huge.save(body, optimize=True)
    pages = [
        picture_page("p1", body.read_bytes(), ""),
        picture_page("p2", b"<svg/>", ""),
        picture_page("p3", POSTER, ""),
    ]
    ran = Ran(tmp_path, [picture_bulletin("b1", POSTER)], pages)
    assert [line["bulletin"] for line in ran.lines] == [None, None, "b1"]
