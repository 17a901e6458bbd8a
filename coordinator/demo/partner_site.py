"""A partner site on loopback: it pulls a feed or receives pushes, republishes by its profile and records its acts."""

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
from coordinator.demo.partner_profiles import KnownActs, PartnerProfile, RemovalAnswer, SourceLine

log = logging.getLogger(__name__)

CONTENT = "noi-dung"  # the query with which a page that a script writes gives its text to that script


@dataclass
class PartnerPost:
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
    origin: str = ""  # address of the other partner's copy that it was taken from
    also: str = ""  # the path of its second address
    counter: str = ""  # the counter image's address
    scripted: bool = False  # a script writes its text
    hidden: list[str] = field(default_factory=list)  # paragraphs that the page holds and no reader sees

    @property
    def gone(self) -> bool:
        """Whether it has been removed."""
        return self.gone_at is not None


@dataclass
class PartnerSite:
    """One partner site. ``pull_url``, ``key`` and ``secret`` are set once the product has issued them.

    ``origin``: the partner from which it takes texts where its profile says so; ``own``: an article of its own.
    ``scripts``: whether a script writes the pages for which its profile says so; else no page is.
    """

    code: str
    name: str
    owner: str
    licence: str
    profile: PartnerProfile
    office: str
    url: str = ""
    pull_url: str = ""
    key: str = ""
    secret: str = ""
    origin: "PartnerSite | None" = None
    own: PartnerPost | None = None
    scripts: bool = False
    known: KnownActs = field(default_factory=KnownActs)
    posts: dict[str, PartnerPost] = field(default_factory=dict)
    seen_hooks: set[str] = field(default_factory=set)
    leaving: dict[str, float] = field(default_factory=dict)  # by code, the monotonic time of removal in seconds

    def __post_init__(self) -> None:
        self.style = self.profile.style
        self._pages = _environment()
        self._lock = threading.RLock()
        self._etag = ""
        self.app = self._application()

    # Republishing
    # ---------------------------------------------------------------------------------------------------------

    def pull(self) -> None:
        """Read the feed once, conditionally, and republish new and corrected entries."""
        self._take_down()
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = requests.get(self.pull_url, headers=headers, timeout=10)
        if answer.status_code != 200:
            return
        self._etag = answer.headers.get("ETag", "")
        items = _json_items(answer.json()) if self.profile.feed == "feed.json" else _rss_items(answer.content)
        with self._lock:
            for item in reversed(items):
                self._take(**item)
            present = {item["code"] for item in items}
            for code in [code for code in self.posts if code not in present]:
                self.leaving.setdefault(code, time.monotonic() + self.profile.removes_after)
        self._take_down()

    def _take_down(self) -> None:
        for code in [code for code, at in self.leaving.items() if at <= time.monotonic()]:
            self.remove(code)

    def _take(self, code: str, title: str, lead: str, body: str, link: str) -> None:
        with self._lock:
            self.known.delivered.add(code)
            parts = _paragraphs(body, lead)
            kept = [parts[post] for post in self.profile.keeps(len(parts))]
            old = self.posts.get(code)
            if old is not None:
                if not old.gone and old.parts != kept:
                    self._correct(old, kept, lead)
                return
            position = len(self.posts)
            line, origin = self.profile.source(position), ""
            if line is SourceLine.VIA and self.origin is not None:
                if code not in self.origin.posts:
                    self._etag = ""  # the origin has no copy yet: the whole feed is requested again
                    return
                origin = f"{self.origin.url}{self.origin.posts[code].path}"
            headline = self.profile.headline(title)
            number = int(code.rsplit("-", 1)[1])
            name = f"{slug(headline)[:70]}-{number + 40_000}.html"
            also = f"/doi-song/{name}" if self.profile.also_at(position) else ""
            scripted = self.scripts and self.profile.scripted_at(position)
            self.posts[code] = PartnerPost(
                code, f"/thoi-su/{name}", headline, lead, kept, link, line, datetime.now(CITY), origin=origin,
                also=also, counter=_counter(body) if self.profile.keeps_image else "", scripted=scripted,
            )  # fmt: skip
            self.known.source[code] = line
            if scripted:
                self.known.scripted.add(code)
            if also:
                self.known.second.add(code)

    def _correct(self, post: PartnerPost, parts: list[str], lead: str) -> None:
        if self.profile.corrects:
            post.parts, post.lead, post.revision = parts, lead, post.revision + 1
        else:
            self.known.behind.add(post.code)

    def remove(self, code: str) -> None:
        """Remove a copy."""
        with self._lock:
            post = self.posts.get(code)
            if post is not None and not post.gone:
                post.gone_at = datetime.now(CITY)
                self.known.gone.add(code)

    # Reporting --------------------------------------------------------------------------------------------------------

    def report(self, code: str, address: str, api: str) -> int:
        """Report to the product's API that this page carries the bulletin; returns the status of the answer.

        The page is recorded regardless of the form of its address; ``address`` begins with this site's own.
        """
        path = address.removeprefix(self.url).partition("?")[0].partition("#")[0]
        self.known.claimed.add((code, path))
        post = self.posts.get(code)
        if post is None or path != post.path:
            self.known.false_reports.add((code, path))
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
        return fresh and any(hmac.compare_digest(wanted, post) for post in given.split(" "))

    # Pages --------------------------------------------------------------------------------------------------------

    def _application(self) -> Flask:
        app = Flask(__name__)
        app.add_url_rule("/", "front", self._front)
        app.add_url_rule("/rss.xml", "rss", lambda: self._listed("rss.xml", "application/rss+xml"))
        app.add_url_rule("/sitemap-news.xml", "sitemap", lambda: self._listed("sitemap.xml", "application/xml"))
        app.add_url_rule("/robots.txt", "robots", lambda: Response("User-agent: *\nAllow: /\n", mimetype="text/plain"))
        app.add_url_rule("/hook", "hook", self._pushed, methods=["POST"])
        app.add_url_rule("/<path:name>", "post", self._post)
        return app

    def _live(self) -> list[PartnerPost]:
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
        post = next((candidate for candidate in shown if path in {candidate.path, candidate.also}), None)
        if post is None:
            return self._no_more(path)
        others = [other for other in self._live() if other is not post]
        ld = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": post.headline,
                         "datePublished": post.at.isoformat()}, ensure_ascii=False)  # fmt: skip
        shell = post.scripted and CONTENT not in request.args
        return self._pages.get_template("scripted.html" if shell else f"{self.style}.html").render(
            site=self,
            post=post,
            path=path,
            others=others,
            ld=ld,
            source=self._source(post),
            when=f"{post.at:%H:%M | %d-%m-%Y}",
        )

    def _no_more(self, path: str) -> ResponseReturnValue:
        """The answer for an address without an article or with a removed one."""
        if self.profile.removal_answer is RemovalAnswer.SOFT:
            return self._pages.get_template("gone.html").render(site=self, post=None, others=self._live())
        with self._lock:
            was_here = any(path in {post.path, post.also} for post in self.posts.values())
        if self.profile.removal_answer is RemovalAnswer.HOME and was_here:
            return redirect("/")
        abort(404)

    def _source(self, post: PartnerPost) -> Markup:
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
    """The templates of the demo partners: three layouts of an article page, with the surroundings of real sites."""
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
    """Pull until ``stop`` is set; an unreadable feed is tried again the next time."""
    while not stop.wait(every):
        try:
            site.pull()
        except requests.RequestException as error:
            log.warning("%s could not pull: %s", site.name, error)
