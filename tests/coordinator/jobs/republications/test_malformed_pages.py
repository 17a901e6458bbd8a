"""A copy on a very large or broken page is counted and its evidence is stored, on both databases."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from html import escape

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.discovery.site_sources import Source
from campaigns.partners.directory import find_site
from campaigns.republications.republications import EvidenceLevel, RepublicationStatus, claim_copy
from coordinator.http.client import HttpClient
from coordinator.scheduling.thread_pool import ThreadPoolRunner
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import LOOPBACK, JobHarness
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, ScriptedSite, page

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
    "scripts": f"<script>{'var a=1;' * 400_000}</script><style>{'a{b:c}' * 100_000}</style>",
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
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


@pytest.fixture(autouse=True)
def _nothing_is_a_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.records if record.exc_info] == []


def claimed(newsroom: ScriptedSite, code: str) -> None:
    now = newsroom.scene.context.now()
    with newsroom.scene.database.write() as session:
        bulletin, site = find_bulletin(session, code), find_site(session, newsroom.code)
        seen, _ = record_sighting(
            session, site, newsroom.url(PATH), SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=now
        )
        claim_copy(session, "key:1", bulletin, seen, EvidenceLevel.REPORTED, day=city_day(now), now=now)
    newsroom.scene.drain("page_check")


@pytest.mark.parametrize("name", HEADS)
def test_a_copy_with_a_monstrous_head_is_counted(newsroom: ScriptedSite, code: str, name: str) -> None:
    html = page(TITLE, PARTS, source=newsroom.link(code)).replace("</head>", HEADS[name] + "</head>", 1)
    newsroom.shows(PATH, html.replace(f"<title>{escape(TITLE)}</title>", "", 1) if name == "title" else html)
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert (republication.status, republication.page.error) == (RepublicationStatus.CONFIRMED, ""), (
        republication.reasons,
        republication.page.error,
    )
    assert len(republication.evidence) == 1


@pytest.mark.parametrize("name", ENDS)
def test_a_copy_with_a_monstrous_end_is_read_and_judged(newsroom: ScriptedSite, code: str, name: str) -> None:
    links = "".join(f'<a href="http://b{number}.example/{"a" * 1000}">x</a> ' for number in range(1000))
    end = ENDS[name].replace("{code}", code).replace("{long}", "a" * 100_000).replace("{many}", "Báo A, " * 20_000)
    newsroom.carries(PATH, code, source=end.replace("{links}", links))
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert (
        republication.status in {RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW},
        republication.page.error,
    ) == (True, "")
    assert len(republication.evidence) == 1


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
    newsroom: ScriptedSite, code: str, fields: dict[str, object]
) -> None:
    newsroom.carries(PATH, code)
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.shows(PATH, html, **fields)
    feed = '<rss version="2.0"><channel><title>Tin</title></channel></rss>'
    newsroom.watched(feeds=[newsroom.server.text("/rss.xml", feed, **{"Content_Type": "text/xml", **fields})])
    claimed(newsroom, code)
    newsroom.scene.drain("source_check")
    newsroom.scene.later("page_check", days=1)
    newsroom.scene.later("source_check", days=1)
    republication = newsroom.copy()
    assert (republication.status, republication.page.error) == (RepublicationStatus.CONFIRMED, "")
    assert newsroom.source().error == ""


def test_a_copy_that_is_led_to_a_monstrous_address_waits_for_a_person(newsroom: ScriptedSite, code: str) -> None:
    far = f"/{'a' * 3000}.html"
    newsroom.carries(far, code)
    newsroom.server.redirect(PATH, far, "301 Moved Permanently")
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert republication.status in {RepublicationStatus.REVIEW, RepublicationStatus.CONFIRMED}
    assert "program" not in republication.page.error


def test_a_list_that_moves_to_a_monstrous_address_is_still_read(newsroom: ScriptedSite) -> None:
    newsroom.lists("feeds", newsroom.url(PATH))
    newsroom.server.ways[f"/{'a' * 3000}"] = newsroom.server.ways["/rss.xml"]
    newsroom.server.redirect("/rss.xml", f"/{'a' * 3000}", "301 Moved Permanently")
    for _ in range(4):
        newsroom.scene.later("source_check", days=1)
    assert (newsroom.source().error, len(newsroom.pages())) == ("", 1)


def test_sites_that_hang_do_not_keep_the_others_waiting(stage: JobHarness) -> None:
    """Two sites that say nothing or drip hold two of three threads for looks; five that are well share the third."""
    servers = [HostileServer() for _ in range(7)]
    ways = ("/silence", "/drip-body")
    place = replace(stage.context, http_client=HttpClient(user_agent="LanToa-tests", allow_hosts=LOOPBACK, pace=0.0))
    done = threading.Event()
    for server in servers:
        server.__enter__()
    try:
        sites = [ScriptedSite(stage, server) for server in servers]
        for site, way in zip(sites, ways, strict=False):
            site.watched(feeds=[site.url(way)])
            stage.clock.forward(seconds=1)
        for site in sites[len(ways) :]:
            site.lists("feeds", site.url(PATH))
        runner = ThreadPoolRunner(place, 8)
        try:
            for _ in range(600):
                runner.nudge("source_check")
                if all(len(site.pages()) == 1 for site in sites[len(ways) :]):
                    done.set()
                    break
                done.wait(0.1)
            hung = [source for source in _sources(stage) if source.lease_until is not None]
        finally:
            for server in servers:
                server.stopped.set()
            runner.stop()
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    assert done.is_set()
    assert hung  # somebody was still hanging when the well ones had long been read


def _sources(stage: JobHarness) -> list[Source]:
    with stage.database.read() as session:
        return list(session.execute(sa.select(Source)).scalars())
