"""Removed copies: suspected, gone, restored; soft 404 by its words, a probe and its text."""

from collections.abc import Callable

import pytest

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.partners.directory import Site
from campaigns.republications.lifecycle import removal_signs
from campaigns.republications.lifecycle.removal import MAX_IMAGE_DOUBTS
from campaigns.republications.republications import RepublicationLife, RepublicationStatus
from campaigns.republications.teasers import Teaser
from campaigns.republications.views import ImagePageCandidate, record_image_pages
from tests.coordinator.hostile_server import Call, HostileServer, Line
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, acts, asked, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page

SORRY = page(
    "Không tìm thấy trang",
    ["Bài viết bạn tìm không tồn tại hoặc đã bị gỡ khỏi trang của chúng tôi, mời bạn xem các tin mới nhất bên dưới."],
)


class Polite(dict[str, Line]):
    """The ways of a site that has a friendly page, with status 200, for every address it does not know."""

    def __missing__(self, path: str) -> Line:
        return lambda call: call.answer(SORRY.encode(), Content_Type="text/html; charset=utf-8")


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


# Not there --------------------------------------------------------------------------------------------------------


def _front(newsroom: ScriptedSite) -> None:
    newsroom.shows("/", page("Trang nhất", OTHER))
    newsroom.server.redirect(PATH, newsroom.url("/"))


def _list(newsroom: ScriptedSite) -> None:
    newsroom.shows("/thoi-su", page("Thời sự", OTHER))
    newsroom.server.redirect(PATH, "/thoi-su")


def _friendly(newsroom: ScriptedSite) -> None:
    newsroom.server.ways = Polite(newsroom.server.ways)
    del newsroom.server.ways[PATH]


def _replaced(newsroom: ScriptedSite) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))


def _excerpted(newsroom: ScriptedSite) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", [*OTHER, PARTS[1], *OTHER[::-1]]))


def _missing(newsroom: ScriptedSite) -> None:
    newsroom.removes(PATH)


def _away(newsroom: ScriptedSite) -> None:
    newsroom.shows("/", page("Trang nhất", OTHER))
    newsroom.server.redirect(PATH, f"http://localhost:{newsroom.server.port}/")


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (_front, "redirected_home"),
        (_list, "redirected_up"),
        (_friendly, "soft_404"),
        (_replaced, "replaced"),
        (_excerpted, "replaced"),
        (_missing, "missing"),
        (_away, "redirected_away"),
    ],
)
def test_a_look_that_does_not_find_the_copy_is_a_suspicion_and_the_second_a_day_later_makes_it_gone(
    newsroom: ScriptedSite, code: str, act: Callable[[ScriptedSite], None], kind: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    act(newsroom)
    scene.later("page_check", seconds=4)
    republication = newsroom.copy()
    assert (republication.life, republication.missing_since, removal_signs.reason_code(republication.missing_why)) == (
        RepublicationLife.LIVE,
        scene.context.now(),
        kind,
    )
    first = scene.context.now()
    assert scene.later("page_check", seconds=2) == 0  # not before a day has gone by
    scene.later("page_check", seconds=1)
    republication = newsroom.copy()
    assert (republication.life, republication.status, republication.missing_since) == (
        RepublicationLife.GONE,
        RepublicationStatus.CONFIRMED,
        first,
    )
    assert (republication.gone_at, removal_signs.reason_code(republication.missing_why)) == (scene.context.now(), kind)
    newsroom.carries(PATH, code)
    scene.later("page_check", days=1)
    republication = newsroom.copy()
    assert (republication.life, republication.gone_at, republication.missing_since, republication.missing_why) == (
        RepublicationLife.LIVE,
        None,
        None,
        [],
    )
    assert acts(newsroom) == ["confirmed", "missing", "gone", "back"]
    assert scene.journal_holds()


def test_a_page_that_says_it_has_not_changed_ends_a_suspicion(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.keeps(PATH, html)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("page_check", seconds=4)
    assert newsroom.copy().missing_since is not None
    newsroom.keeps(PATH, html)
    scene.later("page_check", seconds=3)
    republication = newsroom.copy()
    assert (republication.checked_at, republication.missing_since, republication.missing_why) == (
        scene.context.now(),
        None,
        [],
    )
    newsroom.removes(PATH)
    scene.clock.forward(days=30)
    due_again(newsroom)
    assert newsroom.copy().life is RepublicationLife.LIVE  # one look that does not find it is a suspicion again


def test_not_changed_answered_by_another_page_that_the_address_leads_to_is_not_the_copys(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    found(newsroom)
    newsroom.keeps("/", page("Trang nhất", OTHER))
    newsroom.server.redirect(PATH, newsroom.url("/"))
    newsroom.scene.later("page_check", seconds=4)
    assert removal_signs.reason_code(newsroom.copy().missing_why) == "redirected_home"


def test_not_changed_is_believed_of_an_address_that_always_led_there(newsroom: ScriptedSite, code: str) -> None:
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    newsroom.server.redirect("/t/40001", PATH)
    found(newsroom, "/t/40001")
    before = len(newsroom.server.calls)
    newsroom.scene.later("page_check", seconds=4)
    assert newsroom.copy().checked_at == newsroom.scene.context.now()
    assert [call.path for call in newsroom.server.calls[before:] if call.path != "/robots.txt"] == ["/t/40001", PATH]


def test_a_friendly_page_for_what_is_gone_is_recognised_by_its_words_and_its_sibling(
    newsroom: ScriptedSite, code: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _friendly(newsroom)
    newsroom.scene.later("page_check", seconds=4)
    kinds = [text.partition(":")[0] for text in newsroom.copy().missing_why]
    assert kinds == ["soft_404", "says_removed"]


def test_a_host_is_probed_once_a_day_however_many_of_its_pages_are_lost(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    paths = [PATH.replace("40001", str(number)) for number in range(5)]
    for path in paths:
        newsroom.carries(path, code)
        found(newsroom, path)
    newsroom.server.ways = Polite(newsroom.server.ways)
    for path in paths:
        del newsroom.server.ways[path]
    scene.later("page_check", seconds=4)
    scene.later("page_check", seconds=3)
    first, *others = newsroom.copies()
    assert (first.life, first.status) == (RepublicationLife.GONE, RepublicationStatus.CONFIRMED)
    assert {(other.life, other.status) for other in others} == {(RepublicationLife.GONE, RepublicationStatus.DUPLICATE)}
    probed = [path for path in asked(newsroom.server) if "khong-co-bai-nay" in path]
    assert len(probed) == 1
    assert probed[0].startswith("/thoi-su/")
    assert probed[0].endswith(".html")


def test_a_page_that_is_whole_is_never_a_reason_to_probe(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.scene.later("page_check", seconds=4)
    assert set(asked(newsroom.server)) == {PATH}


@pytest.mark.parametrize("way", ["/reset", "/half", "/hang-up"])
def test_failures_of_the_server_never_make_a_copy_gone(newsroom: ScriptedSite, code: str, way: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.server.ways[PATH] = newsroom.server.ways[way]
    for _ in range(4):
        scene.later("page_check", days=2)
    republication = newsroom.copy()
    assert (republication.life, republication.missing_since) == (RepublicationLife.LIVE, None)
    newsroom.shows(PATH, "<p>Lỗi</p>", "503 Service Unavailable")
    for _ in range(4):
        scene.later("page_check", days=2)
    assert newsroom.copy().life is RepublicationLife.LIVE


def test_a_lost_page_that_leads_home_takes_nothing_along(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows("/", page(TITLE, ["Tiêm miễn phí.", *OTHER]))  # the front page still announces it
    newsroom.server.redirect(PATH, newsroom.url("/"))
    scene.later("page_check", seconds=4)
    republication = newsroom.copy()
    assert republication.canonical_url.endswith(PATH)
    assert removal_signs.reason_code(republication.missing_why) == "redirected_home"


def test_one_of_two_bulletins_that_a_page_drops_is_gone_and_the_other_lives(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    second = scene.publish(title="Đội bóng nữ của quận vô địch", body="\n\n".join(OTHER * 2))
    both = newsroom.link(code) + newsroom.link(second)
    newsroom.shows(PATH, page(TITLE, [*PARTS, *OTHER], source=both))
    found(newsroom)
    assert len(newsroom.copies()) == 2
    newsroom.shows(PATH, page(TITLE, PARTS, source=both))
    scene.later("page_check", seconds=4)
    scene.later("page_check", seconds=4)
    lives = {republication.bulletin_id: republication.life for republication in newsroom.copies()}
    assert sorted(life.value for life in lives.values()) == ["gone", "live"]


def test_a_copy_in_review_that_vanishes_stays_in_review_as_gone(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    _replaced(newsroom)
    newsroom.scene.later("page_check", minutes=1)
    newsroom.scene.later("page_check", minutes=1)
    republication = newsroom.copy()
    assert (republication.status, republication.life) == (RepublicationStatus.REVIEW, RepublicationLife.GONE)


def test_a_probe_is_an_ordinary_visit(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _friendly(newsroom)
    checked = len(newsroom.server.calls)
    newsroom.scene.later("page_check", seconds=4)

    def agents(calls: list[Call]) -> set[str]:
        return {call.headers.get("user-agent", "") for call in calls}

    assert agents(newsroom.server.calls[checked:]) == {"LanToa-tests"}


# A counter image speaks for a page ---------------------------------------------------------------------------------


def _loads(newsroom: ScriptedSite, code: str, *paths: str) -> None:
    """Readers' browsers load the bulletin's counter image from these pages."""
    with newsroom.scene.database.write() as session:
        bulletin = find_bulletin(session, code)
        place = session.query(Site).filter_by(code=newsroom.code).one()
        candidates = [ImagePageCandidate(bulletin.id, place.id, newsroom.url(path)) for path in paths]
        record_image_pages(session, candidates, now=newsroom.scene.context.now())


def test_an_image_from_a_page_that_answers_404_is_a_persons_to_judge(newsroom: ScriptedSite, code: str) -> None:
    newsroom.removes(PATH)
    _loads(newsroom, code, PATH)
    newsroom.scene.drain("page_check")
    newsroom.scene.later("page_check", hours=25)
    republication = newsroom.copy()
    assert (republication.status, republication.reasons[0].partition(":")[0]) == (
        RepublicationStatus.REVIEW,
        "image_not_found",
    )
    newsroom.scene.later("page_check", days=3)
    republication = newsroom.copy()
    assert (republication.status, republication.life) == (RepublicationStatus.REVIEW, RepublicationLife.LIVE)


def test_an_image_from_the_front_page_says_nothing(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows("/", page("Trang nhất", OTHER))
    _loads(newsroom, code, "/")
    newsroom.scene.drain("page_check")
    assert newsroom.copy().status is RepublicationStatus.REJECTED


def test_forged_referers_fill_no_queue(newsroom: ScriptedSite, code: str) -> None:
    paths = [f"/thoi-su/gia-{number}.html" for number in range(8)]
    for path in paths:
        newsroom.shows(path, page("Tin khác", OTHER))
    _loads(newsroom, code, *paths)
    newsroom.scene.drain("page_check")
    statuses = [republication.status for republication in newsroom.copies()]
    assert statuses.count(RepublicationStatus.REVIEW) == MAX_IMAGE_DOUBTS
    assert statuses.count(RepublicationStatus.REJECTED) == len(paths) - MAX_IMAGE_DOUBTS


def test_a_page_is_seen_to_hold_the_counter_image_or_not(newsroom: ScriptedSite, code: str) -> None:
    with newsroom.scene.database.read() as session:
        token = find_bulletin(session, code).counter_token
    image = f'<img data-src="https://tin.example/i/{token}.gif" width="1" height="1" alt="">'
    for html, held in ((newsroom.link(code), False), (newsroom.link(code) + image, True)):
        newsroom.carries(PATH, code, source=html)
        found(newsroom)
        due_again(newsroom)
        assert newsroom.copy().counter_image is held


def test_a_front_page_reached_from_a_copy_that_is_gone_announces_nothing_under_its_address(
    newsroom: ScriptedSite, code: str
) -> None:
    other = (
        "Ba mươi điểm hiến máu lưu động mở cửa từ sáng sớm thứ bảy tuần này tại các quận phía tây và phía nam thành "
        "phố, nhận người từ mười tám tuổi, không cần hẹn trước, mỗi người được khám và uống nước trước khi hiến"
    )
    newsroom.scene.publish(title=other, body="Danh sách từng điểm được niêm yết tại trụ sở phường từ chiều thứ năm.")
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows("/", page(other, ["Tiêm miễn phí.", *OTHER]))
    newsroom.server.redirect(PATH, newsroom.url("/"))
    for _ in range(2):
        newsroom.scene.clock.forward(hours=2)
        due_again(newsroom)
    assert newsroom.copy().life is RepublicationLife.GONE
    with newsroom.scene.database.read() as session:
        assert session.query(Teaser).count() == 0
