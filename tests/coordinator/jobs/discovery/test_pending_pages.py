"""Pages read before the release of their text: found at the release; only their hashes are stored."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Revision
from campaigns.core import ledger
from campaigns.discovery import pending_pages
from campaigns.discovery.pending_pages import PendingPage
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.matching.fingerprint_index import prepare_revision
from campaigns.matching.fingerprints import fingerprint
from campaigns.matching.prepared_bulletin import bulletin_text
from campaigns.partners.directory import find_site
from campaigns.republications.republications import RepublicationStatus
from coordinator.jobs import upkeep
from coordinator.jobs.discovery.upkeep import recheck_pending_pages
from coordinator.jobs.matching.fingerprint_indexing import index_released
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
ELSEWHERE = "/the-thao/doi-bong-nu-thang-40002.html"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


def read_early(newsroom: ScriptedSite, *paths: str) -> None:
    """The pages were seen and read while no bulletin was out."""
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        for path in paths:
            record_sighting(
                session, site, newsroom.url(path), SightingMethod.DISCOVERED, "feed", now=newsroom.scene.context.now()
            )
    newsroom.scene.drain("page_check")


def comes(scene: JobHarness, **text: str) -> int:
    """A text is released or brought in, and the clock ticks."""
    scene.publish(**text)
    index_released(scene.context)
    return recheck_pending_pages(scene.context)


def test_a_page_that_broke_the_embargo_is_found_when_the_bulletin_comes(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    newsroom.keeps(PATH, page(TITLE, PARTS, source="<p>Theo Sở Thông tin thành phố</p>"))
    newsroom.shows(ELSEWHERE, page("Đội bóng nữ thắng trận", OTHER))
    read_early(newsroom, PATH, ELSEWHERE)
    assert newsroom.copies() == []
    assert [one.due_at for one in newsroom.pages()] == [None, None]
    early = scene.context.now()
    scene.clock.forward(hours=3)
    assert comes(scene, title=TITLE, body=BODY) == 1
    assert scene.drain("page_check") == 1
    copy = newsroom.copy()
    assert (copy.status, copy.first_seen_at, copy.share) == (
        RepublicationStatus.CONFIRMED,
        early,
        pytest.approx(1, abs=0.1),
    )
    assert recheck_pending_pages(scene.context) == 0


def test_an_old_text_that_is_brought_in_later_finds_an_edited_copy(newsroom: ScriptedSite) -> None:
    newsroom.shows(PATH, page("Nhiều phường mở điểm tiêm", (PARTS[1], PARTS[2], OTHER[0])))
    read_early(newsroom, PATH)
    newsroom.scene.clock.forward(days=29)
    assert comes(newsroom.scene, title=TITLE, body=BODY) == 1
    newsroom.scene.drain("page_check")
    assert newsroom.copy().status is RepublicationStatus.REVIEW


def test_a_text_that_shares_nothing_has_nothing_read_again(newsroom: ScriptedSite) -> None:
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    assert comes(newsroom.scene, title="Đội bóng nữ thắng trận", body="\n\n".join(OTHER)) == 0
    assert newsroom.scene.drain("page_check") == 0


def test_a_page_that_is_being_read_at_that_moment_is_not_forgotten(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    with scene.database.write() as session:
        session.execute(sa.update(Page).values(due_at=scene.context.now()))
    with scene.database.write() as session:
        (taken,) = ledger.claim(session, Page, 1, timedelta(seconds=60), now=scene.context.now())
    comes(scene, title=TITLE, body=BODY)
    with scene.database.write() as session:
        ledger.settle(session, Page, taken, {"due_at": None})
    assert recheck_pending_pages(scene.context) == 1
    assert scene.drain("page_check") == 1
    assert len(newsroom.copies()) == 1


def test_only_numbers_are_kept_and_for_thirty_days(newsroom: ScriptedSite) -> None:
    scene = newsroom.scene
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    with scene.database.read() as session:
        (held,) = session.execute(sa.select(PendingPage)).scalars()
        ours = fingerprint(bulletin_text(TITLE, "", BODY))
    assert len(held.hashes) % 8 == 0
    assert 0 < len(held.hashes) <= 8 * 2 * len(ours)
    assert PARTS[0][:10].encode() not in held.hashes
    scene.clock.forward(days=30)
    upkeep.tidy(scene.context)
    with scene.database.read() as session:
        assert session.execute(sa.select(PendingPage)).first() is not None
    scene.clock.forward(seconds=1)
    upkeep.tidy(scene.context)
    with scene.database.read() as session:
        assert session.execute(sa.select(PendingPage)).first() is None
    assert comes(scene, title=TITLE, body=BODY) == 0


def test_comparing_many_texts_at_once_finds_what_comparing_each_by_hand_finds(
    newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = newsroom.scene
    monkeypatch.setattr(pending_pages, "PAGES_PER_STEP", 3)
    mixes = [PARTS[:1], PARTS[1:3], PARTS, OTHER, (*OTHER, PARTS[4]), (PARTS[0][:60],), PARTS[3:], OTHER[:1]]
    paths = [f"/tin/bai-so-{number}-40001.html" for number in range(len(mixes))]
    for path, parts in zip(paths, mixes, strict=True):
        newsroom.shows(path, page("Tin trong ngày", parts))
    read_early(newsroom, *paths)
    scene.publish(title=TITLE, body=BODY)
    scene.publish(title="Lịch tiêm, bản thứ hai", body="\n\n".join(PARTS[2:]))
    scene.publish(title="Bóng đá", body="\n\n".join(OTHER))
    index_released(scene.context)
    with scene.database.read() as session:
        texts = list(session.execute(sa.select(Revision)).scalars())
        hashes = [{int(item) for item in prepare_revision(text).fingerprint} for text in texts]
        by_hand = {}
        for held in session.execute(sa.select(PendingPage)).scalars():
            own = {
                int.from_bytes(held.hashes[at : at + 8], "little", signed=True) for at in range(0, len(held.hashes), 8)
            }
            shared = max(len(own & numbers) for numbers in hashes)
            if shared >= pending_pages.LEAST_SHARED:
                by_hand[held.page_id] = shared
        found = pending_pages.sharing_pages(session, texts)
    assert set(found) == set(by_hand)
    assert 0 < len(found) < len(paths)
    assert [by_hand[number] for number in found] == sorted(by_hand.values(), reverse=True)
