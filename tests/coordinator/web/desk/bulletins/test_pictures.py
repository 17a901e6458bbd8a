"""Pictures at the desk: re-encoded, cropped, described, and public exactly while the text that shows them is."""

import io
import re
import zlib
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageFile

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.bulletins.pictures import Picture
from campaigns.bulletins.presentation import from_json
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.pictures import CROP_RATIOS, MAX_SIDE, prepare_picture
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES

NEW = "/desk/bulletins/new"
TYPED: dict[str, Any] = {
    "title": "Lịch tiêm nhắc", "lead": "Miễn phí.", "body_html": "Một.", "body_as": "text", "topic": "dich-benh",
    "reach": "all",
}  # fmt: skip


def photograph(size: tuple[int, int] = (1600, 1200), left: str = "red", right: str = "blue") -> bytes:
    """Return a picture with two different halves and EXIF data on place and camera."""
    image = Image.new("RGB", size, right)
    image.paste(left, (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "CANARY"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"CANARY")
    return out.getvalue()


def sixty_megapixels() -> bytes:
    """Return a PNG that declares 60 million pixels and unpacks from 200 kB to 180 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    width, height = 10_000, 6_000
    packer = zlib.compressobj(9)
    row = bytes(1 + width * 3)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def upload(desk: Desk, body: bytes, name: str = "anh.jpg", **more: Any) -> Any:
    return desk.post(NEW, TYPED | {"do": "picture", "picture": (io.BytesIO(body), name)} | more)


def cover_in(text: str) -> str:
    found = re.search(r'name="cover" value="([0-9a-f]{32})"', text)
    assert found is not None
    return found[1]


def opened(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


@pytest.fixture
def writer(desk: Desk) -> Desk:
    """A desk with the writer signed in."""
    desk.sign_in(Role.WRITER)
    return desk


def test_an_uploaded_cover_comes_back_in_the_form_cut_to_every_ratio_and_bare_of_what_it_carried(writer: Desk) -> None:
    answer = upload(writer, photograph())
    ident = cover_in(answer.text)
    assert Page(answer.text).value("title") == "Lịch tiêm nhắc"
    with writer.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Bulletin)).scalar_one() == 0
    whole = writer.client.get(f"/pictures/{ident}.jpg")
    assert (whole.status_code, whole.content_type, whole.headers["Cache-Control"]) == (
        200, "image/jpeg", "private, no-store",
    )  # fmt: skip
    assert b"CANARY" not in whole.data
    assert opened(whole.data).size == (1600, 1200)
    for ratio, (wide, high, most) in CROP_RATIOS.items():
        cut = opened(writer.client.get(f"/pictures/{ident}-{ratio}.jpg").data)
        assert cut.width == min(most, 1600, 1200 * wide // high)
        assert abs(cut.width * high - cut.height * wide) < max(wide, high) * 2


def test_cutting_around_another_part_makes_another_picture_and_leaves_the_first(writer: Desk) -> None:
    first = cover_in(upload(writer, photograph()).text)
    answer = writer.post(NEW, TYPED | {"do": "cut", "cover": first, "focus": "2-1"})
    second = cover_in(answer.text)
    assert second != first

    def middle(ident: str) -> Any:
        square = opened(writer.client.get(f"/pictures/{ident}-1x1.jpg").data)
        return square.getpixel((square.width - 40, 500))

    assert middle(first)[2] > 200  # the right half is visible
    assert opened(writer.client.get(f"/pictures/{second}-1x1.jpg").data).getpixel((100, 500))[0] > 200
    answer = writer.post(NEW, TYPED | {"do": "uncover", "cover": second, "cover_alt": "Y tá"})
    assert 'name="cover"' not in answer.text


def test_sixty_megapixels_are_refused_in_words_and_the_form_keeps_what_was_typed(writer: Desk) -> None:
    answer = upload(writer, sixty_megapixels(), "anh.png")
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {
        "picture": "Ảnh có hơn 40 triệu điểm ảnh. Thu nhỏ ảnh (ví dụ còn 4.000 điểm chiều ngang) rồi chọn lại."
    }
    assert Page(answer.text).value("title") == "Lịch tiêm nhắc"


def test_too_many_pixels_are_reported_by_the_head_of_the_file_before_any_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(_: object) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(FileRejected) as refused:
        prepare_picture(sixty_megapixels())
    assert refused.value.code == "too_many_pixels"
    with pytest.raises(AssertionError, match="decoded"):
        prepare_picture(photograph())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Chọn một ảnh trước đã."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "Chỉ nhận ảnh JPEG, PNG hoặc WebP"),
        (photograph()[:4000], "Ảnh hỏng hoặc bị cắt ngang"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_do(writer: Desk, body: bytes, says: str) -> None:
    answer = upload(writer, body)
    assert answer.status_code == 422
    assert says in Page(answer.text).errors()["picture"]
    response = writer.post("/desk/bulletins/pictures", {"picture": (io.BytesIO(body), "a.jpg")})
    assert (response.status_code, says in response.get_json()["message"]) == (422, True)


def test_a_transparent_drawing_stays_sharp_and_is_cut_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (3000, 1000), (0, 0, 0, 0)).save(out, "PNG")
    made = prepare_picture(out.getvalue())
    assert (made.whole.mime, made.whole.width) == ("image/png", MAX_SIDE)
    assert opened(made.cuts["16x9"].body).getpixel((5, 5)) == (255, 255, 255)


def test_outsiders_see_the_cover_once_the_bulletin_is_out_and_no_more_after_a_recall(writer: Desk) -> None:
    ident = cover_in(upload(writer, photograph()).text)
    answer = writer.post(NEW, TYPED | {"do": "submit", "cover": ident, "cover_alt": "Y tá tiêm cho bé"})
    code = (answer.location or "").rsplit("/", 1)[1]
    outsider = writer.app.test_client()
    path, cut = f"/pictures/{ident}.jpg", f"/pictures/{ident}-16x9.jpg"
    assert [outsider.get(text).status_code for text in (path, cut)] == [404, 404]
    with writer.database.write() as session:
        bulletin = find_bulletin(session, code)
        assert from_json(bulletin.revision(1).presentation).cover is not None
        now = writer.office.now()
        workflow.approve(session, APPROVER, code, bulletin.revision(1).hash, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    seen = outsider.get(path)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "public, no-cache")
    assert "Set-Cookie" not in seen.headers
    assert "Cookie" not in seen.headers.get("Vary", "")
    assert seen.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert outsider.get(path, headers={"If-None-Match": seen.headers["ETag"]}).status_code == 304
    base = writer.office.addresses.base
    page = outsider.get(f"/bulletins/{code}").text
    assert f'<img src="{base}{path}" alt="Y tá tiêm cho bé" width="1600" height="1200">' in page
    assert f'<meta property="og:image" content="{base}{cut}">' in page
    kit = outsider.get(f"/bulletins/{code}/republish").text
    assert kit.count(f"{base}{path}") >= 2
    rss = outsider.get("/feeds/rss.xml").text
    length = len(seen.data)
    assert f'<enclosure url="{base}{path}" length="{length}" type="image/jpeg"/>' in rss
    assert '<media:description type="plain">Y tá tiêm cho bé</media:description>' in rss
    with writer.database.write() as session:
        workflow.recall(session, APPROVER, code, "Sai", DELIVERY_MODES, now=writer.office.now())
    assert outsider.get(path, headers={"If-None-Match": seen.headers["ETag"]}).status_code == 404


def test_names_that_are_none_and_crops_that_are_none_are_not_found(writer: Desk) -> None:
    ident = cover_in(upload(writer, photograph((400, 300))).text)
    for path in (
        f"/pictures/{ident}-3x2.jpg",
        f"/pictures/{ident}.png",
        f"/pictures/{'0' * 32}.jpg",
        "/pictures/x.jpg",
    ):
        assert writer.client.get(path).status_code == 404


def test_an_analyst_uploads_nothing(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    assert desk.post("/desk/bulletins/pictures", {"picture": (io.BytesIO(b"x"), "a.jpg")}).status_code == 403
    with desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Picture)).scalar_one() == 0
