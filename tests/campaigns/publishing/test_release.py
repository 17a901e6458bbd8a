"""What is visible to whom at a moment: nothing early, nothing recalled but its notice, every change once in order."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.publishing import channels, workflow
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.release import PUBLIC, audience_of, find_released, last_change, newest, recent, since
from coordinator.db import Database
from tests.factories import ADMIN, APPROVER, NATURES, NOW, approved, channel, company, draft, published, text

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def _scheduled(session: Session, at: datetime) -> Bulletin:
    bulletin = approved(session)
    return workflow.publish(session, APPROVER, bulletin.code, NATURES, at=at, now=NOW)


def test_a_scheduled_bulletin_appears_at_its_second_without_anything_running(session: Session) -> None:
    bulletin = _scheduled(session, NOW + HOUR)
    early, there = NOW + HOUR - SECOND, NOW + HOUR
    assert newest(session, PUBLIC, now=early) == []
    assert since(session, PUBLIC, None, now=early) == []
    assert recent(session, 2 * HOUR, 10, now=early) == []
    with pytest.raises(NotFound):
        find_released(session, bulletin.code, now=early)
    assert [one.bulletin.code for one in newest(session, PUBLIC, now=there)] == [bulletin.code]
    assert find_released(session, bulletin.code, now=there).released_at == NOW + HOUR


def test_drafts_and_codes_that_do_not_exist_are_refused_in_the_same_words(session: Session) -> None:
    hidden = draft(session)
    words = []
    for code in (hidden.code, "BT-2020-01-01-001"):
        with pytest.raises(NotFound) as refused:
            find_released(session, code, now=NOW)
        words.append(refused.value.message.replace(code, "…"))
    assert words[0] == words[1]


def test_a_correction_shows_the_new_text_and_moves_the_bulletin_to_the_end(session: Session) -> None:
    first, second = published(session), published(session, now=NOW + SECOND)
    workflow.correct(session, APPROVER, first.code, text(body="Đã sửa."), "Sửa", NATURES, now=NOW + HOUR)
    order = [one.bulletin.code for one in since(session, PUBLIC, None, now=NOW + HOUR)]
    assert order == [second.code, first.code]
    assert find_released(session, first.code, now=NOW + HOUR).revision.number == 2


def test_a_cursor_meets_every_change_once(session: Session) -> None:
    codes = [published(session).code for _ in range(5)]  # all in one moment
    seen, after = [], None
    while page := since(session, PUBLIC, after, limit=2, now=NOW + SECOND):
        seen.extend(one.bulletin.code for one in page)
        after = (page[-1].changed_at, page[-1].bulletin.id)
    assert seen == codes


def test_a_recalled_bulletin_stays_only_as_a_notice(session: Session) -> None:
    bulletin = published(session)
    workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", NATURES, now=NOW + HOUR)
    assert newest(session, PUBLIC, with_recalled=False, now=NOW + HOUR) == []
    (notice,) = newest(session, PUBLIC, now=NOW + HOUR)
    assert notice.recalled
    assert recent(session, 48 * HOUR, 10, now=NOW + HOUR) == []


def test_a_partner_reads_the_topics_its_own_channels_take(session: Session) -> None:
    partner = company(session)
    feed = channel(session, "feed", company=partner, topics=["dich-benh"])
    ours, other = published(session), published(session, topic="an-ninh-quoc-phong")
    audience = audience_of(session, partner, ["feed", "lotus"])
    assert [one.bulletin.code for one in newest(session, audience, now=NOW + SECOND)] == [ours.code]
    assert other.code not in {one.bulletin.code for one in since(session, audience, None, now=NOW + SECOND)}
    channels.pause(session, ADMIN, feed, now=NOW)
    assert newest(session, audience_of(session, partner, ["feed", "lotus"]), now=NOW + SECOND) == []
    assert audience_of(session, company(session), ["feed", "lotus"]).topics is None


def test_the_moment_of_the_last_change_moves_with_every_change_outsiders_can_see(session: Session) -> None:
    stamps = [last_change(session, PUBLIC, now=NOW + 3 * HOUR)]
    bulletin = published(session)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    workflow.correct(session, APPROVER, bulletin.code, text(body="Đã sửa."), "Sửa", NATURES, now=NOW + HOUR)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    workflow.recall(session, APPROVER, bulletin.code, "Sai", NATURES, now=NOW + 2 * HOUR)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    assert stamps[0] is None
    assert len(set(stamps)) == 4


@settings(deadline=None)
@given(offsets=st.lists(st.integers(-5, 5), min_size=1, max_size=6), look=st.integers(-6, 6))
def test_nothing_is_visible_before_its_release_at_any_exit(
    offsets: list[int], look: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('release')}/x.db")
    from campaigns.rows import METADATA

    METADATA.create_all(database.engine)
    now = NOW + look * HOUR
    with database.writers() as session:
        from campaigns.planning.campaigns import Topic

        session.add(Topic(code="dich-benh", name="Dịch bệnh"))
        session.flush()
        early = NOW - 10 * HOUR
        expected = set()
        for offset in offsets:
            bulletin = approved(session, now=early)
            workflow.publish(session, APPROVER, bulletin.code, NATURES, at=NOW + offset * HOUR, now=early)
            if offset <= look:
                expected.add(bulletin.code)
        assert {one.bulletin.code for one in newest(session, PUBLIC, now=now)} == expected
        assert {one.bulletin.code for one in since(session, PUBLIC, None, now=now)} == expected
        assert {one.bulletin.code for one in recent(session, 48 * HOUR, 99, now=now)} == expected
    database.dispose()
