"""The real application in Chromium: nothing violates the policy, pages are accessible, and sign-in works."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from campaigns.bulletins import drafts
from campaigns.bulletins.drafts import BulletinText
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.db import Database
from tests import sample_media
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.live_server import serving
from tests.coordinator.published_media import publish_with_media
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, WIDE, chromium, open_address, open_page, problems_of_page, until_true
from tests.coordinator.web.signed_in import PASSWORD, STAFF, add_staff_of_each_role
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

DESK = ("/desk", "/desk/bulletins", "/desk/progress/", "/desk/republications", "/desk/channels/")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="teal"/></svg>'


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with published, waiting and withdrawn bulletins, a partner, a channel."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        yield outside


def address(outside: RunningApplication, path: str) -> str:
    return f"{outside.app_context.settings.base_url}{path}"


def with_picture(outside: RunningApplication, picture: str) -> str:
    html = (
        f'<p>Trạm y tế mở thêm buổi.</p><figure><img src="{picture}" alt="Lịch tiêm" width="40" height="30"></figure>'
    )
    with outside.database.write() as session:
        now = outside.office.now()
        text = BulletinText("Lịch tiêm có ảnh", "Sa-pô.", html, "Trạm y tế mở thêm buổi.")
        bulletin = drafts.create(session, WRITER, text, topic="dich-benh", now=now)
        workflow.submit(session, WRITER, bulletin.code, now=now)
        digest = bulletin.revision(bulletin.latest).hash
        workflow.approve(session, APPROVER, bulletin.code, digest, DELIVERY_MODES, now=now)
        return workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=now).code


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_what_everybody_sees_is_open_to_everybody(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    with HostileServer() as elsewhere, ExitStack() as done:
        picture = elsewhere.url("/anh.svg")
        elsewhere.ways["/anh.svg"] = lambda call: call.answer(SVG, Content_Type="image/svg+xml")
        code, recalled = with_picture(served, picture), served.publish("Tin thu hồi")
        served.publish("mot-tieu-de-khong-co-khoang-trang-" * 5)
        served.clock.forward(seconds=1)
        served.recall(recalled)
        page = open_page(chromium, *screen)
        done.callback(page.context.close)
        wrong = {
            path: trouble
            for path in ("/", "/bulletins", "/bulletins?q=tiem", "/bulletins?changed=1", "/bulletins?page=x", "/widget",
                         "/widget?count=0", "/republishing", "/accessibility", f"/bulletins/{code}",
                         f"/bulletins/{code}/republish", f"/bulletins/{code}/embed", f"/bulletins/{recalled}",
                         f"/bulletins/{recalled}/embed", "/login", "/bulletins/never", "/api/v1/docs")
            if (trouble := problems_of_page(page, address(served, path)))
        }  # fmt: skip
        assert wrong == {}
        open_address(page, address(served, f"/bulletins/{code}"))
        until_true(page, "document.querySelector('article img').naturalWidth === 40")
        assert page.context.cookies(address(served, f"/bulletins/{code}")) == page.context.cookies(
            address(served, "/login")
        )


PLAYED = """async player => {
  player.muted = true;
  await player.play();
  return new Promise(done => player.addEventListener("timeupdate", () => {
    if (player.currentTime > 0.3) done(player.textTracks.length);
  }));
}"""


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_video_and_audio_play_on_the_page_in_its_frame_and_on_other_sites_with_captions(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    sample_media.need_ffmpeg()
    media = publish_with_media(served.office, video=sample_media.video(), audio=sample_media.audio())
    with HostileServer() as elsewhere, ExitStack() as done:
        page = open_page(chromium, *screen)
        done.callback(page.context.close)
        for path in (
            f"/bulletins/{media.code}",
            f"/bulletins/{media.code}/embed",
            f"/bulletins/{media.code}/republish",
        ):
            assert problems_of_page(page, address(served, path)) == "", path
            open_address(page, address(served, path))
            assert page.eval_on_selector("video", PLAYED) == 1
            assert page.eval_on_selector("audio", PLAYED) == 0
        pasted = served.get(f"/bulletins/{media.code}/republish.json").get_json()["html"]
        copy = elsewhere.text(
            "/bai", f"<!doctype html><article>{pasted}</article>", Content_Type="text/html; charset=utf-8"
        )
        page.goto(copy, wait_until="load")
        assert page.eval_on_selector("video", PLAYED) == 1
        page.eval_on_selector("video", "player => { player.textTracks[0].mode = 'showing' }")
        until_true(page, "document.querySelector('video').textTracks[0].cues?.length === 2")


def test_another_site_may_frame_the_latest_bulletins_and_one_bulletin_and_no_other_page(
    chromium: Any, served: RunningApplication
) -> None:
    code = served.publish("Lịch tiêm nhắc")
    with HostileServer() as elsewhere, ExitStack() as done:
        paths = ("/widget", f"/bulletins/{code}/embed", "/", f"/bulletins/{code}", "/bulletins", "/login")
        frames = "".join(f'<iframe src="{address(served, path)}"></iframe>' for path in paths)
        host = elsewhere.text("/trang", f"<!doctype html>{frames}", Content_Type="text/html; charset=utf-8")
        page = chromium.new_context().new_page()  # what is refused is told on the console, which is no fault of ours
        done.callback(page.context.close)
        page.goto(host, wait_until="load")
        shown = [bool(frame.locator("body").inner_text().strip()) for frame in page.frames[1:]
                 if frame.url.startswith(address(served, "/"))]  # fmt: skip
        assert shown == [True, True]  # the refused frames are pages of the browser's own
        # A cover as high as the frame would hide the title.
        page.set_viewport_size({"width": 600, "height": 320})
        page.goto(address(served, paths[1]), wait_until="load")
        size = page.evaluate("""() => {
          const cover = Object.assign(new Image(1280, 720), {className: "cover"});
          document.querySelector("h1").before(cover);
          return [cover.offsetHeight, cover.offsetWidth, getComputedStyle(cover).objectFit];
        }""")
        assert (size[0] <= 130, size[1] <= 600, size[2]) == (True, True, "cover")


def test_the_first_visit_leads_through_set_up_to_the_desk(chromium: Any, sqlite: Database, tmp_path: Path) -> None:
    with serving(sqlite, tmp_path) as outside, ExitStack() as done:
        page = open_page(chromium, *WIDE)
        done.callback(page.context.close)
        assert problems_of_page(page, address(outside, "/desk")) == ""
        page.wait_for_url(address(outside, "/setup"))
        for name, value in (("office", "Sở Thông tin"), ("name", "Quản trị"), ("email", "qt@so.example"),
                            ("password", PASSWORD), ("again", PASSWORD)):  # fmt: skip
            page.fill(f"[name={name}]", value)
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
        page.wait_for_url(address(outside, "/desk"))
        assert page.evaluate("violations") == []
        assert problems_of_page(page, address(outside, "/desk")) == ""


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_desk_is_reached_by_its_form_and_each_of_its_places_is_in_order(
    chromium: Any,
    served: RunningApplication,
    screen: tuple[int, int, str],
) -> None:
    code = served.publish("Tin đã phát")
    served.submit(served.draft("Tin chờ duyệt"))
    served.partner("Nhịp Sông")
    with ExitStack() as done:
        page = open_page(chromium, *screen)
        done.callback(page.context.close)
        page.goto(address(served, "/desk/bulletins"))
        page.fill("[name=email]", STAFF[Role.ADMIN].id)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        page.wait_for_url(address(served, "/desk/bulletins"))
        places = [*DESK, f"/desk/bulletins/{code}", f"/desk/bulletins/{code}/edit", "/desk/bulletins/new"]
        wrong = {path: trouble for path in places if (trouble := problems_of_page(page, address(served, path)))}
        assert wrong == {}
