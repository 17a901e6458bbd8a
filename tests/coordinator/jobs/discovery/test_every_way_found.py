"""A copy is found by every method of discovery, and is one counted republication by any combination of them."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.discovery.site_sources import sync_sources
from campaigns.people.keys import add_key
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.partner_profiles import CONG_TIN_SANG, NHIP_SONG, PHO_NHO, PartnerProfile
from coordinator.demo.partner_site import PartnerSite
from coordinator.jobs import view_buffer_writer
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, ScriptedSite
from tests.coordinator.web.application import shared_application

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


class Copied:
    """A bulletin, a partner's page that carries it, and our doors."""

    def __init__(self, scene: JobHarness, server: HostileServer) -> None:
        self.scene = scene
        self.newsroom = ScriptedSite(scene, server)
        self.code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(minutes=30)
        self.url = self.newsroom.carries(PATH, self.code)
        self.client: FlaskClient = shared_application(scene.app_context).test_client()
        with scene.database.write() as session:
            self.token = find_bulletin(session, self.code).counter_token
            key = add_key(session, "test", name="trang", company_id=self.newsroom.company.id, now=scene.context.now())
        self.headers = {"Authorization": f"Bearer {key.text}"}

    def feed(self) -> None:
        self.newsroom.lists("feeds", self.url)
        self.scene.drain("source_check")

    def sitemap(self) -> None:
        self.newsroom.lists("sitemaps", self.url)
        self.scene.drain("source_check")

    def listing(self) -> None:
        self.newsroom.lists("listings", self.url)
        self.scene.drain("source_check")

    def webmention(self) -> None:
        form = {"source": self.url, "target": f"https://tin.example/bulletins/{self.code}"}
        assert self.client.post("/webmention", data=form).status_code == 202

    def report(self) -> None:
        body = {"bulletin": self.code, "url": self.url}
        assert self.client.post("/api/v1/republications", json=body, headers=self.headers).status_code == 202

    def image(self) -> None:
        headers = {"Referer": self.url, "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
        assert self.client.get(f"/i/{self.token}.gif", headers=headers).status_code == 200
        view_buffer_writer.flush_views(self.scene.context, self.scene.runner)


WAYS = {
    "feed": Copied.feed,
    "sitemap": Copied.sitemap,
    "listing": Copied.listing,
    "webmention": Copied.webmention,
    "report": Copied.report,
    "image": Copied.image,
}
CLAIMED = {
    "webmention": EvidenceLevel.ANNOUNCED,
    "report": EvidenceLevel.REPORTED,
    "image": EvidenceLevel.COUNTED_IMAGE,
}


@pytest.fixture
def copied(scene: JobHarness, server: HostileServer) -> Copied:
    return Copied(scene, server)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_found(copied: Copied, way: str) -> None:
    WAYS[way](copied)
    claims = copied.newsroom.copies()
    assert [(republication.status, republication.level) for republication in claims] == (
        [(RepublicationStatus.CANDIDATE, CLAIMED[way])] if way in CLAIMED else []
    ), "a sighting is not a count"
    copied.scene.drain("page_check")
    republication = copied.newsroom.copy()
    assert (republication.status, republication.level) == (RepublicationStatus.CONFIRMED, EvidenceLevel.LIVE)
    if way in CLAIMED:
        assert "page_check" in copied.scene.runner.kinds


def test_a_copy_that_is_found_in_every_way_is_one(copied: Copied) -> None:
    for way in WAYS.values():
        way(copied)
        copied.scene.drain("page_check")
    copied.scene.later("page_check", minutes=5)
    assert copied.newsroom.copy().status is RepublicationStatus.CONFIRMED
    assert len(copied.newsroom.pages()) == 1


@pytest.mark.parametrize("way", CLAIMED)
def test_a_claim_of_a_page_without_the_text_counts_nothing(copied: Copied, way: str) -> None:
    copied.newsroom.shows(PATH, "<html><body><h1>Tin khác</h1><p>Không có gì ở đây cả.</p></body></html>")
    WAYS[way](copied)
    copied.scene.drain("page_check")
    # A reader's browser is no claimant: that it loaded our image from this page is another source, and they disagree.
    assert copied.newsroom.copy().status is (
        RepublicationStatus.REVIEW if way == "image" else RepublicationStatus.REJECTED
    )


@pytest.mark.parametrize("way", CLAIMED)
def test_a_claim_from_a_site_nobody_registered_is_no_candidate(copied: Copied, way: str) -> None:
    copied.url = "https://la.example/tin/1.html"
    if way == "report":
        with pytest.raises(AssertionError):
            WAYS[way](copied)
    else:
        WAYS[way](copied)
    assert copied.newsroom.pages() == []
    assert copied.scene.drain("page_check") == 0


@pytest.fixture
def partner(request: pytest.FixtureRequest) -> Iterator[PartnerSite]:
    profile: PartnerProfile = request.param
    made = PartnerSite("trang", "Trang Thử", "Công ty Thử", "1/GP", profile, "Sở Thông tin thành phố")
    with SandboxServer(made.app) as base:
        made.url = base
        yield made


@pytest.mark.parametrize("partner", [NHIP_SONG, PHO_NHO, CONG_TIN_SANG], indirect=True, ids=["feed", "map", "front"])
def test_the_demo_partners_are_found_by_their_own_ways_of_listing(stage: JobHarness, partner: PartnerSite) -> None:
    code = stage.publish(title=TITLE, body=BODY)
    html = "".join(f"<p>{part}</p>" for part in PARTS)
    partner._take(code, TITLE, "Tiêm miễn phí.", html, f"https://tin.example/bulletins/{code}")
    way = partner.profile.listed_in
    path = {"feed": "/rss.xml", "sitemap": "/sitemap-news.xml", "listing": "/"}[way]
    with stage.database.write() as session:
        site = factories.site(session, url=f"{partner.url}/", **{f"{way}s": [f"{partner.url}{path}"]})
        sync_sources(session, site, now=stage.context.now())
    assert stage.drain("source_check") == 1
    assert stage.drain("page_check") == 1
    with stage.database.read() as session:
        republication = session.execute(sa.select(Republication)).scalar_one()
        assert (republication.status, republication.url) == (
            RepublicationStatus.CONFIRMED,
            f"{partner.url}{partner.posts[code].path}",
        )
