"""One request to a host at a time: claims are spread over sites, and a host's turn is one holder's."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.partners.directory import Site
from campaigns.tracking import hosts
from campaigns.tracking.hosts import HostTurn
from campaigns.tracking.sightings import How, Page, see
from campaigns.tracking.watching import Source, watch
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
        watch(session, row, now=NOW)
        for number in range(5):
            see(session, row, f"{base}/tin-{number}", How.DISCOVERED, "feed", now=NOW)
        made.append(row)
    return made


def of(session: Session, kind: type[Source] | type[Page], claims: list[ledger.Claim]) -> list[str]:
    return [session.get_one(kind, one.id).site.host for one in claims]


def test_what_is_claimed_together_lies_on_different_sites(session: Session, sites: list[Site]) -> None:
    first = hosts.claim(session, Source, 8, LEASE, now=NOW)
    assert len(set(of(session, Source, first))) == len(first)
    second = hosts.claim(session, Source, 8, LEASE, now=NOW)
    third = hosts.claim(session, Source, 8, LEASE, now=NOW)
    assert sorted(of(session, Source, [*first, *second, *third])) == ["ba.example", "hai.example", "mot.example"]
    assert hosts.claim(session, Source, 8, LEASE, now=NOW) == []


def test_looks_and_checks_of_one_site_exclude_each_other(session: Session, sites: list[Site]) -> None:
    taken = hosts.claim(session, Source, 1, LEASE, now=NOW)
    (asked,) = of(session, Source, taken)
    checks = hosts.claim(session, Page, 8, LEASE, now=NOW)
    checks += hosts.claim(session, Page, 8, LEASE, now=NOW)
    assert asked not in of(session, Page, checks)
    assert len(checks) == 2
    ledger.settle(session, Source, taken[0], {"due_at": None})
    (more,) = hosts.claim(session, Page, 8, LEASE, now=NOW)
    assert of(session, Page, [more]) == [asked]
    assert len(hosts.claim(session, Page, 8, LEASE, now=NOW + LEASE)) > 0


def test_a_turn_is_one_holders_until_it_is_given_back_and_the_pause_has_passed(session: Session) -> None:
    assert hosts.take_turn(session, "a.example", "one", LEASE, PAUSE, now=NOW) is None
    assert hosts.take_turn(session, "a.example", "two", LEASE, PAUSE, now=NOW) == timedelta(0)
    assert hosts.take_turn(session, "b.example", "two", LEASE, PAUSE, now=NOW) is None
    hosts.give_back(session, "a.example", "two", now=NOW)
    assert hosts.take_turn(session, "a.example", "two", LEASE, PAUSE, now=NOW) == timedelta(0)
    hosts.give_back(session, "a.example", "one", now=NOW + timedelta(seconds=1))
    at = NOW + timedelta(seconds=1)
    assert hosts.take_turn(session, "a.example", "two", LEASE, PAUSE, now=at) == timedelta(seconds=1)
    assert hosts.take_turn(session, "a.example", "robots", LEASE, None, now=at) is None
    hosts.give_back(session, "a.example", "robots", now=at)
    assert hosts.take_turn(session, "a.example", "two", LEASE, PAUSE, now=NOW + PAUSE) is None


def test_a_turn_that_was_not_given_back_runs_out_and_an_old_holder_does_not_end_a_new_ones(session: Session) -> None:
    hosts.take_turn(session, "a.example", "dead", LEASE, PAUSE, now=NOW)
    assert hosts.take_turn(session, "a.example", "two", LEASE, PAUSE, now=NOW + LEASE) is None
    hosts.give_back(session, "a.example", "dead", now=NOW + LEASE)
    assert hosts.take_turn(session, "a.example", "three", LEASE, PAUSE, now=NOW + LEASE) == timedelta(0)


def test_hosts_that_nobody_asks_are_forgotten(session: Session) -> None:
    hosts.take_turn(session, "a.example", "one", LEASE, PAUSE, now=NOW)
    hosts.take_turn(session, "b.example", "one", LEASE, PAUSE, now=NOW + hosts.KEPT)
    assert hosts.sweep(session, now=NOW + hosts.KEPT + timedelta(hours=1)) == 1
    assert session.execute(sa.select(HostTurn.host)).scalars().all() == ["b.example"]


def test_a_turn_taken_by_a_clock_that_was_hours_ahead_is_not_waited_for(session: Session) -> None:
    ahead = NOW + timedelta(hours=3)
    assert hosts.take_turn(session, "a.example", "wrong", LEASE, None, now=ahead) is None
    assert hosts.take_turn(session, "a.example", "other", LEASE, None, now=NOW) is None
    assert hosts.take_turn(session, "a.example", "third", LEASE, None, now=NOW) == timedelta(0)
