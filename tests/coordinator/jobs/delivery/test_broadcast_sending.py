"""Broadcasts to the sandbox account's followers: once, within the budget, never at night, never repeated."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from campaigns.channels import accounts, channels
from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import PlatformAccount
from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Forbidden
from campaigns.delivery import broadcasts
from campaigns.delivery.broadcasts import Broadcast, BroadcastState
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.channels.zalo.transport import ZaloTransport
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo, ZaloFault
from coordinator.demo.sandbox_zalo_account import SandboxAccount
from coordinator.jobs.delivery.broadcasts import broadcast_rules, request_broadcast
from coordinator.jobs.work_kinds import WORK_KINDS
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import ANALYST, APPROVER, DELIVERY_MODES, WRITER

MESSAGE, CREATE = "/v2.0/oa/message", "/v2.0/article/create"


@pytest.fixture
def zalo(scene: JobHarness) -> Iterator[SandboxZalo]:
    """An account whose articles stand at once, with its channel; two broadcasts a day and three a month."""
    sandbox = SandboxZalo(SandboxAccount(looks=0, now=scene.context.now))
    with SandboxServer(sandbox.app) as base:
        _, refresh = sandbox.account.issue()
        entered = {
            "app_id": sandbox.account.app_id,
            "oa_id": sandbox.account.oa_id,
            "app_secret": sandbox.account.app_secret,
            "refresh_token": refresh,
            "author": "Sở Thông tin",
            "cover_url": "https://anh.example/bia.jpg",
            "api_base": base,
            "oauth_base": base,
            "broadcasts_a_day": "2",
            "broadcasts_a_month": "3",
            "target_cities": "9",
            "target_gender": "2",
        }
        settings, secrets = registry.check_settings("zalo", entered)
        with scene.database.write() as session:
            channels.create_channel(
                session, "test", code="zalo", kind="zalo", name="Zalo", company=None, topics=None, settings=settings,
                encrypted_secrets=scene.context.encryption.encrypt(secrets), now=scene.context.now(),
            )  # fmt: skip
        yield sandbox


def standing(scene: JobHarness) -> str:
    """Publish a bulletin and wait until its article stands; the delivery's public id."""
    code = scene.publish()
    scene.drain()
    scene.later(minutes=2)
    (delivery,) = scene.deliveries(code)
    assert delivery.state.value == "delivered"
    return delivery.public


def ask(scene: JobHarness, delivery: str) -> None:
    request_broadcast(scene.app_context, APPROVER, delivery)


def rows(scene: JobHarness) -> list[Broadcast]:
    with scene.database.read() as session:
        return list(session.execute(sa.select(Broadcast).order_by(Broadcast.id)).scalars())


def acts(scene: JobHarness) -> list[str]:
    with scene.database.read() as session:
        query = (
            sa.select(journal.JournalEntry.act)
            .where(journal.JournalEntry.subject_kind == "broadcast")
            .order_by(journal.JournalEntry.seq)
        )
        return list(session.execute(query).scalars())


def test_a_standing_article_goes_to_the_followers_once(scene: JobHarness, zalo: SandboxZalo) -> None:
    ask(scene, standing(scene))
    assert scene.drain("broadcast") == 1
    (row,) = rows(scene)
    (sent,) = zalo.account.broadcasts
    assert (row.state, row.remote_id, row.begun) == (BroadcastState.SENT, sent["message_id"], False)
    assert sent["target"] == {"cities": "9", "gender": "2"}
    assert sent["articles"] == [row.article]
    assert acts(scene) == ["broadcast.asked", "broadcast.sent"]
    scene.later("broadcast", hours=30)
    assert len(zalo.account.broadcasts) == 1


def test_it_is_asked_for_once_by_who_may(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    for actor in (WRITER, ANALYST):
        with pytest.raises(Forbidden):
            request_broadcast(scene.app_context, actor, delivery)
    ask(scene, delivery)
    with pytest.raises(Conflict) as refused:
        ask(scene, delivery)
    assert refused.value.code == "broadcast_there"
    scene.drain("broadcast")
    with pytest.raises(Conflict):
        ask(scene, delivery)
    assert len(zalo.account.broadcasts) == 1


def test_only_a_standing_article_of_an_account_with_followers_can_be_sent(scene: JobHarness, zalo: SandboxZalo) -> None:
    code = scene.publish()
    (unsent,) = scene.deliveries(code)
    with pytest.raises(Conflict) as refused:
        ask(scene, unsent.public)
    assert refused.value.code == "broadcast_no_article"


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        (datetime(2026, 11, 24, 14, 59, tzinfo=UTC), datetime(2026, 11, 24, 14, 59, tzinfo=UTC)),  # 21:59
        (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),  # 22:00 → 06:00
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),  # 05:59 → 06:00
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),  # 06:00
    ],
)
def test_the_night_ends_at_six_in_the_city(asked: datetime, goes: datetime) -> None:
    assert broadcasts.send_time(asked, broadcasts.BroadcastRules(1, 4)) == goes


def test_what_is_asked_for_at_night_goes_in_the_morning(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    scene.clock.moment = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 23:30 in the city
    ask(scene, delivery)
    assert scene.drain("broadcast") == 0
    (row,) = rows(scene)
    assert row.due_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert str(row.day) == "2026-11-25", "it is on the budget of the day it goes"
    scene.later("broadcast", hours=7)
    assert len(zalo.account.broadcasts) == 1


def test_what_was_held_up_into_the_night_waits_for_the_morning(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    ask(scene, delivery)
    scene.clock.moment = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    scene.drain("broadcast")
    assert zalo.account.broadcasts == []
    (row,) = rows(scene)
    assert (row.state, row.due_at) == (BroadcastState.DUE, datetime(2026, 11, 24, 23, 0, tzinfo=UTC))


def test_the_budget_of_a_day_and_of_a_month_is_kept(scene: JobHarness, zalo: SandboxZalo) -> None:
    first, second, third, fourth = (standing(scene) for _ in range(4))
    ask(scene, first)
    ask(scene, second)
    with pytest.raises(Conflict) as refused:
        ask(scene, third)
    assert refused.value.code == "broadcast_budget"
    scene.drain("broadcast")
    scene.later("broadcast", days=1)
    ask(scene, third)
    with pytest.raises(Conflict):
        ask(scene, fourth)
    scene.drain("broadcast")
    scene.clock.moment = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    ask(scene, fourth)
    scene.drain("broadcast")
    assert len(zalo.account.broadcasts) == 4


@pytest.mark.parametrize("kind", ["lost", "cut", "garbage"])
def test_a_lost_answer_is_left_to_a_person_and_never_repeated(scene: JobHarness, zalo: SandboxZalo, kind: str) -> None:
    delivery = standing(scene)
    zalo.faults.append(ZaloFault(MESSAGE, kind))
    ask(scene, delivery)
    scene.drain("broadcast")
    (row,) = rows(scene)
    assert (row.state, row.due_at) == (BroadcastState.UNKNOWN, None)
    scene.later("broadcast", hours=12)
    assert len(zalo.account.broadcasts) == 1
    with pytest.raises(Conflict):
        ask(scene, delivery)
    with scene.database.write() as session:
        broadcasts.resolve_broadcast(session, APPROVER, session.get_one(Broadcast, row.id), sent=True, now=row.asked_at)
    assert rows(scene)[0].state is BroadcastState.SENT
    assert acts(scene) == ["broadcast.asked", "broadcast.unknown", "broadcast.settled"]


def test_one_declared_unsent_may_be_asked_for_anew(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    zalo.faults.append(ZaloFault(MESSAGE, "status", status=502))
    ask(scene, delivery)
    scene.drain("broadcast")
    (row,) = rows(scene)
    assert row.state is BroadcastState.UNKNOWN
    with scene.database.write() as session:
        with pytest.raises(Forbidden):
            broadcasts.resolve_broadcast(
                session, WRITER, session.get_one(Broadcast, row.id), sent=False, now=row.asked_at
            )
        broadcasts.resolve_broadcast(session, ANALYST, session.get_one(Broadcast, row.id), sent=False, now=row.asked_at)
        with pytest.raises(Conflict):
            broadcasts.resolve_broadcast(
                session, ANALYST, session.get_one(Broadcast, row.id), sent=True, now=row.asked_at
            )
    ask(scene, delivery)
    scene.drain("broadcast")
    assert len(zalo.account.broadcasts) == 1
    assert rows(scene)[0].state is BroadcastState.SENT


@pytest.mark.parametrize(("begun", "state"), [(True, BroadcastState.UNKNOWN), (False, BroadcastState.SENT)])
def test_a_worker_that_died_leaves_to_a_person_only_what_it_had_begun(
    scene: JobHarness, zalo: SandboxZalo, begun: bool, state: BroadcastState
) -> None:
    ask(scene, standing(scene))
    (taken,) = WORK_KINDS["broadcast"].claim(scene.context, 1)
    if begun:
        with scene.database.write() as session:
            broadcasts.begin_send(session, taken, broadcasts.BroadcastRules(1, 4), now=scene.context.now())
    assert scene.drain("broadcast") == 0, "its lease still holds"
    scene.later("broadcast", minutes=5)
    assert rows(scene)[0].state is state
    assert len(zalo.account.broadcasts) == (not begun)


def test_what_certainly_did_nothing_is_tried_again(scene: JobHarness, zalo: SandboxZalo) -> None:
    ask(scene, standing(scene))
    zalo.faults.append(ZaloFault(MESSAGE, "error", code=-32))
    zalo.faults.append(ZaloFault(MESSAGE, "error", code=-32))
    scene.drain("broadcast")
    assert rows(scene)[0].state is BroadcastState.DUE
    scene.later("broadcast", seconds=61)
    scene.later("broadcast", seconds=61)
    assert len(zalo.account.broadcasts) == 1


@pytest.mark.parametrize("code", [-211, -218, -248, -224])
def test_a_refusal_is_for_good(scene: JobHarness, zalo: SandboxZalo, code: int) -> None:
    ask(scene, standing(scene))
    zalo.faults.append(ZaloFault(MESSAGE, "error", code=code))
    scene.drain("broadcast")
    (row,) = rows(scene)
    assert (row.state, row.reason, row.due_at) == (BroadcastState.REFUSED, "refused", None)
    assert str(code) in row.error
    assert zalo.account.broadcasts == []


def test_a_lost_access_waits_for_an_administrator_but_not_for_ever(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    zalo.account.revoke()
    ask(scene, delivery)
    scene.drain("broadcast")
    (row,) = rows(scene)
    assert row.state is BroadcastState.DUE
    with scene.database.write() as session:
        channel = channels.find_channel(session, "zalo")
        assert channel.state is ChannelState.NEEDS_AUTHORISATION
    scene.later("broadcast", hours=25)
    with scene.database.write() as session:
        channels.set_state(
            session, channels.find_channel(session, "zalo"), ChannelState.ACTIVE, "granted", now=scene.context.now()
        )  # fmt: skip
    scene.drain("broadcast")
    (row,) = rows(scene)
    assert (row.state, row.reason) == (BroadcastState.CANCELLED, "late")
    assert zalo.account.broadcasts == []


def test_a_recall_stops_what_waits(scene: JobHarness, zalo: SandboxZalo) -> None:
    code = scene.publish()
    scene.drain()
    scene.later(minutes=2)
    (delivery,) = scene.deliveries(code)
    scene.clock.moment = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    ask(scene, delivery.public)
    with scene.database.write() as session:
        workflow.recall(session, APPROVER, code, "sai", DELIVERY_MODES, now=scene.context.now())
    scene.later("broadcast", hours=7)
    (row,) = rows(scene)
    assert (row.state, row.reason) == (BroadcastState.CANCELLED, "recalled")
    assert zalo.account.broadcasts == []


def test_what_waits_can_be_taken_back_and_what_has_begun_cannot(scene: JobHarness, zalo: SandboxZalo) -> None:
    first, second = standing(scene), standing(scene)
    ask(scene, first)
    with scene.database.write() as session:
        with pytest.raises(Forbidden):
            broadcasts.cancel_broadcast(
                session, WRITER, session.execute(sa.select(Broadcast)).scalar_one(), now=scene.context.now()
            )
        broadcasts.cancel_broadcast(
            session, APPROVER, session.execute(sa.select(Broadcast)).scalar_one(), now=scene.context.now()
        )
    assert scene.drain("broadcast") == 0
    ask(scene, second)
    WORK_KINDS["broadcast"].claim(scene.context, 1)
    with scene.database.write() as session:
        row = session.execute(sa.select(Broadcast).where(Broadcast.state == BroadcastState.SENDING)).scalar_one()
        with pytest.raises(Conflict):
            broadcasts.cancel_broadcast(session, APPROVER, row, now=scene.context.now())
    assert zalo.account.broadcasts == []


def test_an_account_is_read_once_a_day_and_after_every_broadcast(scene: JobHarness, zalo: SandboxZalo) -> None:
    def known() -> PlatformAccount:
        with scene.database.read() as session:
            row = accounts.last_read(session, channels.find_channel(session, "zalo").id)
            assert row is not None
            assert row.error == ""
            assert row.facts is not None
            return accounts.account_from_json(row.facts)

    assert scene.drain("account_check") == 1
    account = known()
    assert (account.followers, account.verified, account.package) == (1250, True, "Gói nâng cao")
    assert str(account.package_until) == "2027-12-31"
    assert [(quota.total, quota.left) for quota in account.quotas] == [(40, 40)]
    assert scene.drain("account_check") == 0
    ask(scene, standing(scene))
    scene.drain("broadcast")
    assert scene.drain("account_check") == 1
    assert [(quota.total, quota.left) for quota in known().quotas] == [(40, 39)]
    scene.later("account_check", hours=23)
    before = len(zalo.calls)
    scene.later("account_check", hours=2)
    assert len(zalo.calls) > before


def test_reading_keeps_access_alive_and_tells_when_it_is_lost(scene: JobHarness, zalo: SandboxZalo) -> None:
    for _ in range(100):
        scene.later("account_check", days=1)
    with scene.database.read() as session:
        assert channels.find_channel(session, "zalo").state is ChannelState.ACTIVE
    zalo.account.revoke()
    scene.later("account_check", days=1)
    scene.later("account_check", days=1)
    with scene.database.read() as session:
        channel = channels.find_channel(session, "zalo")
        assert channel.state is ChannelState.NEEDS_AUTHORISATION
        row = accounts.last_read(session, channel.id)
        assert row is not None
        assert row.error


def test_quotas_out_of_reach_cost_only_themselves(scene: JobHarness, zalo: SandboxZalo) -> None:
    for path in ("/v3.0/oa/quota/message", "/v2.0/oa/quota/message"):
        zalo.faults.append(ZaloFault(path, "error", code=-209))
    scene.drain("account_check")
    with scene.database.read() as session:
        row = accounts.last_read(session, channels.find_channel(session, "zalo").id)
        assert row is not None
        assert row.facts is not None
        account = accounts.account_from_json(row.facts)
    assert account.followers == 1250
    assert account.quotas == ()
    assert "-209" in account.detail


def test_the_day_of_a_broadcast_is_the_citys(scene: JobHarness, zalo: SandboxZalo) -> None:
    delivery = standing(scene)
    scene.clock.moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 06:30 of the 25th in the city
    ask(scene, delivery)
    scene.drain("broadcast")
    assert rows(scene)[0].day == city_day(scene.context.now())
    assert str(rows(scene)[0].day) == "2026-11-25"


def test_a_channel_without_followers_has_no_rules(scene: JobHarness) -> None:
    code = scene.channel("manual")
    assert broadcast_rules(scene.context, scene.channel_row(code)) is None
    assert ZaloTransport.capabilities.broadcasts
