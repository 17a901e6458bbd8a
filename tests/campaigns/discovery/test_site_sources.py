"""The schedule of a source: by the pages it brings, within bounds, and never ended by failures."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.contents import from_attributes
from campaigns.core.intervals import NORMAL
from campaigns.discovery.site_sources import (
    LookResult,
    Source,
    SourceKind,
    SourceTrouble,
    make_due,
    settle_look,
    standing_counts,
    sync_sources,
)
from campaigns.partners.directory import SiteStanding, change_site, find_site
from coordinator.db import Database
from tests.factories import ADMIN, NOW, site


def _sources(session: Session) -> dict[str, Source]:
    return {row.url: row for row in session.execute(sa.select(Source)).scalars()}


def test_the_sources_of_a_site_follow_the_directory(session: Session) -> None:
    base = "https://trang.example"
    owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"], listings=[f"{base}/"])
    sync_sources(session, owner, now=NOW)
    sync_sources(session, owner, now=NOW)
    assert {url: (row.kind, row.due_at) for url, row in _sources(session).items()} == {
        f"{base}/rss.xml": (SourceKind.FEED, NOW),
        f"{base}/": (SourceKind.LISTING, NOW),
    }
    owner.feeds, owner.sitemaps = [], [f"{base}/rss.xml"]
    owner.listings = []
    sync_sources(session, owner, now=NOW)
    rows = _sources(session)
    assert rows[f"{base}/rss.xml"].kind is SourceKind.SITEMAP
    assert rows[f"{base}/"].due_at is None
    owner.active = False
    sync_sources(session, owner, now=NOW)
    assert {row.due_at for row in _sources(session).values()} == {None}
    owner.active = True
    sync_sources(session, owner, now=NOW + timedelta(days=1))
    assert _sources(session)[f"{base}/rss.xml"].due_at == NOW + timedelta(days=1)


def _looked(session: Session, source: Source, result: LookResult, now: datetime) -> Source:
    source.due_at = now
    session.flush()
    (taken,) = ledger.claim(session, Source, 1, timedelta(seconds=60), now=now)
    session.expire_all()
    settle_look(session, session.get_one(Source, source.id), taken, result, NORMAL, now=now)
    session.expire_all()
    return session.get_one(Source, source.id)


def test_a_source_that_brings_much_is_looked_at_more_often(session: Session) -> None:
    base = "https://trang.example"
    owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"])
    sync_sources(session, owner, now=NOW)
    (source,) = _sources(session).values()
    quiet = busy = source
    now = NOW
    for _ in range(10):
        now += timedelta(hours=1)
        quiet = _looked(session, quiet, LookResult(0), now)
    low = quiet.daily
    for _ in range(10):
        now += timedelta(hours=1)
        busy = _looked(session, busy, LookResult(30), now)
    assert low < 24 < busy.daily
    assert busy.due_at is not None
    assert busy.due_at - now >= NORMAL.look_least


def test_a_failing_source_is_looked_at_ever_more_rarely_and_never_dropped(session: Session) -> None:
    base = "https://trang.example"
    owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"])
    sync_sources(session, owner, now=NOW)
    (source,) = _sources(session).values()
    now, waits = NOW, []
    for _ in range(20):
        source = _looked(session, source, LookResult(0, error="the site answered 500"), now)
        assert source.due_at is not None
        waits.append(source.due_at - now)
        now = source.due_at
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] <= timedelta(hours=4)
    assert (source.failures, source.attempt) == (20, 0)


def test_an_unchanged_list_keeps_its_validators_and_a_changed_one_replaces_them(session: Session) -> None:
    base = "https://trang.example"
    owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"])
    sync_sources(session, owner, now=NOW)
    (source,) = _sources(session).values()
    source = _looked(session, source, LookResult(1, etag='"a"', last_modified="x"), NOW)
    source = _looked(session, source, LookResult(0, unchanged=True), NOW + timedelta(hours=1))
    assert (source.etag, source.last_modified) == ('"a"', "x")
    source = _looked(session, source, LookResult(1), NOW + timedelta(hours=2))
    assert (source.etag, source.last_modified) == (None, None)


BASE = "https://trang.example"
FEED = f"{BASE}/rss.xml"


def _watched(session: Session) -> Source:
    owner = site(session, url=f"{BASE}/", feeds=[FEED])
    sync_sources(session, owner, now=NOW)
    return session.execute(sa.select(Source)).scalar_one()


def _acts(session: Session, source: Source) -> list[str]:
    session.commit()
    return [
        entry.act for entry in journal.history(session, "site", source.site.code) if entry.act.startswith("source.")
    ]


def test_failing_for_a_day_is_written_into_the_journal_once_and_so_is_the_end_of_it(session: Session) -> None:
    source, now = _watched(session), NOW
    bad = LookResult(0, error="trang.example answered 500", trouble=SourceTrouble.BROKEN)
    for hours in (0, 12, 23):
        source = _looked(session, source, bad, NOW + timedelta(hours=hours))
        assert (source.failing_since, source.trouble, source.alarmed_at) == (NOW, SourceTrouble.BROKEN, None)
    for hours in (24, 48):
        now = NOW + timedelta(hours=hours)
        source = _looked(session, source, bad, now)
        assert source.alarmed_at == NOW + timedelta(hours=24)
    assert _acts(session, source) == ["source.failing"]
    assert standing_counts(session) == {"watched": 1, "failing": 1, "silent": 0, "alarmed": 1}
    source = _looked(session, source, LookResult(1), now + timedelta(hours=1))
    assert (source.failing_since, source.trouble, source.alarmed_at, source.error) == (
        None,
        SourceTrouble.NONE,
        None,
        "",
    )
    assert _acts(session, source) == ["source.failing", "source.recovered"]


def test_a_list_that_names_nothing_for_long_where_it_used_to_is_silent_until_it_names_something(
    session: Session,
) -> None:
    source, now = _watched(session), NOW
    for _ in range(60):
        now += timedelta(hours=2)
        source = _looked(session, source, LookResult(3, appeared=(now, now, now)), now)
    named = now
    while source.silent_since is None and now < named + timedelta(days=10):
        now += timedelta(hours=4)
        source = _looked(session, source, LookResult(0), now)
    assert source.silent_since == named
    assert timedelta(days=2) < now - named < timedelta(days=3)
    assert (source.error, _acts(session, source)) == ("", ["source.silent"])
    source = _looked(session, source, LookResult(1, appeared=(now,)), now + timedelta(hours=1))
    assert (source.silent_since, _acts(session, source)) == (None, ["source.silent", "source.recovered"])


def test_what_is_ended_is_no_alarm_and_begins_afresh(session: Session) -> None:
    source = _watched(session)
    owner = source.site
    bad = LookResult(0, error="trang.example answered 500", trouble=SourceTrouble.BROKEN)
    source = _looked(session, source, bad, NOW)
    change_site(session, ADMIN.id, owner, replace(from_attributes(SiteStanding, owner), active=False), now=NOW)
    sync_sources(session, owner, now=NOW)
    assert standing_counts(session)["watched"] == 0
    change_site(session, ADMIN.id, owner, replace(from_attributes(SiteStanding, owner), active=True), now=NOW)
    sync_sources(session, owner, now=NOW + timedelta(days=9))
    source = session.get_one(Source, source.id)
    assert (source.failing_since, source.error, source.failures) == (None, "", 0)


def test_a_permanent_redirect_is_kept_after_three_looks_on_the_same_host_only(session: Session) -> None:
    source = _watched(session)
    for number in range(4):
        source = _looked(session, source, LookResult(0, moved_to="https://khac.example/rss"), NOW)
        assert (source.url, source.moves) == (FEED, number + 1)
    for number in range(3):
        assert source.url == FEED
        source = _looked(session, source, LookResult(0, moved_to=f"{BASE}/feed/"), NOW + timedelta(hours=number))
    assert (source.url, source.site.feeds, source.moves) == (f"{BASE}/feed/", [f"{BASE}/feed/"], 0)
    assert source.due_at is not None
    assert _acts(session, source) == ["source.moved"]


def test_a_redirect_that_stops_is_forgotten(session: Session) -> None:
    source = _watched(session)
    for moved in (f"{BASE}/feed/", f"{BASE}/feed/", None, f"{BASE}/feed/", f"{BASE}/feed/"):
        source = _looked(session, source, LookResult(0, moved_to=moved), NOW)
    assert (source.url, source.moves) == (FEED, 2)


def test_our_own_pace_is_no_failure_of_the_site(session: Session) -> None:
    source = _watched(session)
    source = _looked(session, source, LookResult(0, error="asked a moment ago", ours=True, wait=40), NOW)
    assert (source.failures, source.error, source.looked_at) == (0, "", None)
    assert source.due_at == NOW + timedelta(seconds=40)


def test_a_lifetime_the_site_gives_its_list_puts_off_the_next_look(session: Session) -> None:
    source = _watched(session)
    source = _looked(session, source, LookResult(200, fresh_for=1800), NOW)
    source = _looked(session, source, LookResult(200, fresh_for=1800), NOW + timedelta(hours=1))
    assert source.due_at == NOW + timedelta(hours=1, seconds=1800)


def test_looking_again_at_once_is_for_sources_that_are_watched(session: Session) -> None:
    source = _watched(session)
    source = _looked(session, source, LookResult(0, error="x", trouble=SourceTrouble.SLOW), NOW)
    later = NOW + timedelta(minutes=1)
    assert make_due(session, [source.site_id], now=later) == 1
    session.expire_all()
    assert session.get_one(Source, source.id).due_at == later
    source.site.active = False
    sync_sources(session, source.site, now=later)
    assert make_due(session, [source.site_id], now=later) == 0


def test_two_that_watch_one_address_at_once_make_one_source_of_it(database: Database) -> None:
    base = "https://trang.example"
    with database.write() as session:
        code = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"]).code

    def watched(before_commit: Callable[[], None] = lambda: None) -> None:
        with database.write() as session:
            sync_sources(session, find_site(session, code), now=NOW)
            before_commit()

    _side_by_side(watched, watched)
    with database.read() as session:
        assert list(_sources(session)) == [f"{base}/rss.xml"]


def test_a_move_that_is_followed_while_somebody_saves_the_site_loses_neither(database: Database) -> None:
    base = "https://trang.example"
    old, moved, other = f"{base}/rss.xml", f"{base}/feed/", f"{base}/tin.xml"
    with database.write() as session:
        owner = site(session, url=f"{base}/", feeds=[old])
        sync_sources(session, owner, now=NOW)
        code = owner.code
        session.execute(sa.update(Source).values(moved_to=moved, moves=2))
    with database.write() as session:
        (taken,) = ledger.claim(session, Source, 1, timedelta(seconds=60), now=NOW)

    def saves(before_commit: Callable[[], None]) -> None:
        with database.write() as session:
            owner = find_site(session, code)
            change_site(
                session, ADMIN.id, owner, replace(from_attributes(SiteStanding, owner), feeds=[old, other]), now=NOW
            )
            sync_sources(session, owner, now=NOW)
            before_commit()

    def follows() -> None:
        with database.write() as session:
            source = session.get_one(Source, taken.id)
            assert source.site.feeds
            settle_look(session, source, taken, LookResult(1, moved_to=moved), NORMAL, now=NOW)

    _side_by_side(saves, follows)
    with database.read() as session:
        assert find_site(session, code).feeds == [moved, other]
        assert sorted(_sources(session)) == [moved, other]


def test_a_list_that_is_taken_off_while_it_is_read_is_not_looked_at_again(database: Database) -> None:
    base = "https://trang.example"
    with database.write() as session:
        owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"])
        sync_sources(session, owner, now=NOW)
        code = owner.code
    with database.write() as session:
        (taken,) = ledger.claim(session, Source, 1, timedelta(seconds=60), now=NOW)

    def takes_off(before_commit: Callable[[], None]) -> None:
        with database.write() as session:
            owner = find_site(session, code)
            change_site(session, ADMIN.id, owner, replace(from_attributes(SiteStanding, owner), feeds=[]), now=NOW)
            sync_sources(session, owner, now=NOW)
            before_commit()

    def settles() -> None:
        with database.write() as session:
            source = session.get_one(Source, taken.id)
            assert source.site.active
            settle_look(session, source, taken, LookResult(1), NORMAL, now=NOW)

    _side_by_side(takes_off, settles)
    with database.read() as session:
        assert [remaining.due_at for remaining in _sources(session).values()] == [None]


def _side_by_side(first: Callable[[Callable[[], None]], None], second: Callable[[], None]) -> None:
    """``second`` starts when ``first`` has done everything but commit; if it does not wait, it is finished by then."""
    errors: list[BaseException] = []

    def other() -> None:
        try:
            second()
        except BaseException as error:  # noqa: BLE001  # raised below
            errors.append(error)

    thread = threading.Thread(target=other)

    def begin() -> None:
        thread.start()
        thread.join(0.5)

    first(begin)
    thread.join()
    for error in errors:
        raise error
