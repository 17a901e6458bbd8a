"""The external services of the demo on loopback: partner sites, a Zalo sandbox, a Lotus-style platform, a feed."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import slug
from coordinator.demo.partner_profiles import CONG_TIN_SANG, NHIP_SONG, PHO_NHO, SourceLine
from coordinator.demo.partner_site import PartnerPost, PartnerSite, keep_pulling
from coordinator.demo.sandbox_lotus import SandboxLotus
from coordinator.demo.sandbox_zalo import SandboxZalo
from coordinator.demo.sandbox_zalo_account import SandboxAccount

# Werkzeug drops headers with underscores, such as Zalo's ``access_token``, because WSGI cannot distinguish them from
# ``access-token``. They are restored here; no client sends both.
UNDERSCORED = ("access_token", "secret_key")
SERVER_STOP_WITHIN = 5.0  # seconds


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> Any:
        environ = super().make_environ()
        for name in UNDERSCORED:
            if (value := self.headers.get(name)) is not None:
                environ[f"HTTP_{name.upper()}"] = value
        return environ

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing: the terminal shows only the output of the demo."""


class SandboxServer:
    """One application on 127.0.0.1, from ``start`` (or ``with``) to ``stop``. ``port`` 0 takes a free one."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> str:
        """Begin to serve; returns the base address."""
        self._thread.start()
        return self.base

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.shutdown()
        self._thread.join(SERVER_STOP_WITHIN)
        self._server.server_close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


PULL_EVERY = 1.0  # seconds; short, so that the demo does not wait for a partner

OFFICE = "Sở Thông tin thành phố"


def _partners() -> list[PartnerSite]:
    partners = [
        PartnerSite("nhip-song", "Nhịp Sông", "Công ty CP Truyền thông Ven Sông", "118/GP-TTĐT", NHIP_SONG, OFFICE),
        PartnerSite("pho-nho", "Phố Nhỏ Online", "Công ty TNHH Phố Nhỏ", "204/GP-TTĐT", PHO_NHO, OFFICE),
        PartnerSite("cong-tin-sang", "Cổng Tin Sáng", "Công ty CP Cổng Tin", "77/GP-TTĐT", CONG_TIN_SANG, OFFICE),
    ]
    partners[0].origin = partners[1]
    partners[2].own = own_article()
    return partners


def own_article() -> PartnerPost:
    """An article of a partner's own, without text of ours."""
    text = (files("coordinator.demo") / "sample" / "tin-rieng.md").read_text(encoding="utf-8")
    headline, lead, *parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    title = headline.removeprefix("# ")
    path = f"/doi-song/{slug(title)[:70]}-39001.html"
    return PartnerPost("", path, title, lead, parts, "", SourceLine.NONE, datetime.now(CITY) - timedelta(hours=2))


def old_feed() -> Flask:
    """The feed of a unit of the department, from which the product imports a text."""
    app = Flask(__name__)
    body = (files("coordinator.demo") / "sample" / "nguon-so.rss").read_bytes()
    app.add_url_rule("/nguon-so.rss", "feed", lambda: Response(body, mimetype="application/rss+xml"))
    return app


class LoopbackServices:
    """All external services, on free ports of 127.0.0.1, from ``start`` to ``stop``. ``scripts``: whether scripts write
    some of the partners' pages."""

    def __init__(self, *, scripts: bool = False) -> None:
        self.partners = _partners()
        self.zalo = SandboxZalo(SandboxAccount(name=OFFICE, looks=1))
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._servers: list[SandboxServer] = []
        for partner in self.partners:
            partner.url, partner.scripts = self._serve(partner.app), scripts
        self.zalo_url = self._serve(self.zalo.app)
        self.feed_url = f"{self._serve(old_feed())}/nguon-so.rss"
        self.lotus: SandboxLotus | None = None
        self.lotus_url = ""

    def _serve(self, app: object) -> str:
        server = SandboxServer(app)
        self._servers.append(server)
        return server.start()

    @property
    def hosts(self) -> str:
        """The ``host:port`` of every service that the product has to reach, for ``LANTOA_ALLOW_HOSTS``."""
        return ",".join(urlsplit(server.base).netloc for server in self._servers)

    def open_lotus(self, feed_url: str) -> None:
        """Start the Lotus-style platform on a feed of the product."""
        self.lotus = SandboxLotus(feed_url, name="Trang kiểu Lotus (sandbox)", interval=PULL_EVERY)
        self.lotus_url = self._serve(self.lotus.app)
        self.lotus.start()

    def begin_pulling(self) -> None:
        """Start the pulling of every partner that reads a feed."""
        for partner in self.partners:
            if partner.profile.feed is not None:
                self._run(lambda partner=partner: keep_pulling(partner, self._stop, PULL_EVERY))  # type: ignore[misc]  # bound now

    def _run(self, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        self._threads.append(thread)

    def partner(self, code: str) -> PartnerSite:
        """The partner with this code."""
        return next(known_partner for known_partner in self.partners if known_partner.code == code)

    def known(self) -> dict[str, dict[str, int]]:
        """The known figures of each partner."""
        return {partner.code: partner.known.counts() for partner in self.partners}

    def stop(self) -> None:
        """Stop all threads and close all ports."""
        self._stop.set()
        if self.lotus is not None:
            self.lotus.stop()
        for thread in self._threads:
            thread.join(5)
        for server in self._servers:
            server.stop()
