"""Every tally equals counting by hand, over made-up worlds, in every scope and by every grouping."""

import itertools
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Invalid
from campaigns.planning.campaigns import Metric
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import tallies
from campaigns.reporting.tallies import Row, Scope
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.teasers import Teaser
from tests import factories
from tests.campaigns.reporting.copies import TOPICS, copy
from tests.campaigns.reporting.worlds import World, world

PERIODS = ("2026-11", "2026-Q4", "2026-11-07", "2026-10-28..2026-11-02", "2027")
SEEDS = range(8)


class ByHand:
    """The same questions answered by walking lists."""

    def __init__(self, made: World, scope: Scope) -> None:
        self.made, self.scope = made, scope
        self.bulletins = {one.id: one for one in made.bulletins}
        self.sites = {one.id: one for one in made.sites}
        self.channels = {one.id: one for one in made.channels}

    def _wanted(self, bulletin: Bulletin) -> bool:
        if self.scope.topic_id is not None and bulletin.topic_id != self.scope.topic_id:
            return False
        if self.scope.campaign_id is None:
            return True
        if bulletin.campaign is not None:
            return bulletin.campaign.id == self.scope.campaign_id
        (campaign,) = [one for one in self.made.campaigns if one.id == self.scope.campaign_id]
        return bulletin.topic_id in {topic.id for topic in campaign.topics}

    def copies(self) -> list[Republication]:
        return [
            one
            for one in self.made.copies
            if one.counted_on in self.scope.period
            and self._wanted(self.bulletins[one.bulletin_id])
            and self.scope.company_id in {None, self.sites[one.site_id].company_id}
        ]

    def arrived(self) -> list[tuple[Bulletin, Delivery]]:
        """One delivery for each bulletin and channel that has some text of it."""
        kept: dict[tuple[int, int], tuple[Bulletin, Delivery]] = {}
        for one in self.made.deliveries:
            bulletin = self.bulletins[one.bulletin_id]
            company = self.channels[one.channel_id].company_id
            released = bulletin.released_on
            if (
                one.state is DeliveryState.DELIVERED
                and released is not None
                and released in self.scope.period
                and self._wanted(bulletin)
                and self.scope.company_id in {None, company}
            ):
                kept[one.bulletin_id, one.channel_id] = (bulletin, one)
        return list(kept.values())

    def teasers(self) -> list[Teaser]:
        return [
            one
            for one in self.made.teasers
            if one.counted_on in self.scope.period
            and self._wanted(self.bulletins[one.bulletin_id])
            and self.scope.company_id in {None, self.sites[one.site_id].company_id}
        ]

    def line(
        self,
        copy_of: Callable[[Republication | Teaser], bool] = lambda _one: True,
        delivery_of: Callable[[Bulletin, Delivery], bool] = lambda _bulletin, _one: True,
    ) -> tuple[int, ...]:
        """The eight figures over what two conditions let through; the first holds for teasers as for copies."""
        found = [one for one in self.copies() if copy_of(one)]
        confirmed = [one for one in found if one.status is Status.CONFIRMED]
        return (
            sum(delivery_of(bulletin, one) for bulletin, one in self.arrived()),
            len(found),
            len(confirmed),
            sum(one.status is Status.REVIEW for one in found),
            sum(one.status is Status.REJECTED for one in found),
            sum(one.life is Life.GONE for one in confirmed),
            sum(one.attribution is Attribution.LINKED_AT_END for one in confirmed),
            sum(copy_of(one) for one in self.teasers()),
        )


def figures(row: Row) -> tuple[int, ...]:
    return (row.delivered, row.found, row.confirmed, row.review, row.rejected, row.gone, row.attributed, row.teasers)


def scopes(made: World, period: Period) -> list[Scope]:
    """Everything, and every combination of a campaign, a topic and a partner."""
    topics = sorted({one.topic_id for one in made.bulletins})[:2]
    return [
        Scope(period, campaign, topic, company)
        for campaign, topic, company in itertools.product(
            (None, made.campaigns[0].id), (None, *topics[:1]), (None, made.companies[0].id)
        )
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_equal_counting_by_hand_in_every_scope(session: Session, seed: int) -> None:
    made = world(session, seed)
    for label in PERIODS:
        for scope in scopes(made, parse_period(label)):
            assert figures(tallies.totals(session, scope)) == ByHand(made, scope).line(), scope


def by_hand(made: World, scope: Scope) -> dict[str, dict[str, tuple[int, ...]]]:
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
        return (hand.line(delivery_of=lambda _, row: row.channel_id == ident)[0], *(0,) * 7)

    def day(moment: date) -> tuple[int, ...]:
        return hand.line(lambda row: row.counted_on == moment, lambda bulletin, _: bulletin.released_on == moment)

    everybody = scope.company_id is None
    days = {one.counted_on for one in hand.copies()} | {one.released_on for one, _ in hand.arrived()}
    days |= {one.counted_on for one in hand.teasers()}
    return {
        "partner": {one.code: partner(one.id) for one in made.companies if everybody or one.id == scope.company_id},
        "site": {one.code: site(one.id) for one in made.sites if everybody or one.company_id == scope.company_id},
        "topic": {code: topic(code) for code in TOPICS},
        "channel": {
            one.code: channel(one.id) for one in made.channels if everybody or one.company_id == scope.company_id
        },
        "day": {one.isoformat(): day(one) for one in days if one is not None},
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_grouping_equals_counting_by_hand_in_every_scope(session: Session, seed: int) -> None:
    made = world(session, seed)
    for label in PERIODS[:2]:
        for scope in scopes(made, parse_period(label)):
            for by, wanted in by_hand(made, scope).items():
                assert {row.key: figures(row) for row in tallies.rows(session, scope, by)} == wanted, (by, scope)


@pytest.mark.parametrize("seed", SEEDS)
def test_groupings_add_up_to_the_totals(session: Session, seed: int) -> None:
    made = world(session, seed)
    scope = Scope(parse_period("2026-11"))
    total = figures(tallies.totals(session, scope))
    for by in ("partner", "site", "topic", "day"):
        summed = tuple(sum(column) for column in zip(*map(figures, tallies.rows(session, scope, by)), strict=True))
        assert (summed or (0,) * 8)[1:] == total[1:], by
    for by in ("topic", "channel", "day"):
        assert sum(row.delivered for row in tallies.rows(session, scope, by)) == total[0], by
    assert sum(share.count for share in tallies.attribution_shares(session, scope)) == total[2]
    assert made.bulletins


@pytest.mark.parametrize("seed", SEEDS)
def test_metrics_equal_counting_by_hand(session: Session, seed: int) -> None:
    made = world(session, seed)
    for label in PERIODS[:3]:
        for scope in scopes(made, parse_period(label)):
            hand = ByHand(made, scope)
            confirmed = [one for one in hand.copies() if one.status is Status.CONFIRMED]
            assert tallies.actual(session, scope, Metric.REPUBLICATIONS) == len(confirmed)
            assert tallies.actual(session, scope, Metric.PARTNERS) == len(
                {hand.sites[one.site_id].company_id for one in confirmed}
            )
            linked = sum(one.attribution is Attribution.LINKED_AT_END for one in confirmed)
            rate = tallies.actual(session, scope, Metric.ATTRIBUTION_RATE)
            assert rate == pytest.approx(100 * linked / len(confirmed) if confirmed else 0.0)
            out = [
                one for one in made.bulletins if one.state in {State.PUBLISHED, State.RECALLED} and hand._wanted(one)
            ]
            in_period = [one for one in out if one.released_on is not None and one.released_on in scope.period]
            assert tallies.actual(session, scope, Metric.BULLETINS) == len(in_period)
            seen = [
                one for one in made.views
                if one.day in scope.period and hand._wanted(hand.bulletins[one.bulletin_id])
            ]  # fmt: skip
            assert tallies.actual(session, scope, Metric.VIEWS) == sum(one.guarded for one in seen)


def test_a_copy_is_counted_once_for_ever_and_gone_stands_beside_it(session: Session) -> None:
    row = copy(session, factories.published(session), factories.site(session))
    scope = Scope(parse_period("2026-Q4"))
    before = tallies.totals(session, scope)
    row.life = Life.GONE
    session.flush()
    after = tallies.totals(session, scope)
    assert (before.confirmed, before.gone, after.confirmed, after.gone) == (1, 0, 1, 1)


def test_a_period_begins_and_ends_with_the_citys_days(session: Session) -> None:
    site, bulletin = factories.site(session), factories.published(session)
    period = parse_period("2026-11")
    for day in (period.first, period.last):
        copy(session, bulletin, site, counted_on=day)
    for month in ("2026-10", "2026-12"):
        copy(session, bulletin, site, counted_on=parse_period(month).first)
    assert tallies.totals(session, Scope(period)).confirmed == 2


def test_an_unknown_grouping_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        tallies.rows(session, Scope(parse_period("2026")), "colour")
    assert refused.value.errors[0].field == "by"
