"""A copy that is not there any more: suspected, gone, back; soft 404 by its words, its sibling and its text."""

from collections.abc import Callable

import pytest

from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import find_bulletin
from campaigns.tracking import absence
from campaigns.tracking.pointing import point_at
from campaigns.tracking.republications import Life, Status
from campaigns.tracking.teasers import Teaser
from campaigns.tracking.vanishing import MOST_DOUBTED
from campaigns.tracking.views import Candidate
from tests.coordinator.hostile import Call, HostileServer, Line
from tests.coordinator.jobs.lifetime import PATH, acts, asked, due_again, found
from tests.coordinator.jobs.newsroom import BODY, OTHER, PARTS, TITLE, Newsroom, page
from tests.coordinator.jobs.scene import Scene

SORRY = page(
    "Không tìm thấy trang",
    ["Bài viết bạn tìm không tồn tại hoặc đã bị gỡ khỏi trang của chúng tôi, mời bạn xem các tin mới nhất bên dưới."],
)


class Polite(dict[str, Line]):
    """The ways of a site that has a friendly page, with status 200, for every address it does not know."""

    def __missing__(self, path: str) -> Line:
        return lambda call: call.answer(SORRY.encode(), Content_Type="text/html; charset=utf-8")


@pytest.fixture
def newsroom(scene: Scene, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


@pytest.fixture
def code(scene: Scene) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


# Not there --------------------------------------------------------------------------------------------------------


def _front(newsroom: Newsroom) -> None:
    newsroom.shows("/", page("Trang nhất", OTHER))
    newsroom.server.redirect(PATH, newsroom.url("/"))


def _list(newsroom: Newsroom) -> None:
    newsroom.shows("/thoi-su", page("Thời sự", OTHER))
    newsroom.server.redirect(PATH, "/thoi-su")


def _friendly(newsroom: Newsroom) -> None:
    newsroom.server.ways = Polite(newsroom.server.ways)
    del newsroom.server.ways[PATH]


def _replaced(newsroom: Newsroom) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", OTHER))


def _excerpted(newsroom: Newsroom) -> None:
    newsroom.shows(PATH, page("Đội bóng nữ của quận vô địch", [*OTHER, PARTS[1], *OTHER[::-1]]))


def _missing(newsroom: Newsroom) -> None:
    newsroom.removes(PATH)


def _away(newsroom: Newsroom) -> None:
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
    newsroom: Newsroom, code: str, act: Callable[[Newsroom], None], kind: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    act(newsroom)
    scene.later("check", seconds=4)
    one = newsroom.copy()
    assert (one.life, one.missing_since, absence.kind_of(one.missing_why)) == (Life.LIVE, scene.place.now(), kind)
    first = scene.place.now()
    assert scene.later("check", seconds=2) == 0  # not before a day has gone by
    scene.later("check", seconds=1)
    one = newsroom.copy()
    assert (one.life, one.status, one.missing_since) == (Life.GONE, Status.CONFIRMED, first)
    assert (one.gone_at, absence.kind_of(one.missing_why)) == (scene.place.now(), kind)
    newsroom.carries(PATH, code)
    scene.later("check", days=1)
    one = newsroom.copy()
    assert (one.life, one.gone_at, one.missing_since, one.missing_why) == (Life.LIVE, None, None, [])
    assert acts(newsroom) == ["confirmed", "missing", "gone", "back"]
    assert scene.journal_holds()


def test_a_page_that_says_it_has_not_changed_ends_a_suspicion(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    html = page(TITLE, PARTS, source=newsroom.link(code))
    newsroom.keeps(PATH, html)
    found(newsroom)
    newsroom.removes(PATH)
    scene.later("check", seconds=4)
    assert newsroom.copy().missing_since is not None
    newsroom.keeps(PATH, html)
    scene.later("check", seconds=3)
    one = newsroom.copy()
    assert (one.checked_at, one.missing_since, one.missing_why) == (scene.place.now(), None, [])
    newsroom.removes(PATH)
    scene.clock.forward(days=30)
    due_again(newsroom)
    assert newsroom.copy().life is Life.LIVE  # one look that does not find it is a suspicion again


def test_not_changed_said_by_another_page_that_the_address_leads_to_is_not_the_copys(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    found(newsroom)
    newsroom.keeps("/", page("Trang nhất", OTHER))
    newsroom.server.redirect(PATH, newsroom.url("/"))
    newsroom.scene.later("check", seconds=4)
    assert absence.kind_of(newsroom.copy().missing_why) == "redirected_home"


def test_not_changed_is_believed_of_an_address_that_always_led_there(newsroom: Newsroom, code: str) -> None:
    newsroom.keeps(PATH, page(TITLE, PARTS, source=newsroom.link(code)))
    newsroom.server.redirect("/t/40001", PATH)
    found(newsroom, "/t/40001")
    before = len(newsroom.server.calls)
    newsroom.scene.later("check", seconds=4)
    assert newsroom.copy().checked_at == newsroom.scene.place.now()
    assert [call.path for call in newsroom.server.calls[before:] if call.path != "/robots.txt"] == ["/t/40001", PATH]


def test_a_friendly_page_for_what_is_gone_is_recognised_by_its_words_and_its_sibling(
    newsroom: Newsroom, code: str
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _friendly(newsroom)
    newsroom.scene.later("check", seconds=4)
    kinds = [one.partition(":")[0] for one in newsroom.copy().missing_why]
    assert kinds == ["soft_404", "says_removed"]


def test_a_host_is_probed_once_a_day_however_many_of_its_pages_are_lost(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    paths = [PATH.replace("40001", str(number)) for number in range(5)]
    for path in paths:
        newsroom.carries(path, code)
        found(newsroom, path)
    newsroom.server.ways = Polite(newsroom.server.ways)
    for path in paths:
        del newsroom.server.ways[path]
    scene.later("check", seconds=4)
    scene.later("check", seconds=3)
    first, *others = newsroom.copies()
    assert (first.life, first.status) == (Life.GONE, Status.CONFIRMED)
    assert {one.status for one in others} == {Status.REJECTED}
    probed = [path for path in asked(newsroom.server) if "khong-co-bai-nay" in path]
    assert len(probed) == 1
    assert probed[0].startswith("/thoi-su/")
    assert probed[0].endswith(".html")


def test_a_page_that_is_whole_is_never_a_reason_to_probe(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.scene.later("check", seconds=4)
    assert set(asked(newsroom.server)) == {PATH}


@pytest.mark.parametrize("way", ["/reset", "/half", "/hang-up"])
def test_failures_of_the_server_never_make_a_copy_gone(newsroom: Newsroom, code: str, way: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.server.ways[PATH] = newsroom.server.ways[way]
    for _ in range(4):
        scene.later("check", days=2)
    one = newsroom.copy()
    assert (one.life, one.missing_since) == (Life.LIVE, None)
    newsroom.shows(PATH, "<p>Lỗi</p>", "503 Service Unavailable")
    for _ in range(4):
        scene.later("check", days=2)
    assert newsroom.copy().life is Life.LIVE


def test_a_lost_page_that_leads_home_takes_nothing_along(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.shows("/", page(TITLE, ["Tiêm miễn phí.", *OTHER]))  # the front page still announces it
    newsroom.server.redirect(PATH, newsroom.url("/"))
    scene.later("check", seconds=4)
    one = newsroom.copy()
    assert one.canonical_url.endswith(PATH)
    assert absence.kind_of(one.missing_why) == "redirected_home"


def test_one_of_two_bulletins_that_a_page_drops_is_gone_and_the_other_lives(newsroom: Newsroom, code: str) -> None:
    scene = newsroom.scene
    second = scene.publish(title="Đội bóng nữ của quận vô địch", body="\n\n".join(OTHER * 2))
    both = newsroom.link(code) + newsroom.link(second)
    newsroom.shows(PATH, page(TITLE, [*PARTS, *OTHER], source=both))
    found(newsroom)
    assert len(newsroom.copies()) == 2
    newsroom.shows(PATH, page(TITLE, PARTS, source=both))
    scene.later("check", seconds=4)
    scene.later("check", seconds=4)
    lives = {one.bulletin_id: one.life for one in newsroom.copies()}
    assert sorted(one.value for one in lives.values()) == ["gone", "live"]


def test_a_copy_in_review_that_vanishes_stays_in_review_as_gone(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    _replaced(newsroom)
    newsroom.scene.later("check", minutes=1)
    newsroom.scene.later("check", minutes=1)
    one = newsroom.copy()
    assert (one.status, one.life) == (Status.REVIEW, Life.GONE)


def test_a_probe_is_an_ordinary_visit(newsroom: Newsroom, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    _friendly(newsroom)
    newsroom.scene.later("check", seconds=4)

    def agents(calls: list[Call]) -> set[str]:
        return {call.headers.get("user-agent", "") for call in calls}

    assert agents(newsroom.server.calls) == {"LanToa-tests"}


# A counter image speaks for a page ---------------------------------------------------------------------------------


def _loads(newsroom: Newsroom, code: str, *paths: str) -> None:
    """Readers' browsers load the bulletin's counter image from these pages."""
    with newsroom.scene.database.write() as session:
        bulletin = find_bulletin(session, code)
        place = session.query(Site).filter_by(code=newsroom.code).one()
        told = [Candidate(bulletin.id, place.id, newsroom.url(path)) for path in paths]
        point_at(session, told, now=newsroom.scene.place.now())


def test_an_image_from_a_page_that_answers_404_is_a_persons_to_judge(newsroom: Newsroom, code: str) -> None:
    newsroom.removes(PATH)
    _loads(newsroom, code, PATH)
    newsroom.scene.drain("check")
    newsroom.scene.later("check", hours=25)
    one = newsroom.copy()
    assert (one.status, one.reasons[0].partition(":")[0]) == (Status.REVIEW, "image_not_found")
    newsroom.scene.later("check", days=3)
    one = newsroom.copy()
    assert (one.status, one.life) == (Status.REVIEW, Life.LIVE)


def test_an_image_from_the_front_page_says_nothing(newsroom: Newsroom, code: str) -> None:
    newsroom.shows("/", page("Trang nhất", OTHER))
    _loads(newsroom, code, "/")
    newsroom.scene.drain("check")
    assert newsroom.copy().status is Status.REJECTED


def test_forged_referers_fill_no_queue(newsroom: Newsroom, code: str) -> None:
    paths = [f"/thoi-su/gia-{number}.html" for number in range(8)]
    for path in paths:
        newsroom.shows(path, page("Tin khác", OTHER))
    _loads(newsroom, code, *paths)
    newsroom.scene.drain("check")
    statuses = [one.status for one in newsroom.copies()]
    assert statuses.count(Status.REVIEW) == MOST_DOUBTED
    assert statuses.count(Status.REJECTED) == len(paths) - MOST_DOUBTED


def test_a_page_is_seen_to_hold_the_counter_image_or_not(newsroom: Newsroom, code: str) -> None:
    with newsroom.scene.database.read() as session:
        token = find_bulletin(session, code).counter_token
    image = f'<img data-src="https://tin.example/i/{token}.gif" width="1" height="1" alt="">'
    for html, held in ((newsroom.link(code), False), (newsroom.link(code) + image, True)):
        newsroom.carries(PATH, code, source=html)
        found(newsroom)
        due_again(newsroom)
        assert newsroom.copy().counter_image is held


def test_a_front_page_reached_from_a_copy_that_is_gone_announces_nothing_under_its_address(
    newsroom: Newsroom, code: str
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
    assert newsroom.copy().life is Life.GONE
    with newsroom.scene.database.read() as session:
        assert session.query(Teaser).count() == 0
