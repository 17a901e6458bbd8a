"""Our hub with an independent subscriber, and our ping to an independent hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.channels.transport import ChannelSettings, DeliveryAct
from campaigns.delivery import websub_subscriptions
from campaigns.people.keys import revoke_key
from coordinator.channels import registry
from coordinator.db import Database
from coordinator.jobs import job_loop
from tests.coordinator.channels.fakes import MemorySecrets, loopback_client, message
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.peers import websub
from tests.peers.websub import Subscriber

pytestmark = pytest.mark.peer


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    with serving(sqlite, tmp_path, allow_hosts="127.0.0.1") as outside:
        yield outside


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Subscriber]:
    with Subscriber(tmp_path).listening() as subscriber:
        yield subscriber


def announced(office: RunningApplication, title: str) -> str:
    """Publish a bulletin that every subscriber has received."""
    office.clock.forward(seconds=1)
    code = office.publish(title)
    with office.database.write() as session:
        websub_subscriptions.announce_change(session, now=office.office.now())
    tell(office)
    return code


def tell(office: RunningApplication) -> None:
    job_loop.drain(office.office, "websub", 8)


@pytest.mark.promise("Publish")
@pytest.mark.parametrize("name", ["atom.xml", "rss.xml", "feed.json", "ninjs.json"])
def test_a_strangers_subscriber_finds_our_hub_is_notified_and_lets_go(
    office: RunningApplication, reader: Subscriber, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # It gives a secret only where the line is encrypted, which a line on loopback need not be.
    monkeypatch.setattr("flask_websub.subscriber.is_secure", lambda _url: True)
    feed = f"{office.app_context.settings.base_url}/feeds/{name}"
    ident = reader.subscribe(feed, secret="một bí mật")
    tell(office)
    assert reader.modes == ["subscribe"]
    code = announced(office, "Lịch tiêm vắc xin")
    ((topic, body),) = reader.received  # it accepts only valid signatures
    assert topic == feed
    assert code.encode() in body
    reader.unsubscribe(ident)
    tell(office)
    assert reader.modes == ["subscribe", "unsubscribe"]
    announced(office, "Tin sau đó")
    assert len(reader.received) == 1


def test_a_subscriber_whose_key_was_taken_back_learns_that_it_gets_no_more(
    office: RunningApplication, reader: Subscriber
) -> None:
    _, key = office.partner("Nhịp Sông")
    feed = f"{office.app_context.settings.base_url}/feeds/{key}/atom.xml"
    reader.subscribe(feed)
    tell(office)
    announced(office, "Tin thứ nhất")
    assert len(reader.received) == 1
    with office.database.write() as session:
        revoke_key(session, "test", key.split("_")[1], now=office.office.now())
    announced(office, "Tin thứ hai")
    assert len(reader.received) == 1
    assert reader.denied == [(feed, "its feed is no longer there")]


def test_a_strangers_hub_that_is_pinged_fetches_our_feeds_and_tells_its_subscribers(
    office: RunningApplication, reader: Subscriber, tmp_path: Path
) -> None:
    base = office.app_context.settings.base_url
    code = office.publish("Tin cho nơi khác")
    with websub.hub(tmp_path) as address:
        reader.subscribe_at(address, f"{base}/feeds/atom.xml")
        assert reader.modes == ["subscribe"]
        channel = registry.build_transport(
            "websub", ChannelSettings("hub", {"hub_url": address}), MemorySecrets(), loopback_client()
        )
        receipt = channel.send(message(DeliveryAct.PUBLISH, code=code, url=f"{base}/bulletins/{code}"))
    assert receipt.done
    assert [topic for topic, _ in reader.received] == [f"{base}/feeds/atom.xml"]
    assert code.encode() in reader.received[0][1]
