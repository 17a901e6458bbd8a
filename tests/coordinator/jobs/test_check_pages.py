"""Checking pages: what counts, what waits for a person, which day it counts for, and what became of it later."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.core.clock import city_day
from campaigns.partners.directory import find_site
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.deciding import decide
from campaigns.tracking.matching import Match
from campaigns.tracking.prepared import bulletin_text
from campaigns.tracking.republications import Level, Life, Status, find_republication
from campaigns.tracking.sightings import How, see
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, OTHER, PARTS, TITLE, Newsroom, page
from tests.coordinator.jobs.scene import Scene
from tests.factories import ANALYST

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


@pytest.fixture
def newsroom(scene: Scene, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


@pytest.fixture
def code(scene: Scene) -> str:
    """The bulletin that pages copy, out for an hour."""
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def found(newsroom: Newsroom, path: str = PATH, **told: object) -> None:
    """A list named the page, and it was checked."""
    noted(newsroom, path, **told)
    newsroom.scene.drain("check")


def noted(newsroom: Newsroom, path: str = PATH, **told: object) -> None:
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        see(session, site, newsroom.url(path), How.DISCOVERED, "feed", now=newsroom.scene.place.now(), **told)  # type: ignore[arg-type]  # see()'s own


def test_a_full_copy_that_names_and_links_us_is_counted_with_its_proof(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    url = newsroom.carries(PATH, code)
    found(newsroom)
    one = newsroom.copy()
    assert (one.status, one.match, one.attribution) == (Status.CONFIRMED, Match.FULL, Attribution.LINKED_AT_END)
    assert (one.life, one.level, one.stale, one.revision) == (Life.LIVE, Level.LIVE, False, 1)
    assert (one.confirmed_at, one.counted_on) == (scene.place.now(), city_day(scene.place.now()))
    (proof,) = one.evidence
    assert proof.body_key is not None
    body = scene.place.store.read(proof.body_key)
    assert hashlib.sha256(body).hexdigest() == proof.body_hash
    assert PARTS[2] in body.decode()
    assert (proof.status, proof.final_url, proof.page_title) == (200, url, TITLE)
    ours = bulletin_text(TITLE, "Tiêm miễn phí.", BODY)
    for ours_from, ours_to, theirs_from, theirs_to in proof.passages:
        assert ours[ours_from:ours_to].split()[:3] == proof.page_text[theirs_from:theirs_to].split()[:3]
    assert scene.journal_holds()


@pytest.mark.parametrize(
    ("parts", "source", "status", "match"),
    [
        (PARTS, "", Status.REVIEW, Match.FULL),
        (PARTS, "<p>Theo Báo Sáng</p>", Status.REVIEW, Match.FULL),
        (PARTS, "<p>Theo Sở Thông tin thành phố</p>", Status.CONFIRMED, Match.FULL),
        ((*PARTS[:3], *OTHER), None, Status.CONFIRMED, Match.PARTIAL),
        ((*OTHER, PARTS[1], *OTHER[::-1]), None, Status.REVIEW, Match.EXCERPT),
    ],
)
def test_what_a_page_carries_and_names_decides(
    newsroom: Newsroom, code: str, parts: tuple[str, ...], source: str | None, status: Status, match: Match
) -> None:
    newsroom.carries(PATH, code, parts, **({} if source is None else {"source": source}))
    found(newsroom)
    one = newsroom.copy()
    assert (one.status, one.match) == (status, match), one.reasons


def test_a_page_of_something_else_is_neither_counted_nor_kept(newsroom: Newsroom, code: str, tmp_path: Path) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    found(newsroom)
    assert newsroom.copies() == []
    (seen,) = newsroom.pages()
    assert (seen.due_at, seen.checks, seen.error) == (None, 1, "")
    assert not (tmp_path / "pages").exists()


def test_a_page_may_be_quicker_than_our_own_index(newsroom: Newsroom, scene: Scene) -> None:
    fresh = scene.publish(title=TITLE, body=BODY)
    newsroom.carries(PATH, fresh)
    found(newsroom)
    assert newsroom.copy().status is Status.CONFIRMED


@pytest.mark.parametrize(
    ("minutes", "day"),
    [
        (-30, 0),  # after the release and before we saw it: its own day
        (-24 * 60, 1),  # before the release: not believed
        (24 * 60, 1),  # in the future: not believed
    ],
)
def test_a_copy_counts_for_the_day_it_appeared_when_that_is_plausible(
    newsroom: Newsroom, code: str, minutes: int, day: int
) -> None:
    scene = newsroom.scene
    scene.clock.moment = scene.clock.moment.replace(hour=17, minute=10)  # ten past midnight in the city
    told = scene.place.now() + timedelta(minutes=minutes)
    newsroom.carries(PATH, code, at=told)
    found(newsroom)
    assert newsroom.copy().counted_on == city_day(scene.place.now()) - timedelta(days=1 - day)


def test_a_feeds_time_is_used_where_the_page_has_none_and_the_day_then_stands(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    scene.clock.moment = scene.clock.moment.replace(hour=17, minute=10)
    yesterday = scene.place.now() - timedelta(minutes=30)
    newsroom.carries(PATH, code)
    found(newsroom, claimed_at=yesterday, claimed_from="feed")
    first = newsroom.copy()
    assert (first.published_at, first.published_from) == (yesterday, "feed")
    newsroom.carries(PATH, code, at=scene.place.now() + timedelta(seconds=1))
    scene.later("check", minutes=10)
    assert newsroom.copy().counted_on == first.counted_on == city_day(yesterday)


def test_an_unchanged_page_is_not_sent_again_and_stays_counted(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    found(newsroom)
    for _ in range(3):
        scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.status, one.life, len(one.evidence)) == (Status.CONFIRMED, Life.LIVE, 1)
    assert (one.checked_at, one.page.checks) == (scene.place.now(), 4)


def test_rechecks_come_to_an_end(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    for _ in newsroom.scene.place.pace.rechecks:
        assert newsroom.scene.later("check", minutes=10) == 1
    assert newsroom.scene.later("check", days=30) == 0
    assert newsroom.scene.later("check", days=10) == 1  # the quarter has ended
    assert newsroom.scene.later("check", days=400) == 0


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_a_page_that_is_missing_twice_a_while_apart_is_gone_and_stays_counted(
    newsroom: Newsroom, code: str, status: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH, status)
    scene.later("check", seconds=4)
    assert newsroom.copy().life is Life.LIVE
    scene.later("check", seconds=scene.place.pace.gone_gap.total_seconds())
    one = newsroom.copy()
    assert (one.life, one.status, one.gone_at) == (Life.GONE, Status.CONFIRMED, scene.place.now())


def test_a_page_that_is_missing_once_is_not_gone(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("check", seconds=4)
    newsroom.carries(PATH, code)
    scene.later("check", minutes=10)
    newsroom.removes(PATH)
    scene.later("check", minutes=10)
    assert newsroom.copy().life is Life.LIVE


def test_a_page_that_comes_back_is_live_again_even_if_it_says_that_it_has_not_changed(
    newsroom: Newsroom, code: str
) -> None:
    scene = newsroom.scene
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.keeps(PATH, html)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("check", minutes=10)
    scene.later("check", minutes=10)
    assert newsroom.copy().life is Life.GONE
    newsroom.keeps(PATH, html)
    scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.life, one.gone_at) == (Life.LIVE, None)


def test_a_page_whose_text_was_replaced_is_gone_at_the_second_look(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    newsroom.scene.later("check", minutes=10)
    assert newsroom.copy().life is Life.LIVE
    newsroom.scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.life, one.status) == (Life.GONE, Status.CONFIRMED)


def test_after_a_correction_a_copy_is_stale_until_it_follows(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    corrected = (*PARTS[:3], "Số điện thoại đặt giờ đổi thành 1900 1111, tổng đài nghỉ ngày chủ nhật.", PARTS[4])
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.correct(code, "\n\n".join(corrected))
    assert newsroom.copy().stale
    scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.stale, one.life, one.revision) == (True, Life.CHANGED, 1)
    for _ in range(10):  # it is asked again however long it takes
        assert scene.later("check", hours=1) == 1
    newsroom.carries(PATH, code, corrected)
    scene.later("check", hours=1)
    one = newsroom.copy()
    assert (one.stale, one.life, one.revision, one.status) == (False, Life.LIVE, 2, Status.CONFIRMED)


def test_after_a_recall_a_copy_is_stale_until_it_is_taken_down(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.recall(code)
    scene.later("check", minutes=10)
    assert newsroom.copy().stale
    newsroom.removes(PATH)
    scene.later("check", hours=1)
    scene.later("check", hours=1)
    one = newsroom.copy()
    assert (one.stale, one.life, one.status) == (False, Life.GONE, Status.CONFIRMED)


def _decided(newsroom: Newsroom, *, confirm: bool) -> None:
    with newsroom.scene.database.write() as session:
        row = find_republication(session, newsroom.copy().public)
        decide(session, ANALYST, row, confirm=confirm, note="Đã gọi điện hỏi", now=newsroom.scene.place.now())


def test_a_person_who_rejected_a_copy_is_not_overruled(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _decided(newsroom, confirm=False)
    for _ in range(3):
        newsroom.scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.status, one.decided_by, one.decision_note) == (Status.REJECTED, ANALYST.id, "Đã gọi điện hỏi")


def test_a_person_who_confirmed_a_copy_is_not_overruled(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    assert newsroom.copy().status is Status.REVIEW
    _decided(newsroom, confirm=True)
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    newsroom.scene.later("check", minutes=10)
    newsroom.scene.later("check", minutes=10)
    one = newsroom.copy()
    assert (one.status, one.life) == (Status.CONFIRMED, Life.GONE)
