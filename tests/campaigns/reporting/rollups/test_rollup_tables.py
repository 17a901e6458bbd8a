"""The sums equal the rows after any acts, by any statements, also concurrent ones."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.transport import DeliveryAct
from campaigns.core.clock import parse_period
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Site
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.reporting import tallies, timing
from campaigns.reporting.reach import furthest
from campaigns.reporting.rollups import rollup
from campaigns.reporting.tallies import TallyScope, funnel_and_shares
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Evidence, Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.teasers import Teaser, record_teaser, remove_teaser
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import TOPICS, give_status, make_republication
from tests.conftest import seeds
from tests.factories import NOW, planned

pytestmark = pytest.mark.long

FIRST = date(2026, 10, 28)


@dataclass
class Acts:
    """Acts on a small world, chosen by dice: what people and machines do to what is counted, one a call."""

    session: Session
    dice: random.Random
    sites: list[int] = field(default_factory=list)
    bulletins: list[int] = field(default_factory=list)

    def begin(self) -> None:
        """Two partners with two sites each, three bulletins, a plan."""
        owners = [factories.company(self.session) for _ in range(2)]
        sites = [factories.site(self.session, owners[number % 2]) for number in range(4)]
        for _ in range(3):
            factories.channel(self.session, "webhook", company=self.dice.choice([None, *owners]))
        made = [factories.published(self.session, topic=topic) for topic in TOPICS]
        planned(
            self.session,
            FIRST,
            FIRST + timedelta(days=60),
            code="kh-1",
            topics=list(TOPICS[:2]),
            plan_number="1/KH",
            name="Kế hoạch",
        )
        self.session.flush()
        self.sites, self.bulletins = [site.id for site in sites], [bulletin.id for bulletin in made]

    def one(self) -> str:
        """One act; returns what it was."""
        act = self.dice.choice([
            self.see, self.see, self.see, self.judge, self.judge, self.judge, self.vanish, self.move, self.prove,
            self.announce, self.outgrow, self.refile, self.retime, self.deliver, self.sweep, self.hand_over, self.drop,
        ])  # fmt: skip
        act()
        self.session.flush()
        return act.__name__

    def _copy(self) -> Republication | None:
        found = self.session.execute(sa.select(Republication).order_by(Republication.id)).scalars().all()
        return self.dice.choice(found) if found else None

    def _bulletin(self) -> Bulletin:
        return self.session.get_one(Bulletin, self.dice.choice(self.bulletins))

    def _day(self) -> date:
        return FIRST + timedelta(days=self.dice.randrange(70))

    def see(self) -> None:
        seen = NOW + timedelta(minutes=self.dice.randrange(-30, 90_000), seconds=self.dice.random() * 60)
        moment = self.dice.choice([None, seen - timedelta(minutes=self.dice.randrange(90))])
        site = self.session.get_one(Site, self.dice.choice(self.sites))
        make_republication(
            self.session, self._bulletin(), site, status=self.dice.choice(list(RepublicationStatus)),
            match=self.dice.choice(list(Match)), attribution=self.dice.choice(list(Attribution)),
            counted_on=self._day(), published_at=moment, first_seen_at=seen, read=self.dice.random() < 0.5,
        )  # fmt: skip

    def judge(self) -> None:
        if row := self._copy():
            give_status(self.session, self.dice, row)
            row.attribution = self.dice.choice(list(Attribution))
            row.match = self.dice.choice(list(Match))

    def vanish(self) -> None:
        if row := self._copy():
            row.life = self.dice.choice(list(RepublicationLife))

    def move(self) -> None:
        if row := self._copy():
            row.counted_on = self._day()
            row.published_at = self.dice.choice([None, row.first_seen_at - timedelta(minutes=3)])

    def prove(self) -> None:
        if row := self._copy():
            self.session.add(
                Evidence(
                    republication_id=row.id, at=NOW, status=200, final_url=row.url, body_hash="1" * 64, match=row.match,
                    share=0.5, longest_run=9, title_kept=True, attribution=row.attribution, passages=[], reasons=[],
                    rule_version="test", fp_version="test",
                )
            )  # fmt: skip

    def announce(self) -> None:
        site = self.dice.choice(self.sites)
        address = f"https://tin.example/{next(factories._numbers)}"
        page = Page(site_id=site, url=address, canonical_url=address, first_seen_at=NOW, error="")
        self.session.add(page)
        self.session.flush()
        record_teaser(self.session, page, self._bulletin().id, "", now=NOW)

    def outgrow(self) -> None:
        found = self.session.execute(sa.select(Teaser)).scalars().all()
        if found:
            gone = self.dice.choice(found)
            remove_teaser(self.session, gone.page, gone.bulletin_id)

    def refile(self) -> None:
        topics = self.session.execute(sa.select(Topic).order_by(Topic.id)).scalars().all()
        plans = self.session.execute(sa.select(Campaign)).scalars().all()
        row = self._bulletin()
        row.topic, row.campaign = self.dice.choice(topics), self.dice.choice([None, *plans])

    def retime(self) -> None:
        row = self._bulletin()
        row.release_at = self.dice.choice([None, NOW, NOW + timedelta(hours=self.dice.randrange(50))])
        row.released_on = self.dice.choice([None, self._day()])

    def deliver(self) -> None:
        found = self.session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars().all()
        delivery = self.dice.choice(found)
        delivery.state = self.dice.choice([DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.DEAD])
        if self.dice.random() < 0.3:
            self.session.add(
                Delivery(
                    public=f"dlv_{next(factories._numbers)}",
                    bulletin_id=delivery.bulletin_id,
                    channel_id=delivery.channel_id,
                    revision=next(factories._numbers),
                    act=DeliveryAct.CORRECT,
                    state=DeliveryState.DELIVERED,
                    created_at=NOW,
                )
            )

    def sweep(self) -> None:
        """Many rows in one statement, past the session's objects: none that would count a bulletin twice on a site."""
        which = Republication.bulletin_id == self._bulletin().id
        values = {
            "status": self.dice.choice([RepublicationStatus.REVIEW, RepublicationStatus.REJECTED]),
            "duplicate_of_id": None,
            "second_posting": False,
            "life": self.dice.choice(list(RepublicationLife)),
        }
        self.session.execute(sa.update(Republication).where(which).values(values))
        self.session.expire_all()

    def hand_over(self) -> None:
        """A site goes to another partner."""
        site, other = (self.session.get_one(Site, self.dice.choice(self.sites)) for _ in range(2))
        site.company = other.company

    def drop(self) -> None:
        """A hand in the database takes a copy that nothing else refers to."""
        if row := self._copy():
            proven = self.session.execute(sa.select(Evidence.id).where(Evidence.republication_id == row.id)).first()
            others = sa.select(Republication.id).where(Republication.duplicate_of_id == row.id)
            if proven is None and self.session.execute(others).first() is None:
                self.session.delete(row)


def by_rows(session: Session, scope: TallyScope) -> dict[str, object]:
    """The figures of a scope, counted by walking every copy."""
    campaigns = {
        campaign.id: {topic.id for topic in campaign.topics}
        for campaign in session.execute(sa.select(Campaign)).scalars()
    }
    found = []
    copies = sa.select(Republication).where(Republication.status != RepublicationStatus.DUPLICATE)
    for row in session.execute(copies).scalars():
        filed = row.bulletin
        ours = scope.campaign_id is None or scope.campaign_id == filed.campaign_id or (
            filed.campaign_id is None and filed.topic_id in campaigns[scope.campaign_id]
        )  # fmt: skip
        if (
            ours and row.counted_on in scope.period and scope.topic_id in (None, filed.topic_id)
            and scope.company_id in (None, row.site.company_id)
        ):  # fmt: skip
            found.append(row)
    sure = [row for row in found if row.status is RepublicationStatus.CONFIRMED]
    waited = sorted(
        int((row.published_at or row.first_seen_at).timestamp()) - int(row.bulletin.release_at.timestamp())
        for row in sure if row.bulletin.release_at is not None
    )  # fmt: skip
    read = {row.id for row in found if row.evidence}
    full = {Match.FULL, Match.PARTIAL, Match.PICTURE}
    return {
        "found": len(found),
        "fetched": sum(row.id in read for row in found),
        "matched": sum(row.id in read and (row.match in full or row in sure) for row in found),
        "by_person": sum(row.id not in read for row in sure),
        "confirmed": len(sure),
        "gone": sum(row.life is RepublicationLife.GONE for row in sure),
        "shares": [sum(row.attribution is attribution for row in sure) for attribution in Attribution],
        "delays": len(waited),
        "median": float(max(waited[(len(waited) - 1) // 2], 0)) if waited else None,
        "furthest": sorted(
            (sum(1 for row in sure if row.bulletin_id == number) for number in {row.bulletin_id for row in sure}),
            reverse=True,
        ),
    }


def by_sums(session: Session, scope: TallyScope) -> dict[str, object]:
    """The same as the pages ask for it."""
    (steps, _), delays = funnel_and_shares(session, scope), timing.delay_figures(session, scope)
    return {
        "found": steps.found,
        "fetched": steps.fetched,
        "matched": steps.matched,
        "by_person": steps.by_person,
        "confirmed": steps.confirmed,
        "gone": tallies.totals(session, scope).gone,
        "shares": [share.count for share in tallies.attribution_shares(session, scope)],
        "delays": sum(delays.counts),
        "median": delays.median,
        "furthest": [bulletin.confirmed for bulletin in furthest(session, scope)],
    }


def scopes(session: Session) -> Iterator[TallyScope]:
    """Every combination of period, plan, topic and partner."""
    plan = session.execute(sa.select(Campaign.id)).scalar_one()
    topic = session.execute(sa.select(Topic.id).where(Topic.code == TOPICS[0])).scalar_one()
    company = session.execute(sa.select(Site.company_id).order_by(Site.id).limit(1)).scalar_one()
    for label in ("2026", "2026-11", "2026-10-30..2026-12-02"):
        for choice in itertools.product((None, plan), (None, topic), (None, company)):
            yield TallyScope(parse_period(label), *choice)


@pytest.mark.long
@pytest.mark.parametrize("seed", seeds(4))
def test_any_acts_in_any_order_leave_sums_that_the_rows_bear_out(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    values: list[str] = []
    acts: Acts | None = None
    for _ in range(3):
        with database.write() as session:
            if acts is None:
                acts = Acts(session, dice)
                acts.begin()
            acts.session = session
            values += [acts.one() for _ in range(25)]
            if dice.random() < 0.6:
                rollup.roll_up(session)
        with database.read() as session:
            assert list(rollup.find_differences(session)) == [], values
    with database.read() as session:
        for scope in dice.sample(list(scopes(session)), 8):
            assert by_sums(session, scope) == by_rows(session, scope), (scope, values)
    with database.write() as session:
        rollup.rebuild_sums(session)
        assert rollup.count_pending(session) == 0
        assert list(rollup.find_differences(session)) == []


def test_what_is_rolled_back_was_never_noted(session: Session) -> None:
    bulletin, site = factories.published(session), factories.site(session)
    make_republication(session, bulletin, site)
    with session.begin_nested() as savepoint:
        make_republication(session, bulletin, site)
        assert tallies.totals(session, TallyScope(parse_period("2026"))).found == 2
        savepoint.rollback()
    assert tallies.totals(session, TallyScope(parse_period("2026"))).found == 1
    assert list(rollup.find_differences(session)) == []


def test_adding_up_twice_changes_nothing(session: Session) -> None:
    make_republication(session, factories.published(session), factories.site(session))
    assert rollup.roll_up(session) > 0
    assert rollup.roll_up(session) == 0
    assert tallies.totals(session, TallyScope(parse_period("2026"))).confirmed == 1


def _at_once(*acts: Callable[[], None]) -> None:
    errors: list[BaseException] = []

    def guarded(act: Callable[[], None]) -> Callable[[], None]:
        def work() -> None:
            try:
                act()
            except BaseException as error:  # noqa: BLE001  # handed to the test
                errors.append(error)

        return work

    threads = [threading.Thread(target=guarded(act)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def test_writers_at_once_while_bulletins_are_filed_anew_and_sums_added_up(database: Database) -> None:
    with database.write() as session:
        acts = Acts(session, random.Random(1))
        acts.begin()
        sites, bulletins = acts.sites, acts.bulletins
        topics = session.execute(sa.select(Topic.id).order_by(Topic.id)).scalars().all()

    def see(seed: int) -> Callable[[], None]:
        def work() -> None:
            dice = random.Random(seed)
            for _ in range(20):
                with database.write() as session:
                    row = make_republication(
                        session, session.get_one(Bulletin, dice.choice(bulletins)),
                        session.get_one(Site, dice.choice(sites)), status=RepublicationStatus.CANDIDATE, read=False,
                    )  # fmt: skip
                    counted_copy.lock_copies(session, [row.id])
                    give_status(session, dice, row)

        return work

    def refile() -> None:
        dice = random.Random(7)
        for _ in range(20):
            with database.write() as session:
                session.get_one(Bulletin, dice.choice(bulletins)).topic_id = dice.choice(topics)

    def add_up() -> None:
        for _ in range(20):
            with database.write() as session:
                rollup.roll_up(session)

    _at_once(see(1), see(2), see(3), refile, add_up, add_up)
    with database.read() as session:
        assert list(rollup.find_differences(session)) == []
        year = TallyScope(parse_period("2026"))
        known = tallies.by_status(session, year)
        assert sum(known.values()) == 60
        assert tallies.totals(session, year).found == 60 - known[RepublicationStatus.DUPLICATE]
        pairs = sa.select(Republication.bulletin_id, Republication.site_id).distinct().subquery()
        most = session.execute(sa.select(sa.func.count()).select_from(pairs)).scalar_one()
        seconds = session.execute(sa.select(sa.func.count()).where(Republication.second_posting)).scalar_one()
        assert known[RepublicationStatus.CONFIRMED] <= most + seconds


def test_one_bulletin_that_two_deliveries_bring_at_once_arrives_once(database: Database) -> None:
    with database.write() as session:
        factories.channel(session, "webhook")
        bulletin = factories.published(session)
        first = session.execute(sa.select(Delivery).where(Delivery.bulletin_id == bulletin.id)).scalar_one()
        again = Delivery(
            public="dlv_again",
            bulletin_id=bulletin.id,
            channel_id=first.channel_id,
            revision=2,
            act=DeliveryAct.CORRECT,
            state=DeliveryState.DUE,
            created_at=NOW,
        )
        session.add(again)
        session.flush()
        both = [first.id, again.id]

    def settle(number: int) -> Callable[[], None]:
        def work() -> None:
            with database.write() as session:
                session.get_one(Delivery, number).state = DeliveryState.DELIVERED

        return work

    _at_once(*(settle(number) for number in both))
    with database.read() as session:
        assert tallies.totals(session, TallyScope(parse_period("2026"))).delivered == 1
        assert list(rollup.find_differences(session)) == []
