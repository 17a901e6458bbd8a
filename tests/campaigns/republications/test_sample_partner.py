"""The sample partner: added once, counted nowhere, removed at one press."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.clock import city_day, quarter_of
from campaigns.core.errors import Conflict, Forbidden
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.site_sources import Source
from campaigns.partners.directory import Site, find_company, site_of
from campaigns.people.keys import AccessKey
from campaigns.planning.campaigns import Metric
from campaigns.reporting import open_data, tallies
from campaigns.reporting.reach import reach_of
from campaigns.reporting.rollups import rollup
from campaigns.reporting.tallies import TallyScope
from campaigns.republications import sample_partner
from campaigns.republications.republications import NO_DAY, RepublicationStatus, counted_day
from campaigns.republications.silent_partners import silent_partners
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ADMIN, DELIVERY_MODES, NOW, WRITER

BASE = "http://localhost:8800"
LATER = NOW + timedelta(minutes=2)


def added(session: Session) -> Site:
    return sample_partner.add_sample(session, ADMIN, BASE, now=NOW)


def counted(session: Session, site: Site) -> tuple[object, ...]:
    """Every kind of figure that a copy or a delivery could change."""
    quarter = TallyScope(quarter_of(city_day(NOW)))
    return (
        tallies.totals(session, quarter),
        *(tallies.rows(session, quarter, by) for by in ("partner", "site", "topic", "day")),
        tallies.by_status(session, quarter),
        tallies.site_count(session, quarter),
        tallies.active_partner_count(session, quarter),
        *(tallies.actual(session, quarter, metric) for metric in (Metric.REPUBLICATIONS, Metric.PARTNERS)),
        silent_partners(session, city_day(NOW)).count,
        *(
            [tuple(row) for row in open_data.open_rows(session, name, now=LATER)]
            for name in ("partners", "sites", "republications", "daily")
        ),
        tallies.last_confirmed_on(session, site.company_id) in {None, NO_DAY},
    )


def test_nothing_of_the_sample_partner_is_in_any_figure(session: Session) -> None:
    real = factories.site(session)
    site = added(session)
    bulletin = factories.published(session)
    make_republication(session, bulletin, real)
    before = counted(session, site)
    sample_partner.read_feed(session, DELIVERY_MODES, after=timedelta(minutes=1), now=LATER)
    states = session.execute(sa.select(Delivery.state)).scalars().all()
    assert states == [DeliveryState.DELIVERED] * 2  # its feed and its account
    copy = make_republication(session, bulletin, site, counted_on=counted_day(site, city_day(NOW)))
    assert copy.counted_on == NO_DAY
    assert counted(session, site) == before
    assert reach_of(session, [bulletin.id])[bulletin.id].confirmed == 1
    assert sample_partner.sample_copy(session) is copy
    session.flush()
    rollup.rebuild_sums(session)
    assert counted(session, site) == before
    assert list(rollup.find_differences(session)) == []


def test_it_is_added_once_and_its_articles_come_a_minute_after_its_feed(session: Session) -> None:
    site = added(session)
    assert added(session) is site
    assert sample_partner.sample_names(session) >= {"Công ty Mẫu", "Trang Mẫu", "Tài khoản Mẫu", site.code}
    assert session.execute(sa.select(sa.func.count()).select_from(Channel)).scalar_one() == 2
    bulletin = factories.published(session)
    minute = timedelta(minutes=1)

    def codes(now: object) -> list[str]:
        found = sample_partner.sample_articles(session, site, DELIVERY_MODES.pulled, after=minute, now=now)  # type: ignore[arg-type]
        return [article.released.bulletin.code for article in found]

    assert codes(NOW + timedelta(seconds=59)) == []
    assert codes(NOW + minute) == [bulletin.code]
    source = session.execute(sa.select(Source)).scalar_one()
    source.looked_at = source.succeeded_at = NOW
    source.due_at = NOW + timedelta(hours=4)
    assert not sample_partner.read_feed(session, DELIVERY_MODES, after=minute, now=NOW + timedelta(seconds=40))
    assert sample_partner.read_feed(session, DELIVERY_MODES, after=minute, now=LATER)
    session.refresh(source)
    assert source.due_at == LATER
    source.succeeded_at, source.looked_at, source.due_at = LATER, LATER, LATER + timedelta(hours=4)
    assert not sample_partner.read_feed(session, DELIVERY_MODES, after=minute, now=LATER + minute)


def test_its_pages_are_its_own_addresses_and_no_others(session: Session) -> None:
    site = added(session)
    assert sample_partner.is_sample_page(session, site.url)
    assert sample_partner.is_sample_page(session, f"{site.url}rss.xml")
    assert sample_partner.is_sample_page(session, f"{site.url}BT-2026-11-24-001")
    for address in ("../../metrics", "..%2f..%2fmetrics", "a/b", "a?b", "a#b", "a\\b", ".", "rss.xml/x", "a@b"):
        assert not sample_partner.is_sample_page(session, site.url + address)
    assert not sample_partner.is_sample_page(session, f"{BASE}/metrics")
    assert site_of(session, f"{site.url}BT-2026-11-24-001") is site
    assert site_of(session, f"{BASE}/bulletins/BT-2026-11-24-001") is None  # our own page is nobody's copy


def test_removed_it_is_over_and_can_be_added_again_at_another_address(session: Session) -> None:
    with pytest.raises(Forbidden):
        sample_partner.add_sample(session, WRITER, BASE, now=NOW)
    sample_partner.remove_sample(session, ADMIN, now=NOW)  # nothing is there: nothing happens
    site = added(session)
    address = site.url
    copy = make_republication(session, factories.published(session), site, counted_on=NO_DAY)
    for _press in range(2):
        sample_partner.remove_sample(session, ADMIN, now=LATER)
    assert sample_partner.sample_site(session) is None
    assert sample_partner.sample_copy(session) is None
    assert not sample_partner.is_sample_page(session, f"{address}rss.xml")
    assert (copy.status, copy.decided_by, copy.page.due_at) == (RepublicationStatus.REJECTED, ADMIN.id, None)
    assert set(session.execute(sa.select(Channel.state)).scalars()) == {ChannelState.RETIRED}
    assert session.execute(sa.select(AccessKey).where(AccessKey.revoked_at.is_(None))).first() is None
    assert session.execute(sa.select(Source.due_at)).scalars().all() == [None]
    again = added(session)
    assert again is site
    assert again.url != address
    assert find_company(session, again.company.code).sample


def test_a_real_site_on_the_products_own_host_is_named(session: Session) -> None:
    factories.site(session, url=f"{BASE}/")
    with pytest.raises(Conflict) as refused:
        added(session)
    assert refused.value.params["host"] == "localhost:8800"
