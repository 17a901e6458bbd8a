"""A channel that fails for days is told of once, by letter and by a signed webhook, and so is that it is well again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from campaigns.core.journal import Entry
from campaigns.people.alarms import Alarm
from campaigns.people.staff import Role, add_person
from coordinator.channels import signing
from coordinator.channels.memory import Fault
from coordinator.jobs.workplace import AlarmHook
from coordinator.mail.smtp import MailServer
from tests.coordinator.hostile import Call, HostileServer
from tests.coordinator.jobs.scene import Memories, Scene
from tests.coordinator.mail.postbox import Postbox, postbox

DAYS = 3


@pytest.fixture
def box(scene: Scene) -> Iterator[Postbox]:
    """The office's mail server, and two administrators and a writer who could get letters."""
    with scene.database.write() as session:
        for name, role in (("an", Role.ADMIN), ("binh", Role.ADMIN), ("chi", Role.WRITER)):
            add_person(
                session, "test", email=f"{name}@so.example", name=name, role=role, password_hash=None,
                uniquifier=name, now=scene.place.now(),
            )  # fmt: skip
    with postbox() as opened:
        server = MailServer.of(f"smtp://127.0.0.1:{opened.port}", "", "Sở <tin@so.example>")
        scene.place = replace(scene.place, mail=server)
        yield opened


class Listener:
    """Whoever listens at the alarm's webhook: keeps what came, and answers as told."""

    def __init__(self, server: HostileServer) -> None:
        self.secret, self.got, self.status = signing.new_secret(), list[tuple[str, dict[str, object]]](), ["200 OK"]
        self.hook = AlarmHook(server.url("/alarm"), self.secret)
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


def _alarms(scene: Scene) -> list[str]:
    with scene.database.read() as session:
        return list(session.execute(sa.select(Alarm.what).order_by(Alarm.id)).scalars())


def _fail_for(scene: Scene, memories: Memories, channel: str, days: float) -> None:
    """A bulletin every eleven hours, none of which arrives."""
    end = scene.place.now() + timedelta(days=days)
    while scene.place.now() <= end:
        memories[channel].faults.extend([Fault.BROKEN] * 10)
        scene.publish()
        for _ in range(3):
            scene.later(minutes=5)
        memories[channel].faults.clear()
        scene.drain("letter")
        scene.drain("alarm")
        scene.clock.forward(hours=11)


def test_days_of_failures_are_told_once_and_so_is_the_end_of_them(
    scene: Scene, memories: Memories, box: Postbox
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
    assert sorted(str(one["To"]) for one in box.letters) == ["an@so.example", "binh@so.example"]
    assert all(row.name in str(one["Subject"]) for one in box.letters)
    scene.publish()
    scene.later(hours=1)
    assert _alarms(scene) == ["channel_failing", "channel_recovered"]
    row = scene.channel_row(channel)
    assert (row.failing_since, row.alarmed_at, row.failures) == (None, None, 0)
    scene.drain("letter")
    assert len(box.letters) == 4
    with scene.database.read() as session:
        acts = list(session.execute(sa.select(Entry.act).where(Entry.subject_kind == "alarm")).scalars())
    assert acts == ["alarm.sounded"] * 2
    assert scene.journal_holds()


def test_one_failure_long_ago_is_no_spell_of_days(scene: Scene, memories: Memories) -> None:
    channel = scene.channel()
    memories[channel].faults.append(Fault.REFUSED)
    scene.publish()
    scene.drain()
    scene.publish()
    assert scene.later(days=30) == 1
    assert _alarms(scene) == []
    memories[channel].faults.extend([Fault.BROKEN])
    scene.publish()
    scene.later(days=1)
    scene.later(minutes=5)
    assert _alarms(scene) == []


def test_the_webhook_is_signed_says_what_it_is_about_and_comes_again_under_the_same_id(
    scene: Scene, memories: Memories, server: HostileServer
) -> None:
    listener = Listener(server)
    scene.place = replace(scene.place, alarm_hook=listener.hook, alarm_after=timedelta(days=1))
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


def test_where_nobody_listens_nothing_is_claimed_and_an_old_alarm_is_not_told_later(
    scene: Scene, memories: Memories, server: HostileServer
) -> None:
    scene.place = replace(scene.place, alarm_after=timedelta(days=1))
    _fail_for(scene, memories, scene.channel(), 1)
    assert scene.drain("alarm") == 0
    listener = Listener(server)
    scene.place = replace(scene.place, alarm_hook=listener.hook)
    scene.later("alarm", hours=13)
    assert listener.got == []
