"""The harness of job tests: a context with a fixed clock, channels in memory, receivers on loopback."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.orm import joinedload, selectinload
from standardwebhooks import Webhook

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.channels import channels
from campaigns.channels.channels import Channel
from campaigns.channels.transport import ChannelSettings, Secrets, Transport
from campaigns.core import journal
from campaigns.core.clock import utc_now
from campaigns.core.intervals import FAST
from campaigns.delivery import manual_actions
from campaigns.delivery.outbox import Delivery
from coordinator.channels import capabilities as channel_capabilities
from coordinator.channels import registry
from coordinator.channels.email.transport import MailSender
from coordinator.channels.memory.transport import MemoryTransport
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http.client import HttpClient
from coordinator.http.connections import Resolver, system_resolver
from coordinator.http.responses import HttpResponse
from coordinator.jobs import job_loop
from coordinator.jobs.context import AppContext
from coordinator.jobs.release import commands
from coordinator.storage.pages import PageStore
from tests import factories, shared_caches
from tests.coordinator.api.harness import FixedClockContext, RecordingRunner
from tests.coordinator.hostile_server import Call, HostileServer
from tests.factories import ADMIN, APPROVER

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
HASTY = 2.0  # seconds: the longest any exchange of these tests may take


class ImpatientHttpClient(HttpClient):
    """The product's own door to loopback, with deadlines that a test can wait for."""

    def __init__(self, allow_hosts: frozenset[str] = LOOPBACK, resolver: Resolver = system_resolver) -> None:
        super().__init__(user_agent="LanToa-tests", allow_hosts=allow_hosts, pace=0.0, resolver=resolver)

    def request(self, method: str, url: str, **given: Any) -> HttpResponse:
        """As the door, only sooner."""
        given["deadline"] = min(given.get("deadline", HASTY), HASTY)
        return super().request(method, url, **given)

    def get(self, url: str, **given: Any) -> HttpResponse:
        """As the door, only sooner."""
        given["deadline"] = min(given.get("deadline", HASTY), HASTY)
        return super().get(url, **given)


class MemoryChannels:
    """Stands in for the registry: every channel of the kind ``memory`` keeps one transport for the whole test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._kept: dict[str, MemoryTransport] = {}
        self.capabilities = channel_capabilities.MEMORY
        self._now: Callable[[], datetime] = utc_now
        self._build = registry.build_transport
        monkeypatch.setattr(registry, "build_transport", self.build)

    def can(self, **changes: bool) -> None:
        """Make the kind another one: ``idempotent``, ``lookup``, ``asynchronous`` and so on."""
        self.capabilities = replace(self.capabilities, **changes)
        kinds = {**registry.KINDS, "memory": replace(registry.KINDS["memory"], capabilities=self.capabilities)}
        self._monkeypatch.setattr(registry, "KINDS", kinds)

    def build(
        self,
        kind: str,
        settings: ChannelSettings,
        vault: Secrets,
        http_client: HttpClient,
        *,
        mail: MailSender | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> Transport:
        """The kept transport, or what the registry builds for any other kind."""
        if kind != "memory":
            return self._build(kind, settings, vault, http_client, mail=mail, now=now)
        self._now = now
        return self[settings.code]

    def _moment(self) -> datetime:
        return self._now()

    def __getitem__(self, code: str) -> MemoryTransport:
        if code not in self._kept:
            self._kept[code] = MemoryTransport(code, now=self._moment)
        self._kept[code].capabilities = self.capabilities
        return self._kept[code]


class Receiver:
    """A configurable webhook endpoint that checks every signature with another library and records requests."""

    def __init__(self, server: HostileServer, path: str = "/hook") -> None:
        self.server, self.url = server, server.url(path)
        self.secret = ""
        self.script: deque[Callable[[Call], None]] = deque()
        self.got: list[tuple[str, dict[str, Any], bytes]] = []
        server.ways[path] = self._answer

    def then(self, *statuses: str | Callable[[Call], None], **fields: object) -> None:
        """What the next calls are answered: a status line, or anything done with the call."""
        for status in statuses:
            self.script.append(_status(status, fields) if isinstance(status, str) else status)

    def _answer(self, call: Call) -> None:
        ident, stamp = call.headers["webhook-id"], int(call.headers["webhook-timestamp"])
        # Signed again rather than verified: the scenes' clock stands still, and verifying asks for the present time.
        wanted = Webhook(self.secret).sign(ident, datetime.fromtimestamp(stamp, UTC), call.body.decode())
        if wanted not in call.headers["webhook-signature"].split(" "):
            call.answer(b"", "401 Unauthorized")
            return
        self.got.append((ident, json.loads(call.body), call.body))
        (self.script.popleft() if self.script else _status("200 OK", {}))(call)

    @property
    def ids(self) -> list[str]:
        """The ``webhook-id`` of every call, in order."""
        return [entry[0] for entry in self.got]


def _status(line: str, fields: dict[str, object]) -> Callable[[Call], None]:
    return lambda call: call.answer(b"{}", line, **fields)


class JobHarness:
    """A workplace on one database, and short ways to what tests do with it."""

    def __init__(self, database: Database, folder: Path, http_client: HttpClient | None = None) -> None:
        self.context = FixedClockContext(
            database=database,
            http_client=http_client or ImpatientHttpClient(),
            encryption=shared_caches.encryption(),
            store=PageStore(folder / "pages"),
            delivery_modes=registry.delivery_modes(),
            addresses=PublicAddresses("https://tin.example"),
            intervals=FAST,
        )
        self.clock, self.database = self.context.clock, database
        self.runner = RecordingRunner()
        self.app_context = AppContext(
            self.context,
            self.runner,
            Settings(data_dir=folder, base_url="https://tin.example", secret_key=SecretStr(shared_caches.SECRET_KEY)),
        )

    def channel(self, kind: str = "memory", receiver: Receiver | None = None, **given: Any) -> str:
        """A channel; with a receiver a webhook whose secret both sides know."""
        settings, encrypted_secrets = given.pop("settings", {}), None
        if receiver is not None:
            settings, secret = registry.check_settings("webhook", {"url": receiver.url})
            receiver.secret, encrypted_secrets, kind = (
                secret["secret"],
                self.context.encryption.encrypt(secret),
                "webhook",
            )
        with self.database.write() as session:
            row = factories.channel(
                session, kind, settings=settings, encrypted_secrets=encrypted_secrets, now=self.context.now(), **given
            )
            return row.code

    def publish(self, **given: Any) -> str:
        """A bulletin that is out."""
        with self.database.write() as session:
            return factories.published(session, now=self.context.now(), **given).code

    def correct(
        self,
        code: str,
        body: str = "Lịch tiêm dời sang ngày 30/11, giờ không đổi.",
        *,
        title: str = "Đã sửa lịch tiêm",
    ) -> None:
        """A correction by an approver, out at once."""
        commands.correct(self.app_context, APPROVER, code, factories.text(title, body), "Sửa ngày")

    def recall(self, code: str) -> None:
        """A recall."""
        commands.recall(self.app_context, APPROVER, code, "Số liệu sai")

    def drain(self, kind: str = "delivery") -> int:
        """Everything of a kind that is due now."""
        return job_loop.drain(self.context, kind, 8)

    def later(self, kind: str = "delivery", **span: float) -> int:
        """Let time pass, then do what is due."""
        self.clock.forward(**span)
        return self.drain(kind)

    def deliveries(self, code: str, channel: str | None = None) -> list[Delivery]:
        """The deliveries of a bulletin with their attempts, oldest first."""
        query = (
            sa.select(Delivery)
            .join(Channel)
            .where(Delivery.bulletin.has(code=code))
            .options(selectinload(Delivery.attempts), joinedload(Delivery.channel))
            .order_by(Delivery.id)
        )
        with self.database.read() as session:
            return list(session.execute(query if channel is None else query.where(Channel.code == channel)).scalars())

    def states(self, code: str) -> list[str]:
        """The states of its deliveries, oldest first."""
        return [delivery.state.value for delivery in self.deliveries(code)]

    def channel_row(self, code: str) -> Channel:
        """A channel as it stands."""
        with self.database.read() as session:
            return channels.find_channel(session, code)

    def resume(self, code: str) -> None:
        """An administrator lets a channel go on."""
        with self.database.write() as session:
            manual_actions.resume_channel(session, ADMIN, channels.find_channel(session, code), now=self.context.now())

    def pause(self, code: str) -> None:
        """An administrator holds a channel."""
        with self.database.write() as session:
            channels.pause(session, ADMIN, channels.find_channel(session, code), now=self.context.now())

    def journal_holds(self) -> bool:
        """Whether the audit chain is whole."""
        with self.database.read() as session:
            return journal.verify(session) is None
