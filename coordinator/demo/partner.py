"""A partner site on loopback: it pulls a feed or is pushed to, republishes in its own way and remembers what it did."""

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import feedparser
import requests
from flask import Flask, Response, abort, redirect, request
from flask.typing import ResponseReturnValue
from jinja2 import Environment, PackageLoader
from lxml import html as lxml_html
from markupsafe import Markup

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import slug
from coordinator.demo.habits import Farewell, Habits, Known, SourceLine

log = logging.getLogger(__name__)


@dataclass
class Post:
    """One republished text."""

    code: str
    path: str
    headline: str
    lead: str
    parts: list[str]
    link: str
    line: SourceLine
    at: datetime
    revision: int = 1
    gone_at: datetime | None = None
    origin: str = ""  # the other partner's copy that it was taken from
    also: str = ""  # the path of its second address
    counter: str = ""  # the counter image's address

    @property
    def gone(self) -> bool:
        """Whether it has been taken down."""
        return self.gone_at is not None


@dataclass
class PartnerSite:
    """``pull_url``, ``key`` and ``secret`` are given once the product has them for it.

    ``origin``: the partner it takes texts from where its habits say so; ``own``: an article of its own, not ours.
    """

    code: str
    name: str
    owner: str
    licence: str
    habits: Habits
    office: str
    url: str = ""
    pull_url: str = ""
    key: str = ""
    secret: str = ""
    origin: "PartnerSite | None" = None
    own: Post | None = None
    known: Known = field(default_factory=Known)
    posts: dict[str, Post] = field(default_factory=dict)
    seen_hooks: set[str] = field(default_factory=set)
    leaving: dict[str, float] = field(default_factory=dict)  # by code, the monotonic second of taking it down

    def __post_init__(self) -> None:
        self.style = self.habits.style
        self._pages = _environment()
        self._lock = threading.RLock()
        self._etag = ""
        self.app = self._application()

    # Taking ---------------------------------------------------------------------------------------------------------

    def pull(self) -> None:
        """Read the feed once, with the validator of the last time, and republish what is new or corrected."""
        self._take_down()
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = requests.get(self.pull_url, headers=headers, timeout=10)
        if answer.status_code != 200:
            return
        self._etag = answer.headers.get("ETag", "")
        items = _json_items(answer.json()) if self.habits.feed == "feed.json" else _rss_items(answer.content)
        with self._lock:
            for item in reversed(items):
                self._take(**item)
            present = {item["code"] for item in items}
            for code in [code for code in self.posts if code not in present]:
                self.leaving.setdefault(code, time.monotonic() + self.habits.removes_after)
        self._take_down()

    def _take_down(self) -> None:
        for code in [code for code, at in self.leaving.items() if at <= time.monotonic()]:
            self.remove(code)

    def _take(self, code: str, title: str, lead: str, body: str, link: str) -> None:
        with self._lock:
            self.known.delivered.add(code)
            parts = _paragraphs(body, lead)
            kept = [parts[one] for one in self.habits.keeps(len(parts))]
            old = self.posts.get(code)
            if old is not None:
                if not old.gone and old.parts != kept:
                    self._correct(old, kept, lead)
                return
            position = len(self.posts)
            line, origin = self.habits.source(position), ""
            if line is SourceLine.VIA and self.origin is not None:
                if code not in self.origin.posts:
                    self._etag = ""  # not there yet to take it from: asked for again, whole
                    return
                origin = f"{self.origin.url}{self.origin.posts[code].path}"
            headline = self.habits.headline(title)
            number = int(code.rsplit("-", 1)[1])
            name = f"{slug(headline)[:70]}-{number + 40_000}.html"
            also = f"/doi-song/{name}" if self.habits.also_at(position) else ""
            self.posts[code] = Post(
                code, f"/thoi-su/{name}", headline, lead, kept, link, line, datetime.now(CITY), origin=origin,
                also=also, counter=_counter(body) if self.habits.keeps_image else "",
            )  # fmt: skip
            self.known.source[code] = line
            if also:
                self.known.second.add(code)

    def _correct(self, post: Post, parts: list[str], lead: str) -> None:
        if self.habits.corrects:
            post.parts, post.lead, post.revision = parts, lead, post.revision + 1
        else:
            self.known.behind.add(post.code)

    def remove(self, code: str) -> None:
        """Take a copy down."""
        with self._lock:
            post = self.posts.get(code)
            if post is not None and not post.gone:
                post.gone_at = datetime.now(CITY)
                self.known.gone.add(code)

    # Telling --------------------------------------------------------------------------------------------------------

    def report(self, code: str, address: str, api: str) -> int:
        """Tell the product by its API that this page of ours carries the bulletin; returns the answer's status.

        What is remembered is the page, in whatever form its address was told; ``address`` begins with this site's own.
        """
        path = address.removeprefix(self.url).partition("?")[0].partition("#")[0]
        self.known.claimed.add((code, path))
        post = self.posts.get(code)
        if post is None or path != post.path:
            self.known.lied.add((code, path))
        answer = requests.post(
            f"{api}/republications",
            json={"bulletin": code, "url": address},
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=10,
        )
        return answer.status_code

    def _pushed(self) -> ResponseReturnValue:
        body = request.get_data()
        if not self._signed(body):
            return "bad signature", 401
        ident = request.headers["webhook-id"]
        event = request.get_json()
        data = event["data"]
        with self._lock:
            repeated = ident in self.seen_hooks
            self.seen_hooks.add(ident)
        if event["type"] == "bulletin.recalled":
            self.remove(data["code"])
            return {"received": True}
        if event["type"] == "endpoint.test" or repeated:
            return {"received": True}
        item = requests.get(data["ninjs_url"], timeout=10).json()
        self._take(**_ninjs_item(item, data))
        return {"url": f"{self.url}{self.posts[data['code']].path}"}

    def _signed(self, body: bytes) -> bool:
        try:
            ident, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
            given = request.headers["webhook-signature"]
            fresh = abs(time.time() - int(stamp)) < 300
        except (KeyError, ValueError):
            return False
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
        wanted = f"v1,{base64.b64encode(digest).decode()}"
        return fresh and any(hmac.compare_digest(wanted, one) for one in given.split(" "))

    # Showing --------------------------------------------------------------------------------------------------------

    def _application(self) -> Flask:
        app = Flask(__name__)
        app.add_url_rule("/", "front", self._front)
        app.add_url_rule("/rss.xml", "rss", lambda: self._listed("rss.xml", "application/rss+xml"))
        app.add_url_rule("/sitemap-news.xml", "sitemap", lambda: self._listed("sitemap.xml", "application/xml"))
        app.add_url_rule("/robots.txt", "robots", lambda: Response("User-agent: *\nAllow: /\n", mimetype="text/plain"))
        app.add_url_rule("/hook", "hook", self._pushed, methods=["POST"])
        app.add_url_rule("/<path:name>", "post", self._post)
        return app

    def _live(self) -> list[Post]:
        with self._lock:
            return sorted(
                (post for post in self.posts.values() if not post.gone), key=lambda post: post.at, reverse=True
            )

    def _front(self) -> str:
        others = [*self._live(), *([self.own] if self.own is not None else [])]
        return self._pages.get_template("front.html").render(site=self, post=None, others=others)

    def _listed(self, template: str, kind: str) -> Response:
        return Response(self._pages.get_template(template).render(site=self, others=self._live()), mimetype=kind)

    def _post(self, name: str) -> ResponseReturnValue:
        path = f"/{name}"
        shown = [*self._live(), *([self.own] if self.own is not None else [])]
        post = next((one for one in shown if path in {one.path, one.also}), None)
        if post is None:
            return self._no_more(path)
        others = [one for one in self._live() if one is not post]
        ld = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": post.headline,
                         "datePublished": post.at.isoformat()}, ensure_ascii=False)  # fmt: skip
        return self._pages.get_template(f"{self.style}.html").render(
            site=self, post=post, others=others, ld=ld, source=self._source(post), when=f"{post.at:%H:%M | %d-%m-%Y}"
        )

    def _no_more(self, path: str) -> ResponseReturnValue:
        """What this site says where there is no article, or none any more."""
        if self.habits.farewell is Farewell.SOFT:
            return self._pages.get_template("gone.html").render(site=self, post=None, others=self._live())
        with self._lock:
            was_here = any(path in {one.path, one.also} for one in self.posts.values())
        if self.habits.farewell is Farewell.HOME and was_here:
            return redirect("/")
        abort(404)

    def _source(self, post: Post) -> Markup:
        if post.line is SourceLine.NONE:
            return Markup("")
        home = post.link.split("/bulletins/")[0] + "/"
        address = home if post.line is SourceLine.HOME else post.link
        via = Markup("")
        if post.origin and self.origin is not None:
            via = Markup(', dẫn lại từ <a href="{}">{}</a>').format(post.origin, self.origin.name)
        image = Markup('<img src="{}" width="1" height="1" alt="">').format(post.counter) if post.counter else ""
        return Markup('<p class="nguon">Theo <a href="{}">{}</a>{}</p>{}').format(address, self.office, via, image)


def _environment() -> Environment:
    """The demo partners' pages: three ways of building an article page, with what real sites have around it."""
    made = Environment(loader=PackageLoader("coordinator.demo", "pages"), autoescape=True)
    made.filters["rfc822"] = format_datetime
    return made


def _paragraphs(body: str, lead: str) -> list[str]:
    tree = lxml_html.fragment_fromstring(body, create_parent="div")
    texts = [" ".join(node.text_content().split()) for node in tree.xpath(".//p | .//li | .//h2 | .//td")]
    return [text for text in texts if text and text != lead and "Nguồn:" not in text]


def _counter(body: str) -> str:
    """The address of the counter image in a text, empty when there is none."""
    found = lxml_html.fragment_fromstring(body, create_parent="div").xpath(".//img[contains(@src, '/i/')]/@src")
    return str(found[0]) if found else ""


def _rss_items(body: bytes) -> list[dict[str, str]]:
    return [
        {
            "code": entry.link.rsplit("/", 1)[1],
            "title": entry.title,
            "lead": lxml_html.fromstring(f"<p>{entry.summary}</p>").text_content(),
            "body": entry.content[0].value if "content" in entry else entry.summary,
            "link": entry.link,
        }
        for entry in feedparser.parse(body).entries
    ]


def _json_items(feed: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "code": item["url"].rsplit("/", 1)[1],
            "title": item["title"],
            "lead": item.get("summary", ""),
            "body": item["content_html"],
            "link": item["url"],
        }
        for item in feed["items"]
    ]


def _ninjs_item(item: dict[str, Any], data: dict[str, Any]) -> dict[str, str]:
    html = next(body["value"] for body in item["bodies"] if body["value"].lstrip().startswith("<"))
    return {"code": data["code"], "title": data["title"], "lead": data["lead"], "body": html, "link": data["url"]}


def keep_pulling(site: PartnerSite, stop: threading.Event, every: float) -> None:
    """Pull until told to stop; a feed that cannot be read is tried again the next time."""
    while not stop.wait(every):
        try:
            site.pull()
        except requests.RequestException as error:
            log.warning("%s could not pull: %s", site.name, error)
