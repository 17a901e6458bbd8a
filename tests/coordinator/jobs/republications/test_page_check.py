"""Page checks: counted copies, the review queue, the day of a copy, and later changes."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.core.clock import city_day
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.matching.matcher import Match
from campaigns.matching.prepared_bulletin import bulletin_text
from campaigns.partners.directory import find_site
from campaigns.republications.attribution.template_pages import KEPT_PAGES, site_template
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    EvidenceLevel,
    RepublicationLife,
    RepublicationStatus,
    find_republication,
)
from campaigns.republications.review.decisions import decide
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ANALYST

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    """The bulletin that pages copy, out for an hour."""
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def found(newsroom: ScriptedSite, path: str = PATH, **values: object) -> None:
    """A list named the page, and it was checked."""
    noted(newsroom, path, **values)
    newsroom.scene.drain("page_check")


def noted(newsroom: ScriptedSite, path: str = PATH, **values: object) -> None:
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        record_sighting(
            session,
            site,
            newsroom.url(path),
            SightingMethod.DISCOVERED,
            "feed",
            now=newsroom.scene.context.now(),
            **values,
        )  # type: ignore[arg-type]  # see()'s own


def test_a_full_copy_that_names_and_links_us_is_counted_with_its_proof(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    url = newsroom.carries(PATH, code)
    found(newsroom)
    republication = newsroom.copy()
    assert (republication.status, republication.match, republication.attribution) == (
        RepublicationStatus.CONFIRMED,
        Match.FULL,
        Attribution.LINKED_AT_END,
    )
    assert (republication.life, republication.level, republication.stale, republication.revision) == (
        RepublicationLife.LIVE,
        EvidenceLevel.LIVE,
        False,
        1,
    )
    assert (republication.confirmed_at, republication.counted_on) == (
        scene.context.now(),
        city_day(scene.context.now()),
    )
    (proof,) = republication.evidence
    assert proof.body_key is not None
    body = scene.context.store.read(proof.body_key)
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
        (PARTS, "", RepublicationStatus.REVIEW, Match.FULL),
        (PARTS, "<p>Theo Báo Sáng</p>", RepublicationStatus.REVIEW, Match.FULL),
        (PARTS, "<p>Theo Sở Thông tin thành phố</p>", RepublicationStatus.CONFIRMED, Match.FULL),
        ((*PARTS[:3], *OTHER), None, RepublicationStatus.CONFIRMED, Match.PARTIAL),
        ((*OTHER, PARTS[1], *OTHER[::-1]), None, RepublicationStatus.REVIEW, Match.EXCERPT),
    ],
)
def test_what_a_page_carries_and_names_decides(
    newsroom: ScriptedSite,
    code: str,
    parts: tuple[str, ...],
    source: str | None,
    status: RepublicationStatus,
    match: Match,
) -> None:
    newsroom.carries(PATH, code, parts, **({} if source is None else {"source": source}))
    found(newsroom)
    republication = newsroom.copy()
    assert (republication.status, republication.match) == (status, match), republication.reasons


def test_a_page_of_something_else_is_neither_counted_nor_kept(
    newsroom: ScriptedSite, code: str, tmp_path: Path
) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    found(newsroom)
    assert newsroom.copies() == []
    (seen,) = newsroom.pages()
    assert (seen.due_at, seen.checks, seen.error) == (None, 1, "")
    assert not (tmp_path / "pages").exists()


def test_a_page_may_be_quicker_than_our_own_index(newsroom: ScriptedSite, scene: JobHarness) -> None:
    fresh = scene.publish(title=TITLE, body=BODY)
    newsroom.carries(PATH, fresh)
    found(newsroom)
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED


@pytest.mark.parametrize(
    ("minutes", "day"),
    [
        (-30, 0),  # after the release and before we saw it: its own day
        (-24 * 60, 1),  # before the release: not believed
        (24 * 60, 1),  # in the future: not believed
    ],
)
def test_a_copy_counts_for_the_day_it_appeared_when_that_is_plausible(
    newsroom: ScriptedSite, code: str, minutes: int, day: int
) -> None:
    scene = newsroom.scene
    scene.clock.moment = scene.clock.moment.replace(hour=17, minute=10)  # ten past midnight in the city
    moment = scene.context.now() + timedelta(minutes=minutes)
    newsroom.carries(PATH, code, at=moment)
    found(newsroom)
    assert newsroom.copy().counted_on == city_day(scene.context.now()) - timedelta(days=1 - day)


def test_a_feeds_time_is_used_where_the_page_has_none_and_the_day_then_stands(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    scene.clock.moment = scene.clock.moment.replace(hour=17, minute=10)
    yesterday = scene.context.now() - timedelta(minutes=30)
    newsroom.carries(PATH, code)
    found(newsroom, claimed_at=yesterday, claimed_from="feed")
    first = newsroom.copy()
    assert (first.published_at, first.published_from) == (yesterday, "feed")
    newsroom.carries(PATH, code, at=scene.context.now() + timedelta(seconds=1))
    scene.later("page_check", minutes=10)
    assert newsroom.copy().counted_on == first.counted_on == city_day(yesterday)


def test_an_unchanged_page_is_not_sent_again_and_stays_counted(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    found(newsroom)
    for _ in range(3):
        scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.status, republication.life, len(republication.evidence)) == (
        RepublicationStatus.CONFIRMED,
        RepublicationLife.LIVE,
        1,
    )
    assert (republication.checked_at, republication.page.checks) == (scene.context.now(), 4)


def test_rechecks_come_to_an_end(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    for _ in newsroom.scene.context.intervals.rechecks:
        assert newsroom.scene.later("page_check", minutes=10) == 1
    assert newsroom.scene.later("page_check", days=30) == 0
    assert newsroom.scene.later("page_check", days=10) == 1  # the quarter has ended
    assert newsroom.scene.later("page_check", days=400) == 0


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_a_page_that_is_missing_twice_a_while_apart_is_gone_and_stays_counted(
    newsroom: ScriptedSite, code: str, status: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH, status)
    scene.later("page_check", seconds=4)
    assert newsroom.copy().life is RepublicationLife.LIVE
    scene.later("page_check", seconds=scene.context.intervals.gone_gap.total_seconds())
    republication = newsroom.copy()
    assert (republication.life, republication.status, republication.gone_at) == (
        RepublicationLife.GONE,
        RepublicationStatus.CONFIRMED,
        scene.context.now(),
    )


def test_a_page_that_is_missing_once_is_not_gone(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("page_check", seconds=4)
    newsroom.carries(PATH, code)
    scene.later("page_check", minutes=10)
    newsroom.removes(PATH)
    scene.later("page_check", minutes=10)
    assert newsroom.copy().life is RepublicationLife.LIVE


def test_a_page_that_comes_back_is_live_again_even_if_it_says_that_it_has_not_changed(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.keeps(PATH, html)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("page_check", minutes=10)
    scene.later("page_check", minutes=10)
    assert newsroom.copy().life is RepublicationLife.GONE
    newsroom.keeps(PATH, html)
    scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.life, republication.gone_at) == (RepublicationLife.LIVE, None)


def test_a_page_whose_text_was_replaced_is_gone_at_the_second_look(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    newsroom.scene.later("page_check", minutes=10)
    assert newsroom.copy().life is RepublicationLife.LIVE
    newsroom.scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.life, republication.status) == (RepublicationLife.GONE, RepublicationStatus.CONFIRMED)


def test_after_a_correction_a_copy_is_stale_until_it_follows(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    corrected = (*PARTS[:3], "Số điện thoại đặt giờ đổi thành 1900 1111, tổng đài nghỉ ngày chủ nhật.", PARTS[4])
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.correct(code, "\n\n".join(corrected), title=TITLE)
    assert newsroom.copy().stale
    scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.stale, republication.life, republication.revision) == (True, RepublicationLife.CHANGED, 1)
    for _ in range(10):  # it is asked again however long it takes
        assert scene.later("page_check", hours=1) == 1
    newsroom.carries(PATH, code, corrected)
    scene.later("page_check", hours=1)
    republication = newsroom.copy()
    assert (republication.stale, republication.life, republication.revision, republication.status) == (
        False,
        RepublicationLife.LIVE,
        2,
        RepublicationStatus.CONFIRMED,
    )


def test_after_a_recall_a_copy_is_stale_until_it_is_taken_down(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.recall(code)
    scene.later("page_check", minutes=10)
    assert newsroom.copy().stale
    newsroom.removes(PATH)
    scene.later("page_check", hours=1)
    scene.later("page_check", hours=1)
    republication = newsroom.copy()
    assert (republication.stale, republication.life, republication.status) == (
        False,
        RepublicationLife.GONE,
        RepublicationStatus.CONFIRMED,
    )


def _decided(newsroom: ScriptedSite, *, confirm: bool) -> None:
    with newsroom.scene.database.write() as session:
        row = find_republication(session, newsroom.copy().public)
        decide(session, ANALYST, row, confirm=confirm, note="Đã gọi điện hỏi", now=newsroom.scene.context.now())


def test_a_person_who_rejected_a_copy_is_not_overruled(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _decided(newsroom, confirm=False)
    for _ in range(3):
        newsroom.scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.status, republication.decided_by, republication.decision_note) == (
        RepublicationStatus.REJECTED,
        ANALYST.id,
        "Đã gọi điện hỏi",
    )


def test_a_person_who_confirmed_a_copy_is_not_overruled(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    assert newsroom.copy().status is RepublicationStatus.REVIEW
    _decided(newsroom, confirm=True)
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    newsroom.scene.later("page_check", minutes=10)
    newsroom.scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.status, republication.life) == (RepublicationStatus.CONFIRMED, RepublicationLife.GONE)


def test_what_every_page_of_a_site_carries_is_no_source_and_is_shown(newsroom: ScriptedSite, code: str) -> None:
    credit = (
        '<p>Đơn vị bảo trợ: <a href="https://tin.example/">Sở Thông tin thành phố</a></p><p>Sở Thông tin thành phố</p>'
    )
    for number in range(3):
        path = f"/thoi-su/bai-khac-{number}.html"
        newsroom.shows(path, page(f"Bài khác {number}", OTHER[number % 2 :], source=credit))
        found(newsroom, path)
    assert newsroom.copies() == []
    newsroom.carries(PATH, code, source=credit)
    found(newsroom)
    republication = newsroom.copy()
    assert (republication.status, republication.attribution) == (RepublicationStatus.REVIEW, Attribution.NONE)
    assert any(reason.startswith("template:") for reason in republication.reasons)
    with newsroom.scene.database.read() as session:
        parts = site_template(session, find_site(session, newsroom.code).id).parts
    assert {(each.part.text, each.pages, each.of) for each in parts} == {
        ("Sở Thông tin thành phố", 3, 3),
        ("Đơn vị bảo trợ: Sở Thông tin thành phố", 3, 3),
    }
    # A source line that only copies have is not the site's.
    second = "/thoi-su/bai-dang-lai.html"
    newsroom.carries(second, code, source=f"{newsroom.link(code)}{credit}")
    found(newsroom, second)
    assert [copy.attribution for copy in newsroom.copies()] == [Attribution.NONE, Attribution.LINKED_AT_END]


def test_a_source_line_that_other_articles_have_too_counts(newsroom: ScriptedSite, code: str) -> None:
    line = "<p>Theo Sở Thông tin thành phố</p>"
    for number in range(3):
        path = f"/thoi-su/bai-khac-{number}.html"
        newsroom.shows(path, page(f"Bài khác {number}", OTHER[number % 2 :], source=line))
        found(newsroom, path)
    newsroom.carries(PATH, code, source=line)
    found(newsroom)
    assert newsroom.copy().attribution is Attribution.NAMED_ONLY


def test_of_a_site_the_newest_pages_teach_its_template(newsroom: ScriptedSite) -> None:
    for number in range(KEPT_PAGES + 3):
        path = f"/thoi-su/bai-khac-{number}.html"
        newsroom.shows(
            path, page(f"Bài khác {number}", OTHER, source="<p>Sở Thông tin thành phố</p>" if number > 2 else "")
        )
        found(newsroom, path)
        newsroom.scene.clock.forward(minutes=5)
    with newsroom.scene.database.read() as session:
        (part,) = site_template(session, find_site(session, newsroom.code).id).parts
    assert (part.pages, part.of) == (KEPT_PAGES, KEPT_PAGES)
