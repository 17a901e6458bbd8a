"""Asking sites which of their pages link to us: WordPress by its API, others by their search page, and where neither is
open, saying so."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.core.intervals import NORMAL
from campaigns.discovery import source_intervals
from campaigns.discovery.site_sources import SourceTrouble
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import ScriptedSite

API = "/wp-json/wp/v2/posts"
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    made = ScriptedSite(scene, server)
    made.watched(searches=[made.url("/wp-json/")])
    return made


class WordPress:
    """Answers a search as WordPress does: posts that hold what is searched for, newest first, in pages."""

    def __init__(self, newsroom: ScriptedSite, size: int = 100) -> None:
        self.newsroom, self.size = newsroom, size
        self.posts: list[tuple[str, str]] = []
        self.asked: list[dict[str, str]] = []
        newsroom.server.ways[API] = self._answer

    def publish(self, path: str, content: str) -> str:
        self.posts.append((self.newsroom.url(path), content))
        return self.posts[-1][0]

    def _answer(self, call: Call) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(call.path).query).items()}
        self.asked.append(query)
        found = [(number, url) for number, (url, text) in enumerate(self.posts) if query["search"] in text][::-1]
        page = int(query["page"])
        rows = [
            {"link": url, "date_gmt": (FIRST + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%S")}
            for number, url in found[(page - 1) * self.size : page * self.size]
        ]
        pages = -(-len(found) // self.size)
        call.answer(json.dumps(rows).encode(), Content_Type="application/json", X_WP_TotalPages=pages)


def test_posts_that_link_to_us_are_found_and_no_others(newsroom: ScriptedSite) -> None:
    site = WordPress(newsroom)
    wanted = site.publish("/2026/11/tiem-chung/", '<a href="https://tin.example/bulletins/BT-1">nguồn</a>')
    site.publish("/2026/11/bong-da/", "<p>Bóng đá</p>")
    assert newsroom.scene.drain("source_check") == 1
    (page,) = newsroom.pages()
    assert (page.url, page.claimed_at) == (wanted, FIRST)
    assert [values["search"] for values in site.asked] == ["tin.example"]
    assert newsroom.source().error == ""


def test_a_search_goes_on_until_it_meets_pages_seen_before(newsroom: ScriptedSite) -> None:
    site = WordPress(newsroom, size=2)
    for number in range(5):
        site.publish(f"/2026/11/tin-{number}/", "https://tin.example/bulletins/")
    newsroom.scene.drain("source_check")
    assert len(newsroom.pages()) == 5
    assert [values["page"] for values in site.asked] == ["1", "2", "3"]
    site.publish("/2026/11/tin-moi/", "https://tin.example/bulletins/")
    newsroom.scene.later("source_check", minutes=1)
    assert len(newsroom.pages()) == 6
    assert [values["page"] for values in site.asked[3:]] == ["1"]


def test_where_the_api_is_closed_the_search_page_is_asked(newsroom: ScriptedSite) -> None:
    newsroom.server.text(API, '{"code":"rest_disabled"}', "401 Unauthorized", Content_Type="application/json")
    found = newsroom.url("/2026/11/tiem-chung-dot-hai-cua-quan/")
    newsroom.shows("/", f'<main><h2><a href="{found}">Tiêm chủng đợt hai của quận</a></h2></main>')
    newsroom.scene.drain("source_check")
    assert [page.url for page in newsroom.pages()] == [found]
    assert newsroom.server.calls[-1].path == "/?s=tin.example"


def test_a_search_page_may_be_named_by_hand(newsroom: ScriptedSite) -> None:
    found = newsroom.url("/tin/tiem-chung-dot-hai-40001.html")
    newsroom.shows("/", f'<main><h2><a href="{found}">Tiêm chủng đợt hai của quận</a></h2></main>')
    newsroom.watched(searches=[newsroom.url("/?s=")])
    newsroom.scene.drain("source_check")
    assert [page.url for page in newsroom.pages()] == [found]


def test_where_robots_txt_forbids_the_search_page_that_is_reported_and_it_is_not_asked(newsroom: ScriptedSite) -> None:
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /?s=\n")
    newsroom.server.text(API, "", "404 Not Found")
    newsroom.scene.drain("source_check")
    source = newsroom.source()
    assert source.trouble is SourceTrouble.ROBOTS
    assert "404" in source.error
    assert "robots.txt" in source.error
    assert not [call for call in newsroom.server.calls if "?s=" in call.path]


def test_where_robots_txt_forbids_the_api_nothing_is_asked(newsroom: ScriptedSite) -> None:
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /wp-json/\n")
    newsroom.scene.drain("source_check")
    assert newsroom.source().trouble is SourceTrouble.ROBOTS
    assert [call.path for call in newsroom.server.calls] == ["/robots.txt"]


@pytest.mark.parametrize(
    ("status", "trouble"), [("503 Busy", SourceTrouble.BROKEN), ("429 Too Many", SourceTrouble.BUSY)]
)
def test_a_fault_of_the_api_is_no_reason_to_ask_elsewhere(
    newsroom: ScriptedSite, status: str, trouble: SourceTrouble
) -> None:
    newsroom.server.text(API, "", status)
    newsroom.scene.drain("source_check")
    assert newsroom.source().trouble is trouble
    assert [call.path.partition("?")[0] for call in newsroom.server.calls] == ["/robots.txt", API]


def test_a_search_is_made_at_a_calmer_rhythm_than_a_feed_is_read() -> None:
    busy = source_intervals.look_interval(10_000, FIRST, NORMAL)
    assert busy == NORMAL.look_least
    assert source_intervals.gentle_interval(busy, NORMAL) == 6 * NORMAL.look_least
    assert source_intervals.gentle_interval(NORMAL.look_most, NORMAL) == NORMAL.look_most
