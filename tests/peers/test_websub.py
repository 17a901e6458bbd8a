"""Our hub and a stranger's subscriber, and our ping and a stranger's hub: both ways over the wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.people.keys import revoke_key
from campaigns.publishing import subscriptions
from campaigns.publishing.transport import Act, ChannelSettings
from coordinator.channels import registry
from coordinator.db import Database
from coordinator.jobs import running
from tests.coordinator.channels.fakes import KeptVault, loopback_door, message
from tests.coordinator.live import serving
from tests.coordinator.web.public.outside import Outside
from tests.peers import websub
from tests.peers.websub import Subscriber

pytestmark = pytest.mark.peer


@pytest.fixture
def office(sqlite: Database, tmp_path: Path) -> Iterator[Outside]:
    with serving(sqlite, tmp_path, allow_hosts="127.0.0.1") as outside:
        yield outside


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Subscriber]:
    with Subscriber(tmp_path).listening() as one:
        yield one


def announced(office: Outside, title: str) -> str:
    """A bulletin that is out and has been told to every subscriber."""
    office.clock.forward(seconds=1)
    code = office.publish(title)
    with office.database.write() as session:
        subscriptions.announce(session, now=office.office.now())
    tell(office)
    return code


def tell(office: Outside) -> None:
    running.drain(office.office, "tell", 8)


@pytest.mark.parametrize("name", ["atom.xml", "rss.xml", "feed.json", "ninjs.json"])
def test_a_strangers_subscriber_finds_our_hub_is_told_and_lets_go(
    office: Outside, reader: Subscriber, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # It gives a secret only where the line is encrypted, which a line on loopback need not be.
    monkeypatch.setattr("flask_websub.subscriber.is_secure", lambda _url: True)
    feed = f"{office.front.settings.base_url}/feeds/{name}"
    ident = reader.subscribe(feed, secret="một bí mật")
    tell(office)
    assert reader.modes == ["subscribe"]
    code = announced(office, "Lịch tiêm vắc xin")
    ((topic, body),) = reader.told  # it takes only what is signed rightly
    assert topic == feed
    assert code.encode() in body
    reader.unsubscribe(ident)
    tell(office)
    assert reader.modes == ["subscribe", "unsubscribe"]
    announced(office, "Tin sau đó")
    assert len(reader.told) == 1


def test_a_subscriber_whose_key_was_taken_back_is_told_that_it_gets_no_more(
    office: Outside, reader: Subscriber
) -> None:
    _, key = office.partner("Nhịp Sông")
    feed = f"{office.front.settings.base_url}/feeds/{key}/atom.xml"
    reader.subscribe(feed)
    tell(office)
    announced(office, "Tin thứ nhất")
    assert len(reader.told) == 1
    with office.database.write() as session:
        revoke_key(session, "test", key.split("_")[1], now=office.office.now())
    announced(office, "Tin thứ hai")
    assert len(reader.told) == 1
    assert reader.denied == [(feed, "its feed is no longer there")]


def test_a_strangers_hub_that_is_pinged_fetches_our_feeds_and_tells_its_subscribers(
    office: Outside, reader: Subscriber, tmp_path: Path
) -> None:
    base = office.front.settings.base_url
    code = office.publish("Tin cho nơi khác")
    with websub.hub(tmp_path) as address:
        reader.subscribe_at(address, f"{base}/feeds/atom.xml")
        assert reader.modes == ["subscribe"]
        channel = registry.build("websub", ChannelSettings("hub", {"hub_url": address}), KeptVault(), loopback_door())
        receipt = channel.send(message(Act.PUBLISH, code=code, url=f"{base}/bulletins/{code}"))
    assert receipt.done
    assert [topic for topic, _ in reader.told] == [f"{base}/feeds/atom.xml"]
    assert code.encode() in reader.told[0][1]
