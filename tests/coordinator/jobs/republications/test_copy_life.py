"""The life of a copy on a partner's pages: edited, outdated, updated, and its origin."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.intervals import NORMAL
from campaigns.partners.directory import find_site
from campaigns.reporting import removals
from campaigns.republications.lifecycle import outdated_copies
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.teasers import Teaser
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, acts, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.factories import ANALYST

CORRECTED = (*PARTS[:3], "Số điện thoại đặt giờ đổi thành 1900 1111, tổng đài nghỉ ngày chủ nhật.", PARTS[4])


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


# What it shows ----------------------------------------------------------------------------------------------------


def test_what_the_page_shows_around_the_text_is_kept(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    html = page("30 phường thêm buổi tiêm sởi", PARTS, source=newsroom.link(code), at=scene.context.now())
    extra = '<meta name="author" content="Thu Hà"><meta property="og:image" content="/anh/tiem.jpg">'
    newsroom.shows(PATH, html.replace("<head>", f"<head>{extra}"))
    scene.clock.forward(minutes=10)
    found(newsroom)
    (row,) = newsroom.copies()
    assert (row.headline, row.author, row.title_kept) == ("30 phường thêm buổi tiêm sởi", "Thu Hà", False)
    assert row.image == newsroom.url("/anh/tiem.jpg")
    assert row.link_position == 1.0
    (proof,) = row.evidence
    assert (proof.author, proof.image) == (row.author, row.image)
    with scene.database.read() as session:
        assert session.get_one(Republication, row.id).delay == timedelta(hours=1)


LONG = (
    "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã trong tuần cuối tháng 11 cho trẻ từ 18 tháng đến 5 tuổi chưa đủ hai "
    "mũi, tiêm cả buổi chiều và sáng thứ bảy tại trạm y tế nơi cư trú, không thu tiền, không phải đăng ký trước"
)


def test_a_teaser_is_noted_apart_once_and_makes_no_copy(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    code = scene.publish(title=LONG, body=BODY)
    newsroom.shows(PATH, page(LONG, ["Tiêm miễn phí.", *OTHER]))
    found(newsroom)
    due_again(newsroom)
    assert newsroom.copies() == []
    with scene.database.read() as session:
        (teaser,) = session.execute(sa.select(Teaser)).scalars().all()
        assert (teaser.bulletin.code, teaser.headline) == (code, LONG)
        assert teaser.counted_on == city_day(scene.context.now())


def test_a_teaser_that_grows_into_a_copy_is_a_teaser_no_more(newsroom: ScriptedSite) -> None:
    code = newsroom.scene.publish(title=LONG, body=BODY)
    newsroom.shows(PATH, page(LONG, ["Tiêm miễn phí.", *OTHER]))
    found(newsroom)
    newsroom.shows(PATH, page(LONG, PARTS, source=newsroom.link(code)))
    due_again(newsroom)
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED
    with newsroom.scene.database.read() as session:
        assert session.execute(sa.select(Teaser)).first() is None


# Edited, corrected, recalled --------------------------------------------------------------------------------------


def test_a_copy_that_lost_a_paragraph_is_changed_and_still_counted(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.carries(PATH, code, (*PARTS[:3], PARTS[4]))
    scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.life, republication.status, republication.stale) == (
        RepublicationLife.CHANGED,
        RepublicationStatus.CONFIRMED,
        False,
    )
    assert republication.confirmed_share is not None
    assert republication.share < republication.confirmed_share
    newsroom.carries(PATH, code)
    scene.later("page_check", minutes=10)
    assert newsroom.copy().life is RepublicationLife.LIVE
    assert acts(newsroom) == ["confirmed", "changed"]


def test_a_copy_that_follows_a_correction_late_is_reported_with_its_time(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.correct(code, "\n\n".join(CORRECTED), title=TITLE)
    corrected = scene.context.now()
    scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (
        republication.stale,
        republication.stale_since,
        republication.followed_at,
        republication.confirmed_revision,
    ) == (True, corrected, None, 1)
    newsroom.carries(PATH, code, CORRECTED)
    scene.later("page_check", hours=5)
    republication = newsroom.copy()
    assert (republication.stale, republication.stale_since, republication.life) == (False, None, RepublicationLife.LIVE)
    assert (republication.followed_at, republication.confirmed_revision) == (scene.context.now(), 2)
    assert republication.page.watched_since == scene.context.now()
    assert acts(newsroom) == ["confirmed", "followed"]


def test_a_copy_made_after_a_correction_with_the_old_text_is_behind_from_its_first_day(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    scene.correct(code, "\n\n".join(CORRECTED), title=TITLE)
    scene.clock.forward(hours=3)
    newsroom.carries(PATH, code)
    found(newsroom)
    republication = newsroom.copy()
    assert (republication.stale, republication.stale_since, republication.life) == (
        True,
        republication.first_seen_at,
        RepublicationLife.CHANGED,
    )


def test_a_correction_of_the_headline_alone_is_followed_by_who_changes_the_headline(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.correct(code, BODY, title="Lịch tiêm nhắc vắc-xin sởi tại 50 phường, xã trong tuần cuối tháng 11")
    scene.later("page_check", minutes=10)
    row = newsroom.copy()
    assert (row.stale, row.followed_at, row.revision, row.life) == (True, None, 1, RepublicationLife.CHANGED)
    assert (row.correction_state, row.correction_why) == (CorrectionState.OLD, ["title:old"])
    html = page(
        "Lịch tiêm nhắc vắc-xin sởi tại 50 phường, xã trong tuần cuối tháng 11", PARTS, source=newsroom.link(code)
    )
    newsroom.shows(PATH, html)
    scene.later("page_check", hours=5)
    row = newsroom.copy()
    assert (row.stale, row.followed_at, row.revision) == (False, scene.context.now(), 2)
    assert acts(newsroom) == ["confirmed", "followed"]


def test_what_cannot_be_told_after_a_correction_waits_for_a_person_and_is_in_no_figure(
    newsroom: ScriptedSite, code: str
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.correct(code, "\n\n".join(CORRECTED), title=TITLE)
    own = "Muốn đặt giờ, phụ huynh ở xa gọi tổng đài của ngành y tế, nơi nhắn lại giờ hẹn."
    newsroom.carries(PATH, code, (*PARTS[:3], own, PARTS[4]))
    scene.later("page_check", minutes=10)
    row = newsroom.copy()
    assert (row.stale, row.correction_unclear, row.life) == (True, True, RepublicationLife.CHANGED)
    now = scene.context.now()
    with scene.database.write() as session:
        assert removals.outdated_copies(session, now=now, over=timedelta(0)) == []
        (waiting,) = removals.unclear_copies(session)
        assert waiting.id == row.public
        found_row = session.get_one(Republication, row.id)
        outdated_copies.say_correction(
            session, ANALYST, found_row, CorrectionState.FOLLOWED, "đã gọi, số cũ không còn", now=now
        )
    row = newsroom.copy()
    assert (row.stale, row.followed_at, row.revision) == (False, now, 2)
    scene.later("page_check", hours=5)  # what a person said stands
    assert (newsroom.copy().stale, acts(newsroom)[-2:]) == (False, ["correction_said", "followed"])


def test_a_copy_that_never_carried_what_was_corrected_is_not_said_to_follow(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code, (*PARTS[:3], PARTS[4]))
    found(newsroom)
    scene.correct(code, "\n\n".join(CORRECTED), title=TITLE)
    scene.later("page_check", minutes=10)
    row = newsroom.copy()
    assert (row.stale, row.followed_at, row.correction_state) == (False, None, CorrectionState.NOT_AFFECTED)
    assert acts(newsroom)[-1] == "not_affected"


def test_a_recalled_copy_is_looked_at_often_and_then_daily_until_it_is_gone(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    object.__setattr__(scene.context, "intervals", NORMAL)
    newsroom.carries(PATH, code)
    found(newsroom)
    scene.recall(code)
    recalled = scene.context.now()
    looks = []
    for _ in range(60):
        due = newsroom.copy().page.due_at
        assert due is not None
        scene.clock.moment = due
        assert scene.drain("page_check") == 1
        looks.append(due - recalled)
    assert looks[:24] == [timedelta(hours=hour) for hour in range(1, 25)]
    assert looks[24:27] == [timedelta(days=2), timedelta(days=3), timedelta(days=4)]
    newsroom.removes(PATH, "410 Gone")
    for _ in range(2):
        scene.clock.moment = newsroom.copy().page.due_at or scene.clock.moment
        scene.drain("page_check")
    republication = newsroom.copy()
    assert (republication.life, republication.stale, republication.status) == (
        RepublicationLife.GONE,
        False,
        RepublicationStatus.CONFIRMED,
    )
    assert republication.missing_since is not None
    assert republication.gone_at is not None
    assert republication.gone_at - republication.missing_since == timedelta(days=1)


# The quarter's end ------------------------------------------------------------------------------------------------


def test_a_copy_is_looked_at_in_the_last_two_days_of_its_quarter(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    object.__setattr__(scene.context, "intervals", NORMAL)
    newsroom.carries(PATH, code)
    found(newsroom)
    first = scene.context.now()
    looks = []
    while (due := newsroom.copy().page.due_at) is not None:
        scene.clock.moment = due
        assert scene.drain("page_check") == 1
        looks.append(due)
    marks = [first + wait for wait in NORMAL.rechecks]
    assert looks[:4] == marks
    end = quarter_of(city_day(first)).end
    (last,) = looks[4:]
    assert timedelta(0) < end - last <= timedelta(hours=48)


# Chains -----------------------------------------------------------------------------------------------------------


def test_who_took_it_from_whom_is_read_from_the_source_line(
    scene: JobHarness, server: HostileServer, code: str
) -> None:
    first = ScriptedSite(scene, server)
    first.carries(PATH, code)
    found(first)
    with HostileServer() as other:
        second = ScriptedSite(scene, other)
        line = f'<p>Theo <a href="{first.url(PATH)}?utm_source=x">Nhịp Sông</a></p>'
        second.carries("/tin/1.html", code, source=line)
        scene.clock.forward(minutes=5)
        found(second, "/tin/1.html")
        origin, copied = first.copy(), second.copy()
        assert (copied.taken_from_id, copied.taken_from_site_id) == (origin.id, origin.site_id)
        assert (origin.taken_from_id, origin.taken_from_site_id) == (None, None)
        # The first now says the same of the second; that would be a circle.
        back = f'<p>Theo <a href="{second.url("/tin/1.html")}">Trang kia</a></p>'
        first.carries(PATH, code, source=back)
        scene.later("page_check", seconds=4)
        assert first.copy().taken_from_id is None


def test_a_site_named_before_we_knew_its_copy_is_joined_when_that_came_first(
    scene: JobHarness, server: HostileServer, code: str
) -> None:
    first = ScriptedSite(scene, server)
    released = scene.context.now()
    scene.clock.forward(hours=2)
    with HostileServer() as other:
        second = ScriptedSite(scene, other)
        with scene.database.write() as session:
            find_site(session, first.code).name = "Nhịp Sông"
        second.carries("/tin/1.html", code, source="<p>Nguồn: Nhịp Sông</p>")
        found(second, "/tin/1.html")
        named = second.copy()
        assert named.taken_from_id is None
        assert named.taken_from_site_id is not None
        first.carries(PATH, code, at=released + timedelta(minutes=1))
        scene.clock.forward(hours=1)
        found(first)
        assert second.copy().taken_from_id == first.copy().id


def test_a_page_that_links_the_copy_it_came_from_beside_our_link_is_in_the_chain(
    scene: JobHarness, server: HostileServer, code: str
) -> None:
    first = ScriptedSite(scene, server)
    first.carries(PATH, code)
    found(first)
    scene.clock.forward(minutes=5)
    with HostileServer() as other:
        second = ScriptedSite(scene, other)
        both = f'{second.link(code)}<p>Đọc thêm tại <a href="{first.url(PATH)}">Nhịp Sông</a></p>'
        second.carries("/tin/1.html", code, source=both)
        found(second, "/tin/1.html")
        assert second.copy().status is RepublicationStatus.CONFIRMED
        assert second.copy().taken_from_id == first.copy().id
