"""Posts on social networks: pasted, completed with pictures, reported, and confirmed by a second person."""

import datetime as dt
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw, ImageFont

from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.partners.directory import CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.people.staff import Role
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus
from campaigns.republications.review import decisions
from campaigns.republications.social.posts import SocialPost
from coordinator.imports.pictures.text import can_read_text
from tests.conftest import need
from tests.coordinator.web.desk.conftest import Desk
from tests.factories import ANALYST, APPROVER, NOW, published

PAGE = "/desk/republications/_social"
LINES = f"{PAGE}/lines"
TITLE = "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã"
POST = "https://www.facebook.com/lang.moi/posts/1234567890"
OTHER_FORM = "https://m.facebook.com/story.php?story_fbid=1234567890&id=100064999888"


def png(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "PNG")
    return out.getvalue()


def screenshot(*lines: str) -> bytes:
    """A post as a phone shows it, in dark letters on white."""
    picture = Image.new("RGB", (720, 1000), "white")
    draw = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        draw.text((40, 60 + 70 * place), line, font=ImageFont.truetype("LiberationSans-Regular.ttf", 30), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def code(desk: Desk) -> str:
    """Publish two bulletins and register a page on Facebook and a network with its own host."""
    with desk.database.write() as session:
        company = add_company(session, "test", CompanyContent(name="Mạng Làng"), code="lang", now=NOW)
        add_site(
            session,
            "test",
            company,
            SiteContent(name="Làng trên Facebook", url="https://www.facebook.com/LangMoi", kind=SiteKind.SOCIAL),
            now=NOW,
        )
        add_site(
            session,
            "test",
            company,
            SiteContent(name="Mạng riêng", url="https://mxh.example/", kind=SiteKind.SOCIAL),
            now=NOW,
        )
        published(session, title="Cấm đường phục vụ lễ hội hoa ở quảng trường trung tâm")
        return published(session, title=TITLE).code


def rows(desk: Desk) -> list[SocialPost]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(SocialPost).order_by(SocialPost.id)).scalars())


def copies(desk: Desk) -> list[Republication]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(Republication).order_by(Republication.id)).scalars())


def fields_of(page: str) -> dict[str, str]:
    """Return the fields of the form of the lines as a browser sends them."""
    form = page[page.index('id="cac-dong"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "file" not in name[1] and name[1] != "csrf_token":
            found[name[1]] = value[1] if value else ""
    return found


def paste(desk: Desk, text: str, status: int = 303, **more: str) -> str:
    answer = desk.post(PAGE, {"lines": text, **more})
    assert answer.status_code == status, answer.text[:3000]
    return answer.text


def drop(desk: Desk, body: bytes, name: str = "anh.png", line: str = "", status: int = 204) -> str:
    answer = desk.post(f"{PAGE}/files", {"file": (io.BytesIO(body), name), "line": line})
    assert answer.status_code == status, answer.text[:3000]
    return answer.text


def report(desk: Desk, status: int = 303, **more: Any) -> str:
    answer = desk.post(LINES, {**fields_of(desk.get(PAGE)), "do": "report", **more})
    assert answer.status_code == status, answer.text[:3000]
    return answer.text


def test_a_pasted_post_is_suggested_its_bulletin_and_waits_for_a_second_person(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    paste(desk, f"{POST}?fbclid=abc 24/11 Lịch tiêm nhắc vắc xin sởi tại 30 phường")
    page = desk.get(PAGE)
    assert "Làng trên Facebook" in page
    assert fields_of(page)[f"bulletin.{rows(desk)[0].public}"] == code
    assert "Chưa có ảnh chụp." in page
    drop(desk, png())
    report(desk)
    (copy,) = copies(desk)
    assert (copy.status, copy.level) == (RepublicationStatus.REVIEW, EvidenceLevel.REPORTED)
    assert copy.canonical_url == "https://www.facebook.com/permalink.php?story_fbid=1234567890"
    assert copy.counted_on.isoformat() == "2026-11-24"
    assert rows(desk)[0].republication_id == copy.id
    assert "cac-dong" not in desk.get(PAGE)


def test_what_a_picture_shows_of_the_source_is_said_by_who_reports_and_who_confirms(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    paste(desk, f"{POST} 24/11 {TITLE}")
    drop(desk, png())
    (line,) = rows(desk)
    assert "Không thấy được trên ảnh" in desk.get(PAGE)
    report(desk, **{f"attribution.{line.public}": "named_only"})
    (copy,) = copies(desk)
    desk.sign_in(Role.ANALYST)
    queue = f"/desk/republications/_review/{copy.public}"
    assert re.search(r'<option value="named_only" selected', desk.get(queue))
    decided = {"do": "confirm", "reason": "picture_shows", "version_token": "review ", "attribution": "not_seen"}
    assert desk.post(f"{queue}/decide", decided).status_code == 303
    assert copies(desk)[0].attribution is Attribution.NOT_SEEN
    page = desk.get("/desk/progress/?period=2026-Q4")
    assert "Không thấy được nguồn trên ảnh, không tính vào tỷ lệ" in page
    assert "Không thấy được nguồn trên ảnh, không tính vào tỷ lệ" in desk.get("/desk/progress/partner?period=2026-Q4")
    assert "Không thấy được nguồn trên ảnh, không tính vào tỷ lệ" in desk.get("/desk/reports/?period=2026-Q4")


def test_who_pasted_cannot_confirm_and_another_analyst_does(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} 24/11 {TITLE}")
    drop(desk, png())
    report(desk)
    (copy,) = copies(desk)
    queue = f"/desk/republications/_review/{copy.public}"
    page = desk.get(f"{queue}?doubt=social_post")
    assert "seen-picture" in page
    decided = {"do": "confirm", "reason": "picture_shows", "version_token": "review "}
    answer = desk.post(f"{queue}/decide", decided)
    assert answer.status_code == 303
    assert "không tự xác nhận" in desk.get(queue)
    assert copies(desk)[0].status is RepublicationStatus.REVIEW
    desk.sign_in(Role.APPROVER)
    assert desk.post(f"{queue}/decide", decided).status_code == 303
    (copy,) = copies(desk)
    assert (copy.status, copy.level) == (RepublicationStatus.CONFIRMED, EvidenceLevel.PERSON)
    with desk.database.read() as session:
        entry = list(journal.history(session, "republication", copy.public))[-1]
    assert '"exhibit"' in entry.details


def test_two_forms_of_one_address_are_one_line_and_one_copy(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} {TITLE}\n{OTHER_FORM} {TITLE}")
    assert len(rows(desk)) == 1
    assert "Dòng 2: địa chỉ này đã có ở dưới." in desk.get(PAGE)
    drop(desk, png())
    report(desk)
    paste(desk, f"{OTHER_FORM} {TITLE}")
    page = desk.get(PAGE)
    assert "Đã có trong hệ thống" in page
    assert copies(desk)[0].public in page


def test_lines_that_are_not_understood_come_back_named_and_the_others_are_taken(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    page = paste(desk, f"không có gì\n{POST} 31/02 {TITLE}\n\nhttps://mxh.example/tin/9 {TITLE}", 422)
    assert "Dòng 1 không có địa chỉ" in page
    assert "Dòng 2 có ngày không đúng" in page
    assert [row.url for row in rows(desk)] == ["https://mxh.example/tin/9"]
    box = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert box is not None
    assert box[1].split("\n") == ["không có gì", f"{POST} 31/02 {TITLE}"]


def test_an_unregistered_page_is_registered_in_one_step_and_every_line_of_it_is_kept(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(
        desk,
        f"https://www.tiktok.com/@lang/video/73000000001 {TITLE}\nhttps://www.tiktok.com/@Lang/video/73000000002 a",
    )
    page = desk.get(PAGE)
    assert page.count("Đăng ký trang này") == 2
    first = rows(desk)[0].public
    answer = desk.post(LINES, {**fields_of(page), f"words.{first}": "Lịch tiêm nhắc vắc xin sởi", "register": first})
    assert answer.headers["Location"].endswith(f"{first}/register")
    form = desk.get(f"{PAGE}/{first}/register")
    assert "https://www.tiktok.com/@lang" in form
    assert desk.post(f"{PAGE}/{first}/register", {"name": "Làng"}).status_code == 422
    assert desk.post(f"{PAGE}/{first}/register", {"partner": "lang", "name": "Làng TikTok"}).status_code == 303
    page = desk.get(PAGE)
    assert page.count("<span>Làng TikTok</span>") == 2
    assert "Đăng ký trang này" not in page
    assert rows(desk)[0].words == "Lịch tiêm nhắc vắc xin sởi"
    with desk.database.read() as session:
        site = session.execute(sa.select(Site).where(Site.name == "Làng TikTok")).scalar_one()
    assert (site.host, site.kind) == ("tiktok.com/@lang", SiteKind.SOCIAL)


def test_the_form_for_a_host_that_is_not_registered_offers_its_name(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"https://mxh-la.example/bai/1 {TITLE}")
    form = desk.get(f"{PAGE}/{rows(desk)[0].public}/register")
    assert 'value="mxh-la.example"' in form


def test_a_writer_may_paste_but_not_register(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    paste(desk, "https://www.tiktok.com/@lang/video/73000000001")
    page = desk.get(PAGE)
    assert "chưa có trong danh bạ" in page
    assert "Đăng ký trang này" not in page
    desk.get(f"{PAGE}/{rows(desk)[0].public}/register", 403)


def test_a_short_link_asks_for_the_page_that_it_does_not_name(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"https://fb.watch/abC12/ {TITLE}")
    drop(desk, png())
    line = rows(desk)[0].public
    assert "Chọn trang hoặc tài khoản." in desk.get(PAGE)
    report(desk)
    assert copies(desk) == []
    with desk.database.read() as session:
        site = session.execute(sa.select(Site.code).where(Site.name == "Làng trên Facebook")).scalar_one()
        other = session.execute(sa.select(Site.code).where(Site.name == "Mạng riêng")).scalar_one()
    page = desk.get(PAGE)
    offered = page[page.index(f'name="site.{line}"') :].partition("</select>")[0]
    assert f'value="{site}"' in offered
    assert "Mạng riêng" not in offered
    refused = desk.post(LINES, fields_of(page) | {"do": "report", f"site.{line}": other})
    assert refused.status_code == 422
    assert "Trang này không phải trang hoặc tài khoản trên mạng của bài." in refused.text
    report(desk, **{f"site.{line}": site})
    assert [copy.canonical_url for copy in copies(desk)] == ["https://fb.watch/abC12"]


def test_pictures_go_to_the_lines_in_order_or_by_the_number_of_the_post_in_their_name(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, "\n".join(f"https://www.facebook.com/langmoi/posts/10000000{n}" for n in range(3)))
    drop(desk, png("red"), "chup-100000002.png")
    drop(desk, png("green"), "1.png")
    drop(desk, png("blue"), "2.png")
    assert [row.file_name for row in rows(desk)] == ["1.png", "2.png", "chup-100000002.png"]
    assert "không còn dòng nào chờ ảnh này" in drop(desk, png("black"), "3.png", status=422)
    assert "Chỉ nhận ảnh" in drop(desk, b"GIF89a", "a.gif", rows(desk)[0].public, 422)
    picture = desk.client.get(f"{PAGE}/{rows(desk)[0].public}/picture")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.headers["Content-Disposition"].startswith("attachment")
    desk.sign_in(Role.WRITER)
    assert desk.client.get(f"{PAGE}/{rows(desk)[0].public}/picture").status_code == 404


def test_without_a_script_the_pictures_come_with_the_form(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} {TITLE}")
    line = rows(desk)[0].public
    form = {**fields_of(desk.get(PAGE)), "do": "save", f"file.{line}": (io.BytesIO(b"nothing"), "a.png")}
    answer = desk.post(LINES, form)
    assert answer.status_code == 422
    assert "Dòng 1: a.png" in answer.text
    form = {**fields_of(desk.get(PAGE)), "do": "report", f"file.{line}": (io.BytesIO(png()), "a.png")}
    assert desk.post(LINES, form).status_code == 303
    assert len(copies(desk)) == 1


def test_a_suggestion_that_nobody_has_seen_reports_nothing(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, POST)
    form = fields_of(desk.get(PAGE))
    drop(desk, png(), "lich tiem nhac vac xin soi.png")  # the name of the picture suggests it, after the page was made
    assert desk.post(LINES, {**form, "do": "report"}).status_code == 303
    assert copies(desk) == []
    assert "Xem bản tin gợi ý" in desk.get(PAGE)
    report(desk)
    assert [copy.bulletin.code for copy in _with_bulletins(desk)] == [code]


def _with_bulletins(desk: Desk) -> list[Republication]:
    with desk.database.read() as session:
        found = list(session.execute(sa.select(Republication)).scalars())
        assert all(copy.bulletin.code for copy in found)
        return found


def test_an_ambiguous_bulletin_and_a_bad_day_stay_in_the_form_and_nothing_else_is_lost(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} {TITLE}\nhttps://mxh.example/tin/9 {TITLE}")
    first, second = (row.public for row in rows(desk))
    page = report(
        desk, 422,
        **{f"bulletin.{first}.q": "không có bản tin nào như thế"},
        **{f"day.{second}": "99/99/2026", f"words.{second}": "Mới"},
    )  # fmt: skip
    assert "Không thấy bản tin nào cho" in page
    assert "không có bản tin nào như thế" in page
    assert page.count("Dòng 1:") == page.count("Dòng 2:") == 1
    assert rows(desk)[1].words == "Mới"


def test_a_post_before_the_release_and_a_day_ahead_are_named(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} 20/11/2026 x\nhttps://mxh.example/tin/9 30/11/2026 x", bulletin=code)
    page = desk.get(PAGE)
    assert "trước ngày phát hành" in page
    assert "Ngày này chưa tới." in page


def test_a_line_is_removed_and_the_others_keep_what_was_typed(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} a\nhttps://mxh.example/tin/9 b")
    first, second = (row.public for row in rows(desk))
    desk.post(LINES, {**fields_of(desk.get(PAGE)), f"words.{second}": "giữ lại", "remove": first})
    assert [(row.public, row.words) for row in rows(desk)] == [(second, "giữ lại")]
    desk.sign_in(Role.WRITER)
    desk.post(LINES, {"remove": second})
    assert len(rows(desk)) == 1, "of another person"


def test_the_bookmarklet_and_the_share_menu_fill_the_form(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    page = desk.get(f"{PAGE}?url=https%3A%2F%2Ffb.watch%2Fa%2F&title=L%E1%BB%8Bch+ti%C3%AAm")
    assert ">https://fb.watch/a/ Lịch tiêm</textarea>" in page
    page = desk.get(f"{PAGE}?text=Xem+n%C3%A0y+https%3A%2F%2Fvm.tiktok.com%2FZM1%2F")
    assert ">https://vm.tiktok.com/ZM1/ Xem này</textarea>" in page
    assert "javascript:void(open(" in page
    assert rows(desk) == []


def test_after_signing_in_a_person_returns_to_the_filled_form(desk: Desk, code: str) -> None:
    answer = desk.client.get(f"{PAGE}?url=https://fb.watch/a/&title=b")
    assert answer.status_code == 302
    assert "next=/desk/republications/_social?url%3Dhttps://fb.watch/a/%26title%3Db" in answer.headers["Location"]


def test_many_are_decided_together_with_one_reason_and_ones_own_are_left(desk: Desk, code: str) -> None:
    desk.sign_in(Role.ANALYST)
    paste(desk, f"{POST} {TITLE}\nhttps://mxh.example/tin/9 {TITLE}")
    drop(desk, png("red"))
    drop(desk, png("blue"))
    report(desk)
    tokens = [f"{copy.public}|{decisions.version_token(copy)}" for copy in copies(desk)]
    batch = {"copy": tokens, "do": "confirm", "reason": "picture_shows", "doubt": "social_post"}
    desk.post("/desk/republications/_review/_batch", batch)
    assert {copy.status for copy in copies(desk)} == {RepublicationStatus.REVIEW}
    desk.sign_in(Role.ADMIN)
    shown = desk.post("/desk/republications/_review/_batch", {"copy": tokens, "doubt": "social_post"})
    assert shown.text.count("seen-small") == 2
    desk.post("/desk/republications/_review/_batch", batch)
    assert {copy.status for copy in copies(desk)} == {RepublicationStatus.CONFIRMED}


def test_a_claim_without_a_picture_is_confirmed_only_with_one(desk: Desk, code: str) -> None:
    from campaigns.republications.page_reports import claim_page

    with desk.database.write() as session:
        claim_page(session, APPROVER.id, code, POST, now=desk.office.now())
    desk.sign_in(Role.ANALYST)
    (copy,) = copies(desk)
    assert copy.status is RepublicationStatus.REVIEW
    queue = f"/desk/republications/_review/{copy.public}"
    desk.post(f"{queue}/decide", {"do": "confirm", "reason": "seen", "version_token": "review "})
    assert "Chưa có ảnh chụp của bài này" in desk.get(queue)
    data = {"bulletin": code, "url": POST, "day": "2026-11-24", "time": "09:30", "note": "Thấy đủ bài."}
    answer = desk.post("/desk/republications/_vouch", {**data, "file": (io.BytesIO(png()), "a.png")})
    assert answer.status_code == 303
    assert copies(desk)[0].status is RepublicationStatus.CONFIRMED
    assert ANALYST.id == copies(desk)[0].decided_by


def test_the_text_in_a_screenshot_proposes_bulletin_day_and_time(desk: Desk, code: str) -> None:
    if not can_read_text():
        need("tesseract with its Vietnamese model", "text in pictures")
    desk.sign_in(Role.ANALYST)
    desk.post(PAGE, {"lines": f"{POST}\nhttps://www.facebook.com/lang.moi/posts/222 23/11/2026 Lời đã ghi"})
    day = f"{NOW.astimezone(CITY):%d} tháng {NOW.astimezone(CITY).month} lúc 00:05"
    body = screenshot("Làng Mới", day, "Lịch tiêm nhắc vắc-xin sởi", "tại 30 phường, xã", "Thích    Bình luận")
    for name in ("1234567890.png", "222.png"):
        assert desk.post(f"{PAGE}/files", {"file": (io.BytesIO(body), name)}).status_code == 204
    first, second = rows(desk)
    assert first.words == "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã"
    assert (first.day, first.time) == (NOW.astimezone(CITY).date(), dt.time(0, 5))
    assert first.bulletin_id is None  # a person looks first
    page = desk.get(PAGE)
    assert "Bản tin (gợi ý)" in page
    assert code in page
    assert (second.words, second.day, second.time) == ("Lời đã ghi", dt.date(2026, 11, 23), None)  # as it was entered
