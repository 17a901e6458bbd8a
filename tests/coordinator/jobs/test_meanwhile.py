"""What is said of a page while it is being read: that look does not settle it, and another follows at once."""

from collections.abc import Callable

import pytest

from campaigns.tracking import answers
from campaigns.tracking.answers import Said
from campaigns.tracking.claiming import claim
from campaigns.tracking.republications import Status
from coordinator.jobs import check_pages
from tests.coordinator.hostile import Call, HostileServer
from tests.coordinator.jobs.newsroom import BODY, OTHER, PARTS, TITLE, Newsroom, page
from tests.coordinator.jobs.scene import Scene
from tests.factories import ADMIN

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
OLD = page("Đội bóng nữ của quận vô địch", OTHER)


@pytest.fixture
def newsroom(scene: Scene, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


@pytest.fixture
def code(scene: Scene) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def _claim(newsroom: Newsroom, code: str) -> None:
    with newsroom.scene.database.write() as session:
        claim(session, f"key:{code}", code, newsroom.url(PATH), now=newsroom.scene.place.now())


def _look(newsroom: Newsroom, html: str, meanwhile: Callable[[], None], status: str = "200 OK") -> None:
    """One look at the page; ``meanwhile`` happens after it was asked for and before it answers."""

    def answer(call: Call) -> None:
        meanwhile()
        call.answer(html.encode(), status, Content_Type="text/html; charset=utf-8", ETag='"v1"')

    newsroom.server.ways[PATH] = answer
    (taken,) = check_pages.claim(newsroom.scene.place, 1)
    check_pages.act(newsroom.scene.place, taken)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
def test_a_claim_that_comes_while_its_page_is_read_is_judged_by_another_look_at_once(
    newsroom: Newsroom, code: str, status: str
) -> None:
    other = newsroom.scene.publish(title="Đội bóng nữ của quận vô địch", body="\n\n".join(OTHER))
    newsroom.scene.clock.forward(seconds=1)
    _claim(newsroom, other)
    _look(newsroom, OLD, lambda: _claim(newsroom, code), status)
    assert newsroom.copies()[-1].status is Status.CANDIDATE
    newsroom.carries(PATH, code)
    newsroom.scene.drain("check")
    assert newsroom.copies()[-1].status is Status.CONFIRMED


def test_what_a_partner_mended_while_the_page_was_read_is_looked_at_again_at_once_and_whole(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.carries(PATH, code, PARTS, source="")
    _claim(newsroom, code)
    newsroom.scene.drain("check")
    newsroom.scene.clock.forward(hours=2)

    def mend() -> None:
        with newsroom.scene.database.write() as session:
            row = session.merge(newsroom.copy())
            answers.give(session, ADMIN, row, Said.MENDED, "", now=newsroom.scene.place.now())

    _look(newsroom, page(TITLE, PARTS), mend)
    (seen,) = newsroom.pages()
    assert (seen.etag, seen.lease_until) == (None, None)
    assert seen.due_at is not None
    assert seen.due_at <= newsroom.scene.place.now()
    newsroom.carries(PATH, code)
    newsroom.scene.drain("check")
    assert newsroom.copy().status is Status.CONFIRMED


def test_a_recall_that_comes_while_the_page_is_read_is_followed_by_a_look_within_the_hour(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.carries(PATH, code)
    _claim(newsroom, code)
    newsroom.scene.drain("check")
    newsroom.scene.clock.forward(days=8)
    html = page(TITLE, PARTS, source=newsroom.link(code))
    _look(newsroom, html, lambda: newsroom.scene.recall(code))
    assert newsroom.copy().stale
    (seen,) = newsroom.pages()
    assert seen.due_at is not None
    assert seen.due_at - newsroom.scene.place.now() <= newsroom.scene.place.pace.rechecks[0]


def test_a_look_that_nothing_was_said_during_is_the_last_for_now(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    _claim(newsroom, code)
    newsroom.scene.drain("check")
    assert check_pages.claim(newsroom.scene.place, 1) == []
