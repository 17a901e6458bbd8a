"""Pages read before we had the text they carry: found when it comes, and nothing of theirs is kept but numbers."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.partners.directory import find_site
from campaigns.publishing.bulletins import Revision
from campaigns.tracking import holding
from campaigns.tracking.fingerprints import fingerprint
from campaigns.tracking.holding import HeldPage
from campaigns.tracking.prepared import bulletin_text
from campaigns.tracking.prints import prepare_revision
from campaigns.tracking.republications import Status
from campaigns.tracking.sightings import How, Page, see
from coordinator.jobs import ticking
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, OTHER, PARTS, TITLE, Newsroom, page
from tests.coordinator.jobs.scene import Scene

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"
ELSEWHERE = "/the-thao/doi-bong-nu-thang-40002.html"


@pytest.fixture
def newsroom(scene: Scene, server: HostileServer) -> Newsroom:
    return Newsroom(scene, server)


def read_early(newsroom: Newsroom, *paths: str) -> None:
    """The pages were seen and read while no bulletin was out."""
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        for path in paths:
            see(session, site, newsroom.url(path), How.DISCOVERED, "feed", now=newsroom.scene.place.now())
    newsroom.scene.drain("check")


def comes(scene: Scene, **text: str) -> int:
    """A text is released or brought in, and the clock ticks."""
    scene.publish(**text)
    ticking.index(scene.place)
    return ticking.compare_held(scene.place)


def test_a_page_that_broke_the_embargo_is_found_when_the_bulletin_comes(newsroom: Newsroom) -> None:
    scene = newsroom.scene
    newsroom.keeps(PATH, page(TITLE, PARTS, source="<p>Theo Sở Thông tin thành phố</p>"))
    newsroom.shows(ELSEWHERE, page("Đội bóng nữ thắng trận", OTHER))
    read_early(newsroom, PATH, ELSEWHERE)
    assert newsroom.copies() == []
    assert [one.due_at for one in newsroom.pages()] == [None, None]
    early = scene.place.now()
    scene.clock.forward(hours=3)
    assert comes(scene, title=TITLE, body=BODY) == 1
    assert scene.drain("check") == 1
    copy = newsroom.copy()
    assert (copy.status, copy.first_seen_at, copy.share) == (Status.CONFIRMED, early, pytest.approx(1, abs=0.1))
    assert ticking.compare_held(scene.place) == 0


def test_an_old_text_that_is_brought_in_later_finds_an_edited_copy(newsroom: Newsroom) -> None:
    newsroom.shows(PATH, page("Nhiều phường mở điểm tiêm", (PARTS[1], PARTS[2], OTHER[0])))
    read_early(newsroom, PATH)
    newsroom.scene.clock.forward(days=29)
    assert comes(newsroom.scene, title=TITLE, body=BODY) == 1
    newsroom.scene.drain("check")
    assert newsroom.copy().status is Status.REVIEW


def test_a_text_that_shares_nothing_has_nothing_read_again(newsroom: Newsroom) -> None:
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    assert comes(newsroom.scene, title="Đội bóng nữ thắng trận", body="\n\n".join(OTHER)) == 0
    assert newsroom.scene.drain("check") == 0


def test_a_page_that_is_being_read_at_that_moment_is_not_forgotten(newsroom: Newsroom) -> None:
    scene = newsroom.scene
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    with scene.database.write() as session:
        session.execute(sa.update(Page).values(due_at=scene.place.now()))
    with scene.database.write() as session:
        (taken,) = ledger.claim(session, Page, 1, timedelta(seconds=60), now=scene.place.now())
    comes(scene, title=TITLE, body=BODY)
    with scene.database.write() as session:
        ledger.settle(session, Page, taken, {"due_at": None})
    assert ticking.compare_held(scene.place) == 1
    assert scene.drain("check") == 1
    assert len(newsroom.copies()) == 1


def test_only_numbers_are_kept_and_for_thirty_days(newsroom: Newsroom) -> None:
    scene = newsroom.scene
    newsroom.shows(PATH, page(TITLE, PARTS))
    read_early(newsroom, PATH)
    with scene.database.read() as session:
        (held,) = session.execute(sa.select(HeldPage)).scalars()
        ours = fingerprint(bulletin_text(TITLE, "", BODY))
    assert len(held.hashes) % 8 == 0
    assert 0 < len(held.hashes) <= 8 * 2 * len(ours)
    assert PARTS[0][:10].encode() not in held.hashes
    scene.clock.forward(days=30)
    ticking.tidy(scene.place)
    with scene.database.read() as session:
        assert session.execute(sa.select(HeldPage)).first() is not None
    scene.clock.forward(seconds=1)
    ticking.tidy(scene.place)
    with scene.database.read() as session:
        assert session.execute(sa.select(HeldPage)).first() is None
    assert comes(scene, title=TITLE, body=BODY) == 0


def test_comparing_many_texts_at_once_finds_what_comparing_each_by_hand_finds(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = newsroom.scene
    monkeypatch.setattr(holding, "AT_ONCE", 3)
    mixes = [PARTS[:1], PARTS[1:3], PARTS, OTHER, (*OTHER, PARTS[4]), (PARTS[0][:60],), PARTS[3:], OTHER[:1]]
    paths = [f"/tin/bai-so-{number}-40001.html" for number in range(len(mixes))]
    for path, parts in zip(paths, mixes, strict=True):
        newsroom.shows(path, page("Tin trong ngày", parts))
    read_early(newsroom, *paths)
    scene.publish(title=TITLE, body=BODY)
    scene.publish(title="Lịch tiêm, bản thứ hai", body="\n\n".join(PARTS[2:]))
    scene.publish(title="Bóng đá", body="\n\n".join(OTHER))
    ticking.index(scene.place)
    with scene.database.read() as session:
        texts = list(session.execute(sa.select(Revision)).scalars())
        hashes = [{int(one) for one in prepare_revision(text).fingerprint} for text in texts]
        by_hand = {}
        for held in session.execute(sa.select(HeldPage)).scalars():
            own = {
                int.from_bytes(held.hashes[at : at + 8], "little", signed=True) for at in range(0, len(held.hashes), 8)
            }
            shared = max(len(own & one) for one in hashes)
            if shared >= holding.LEAST_SHARED:
                by_hand[held.page_id] = shared
        found = holding.sharing_pages(session, texts)
    assert set(found) == set(by_hand)
    assert 0 < len(found) < len(paths)
    assert [by_hand[one] for one in found] == sorted(by_hand.values(), reverse=True)
