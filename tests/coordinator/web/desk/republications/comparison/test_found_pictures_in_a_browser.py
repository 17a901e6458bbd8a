"""A copy that is a picture, in Chromium: beside ours, with what the program compared, decided by a person."""

import os
from pathlib import Path
from typing import Any

import pytest

from campaigns.republications.republications import RepublicationStatus
from coordinator.app import create_app
from coordinator.imports.pictures.text import can_read_text
from coordinator.wsgi_server import WebServer
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.conftest import server, stage
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import found
from tests.coordinator.jobs.republications.test_picture_looks import DAY, illustrated, shows
from tests.coordinator.jobs.scripted_site import ScriptedSite
from tests.coordinator.live_server import free_port
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, expect, open_address, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.drawn_pictures import CHANGES

pytestmark = pytest.mark.browser
FIGURES = ["12.431", "508", "1.276", "17"]
__all__ = ["chromium", "server", "stage"]  # fixtures of other modules


def test_a_person_compares_the_two_pictures_and_decides(
    chromium: Any, stage: JobHarness, server: HostileServer
) -> None:
    if not can_read_text():
        need("tesseract with its Vietnamese model", "text in pictures")
    app = create_app(stage.app_context)
    web = WebServer(app, "127.0.0.1", port := free_port(), 4)
    base = f"http://localhost:{port}"
    newsroom = ScriptedSite(stage, server)
    illustrated(stage, DAY)
    shows(newsroom, CHANGES["a caption"](DAY), "")
    found(newsroom)
    ident = newsroom.copy().public
    add_staff_of_each_role(RunningApplication(app, stage.app_context, stage.context, stage.runner, app.test_client()))  # type: ignore[arg-type]  # alike
    web.start()
    try:
        with opened(chromium, app, base) as page:
            open_address(page, f"{base}/desk/republications/_review/{ident}")
            both = page.locator("[aria-labelledby=hai-anh]")
            # The page fetches the marks by itself; a caption beneath the picture is the one difference.
            expect(both.locator(".difference-list li")).to_have_text("Trang thêm phần này vào ảnh")
            expect(both.locator(".differs rect")).to_have_count(1)
            for picture in both.locator("img").all():
                assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
            words = page.locator("[aria-labelledby=chu-trong-anh]")
            assert sorted(words.locator("mark:not(.other)").all_inner_texts()) == sorted(2 * FIGURES)
            assert words.locator("mark.other").count() == 0
            expect(both.locator("svg .left")).to_have_attribute("width", "540")
            both.locator("input[type=range]").press("Home")
            expect(both.locator("svg .left")).to_have_attribute("width", "0")
            if folder := os.environ.get("LANTOA_TEST_PICTURES"):
                page.screenshot(path=str(Path(folder) / "found-picture.png"), full_page=True)
            page.keyboard.press("1")
            page.keyboard.press("c")
            page.locator("#xem-xet", has_text="Bạn đã xác nhận").wait_for()
        assert newsroom.copy().status is RepublicationStatus.CONFIRMED
        with opened(chromium, app, base) as page:
            assert problems_of_page(page, f"{base}/desk/republications/{ident}", both_schemes=True) == ""
    finally:
        web.stop()
