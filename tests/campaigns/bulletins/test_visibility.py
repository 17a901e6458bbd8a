"""Visibility: nothing is visible early, a recall leaves only its notice, and every change appears once, in order."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.bulletins.visibility import (
    PUBLIC,
    audience_of,
    changed_since,
    find_released,
    last_change,
    newest_released,
    released_recently,
)
from campaigns.channels import channels
from campaigns.core.errors import NotFound
from campaigns.release import workflow
from coordinator.db import Database
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, NOW, approved, channel, company, draft, published, text

pytestmark = pytest.mark.long

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def _scheduled(session: Session, at: datetime) -> Bulletin:
    bulletin = approved(session)
    return workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=at, now=NOW)


def test_a_scheduled_bulletin_appears_at_its_second_without_anything_running(session: Session) -> None:
    bulletin = _scheduled(session, NOW + HOUR)
    early, there = NOW + HOUR - SECOND, NOW + HOUR
    assert newest_released(session, PUBLIC, now=early) == []
    assert changed_since(session, PUBLIC, None, now=early) == []
    assert released_recently(session, 2 * HOUR, 10, now=early) == []
    with pytest.raises(NotFound):
        find_released(session, bulletin.code, now=early)
    assert [released.bulletin.code for released in newest_released(session, PUBLIC, now=there)] == [bulletin.code]
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
    workflow.correct(session, APPROVER, first.code, text(body="Đã sửa."), "Sửa", DELIVERY_MODES, now=NOW + HOUR)
    order = [released.bulletin.code for released in changed_since(session, PUBLIC, None, now=NOW + HOUR)]
    assert order == [second.code, first.code]
    assert find_released(session, first.code, now=NOW + HOUR).revision.number == 2


def test_a_cursor_meets_every_change_once(session: Session) -> None:
    codes = [published(session).code for _ in range(5)]  # all in one moment
    seen, after = [], None
    while page := changed_since(session, PUBLIC, after, limit=2, now=NOW + SECOND):
        seen.extend(released.bulletin.code for released in page)
        after = (page[-1].changed_at, page[-1].bulletin.id)
    assert seen == codes


def test_a_recalled_bulletin_stays_only_as_a_notice(session: Session) -> None:
    bulletin = published(session)
    workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", DELIVERY_MODES, now=NOW + HOUR)
    assert newest_released(session, PUBLIC, with_recalled=False, now=NOW + HOUR) == []
    (notice,) = newest_released(session, PUBLIC, now=NOW + HOUR)
    assert notice.recalled
    assert released_recently(session, 48 * HOUR, 10, now=NOW + HOUR) == []


def test_a_partner_reads_the_topics_its_own_channels_take(session: Session) -> None:
    partner = company(session)
    feed = channel(session, "feed", company=partner, topics=["dich-benh"])
    ours, other = published(session), published(session, topic="an-ninh-quoc-phong")
    audience = audience_of(session, partner, ["feed", "lotus"])
    assert [released.bulletin.code for released in newest_released(session, audience, now=NOW + SECOND)] == [ours.code]
    assert other.code not in {
        released.bulletin.code for released in changed_since(session, audience, None, now=NOW + SECOND)
    }
    channels.pause(session, ADMIN, feed, now=NOW)
    assert newest_released(session, audience_of(session, partner, ["feed", "lotus"]), now=NOW + SECOND) == []
    assert audience_of(session, company(session), ["feed", "lotus"]).topics is None


def test_the_moment_of_the_last_change_moves_with_every_change_outsiders_can_see(session: Session) -> None:
    stamps = [last_change(session, PUBLIC, now=NOW + 3 * HOUR)]
    bulletin = published(session)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    workflow.correct(session, APPROVER, bulletin.code, text(body="Đã sửa."), "Sửa", DELIVERY_MODES, now=NOW + HOUR)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    workflow.recall(session, APPROVER, bulletin.code, "Sai", DELIVERY_MODES, now=NOW + 2 * HOUR)
    stamps.append(last_change(session, PUBLIC, now=NOW + 3 * HOUR))
    assert stamps[0] is None
    assert len(set(stamps)) == 4


@pytest.mark.long
@settings(deadline=None)
@given(offsets=st.lists(st.integers(-5, 5), min_size=1, max_size=6), look=st.integers(-6, 6))
def test_nothing_is_visible_before_its_release_at_any_exit(
    offsets: list[int], look: int, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("release") / "x.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    now = NOW + look * HOUR
    with database.writers() as session:
        early = NOW - 10 * HOUR
        expected = set()
        for offset in offsets:
            bulletin = approved(session, now=early)
            workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=NOW + offset * HOUR, now=early)
            if offset <= look:
                expected.add(bulletin.code)
        assert {released.bulletin.code for released in newest_released(session, PUBLIC, now=now)} == expected
        assert {released.bulletin.code for released in changed_since(session, PUBLIC, None, now=now)} == expected
        assert {released.bulletin.code for released in released_recently(session, 48 * HOUR, 99, now=now)} == expected
    database.dispose()
