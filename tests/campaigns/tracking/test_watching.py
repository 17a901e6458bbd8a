"""When a source is looked at next: more often the more it brings, within bounds, and never dropped for failing."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.pace import FAST, NORMAL
from campaigns.tracking.watching import HOUR_PROFILE, LookResult, Source, SourceKind, interval, settle_look, watch
from tests.factories import NOW, site

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_the_hours_of_a_day_have_a_mean_of_one() -> None:
    assert len(HOUR_PROFILE) == 24
    assert sum(HOUR_PROFILE) == pytest.approx(24, abs=0.2)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_a_busier_source_is_never_looked_at_more_rarely_and_bounds_hold(
    one: float, two: float, moment: datetime
) -> None:
    at = moment.replace(tzinfo=UTC)
    for pace in (NORMAL, FAST):
        slow, quick = interval(min(one, two), at, pace), interval(max(one, two), at, pace)
        assert pace.look_least <= quick <= slow <= pace.look_most


def test_four_times_as_much_news_is_looked_at_twice_as_often() -> None:
    assert interval(10, NOON, NORMAL) / interval(40, NOON, NORMAL) == pytest.approx(2)


def test_the_night_is_quieter_than_the_morning() -> None:
    night = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # half past two in the city
    assert interval(24, night, NORMAL) > interval(24, NOON, NORMAL)


def _sources(session: Session) -> dict[str, Source]:
    return {row.url: row for row in session.execute(sa.select(Source)).scalars()}


def test_the_sources_of_a_site_follow_the_directory(session: Session) -> None:
    base = "https://trang.example"
    owner = site(session, url=f"{base}/", feeds=[f"{base}/rss.xml"], listings=[f"{base}/"])
    watch(session, owner, now=NOW)
    watch(session, owner, now=NOW)
    assert {url: (row.kind, row.due_at) for url, row in _sources(session).items()} == {
        f"{base}/rss.xml": (SourceKind.FEED, NOW),
        f"{base}/": (SourceKind.LISTING, NOW),
    }
    owner.feeds, owner.sitemaps = [], [f"{base}/rss.xml"]
    owner.listings = []
    watch(session, owner, now=NOW)
    rows = _sources(session)
    assert rows[f"{base}/rss.xml"].kind is SourceKind.SITEMAP
    assert rows[f"{base}/"].due_at is None
    owner.active = False
    watch(session, owner, now=NOW)
    assert {row.due_at for row in _sources(session).values()} == {None}
    owner.active = True
    watch(session, owner, now=NOW + timedelta(days=1))
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
    watch(session, owner, now=NOW)
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
    watch(session, owner, now=NOW)
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
    watch(session, owner, now=NOW)
    (source,) = _sources(session).values()
    source = _looked(session, source, LookResult(1, etag='"a"', last_modified="x"), NOW)
    source = _looked(session, source, LookResult(0, unchanged=True), NOW + timedelta(hours=1))
    assert (source.etag, source.last_modified) == ('"a"', "x")
    source = _looked(session, source, LookResult(1), NOW + timedelta(hours=2))
    assert (source.etag, source.last_modified) == (None, None)
