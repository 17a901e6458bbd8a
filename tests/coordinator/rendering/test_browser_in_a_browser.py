"""Looks at hostile pages in a real Chromium on loopback."""

import base64
import contextlib
import hashlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from coordinator.discovery.pages.page import parse_page
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError
from coordinator.rendering import browser
from coordinator.rendering.browser import RenderedPage, Renderer, Screen
from coordinator.rendering.child import MAX_REQUESTS
from coordinator.rendering.failures import LookFailed, LookFailure
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.http.test_tls import NAME, TLSServer, certificate

pytestmark = pytest.mark.browser

WRITTEN = "Từ ngày 24 đến 28/11, trạm y tế của 30 phường mở thêm buổi tiêm chiều cho trẻ."
PATIENCE = 60.0  # seconds; a start of the browser takes ten on a busy machine


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where looks of this test put what they need; its name is short, as Chromium wants it for its sockets."""
    if (missing := browser.missing_part()) is not None:
        need("browser", missing)
    with tempfile.TemporaryDirectory(prefix="lt-") as made:
        monkeypatch.setattr(tempfile, "tempdir", made)
        yield Path(made)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as made:
        made.text("/robots.txt", "", "404 Not Found")
        yield made


def look(
    server: HostileServer, path: str, seconds: float = PATIENCE, screen: Screen | None = Screen.DESKTOP
) -> RenderedPage:
    allowed = frozenset({f"127.0.0.1:{server.port}"})
    client = HttpClient(user_agent="LanToa/1", allow_hosts=allowed, pace=0.0)
    return Renderer(client.visit, deadline=seconds).look(server.url(path), screen)


def shows(server: HostileServer, path: str, body: str, **fields: object) -> None:
    server.text(
        path, f"<!doctype html><title>Bài</title><body>{body}", Content_Type="text/html; charset=utf-8", **fields
    )


def words(page: RenderedPage) -> str:
    return parse_page(page.answer.body, page.answer.url).body.text


def test_text_that_a_script_writes_is_read_with_a_browsers_agent_and_pictured(
    server: HostileServer, folder: Path
) -> None:
    server.text("/bai.json", f'{{"text": "{WRITTEN}"}}', Content_Type="application/json; charset=utf-8")
    script = (
        'fetch("/bai.json").then(r => r.json())'
        '.then(x => { document.getElementById("a").innerHTML = `<p>${x.text}</p>` })'
    )
    shows(server, "/bai", f'<div id="a"></div><script>{script}</script>')
    page = look(server, "/bai")
    assert WRITTEN in words(page)
    assert (page.answer.status, page.answer.url) == (200, server.url("/bai"))
    assert page.screenshot.startswith(b"\xff\xd8\xff")
    assert (page.width, page.height >= 900) == (1280, True)
    agents = {call.headers["user-agent"] for call in server.calls if call.path != "/robots.txt"}
    assert len(agents) == 1
    assert "Chrome/" in agents.pop()
    assert list(folder.iterdir()) == []


def test_a_phone_is_a_phone_by_its_agent_its_hints_and_its_window(server: HostileServer) -> None:
    script = (
        "document.title = [innerWidth, navigator.userAgentData.mobile, navigator.webdriver, navigator.maxTouchPoints]"
    )
    shows(server, "/bai", f"<meta name=viewport content='width=device-width'><p>{WRITTEN}</p><script>{script}</script>")
    page = look(server, "/bai", screen=Screen.PHONE)
    assert b"<title>390,true,false,5</title>" in page.answer.body
    assert (page.screen, page.width) == (Screen.PHONE, 780)
    call = next(call for call in server.calls if call.path == "/bai")
    assert "Mobile Safari" in call.headers["user-agent"]
    assert call.headers["sec-ch-ua-mobile"] == "?1"
    assert "Headless" not in str(call.headers)


def test_the_screen_is_drawn_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: set[str] = set()

    class Ended(Exception):
        pass

    def run(url: str, proxy: object, screen: Screen, agent: str, seconds: float, memory: int) -> None:
        drawn.add(screen.value)
        raise Ended

    monkeypatch.setattr(browser, "_run_browser", run)
    client = HttpClient(user_agent="LanToa/1", allow_hosts=frozenset({"127.0.0.1:9"}), pace=0.0)
    for _ in range(60):
        with contextlib.suppress(Ended, RequestError):
            Renderer(lambda url, deadline: contextlib.nullcontext(client)).look("http://127.0.0.1:9/")  # type: ignore[arg-type,return-value]
    assert drawn == {"desktop", "phone"}


_TAKING = (
    "const a = []; setInterval(() => { for (let i = 0; i < 4; i++) a.push(new Uint8Array(32 << 20).fill(7)) }, 50)"
)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (_TAKING, LookFailure.MEMORY),
        (f"const w = new Worker(URL.createObjectURL(new Blob([`{_TAKING}`])))", LookFailure.MEMORY),
        ("fetch('/bomb').then(r => r.text())", LookFailure.TOO_LARGE),
        ("fetch('/endless').then(r => r.arrayBuffer())", LookFailure.TOO_LARGE),
    ],
)
def test_a_page_that_takes_too_much_ends_the_look_with_its_reason(
    server: HostileServer, folder: Path, script: str, failure: LookFailure
) -> None:
    shows(server, "/bai", f"<p>{WRITTEN}</p><script>{script}</script>")
    with pytest.raises(LookFailed) as failed:
        look(server, "/bai")
    assert failed.value.failure is failure
    assert browser._processes_in(str(folder)) == []


@pytest.mark.parametrize(
    "sends",
    [
        "<script>setTimeout(() => { location = '/khac' }, 300)</script>",
        "<meta http-equiv=refresh content='30; url=/khac'>",
    ],
)
def test_a_page_that_sends_its_reader_elsewhere_is_known_by_it(server: HostileServer, sends: str) -> None:
    shows(server, "/khac", f"<p>{WRITTEN}</p>")
    shows(server, "/bai", f"<p>{WRITTEN}</p>{sends}")
    assert look(server, "/bai").left_for == server.url("/khac")
    assert look(server, "/khac").left_for is None


def test_a_press_opens_no_other_page_and_sends_no_form(server: HostileServer) -> None:
    shows(server, "/khac", "<p>Khác</p>")
    away = "onclick=\"location='/khac'\""
    form = "<form action='/gui' method=post><button>Đọc tiếp</button></form>"
    shows(server, "/bai", f"<p>{WRITTEN}</p>{form}<a href='/khac'>Xem thêm</a><span role=button {away}>Đọc thêm</span>")
    page = look(server, "/bai")
    assert (page.pressed, page.answer.url) == (("Đọc thêm",), server.url("/bai"))
    assert WRITTEN in words(page)
    assert {call.path for call in server.calls} <= {"/bai", "/robots.txt", "/favicon.ico"}


def test_text_that_a_reader_does_not_see_is_not_read(server: HostileServer) -> None:
    server.text(
        "/s.css",
        ".a{display:none} .b{visibility:hidden} .c{opacity:0} .d{position:absolute;left:-9999px} .e{font-size:0}"
        " .f{color:#fff;background:#fff} .g{position:absolute;width:1px;height:1px;overflow:hidden}"
        " .h{color:transparent} .i{clip-path:inset(50%)}",
        Content_Type="text/css",
    )
    hidden = "".join(
        f'<p class="{name}">An {name} hidden</p><a class="{name}" href="/x{name}">l</a>' for name in "abcdefghi"
    )
    shows(server, "/bai", f'<link rel="stylesheet" href="/s.css"><p>{WRITTEN}</p><a href="/thay">Nguồn</a>{hidden}')
    page = look(server, "/bai")
    assert words(page).split("\n")[0] == WRITTEN
    assert "hidden" not in words(page)
    assert [link.href for link in parse_page(page.answer.body, page.answer.url).links] == [server.url("/thay")]


def test_text_in_a_frame_is_read_in_its_place(server: HostileServer) -> None:
    shows(server, "/khung", f"<p>{WRITTEN}</p>")
    shows(server, "/bai", '<p>Trước</p><iframe src="/khung" width="600" height="400"></iframe><p>Sau</p>')
    assert words(look(server, "/bai")).split("\n") == ["Trước", WRITTEN, "Sau"]


@pytest.mark.parametrize(
    "script",
    ["addEventListener('load', () => { for (;;) {} })", "for (;;) alert(1)"],
)
def test_a_page_whose_scripts_do_not_end_ends_at_the_deadline(server: HostileServer, folder: Path, script: str) -> None:
    shows(server, "/bai", f"<p>{WRITTEN}</p><script>{script}</script>")
    with pytest.raises(RequestError):
        look(server, "/bai", seconds=15.0)
    assert browser._processes_in(str(folder)) == []
    assert list(folder.iterdir()) == []


def test_a_page_reaches_no_other_port_and_no_private_address(server: HostileServer) -> None:
    with HostileServer() as other:
        inside = (f"http://127.0.0.1:{other.port}", f"http://localhost:{other.port}", "http://169.254.169.254/latest")
        tries = "".join(
            f'<img src="{place}/img"><iframe src="{place}/frame"></iframe><script src="{place}/s.js"></script>'
            f'<script>fetch("{place}/fetch", {{mode: "no-cors"}}); new WebSocket("{place.replace("http", "ws")}/ws");'
            f'navigator.sendBeacon("{place}/beacon", "x")</script>'
            for place in inside
        )
        rtc = (
            "const c = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:%d'}]}); c.createDataChannel('x');"
            "c.createOffer().then(offer => c.setLocalDescription(offer))"
        )
        shows(server, "/bai", f"<p>{WRITTEN}</p>{tries}<script>{rtc % other.port}</script>")
        page = look(server, "/bai")
        assert WRITTEN in words(page)
        assert page.refused > 0
        assert other.calls == []


@pytest.fixture
def secure(folder: Path) -> Iterator[TLSServer]:
    """A site with a certificate that vouches for itself."""
    made = TLSServer(certificate(folder))
    (folder / "site.pem").rename(folder / "known.pem")
    yield made
    made.listener.close()


def look_securely(secure: TLSServer, folder: Path) -> RenderedPage:
    """A look by a program that knows the certificate, for robots.txt, with the browser that is found first."""
    client = HttpClient(
        user_agent="LanToa/1",
        allow_hosts=frozenset({f"{NAME}:{secure.port}"}),
        resolver=lambda host, port: ["127.0.0.1"],
        tls=ssl.create_default_context(cafile=str(folder / "known.pem")),
        pace=0.0,
    )
    return Renderer(client.visit, deadline=PATIENCE).look(f"https://{NAME}:{secure.port}/bai")


def test_a_page_over_tls_is_read_by_a_browser_that_knows_the_certificate(
    secure: TLSServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = x509.load_pem_x509_certificate((folder / "known.pem").read_bytes()).public_key()
    raw = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    known = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    own = folder / "bin" / "chromium"
    own.parent.mkdir()
    own.write_text(f'#!/bin/sh\nexec {browser.find_chromium()} --ignore-certificate-errors-spki-list={known} "$@"\n')
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{own.parent}:{os.environ['PATH']}")
    page = look_securely(secure, folder)
    assert (page.answer.status, page.refused) == (200, 0)
    assert words(page).strip() == "fine"


def test_a_browser_refuses_a_certificate_that_nobody_vouches_for(secure: TLSServer, folder: Path) -> None:
    with pytest.raises(RequestError, match="ERR_CERT_AUTHORITY_INVALID"):
        look_securely(secure, folder)
    assert all(request.startswith(b"GET /robots.txt ") for request in secure.requests)


def test_a_page_that_leads_to_a_private_address_is_not_followed(server: HostileServer) -> None:
    with HostileServer() as other:
        server.redirect("/bai", other.url("/trong"))
        try:
            page = look(server, "/bai")
        except RequestError:
            pass
        else:
            assert page.answer.status == 403
        shows(server, "/nhay", f'<script>location = "{other.url("/trong")}"</script>')
        with contextlib.suppress(RequestError):
            look(server, "/nhay")
        assert other.calls == []


def test_a_download_writes_nothing_and_is_no_page(server: HostileServer, folder: Path) -> None:
    server.text("/tep", "x" * 100_000, Content_Type="application/zip", Content_Disposition="attachment; filename=a.zip")
    with pytest.raises(RequestError):
        look(server, "/tep")
    shows(server, "/bai", f'<p>{WRITTEN}</p><script>location = "/tep"</script>')
    assert WRITTEN in words(look(server, "/bai"))
    assert list(folder.iterdir()) == []


def test_dialogs_and_windows_do_not_hold_a_page_up(server: HostileServer) -> None:
    shows(server, "/khac", "<p>Khác</p>")
    script = 'alert(1); confirm(2); prompt(3); window.open("/khac"); onbeforeunload = () => "ở lại"; print();'
    shows(server, "/bai", f"<p>{WRITTEN}</p><script>{script}</script>")
    assert WRITTEN in words(look(server, "/bai"))


def test_of_five_hundred_requests_the_first_are_made(server: HostileServer) -> None:
    shows(server, "/bai", f"<p>{WRITTEN}</p>" + "".join(f'<img src="/anh/{number}.png">' for number in range(500)))
    page = look(server, "/bai", seconds=90.0)
    assert WRITTEN in words(page)
    assert sum(call.path.startswith("/anh/") for call in server.calls) <= MAX_REQUESTS


def test_a_huge_document_is_read_to_the_limits_or_refused(server: HostileServer) -> None:
    script = (
        "for (let i = 0; i < 300000; i++) {"
        " const part = document.createElement('div'); part.append('x' + i); document.body.append(part) }"
    )
    shows(server, "/bai", f"<p>{WRITTEN}</p><script>{script}</script>")
    try:
        page = look(server, "/bai", seconds=60.0)
    except RequestError:
        return  # at the deadline, on a slow machine
    assert len(page.answer.body) < 20_000_000
    assert WRITTEN in words(page)
