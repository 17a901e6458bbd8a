"""Whatever a site answers, looking, checking, surveying and reading mentions end with a reason that is kept.

Every test does all of it at one address; another site, which is well, is looked at in the same round.
"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from campaigns.core.clock import city_day
from campaigns.partners.directory import find_site
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking import mentions, surveys
from campaigns.tracking.mentions import Mention, MentionState
from campaigns.tracking.republications import Level, Republication, Status, claim_copy
from campaigns.tracking.sightings import How, see
from campaigns.tracking.surveys import Survey
from campaigns.tracking.watching import Source, Trouble
from coordinator.http import Door
from tests.coordinator import horrors, monsters
from tests.coordinator.hostile import HostileServer, Line
from tests.coordinator.jobs.newsroom import BODY, TITLE, Newsroom
from tests.coordinator.jobs.scene import HastyDoor, Scene

PATH = "/mot-tin-rat-moi-40001.html"
WELL = "/tin-cua-trang-khac-40002.html"
FROM_HOSTILE = ("drip-body", "drip-headers", "endless", "endless-header", "many-headers", "continue", "chunk-line")
FROM_HOSTILE += ("bad-gzip", "fifty", "silence", "half", "half-chunk", "hang-up", "reset", "nonsense", "loop")


class Round:
    """One site that answers everything with the same horror, one that is well, and everything we ever ask of both."""

    def __init__(self, stage: Scene, server: HostileServer, well: HostileServer) -> None:
        self.stage, self.site, self.other = stage, Newsroom(stage, server), Newsroom(stage, well)
        self.code = stage.publish(title=TITLE, body=BODY)
        self.other.carries(WELL, self.code)
        self.other.lists("feeds", well.url(WELL))

    def ask(self, line: Line) -> None:
        """Answer with ``line`` wherever we look; then look, check, survey and read, all of it once."""
        now, server = self.stage.place.now(), self.site.server
        for path in ("/", PATH):
            server.ways[path] = line
        names = ("feeds", "sitemaps", "listings")  # each with the deadline of its own
        self.site.watched(**{name: [server.url(f"{PATH}?{name}=1")] for name in names})
        with self.stage.database.write() as session:
            bulletin, site = find_bulletin(session, self.code), find_site(session, self.site.code)
            seen, _ = see(session, site, server.url(PATH), How.REPORTED, "key:1", bulletin=bulletin, now=now)
            claim_copy(session, "key:1", bulletin, seen, Level.REPORTED, day=city_day(now), now=now)
            mentions.note(session, bulletin, server.url(f"{PATH}?mention=1"), now=now)
            surveys.ask(session, site, now=now)
        for kind in ("look", "check", "mention", "survey"):
            self.stage.drain(kind)

    def check_reasons(self) -> None:
        """Everything ended, says why, and is either due again or before a person."""
        with self.stage.database.read() as session:
            site = find_site(session, self.site.code)
            sources = session.execute(sa.select(Source).where(Source.site_id == site.id)).scalars().all()
            copy = session.execute(sa.select(Republication).where(Republication.site_id == site.id)).scalar_one()
            mention = session.execute(sa.select(Mention)).scalar_one()
            survey = session.execute(sa.select(Survey)).scalar_one()
            assert len(sources) == 3
            for source in sources:
                assert source.error
                assert source.trouble not in {Trouble.NONE, Trouble.PROGRAM}, source.error
                assert source.due_at is not None
            assert copy.page.error
            assert "program" not in copy.page.error + mention.error + survey.error
            assert copy.status is Status.REVIEW or (copy.status, copy.page.due_at is None) == (Status.CANDIDATE, False)
            assert mention.state is MentionState.ABSENT or mention.error
            assert mention.state is not MentionState.LINKED
            assert (survey.done_at is not None, survey.found, bool(survey.error)) == (True, [], True)
            assert {row.lease_until for row in (*sources, copy.page, mention, survey)} == {None}

    def check_well(self) -> None:
        """The site beside it is read and counted as ever."""
        assert self.other.copy().status is Status.CONFIRMED


@pytest.fixture
def well() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


@pytest.fixture
def round_(stage: Scene, server: HostileServer, well: HostileServer) -> Round:
    return Round(stage, server, well)


@pytest.fixture(autouse=True)
def _nothing_is_a_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("name", [*horrors.BROKEN, *FROM_HOSTILE])
def test_an_answer_that_is_none_leaves_a_reason_everywhere(round_: Round, name: str) -> None:
    horrors.make_ready()
    round_.ask(horrors.BROKEN.get(name) or round_.site.server.ways[f"/{name}"])
    round_.check_reasons()
    round_.check_well()


@pytest.mark.parametrize("where", horrors.TRAPS, ids=range(len(horrors.TRAPS)))
def test_nobody_is_led_to_where_no_site_may_lead(
    stage: Scene, server: HostileServer, well: HostileServer, where: str
) -> None:
    places = frozenset({f"127.0.0.1:{one.port}" for one in (server, well)})
    door: Door = HastyDoor(places, resolver=lambda _host, _port: ["10.1.2.3"])
    there = Round(Scene(stage.database, stage.front.settings.data_dir, door), server, well)
    server.ways["/luc-nao-cung-tra-loi"] = lambda call: call.answer(b"", "404 Not Found")
    horrors.trap(server, "/trap", where)
    there.ask(server.ways["/trap"])
    there.check_reasons()
    there.check_well()
    # Usual places are asked for by the survey; nothing else may have been, least of all where the trap leads.
    asked = {call.path.partition("?")[0] for call in server.calls if call.headers["host"] != f"127.0.0.1:{server.port}"}
    assert asked == set()


@pytest.mark.parametrize("name", monsters.PAGES)
def test_any_page_is_read_or_refused_with_a_reason(round_: Round, name: str) -> None:
    body = monsters.PAGES[name]()
    round_.site.server.ways["/"] = round_.site.server.ways["/hang-up"]
    round_.ask(lambda call: call.answer(body, Content_Type="text/html; charset=utf-8"))
    one = round_.site.copy()
    assert one.page.checked_at == round_.stage.place.now()
    assert one.reasons or one.page.error
    assert "program" not in one.page.error
    assert one.status in {Status.REJECTED, Status.REVIEW}
    for source in _sources(round_):
        assert (source.trouble is Trouble.PROGRAM, source.lease_until, source.due_at is None) == (False, None, False)
        assert source.error or source.succeeded_at
    round_.check_well()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("feeds", name) for name in monsters.FEEDS]
    # Ninety thousand pages take their time to be written down; they are in the test of what all this weighs.
    + [("sitemaps", name) for name in monsters.SITEMAPS if name != "urls-90000"]
    + [("listings", name) for name in monsters.LISTINGS],
)
def test_any_list_is_read_or_refused_with_a_reason(round_: Round, kind: str, name: str) -> None:
    made = {"feeds": monsters.FEEDS, "sitemaps": monsters.SITEMAPS, "listings": monsters.LISTINGS}[kind][name]()
    server = round_.site.server
    kinds = {"feeds": "application/rss+xml", "sitemaps": "text/xml", "listings": "text/html"}
    for path in ("/list", "/itself.xml"):
        server.ways[path] = lambda call: call.answer(made, Content_Type=kinds[kind])
    round_.site.watched(**{kind: [server.url("/list")]})
    round_.stage.drain("look")
    (source,) = _sources(round_)
    assert source.trouble is not Trouble.PROGRAM, source.error
    assert source.error or source.succeeded_at
    assert (source.lease_until, source.due_at is None) == (None, False)
    for page in round_.site.pages():
        assert page.url.startswith(server.url("/"))
    assert len(round_.other.pages()) == 1


@pytest.mark.parametrize("kind", ["feeds", "sitemaps"])
def test_a_document_type_reads_no_file_and_calls_nobody(round_: Round, kind: str, well: HostileServer) -> None:
    address = well.text("/bi-mat", f"/{monsters.SECRET}")
    root, around = {
        "feeds": (
            "rss",
            "<channel><title>&file;</title><item><link>&net;</link></item><item><link>&file;</link></item>",
        ),
        "sitemaps": ("urlset", "<url><loc>&net;</loc></url><url><loc>&file;</loc></url>"),
    }[kind]
    end = "</channel></rss>" if kind == "feeds" else "</urlset>"
    body = f'<?xml version="1.0"?>{monsters.reaching(address, root)}<{root}>{around}{end}'
    round_.site.server.text("/list", body, Content_Type="text/xml")
    round_.site.watched(**{kind: [round_.site.url("/list")]})
    round_.stage.drain("look")
    assert [call.path for call in well.calls if "bi-mat" in call.path] == []
    assert not any(monsters.SECRET in page.url or "root:" in page.url for page in round_.site.pages())
    assert "root:" not in _sources(round_)[0].error


def _sources(round_: Round) -> list[Source]:
    with round_.stage.database.read() as session:
        site = find_site(session, round_.site.code)
        return list(session.execute(sa.select(Source).where(Source.site_id == site.id)).scalars())
