"""Pages that are looked at in a browser: those that need one, and second looks at pages whose copies count."""

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.discovery.sightings import Page, PageLook
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.partners.directory import SiteStanding, change_site, find_site
from campaigns.republications.browser_looks import LookCause
from campaigns.republications.evidence.uploads import CHECKER_PICTURE_BY, SCREENSHOT_BY, uploads_of
from campaigns.republications.republications import BrowserLook, Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review import decisions
from campaigns.republications.review.review_reasons import ReviewReason, review_queue, review_reasons_of, waiting_count
from coordinator.jobs import job_loop
from coordinator.jobs.context import JobContext
from coordinator.rendering import browser
from coordinator.rendering.browser import Renderer
from tests.conftest import need
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, acts, found
from tests.coordinator.jobs.republications.test_page_check_errors import claimed
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ADMIN

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _needed() -> None:
    if (missing := browser.missing_part()) is not None:
        need("browser", missing)


@pytest.fixture
def newsroom(stage: JobHarness, server: HostileServer) -> ScriptedSite:
    """A site, in an installation that uses browsers: its first copies are looked at."""
    stage.context = replace(stage.context, looks_with_browser=True)
    return ScriptedSite(stage, server)


@pytest.fixture
def code(stage: JobHarness) -> str:
    made = stage.publish(title=TITLE, body=BODY)
    stage.clock.forward(hours=1)
    return made


def look(newsroom: ScriptedSite) -> int:
    """What ``lantoa render`` does; returns the number of pages."""
    context: JobContext = newsroom.scene.context
    return job_loop.drain(replace(context, renderer=Renderer(context.http_client.visit)), "rendered_look", 1)


def scripted(newsroom: ScriptedSite, code: str) -> None:
    """A page that a script writes from the site's data."""
    article = "".join(f"<p>{part}</p>" for part in PARTS) + newsroom.link(code)
    newsroom.server.text("/bai.html", f"<h1>{TITLE}</h1>{article}", Content_Type="text/plain; charset=utf-8")
    newsroom.shows(
        PATH,
        '<!doctype html><title>Báo</title><body><main id="root"></main><script>fetch("/bai.html").then(r => r.text())'
        '.then(text => { document.getElementById("root").innerHTML = text })</script>',
    )


def state(newsroom: ScriptedSite) -> Page:
    with newsroom.scene.database.read() as session:
        return session.execute(sa.select(Page)).scalar_one()


def queued(newsroom: ScriptedSite) -> list[int]:
    with newsroom.scene.database.read() as session:
        rows = [row for query in review_queue(Republication.id) for row in session.execute(query).scalars()]
        assert session.execute(sa.select(waiting_count())).scalar_one() == len(rows)
        return rows


def test_a_claim_of_a_page_that_a_script_writes_is_confirmed_by_a_browser_with_a_picture(
    newsroom: ScriptedSite, code: str
) -> None:
    scripted(newsroom, code)
    claimed(newsroom, code)
    assert newsroom.copy().life is RepublicationLife.UNREADABLE
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.status, copy.life, copy.match.value, copy.attribution.value) == (
        RepublicationStatus.CONFIRMED, RepublicationLife.LIVE, "full", "linked_at_end",
    )  # fmt: skip
    assert (copy.page.unreadable, copy.page.look) == (None, PageLook.BROWSER)
    evidence = copy.evidence[-1]
    assert "X-Rendered-By" in dict(evidence.headers or [])
    assert evidence.body_key is not None
    assert PARTS[0] in newsroom.scene.context.store.read(evidence.body_key).decode()
    with newsroom.scene.database.read() as session:
        (shot,) = uploads_of(session, copy)
    assert newsroom.scene.context.store.read(shot.body_key).startswith(b"\xff\xd8\xff")
    # It is looked at in a browser from now on: fetched, it would be a shell again.
    newsroom.scene.clock.forward(days=1)
    assert newsroom.scene.drain("page_check") == 0
    assert look(newsroom) == 1
    assert newsroom.copy().life is RepublicationLife.LIVE
    assert newsroom.scene.journal_holds()


def test_a_site_that_needs_a_browser_is_never_fetched(newsroom: ScriptedSite, code: str) -> None:
    scripted(newsroom, code)
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        content = replace(from_attributes(SiteStanding, site), needs_browser=True)
        change_site(session, "staff", site, content, now=newsroom.scene.context.now())
    found(newsroom)
    assert [call for call in newsroom.server.calls if call.path == PATH] == []
    assert look(newsroom) == 1
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED


def test_where_browsers_are_off_nothing_waits_for_one(stage: JobHarness, server: HostileServer) -> None:
    site = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    with stage.database.write() as session:
        row = find_site(session, site.code)
        content = replace(from_attributes(SiteStanding, row), needs_browser=True)
        change_site(session, "staff", row, content, now=stage.context.now())
    site.carries(PATH, code)
    found(site)
    assert site.copy().status is RepublicationStatus.CONFIRMED
    assert (state(site).look, state(site).due_at is not None) == (PageLook.FETCH, True)
    assert stage.drain("rendered_look") == 0


def test_a_page_that_no_browser_brings_to_its_end_stays_unreadable(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, '<body><div id="root">Đang tải…</div><script src="/khong-co.js"></script>')
    claimed(newsroom, code)
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.status, copy.life) == (RepublicationStatus.REVIEW, RepublicationLife.UNREADABLE)
    assert copy.page.unreadable is UnreadableReason.NEEDS_SCRIPT
    assert copy.page.due_at is not None


def test_a_claim_that_the_browser_does_not_bear_out_is_rejected(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(
        PATH,
        '<body><div id="root"></div><script>document.getElementById("root").innerHTML = "<p>'
        + "Đội bóng nữ của quận thắng trận chung kết tối qua nhờ bàn thắng ở phút bù giờ thứ hai. " * 4
        + '</p>"</script>',
    )
    claimed(newsroom, code)
    look(newsroom)
    assert newsroom.copy().status is RepublicationStatus.REJECTED


def test_a_page_that_disappeared_is_gone_for_the_browser_too(newsroom: ScriptedSite, code: str) -> None:
    scripted(newsroom, code)
    claimed(newsroom, code)
    look(newsroom)
    newsroom.removes(PATH)
    for _ in range(2):
        newsroom.scene.clock.forward(days=2)
        assert look(newsroom) == 1
    assert newsroom.copy().life is RepublicationLife.GONE


def test_an_honest_page_is_looked_at_twice_once_and_both_looks_agree(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    assert state(newsroom).look is PageLook.SECOND
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.status, copy.looks_disagree, copy.browser_look) == (
        RepublicationStatus.CONFIRMED, False, BrowserLook.SEEN,
    )  # fmt: skip
    assert (copy.page.look, copy.page.due_at is not None) == (PageLook.FETCH, True)
    assert queued(newsroom) == []
    with newsroom.scene.database.read() as session:
        assert len(uploads_of(session, copy)) == 1
    newsroom.scene.later("page_check", days=1)
    assert state(newsroom).look is PageLook.FETCH


def hidden_by_sheet(newsroom: ScriptedSite, code: str) -> None:
    newsroom.server.text("/s.css", ".bai{display:none}", Content_Type="text/css")
    article = page(TITLE, PARTS, source=newsroom.link(code)).replace("<article>", '<article class="bai">')
    newsroom.shows(PATH, article.replace("</head>", '<link rel="stylesheet" href="/s.css"></head>'))


def cloaked_by_script(newsroom: ScriptedSite, code: str) -> None:
    script = "if (!navigator.userAgent.includes('LanToa')) document.querySelector('article').remove()"
    article = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.shows(PATH, article.replace("</body>", f"<script>{script}</script></body>"))


def source_hidden(newsroom: ScriptedSite, code: str) -> None:
    newsroom.server.text("/s.css", ".nguon{position:absolute;left:-9999px}", Content_Type="text/css")
    line = f'<div class="nguon">{newsroom.link(code)}</div>'
    article = page(TITLE, PARTS, source=line)
    newsroom.shows(PATH, article.replace("</head>", '<link rel="stylesheet" href="/s.css"></head>'))


@pytest.mark.parametrize("act", [hidden_by_sheet, cloaked_by_script, source_hidden])
def test_what_a_reader_does_not_see_is_put_before_a_person(newsroom: ScriptedSite, code: str, act) -> None:  # type: ignore[no-untyped-def]
    act(newsroom, code)
    found(newsroom)
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED
    assert look(newsroom) == 1
    copy = newsroom.copy()
    # It no longer counts, and waits in the queue with the picture.
    assert (copy.status, copy.looks_disagree, copy.browser_look) == (
        RepublicationStatus.REVIEW, True, BrowserLook.DIFFERS,
    )  # fmt: skip
    assert copy.look_note.startswith("browser_")
    assert queued(newsroom) == [copy.id]
    with newsroom.scene.database.read() as session:
        assert ReviewReason.LOOKS_DISAGREE in review_reasons_of(session, [copy.id])[copy.id]
        # The same picture is kept once: a hidden text is in neither.
        by = {SCREENSHOT_BY, CHECKER_PICTURE_BY} if act is cloaked_by_script else {SCREENSHOT_BY}
        assert {shot.actor_name for shot in uploads_of(session, copy)} == by
        entries = [entry.act for entry in journal.history(session, "republication", copy.public)]
    assert entries[-2:] == ["republication.review", "republication.looks_disagree"]
    # A later check of the same page does not count it again.
    newsroom.scene.later("page_check", days=1)
    assert newsroom.copy().status is RepublicationStatus.REVIEW
    with newsroom.scene.database.write() as session:
        (row,) = decisions.lock_public_copies(session, [copy.public])
        decisions.decide(session, ADMIN, row, confirm=False, note="chữ bị ẩn", now=newsroom.scene.context.now())
    assert queued(newsroom) == []
    assert newsroom.copy().status is RepublicationStatus.REJECTED
    assert "looks_disagree" in acts(newsroom)


def test_a_copy_that_readers_see_again_counts_again(newsroom: ScriptedSite, code: str) -> None:
    hidden_by_sheet(newsroom, code)
    found(newsroom)
    look(newsroom)
    assert newsroom.copy().status is RepublicationStatus.REVIEW
    newsroom.server.text("/s.css", ".bai{display:block}", Content_Type="text/css")
    newsroom.scene.later("page_check", days=1)
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.status, copy.looks_disagree, copy.browser_look) == (
        RepublicationStatus.CONFIRMED, False, BrowserLook.SEEN,
    )  # fmt: skip
    assert acts(newsroom)[-1] == "confirmed"
    assert queued(newsroom) == []


@pytest.mark.parametrize("way", ["to the front page", "another article"])
def test_a_copy_that_is_taken_down_before_the_look_is_gone_and_no_difference(
    newsroom: ScriptedSite, code: str, way: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows("/", page("Trang chủ", OTHER))
    if way == "to the front page":
        newsroom.shows(PATH, "", "302 Found", Location="/")
    else:
        newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.status, copy.looks_disagree, copy.browser_look, copy.look_note) == (
        RepublicationStatus.CONFIRMED, False, BrowserLook.NEEDED, LookCause.PAGE_CHANGED.value,
    )  # fmt: skip
    newsroom.scene.drain("page_check")  # at once
    newsroom.scene.later("page_check", days=1)
    copy = newsroom.copy()
    assert (copy.status, copy.looks_disagree, copy.life) == (
        RepublicationStatus.CONFIRMED, False, RepublicationLife.GONE,
    )  # fmt: skip
    assert queued(newsroom) == []


def test_a_page_that_answers_every_fetch_otherwise_is_put_before_a_person(newsroom: ScriptedSite, code: str) -> None:
    article = page(TITLE, PARTS, source=newsroom.link(code)).encode()
    other = page("Đội bóng nữ của quận vô địch", OTHER).encode()
    fetches: Counter[str] = Counter()

    def answer(call: Call) -> None:
        """The article to each odd fetch of the checker and to the first of a reader, another one to all others."""
        agent = "checker" if "LanToa" in call.headers["user-agent"] else "reader"
        fetches[agent] += 1
        shown = article if fetches[agent] == 1 or (agent == "checker" and fetches[agent] % 2) else other
        call.answer(shown, Content_Type="text/html; charset=utf-8")

    newsroom.server.ways[PATH] = answer
    found(newsroom)
    for _ in range(2):
        assert newsroom.copy().status is RepublicationStatus.CONFIRMED
        assert look(newsroom) == 1
        newsroom.scene.drain("page_check")
    assert (newsroom.copy().status, newsroom.copy().looks_disagree) == (RepublicationStatus.REVIEW, True)


def test_a_second_look_that_fails_says_so(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH, "503 Service Unavailable")
    assert look(newsroom) == 1
    copy = newsroom.copy()
    assert (copy.looks_disagree, copy.life, copy.page.look) == (False, RepublicationLife.LIVE, PageLook.FETCH)
    assert (copy.browser_look, copy.look_note) == (BrowserLook.FAILED, "the site answered 503")
    assert copy.page.due_at is not None
