"""``lantoa deliveries`` as a process."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.clock import CITY, utc_now
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery, DeliveryState
from tests import factories
from tests.coordinator.cli.conftest import Machine


@pytest.fixture
def sent(lantoa: Machine) -> tuple[str, str, list[str]]:
    """A webhook and a Telegram channel, and what arrived at the webhook an hour ago."""
    then = utc_now() - timedelta(hours=1)
    database = lantoa.database
    with database.write() as session:
        webhook, telegram = factories.channel(session, now=then), factories.channel(session, "telegram", now=then)
        for _ in range(2):
            factories.published(session, now=then)
        rows = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars().all()
        for row in rows:
            row.state, row.due_at, row.settled_at = DeliveryState.DELIVERED, None, then
        made = webhook.code, telegram.code, [row.public for row in rows if row.channel_id == webhook.id]
    database.dispose()
    return made


def _states(lantoa: Machine) -> dict[str, DeliveryState]:
    database = lantoa.database
    with database.read() as session:
        found = {row[0]: row[1] for row in session.execute(sa.select(Delivery.public, Delivery.state))}
    database.dispose()
    return found


def test_what_a_channel_lost_goes_again_and_a_dry_run_only_says_so(
    lantoa: Machine, sent: tuple[str, str, list[str]]
) -> None:
    webhook, _telegram, idents = sent
    since = (utc_now() - timedelta(hours=2)).astimezone(CITY).strftime("%Y-%m-%dT%H:%M")
    tried = lantoa("deliveries", "replay", webhook, "--since", since, "--dry-run")
    assert (tried.status, tried.out.split()) == (0, idents)
    assert "2 would be sent again (2 had arrived, 0 had been given up)" in tried.err
    assert set(_states(lantoa).values()) == {DeliveryState.DELIVERED}
    item = json.loads(lantoa.well("deliveries", "replay", webhook, "--since", since, "--json"))
    assert (item["deliveries"], item["arrived"], item["dry_run"]) == (idents, 2, False)
    assert {ident for ident, state in _states(lantoa).items() if state is DeliveryState.RETRYING} == set(idents)
    database = lantoa.database
    with database.read() as session:
        entry = session.execute(sa.select(JournalEntry).where(JournalEntry.act == "channel.replayed")).scalar_one()
        assert (entry.actor, entry.subject) == ("cli", webhook)
    database.dispose()


def test_a_day_alone_is_the_whole_of_it(lantoa: Machine, sent: tuple[str, str, list[str]]) -> None:
    webhook, _telegram, idents = sent
    day = (utc_now() - timedelta(hours=1)).astimezone(CITY).strftime("%Y-%m-%d")
    tried = lantoa("deliveries", "replay", webhook, "--since", day, "--until", day, "--dry-run")
    assert tried.out.split() == idents


@pytest.mark.parametrize(
    ("channel", "since", "words"),
    [
        (1, "2026-11-01", "second post"),
        (0, "hôm qua", "is no day or moment"),
        (0, "0001-01-01", "is no day or moment"),
        (0, "2999-01-01", "the end must be after the beginning"),
        ("khong-co", "2026-11-01", "there is no channel khong-co"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    lantoa: Machine, sent: tuple[str, str, list[str]], channel: int | str, since: str, words: str
) -> None:
    code = channel if isinstance(channel, str) else sent[channel]
    assert words in lantoa.refused("deliveries", "replay", str(code), "--since", since)
