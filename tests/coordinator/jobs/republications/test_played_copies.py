"""Copies that are a video or audio: our player, our upload on a platform, the same file; counted once, with proof."""

from collections.abc import Sequence

import pytest

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.library import video_addresses
from campaigns.core.clock import city_day, quarter_of
from campaigns.matching.matcher import Match
from campaigns.release import workflow
from campaigns.reporting import count_proof, tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.rejudgement import RejudgementScope
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from coordinator.imports.pictures.text import can_read_text
from coordinator.jobs.republications.rejudgement import RejudgeListener, rejudge
from tests import sample_media
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import OTHER, ScriptedSite, page
from tests.coordinator.published_media import BODY, PublishedMedia, publish_with_media
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

HOME = "https://tin.example"
FILE_PATH = "/clip/tiem.mp4"
VIDEO = b"\x00video" * 500
YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    if not can_read_text():
        need("tesseract with its Vietnamese model", "text in pictures")


@pytest.fixture
def newsroom(stage: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(stage, server)


@pytest.fixture
def newsroom_on_each(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    """A newsroom on each kind of database."""
    return ScriptedSite(scene, server)


def plays(newsroom: ScriptedSite, player: str, source: str = "", parts: Sequence[str] = OTHER) -> None:
    """An article of the partner with a player; it was found and checked."""
    newsroom.shows(PATH, page("Video trong ngày", parts, source=player + source))
    found(newsroom)


def embed(media: PublishedMedia) -> str:
    return f'<iframe src="{HOME}/bulletins/{media.code}/embed" width="600" height="560"></iframe>'


def serves(newsroom: ScriptedSite, body: bytes = VIDEO) -> str:
    """The partner's site has this file; the player of it."""

    newsroom.server.ways[FILE_PATH] = lambda call: call.answer(body, Content_Type="video/mp4")
    return f'<video controls><source src="{FILE_PATH}" type="video/mp4"></video>'


def fetches(newsroom: ScriptedSite, method: str) -> int:
    return sum(call.path == FILE_PATH and call.method == method for call in newsroom.server.calls)


def standing(copy: Republication) -> tuple[RepublicationStatus, Match, Attribution]:
    return copy.status, copy.match, copy.attribution


def upload(newsroom: ScriptedSite, media: PublishedMedia, url: str) -> None:
    with newsroom.scene.database.write() as session:
        bulletin = find_bulletin(session, media.code)
        video_addresses.add_video_address(session, WRITER, bulletin, url, now=newsroom.scene.context.now())


def correct(newsroom: ScriptedSite, media: PublishedMedia, kinds: Sequence[str]) -> None:
    """Correct the text; of the media those of these kinds stay."""
    with newsroom.scene.database.write() as session:
        items = tuple(media.items[kind] for kind in kinds)
        text = BulletinText("Lịch tiêm có video", "Sa-pô.", f"<p>{BODY} Sửa.</p>", f"{BODY} Sửa.", media=items)
        now = newsroom.scene.context.now()
        workflow.correct(session, APPROVER, media.code, text, "Sửa giờ tiêm", DELIVERY_MODES, now=now)
    newsroom.scene.later("page_check", hours=3)


def test_our_player_in_a_frame_is_counted_once_with_its_proof(newsroom_on_each: ScriptedSite) -> None:
    newsroom, scene = newsroom_on_each, newsroom_on_each.scene
    media = publish_with_media(scene.context)
    plays(newsroom, embed(media) * 2)
    copy = newsroom.copy()
    assert standing(copy) == (RepublicationStatus.CONFIRMED, Match.PICTURE, Attribution.LINKED_ELSEWHERE), copy.reasons
    (proof,) = copy.evidence
    assert proof.picture is not None
    assert (proof.picture["by"], proof.picture["picture"]) == ("embed", media.items["video"].ident)
    with scene.database.read() as session:
        total = tallies.totals(session, TallyScope(quarter_of(city_day(scene.context.now()))))
        assert (total.confirmed, total.pictures) == (1, 1)
        assert count_proof.check_copies(session).unproven == ()
    assert scene.journal_holds()


def test_the_kits_own_player_is_counted_where_the_page_names_us(newsroom: ScriptedSite) -> None:
    media = publish_with_media(newsroom.scene.context)
    item = media.items["video"]
    player = f'<video src="{HOME}/media/{item.ident}.mp4" controls></video>'
    plays(newsroom, player, newsroom.link(media.code))
    assert standing(newsroom.copy()) == (
        RepublicationStatus.CONFIRMED, Match.PICTURE, Attribution.LINKED_AT_END,
    )  # fmt: skip


def test_the_kits_own_player_without_our_name_waits_for_a_person(newsroom: ScriptedSite) -> None:
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, f'<video src="{HOME}/media/{media.items["video"].ident}.mp4" controls></video>')
    assert standing(newsroom.copy()) == (RepublicationStatus.REVIEW, Match.PICTURE, Attribution.NONE)


@pytest.mark.parametrize(
    "player",
    [
        '<iframe src="{embed}" style="display:none"></iframe>',
        '<iframe src="{embed}" width="1" height="1"></iframe>',
        '<div hidden><iframe src="{embed}"></iframe></div>',
        '<style>.an {{ display: none }}</style><div class="an"><iframe src="{embed}"></iframe></div>',
        '<style>.an {{ display: none }}</style><iframe class="an" src="{embed}"></iframe>',
        '<aside class="related"><iframe src="{embed}"></iframe></aside>',
        '<a href="{embed}">Xem</a>',
        "<!-- <iframe src='{embed}'></iframe> -->",
        '<template><iframe src="{embed}"></iframe></template>',
        '<p data-src="{embed}">Xem</p>',
    ],
)
def test_a_player_that_no_reader_sees_is_no_copy(newsroom: ScriptedSite, player: str) -> None:
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, player.format(embed=f"{HOME}/bulletins/{media.code}/embed"))
    assert newsroom.copies() == []


def test_a_frame_of_a_text_or_of_another_site_is_no_copy(newsroom: ScriptedSite) -> None:
    code = newsroom.scene.publish()
    media = publish_with_media(newsroom.scene.context)
    frames = (
        f'<iframe src="{HOME}/bulletins/{code}/embed"></iframe>'
        f'<iframe src="https://tin.example.xau.example/bulletins/{media.code}/embed"></iframe>'
        f'<iframe src="{HOME}/bulletins/{media.code}"></iframe><iframe src="{HOME}/widget"></iframe>'
        '<iframe src="https://www.youtube.com/embed/aaaaaaaaaaa"></iframe>'
    )
    plays(newsroom, frames)
    assert newsroom.copies() == []


@pytest.mark.parametrize(
    ("url", "player"),
    [
        (YOUTUBE, '<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"></iframe>'),
        (YOUTUBE, '<lite-youtube videoid="dQw4w9WgXcQ"></lite-youtube>'),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", '<iframe data-src="//www.youtube.com/embed/dQw4w9WgXcQ"></iframe>'),
        (
            "https://www.facebook.com/sothongtin/videos/1234567890123456/",
            '<iframe src="https://www.facebook.com/plugins/video.php?height=314&amp;href=https%3A%2F%2Fwww.facebook.com'
            '%2Fsothongtin%2Fvideos%2F1234567890123456%2F&amp;show_text=false"></iframe>',
        ),
        (
            "https://www.facebook.com/reel/1234567890123456",
            '<div class="fb-video" data-href="https://www.facebook.com/reel/1234567890123456"></div>',
        ),
        (
            "https://www.tiktok.com/@sothongtin/video/7300000000000000001",
            '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@sothongtin/video/7300000000000000001" '
            'data-video-id="7300000000000000001"><section></section></blockquote>',
        ),
    ],
)
def test_our_upload_in_a_platforms_player_is_counted(newsroom: ScriptedSite, url: str, player: str) -> None:
    media = publish_with_media(newsroom.scene.context)
    upload(newsroom, media, url)
    plays(newsroom, player)
    copy = newsroom.copy()
    assert standing(copy) == (RepublicationStatus.CONFIRMED, Match.PICTURE, Attribution.NAMED_ONLY), copy.reasons
    assert copy.evidence[0].picture is not None
    assert copy.evidence[0].picture["by"] == "upload"


@pytest.mark.parametrize("named", [True, False])
def test_the_same_file_is_counted_where_the_page_names_us(newsroom_on_each: ScriptedSite, named: bool) -> None:
    newsroom = newsroom_on_each
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, serves(newsroom), newsroom.link(media.code) if named else "")
    copy = newsroom.copy()
    assert standing(copy) == (
        (RepublicationStatus.CONFIRMED, Match.PICTURE, Attribution.LINKED_AT_END) if named
        else (RepublicationStatus.REVIEW, Match.PICTURE, Attribution.NONE)
    ), copy.reasons  # fmt: skip
    (proof,) = copy.evidence
    assert proof.picture is not None
    assert (proof.picture["by"], proof.picture["sha256"]) == ("file", media.items["video"].sha256)
    assert proof.picture["address"] == newsroom.url(FILE_PATH)


def test_a_file_of_another_length_is_not_fetched_and_one_of_other_bytes_is_no_copy(newsroom: ScriptedSite) -> None:
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, serves(newsroom, VIDEO + b"x"), newsroom.link(media.code))
    assert (newsroom.copies(), fetches(newsroom, "HEAD"), fetches(newsroom, "GET")) == ([], 1, 0)
    other = serves(newsroom, VIDEO[:-1] + b"x")
    newsroom.shows("/clip-khac-40002.html", page("Video khác", OTHER, source=other + newsroom.link(media.code)))
    found(newsroom, "/clip-khac-40002.html")
    assert (newsroom.copies(), fetches(newsroom, "GET")) == ([], 1)


def test_files_follow_their_hosts_robots_and_an_old_bulletins_cost_nothing(newsroom: ScriptedSite) -> None:
    publish_with_media(newsroom.scene.context)
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /clip/\n")
    plays(newsroom, serves(newsroom))
    assert (newsroom.copies(), fetches(newsroom, "HEAD")) == ([], 0)
    newsroom.server.text("/robots.txt", "")
    newsroom.scene.clock.forward(days=90)
    newsroom.scene.later("page_check", hours=3)
    assert (newsroom.copies(), fetches(newsroom, "HEAD")) == ([], 0)


def test_a_known_file_is_not_fetched_again_and_the_copy_goes_with_it(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    media = publish_with_media(scene.context)
    plays(newsroom, serves(newsroom), newsroom.link(media.code))
    scene.later("page_check", days=1)
    assert (fetches(newsroom, "GET"), newsroom.copy().life) == (1, RepublicationLife.LIVE)
    newsroom.server.text(FILE_PATH, "bận", "503 Service Unavailable")
    scene.later("page_check", days=1)
    assert newsroom.copy().life is RepublicationLife.LIVE
    newsroom.shows(PATH, page("Video trong ngày", OTHER, source=newsroom.link(media.code)))
    for _ in range(4):
        scene.later("page_check", days=2)
    assert (newsroom.copy().life, newsroom.copy().status) == (RepublicationLife.GONE, RepublicationStatus.CONFIRMED)


def test_a_text_beside_the_player_is_one_copy_and_a_text_one(newsroom: ScriptedSite) -> None:
    media = publish_with_media(newsroom.scene.context)
    words = [BODY, *(line for item in media.items.values() for line in item.text.split("\n") if line)]
    newsroom.shows(PATH, page("Lịch tiêm có video", words, source=embed(media) + newsroom.link(media.code)))
    found(newsroom)
    assert standing(newsroom.copy()) == (
        RepublicationStatus.CONFIRMED, Match.FULL, Attribution.LINKED_AT_END,
    )  # fmt: skip


def test_the_transcript_alone_beside_another_clip_is_a_copy(newsroom: ScriptedSite) -> None:
    """The transcript is the bulletin's text: today's matching finds it without the video."""
    scene, now = newsroom.scene, newsroom.scene.context.now()
    media = publish_with_media(scene.context)
    with scene.database.write() as session:
        spoken = media.items["video"]
        body = "Mời xem video."
        text = BulletinText("Video tiêm", "", f"<p>{body}</p>", body, media=(spoken,))
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        digest = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, digest, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    newsroom.shows(PATH, page("Clip", sample_media.TRANSCRIPT.split("\n"), source=newsroom.link(code)))
    found(newsroom)
    with scene.database.read() as session:
        carried = [session.get_one(Bulletin, copy.bulletin_id).code for copy in newsroom.copies()]
    assert code in carried


def test_our_player_follows_a_correction_by_itself(newsroom: ScriptedSite) -> None:
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, embed(media))
    correct(newsroom, media, ["video"])
    copy = newsroom.copy()
    assert (copy.stale, copy.correction_state, copy.revision) == (False, CorrectionState.FOLLOWED, 2)


@pytest.mark.parametrize(("kinds", "stale"), [(["video"], False), (["audio"], True)])
def test_a_file_is_outdated_once_the_text_has_another(
    newsroom: ScriptedSite, kinds: Sequence[str], stale: bool
) -> None:
    media = publish_with_media(newsroom.scene.context)
    plays(newsroom, serves(newsroom), newsroom.link(media.code))
    correct(newsroom, media, kinds)
    assert newsroom.copy().stale is stale


@pytest.mark.parametrize(("kinds", "state"), [
    (["video", "audio"], CorrectionState.NOT_AFFECTED), (["audio"], CorrectionState.UNCLEAR),
])  # fmt: skip
def test_whether_an_upload_shows_the_new_video_is_for_a_person(
    newsroom: ScriptedSite, kinds: Sequence[str], state: CorrectionState
) -> None:
    media = publish_with_media(newsroom.scene.context)
    upload(newsroom, media, YOUTUBE)
    plays(newsroom, '<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>')
    correct(newsroom, media, kinds)
    assert newsroom.copy().correction_state is state


def test_after_a_recall_our_player_is_gone_and_another_file_is_to_be_removed(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    media = publish_with_media(scene.context)
    plays(newsroom, serves(newsroom), newsroom.link(media.code))
    scene.recall(media.code)
    scene.later("page_check", hours=3)
    assert (newsroom.copy().life, newsroom.copy().stale) == (RepublicationLife.LIVE, True)
    plays(newsroom, embed(media))
    for _ in range(4):
        scene.later("page_check", days=2)
    assert newsroom.copy().life is RepublicationLife.GONE


@pytest.mark.parametrize("way", ["embed", "upload", "file"])
def test_a_stored_page_is_judged_again_by_itself_also_after_a_recall(newsroom: ScriptedSite, way: str) -> None:
    scene = newsroom.scene
    media = publish_with_media(scene.context)
    upload(newsroom, media, YOUTUBE)
    plays(newsroom, {
        "embed": embed(media), "upload": '<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>',
        "file": serves(newsroom) + newsroom.link(media.code),
    }[way])  # fmt: skip
    newsroom.removes(FILE_PATH)
    newsroom.removes(PATH)
    scene.recall(media.code)

    def nothing(*_: object) -> None:
        """Nobody listens."""

    tally = rejudge(scene.context, RejudgementScope(), RejudgeListener(nothing, nothing, nothing))
    assert (tally.judged, tally.changed, tally.unreadable, tally.counted_after) == (1, 0, 0, 1)
