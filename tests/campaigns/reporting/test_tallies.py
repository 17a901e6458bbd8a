"""Every tally equals a count by hand, on random data, in every scope and by every grouping."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Invalid
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.matching.matcher import Match
from campaigns.planning.campaigns import Metric
from campaigns.reporting import tallies
from campaigns.reporting.activity import largest_sites
from campaigns.reporting.reach import furthest
from campaigns.reporting.tallies import (
    DayViews,
    EvidenceFunnel,
    HostViews,
    TallyRow,
    TallyScope,
    ViewFigures,
    funnel_and_shares,
)
from campaigns.reporting.target_status import target_level
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.teasers import Teaser
from campaigns.republications.views import ViewDay
from tests import factories
from tests.campaigns.reporting.random_data import RandomData, make_random_data
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication, make_republications
from tests.conftest import seeds

pytestmark = pytest.mark.long

# The funnel says what counting by hand says.

SEEDS = seeds(3)


NOVEMBER = parse_period("2026-11")


def funnel_by_hand(rows: list[Republication]) -> EvidenceFunnel:
    inside = [row for row in rows if row.counted_on in NOVEMBER and row.status is not RepublicationStatus.DUPLICATE]
    confirmed = [row for row in inside if row.status is RepublicationStatus.CONFIRMED]
    fetched = [row for row in inside if row.evidence]
    return EvidenceFunnel(
        found=len(inside),
        fetched=len(fetched),
        matched=sum(row in confirmed or row.match in {Match.FULL, Match.PARTIAL, Match.PICTURE} for row in fetched),
        by_person=sum(row not in fetched for row in confirmed),
        confirmed=len(confirmed),
        attributed=sum(row.attribution is Attribution.LINKED_AT_END for row in confirmed),
        live=sum(row.life is not RepublicationLife.GONE for row in confirmed),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_equals_counting_by_hand(session: Session, seed: int) -> None:
    rows = make_republications(session, seed)
    counted = funnel_and_shares(session, TallyScope(NOVEMBER))[0]
    assert counted == funnel_by_hand(rows)
    assert counted.found >= counted.fetched + counted.by_person
    assert counted.fetched >= counted.matched
    assert counted.matched + counted.by_person >= counted.confirmed > 0


def test_it_agrees_with_the_tallies(session: Session) -> None:
    make_republications(session, 4)
    scope = TallyScope(NOVEMBER, topic_id=1)
    line, (counted, shares) = tallies.totals(session, scope), funnel_and_shares(session, scope)
    assert shares == tallies.attribution_shares(session, scope)
    assert (counted.found, counted.confirmed, counted.attributed) == (line.found, line.confirmed, line.attributed)
    assert counted.live == line.confirmed - line.gone


def test_what_a_person_alone_confirmed_was_not_fetched(session: Session) -> None:
    make_republication(session, factories.published(session), factories.site(session), match=Match.NONE, read=False)
    assert funnel_and_shares(session, TallyScope(NOVEMBER))[0] == EvidenceFunnel(1, 0, 0, 1, 1, 1, 1)


def test_a_copy_whose_source_nobody_saw_is_in_no_rate_of_sources(session: Session) -> None:
    bulletin = factories.published(session)
    for way, read in ((Attribution.LINKED_AT_END, True), (Attribution.NONE, True), (Attribution.NOT_SEEN, False)):
        make_republication(session, bulletin, factories.site(session), attribution=way, read=read)
    scope = TallyScope(NOVEMBER)
    line = tallies.totals(session, scope)
    assert (line.confirmed, line.source_unseen, line.source_seen, line.attributed_share) == (3, 1, 2, 0.5)
    assert tallies.actual(session, scope, Metric.ATTRIBUTION_RATE) == 50
    level = target_level(session, scope, Metric.ATTRIBUTION_RATE, date(2026, 11, 30), tallies.CountedOnce())
    assert level.actual == 50


def test_a_rate_of_sources_of_nothing_but_unseen_ones_is_undefined(session: Session) -> None:
    bulletin = factories.published(session)
    make_republication(session, bulletin, factories.site(session), attribution=Attribution.NOT_SEEN, read=False)
    assert tallies.totals(session, TallyScope(NOVEMBER)).attributed_share is None


def test_nothing_is_seven_zeros(session: Session) -> None:
    assert funnel_and_shares(session, TallyScope(NOVEMBER))[0] == EvidenceFunnel(0, 0, 0, 0, 0, 0, 0)


PERIODS = ("2026-11", "2026-Q4", "2026-11-07", "2026-10-28..2026-11-02", "2027")


class ByHand:
    """The same questions answered by walking lists."""

    def __init__(self, made: RandomData, scope: TallyScope) -> None:
        self.made, self.scope = made, scope
        self.bulletins = {bulletin.id: bulletin for bulletin in made.bulletins}
        self.sites = {site.id: site for site in made.sites}
        self.channels = {channel.id: channel for channel in made.channels}

    def _wanted(self, bulletin: Bulletin) -> bool:
        if self.scope.topic_id is not None and bulletin.topic_id != self.scope.topic_id:
            return False
        if self.scope.campaign_id is None:
            return True
        if bulletin.campaign is not None:
            return bulletin.campaign.id == self.scope.campaign_id
        (campaign,) = [campaign for campaign in self.made.campaigns if campaign.id == self.scope.campaign_id]
        return bulletin.topic_id in {topic.id for topic in campaign.topics}

    def copies(self) -> list[Republication]:
        return [
            republication
            for republication in self.made.copies
            if republication.counted_on in self.scope.period
            and self._wanted(self.bulletins[republication.bulletin_id])
            and self.scope.company_id in {None, self.sites[republication.site_id].company_id}
        ]

    def arrived(self) -> list[tuple[Bulletin, Delivery]]:
        """One delivery for each bulletin and channel that has some text of it."""
        kept: dict[tuple[int, int], tuple[Bulletin, Delivery]] = {}
        for delivery in self.made.deliveries:
            bulletin = self.bulletins[delivery.bulletin_id]
            company = self.channels[delivery.channel_id].company_id
            released = bulletin.released_on
            if (
                delivery.state is DeliveryState.DELIVERED
                and released is not None
                and released in self.scope.period
                and self._wanted(bulletin)
                and self.scope.company_id in {None, company}
            ):
                kept[delivery.bulletin_id, delivery.channel_id] = (bulletin, delivery)
        return list(kept.values())

    def teasers(self) -> list[Teaser]:
        return [
            teaser
            for teaser in self.made.teasers
            if teaser.counted_on in self.scope.period
            and self._wanted(self.bulletins[teaser.bulletin_id])
            and self.scope.company_id in {None, self.sites[teaser.site_id].company_id}
        ]

    def line(
        self,
        copy_of: Callable[[Republication | Teaser], bool] = lambda _one: True,
        delivery_of: Callable[[Bulletin, Delivery], bool] = lambda _bulletin, _one: True,
    ) -> tuple[int, ...]:
        """The figures over what two conditions let through; the first holds for teasers as for copies."""
        found = [
            republication
            for republication in self.copies()
            if copy_of(republication) and republication.status is not RepublicationStatus.DUPLICATE
        ]
        confirmed = [republication for republication in found if republication.status is RepublicationStatus.CONFIRMED]
        return (
            sum(delivery_of(bulletin, delivery) for bulletin, delivery in self.arrived()),
            len(found),
            len(confirmed),
            sum(republication.status is RepublicationStatus.REVIEW for republication in found),
            sum(republication.status is RepublicationStatus.REJECTED for republication in found),
            sum(republication.life is RepublicationLife.GONE for republication in confirmed),
            sum(republication.attribution is Attribution.LINKED_AT_END for republication in confirmed),
            sum(copy_of(teaser) for teaser in self.teasers()),
            sum(republication.match is Match.PARTIAL for republication in confirmed),
            sum(
                republication.life is RepublicationLife.UNREADABLE
                and republication.status is not RepublicationStatus.REJECTED
                for republication in found
            ),
            sum(republication.attribution is Attribution.NOT_SEEN for republication in confirmed),
            sum(republication.match is Match.PICTURE for republication in confirmed),
        )


def figures(row: TallyRow) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in TallyRow._fields[2:])


def scopes(made: RandomData, period: Period) -> list[TallyScope]:
    """Everything, and every combination of a campaign, a topic and a partner."""
    topics = sorted({bulletin.topic_id for bulletin in made.bulletins})[:2]
    return [
        TallyScope(period, campaign, topic, company)
        for campaign, topic, company in itertools.product(
            (None, made.campaigns[0].id), (None, *topics[:1]), (None, made.companies[0].id)
        )
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_equal_counting_by_hand_in_every_scope(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for label in PERIODS:
        for scope in scopes(made, parse_period(label)):
            assert figures(tallies.totals(session, scope)) == ByHand(made, scope).line(), scope


def by_hand(made: RandomData, scope: TallyScope) -> dict[str, dict[str, tuple[int, ...]]]:
    """For each grouping, what its rows must be."""
    hand = ByHand(made, scope)

    def partner(ident: int) -> tuple[int, ...]:
        return hand.line(
            lambda row: hand.sites[row.site_id].company_id == ident,
            lambda _, row: hand.channels[row.channel_id].company_id == ident,
        )

    def site(ident: int) -> tuple[int, ...]:
        return (0, *hand.line(lambda row: row.site_id == ident)[1:])

    def topic(code: str) -> tuple[int, ...]:
        return hand.line(
            lambda row: hand.bulletins[row.bulletin_id].topic.code == code,
            lambda bulletin, _: bulletin.topic.code == code,
        )

    def channel(ident: int) -> tuple[int, ...]:
        return (hand.line(delivery_of=lambda _, row: row.channel_id == ident)[0], *(0,) * 11)

    def day(moment: date) -> tuple[int, ...]:
        return hand.line(lambda row: row.counted_on == moment, lambda bulletin, _: bulletin.released_on == moment)

    everybody = scope.company_id is None
    copies = [copy for copy in hand.copies() if copy.status is not RepublicationStatus.DUPLICATE]
    days = {republication.counted_on for republication in copies} | {
        bulletin.released_on for bulletin, _ in hand.arrived()
    }
    days |= {teaser.counted_on for teaser in hand.teasers()}
    return {
        "partner": {
            company.code: partner(company.id)
            for company in made.companies
            if everybody or company.id == scope.company_id
        },
        "site": {one.code: site(one.id) for one in made.sites if everybody or one.company_id == scope.company_id},
        "topic": {code: topic(code) for code in TOPICS},
        "channel": {
            one.code: channel(one.id) for one in made.channels if everybody or one.company_id == scope.company_id
        },
        "day": {date_.isoformat(): day(date_) for date_ in days if date_ is not None},
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_grouping_equals_counting_by_hand_in_every_scope(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for label in PERIODS[:2]:
        for scope in scopes(made, parse_period(label)):
            wanted_by = by_hand(made, scope)
            for by, wanted in wanted_by.items():
                assert {row.key: figures(row) for row in tallies.rows(session, scope, by)} == wanted, (by, scope)
            active = sum(bool(delivered or found) for delivered, found, *_ in wanted_by["partner"].values())
            assert tallies.active_partner_count(session, scope) == active, scope


@pytest.mark.parametrize("seed", SEEDS)
def test_partners_and_sites_are_the_same_from_one_count_of_the_copies(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for scope in scopes(made, parse_period("2026-11")):
        sites = tallies.site_figures(session, scope)
        for by in ("partner", "site"):
            assert tallies.rows(session, scope, by, sites) == tallies.rows(session, scope, by), (by, scope)
        hand = ByHand(made, scope)
        confirmed = Counter(row.site_id for row in hand.copies() if row.status is RepublicationStatus.CONFIRMED)
        largest = sorted(confirmed.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        assert [(site.name, site.confirmed) for site in largest_sites(session, sites, 3)] == [
            (hand.sites[site].name, count) for site, count in largest
        ], scope


@pytest.mark.parametrize("seed", SEEDS)
def test_the_furthest_bulletins_equal_counting_by_hand_in_every_scope(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for label in PERIODS:
        for scope in scopes(made, parse_period(label)):
            hand = ByHand(made, scope)
            confirmed = Counter(row.bulletin_id for row in hand.copies() if row.status is RepublicationStatus.CONFIRMED)
            wanted = sorted(confirmed.items(), key=lambda pair: (-pair[1], -pair[0]))[:3]
            assert [(row.code, row.confirmed) for row in furthest(session, scope, 3)] == [
                (hand.bulletins[bulletin].code, count) for bulletin, count in wanted
            ], scope


@pytest.mark.parametrize("seed", SEEDS)
def test_groupings_add_up_to_the_totals(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    scope = TallyScope(parse_period("2026-11"))
    total = figures(tallies.totals(session, scope))
    for by in ("partner", "site", "topic", "day"):
        summed = tuple(sum(column) for column in zip(*map(figures, tallies.rows(session, scope, by)), strict=True))
        assert (summed or (0,) * 9)[1:] == total[1:], by
    for by in ("topic", "channel", "day"):
        assert sum(row.delivered for row in tallies.rows(session, scope, by)) == total[0], by
    assert sum(share.count for share in tallies.attribution_shares(session, scope)) == total[2]
    assert made.bulletins


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_equal_counting_by_hand(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for label in PERIODS[:3]:
        for scope in scopes(made, parse_period(label)):
            hand = ByHand(made, scope)
            confirmed = [
                republication
                for republication in hand.copies()
                if republication.status is RepublicationStatus.CONFIRMED
            ]
            assert tallies.actual(session, scope, Metric.REPUBLICATIONS) == len(confirmed)
            assert tallies.actual(session, scope, Metric.PARTNERS) == len(
                {hand.sites[republication.site_id].company_id for republication in confirmed}
            )
            linked = sum(republication.attribution is Attribution.LINKED_AT_END for republication in confirmed)
            rate = tallies.actual(session, scope, Metric.ATTRIBUTION_RATE)
            seen = sum(republication.attribution is not Attribution.NOT_SEEN for republication in confirmed)
            assert rate == pytest.approx(100 * linked / seen if seen else 0.0)
            out = [
                bulletin
                for bulletin in made.bulletins
                if bulletin.state in {BulletinState.PUBLISHED, BulletinState.RECALLED} and hand._wanted(bulletin)
            ]
            in_period = [
                bulletin
                for bulletin in out
                if bulletin.released_on is not None and bulletin.released_on in scope.period
            ]
            assert tallies.actual(session, scope, Metric.BULLETINS) == len(in_period)
            seen = [
                day for day in made.views
                if day.day in scope.period and hand._wanted(hand.bulletins[day.bulletin_id])
            ]  # fmt: skip
            assert tallies.actual(session, scope, Metric.VIEWS) == sum(day.guarded for day in seen)


def test_a_copy_is_counted_once_for_ever_and_gone_stands_beside_it(session: Session) -> None:
    row = make_republication(session, factories.published(session), factories.site(session))
    scope = TallyScope(parse_period("2026-Q4"))
    before = tallies.totals(session, scope)
    row.life = RepublicationLife.GONE
    session.flush()
    after = tallies.totals(session, scope)
    assert (before.confirmed, before.gone, after.confirmed, after.gone) == (1, 0, 1, 1)


def test_a_period_begins_and_ends_with_the_citys_days(session: Session) -> None:
    site, bulletin = factories.site(session), factories.published(session)
    period = parse_period("2026-11")
    for day in (period.first, period.last):
        make_republication(session, bulletin, site, counted_on=day)
    for month in ("2026-10", "2026-12"):
        make_republication(session, bulletin, site, counted_on=parse_period(month).first)
    assert tallies.totals(session, TallyScope(period)).confirmed == 2


def test_an_unknown_grouping_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        tallies.rows(session, TallyScope(parse_period("2026")), "colour")
    assert refused.value.errors[0].field == "by"


# Views are shown by version of the rules, and never mixed.


DAY = date(2026, 11, 24)


def add(session: Session, bulletin: Bulletin, rules: str, raw: int, guarded: int, **more: object) -> None:
    given = {"host": "", "day": DAY} | more
    session.add(ViewDay(bulletin_id=bulletin.id, rules=rules, raw=raw, guarded=guarded, **given))
    session.flush()


def test_two_versions_of_the_rules_stand_beside_each_other(session: Session) -> None:
    bulletin, other = factories.published(session), factories.published(session)
    add(session, bulletin, "2026.0", 9, 7, day=date(2026, 11, 23))
    add(session, bulletin, "2026.0", 1, 1)
    add(session, bulletin, "2026.1", 5, 2, host="tin.example")
    add(session, bulletin, "2026.1", 4, 1)
    add(session, other, "2026.1", 100, 100)
    assert tallies.bulletin_views(session, bulletin.id) == [
        ViewFigures("2026.0", 10, 8, date(2026, 11, 23), DAY),
        ViewFigures("2026.1", 9, 3, DAY, DAY),
    ]
    assert tallies.bulletin_views_by_day(session, bulletin.id) == [
        DayViews(date(2026, 11, 23), "2026.0", 9, 7),
        DayViews(DAY, "2026.0", 1, 1),
        DayViews(DAY, "2026.1", 9, 3),
    ]
    assert tallies.bulletin_views_by_host(session, bulletin.id)[1] == HostViews("tin.example", "2026.1", 5, 2)


def test_a_scope_is_held_to(session: Session) -> None:
    site = factories.site(session, url="https://tin.example/")
    bulletin, other = (
        factories.published(session, topic="dich-benh"),
        factories.published(session, topic="kinh-te-xa-hoi"),
    )
    add(session, bulletin, "2026.1", 5, 2, host="tin.example")
    add(session, other, "2026.1", 50, 20)
    add(session, bulletin, "2026.1", 500, 200, day=date(2026, 9, 30))
    quarter = parse_period("2026-Q4")
    raw = {
        name: [line.raw for line in tallies.views_by_rules(session, scope)]
        for name, scope in {
            "all": TallyScope(quarter),
            "topic": TallyScope(quarter, topic_id=bulletin.topic_id),
            "company": TallyScope(quarter, company_id=site.company_id),
            "empty": TallyScope(parse_period("2025")),
        }.items()
    }
    assert raw == {"all": [55], "topic": [5], "company": [5], "empty": []}
