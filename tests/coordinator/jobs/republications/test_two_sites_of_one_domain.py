"""Two registered sites of one domain, a host and one below it or its variant for phones: a copy counts for the site on
which readers end, once."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from campaigns.republications.page_reports import claim_page
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.db import Database
from tests import factories
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import ImpatientHttpClient, JobHarness
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, page

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
FIRST = "tinven.example"
SOURCE = '<p>Theo <a href="https://tin.example/bulletins/{}">Sở Thông tin thành phố</a></p>'


class TwoSites:
    """Two sites on one server, told apart by the host that is asked for."""

    def __init__(self, scene: JobHarness, server: HostileServer, second: str) -> None:
        self.scene, self.hosts = scene, [f"{host}:{server.port}" for host in (FIRST, second)]
        self.answers: dict[str, tuple[str, str]] = {}
        server.text("/robots.txt", "", "404 Not Found")
        server.ways[PATH] = self._answer
        with scene.database.write() as session:
            for host in self.hosts:
                factories.site(session, None, f"http://{host}/", now=scene.context.now())
        self.code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)

    def _answer(self, call: Call) -> None:
        html, location = self.answers[call.headers["host"]]
        if location:
            call.answer(b"", "302 Found", Location=location)
        else:
            call.answer(html.encode(), Content_Type="text/html; charset=utf-8")

    def url(self, number: int) -> str:
        """The address of the article on a site."""
        return f"http://{self.hosts[number]}{PATH}"

    def shows(self, number: int, canonical: int | None = None) -> None:
        """Put the copy on a site, with the address on a site as its canonical one."""
        named = self.url(canonical) if canonical is not None else None
        html = page(TITLE, PARTS, source=SOURCE.format(self.code), canonical=named)
        self.answers[self.hosts[number]] = (html, "")

    def redirects(self, number: int, to: int) -> None:
        """Send readers of a site to the other one."""
        self.answers[self.hosts[number]] = ("", self.url(to))

    def claim(self, *numbers: int) -> None:
        """Claim the addresses on these sites, and read them one after the other."""
        for number in numbers:
            with self.scene.database.write() as session:
                claim_page(session, "key:p", self.code, self.url(number), now=self.scene.context.now())
            self.scene.drain("page_check")

    def counted(self) -> list[tuple[str, str]]:
        """The host of the site and the address of each counted copy."""
        query = sa.select(Republication).where(Republication.status == RepublicationStatus.CONFIRMED)
        with self.scene.database.read() as session:
            rows = session.execute(query.options(joinedload(Republication.site)).order_by(Republication.site_id))
            return [(row.site.host, row.canonical_url) for row in rows.scalars()]


@pytest.fixture(params=["m.tinven.example", "tin.tinven.example", "amp.tinven.example"])
def sites(request: pytest.FixtureRequest, tmp_path: Path, sqlite: Database, server: HostileServer) -> TwoSites:
    names = frozenset({FIRST, request.param})
    client = ImpatientHttpClient(names, resolver=lambda _host, _port: ["127.0.0.1"])
    return TwoSites(JobHarness(sqlite, tmp_path, client), server, request.param)


def _both(sites: TwoSites) -> list[tuple[str, str]]:
    return [(host, sites.url(number)) for number, host in enumerate(sites.hosts)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("canonical", [0, 1, None])
def test_a_canonical_address_on_another_registered_site_makes_no_duplicate(
    sites: TwoSites, canonical: int | None, order: tuple[int, int]
) -> None:
    sites.shows(0, canonical)
    sites.shows(1, canonical)
    sites.claim(*order)
    assert sites.counted() == _both(sites)


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("known", [True, False])
def test_a_redirect_to_another_registered_site_counts_there_once(sites: TwoSites, end: int, known: bool) -> None:
    sites.shows(end)
    sites.redirects(1 - end, end)
    sites.claim(*([end] if known else []), 1 - end)
    assert sites.counted() == [_both(sites)[end]]


def test_each_address_of_a_host_and_of_its_registered_variant_stays_its_own(sites: TwoSites) -> None:
    sites.shows(0)
    sites.shows(1)
    sites.claim(0)
    sites.scene.later("page_check", days=1)
    sites.claim(1)
    assert sites.counted() == _both(sites)
