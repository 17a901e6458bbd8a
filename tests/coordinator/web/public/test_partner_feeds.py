"""A partner's own feeds: only its topics, every read logged, and no access with an invalid key."""

import gzip
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.channels.channels import Channel, pause
from campaigns.channels.transport import DeliveryAct
from campaigns.core.clock import city_day
from campaigns.delivery import outbox
from campaigns.delivery.feed_fetches import CAUGHT_UP_REASON, FeedFetch, count_caught_up
from campaigns.delivery.outbox import AttemptOutcome, Delivery, DeliveryState, find_delivery
from campaigns.partners.directory import Company
from campaigns.people.keys import AccessKey, revoke_key
from campaigns.people.staff import Role
from coordinator.jobs import view_buffer_writer
from tests import factories
from tests.coordinator.web.application import BASE, FORMS, MORNING, RunningApplication
from tests.coordinator.web.public.feed_reader import read_feed
from tests.factories import ADMIN


def log(outside: RunningApplication) -> list[tuple[str, int, int]]:
    with outside.database.read() as session:
        rows = session.execute(sa.select(FeedFetch).order_by(FeedFetch.id)).scalars().all()
        return [(row.feed, row.status, row.items) for row in rows]


def states(outside: RunningApplication) -> list[str]:
    with outside.database.read() as session:
        return [state.value for state in session.execute(sa.select(Delivery.state).order_by(Delivery.id)).scalars()]


@pytest.mark.parametrize("name", FORMS)
def test_a_partner_reads_its_topics_and_no_other(outside: RunningApplication, name: str) -> None:
    _, key = outside.partner("Nhịp Sông", ["dich-benh"])
    _, other = outside.partner("Phố Nhỏ", ["kinh-te-xa-hoi", "an-ninh-quoc-phong"])
    for topic in ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"):
        outside.publish(topic, topic=topic)
    zipped = outside.get(f"/feeds/{key}/{name}", Accept_Encoding="gzip").data
    assert read_feed(name, gzip.decompress(zipped)).titles == ("dich-benh",)
    assert read_feed(name, outside.get(f"/feeds/{key}/{name}").data).titles == ("dich-benh",)
    assert read_feed(name, outside.get(f"/feeds/{key}/{name}?after=").data).titles == ("dich-benh",)
    assert read_feed(name, outside.get(f"/feeds/{key}/{name}?topic=kinh-te-xa-hoi").data).titles == ()
    assert read_feed(name, outside.get(f"/feeds/{other}/{name}").data).titles == (
        "an-ninh-quoc-phong",
        "kinh-te-xa-hoi",
    )


def test_a_partner_without_a_pull_channel_reads_everything_and_one_whose_channel_is_paused_nothing(
    outside: RunningApplication,
) -> None:
    _, free = outside.partner("Chưa có kênh", kind=None)
    company, key = outside.partner("Đã dừng", ["dich-benh"])
    outside.publish("Dịch", topic="dich-benh")
    assert read_feed("rss.xml", outside.get(f"/feeds/{free}/rss.xml").data).titles == ("Dịch",)
    with outside.database.write() as session:
        channel = session.execute(sa.select(Channel).where(Channel.company_id == company)).scalar_one()
        pause(session, ADMIN, channel, now=outside.office.now())
    assert read_feed("rss.xml", outside.get(f"/feeds/{key}/rss.xml").data).titles == ()


def test_every_read_is_logged_with_what_it_carried_even_when_nothing_was_new(outside: RunningApplication) -> None:
    _, key = outside.partner("Nhịp Sông")
    for _ in range(2):
        outside.publish()
    known = outside.get(f"/feeds/{key}/atom.xml").headers["ETag"]
    with outside.database.read() as session:
        assert session.execute(sa.select(AccessKey.last_used_at)).scalars().all() == [outside.office.now()]
    outside.get(f"/feeds/{key}/atom.xml", 304, If_None_Match=known)
    outside.client.head(f"/feeds/{key}/ninjs.json")
    outside.get(f"/feeds/{key}/feed.json?limit=1")
    assert log(outside) == [("atom.xml", 200, 2), ("feed.json", 200, 1)]  # what proves a delivery, at once
    outside.clock.forward(seconds=2)
    assert view_buffer_writer.flush_feed_reads(outside.office) == 2
    assert view_buffer_writer.flush_feed_reads(outside.office) == 0
    assert log(outside)[2:] == [("atom.xml", 304, 0), ("ninjs.json", 200, 0)]


def test_a_read_that_proves_nothing_writes_nothing_and_a_database_that_is_away_loses_none(
    outside: RunningApplication,
) -> None:
    _, key = outside.partner("Nhịp Sông")
    outside.publish()
    known = outside.get(f"/feeds/{key}/rss.xml").headers["ETag"]
    for _ in range(3):
        outside.get(f"/feeds/{key}/rss.xml", 304, If_None_Match=known)
    assert len(outside.office.feed_reads) == 3
    assert log(outside) == [("rss.xml", 200, 1)]
    with outside.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE feed_fetches RENAME TO away"))
    with pytest.raises(sa.exc.SQLAlchemyError):
        view_buffer_writer.flush_feed_reads(outside.office)
    with outside.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO feed_fetches"))
    assert view_buffer_writer.flush_feed_reads(outside.office) == 3
    assert log(outside) == [("rss.xml", 200, 1), *[("rss.xml", 304, 0)] * 3]


def test_a_read_that_failed_and_a_read_without_a_key_leave_no_trace(outside: RunningApplication) -> None:
    _, key = outside.partner("Nhịp Sông")
    outside.publish()
    outside.get(f"/feeds/{key}/atom.xml?limit=0", 422)
    outside.get(f"/feeds/{key}/nothing.xml", 404)
    outside.get("/feeds/atom.xml")
    assert log(outside) == []


def test_a_read_settles_the_delivery_it_proves_and_a_head_or_a_304_proves_nothing(outside: RunningApplication) -> None:
    _, key = outside.partner("Nhịp Sông")
    outside.publish()
    tag = outside.client.head(f"/feeds/{key}/rss.xml").headers["ETag"]
    outside.get(f"/feeds/{key}/rss.xml", 304, If_None_Match=tag)
    assert states(outside) == ["due"]
    outside.get("/feeds/rss.xml")
    assert states(outside) == ["due"]
    outside.get(f"/feeds/{key}/rss.xml")
    assert states(outside) == ["delivered"]


@pytest.mark.parametrize("name", FORMS)
def test_only_a_living_partner_key_opens_a_feed(outside: RunningApplication, name: str) -> None:
    company, key = outside.partner("Nhịp Sông")
    outside.publish("Chỉ cho đối tác")
    expiring = outside.key(company_id=company, expires_on=city_day(MORNING))
    revoked = outside.key(company_id=company)
    with outside.database.write() as session:
        revoke_key(session, "test", revoked.split("_")[1], now=outside.office.now())
    staff = [outside.role_key(role) for role in Role]
    outside.get(f"/feeds/{expiring}/{name}")
    outside.clock.forward(days=1)
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    words = set()
    for bad in (expiring, revoked, *staff, wrong, key.upper(), key[:20], "x", "lt_", "%00", "a" * 500):
        answer = outside.get(f"/feeds/{bad}/{name}", 404)
        assert "Chỉ cho đối tác" not in answer.text
        words.add(answer.text)
    assert len(words) == 1 + 1  # a path with a NUL is invalid; no other response gives a reason
    outside.get(f"/feeds/{key}/{name}")
    assert timedelta(days=1) <= outside.office.now() - MORNING


@pytest.mark.parametrize("name", FORMS)
def test_a_partners_feed_is_kept_by_no_shared_cache_and_names_itself(outside: RunningApplication, name: str) -> None:
    _, key = outside.partner("Nhịp Sông")
    outside.publish()
    answer = outside.get(f"/feeds/{key}/{name}?limit=9")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert f'<{BASE}/feeds/{key}/{name}?limit=9>; rel="self"' in answer.headers["Link"]
    assert f'<{BASE}/hub>; rel="hub"' in answer.headers["Link"]


@pytest.mark.parametrize("name", FORMS)
def test_the_key_stands_in_no_item_that_a_partner_copies_on(outside: RunningApplication, name: str) -> None:
    _, key = outside.partner("Nhịp Sông")
    outside.publish("Tin chép đi")
    answer = outside.get(f"/feeds/{key}/{name}")
    assert key not in read_feed(name, answer.data).texts["Tin chép đi"]
    # Once, as the feed's own address.
    assert answer.text.count(key) == 1


def test_paging_stays_under_the_key_and_meets_only_the_partners_topics(outside: RunningApplication) -> None:
    _, key = outside.partner("Nhịp Sông", ["dich-benh"])
    for number in range(6):
        outside.publish(f"Tin {number}", topic=("dich-benh", "kinh-te-xa-hoi")[number % 2])
    first = read_feed("feed.json", outside.get(f"/feeds/{key}/feed.json?after=&limit=2").data)
    assert (first.next_url or "").startswith(f"{BASE}/feeds/{key}/feed.json?")
    second = read_feed("feed.json", outside.get(first.next_url or "").data)
    assert first.titles + second.titles == ("Tin 0", "Tin 2", "Tin 4")


def test_two_partners_with_the_same_topics_have_validators_of_their_own(outside: RunningApplication) -> None:
    keys = [outside.partner(name)[1] for name in ("Một", "Hai")]
    outside.publish()
    tags = {outside.get(f"/feeds/{key}/rss.xml").headers["ETag"] for key in keys}
    assert len(tags) == 2


def pushed(outside: RunningApplication, company: int, state: DeliveryState) -> str:
    """Return the id of a delivery to a partner's webhook with this outcome."""
    code = outside.publish()
    with outside.database.write() as session:
        channel = session.execute(
            sa.select(Channel).where(Channel.company_id == company, Channel.kind == "webhook")
        ).scalar_one_or_none() or factories.channel(session, "webhook", company=session.get_one(Company, company))
        bulletin = find_bulletin(session, code)
        now = outside.office.now()
        outbox.enqueue_deliveries(
            session, bulletin, [channel], 1, DeliveryAct.PUBLISH, outside.office.delivery_modes, due_at=now, now=now
        )
        row = session.execute(sa.select(Delivery).where(Delivery.channel_id == channel.id).order_by(Delivery.id.desc()))
        delivery = row.scalars().first()
        assert delivery is not None
        delivery.state, delivery.reason = state, "tries_used_up"
        return delivery.public


@pytest.mark.parametrize("state", [DeliveryState.RETRYING, DeliveryState.DEAD, DeliveryState.UNKNOWN])
def test_what_was_pushed_in_vain_and_is_then_fetched_has_arrived_and_is_distinguished(
    outside: RunningApplication, state: DeliveryState
) -> None:
    company, key = outside.partner("Nhịp Sông", kind=None)
    name = pushed(outside, company, state)
    outside.get(f"/feeds/{key}/rss.xml?after=")
    with outside.database.read() as session:
        row = find_delivery(session, name)
        assert (row.state, row.reason, row.due_at) == (DeliveryState.DELIVERED, CAUGHT_UP_REASON, None)
        assert [attempt.outcome for attempt in row.attempts] == [AttemptOutcome.FETCHED]
        assert row.channel.last_success_at is None  # its pushes are not changed by it
        assert count_caught_up(session, row.channel_id, MORNING) == 1
        assert count_caught_up(session, row.channel_id, outside.office.now() + timedelta(seconds=1)) == 0


@pytest.mark.parametrize("state", [DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.CANCELLED])
def test_a_push_that_nothing_has_gone_wrong_with_is_left_to_itself(
    outside: RunningApplication, state: DeliveryState
) -> None:
    company, key = outside.partner("Nhịp Sông", kind=None)
    name = pushed(outside, company, state)
    outside.get(f"/feeds/{key}/rss.xml")
    with outside.database.read() as session:
        assert find_delivery(session, name).state is state


def test_another_partners_reading_makes_up_for_nothing(outside: RunningApplication) -> None:
    company, _ = outside.partner("Nhịp Sông", kind=None)
    _, key = outside.partner("Phố Nhỏ", kind=None)
    name = pushed(outside, company, DeliveryState.DEAD)
    outside.get(f"/feeds/{key}/rss.xml")
    with outside.database.read() as session:
        assert find_delivery(session, name).state is DeliveryState.DEAD
