"""A copy that is our video, in Chromium: what the page plays and how it was found stand with its evidence."""

from typing import Any

import pytest

from coordinator.app import create_app
from coordinator.wsgi_server import WebServer
from tests import sample_media
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.conftest import server, stage
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import OTHER, ScriptedSite
from tests.coordinator.jobs.scripted_site import page as article
from tests.coordinator.live_server import free_port
from tests.coordinator.published_media import publish_with_media
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, expect, open_address, problems_of_page, until_true
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium", "server", "stage"]  # fixtures of other modules


def test_the_evidence_plays_our_video_and_says_how_it_was_found(
    chromium: Any, stage: JobHarness, server: HostileServer
) -> None:
    sample_media.need_ffmpeg()
    app = create_app(stage.app_context)
    web = WebServer(app, "127.0.0.1", port := free_port(), 4)
    base = f"http://localhost:{port}"
    media = publish_with_media(stage.context, video=sample_media.video())
    newsroom = ScriptedSite(stage, server)
    frame = f'<iframe src="https://tin.example/bulletins/{media.code}/embed"></iframe>'
    newsroom.shows(PATH, article("Video trong ngày", OTHER, source=frame))
    found(newsroom)
    ident = newsroom.copy().public
    add_staff_of_each_role(RunningApplication(app, stage.app_context, stage.context, stage.runner, app.test_client()))  # type: ignore[arg-type]  # alike
    web.start()
    try:
        with opened(chromium, app, base) as page:
            open_address(page, f"{base}/desk/republications/{ident}")
            shown = page.locator("[aria-labelledby=trinh-phat]")
            expect(shown).to_contain_text("trình phát của Sở")
            expect(shown).to_contain_text(f"/bulletins/{media.code}/embed")
            until_true(page, "document.querySelector('[aria-labelledby=trinh-phat] video').readyState >= 1")
            assert problems_of_page(page, f"{base}/desk/republications/{ident}", both_schemes=True) == ""
    finally:
        web.stop()
