"""A copy is found by every way there is, from outside, and ends as one counted republication whatever the ways."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.people.keys import add_key
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking.republications import Level, Republication, Status
from campaigns.tracking.watching import watch
from coordinator.app import create_app
from coordinator.demo.habits import CONG_TIN_SANG, NHIP_SONG, PHO_NHO, Habits
from coordinator.demo.partner import PartnerSite
from coordinator.demo.sandbox_server import SandboxServer
from coordinator.jobs import counting
from tests import factories
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, PARTS, TITLE, Newsroom
from tests.coordinator.jobs.scene import Scene

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


class Copied:
    """A bulletin, a partner's page that carries it, and our doors."""

    def __init__(self, scene: Scene, server: HostileServer) -> None:
        self.scene = scene
        self.newsroom = Newsroom(scene, server)
        self.code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(minutes=30)
        self.url = self.newsroom.carries(PATH, self.code)
        self.client: FlaskClient = create_app(scene.front).test_client()
        with scene.database.write() as session:
            self.token = find_bulletin(session, self.code).counter_token
            key = add_key(session, "test", name="trang", company_id=self.newsroom.company.id, now=scene.place.now())
        self.headers = {"Authorization": f"Bearer {key.text}"}

    def feed(self) -> None:
        self.newsroom.lists("feeds", self.url)
        self.scene.drain("look")

    def sitemap(self) -> None:
        self.newsroom.lists("sitemaps", self.url)
        self.scene.drain("look")

    def listing(self) -> None:
        self.newsroom.lists("listings", self.url)
        self.scene.drain("look")

    def webmention(self) -> None:
        form = {"source": self.url, "target": f"https://tin.example/bulletins/{self.code}"}
        assert self.client.post("/webmention", data=form).status_code == 202

    def report(self) -> None:
        body = {"bulletin": self.code, "url": self.url}
        assert self.client.post("/api/v1/republications", json=body, headers=self.headers).status_code == 202

    def image(self) -> None:
        headers = {"Referer": self.url, "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
        assert self.client.get(f"/i/{self.token}.gif", headers=headers).status_code == 200
        counting.flush(self.scene.place, self.scene.runner)


WAYS = {
    "feed": Copied.feed,
    "sitemap": Copied.sitemap,
    "listing": Copied.listing,
    "webmention": Copied.webmention,
    "report": Copied.report,
    "image": Copied.image,
}
CLAIMED = {"webmention": Level.ANNOUNCED, "report": Level.REPORTED, "image": Level.COUNTED_IMAGE}


@pytest.fixture
def copied(scene: Scene, server: HostileServer) -> Copied:
    return Copied(scene, server)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_found(copied: Copied, way: str) -> None:
    WAYS[way](copied)
    claims = copied.newsroom.copies()
    assert [(one.status, one.level) for one in claims] == (
        [(Status.CANDIDATE, CLAIMED[way])] if way in CLAIMED else []
    ), "a sighting is not a count"
    copied.scene.drain("check")
    one = copied.newsroom.copy()
    assert (one.status, one.level) == (Status.CONFIRMED, Level.LIVE)
    if way in CLAIMED:
        assert "check" in copied.scene.runner.kinds


def test_a_copy_that_is_found_in_every_way_is_one(copied: Copied) -> None:
    for way in WAYS.values():
        way(copied)
        copied.scene.drain("check")
    copied.scene.later("check", minutes=5)
    assert copied.newsroom.copy().status is Status.CONFIRMED
    assert len(copied.newsroom.pages()) == 1


@pytest.mark.parametrize("way", CLAIMED)
def test_a_claim_of_a_page_without_the_text_counts_nothing(copied: Copied, way: str) -> None:
    copied.newsroom.shows(PATH, "<html><body><h1>Tin khác</h1><p>Không có gì ở đây cả.</p></body></html>")
    WAYS[way](copied)
    copied.scene.drain("check")
    # A reader's browser is no claimant: that it loaded our image from this page is another source, and they disagree.
    assert copied.newsroom.copy().status is (Status.REVIEW if way == "image" else Status.REJECTED)


@pytest.mark.parametrize("way", CLAIMED)
def test_a_claim_from_a_site_nobody_registered_is_no_candidate(copied: Copied, way: str) -> None:
    copied.url = "https://la.example/tin/1.html"
    if way == "report":
        with pytest.raises(AssertionError):
            WAYS[way](copied)
    else:
        WAYS[way](copied)
    assert copied.newsroom.pages() == []
    assert copied.scene.drain("check") == 0


@pytest.fixture
def partner(request: pytest.FixtureRequest) -> Iterator[PartnerSite]:
    habits: Habits = request.param
    made = PartnerSite("trang", "Trang Thử", "Công ty Thử", "1/GP", habits, "Sở Thông tin thành phố")
    with SandboxServer(made.app) as base:
        made.url = base
        yield made


@pytest.mark.parametrize("partner", [NHIP_SONG, PHO_NHO, CONG_TIN_SANG], indirect=True, ids=["feed", "map", "front"])
def test_the_demo_partners_are_found_by_their_own_ways_of_listing(stage: Scene, partner: PartnerSite) -> None:
    code = stage.publish(title=TITLE, body=BODY)
    html = "".join(f"<p>{part}</p>" for part in PARTS)
    partner._take(code, TITLE, "Tiêm miễn phí.", html, f"https://tin.example/bulletins/{code}")
    way = partner.habits.listed_in
    path = {"feed": "/rss.xml", "sitemap": "/sitemap-news.xml", "listing": "/"}[way]
    with stage.database.write() as session:
        site = factories.site(session, url=f"{partner.url}/", **{f"{way}s": [f"{partner.url}{path}"]})
        watch(session, site, now=stage.place.now())
    assert stage.drain("look") == 1
    assert stage.drain("check") == 1
    with stage.database.read() as session:
        one = session.execute(sa.select(Republication)).scalar_one()
        assert (one.status, one.url) == (Status.CONFIRMED, f"{partner.url}{partner.posts[code].path}")
