"""A hostile kept page in the real application in Chromium: shown, without running, loading or redirecting anything."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.web.desk.republications import kept_pages
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import found
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import allow_blocked, chromium, expect, open_page
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("allow_blocked")]
__all__ = ["allow_blocked", "chromium"]  # fixtures

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
# Every way in which a page requests or runs something; {there} is a server that must never be contacted.
HEAD = """
<base href="{there}/base/"><meta http-equiv="refresh" content="0; url={there}/refresh">
<link rel="stylesheet" href="{there}/style.css"><link rel="icon" href="{there}/icon.png">
<link rel="preload" as="image" href="{there}/preload.png"><link rel="prefetch" href="{there}/prefetch">
<link rel="manifest" href="{there}/manifest"><link rel="preconnect" href="{there}/">
<style>@import url("{there}/import.css"); body {{ background: url({there}/ground.png) }}
@font-face {{ font-family: x; src: url({there}/font.woff2) }} p {{ font-family: x }}</style>
<script src="{there}/script.js"></script>
<script>top.ran = 1; parent.postMessage("ran", "*"); alert(1); fetch("{there}/fetch"); document.title = "ran"</script>
"""
INSIDE = """
<img src="{there}/img.png" srcset="{there}/srcset.png 2x" onerror="alert(2)" alt="ảnh bị chặn">
<svg onload="alert(3)"><image href="{there}/svg.png"/><script>alert(4)</script></svg>
<iframe src="{there}/frame"></iframe><object data="{there}/object"></object><embed src="{there}/embed">
<video src="{there}/video" poster="{there}/poster.png" autoplay></video><audio src="{there}/audio" autoplay></audio>
<form action="{there}/form" id="f"><input autofocus onfocus="alert(5)"><button>gửi đi</button></form>
<body onload="document.forms[0].submit()"><div style="background: url({there}/div.png)">ô</div>
<a href="{there}/link" target="_top" ping="{there}/ping">đường dẫn ra ngoài</a> <a href="javascript:alert(6)">mã</a>
<p>chữ còn lại</p>
"""


@pytest.fixture
def away() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


@pytest.fixture
def served(sqlite: Database, tmp_path: Path, away: HostileServer) -> Iterator[tuple[RunningApplication, str]]:
    """The application with one counted copy on a hostile page, and the copy's id."""
    with serving(sqlite, tmp_path) as outside, HostileServer() as server:
        add_staff_of_each_role(outside)
        scene = JobHarness(sqlite, tmp_path)
        site = ScriptedSite(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        url = site.carries(PATH, code)
        html = _answered(server, PATH).replace("<head>", "<head>" + HEAD.format(there=away.url("")), 1)
        site.shows(PATH, html.replace("</article>", "</article>" + INSIDE.format(there=away.url("")), 1))
        found(site)
        assert site.copy().url == url
        yield outside, site.copy().public


def _answered(server: HostileServer, path: str) -> str:
    datas: list[bytes] = []

    class Listener:
        def answer(self, body: bytes, _status: str = "200 OK", **_fields: object) -> None:
            datas.append(body)

    server.ways[path](Listener())  # type: ignore[arg-type]  # the part of a call that an answer uses
    return datas[0].decode()


def open_viewer(chromium: Any, outside: RunningApplication, client: FlaskClient, ident: str) -> tuple[Any, list[str]]:
    """Return the viewer's page, signed in, and every dialog that opened."""
    page = open_page(chromium, 1200, 900)
    name = outside.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    base = outside.app_context.settings.base_url
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": base}])
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{base}/desk/republications/{ident}/pages/1", wait_until="networkidle")
    return page, dialogs


def as_it_came(body: bytes, _content_type: str) -> str:
    """Disable the sanitiser, so that only the sandbox and the policy protect."""
    return body.decode()


@pytest.mark.parametrize("shown", [kept_pages.inert, as_it_came], ids=["as it is shown", "by sandbox and policy alone"])
def test_nothing_of_a_kept_page_runs_loads_or_leads_away(
    chromium: Any,
    served: tuple[RunningApplication, str],
    away: HostileServer,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[[bytes, str], str],
) -> None:
    outside, ident = served
    monkeypatch.setattr(kept_pages, "inert", shown)
    page, dialogs = open_viewer(chromium, outside, client_of_role(outside, Role.ANALYST), ident)
    box = page.frame_locator("iframe")
    expect(box.locator("body")).to_contain_text("chữ còn lại")
    expect(box.locator("body")).to_contain_text("trạm y tế")
    box.get_by_text("đường dẫn ra ngoài").click(no_wait_after=True)
    page.wait_for_timeout(1500)  # a refresh, request or redirect would have happened by now
    assert [call.path for call in away.calls] == []
    assert dialogs == []
    assert page.evaluate("window.ran") is None
    assert page.url.endswith(f"/{ident}/pages/1")
    assert page.title() != "ran"
    page.context.close()


def test_only_plain_elements_are_left_of_it(served: tuple[RunningApplication, str], away: HostileServer) -> None:
    outside, ident = served
    answer = client_of_role(outside, Role.ANALYST).get(f"/desk/republications/{ident}/pages/1.html")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in (
        "<script",
        "<style",
        "<link",
        "<meta http",
        "<base",
        "<iframe",
        "<form",
        "<svg",
        "src=",
        "style=",
        " on",
    ):
        assert name not in answer.text.replace(" onto", ""), name
    assert 'alt="ảnh bị chặn"' in answer.text
    assert away.url("/link") in answer.text
    assert "javascript:" not in answer.text


def test_the_file_for_an_inspector_comes_from_the_desk_too(served: tuple[RunningApplication, str]) -> None:
    outside, ident = served
    client = client_of_role(outside, Role.ANALYST)
    assert f"/desk/republications/{ident}/evidence.zip" in client.get(f"/desk/republications/{ident}").text
    answer = client.get(f"/desk/republications/{ident}/evidence.zip")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/zip", "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert {"README.txt", "SHA256SUMS", "evidence.json", "passages.txt"} <= set(file.namelist())
        assert "THIẾU" not in file.read("README.txt").decode()
    answer.close()


@pytest.mark.parametrize("path", ["rep_none/pages/1", "rep_none/pages/1.html", "rep_none/evidence.zip"])
def test_what_is_not_there_is_not_found_and_strangers_see_nothing(
    served: tuple[RunningApplication, str], path: str
) -> None:
    outside, ident = served
    assert client_of_role(outside, Role.ANALYST).get(f"/desk/republications/{path}").status_code == 404
    stranger = outside.app.test_client().get(f"/desk/republications/{path.replace('rep_none', ident)}")
    assert stranger.status_code in {302, 303, 401}
