"""A partner's score and what it owes: the same as counting by hand, over made-up worlds."""

import random
import statistics
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.publishing.bulletins import State
from campaigns.publishing.outbox import DeliveryState
from campaigns.reporting.owed import Owing, owed
from campaigns.reporting.removals import ESCALATE_AFTER
from campaigns.reporting.score import LEAST_COPIES, LEAST_PARTNERS, score, usual
from campaigns.talking import readers, telling
from campaigns.talking.notices import Audience
from campaigns.talking.telling import Wanted
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.mending import Mend, to_mend
from campaigns.tracking.republications import Life, Republication, Status
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.campaigns.reporting.worlds import World, world
from tests.factories import APPROVER, NOW, WRITER

QUARTER = parse_period("2026-Q4")
LATER = NOW + timedelta(days=9)


def own(made: World, company: Company) -> list[Republication]:
    sites = {one.id for one in made.sites if one.company_id == company.id}
    return [one for one in made.copies if one.site_id in sites]


def withdrawn(session: Session, made: World, seed: int) -> None:
    """Some bulletins are recalled, some copies are behind or gone."""
    dice = random.Random(f"withdrawn {seed}")
    for one in made.bulletins:
        if one.state is State.RECALLED:
            one.recalled_at = NOW - timedelta(days=dice.choice([1, 20, 80]))
            one.release_at, one.changed_at = one.recalled_at - timedelta(days=1), one.recalled_at
    for row in made.copies:
        row.checked_at = NOW
        row.stale = dice.random() < 0.4
        row.stale_since = NOW + timedelta(days=dice.choice([1, 8, 9])) if row.stale else None
        row.gone_at = NOW + timedelta(hours=dice.randrange(1, 60)) if row.life is Life.GONE else None
        row.counter_image = dice.choice([None, True, False])
    session.flush()


@pytest.mark.parametrize("period", [QUARTER, parse_period("2026-11"), parse_period("2027")], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_a_score_is_what_counting_by_hand_gives(session: Session, seed: int, period: Period) -> None:
    made = world(session, seed)
    withdrawn(session, made, seed)
    bulletins = {one.id: one for one in made.bulletins}
    channels = {one.id: one for one in made.channels}
    for company in made.companies:
        told = score(session, company.id, period)
        mine = [one for one in own(made, company) if one.counted_on in period]
        counted = [one for one in mine if one.status is Status.CONFIRMED]
        ways = [one.attribution for one in counted]
        arrived = {
            (one.bulletin_id, one.channel_id)
            for one in made.deliveries
            if one.state is DeliveryState.DELIVERED
            and channels[one.channel_id].company_id == company.id
            and bulletins[one.bulletin_id].released_on in period
        }
        assert (told.delivered, told.found, told.confirmed) == (len(arrived), len(mine), len(counted))
        assert told.named == sum(way not in {Attribution.NONE, Attribution.NAMED_OTHER_SOURCE} for way in ways)
        assert told.linked == sum(way in {Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE} for way in ways)
        assert told.at_end == ways.count(Attribution.LINKED_AT_END)
        _check_delay(told.delay, counted)
        recalled = [
            one
            for one in own(made, company)
            if (at := bulletins[one.bulletin_id].recalled_at) is not None
            and city_day(at) in period
            and one.status in {Status.CONFIRMED, Status.REVIEW}
            and (one.life is not Life.GONE or (one.gone_at is not None and one.gone_at > at))
        ]
        times = []
        for one in recalled:
            at = bulletins[one.bulletin_id].recalled_at
            if one.life is Life.GONE and one.gone_at is not None and at is not None:
                times.append((one.gone_at - max(at, one.first_seen_at)).total_seconds())
        assert (told.removed, told.still_up) == (len(times), len(recalled) - len(times))
        assert told.removal == (statistics.median(times) if times else None)


def _check_delay(delay: float | None, counted: list[Republication]) -> None:
    timed = [one for one in counted if one.bulletin.release_at is not None]
    if len(counted) < LEAST_COPIES or not timed:
        assert delay is None
        return
    waits = sorted(
        int((one.published_at or one.first_seen_at).timestamp()) - int(one.bulletin.release_at.timestamp())
        for one in timed
        if one.bulletin.release_at is not None
    )
    assert delay == max(waits[(len(waits) - 1) // 2], 0)


def test_few_copies_have_no_shares(session: Session) -> None:
    company = factories.company(session)
    site, bulletin = factories.site(session, company), factories.published(session)
    for _ in range(LEAST_COPIES - 1):
        copy(session, bulletin, site)
    few = score(session, company.id, QUARTER)
    assert (few.telling, few.share(few.at_end), few.delay) == (False, None, None)
    copy(session, bulletin, site, attribution=Attribution.NONE)
    enough = score(session, company.id, QUARTER)
    assert enough.share(enough.at_end) == pytest.approx(1 - 1 / LEAST_COPIES)


def test_what_is_usual_is_told_only_among_enough_partners(session: Session) -> None:
    bulletin = factories.published(session)
    for number in range(LEAST_PARTNERS):
        assert usual(session, QUARTER) is None
        site = factories.site(session)
        for place in range(LEAST_COPIES):
            way = Attribution.LINKED_AT_END if place < number * 2 else Attribution.NAMED_ONLY
            copy(session, bulletin, site, attribution=way)
    copy(session, bulletin, factories.site(session))  # of a partner with too few
    found = usual(session, QUARTER)
    assert found is not None
    assert (found.partners, found.at_end) == (LEAST_PARTNERS, 0.4)


@pytest.mark.parametrize("seed", range(5))
def test_what_a_partner_owes_is_what_its_copies_and_notices_say(session: Session, seed: int) -> None:
    made = world(session, seed)
    withdrawn(session, made, seed)
    wanted = Wanted("x", "<p>x</p>", Audience.ALL, deadline=date(2026, 11, 30), must_confirm=True)
    row = telling.draft(session, WRITER, wanted, "n", now=NOW)
    telling.publish(session, APPROVER, row.public, row.version, now=NOW)
    out = {
        one.id
        for one in made.bulletins
        if one.state is not State.DRAFT and one.release_at is not None and one.release_at <= LATER and one.released
    }
    for company in made.companies:
        mine = [one for one in own(made, company) if one.bulletin_id in out and one.status is not Status.REJECTED]
        told = {one.what: one for one in owed(session, company.id, now=LATER)}
        behind = [one for one in mine if one.stale and one.life is not Life.GONE]
        for what, recalled in ((Owing.RECALLED, True), (Owing.OLD_TEXT, False)):
            some = [one for one in behind if (one.bulletin.recalled_at is not None) is recalled]
            since = [one.stale_since for one in some if one.stale_since is not None]
            if not some:
                assert what not in told
                continue
            late = sum(one <= LATER - ESCALATE_AFTER for one in since)
            assert (told[what].count, told[what].late, told[what].by) == (len(some), late, min(since) + ESCALATE_AFTER)
        other = [one for one in mine if not one.stale and set(to_mend(one)) - {Mend.REJECTED}]
        assert (told[Owing.MEND].count if Owing.MEND in told else 0) == len(other)
        assert (told[Owing.CONFIRM].count, told[Owing.CONFIRM].by) == (1, date(2026, 11, 30))
        readers.confirm(session, Actor("key:a", "Biên tập", None), company.id, row.public, 1, now=NOW)
        assert Owing.CONFIRM not in {one.what for one in owed(session, company.id, now=LATER)}
