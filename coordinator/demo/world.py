"""The loopback world of the demo: three partner sites, a Zalo sandbox, a Lotus-style platform, a feed to import."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from urllib.parse import urlsplit

from flask import Flask, Response

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import slug
from coordinator.demo.habits import CONG_TIN_SANG, NHIP_SONG, PHO_NHO, SourceLine
from coordinator.demo.partner import PartnerSite, Post, keep_pulling
from coordinator.demo.sandbox_lotus import SandboxLotus
from coordinator.demo.sandbox_server import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo
from coordinator.demo.sandbox_zalo_account import SandboxAccount

PULL_EVERY = 1.0  # seconds: a demo must not make people wait for a polite partner

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


def own_article() -> Post:
    """An article that a partner wrote itself: nothing of ours is in it."""
    text = (files("coordinator.demo") / "sample" / "tin-rieng.md").read_text(encoding="utf-8")
    headline, lead, *parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    title = headline.removeprefix("# ")
    path = f"/doi-song/{slug(title)[:70]}-39001.html"
    return Post("", path, title, lead, parts, "", SourceLine.NONE, datetime.now(CITY) - timedelta(hours=2))


def old_feed() -> Flask:
    """The feed of a unit within the department, from which the product imports a text."""
    app = Flask(__name__)
    body = (files("coordinator.demo") / "sample" / "nguon-so.rss").read_bytes()
    app.add_url_rule("/nguon-so.rss", "feed", lambda: Response(body, mimetype="application/rss+xml"))
    return app


class World:
    """Everything outside the product, on free ports of 127.0.0.1, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self.partners = _partners()
        self.zalo = SandboxZalo(SandboxAccount(name=OFFICE, looks=1))
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._servers: list[SandboxServer] = []
        for partner in self.partners:
            partner.url = self._serve(partner.app)
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
        """The ``host:port`` of everything the product has to reach, for ``LANTOA_ALLOW_HOSTS``."""
        return ",".join(urlsplit(server.base).netloc for server in self._servers)

    def open_lotus(self, feed_url: str) -> None:
        """Start the Lotus-style platform on a feed of the product."""
        self.lotus = SandboxLotus(feed_url, name="Trang kiểu Lotus (sandbox)", interval=PULL_EVERY)
        self.lotus_url = self._serve(self.lotus.app)
        self.lotus.start()

    def begin_pulling(self) -> None:
        """Every partner that pulls begins to."""
        for partner in self.partners:
            if partner.habits.feed is not None:
                self._run(lambda partner=partner: keep_pulling(partner, self._stop, PULL_EVERY))  # type: ignore[misc]  # bound now

    def _run(self, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        self._threads.append(thread)

    def partner(self, code: str) -> PartnerSite:
        """The partner with this code."""
        return next(one for one in self.partners if one.code == code)

    def known(self) -> dict[str, dict[str, int]]:
        """What each partner did, as figures."""
        return {one.code: one.known.counts() for one in self.partners}

    def stop(self) -> None:
        """End every thread and close every port."""
        self._stop.set()
        if self.lotus is not None:
            self.lotus.stop()
        for thread in self._threads:
            thread.join(5)
        for server in self._servers:
            server.stop()
