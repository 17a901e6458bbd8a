"""SANDBOX: a Lotus-style platform on loopback. It represents any platform that reads feeds, and is no real product.

It polls one feed (RSS with full text, or Atom) with ``If-None-Match``, stores the posts, follows corrections, removes
recalled posts, and shows its posts at ``/`` for people and ``/posts.json`` for scripts.
"""

import calendar
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import feedparser
import nh3
import requests
from flask import Flask, Response, jsonify, render_template_string
from lxml import etree
from werkzeug.wrappers import Response as AnyResponse

LABEL = "SANDBOX - a Lotus-style platform"
DEADLINE = 10.0  # seconds for one poll
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"

_TOP = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ name }} · SANDBOX</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;color:#1c1c1c}
.label{background:#5b4a00;color:#fff;padding:.5rem 1rem;font-weight:600} li{margin:.75rem 0}</style>
<p class="label">SANDBOX – nền tảng kiểu Lotus, môi trường thử</p>
"""
LIST_PAGE = (
    _TOP
    + """<h1>{{ name }}</h1><ol>
{% for post in posts %}<li><a href="/post/{{ post.number }}">{{ post.title }}</a></li>
{% else %}<li>Chưa có bài viết nào.</li>{% endfor %}</ol>"""
)
POST_PAGE = (
    _TOP
    + """<p><a href="/">{{ name }}</a></p><h1>{{ post.title }}</h1>{{ post.html|safe }}
<p>Nguồn: <a href="{{ post.link }}">{{ post.link }}</a></p>"""
)


@dataclass
class LotusPost:
    """One entry of the feed as stored by the platform. ``html`` is sanitised. ``versions``: the number of its texts so
    far."""

    number: int
    guid: str
    title: str
    link: str
    html: str
    published_at: datetime
    taken_at: datetime
    versions: int = 1
    withdrawn: bool = False
    left: bool = False  # no longer in the feed


@dataclass(frozen=True)
class FeedPoll:
    """The result of one poll of the feed."""

    status: int
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    problem: str = ""


@dataclass
class SandboxLotus:
    """One platform with one feed. ``app`` is its WSGI application; ``start`` polls every ``interval`` seconds."""

    feed_url: str
    name: str = "Nền tảng thử nghiệm"
    interval: float = 2.0
    posts: dict[str, LotusPost] = field(default_factory=dict)
    looks: list[FeedPoll] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._etag: str | None = None
        self._modified: str | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.app = self._pages()

    def poll_once(self) -> FeedPoll:
        """Poll the feed once, conditionally, and apply its changes. An unreachable feed is recorded, not raised."""
        headers = {"User-Agent": LABEL}
        if self._etag:
            headers["If-None-Match"] = self._etag
        if self._modified:
            headers["If-Modified-Since"] = self._modified
        try:
            answer = requests.get(self.feed_url, headers=headers, timeout=DEADLINE)
        except requests.RequestException as error:
            look = FeedPoll(0, problem=type(error).__name__)
        else:
            look = self._take(answer) if answer.status_code == 200 else FeedPoll(answer.status_code)
        self.looks.append(look)
        return look

    def run(self, stop: threading.Event) -> None:
        """Poll repeatedly until ``stop`` is set."""
        while not stop.is_set():
            self.poll_once()
            stop.wait(self.interval)

    def start(self) -> None:
        """Poll in a thread of its own."""
        self._thread = threading.Thread(target=self.run, args=(self._stop,), name="sandbox-lotus", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=DEADLINE + self.interval)

    def visible_posts(self) -> list[LotusPost]:
        """The visible posts, newest first."""
        with self._lock:
            visible = [post for post in self.posts.values() if not post.withdrawn]
        return sorted(visible, key=lambda post: (post.published_at, post.number), reverse=True)

    def _take(self, answer: requests.Response) -> FeedPoll:
        parsed = feedparser.parse(answer.content)
        if parsed.bozo and not parsed.entries:
            return FeedPoll(answer.status_code, problem="the feed could not be read")
        self._etag, self._modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        entries = [entry for entry in parsed.entries if entry.get("id") and entry.get("link")]
        with self._lock:
            outcomes = [self._keep(entry) for entry in entries]
        gone = self._withdraw({entry.id for entry in entries}, _tombstones(answer.content))
        return FeedPoll(answer.status_code, outcomes.count("new"), outcomes.count("changed"), gone)

    def _keep(self, entry: Any) -> str:
        html = nh3.clean(entry.content[0].value if entry.get("content") else entry.get("summary", ""))
        known = self.posts.get(entry.id)
        if known is None:
            number = len(self.posts) + 1
            now = datetime.now(UTC)
            self.posts[entry.id] = LotusPost(
                number, entry.id, entry.title, entry.link, html, _published(entry, now), now
            )
            return "new"
        known.withdrawn = known.left = False
        if (known.title, known.html) == (entry.title, html):
            return "same"
        known.title, known.html, known.versions = entry.title, html, known.versions + 1
        return "changed"

    def _withdraw(self, present: set[str], tombstones: set[str]) -> int:
        gone = 0
        for post in list(self.posts.values()):
            if post.withdrawn or post.left or post.guid in present:
                continue
            # No longer in the feed: displaced by newer entries, or recalled. The bulletin's page shows which.
            post.left = True
            if {post.guid, post.link} & tombstones or self._page_is_gone(post.link):
                post.withdrawn = True
                gone += 1
        return gone

    def _page_is_gone(self, link: str) -> bool:
        try:
            return requests.get(link, headers={"User-Agent": LABEL}, timeout=DEADLINE).status_code in {404, 410}
        except requests.RequestException:
            return False  # an unreachable page does not mean a recall

    def _pages(self) -> Flask:
        app = Flask(__name__)

        @app.get("/")
        def posts_page() -> str:
            return render_template_string(LIST_PAGE, name=self.name, posts=self.visible_posts())

        @app.get("/post/<int:number>")
        def post_page(number: int) -> AnyResponse | str:
            post = next((shown_post for shown_post in self.visible_posts() if shown_post.number == number), None)
            if post is None:
                return Response(f"{LABEL}: no such post", status=404, mimetype="text/plain")
            return render_template_string(POST_PAGE, name=self.name, post=post)

        @app.get("/posts.json")
        def posts_json() -> AnyResponse:
            rows = [
                {"guid": post.guid, "title": post.title, "link": post.link, "path": f"/post/{post.number}"}
                | {"versions": post.versions, "published_at": post.published_at.isoformat()}
                for post in self.visible_posts()
            ]
            return jsonify({"label": LABEL, "posts": rows})

        @app.after_request
        def label(response: AnyResponse) -> AnyResponse:
            response.headers["X-Sandbox"] = LABEL
            return response

        return app


def _published(entry: Any, otherwise: datetime) -> datetime:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else otherwise


def _tombstones(body: bytes) -> set[str]:
    """The deleted entries of an Atom feed (RFC 6721)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(body, parser)
    found: Iterable[Any] = [] if root is None else root.iter(TOMBSTONE)
    return {ref for element in found if (ref := element.get("ref"))}
