"""Checks of partner sites: the pages in their feeds, sitemaps and front pages, and the validity of their times."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.discovery.site_sources import sync_sources
from campaigns.partners.directory import Site
from coordinator.jobs.discovery import source_check, source_reading
from tests.coordinator.hostile_server import Call, HostileServer, bomb
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import ScriptedSite

WAYS = ("feeds", "sitemaps", "listings")


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def elsewhere() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


@pytest.mark.parametrize("way", WAYS)
def test_pages_named_in_any_kind_of_list_are_noted_once_and_due_at_once(newsroom: ScriptedSite, way: str) -> None:
    scene = newsroom.scene
    moment = scene.context.now() - timedelta(minutes=20)
    wanted = [newsroom.url(f"/thoi-su/mot-tin-rat-moi-{number}.html") for number in (40001, 40002)]
    source = newsroom.lists(way, *wanted, at=moment)
    assert scene.drain("source_check") == 1
    assert sorted(page.url for page in newsroom.pages()) == wanted
    for page in newsroom.pages():
        assert (page.due_at, page.first_seen_at) == (scene.context.now(), scene.context.now())
        assert page.claimed_at == (None if way == "listings" else moment)
        assert page.claimed_from == {"feeds": "feed", "sitemaps": "sitemap", "listings": None}[way]
    with scene.database.read() as session:
        seen = session.execute(sa.select(Sighting.how, Sighting.source)).all()
    assert [tuple(row) for row in seen] == [(SightingMethod.DISCOVERED, source)] * 2
    assert scene.later("source_check", minutes=1) == 1
    assert len(newsroom.pages()) == 2
    assert newsroom.source().error == ""


def test_a_sitemap_of_sitemaps_is_followed(newsroom: ScriptedSite) -> None:
    inner = newsroom.url("/sitemap-1.xml")
    newsroom.lists("sitemaps", newsroom.url("/tin/mot-tin-rat-moi-40001.html"))
    newsroom.server.ways["/sitemap-1.xml"] = newsroom.server.ways["/sitemap-news.xml"]
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{inner}</loc></sitemap>'
    newsroom.server.text("/sitemap-news.xml", f"{index}</sitemapindex>", Content_Type="text/xml")
    newsroom.scene.drain("source_check")
    assert [page.url for page in newsroom.pages()] == [newsroom.url("/tin/mot-tin-rat-moi-40001.html")]


def test_the_sites_own_lists_in_its_sitemap_are_nobodys_copies(newsroom: ScriptedSite) -> None:
    article = newsroom.url("/2026/11/mot-tin-rat-moi/")
    newsroom.lists("sitemaps", newsroom.url("/"), newsroom.url("/category/thoi-su/"), article)
    newsroom.scene.drain("source_check")
    assert [page.url for page in newsroom.pages()] == [article]


def test_pages_of_strangers_and_of_other_partners_are_not_noted(
    newsroom: ScriptedSite, elsewhere: HostileServer, server: HostileServer
) -> None:
    other = ScriptedSite(newsroom.scene, elsewhere)
    newsroom.lists(
        "feeds", elsewhere.url("/tin/1.html"), "https://la.example/tin/2.html", "javascript:alert(1)",
        newsroom.url("/tin/3.html"),
    )  # fmt: skip
    newsroom.scene.drain("source_check")
    assert [page.url for page in newsroom.pages()] == [newsroom.url("/tin/3.html")]
    assert other.pages() == []


def test_pages_of_a_sister_site_count_for_the_sister_site(newsroom: ScriptedSite, elsewhere: HostileServer) -> None:
    sister = ScriptedSite(newsroom.scene, elsewhere, newsroom.company)
    newsroom.lists("feeds", elsewhere.url("/tin/1.html"))
    newsroom.scene.drain("source_check")
    assert newsroom.pages() == []
    assert [page.url for page in sister.pages()] == [elsewhere.url("/tin/1.html")]


def test_an_unchanged_list_is_not_sent_again(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    feed = '<rss version="2.0"><channel><title>Tin</title></channel></rss>'
    newsroom.watched(feeds=[newsroom.keeps("/rss.xml", feed)])
    scene.drain("source_check")
    scene.later("source_check", minutes=1)
    asked = [call.headers.get("if-none-match") for call in newsroom.server.calls if call.path == "/rss.xml"]
    assert asked == [None, '"v1"']
    source = newsroom.source()
    assert (source.error, source.failures, source.etag) == ("", 0, '"v1"')


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/500", "answered 500"),
        ("/404", "answered 404"),
        ("/silence", "no answer"),
        ("/hang-up", "without an answer"),
        ("/fifty", "larger than"),
        ("/packed", "larger than"),
        ("/plain", "feed"),
    ],
)
def test_a_list_that_cannot_be_read_is_shown_with_its_error_and_tried_ever_more_rarely(
    newsroom: ScriptedSite, path: str, words: str
) -> None:
    scene, server = newsroom.scene, newsroom.server
    server.text("/500", "", "500 Internal Server Error")
    server.text("/404", "", "404 Not Found")
    packed = bomb(8)
    server.ways["/packed"] = lambda call: call.answer(packed, Content_Encoding="gzip")
    server.text("/plain", "<html><body>Bảo trì</body></html>", Content_Type="text/html")
    newsroom.watched(feeds=[newsroom.url(path)])
    waits = []
    for failures in (1, 2, 3):
        assert scene.drain("source_check") == 1
        source = newsroom.source()
        assert source.failures == failures
        assert source.due_at is not None
        waits.append(source.due_at - scene.context.now())
        scene.clock.moment = source.due_at
        if path in {"/silence", "/fifty", "/packed"}:
            break  # once is enough for what takes its time
    assert words in source.error or (words == "no answer" and "time" in source.error), source.error
    assert waits == sorted(set(waits))


def test_a_list_that_works_again_is_well_again(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    newsroom.watched(feeds=[newsroom.server.text("/rss.xml", "", "500 Internal Server Error")])
    scene.drain("source_check")
    newsroom.lists("feeds", newsroom.url("/tin/1.html"))
    scene.later("source_check", hours=1)
    source = newsroom.source()
    assert (source.failures, source.error, source.succeeded_at) == (0, "", scene.context.now())
    assert len(newsroom.pages()) == 1


def test_a_site_that_asks_for_patience_gets_it(newsroom: ScriptedSite) -> None:
    url = newsroom.server.text("/rss.xml", "", "429 Too Many Requests", Retry_After=1800)
    newsroom.watched(feeds=[url])
    newsroom.scene.drain("source_check")
    assert newsroom.source().due_at == newsroom.scene.context.now() + timedelta(seconds=1800)


def test_robots_txt_is_asked_and_obeyed(newsroom: ScriptedSite) -> None:
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /rss.xml\n")
    newsroom.lists("feeds", newsroom.url("/tin/1.html"))
    newsroom.scene.drain("source_check")
    assert "robots.txt" in newsroom.source().error
    assert [call.path for call in newsroom.server.calls] == ["/robots.txt"]


def test_a_bug_in_reading_is_shown_as_the_sources_error(
    newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read_fetched(*_arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(source_reading, "read_fetched", read_fetched)
    newsroom.lists("feeds", newsroom.url("/tin/1.html"))
    newsroom.scene.drain("source_check")
    source = newsroom.source()
    assert (source.error, source.lease_until) == ("the program failed: a bug", None)
    assert source.due_at is not None
    assert any(record.exc_info for record in caplog.records)


def test_a_site_that_was_ended_in_the_meantime_is_not_looked_at_again(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    newsroom.lists("feeds", newsroom.url("/tin/1.html"))
    (taken,) = source_check.claim(scene.context, 1)
    with scene.database.write() as session:
        site = session.execute(sa.select(Site).where(Site.code == newsroom.code)).scalar_one()
        site.active = False
        sync_sources(session, site, now=scene.context.now())
    source_check.check_source(scene.context, taken)
    assert newsroom.source().due_at is None


@pytest.mark.parametrize("way", WAYS)
def test_not_changed_is_believed_of_the_list_that_was_read_alone(newsroom: ScriptedSite, way: str) -> None:
    scene = newsroom.scene
    first, second = (newsroom.url(f"/thoi-su/mot-tin-rat-moi-{number}.html") for number in (40001, 40002))
    path = urlsplit(newsroom.lists(way, second)).path
    fresh = newsroom.server.ways[path]
    newsroom.lists(way, first)
    kept = newsroom.server.ways[path]

    def with_mark(inner: Callable[[Call], None]) -> Callable[[Call], None]:
        def answer(call: Call) -> None:
            if call.headers.get("if-none-match") == '"v1"':
                call.head("304 Not Modified", ETag='"v1"')
            else:
                inner(Marked(call))

        return answer

    newsroom.server.ways[path] = with_mark(kept)
    scene.drain("source_check")
    assert newsroom.source().etag == '"v1"'
    newsroom.server.ways["/cho-khac"] = with_mark(fresh)  # another list, which bears the same mark
    newsroom.server.redirect(path, "/cho-khac")
    scene.later("source_check", hours=1)
    assert [page.url for page in newsroom.pages()] == [first, second]
    assert newsroom.source().etag is None, "what came from elsewhere is asked for whole the next time"


class Marked(Call):
    """A call whose answer bears a mark."""

    def __init__(self, call: Call) -> None:
        self.__dict__.update(call.__dict__)

    def head(self, status: str = "200 OK", **fields: object) -> None:
        """As any call's, with the mark."""
        super().head(status, ETag='"v1"', **fields)
