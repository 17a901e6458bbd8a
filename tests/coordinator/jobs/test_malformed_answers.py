"""Whatever a site answers, looking, checking, surveying and reading mentions end with a reason that is kept.

Every test does all of it at one address; another site, which is well, is looked at in the same round.
"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day
from campaigns.discovery import surveys, webmentions
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.discovery.site_sources import Source, SourceTrouble
from campaigns.discovery.surveys import Survey
from campaigns.discovery.webmentions import Webmention, WebmentionState
from campaigns.partners.directory import find_site
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus, claim_copy
from coordinator.http.client import HttpClient
from tests.coordinator import malformed_answers, oversized_bodies
from tests.coordinator.hostile_server import HostileServer, Line
from tests.coordinator.jobs.harness import ImpatientHttpClient, JobHarness
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite

PATH = "/mot-tin-rat-moi-40001.html"
WELL = "/tin-cua-trang-khac-40002.html"
# One answer of each outcome that the HTTP client has; that every answer has one of them is tested with the client.
ANSWERS = ("slow-headers", "status-line-of-a-megabyte", "two-lengths", "chunks-of-one", "reset-in-body", "gzip-bomb")
ANSWERS += ("bomb-on-the-way", "claimed-brotli", "status-000", "status-206", "status-304-unasked", "status-429")
ANSWERS += ("status-503", "status-999", "drip-body", "silence", "half", "hang-up", "loop")


class Round:
    """One site that answers everything with the same horror, one that is well, and everything we ever ask of both."""

    def __init__(self, stage: JobHarness, server: HostileServer, well: HostileServer) -> None:
        self.stage, self.site, self.other = stage, ScriptedSite(stage, server), ScriptedSite(stage, well)
        self.code = stage.publish(title=TITLE, body=BODY)
        self.other.carries(WELL, self.code)
        self.other.lists("feeds", well.url(WELL))

    def ask(self, line: Line) -> None:
        """Answer with ``line`` wherever we look; then look, check, survey and read, all of it once."""
        now, server = self.stage.context.now(), self.site.server
        for path in ("/", PATH):
            server.ways[path] = line
        names = ("feeds", "sitemaps", "listings")  # each with the deadline of its own
        self.site.watched(**{name: [server.url(f"{PATH}?{name}=1")] for name in names})
        with self.stage.database.write() as session:
            bulletin, site = find_bulletin(session, self.code), find_site(session, self.site.code)
            seen, _ = record_sighting(
                session, site, server.url(PATH), SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=now
            )
            claim_copy(session, "key:1", bulletin, seen, EvidenceLevel.REPORTED, day=city_day(now), now=now)
            webmentions.record_webmention(session, bulletin, server.url(f"{PATH}?mention=1"), now=now)
            surveys.request_survey(session, site, now=now)
        for kind in ("source_check", "page_check", "webmention", "source_discovery"):
            self.stage.drain(kind)

    def check_reasons(self) -> None:
        """Everything ended, says why, and is either due again or before a person."""
        with self.stage.database.read() as session:
            site = find_site(session, self.site.code)
            sources = session.execute(sa.select(Source).where(Source.site_id == site.id)).scalars().all()
            copy = session.execute(sa.select(Republication).where(Republication.site_id == site.id)).scalar_one()
            mention = session.execute(sa.select(Webmention)).scalar_one()
            survey = session.execute(sa.select(Survey)).scalar_one()
            assert len(sources) == 3
            for source in sources:
                assert source.error
                assert source.trouble not in {SourceTrouble.NONE, SourceTrouble.PROGRAM}, source.error
                assert source.due_at is not None
            assert copy.page.error
            assert "program" not in copy.page.error + mention.error + survey.error
            assert copy.status is RepublicationStatus.REVIEW or (copy.status, copy.page.due_at is None) == (
                RepublicationStatus.CANDIDATE,
                False,
            )
            assert mention.state is WebmentionState.ABSENT or mention.error
            assert mention.state is not WebmentionState.LINKED
            assert (survey.done_at is not None, survey.found, bool(survey.error)) == (True, [], True)
            assert {row.lease_until for row in (*sources, copy.page, mention, survey)} == {None}

    def check_well(self) -> None:
        """The site beside it is read and counted as ever."""
        assert self.other.copy().status is RepublicationStatus.CONFIRMED


@pytest.fixture
def well() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


@pytest.fixture
def round_(stage: JobHarness, server: HostileServer, well: HostileServer) -> Round:
    return Round(stage, server, well)


@pytest.fixture(autouse=True)
def _nothing_is_a_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_leaves_a_reason_everywhere(round_: Round, name: str) -> None:
    malformed_answers.make_ready()
    round_.ask(malformed_answers.BROKEN.get(name) or round_.site.server.ways[f"/{name}"])
    round_.check_reasons()
    round_.check_well()


# That no trap is followed is tested with the HTTP client; here: what is written down of one of each outcome.
@pytest.mark.parametrize("where", ["http://10.0.0.1/", "http://internal.example/", "file:///etc/passwd", "http://[::1"])
def test_nobody_is_led_to_where_no_site_may_lead(
    stage: JobHarness, server: HostileServer, well: HostileServer, where: str
) -> None:
    places = frozenset({f"127.0.0.1:{server.port}" for server in (server, well)})
    http_client: HttpClient = ImpatientHttpClient(places, resolver=lambda _host, _port: ["10.1.2.3"])
    there = Round(JobHarness(stage.database, stage.app_context.settings.data_dir, http_client), server, well)
    server.ways["/luc-nao-cung-tra-loi"] = lambda call: call.answer(b"", "404 Not Found")
    malformed_answers.trap(server, "/trap", where)
    there.ask(server.ways["/trap"])
    there.check_reasons()
    there.check_well()
    # Usual places are asked for by the survey; nothing else may have been, least of all where the trap leads.
    asked = {call.path.partition("?")[0] for call in server.calls if call.headers["host"] != f"127.0.0.1:{server.port}"}
    assert asked == set()


@pytest.mark.parametrize("name", oversized_bodies.PAGES)
def test_any_page_is_read_or_refused_with_a_reason(round_: Round, name: str) -> None:
    body = oversized_bodies.PAGES[name]()
    round_.site.server.ways["/"] = round_.site.server.ways["/hang-up"]
    round_.ask(lambda call: call.answer(body, Content_Type="text/html; charset=utf-8"))
    republication = round_.site.copy()
    assert republication.page.checked_at == round_.stage.context.now()
    assert republication.reasons or republication.page.error
    assert "program" not in republication.page.error
    assert republication.status in {RepublicationStatus.REJECTED, RepublicationStatus.REVIEW}
    for source in _sources(round_):
        assert (source.trouble is SourceTrouble.PROGRAM, source.lease_until, source.due_at is None) == (
            False,
            None,
            False,
        )
        assert source.error or source.succeeded_at
    round_.check_well()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("feeds", name) for name in oversized_bodies.FEEDS]
    # Ninety thousand pages take their time to be written down; they are in the test of what all this weighs.
    + [("sitemaps", name) for name in oversized_bodies.SITEMAPS if name != "urls-90000"]
    + [("listings", name) for name in oversized_bodies.LISTINGS],
)
def test_any_list_is_read_or_refused_with_a_reason(round_: Round, kind: str, name: str) -> None:
    made = {
        "feeds": oversized_bodies.FEEDS,
        "sitemaps": oversized_bodies.SITEMAPS,
        "listings": oversized_bodies.LISTINGS,
    }[kind][name]()
    server = round_.site.server
    kinds = {"feeds": "application/rss+xml", "sitemaps": "text/xml", "listings": "text/html"}
    for path in ("/list", "/itself.xml"):
        server.ways[path] = lambda call: call.answer(made, Content_Type=kinds[kind])
    round_.site.watched(**{kind: [server.url("/list")]})
    round_.stage.drain("source_check")
    (source,) = _sources(round_)
    assert source.trouble is not SourceTrouble.PROGRAM, source.error
    assert source.error or source.succeeded_at
    assert (source.lease_until, source.due_at is None) == (None, False)
    for page in round_.site.pages():
        assert page.url.startswith(server.url("/"))
    assert len(round_.other.pages()) == 1


@pytest.mark.parametrize("kind", ["feeds", "sitemaps"])
def test_a_document_type_reads_no_file_and_calls_nobody(round_: Round, kind: str, well: HostileServer) -> None:
    address = well.text("/bi-mat", f"/{oversized_bodies.SECRET}")
    root, around = {
        "feeds": (
            "rss",
            "<channel><title>&file;</title><item><link>&net;</link></item><item><link>&file;</link></item>",
        ),
        "sitemaps": ("urlset", "<url><loc>&net;</loc></url><url><loc>&file;</loc></url>"),
    }[kind]
    end = "</channel></rss>" if kind == "feeds" else "</urlset>"
    body = f'<?xml version="1.0"?>{oversized_bodies.reaching(address, root)}<{root}>{around}{end}'
    round_.site.server.text("/list", body, Content_Type="text/xml")
    round_.site.watched(**{kind: [round_.site.url("/list")]})
    round_.stage.drain("source_check")
    assert [call.path for call in well.calls if "bi-mat" in call.path] == []
    assert not any(oversized_bodies.SECRET in page.url or "root:" in page.url for page in round_.site.pages())
    assert "root:" not in _sources(round_)[0].error


def _sources(round_: Round) -> list[Source]:
    with round_.stage.database.read() as session:
        site = find_site(session, round_.site.code)
        return list(session.execute(sa.select(Source).where(Source.site_id == site.id)).scalars())
