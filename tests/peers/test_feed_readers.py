"""Independent feed readers read our feeds over a real connection."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.request import Request, urlopen

import fastfeedparser
import feedparser
import pytest

from coordinator.db import Database
from coordinator.feeds import rss
from tests.conftest import need
from tests.coordinator.feeds.samples import MARKED_UP, info, item
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication

TITLES = ["Lịch tiêm “sởi” & cúm: 30 phường < 5 ngày", "Giá gạo bình ổn", "Đường Láng cấm xe giờ cao điểm"]
BODY = "Trạm y tế mở thêm buổi chiều; người dân mang theo căn cước.\n\nKý hiệu khó: & < > “” – Ễ ậ ỵ hòa hủy xóa."
XML = ("rss.xml", "atom.xml")


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    with serving(sqlite, tmp_path) as outside:
        for title in TITLES:
            outside.publish(title, body=BODY)
        yield outside


def address(outside: RunningApplication, path: str) -> str:
    return f"{outside.app_context.settings.base_url}{path}"


def fetch(url: str) -> bytes:
    with urlopen(Request(url, headers={"Accept-Encoding": "identity"}), timeout=10) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("name", XML)
def test_feedparser_reads_every_item_whole_and_finds_nothing_bozo(served: RunningApplication, name: str) -> None:
    read = feedparser.parse(address(served, f"/feeds/{name}"))
    assert not read.bozo, read.get("bozo_exception")
    assert read.status == 200
    assert [entry.title for entry in read.entries] == TITLES[::-1]
    for entry in read.entries:
        assert entry.link.startswith(address(served, "/bulletins/"))
        assert "Ễ ậ ỵ hòa hủy xóa" in entry.content[0].value
        assert entry.published_parsed[:5] == (2026, 11, 24, 3, 0)
        assert entry.author
    links = {link.rel: link.href for link in read.feed.links}
    assert links["hub"] == address(served, "/hub")
    assert links["self"] == address(served, f"/feeds/{name}")
    again = feedparser.parse(address(served, f"/feeds/{name}"), etag=read.etag, modified=read.modified)
    assert again.status == 304


@pytest.mark.parametrize("name", XML)
def test_fastfeedparser_reads_the_same(served: RunningApplication, name: str) -> None:
    read = fastfeedparser.parse(fetch(address(served, f"/feeds/{name}")))
    assert [entry.title for entry in read.entries] == TITLES[::-1]
    assert all("Ễ ậ ỵ hòa hủy xóa" in one.content[0]["value"] for one in read.entries)
    assert all(entry.link.startswith(address(served, "/bulletins/")) for entry in read.entries)


def test_a_reader_of_json_feeds_needs_nothing_but_the_standards_words(served: RunningApplication) -> None:
    url: str | None = address(served, "/feeds/feed.json?limit=2&after=")
    seen: dict[str, str] = {}
    while url is not None:
        page = json.loads(fetch(url))
        assert page["version"].startswith("https://jsonfeed.org/version/1")
        assert page["feed_url"] == url
        assert [hub["type"] for hub in page["hubs"]] == ["WebSub"]
        for entry in page["items"]:
            assert entry["id"] not in seen
            seen[entry["id"]] = entry["title"]
            assert "Ễ ậ ỵ" in entry["content_html"]
            assert "Ễ ậ ỵ" in entry["content_text"]
        url = page.get("next_url") if page["items"] else None
    assert list(seen.values()) == TITLES


def newsboat(folder: Path, url: str) -> dict[str, tuple[str, str]]:
    """What Newsboat has in its cache after reading this feed: link and text by title.

    A folder a feed: it takes an item that stands in two feeds for one, and keeps it under the last of them.
    """
    program = shutil.which("newsboat")
    if program is None:
        need("Newsboat", "install the package newsboat")
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text("reload-threads 1\ndownload-timeout 10\n")
    (folder / "urls").write_text(f"{url}\n")
    done = subprocess.run(
        [str(program), "-u", folder / "urls", "-c", folder / "cache.db", "-C", folder / "config", "-x", "reload"],
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cache = sqlite3.connect(folder / "cache.db")
    rows = cache.execute("SELECT title, url, content FROM rss_item WHERE feedurl = ?", [url]).fetchall()
    cache.close()
    assert len({title for title, _, _ in rows}) == len(rows)
    return {title: (link, text) for title, link, text in rows}


@pytest.mark.promise("Publish")
@pytest.mark.peer
@pytest.mark.parametrize("name", XML)
def test_newsboat_reads_public_and_partner_feeds_and_what_is_new_later(
    served: RunningApplication, tmp_path: Path, name: str
) -> None:
    _, key = served.partner("Nhịp Sông", ["dich-benh"])
    served.publish("Không thuộc chuyên đề", topic="kinh-te-xa-hoi")
    public, own = (address(served, f"/feeds/{part}{name}") for part in ("", f"{key}/"))
    everything, ours = newsboat(tmp_path / "public", public), newsboat(tmp_path / "own", own)
    assert set(ours) == set(TITLES)
    assert set(everything) == {*TITLES, "Không thuộc chuyên đề"}
    for link, text in (*everything.values(), *ours.values()):
        assert link.startswith(address(served, "/bulletins/"))
        assert f'href="{link}"' in text
        assert key not in text
    assert "Ễ ậ ỵ hòa hủy xóa" in ours[TITLES[0]][1]
    served.publish("Tin tới sau")
    assert set(newsboat(tmp_path / "own", own)) == {*TITLES, "Tin tới sau"}


@pytest.mark.peer
def test_newsboat_shows_titles_and_leads_that_look_like_markup_as_text(tmp_path: Path) -> None:
    items = [item(number + 1, title=text, lead=text) for number, text in enumerate(MARKED_UP)]
    (tmp_path / "feed.xml").write_bytes(rss.render(info(), items))
    read = newsboat(tmp_path / "reader", f"file://{tmp_path}/feed.xml")
    assert {unescape(title) for title in read} == set(MARKED_UP)
    ordinary = [text for text in MARKED_UP if unescape(text) == text and not re.search("<[a-z/!]", text)]
    assert set(ordinary) <= set(read)
