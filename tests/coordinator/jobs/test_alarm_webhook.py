"""A channel that fails for days raises one alarm by mail and by a signed webhook, and so does its recovery."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from campaigns.core.journal import JournalEntry
from campaigns.people.alarms import Alarm
from campaigns.people.staff import Role, add_person
from coordinator.channels.memory.transport import SendFault
from coordinator.channels.webhook import signing
from coordinator.jobs.context import AlarmWebhook
from coordinator.mail.smtp import MailServer
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels
from tests.coordinator.mail.recording_server import RecordingMailServer, recording_mail_server

DAYS = 3


@pytest.fixture
def box(scene: JobHarness) -> Iterator[RecordingMailServer]:
    """The office's mail server, and two administrators and a writer who could get letters."""
    with scene.database.write() as session:
        for name, role in (("an", Role.ADMIN), ("binh", Role.ADMIN), ("chi", Role.WRITER)):
            add_person(
                session, "test", email=f"{name}@so.example", name=name, role=role, password_hash=None,
                uniquifier=name, now=scene.context.now(),
            )  # fmt: skip
    with recording_mail_server() as opened:
        server = MailServer.from_address(f"smtp://127.0.0.1:{opened.port}", "", "Sở <tin@so.example>")
        scene.context = replace(scene.context, mail=server)
        yield opened


class Listener:
    """The receiver of the alarm webhook: records requests, and answers as configured."""

    def __init__(self, server: HostileServer) -> None:
        self.secret, self.got, self.status = signing.new_secret(), list[tuple[str, dict[str, object]]](), ["200 OK"]
        self.hook = AlarmWebhook(server.url("/alarm"), self.secret)
        server.ways["/alarm"] = self._answer

    def _answer(self, call: Call) -> None:
        ident, stamp = call.headers["webhook-id"], int(call.headers["webhook-timestamp"])
        # By another library; signed again rather than verified, since the scenes' clock stands still.
        signed = Webhook(self.secret).sign(ident, datetime.fromtimestamp(stamp, UTC), call.body.decode())
        if signed != call.headers["webhook-signature"]:
            call.answer(b"", "401 Unauthorized")
            return
        self.got.append((ident, json.loads(call.body)))
        call.answer(b"{}", self.status.pop(0) if len(self.status) > 1 else self.status[0])


def _alarms(scene: JobHarness) -> list[str]:
    with scene.database.read() as session:
        return list(session.execute(sa.select(Alarm.what).order_by(Alarm.id)).scalars())


def _fail_for(scene: JobHarness, memories: MemoryChannels, channel: str, days: float) -> None:
    """A bulletin every eleven hours, none of which arrives."""
    end = scene.context.now() + timedelta(days=days)
    while scene.context.now() <= end:
        memories[channel].faults.extend([SendFault.BROKEN] * 10)
        scene.publish()
        for _ in range(3):
            scene.later(minutes=5)
        memories[channel].faults.clear()
        scene.drain("personal_mail")
        scene.drain("alarm")
        scene.clock.forward(hours=11)


def test_days_of_failures_are_reported_once_and_so_is_the_end_of_them(
    scene: JobHarness, memories: MemoryChannels, box: RecordingMailServer
) -> None:
    channel = scene.channel()
    _fail_for(scene, memories, channel, DAYS - 0.5)
    assert _alarms(scene) == []
    _fail_for(scene, memories, channel, 2)
    assert _alarms(scene) == ["channel_failing"]
    row = scene.channel_row(channel)
    assert row.alarmed_at is not None
    assert row.failing_since is not None
    assert row.alarmed_at - row.failing_since >= timedelta(days=DAYS)
    assert sorted(str(message["To"]) for message in box.letters) == ["an@so.example", "binh@so.example"]
    assert all(row.name in str(message["Subject"]) for message in box.letters)
    scene.publish()
    scene.later(hours=1)
    assert _alarms(scene) == ["channel_failing", "channel_recovered"]
    row = scene.channel_row(channel)
    assert (row.failing_since, row.alarmed_at, row.failures) == (None, None, 0)
    scene.drain("personal_mail")
    assert len(box.letters) == 4
    with scene.database.read() as session:
        acts = list(session.execute(sa.select(JournalEntry.act).where(JournalEntry.subject_kind == "alarm")).scalars())
    assert acts == ["alarm.sounded"] * 2
    assert scene.journal_holds()


def test_one_failure_long_ago_is_no_spell_of_days(scene: JobHarness, memories: MemoryChannels) -> None:
    channel = scene.channel()
    memories[channel].faults.append(SendFault.REFUSED)
    scene.publish()
    scene.drain()
    scene.clock.forward(days=30)
    scene.publish()
    assert scene.drain() == 1
    assert _alarms(scene) == []
    memories[channel].faults.extend([SendFault.BROKEN])
    scene.publish()
    scene.later(days=1)
    scene.later(minutes=5)
    assert _alarms(scene) == []


def test_the_webhook_is_signed_says_what_it_is_about_and_comes_again_under_the_same_id(
    scene: JobHarness, memories: MemoryChannels, server: HostileServer
) -> None:
    listener = Listener(server)
    scene.context = replace(scene.context, alarm_webhook=listener.hook, alarm_after=timedelta(days=1))
    channel = scene.channel()
    listener.status = ["503 Service Unavailable", "400 Bad Request", "204 No Content"]
    _fail_for(scene, memories, channel, 1.5)
    scene.later("alarm", minutes=1)
    scene.later("alarm", minutes=1)
    assert scene.later("alarm", days=1) == 0
    assert len({ident for ident, _event in listener.got}) == 1
    assert len(listener.got) == 3
    event = listener.got[-1][1]
    assert event["type"] == "alarm.channel_failing"
    data = event["data"]
    assert isinstance(data, dict)
    assert (data["subject"], data["url"]) == (channel, f"https://tin.example/desk/channels/{channel}")
    assert data["failures"] >= 2
    with scene.database.read() as session:
        assert session.execute(sa.select(Alarm.told_at)).scalar_one() is not None


def test_where_nobody_listens_nothing_is_claimed_and_an_old_alarm_is_not_reported_later(
    scene: JobHarness, memories: MemoryChannels, server: HostileServer
) -> None:
    scene.context = replace(scene.context, alarm_after=timedelta(days=1))
    _fail_for(scene, memories, scene.channel(), 1)
    assert scene.drain("alarm") == 0
    listener = Listener(server)
    scene.context = replace(scene.context, alarm_webhook=listener.hook)
    scene.later("alarm", hours=13)
    assert listener.got == []
