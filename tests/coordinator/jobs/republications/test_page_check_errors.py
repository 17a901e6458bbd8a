"""Page checks of unreadable and moved pages, and of one page at two addresses."""

from datetime import timedelta

import pytest

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners.directory import find_site
from campaigns.republications.republications import EvidenceLevel, RepublicationLife, RepublicationStatus, claim_copy
from tests.coordinator.hostile_server import HostileServer, bomb
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import acts
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
SECOND = "/doi-song/lich-tiem-nhac-vac-xin-soi-40001.html"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def claimed(newsroom: ScriptedSite, code: str, path: str = PATH) -> None:
    """The partner says that a page carries the bulletin, and it was checked."""
    now = newsroom.scene.context.now()
    with newsroom.scene.database.write() as session:
        bulletin = find_bulletin(session, code)
        site = find_site(session, newsroom.code)
        seen, _ = record_sighting(
            session, site, newsroom.url(path), SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=now
        )
        claim_copy(session, "key:1", bulletin, seen, EvidenceLevel.REPORTED, day=city_day(now), now=now)
    newsroom.scene.drain("page_check")


def test_a_claim_that_the_page_does_not_bear_out_is_rejected(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert (republication.status, republication.reasons[0].partition(":")[0]) == (
        RepublicationStatus.REJECTED,
        "text_not_found",
    )


def test_a_claim_of_a_page_that_was_read_before_is_judged_though_the_page_has_not_changed(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.keeps(PATH, page("Đội bóng nữ của quận vô địch", OTHER))
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        record_sighting(
            session, site, newsroom.url(PATH), SightingMethod.DISCOVERED, "feed", now=newsroom.scene.context.now()
        )
    newsroom.scene.drain("page_check")
    claimed(newsroom, code)
    assert newsroom.copy().status is RepublicationStatus.REJECTED


def test_a_claim_of_a_page_that_is_watched_for_another_bulletin_does_not_wait_for_its_turn(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    other = newsroom.scene.publish(title="Đội bóng nữ của quận vô địch", body="\n\n".join(OTHER))
    newsroom.scene.clock.forward(seconds=1)
    claimed(newsroom, other)
    assert [republication.status for republication in newsroom.copies()] == [
        RepublicationStatus.CONFIRMED,
        RepublicationStatus.REJECTED,
    ]


def test_whatever_hands_a_claim_to_a_person_stands_in_the_journal(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows(PATH, "%PDF-1.7", Content_Type="application/pdf")
    claimed(newsroom, code)
    assert newsroom.copy().status is RepublicationStatus.REVIEW
    assert acts(newsroom) == ["claimed", "review"]
    assert newsroom.scene.journal_holds()


def test_a_claim_of_a_page_that_never_was_is_rejected(newsroom: ScriptedSite, code: str) -> None:
    newsroom.removes(PATH)
    claimed(newsroom, code)
    assert newsroom.copy().status is RepublicationStatus.CANDIDATE
    newsroom.scene.later("page_check", minutes=10)
    assert newsroom.copy().status is RepublicationStatus.REJECTED


def test_a_page_that_robots_txt_forbids_is_left_to_a_person_and_asked_about_again_later(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /thoi-su/\n")
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert (republication.status, "robots.txt" in republication.reasons[0]) == (RepublicationStatus.REVIEW, True)
    assert [call.path for call in newsroom.server.calls] == ["/robots.txt"]
    assert republication.page.due_at is not None


def test_a_robots_txt_that_could_not_be_read_for_a_while_does_not_end_the_looking(
    stage: JobHarness, server: HostileServer
) -> None:
    newsroom = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    newsroom.carries(PATH, code)
    server.text("/robots.txt", "", "503 Service Unavailable")
    claimed(newsroom, code)
    assert newsroom.copy().page.due_at is not None
    server.text("/robots.txt", "", "404 Not Found")
    fresh = JobHarness(stage.database, stage.app_context.settings.data_dir)  # a door that remembers nothing of it
    fresh.clock.moment = stage.clock.moment
    fresh.later("page_check", days=1)
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED


@pytest.mark.parametrize(
    ("path", "words"), [("/fifty", "larger than"), ("/packed", "larger than"), ("/zip", "application/zip")]
)
def test_what_can_never_be_read_is_left_to_a_person(
    stage: JobHarness, server: HostileServer, path: str, words: str
) -> None:
    newsroom = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    packed = bomb(8)
    server.ways["/packed"] = lambda call: call.answer(packed, Content_Encoding="gzip", Content_Type="text/html")
    server.text("/zip", "PK \x00\x01", Content_Type="application/zip")
    claimed(newsroom, code, path)
    republication = newsroom.copy()
    assert republication.status is RepublicationStatus.REVIEW
    assert republication.reasons[0].startswith("page_unreadable")
    assert republication.page.due_at is None
    assert words in republication.page.error


def deep(newsroom: ScriptedSite, code: str) -> None:
    """The page has the text, so far inside that it is not read to there."""
    newsroom.shows(PATH, "<div>" * 50_000 + page(TITLE, PARTS, source=newsroom.link(code)))


def test_a_claim_of_a_page_that_is_not_read_whole_is_left_to_a_person(newsroom: ScriptedSite, code: str) -> None:
    deep(newsroom, code)
    claimed(newsroom, code)
    republication = newsroom.copy()
    assert republication.status is RepublicationStatus.REVIEW
    assert republication.reasons[0].startswith("page_unreadable: cut: ")


def test_a_copy_whose_page_is_no_longer_read_whole_is_not_stated_to_be_gone(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    deep(newsroom, code)
    for _ in range(4):
        newsroom.scene.later("page_check", days=1)
    republication = newsroom.copy()
    assert (republication.status, republication.life, republication.missing_since) == (
        RepublicationStatus.CONFIRMED,
        RepublicationLife.LIVE,
        None,
    )
    assert republication.page.error.startswith("cut: ")
    newsroom.carries(PATH, code)
    newsroom.scene.later("page_check", days=1)
    assert newsroom.copy().page.error == ""


@pytest.mark.parametrize("path", ["/hang-up", "/reset", "/500", "/loop"])
def test_a_page_without_an_answer_is_tried_ever_more_rarely_and_then_shown_to_a_person(
    stage: JobHarness, server: HostileServer, path: str
) -> None:
    newsroom = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    server.text("/500", "", "500 Internal Server Error")
    claimed(newsroom, code, path)
    assert newsroom.copy().status is RepublicationStatus.CANDIDATE
    waits = []
    for _ in range(12):
        due = newsroom.copy().page.due_at
        assert due is not None
        waits.append(due - stage.context.now())
        stage.clock.moment = due
        assert stage.drain("page_check") == 1
    republication = newsroom.copy()
    assert (republication.status, republication.page.failures) == (RepublicationStatus.REVIEW, 13)
    assert waits == sorted(waits)
    assert waits[-1] <= max(stage.context.intervals.rechecks[1], timedelta(days=1))


def test_a_counted_copy_stays_counted_while_its_page_cannot_be_read(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    newsroom.server.text(PATH, "", "503 Service Unavailable")
    for _ in range(6):
        newsroom.scene.later("page_check", hours=1)
    republication = newsroom.copy()
    assert (republication.status, republication.life) == (RepublicationStatus.CONFIRMED, RepublicationLife.LIVE)
    newsroom.carries(PATH, code)
    newsroom.scene.later("page_check", days=1)
    assert newsroom.copy().page.error == ""


def test_a_page_that_leads_to_another_site_is_left_to_a_person(newsroom: ScriptedSite, code: str) -> None:
    with HostileServer() as other:
        target = other.text(PATH, page(TITLE, PARTS, source=newsroom.link(code)), Content_Type="text/html")
        other.text("/robots.txt", "", "404 Not Found")
        newsroom.server.redirect(PATH, target.replace("127.0.0.1", "localhost"))
        claimed(newsroom, code)
    republication = newsroom.copy()
    assert (republication.status, "another site" in republication.reasons[0]) == (RepublicationStatus.REVIEW, True)


def test_variants_of_one_address_are_one_copy(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    for tail in ("", "?utm_source=zalo", "#top", "?fbclid=x&utm_medium=y"):
        newsroom.carries(PATH, code)
        claimed(newsroom, code, PATH + tail)
    assert len(newsroom.copies()) == len(newsroom.pages()) == 1


def test_a_page_that_names_its_right_address_counts_there_once(newsroom: ScriptedSite, code: str) -> None:
    for path in (SECOND, PATH):
        newsroom.carries(path, code, canonical=newsroom.url(PATH))
        claimed(newsroom, code, path)
    newsroom.scene.later("page_check", minutes=10)
    assert [
        republication.status
        for republication in newsroom.copies()
        if republication.status is RepublicationStatus.CONFIRMED
    ] == [RepublicationStatus.CONFIRMED]
    assert {republication.status for republication in newsroom.copies()} <= {
        RepublicationStatus.CONFIRMED,
        RepublicationStatus.DUPLICATE,
    }


def test_the_same_text_at_two_addresses_of_a_site_counts_once(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    newsroom.carries(SECOND, code)
    claimed(newsroom, code, SECOND)
    for _ in range(4):
        first, second = newsroom.copies()
        assert (first.status, second.status) == (RepublicationStatus.CONFIRMED, RepublicationStatus.DUPLICATE)
        assert second.duplicate_of_id == first.id
        newsroom.scene.later("page_check", minutes=10)


def test_a_second_address_that_goes_back_to_the_first_is_no_second_copy(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    newsroom.carries(SECOND, code)
    claimed(newsroom, code, SECOND)
    newsroom.carries(SECOND, code, canonical=newsroom.url(PATH))
    for _ in range(4):
        newsroom.scene.later("page_check", minutes=10)
    first, second = newsroom.copies()
    assert (first.status, second.status) == (RepublicationStatus.CONFIRMED, RepublicationStatus.DUPLICATE)
    assert second.duplicate_of_id == first.id


def test_a_first_address_that_moves_to_the_second_is_one_copy_that_goes_on_being_checked(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    claimed(newsroom, code)
    counted_on = newsroom.copy().counted_on
    newsroom.carries(SECOND, code)
    claimed(newsroom, code, SECOND)
    newsroom.server.redirect(PATH, newsroom.url(SECOND), "301 Moved Permanently")
    for _ in range(4):
        scene.later("page_check", minutes=10)
    counted = [
        republication for republication in newsroom.copies() if republication.status is RepublicationStatus.CONFIRMED
    ]
    assert [(republication.life, republication.counted_on) for republication in counted] == [
        (RepublicationLife.LIVE, counted_on)
    ]
    newsroom.removes(SECOND)
    for _ in range(4):
        scene.later("page_check", minutes=10)
    assert [
        republication.life
        for republication in newsroom.copies()
        if republication.status is RepublicationStatus.CONFIRMED
    ] == [RepublicationLife.GONE]
