"""Foreign pictures: kept here when a text is saved, or left out and named before anybody approves it."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from campaigns.bulletins.bulletins import find_bulletin
from coordinator.db import Database
from coordinator.jobs.release import commands
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.web.application import RunningApplication, open_application
from tests.factories import APPROVER, WRITER


def png() -> bytes:
    """A picture."""
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path, server: HostileServer) -> RunningApplication:
    return open_application(sqlite, tmp_path, allow_hosts=f"127.0.0.1:{server.port}")


def saved(outside: RunningApplication, html: str) -> tuple[str, str, list[str]]:
    """Code, body and lost pictures of a text as it was saved."""
    text = commands.make_text("Tin có ảnh", "", body_html=html)
    code = commands.create(outside.app_context, WRITER, text, topic="dich-benh").code
    with outside.database.read() as session:
        revision = find_bulletin(session, code).revision(1)
        return code, revision.body_html, list(revision.lost_pictures)


def test_readers_see_the_picture_that_the_approver_saw_from_our_address(
    outside: RunningApplication, server: HostileServer
) -> None:
    server.ways["/a.png"] = lambda call: call.answer(png(), Content_Type="image/png")
    foreign = server.url("/a.png?x=1&amp;y=2")
    html = f'<p>Chữ.</p><figure><img src="{foreign}" alt="Hồ"><figcaption>Hồ Gươm</figcaption></figure>'
    code, body, lost = saved(outside, html)
    assert lost == []
    assert f"127.0.0.1:{server.port}" not in body
    (address,) = [part.split('"')[0] for part in body.split('src="')[1:]]
    assert address.startswith(f"{outside.office.addresses.base}/pictures/")
    assert 'alt="Hồ"' in body
    assert "Hồ Gươm" in body
    path = address.removeprefix(outside.office.addresses.base)
    assert outside.client.get(path).status_code == 404  # nothing before the release
    outside.submit(code)
    with outside.database.read() as session:
        named = find_bulletin(session, code).revision(1).hash
    commands.approve(outside.app_context, APPROVER, code, named)
    commands.publish(outside.app_context, APPROVER, code)
    assert outside.client.get(path).status_code == 200
    page = outside.client.get(f"/bulletins/{code}")
    assert address in page.text
    assert f"127.0.0.1:{server.port}" not in page.text + page.headers["Content-Security-Policy"]
    # Saved again, nothing is fetched or lost.
    assert saved(outside, body)[1:] == (body, [])


def test_a_picture_that_cannot_be_fetched_is_left_out_with_its_figure_and_named(
    outside: RunningApplication, server: HostileServer
) -> None:
    server.text("/page", "<html>no picture</html>")
    bad = [server.url("/none.png"), server.url("/page"), "https://10.0.0.1/a.png", "https://khong-co.invalid/a.png"]
    figures = "".join(f'<figure><img src="{one}" alt=""><figcaption>chú thích</figcaption></figure>' for one in bad)
    _code, body, lost = saved(outside, f'<p>Chữ <img src="{bad[0]}" alt="x"> chữ.</p>{figures}')
    assert lost == bad
    assert "img" not in body
    assert "chú thích" not in body
