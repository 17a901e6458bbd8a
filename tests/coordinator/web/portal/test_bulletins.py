"""Bulletins in the portal: the published ones of the partner's topics, search, the kit as one file; nothing after a
recall."""

import hashlib
import io
import zipfile
from typing import Any

import pytest
from docx import Document
from selectolax.lexbor import LexborHTMLParser

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.channels.channels import pause
from campaigns.partners.directory import find_company
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.web.portal import bulletins
from tests import factories, sample_media
from tests.coordinator.published_media import SPOKEN, publish_with_media
from tests.coordinator.web.desk.bulletins.test_pictures import TYPED, cover_in, photograph, upload
from tests.coordinator.web.desk.copies import TITLE
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import COMPANY_CODE, enter_as_editor
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, NOW, WRITER

FIRST = "BT-2026-11-24-001"  # the copied one


def publish(portal: Portal, title: str, **given: Any) -> str:
    """Publish one more bulletin."""
    with portal.desk.database.write() as session:
        code = factories.published(session, title=title, now=portal.desk.office.now(), **given).code
    portal.desk.office.clock.forward(seconds=1)  # no two changes have the same time
    return code


def titles(portal: Portal, query: str = "") -> list[str]:
    return portal.page(f"/bulletins{query}").words("tbody th a")


def unpacked(portal: Portal, code: str = FIRST) -> dict[str, bytes]:
    """Return the files of a kit."""
    with portal.desk.client.get(f"/portal/bulletins/{code}.zip") as answer:
        assert answer.status_code == 200
        body = io.BytesIO(answer.data)
    with zipfile.ZipFile(body) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_what_is_not_out_or_not_of_their_topics_is_not_there(portal: Portal) -> None:
    now = portal.desk.office.now()
    with portal.desk.database.write() as session:
        company = find_company(session, COMPANY_CODE)
        factories.channel(session, "feed", company=company, topics=["dich-benh"])
        draft = factories.draft(session, title="Bản nháp giữ kín", now=now).code
    other = publish(portal, "Giá xăng", topic="kinh-te-xa-hoi")
    mine = publish(portal, "Phun thuốc diệt muỗi")
    enter_as_editor(portal)
    assert titles(portal) == ["Phun thuốc diệt muỗi", TITLE]
    for code in (other, draft, "BT-2000-01-01-001"):
        for path in (f"/bulletins/{code}", f"/bulletins/{code}.zip"):
            assert portal.desk.client.get(f"/portal{path}").status_code == 404
    assert portal.page(f"/bulletins/{mine}").heading == "Phun thuốc diệt muỗi"


def test_a_partner_whose_channels_are_stopped_is_informed(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        company = find_company(session, COMPANY_CODE)
        pause(session, ADMIN, factories.channel(session, "feed", company=company), now=NOW)
    enter_as_editor(portal)
    page = portal.page("/bulletins")
    assert page.has("Kênh lấy tin của đơn vị đang dừng")
    assert portal.desk.client.get(f"/portal/bulletins/{FIRST}").status_code == 404


@pytest.mark.parametrize("words", ["diet+muoi", "Diệt+muỗi", "BT-2026-11-24-002", "muoi&topic=dich-benh"])
def test_words_find_bulletins_with_marks_and_without(portal: Portal, words: str) -> None:
    assert publish(portal, "Phun thuốc diệt muỗi") == "BT-2026-11-24-002"
    enter_as_editor(portal)
    assert titles(portal, f"?q={words}") == ["Phun thuốc diệt muỗi"]
    assert portal.page("/bulletins?q=khong-co-gi").has("Không có bản tin nào hợp với từ này.")


def test_no_word_of_a_correction_that_waits_finds_anything(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        text = factories.text("Tiêm sởi: đổi lịch", "Chuyển sang nhà văn hóa Ngọc Thụy.")
        workflow.correct(session, WRITER, FIRST, text, "Đổi nơi tiêm", DELIVERY_MODES, now=portal.desk.office.now())
    enter_as_editor(portal)
    assert titles(portal, "?q=%22Ng%E1%BB%8Dc+Th%E1%BB%A5y%22") == []
    assert "Ngọc Thụy" not in portal.desk.get(f"/portal/bulletins/{FIRST}")


def test_the_kit_is_there_to_copy_with_the_partners_own_copies(portal: Portal) -> None:
    enter_as_editor(portal)
    page = portal.page(f"/bulletins/{FIRST}")
    assert page.value("html").startswith(f"<h2>{TITLE}</h2>")
    assert f'<p>Theo <a href="http://localhost:8800/bulletins/{FIRST}">' in page.value("html")
    assert page.value("text").rstrip().endswith(f"Nguồn: http://localhost:8800/bulletins/{FIRST}")
    assert page.link("https://nhipsong.example/suc-khoe/tiem-soi-30-phuong") == f"/portal/copies/{portal.mine}"
    assert not page.has("congtinsang")


def test_the_file_holds_every_form_with_the_source_line_under_names_that_every_system_keeps(portal: Portal) -> None:
    enter_as_editor(portal)
    answer = portal.desk.client.get(f"/portal/bulletins/{FIRST}.zip")
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename={FIRST}-lich-tiem-nhac-vac-xin-soi-cho-tre-tai-30-phuong-xa-trong.zip"
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    answer.close()
    files = unpacked(portal)
    assert list(files) == ["doc-truoc.txt", "ban-tin.html", "ban-tin.txt", "ban-tin.docx"]
    html = LexborHTMLParser(files["ban-tin.html"].decode())
    link = html.css_first("p:last-of-type a")
    assert link is not None
    assert link.attributes["href"] == f"http://localhost:8800/bulletins/{FIRST}"
    assert files["ban-tin.txt"].startswith("\ufeff".encode())
    word = Document(io.BytesIO(files["ban-tin.docx"]))
    assert word.paragraphs[0].text == TITLE
    assert word.paragraphs[-1].text == "Theo Sở Thông tin <thành phố>"
    assert word.paragraphs[-1].hyperlinks[0].url == f"http://localhost:8800/bulletins/{FIRST}"


def test_video_audio_captions_and_documents_go_along_and_their_words_stand_in_every_form(portal: Portal) -> None:
    media = publish_with_media(portal.desk.office)
    enter_as_editor(portal)
    page = portal.desk.get(f"/portal/bulletins/{media.code}")
    assert f"/media/{media.items['video'].ident}.mp4" in page
    files = unpacked(portal, media.code)
    assert list(files)[4:] == [
        "anh-1-ap-phich-tiem-chung.jpg", "anh-2-y-ta-tiem-cho-tre.jpg", "video-3-y-ta-tiem-cho-tre.mp4",
        "phu-de-4-y-ta-tiem-cho-tre.vtt", "am-thanh-5-ban-tin-loa-phuong.mp3", "tai-lieu-6-ke-hoach-tiem.pdf",
    ]  # fmt: skip
    assert hashlib.sha256(files["video-3-y-ta-tiem-cho-tre.mp4"]).hexdigest() == media.items["video"].sha256
    read_first = files["doc-truoc.txt"].decode("utf-8-sig")
    assert "3. video-3-y-ta-tiem-cho-tre.mp4\r\n     Mô tả: Y tá tiêm cho trẻ" in read_first
    word = [paragraph.text for paragraph in Document(io.BytesIO(files["ban-tin.docx"])).paragraphs]
    for words in (SPOKEN, *sample_media.TRANSCRIPT.split("\n")):
        assert word.count(words) == 1
        assert files["ban-tin.html"].decode().count(words) == files["ban-tin.txt"].decode().count(words) == 1


def test_a_file_that_is_too_large_for_the_kit_is_named_with_its_address(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = publish_with_media(portal.desk.office, video=bytes(1_000_000))
    monkeypatch.setattr(bulletins, "MAX_FILE_BYTES", 900_000)
    enter_as_editor(portal)
    files = unpacked(portal, media.code)
    assert not any(name.endswith(".mp4") for name in files)
    assert any(name.endswith(".mp3") for name in files)
    address = f"http://localhost:8800/media/{media.items['video'].ident}.mp4"
    assert f"không kèm trong tệp: {address}" in files["doc-truoc.txt"].decode("utf-8-sig")


def test_pictures_go_along_with_what_they_show_and_who_they_are_by(portal: Portal) -> None:
    portal.desk.sign_in(Role.WRITER)
    cover = cover_in(upload(portal.desk, photograph()).text)
    form = TYPED | {"do": "save", "cover": cover, "cover_alt": "Trẻ được tiêm ở <trạm>"}
    code = portal.desk.post("/desk/bulletins/new", form).headers["Location"].rpartition("/")[2]
    with portal.desk.database.write() as session:
        now = portal.desk.office.now()
        workflow.submit(session, WRITER, code, now=now)
        digest = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, digest, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    enter_as_editor(portal)
    files = unpacked(portal, code)
    assert files["anh-1-tre-duoc-tiem-o-tram.jpg"].startswith(b"\xff\xd8")
    text = files["doc-truoc.txt"].decode("utf-8-sig")
    assert "Mô tả: Trẻ được tiêm ở <trạm>" in text
    assert "Ảnh: Sở Thông tin <thành phố>" in text
    assert len(Document(io.BytesIO(files["ban-tin.docx"])).inline_shapes) == 1
    (picture,) = portal.page(f"/bulletins/{code}").tree.css(".kit-pictures img")
    assert picture.attributes["alt"] == "Trẻ được tiêm ở <trạm>"


def test_after_a_recall_there_is_a_notice_and_no_file(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        workflow.recall(session, APPROVER, FIRST, "Sai lịch tiêm", DELIVERY_MODES, now=portal.desk.office.now())
    enter_as_editor(portal)
    assert portal.page("/bulletins").has("Đã thu hồi, mời gỡ bài")
    for path in (f"/bulletins/{FIRST}", f"/bulletins/{FIRST}.zip"):
        page = portal.page(path, 410)
        assert page.has("Sai lịch tiêm")
        assert page.link("https://nhipsong.example/suc-khoe/tiem-soi-30-phuong")
        assert not page.has("trạm y tế")
