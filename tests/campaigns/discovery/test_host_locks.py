"""Host locks: claims are spread over sites, and a host's lock has one holder."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.discovery import host_locks
from campaigns.discovery.host_locks import HostLock
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.partners.directory import Site
from tests.factories import NOW, company, site

LEASE = timedelta(seconds=50)
PAUSE = timedelta(seconds=2)


@pytest.fixture
def sites(session: Session) -> list[Site]:
    owner = company(session)
    made = []
    for name in ("mot", "hai", "ba"):
        base = f"https://{name}.example"
        row = site(session, owner, f"{base}/", feeds=[f"{base}/{number}.xml" for number in range(20)])
        sync_sources(session, row, now=NOW)
        for number in range(5):
            record_sighting(session, row, f"{base}/tin-{number}", SightingMethod.DISCOVERED, "feed", now=NOW)
        made.append(row)
    return made


def of(session: Session, kind: type[Source] | type[Page], claims: list[ledger.Claim]) -> list[str]:
    return [session.get_one(kind, claim.id).site.host for claim in claims]


def test_what_is_claimed_together_lies_on_different_sites(session: Session, sites: list[Site]) -> None:
    first = host_locks.claim_one_per_site(session, Source, 8, LEASE, now=NOW)
    assert len(set(of(session, Source, first))) == len(first)
    second = host_locks.claim_one_per_site(session, Source, 8, LEASE, now=NOW)
    third = host_locks.claim_one_per_site(session, Source, 8, LEASE, now=NOW)
    assert sorted(of(session, Source, [*first, *second, *third])) == ["ba.example", "hai.example", "mot.example"]
    assert host_locks.claim_one_per_site(session, Source, 8, LEASE, now=NOW) == []


def test_looks_and_checks_of_one_site_exclude_each_other(session: Session, sites: list[Site]) -> None:
    taken = host_locks.claim_one_per_site(session, Source, 1, LEASE, now=NOW)
    (asked,) = of(session, Source, taken)
    checks = host_locks.claim_one_per_site(session, Page, 8, LEASE, now=NOW)
    checks += host_locks.claim_one_per_site(session, Page, 8, LEASE, now=NOW)
    assert asked not in of(session, Page, checks)
    assert len(checks) == 2
    ledger.settle(session, Source, taken[0], {"due_at": None})
    (more,) = host_locks.claim_one_per_site(session, Page, 8, LEASE, now=NOW)
    assert of(session, Page, [more]) == [asked]
    assert len(host_locks.claim_one_per_site(session, Page, 8, LEASE, now=NOW + LEASE)) > 0


def test_a_turn_is_one_holders_until_it_is_given_back_and_the_pause_has_passed(session: Session) -> None:
    assert host_locks.acquire_lock(session, "a.example", "one", LEASE, PAUSE, now=NOW) is None
    assert host_locks.acquire_lock(session, "a.example", "two", LEASE, PAUSE, now=NOW) == timedelta(0)
    assert host_locks.acquire_lock(session, "b.example", "two", LEASE, PAUSE, now=NOW) is None
    host_locks.release_lock(session, "a.example", "two", now=NOW)
    assert host_locks.acquire_lock(session, "a.example", "two", LEASE, PAUSE, now=NOW) == timedelta(0)
    host_locks.release_lock(session, "a.example", "one", now=NOW + timedelta(seconds=1))
    at = NOW + timedelta(seconds=1)
    assert host_locks.acquire_lock(session, "a.example", "two", LEASE, PAUSE, now=at) == timedelta(seconds=1)
    assert host_locks.acquire_lock(session, "a.example", "robots", LEASE, None, now=at) is None
    host_locks.release_lock(session, "a.example", "robots", now=at)
    assert host_locks.acquire_lock(session, "a.example", "two", LEASE, PAUSE, now=NOW + PAUSE) is None


def test_a_turn_that_was_not_given_back_runs_out_and_an_old_holder_does_not_end_a_new_ones(session: Session) -> None:
    host_locks.acquire_lock(session, "a.example", "dead", LEASE, PAUSE, now=NOW)
    assert host_locks.acquire_lock(session, "a.example", "two", LEASE, PAUSE, now=NOW + LEASE) is None
    host_locks.release_lock(session, "a.example", "dead", now=NOW + LEASE)
    assert host_locks.acquire_lock(session, "a.example", "three", LEASE, PAUSE, now=NOW + LEASE) == timedelta(0)


def test_hosts_that_nobody_asks_are_forgotten(session: Session) -> None:
    host_locks.acquire_lock(session, "a.example", "one", LEASE, PAUSE, now=NOW)
    host_locks.acquire_lock(session, "b.example", "one", LEASE, PAUSE, now=NOW + host_locks.LOCK_LIFETIME)
    assert host_locks.delete_stale(session, now=NOW + host_locks.LOCK_LIFETIME + timedelta(hours=1)) == 1
    assert session.execute(sa.select(HostLock.host)).scalars().all() == ["b.example"]


def test_a_turn_taken_by_a_clock_that_was_hours_ahead_is_not_waited_for(session: Session) -> None:
    ahead = NOW + timedelta(hours=3)
    assert host_locks.acquire_lock(session, "a.example", "wrong", LEASE, None, now=ahead) is None
    assert host_locks.acquire_lock(session, "a.example", "other", LEASE, None, now=NOW) is None
    assert host_locks.acquire_lock(session, "a.example", "third", LEASE, None, now=NOW) == timedelta(0)
