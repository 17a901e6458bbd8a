"""A report of a page during its check is not settled by that check; another check follows at once."""

from collections.abc import Callable

import pytest

from campaigns.republications.page_reports import claim_page
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.review import partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.jobs.republications import page_check
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ADMIN

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
OLD = page("Đội bóng nữ của quận vô địch", OTHER)


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def _claim(newsroom: ScriptedSite, code: str) -> None:
    with newsroom.scene.database.write() as session:
        claim_page(session, f"key:{code}", code, newsroom.url(PATH), now=newsroom.scene.context.now())


def _look(newsroom: ScriptedSite, html: str, meanwhile: Callable[[], None], status: str = "200 OK") -> None:
    """One look at the page; ``meanwhile`` happens after it was asked for and before it answers."""

    def answer(call: Call) -> None:
        meanwhile()
        call.answer(html.encode(), status, Content_Type="text/html; charset=utf-8", ETag='"v1"')

    newsroom.server.ways[PATH] = answer
    (taken,) = page_check.claim(newsroom.scene.context, 1)
    page_check.check_page(newsroom.scene.context, taken)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
def test_a_claim_that_comes_while_its_page_is_read_is_judged_by_another_look_at_once(
    newsroom: ScriptedSite, code: str, status: str
) -> None:
    other = newsroom.scene.publish(title="Đội bóng nữ của quận vô địch", body="\n\n".join(OTHER))
    newsroom.scene.clock.forward(seconds=1)
    _claim(newsroom, other)
    _look(newsroom, OLD, lambda: _claim(newsroom, code), status)
    assert newsroom.copies()[-1].status is RepublicationStatus.CANDIDATE
    newsroom.carries(PATH, code)
    newsroom.scene.drain("page_check")
    assert newsroom.copies()[-1].status is RepublicationStatus.CONFIRMED


def test_what_a_partner_mended_while_the_page_was_read_is_looked_at_again_at_once_and_whole(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code, PARTS, source="")
    _claim(newsroom, code)
    newsroom.scene.drain("page_check")
    newsroom.scene.clock.forward(hours=2)

    def mend() -> None:
        with newsroom.scene.database.write() as session:
            row = session.merge(newsroom.copy())
            partner_answers.record_answer(
                session, ADMIN, row, PartnerAnswerKind.MENDED, "", now=newsroom.scene.context.now()
            )

    _look(newsroom, page(TITLE, PARTS), mend)
    (seen,) = newsroom.pages()
    assert (seen.etag, seen.lease_until) == (None, None)
    assert seen.due_at is not None
    assert seen.due_at <= newsroom.scene.context.now()
    newsroom.carries(PATH, code)
    newsroom.scene.drain("page_check")
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED


def test_a_recall_that_comes_while_the_page_is_read_is_followed_by_a_look_within_the_hour(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    _claim(newsroom, code)
    newsroom.scene.drain("page_check")
    newsroom.scene.clock.forward(days=8)
    html = page(TITLE, PARTS, source=newsroom.link(code))
    _look(newsroom, html, lambda: newsroom.scene.recall(code))
    assert newsroom.copy().stale
    (seen,) = newsroom.pages()
    assert seen.due_at is not None
    assert seen.due_at - newsroom.scene.context.now() <= newsroom.scene.context.intervals.rechecks[0]


def test_a_look_without_a_request_meanwhile_is_the_last_for_now(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    _claim(newsroom, code)
    newsroom.scene.drain("page_check")
    assert page_check.claim(newsroom.scene.context, 1) == []
