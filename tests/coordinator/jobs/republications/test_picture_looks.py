"""Copies that are pictures: found on a partner's page, compared by their text and figures, counted with their proof."""

import hashlib
from collections.abc import Iterable, Sequence

import pytest
import sqlalchemy as sa
from PIL import Image

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.pictures import Picture
from campaigns.bulletins.presentation import Cover, Presentation
from campaigns.core.clock import city_day, quarter_of
from campaigns.matching.matcher import Match
from campaigns.matching.pictures.fingerprints import PictureFingerprint
from campaigns.release import workflow
from campaigns.reporting import count_proof, tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.rejudgement import RejudgementScope
from campaigns.republications.republications import EvidenceLevel, RepublicationLife, RepublicationStatus
from coordinator.imports.pictures.text import can_read_text
from coordinator.jobs.bulletins.pictures import store_picture
from coordinator.jobs.matching.picture_fingerprinting import fingerprint_pictures
from coordinator.jobs.republications.rejudgement import RejudgeListener, rejudge
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.matching.test_pictures import LINES
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page
from tests.drawn_pictures import CHANGES, infographic, jpeg, photograph, poster
from tests.factories import APPROVER, DELIVERY_MODES, WRITER

DAY = infographic("24/11/2026", ["12.431", "508", "1.276", "17"])
NEXT_DAY = infographic("25/11/2026", ["11.902", "611", "1.304", "39"])
PICTURE_PATH = "/anh/1.jpg"
SHOWN = f'<figure><img src="{PICTURE_PATH}" alt="Đồ họa"></figure>'
SHORT = "Số liệu trong ngày, mời xem đồ họa."


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


def illustrated(scene: JobHarness, picture: Image.Image, body: str = SHORT, title: str = "Đồ họa ngày") -> str:
    """A bulletin with a picture, out."""
    shown = store_picture(scene.context, WRITER, jpeg(picture), "do-hoa.jpg")
    now = scene.context.now()
    with scene.database.write() as session:
        text = BulletinText(title, "", f"<p>{body}</p>", body, Presentation(Cover(shown.ident, "Đồ họa")))
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, DELIVERY_MODES, now=now)
        return workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now).code


def shows(
    newsroom: ScriptedSite, picture: bytes | Image.Image, source: str, path: str = PATH, *, shown: str = SHOWN,
    parts: Sequence[str] = ("Mời bạn đọc xem trong hình.",),
) -> None:  # fmt: skip
    """A page of the partner that shows a picture in place of a text."""
    serves(newsroom, picture if isinstance(picture, bytes) else jpeg(picture))
    newsroom.shows(path, page("Thông tin hôm nay", parts, source=shown + source))


def serves(newsroom: ScriptedSite, body: bytes) -> None:
    """The partner's site has this file as its picture."""
    newsroom.server.ways[PICTURE_PATH] = lambda call: call.answer(body, Content_Type="image/jpeg")


def bulletin_of(newsroom: ScriptedSite) -> str:
    """The code of the bulletin that the one copy carries."""
    with newsroom.scene.database.read() as session:
        return session.get_one(Bulletin, newsroom.copy().bulletin_id).code


def fetches(newsroom: ScriptedSite) -> int:
    return sum(call.path == PICTURE_PATH for call in newsroom.server.calls)


@pytest.mark.parametrize("change", ["as it is", "a caption"])
def test_a_picture_of_ours_on_a_page_that_links_us_is_counted_with_its_proof(
    newsroom_on_each: ScriptedSite, change: str
) -> None:
    newsroom, scene = newsroom_on_each, newsroom_on_each.scene
    code = illustrated(scene, DAY)
    changed = jpeg(CHANGES[change](DAY)) if change != "as it is" else jpeg(DAY)
    shows(newsroom, changed, newsroom.link(code))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.match, copy.attribution, copy.life, copy.level, copy.picture_agrees) == (
        RepublicationStatus.CONFIRMED, Match.PICTURE, Attribution.LINKED_AT_END, RepublicationLife.LIVE,
        EvidenceLevel.LIVE, True,
    ), copy.reasons  # fmt: skip
    (proof,) = copy.evidence
    assert proof.picture is not None
    assert (proof.picture["by"], proof.picture["address"]) == (
        "same" if change == "as it is" else "similar", newsroom.url(PICTURE_PATH),
    )  # fmt: skip
    kept = scene.context.store.read(proof.picture["capture"])
    assert kept == changed
    assert hashlib.sha256(kept).hexdigest() == proof.picture["sha256"]
    assert scene.context.store.read(proof.picture["file"])[:3] == b"\xff\xd8\xff"
    with scene.database.read() as session:
        scope = TallyScope(quarter_of(city_day(scene.context.now())))
        total = tallies.totals(session, scope)
        checked = count_proof.check_copies(session)
    assert (total.confirmed, total.pictures, total.partial) == (1, 1, 0)
    assert (checked.counted, checked.unproven) == (1, ())
    assert {file.digest for file in checked.files} == {proof.body_hash, proof.picture["sha256"]}
    assert scene.journal_holds()


def test_the_same_template_with_other_figures_is_no_copy(newsroom: ScriptedSite) -> None:
    code = illustrated(newsroom.scene, DAY)
    shows(newsroom, NEXT_DAY, newsroom.link(code))
    found(newsroom)
    assert newsroom.copies() == []
    assert fetches(newsroom) >= 1


def test_of_two_days_of_one_template_each_is_its_own(newsroom: ScriptedSite) -> None:
    illustrated(newsroom.scene, DAY, title="Ngày một")
    second = illustrated(newsroom.scene, NEXT_DAY, title="Ngày hai")
    shows(newsroom, CHANGES["compressed"](NEXT_DAY), newsroom.link(second))
    found(newsroom)
    assert (bulletin_of(newsroom), newsroom.copy().status) == (second, RepublicationStatus.CONFIRMED)


def test_our_picture_without_our_name_waits_for_a_person(newsroom: ScriptedSite) -> None:
    illustrated(newsroom.scene, DAY)
    shows(newsroom, DAY, "")
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.match, copy.attribution) == (
        RepublicationStatus.REVIEW, Match.PICTURE, Attribution.NONE,
    )  # fmt: skip


def test_a_photograph_beside_a_text_of_its_own_does_not_stand_for_it(newsroom: ScriptedSite) -> None:
    words = " ".join(f"Đoạn {number} nói về lịch tiêm của các trạm y tế trong phường." for number in range(9))
    code = illustrated(newsroom.scene, photograph(3), words)
    shows(newsroom, photograph(3), newsroom.link(code))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.match, copy.picture_agrees) == (RepublicationStatus.REVIEW, Match.PICTURE, False)
    assert any(reason.startswith("picture_beside_text: ") for reason in copy.reasons)


def test_a_picture_that_two_bulletins_have_waits_for_a_person(newsroom: ScriptedSite) -> None:
    illustrated(newsroom.scene, photograph(3), title="Một")
    second = illustrated(newsroom.scene, photograph(3), title="Hai")
    shows(newsroom, photograph(3), newsroom.link(second))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, bulletin_of(newsroom)) == (RepublicationStatus.REVIEW, second)
    assert any(reason.startswith("picture_shared: 2 ") for reason in copy.reasons)


def test_a_text_read_in_a_picture_is_a_copy(newsroom: ScriptedSite) -> None:
    code = newsroom.scene.publish(title="Lịch tiêm vắc xin sởi", body=" ".join(LINES))
    shows(newsroom, poster(7, LINES), newsroom.link(code))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.match, bulletin_of(newsroom)) == (RepublicationStatus.CONFIRMED, Match.PICTURE, code)
    (proof,) = copy.evidence
    assert proof.picture is not None
    assert (proof.picture["by"], proof.picture["picture"]) == ("read", "")


@pytest.mark.parametrize("what", ["no_pictures_of_ours", "old_bulletin", "small", "beside"])
def test_what_cannot_be_a_copy_costs_no_fetch(newsroom: ScriptedSite, what: str) -> None:
    scene = newsroom.scene
    shown = {
        "small": f'<img src="{PICTURE_PATH}" width="120" height="90" alt="">',
        "beside": f'<aside class="related"><img src="{PICTURE_PATH}" alt=""></aside>',
    }.get(what, SHOWN)
    if what == "no_pictures_of_ours":
        scene.publish()
    else:
        illustrated(scene, DAY)
    if what == "old_bulletin":
        scene.clock.forward(days=4)
    shows(newsroom, DAY, "", shown=shown, parts=OTHER * 3)
    found(newsroom)
    assert (newsroom.copies(), fetches(newsroom)) == ([], 0)


def test_a_picture_on_several_pages_is_fetched_once(newsroom: ScriptedSite) -> None:
    illustrated(newsroom.scene, DAY)
    for number in range(4):
        shows(newsroom, photograph(8), "", path=f"/tin/bai-so-{number}-40{number}.html")
        found(newsroom, f"/tin/bai-so-{number}-40{number}.html")
    assert (newsroom.copies(), fetches(newsroom)) == ([], 1)


def test_a_copy_stays_while_its_picture_cannot_be_had_and_goes_with_it(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    code = illustrated(scene, DAY)
    shows(newsroom, DAY, newsroom.link(code))
    found(newsroom)
    newsroom.server.text(PICTURE_PATH, "bận", "503 Service Unavailable")
    scene.later("page_check", hours=2)
    assert (newsroom.copy().life, len(newsroom.copy().evidence)) == (RepublicationLife.LIVE, 1)
    serves(newsroom, jpeg(CHANGES["scaled to 60 %"](DAY)))
    scene.later("page_check", days=1)
    assert [item.picture["by"] for item in newsroom.copy().evidence if item.picture] == ["same", "similar"]
    shows(newsroom, photograph(9), newsroom.link(code))
    for _ in range(4):
        scene.later("page_check", days=2)
    copy = newsroom.copy()
    assert (copy.life, copy.status) == (RepublicationLife.GONE, RepublicationStatus.CONFIRMED)


def test_another_picture_that_cannot_be_had_takes_no_copy_away(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    code = illustrated(scene, DAY)
    beside = SHOWN + '<img src="/anh/hong.jpg" alt="">'
    shows(newsroom, DAY, newsroom.link(code), shown=beside)
    newsroom.server.text("/anh/hong.jpg", "bận", "503 Service Unavailable")
    found(newsroom)
    scene.later("page_check", hours=2)
    copy = newsroom.copy()
    assert (copy.life, copy.status, len(copy.evidence)) == (RepublicationLife.LIVE, RepublicationStatus.CONFIRMED, 2)


def test_a_text_of_another_bulletin_takes_no_picture_away(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    text = scene.publish(title=TITLE, body=BODY)
    code = illustrated(scene, DAY)
    shows(newsroom, DAY, newsroom.link(code))
    found(newsroom)
    shows(newsroom, DAY, newsroom.link(code), parts=PARTS)
    scene.later("page_check", hours=2)
    with scene.database.read() as session:
        standing = {
            session.get_one(Bulletin, copy.bulletin_id).code: (copy.match, copy.life) for copy in newsroom.copies()
        }
    assert standing == {
        text: (Match.FULL, RepublicationLife.LIVE), code: (Match.PICTURE, RepublicationLife.LIVE),
    }  # fmt: skip


def test_a_picture_of_ours_that_is_missing_stops_no_check(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    illustrated(scene, DAY)
    with scene.database.write() as session:
        session.execute(sa.update(Picture).values(key="00/" + "0" * 64 + ".gz"))
    shows(newsroom, photograph(4), "", parts=OTHER * 3)
    found(newsroom)
    assert [(seen.status, seen.error) for seen in newsroom.pages()] == [(200, "")]


@pytest.mark.parametrize("body", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 none"])
def test_a_file_that_is_no_picture_stops_nothing(newsroom: ScriptedSite, body: bytes) -> None:
    illustrated(newsroom.scene, DAY)
    shows(newsroom, body, "", parts=OTHER * 3)
    found(newsroom)
    assert (newsroom.copies(), fetches(newsroom)) == ([], 1)
    assert [(seen.status, seen.error) for seen in newsroom.pages()] == [(200, "")]


def test_pictures_follow_their_hosts_robots(newsroom: ScriptedSite) -> None:
    illustrated(newsroom.scene, DAY)
    shows(newsroom, DAY, "")
    newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /anh/\n")
    found(newsroom)
    assert (newsroom.copies(), fetches(newsroom)) == ([], 0)


def test_a_stored_picture_is_judged_again_by_itself(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    code = illustrated(scene, DAY)
    shows(newsroom, CHANGES["scaled to 60 %"](DAY), newsroom.link(code))
    found(newsroom)
    newsroom.removes(PICTURE_PATH)
    newsroom.removes(PATH)

    def nothing(*_: object) -> None:
        """Nobody listens."""

    tally = rejudge(scene.context, RejudgementScope(), RejudgeListener(nothing, nothing, nothing))
    assert (tally.judged, tally.changed, tally.unreadable, tally.counted_after) == (1, 0, 0, 1)


def test_each_released_picture_is_read_once(stage: JobHarness) -> None:
    illustrated(stage, DAY)
    assert fingerprint_pictures(stage.context) == 1
    assert fingerprint_pictures(stage.context) == 0
    with stage.database.read() as session:
        kept: Iterable[PictureFingerprint] = session.execute(sa.select(PictureFingerprint)).scalars().all()
    by_cut = {row.cut: row for row in kept}
    assert "12.431" in (by_cut[""].text or "")
    assert all(len(row.hashes) % 32 == 0 and row.hashes for row in kept)
    assert {"", "16x9"} <= set(by_cut)
