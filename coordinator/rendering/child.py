"""The child process that drives Chromium for one page.

Reads one line of JSON from its standard input and answers one line of JSON, followed by the HTML that a reader sees and
the screenshot. It has no network of its own: the browser goes through the proxy that the parent names.
"""

import base64
import json
import os
import random
import sys
import time
from dataclasses import dataclass, field

from coordinator.rendering.devtools import BrowserGone, DevTools, DevToolsError, Values
from coordinator.rendering.eye import Eye
from coordinator.rendering.failures import LookFailure

MAX_SCREENSHOT = 8000  # pixels of height
MAX_HTML = 4_200_000  # characters, slightly more than is read of a page, so that a longer one is known to be cut
MAX_REQUESTS = 200  # of one page
MAX_RECEIVED = 60_000_000  # bytes of all bodies after decoding
SETTLING = 6.0  # seconds for the page's own requests after its document was read
DWELL = 4.0, 7.0  # seconds that a reader is on the page at least before it is measured, drawn by chance between these
PRESSES = 8
_MEASURING = 25.0  # seconds for all measuring
_LIVE_LOOKS = 2  # places of the page that show nothing new before no more are looked at
_PAUSING = 10.0  # seconds for the page's scripts to stop
_QUIET = 0.5  # seconds without a request
_NOT_LOADED = frozenset({"Media", "WebSocket", "EventSource", "Ping", "Manifest", "TextTrack", "Prefetch"})
_DOCUMENTS = frozenset({"text/html", "application/xhtml+xml", "text/plain"})


@dataclass(frozen=True)
class Screen:
    """A window as many readers have it."""

    width: int
    height: int
    scale: int  # pixels of the screen for one of the page
    screen: tuple[int, int]
    platform: str  # of client hints
    navigator: str
    system: str  # in the user agent
    mobile: bool


SCREENS = {
    "desktop": Screen(1280, 900, 1, (1920, 1080), "Windows", "Win32", "Windows NT 10.0; Win64; x64", False),
    "phone": Screen(390, 844, 2, (390, 844), "Android", "Linux armv81", "Linux; Android 10; K", True),
}
ARGUMENTS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-field-trial-config",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-search-engine-choice-screen",
    "--force-color-profile=srgb",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--no-pings",
    "--dns-prefetch-disable",
    "--hide-scrollbars",
    "--block-new-web-contents",
    "--disable-blink-features=AutomationControlled",
    # All frames of the page are in one process, so that one session reads them. Nothing else is open in this browser.
    "--disable-site-isolation-trials",
    # A document that keeps the window it is opened in knows its size from the beginning (RenderDocument). The address
    # bar that nobody sees makes no pages of its own for its suggestions, in a process for each (WebUIOmnibox…).
    "--disable-features=IsolateOrigins,site-per-process,IsolateSandboxedIframes,RenderDocument,Translate,MediaRouter,"
    "HttpsUpgrades,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    # Loopback is reached through the proxy too, and refused there.
    "--proxy-bypass-list=<-loopback>",
    # The browser resolves no name itself, and makes no connection beside the proxy.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
)


def _agent(version: str, screen: Screen) -> str:
    """The agent of a reader's browser: a site that shows us another page than its readers is found by it."""
    major = version.partition(".")[0]
    mobile = "Mobile " if screen.mobile else ""
    engine = f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0"
    return f"Mozilla/5.0 ({screen.system}) {engine} {mobile}Safari/537.36"


class _Failed(Exception):
    """The look ended without a page."""

    def __init__(self, failure: LookFailure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass
class _Traffic:
    """What the page asked for and got."""

    asked: int = 0
    open: set[str] = field(default_factory=set)
    last: float = 0.0  # time.monotonic() of the latest change
    received: int = 0
    stays: bool = False  # the page's document may not be replaced any more
    first_read: bool = False
    loader: str = ""  # of the document that is shown
    answers: dict[str, Values] = field(default_factory=dict)  # of documents, by their loaders
    redirects: dict[str, list[str]] = field(default_factory=dict)
    left_for: str | None = None
    address: str = ""
    parsed: bool = False
    crashed: bool = False
    paused: bool = False  # the page's scripts stand still


class Look:
    """One page in one browser."""

    def __init__(self, tools: DevTools, wanted: Values) -> None:
        """``wanted``: the parent's line."""
        self.tools = tools
        self.wanted = wanted
        self.screen = SCREENS[wanted["screen"]]
        self.traffic = _Traffic()
        self.version = str(tools.call("Browser.getVersion")["product"]).partition("/")[2]
        self.agent = str(wanted.get("agent") or _agent(self.version, self.screen))
        self.frame = ""  # of the page

    def prepare(self) -> None:
        """Set the page up as a reader's, and listen to it."""
        tools, screen = self.tools, self.screen
        context = tools.call("Target.createBrowserContext")["browserContextId"]
        made = tools.call("Target.createTarget", url="about:blank", browserContextId=context)
        self.frame = str(made["targetId"])
        tools.call("Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
        tools.session = tools.call("Target.attachToTarget", targetId=self.frame, flatten=True)["sessionId"]
        for event, handler in (
            ("Fetch.requestPaused", self._pass_on),
            ("Fetch.authRequired", self._authorise),
            ("Page.javascriptDialogOpening", self._answer_dialog),
            ("Page.frameNavigated", self._navigated),
            ("Page.domContentEventFired", self._parsed),
            ("Inspector.targetCrashed", self._crashed),
            ("Debugger.paused", self._paused),
            ("Network.requestWillBeSent", self._requested),
            ("Network.responseReceived", self._answered),
            ("Network.dataReceived", self._received),
            ("Network.loadingFinished", self._finished),
            ("Network.loadingFailed", self._finished),
        ):
            tools.on(event, handler)
        tools.call("Page.enable")
        tools.call("Network.enable")
        tools.call("Network.setBypassServiceWorker", bypass=True)
        tools.call("Fetch.enable", handleAuthRequests=True, patterns=[{"urlPattern": "*"}])
        tools.call(
            "Emulation.setDeviceMetricsOverride", width=screen.width, height=screen.height,
            deviceScaleFactor=screen.scale, mobile=screen.mobile, screenWidth=screen.screen[0],
            screenHeight=screen.screen[1],
        )  # fmt: skip
        if screen.mobile:  # switched off, it would take the mouse of the settings away, too
            tools.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
        tools.call("Emulation.setTimezoneOverride", timezoneId="Asia/Ho_Chi_Minh")
        tools.call("Emulation.setLocaleOverride", locale="vi-VN")
        tools.call("Emulation.setFocusEmulationEnabled", enabled=True)
        if self.wanted.get("agent"):
            tools.call("Emulation.setUserAgentOverride", userAgent=self.agent, acceptLanguage="vi-VN,vi,en-US,en")
            return
        major = self.version.partition(".")[0]
        brands = [("Not:A-Brand", "8"), ("Chromium", major), ("Google Chrome", major)]
        full = [("Not:A-Brand", "8.0.0.0"), ("Chromium", self.version), ("Google Chrome", self.version)]
        tools.call(
            "Emulation.setUserAgentOverride", userAgent=self.agent, acceptLanguage="vi-VN,vi,en-US,en",
            platform=screen.navigator,
            userAgentMetadata={
                "brands": [{"brand": brand, "version": version} for brand, version in brands],
                "fullVersionList": [{"brand": brand, "version": version} for brand, version in full],
                "platform": screen.platform, "platformVersion": "10.0.0", "mobile": screen.mobile,
                "model": "K" if screen.mobile else "", "architecture": "" if screen.mobile else "x86",
                "bitness": "" if screen.mobile else "64",
            },
        )  # fmt: skip

    # Handlers of events

    def _pass_on(self, event: Values) -> None:
        traffic, kind = self.traffic, event.get("resourceType")
        traffic.asked += 1
        leaves = kind == "Document" and event.get("frameId") == self.frame and traffic.stays
        if traffic.asked > MAX_REQUESTS or kind in _NOT_LOADED or leaves:
            reason = "Aborted" if leaves else "BlockedByClient"
            self.tools.post("Fetch.failRequest", requestId=event["requestId"], errorReason=reason)
        else:
            self.tools.post("Fetch.continueRequest", requestId=event["requestId"])

    def _authorise(self, event: Values) -> None:
        proxy = self.wanted["proxy"]
        answer: Values = {"response": "CancelAuth"}
        if event["authChallenge"].get("source") == "Proxy":
            answer = {
                "response": "ProvideCredentials",
                "username": proxy["username"],
                "password": proxy["password"],
            }
        self.tools.post("Fetch.continueWithAuth", requestId=event["requestId"], authChallengeResponse=answer)

    def _answer_dialog(self, event: Values) -> None:
        self.tools.post("Page.handleJavaScriptDialog", accept=event.get("type") == "beforeunload")

    def _navigated(self, event: Values) -> None:
        frame, traffic = event["frame"], self.traffic
        if frame.get("parentId") is not None:
            return
        address = str(frame["url"])
        if traffic.first_read and address.partition("#")[0] != traffic.address.partition("#")[0]:
            traffic.left_for = address
        traffic.address, traffic.first_read = address, True
        traffic.loader, traffic.parsed = str(frame["loaderId"]), False

    def _parsed(self, event: Values) -> None:
        self.traffic.parsed = True

    def _paused(self, event: Values) -> None:
        self.traffic.paused = True

    def _crashed(self, event: Values) -> None:
        self.traffic.crashed = True

    def _requested(self, event: Values) -> None:
        traffic = self.traffic
        traffic.open.add(event["requestId"])
        traffic.last = time.monotonic()
        if event.get("frameId") == self.frame and "redirectResponse" in event:
            traffic.redirects.setdefault(event["loaderId"], []).append(str(event["redirectResponse"]["url"]))

    def _answered(self, event: Values) -> None:
        if event.get("type") == "Document" and event.get("frameId") == self.frame:
            self.traffic.answers[event["loaderId"]] = event["response"]

    def _received(self, event: Values) -> None:
        self.traffic.received += int(event["dataLength"])
        self.traffic.last = time.monotonic()

    def _finished(self, event: Values) -> None:
        self.traffic.open.discard(event["requestId"])
        self.traffic.last = time.monotonic()

    # The look

    def check(self) -> None:
        """Raises ``_Failed`` when the page's process ended or it took too much."""
        if self.traffic.crashed:
            raise _Failed(LookFailure.CRASH, "the page's process crashed")
        if self.traffic.received > MAX_RECEIVED:
            raise _Failed(LookFailure.TOO_LARGE, f"the page loads more than {MAX_RECEIVED // 1_000_000} MB")

    def wait(self, seconds: float, quiet: bool = False) -> None:
        """Let the page go on for so long, or until it asks for nothing more."""

        def over() -> bool:
            self.check()
            traffic = self.traffic
            return quiet and not traffic.open and time.monotonic() - traffic.last > _QUIET

        ends = time.monotonic() + seconds
        while time.monotonic() < min(ends, self.tools.ends) and not over():
            self.tools.wait(min(0.1, ends - time.monotonic()))

    def open(self) -> None:
        """Open the address."""
        tools, traffic = self.tools, self.traffic
        half = max((tools.ends - time.monotonic()) / 2, 1.0)
        began = time.monotonic()
        try:
            answer = tools.call("Page.navigate", url=self.wanted["url"], seconds=half)
        except BrowserGone as error:
            if not error.late:
                raise
            raise _Failed(LookFailure.TIMEOUT, "the address answers nothing in time") from error
        if answer.get("isDownload"):
            raise _Failed(LookFailure.NO_PAGE, "the address is a download")
        if "errorText" in answer:
            raise _Failed(LookFailure.REFUSED, str(answer["errorText"]))
        # A page that is held up in its middle is read as far as it is there.
        while not traffic.parsed and time.monotonic() - began < half:
            self.wait(0.1)

    def _document(self) -> Values:
        """The response of the document that is shown."""
        document = self.traffic.answers.get(self.traffic.loader)
        if document is None:
            raise _Failed(LookFailure.NO_PAGE, "the address shows no page")
        return document

    def settle(self, eye: Eye) -> None:
        """Wait as a reader does: for the page's requests, while scrolling down once, so that what is loaded and
        uncovered on the way is there."""
        began = time.monotonic()
        self.wait(SETTLING, quiet=True)
        for _step in range(20):
            if not eye.scroll_on():
                break
            self.wait(0.15)
        self.wait(1.5, quiet=True)
        eye.to_top()
        self.wait(1.0, quiet=True)
        left = random.uniform(*DWELL) - (time.monotonic() - began)  # noqa: S311  # chance, no secret
        self.wait(max(left, 0.3))

    def read(self) -> tuple[Values, bytes, bytes]:
        """The whole look."""
        self.prepare()
        self.open()
        eye = Eye(self.tools, self.frame, self.screen.scale)
        self.settle(eye)
        document, traffic = self._document(), self.traffic
        media = str(document.get("mimeType", "text/html")).lower()
        answer: Values = {
            "status": int(document["status"]), "url": traffic.address, "version": self.version, "agent": self.agent,
            "redirects": traffic.redirects.get(traffic.loader, [])[:20], "left_for": traffic.left_for,
            "content_type": "", "width": 0, "height": 0, "html": 0,
        }  # fmt: skip
        if media not in _DOCUMENTS:
            return {**answer, "content_type": media}, b"", b""
        self.traffic.stays = True
        pressed = self._measure(eye)
        answer["url"] = self.traffic.address
        answer["left_for"] = self.traffic.left_for or eye.refresh()
        picture, width, height = self._picture(eye)
        text = eye.html(MAX_HTML)
        seen, unseen = eye.letters()
        html = text.encode("utf-8", "replace")
        answer |= {"html": len(html), "width": width, "height": height, "pressed": pressed}
        answer |= {"letters_seen": seen, "letters_unseen": unseen}
        return answer, html, picture

    def _measure(self, eye: Eye) -> list[str]:
        """Measure what is seen, press what a reader would press to see the rest, and measure that; returns the words
        of what was pressed."""
        ends = min(time.monotonic() + _MEASURING, self.tools.ends - 10.0)
        pressed: list[str] = []
        self._freeze(eye)
        eye.measure_window()
        while len(pressed) < PRESSES and time.monotonic() < ends:
            if not eye.is_covered():
                eye.measure(ends)
            control = eye.next_control()
            if control is None:
                break
            pressed.append(str(control["words"]))
            self._thaw(eye)
            self._press(control)
            self._freeze(eye)
            eye.measure_window()
        eye.measure(ends)
        self._measure_live(eye, ends)
        eye.cut_at_gap()
        return pressed

    def _measure_live(self, eye: Eye, ends: float) -> None:
        """Look again at what was not seen, with the page's scripts at work: they may show a text only while it is in
        the window."""
        without = 0  # looks that showed nothing new
        while without < _LIVE_LOOKS and time.monotonic() < ends and eye.has_unseen():
            seen = eye.letters()[0]
            self._thaw(eye)
            # From the top again: the page heard nothing of the scrolling while it was measured.
            eye.to_top()
            self.wait(0.3)
            eye.to_unseen()
            self.wait(0.8)
            self._freeze(eye)
            eye.measure_window()
            without = without + 1 if eye.letters()[0] <= seen else 0

    def _freeze(self, eye: Eye) -> None:
        """Stop the page's scripts: from here it cannot answer to being measured. They stand at a breakpoint, so that
        nothing of them is lost, and styles for pages without scripts do not apply."""
        self.traffic.paused = False
        self.tools.call("Debugger.enable")
        eye.pause()
        if not self.tools.wait(_PAUSING, lambda: self.traffic.paused):
            raise _Failed(LookFailure.TIMEOUT, "the page's scripts do not stop")
        eye.begin()

    def _thaw(self, eye: Eye) -> None:
        eye.end()
        self.tools.call("Debugger.disable")

    def _press(self, control: Values) -> None:
        place: Values = {"x": control["left"], "y": control["top"]}
        pressed: Values = {**place, "button": "left", "clickCount": 1}
        self.tools.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
        self.tools.call("Input.dispatchMouseEvent", type="mousePressed", **pressed)
        self.tools.call("Input.dispatchMouseEvent", type="mouseReleased", **pressed)
        self.wait(0.7)
        self.wait(2.5, quiet=True)

    def _picture(self, eye: Eye) -> tuple[bytes, int, int]:
        """A picture of the page from its top, and its width and height in pixels."""
        screen = self.screen
        eye.to_top()
        try:
            height = min(max(eye.height(), screen.height), MAX_SCREENSHOT // screen.scale)
            clip = {"x": 0, "y": 0, "width": screen.width, "height": height, "scale": 1}
            shot = self.tools.call(
                "Page.captureScreenshot", format="jpeg", quality=60, captureBeyondViewport=True, clip=clip
            )
        except DevToolsError as error:
            if isinstance(error, BrowserGone) and not error.late:
                raise
            return b"", 0, 0  # a page that cannot be drawn at this size
        return base64.b64decode(shot["data"]), screen.width * screen.scale, height * screen.scale


def command(wanted: Values) -> list[str]:
    screen = SCREENS[wanted["screen"]]
    command = [
        wanted["chromium"],
        *ARGUMENTS,
        f"--user-data-dir={wanted['folder']}/profile",
        f"--proxy-server={wanted['proxy']['server']}",
        f"--window-size={screen.screen[0]},{screen.screen[1]}",
        "--lang=vi-VN",
    ]
    # Pictures do not move: a moving one under a word looks like its letters. (2: shown as their first picture.)
    settings = ["imageAnimationPolicy=2"]
    if not screen.mobile:  # a machine without a mouse has none for the page either
        settings += ["primaryHoverType=2", "availableHoverTypes=2", "primaryPointerType=4", "availablePointerTypes=4"]
    command.append(f"--blink-settings={','.join(settings)}")
    # Chromium has no sandbox for root.
    return [*command, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _look(wanted: Values) -> tuple[Values, bytes, bytes]:
    tools = DevTools(command(wanted), time.monotonic() + float(wanted["seconds"]))
    look = None
    try:
        look = Look(tools, wanted)
        return look.read()
    except _Failed as error:
        return {"failure": error.failure.value, "error": str(error)}, b"", b""
    except BrowserGone as error:
        crashed = not error.late or (look is not None and look.traffic.crashed)
        failure = LookFailure.CRASH if crashed else LookFailure.TIMEOUT
        return {"failure": failure.value, "error": str(error)}, b"", b""
    except DevToolsError as error:
        crashed = look is not None and look.traffic.crashed
        failure = LookFailure.CRASH if crashed else LookFailure.NO_PAGE
        return {"failure": failure.value, "error": str(error)[:300]}, b"", b""


def main() -> int:
    """The child."""
    answer, html, picture = _look(json.loads(sys.stdin.buffer.readline() or sys.stdin.buffer.read()))
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n" + html + picture)
    out.flush()
    return 0


if __name__ == "__main__":
    status = main()
    os._exit(status)  # without waiting for the browser
