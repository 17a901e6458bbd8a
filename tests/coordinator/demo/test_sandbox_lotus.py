"""The Lotus-style sandbox reads a feed as a correct platform does."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest
import requests
from flask import Flask, Response, request

from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_lotus import LABEL, SandboxLotus

FIRST = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class Source:
    """A feed of bulletins with an ETag, and the bulletins' own pages."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[str, str]] = {}  # code → title, html
        self.recalled: set[str] = set()
        self.window = 50
        self.atom_tombstones = False
        self.asked: list[int] = []
        self.base = ""
        self.app = Flask(__name__)
        self.app.add_url_rule("/feed.xml", view_func=self.feed)
        self.app.add_url_rule("/b/<code>", view_func=self.page)

    def feed(self) -> Response:
        body = self._atom() if self.atom_tombstones else self._rss()
        etag = f'"{hash(body)}"'
        status = 304 if request.headers.get("If-None-Match") == etag else 200
        self.asked.append(status)
        return Response(b"" if status == 304 else body, status=status, headers={"ETag": etag}, mimetype="text/xml")

    def page(self, code: str) -> Response:
        return Response("", status=410 if code in self.recalled else 200)

    def _visible(self) -> list[tuple[int, str]]:
        codes = list(enumerate(self.items))
        return [(number, code) for number, code in codes if code not in self.recalled][::-1][: self.window]

    def _rss(self) -> str:
        items = "".join(
            f"<item><guid isPermaLink='false'>{code}</guid><link>{self.base}/b/{code}</link>"
            f"<title>{escape(self.items[code][0])}</title>"
            f"<pubDate>{format_datetime(FIRST + timedelta(hours=number))}</pubDate>"
            f"<content:encoded>{escape(self.items[code][1])}</content:encoded></item>"
            for number, code in self._visible()
        )
        return (
            '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>t</title>{items}</channel></rss>"
        )

    def _atom(self) -> str:
        gone = "".join(f'<at:deleted-entry ref="{code}" when="2026-11-24T02:00:00Z"/>' for code in self.recalled)
        items = "".join(
            f'<entry><id>{code}</id><title>{self.items[code][0]}</title><link href="{self.base}/b/{code}"/>'
            f"<updated>{(FIRST + timedelta(hours=number)).isoformat()}</updated>"
            f'<content type="html">{escape(self.items[code][1])}</content></entry>'
            for number, code in self._visible()
        )
        return (
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
            f'xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>t</title>{gone}{items}</feed>'
        )


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    with SandboxServer(made.app) as base:
        made.base = base
        yield made


@pytest.fixture
def lotus(source: Source) -> SandboxLotus:
    source.items = {"A": ("Tin A", "<p>Nội dung A</p>"), "B": ("Tin B", "<p>Nội dung B</p><script>alert(1)</script>")}
    return SandboxLotus(f"{source.base}/feed.xml", interval=0.02)


def test_new_entries_become_posts_newest_first_and_without_active_content(lotus: SandboxLotus) -> None:
    look = lotus.poll_once()
    assert (look.status, look.new) == (200, 2)
    assert [post.title for post in lotus.visible_posts()] == ["Tin B", "Tin A"]
    assert "script" not in lotus.visible_posts()[0].html


def test_an_unchanged_feed_is_asked_for_conditionally_and_changes_nothing(lotus: SandboxLotus, source: Source) -> None:
    lotus.poll_once()
    look = lotus.poll_once()
    assert look.status == 304
    assert source.asked == [200, 304]
    assert len(lotus.visible_posts()) == 2


def test_a_correction_changes_the_post_in_place(lotus: SandboxLotus, source: Source) -> None:
    lotus.poll_once()
    source.items["A"] = ("Tin A (đính chính)", "<p>Nội dung mới</p>")
    assert lotus.poll_once().changed == 1
    post = lotus.posts["A"]
    assert (post.title, post.versions) == ("Tin A (đính chính)", 2)


@pytest.mark.parametrize("tombstones", [False, True])
def test_a_recalled_bulletin_is_taken_down(lotus: SandboxLotus, source: Source, tombstones: bool) -> None:
    source.atom_tombstones = tombstones
    lotus.poll_once()
    source.recalled = {"A", "B"}
    assert lotus.poll_once().withdrawn == 2
    assert lotus.visible_posts() == []


def test_an_entry_pushed_out_by_newer_ones_stays(lotus: SandboxLotus, source: Source) -> None:
    lotus.poll_once()
    source.window = 1
    assert lotus.poll_once().withdrawn == 0
    assert len(lotus.visible_posts()) == 2


def test_a_feed_out_of_reach_or_unreadable_is_noted_and_loses_nothing(lotus: SandboxLotus, source: Source) -> None:
    lotus.poll_once()
    address = lotus.feed_url
    lotus.feed_url = "http://127.0.0.1:1/feed.xml"
    assert lotus.poll_once().problem
    lotus.feed_url = f"{source.base}/missing"
    assert lotus.poll_once().status == 404
    lotus.feed_url = address
    assert len(lotus.visible_posts()) == 2


def test_people_and_scripts_can_see_the_posts_and_the_label(lotus: SandboxLotus, source: Source) -> None:
    lotus.poll_once()
    with SandboxServer(lotus.app) as base:
        page = requests.get(base, timeout=30)
        assert page.headers["X-Sandbox"] == LABEL
        assert "SANDBOX" in page.text
        listed = requests.get(f"{base}/posts.json", timeout=30).json()["posts"]
        assert [post["title"] for post in listed] == ["Tin B", "Tin A"]
        post = requests.get(base + listed[0]["path"], timeout=30).text
        assert "Nội dung B" in post
        assert f"{source.base}/b/B" in post
        assert requests.get(f"{base}/post/99", timeout=30).status_code == 404


def test_the_thread_looks_again_and_again_until_it_is_stopped(lotus: SandboxLotus, source: Source) -> None:
    looked = threading.Event()
    original = source.feed

    def feed() -> Response:
        answer = original()
        if len(source.asked) >= 3:
            looked.set()
        return answer

    source.app.view_functions["feed"] = feed
    lotus.start()
    assert looked.wait(10)
    lotus.stop()
    assert "sandbox-lotus" not in [thread.name for thread in threading.enumerate()]
    assert len(lotus.visible_posts()) == 2
