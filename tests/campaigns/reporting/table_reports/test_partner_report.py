"""A partner's score and obligations equal a count by hand, on random data."""

import random
import statistics
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import BulletinState
from campaigns.core.clock import Period, city_day, parse_period
from campaigns.delivery.outbox import DeliveryState
from campaigns.matching.matcher import Match
from campaigns.messages import notice_readers, notice_workflow
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.reporting.removals import ESCALATE_AFTER
from campaigns.reporting.table_reports.obligations import ObligationKind, obligations_of
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES, LEAST_PARTNERS, partner_score, usual_figures
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.review.corrections import Correction, corrections_of
from tests import factories
from tests.campaigns.reporting.random_data import RandomData, make_random_data
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import APPROVER, NOW, WRITER

pytestmark = pytest.mark.long

QUARTER = parse_period("2026-Q4")
LATER = NOW + timedelta(days=9)


def own(made: RandomData, company: Company) -> list[Republication]:
    sites = {site.id for site in made.sites if site.company_id == company.id}
    return [republication for republication in made.copies if republication.site_id in sites]


def withdrawn(session: Session, made: RandomData, seed: int) -> None:
    """Some bulletins are recalled, some copies are behind or gone."""
    dice = random.Random(f"withdrawn {seed}")
    for bulletin in made.bulletins:
        if bulletin.state is BulletinState.RECALLED:
            bulletin.recalled_at = NOW - timedelta(days=dice.choice([1, 20, 80]))
            bulletin.release_at, bulletin.changed_at = bulletin.recalled_at - timedelta(days=1), bulletin.recalled_at
    for row in made.copies:
        row.checked_at = NOW
        row.stale = dice.random() < 0.4
        row.stale_since = NOW + timedelta(days=dice.choice([1, 8, 9])) if row.stale else None
        row.gone_at = NOW + timedelta(hours=dice.randrange(1, 60)) if row.life is RepublicationLife.GONE else None
        row.counter_image = dice.choice([None, True, False])
    session.flush()


def carries(row: Republication) -> bool:
    """Whether a page carries the text or may: another address of a counted copy does once it was read."""
    if row.status is RepublicationStatus.DUPLICATE:
        return row.match is not Match.NONE
    return row.status is not RepublicationStatus.REJECTED


@pytest.mark.parametrize("period", [QUARTER, parse_period("2026-11"), parse_period("2027")], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_a_score_is_what_counting_by_hand_gives(session: Session, seed: int, period: Period) -> None:
    made = make_random_data(session, seed)
    withdrawn(session, made, seed)
    bulletins = {bulletin.id: bulletin for bulletin in made.bulletins}
    channels = {channel.id: channel for channel in made.channels}
    for company in made.companies:
        score = partner_score(session, company.id, period)
        mine = [
            republication
            for republication in own(made, company)
            if republication.counted_on in period and republication.status is not RepublicationStatus.DUPLICATE
        ]
        counted = [republication for republication in mine if republication.status is RepublicationStatus.CONFIRMED]
        ways = [republication.attribution for republication in counted]
        arrived = {
            (delivery.bulletin_id, delivery.channel_id)
            for delivery in made.deliveries
            if delivery.state is DeliveryState.DELIVERED
            and channels[delivery.channel_id].company_id == company.id
            and bulletins[delivery.bulletin_id].released_on in period
        }
        assert (score.delivered, score.found, score.confirmed) == (len(arrived), len(mine), len(counted))
        seen = [way for way in ways if way is not Attribution.NOT_SEEN]
        assert score.source_seen == len(seen)
        assert score.share(score.at_end) == (score.at_end / len(seen) if len(seen) >= LEAST_COPIES else None)
        assert score.named == sum(way not in {Attribution.NONE, Attribution.NAMED_OTHER_SOURCE} for way in seen)
        assert score.linked == sum(way in {Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE} for way in ways)
        assert score.at_end == ways.count(Attribution.LINKED_AT_END)
        _check_delay(score.delay, counted)
        recalled = [
            republication
            for republication in own(made, company)
            if (at := bulletins[republication.bulletin_id].recalled_at) is not None
            and city_day(at) in period
            and carries(republication)
            and republication.status is not RepublicationStatus.CANDIDATE
            and (
                republication.life is not RepublicationLife.GONE
                or (republication.gone_at is not None and republication.gone_at > at)
            )
        ]
        times = []
        for republication in recalled:
            at = bulletins[republication.bulletin_id].recalled_at
            if republication.life is RepublicationLife.GONE and republication.gone_at is not None and at is not None:
                times.append((republication.gone_at - max(at, republication.first_seen_at)).total_seconds())
        assert (score.removed, score.still_up) == (len(times), len(recalled) - len(times))
        assert score.removal == (statistics.median(times) if times else None)


def _check_delay(delay: float | None, counted: list[Republication]) -> None:
    timed = [republication for republication in counted if republication.bulletin.release_at is not None]
    if len(counted) < LEAST_COPIES or not timed:
        assert delay is None
        return
    waits = sorted(
        int((republication.published_at or republication.first_seen_at).timestamp())
        - int(republication.bulletin.release_at.timestamp())
        for republication in timed
        if republication.bulletin.release_at is not None
    )
    assert delay == max(waits[(len(waits) - 1) // 2], 0)


def test_few_copies_have_no_shares(session: Session) -> None:
    company = factories.company(session)
    site, bulletin = factories.site(session, company), factories.published(session)
    for _ in range(LEAST_COPIES - 1):
        make_republication(session, bulletin, site)
    few = partner_score(session, company.id, QUARTER)
    assert (few.telling, few.share(few.at_end), few.delay) == (False, None, None)
    make_republication(session, bulletin, site, attribution=Attribution.NONE)
    enough = partner_score(session, company.id, QUARTER)
    assert enough.share(enough.at_end) == pytest.approx(1 - 1 / LEAST_COPIES)


def test_what_is_usual_is_reported_only_among_enough_partners(session: Session) -> None:
    bulletin = factories.published(session)
    for number in range(LEAST_PARTNERS):
        assert usual_figures(session, QUARTER) is None
        site = factories.site(session)
        for place in range(LEAST_COPIES):
            way = Attribution.LINKED_AT_END if place < number * 2 else Attribution.NAMED_ONLY
            make_republication(session, bulletin, site, attribution=way)
    make_republication(session, bulletin, factories.site(session))  # of a partner with too few
    found = usual_figures(session, QUARTER)
    assert found is not None
    assert (found.partners, found.at_end) == (LEAST_PARTNERS, 0.4)


@pytest.mark.parametrize("seed", range(5))
def test_what_a_partner_owes_is_what_its_copies_and_notices_say(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    withdrawn(session, made, seed)
    wanted = NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=date(2026, 11, 30), must_confirm=True)
    row = notice_workflow.draft_notice(session, WRITER, wanted, "n", now=NOW)
    notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW)
    out = {
        bulletin.id
        for bulletin in made.bulletins
        if bulletin.state is not BulletinState.DRAFT
        and bulletin.release_at is not None
        and bulletin.release_at <= LATER
        and bulletin.released
    }
    for company in made.companies:
        mine = [
            republication
            for republication in own(made, company)
            if republication.bulletin_id in out and carries(republication)
        ]
        values = {obligation.what: obligation for obligation in obligations_of(session, company.id, now=LATER)}
        behind = [
            republication
            for republication in mine
            if republication.stale and republication.life is not RepublicationLife.GONE
        ]
        for what, recalled in ((ObligationKind.RECALLED, True), (ObligationKind.OLD_TEXT, False)):
            some = [
                republication
                for republication in behind
                if (republication.bulletin.recalled_at is not None) is recalled
            ]
            since = [republication.stale_since for republication in some if republication.stale_since is not None]
            if not some:
                assert what not in values
                continue
            late = sum(moment <= LATER - ESCALATE_AFTER for moment in since)
            assert (values[what].count, values[what].late, values[what].by) == (
                len(some),
                late,
                min(since) + ESCALATE_AFTER,
            )
        other = [
            republication
            for republication in mine
            if not republication.stale and set(corrections_of(republication)) - {Correction.REJECTED}
        ]
        assert (values[ObligationKind.MEND].count if ObligationKind.MEND in values else 0) == len(other)
        assert (values[ObligationKind.CONFIRM].count, values[ObligationKind.CONFIRM].by) == (1, date(2026, 11, 30))
        notice_readers.confirm_notice(session, Actor("key:a", "Biên tập", None), company.id, row.public, 1, now=NOW)
        assert ObligationKind.CONFIRM not in {
            obligation.what for obligation in obligations_of(session, company.id, now=LATER)
        }
