"""A true copy whose page is monstrous beside it: it is counted and its proof is kept, in both databases."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from html import escape

import pytest
import sqlalchemy as sa

from campaigns.core.clock import city_day
from campaigns.partners.directory import find_site
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking.republications import Level, Status, claim_copy
from campaigns.tracking.sightings import How, see
from campaigns.tracking.watching import Source
from coordinator.http import Door
from coordinator.scheduling.embedded import EmbeddedRunner
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, PARTS, TITLE, Newsroom, page
from tests.coordinator.jobs.scene import LOOPBACK, Scene

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
NUL = r"\u0000\ud800"

# What stands in the head, or before the end of the article, of an otherwise ordinary copy.
HEADS = {
    "title": f"<title>{'Lịch tiêm ' * 90_000}</title>",
    "author": f'<meta name="author" content="{"Ông " * 100_000}">',
    "picture": f'<meta property="og:image" content="/anh/{"a" * 100_000}.jpg">',
    "canonical": f'<link rel="canonical" href="/{"a" * 100_000}">',
    "canonical-elsewhere": '<link rel="canonical" href="http://10.0.0.1/x">',
    "base": f'<base href="http://a.example/{"a/" * 100_000}">',
    "time-of-the-last-day": '<meta property="article:published_time" content="9999-12-31T23:59:59-14:00">',
    "time-of-the-first-day": '<meta property="article:published_time" content="0001-01-01T00:00:00+14:00">',
    "time-of-megabytes": f'<meta property="article:published_time" content="{"2026-" * 100_000}">',
    "data-with-nul": f'<script type="application/ld+json">{{"@type":"NewsArticle","author":"{NUL} A","datePublished":'
    f'"{NUL}","headline":"{NUL}","publisher":"{NUL}","isBasedOn":"http://{NUL}/","citation":"{NUL}"}}</script>',
    "language": f'</head><html lang="{"vi" * 100_000}">',
}
ENDS = {
    "link": '<p>Theo <a href="https://tin.example/bulletins/{code}?a={long}">Sở Thông tin thành phố</a></p>',
    "name": "<p>Theo Sở Thông tin thành phố {long}</p>",
    "names": "<p>Nguồn: {many}Sở Thông tin thành phố</p>",
    "class": '<p class="{long}" id="{long}">Theo Sở Thông tin thành phố</p>',
    "links": '{links}<p>Theo <a href="https://tin.example/bulletins/{code}">Sở Thông tin thành phố</a></p>',
    "marks": "<p>Theo Sở Thông tin thành phố" + "\u0301" * 50_000 + "</p>",
    "nul-characters": "<p>Theo Sở Thông tin thành phố &#0;\x00&#xD800;\ufffe</p>",
}


@pytest.fixture
def newsroom(scene: Scene, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


@pytest.fixture
def code(scene: Scene) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


@pytest.fixture(autouse=True)
def _nothing_is_a_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.records if record.exc_info] == []


def claimed(newsroom: Newsroom, code: str) -> None:
    now = newsroom.scene.place.now()
    with newsroom.scene.database.write() as session:
        bulletin, site = find_bulletin(session, code), find_site(session, newsroom.code)
        seen, _ = see(session, site, newsroom.url(PATH), How.REPORTED, "key:1", bulletin=bulletin, now=now)
        claim_copy(session, "key:1", bulletin, seen, Level.REPORTED, day=city_day(now), now=now)
    newsroom.scene.drain("check")


@pytest.mark.parametrize("name", HEADS)
def test_a_copy_with_a_monstrous_head_is_counted(newsroom: Newsroom, code: str, name: str) -> None:
    html = page(TITLE, PARTS, source=newsroom.link(code)).replace("</head>", HEADS[name] + "</head>", 1)
    newsroom.shows(PATH, html.replace(f"<title>{escape(TITLE)}</title>", "", 1) if name == "title" else html)
    claimed(newsroom, code)
    one = newsroom.copy()
    assert (one.status, one.page.error) == (Status.CONFIRMED, ""), (one.reasons, one.page.error)
    assert len(one.evidence) == 1


@pytest.mark.parametrize("name", ENDS)
def test_a_copy_with_a_monstrous_end_is_read_and_judged(newsroom: Newsroom, code: str, name: str) -> None:
    links = "".join(f'<a href="http://b{number}.example/{"a" * 1000}">x</a> ' for number in range(1000))
    end = ENDS[name].replace("{code}", code).replace("{long}", "a" * 100_000).replace("{many}", "Báo A, " * 20_000)
    newsroom.carries(PATH, code, source=end.replace("{links}", links))
    claimed(newsroom, code)
    one = newsroom.copy()
    assert (one.status in {Status.CONFIRMED, Status.REVIEW}, one.page.error) == (True, "")
    assert len(one.evidence) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"ETag": '"' + "a" * 20_000 + '"'},
        {"Last_Modified": "Thu, " + "2" * 20_000},
        {"ETag": '"\x01\x7f"', "Last_Modified": "h\xf4m nay"},
        {"Content_Type": "text/html; charset=" + "a" * 20_000},
        {"Content_Type": "TEXT/HTML;;;charset=utf-7;charset=\x01"},
        {"X_Nul": "a\x00b"},
        {"Content_Language": "\xff\xfe" * 5000},
    ],
    ids=["etag", "modified", "validators", "charset", "charsets", "nul", "latin"],
)
def test_a_copy_with_monstrous_headers_is_counted_and_looked_at_again(
    newsroom: Newsroom, code: str, fields: dict[str, object]
) -> None:
    newsroom.carries(PATH, code)
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.shows(PATH, html, **fields)
    feed = '<rss version="2.0"><channel><title>Tin</title></channel></rss>'
    newsroom.watched(feeds=[newsroom.server.text("/rss.xml", feed, **{"Content_Type": "text/xml", **fields})])
    claimed(newsroom, code)
    newsroom.scene.drain("look")
    newsroom.scene.later("check", days=1)
    newsroom.scene.later("look", days=1)
    one = newsroom.copy()
    assert (one.status, one.page.error) == (Status.CONFIRMED, "")
    assert newsroom.source().error == ""


def test_a_copy_that_is_led_to_a_monstrous_address_waits_for_a_person(newsroom: Newsroom, code: str) -> None:
    far = f"/{'a' * 3000}.html"
    newsroom.carries(far, code)
    newsroom.server.redirect(PATH, far, "301 Moved Permanently")
    claimed(newsroom, code)
    one = newsroom.copy()
    assert one.status in {Status.REVIEW, Status.CONFIRMED}
    assert "program" not in one.page.error


def test_a_list_that_moves_to_a_monstrous_address_is_still_read(newsroom: Newsroom) -> None:
    newsroom.lists("feeds", newsroom.url(PATH))
    newsroom.server.ways[f"/{'a' * 3000}"] = newsroom.server.ways["/rss.xml"]
    newsroom.server.redirect("/rss.xml", f"/{'a' * 3000}", "301 Moved Permanently")
    for _ in range(4):
        newsroom.scene.later("look", days=1)
    assert (newsroom.source().error, len(newsroom.pages())) == ("", 1)


def test_sites_that_hang_do_not_keep_the_others_waiting(stage: Scene) -> None:
    """Two sites that say nothing or drip hold two of three threads for looks; five that are well share the third."""
    servers = [HostileServer() for _ in range(7)]
    ways = ("/silence", "/drip-body")
    place = replace(stage.place, door=Door(user_agent="LanToa-tests", allow_hosts=LOOPBACK, pace=0.0))
    done = threading.Event()
    for server in servers:
        server.__enter__()
    try:
        sites = [Newsroom(stage, server) for server in servers]
        for site, way in zip(sites, ways, strict=False):
            site.watched(feeds=[site.url(way)])
            stage.clock.forward(seconds=1)
        for site in sites[len(ways) :]:
            site.lists("feeds", site.url(PATH))
        runner = EmbeddedRunner(place, 8)
        try:
            for _ in range(600):
                runner.nudge("look")
                if all(len(site.pages()) == 1 for site in sites[len(ways) :]):
                    done.set()
                    break
                done.wait(0.1)
            hung = [one for one in _sources(stage) if one.lease_until is not None]
        finally:
            for server in servers:
                server.stopped.set()
            runner.stop()
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    assert done.is_set()
    assert hung  # somebody was still hanging when the well ones had long been read


def _sources(stage: Scene) -> list[Source]:
    with stage.database.read() as session:
        return list(session.execute(sa.select(Source)).scalars())
