"""The picture library: one picture a file, descriptions that texts copy, and what cannot be removed."""

import io
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.pictures import Picture
from campaigns.bulletins.presentation import from_json
from campaigns.people.staff import Role
from campaigns.release import workflow
from tests.coordinator.web.desk.bulletins.test_pictures import NEW, TYPED, cover_in, photograph, upload
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES

LIBRARY = "/desk/pictures"
ALT, CREDIT = "Y tá tiêm cho một bé gái", "Ảnh: Đặng Hà"


@pytest.fixture
def writer(desk: Desk) -> Desk:
    """A desk with the writer signed in."""
    desk.sign_in(Role.WRITER)
    return desk


def bring(desk: Desk, *bodies: bytes) -> str:
    """Upload files at once; returns the address of the page that asks for their descriptions."""
    files = [(io.BytesIO(body), f"anh-{number}.jpg") for number, body in enumerate(bodies, start=1)]
    answer = desk.post(LIBRARY, {"pictures": files}, content_type="multipart/form-data")
    assert answer.status_code == 303
    return answer.location or ""


def described(desk: Desk, body: bytes, alt: str = ALT, credit: str = CREDIT) -> str:
    """Bring a picture into the library with its description; returns its identifier."""
    page = bring(desk, body)
    ident = page.rpartition("=")[2]
    assert desk.post(page, {f"{ident}.alt": alt, f"{ident}.credit": credit}).status_code == 303
    return ident


def kept(desk: Desk) -> list[Picture]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(Picture).order_by(Picture.id)).scalars())


def released(desk: Desk, ident: str, alt: str = ALT) -> str:
    """A released bulletin with this cover; returns its code."""
    answer = desk.post(NEW, TYPED | {"do": "submit", "cover": ident, "cover_alt": alt})
    code = (answer.location or "").rsplit("/", 1)[1]
    with desk.database.write() as session:
        now = desk.office.now()
        workflow.approve(
            session, APPROVER, code, find_bulletin(session, code).revision(1).hash, DELIVERY_MODES, now=now
        )
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    return code


def test_several_files_are_brought_at_once_each_with_its_description_and_the_same_file_is_one(writer: Desk) -> None:
    page = bring(writer, photograph((800, 600)), photograph((900, 600)), photograph((800, 600)))
    first, second = page.rpartition("=")[2].replace("%2C", ",").split(",")
    answer = writer.post(page, {f"{first}.alt": ALT, f"{first}.credit": CREDIT, f"{second}.alt": " "})
    assert (answer.status_code, set(Page(answer.text).errors())) == (422, {f"{second}-alt"})
    assert Page(answer.text).value(f"{first}.alt") == ALT
    assert [picture.alt for picture in kept(writer)] == ["", ""]
    names = {f"{first}.alt": ALT, f"{first}.credit": CREDIT, f"{second}.alt": "Chợ hoa"}
    assert writer.post(page, names).status_code == 303
    assert [(picture.alt, picture.credit) for picture in kept(writer)] == [(ALT, CREDIT), ("Chợ hoa", "")]
    bring(writer, photograph((900, 600)))
    assert cover_in(upload(writer, photograph((800, 600))).text) == first
    assert len(kept(writer)) == 2


def test_a_file_that_is_no_picture_is_named_and_the_others_are_kept(writer: Desk) -> None:
    assert "describe" in bring(writer, b"<svg/>", photograph((800, 600)))
    assert len(kept(writer)) == 1
    assert "anh-1.jpg: Chỉ nhận ảnh JPEG, PNG hoặc WebP" in writer.get(LIBRARY)


def test_the_list_is_searched_without_marks_and_narrowed_by_use_and_month(writer: Desk) -> None:
    used = described(writer, photograph((800, 600)))
    writer.office.clock.forward(days=10)
    described(writer, photograph((900, 600)), "Chợ hoa ngày Tết", "Ảnh: Văn Sỹ")
    code = released(writer, used)

    def found(query: str) -> list[str]:
        return [row[0] for row in Page(writer.get(f"{LIBRARY}?{query}")).rows("Các ảnh")]

    assert found("") == ["Chợ hoa ngày Tết", ALT]
    assert found("q=cho+hoa") == found("q=chợ+HOA") == found("q=van+sy") == ["Chợ hoa ngày Tết"]
    assert found("use=used") == found("month=2026-11") == [ALT]
    assert found("use=unused&month=2026-12") == ["Chợ hoa ngày Tết"]
    (row,) = Page(writer.get(f"{LIBRARY}?use=used")).rows("Các ảnh")
    assert (CREDIT in row[1], code in row[3]) == (True, True)
    writer.get(f"{LIBRARY}?month=2027-01", 422)


def test_a_cover_from_the_library_brings_its_description_which_a_text_may_change(writer: Desk) -> None:
    ident = described(writer, photograph((800, 600)))
    answer = writer.post(NEW, TYPED | {"do": "find_pictures", "library_q": "be gai"})
    assert f'value="{ident}"' in answer.text
    answer = writer.post(NEW, TYPED | {"do": "library", "library": ident, "cover_alt": "Ảnh trước"})
    assert (cover_in(answer.text), Page(answer.text).value("cover_alt")) == (ident, ALT)
    assert f'data-alt="{ALT}"' in writer.get(f"{LIBRARY}/choose?library_q=tiem")
    assert "Không có ảnh nào khớp" in writer.get(f"{LIBRARY}/choose?library_q=tau+thuy")


def test_a_released_text_keeps_its_words_when_the_library_changes_and_its_picture_stays(writer: Desk) -> None:
    ident = described(writer, photograph((800, 600)))
    code = released(writer, ident, "Lời của bản tin")
    with writer.database.read() as session:
        before = find_bulletin(session, code).revision(1)
        assert from_json(before.presentation).cover is not None
        was = (before.hash, before.presentation)
    assert writer.post(f"{LIBRARY}/{ident}", {"alt": "Mô tả khác", "credit": ""}).status_code == 303
    assert writer.post(f"{LIBRARY}/{ident}", {"alt": "", "credit": ""}).status_code == 422
    with writer.database.read() as session:
        after = find_bulletin(session, code).revision(1)
        assert (after.hash, after.presentation) == was
    assert [picture.alt for picture in kept(writer)] == ["Mô tả khác"]
    page = writer.post(f"{LIBRARY}/{ident}/delete", follow_redirects=True).text
    assert f"Ảnh đang ở trong bản tin {code}, nên không bỏ được." in page
    assert len(kept(writer)) == 1


def test_readers_get_the_picture_that_was_approved_whatever_happens_in_the_library_meanwhile(writer: Desk) -> None:
    body = photograph((800, 600))
    ident = described(writer, body)
    answer = writer.post(NEW, TYPED | {"do": "submit", "cover": ident, "cover_alt": ALT})
    code = (answer.location or "").rsplit("/", 1)[1]
    with writer.database.write() as session:
        now = writer.office.now()
        approved = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, approved, DELIVERY_MODES, now=now)
    before = [(picture.ident, picture.key, picture.digest, picture.cuts) for picture in kept(writer)]
    writer.post(f"{LIBRARY}/{ident}", {"alt": "Lời của người viết", "credit": "Nguồn khác"})
    writer.post(f"{LIBRARY}/{ident}/delete", {})
    bring(writer, body)
    writer.post(NEW, TYPED | {"do": "crop", "cover": ident, "focus": "0.1 0.1"})
    with writer.database.write() as session:
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=writer.office.now())
        assert find_bulletin(session, code).revision(1).hash == approved
    assert [(picture.ident, picture.key, picture.digest, picture.cuts) for picture in kept(writer)][:1] == before
    page = writer.get(f"/bulletins/{code}")
    assert ident in page
    assert ALT in page
    assert "Lời của người viết" not in page
    assert "Nguồn khác" not in page


def test_an_unused_picture_is_removed_and_one_in_an_open_text_is_not(writer: Desk) -> None:
    ident = described(writer, photograph((800, 600)))
    token = writer.client.get("/desk/bulletins/drafts/token").get_json()["token"]
    fields: dict[str, Any] = {**TYPED, "cover": ident, "csrf_token": token, "version": "0"}
    assert writer.client.post(f"/desk/bulletins/drafts/{'a' * 32}", data=fields).status_code == 200
    assert "bài gõ dở" in writer.post(f"{LIBRARY}/{ident}/delete", follow_redirects=True).text
    writer.post(f"/desk/bulletins/drafts/{'a' * 32}/drop")
    assert writer.post(f"{LIBRARY}/{ident}/delete").status_code == 303
    assert kept(writer) == []
    assert writer.client.get(f"/pictures/{ident}.jpg").status_code == 404


def test_a_picture_without_a_description_takes_that_of_the_first_text_that_shows_it(writer: Desk) -> None:
    told = writer.post(
        "/desk/bulletins/pictures", {"picture": (io.BytesIO(photograph((800, 600))), "a.jpg")}
    ).get_json()
    body = f'<p>Một.</p><figure><img src="{told["url"]}" alt="Hàng cây &amp; ghế đá"></figure>'
    assert "Không có ảnh nào khớp" in writer.get(f"{LIBRARY}/choose")
    writer.post(NEW, TYPED | {"do": "save", "body_html": body, "body_as": "html"})
    assert [picture.alt for picture in kept(writer)] == ["Hàng cây & ghế đá"]
    assert told["ident"] in writer.get(f"{LIBRARY}/choose?library_q=ghe+da")


def test_who_does_not_write_sees_the_library_and_changes_nothing(writer: Desk) -> None:
    ident = described(writer, photograph((800, 600)))
    writer.sign_in(Role.ANALYST)
    page = writer.get(f"{LIBRARY}/{ident}")
    assert (ALT in page, 'name="alt"' in page) == (True, False)
    for path in (LIBRARY, f"{LIBRARY}/{ident}", f"{LIBRARY}/{ident}/delete"):
        assert writer.post(path, {"alt": "x"}).status_code == 403
    assert writer.client.get(f"{LIBRARY}/choose").status_code == 403
